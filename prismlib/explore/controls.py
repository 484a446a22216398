"""The controls of a panel: what may be set, in which unit, from which value it starts.

The name of a control is that of the notebook's parameter, and its default the value that the
notebook was run with, so that a panel opens where the page stands. Where several controls make up
one parameter, a panel's `fold` puts their values together.

Two sliders of which one is never above the other push each other: `Slider.not_above` says so once,
and `pushed` moves the other one along.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, ClassVar


@dataclass(frozen=True)
class Slider:
    """A number in a range.

    Parameters
    ----------
    name, label : str
    default, low, high, step : int or float
        Whole numbers throughout give a whole number; a default outside the range widens it.
    unit : str
        Such as ``%``, ``USD/h`` or ``zones``; "" only for a factor.
    zero : str
        What a value of zero means, where it is no number: "as in the snapshot".
    help : str
        A sentence below the control.
    group : str
        The heading under which it stands; controls of a group follow each other.
    not_above : str
        The name of the slider whose value is never below that of this one.
    """

    name: str
    label: str
    default: float
    low: float
    high: float
    step: float = 1
    unit: str = ""
    zero: str = ""
    help: str = ""
    group: str = ""
    not_above: str = ""
    clears: ClassVar[tuple[str, ...]] = ()

    def value(self, given: Any) -> float:
        """Return a value of the type of the parameter."""
        if isinstance(self.default, int) and isinstance(self.step, int):
            return int(given)
        return float(given)

    def spec(self) -> dict[str, Any]:
        """Return what the screen needs to draw it."""
        low, high, step = self._reach()
        return {**asdict(replace(self, low=low, high=high, step=step)), "kind": "slider"}

    def _reach(self) -> tuple[float, float, float]:
        """Return its ends and its step, such that its default is on the way."""
        low, high = min(self.low, self.default), max(self.high, self.default)
        on_grid = (Decimal(str(self.default)) - Decimal(str(low))) % Decimal(str(self.step)) == 0
        return low, high, self.step if on_grid else min(self.step, _last_digit(self.default))

    def taken_to(self, wanted: float, rounding: str) -> float:
        """Return the value at `wanted` or, by its steps and ends, beside it."""
        low, high, step = (Decimal(str(number)) for number in self._reach())
        steps = ((Decimal(str(wanted)) - low) / step).to_integral_value(rounding)
        return self.value(min(max(low + steps * step, low), high))

    def is_set(self, value: float) -> bool:
        """Return whether a value is a number, and not what `zero` stands for."""
        return value != 0 or not self.zero


def _last_digit(number: float) -> float:
    """Return the weight of a number's last digit: 0.01 of 2.25."""
    exponent = Decimal(str(number)).normalize().as_tuple().exponent
    return float(Decimal(1).scaleb(min(int(exponent), 0)))


@dataclass(frozen=True)
class Choice:
    """One of a few words; `options` maps a value to how it is shown.

    `clears` names controls that mean nothing under another choice: they go back to the empty text.
    """

    name: str
    label: str
    default: str | int
    options: Mapping[str, str] | Mapping[int, str]
    help: str = ""
    group: str = ""
    clears: tuple[str, ...] = ()

    def value(self, given: Any) -> str | int:
        """Return a value of the type of the parameter."""
        return type(self.default)(given)

    def spec(self) -> dict[str, Any]:
        """Return what the screen needs to draw it; a default of one's own is an option too."""
        options = {str(value): shown for value, shown in self.options.items()}
        options.setdefault(str(self.default), str(self.default))
        spec = {**asdict(self), "options": list(options.items()), "default": str(self.default)}
        return {**spec, "kind": "choice"}


@dataclass(frozen=True)
class Toggle:
    """Yes or no."""

    name: str
    label: str
    default: bool
    help: str = ""
    group: str = ""
    clears: ClassVar[tuple[str, ...]] = ()

    def value(self, given: Any) -> bool:
        """Return a value of the type of the parameter."""
        return bool(given)

    def spec(self) -> dict[str, Any]:
        """Return what the screen needs to draw it."""
        return {**asdict(self), "kind": "toggle"}


@dataclass(frozen=True)
class Text:
    """A line of text, or several lines where `rows` is more than one."""

    name: str
    label: str
    default: str
    rows: int = 1
    unit: str = ""
    help: str = ""
    group: str = ""
    clears: ClassVar[tuple[str, ...]] = ()

    def value(self, given: Any) -> str:
        """Return a value of the type of the parameter."""
        return str(given)

    def spec(self) -> dict[str, Any]:
        """Return what the screen needs to draw it."""
        return {**asdict(self), "kind": "text"}


@dataclass(frozen=True)
class Place:
    """Where in a chart the reader is; it has no input of its own: bars and trails set it."""

    name: str
    label: str
    default: str
    clears: ClassVar[tuple[str, ...]] = ()

    def value(self, given: Any) -> str:
        """Return a value of the type of the parameter."""
        return str(given)

    def spec(self) -> dict[str, Any]:
        """Return what the screen needs to keep it."""
        return {**asdict(self), "kind": "place"}


Control = Slider | Choice | Toggle | Text | Place


def pushed(
    controls: Mapping[str, Control], values: Mapping[str, Any], moved: Collection[str]
) -> dict[str, Any]:
    """Return `values` with each slider that another one was moved past taken along.

    Where it cannot go so far, the one that was moved stops with it.
    """
    found = dict(values)
    for lower in controls.values():
        upper = controls.get(lower.not_above) if isinstance(lower, Slider) else None
        if not isinstance(lower, Slider) or not isinstance(upper, Slider):
            continue
        low, high = found[lower.name], found[upper.name]
        if low <= high or not (lower.is_set(low) and upper.is_set(high)):
            continue
        if lower.name in moved:
            found[upper.name] = upper.taken_to(low, ROUND_CEILING)
            found[lower.name] = min(low, lower.value(found[upper.name]))
        else:
            found[lower.name] = lower.taken_to(high, ROUND_FLOOR)
            found[upper.name] = max(high, upper.value(found[lower.name]))
    return found
