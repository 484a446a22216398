"""Findings on the totals that a document states of its own registers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from prismlib.analyses.judging import counted, listed
from prismlib.analyses.launch_evidence import Item
from prismlib.analyses.launch_judging import agreed, finding, sources
from prismlib.analyses.launch_measures import is_critical, is_security
from prismlib.analyses.launch_plan import team_key
from prismlib.analyses.launch_readiness import LaunchResults
from prismlib.findings import Finding, Severity, Verdict, slug
from prismlib.formats import count, day
from prismlib.money import exact_sum
from prismlib.readiness_tables import CHECKLIST_ITEM
from prismlib.tables import check, records

LEVELS = ("critical", "high", "medium", "low")
HOURS_PER_DAY = Decimal(8)
A_DAY = 24
MARK = "ready.mark."
"""Begins the id of a claim that an item has a tick beside it (1) or none (0)."""


def register_findings(results: LaunchResults) -> Iterator[Finding]:
    """Yield the findings on each stated total that the registers can give."""
    yield from _gaps(results)
    yield from _critical_items(results)
    yield from _checklist(results)
    yield from _effort(results)
    yield from _delay_words(results)
    yield from _fleet(results)
    yield from _marks(results)


def _marks(results: LaunchResults) -> Iterator[Finding]:
    """Yield the items that are open and have the tick of a closed one."""
    for claim_id in results.stated.rows:
        item = results.known.items.get(claim_id.removeprefix(MARK))
        if not claim_id.startswith(MARK) or item is None or not results.stated.value(claim_id):
            continue
        if item.row["item_status"] == "open":
            yield finding(
                f"register.mark.{slug(item.item_id)}",
                f"Tick beside an open item: {item.name}",
                f"{item.item_id} ({item.name}) has the tick of what is done and is open.",
                Severity.LOW,
                Verdict.CONTRADICTS,
                value=0,
                expected=1,
                table="readiness_item",
                source=results.stated.source(claim_id),
            )


def of_kind(results: LaunchResults, wanted: Callable[[Item], bool]) -> list[Item]:
    """Return the items of the register that are wanted."""
    return [item for item in results.known.items.values() if wanted(item)]


def _gaps(results: LaunchResults) -> Iterator[Finding]:
    stated, gaps = results.stated, of_kind(results, lambda one: one.row["item_kind"] == "gap")
    claimed = stated.values("ready.gaps", *(f"ready.gaps_{level}" for level in LEVELS))
    if claimed is None or not gaps:
        return
    found = [len(gaps)]
    found += [sum(one.row["severity"] == level for one in gaps) for level in LEVELS]
    parts = listed([f"{n} {level}" for n, level in zip(found[1:], LEVELS, strict=True)])
    is_same = claimed == found
    words = f"The register holds {counted(found[0], 'gap')}: {parts}. Stated are "
    words += f"{count(claimed[0])}: "
    words += listed([f"{count(n)} {level}" for n, level in zip(claimed[1:], LEVELS, strict=True)])
    yield finding(
        "register.gaps",
        "Gaps in the register",
        f"{words}.",
        Severity.INFO if is_same else Severity.HIGH,
        Verdict.HOLDS if is_same else Verdict.CONTRADICTS,
        value=found[0],
        unit="gaps",
        expected=claimed[0],
        table="readiness_item",
        rows=len(gaps),
        source=stated.source("ready.gaps"),
    )


def _critical_items(results: LaunchResults) -> Iterator[Finding]:
    """Yield the stated number of critical items: gaps and findings, those that are both once."""
    claimed = results.stated.value("ready.critical_items")
    items = of_kind(results, is_critical)
    gaps = [one for one in items if one.row["item_kind"] == "gap"]
    security = [one for one in items if is_security(one)]
    both = [one for one in gaps if is_security(one)]
    if claimed is None or not gaps:
        return
    distinct = len(gaps) + len(security) - len(both)
    words = f"{counted(len(gaps), 'critical gap')} and {counted(len(security), 'critical finding')}"
    words += f" of security, {len(both)} of them both, are {distinct} distinct items; stated are "
    words += f"{count(claimed)}."
    stated = results.stated.value("ready.security_critical")
    if stated is not None and stated != len(security):
        added, once = len(gaps) + stated, len(gaps) + stated - len(both)
        words += f" With the {count(stated)} findings that are counted, {count(added)} is the sum "
        words += f"with what is both counted twice, and {count(once)} without."
    is_fine = claimed == distinct and stated in (None, len(security))
    yield finding(
        "register.critical_items",
        "Critical items before the launch",
        words,
        Severity.INFO if is_fine else Severity.MEDIUM,
        Verdict.HOLDS if is_fine else Verdict.CONTRADICTS,
        value=distinct,
        unit="items",
        expected=claimed,
        table="readiness_item",
        rows=len(items),
        source=results.stated.source("ready.critical_items"),
    )


def _checklist(results: LaunchResults) -> Iterator[Finding]:
    claimed = results.stated.value("ready.checklist_items")
    frame = results.known.inputs.tables.get("checklist_item")
    if claimed is None or frame is None:
        return
    rows = [
        row
        for row in records(check(frame, CHECKLIST_ITEM))
        if row["checklist_group"] == "before_launch"
    ]
    severity, verdict = agreed(claimed, len(rows), 0, wrong=Severity.MEDIUM)
    yield finding(
        "register.checklist",
        "Items of the checklist",
        f"The checklist lists {counted(len(rows), 'item')} before the launch; stated are "
        f"{count(claimed)}.",
        severity,
        verdict,
        value=len(rows),
        unit="items",
        expected=claimed,
        table="checklist_item",
        rows=len(rows),
        source=sources(row["source"] for row in rows),
    )


def _effort(results: LaunchResults) -> Iterator[Finding]:
    """Yield the work that the critical gaps state, against the time that is planned for them."""
    planned = results.stated.value_in("ready.remediation_days", "days")
    gaps = of_kind(results, lambda one: one.row["item_kind"] == "gap" and is_critical(one))
    hours = [one.row["effort_hours"] for one in gaps if one.row["effort_hours"] is not None]
    if planned is None or not hours:
        return
    total = exact_sum(hours)
    teams: dict[str, Decimal] = {}
    spelt: dict[str, str] = {}
    for one in gaps:
        owner = spelt.setdefault(team_key(one.row["owner"]), one.row["owner"])
        teams[owner] = teams.get(owner, Decimal(0)) + (one.row["effort_hours"] or 0)
    busiest = max(teams, key=lambda name: teams[name])
    slow = [one for one in of_kind(results, is_critical) if one not in gaps and _is_slow(one)]
    words = f"The {counted(len(gaps), 'critical gap')} state {count(total)} h of work, at most "
    words += f"{count(teams[busiest])} h for one team ({busiest}), against {count(planned)} days. "
    words += f"What takes longer are other items: {listed([one.name for one in slow])}."
    yield finding(
        "register.gap_work",
        "Work of the critical gaps",
        words,
        Severity.MEDIUM,
        Verdict.CONTRADICTS if total < planned / 7 * 5 * HOURS_PER_DAY else Verdict.HOLDS,
        value=total,
        unit="h",
        expected=planned / 7 * 5 * HOURS_PER_DAY,
        table="readiness_item",
        rows=len(gaps),
        source=results.stated.source("ready.remediation_days"),
    )


def _is_slow(item: Item) -> bool:
    return any((item.row[name] or 0) >= A_DAY for name in ("effort_hours", "wait_hours"))


def _delay_words(results: LaunchResults) -> Iterator[Finding]:
    stated, as_of = results.stated, results.known.inputs.as_of
    first, second = stated.date("launch_first"), stated.date("launch_second")
    if first is None or second is None:
        return
    whole, apart = (second - as_of).days, (second - first).days
    names = ("delay_days", "ready.delay_low_days", "ready.delay_high_days")
    said = sorted({v for name in names if (v := stated.value(name)) is not None})
    words = f"Two launch days are planned for: {day(first)} and {day(second)}, {apart} days apart. "
    words += f"From {day(as_of)} to the second are {whole} days; stated as a delay: "
    words += f"{listed([counted(v, 'day') for v in said])}."
    yield finding(
        "launch_days",
        "Launch days",
        words,
        Severity.HIGH if apart else Severity.INFO,
        Verdict.CONTRADICTS if apart else Verdict.HOLDS,
        value=apart,
        unit="days",
        expected=0,
        rows=2,
        source=sources([stated.source("launch_first"), stated.source("launch_second")]),
    )


def _fleet(results: LaunchResults) -> Iterator[Finding]:
    """Yield how many nodes there are said to be: in the gap, at most, priced, when rolled out."""
    stated = results.stated
    sizes = {
        "running in the gap": stated.value("ready.nodes"),
        "at most in the scaling group": stated.value("ready.scaling_most_nodes"),
        "monitored": stated.value("target.redis") or stated.value("ready.target.redis"),
    }
    parts = stated.values("ready.staged_shards", "ready.nodes_per_shard")
    if parts is not None:
        sizes["rolled out in stages"] = parts[0] * parts[1]
    known = {name: size for name, size in sizes.items() if size is not None}
    if len(known) < 2:
        return
    apart = len(set(known.values()))
    words = listed([f"{count(size)} {name}" for name, size in known.items()])
    yield finding(
        "fleet_size",
        "How many Redis nodes the system has",
        f"{words}: {apart} sizes of one fleet.",
        Severity.HIGH if apart > 1 else Severity.INFO,
        Verdict.CONTRADICTS if apart > 1 else Verdict.HOLDS,
        value=max(known.values()),
        unit="nodes",
        expected=min(known.values()),
        rows=len(known),
        source=stated.source("ready.nodes"),
    )
