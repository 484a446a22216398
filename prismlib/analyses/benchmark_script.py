"""What the figures that a benchmark script prints really are, computed from its files.

Method. Each figure is what its command would print on the file that was read: the field that
``cut -f`` takes, the rank that ``tail | head`` reaches after a sort, the mean that ``awk`` forms.
Beside it stands the figure that the label promises, taken from the same file. Which field is which
is looked up in TOOL_FIELD by the tool's version, so that the answer stands without a file too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from prismlib.analyses.latency import Distribution
from prismlib.analyses.slo_inputs import Run, SloInputs
from prismlib.formats import count, percent
from prismlib.result_tables.slo import SCRIPT_FIGURE
from prismlib.tables import make, records

REDIS, AB, DOWNLOADS = "redis-benchmark", "ab", "timed downloads"
HOT, COLD, E2E = "Hot tier p99", "Cold tier avg", "E2E p99"
P99 = Decimal(99)
SINCE = "6.2"
"""The version of redis-benchmark from which its CSV holds latencies."""


@dataclass(frozen=True)
class ScriptFigure:
    """A printed figure: the command, the file, what it prints, what that is, what is right."""

    name: str
    command: str
    file_name: str
    printed: str
    true_words: str
    right_ms: Decimal | None
    note: str = ""
    is_made_up: bool = False


def script_figures(inputs: SloInputs) -> tuple[ScriptFigure, ...]:
    """Return the figures of the script on each file of its tools; without a file, what is known."""
    return (*_hot(inputs), *_cold(inputs), *_e2e(inputs))


def script_table(figures: tuple[ScriptFigure, ...]) -> pd.DataFrame:
    """Return SCRIPT_FIGURE."""
    rows = [
        {
            "figure_name": one.name,
            "command_words": one.command,
            "file_name": one.file_name,
            "printed_words": one.printed,
            "true_words": one.true_words,
            "right_value": one.right_ms,
            "unit": "ms",
            "note": one.note,
        }
        for one in figures
    ]
    return make(SCRIPT_FIGURE, rows)


def field_names(inputs: SloInputs, tool: str, version: str) -> dict[int, str]:
    """Return which field of a tool's line is what, by its place."""
    rows = records(inputs.reference["tool_field"])
    found = [row for row in rows if (row["tool_name"], row["tool_version"]) == (tool, version)]
    return {row["field_number"]: row["statistic"] for row in found}


def _of_tool(inputs: SloInputs, tool: str) -> list[Run]:
    return [run for run in inputs.runs if run.one("tool_name") == tool]


def _note(run: Run) -> str:
    return "made up to show the method" if run.is_made_up else ""


def _file(run: Run) -> str:
    return str(run.one("file_name") or run.run_id)


def _hot(inputs: SloInputs) -> Iterator[ScriptFigure]:
    """Yield what ``tail -1 | cut -f4`` prints of each redis-benchmark CSV."""
    place = inputs.stated.value("script_hot_field")
    if place is None:
        return
    command = f'tail -1 | cut -d"," -f{count(place)}'
    names = field_names(inputs, REDIS, SINCE)
    last = {_file(run): run for run in _of_tool(inputs, REDIS) if run.points}
    for file_name, run in last.items():
        here = {row["field_number"]: row for row in run.points if row["field_number"]}
        row = here.get(int(place))
        printed = "nothing" if row is None else f'"{count(row["value_ms"])}"'
        true = "no field" if row is None else _statistic_words(row["statistic"])
        right = run.printed.get("p99")
        yield ScriptFigure(
            *(HOT, command, file_name, printed, true, right, _note(run), run.is_made_up)
        )
    if not last:
        true = _statistic_words(names.get(int(place), "no field"))
        note = f"since {SINCE}; before it the line has "
        note += f"{len(field_names(inputs, REDIS, f'before {SINCE}'))} fields and it prints nothing"
        yield ScriptFigure(HOT, command, "", "depends on the file", true, None, note)


def _statistic_words(statistic: str) -> str:
    return {"min": "the minimum", "max": "the maximum", "mean": "the mean"}.get(
        statistic, statistic
    )


def _e2e(inputs: SloInputs) -> Iterator[ScriptFigure]:
    """Yield what ``sort | tail -n | head -n1`` prints of each file of ab."""
    tail, total = (inputs.stated.value(f"script_e2e_{name}") for name in ("tail", "requests"))
    if tail is None:
        return
    command = f"sort -k5 -n | tail -n{count(tail)} | head -n1"
    shown = False
    for run in _of_tool(inputs, AB):
        times = run.distribution
        if times is None or run.one("resolution_ms") is None:
            continue
        shown = True
        # a line of a header sorts before the numbers, so the last lines are the longest times
        rank = max(times.total - int(tail) + 1, 1)
        printed = count(times.at_rank(rank).value)
        true = rank_words(rank, times.total)
        note = "; ".join(filter(None, (_right_tail(times), _note(run))))
        right = times.percentile(P99).value
        yield ScriptFigure(*(E2E, command, _file(run), printed, true, right, note, run.is_made_up))
    if not shown and total:
        rank = int(total - tail + 1)
        yield ScriptFigure(
            *(E2E, command, "", "depends on the file", rank_words(rank, int(total)), None),
            "the column is in whole milliseconds",
        )


def share_of(rank: int, total: int) -> Decimal:
    """Return which percentile the time at a rank is, to a hundredth. [%]"""
    return round(Decimal(rank) / total * 100, 2)


def rank_words(rank: int, total: int) -> str:
    """Return which percentile a rank is: ``p99.9 (rank 99,901 of 100,000), whole ms``."""
    name = f"p{share_of(rank, total).normalize():f}"
    return f"{name} (rank {count(rank)} of {count(total)}), in whole ms"


def _right_tail(times: Distribution) -> str:
    """Return with how many lines the command would print the p99."""
    wanted = times.total - -(-times.total * 99 // 100) + 1
    return f"p99 would take tail -n{wanted}"


def _cold(inputs: SloInputs) -> Iterator[ScriptFigure]:
    """Yield what ``awk`` prints of each log of downloads."""
    wanted = inputs.stated.value("script_cold_downloads")
    if wanted is None:
        return
    command, runs = "awk '{sum+=$1; n++} END {print sum/n}'", _of_tool(inputs, DOWNLOADS)
    for run in runs:
        lines, times = run.sum("file_lines"), run.distribution
        right = None if times is None else times.percentile(P99).value
        if not lines:
            printed, true = "-nan", "nothing: the log is empty"
        elif times is None:
            printed, true = "0", "nothing: the log holds no time, bash writes those to stderr"
        else:
            printed, true = _awk(run, times)
        note = "; ".join(filter(None, ("" if right is None else "beside it the p99", _note(run))))
        yield ScriptFigure(*(COLD, command, _file(run), printed, true, right, note, run.is_made_up))
    if not runs:
        true = "nothing: bash writes the times to stderr, and > redirects stdout"
        note = f"a mean of {count(wanted)}, where it prints one, is no percentile"
        yield ScriptFigure(COLD, command, "", "0 or -nan", true, None, note)


def _awk(run: Run, times: Distribution) -> tuple[str, str]:
    """Return what awk prints of a log with times: their mean if each line begins with one."""
    if run.sum("file_lines") == times.total:
        return count(round(times.mean() / 1000, 6)), "the mean in seconds, no percentile"
    share = percent(Decimal(times.total) / run.sum("file_lines") * 100, 0, signed=False)
    return "0", f"nothing: lines begin with words, {share} of them hold a time"
