"""Findings on items: rank, registers behind what was seen, waivers, the cost of waiting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from prismlib.analyses.dr_inputs import DAYS_PER_MONTH
from prismlib.analyses.judging import counted, listed, usd
from prismlib.analyses.launch_evidence import Item, State, names
from prismlib.analyses.launch_items import nearest
from prismlib.analyses.launch_judging import finding, sources
from prismlib.analyses.launch_measures import is_counted
from prismlib.analyses.launch_readiness import LaunchResults
from prismlib.findings import Finding, Severity, Verdict, distinct_slugs
from prismlib.formats import count, day, money, percent
from prismlib.tables import records


def item_findings(results: LaunchResults) -> Iterator[Finding]:
    """Yield the findings on items of the register."""
    slugs = distinct_slugs(results.known.items)
    for row in records(results.items):
        if row["severity"] and row["advised_severity"] != row["severity"]:
            yield _misranked(results, row, slugs[row["item_id"]])
        yield from _group(results, row, slugs[row["item_id"]])
    for item in results.known.items.values():
        yield from _behind(item, slugs[item.item_id])
    yield from _strays(results)
    yield from _waivers(results)
    yield from _name_waivers(results)
    yield from _delay(results)


def _misranked(results: LaunchResults, row: dict[str, Any], name: str) -> Finding:
    is_too_low = row["advised_severity"] == Severity.CRITICAL
    hours = "" if row["effort_hours"] is None else f", {count(row['effort_hours'])} h of work"
    words = f"{row['item_name']} is ranked {row['severity']}{hours}. "
    if is_too_low:
        waits = [results.name(name) for name in names(row["unblocks"])]
        words += f"What cannot be shown or done before it is closed: {listed(waits)}."
    else:
        words += f"Nothing waits for it, and its stated harm is {usd(row['cost_per_day'])} a day."
    words += f" These make it {row['advised_severity']}."
    return finding(
        f"rank.{name}",
        f"Rank of {row['item_id']}: {row['item_name']}",
        words,
        Severity.HIGH,
        Verdict.CONTRADICTS,
        table="readiness_item",
        source=row["source"],
    )


def counting(results: LaunchResults, row: Mapping[str, Any]) -> list[str]:
    """Return the criteria that an open item (OPEN_ITEM) keeps from passing, by name.

    They count items of its kind, or their evidence rests on it.
    """
    item, waits = results.known.items[row["item_id"]], names(row["unblocks"])
    return [
        one.criterion.name
        for one in results.judged
        if one.criterion.criterion_id in waits
        or is_counted(item, str(one.criterion.row["measure_name"]))
    ]


def uncounted_words(results: LaunchResults, row: Mapping[str, Any]) -> str:
    """Return an item that no criterion counts, and the criterion that is about the same thing.

    The criterion on_call is about what team.on_call is about, but passes on evidence of its own.
    """
    item_id = str(row["item_id"])
    ids = [one.criterion.criterion_id for one in results.judged]
    about = listed([results.name(name) for name in ids if item_id.endswith(f".{name}")])
    return f"{item_id} ({about} rests on evidence of its own)" if about else item_id


def _group(results: LaunchResults, row: dict[str, Any], name: str) -> Iterator[Finding]:
    """Yield critical items that the checklist puts after the launch."""
    group = row["checklist_group"]
    if row["severity"] != Severity.CRITICAL or group in ("", "before_launch"):
        return
    criteria = counting(results, row)
    words = f"{row['item_name']} is critical, and the checklist puts it "
    words += f"{group.replace('_', ' ')}. "
    if criteria:
        words += f"GO needs it before the launch, for {listed(criteria)}."
    else:
        words += f"No criterion of the gate counts items of the kind {row['item_kind']} or rests "
        words += f"on {uncounted_words(results, row)}: open, it does not keep GO back."
    yield finding(
        f"checklist.{name}",
        f"Critical, and after the launch: {row['item_name']}",
        words,
        Severity.MEDIUM,
        Verdict.CONTRADICTS,
        table="checklist_item",
        source=row["source"],
    )


def _behind(item: Item, name: str) -> Iterator[Finding]:
    """Yield items whose register says something else than what was seen."""
    is_closed = item.row["item_status"] == "closed"
    if is_closed == (item.state is State.PASS):
        return
    if item.state is State.FAIL and not is_closed:
        return
    status = f"{item.row['item_status']} in the register"
    said = item.reason if item.reason.startswith(status) else f"{status}; {item.reason}"
    words = f"{item.item_id} ({item.name}) is {said}."
    is_unknown = item.state is State.UNKNOWN
    yield finding(
        f"register_behind.{name}",
        f"Register against what was seen: {item.name}",
        words,
        Severity.HIGH if is_closed else Severity.LOW,
        Verdict.UNKNOWN if is_unknown else Verdict.CONTRADICTS,
        table="readiness_item",
        source=str(item.row["source"]),
    )


def _strays(results: LaunchResults) -> Iterator[Finding]:
    """Yield what is seen failing and is in no register: nobody has said how much it matters."""
    yield from _misspelt(results)
    yield from _unasked(results)
    strays = results.known.failing_strays
    if not strays:
        return
    parts = [f"{one.key[0]} ({one.row['detail'] or one.key[1]})" for one in strays]
    yield finding(
        "evidence_unregistered",
        "Seen failing, and in no register",
        f"{counted(len(strays), 'look')} at what is no item and no criterion: {'; '.join(parts)}. "
        "Each may be critical until it stands in readiness_item with its severity.",
        Severity.HIGH,
        Verdict.UNKNOWN,
        value=len(strays),
        unit="looks",
        expected=0,
        table="evidence",
        rows=len(strays),
        source=sources(one.row["source"] for one in strays),
    )


def _unasked(results: LaunchResults) -> Iterator[Finding]:
    """Yield what collectors see failing and evidence_subject says that nothing here asks for."""
    found = [one for one in results.known.looks if one.state is State.FAIL and not one.key[0]]
    if not found:
        return
    parts = [f"{one.key[1]} ({one.row['detail'] or 'fails'})" for one in found]
    yield finding(
        "evidence_unasked",
        "Seen failing, and not asked for",
        f"{counted(len(found), 'check')} that evidence_subject gives to nothing: "
        f"{'; '.join(parts)}.",
        Severity.MEDIUM,
        Verdict.CONTRADICTS,
        value=len(found),
        unit="checks",
        expected=0,
        table="evidence_subject",
        rows=len(found),
        source=sources(one.row["source"] for one in found),
    )


def _misspelt(results: LaunchResults) -> Iterator[Finding]:
    """Yield what documents report of something that no table has: a slip, or a row left out."""
    known = results.known
    found = [one for one in known.strays if not one.is_collected and one.state is not State.FAIL]
    if not found:
        return
    subjects = [*known.items, *(one.criterion.criterion_id for one in results.judged)]
    parts = [f"{one.key[1]} of {one.key[0]}{nearest(one.key[0], subjects)}" for one in found]
    yield finding(
        "evidence_of_nothing",
        "Evidence of what is no item and no criterion",
        f"{counted(len(found), 'look')} in stated_evidence counts for nothing: {'; '.join(parts)}.",
        Severity.MEDIUM,
        Verdict.UNKNOWN,
        value=len(found),
        unit="looks",
        expected=0,
        table="stated_evidence",
        rows=len(found),
        source=sources(one.row["source"] for one in found),
    )


def _waivers(results: LaunchResults) -> Iterator[Finding]:
    slugs = distinct_slugs(one.row["waiver_id"] for one in results.known.waivers)
    for waiver in results.known.waivers:
        words = f"The waiver of {waiver.subject}"
        words += f" does not count: {waiver.fault}." if waiver.fault else " counts: "
        if not waiver.fault:
            words += f"{waiver.row['owner']} accepts the risk until "
            words += f"{day(waiver.row['expires_date'])}, {waiver.row['reason']}."
        yield finding(
            f"waiver.{slugs[waiver.row['waiver_id']]}",
            f"Waiver of {waiver.subject}",
            words,
            Severity.HIGH if waiver.fault else Severity.MEDIUM,
            Verdict.CONTRADICTS if waiver.fault else Verdict.HOLDS,
            table="waiver",
            source=str(waiver.row["source"]),
        )


def _name_waivers(results: LaunchResults) -> Iterator[Finding]:
    """Yield what each waiver of a thing by its name does; one that matches nothing is a remark."""
    slugs = distinct_slugs(one.row["waiver_id"] for one in results.known.name_waivers)
    for waiver in results.known.name_waivers:
        words = f"The waiver of {waiver.thing} in {waiver.check_id}"
        words += f" does not count: {waiver.fault}." if waiver.fault else " counts: "
        if not waiver.fault:
            words += f"{waiver.row['owner']} accepts it until {day(waiver.row['expires_date'])}, "
            words += f"{waiver.row['reason']}."
        is_wrong = bool(waiver.fault)
        severity = Severity.HIGH if is_wrong else Severity.MEDIUM
        verdict = Verdict.CONTRADICTS if is_wrong else Verdict.HOLDS
        yield finding(
            f"waiver_by_name.{slugs[waiver.row['waiver_id']]}",
            f"Waiver of {waiver.thing} ({waiver.check_id})",
            words,
            Severity.LOW if waiver.is_idle else severity,
            Verdict.UNKNOWN if waiver.is_in_doubt else verdict,
            table="evidence_waiver",
            source=str(waiver.row["source"]),
        )


def _delay(results: LaunchResults) -> Iterator[Finding]:
    delay = results.delay
    if delay.low is None or delay.high is None or delay.sunk is None:
        yield finding(
            "delay_cost",
            "Cost of a day of delay",
            f"No cost is known: {results.known.costless or 'the snapshot holds none'}.",
            Severity.MEDIUM,
            Verdict.UNKNOWN,
            rows=0,
        )
        return
    words = _delay_words(results, delay.low, delay.high, delay.sunk)
    yield finding(
        "delay_cost",
        "Cost of a day of delay",
        words,
        Severity.MEDIUM,
        Verdict.UNKNOWN,
        value=delay.high,
        unit=delay.currency,
        table="component_variance",
        rows=len(delay.table),
        source=f"a month spread over {count(DAYS_PER_MONTH)} days",
    )


def _delay_words(results: LaunchResults, low: Decimal, high: Decimal, sunk: Decimal) -> str:
    delay = results.delay

    def amount(value: Decimal) -> str:
        return money(value, delay.currency, decimals=0)

    words = f"A day of delay costs {amount(low)} to {amount(high)}. Beside that {amount(sunk)} a "
    words += "day is committed and spent either way: "
    words += f"{percent(delay.sunk_pct, 1, signed=False)} of what is spent."
    days = results.stated.value_in("delay_days", "days")
    if days is not None and delay.stated is not None:
        words += f" {counted(days, 'day')} of delay spend {amount(delay.stated * days)} of the "
        words += f"stated total, of which {amount(sunk * days)} is spent either way."
    return words
