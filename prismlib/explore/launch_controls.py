"""The controls of the panel on the launch, and what they say of each criterion.

A figure or a bound that stands where the snapshot has it is not assumed, so it is in no parameter:
a slider begins there, at the middle where the figure is a range.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from prismlib.analyses.launch_changes import BETWEEN, COUNTED, has_bounds
from prismlib.analyses.launch_evidence import Item
from prismlib.analyses.launch_rules import FALLING
from prismlib.analyses.launch_standing import Judged
from prismlib.analyses.launch_vocabulary import SIGNED, is_yes_or_no
from prismlib.analyses.launch_words import bounds_words, measure_words
from prismlib.explore.controls import Choice, Control, Slider, Text, Toggle

BOUNDS, MEASURES, WAIVE = "bounds", "measures", "waive"
"""Begin the names of the controls; behind them stands the id of a criterion or an item."""
FIGURES, LIMITS, WAIVERS, LAUNCH = "What is measured", "Bounds", "Waivers", "Launch"
PASS_SIDE, FAIL_SIDE = "pass", "fail"
FINENESS = Decimal("0.05")
"""A step of a slider is at most such a share of the bound."""
BEYOND = 3
"""A slider reaches to so many times the largest of its figure and bounds."""
HUNDRED = Decimal(100)


def name_of(kind: str, *ids: str) -> str:
    """Return the name of a control."""
    return "|".join((kind, *ids))


@dataclass(frozen=True)
class CriterionControls:
    """A criterion as the snapshot has it, and what the run of the notebook assumed of it.

    `given_figure` and `given_bounds` are the texts of its parameters, empty for nothing assumed.
    """

    judged: Judged
    given_figure: str
    given_bounds: str

    @property
    def id(self) -> str:
        """Return the id of the criterion."""
        return self.judged.criterion.criterion_id

    @property
    def _row(self) -> Mapping[str, Any]:
        return self.judged.criterion.row

    @property
    def _unit(self) -> str:
        return str(self._row["unit"])

    @cached_property
    def _step(self) -> Decimal:
        """Return a power of ten, a small share of a bound; whole where things are counted."""
        held = [bound for bound in self._held if bound]
        if self._row["measure_name"] in COUNTED or not held:
            return Decimal(1)
        return Decimal(1).scaleb((held[0] * FINENESS).adjusted())

    @property
    def _held(self) -> tuple[Decimal | None, Decimal | None]:
        return self._row["go_value"], self._row["no_go_value"]

    @cached_property
    def _seen(self) -> Decimal | None:
        """Return where the slider of the figure begins; None where no end of it is known."""
        low, high = self.judged.seen.low, self.judged.seen.high
        ends = [end for end in (low, high) if end is not None]
        if not ends:
            return None
        return (sum(ends, Decimal(0)) / len(ends)).quantize(self._step)

    @cached_property
    def _highest(self) -> Decimal:
        if self._unit == "%" and self._row["measure_name"] not in SIGNED:
            return HUNDRED
        known = [value for value in (self._seen, *self._held) if value is not None]
        return max(max(known, default=Decimal(0)) * BEYOND, 10 * self._step)

    def figure(self) -> Control:
        """Return the control of its figure."""
        name, label = name_of(MEASURES, self.id), self.judged.criterion.name
        seen = f"As measured: {measure_words(self.judged.seen, self._unit)}."
        if is_yes_or_no(self.judged.criterion):
            options = {"": "as measured", "1": "yes", "0": "no"}
            return Choice(name, label, self.given_figure, options, help=seen, group=FIGURES)
        if self._seen is None:
            help_ = f"{seen} Empty: as measured."
            return Text(name, label, self.given_figure, unit=self._unit, help=help_, group=FIGURES)
        low = -HUNDRED if self._row["measure_name"] in SIGNED else Decimal(0)
        return self._slider(name, label, Decimal(self.given_figure or self._seen), low, seen)

    def _slider(
        self, name: str, label: str, default: Decimal, low: Decimal, help_: str, **more: str
    ) -> Slider:
        first, least, most, step = (
            _number(one, self._step) for one in (default, low, self._highest, self._step)
        )
        group = FIGURES if name.startswith(MEASURES) else LIMITS
        shared: dict[str, Any] = {"unit": self._unit, "help": help_, "group": group, **more}
        return Slider(name, label, first, least, most, step, **shared)

    def bounds(self) -> Iterator[Slider]:
        """Yield the controls of its bounds; none where they cannot be moved."""
        if not has_bounds(self.judged.criterion):
            return
        go, no_go = self._given_bounds()
        help_ = f"As set: {bounds_words(self.judged.criterion, self._held)}."
        lower, upper = (PASS_SIDE, FAIL_SIDE) if self._is_falling else (FAIL_SIDE, PASS_SIDE)
        for side, bound in ((PASS_SIDE, go), (FAIL_SIDE, no_go)):
            if bound is not None:
                name, label = self._bound(side), f"{self.judged.criterion.name}: {self._word(side)}"
                said = help_ if side == PASS_SIDE else ""
                above = self._bound(upper) if side == lower else ""
                yield self._slider(name, label, bound, Decimal(0), said, not_above=above)

    def _bound(self, side: str) -> str:
        """Return the name of the control of a bound."""
        return name_of(BOUNDS, self.id, side)

    @property
    def _is_falling(self) -> bool:
        """Return whether less is better."""
        return str(self._row["compared_as"]) in FALLING

    def _word(self, side: str) -> str:
        if side == PASS_SIDE:
            return f"GO if {self._row['compared_as']}"
        return "NO-GO above" if self._is_falling else "NO-GO below"

    def _given_bounds(self) -> tuple[Decimal | None, Decimal | None]:
        if not self.given_bounds:
            return self._held
        first, between, last = self.given_bounds.partition(BETWEEN)
        return Decimal(first), Decimal(last) if between else self._row["no_go_value"]

    def figure_in(self, values: Mapping[str, Any]) -> str:
        """Return the figure that the controls assume; empty where it is the one that is known."""
        value = values.get(name_of(MEASURES, self.id), "")
        text = str(value).strip()
        if not text or isinstance(value, str):
            return text
        taken = _text(Decimal(text))
        if self._seen is None or Decimal(text) != self._seen:
            return taken
        return taken if self.given_figure and Decimal(self.given_figure) == self._seen else ""

    def bounds_in(self, values: Mapping[str, Any]) -> str:
        """Return the bounds that the controls set; empty where they are those of the snapshot."""
        go, no_go = (values.get(self._bound(side)) for side in (PASS_SIDE, FAIL_SIDE))
        found = tuple(None if one is None else Decimal(str(one)) for one in (go, no_go))
        if found[0] is None or found == self._held:
            return ""
        return BETWEEN.join(_text(bound) for bound in found if bound is not None)


def _number(value: Decimal, step: Decimal) -> float:
    """Return a number for a slider: whole where its steps are, so that it gives whole ones."""
    return int(value) if step % 1 == 0 and value % 1 == 0 else float(value)


def _text(value: Decimal) -> str:
    return f"{value.normalize():f}"


def waivers(
    ids: Collection[str], items: Mapping[str, Item], passed: Mapping[str, Any]
) -> Iterator[Control]:
    """Yield who accepts which risk until when, and a toggle for each thing that is open."""
    given = {name.strip() for name in passed[WAIVE].split(",")}
    help_ = "Without an owner, a reason and an end a waiver does not count."
    yield Text("waive_owner", "Owner", passed["waive_owner"], help=help_, group=WAIVERS)
    yield Text("waive_reason", "Reason", passed["waive_reason"], group=WAIVERS)
    day = "A day such as 2026-01-31."
    yield Text("waive_until", "Last day", passed["waive_until"], help=day, group=WAIVERS)
    for name in ids:
        item = items.get(name)
        said = f"{name} {item.name} ({item.row['severity']})" if item is not None else name
        yield Toggle(name_of(WAIVE, name), said, name in given, group=WAIVERS)


def others(sets: Collection[str], passed: Mapping[str, Any]) -> Iterator[Control]:
    """Yield the set of rules and the launch day."""
    options = {"": "the first that is complete", **{name: name for name in sets}}
    yield Choice("rules", "Rules that decide", passed["rules"], options, group=LAUNCH)
    help_ = "A day such as 2025-12-09; empty for the latest that is stated."
    yield Text("launch", "Launch day", passed["launch"], help=help_, group=LAUNCH)
