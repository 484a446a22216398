"""How long a recovery may take when its steps do not always take the same time.

Method. Monte Carlo: a duration is drawn for every step from its distribution
(`prismlib.analyses.durations`), the steps are put one after the other as they wait for each other,
and the end of the last is one recovery. Steps may be drawn alone, or together to a degree: normal
deviates with a common part, of which `correlation` is the share of the variance (a Gaussian
copula; 0 is independent, 1 is all slow at once). The same seed gives the same figures.

Known limits. The interval is of recoveries, given the distributions; that these are assumptions is
not in it. A probability has a standard error of sqrt(p (1 - p) / draws), given beside it. Steps
that nobody listed take no time. Failed attempts and repetitions are not drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from math import sqrt

import numpy as np
from scipy import special

from prismlib.analyses.critical_path import Seconds, check_seconds, check_steps, ordered
from prismlib.analyses.durations import Array, Distribution
from prismlib.analyses.steps import Steps
from prismlib.errors import ParameterError

DRAWS = 20_000
"""Enough for a standard error of 0.4 points of a probability at most."""
MILLISECOND = Decimal("0.001")


@dataclass(frozen=True)
class RandomStep:
    """A step whose duration is not known: its distribution, and the steps that it waits for."""

    step_id: str
    distribution: Distribution
    depends_on: tuple[str, ...] = ()


@dataclass(frozen=True)
class StepSpread:
    """What a step does to the recovery over all draws.

    Attributes
    ----------
    step_id : str
    words : str
        The distribution that was taken.
    median_s, low_s, high_s : Decimal
        Its duration: the middle one, and the interval of the confidence asked for. [s]
    critical_ratio : Decimal
        Share of the recoveries that the step gates.
    """

    step_id: str
    words: str
    median_s: Decimal
    low_s: Decimal
    high_s: Decimal
    critical_ratio: Decimal


@dataclass(frozen=True)
class Simulation:
    """How long the recovery takes over all draws.

    Attributes
    ----------
    median_s, low_s, high_s : Decimal
        The middle recovery, and the interval that holds `confidence_pct` of them. [s]
    within_target_ratio, within_limit_ratio : Decimal or None
        Share of the recoveries that take no longer than the target and the limit; None without one.
    ratio_error : Decimal
        Largest standard error of such a share, from the number of draws.
    steps : tuple of StepSpread
        In the order in which they were given.
    draws, seed, correlation, confidence_pct
        As given.
    totals_s : ndarray
        The recoveries, in the order in which they were drawn. [s]
    """

    median_s: Decimal
    low_s: Decimal
    high_s: Decimal
    within_target_ratio: Decimal | None
    within_limit_ratio: Decimal | None
    ratio_error: Decimal
    steps: tuple[StepSpread, ...]
    draws: int
    seed: int
    correlation: float
    confidence_pct: Decimal
    totals_s: Array = field(repr=False, compare=False)


def simulating(
    steps: Sequence[RandomStep],
    *,
    target_s: Seconds | None,
    limit_s: Seconds | None,
    seed: int,
    confidence_pct: Decimal = Decimal(95),
    draws: int = DRAWS,
    correlation: float = 0.0,
) -> Steps[Simulation]:
    """Return how long the recovery takes over many draws of its steps, worked out in steps.

    Parameters
    ----------
    steps : sequence of RandomStep
    target_s, limit_s : int, Decimal or Fraction, or None
        What it should not and what it must not exceed. [s]
    seed : int
        Of the draws; the same seed and order of steps give the same figures.
    confidence_pct : Decimal
        Share of the recoveries that the interval holds, 50 to 99.9. [%]
    draws : int
        How many recoveries, 100 to a million.
    correlation : float
        Share of the variance that the steps have in common, 0 to 1.

    Raises
    ------
    ParameterError
        The steps cannot be put in order, or a parameter is out of its range.
    """
    check_steps([step.step_id for step in steps])
    order = ordered({step.step_id: step.depends_on for step in steps})
    _check(target_s, limit_s, confidence_pct, draws, correlation)
    uniform = _uniforms(len(steps), draws, seed, correlation)
    yield
    durations = {s.step_id: s.distribution.quantile(u) for s, u in zip(steps, uniform, strict=True)}
    yield
    waits = {step.step_id: step.depends_on for step in steps}
    totals, critical = _propagate(order, waits, durations)
    yield
    low, median, high = _interval(totals, confidence_pct)
    shares = [_share(totals, bound) for bound in (target_s, limit_s)]
    return Simulation(
        median_s=median,
        low_s=low,
        high_s=high,
        within_target_ratio=shares[0],
        within_limit_ratio=shares[1],
        ratio_error=max(_error(share, draws) for share in shares),
        steps=tuple(
            _spread(s, durations[s.step_id], critical[s.step_id], confidence_pct) for s in steps
        ),
        draws=draws,
        seed=seed,
        correlation=correlation,
        confidence_pct=confidence_pct,
        totals_s=totals,
    )


def _check(
    target_s: Seconds | None,
    limit_s: Seconds | None,
    confidence_pct: Decimal,
    draws: int,
    correlation: float,
) -> None:
    for name, value in (("target_s", target_s), ("limit_s", limit_s)):
        if value is not None:
            check_seconds(name, value)
    check_confidence(confidence_pct)
    if not 100 <= draws <= 1_000_000:
        raise ParameterError("draws", draws, expected="100 to 1,000,000")
    if not 0 <= correlation <= 1:
        raise ParameterError("correlation", correlation, expected="a share from 0 to 1")


def check_confidence(confidence_pct: Decimal) -> None:
    """Raise `ParameterError` unless it is a percentage that an interval can have."""
    if not confidence_pct.is_finite() or not 50 <= confidence_pct <= Decimal("99.9"):
        raise ParameterError("confidence_pct", confidence_pct, expected="50 to 99.9 percent")


def _uniforms(steps: int, draws: int, seed: int, correlation: float) -> Array:
    """Return a row of probabilities for each step, with a common part; never 0 or 1."""
    generator = np.random.default_rng(seed)
    common = generator.standard_normal(draws)
    own = generator.standard_normal((steps, draws))
    deviates = sqrt(correlation) * common + sqrt(1 - correlation) * own
    # A normal deviate of 64 bits stays within 9 standard deviations, where ndtri still has an end.
    probabilities: Array = special.ndtr(deviates)
    return np.clip(probabilities, 1e-15, 1 - 1e-15)


def _propagate(
    order: Sequence[str], waits: dict[str, tuple[str, ...]], durations: dict[str, Array]
) -> tuple[Array, dict[str, Decimal]]:
    """Return the ends of the recoveries, and how often each step is on a critical path."""
    ends: dict[str, Array] = {}
    for name in order:
        start = np.zeros_like(durations[name])
        for other in waits[name]:
            start = np.maximum(start, ends[other])
        ends[name] = start + durations[name]
    totals: Array = np.max(list(ends.values()), axis=0)
    latest = {name: totals.copy() for name in order}
    for name in reversed(order):
        for other in waits[name]:
            latest[other] = np.minimum(latest[other], latest[name] - durations[name])
    # Forwards and backwards the same sums are rounded differently: a microsecond is no slack.
    slack = {name: latest[name] - ends[name] for name in order}
    shares = {name: float(np.mean(slack[name] <= 1e-6 * (1 + totals))) for name in order}
    return totals, {name: _rounded(share, Decimal("0.0001")) for name, share in shares.items()}


def _spread(
    step: RandomStep, durations: Array, critical_ratio: Decimal, confidence_pct: Decimal
) -> StepSpread:
    low, median, high = _interval(durations, confidence_pct)
    return StepSpread(step.step_id, step.distribution.words, median, low, high, critical_ratio)


def _interval(values: Array, confidence_pct: Decimal) -> tuple[Decimal, Decimal, Decimal]:
    """Return low end, middle and high end of what holds `confidence_pct` of the values."""
    tail = (1 - float(confidence_pct) / 100) / 2
    ends = np.quantile(values, [tail, 0.5, 1 - tail])
    # To the millisecond: the last bits of a logarithm differ between processors.
    low, middle, high = (_rounded(float(end), MILLISECOND) for end in ends)
    return low, middle, high


def _share(totals: Array, bound: Seconds | None) -> Decimal | None:
    if bound is None:
        return None
    # Fixed steps that add up to the bound meet it, whatever binary sums make of them.
    within = totals <= float(bound) + 1e-6
    return _rounded(float(np.mean(within)), Decimal("0.00001"))


def _error(share: Decimal | None, draws: int) -> Decimal:
    if share is None:
        return Decimal(0)
    return _rounded(sqrt(float(share * (1 - share)) / draws), Decimal("0.00001"))


def _rounded(value: float, step: Decimal) -> Decimal:
    return Decimal(repr(value)).quantize(step)
