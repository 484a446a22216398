"""What a unit of work costs on another instance type: price, performance, and the chance of loss.

Method. The performance of a type on a workload is the best value of the workload's metric in a
benchmark run; a workload says which benchmark, which of its configurations and which metric, and
is a row of a table. With p the price and f the performance of target over source,

    price change = p - 1        change in cost per unit of work = p / f - 1

are two answers and two columns: a lower price is no lower cost if more machines do the same work.
The point is the median. ln f has a centre m and a spread s:

    scope   samples                        centre           spread s             shape
    size    the runs of the two types      mean difference  r sqrt(1/n + 1/n')   see below
    family  one ln f for each size that    mean of k sizes  sd sqrt(1 + 1/k)     t(k - 1)
            both families have

r is the standard deviation of ln(one run): pooled from the runs, shape t(n + n' - 2), or, where
they are too few (`MIN_FREEDOM`), sqrt(ln(1 + c^2)) of the stated coefficient of variation c, shape
normal: f is lognormal. Two sizes or fewer fall back on that too, with s = r sqrt(2). The t is
there because a spread taken from four sizes is itself uncertain. Drawing is repeatable: what is
drawn depends on the seed and on what was measured, never on the other rows.

Known limits. A benchmark is not the reader's workload, and an instance bought for its memory does
no less work by being slower: there the price change is the answer. Work is taken to scale with the
number of instances. The best value of many configurations flatters a noisy type.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import exp, log, log1p, sqrt
from statistics import fmean, stdev
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from prismlib.errors import ParameterError
from prismlib.money import divide
from prismlib.reference_tables import BENCHMARK, WORKLOAD
from prismlib.result_tables.graviton import INSTANCE_PAIR, PRICE_PERFORMANCE
from prismlib.tables import check, make, records

MIN_FREEDOM = 2
"""Degrees of freedom from which measured values give their own spread."""

SCOPES = ("size", "family")
"""Where samples come from: the two types themselves, or every size that both families have."""

Row = dict[str, Any]
Runs = dict[tuple[str, str], list[float]]
"""Natural logarithm of the performance in each run, by instance type and workload."""


@dataclass(frozen=True)
class Simulation:
    """How uncertainty is stated and drawn.

    Parameters
    ----------
    single_run_cv : Decimal
        Coefficient of variation of one run, for types that were run too few times. [ratio]
    confidence_pct : Decimal
        Probability inside the interval, 50 to 99.9. [%]
    draws : int
        How often each ratio is drawn. A probability q then has a standard error of
        sqrt(q (1 - q) / draws).
    seed : int
        The same seed gives the same figures.
    """

    single_run_cv: Decimal
    confidence_pct: Decimal
    draws: int
    seed: int

    def __post_init__(self) -> None:
        if self.single_run_cv <= 0:
            raise ParameterError(
                "single_run_cv", self.single_run_cv, expected="above 0: no run is exact"
            )
        if self.draws < 1:
            raise ParameterError("draws", self.draws, expected="at least 1")

    @property
    def run_log_sd(self) -> float:
        """Return the stated standard deviation of ln(one run)."""
        return sqrt(log1p(float(self.single_run_cv) ** 2))

    def interval(self, values: npt.NDArray[np.float64]) -> tuple[float, float]:
        """Return the ends of the central interval of drawn values."""
        tail = (100 - float(self.confidence_pct)) / 2
        low, high = np.percentile(values, [tail, 100 - tail])
        return float(low), float(high)


def price_performance(
    pairs: pd.DataFrame,
    benchmarks: pd.DataFrame,
    workloads: pd.DataFrame,
    *,
    scope: str,
    simulation: Simulation,
) -> pd.DataFrame:
    """Return what a unit of each workload costs on the target of each pair, against its source.

    Parameters
    ----------
    pairs : INSTANCE_PAIR
        Two types and their prices, like for like: both on demand, or both under one commitment.
    benchmarks : BENCHMARK
    workloads : WORKLOAD
    scope : str
        One of `SCOPES`.
    simulation : Simulation

    Returns
    -------
    PRICE_PERFORMANCE
        A row for each pair and workload. Without a price or a measurement the change is missing,
        and the note says of what.

    Raises
    ------
    ParameterError
        The scope is unknown, or a parameter of the simulation is out of range.
    """
    runs, names = best_runs(benchmarks, workloads), list(workloads["workload"])
    return performance_changes(pairs, runs, names, scope=scope, simulation=simulation)


def performance_changes(
    pairs: pd.DataFrame,
    runs: Runs,
    workloads: Sequence[str],
    *,
    scope: str,
    simulation: Simulation,
) -> pd.DataFrame:
    """Return the same from the `runs` that `best_runs` found, for the named workloads."""
    if scope not in SCOPES:
        raise ParameterError("scope", scope, expected="one of " + ", ".join(SCOPES))
    check(pairs, INSTANCE_PAIR)
    rows = [
        _row(pair, workload, scope, runs, simulation)
        for pair in records(pairs)
        for workload in workloads
    ]
    return make(PRICE_PERFORMANCE, rows)


def best_runs(benchmarks: pd.DataFrame, workloads: pd.DataFrame) -> Runs:
    """Return ln(best value) of each successful run, by instance type and workload.

    Parameters
    ----------
    benchmarks : BENCHMARK
        A run is what one type did from one start.
    workloads : WORKLOAD
        Its metric is one of which more is better; an empty pattern takes every configuration.
    """
    check(benchmarks, BENCHMARK)
    check(workloads, WORKLOAD)
    usable = benchmarks[(benchmarks["exit_code"] == 0) & (benchmarks["benchmark_value"] > 0)]
    found: Runs = defaultdict(list)
    for workload in records(workloads):
        mine = usable[
            (usable["benchmark"] == workload["benchmark"])
            & (usable["metric"] == workload["metric"])
        ]
        pattern = re.compile(workload["config_pattern"] or ".*")
        best: dict[tuple[str, Any], float] = {}
        for kind, start, config, value in zip(
            *(mine[name] for name in ("instance_type", "started_at", "config", "benchmark_value")),
            strict=True,
        ):
            if pattern.fullmatch(config):
                best[kind, start] = max(log(value), best.get((kind, start), float("-inf")))
        for (kind, _), value in best.items():
            found[kind, workload["workload"]].append(value)
    return dict(found)


@dataclass(frozen=True)
class _LogRatio:
    """ln(performance of target / source); `freedom` is None when the spread is a stated one."""

    centre: float
    spread: float
    freedom: int | None
    spread_source: str
    samples: int


def _row(pair: Row, workload: str, scope: str, runs: Runs, simulation: Simulation) -> Row:
    price = divide(pair["target_usd_per_hour"], pair["source_usd_per_hour"])
    row: Row = {
        **{name: pair[name] for name in INSTANCE_PAIR.key},
        "workload": workload,
        "scope_name": scope,
        "price_change_ratio": None if price is None else price - 1,
        "samples": 0,
    }
    unpriced = [
        f"no price for {pair[f'{end}_type']}"
        for end in ("source", "target")
        if not pair[f"{end}_usd_per_hour"]
    ]
    ratio, unmeasured = _log_ratio(row, runs, simulation.run_log_sd)
    row["note"] = "; ".join([*unpriced, *([unmeasured] if unmeasured else [])])
    if ratio is None:
        return row
    row |= {
        "performance_ratio": rounded(exp(ratio.centre)),
        "performance_log_sd": rounded(ratio.spread),
        "spread_source": ratio.spread_source,
        "spread_freedom": ratio.freedom,
        "samples": ratio.samples,
    }
    return row if price is None else row | _change(row, price, simulation)


def _change(row: Row, price: Decimal, simulation: Simulation) -> Row:
    """Return the change in cost per unit of work: median, interval, and chance that it rises."""
    change = float(price) / draw_performance(row, simulation) - 1
    low, high = simulation.interval(change)
    point = divide(price, row["performance_ratio"])
    assert point is not None
    return {
        "cost_per_work_change_ratio": point - 1,
        "low_cost_per_work_change_ratio": rounded(low),
        "high_cost_per_work_change_ratio": rounded(high),
        "dearer_probability": rounded(float(np.mean(change > 0))),
    }


def draw_performance(row: Row, simulation: Simulation) -> npt.NDArray[np.float64]:
    """Draw the performance ratio of a PRICE_PERFORMANCE row that has one.

    Rows that rest on the same measurements are drawn alike: the sizes of a family in the family
    scope, any prices in both.
    """
    ends = [row["source_type"], row["target_type"]]
    if row["scope_name"] == "family":
        ends = [_family(name) for name in ends]
    key = " ".join([*ends, row["workload"], row["scope_name"]]).encode()
    generator = np.random.default_rng([simulation.seed, *key])
    freedom = row["spread_freedom"]
    shape = (
        generator.standard_normal(simulation.draws)
        if freedom is None
        else generator.standard_t(freedom, simulation.draws)
    )
    drawn = log(row["performance_ratio"]) + float(row["performance_log_sd"]) * shape
    return np.exp(drawn)


def _log_ratio(row: Row, runs: Runs, run_log_sd: float) -> tuple[_LogRatio | None, str]:
    """Return the ratio, or None and what is missing."""
    source, target, workload = row["source_type"], row["target_type"], row["workload"]
    if row["scope_name"] == "size":
        unmeasured = [kind for kind in (source, target) if (kind, workload) not in runs]
        if unmeasured:
            return None, f"no {workload} benchmark of {' or '.join(unmeasured)}"
        return _from_runs(runs[source, workload], runs[target, workload], run_log_sd), ""
    if _size(source) != _size(target):
        return None, f"{source} and {target} are different sizes: families do not compare"
    return _from_sizes(_family(source), _family(target), workload, runs, run_log_sd)


def _from_runs(source: Sequence[float], target: Sequence[float], run_log_sd: float) -> _LogRatio:
    centres = fmean(source), fmean(target)
    freedom = len(source) + len(target) - 2
    is_own = freedom >= MIN_FREEDOM
    if is_own:
        squares = sum(
            (value - centre) ** 2
            for values, centre in zip((source, target), centres, strict=True)
            for value in values
        )
        run_log_sd = sqrt(squares / freedom)
    return _LogRatio(
        centre=centres[1] - centres[0],
        spread=run_log_sd * sqrt(1 / len(source) + 1 / len(target)),
        freedom=freedom if is_own else None,
        spread_source="runs" if is_own else "stated",
        samples=min(len(source), len(target)),
    )


def _from_sizes(
    source: str, target: str, workload: str, runs: Runs, run_log_sd: float
) -> tuple[_LogRatio | None, str]:
    sizes = [_size(kind) for kind, name in runs if _family(kind) == source and name == workload]
    ratios = [
        fmean(runs[f"{target}.{size}", workload]) - fmean(runs[f"{source}.{size}", workload])
        for size in sizes
        if (f"{target}.{size}", workload) in runs
    ]
    if not ratios:
        return None, f"no size of {source} and {target} with a {workload} benchmark of both"
    count = len(ratios)
    is_own = count - 1 >= MIN_FREEDOM
    return _LogRatio(
        centre=fmean(ratios),
        spread=stdev(ratios) * sqrt(1 + 1 / count) if is_own else run_log_sd * sqrt(2),
        freedom=count - 1 if is_own else None,
        spread_source="sizes" if is_own else "stated",
        samples=count,
    ), ""


def _family(instance_type: str) -> str:
    return instance_type.rpartition(".")[0]


def _size(instance_type: str) -> str:
    return instance_type.rpartition(".")[2]


def rounded(value: float) -> Decimal:
    """Return a drawn or fitted figure as a decimal, to its 12th decimal."""
    return Decimal(repr(value)).quantize(Decimal("1e-12"))
