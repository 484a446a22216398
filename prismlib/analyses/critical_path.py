"""What gates a recovery: the critical path over steps that wait for each other.

Method. A step starts when all that it waits for have ended (earliest times, forwards) and must end
before anything that waits for it has to start (latest times, backwards from the end of the
recovery). Slack is the time by which a step may be late without delaying the whole; steps without
slack are critical, and the durations along a critical path add up to the recovery time. A what-if
changes steps and computes everything again, since a shorter step may hand the critical path to
another. Durations are exact: seconds as whole numbers, decimals or fractions, never floats.

Known limits. Whether a step *could* run beside another is for the reader to say: nothing here knows
that a database must not be promoted twice. Steps never wait for people or machines that are busy
elsewhere. Where several paths are equally long, `CriticalPath.path` is one of them, and shortening
a step of it alone saves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from graphlib import CycleError, TopologicalSorter

from prismlib.analyses.zone_model import at_least_zero
from prismlib.errors import ParameterError

Seconds = int | Decimal | Fraction
"""A duration, exact."""


@dataclass(frozen=True)
class Step:
    """A step of a recovery.

    Parameters
    ----------
    step_id : str
        Unique among the steps.
    duration_s : int, Decimal or Fraction
        How long it takes once it has started, 0 or more; 0 is a milestone. [s]
    depends_on : tuple of str
        The steps that must have ended before it starts.
    """

    step_id: str
    duration_s: Seconds
    depends_on: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.step_id:
            raise ParameterError("step_id", self.step_id, expected="a name that is not empty")
        check_seconds(f"duration_s of {self.step_id}", self.duration_s)


def check_seconds(name: str, value: Seconds) -> None:
    """Raise `ParameterError` unless `value` is exact, finite and 0 or more."""
    if isinstance(value, float):
        raise ParameterError(name, value, expected="a whole number, a decimal or a fraction")
    at_least_zero(name, value if isinstance(value, Decimal) else Fraction(value))


@dataclass(frozen=True)
class StepTime:
    """When a step can and when it must start and end, in seconds from the start of the recovery."""

    step_id: str
    duration_s: Fraction
    earliest_start_s: Fraction
    earliest_end_s: Fraction
    latest_start_s: Fraction
    latest_end_s: Fraction

    @property
    def slack_s(self) -> Fraction:
        """How much later the step may end without delaying the recovery. [s]"""
        return self.latest_end_s - self.earliest_end_s

    @property
    def is_critical(self) -> bool:
        """Whether the recovery is late as soon as this step is."""
        return self.slack_s == 0


@dataclass(frozen=True)
class CriticalPath:
    """How long a recovery takes and why.

    Attributes
    ----------
    total_s : Fraction
        From the start of the first step to the end of the last. [s]
    steps : tuple of StepTime
        In the order in which they were given.
    path : tuple of str
        A longest chain of steps, each waiting for the one before; milestones included.
    """

    total_s: Fraction
    steps: tuple[StepTime, ...]
    path: tuple[str, ...]


def serial(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Return the steps, each after the one before it, unless any of them names what it waits for.

    A log that names no dependencies only shows that its steps ran in this order.
    """
    if any(step.depends_on for step in steps):
        return tuple(steps)
    return tuple(
        replace(step, depends_on=(steps[n - 1].step_id,) if n else ())
        for n, step in enumerate(steps)
    )


def ordered(
    depends_on: Mapping[str, Iterable[str]], *, column: str = "depends_on", noun: str = "step"
) -> tuple[str, ...]:
    """Return step ids so that each comes after all that it waits for.

    An error calls what is ordered `noun`, and says that it waits by `column`.

    Raises
    ------
    ParameterError
        A step waits for one that does not exist, or for itself, over others or directly.
    """
    for step_id, others in depends_on.items():
        if lacks := [other for other in others if other not in depends_on]:
            raise ParameterError(
                f"{column} of {step_id}",
                ", ".join(lacks),
                expected=f"{noun}s that there are: {', '.join(depends_on)}",
                remedy=f"add the {noun}, or correct its name",
            )
    try:
        return tuple(TopologicalSorter(depends_on).static_order())
    except CycleError as error:
        raise ParameterError(
            column,
            " before ".join(error.args[1]),
            expected=f"{noun}s that can be put in order: none waits for itself",
            remedy="take out one of these dependencies",
        ) from None


def critical_path(steps: Sequence[Step]) -> CriticalPath:
    """Return the earliest and latest times of the steps and a longest path through them.

    Raises
    ------
    ParameterError
        There are no steps, two have the same id, or their dependencies cannot be put in order.
    """
    by_id = _by_id(steps)
    order = ordered({step.step_id: step.depends_on for step in steps})
    ends: dict[str, Fraction] = {}
    for name in order:
        start = max((ends[other] for other in by_id[name].depends_on), default=Fraction(0))
        ends[name] = start + Fraction(by_id[name].duration_s)
    total = max(ends.values())
    latest = dict.fromkeys(order, total)
    for name in reversed(order):
        for other in by_id[name].depends_on:
            latest[other] = min(latest[other], latest[name] - Fraction(by_id[name].duration_s))
    times = tuple(_time(step, ends[step.step_id], latest[step.step_id]) for step in steps)
    return CriticalPath(total, times, _longest(steps, ends, total))


def check_steps(names: Sequence[str]) -> None:
    """Raise `ParameterError` unless there are step ids, each once."""
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise ParameterError("steps", ", ".join(repeated), expected="each step id once")
    if not names:
        raise ParameterError("steps", [], expected="one step or more")


def _by_id(steps: Sequence[Step]) -> dict[str, Step]:
    check_steps([step.step_id for step in steps])
    return {step.step_id: step for step in steps}


def _time(step: Step, end: Fraction, latest_end: Fraction) -> StepTime:
    duration = Fraction(step.duration_s)
    return StepTime(
        step_id=step.step_id,
        duration_s=duration,
        earliest_start_s=end - duration,
        earliest_end_s=end,
        latest_start_s=latest_end - duration,
        latest_end_s=latest_end,
    )


def _longest(
    steps: Sequence[Step], ends: Mapping[str, Fraction], total: Fraction
) -> tuple[str, ...]:
    """Return a longest path, walked back from its end; of equal steps the later one given."""
    by_id = {step.step_id: step for step in steps}
    rank = {step.step_id: number for number, step in enumerate(steps)}
    last = [name for name in rank if ends[name] == total]
    path: list[str] = []
    while last:
        # A milestone at the end may end when the step that it waits for does: start behind it.
        waited = {other for name in last for other in by_id[name].depends_on}
        path.append(max((n for n in last if n not in waited), key=rank.__getitem__))
        step = by_id[path[-1]]
        start = ends[step.step_id] - Fraction(step.duration_s)
        last = [name for name in dict.fromkeys(step.depends_on) if ends[name] == start]
    return tuple(reversed(path))


@dataclass(frozen=True)
class Change:
    """What is different about a step: what is left out stays as it is.

    Parameters
    ----------
    step_id : str
    duration_s : int, Decimal or Fraction, optional
        Another duration. [s]
    factor : int, Decimal or Fraction, optional
        Times as long: 1/2 is twice as fast. Not with `duration_s`.
    depends_on : tuple of str, optional
        The steps that it waits for instead.
    is_beside : bool
        It starts with the steps that it waits for, and what waits for it waits for all of them.
    is_removed : bool
        It is not done; what waited for it waits for what it waited for.
    """

    step_id: str
    duration_s: Seconds | None = None
    factor: Seconds | None = None
    depends_on: tuple[str, ...] | None = None
    is_beside: bool = False
    is_removed: bool = False


@dataclass(frozen=True)
class WhatIf:
    """A recovery before and after changes."""

    before: CriticalPath
    after: CriticalPath

    @property
    def saved_s(self) -> Fraction:
        """By how much the recovery is shorter; negative when it is longer. [s]"""
        return self.before.total_s - self.after.total_s


def what_if(steps: Sequence[Step], changes: Iterable[Change]) -> WhatIf:
    """Return the recovery as it is and with all `changes`, made one after the other."""
    return WhatIf(critical_path(steps), critical_path(changed(steps, changes)))


def changed(steps: Sequence[Step], changes: Iterable[Change]) -> tuple[Step, ...]:
    """Return the steps with all `changes`, made one after the other.

    Raises
    ------
    ParameterError
        A change names a step that is not there, or contradicts itself.
    """
    now = tuple(steps)
    for change in changes:
        found = next((step for step in now if step.step_id == change.step_id), None)
        if found is None:
            expected = f"one of {', '.join(step.step_id for step in now)}"
            raise ParameterError("step_id of a change", change.step_id, expected=expected)
        if change.duration_s is not None and change.factor is not None:
            raise ParameterError("factor", change.factor, expected="no duration_s beside it")
        now = _change(now, found, change)
    return now


def _change(steps: tuple[Step, ...], step: Step, change: Change) -> tuple[Step, ...]:
    if change.is_removed:
        rest = tuple(other for other in steps if other is not step)
        return _passed_on(rest, step.step_id, step.depends_on)
    new = step
    if change.duration_s is not None:
        new = replace(new, duration_s=change.duration_s)
    if change.factor is not None:
        check_seconds("factor", change.factor)
        new = replace(new, duration_s=Fraction(new.duration_s) * Fraction(change.factor))
    if change.depends_on is not None:
        new = replace(new, depends_on=change.depends_on)
    now = tuple(new if other is step else other for other in steps)
    return _beside(now, new) if change.is_beside else now


def _beside(steps: tuple[Step, ...], step: Step) -> tuple[Step, ...]:
    by_id = _by_id(steps)
    waited = [by_id[name].depends_on for name in step.depends_on if name in by_id]
    before = tuple(dict.fromkeys(name for names in waited for name in names))
    later = _passed_on(steps, step.step_id, (step.step_id, *step.depends_on))
    return tuple(
        replace(other, depends_on=before) if other.step_id == step.step_id else other
        for other in later
    )


def _passed_on(steps: tuple[Step, ...], step_id: str, instead: tuple[str, ...]) -> tuple[Step, ...]:
    """Return the steps; those that wait for `step_id` wait for `instead`."""

    def names(step: Step) -> tuple[str, ...]:
        lists = [instead if name == step_id else (name,) for name in step.depends_on]
        return tuple(dict.fromkeys(name for one in lists for name in one))

    return tuple(replace(step, depends_on=names(step)) for step in steps)


@dataclass(frozen=True)
class Saving:
    """What a recovery would gain from one step alone. [s]

    Attributes
    ----------
    step_id : str
    saved_if_zero_s : Fraction
        If it took no time.
    saved_if_halved_s : Fraction
        If it took half the time.
    saved_if_beside_s : Fraction
        If it ran beside the steps that it waits for.
    """

    step_id: str
    saved_if_zero_s: Fraction
    saved_if_halved_s: Fraction
    saved_if_beside_s: Fraction


def savings(steps: Sequence[Step]) -> tuple[Saving, ...]:
    """Return what each step alone could save, in the order of `steps`."""
    total = critical_path(steps).total_s if steps else Fraction(0)

    def saved(change: Change) -> Fraction:
        return total - critical_path(changed(steps, [change])).total_s

    return tuple(
        Saving(
            step_id=step.step_id,
            saved_if_zero_s=saved(Change(step.step_id, duration_s=0)),
            saved_if_halved_s=saved(Change(step.step_id, factor=Fraction(1, 2))),
            saved_if_beside_s=saved(Change(step.step_id, is_beside=True)),
        )
        for step in steps
    )
