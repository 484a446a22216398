"""Findings on drills together: how sure the target is, the trend, and the way back."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from prismlib.analyses.dr_cases import verdict_within
from prismlib.analyses.dr_inputs import stated_s
from prismlib.analyses.dr_judging import against, clock, finding, over_limit
from prismlib.analyses.dr_timeline import DrResults
from prismlib.analyses.drill_steps import Drill, full_clock
from prismlib.analyses.judging import counted
from prismlib.findings import Finding, Severity, Verdict
from prismlib.formats import day, duration, percent


def several_findings(results: DrResults, drill: Drill) -> Iterator[Finding]:
    """Yield what the drills show together."""
    yield from _margin(results, drill)
    yield from _trend(results)
    yield from _failbacks(results)


def _margin(results: DrResults, drill: Drill) -> Iterator[Finding]:
    """Yield how sure it is that the target is met: the margin, and what so few drills show."""
    seconds, target = results.seconds("published"), results.bounds.target_s
    shown = results.several.evidence
    if seconds is None or target is None or shown is None:
        return
    if seconds > target:
        return
    words = f"The published {clock(seconds)} leaves a margin of {clock(target - seconds)}, in "
    words += f"{counted(shown.drills, 'drill')}. "
    if shown.median_low_s is None:
        words += f"For an interval of the middle recovery it takes {shown.median_drills} drills. "
    words += "The next one takes longer than the longest so far with a chance of "
    chance = Decimal(shown.next_longer_ratio.numerator * 100) / shown.next_longer_ratio.denominator
    words += f"{percent(chance, 0, signed=False)}."
    enough = shown.median_low_s is not None and seconds < target
    yield finding(
        "target_margin",
        "How sure the target is",
        words,
        Severity.INFO if enough else Severity.MEDIUM,
        Verdict.HOLDS if enough else Verdict.UNKNOWN,
        value=target - seconds,
        unit="s",
        rows=shown.drills,
        source=drill.source,
    )


def _trend(results: DrResults) -> Iterator[Finding]:
    """Yield how recovery changes from drill to drill, once there is more than one."""
    course, latest = results.several.trend, results.several.latest
    if course is None or latest is None or not latest.earlier:
        return
    words = f"{counted(latest.earlier + 1, 'drill')}, with all the work. "
    if course.slope_s is None or course.low_s is None or course.high_s is None:
        words += f"A trend is not known: {course.reason}."
    else:
        words += f"In 30 days recovery changes by {clock(course.slope_s)}, "
        words += f"{clock(course.low_s)} to {clock(course.high_s)} at "
        words += f"{percent(course.confidence_pct, 0, signed=False)} confidence: "
        words += f"{course.direction}."
    words += f" The latest that is known took {clock(latest.latest_s)}"
    if latest.is_longest:
        words += f", the longest of all; that happens by chance in 1 of {latest.earlier + 1}"
    verdicts = {"slower": Verdict.CONTRADICTS, "faster": Verdict.HOLDS}
    verdict = verdicts.get(course.direction, Verdict.UNKNOWN)
    yield finding(
        "trend",
        "Recovery from drill to drill",
        words + ".",
        Severity.HIGH if verdict is Verdict.CONTRADICTS else Severity.INFO,
        verdict,
        value=course.slope_s,
        unit="s",
        table="drill_trend",
        rows=latest.earlier + 1,
    )


def _failbacks(results: DrResults) -> Iterator[Finding]:
    for drill in results.failbacks[-1:]:
        span = full_clock(drill)
        if span is None:
            continue
        seconds = span.middle
        verdict = verdict_within(span, results.bounds.target_s)
        words = "The failback"
        words += f" of {day(drill.day)}" if len(results.failbacks) > 1 and drill.day else ""
        words += f" took {clock(seconds)}: {against(results, seconds)}."
        printed = stated_s(results.stated, "failback_clock_minutes")
        is_stated = stated_s(results.stated, "failback_minutes") == seconds
        if printed is not None and is_stated and printed != seconds:
            words += f" Its total is printed beside T+{duration(printed)}."
        over = Severity.CRITICAL if over_limit(results, seconds) else Severity.LOW
        yield finding(
            "failback",
            "Failback",
            words,
            over if verdict is Verdict.CONTRADICTS else Severity.INFO,
            verdict,
            value=seconds,
            unit="s",
            expected=results.bounds.target_s,
            rows=len(drill.steps),
            source=drill.source,
        )
