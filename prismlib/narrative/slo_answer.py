"""The answer of the notebook on benchmarks."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from prismlib.analyses.judging import counted, listed
from prismlib.analyses.performance_slo import SloOutcomes
from prismlib.analyses.slo_findings import is_or_are
from prismlib.analyses.slo_judging import big
from prismlib.findings import Finding, Verdict
from prismlib.formats import count
from prismlib.narrative.answers import Answer, serious_details
from prismlib.narrative.performance_slo import assumed_targets
from prismlib.report.blocks import KeyFigure
from prismlib.slo_tables import UNREADABLE

SHOWN = {"slo.objectives", "slo.in_flight", "slo.rate_per_node"}
FIRST = (
    *("slo.objective.", "slo.admissible", "slo.request_bytes", "slo.script.hot_p99"),
    "slo.script.throughput",
)


def slo_answer(outcomes: SloOutcomes, findings: Sequence[Finding]) -> Answer:
    """Return the answer of the notebook: what is shown, what is possible, what is evidence."""
    return Answer(
        _statement(outcomes, findings),
        _figures(outcomes, findings),
        serious_details(findings, shown=SHOWN, first=FIRST),
    )


def _statement(outcomes: SloOutcomes, findings: Sequence[Finding]) -> str:
    rows = outcomes.facts.inputs.objectives
    states = [outcomes.verdict(row["slo_id"]) for row in rows]
    met, missed = (states.count(v) for v in (Verdict.HOLDS, Verdict.CONTRADICTS))
    if not rows:
        words = "**There is no objective to hold a run against.**"
    elif missed:
        words = f"**{missed} of {len(rows)} service levels {is_or_are(missed)} missed**; "
        words += f"{met} {is_or_are(met)} shown to be met."
    elif met == len(rows):
        words = f"**All {len(rows)} service levels are shown to be met.**"
    else:
        words = f"**{met} of {len(rows)} service levels {is_or_are(met)} shown to be met**: for "
        words += f"{len(rows) - met} there is no admissible evidence. That is no pass."
    beyond = [f for f in findings if f.verdict is Verdict.INFEASIBLE and "script" not in f.id]
    if outcomes.facts.inputs.promised:
        words = f"**With assumed targets** ({listed(assumed_targets(outcomes))}): {words}"
    if beyond:
        words += f" **{len(beyond)} figures that are stated break a physical or documented limit.**"
    return words


def _figures(outcomes: SloOutcomes, findings: Sequence[Finding]) -> list[KeyFigure]:
    rows = outcomes.facts.inputs.objectives
    met = sum(outcomes.verdict(row["slo_id"]) is Verdict.HOLDS for row in rows)
    real = [run for run in outcomes.runs if not run.is_made_up]
    read = sum(run.one("tool_name") != UNREADABLE for run in real)
    figures = [
        KeyFigure(
            "Service levels shown to be met",
            f"{met} of {len(rows)}",
            f"{counted(read, 'run')} from files",
            "neutral" if rows and met == len(rows) else "bad",
        )
    ]
    found = {f.id: f for f in findings}
    for name, label in (
        ("slo.rate_per_node", "Operations a second of a node"),
        ("slo.in_flight", "Requests in flight"),
        ("slo.load_bandwidth.load_1gb", "Gbit/s to load 1 GB"),
        ("slo.script.hot_p99", "CSV field printed as p99"),
    ):
        one = found.get(name)
        if one is not None and one.value is not None and one.expected is not None:
            is_bad = one.verdict in (Verdict.INFEASIBLE, Verdict.CONTRADICTS)
            word = "possible" if one.verdict is Verdict.INFEASIBLE else "right"
            note = f"{_shown(one.expected)} {word}"
            value = _shown(one.value)
            figures.append(KeyFigure(label, value, note, "bad" if is_bad else "neutral"))
    return figures


def _shown(value: Decimal) -> str:
    """Return a figure short enough for a tile."""
    return count(value) if value == value.to_integral_value() and value < 10**6 else big(value)
