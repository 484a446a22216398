"""The sentences of the notebook on S3 lifecycle savings: every number in them is computed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from prismlib.analyses.bucket_charges import EXPEDITED
from prismlib.analyses.judging import counted, listed, usd
from prismlib.analyses.lifecycle import LifecycleResults
from prismlib.analyses.lifecycle_configuration import to_configuration
from prismlib.analyses.lifecycle_findings import (
    bytes_words,
    deleted_words,
    limit_words,
    policy_words,
)
from prismlib.analyses.lifecycle_inputs import LifecycleInputs, LifecycleSettings
from prismlib.analyses.lifecycle_results import BEST, DO_NOT, charges_of
from prismlib.analyses.lifecycle_set_findings import split_words
from prismlib.findings import Finding
from prismlib.formats import count, day, money
from prismlib.money import exact_sum
from prismlib.tables import records

UNKNOWN = "Nothing is simulated, so no size of object is known from which a move pays."


def headline(results: LifecycleResults, findings: Sequence[Finding]) -> str:
    """Return the few lines of plain text that a notebook keeps as its checked output."""
    verdicts = [str(f.verdict) for f in findings]
    counts = [f"{verdicts.count(word)} {word}" for word in sorted(set(verdicts))]
    lines = ["month       unknown"]
    if results.baseline is not None:
        cost = money(results.baseline.monthly_costs[0], results.currency, decimals=2)
        left = () if results.held is None else results.held.unpriced
        words = f" without {listed(list(left))}, which has no price" if left else ""
        lines = [f"month       {cost} as it is{words}"]
        for row in records(results.outcomes):
            year = money(row["first_year_effect"], results.currency, decimals=2)
            lines.append(f"{row['advice']:<11} {row['policy_name']}: {year} in the first year")
    return "\n".join([*lines, f"findings    {', '.join(counts)}"])


def unknown_words(results: LifecycleResults) -> str:
    """Return why nothing can be simulated."""
    return f"Nothing can be simulated: {listed(list(results.missing))} not known."


def basis(inputs: LifecycleInputs, results: LifecycleResults, settings: LifecycleSettings) -> str:
    """Return what is simulated, and what is assumed."""
    held, horizon = results.held, results.horizon
    if held is None or horizon is None:
        return unknown_words(results)
    where = {
        "inventory": "the table of sizes and ages",
        "metrics": "the bytes of each class in CloudWatch",
        "stated": "what is stated",
    }
    if inputs.objects_source:
        where["inventory"] += f" ({inputs.objects_source})"
    if inputs.are_objects_synthetic:
        where["inventory"] = "a synthetic table of sizes and ages"
    gigabyte = "decimal" if results.terms.bytes_per_gb == 10**9 else "binary"
    start = horizon.start
    words = (
        f"**{held.name}** in {held.region_id}: {count(held.stored_objects)} objects of "
        f"{bytes_words(held.mean_bytes)} on average, from {where[held.origin]}, as known on "
        f"{day(inputs.as_of)}. {counted(len(horizon.month_days), 'month')} are simulated from "
        f"{day(start)} on, in {gigabyte} gigabytes, with "
        f"{count(settings.reads_per_month)} reads of each object in 30 days and "
        f"{count(settings.new_gb_per_month)} GB of new data a month."
    )
    return " ".join([words, *held.notes, *_speed_words(results, settings)])


def _speed_words(results: LifecycleResults, settings: LifecycleSettings) -> Iterator[str]:
    """Yield at which speed archived objects are restored where it is not the one that is set."""
    if settings.restore_speed != EXPEDITED:
        return
    if results.terms.restore_speed != EXPEDITED:
        yield (
            "Expedited restores are for small objects only and some here are larger: time and "
            "price of a restore are those of a standard one."
        )
    else:
        yield "Deep Archive has no expedited restore: a standard one is taken there."


def case_names(results: LifecycleResults) -> dict[str, str]:
    """Return what a legend says for each set of rules: its name and whether it is advised."""
    return {
        row["policy_name"]: f"{row['policy_name']} ({row['advice']})"
        for row in records(results.outcomes)
        if row["whole_effect"] is not None
    }


def cost_title(results: LifecycleResults) -> str:
    """Return what the chart of monthly costs shows, as a sentence."""
    rows = [row for row in records(results.months) if row["net_effect"] < 0]
    if rows:
        worst = min(rows, key=lambda row: row["net_effect"])
        return (
            f"{worst['policy_name']} costs {usd(-worst['net_effect'])} more in "
            f"month {worst['month_number']} than it saves"
        )
    return "What a month costs, as it is and under each set of rules"


def saving_title(results: LifecycleResults) -> str:
    """Return what the chart of savings shows, as a sentence."""
    rows = records(results.outcomes)
    best = next((row for row in rows if row["policy_name"] == BEST), None)
    if best is None:
        return "What each set of rules has saved since the start, net"
    against = [row["policy_name"] for row in rows if row["advice"] == DO_NOT]
    words = f"The best allowed rules save {usd(best['whole_effect'])} in "
    words += f"{counted(len(results.months[results.months['policy_name'] == BEST]), 'month')}"
    return words + (f"; {listed(against)} must not be applied" if against else "")


def saving_sentence(results: LifecycleResults) -> str:
    """Return how the sets of rules compare."""
    if results.baseline is None:
        return unknown_words(results)
    parts = [
        f"As it is, the bucket costs {usd(results.baseline.total_cost)} in "
        f"{counted(len(results.baseline.monthly_costs), 'month')}."
    ]
    for row in records(results.outcomes):
        if row["whole_effect"] is None:
            parts.append(f"**{row['policy_name']}**: unknown; {row['note']}.")
            continue
        quarter, year = usd(row["first_quarter_effect"]), usd(row["first_year_effect"])
        parts.append(
            f"**{row['policy_name']}**: {quarter} in the first quarter, {year} in the first year"
            f"{_deleting_words(row)}."
        )
    return " ".join(parts)


def _deleting_words(row: dict[str, Any]) -> str:
    parts = split_words(row)
    return f"; over all months{parts.removeprefix(',')}" if parts else ""


def check_sentence(results: LifecycleResults) -> str:
    """Return which rules must not be applied, and why."""
    if results.baseline is None:
        return unknown_words(results)
    known = [*results.unpriced, *results.cases]
    refused = [case for case in known if not case.is_allowed]
    if not known:
        return "Nobody proposes rules for this bucket."
    if not refused:
        return "No proposed set of rules is refused."
    parts = [
        f"**{case.name} must not be applied.** {' '.join(c.statement for c in case.refusals)}"
        for case in refused
    ]
    return "\n\n".join(parts)


def best_sentence(results: LifecycleResults) -> str:
    """Return what the best rules are, or why there are none."""
    if results.baseline is None:
        return unknown_words(results)
    if results.best is None:
        return "**Do nothing.** No allowed set of rules saves a percent of the cost."
    words = f"**{policy_words(results, results.best)}.** {deleted_words(results.best)} "
    words += f"{limit_words(results)} Measure how often objects are read first."
    words += " To put a configuration replaces every rule that the bucket has"
    if results.held is not None and results.held.policy is None:
        return words + ", and which those are is not known here: add them first."
    return words + "; what those do besides moving current objects is kept in it."


def configuration(results: LifecycleResults) -> str:
    """Return the lifecycle configuration of the best rules, as S3 takes it; empty if none."""
    if results.best is None:
        return ""
    return json.dumps(to_configuration(results.best.policy), indent=2)


def claim_title(results: LifecycleResults) -> str:
    """Return what the chart of claims shows, as a sentence."""
    rows = [row for row in records(results.outcomes) if row["flat_effect"] is not None]
    if not rows:
        return "A year by prices alone, and a simulated year"
    gap = max(rows, key=lambda row: row["flat_effect"] * 12 - row["first_year_effect"])
    amount = usd(gap["flat_effect"] * 12 - gap["first_year_effect"])
    return f"Prices alone claim {amount} too much for the first year of {gap['policy_name']}"


def fee_sentence(results: LifecycleResults) -> str:
    """Return what part of the cost under each set of rules is no storage."""
    parts = []
    for case in results.all_cases:
        costs = charges_of(case.simulation)
        fees = exact_sum(cost for name, cost in costs.items() if name != "storage")
        parts.append(f"{case.name} {money(fees, results.currency, decimals=2)}")
    if not parts:
        return "No set of rules is there to be compared."
    return (
        "Over all months, everything that is not storage (moves, monitoring, retrieval, what S3 "
        f"adds, what leaves too early) comes to: {'; '.join(parts)}."
    )


def size_sentence(found: Sequence[Finding]) -> str:
    """Return from which size of object a move pays."""
    words = [f.statement for f in found if f.id == "lifecycle.break_even_size"]
    return " ".join(words) or UNKNOWN


def size_title(results: LifecycleResults) -> str:
    """Return what the chart of payback shows, as a sentence."""
    rows = [row for row in records(results.move_cases) if row["payback_months"]]
    if not rows:
        return "At this rate of reads no move pays back"
    slowest = max(rows, key=lambda row: row["payback_months"])
    months = count(round(slowest["payback_months"], 1))
    return (
        f"In objects of {bytes_words(slowest['object_bytes'])} a move to {slowest['class_title']} "
        f"takes {months} months to pay back"
    )


def read_sentence(found: Sequence[Finding]) -> str:
    """Return what is known of reads."""
    words = [f.statement for f in found if f.id == "lifecycle.reads"]
    return " ".join(words) or "Without rules that save there is no rate of reads to mind."


def read_title(results: LifecycleResults) -> str:
    """Return what the chart of reads shows, as a sentence."""
    rows = records(results.reads)
    losing = [row for row in rows if row["policy_name"] == BEST and row["first_year_effect"] < 0]
    if losing:
        first = min(losing, key=lambda row: row["object_reads"])
        return (
            f"At {counted(first['object_reads'], 'read')} of each object a month the best rules "
            f"lose {usd(-first['first_year_effect'])} in a year"
        )
    return "What each set of rules saves in a year, by how often objects are read"


def price_words(inputs: LifecycleInputs, results: LifecycleResults) -> str:
    """Return how old the prices are."""
    held = results.held
    region = "" if held is None else held.region_id
    dates: list[date] = [
        row["valid_from"]
        for row in records(inputs.prices)
        if row["region_id"] == region and row["valid_from"] is not None
    ]
    if not dates:
        where = region or "the region of the bucket, which is not known"
        return f"The price table carries no price of storage for {where}."
    words = f"Prices of storage were read between {day(min(dates))} and {day(max(dates))}"
    if max(dates) > inputs.as_of:
        words += ", some of them after the day of the snapshot"
    return words + "."
