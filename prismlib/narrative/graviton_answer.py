"""The answer of the Graviton notebook: one sentence, its key figures, the worst findings."""

from __future__ import annotations

from collections.abc import Sequence

from prismlib.analyses.graviton_claims import CLAIM
from prismlib.analyses.graviton_findings import (
    assumed_ends,
    chance,
    first_saving,
    month,
    unjudged_lines,
)
from prismlib.analyses.graviton_inputs import GravitonSettings
from prismlib.analyses.graviton_savings import GravitonResults
from prismlib.analyses.judging import counted, usd
from prismlib.findings import Finding
from prismlib.formats import UNKNOWN, percent
from prismlib.money import divide
from prismlib.narrative.answers import Answer, serious_details
from prismlib.narrative.graviton_savings import share_of_cost
from prismlib.report.blocks import KeyFigure, Tone


def graviton_answer(
    settings: GravitonSettings, results: GravitonResults, findings: Sequence[Finding]
) -> Answer:
    """Return the answer of the notebook: what it saves, for which work, and from when."""
    figures = [
        _price_figure(results),
        *_claim_figure(results),
        _work_figure(results),
        _when_figure(results),
        _net_figure(settings, results),
    ]
    details = serious_details(findings, shown=(), first=("graviton.dearer_work", "graviton.target"))
    return Answer(_statement(settings, results), figures, details)


def _statement(settings: GravitonSettings, results: GravitonResults) -> str:
    saving, claimed = results.planned_saving, results.stated.value(CLAIM)
    if saving is None:
        return _without_saving(results)
    words = f"**Moving to {results.generation} would save {usd(saving)} a month"
    words += f", not {usd(claimed)}**" if claimed is not None and claimed != saving else "**"
    words += ": the same instances, at like-for-like rates."
    words += _running_words(results)
    words += _staying_words(results)
    first = first_saving(results)
    when = "not within the horizon" if first is None else f"from {month(first)} on"
    late = " at the latest" if assumed_ends(results) and first is not None else ""
    risk = chance(results.work.loss_probability, settings.simulation.draws)
    words += f" It comes {when}{late}; the probability that the work gets dearer is {risk}."
    words += _undated_words(results)
    if results.wait.payback_month is None:
        horizon = counted(settings.plan.horizon_months, "month")
        words += f" **It does not pay for its own effort within {horizon}.**"
    return words


def _running_words(results: GravitonResults) -> str:
    """Return what the instances that run would save, where a document pays for more of them."""
    running = results.running
    if running is None or running.saving is None or running.saving == results.price_only.saving:
        return ""
    return f" For the instances that run it is {usd(running.saving)}."


def _without_saving(results: GravitonResults) -> str:
    """Return why no saving is known, or none is there."""
    if results.no_lines:
        return f"**What a move to Graviton would save is unknown**: {results.no_lines}."
    if results.chosen.empty and "unknown" in set(results.lines["eligibility"]):
        return "**Whether any of this can move to Graviton is not known.** The table says why."
    if results.chosen.empty:
        return "**Nothing of this can move to Graviton.** The table of lines says why."
    if results.price_only.saving is None:
        return (
            f"**What moving to {results.generation} would save is unknown**: no line has a price "
            "on both sides."
        )
    if results.undated_saving is not None:
        return f"**Moving to {results.generation} saves nothing from a day that is known.**" + (
            _undated_words(results)
        )
    return _stay_statement(results)


def _staying_words(results: GravitonResults) -> str:
    """Return how many lines should stay, apart from those of which too little is known."""
    unknown = len(unjudged_lines(results))
    stay, words = len(results.staying) - unknown, ""
    if stay:
        words += f" {counted(stay, 'line')} that can move should not."
    if unknown:
        words += f" Whether {counted(unknown, 'line')} should is not known."
    return words


def _undated_words(results: GravitonResults) -> str:
    """Return what is saved from a day that is not known, which is in no other figure."""
    if results.undated_saving is None:
        return ""
    return (
        f" A further {usd(results.undated_saving)} a month begins on a day that is not known: "
        "the end of a commitment is not stated."
    )


def _stay_statement(results: GravitonResults) -> str:
    """Return why no line should move although a price is known."""
    price, work = results.price_only.saving, results.work.work_saving
    assert price is not None
    by_hour = f"{usd(abs(price))} a month {'less' if price > 0 else 'more'}"
    words = f"**No line should move to {results.generation}**: by the hour it would cost {by_hour}"
    if work is None:
        return f"{words}; what it costs for the same work is unknown."
    for_work = f"{usd(abs(work))} {'less' if work > 0 else 'more'}"
    return f"{words}, for the same work {for_work}."


def _price_figure(results: GravitonResults) -> KeyFigure:
    total = results.price_only
    detail = f"{share_of_cost(total.saving, total.current_cost)} of {usd(total.current_cost)}"
    if total.unknown_lines:
        detail += f"; {counted(len(total.unknown_lines), 'line')} not known"
    label = "A month, by price only"
    if total.saving is None:
        return KeyFigure(label, UNKNOWN, "no price on both sides", "unknown")
    tone: Tone = "good" if total.saving > 0 else "bad"
    return KeyFigure(label, usd(total.saving), detail, tone)


def _claim_figure(results: GravitonResults) -> list[KeyFigure]:
    claimed = results.stated.value(CLAIM)
    if claimed is None:
        return []
    ratio = divide(claimed, results.price_only.saving)
    detail = (
        "" if ratio is None else f"{percent(ratio * 100, 0, signed=False)} of the saving by price"
    )
    return [KeyFigure("A month, as claimed", usd(claimed), detail, "bad")]


def _work_figure(results: GravitonResults) -> KeyFigure:
    work = results.work
    if work.work_saving is None:
        return KeyFigure(
            "A month, for the same work", UNKNOWN, "no benchmark of both sides", "unknown"
        )
    interval = f"{usd(work.low_work_saving)} to {usd(work.high_work_saving)}"
    is_gain = work.low_work_saving is not None and work.low_work_saving > 0
    tone: Tone = "good" if is_gain else ("neutral" if work.work_saving > 0 else "bad")
    return KeyFigure("A month, for the same work", usd(work.work_saving), interval, tone)


def _when_figure(results: GravitonResults) -> KeyFigure:
    first, payback = first_saving(results), results.wait.payback_month
    if first is None:
        return KeyFigure("First saving", UNKNOWN, "no line moves within the horizon", "unknown")
    detail = "end of the commitments assumed" if assumed_ends(results) else ""
    if payback is not None:
        detail = f"paid back in {month(payback)}" + (f"; {detail}" if detail else "")
    return KeyFigure("First saving", month(first), detail, "neutral")


def _net_figure(settings: GravitonSettings, results: GravitonResults) -> KeyFigure:
    label = f"Net over {counted(settings.plan.horizon_months, 'month')}"
    if results.wait.schedule.empty:
        return KeyFigure(label, UNKNOWN, "no line should move", "unknown")
    net = results.wait.net_saving
    detail = f"{usd(results.move_now.net_saving)} if moved before commitments end"
    return KeyFigure(label, usd(net), detail, "good" if net > 0 else "bad")
