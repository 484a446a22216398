"""The panel on traffic between zones: its controls give the notebook's parameters and figures."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest

from prismlib.analyses.cross_az import analyse_cross_az
from prismlib.analyses.cross_az_findings import judge_cross_az
from prismlib.analyses.cross_az_inputs import CrossAzInputs, CrossAzSettings
from prismlib.charts.cross_az_traffic import remedy_bar
from prismlib.explore.cross_az_traffic import explore
from prismlib.explore.panel import Panel
from prismlib.narrative.cross_az_answer import cross_az_answer
from prismlib.paths import SAMPLE
from prismlib.report import blocks
from prismlib.sources.prices import read_reference_tables
from prismlib.sources.snapshots import read_snapshot

DATA = read_snapshot(SAMPLE)
INPUTS = CrossAzInputs.of(
    DATA.tables,
    read_reference_tables(DATA.tables),
    period=DATA.period,
    as_of=DATA.as_of,
    is_bill_synthetic=DATA.is_synthetic_table("cost"),
    stated_period=DATA.period,
)


@pytest.fixture
def panel() -> Panel:
    panel = explore(DATA, {})
    panel.change({})
    return panel


def settings_of(panel: Panel) -> CrossAzSettings:
    others = ("snapshot", "period", "as_of")
    return CrossAzSettings.of(**{n: v for n, v in panel.parameters.items() if n not in others})


def trace_names(panel: Panel, slot: str) -> list[str]:
    figure: dict[str, Any] = json.loads(panel.parts[slot].data["figure"])
    return [trace.get("name", "") for trace in figure["data"]]


def test_it_opens_as_the_notebook_stands(panel: Panel) -> None:
    # placed at random over three zones: two of three cross
    assert panel.values["crossing_pct"] == 66.67
    assert panel.parameters["crossing"] == "auto"
    assert panel.command() == "prism report --only cross_az_traffic"
    # 1,400 GB/s x 2/3 x 86,400 s x 30 days x $0.02
    assert "$48,384,000" in panel.parts["cost"].data["html"]


def test_a_share_moves_the_cost_of_the_month(panel: Panel) -> None:
    panel.change({"crossing_pct": 10})
    assert panel.parameters["crossing"] == "10"
    assert "crossing=10" in shlex.split(panel.command())
    # 140 GB/s x 2,592,000 s x $0.02
    assert "$7,257,600" in panel.parts["cost"].data["html"]
    assert any(
        name.startswith("As set: 10.0%, $7,257,600") for name in trace_names(panel, "crossing-cost")
    )


def test_a_moved_share_goes_before_the_source_of_one(panel: Panel) -> None:
    panel.change({"crossing": "stated"})
    # 70 GB/s x 2,592,000 s x $0.02
    assert panel.parameters["crossing"] == "stated"
    assert "$3,628,800" in panel.parts["cost"].data["html"]
    panel.change({"crossing_pct": 0.05})
    assert panel.parameters["crossing"] == "0.05"
    panel.change({"crossing_pct": 66.67})
    assert panel.parameters["crossing"] == "66.67"
    # 1,400 GB/s x 0.6667 x 2,592,000 s x $0.02
    assert "$48,386,419" in panel.parts["cost"].data["html"]


def test_the_share_shows_what_its_source_says_until_it_is_moved(panel: Panel) -> None:
    panel.change({"crossing": "stated"})
    assert panel.values["crossing_pct"] == 5
    panel.change({"crossing": "auto", "zones": 4})
    assert panel.values["crossing_pct"] == 75  # placed at random over four zones
    panel.change({"crossing_pct": 10})
    panel.change({"crossing": "stated"})
    assert (panel.values["crossing_pct"], panel.parameters["crossing"]) == (5, "stated")
    panel.change({"crossing": "auto", "crossing_pct": 66.67, "zones": 0})  # Reset all
    assert panel.command() == "prism report --only cross_az_traffic"


def test_a_run_with_a_share_opens_at_it() -> None:
    panel = explore(DATA, {"crossing": "12.5"})
    panel.change({})
    assert panel.values["crossing_pct"] == 12.5
    assert panel.parameters["crossing"] == "12.5"


def test_half_the_traffic_costs_half(panel: Panel) -> None:
    panel.change({"total_gb_per_s": 700})
    assert "$24,192,000" in panel.parts["cost"].data["html"]


def test_failed_placement_is_shown_where_it_is_moved(panel: Panel) -> None:
    panel.change({"crossing_pct": 5})
    panel.change({"failed_pct": 55})
    assert list(panel.parts) == ["failure", "alarms"]
    # 50% x 1,400 GB/s x 3,600 s x $0.02, and four hours of it
    assert "$50,400" in panel.parts["failure"].data["html"]
    assert "$201,600" in panel.parts["failure"].data["html"]
    panel.change({"incident_hours": 10})
    assert "$504,000" in panel.parts["failure"].data["html"]


def test_remedies_are_drawn_as_the_library_draws_them(panel: Panel) -> None:
    panel.change({"reads_pct": 40, "compression_ratio": 4})
    assert list(panel.parts) == ["remedy", "remedies"]
    results = analyse_cross_az(INPUTS, settings_of(panel))
    wanted = json.loads(remedy_bar(results.remedies, advised="do", title="").to_json())
    drawn = json.loads(panel.parts["remedies"].data["figure"])
    assert drawn["data"] == wanted["data"]
    rows = dict(zip(results.remedies["remedy_name"], results.remedies["crossing_pct"], strict=True))
    assert any(value is not None for value in rows.values())


def test_what_is_on_the_screen_is_what_the_library_gives(panel: Panel) -> None:
    panel.move(crossing_pct=2.5, zones=4, failed_pct=50, reads_pct=60, tolerance_pct=5)
    settings = settings_of(panel)
    assert (settings.crossing, settings.zones) == ("2.5", 4)
    results = analyse_cross_az(INPUTS, settings)
    found = judge_cross_az(INPUTS, settings, results)
    assert panel.parts["findings"].data["html"] == blocks.findings_html(found)
    given = cross_az_answer(results, found)
    assert blocks.inline(given.statement) in panel.parts["answer"].data["html"]


def test_only_numbers_of_zones_that_hold_the_nodes_are_offered(panel: Panel) -> None:
    (zones,) = (spec for spec in panel.screen.specs if spec["name"] == "zones")
    assert [value for value, _ in zones["options"]] == ["0", "3", "4", "5", "6"]


def test_a_band_that_is_moved_past_the_other_takes_it_along(panel: Panel) -> None:
    sent: list[dict[str, Any]] = []
    panel.screen.send = sent.append
    panel.change({"tolerance_pct": 33})
    assert sent[-1]["error"] == "" and "crossing-cost" in panel.parts
    assert sent[-1]["values"]["limit_pct"] == 33
    assert "-p tolerance_pct=33.0 -p limit_pct=33.0" in sent[-1]["commands"]["report"]
    panel.change({"limit_pct": 4})
    assert (panel.values["tolerance_pct"], panel.values["limit_pct"]) == (4, 4)
