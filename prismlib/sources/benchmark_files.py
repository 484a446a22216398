"""Benchmark files of several tools, read into the benchmark tables.

The kind of a file is found from its content, never from its name. A file that cannot be read does
not stop anything, not even alone: it becomes a run of the tool ``unreadable`` that measured
nothing, with the reason in its note, so that what it was to show stays unknown. An error is raised
where there is no file at all, and where ``runs.csv`` (see `prismlib.sources.benchmark_facts`) is
wrong.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from prismlib.errors import SourceError
from prismlib.slo_tables import BENCHMARK_RUN, BENCHMARK_TABLES, UNREADABLE
from prismlib.sources.benchmark_facts import SIDECAR, Line, named, read_sidecar, stem
from prismlib.sources.benchmark_kinds import EXPECTED, runs_of
from prismlib.sources.benchmark_run import Run, total_of
from prismlib.sources.delimited import open_text, reading
from prismlib.sources.drill_json import slug
from prismlib.sources.drill_times import Place
from prismlib.sources.used_tables import UsedTables
from prismlib.tables import make

OF_OTHERS = frozenset(
    (
        *(".md", ".rst", ".sh", ".py", ".lua", ".js", ".yaml", ".yml", ".conf", ".html"),
        *(".png", ".jpg", ".svg", ".pdf", ".parquet", ".xlsx"),
    )
)
"""Files that lie beside results in a folder and are none: left out, and said."""


@dataclass(frozen=True)
class Benchmarks:
    """What some benchmark files say.

    Attributes
    ----------
    benchmark_run : BENCHMARK_RUN
    benchmark_point : BENCHMARK_POINT
    benchmark_bucket : BENCHMARK_BUCKET
    benchmark_metric : BENCHMARK_METRIC
    notes : tuple of str
        What a reader must know of the files, each with the file in front.
    """

    benchmark_run: pd.DataFrame
    benchmark_point: pd.DataFrame
    benchmark_bucket: pd.DataFrame
    benchmark_metric: pd.DataFrame
    notes: tuple[str, ...]

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the frames by the names of their tables."""
        return {name: getattr(self, name) for name in BENCHMARK_TABLES}


@dataclass(frozen=True)
class _File:
    """A file, its path as it was found below `root`, and what ``runs.csv`` says of it."""

    path: Path
    name: str
    root: Path
    lines: tuple[Line, ...]


def read_benchmarks(paths: Sequence[Path]) -> Benchmarks:
    """Read benchmark files of any known kind.

    Parameters
    ----------
    paths : sequence of Path
        Files and folders. Of a folder everything below it is read, but hidden files and READMEs.

    Raises
    ------
    SourceError
        A path is missing, a folder holds no file, two are the same part of a run, or a
        ``runs.csv`` is wrong.
    """
    files, notes = _files(paths)
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in BENCHMARK_TABLES}
    taken: dict[tuple[str, str], str] = {}
    for file, twin in _once(files):
        if twin:
            notes.append(f"{file.name}: the same bytes as {twin}: a copy is no second measurement")
            continue
        try:
            runs = _with_lines(runs_of(file.path), file)
        except SourceError as error:
            runs = [(Run(UNREADABLE, note=_word(error)), _facts(file, None))]
        for run, facts in runs:
            notes += [f"{file.name}: {run.note}"] if run.note else []
            _add(rows, run, _keyed(facts, run, file, taken, len(runs) > 1), file)
    tables = {name: make(BENCHMARK_TABLES[name], rows[name]) for name in BENCHMARK_TABLES}
    return Benchmarks(**tables, notes=tuple(dict.fromkeys(notes)))


def with_benchmarks(tables: UsedTables, paths: Sequence[Path]) -> UsedTables:
    """Return `tables` with those of benchmark files in the place of those of a snapshot."""
    return tables.with_others(read_benchmarks(paths).tables)


def _files(paths: Sequence[Path]) -> tuple[list[_File], list[str]]:
    """Return the files to read, each once, and a note on those that are left out."""
    found: dict[Path, tuple[Path, Path]] = {}
    notes: list[str] = []
    for path in paths:
        if path.is_dir():
            for each in sorted(path.rglob("*")):
                if _is_result(each, path, notes):
                    found.setdefault(each.resolve(), (each, path))
        elif path.is_file():
            found.setdefault(path.resolve(), (path, path.parent))
        else:
            raise SourceError(
                "no such file or folder",
                path=path,
                expected="benchmark files",
                remedy="check the path",
            )
    if not found:
        raise SourceError(
            "no benchmark file",
            path=", ".join(map(str, paths)),
            seen="; ".join(notes) or "nothing",
            expected=EXPECTED,
            remedy="name a file, or a folder that holds one",
        )
    return _described(list(found.values())), notes


def _described(found: Sequence[tuple[Path, Path]]) -> list[_File]:
    """Return (path, root) as files, each with the lines of ``runs.csv`` that are for it."""
    folders = {folder for path, root in found for folder in _folders(path, root)}
    lines = {folder: read_sidecar(folder, _below(folder)) for folder in folders}
    described = []
    for path, root in found:
        own = tuple(
            line
            for folder in _folders(path, root)
            for line in lines[folder]
            if line.is_for(path.relative_to(folder).as_posix())
        )
        described.append(_File(path, path.relative_to(root).as_posix(), root, own))
    return described


def _is_result(path: Path, root: Path, notes: list[str]) -> bool:
    parts = path.relative_to(root).parts
    if not path.is_file() or path.name == SIDECAR or any(part.startswith(".") for part in parts):
        return False
    if path.name.upper().startswith("README"):
        return False
    if path.suffix.lower() in OF_OTHERS:
        notes.append(f"{'/'.join(parts)}: left out, not a result")
        return False
    return True


def _folders(path: Path, root: Path) -> list[Path]:
    """Return the folders whose ``runs.csv`` is for a file, the nearest last."""
    inside = path.parent.relative_to(root).parts
    return [root.joinpath(*inside[:depth]) for depth in range(len(inside) + 1)]


def _below(folder: Path) -> list[str]:
    return [each.relative_to(folder).as_posix() for each in sorted(folder.rglob("*"))]


def _once(files: Sequence[_File]) -> Iterator[tuple[_File, str]]:
    """Yield each file with the name of an earlier one of the same bytes, or empty."""
    seen: dict[str, str] = {}
    for file in files:
        with reading(file.path), file.path.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        is_empty = file.path.stat().st_size == 0
        yield file, "" if is_empty else seen.get(digest, "")
        seen.setdefault(digest, file.name)


def _word(error: SourceError) -> str:
    """Return what is wrong with a file in one line, for the note of its run."""
    what = str(error).split("\n", 1)[0].removeprefix(f"{error.path}").lstrip(":, ")
    what = what.removeprefix(f"row {error.row}: ")
    where = f" in line {error.row}" if error.row else ""
    return f"{what}{where} (seen: {error.seen[:80]})" if error.seen else f"{what}{where}"


def _with_lines(runs: Sequence[Run], file: _File) -> list[tuple[Run, dict[str, Any]]]:
    """Return the runs of a file with all that is known of each; raises for a cut-off one."""
    found = [(run, _facts(file, run, is_alone=len(runs) == 1)) for run in runs]
    for run, facts in found:
        told, measured = facts.get("requests"), total_of(run.buckets)
        if run.buckets and told != measured:
            raise Place(file.path).refuse(
                "truncated or of another run",
                seen=f"{measured} measurements",
                expected=f"{told} requests, as {SIDECAR} says",
                remedy="give the whole file: what is missing may be the slowest answers",
            )
    return found


def _facts(file: _File, run: Run | None, *, is_alone: bool = True) -> dict[str, Any]:
    """Return columns of BENCHMARK_RUN: of the name, then the content, then ``runs.csv``."""
    facts = named(file.name, file.root.resolve().name)
    if run is not None:
        facts.update({name: value for name, value in run.facts.items() if value is not None})
        facts["test_name"] = run.test_name
    for line in file.lines:
        test = line.facts.get("test_name", "")
        if run is None or is_alone or test in ("", run.test_name):
            facts.update(line.facts)
    return facts


def _keyed(
    facts: dict[str, Any],
    run: Run,
    file: _File,
    taken: dict[tuple[str, str], str],
    is_one_of_several: bool,
) -> dict[str, Any]:
    """Return the facts with a run and node that no other file has."""
    suffix = file.path.name.removeprefix(stem(file.path))
    test = f".{slug(run.test_name)}" if is_one_of_several and run.test_name else ""
    # Two files of one run, such as ab -g and ab -e of it, go by their whole names.
    for run_id in (facts["run_id"] + test, facts["run_id"] + suffix + test):
        key = (run_id, facts["node_id"])
        if taken.setdefault(key, f"{file.name}{test}") == f"{file.name}{test}":
            return {**facts, "run_id": run_id}
    raise Place(file.path).refuse(
        "is the same part of a run as another file",
        seen=f"{taken[key]}: run {key[0]}, node {key[1] or 'none'}",
        expected="one file for each run and node",
        remedy=f"give it another name, or another run_id or node_id in {SIDECAR}",
    )


def _add(
    rows: dict[str, list[dict[str, Any]]], run: Run, facts: dict[str, Any], file: _File
) -> None:
    key = {"run_id": facts["run_id"], "node_id": facts["node_id"]}
    own = {
        "tool_name": run.tool_name,
        "is_made_up": False,
        **facts,
        "file_name": file.name,
        "file_lines": _lines(file.path),
        "note": run.note,
        "source": file.name,
    }
    if run.tool_name == UNREADABLE:
        own["tool_name"] = UNREADABLE
    rows["benchmark_run"].append({n: v for n, v in own.items() if n in BENCHMARK_RUN.fields})
    rows["benchmark_point"] += [{**key, **vars(point)} for point in run.points]
    rows["benchmark_bucket"] += [
        {
            **key,
            "value_ms": one.value_ms,
            "lower_ms": one.lower_ms,
            "upper_ms": one.upper_ms,
            "measurements": one.count,
        }
        for one in run.buckets
    ]
    rows["benchmark_metric"] += [
        {"run_id": key["run_id"], "resource_id": key["node_id"], **vars(one), "source": file.name}
        for one in run.metrics
    ]


def _lines(path: Path) -> int | None:
    try:
        with reading(path), open_text(path) as text:
            text.reconfigure(newline="\n")
            return sum(1 for _ in text)
    except SourceError:
        return None
