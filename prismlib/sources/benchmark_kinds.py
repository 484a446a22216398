"""Which tool wrote a benchmark file: found from its content, never from its name."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from prismlib.errors import SourceError
from prismlib.sources import benchmark_ab as ab
from prismlib.sources import benchmark_hdr as hdr
from prismlib.sources import benchmark_json as answers
from prismlib.sources import benchmark_memtier as memtier
from prismlib.sources import benchmark_redis as redis
from prismlib.sources import benchmark_samples as samples
from prismlib.sources import benchmark_wrk as wrk
from prismlib.sources.benchmark_run import Run
from prismlib.sources.delimited import open_text, reading
from prismlib.sources.drill_times import Place

TEXT_FORMATS: tuple[tuple[Callable[[str], bool], Callable[[Path], list[Run]]], ...] = (
    (ab.is_gnuplot, ab.gnuplot_runs),
    (ab.is_served, ab.served_runs),
    (ab.is_printed, ab.printed_runs),
    (samples.is_samples, samples.samples_runs),
    (wrk.is_wrk, wrk.wrk_runs),
    (redis.is_csv, redis.csv_runs),
    (redis.is_text, redis.text_runs),
    (hdr.is_spectrum, hdr.spectrum_runs),
    (samples.is_log, samples.log_runs),
)
JSON_FORMATS: tuple[tuple[Callable[[Any], bool], Callable[[Any, Path], list[Run]]], ...] = (
    (memtier.is_json, memtier.json_runs),
    (answers.is_k6, answers.k6_runs),
    (answers.is_cloudwatch, answers.cloudwatch_runs),
)
EXPECTED = (
    "redis-benchmark --csv or its text, memtier_benchmark JSON, an HDR spectrum, ab -g or -e, text"
    " of wrk or wrk2, a k6 summary, get-metric-statistics, a log of timed downloads, or a CSV with"
    " the header value_ms or value_ms,count"
)
HEAD_CHARACTERS = 20_000
"""The beginning of a file that tells its kind."""


def runs_of(path: Path) -> list[Run]:
    """Return the runs of a file of any known kind.

    Raises
    ------
    SourceError
        It is empty, of no known kind, cut off, or holds two runs or a number that cannot be.
    """
    with reading(path), open_text(path) as text:
        head = text.read(HEAD_CHARACTERS)
    if not head.strip():
        raise Place(path).refuse(
            "empty file", seen="no text", expected=EXPECTED, remedy="run the benchmark again"
        )
    if head.lstrip().startswith(("{", "[")):
        return _json_runs(path)
    for matches, runs in TEXT_FORMATS:
        if matches(head):
            return runs(path)
    raise _unknown(path, next(line for line in head.splitlines() if line.strip()))


def _json_runs(path: Path) -> list[Run]:
    with reading(path), open_text(path) as text:
        content = text.read()
    try:
        # NaN stays a text, which is refused where a number is read from it.
        answer = json.loads(content, parse_float=Decimal, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise Place(path).refuse(
            "truncated or damaged JSON",
            seen=str(error),
            expected="one whole JSON document",
            remedy="fetch or run it again, and give each run a file",
        ) from None
    for matches, runs in JSON_FORMATS:
        if matches(answer):
            return runs(answer, path)
    keys = ", ".join(answer) if isinstance(answer, dict) else f"a list of {len(answer)}"
    raise _unknown(path, f"JSON with {keys or 'nothing'}")


def _unknown(path: Path, seen: str) -> SourceError:
    return Place(path).refuse(
        "not a benchmark file of a known kind",
        seen=seen,
        expected=EXPECTED,
        remedy="leave the file as the tool writes it, or write its times into a CSV with value_ms",
    )
