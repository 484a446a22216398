"""Findings on the training: seats against people, who is not named, three bars for one gate."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from prismlib.analyses.judging import counted, listed
from prismlib.analyses.launch_judging import agreed, finding, sources
from prismlib.analyses.launch_readiness import LaunchResults
from prismlib.analyses.training import Training
from prismlib.findings import Finding, Severity, Verdict, judge
from prismlib.formats import count, day, percent
from prismlib.money import exact_sum
from prismlib.readiness_tables import ON_CALL_SHIFT
from prismlib.tables import check, records

HUNDRED = Decimal(100)


def training_findings(results: LaunchResults) -> Iterator[Finding]:
    """Yield the findings on the training; none without modules."""
    found = results.known.training
    if found is None:
        return
    yield from _share(results, found)
    yield from _people(results, found)
    yield from _seats(found)
    yield from _modules(found)
    yield from _bars(results)
    yield from _dates(results)
    yield from _drills(results, found)
    yield from _team(results, found)
    yield from _rota(results, found)


def _pct(value: Decimal) -> str:
    return percent(value, 1, signed=False)


def _share(results: LaunchResults, found: Training) -> Iterator[Finding]:
    claimed = results.stated.value_in("ready.trained_pct", "%")
    if claimed is None:
        return
    severity, verdict = agreed(claimed, found.seats_pct, 0, wrong=Severity.MEDIUM)
    seats = claimed / HUNDRED * found.seats
    yield finding(
        "training.share",
        "Share of the training that is done",
        f"{found.seats_words} are done: {_pct(found.seats_pct)}. Stated are "
        f"{percent(claimed, 0, signed=False)}, which would be {count(round(seats))} seats.",
        severity,
        verdict,
        value=found.seats_pct,
        unit="%",
        expected=claimed,
        table="training_module",
        rows=len(found.rows),
        source=results.stated.source("ready.trained_pct"),
    )


def _people(results: LaunchResults, found: Training) -> Iterator[Finding]:
    claimed = results.stated.value("ready.sre_untrained")
    if claimed is None:
        return
    named = len(found.named_people)
    share = (found.people - claimed) / found.people * HUNDRED
    is_fine = found.fewest_untrained <= claimed <= found.most_untrained
    yield finding(
        "training.people",
        "People who need training",
        f"The summary counts {count(claimed)} of {count(found.people)} ({_pct(share)} trained); "
        f"the list names {named}: {_pct(found.high_pct)} trained at best. {found.people_words}.",
        Severity.INFO if is_fine else Severity.HIGH,
        Verdict.HOLDS if is_fine else Verdict.CONTRADICTS,
        value=found.fewest_untrained,
        unit="people",
        expected=claimed,
        table="training_need",
        rows=named,
        source=results.stated.source("ready.sre_untrained"),
    )


def _seats(found: Training) -> Iterator[Finding]:
    seats = exact_sum(list(found.open_seats.values()))
    left = exact_sum(list(found.unassigned.values()))
    parts = [f"{name} {count(n)}" for name, n in found.unassigned.items()]
    words = f"{count(seats)} seats are open and {count(seats - left)} are given to people"
    words += f"; to nobody: {listed(parts)}." if left else "."
    yield finding(
        "training.open_seats",
        "Open seats that nobody is named for",
        words,
        Severity.HIGH if left else Severity.INFO,
        Verdict.CONTRADICTS if left else Verdict.HOLDS,
        value=left,
        unit="seats",
        expected=0,
        table="training_module",
        rows=len(found.rows),
        source=sources(row["source"] for row in found.rows),
    )


def _modules(found: Training) -> Iterator[Finding]:
    printed = [row for row in found.rows if row["stated_pct"] is not None]
    shares = {r["module_name"]: r["trained_seats"] / r["required_seats"] * 100 for r in printed}
    wrong = [
        f"{row['module_name']}: {_pct(shares[row['module_name']])}"
        for row in printed
        if judge(row["stated_pct"], shares[row["module_name"]], decimals=0) is not Verdict.HOLDS
    ]
    words = f"{len(printed) - len(wrong)} of {len(printed)} printed shares are those of their seats"
    yield finding(
        "training.modules",
        "Share of each module",
        f"{words}; not so: {listed(wrong)}." if wrong else f"{words}.",
        Severity.LOW if wrong else Severity.INFO,
        Verdict.CONTRADICTS if wrong else Verdict.HOLDS,
        value=len(wrong),
        expected=0,
        table="training_module",
        rows=len(printed),
    )


def _bars(results: LaunchResults) -> Iterator[Finding]:
    bars = results.stated.of_kind("training_bar")
    if not bars:
        return
    values = sorted({row["stated_value"] for row in bars})
    words = listed([f"{percent(v, 0, signed=False)}" for v in values])
    yield finding(
        "training.bars",
        "What the training is held against",
        f"{words}: {counted(len(values), 'bar')} for one gate.",
        Severity.MEDIUM if len(values) > 2 else Severity.INFO,
        Verdict.CONTRADICTS if len(values) > 2 else Verdict.HOLDS,
        value=len(values),
        unit="bars",
        expected=2,
        rows=len(bars),
        source=sources(row["source"] for row in bars),
    )


def _dates(results: LaunchResults) -> Iterator[Finding]:
    """Yield on how many days schedules begin the training."""
    days: dict[str, list[date]] = {}
    for task in results.plan_rows:
        if "team.training" in task["serves"] and task["task_from_date"] is not None:
            days.setdefault(task["plan_id"], []).append(task["task_from_date"])
    first = {plan: min(found) for plan, found in days.items()}
    if len(first) < 2:
        return
    parts = [f"{day(d)} ({plan.replace('_', ' ')})" for plan, d in first.items()]
    apart = len(set(first.values()))
    yield finding(
        "training.dates",
        "When the training is",
        f"Schedules begin it on {listed(parts)}.",
        Severity.MEDIUM if apart > 1 else Severity.INFO,
        Verdict.CONTRADICTS if apart > 1 else Verdict.HOLDS,
        value=apart,
        unit="days",
        expected=1,
        table="plan_task",
        rows=len(first),
    )


def _drills(results: LaunchResults, found: Training) -> Iterator[Finding]:
    took, wanted = (
        results.stated.value(name) for name in ("ready.drill_sres", "ready.certification_drills")
    )
    if took is None or not wanted:
        return
    short = found.people - took
    yield finding(
        "training.drills",
        "People who took part in a drill",
        f"Certification asks for {counted(wanted, 'drill')} each; {count(took)} of "
        f"{count(found.people)} took part in the one that is reported.",
        Severity.MEDIUM if short > 0 else Severity.INFO,
        Verdict.CONTRADICTS if short > 0 else Verdict.HOLDS,
        value=took,
        unit="people",
        expected=found.people,
        rows=2,
        source=results.stated.source("ready.drill_sres"),
    )


def _team(results: LaunchResults, found: Training) -> Iterator[Finding]:
    values = results.stated.values("ready.sres", "ready.platform_engineers", "ready.team")
    if values is None:
        return
    sres, others, team = values
    is_sum = sres + others == team
    outside = team - max(row["required_seats"] for row in found.rows)
    words = f"{count(sres)} and {count(others)} are {count(sres + others)} people; stated are "
    words += f"{count(team)}. No module is meant for {count(outside)} of them."
    yield finding(
        "training.team",
        "The team, and who is trained",
        words,
        Severity.LOW,
        Verdict.HOLDS if is_sum else Verdict.CONTRADICTS,
        value=sres + others,
        unit="people",
        expected=team,
        rows=3,
        source=results.stated.source("ready.team"),
    )


def _rota(results: LaunchResults, found: Training) -> Iterator[Finding]:
    frame = results.known.inputs.tables.get("on_call_shift")
    rows = [] if frame is None else records(check(frame, ON_CALL_SHIFT))
    if not rows:
        return
    people = {row["person_id"] for row in rows}
    named = sorted(people & set(found.named_people))
    left = exact_sum(list(found.unassigned.values()))
    words = f"The rota has {counted(len(people), 'person')}".replace("persons", "people")
    words += f", {listed(named)} of them named as untrained." if named else ", none of them named "
    words += "" if named else "as untrained."
    if left:
        words += f" {counted(left, 'open seat')} given to nobody may be theirs."
    yield finding(
        "training.rota",
        "Who is on call untrained",
        words,
        Severity.HIGH if named else Severity.LOW,
        Verdict.CONTRADICTS if named else (Verdict.UNKNOWN if left else Verdict.HOLDS),
        value=len(named),
        unit="people",
        expected=0,
        table="on_call_shift",
        rows=len(rows),
        source=sources(row["source"] for row in rows),
    )
