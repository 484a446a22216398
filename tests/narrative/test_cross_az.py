"""The answer, and every sentence that depends on a parameter changes with it."""

from __future__ import annotations

import ast
from datetime import UTC, datetime
from decimal import Decimal as D

import nbformat
import pytest
from cross_az_cases import (
    DATA,
    DEFAULTS,
    INPUTS,
    analysed,
    bill,
    charge,
    claimed,
    flows,
    inputs_of,
    only,
    placed,
    put,
    settings_of,
)

from prismlib import paths
from prismlib.narrative import cross_az as words
from prismlib.narrative import cross_az_tables as tables
from prismlib.narrative.cross_az_answer import cross_az_answer
from prismlib.pulled_tables import LOAD_BALANCER
from prismlib.tables import make, records

MONTH = charge("USW2-DataTransfer-Regional-Bytes", "2678.40", "267840")
ONE_END = charge("USW2-DataTransfer-xAZ-Out-Bytes", "1339.20", "133920")
FREE = charge("USW2-DataTransfer-Regional-Bytes", "0", "267840")
FASTER = put(INPUTS, cost=None)  # the synthetic bill is in no sentence but those on the bill


def answered(inputs, **parameters):
    results, found = analysed(inputs, **parameters)
    return cross_az_answer(results, list(found.values()))


def told(inputs, **parameters):
    """Return every sentence that the notebook computes, by name."""
    results, found = analysed(inputs, **parameters)
    every = list(found.values())
    answer = cross_az_answer(results, every)
    said = {
        "answer": answer.statement,
        "headline": words.headline(results, every),
        "basis": words.basis(inputs, results),
        "crossing_title": words.crossing_title(results),
        "scenarios": words.scenario_sentence(results),
        "thresholds": words.threshold_sentence(results),
        "measurement": words.measurement_sentence(results),
        "failure": words.failure_sentence(results, settings_of(**parameters)),
        "remedies": words.remedy_sentence(results),
        "remedy_title": words.remedy_title(results),
        "remedy_note": words.remedy_note(),
        "sensitivity_title": words.sensitivity_title(results),
        "capacity": words.capacity_sentence(every),
        "prices": words.price_words(inputs),
        "kinds_title": words.kinds_title(inputs),
    }
    if len(results.alarms):
        said["failure_title"] = words.failure_title(results)
    said |= {f"figure {figure.label}": f"{figure}" for figure in answer.figures}
    said |= {finding.id: finding.statement for finding in every}
    # The points of the answer repeat findings; they are held to them.
    statements = [f"**{f.title}.** {f.statement}" for f in every]
    assert all(point in statements for point in answer.details)
    return said


# --- the answer -----------------------------------------------------------------------------------


def test_answer_on_the_sample():
    answer = answered(INPUTS)
    assert answer.statement == (
        "**Traffic between zones costs $48,384,000 a month** with 66.7% crossing, the share "
        "expected from where the nodes run. With the stated 5.0% it would be $3,628,800. **The "
        "fleet that runs cannot carry that traffic**: with the 86.4 GB/s that it can carry a month "
        "costs $2,985,984."  # 86.4 x 2,592,000 x 2/3 x 0.02
    )
    shown = {figure.label: (figure.value, figure.tone) for figure in answer.figures}
    assert shown == {
        "A month, both ends": ("$48,384,000", "bad"),
        "At the stated share": ("$3,628,800", "bad"),
        "The decision flips at": ("0.189%", "bad"),  # 137,121.20 / 72,576,000
        "Best remedy, estimated": ("$38,707,200", "neutral"),
        "An hour of failed placement": ("$62,160", "neutral"),
    }
    assert answer.details[0].startswith("**What the network can carry.** 96 nodes")


def test_answer_where_nothing_is_known():
    answer = answered(inputs_of({}))
    assert answer.statement == (
        "**What traffic between zones costs cannot be said**: the total traffic, a share that "
        "crosses and the number of zones are not known. That is not a cost of zero."
    )
    (figure,) = answer.figures
    assert (figure.value, figure.tone) == ("unknown", "unknown")


def test_answer_where_only_the_placement_is_known():
    answer = answered(only("placement"))
    assert ": the total traffic is not known. That is not" in answer.statement
    assert answer.figures[0].detail == "the total traffic is not known"


def test_answer_from_a_bill_alone():
    answer = answered(only(cost=bill(MONTH)))
    assert answer.statement == (
        "**The bill lists $2,678 for traffic between zones.** Which share of the traffic that is "
        "cannot be said."
    )
    assert [(f.label, f.value) for f in answer.figures] == [("On the bill", "$2,678")]


def test_answer_from_flow_logs():
    # 100 GB in a day, 20 of them cross: 31 x 20 x 0.02 = 12.40.
    answer = answered(only(zone_flow=flows(("a", "a", 80), ("a", "b", 20))))
    assert "with 20.0% crossing, the share that flow logs show." in answer.statement
    assert answer.figures[0].value.startswith("$12.4")
    assert answer.figures[0].tone == "neutral"
    assert "stated" not in answer.statement


def test_answer_in_another_currency_has_no_dollars():
    euros = charge("USW2-DataTransfer-Regional-Bytes", "2678.40", "267840", currency="EUR")
    answer = answered(only("placement", cost=bill(euros)))
    said = " ".join([answer.statement, *map(str, answer.figures), *answer.details])
    assert "EUR 2,678" in said
    assert "$" not in said


# --- the other sentences --------------------------------------------------------------------------


def test_sentences_of_a_bill():
    results, _ = analysed(only("placement", cost=bill(MONTH)))
    assert "The bill lists $2,678 for it, 133,920 GB moved: an amount, not a share." in (
        words.measurement_sentence(results)
    )
    assert "(the bill, both ends)" in words.basis(only("placement", cost=bill(MONTH)), results)


@pytest.mark.parametrize(
    ("inputs", "parameters", "says"),
    [
        (FASTER, {}, ["1,400 GB/s in all, as stated; 66.7% of it", "(the price table, both ends)"]),
        (FASTER, {"total_gb_per_s": 700.0}, ["700 GB/s in all, as set; 66.7% of it"]),
        (
            only(zone_flow=flows(("a", "b", 864))),
            {},
            ["0.01 GB/s in all, as flow logs show; 100.0%"],
        ),
        (
            only("placement", cost=bill(MONTH)),
            {},
            # 133,920 GB in 2,678,400 s are 0.05 GB/s, two thirds of 0.075.
            [
                "0.075 GB/s in all, from what the bill lists and that share; 66.7% of it",
                "(the bill, both ends). The bill covers 2025-10; a month is taken to be like it.",
            ],
        ),
        (only("placement", cost=bill(ONE_END)), {}, ["(the bill, one end of it)"]),
        (only("placement", cost=bill(FREE)), {}, ["$0.0000/GB for a gigabyte moved (the bill)."]),
    ],
)
def test_the_basis_says_where_the_total_comes_from(inputs, parameters, says):
    basis = words.basis(inputs, analysed(inputs, **parameters)[0])
    assert all(one in basis for one in says)


def test_the_basis_says_which_days_of_an_open_month_the_bill_covers():
    tables = {"placement": DATA.tables["placement"], "cost": bill(MONTH)}
    inputs = inputs_of(tables, as_of=datetime(2025, 10, 11, tzinfo=UTC).date())
    basis = words.basis(inputs, analysed(inputs)[0])
    assert "The bill covers 2025-10-01 to 2025-10-10; a month is taken to be like it." in basis


def test_one_end_is_not_said_to_be_both():
    said = told(only("placement", cost=bill(ONE_END)))
    assert said["headline"].startswith("month     $1,339.20 at one end\n")
    assert "figure A month, one end" in said
    assert "figure A month, both ends" not in said


def test_a_bill_that_asks_nothing_is_told_consistently():
    said = told(only("claim", "placement", cost=bill(FREE)))
    assert said["answer"] == (
        "**Traffic between zones costs $0 a month** with 66.7% crossing, the share expected from "
        "where the nodes run. The bill lists $0 for 2025-10."
    )
    assert said["failure"] == said["traffic.failure_hour"]
    assert said["failure"].endswith("costs no more: a gigabyte that crosses costs nothing.")
    assert said["crossing_title"].startswith("$0 a month for each percent")
    assert said["remedies"].startswith("No remedy that keeps every zone")


def test_the_bill_is_named_beside_what_follows_from_it():
    statement = answered(only("claim", "placement", cost=bill(MONTH))).statement
    assert "The bill lists $2,678 for 2025-10." in statement
    assert "With the stated" not in statement


def test_a_share_that_is_stated_too_is_said_once():
    said = told(FASTER, crossing="5")
    assert said["answer"].count("5.0%") == said["basis"].count("5.0%") == 1
    assert "stated share" not in said["answer"] + said["basis"]
    assert "figure At the stated share" not in said
    assert "Also known: the share expected from where the nodes run, 66.7%." in said["basis"]


def test_the_cost_at_the_stated_share_is_good_where_the_document_says_it():
    # 3,628,800 to the ten thousand, as the claim prints: 3,630,000.
    figures = {f.label: f for f in answered(claimed(FASTER, cross_az_month_cost="3630000")).figures}
    assert figures["At the stated share"].tone == "good"
    assert figures["At the stated share"].detail == "both ends; the document says $3,630,000"


def test_a_hundredth_of_a_percent_is_not_said_to_be_none():
    assert "with 0.010% crossing" in answered(FASTER, crossing="0.01").statement


def test_sentences_that_lack_their_inputs_say_so():
    results, found = analysed(inputs_of({}))
    every = list(found.values())
    assert words.headline(results, every) == "month     unknown\nfindings  1 unknown"
    assert "are not known" in words.basis(inputs_of({}), results)
    assert "nothing to draw" in words.scenario_sentence(results)
    assert "no line to hold the cost against" in words.threshold_sentence(results)
    assert "cannot be computed" in words.failure_sentence(results, settings_of())
    assert words.remedy_sentence(results).startswith("No remedy")
    assert "no flow logs with zones" in words.measurement_sentence(results)
    assert "does not say which instances run" in words.capacity_sentence(every)


def test_failed_placement_that_changes_nothing_is_said_to():
    results, _ = analysed(FASTER, failed_pct=1.0)
    assert words.failure_sentence(results, settings_of(failed_pct=1.0)) == (
        "With failed placement 1.0% crosses, no more than the 5.0% that cross anyway."
    )
    answer = answered(FASTER, failed_pct=1.0)
    assert "An hour of failed placement" not in {figure.label for figure in answer.figures}


def test_a_price_read_after_the_day_of_the_data_is_said_to_be():
    assert words.price_words(INPUTS) == (
        "The price of traffic between zones was read on 1 Apr 2026, after the day of the "
        "snapshot: it may have changed in between."
    )
    later = inputs_of({}, as_of=datetime(2026, 5, 1, tzinfo=UTC).date())
    assert words.price_words(later).endswith("was read on 1 Apr 2026.")


def test_kinds_of_a_bill_end_in_its_total_and_always_show_what_is_unclassified():
    results, _ = analysed(only(cost=bill(MONTH, charge("USW2-NatGateway-Bytes", "9", "200"))))
    rows = tables.kinds_of_traffic(results.lines)
    costs = dict(zip(rows["kind"], rows["cost"], strict=True))
    assert list(rows["kind"])[-1] == "Total of the bill"
    assert float(costs["Total of the bill"]) == 2687.40  # 2,678.40 + 9
    assert 0 in list(costs.values())  # unclassified: no line, and shown


# --- a parameter changes what depends on it -------------------------------------------------------

MONTHLY = {
    *("answer", "headline", "basis", "remedies", "figure A month, both ends"),
    *("figure Best remedy, estimated", "traffic.month_cost", "traffic.best_remedy"),
    *("traffic.capacity", "capacity"),
}
"""What says the cost of the month that is taken, or a part of it."""
BREAK_EVEN = {f"traffic.break_even.{name}" for name in ("tolerance", "limit", "budget")}
EVERY_SHARE = BREAK_EVEN | {
    *("crossing_title", "thresholds", "traffic.as_built_share", "traffic.in_no_total"),
    *("figure At the stated share", "figure The decision flips at"),
}
"""What says the cost of other shares, or the share of a cost."""
FAILURE = {
    *("failure", "failure_title", "headline", "traffic.failure_hour", "traffic.alarm"),
    "figure An hour of failed placement",
}
BEST = {"remedies", "figure Best remedy, estimated", "traffic.best_remedy"}

EVEN = put(
    FASTER,
    placement=placed(
        *[(role, zone, 16) for role in ("primary", "replica") for zone in ("a", "b", "c")],
        ("client", "", 1000),
    ),
)
BALANCED = put(
    FASTER,
    load_balancer=make(
        LOAD_BALANCER,
        [
            {
                "region_id": "us-west-2",
                "load_balancer_id": "edge",
                "load_balancer_name": "edge",
                "load_balancer_type": "network",
                "is_cross_zone": True,
            }
        ],
    ),
)

# Of each parameter: the inputs, what is set in both runs, its other value, and what must differ.
CHANGES = {
    # Lines are judged by the share that is used; 5 % is the stated one, which then adds nothing.
    "crossing": (FASTER, {}, "5", MONTHLY | BREAK_EVEN | {"figure At the stated share"}),
    "total_gb_per_s": (FASTER, {}, 700.0, MONTHLY | EVERY_SHARE | FAILURE),
    "zones": (
        FASTER,
        {},
        4,  # three quarters of what ignores zones cross, and no copy is in the fourth
        MONTHLY
        | FAILURE
        | BREAK_EVEN
        | {"scenarios", "traffic.as_built_share", "traffic.failed_share"},
    ),
    "days_per_month": (FASTER, {}, 31.0, MONTHLY | EVERY_SHARE),
    "failed_pct": (FASTER, {}, 90.0, FAILURE),
    "incident_hours": (FASTER, {}, 5.0, {"failure", "traffic.failure_hour"}),
    "alarm_periods": (FASTER, {}, 5, {"failure", "traffic.alarm"}),
    "reads_pct": (FASTER, {}, 60.0, BEST),
    # Where primaries are spread, routing that avoids 90 % of 48,384,000 is best. At 40 % it is
    # 19,353,600, and reads are: 80 % of it, less 48 nodes for copies (35,320) and the writes to
    # them (20 % of 72,576,000).
    "hint_effectiveness_pct": (EVEN, {}, 40.0, BEST | {"remedy_title"}),
    # Where nothing is read, compression is best.
    "compression_ratio": (FASTER, {"reads_pct": 0.0}, 3.0, BEST),
    "compression_gb_per_core_s": (FASTER, {"reads_pct": 0.0}, 1.0, BEST),
    # It is not known what balancers would save until it is said what goes through them.
    "balancer_gb_per_month": (BALANCED, {}, 1e9, {"remedies"}),
    # 10,000 / 72,576,000 = 0.014 %, below the 0.063 % of the tolerance.
    "budget_per_month": (
        FASTER,
        {},
        10_000.0,
        {"crossing_title", "thresholds", "traffic.break_even.budget"},
    ),
    "tolerance_pct": (
        FASTER,
        {},
        12.0,
        {"crossing_title", "thresholds", "traffic.break_even.tolerance"},
    ),
    "limit_pct": (
        FASTER,
        {},
        30.0,
        {"thresholds", "figure The decision flips at", "traffic.break_even.limit"},
    ),
}


def test_every_parameter_of_the_notebook_is_tried():
    notebook = nbformat.read(paths.NOTEBOOKS / "cross_az_traffic.ipynb", as_version=4)
    (cell,) = (c for c in notebook.cells if "parameters" in c.metadata.get("tags", []))
    shipped = {node.target.id: ast.literal_eval(node.value) for node in ast.parse(cell.source).body}
    data = {name: shipped.pop(name) for name in ("snapshot", "period", "as_of")}
    assert data == {"snapshot": "data/sample", "period": "", "as_of": ""}
    assert shipped == DEFAULTS
    assert set(CHANGES) == set(DEFAULTS)


@pytest.mark.parametrize("name", CHANGES)
def test_a_parameter_changes_every_sentence_that_depends_on_it_and_no_other(name):
    inputs, both, value, depends = CHANGES[name]
    before, after = told(inputs, **both), told(inputs, **both, **{name: value})
    differ = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    assert differ == depends


def test_the_period_and_the_day_are_in_the_sentences():
    before = told(FASTER)
    later = inputs_of(
        {name: frame for name, frame in DATA.tables.items() if name != "cost"},
        as_of=datetime(2026, 5, 1, tzinfo=UTC).date(),
    )
    after = told(later)
    differ = {key for key in before if before[key] != after[key]}
    assert differ == {"basis", "prices", "kinds_title"}


@pytest.mark.parametrize(
    ("crossing", "name"), [("as_built", "as_built"), ("stated", "stated"), ("12.5", "setting")]
)
def test_each_form_of_crossing(crossing, name):
    results, _ = analysed(FASTER, crossing=crossing)
    assert results.chosen.name == name
    share = {"as_built": "66.7%", "stated": "5.0%", "setting": "12.5%"}[name]
    assert f"{share} of it crossing" in words.basis(FASTER, results)
    assert answered(FASTER, crossing=crossing).statement.count(share) == 1


def test_crossing_as_built_is_what_auto_takes_here():
    assert told(FASTER, crossing="as_built") == told(FASTER)


def test_crossing_can_be_taken_from_flow_logs_placement_or_document():
    inputs = put(FASTER, zone_flow=flows(("a", "a", 90), ("a", "b", 10)))
    assert answered(inputs).statement == answered(inputs, crossing="measured").statement
    assert "10.0% crossing, the share that flow logs show" in answered(inputs).statement
    assert "66.7% crossing" in answered(inputs, crossing="as_built").statement
    assert "5.0% crossing, the stated share" in answered(inputs, crossing="stated").statement


# (what is set, the sentence, what it says then); 72,576,000 is all of the traffic at both ends.
SAID = [
    ({"crossing": "5"}, "answer", "costs $3,628,800 a month** with 5.0% crossing"),
    # Half of 1,400 GB/s, so half of each cost and twice each share.
    ({"total_gb_per_s": 700.0}, "basis", "700 GB/s in all"),
    ({"total_gb_per_s": 700.0}, "crossing_title", "$362,880 a month for each percent"),
    (
        {"total_gb_per_s": 700.0},
        "thresholds",
        "Tolerance of 10% at 0.125%; Limit of 20% at 0.378%; Budget at 4.960%.",
    ),
    ({"total_gb_per_s": 700.0}, "failure", "costs $31,080 more; 4 hours cost $124,320."),
    # 1 - 5 / 75 = 93.3 %; 1,400 x 3,600 x 70 % x 0.02 = 70,560; x 4 = 282,240.
    ({"zones": 4}, "scenarios", "lets 75.0% cross. The stated 5.0% needs hints that avoid 93.3%"),
    ({"zones": 4}, "failure", "from 5.0% to 75.0%, each hour costs $70,560 more; 4 hours cost"),
    ({"zones": 4}, "failure", "$282,240"),
    # 2/3 of 1,400 x 86,400 x 31 x 0.02, and a hundredth of all.
    ({"days_per_month": 31.0}, "headline", "$49,996,800.00 at both ends, $24,998,400.00 at one"),
    ({"days_per_month": 31.0}, "crossing_title", "$749,952 a month for each percent"),
    # 85 % of 1,400 x 3,600 x 0.02; x 4; x 24; / 4.
    ({"failed_pct": 90.0}, "failure", "to 90.0%, each hour costs $85,680 more; 4 hours cost"),
    ({"failed_pct": 90.0}, "failure", "$342,720"),
    ({"failed_pct": 90.0}, "failure", "after 24 hours, at $2,056,320."),
    ({"failed_pct": 90.0}, "failure", "after 0.25 hours, at $21,420."),
    ({"failed_pct": 90.0}, "failure_title", "$2,056,320 are spent"),
    # 5 x 62,160.
    ({"incident_hours": 5.0}, "failure", "5 hours cost $310,800."),
    ({"incident_hours": 5.0}, "traffic.failure_hour", "5 hours costs $310,800."),
    # A period of 5 minutes, then 5 of them: half of 62,160.
    ({"alarm_periods": 5}, "failure", "seen after 0.5 hours, at $31,080."),
    ({"alarm_periods": 5}, "traffic.alarm", "after 30 minutes and $31,080"),
    # 60 % of 48,384,000.
    ({"reads_pct": 60.0}, "remedies", "$29,030,400 a month net, if 60.0% of the traffic is reads"),
    # 2/3 of 48,384,000 less 57,913.33; half of it less 28,956.67.
    ({"reads_pct": 0.0, "compression_ratio": 3.0}, "remedies", "$32,198,087"),
    ({"reads_pct": 0.0, "compression_gb_per_core_s": 1.0}, "remedies", "$24,163,043"),
    # 10,000 / 72,576,000.
    ({"budget_per_month": 10_000.0}, "thresholds", "Budget at 0.014%."),
    ({"budget_per_month": 10_000.0}, "crossing_title", "reached at 0.014%"),
    # (915,916 x 1.12 - 961,978) / 72,576,000 = 63,847.92 / 72,576,000.
    ({"tolerance_pct": 12.0}, "thresholds", "Tolerance of 12% at 0.088%"),
    ({"tolerance_pct": 12.0}, "crossing_title", "reached at 0.088%"),
    # (915,916 x 1.3 - 961,978) / 72,576,000 = 228,712.80 / 72,576,000.
    ({"limit_pct": 30.0}, "thresholds", "Limit of 30% at 0.315%"),
    ({"limit_pct": 30.0}, "figure The decision flips at", "0.315%"),
]


@pytest.mark.parametrize(("parameters", "name", "says"), SAID)
def test_a_sentence_says_what_follows_from_a_parameter(parameters, name, says):
    assert says in told(FASTER, **parameters)[name]


def test_what_balancers_would_save_follows_from_what_goes_through_them():
    # Two thirds of 10^9 GB cross: x 0.02 = 13,333,333.33.
    results, _ = analysed(BALANCED, balancer_gb_per_month=1e9)
    row = {r["remedy_name"]: r for r in records(results.remedies)}["Balancers keep to their zone"]
    assert (round(row["net_effect"], 2), row["advice"]) == (D("13333333.33"), "do")


def test_routing_that_helps_less_leaves_reads_as_the_best():
    # 38,707,200 less 48 x 1.008 x 730 = 35,320.32 and 20 % of 72,576,000 = 14,515,200.
    said = told(EVEN, hint_effectiveness_pct=40.0)["remedies"]
    assert "**Reads from the client's zone** saves most: an estimated $24,156,680" in said
    # 90 % of 48,384,000.
    assert "**Zone-aware routing** saves most: an estimated $43,545,600" in told(EVEN)["remedies"]
