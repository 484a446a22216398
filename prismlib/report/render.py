"""Render a report: check parameters, run, collect, export, and publish whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd

import prismlib
from prismlib import findings as finding_records
from prismlib import formats, paths
from prismlib.errors import ParameterError
from prismlib.findings import Finding
from prismlib.parameters import period_or
from prismlib.periods import Period, iso_week, week_period
from prismlib.publish import publication
from prismlib.report.changes import changes_since
from prismlib.report.collect import Content, check_together, collect
from prismlib.report.display import PROVENANCE
from prismlib.report.execute import Executed, Job, OnProgress, run_notebooks, tidy
from prismlib.report.manifest import manifest_text, snapshot_hash
from prismlib.report.notebooks import Notebook, bind, read_notebooks
from prismlib.report.pages import Frame, page_html
from prismlib.report.summary import Summary, summary_html
from prismlib.report.workbook import write_workbook
from prismlib.sources.delimited import reading
from prismlib.sources.snapshots import Snapshot, read_snapshot

DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
"""Failures to write that are no fault of the place."""


@dataclass(frozen=True)
class Report:
    """A published report: its folder, week and findings, and how long it took."""

    path: Path
    week: str
    findings: Sequence[Finding]
    seconds: float

    @property
    def index(self) -> Path:
        """Return the page to open first."""
        return self.path / "index.html"


@dataclass(frozen=True)
class _Plan:
    """Everything that is decided before the first notebook runs."""

    snapshot: Snapshot
    period: Period
    week: str
    as_of: date
    jobs: Sequence[Job]
    left_out: Sequence[str]

    @property
    def names(self) -> dict[str, str]:
        """Return what to write instead of folders of this machine."""
        return {
            str(self.snapshot.path): _published_name(self.snapshot.path),
            f"{paths.ROOT}/": "",
            str(paths.ROOT): ".",
        }

    @property
    def frame(self) -> Frame:
        """Return what surrounds every page."""
        snapshot, days = self.snapshot, week_period(self.week)
        has_amounts = any("billing_currency" in frame for frame in snapshot.tables.values())
        amounts = f"amounts in {snapshot.billing_currency} · " if has_amounts else ""
        return Frame(
            week=self.week,
            week_days=f"{formats.day(days.start)} to {formats.day(days.end - timedelta(days=1))}",
            period=str(self.period) if amounts else "",
            as_of=formats.day(self.as_of),
            snapshot=snapshot.title,
            notices=_notices(snapshot.provenance, snapshot.notes),
            colophon=f"Snapshot {snapshot.name}, {snapshot_hash(snapshot)[:12]} · {amounts}"
            f"prismlib {prismlib.__version__}",
        )


def render_report(
    snapshot_dir: Path,
    *,
    out_dir: Path = paths.REPORTS,
    week: str | None = None,
    only: Sequence[str] = (),
    parameters: Mapping[str, Any] | None = None,
    jobs: int = 2,
    notebooks_dir: Path = paths.NOTEBOOKS,
    keep_snapshot: bool = False,
    on_progress: OnProgress = lambda progress: None,
) -> Report:
    """Render the report of a snapshot into ``out_dir/<week>`` and return it.

    Parameters
    ----------
    week : str, optional
        ISO week of the report; that of the snapshot's day unless given. An earlier week shows what
        was known on its Sunday.
    only : sequence of str
        Names of the notebooks to run; all of them when empty.
    parameters : mapping
        Values for parameters of notebooks; text is converted to the annotated type.
    jobs : int
        Notebooks to run at a time.
    keep_snapshot : bool
        Whether to put a copy of the snapshot into the report.
    on_progress : callable
        Is told of each step, from several threads.

    Raises
    ------
    ParameterError
        A parameter, week, notebook name or output folder is not usable; nothing was run.
    ReportError
        A notebook failed or is not whole; what was published before is untouched.
    SourceError
        The snapshot cannot be read.
    """
    started = time.monotonic()
    if jobs < 1:
        raise ParameterError("jobs", jobs, expected="1 or more")
    snapshot = _read(snapshot_dir)
    notebooks = read_notebooks(notebooks_dir, only)
    values = bind(notebooks, parameters or {})
    period = _period(snapshot, parameters or {})
    day = _day_of(snapshot, week, period)
    left_out = [path.stem for path in sorted(notebooks_dir.glob("*.ipynb"))]
    left_out = [name for name in left_out if name not in {n.name for n in notebooks}]
    work = _jobs(notebooks, values, snapshot=snapshot, as_of=day)
    plan = _Plan(snapshot, period, week or iso_week(snapshot.as_of), day, work, left_out)
    with _publication(out_dir, plan.week) as (build, place, failed):
        executed = run_notebooks(work, workers=jobs, failed=failed, on_progress=on_progress)
        findings = _write_report(build, place.parent, plan, executed)
        if keep_snapshot:
            shutil.copytree(snapshot.path, build / "snapshot")
    _forget_failures(failed, notebooks)
    return Report(place, plan.week, findings, time.monotonic() - started)


def _read(folder: Path) -> Snapshot:
    with reading(folder):
        try:
            return read_snapshot(folder.resolve())
        except RuntimeError:  # how Python below 3.13 says that links lead in a circle
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(folder)) from None


@contextmanager
def _publication(out_dir: Path, week: str) -> Iterator[tuple[Path, Path, Path]]:
    """Give a folder to build in, its place, and the folder for half-run notebooks.

    Raises
    ------
    ParameterError
        Nothing can be written there, or what is there is no report and would be lost.
    """
    with ExitStack() as stack:
        try:
            place = out_dir.resolve() / week
            _refuse_foreign(place)
            build = stack.enter_context(publication(place))
        except (OSError, RuntimeError) as error:
            if isinstance(error, OSError) and error.errno in DISK_FULL:
                raise
            raise ParameterError(
                "--out",
                str(out_dir),
                expected=f"a folder that can be written to ({getattr(error, 'strerror', error)})",
                remedy="give another folder",
            ) from error
        yield build, place, place.parent / "failed" / week
        _refuse_foreign(place)


def _refuse_foreign(place: Path) -> None:
    """Raise ParameterError if there is something else than a report in a place."""
    try:
        is_ours = "week" in json.loads((place / "manifest.json").read_text("utf-8"))
    except (OSError, ValueError, TypeError):
        is_ours = False
    is_folder = place.is_dir() and not place.is_symlink()
    if os.path.lexists(place) and not (is_folder and (is_ours or not any(place.iterdir()))):
        raise ParameterError(
            "--out",
            str(place.parent),
            expected=f"a folder in which {place.name} is free: what has that name is no report of"
            " Prism, and would be lost",
            remedy="move it away, or give another --out",
        )


def _forget_failures(failed: Path, notebooks: Sequence[Notebook]) -> None:
    """Remove half-run notebooks of an earlier run, and nothing else."""
    with suppress(OSError):
        for notebook in notebooks:
            (failed / notebook.path.name).unlink(missing_ok=True)
        failed.rmdir()
        failed.parent.rmdir()


def _period(snapshot: Snapshot, parameters: Mapping[str, Any]) -> Period:
    """Return the month of the report.

    Raises
    ------
    ParameterError
        It is another than the snapshot's, and a table for that month alone would be used.
    """
    period = period_or(str(parameters.get("period", "")), snapshot.period)
    if period == snapshot.period:
        return period
    needs = {
        "estimate": ("baseline", parameters.get("baseline") in ("previous_month", "none")),
        "stated_actual": ("actuals", parameters.get("actuals") == "bill"),
    }
    for table, (name, is_unused) in needs.items():
        if snapshot.has(table) and not is_unused:
            raise ParameterError(
                "period",
                str(period),
                expected=f"{snapshot.period}: the table {table} of the snapshot {snapshot.name} is"
                " for that month",
                remedy="-p baseline=previous_month or baseline=none leaves the estimate out"
                if name == "baseline"
                else "-p actuals=bill looks at the bill of another month",
            )
    return period


def _day_of(snapshot: Snapshot, week: str | None, period: Period) -> date:
    """Return the last day of `week` that the snapshot knows."""
    if week is None:
        return snapshot.as_of
    days = week_period(week)
    first, last = iso_week(period.start), iso_week(snapshot.as_of)
    if not first <= week <= last:
        raise ParameterError(
            "week",
            week,
            expected=f"a week from {first} to {last}: the snapshot {snapshot.name} covers "
            f"{period} as of {snapshot.as_of}",
            remedy="give another --snapshot, or leave the week out",
        )
    return min(days.end - timedelta(days=1), snapshot.as_of)


def _jobs(
    notebooks: Sequence[Notebook],
    values: Mapping[str, Mapping[str, Any]],
    *,
    snapshot: Snapshot,
    as_of: date,
) -> list[Job]:
    common = {"snapshot": str(snapshot.path), "as_of": as_of.isoformat()}
    return [
        Job(
            notebook,
            {
                **{name: value for name, value in common.items() if name in notebook.parameters},
                **values[notebook.name],
            },
        )
        for notebook in notebooks
    ]


def _write_report(
    build: Path, reports: Path, plan: _Plan, executed: Sequence[Executed]
) -> list[Finding]:
    """Write every file of a report into the folder `build`; `reports` holds the earlier ones."""
    contents = [
        collect(one.name, one.job.notebook.title, tidy(one, plan.names)) for one in executed
    ]
    findings = check_together(contents)
    (build / "notebooks").mkdir()
    for content in contents:
        nbformat.write(content.node, build / "notebooks" / f"{content.name}.ipynb")  # type: ignore[no-untyped-call]
        _write(build / f"{content.name}.html", page_html(content, _page_frame(plan, content)))
    _write(build / "findings.json", finding_records.dumps(findings))
    manifest = manifest_text(plan.snapshot, executed, week=plan.week, names=plan.names)
    _write(build / "manifest.json", manifest)
    workbook = build / f"prism-{plan.week}.xlsx"
    write_workbook(
        workbook, contents, as_of=plan.as_of, title=f"Prism {plan.week}", frame=plan.frame
    )
    _write(build / "index.html", _index(reports, plan, contents, workbook.name))
    return findings


def _index(reports: Path, plan: _Plan, contents: Sequence[Content], workbook: str) -> str:
    findings = [finding for content in contents for finding in content.findings]
    changes = changes_since(reports, plan.week, plan.snapshot.name, findings)
    summary = Summary(contents, plan.snapshot, changes, plan.left_out, workbook)
    return summary_html(summary, plan.frame)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _published_name(folder: Path) -> str:
    """Return a name for a folder that says nothing of this machine."""
    if folder.is_relative_to(paths.ROOT):
        return folder.relative_to(paths.ROOT).as_posix()
    return folder.name


def _notices(provenance: pd.DataFrame, notes: Sequence[str]) -> list[str]:
    """Return what a reader must know of the tables in `provenance` before any figure."""
    said = {
        "is_synthetic": "Contains synthetic data, generated and not measured",
        "is_estimated": "Still estimated by the provider, and will move",
    }
    named = {flag: ", ".join(provenance.loc[provenance[flag].eq(True), "table"]) for flag in said}
    own = [f"{said[flag]}: table {tables}." for flag, tables in named.items() if tables]
    return [*own, *notes]


def _page_frame(plan: _Plan, content: Content) -> Frame:
    """Return what surrounds the page of a notebook: its notices name the tables that it used."""
    shown = [table for table in content.tables if table["id"] == PROVENANCE]
    if not shown:
        return plan.frame
    place = [column["name"] for column in shown[0]["columns"]].index("table")
    used = {row[place] for row in shown[0]["rows"]}
    provenance = plan.snapshot.provenance
    provenance = provenance[provenance["table"].isin(used)]
    return replace(plan.frame, notices=_notices(provenance, plan.snapshot.notes))
