"""Parameters that set several things at once: ``hot_p99=0.7, cold_p50=12``.

A parameter of a notebook is one value. Where it sets figures of rows of a table, it names each row
by its id and gives the figure behind ``=``; the pairs are set apart by commas.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal, InvalidOperation

from prismlib.errors import ParameterError

MOST = Decimal(10**12)
"""More than any figure of a launch, a drill or a service; what is larger is a slip of the hand."""


def names_in(parameter: str, text: str, known: Collection[str]) -> tuple[str, ...]:
    """Return the names of a list such as ``gap.1, gap.2``, each once.

    Raises
    ------
    ParameterError
        A name is none of `known`.
    """
    found = tuple(dict.fromkeys(name for part in text.split(",") if (name := part.strip())))
    for name in found:
        _check(parameter, name, known)
    return found


def assigned(parameter: str, text: str, known: Collection[str]) -> dict[str, str]:
    """Return what a text such as ``hot_p99=0.7, cold_p50=12`` sets, by name.

    Raises
    ------
    ParameterError
        A part is no assignment, a name is none of `known` or stands there twice.
    """
    found: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, sign, value = (word.strip() for word in part.partition("="))
        if not sign or not value or name in found:
            raise ParameterError(parameter, part, expected="name=value, each name once")
        _check(parameter, name, known)
        found[name] = value
    return found


def numbers(parameter: str, text: str, known: Collection[str]) -> dict[str, Decimal]:
    """Return what a text sets where every value is a number.

    Raises
    ------
    ParameterError
        As for `assigned`, or a value is no number.
    """
    return {n: number(parameter, v) for n, v in assigned(parameter, text, known).items()}


def number(parameter: str, text: str) -> Decimal:
    """Return a number that a parameter names.

    Raises
    ------
    ParameterError
        It is none.
    """
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("nan")
    if not value.is_finite():
        raise ParameterError(parameter, text, expected="a number such as 0.75")
    if abs(value) > MOST:
        raise ParameterError(parameter, text, expected=f"a number up to {MOST:,}")
    return value


def joined(values: Mapping[str, object]) -> str:
    """Return the text that sets `values`; the reverse of `assigned`."""
    return ", ".join(f"{name}={value}" for name, value in values.items())


def _check(parameter: str, name: str, known: Collection[str]) -> None:
    if name not in known:
        names = ", ".join(known) or "none: the snapshot has no such rows"
        raise ParameterError(parameter, name, expected=f"one of {names}")
