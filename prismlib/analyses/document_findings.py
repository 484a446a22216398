"""Findings on the documentation: how complete, what is missing, whether a rule asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from prismlib.analyses.documents import Documents, documents_of
from prismlib.analyses.judging import counted, listed
from prismlib.analyses.launch_judging import agreed, finding, sources
from prismlib.analyses.launch_readiness import LaunchResults
from prismlib.findings import Finding, Severity, Verdict, judge
from prismlib.formats import count, percent
from prismlib.money import exact_sum

HUNDRED = Decimal(100)
RUNBOOK = "runbook."


def document_findings(results: LaunchResults) -> Iterator[Finding]:
    """Yield the findings on the documentation; none without a count of documents."""
    found = documents_of(results.known.inputs.tables.get("document_count"))
    if found is None or not found.rows:
        return
    yield from _share(results, found)
    yield from _kinds(found)
    yield from _total(results, found)
    yield from _missing(results, found)
    yield from _critical(results)
    yield from _work(results)
    if not any(one.criterion.row["measure_name"] == "documents_pct" for one in results.judged):
        yield _no_rule(found)


def _share(results: LaunchResults, found: Documents) -> Iterator[Finding]:
    claimed = results.stated.value_in("ready.documents_pct", "%")
    if claimed is None:
        return
    severity, verdict = agreed(claimed, found.share_pct, 0, wrong=Severity.MEDIUM)
    words = f"{count(found.available)} of {count(found.required)} documents that are asked for "
    words += f"exist: {_pct(found.share_pct)}; the mean of the kinds is {_pct(found.mean_pct)}. "
    words += f"Stated is {percent(claimed, 0, signed=False)}."
    total = results.stated.value("ready.documents")
    if verdict is Verdict.CONTRADICTS and total == claimed:
        words += f" {count(total)} is the number of documents that is stated, not a share."
    yield finding(
        "documents.share",
        "How complete the documentation is",
        words,
        severity,
        verdict,
        value=found.share_pct,
        unit="%",
        expected=claimed,
        table="document_count",
        rows=len(found.rows),
        source=results.stated.source("ready.documents_pct"),
    )


def _pct(value: Decimal) -> str:
    return percent(value, 1, signed=False)


def _kinds(found: Documents) -> Iterator[Finding]:
    """Yield whether the printed share of each kind is that of its figures."""
    wrong = []
    printed = [row for row in found.rows if row["stated_pct"] is not None]
    for row in printed:
        share = row["available_documents"] / row["required_documents"] * HUNDRED
        if judge(row["stated_pct"], share, decimals=0) is not Verdict.HOLDS:
            wrong.append(f"{row['document_kind']}: {_pct(share)}")
    words = f"{len(printed) - len(wrong)} of {len(printed)} printed shares are those of their "
    words += f"figures; not so: {listed(wrong)}." if wrong else "figures."
    yield finding(
        "documents.kinds",
        "Share of each kind of document",
        words,
        Severity.LOW if wrong else Severity.INFO,
        Verdict.CONTRADICTS if wrong else Verdict.HOLDS,
        value=len(wrong),
        expected=0,
        table="document_count",
        rows=len(printed),
        source=sources(row["source"] for row in printed),
    )


def _total(results: LaunchResults, found: Documents) -> Iterator[Finding]:
    claimed = results.stated.value("ready.documents")
    if claimed is None:
        return
    severity, verdict = agreed(claimed, found.available, 0, wrong=Severity.LOW)
    words = f"The table holds {count(found.available)} documents; the stated total is "
    words += f"{count(claimed)}."
    left = [r["document_kind"] for r in found.rows if found.available - claimed == _there(r)]
    if verdict is Verdict.CONTRADICTS and len(left) == 1:
        words += f" The difference is one kind: {left[0]}."
    yield finding(
        "documents.total",
        "Number of documents",
        words,
        severity,
        verdict,
        value=found.available,
        unit="documents",
        expected=claimed,
        table="document_count",
        rows=len(found.rows),
        source=results.stated.source("ready.documents"),
    )


def _there(row: dict[str, Decimal]) -> Decimal:
    return row["available_documents"]


def _missing(results: LaunchResults, found: Documents) -> Iterator[Finding]:
    claimed = results.stated.value_in("ready.documents_missing_pct", "%")
    if claimed is None:
        return
    share = found.missing / found.required * HUNDRED
    critical = [r for r in _runbooks(results) if r["severity"] == Severity.CRITICAL]
    words = f"{counted(found.missing, 'document')} of {count(found.required)} are missing, "
    words += f"{_pct(share)}; stated are {percent(claimed, 0, signed=False)}, of edge cases."
    runbooks = next((r for r in found.rows if "runbook" in r["document_kind"].lower()), None)
    if runbooks is not None:
        gone = runbooks["required_documents"] - runbooks["available_documents"]
        words += f" Of the runbooks {count(gone)} of {count(runbooks['required_documents'])} are "
        words += f"missing, {len(critical)} of them ranked critical."
    severity, verdict = agreed(claimed, share, 0, wrong=Severity.HIGH)
    yield finding(
        "documents.missing",
        "Documents that are missing",
        words,
        severity,
        verdict,
        value=share,
        unit="%",
        expected=claimed,
        table="document_count",
        rows=len(found.rows),
        source=results.stated.source("ready.documents_missing_pct"),
    )


def _runbooks(results: LaunchResults) -> list[dict[str, object]]:
    items = results.known.items.values()
    return [dict(one.row) for one in items if one.item_id.startswith(RUNBOOK)]


def _critical(results: LaunchResults) -> Iterator[Finding]:
    claimed, rows = results.stated.value("ready.runbooks_critical"), _runbooks(results)
    if claimed is None or not rows:
        return
    ranks = [str(row["severity"]) for row in rows]
    parts = [f"{ranks.count(name)} {name}" for name in dict.fromkeys(sorted(ranks))]
    severity, verdict = agreed(claimed, ranks.count("critical"), 0, wrong=Severity.MEDIUM)
    yield finding(
        "documents.critical_runbooks",
        "Critical runbooks that are missing",
        f"Of {counted(len(rows), 'missing runbook')}: {listed(parts)}. Stated are "
        f"{count(claimed)} critical ones.",
        severity,
        verdict,
        value=ranks.count("critical"),
        unit="runbooks",
        expected=claimed,
        table="readiness_item",
        rows=len(rows),
        source=results.stated.source("ready.runbooks_critical"),
    )


def _work(results: LaunchResults) -> Iterator[Finding]:
    """Yield how long the missing runbooks are said to take, against the day they are given."""
    claimed, rows = results.stated.value_in("ready.runbook_days", "days"), _runbooks(results)
    planned = [
        task
        for task in results.plan_rows
        if RUNBOOK in task["serves"] and task["task_from_date"] and task["task_to_date"]
    ]
    if claimed is None or not planned:
        return
    days = sum((t["task_to_date"] - t["task_from_date"]).days + 1 for t in planned)
    hours = exact_sum([Decimal(str(row["effort_hours"] or 0)) for row in rows])
    is_less = days < claimed
    yield finding(
        "documents.work",
        "Time for the missing runbooks",
        f"They are said to take {counted(claimed, 'day')} ({count(hours)} h of work before "
        f"reviews); the plan gives them {counted(days, 'day')}.",
        Severity.MEDIUM if is_less else Severity.INFO,
        Verdict.CONTRADICTS if is_less else Verdict.HOLDS,
        value=days,
        unit="days",
        expected=claimed,
        table="plan_task",
        rows=len(planned),
        source=results.stated.source("ready.runbook_days"),
    )


def _no_rule(found: Documents) -> Finding:
    return finding(
        "documents.no_rule",
        "No criterion asks for documents",
        f"{_pct(found.share_pct)} of the documents exist, and no criterion of the launch asks for "
        "any: it can be GO without them.",
        Severity.MEDIUM,
        Verdict.CONTRADICTS,
        table="criterion",
    )
