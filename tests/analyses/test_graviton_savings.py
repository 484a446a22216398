"""What a move saves, by hand: by price, for the same work, and from the day it is possible."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

import pytest
from graviton_cases import (
    AS_OF,
    REFERENCE,
    account,
    analysed,
    instances,
    line,
    reservation,
    savings,
    settings,
)

from prismlib.analyses.graviton_findings import judge_graviton
from prismlib.analyses.graviton_savings import analyse_graviton
from prismlib.findings import Verdict
from prismlib.money import cents, exact_sum
from prismlib.tables import records

IN_14_MONTHS = date(2027, 1, 16)
RI = "0.622374"  # r6i.4xlarge, one year, all upfront; r7g.4xlarge: 0.528995
MIXED = (*instances(3, "m6i.large"), *instances(2, "r6i.4xlarge"))
RESERVED = [reservation(2, "r6i.4xlarge", RI, IN_14_MONTHS)]


def found(inputs, setting):
    results = analyse_graviton(inputs, setting)
    return {f.id: f for f in judge_graviton(inputs, setting, results)}


def by_month(timeline):
    return {row["month_start"]: row for row in records(timeline.months)}


def test_mixed_fleet_by_hand():
    """On demand 3 x 730 x (0.096 - 0.0816); reserved 2 x 730 x (0.622374 - 0.528995)."""
    results = analysed(*MIXED, commitments=RESERVED)
    shown = {name.split(", ")[1]: cents(value) for name, value in savings(results).items()}
    assert shown == {"m6i.large": D("31.54"), "r6i.4xlarge": D("136.33")}
    assert cents(results.price_only.saving) == D("167.87")  # 31.536 + 136.33334


def test_mixed_fleet_month_by_month():
    """November has 15 of its 30 days left; the reservation ends on 16 January: 16 of 31 days."""
    months = by_month(analysed(*MIXED, commitments=RESERVED).wait)
    assert cents(months[date(2025, 11, 16)]["saving"]) == D("15.77")  # 31.536 x 15/30
    assert cents(months[date(2025, 12, 1)]["saving"]) == D("31.54")
    assert cents(months[date(2026, 12, 1)]["saving"]) == D("31.54")
    assert cents(months[date(2027, 1, 1)]["saving"]) == D("101.90")  # 31.536 + 136.33334 x 16/31
    assert cents(months[date(2027, 2, 1)]["saving"]) == D("167.87")


def test_fleet_under_reservations_saves_nothing_before_they_end():
    results = analysed(*instances(2, "r6i.4xlarge"), commitments=RESERVED)
    months = by_month(results.wait)
    before = [row for start, row in months.items() if start < date(2027, 1, 1)]
    assert len(before) == 14  # November 2025 to December 2026
    assert {row["saving"] for row in before} == {D(0)}
    assert {row["net_saving"] for row in before} == {D(0)}
    assert cents(months[date(2027, 1, 1)]["saving"]) == D("70.37")  # 136.33334 x 16/31
    assert line(results, "r6i")["eligibility"] == "after commitment"


def test_moving_before_a_reservation_ends_strands_it():
    """From 16 November 2025 to 16 January 2027 are 426 days: 426 x 24 x 2 x 0.622374."""
    results = analysed(*instances(2, "r6i.4xlarge"), commitments=RESERVED)
    stranded = exact_sum(results.move_now.months["stranded_cost"])
    assert cents(stranded) == D("12726.30")
    assert results.move_now.net_saving < results.wait.net_saving


def test_end_in_14_months_is_a_finding():
    setting = settings()
    finding = found(account(*instances(2, "r6i.4xlarge"), commitments=RESERVED), setting)
    assert "the first saving falls in Jan 2027" in finding["graviton.when"].statement
    assert finding["graviton.when"].verdict is Verdict.HOLDS


@pytest.mark.parametrize(
    ("size", "now", "then", "web_now", "web_then"),
    [
        ("large", "0.096", "0.077", 108236, 70230),
        ("xlarge", "0.192", "0.154", 203178, 119869),
    ],
)
def test_web_work_is_dearer_on_m6g_although_its_price_is_lower(size, now, then, web_now, web_then):
    """The table of finops-anchors: price -19.8 %, static web +24 % (large) and +36 % (xlarge)."""
    results = analysed(
        *instances(4, f"m6i.{size}", tags={"component": "web"}),
        setting=settings(generation="Graviton2"),
    )
    (change,) = (r for r in records(results.changes) if r["workload"] == "web")
    assert round(change["price_change_ratio"] * 100, 1) == D("-19.8")
    by_hand = D(then) / D(now) * web_now / web_then - 1
    assert abs(change["cost_per_work_change_ratio"] - by_hand) < D("1e-9")
    assert round(by_hand * 100) == {"large": 24, "xlarge": 36}[size]
    assert change["dearer_probability"] > D("0.9")
    assert results.price_only.saving > 0 > results.work.work_saving


def test_web_work_on_m6g_is_not_recommended():
    setting = settings(generation="Graviton2")
    inputs = account(*instances(4, "m6i.large", tags={"component": "web"}))
    results = analyse_graviton(inputs, setting)
    assert results.planned_saving is None
    assert results.wait.schedule.empty
    assert list(results.staying.values()) == ["cheaper by the hour, dearer for the work"]
    finding = found(inputs, setting)["graviton.dearer_work.m6i_large_m6g_large_web"]
    assert finding.verdict is Verdict.CONTRADICTS
    assert (round(finding.value), round(finding.expected, 1)) == (24, D("-19.8"))
    assert "Do not move it on price." in finding.statement


def test_compute_work_on_m6g_is_recommended():
    results = analysed(*instances(4, "m6i.large"), setting=settings(generation="Graviton2"))
    assert results.staying == {}
    assert cents(results.price_only.saving) == D("55.48")  # 4 x 730 x (0.096 - 0.077)
    # m6g does 1732 / 1828 of the work: what is planned is the lower answer, for the same work
    lower = 4 * 730 * (D("0.096") - D("0.077") * 1828 / 1732)
    assert abs(results.planned_saving - lower) < D("1e-6")


def test_sum_over_instances_is_the_fleet():
    """The same instances as one line, and each as a line of its own."""
    together = analysed(*instances(5, "c6i.2xlarge"))
    apart = analysed(
        *(
            row
            for number in range(5)
            for row in instances(1, "c6i.2xlarge", first=number, tags={"app": f"a{number}"})
        )
    )
    assert len(together.lines) == 1
    assert len(apart.lines) == 5
    assert exact_sum(savings(apart).values()) == together.price_only.saving == D("182.50")
    # 5 x 730 x (0.34 - 0.29)


@pytest.mark.parametrize("changed", [{"purchase": "spot"}, {"platform": "Windows"}])
def test_changing_one_line_moves_exactly_that_line(changed):
    """What is bought in another way, or runs another system, saves nothing; the others stay."""
    rest = (*instances(3, "m6i.large"), *instances(2, "c6i.2xlarge"))
    before = analysed(*rest, *instances(4, "r6i.4xlarge"))
    after = analysed(*rest, *instances(4, "r6i.4xlarge", **changed))
    gone = {name for name in savings(before) if "r6i" in name}
    assert {k: v for k, v in savings(before).items() if k not in gone} == savings(after)
    moved = before.price_only.saving - after.price_only.saving
    assert moved == D("441.504")  # 4 x 730 x (1.008 - 0.8568)


def test_a_reservation_on_one_line_moves_exactly_that_line():
    before = analysed(*MIXED)
    after = analysed(*MIXED, commitments=RESERVED)
    same = {name: value for name, value in savings(after).items() if "m6i" in name}
    assert same == {name: value for name, value in savings(before).items() if "m6i" in name}
    assert cents(before.price_only.saving - after.price_only.saving) == D("84.42")
    # 2 x 730 x (1.008 - 0.8568) = 220.752, less the 136.33334 of the reserved rates


def test_negative_saving_stays_negative():
    """r5.large costs 0.126; an r7g.large at 0.15 would cost 2 x 730 x 0.024 more."""
    prices = REFERENCE["instance_price"]
    rows = [
        row | ({"usd_per_hour": D("0.15")} if row["instance_type"] == "r7g.large" else {})
        for row in records(prices)
    ]
    dear = REFERENCE | {"instance_price": type(prices)(rows, columns=prices.columns, dtype=object)}
    results = analysed(*instances(2, "r5.large"), reference=dear)
    assert results.price_only.saving == D("-35.04")
    assert results.planned_saving is None
    assert list(results.staying.values()) == ["the target costs as much or more"]


def test_missing_price_is_unknown_and_in_no_total():
    """No committed rate of r8g is sourced: unknown, not zero; the line on demand still counts."""
    setting = settings(generation="Graviton4")
    results = analysed(*MIXED, commitments=RESERVED, setting=setting)
    by_type = {name.split(", ")[1]: value for name, value in savings(results).items()}
    assert by_type["r6i.4xlarge"] is None
    assert results.price_only.unknown_lines == ("EC2, r6i.4xlarge, standard RI",)
    assert cents(results.price_only.saving) == D("13.67")  # 3 x 730 x (0.096 - 0.08976)
    finding = found(account(*MIXED, commitments=RESERVED), setting)["graviton.price_only"]
    assert finding.verdict is Verdict.UNKNOWN
    assert "r6i.4xlarge" in finding.statement


def test_missing_rate_can_take_the_discount_of_the_source():
    """0.622374 x 0.94256 / 1.008 = 0.581967...: 2 x 730 x 0.040407... = 58.99."""
    setting = settings(generation="Graviton4", missing_rates="on_demand_ratio")
    results = analysed(*instances(2, "r6i.4xlarge"), commitments=RESERVED, setting=setting)
    assert cents(results.price_only.saving) == D("58.99")
    (option,) = records(results.chosen)
    assert option["confidence"] == "low"


def test_missing_benchmark_is_unknown_and_price_still_known():
    results = analysed(*instances(1, "m6i.8xlarge"))  # only up to 4xlarge was measured
    assert results.price_only.saving > 0
    assert results.work.work_saving is None
    assert results.work.unknown_lines


def test_memory_bounds_the_count():
    """Redis on r7g does 44 % more work, and a fleet sized by memory still needs every node."""
    tags = {"component": "redis"}
    memory = analysed(*instances(2, "r6i.4xlarge", tags=tags))
    cpu = analysed(*instances(2, "r6i.4xlarge", tags=tags), setting=settings(sized_by="cpu"))
    assert memory.work.work_saving == memory.price_only.saving == D("220.752")
    assert cpu.work.work_saving > memory.work.work_saving


def test_nothing_to_move_is_no_error():
    results = analysed(*instances(2, "m7g.large", architecture="arm64"))
    assert results.chosen.empty
    assert results.price_only.saving is None
    assert results.wait.net_saving == 0


def test_start_is_the_first_day_of_a_move():
    results = analysed(*instances(3, "m6i.large"), setting=settings(start=date(2026, 2, 1)))
    assert by_month(results.wait).keys() >= {date(2026, 2, 1)}
    assert AS_OF not in by_month(results.wait)
