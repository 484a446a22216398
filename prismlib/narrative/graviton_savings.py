"""The sentences of the Graviton notebook: every number in them is computed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from prismlib.analyses.graviton_claims import CLAIM
from prismlib.analyses.graviton_findings import assumed_ends, first_saving, month
from prismlib.analyses.graviton_inputs import GravitonInputs, GravitonSettings
from prismlib.analyses.graviton_rules import MOVES
from prismlib.analyses.graviton_savings import GravitonAnswers, GravitonResults
from prismlib.analyses.judging import counted, listed, usd
from prismlib.findings import Finding
from prismlib.formats import day, money, percent
from prismlib.money import divide, sum_known
from prismlib.tables import records

CREDIT = (
    "Performance ratios and costs for the same work are derived from benchmark results of "
    "**Spare Cores**, CC BY-SA 4.0; what is shown of them here is under the same licence."
)


def headline(results: GravitonResults, findings: Sequence[Finding]) -> str:
    """Return the few lines of plain text that a notebook keeps as its checked output."""
    verdicts = [str(f.verdict) for f in findings]
    tally = {word: verdicts.count(word) for word in sorted(set(verdicts))}
    claimed = results.stated.value(CLAIM)
    first = first_saving(results)
    lines = [
        f"claimed    {money(claimed, decimals=2)} a month",
        f"price only {money(results.price_only.saving, decimals=2)} a month "
        f"({results.generation}, the same instances)",
        f"same work  {money(results.work.work_saving, decimals=0)} a month",
        f"from       {'never within the horizon' if first is None else month(first)}",
        f"findings   {', '.join(f'{number} {word}' for word, number in tally.items())}",
    ]
    return "\n".join(lines)


def basis(inputs: GravitonInputs, settings: GravitonSettings, results: GravitonResults) -> str:
    """Return what is counted: where the lines come from, at which rates, as known when."""
    account = (inputs.instance, inputs.database, inputs.managed_node)
    if any(table is not None for table in account):
        origin = "what runs in the account, with the commitments that it holds"
    elif inputs.fleet is not None:
        counts = {"expected": "as many as its cost lines pay for", "deployed": "those that run"}
        origin = f"the fleet that the document describes, {counts[settings.fleet_count]}"
    else:
        origin = "the bill, by usage type"
    bases = sorted(set(results.lines["rate_basis"]) - {""})
    words = (
        f"This page counts {origin}, as known on {day(inputs.as_of)}, in US dollars a month. Rates "
        f"are compared like for like: {listed(bases) or 'none is known'}."
    )
    if assumed_ends(results):
        words += (
            " **What “reserved” means is an assumption**: the document names no kind, no term and "
            "no end of a commitment."
        )
    return words


def lines_sentence(results: GravitonResults) -> str:
    """Return how much of the cost can move, and how much of it now."""
    lines = records(results.lines)
    if not lines:
        return f"There is no line to count: {results.no_lines}."
    total = sum_known(row["current_cost"] for row in lines)
    parts = []
    for name, words in (
        ("eligible", "can move now"),
        ("after upgrade", "can move after an upgrade"),
        ("after commitment", "can move when its commitment ends"),
        ("already Arm", "is on Arm already"),
        ("ineligible", "cannot move"),
        ("unknown", "may or may not"),
    ):
        mine = [row for row in lines if row["eligibility"] == name]
        if mine:
            cost = sum_known(row["current_cost"] for row in mine)
            parts.append(f"{usd(cost)} {words}")
    return (
        f"Of {usd(total)} a month at the rates compared, in {counted(len(lines), 'line')}: "
        f"**{listed(parts)}**."
    )


def generations_sentence(results: GravitonResults) -> str:
    """Return what each generation saves by price, newest last."""
    parts = []
    for name, total in results.by_generation.items():
        words = f"{usd(total.saving)} on {name}"
        if total.unknown_lines and total.saving is not None:
            words += f" ({counted(len(total.unknown_lines), 'line')} not known)"
        parts.append(words)
    return (
        f"The same instances would save a month: **{listed(parts)}**. A newer generation is dearer "
        "by the hour: it saves more only where fewer instances do the work."
    )


def generations_title(results: GravitonResults) -> str:
    """Return what the chart of generations shows, as a sentence."""
    known = {n: t.saving for n, t in results.by_generation.items() if t.saving is not None}
    if not known:
        return "No generation has a price on both sides"
    best = max(known, key=lambda name: known[name])
    return f"By price alone {best} saves most: {usd(known[best])} a month"


def mapping_sentence(rows: Sequence[dict[str, str]]) -> str:
    """Return where the two published mappings name different targets."""
    differing = [row["instance_family"] for row in rows if len(set(_named(row))) > 1]
    if not rows:
        return "No published mapping lists the families of this page."
    if not differing:
        return "The published mappings agree on the newest target of every family of this page."
    verb = "differ" if len(differing) > 1 else "differs"
    return (
        f"The published mappings do not agree on the newest target: {listed(differing)} {verb}. "
        "The target is therefore a parameter, and every generation is shown."
    )


def _named(row: dict[str, str]) -> list[str]:
    return [value for key, value in row.items() if key != "instance_family"]


def claim_title(results: GravitonResults) -> str:
    """Return what the chart of the claim shows, as a sentence."""
    claimed, saving = results.stated.value(CLAIM), results.price_only.saving
    if claimed is None:
        return "Ways to count the saving of a month"
    return f"Claimed: {usd(claimed)} a month. At the rates compared: {usd(saving)}"


def claim_sentence(results: GravitonResults, findings: Sequence[Finding]) -> str:
    """Return the findings on the claim, a paragraph each."""
    wanted = ("graviton.claim", "graviton.list_price", "graviton.deployed", "graviton.rate_not")
    found = [f for f in findings if f.id.startswith(wanted)]
    if not found:
        return "The snapshot states no saving to check."
    return "\n\n".join(f"**{f.title}.** {f.statement}" for f in found)


def work_sentence(settings: GravitonSettings, results: GravitonAnswers) -> str:
    """Return the second answer, and how its uncertainty is stated."""
    work, simulation = results.work, settings.simulation
    if work.work_saving is None:
        return "No line has a price and a benchmark on both sides: the second answer is unknown."
    memory = [r["line_name"] for r in records(results.lines) if _keeps_count(r)]
    words = (
        f"**For the same work the saving is {usd(work.work_saving)} a month, between "
        f"{usd(work.low_work_saving)} and {usd(work.high_work_saving)}** (an interval of "
        f"{percent(simulation.confidence_pct, 0, signed=False)})."
    )
    if memory:
        verb = "is" if len(memory) == 1 else "are"
        words += (
            f" {listed(memory)} {verb} sized by memory and keeps every instance: faster cores save "
            "nothing there."
        )
    return words


def _keeps_count(line: dict[str, str]) -> bool:
    return line["sized_by"] == "memory" and line["eligibility"] in MOVES


def spread_note(settings: GravitonSettings, results: GravitonResults) -> str:
    """Return where the spread of the ratios comes from."""
    sources = set(results.changes["spread_source"]) - {""}
    words = {
        "stated": "one run of each type, so a run is given a coefficient of variation of "
        f"{percent(settings.simulation.single_run_cv * 100, 1, signed=False)} (a parameter)",
        "runs": "the spread of repeated runs",
        "sizes": "the spread between the sizes of a family",
    }
    known = listed([words[name] for name in sorted(sources)])
    missing = sorted({note for note in results.changes["note"] if note})
    gaps = f" Missing: {'; '.join(missing)}." if missing else ""
    return f"Interval: {known or 'none'}.{gaps} {CREDIT}"


def work_title(results: GravitonAnswers) -> str:
    """Return what the chart of work shows, as a sentence."""
    traps = [
        f"{row['source_type']} on {row['workload']}"
        for row in records(results.changes)
        if _is_trap(row["price_change_ratio"], row["cost_per_work_change_ratio"])
    ]
    if traps:
        return f"Cheaper by the hour, dearer for the work: {listed(traps[:3])}"
    return "Price of an hour and cost of a unit of work, against now"


def _is_trap(price: Decimal | None, work: Decimal | None) -> bool:
    return price is not None and work is not None and price < 0 < work


def when_sentence(settings: GravitonSettings, results: GravitonResults) -> str:
    """Return when the saving begins and what it has come to at the end of the horizon."""
    if results.wait.schedule.empty:
        return "No line should move at these prices: there is nothing to place in time."
    first, wait, now = first_saving(results), results.wait, results.move_now
    begins = (
        "within the horizon no commitment ends" if first is None else f"it begins in {month(first)}"
    )
    words = (
        f"**{usd(results.planned_saving)} a month in the end; {begins}.** Over "
        f"{counted(settings.plan.horizon_months, 'month')} the net saving is "
        f"{usd(wait.net_saving)} if every line waits for its commitment, and "
        f"{usd(now.net_saving)} if none does."
    )
    if assumed_ends(results):
        words += " The end of the commitments is assumed, as late as can be."
    return words


def when_title(settings: GravitonSettings, results: GravitonResults) -> str:
    """Return what the chart of the timeline shows, as a sentence."""
    payback = results.wait.payback_month
    if payback is None:
        return "Cumulative net saving: it does not pay for itself within the horizon"
    return f"Cumulative net saving: it has paid for itself in {month(payback)} if lines wait"


def target_sentence(findings: Sequence[Finding]) -> str:
    """Return what the stated cost target needs."""
    found = next((f for f in findings if f.id == "graviton.target"), None)
    return found.statement if found else "The snapshot states no cost target to hold this against."


def price_dates(inputs: GravitonInputs) -> str:
    """Return how old the prices are, seen from the day of the snapshot."""
    reference = inputs.reference
    frames = (reference.instance_price, reference.commitment_rate, reference.managed_price)
    days: list[date] = [d for frame in frames for d in frame["valid_from"] if d is not None]
    if not days:
        return "The price tables carry no date."
    words = f"Prices were read between {day(min(days))} and {day(max(days))}"
    later = " Some were read after the day of the snapshot." if max(days) > inputs.as_of else ""
    return f"{words}; the snapshot is of {day(inputs.as_of)}.{later} {CREDIT}"


def share_of_cost(saving: Decimal | None, cost: Decimal | None) -> str:
    """Return a saving as a share of the cost that it is taken from."""
    ratio = divide(saving, cost)
    return percent(None if ratio is None else ratio * 100, 1, signed=False)
