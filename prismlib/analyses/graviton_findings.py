"""Findings on a move to Graviton: what it saves, for which work, when, and which lines cannot."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from prismlib.analyses.graviton_claim_findings import claim_findings
from prismlib.analyses.graviton_claims import CLAIM
from prismlib.analyses.graviton_commitments import UNKNOWN_KIND, kind_of, note_of
from prismlib.analyses.graviton_coverage import active_of
from prismlib.analyses.graviton_inputs import GravitonInputs, GravitonSettings
from prismlib.analyses.graviton_lines import ASSUMED_END
from prismlib.analyses.graviton_rates import ON_DEMAND
from prismlib.analyses.graviton_savings import GravitonResults
from prismlib.analyses.judging import counted, evidence, listed, severity_of_amount, usd
from prismlib.findings import Finding, Severity, Verdict, slug
from prismlib.formats import day, percent
from prismlib.money import sum_known
from prismlib.tables import records

NOTEBOOK = "graviton_savings"
EVEN = Decimal("0.5")
BENCHMARK_SOURCE = "data/reference/benchmark.csv, derived from Spare Cores, CC BY-SA 4.0"
PRICE_SOURCE = "data/reference/instance_price.csv; commitment_rate.csv; managed_price.csv"


def judge_graviton(
    inputs: GravitonInputs, settings: GravitonSettings, results: GravitonResults
) -> list[Finding]:
    """Return every finding of the notebook."""
    return [
        *_price_only(results),
        *_same_work(settings, results),
        *_dearer_pairs(results, settings.simulation.draws),
        *_when(settings, results),
        *_move_now(results),
        *_lines_out(results),
        *_unknown_commitments(inputs, results),
        *claim_findings(inputs, settings, results),
    ]


def _price_only(results: GravitonResults) -> Iterator[Finding]:
    total, chosen = results.price_only, results.chosen
    words = "No line can move: the table of lines gives the reason for each."
    if results.no_lines:
        words = f"What a move would save is not known: {results.no_lines}."
    elif "unknown" in set(results.lines["eligibility"]):
        words = "No line is known to be able to move: the table of lines gives the reason for each."
    if len(chosen):
        words = _price_words(results)
    is_known = total.saving is not None and not total.unknown_lines
    yield Finding(
        id="graviton.price_only",
        notebook=NOTEBOOK,
        title="Saving by price, the same instances",
        statement=words,
        severity=Severity.INFO,
        verdict=Verdict.HOLDS if is_known else Verdict.UNKNOWN,
        value=total.saving,
        unit="USD",
        evidence=evidence("graviton_option", len(chosen), PRICE_SOURCE),
    )


def _price_words(results: GravitonResults) -> str:
    total = results.price_only
    words = "No line has a price on both sides."
    if total.saving is not None:
        more = "less than" if total.saving >= 0 else "more than"
        words = (
            f"The same instances on {results.generation} would cost {usd(abs(total.saving))} a "
            f"month {more} the {usd(total.current_cost)} that they cost at like-for-like rates."
        )
    if total.unknown_lines:
        left = results.lines[[n in total.unknown_lines for n in results.lines["line_name"]]]
        words += (
            f" Not counted, for want of a price: {_some(total.unknown_lines)}, "
            f"{usd(sum_known(left['current_cost']))} a month as far as that is known."
        )
    return words


def _some(names: tuple[str, ...] | list[str]) -> str:
    """Return up to five names, and how many more there are."""
    more = len(names) - 5
    return listed([*names[:5], *([f"{more} more"] if more > 0 else [])])


def _same_work(settings: GravitonSettings, results: GravitonResults) -> Iterator[Finding]:
    work = results.work
    if results.chosen.empty:
        return
    lost = work.loss_probability is not None and work.loss_probability > EVEN
    verdict = Verdict.CONTRADICTS if lost else Verdict.HOLDS
    if work.unknown_lines or work.work_saving is None:
        verdict = Verdict.UNKNOWN
    severity = Severity.MEDIUM if work.work_saving is None else Severity.INFO
    if lost and work.work_saving is not None:
        severity = severity_of_amount(work.work_saving)
    yield Finding(
        id="graviton.same_work",
        notebook=NOTEBOOK,
        title="Saving for the same work",
        statement=_work_words(settings, results),
        severity=severity,
        verdict=verdict,
        value=work.work_saving,
        unit="USD",
        expected=results.price_only.saving if lost else None,
        evidence=evidence("work_saving", len(work.lines), BENCHMARK_SOURCE),
    )


def _work_words(settings: GravitonSettings, results: GravitonResults) -> str:
    work = results.work
    if work.work_saving is None:
        return (
            "No line has a price and a benchmark on both sides: a benchmark of the own workload "
            "on both types is needed."
        )
    words = (
        f"For the same work the saving is {usd(work.work_saving)} a month, "
        f"{usd(work.low_work_saving)} to {usd(work.high_work_saving)} with a probability of "
        f"{percent(settings.simulation.confidence_pct, 0, signed=False)}; the probability of a "
        f"loss is {chance(work.loss_probability, settings.simulation.draws)}. What is sized by "
        "memory keeps its count of instances."
    )
    if work.unknown_lines:
        words += f" Not counted: {_some(work.unknown_lines)}."
    return words


def chance(probability: Decimal | None, draws: int) -> str:
    """Return a probability in words; one that no draw of `draws` met is below one in so many."""
    if probability is None:
        return "unknown"
    least = Decimal(100) / draws
    pct = probability * 100
    if pct < least:
        return f"below {percent(least, 2, signed=False)}"
    if 100 - pct < least:
        return f"above {percent(100 - least, 2, signed=False)}"
    return percent(pct, 1 if 1 <= pct <= 99 else 2, signed=False)


def _dearer_pairs(results: GravitonResults, draws: int) -> Iterator[Finding]:
    """Yield the pairs that are cheaper by the hour and dearer for the work of their lines."""
    wanted = {
        (row["source_type"], row["target_type"], line["workload"])
        for row in records(results.chosen)
        for line in records(results.lines[results.lines["line_name"] == row["line_name"]])
    }
    for row in records(results.changes):
        price, work = row["price_change_ratio"], row["cost_per_work_change_ratio"]
        key = (row["source_type"], row["target_type"], row["workload"])
        if key not in wanted or price is None or work is None or price >= 0 or work <= 0:
            continue
        names = f"{row['source_type']}_{row['target_type']}_{row['workload']}"
        basis = "" if row["rate_basis"] == ON_DEMAND else f"_{row['rate_basis']}"
        yield Finding(
            id=f"graviton.dearer_work.{slug(names + basis)}",
            notebook=NOTEBOOK,
            title=f"{row['source_type']} to {row['target_type']}: not on price",
            statement=f"{row['target_type']} costs {percent(price * 100, 1)} by the hour, and a "
            f"unit of {row['workload']} work {percent(work * 100, 1)}: it does "
            f"{percent(row['performance_ratio'] * 100, 0, signed=False)} of the work. The "
            f"probability that the work gets dearer is {chance(row['dearer_probability'], draws)}. "
            "Do not move it on price.",
            severity=Severity.HIGH,
            verdict=Verdict.CONTRADICTS,
            value=work * 100,
            unit="%",
            expected=price * 100,
            evidence=evidence("price_performance", 1, BENCHMARK_SOURCE),
        )


def _when(settings: GravitonSettings, results: GravitonResults) -> Iterator[Finding]:
    timeline = results.wait
    if timeline.schedule.empty:
        return
    verdict = Verdict.HOLDS if timeline.payback_month else Verdict.CONTRADICTS
    if assumed_ends(results) or timeline.unknown_lines:
        verdict = Verdict.UNKNOWN
    yield Finding(
        id="graviton.when",
        notebook=NOTEBOOK,
        title="When it saves",
        statement=_when_words(settings, results),
        severity=Severity.INFO if timeline.present_value > 0 else Severity.MEDIUM,
        verdict=verdict,
        value=timeline.present_value,
        unit="USD",
        evidence=evidence("migration_month", len(timeline.months)),
    )


def _when_words(settings: GravitonSettings, results: GravitonResults) -> str:
    timeline, plan = results.wait, settings.plan
    first = first_saving(results)
    when = "no month of the horizon" if first is None else month(first)
    paid = "within the horizon it does not pay for itself"
    if timeline.payback_month is not None:
        paid = f"it has paid for itself in {month(timeline.payback_month)}"
    words = (
        f"Waiting for the commitments, the first saving falls in {when}; {paid}. Over "
        f"{counted(plan.horizon_months, 'month')} the net saving is {usd(timeline.net_saving)}, "
        f"worth {usd(timeline.present_value)} today at "
        f"{percent(plan.yearly_rate_pct, 1, signed=False)} a year."
    )
    if assumed_ends(results):
        words += " The end of the commitments is not stated and is taken as late as can be."
    if timeline.unknown_lines:
        words += f" Not counted, for want of an end date: {_some(timeline.unknown_lines)}."
    return words


def first_saving(results: GravitonResults) -> date | None:
    """Return the first day of the first month that saves anything, if there is one."""
    months = records(results.wait.months)
    return next((row["month_start"] for row in months if row["saving"] > 0), None)


def month(first_day: date) -> str:
    """Return a month in words: ``Oct 2026``."""
    return day(first_day).split(" ", 1)[1]


def _move_now(results: GravitonResults) -> Iterator[Finding]:
    stranded = sum_known(results.move_now.months["stranded_cost"])
    if not stranded:
        return
    now, wait = results.move_now, results.wait
    is_planned = results.stated.value(CLAIM) is not None
    verdict = Verdict.CONTRADICTS if now.net_saving < wait.net_saving else Verdict.HOLDS
    if assumed_ends(results):
        verdict = Verdict.UNKNOWN
    yield Finding(
        id="graviton.move_before_commitments_end",
        notebook=NOTEBOOK,
        title="Moving before the commitments end",
        statement=f"Moving at once would leave {usd(stranded)} of commitments paid and unused; "
        f"over the horizon it comes to {usd(now.net_saving)} instead of "
        f"{usd(wait.net_saving)}.",
        severity=Severity.HIGH if is_planned else Severity.MEDIUM,
        verdict=verdict,
        value=now.net_saving,
        unit="USD",
        expected=wait.net_saving,
        evidence=evidence("migration_month", len(now.months)),
    )


def assumed_ends(results: GravitonResults) -> list[str]:
    """Return the lines whose commitment has an end that is assumed."""
    return [r["line_name"] for r in records(results.lines) if ASSUMED_END in r["note"]]


def _lines_out(results: GravitonResults) -> Iterator[Finding]:
    """Yield the lines that are not known to be able to move, and those that stay by choice."""
    unknown = results.lines[results.lines["eligibility"] == "unknown"]
    if len(unknown):
        reasons = [f"{r['line_name']} ({r['reason']})" for r in records(unknown)]
        yield Finding(
            id="graviton.unknown_eligibility",
            notebook=NOTEBOOK,
            title="Lines that may or may not move",
            statement=f"In no saving: {_some(reasons)}.",
            severity=Severity.LOW,
            verdict=Verdict.UNKNOWN,
            value=sum_known(unknown["current_cost"]),
            unit="USD",
            evidence=evidence("graviton_line", len(unknown)),
        )
    unjudged = {name: results.staying[name] for name in unjudged_lines(results)}
    judged = {name: why for name, why in results.staying.items() if name not in unjudged}
    if judged:
        yield _stays("stays", "Lines that can move and should not", judged)
    if unjudged:
        yield _stays("stays_unknown", "Lines that can move; whether they should, unknown", unjudged)


def unjudged_lines(results: GravitonResults) -> list[str]:
    """Return the lines that stay because a price or a target is not known, by name."""
    return [name for name in results.staying if name in results.price_only.unknown_lines]


def _stays(name: str, title: str, lines: dict[str, str]) -> Finding:
    reasons = [f"{line} ({why})" for line, why in lines.items()]
    return Finding(
        id=f"graviton.{name}",
        notebook=NOTEBOOK,
        title=title,
        statement=f"{counted(len(reasons), 'line')}: {_some(reasons)}.",
        severity=Severity.MEDIUM,
        verdict=Verdict.CONTRADICTS if name == "stays" else Verdict.UNKNOWN,
        value=Decimal(len(reasons)),
        evidence=evidence("graviton_option", len(reasons)),
    )


def _unknown_commitments(inputs: GravitonInputs, results: GravitonResults) -> Iterator[Finding]:
    """Yield the commitments whose kind is not known, with the lines that they may cover."""
    held = [] if inputs.commitment is None else records(inputs.commitment)
    doubtful = [
        row for row in active_of(held, inputs.as_of) if kind_of(row["commitment"]) == UNKNOWN_KIND
    ]
    if not doubtful:
        return
    lines = [
        row["line_name"]
        for row in records(results.lines)
        if any(note_of(one) in row["note"] for one in doubtful)
    ]
    names = [f"“{one['commitment']}” ({one['commitment_id']})" for one in doubtful]
    yield Finding(
        id="graviton.unknown_commitment",
        notebook=NOTEBOOK,
        title="Commitments of a kind that is not known",
        statement=f"{_some(names)}: what they cover, and whether it holds an instance family, is "
        f"not known. In no saving: {_some(lines) or 'no line'}.",
        severity=Severity.MEDIUM,
        verdict=Verdict.UNKNOWN,
        value=Decimal(len(doubtful)),
        evidence=evidence("commitment", len(doubtful)),
    )
