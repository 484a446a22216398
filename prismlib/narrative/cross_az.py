"""The sentences of the notebook on traffic between zones: every number in them is computed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from prismlib.analyses.cross_az import CrossAzResults, working
from prismlib.analyses.cross_az_choices import TOTAL_WORDS
from prismlib.analyses.cross_az_inputs import CrossAzInputs, CrossAzSettings
from prismlib.analyses.judging import counted, listed
from prismlib.analyses.zone_failure import incident_cost, no_rise
from prismlib.analyses.zone_measured import NO_ZONE
from prismlib.analyses.zone_model import (
    Ratio,
    as_decimal,
    hint_effectiveness,
    share_in_words,
    uniform_ratio,
)
from prismlib.analyses.zone_remedies import SAVINGS_DO_NOT_ADD, best_remedy
from prismlib.findings import Finding
from prismlib.formats import count, day, money, percent, rate
from prismlib.tables import records


def share(value: Ratio) -> str:
    """Return a share of 0 to 1 as a percentage."""
    return share_in_words(value)


def headline(results: CrossAzResults, findings: Sequence[Finding]) -> str:
    """Return the few lines of plain text that a notebook keeps as its checked output."""
    verdicts = [str(f.verdict) for f in findings]
    counts = [f"{verdicts.count(word)} {word}" for word in sorted(set(verdicts))]
    traffic, chosen = results.traffic, results.chosen
    lines = ["month     unknown"]
    if traffic is not None and chosen is not None:
        cost = money(traffic.both_ends_cost, traffic.currency, decimals=2)
        one = money(traffic.one_end_cost, traffic.currency, decimals=2)
        hour = money(results.failure_per_hour, traffic.currency, decimals=2)
        lines = [
            f"month     {one} at one end"
            if results.is_one_end
            else f"month     {cost} at both ends, {one} at one",
            f"share     {share(chosen.ratio)} ({chosen.name})",
            f"failure   {hour} an hour",
        ]
    return "\n".join([*lines, f"findings  {', '.join(counts)}"])


def basis(inputs: CrossAzInputs, results: CrossAzResults) -> str:
    """Return what the model is computed from, and where each input comes from."""
    traffic, chosen, price = results.traffic, results.chosen, results.rate
    when = f"**{inputs.costs.period}**, as known on {day(inputs.costs.as_of)}"
    if traffic is None or chosen is None or price is None:
        verb = "is" if len(results.missing) == 1 else "are"
        missing = listed(list(results.missing))
        return f"For {when} the cost cannot be computed: {missing} {verb} not known."
    per_gb = rate(traffic.price_both_ends, "GB", currency=traffic.currency, decimals=4)
    source = "" if results.total is None else f", {TOTAL_WORDS[results.total.name]}"
    words = (
        f"For {when}: {count(traffic.total_gb_per_s)} GB/s in all{source}; {share(chosen.ratio)} "
        f"of it crossing ({chosen.words}), over {counted(traffic.zones, 'zone')} and a month of "
        f"{count(as_decimal(traffic.days))} days, at {per_gb} for a gigabyte moved "
        f"({price.words})."
    )
    if results.total is not None and results.total.name == "bill":
        words += f" The bill covers {results.billed}; a month is taken to be like it."
    others = [s for s in results.shares.values() if s.ratio != chosen.ratio]
    if others:
        words += f" Also known: {listed([f'{s.words}, {share(s.ratio)}' for s in others])}."
    return words


def cost_per_pct(results: CrossAzResults) -> Decimal:
    """Return what one percent of the traffic costs in a month, both ends."""
    traffic = results.traffic
    assert traffic is not None
    return traffic.at(Decimal("0.01")).both_ends_cost if traffic.zones > 1 else Decimal(0)


def crossing_title(results: CrossAzResults) -> str:
    """Return what the chart of cost against share shows, as a sentence."""
    words = f"{money(cost_per_pct(results), results.currency)} a month for each percent of the "
    words += "traffic that crosses"
    bands = [r for r in records(results.thresholds) if r["both_ends_crossing_pct"]]
    if bands:
        first = min(bands, key=lambda row: row["both_ends_crossing_pct"])
        reached = percent(first["both_ends_crossing_pct"], 3, signed=False)
        words += f"; the first line is reached at {reached}"
    return words


def scenario_sentence(results: CrossAzResults) -> str:
    """Return how the states of the system compare, and how good placement hints would be."""
    stated, traffic = results.shares.get("stated"), results.traffic
    if traffic is None:
        return "Without a rate, a share and a price there is nothing to draw."
    words = f"Placement that ignores zones lets {share(uniform_ratio(traffic.zones))} cross."
    if stated is not None:
        effect = hint_effectiveness(stated.ratio, traffic.zones)
        if effect is not None and effect >= 0:
            words += f" The stated {share(stated.ratio)} needs hints that avoid {share(effect)} "
            words += "of what would cross without them."
    built = results.shares.get("as_built")
    if built is not None and stated is not None and built.ratio > stated.ratio:
        words += f" **As built, {share(built.ratio)} must be expected**: what the document calls "
        words += "the failure of placement is how the system stands."
    return words


def threshold_sentence(results: CrossAzResults) -> str:
    """Return at which share each line is reached."""
    rows = [row for row in records(results.thresholds)]
    if not rows:
        return (
            "No baseline for a whole month in the currency of the prices, and no budget: there is "
            "no line to hold the cost against."
        )
    parts = [
        f"{row['threshold_name']}: {row['note']}"
        if row["note"]
        else f"{row['threshold_name']} at {percent(row['both_ends_crossing_pct'], 3, signed=False)}"
        for row in rows
    ]
    return f"Counted at both ends, the lines are reached at these shares. {'; '.join(parts)}."


def failure_sentence(results: CrossAzResults, settings: CrossAzSettings) -> str:
    """Return what failed placement costs, and how long it stays unseen."""
    per_hour, traffic, failed = results.failure_per_hour, results.traffic, results.failed_ratio
    if per_hour is None or traffic is None or failed is None:
        return "The cost of an hour cannot be computed without a rate, a share and a price."
    before = working(traffic, results.shares)
    if per_hour <= 0:
        return no_rise(before, failed)
    incident = incident_cost(before, failed, settings.incident_hours)
    words = (
        f"When the share rises from {share(before.crossing_ratio)} to {share(failed)}, each hour "
        f"costs {money(per_hour, traffic.currency)} more; "
        f"{counted(settings.incident_hours, 'hour')} cost {money(incident, traffic.currency)}."
    )
    for row in records(results.alarms):
        words += f" {row['alarm_name']}: seen after {counted(row['delay_hours'], 'hour')}, at "
        words += f"{money(row['cost'], traffic.currency)}."
    return words


def failure_title(results: CrossAzResults) -> str:
    """Return what the chart of alarms shows, as a sentence."""
    rows = records(results.alarms)
    dearest = max(rows, key=lambda row: row["cost"])
    return (
        f"{dearest['alarm_name']}: {money(dearest['cost'], results.currency)} are spent before it "
        "can show a failure"
    )


def remedy_sentence(results: CrossAzResults) -> str:
    """Return which remedy is best, and which are advised against."""
    rows = records(results.remedies)
    best = best_remedy(results.remedies)
    if best is None:
        words = "No remedy that keeps every zone is known to save anything."
    else:
        row = next(row for row in rows if row["remedy_name"] == best)
        amount = money(row["net_effect"], row["billing_currency"])
        words = f"**{best}** saves most: an estimated {amount} a month net, if {row['assumption']}."
    against = [row["remedy_name"] for row in rows if row["advice"] == "do not"]
    if against:
        words += f" Advised against: {listed(against)}."
    unknown = [row["remedy_name"] for row in rows if row["advice"] == "unknown"]
    if unknown:
        words += f" Not known: {listed(unknown)}."
    return words


def remedy_title(results: CrossAzResults) -> str:
    """Return what the chart of remedies shows, as a sentence."""
    best = best_remedy(results.remedies)
    return "What each remedy saves in a month, net" + (
        f": most with {best.lower()}" if best else ""
    )


def sensitivity_title(results: CrossAzResults) -> str:
    """Return which input matters most, as a sentence."""
    rows = records(results.sensitivity)
    widest = max(rows, key=lambda row: abs(row["high_cost"] - row["low_cost"]))
    return f"{widest['input_name']} moves the monthly cost most"


def measurement_sentence(results: CrossAzResults) -> str:
    """Return what the snapshot can and cannot conclude on what crosses."""
    parts = []
    flows, seen = results.flows, results.network_out
    if flows is not None:
        parts.append(
            f"Flow logs of {counted(flows.covered_days, 'day')} hold "
            f"{count(round(flows.total_gb))} GB; {percent(flows.crossing_pct, 2, signed=False)} of "
            "what has both zones crosses."
        )
    else:
        parts.append("The snapshot holds no flow logs with zones, so no share is measured.")
    if results.bill is not None and results.lines is not None:
        bill = results.bill
        moved = "unknown" if bill.moved_gb is None else f"{count(round(bill.moved_gb))} GB"
        parts.append(
            f"The bill lists {money(bill.cost, bill.billing_currency)} for it, {moved} moved: an "
            "amount, not a share."
        )
    parts.append(f"CloudWatch cannot help: {NO_ZONE}.")
    if seen.seen_count:
        parts.append(f"Here {seen.reason}.")
    return " ".join(parts)


def price_words(inputs: CrossAzInputs) -> str:
    """Return how old the prices and limits are."""
    prices = inputs.costs.unit_prices
    dates: list[date] = [d for d in prices[prices["item"].str.startswith("cross_az")]["valid_from"]
                         if d is not None]  # fmt: skip
    if not dates:
        return "The price table carries no date for traffic between zones."
    words = f"The price of traffic between zones was read on {day(min(dates))}"
    if min(dates) > inputs.costs.as_of:
        words += ", after the day of the snapshot: it may have changed in between"
    return words + "."


def kinds_title(inputs: CrossAzInputs) -> str:
    """Return the title of the table of kinds, with what the bill is."""
    words = "The bill by what it pays for"
    return f"{words} (synthetic lines)" if inputs.costs.is_bill_synthetic else words


def remedy_note() -> str:
    """Return how savings of several remedies relate."""
    return SAVINGS_DO_NOT_ADD


def capacity_sentence(findings: Sequence[Finding]) -> str:
    """Return whether the network could carry the traffic, and what an operation may weigh."""
    wanted = ("traffic.capacity", "traffic.bytes_per_operation")
    found = [f.statement for f in findings if f.id in wanted]
    return " ".join(found) or "The snapshot does not say which instances run, or what they carry."
