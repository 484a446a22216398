"""Charts: a result table becomes a plotly figure; no arithmetic beyond layout."""
