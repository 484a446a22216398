"""The panel on Graviton: its controls give the parameters of the notebook and the same figures."""

from __future__ import annotations

import json
from typing import Any

import pytest

from prismlib.analyses.graviton_findings import judge_graviton
from prismlib.analyses.graviton_inputs import GravitonInputs, GravitonSettings
from prismlib.analyses.graviton_savings import (
    GravitonResults,
    analyse_graviton,
    placed_in_time,
)
from prismlib.explore.graviton_savings import CHOICES, PLAN, ROLES, SIMULATION, explore
from prismlib.explore.panel import Panel
from prismlib.narrative.graviton_answer import graviton_answer
from prismlib.parameters import day_or
from prismlib.paths import SAMPLE
from prismlib.report import blocks
from prismlib.sources.prices import read_reference_tables
from prismlib.sources.snapshots import read_snapshot

DATA = read_snapshot(SAMPLE)
INPUTS = GravitonInputs.of(
    DATA.tables,
    read_reference_tables(DATA.tables),
    period=DATA.period,
    as_of=DATA.as_of,
    is_bill_synthetic=DATA.is_synthetic_table("cost"),
)


@pytest.fixture
def panel() -> Panel:
    panel = explore(DATA, {"draws": 500})
    panel.change({})
    return panel


def settings_of(panel: Panel) -> GravitonSettings:
    given = panel.parameters
    what = ("hours_once", "hours_per_line", "usd_per_hour")
    return GravitonSettings.of(
        choices={name: given[name] for name in CHOICES},
        simulation={name: given[name] for name in SIMULATION},
        efforts={
            role: tuple(given[f"{prefix}_{name}"] for name in what)  # type: ignore[misc]
            for role, prefix in ROLES.items()
        },
        plan={name: given[name] for name in PLAN},
        term_years=given["term_years"],
        commitment_end=given["commitment_end"],
        start=day_or(given["start"], INPUTS.as_of),
    )


ANSWERS = analyse_graviton(INPUTS, settings_of(explore(DATA, {"draws": 500})))


def library(panel: Panel) -> GravitonResults:
    return analyse_graviton(INPUTS, settings_of(panel))


def traces(panel: Panel, slot: str) -> list[dict[str, Any]]:
    return json.loads(panel.parts[slot].data["figure"])["data"]  # type: ignore[no-any-return]


def ends(panel: Panel) -> list[float]:
    """Return what both plans have come to at the end of the horizon."""
    return [trace["y"][-1] for trace in traces(panel, "cumulative")]


def test_it_opens_as_the_notebook_stands(panel: Panel) -> None:
    assert panel.parameters["generation"] == "Graviton3"
    assert panel.parameters["commitment_end"] == "" and panel.parameters["start"] == ""
    assert list(panel.parts) == ["when", "cumulative"]


def test_dearer_tests_are_paid_for_every_line_that_moves(panel: Panel) -> None:
    before, lines = ends(panel), len(library(panel).wait.schedule)
    panel.change({"test_usd": 6500})
    # 1,500 more for each line, in both plans
    assert lines > 0
    assert [round(b - a, 2) for a, b in zip(ends(panel), before, strict=True)] == [1500 * lines] * 2


def test_more_hours_cost_their_wage(panel: Panel) -> None:
    before, lines = ends(panel), len(library(panel).wait.schedule)
    panel.change({"platform_hours_per_line": 50})
    # 10 hours more at $110 for each line
    assert [round(b - a, 2) for a, b in zip(ends(panel), before, strict=True)] == [1100 * lines] * 2


def test_a_rate_of_discount_moves_no_cumulative_saving(panel: Panel) -> None:
    before = ends(panel)
    panel.change({"discount_rate_pct": 25})
    assert ends(panel) == before


def test_months_of_the_commitment_are_a_day(panel: Panel) -> None:
    panel.change({"end_months": 3})
    # three months from 2025-11-16
    assert panel.parameters["commitment_end"] == "2026-02-16"
    assert "commitment_end=2026-02-16" in panel.command()
    late = explore(DATA, {"draws": 500})
    late.change({"end_months": 9})
    # the sooner it ends, the more months save
    assert ends(panel)[0] > ends(late)[0]


def test_a_wait_before_the_first_move_is_a_day(panel: Panel) -> None:
    panel.change({"start_months": 2})
    assert panel.parameters["start"] == "2026-01-16"
    months = library(panel).wait.months
    assert traces(panel, "cumulative")[0]["y"] == [
        float(v) for v in months["cumulative_net_saving"]
    ]


def test_a_wider_spread_widens_the_interval_of_the_work(panel: Panel) -> None:
    panel.change({"single_run_cv_pct": 5})
    assert list(panel.parts) == ["work-words", "work"]
    narrow = traces(panel, "work")[1]
    panel.change({"single_run_cv_pct": 20})
    wide = traces(panel, "work")[1]
    assert narrow["x"] == wide["x"]
    assert all(
        w > 2 * n for w, n in zip(wide["error_x"]["array"], narrow["error_x"]["array"], strict=True)
    )
    row = library(panel).changes.dropna(subset=["cost_per_work_change_ratio"]).iloc[0]
    high, middle = row["high_cost_per_work_change_ratio"], row["cost_per_work_change_ratio"]
    assert wide["error_x"]["array"][0] == pytest.approx(float(high - middle))


def test_time_alone_does_not_count_the_answers_again(
    panel: Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = []

    def refuse(*given: object) -> None:
        counted.append(given)
        raise AssertionError("counted again")

    monkeypatch.setattr("prismlib.analyses.graviton_savings.both_answers", refuse)
    panel.change({"parallel_days": 30, "share_per_month_pct": 50, "horizon_months": 24})
    assert ends(panel)[0] == float(placed_in_time(ANSWERS, settings_of(panel)).wait.net_saving)
    assert not counted
    panel.change({"generation": "Graviton4"})
    assert len(counted) == 1


def test_what_is_on_the_screen_is_what_the_library_gives(panel: Panel) -> None:
    panel.change({"horizon_months": 24})
    panel.change({"generation": "Graviton4", "missing_rates": "on_demand_ratio"})
    panel.move(
        reserved_as="compute savings plan", term_years=3, payment="no upfront", start_months=1
    )
    settings, results = settings_of(panel), library(panel)
    assert (settings.generation, settings.term_years) == ("Graviton4", 3)
    found = judge_graviton(INPUTS, settings, results)
    assert panel.parts["findings"].data["html"] == blocks.findings_html(found)
    given = graviton_answer(settings, results, found)
    assert blocks.inline(given.statement) in panel.parts["answer"].data["html"]
    assert {"generations", "bases", "ways", "lines", "targets", "answers"} <= set(panel.parts)
