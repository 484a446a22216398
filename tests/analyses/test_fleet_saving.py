"""What a fleet saves for the same work: by hand, what adds up, and what is not known."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal as D
from math import log, sqrt

import pytest
from scipy import stats

from prismlib.analyses.fleet_saving import fleet_saving
from prismlib.analyses.price_performance import Simulation
from prismlib.errors import CurrencyError, ParameterError
from prismlib.money import exact_sum
from prismlib.result_tables.graviton import PRICE_PERFORMANCE, WORK_LINE
from prismlib.tables import empty, make, records

SIMULATION = Simulation(single_run_cv=D("0.2"), confidence_pct=D(80), draws=40_000, seed=46)
FIGURES = ("work_saving", "low_work_saving", "high_work_saving", "loss_probability")


def change(target, price_change, performance, spread="0.1", **changed):
    """A pair of a.large and `target`; the change of cost per work only has to be there."""
    return {
        "region_id": "us-east-1",
        "source_type": "a.large",
        "target_type": target,
        "rate_basis": "on demand",
        "workload": "web",
        "scope_name": "size",
        "price_change_ratio": D(price_change),
        "performance_ratio": D(performance),
        "performance_log_sd": D(spread),
        "cost_per_work_change_ratio": (1 + D(price_change)) / D(performance) - 1,
        **changed,
    }


def line(name, target, cost, *, sized_by="cpu", **changed):
    return {
        "line_name": name,
        "region_id": "us-east-1",
        "source_type": "a.large",
        "target_type": target,
        "rate_basis": "on demand",
        "workload": "web",
        "sized_by": sized_by,
        "current_cost": None if cost is None else D(str(cost)),
        "billing_currency": "USD",
        **changed,
    }


CHANGES = [change("b.large", "-0.10", "1.25"), change("c.large", "-0.20", "0.64")]


def saving(*lines, changes=CHANGES, simulation=SIMULATION):
    return fleet_saving(
        make(WORK_LINE, lines), make(PRICE_PERFORMANCE, changes), simulation=simulation
    )


def test_lines_sized_by_cpu_and_by_memory_by_hand():
    # b: p 0.9, f 1.25. By cpu 1,000 (1 - 0.9 / 1.25) = 280; by memory 1,000 (1 - 0.9) = 100.
    # c: p 0.8, f 0.64, slower: 0.8 / 0.64 = 1.25, so 1,000 (1 - 1.25) = -250 by either.
    found = saving(
        line("cpu faster", "b.large", 1000),
        line("memory faster", "b.large", 1000, sized_by="memory"),
        line("cpu slower", "c.large", 1000),
        line("memory slower", "c.large", 1000, sized_by="memory"),
    )
    assert found.lines["work_saving"].tolist() == [280, 100, -250, -250]
    assert found.work_saving == -120


def test_memory_gains_nothing_from_speed_and_loses_from_slowness():
    # ln f ~ N(ln 1.25, 0.1): below 1 with chance Phi(-2.231436) = 0.0128, so 9 in 10 draws or more
    # save the price alone, and no draw saves more. A loss needs 0.9 / f > 1: ln f < ln 0.9,
    # Phi((-0.105361 - 0.223144) / 0.1) = Phi(-3.285) = 0.0005.
    found = saving(line("memory", "b.large", 1000, sized_by="memory"))
    assert float(found.high_work_saving) == pytest.approx(100)
    assert float(found.low_work_saving) == pytest.approx(100)
    assert found.loss_probability < D("0.001")
    even = saving(
        line("memory", "b.large", 1000, sized_by="memory"),
        changes=[change("b.large", "-0.10", "1.0", "0.2")],
    )
    # Faster or slower alike: Phi(ln 0.9 / 0.2) = Phi(-0.526803) = 0.2992 lose, none gains more.
    error = sqrt(0.2992 * 0.7008 / 40_000)
    assert float(even.loss_probability) == pytest.approx(0.2992, abs=4 * error)
    assert float(even.high_work_saving) == pytest.approx(100)


def test_the_chance_of_a_loss_is_that_of_the_lognormal():
    found = saving(
        line("web", "c.large", 1000),
        changes=[change("c.large", "-0.20", "0.80", "0.2"), change("b.large", "-0.10", "1.25")],
    )
    # Price and performance alike: even odds. Standard error 0.5 / sqrt(40,000) = 0.0025.
    assert float(found.loss_probability) == pytest.approx(0.5, abs=4 * 0.0025)
    found = saving(line("web", "b.large", 1000))
    q = stats.norm.cdf(log(0.72) / 0.1)
    assert float(found.loss_probability) == pytest.approx(q, abs=0.0004)


def test_the_fleet_is_the_sum_of_its_lines():
    lines = [
        line("one", "b.large", "12.34"),
        line("two", "c.large", "56.78"),
        line("three", "b.large", "0.07", sized_by="memory"),
    ]
    found = saving(*lines)
    assert exact_sum(found.lines["work_saving"]) == found.work_saving
    alone = [saving(one).work_saving for one in lines]
    assert exact_sum(alone) == found.work_saving


def test_lines_on_one_measurement_rise_and_fall_together():
    one = saving(line("one", "b.large", 1000))
    ten = saving(*(line(f"line {n}", "b.large", 100) for n in range(10)))
    for name in FIGURES:
        assert float(getattr(ten, name)) == pytest.approx(float(getattr(one, name)), rel=1e-9)


def test_different_measurements_even_out():
    alike = [change(f"{t}.large", "-0.10", "1.25", "0.3") for t in ("b", "c")]
    one = saving(line("one", "b.large", 1000), changes=alike)
    two = saving(line("one", "b.large", 500), line("two", "c.large", 500), changes=alike)
    # Independent halves: the interval is narrower by about sqrt(2).
    width = [float(found.high_work_saving - found.low_work_saving) for found in (one, two)]
    assert width[0] / width[1] == pytest.approx(sqrt(2), rel=0.05)


def test_changing_one_line_moves_exactly_that_line():
    before = saving(line("one", "b.large", 10), line("two", "c.large", 20))
    after = saving(line("one", "b.large", 10, sized_by="memory"), line("two", "c.large", 20))
    assert records(before.lines)[1] == records(after.lines)[1]
    assert records(before.lines)[0] != records(after.lines)[0]


def test_the_same_seed_gives_the_same_figures_and_another_one_near():
    lines = line("one", "b.large", 1000), line("two", "c.large", 1000)
    first, again = saving(*lines), saving(*lines)
    assert records(first.lines) == records(again.lines)
    assert first.low_work_saving == again.low_work_saving
    other = saving(*lines, simulation=replace(SIMULATION, seed=47))
    assert other.work_saving == first.work_saving
    # Standard error of a drawn probability is at most 0.0025; of a difference, 0.0036.
    assert first.low_work_saving != other.low_work_saving
    assert abs(first.loss_probability - other.loss_probability) < D(4 * 0.0036)


@pytest.mark.parametrize(
    ("unknown", "note"),
    [
        (line("x", "", 5), "no target"),
        (line("x", "b.large", None), "no current cost"),
        (line("x", "d.large", 5), "web on d.large was not compared"),
        (line("x", "e.large", 5), "no web benchmark of e.large"),
        (line("x", "b.large", 5, rate_basis="the bill"), "web on b.large was not compared"),
        (line("x", "b.large", 5, sized_by="hope"), "sized by 'hope', which is none of cpu, memory"),
    ],
)
def test_an_unknown_line_is_named_and_in_no_total(unknown, note):
    unmeasured = change(
        "e.large",
        "-0.10",
        "1",
        performance_ratio=None,
        performance_log_sd=None,
        cost_per_work_change_ratio=None,
        note="no web benchmark of e.large",
    )
    found = saving(unknown, line("known", "b.large", 1000), changes=[*CHANGES, unmeasured])
    row = records(found.lines)[0]
    assert [row[name] for name in FIGURES] == [None] * 4
    assert row["note"] == note
    assert found.unknown_lines == ("x",)
    assert found.work_saving == 280
    nothing = saving(unknown, changes=[*CHANGES, unmeasured])
    assert [getattr(nothing, name) for name in FIGURES] == [None] * 4


def test_no_lines_are_no_figure():
    found = fleet_saving(empty(WORK_LINE), make(PRICE_PERFORMANCE, CHANGES), simulation=SIMULATION)
    assert (found.work_saving, found.unknown_lines) == (None, ())


def test_two_scopes_and_two_currencies_are_refused():
    with pytest.raises(ParameterError, match="one scope"):
        saving(
            line("one", "b.large", 1),
            changes=[*CHANGES, change("b.large", "-0.1", "1", scope_name="family")],
        )
    with pytest.raises(CurrencyError):
        saving(line("one", "b.large", 1), line("two", "b.large", 1, billing_currency="EUR"))
