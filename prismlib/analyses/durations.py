"""How long a step may take: distributions of a duration, drawn through their inverse.

Which one is taken depends on what is known (`stated`, `measured`), and each says so in `words`:

======================  ========================================================================
known                   taken
======================  ========================================================================
one figure              lognormal about it, with a spread that the reader gives
a range                 uniform; with a likeliest value, triangular
two or three drills     lognormal about their geometric mean; the spread given, or theirs if wider
four and more drills    log-t about their geometric mean: their spread, as uncertain as it is
twenty and more drills  the drills themselves, resampled
======================  ========================================================================

A spread of f means that 95 of 100 durations lie between 1/f and f times the middle one.

Known limits. One figure carries no spread: the reader's is an assumption, and a result is as good
as it. A resampled duration is never longer than the longest seen. A range is taken as the whole of
what can happen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import exp, log, sqrt
from statistics import fmean, stdev
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import special

from prismlib.analyses.critical_path import Seconds, check_seconds
from prismlib.errors import ParameterError

Array = NDArray[np.float64]

MIN_OWN_SPREAD = 4
"""Drills from which their own spread is taken."""
MIN_RESAMPLED = 20
"""Drills from which they stand for themselves."""
Z_95 = float(special.ndtri(0.975))
"""Standard deviations on either side of the middle that hold 95 of 100."""
MAX_LOG = 40.0
"""Logarithm of the longest duration that is drawn, longer than any recovery. [log s]"""


class Distribution(Protocol):
    """A distribution of a duration in seconds."""

    @property
    def words(self) -> str:
        """What is taken, for a reader."""

    def quantile(self, probability: Array) -> Array:
        """Return the durations that are not exceeded with these probabilities. [s]"""


@dataclass(frozen=True)
class Fixed:
    """A duration that is known, or assumed, to be always the same. [s]"""

    seconds: Seconds

    def __post_init__(self) -> None:
        check_seconds("seconds", self.seconds)

    @property
    def words(self) -> str:
        """What is taken, for a reader."""
        return f"always {_text(self.seconds)} s"

    def quantile(self, probability: Array) -> Array:
        """Return the durations that are not exceeded with these probabilities. [s]"""
        return np.full_like(probability, float(self.seconds))


@dataclass(frozen=True)
class Uniform:
    """Anything from low to high, each as likely. [s]"""

    low_s: Seconds
    high_s: Seconds

    def __post_init__(self) -> None:
        _check_order(low_s=self.low_s, high_s=self.high_s)

    @property
    def words(self) -> str:
        """What is taken, for a reader."""
        return f"{_text(self.low_s)} to {_text(self.high_s)} s, each as likely (uniform)"

    def quantile(self, probability: Array) -> Array:
        """Return the durations that are not exceeded with these probabilities. [s]"""
        low, high = float(self.low_s), float(self.high_s)
        return low + (high - low) * probability


@dataclass(frozen=True)
class Triangular:
    """From low to high, and most likely near the mode. [s]"""

    low_s: Seconds
    mode_s: Seconds
    high_s: Seconds

    def __post_init__(self) -> None:
        _check_order(low_s=self.low_s, mode_s=self.mode_s, high_s=self.high_s)

    @property
    def words(self) -> str:
        """What is taken, for a reader."""
        ends = f"{_text(self.low_s)} to {_text(self.high_s)} s"
        return f"{ends}, most likely {_text(self.mode_s)} s (triangular)"

    def quantile(self, probability: Array) -> Array:
        """Return the durations that are not exceeded with these probabilities. [s]"""
        low, mode, high = float(self.low_s), float(self.mode_s), float(self.high_s)
        rising = low + np.sqrt(probability * (high - low) * (mode - low))
        falling = high - np.sqrt((1 - probability) * (high - low) * (high - mode))
        return np.where(probability * (high - low) < mode - low, rising, falling)


@dataclass(frozen=True)
class Lognormal:
    """About a middle duration; 95 of 100 between 1/spread and spread times it. [s]"""

    median_s: Seconds
    spread: float

    def __post_init__(self) -> None:
        check_seconds("median_s", self.median_s)
        if self.median_s == 0:
            raise ParameterError("median_s", self.median_s, expected="more than 0 s")
        check_spread(self.spread)

    @property
    def words(self) -> str:
        """What is taken, for a reader."""
        about = f"about {_text(self.median_s)} s"
        return f"{about}, 95 % within a factor of {self.spread:.3g} (lognormal)"

    def quantile(self, probability: Array) -> Array:
        """Return the durations that are not exceeded with these probabilities. [s]"""
        deviations = special.ndtri(probability) * log(self.spread) / Z_95
        return _exp(log(float(self.median_s)) + deviations)


@dataclass(frozen=True)
class LogT:
    """What the next duration may be, given some that were measured: their spread is uncertain. [s]

    For logarithms that are normal, with mean m and standard deviation s of n of them, the next one
    is m + s sqrt(1 + 1/n) t, with Student's t of n - 1 degrees of freedom.
    """

    values_s: tuple[Seconds, ...]

    def __post_init__(self) -> None:
        _check_values(self.values_s, at_least=2)
        if any(value == 0 for value in self.values_s):
            raise ParameterError("values_s", self.values_s, expected="more than 0 s each")

    @property
    def words(self) -> str:
        """What is taken, for a reader."""
        middle = _text(Decimal(repr(exp(fmean(_logs(self.values_s))))))
        return f"about {middle} s with the spread of {len(self.values_s)} drills (log-t)"

    def quantile(self, probability: Array) -> Array:
        """Return the durations that are not exceeded with these probabilities. [s]"""
        logs = _logs(self.values_s)
        scale = stdev(logs) * sqrt(1 + 1 / len(logs))
        return _exp(fmean(logs) + scale * special.stdtrit(len(logs) - 1, probability))


@dataclass(frozen=True)
class Resampled:
    """One of the durations that were measured, each as likely. [s]"""

    values_s: tuple[Seconds, ...]

    def __post_init__(self) -> None:
        _check_values(self.values_s, at_least=1)

    @property
    def words(self) -> str:
        """What is taken, for a reader."""
        return f"one of the {len(self.values_s)} measured, each as likely (resampled)"

    def quantile(self, probability: Array) -> Array:
        """Return the durations that are not exceeded with these probabilities. [s]"""
        values = np.sort(np.array([float(value) for value in self.values_s]))
        places = np.floor(probability * len(values)).astype(int)
        chosen: Array = values[np.minimum(places, len(values) - 1)]
        return chosen


def stated(
    low_s: Seconds, high_s: Seconds | None = None, mode_s: Seconds | None = None, *, spread: float
) -> Distribution:
    """Return the distribution of a duration that is stated.

    Parameters
    ----------
    low_s : int, Decimal or Fraction
        The figure, or the lower end of a range. [s]
    high_s : int, Decimal or Fraction, optional
        The upper end; with one that equals the lower end there is only one figure. [s]
    mode_s : int, Decimal or Fraction, optional
        The likeliest duration of the range. [s]
    spread : float
        Assumed for one figure: 95 of 100 durations lie between 1/spread and spread times it. With
        1 it does not spread.
    """
    check_seconds("low_s", low_s)
    check_spread(spread)
    if high_s is None or high_s == low_s:
        return Fixed(low_s) if low_s == 0 or spread == 1 else Lognormal(low_s, spread)
    return Uniform(low_s, high_s) if mode_s is None else Triangular(low_s, mode_s, high_s)


def measured(values_s: Sequence[Seconds], *, spread: float) -> Distribution:
    """Return the distribution of a duration that drills measured, as the module says.

    Parameters
    ----------
    values_s : sequence of int, Decimal or Fraction
        A duration for each drill; a recorded 0 leaves nothing but resampling. [s]
    spread : float
        Taken with few drills: 95 of 100 durations lie between 1/spread and spread times the middle.
    """
    values = tuple(values_s)
    _check_values(values, at_least=1)
    count = len(values)
    if count == 1:
        return stated(values[0], spread=spread)
    if count >= MIN_RESAMPLED or any(value == 0 for value in values):
        return Resampled(values)
    if count >= MIN_OWN_SPREAD and len(set(values)) > 1:
        return LogT(values)
    check_spread(spread)
    logs = _logs(values)
    middle = Decimal(repr(exp(fmean(logs))))
    return stated(middle, spread=max(spread, exp(Z_95 * stdev(logs))))


def check_spread(spread: float) -> None:
    """Raise `ParameterError` unless `spread` is a factor of 1 to 1000."""
    if not 1 <= spread <= 1000:
        raise ParameterError("spread", spread, expected="a factor from 1 (none) to 1000")


def _check_order(**values: Seconds) -> None:
    for name, value in values.items():
        check_seconds(name, value)
    if list(values.values()) != sorted(values.values()):
        seen = ", ".join(_text(value) for value in values.values())
        raise ParameterError(", ".join(values), seen, expected="seconds in rising order")


def _check_values(values: Sequence[Seconds], *, at_least: int) -> None:
    for value in values:
        check_seconds("values_s", value)
    if len(values) < at_least:
        raise ParameterError("values_s", values, expected=f"{at_least} or more durations")


def _logs(values: Sequence[Seconds]) -> list[float]:
    return [log(float(value)) for value in values]


def _exp(logarithms: Array) -> Array:
    durations: Array = np.exp(np.minimum(logarithms, MAX_LOG))
    return durations


def _text(seconds: Seconds) -> str:
    return f"{float(seconds):.6g}"
