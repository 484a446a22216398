"""A drawing gives the figure that plotly gives for the same changes, one after the other."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import pytest

from prismlib.charts.drawing import Drawing
from prismlib.charts.theme import styled

LINE = {"color": "black", "width": 1}


def changed(figure: Any) -> Any:
    """Make the changes that both kinds know by the same names."""
    figure.add_bar(x=[1, 2], y=["a", "b"], name="first")
    figure.add_scatter(x=[1.5], y=["a"], mode="markers")
    figure.add_annotation(x=1, y="a", text="here", showarrow=False)
    figure.add_hline(y=3.5, line=LINE)
    figure.add_vline(x=1.25, line=LINE)
    figure.update_xaxes(title={"text": "width"}, range=[0, 4])
    figure.update_xaxes(title={"font": {"size": 12}}, nticks=5)
    figure.update_yaxes(autorange="reversed")
    return figure.update_layout(barmode="stack", legend={"x": 0})


def test_it_is_the_figure_of_the_same_changes() -> None:
    assert changed(Drawing()).figure().to_dict() == changed(go.Figure()).to_dict()


def test_a_label_stands_where_plotly_puts_that_of_a_line() -> None:
    label = {"text": "mean here", "font": {"size": 11}, "textangle": -90}
    drawn = Drawing().add_vline(x=2, line=LINE, label=label).figure()
    assert drawn.to_dict() == go.Figure().add_vline(x=2, line=LINE, annotation=label).to_dict()


def test_a_band_is_a_rectangle_across() -> None:
    drawn = Drawing().add_band(y0=1, y1=2, colour="red").figure()
    wanted = go.Figure().add_hrect(y0=1, y1=2, fillcolor="red", line_width=0)
    assert drawn.to_dict() == wanted.to_dict()


def test_any_kind_of_trace_can_be_added() -> None:
    drawn = Drawing().add("waterfall", x=[1], y=["a"]).figure()
    assert drawn.to_dict() == go.Figure(go.Waterfall(x=[1], y=["a"])).to_dict()


def test_what_is_set_after_the_style_stays() -> None:
    drawn = styled(Drawing(), "A title", height=300).update_layout(showlegend=True).figure()
    assert (drawn.layout.showlegend, drawn.layout.height) == (True, 300)
    assert drawn.layout.xaxis.automargin and drawn.layout.title.text == "A title"


def test_settings_are_copied_not_shared() -> None:
    legend = {"font": {"size": 12}}
    one = Drawing().update_layout(legend=legend).update_layout(legend={"font": {"size": 9}})
    assert legend == {"font": {"size": 12}}
    assert one.figure().layout.legend.font.size == 9


def test_a_setting_that_plotly_does_not_know_is_refused() -> None:
    with pytest.raises(ValueError, match="colour"):
        Drawing().add_bar(colour="red").figure()
