"""What each notebook parameter may be, checked before anything runs.

papermill hands any value to any notebook and only warns about an unknown name. `validate` is
called by the report before the first notebook starts and by each notebook's set-up cell, so a bad
value fails in the same words everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from prismlib.errors import ParameterError
from prismlib.periods import Period
from prismlib.tables import COST_METRICS

BASELINES = ("auto", "estimate", "previous_month", "none")
ACTUALS = ("auto", "bill", "statement")


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


def _between(low: float, high: float) -> Callable[[object], bool]:
    def inside(value: object) -> bool:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return is_number and low <= float(value) <= high  # type: ignore[arg-type]

    return inside


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
    "tolerance_pct": (_between(0, 1000), "a percentage from 0 to 1000"),
    "limit_pct": (_between(0, 1000), "a percentage from 0 to 1000"),
    "material_amount": (_between(0, 1e15), "an amount of money, 0 or more"),
    "material_pct": (_between(0, 1000), "a percentage from 0 to 1000"),
    "confidence_pct": (_between(50, 99.9), "a percentage from 50 to 99.9"),
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
