"""The charts of the Graviton notebook: their data, labels and units, never pixels."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

import pytest
from graviton_cases import analysed, instances, reservation, settings

from prismlib.charts import graviton_savings as draw
from prismlib.result_tables.graviton import GRAVITON_OPTION, SAVING_BASIS
from prismlib.tables import make, records

WEB = analysed(
    *instances(4, "m6i.large", tags={"component": "web"}),
    setting=settings(generation="Graviton2"),
)


def test_basis_bar_shows_the_claim_first_and_unknown_as_a_word():
    rows = [("As claimed", D(343100)), ("On demand", D(146876)), ("Committed", None)]
    bases = make(
        SAVING_BASIS,
        [{"claim_origin": n, "monthly_saving": v, "billing_currency": "USD"} for n, v in rows],
    )
    (bar,) = draw.saving_basis_bar(bases, title="Claimed and counted").data
    assert list(bar.x) == [343100.0, 146876.0, None]
    assert list(bar.text) == ["$343,100", "$146,876", "unknown"]
    assert bar.marker.color[0] != bar.marker.color[1]


def option(generation, saving, name="web"):
    return {
        "line_name": name,
        "graviton_generation": generation,
        "monthly_saving": None if saving is None else D(saving),
        "billing_currency": "USD",
    }


def test_generation_bar_writes_what_it_cannot_draw():
    options = make(
        GRAVITON_OPTION,
        [option("Graviton2", "20"), option("Graviton3", "-5"), option("Graviton4", None)],
    )
    figure = draw.generation_bar(options, title="By generation")
    texts = {bar.name: list(bar.text) for bar in figure.data}
    assert texts == {
        "Graviton2": ["Graviton2: $20.00"],
        "Graviton3": ["Graviton3: −$5.00"],
        "Graviton4": ["Graviton4: unknown"],
    }
    low, high = figure.layout.xaxis.range
    assert low < -5 < 20 < high
    assert len({bar.marker.color for bar in figure.data}) == 3


def test_generation_bar_leaves_many_lines_to_the_table():
    options = make(GRAVITON_OPTION, [option("Graviton3", n, f"line {n}") for n in range(20)])
    figure = draw.generation_bar(options, title="Many", largest=3)
    assert all(len(bar.y) == 3 for bar in figure.data)


def test_work_dots_show_both_answers_and_the_interval():
    figure = draw.work_cost_dots(WEB.changes, title="Work", confidence_pct=D(80))
    price, work = figure.data
    rows = {r["workload"]: r for r in records(WEB.changes)}
    position = next(n for n, name in enumerate(work.y) if "web" in name)
    assert work.x[position] == float(rows["web"]["cost_per_work_change_ratio"]) > 0
    assert price.x[position] == float(rows["web"]["price_change_ratio"]) < 0
    high = work.x[position] + work.error_x.array[position]
    assert high == pytest.approx(float(rows["web"]["high_cost_per_work_change_ratio"]))
    assert "80%" in figure.layout.xaxis.title.text
    assert price.marker.symbol != work.marker.symbol


def test_work_dots_name_each_pair_once_on_several_rates():
    """On other rates the same pair does the same work: two marks in one row would say nothing."""
    held = [reservation(2, "m6i.large", "0.06", date(2027, 1, 1))]
    results = analysed(*instances(4, "m6i.large"), commitments=held)
    assert len(results.changes) == 6
    for marks in draw.work_cost_dots(results.changes, title="Work", confidence_pct=D(80)).data:
        assert len(set(marks.y)) == len(marks.y) == 3


def test_cumulative_line_has_both_plans():
    wait, now = WEB.wait.months, WEB.move_now.months
    figure = draw.cumulative_saving_line(wait, now, title="Net")
    assert [line.name for line in figure.data] == [
        "Each line waits for its commitment",
        "Every line moves at once",
    ]
    assert list(figure.data[0].y) == [float(v) for v in wait["cumulative_net_saving"]]
    assert {line.line.dash for line in figure.data} == {"solid", "dash"}
