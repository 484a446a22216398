"""Findings on the age of evidence: looks of later days, and what has run out at the launch."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from prismlib.analyses.judging import counted, listed
from prismlib.analyses.launch_decision import LaunchDecision
from prismlib.analyses.launch_evidence import Look, State
from prismlib.analyses.launch_items import waiver_fault
from prismlib.analyses.launch_judging import finding
from prismlib.analyses.launch_readiness import LaunchResults
from prismlib.findings import Finding, Severity, Verdict
from prismlib.formats import day
from prismlib.tables import records

MOST_LOOKS = 5
"""Looks that a sentence names."""


def evidence_findings(results: LaunchResults) -> Iterator[Finding]:
    """Yield which evidence is not there yet, and which no longer on the day of the launch."""
    yield from _launch_day(results)
    yield from _later_looks(results)


def later_looks(results: LaunchDecision) -> list[Look]:
    """Return the looks of a day after the one that is asked about, the newest first."""
    as_of, tables = results.known.inputs.as_of, results.known.inputs.tables
    rows = [
        (row, name == "evidence")
        for name in ("stated_evidence", "evidence")
        if name in tables
        for row in records(tables[name])
    ]
    looks = [Look(row, None, None, is_collected=is_collected) for row, is_collected in rows]
    later = [one for one in looks if one.seen_on is not None and one.seen_on > as_of]
    return sorted(later, key=lambda one: one.row["observed_at"], reverse=True)


def _later_looks(results: LaunchResults) -> Iterator[Finding]:
    """Yield looks of a day after the one that is asked about: they are not there yet."""
    later = later_looks(results)
    if not later:
        return
    failing = [one for one in later if one.state is State.FAIL]
    named = [
        f"{one.row['check_id']} of {one.key[0]} on {day(one.seen_on)}" for one in (failing or later)
    ]
    words = f"{counted(len(later), 'look')} of a day after {day(results.known.inputs.as_of)}, left "
    words += f"out, {len(failing)} of them failing: " if failing else "out: "
    words += f"{listed(named[:MOST_LOOKS])}{' and more' * (len(named) > MOST_LOOKS)}. "
    words += f"To count them, ask about {day(later[0].seen_on)}: -p as_of={later[0].seen_on}"
    yield finding(
        "evidence_later",
        "Evidence dated after the day that is asked about",
        f"{words}.",
        Severity.HIGH if failing else Severity.MEDIUM,
        Verdict.CONTRADICTS,
        value=len(later),
        unit="looks",
        expected=0,
        table="evidence",
        rows=len(later),
    )


def _launch_day(results: LaunchResults) -> Iterator[Finding]:
    """Yield which evidence and waivers have run out on that day if nothing is looked at again."""
    launch, as_of = results.launch, results.known.inputs.as_of
    if launch is None or launch == as_of:
        return
    if launch < as_of:
        yield _passed(launch, as_of)
        return
    old, ended = _old_looks(results, launch), _ended_waivers(results, launch)
    words = f"{listed(old)} will be too old to count" if old else ""
    words += " and " * bool(old and ended)
    words += f"the waiver of {listed(ended)} will have ended" if ended else ""
    yield finding(
        "evidence_at_launch",
        "Evidence on the day of the launch",
        f"On {day(launch)} {words or 'all evidence still counts, and every waiver lasts'}.",
        Severity.HIGH if words else Severity.INFO,
        Verdict.CONTRADICTS if words else Verdict.HOLDS,
        value=len(old) + len(ended),
        expected=0,
        table="stated_evidence",
        rows=len(results.known.looks),
    )


def _passed(launch: date, as_of: date) -> Finding:
    words = f"The launch is set for {day(launch)}, before {day(as_of)}, the day that is asked about"
    return finding(
        "launch_passed",
        "The day of the launch has passed",
        f"{words}. How long evidence has to last is not known.",
        Severity.MEDIUM,
        Verdict.UNKNOWN,
    )


def _old_looks(results: LaunchResults, launch: date) -> list[str]:
    """Return the looks at criteria and items that are too old on the day of the launch."""
    at_criteria = [look for one in results.judged for look in one.looks]
    at_items = [look for look in results.known.looks if look.key[0] in results.known.items]
    found = []
    for look in (*at_criteria, *at_items):
        if look.seen_on is None or look.valid_days is None:
            continue
        age = (launch - look.seen_on).days
        if age > look.valid_days:
            found.append(f"{look.row['check_id']} of {day(look.seen_on)} ({counted(age, 'day')})")
    return found


def _ended_waivers(results: LaunchResults, launch: date) -> list[str]:
    """Return what is waived on the day that is asked about and no longer on that of the launch."""
    known = results.known
    rows = [(one.subject, one.row, one.fault) for one in known.waivers]
    rows += [(f"{one.thing} ({one.check_id})", one.row, one.fault) for one in known.name_waivers]
    renewed = {name for name, row, _ in rows if not waiver_fault(row, launch)}
    return [
        f"{name} (until {day(row['expires_date'])})"
        for name, row, fault in rows
        if not fault and row["expires_date"] < launch and name not in renewed
    ]
