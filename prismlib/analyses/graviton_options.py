"""What each line of instances could move to, and what that costs: steps 1 to 3 of the analysis."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from prismlib.analyses.graviton_inputs import GravitonInputs, GravitonSettings
from prismlib.analyses.graviton_lines import AUTO, usage_lines, workload_of
from prismlib.analyses.graviton_rates import Rate, RateBook
from prismlib.analyses.graviton_rules import MOVES, judge_eligibility
from prismlib.analyses.graviton_targets import GENERATIONS, Target, TargetMap
from prismlib.money import divide

CURRENCY = "USD"
GIB_PER_VCPU_OF_MEMORY_SIZED = Decimal(8)
"""Types with as much memory to a vCPU are bought for it: the r and x families."""

Row = dict[str, Any]


def priced_lines(
    inputs: GravitonInputs, settings: GravitonSettings
) -> tuple[list[Row], list[Row], list[Row]]:
    """Return the lines, those that can move, and what these cost in every generation."""
    book, targets = inputs.rate_book.assuming(settings.missing_rates), inputs.target_map
    rows = [
        _judged(row, inputs, settings, (book, targets))
        for row in usage_lines(inputs, settings, book)
    ]
    movable = [row for row in rows if row["eligibility"] in MOVES]
    return rows, movable, [option for row in movable for option in _options(row, book, targets)]


def _judged(
    row: Row,
    inputs: GravitonInputs,
    settings: GravitonSettings,
    lookups: tuple[RateBook, TargetMap],
) -> Row:
    """Return a line with its rate, its cost, its work and whether it can move."""
    book, targets = lookups
    now = book.like_for_like(row, row["instance_type"])
    count = row["instance_count"]
    cost = None
    if now.source is not None and count is not None and row["hours_per_month"] is not None:
        cost = count * row["hours_per_month"] * now.source
    asked = row | {"processor": targets.processor(row), "target": targets.target_word(row)}
    verdict = judge_eligibility(asked, inputs.reference.graviton_rule)
    return row | {
        "rate_basis": now.basis,
        "source_usd_per_hour": now.source,
        "current_cost": cost,
        "workload": workload_of(row, inputs.reference.workload, settings.workload),
        "sized_by": _sized_by(row, book, settings.sized_by),
        "eligibility": verdict.eligibility,
        "migration_effort": verdict.migration_effort,
        "reason": verdict.reason,
        "billing_currency": CURRENCY,
        "note": "; ".join(filter(None, [row["note"], now.note])),
    }


def _sized_by(row: Row, book: RateBook, wanted: str) -> str:
    if wanted != AUTO:
        return wanted
    size = book.size_of(row)
    per_vcpu = None if size is None else divide(size.memory_gib, size.vcpu)
    is_memory = per_vcpu is not None and per_vcpu >= GIB_PER_VCPU_OF_MEMORY_SIZED
    return "memory" if is_memory or row["compute_service"] == "ElastiCache" else "cpu"


PRICED = ("target_usd_per_hour", "price_change_ratio", "target_monthly_cost", "monthly_saving")
"""What an option has only where there is a price on both sides."""


def _options(row: Row, book: RateBook, targets: TargetMap) -> list[Row]:
    """Return a line in each generation; one that no mapping gives it has no type and no price."""
    found = {target.graviton_generation: target for target in targets.targets(row)}
    return [_option(row, name, found.get(name), book) for name in GENERATIONS]


def _option(row: Row, generation: str, target: Target | None, book: RateBook) -> Row:
    kept = ("line_name", "region_id", "rate_basis", "source_usd_per_hour", "current_cost")
    option: Row = {
        **{name: row[name] for name in kept},
        **dict.fromkeys(PRICED),
        **_sizes(book.size_of(row), target.size if target else None),
        "graviton_generation": generation,
        "mapping_name": target.mapping_name if target else "",
        "source_type": row["instance_type"],
        "target_type": target.target_type if target else "",
        "billing_currency": CURRENCY,
        "confidence": "none",
        "note": target.note if target else f"no mapping names a {generation} family",
    }
    is_found = target is not None and target.target_type
    return option | (_priced_option(row, option, book) if is_found else {})


def _priced_option(row: Row, option: Row, book: RateBook) -> Row:
    """Return the rate, the cost and the saving of a line on its target, as far as known."""
    rates = book.like_for_like(row, option["target_type"])
    cost, after = row["current_cost"], None
    if rates.target is not None and cost is not None:
        after = row["instance_count"] * row["hours_per_month"] * rates.target
    ratio = divide(rates.target, rates.source)
    return {
        "target_usd_per_hour": rates.target,
        "price_change_ratio": None if ratio is None else ratio - 1,
        "target_monthly_cost": after,
        "monthly_saving": None if after is None else cost - after,
        "confidence": rates.confidence,
        "note": "; ".join(filter(None, [option["note"], rates.note])),
    }


def _sizes(own: Rate | None, target: Rate | None) -> Row:
    """Return the vCPUs and the memory of both types, as far as they are known."""
    return {
        "vcpu": own.vcpu if own else None,
        "memory_gib": own.memory_gib if own else None,
        "target_vcpu": target.vcpu if target else None,
        "target_memory_gib": target.memory_gib if target else None,
    }
