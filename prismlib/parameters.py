"""What each notebook parameter may be, checked before anything runs.

papermill hands any value to any notebook and only warns about an unknown name. `validate` is
called by the report before the first notebook starts and by each notebook's set-up cell, so a bad
value fails in the same words everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from prismlib.errors import ParameterError
from prismlib.periods import Period
from prismlib.tables import COST_METRICS

BASELINES = ("auto", "estimate", "previous_month", "none")
ACTUALS = ("auto", "bill", "statement")
GROUPINGS = ("component", "service", "usage_type", "account", "region")
"""By what a bill is split first."""
CROSSINGS = ("auto", "measured", "as_built", "stated")
"""Where the share of traffic that crosses zones is taken from; a percentage is given as text."""
GIGABYTES = ("auto", "decimal", "binary")
SMALL_OBJECTS = ("all_storage_classes_128K", "varies_by_storage_class")
"""What S3 does with objects under 128 KB where a lifecycle rule gives no size."""
LONGEST_LINE = 200
"""Letters of a text that a parameter gives."""
RESTORE_SPEEDS = ("expedited", "standard", "bulk")


def _month(value: object) -> bool:
    try:
        return value == "" or bool(Period.month(str(value)))
    except ParameterError:
        return False


def _day(value: object) -> bool:
    try:
        return value == "" or date.fromisoformat(str(value)).isoformat() == value
    except ValueError:
        return False


def _line(value: object) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_LINE and "\n" not in value


def _between(low: float, high: float) -> Callable[[object], bool]:
    def inside(value: object) -> bool:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return is_number and low <= float(value) <= high  # type: ignore[arg-type]

    return inside


def _crossing(value: object) -> bool:
    if value in CROSSINGS:
        return True
    is_number = isinstance(value, str) and re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,12})?", value)
    return bool(is_number) and Decimal(str(value)) <= Decimal(100)


def _whole(low: int, high: int) -> Callable[[object], bool]:
    return lambda v: isinstance(v, int) and not isinstance(v, bool) and low <= v <= high


def _percentile(value: object) -> bool:
    found = isinstance(value, str) and re.fullmatch(r"p([0-9]{1,2}(\.[0-9]{1,4})?)", value)
    return bool(found) and Decimal(str(value)[1:]) > 0


def _one_of(*words: str) -> tuple[Callable[[object], bool], str]:
    return (lambda value: value in words), "one of " + ", ".join(words)


_HOURS = (_between(0, 1e6), "a number of hours, 0 or more")
_WAGE = (_between(0, 1e5), "US dollars an hour, 0 or more")
_GRAVITON: dict[str, tuple[Callable[[object], bool], str]] = {
    "generation": _one_of("Graviton2", "Graviton3", "Graviton4"),
    "fleet_count": _one_of("expected", "deployed"),
    "reserved_as": _one_of(
        *("on demand", "standard RI", "convertible RI"),
        *("EC2 instance savings plan", "compute savings plan"),
    ),
    "term_years": (lambda v: v in (1, 3) and not isinstance(v, bool), "1 or 3"),
    "payment": _one_of("no upfront", "partial upfront", "all upfront"),
    "commitment_end": (_day, 'a day such as 2026-10-01, or "" for the latest possible'),
    "missing_rates": _one_of("unknown", "on_demand_ratio"),
    "workload": _one_of("auto", "redis", "web", "compute"),
    "sized_by": _one_of("auto", "memory", "cpu"),
    "scope_name": _one_of("size", "family"),
    "single_run_cv_pct": (_between(0.1, 100), "a percentage from 0.1 to 100"),
    "draws": (_whole(100, 1_000_000), "a whole number from 100 to 1000000"),
    "seed": (_whole(0, 2**32), "a whole number, 0 or more"),
    "start": (_day, 'a day such as 2026-01-01, or "" for the day of the snapshot'),
    "horizon_months": (_whole(1, 120), "a whole number of months from 1 to 120"),
    "share_per_month_pct": (_between(1, 100), "a percentage from 1 to 100"),
    "parallel_days": (_whole(0, 365), "a whole number of days from 0 to 365"),
    "test_usd": (_between(0, 1e9), "US dollars, 0 or more"),
    "discount_rate_pct": (_between(-50, 1000), "a percentage from -50 to 1000"),
    "platform_hours_once": _HOURS,
    "platform_hours_per_line": _HOURS,
    "platform_usd_per_hour": _WAGE,
    "developer_hours_once": _HOURS,
    "developer_hours_per_line": _HOURS,
    "developer_usd_per_hour": _WAGE,
    "tester_hours_once": _HOURS,
    "tester_hours_per_line": _HOURS,
    "tester_usd_per_hour": _WAGE,
}
"""What the parameters of ``graviton_savings`` may be."""

_RULES: dict[str, tuple[Callable[[object], bool], str]] = {
    "snapshot": (lambda v: isinstance(v, str) and v != "", "the folder of a snapshot"),
    "period": (_month, 'a month such as 2025-10, or "" for the month of the snapshot'),
    "as_of": (_day, 'a day such as 2025-11-16, or "" for the day of the snapshot'),
    "baseline": (lambda v: v in BASELINES, "one of " + ", ".join(BASELINES)),
    "actuals": (lambda v: v in ACTUALS, "one of " + ", ".join(ACTUALS)),
    "cost_metric": (
        lambda v: v in ("auto", *COST_METRICS),
        "auto or one of " + ", ".join(COST_METRICS),
    ),
    "grouping": _one_of(*GROUPINGS),
    "opened": (
        lambda v: isinstance(v, str),
        'names of groups, the outer first: "Redis > Amazon EC2"',
    ),
    "tolerance_pct": (_between(0, 1000), "a percentage from 0 to 1000"),
    "limit_pct": (_between(0, 1000), "a percentage from 0 to 1000"),
    "material_amount": (_between(0, 1e15), "an amount of money, 0 or more"),
    "material_pct": (_between(0, 1000), "a percentage from 0 to 1000"),
    "confidence_pct": (_between(50, 99.9), "a percentage from 50 to 99.9"),
    "crossing": (_crossing, f"one of {', '.join(CROSSINGS)}, or a percentage such as 12.5"),
    "total_gb_per_s": (_between(0, 1e9), "GB/s, or 0 for the rate of the snapshot"),
    "zones": (_whole(0, 12), "a number of zones, or 0 for that of the snapshot"),
    "days_per_month": (_between(0, 31), "days, or 0 for those of the snapshot"),
    "failed_pct": (_between(0, 100), "a percentage, or 0 for traffic that is spread at random"),
    "incident_hours": (_between(0, 8784), "hours, 0 to those of a year"),
    "alarm_periods": (_whole(1, 1000), "a number of periods, 1 or more"),
    "reads_pct": (_between(0, 100), "a percentage from 0 to 100"),
    "hint_effectiveness_pct": (_between(0, 100), "a percentage from 0 to 100"),
    "compression_ratio": (_between(1, 100), "1 or more: size before / size after"),
    "compression_gb_per_core_s": (_between(0.001, 100), "GB/s that a core compresses and expands"),
    "balancer_gb_per_month": (_between(0, 1e12), "GB a month, or 0 where it is not known"),
    "bucket": (lambda v: isinstance(v, str), 'the name of a bucket, or "" for the largest'),
    "region": (lambda v: isinstance(v, str), 'a region, or "" for that of the bucket'),
    "months": (_whole(12, 120), "a number of months, 12 to 120"),
    "reads_per_month": (_between(0, 1e6), "reads of an object in 30 days, 0 or more"),
    "returned_pct": (_between(0, 100), "a percentage from 0 to 100"),
    "new_gb_per_month": (_between(0, 1e12), "GB a month, 0 or more"),
    "slo_ms": (_between(0, 1e9), "milliseconds, or 0 for what the snapshot says"),
    "gigabyte": (lambda v: v in GIGABYTES, "one of " + ", ".join(GIGABYTES)),
    "small_objects": (lambda v: v in SMALL_OBJECTS, "one of " + ", ".join(SMALL_OBJECTS)),
    "restore_speed": (lambda v: v in RESTORE_SPEEDS, "one of " + ", ".join(RESTORE_SPEEDS)),
    "copy_days": (_whole(1, 365), "a number of days, 1 to 365"),
    "retrieval_budget_per_month": (_between(0, 1e15), "an amount of money, or 0 for no limit"),
    "allow_one_zone": (lambda v: isinstance(v, bool), "True or False"),
    "budget_per_month": (_between(0, 1e15), "an amount of money, or 0 for the stated target"),
    "drill": (lambda v: isinstance(v, str), 'the id of a drill, or "" for the latest failover'),
    "target_minutes": (_between(0, 1e6), "minutes, or 0 for the stated target"),
    "limit_minutes": (_between(0, 1e6), "minutes, or 0 for the stated limit"),
    "response_minutes": (_between(0, 1e6), "minutes, or 0 for the stated response time"),
    "step_spread": (_between(1, 100), "a factor of 1 or more"),
    "step_minutes": (lambda v: isinstance(v, str), "minutes by step, such as load=12, dns=0.5"),
    "waits_for": (lambda v: isinstance(v, str), "steps by step, such as load=command|copy"),
    "left_out": (lambda v: isinstance(v, str), 'ids of steps, "none", or "" for those of the log'),
    "policy": (lambda v: isinstance(v, str), 'a lifecycle configuration as JSON, or "" for none'),
    "rules": (lambda v: isinstance(v, str), 'the name of a set of rules, or "" for a complete one'),
    "launch": (_day, 'a day such as 2025-12-09, or "" for the latest stated one'),
    "bounds": (lambda v: isinstance(v, str), "bounds by criterion, such as recovery=12..15"),
    "measures": (lambda v: isinstance(v, str), "figures by criterion, such as recovery=7.5"),
    "waive": (lambda v: isinstance(v, str), "ids of items, such as gap.1, security.2"),
    "waive_owner": (_line, "who accepts the risk, in a line"),
    "waive_reason": (_line, "why the risk is accepted, in a line"),
    "waive_until": (_day, 'the last day of the waiver such as 2026-01-31, or ""'),
    "country": (lambda v: isinstance(v, str), 'a country of the holidays, or "" for none'),
    "hours_per_day": (_between(1, 24), "hours from 1 to 24"),
    "task_spread": (_between(1, 100), "a factor of 1 or more"),
    "benchmarks": (lambda v: isinstance(v, str), 'a folder, or "" for those of the snapshot'),
    "valid_days": (_between(0, 3660), "a number of days, or 0 for what is documented"),
    "slo_targets": (lambda v: isinstance(v, str), "targets by objective, such as hot_p99=0.7"),
    "compared_statistic": (_percentile, "a percentile such as p99 or p99.9"),
    **_GRAVITON,
}


def validate(name: str, value: object) -> None:
    """Raise `ParameterError` if `value` is not usable for the parameter `name`.

    A name without a rule passes: whether a notebook knows it is the caller's check.
    """
    if name in _RULES:
        is_usable, expected = _RULES[name]
        if not is_usable(value):
            raise ParameterError(name, value, expected=expected)


def validate_all(**values: object) -> None:
    """Validate several parameters, and the order of the two tolerance bands."""
    for name, value in values.items():
        validate(name, value)
    tolerance, limit = values.get("tolerance_pct"), values.get("limit_pct")
    if tolerance is not None and limit is not None and not tolerance <= limit:  # type: ignore[operator]
        raise ParameterError("limit_pct", limit, expected=f"at least tolerance_pct ({tolerance})")


def period_or(text: str, default: Period) -> Period:
    """Return the month a parameter names, or `default` for the empty text."""
    return Period.month(text) if text else default


def day_or(text: str, default: date) -> date:
    """Return the day a parameter names, or `default` for the empty text."""
    validate("as_of", text)
    return date.fromisoformat(text) if text else default
