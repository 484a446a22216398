"""What each run says of each objective: pass, fail, inconclusive or unknown.

Method. A percentile passes when the upper end of its interval is within the target, fails when the
lower end is beyond it, and is inconclusive in between, with the number of measurements that an
interval takes at all, or that would decide if the share within the target stays as it is. A file
that prints figures only has no distribution; its figures bracket the interval where the number of
requests is known: the interval ends at the next printed percentile whose rank lies outside, at the
minimum or at the maximum. A share of failures has the exact (Clopper-Pearson) interval. A rate over
the whole run is counted, not sampled.

Processors, memory and network are of saved metrics: see `prismlib.analyses.slo_resources`.

A closed loop hides waits. Where the distribution is there they are put back
(`prismlib.analyses.latency_waits`), and a pass stands when the figure with them is within the
target too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from math import ceil
from typing import Any

from scipy import special

from prismlib.analyses.judging import counted
from prismlib.analyses.latency import (
    HUNDRED,
    measurements_needed,
    measurements_to_decide,
    order_ranks,
    percent_of,
)
from prismlib.analyses.latency_waits import percentile_with_waits
from prismlib.analyses.slo_evidence import RunCheck, admissible, against_it, run_checks
from prismlib.analyses.slo_inputs import Run, SloInputs, SloSettings
from prismlib.analyses.slo_measured import Measured
from prismlib.analyses.slo_resources import METRICS, resource
from prismlib.findings import Verdict
from prismlib.formats import count
from prismlib.slo_tables import AT_LEAST, CLOSED

PASS, FAIL, INCONCLUSIVE, UNKNOWN = "pass", "fail", "inconclusive", "unknown"
RATE, FAILURES = "operations_per_second", "error_pct"


@dataclass(frozen=True)
class SloResult:
    """An objective (a row of SLO) and what one run says of it."""

    objective: Mapping[str, Any]
    run: Run
    measured: Measured
    outcome: str
    checks: tuple[RunCheck, ...]

    @property
    def is_admissible(self) -> bool | None:
        """Return whether the run may count as evidence of its outcome; None is not known."""
        return admissible(self.checks, is_missed=self.outcome == FAIL)

    @property
    def verdict(self) -> Verdict:
        """Return holds or contradicts for admissible evidence, unknown for anything else."""
        if not self.is_admissible:
            return Verdict.UNKNOWN
        known = {PASS: Verdict.HOLDS, FAIL: Verdict.CONTRADICTS}
        return known.get(self.outcome, Verdict.UNKNOWN)

    @property
    def note(self) -> str:
        """Return what limits the figure and what speaks against the run."""
        return "; ".join(words for words in (self.measured.note, against_it(self.checks)) if words)


def results_of(
    objectives: Iterable[dict[str, Any]], inputs: SloInputs, settings: SloSettings
) -> tuple[SloResult, ...]:
    """Return objectives beside every run of their tier that measured something of their kind."""
    found = []
    for objective in objectives:
        for run in inputs.runs:
            if run.tier == objective["service_tier"]:
                result = _result(objective, run, inputs, settings)
                if result is not None:
                    found.append(result)
    return tuple(found)


def _result(
    objective: dict[str, Any], run: Run, inputs: SloInputs, settings: SloSettings
) -> SloResult | None:
    if objective["statistic"] in METRICS and objective["comparison"] == AT_LEAST:
        return None  # a peak shows no lower bound
    found = measured(run, objective["statistic"], settings)
    if found is None:
        return None
    checks = run_checks(run, objective, inputs, settings)
    outcome = outcome_of(found, objective["target_value"], objective["comparison"])
    if any(c.name == "resolution" and c.verdict is Verdict.CONTRADICTS for c in checks):
        outcome = UNKNOWN
    result = SloResult(objective, run, found, outcome, checks)
    if outcome == INCONCLUSIVE:
        return replace(result, measured=_undecided(result, settings))
    return _with_waits(result, settings) if outcome == PASS else result


def _undecided(result: SloResult, settings: SloSettings) -> Measured:
    """Return a percentile whose interval holds the target with what would decide it."""
    found, target = result.measured, result.objective["target_value"]
    times, pct = result.run.distribution, percent_of(result.objective["statistic"])
    if times is None or pct is None or found.high is None:
        return found
    least, most = times.share_within(target)
    if least * HUNDRED < pct <= most * HUNDRED:
        return replace(found, note=f"its times are too coarse to tell at {count(target)} ms")
    share = most if most * HUNDRED < pct else least
    needed = measurements_to_decide(share, pct, settings.confidence_pct)
    words = f"{count(round(share * HUNDRED, 2))}% are within the target: "
    if needed is None:
        return replace(found, note=f"{words}just what is promised, so no number decides")
    words += f"if that stays, about {count(needed)} measurements decide"
    return replace(found, needed=needed, note=words)


def measured(run: Run, statistic: str, settings: SloSettings) -> Measured | None:
    """Return what a run says of a statistic; None when its file is not about it."""
    if statistic in METRICS:
        return resource(run, statistic)
    if run.is_of_resources:
        return None
    pct = percent_of(statistic)
    if pct is not None:
        return _percentile(run, statistic, pct, settings.confidence_pct)
    if statistic == RATE:
        rate = run.sum("operations_per_second")
        return Measured(rate, rate, rate, note="" if rate is not None else "no rate in its file")
    if statistic == FAILURES:
        return _failures(run, settings.confidence_pct)
    return None


def outcome_of(found: Measured, target: Decimal, comparison: str) -> str:
    """Return pass, fail or inconclusive for a figure against a target; unknown without either end.

    `comparison` says whether the figure is to be `at_most` or `at_least` the target.
    """
    near, far = (found.high, found.low) if comparison != AT_LEAST else (found.low, found.high)
    sign = -1 if comparison == AT_LEAST else 1
    if near is not None and sign * near <= sign * target:
        return PASS
    if far is not None and sign * far > sign * target:
        return FAIL
    return UNKNOWN if found.low is None and found.high is None else INCONCLUSIVE


def _percentile(run: Run, statistic: str, pct: Decimal, confidence_pct: Decimal) -> Measured:
    needed = measurements_needed(pct, confidence_pct)
    times = run.distribution
    if times is None:
        return _from_points(run, statistic, pct, confidence_pct, needed)
    interval = times.interval(pct, confidence_pct)
    note = ""
    if interval.high is None:
        note = f"n = {count(times.total)}, need {count(needed)}"
    return Measured(interval.value, interval.low, interval.high, times.total, needed, note)


def _from_points(
    run: Run, statistic: str, pct: Decimal, confidence_pct: Decimal, needed: int
) -> Measured:
    """Return a percentile that the tool printed, between the printed figures around it."""
    value, total = run.printed.get(statistic), run.sum("requests")
    if not run.printed:
        return Measured(None, needed=needed, note=_no_figure(run))
    if value is None:
        names = ", ".join(run.printed)
        return Measured(None, needed=needed, note=f"{statistic} is not in it; it has {names}")
    if total is None:
        note = "a point: without the number of requests it has no interval"
        return Measured(value, needed=needed, note=note)
    low, high = order_ranks(int(total), pct, confidence_pct)
    ranks = _printed_ranks(run.printed, int(total))
    below = [time for rank, time in ranks if low is not None and rank <= low]
    above = [time for rank, time in ranks if high is not None and rank >= high]
    note = "a summary: the interval is that of the printed figures around it"
    if high is None:
        note = f"n = {count(total)}, need {count(needed)}"
    half = (run.resolution_ms or Decimal(0)) / 2  # printed figures are rounded
    low_ms = max(max(below) - half, Decimal(0)) if below else None
    high_ms = min(above) + half if above else None
    return Measured(value, low_ms, high_ms, int(total), needed, note)


def _no_figure(run: Run) -> str:
    """Return why a run has neither times nor figures."""
    if run.without_times:
        files = counted(len(run.without_times), "file")
        return f"{files} of {len(run.parts)} without times, {run.without_times[0]} among them"
    if run.points and len(run.parts) > 1:
        return "figures of several files: percentiles cannot be put together without their times"
    return "no figure in its file"


def _printed_ranks(printed: Mapping[str, Decimal], total: int) -> list[tuple[int, Decimal]]:
    """Return the printed figures with their ranks."""
    ends = {"min": 1, "max": total}
    found = []
    for name, time in printed.items():
        pct = percent_of(name)
        rank = ends.get(name) if pct is None else max(1, ceil(total * pct / HUNDRED))
        if rank is not None:
            found.append((rank, time))
    return found


def _failures(run: Run, confidence_pct: Decimal) -> Measured:
    failed, total = run.sum("failed_requests"), run.sum("requests")
    if failed is None or not total:
        return Measured(None, note="its file does not count failed requests")
    low, high = exact_share(int(failed), int(total), confidence_pct)
    return Measured(Decimal(failed) / total * 100, low, high, int(total))


def exact_share(failed: int, total: int, confidence_pct: Decimal) -> tuple[Decimal, Decimal]:
    """Return the two-sided interval of a share by Clopper and Pearson. [%]"""
    tail = float((1 - confidence_pct / HUNDRED) / 2)
    low = special.betaincinv(failed, total - failed + 1, tail) if failed else 0
    high = special.betaincinv(failed + 1, total - failed, 1 - tail) if failed < total else 1
    return Decimal(str(round(float(low) * 100, 9))), Decimal(str(round(float(high) * 100, 9)))


def _with_waits(result: SloResult, settings: SloSettings) -> SloResult:
    """Return a pass of a closed loop as a pass only if it is one with the hidden waits."""
    run, pct = result.run, percent_of(result.objective["statistic"])
    times = run.distribution
    if pct is None or times is None or run.load_model != CLOSED:
        return result
    value = percentile_with_waits(times, pct, _interval_ms(run))
    if value is None:
        return result
    found = result.measured
    words = f"with the waits that a closed loop hides {count(value)} ms"
    found = replace(found, note="; ".join(filter(None, (found.note, words))))
    if value > result.objective["target_value"]:
        return replace(result, measured=found, outcome=INCONCLUSIVE)
    held = RunCheck("load model", Verdict.HOLDS, f"closed loop; {words}")
    checks = tuple(held if c.name == held.name else c for c in result.checks)
    return replace(result, measured=found, checks=checks)


def _interval_ms(run: Run) -> Decimal:
    """Return the time from one request of a client to its next."""
    clients, rate = run.sum("clients"), run.sum("operations_per_second")
    assert run.distribution is not None
    return clients / rate * 1000 if clients and rate else run.distribution.mean()
