"""The ``prism`` command: a thin layer that reads options, shows progress and prints errors.

Exit status: 0 done, 1 something failed, 2 bad usage or bad input, 130 stopped by Ctrl-C, 143 by
SIGTERM. Heavy imports happen inside the commands, so that help and usage errors come at once.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, CycloptsError, Parameter
from rich.console import Console

from prismlib import __version__, paths
from prismlib.cli_options import Account, LineItems, Scope, Sealing, Seen, Source
from prismlib.errors import PrismError, PrismWarning

if TYPE_CHECKING:
    from pandas import DataFrame

    from prismlib.report.execute import Progress

errors = Console(stderr=True, soft_wrap=True, highlight=False)
app = App(
    name="prism",
    help="Recompute the claims of a cloud bill or memo, and report which of them hold.",
    version=__version__,
    console=Console(soft_wrap=True, highlight=False),
    error_console=errors,
)


@app.command
def report(
    source: Source = Source(),
    scope: Scope = Scope(),
    *,
    debug: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Render the weekly report: a summary, a page for each notebook, findings and a workbook.

    Parameters
    ----------
    debug
        Show the traceback of an error.
    """
    return _guarded(lambda: _report(source, scope), debug=debug)


@app.command
def check(
    folder: Path,
    /,
    sealing: Sealing = Sealing(),
    *,
    debug: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Check that a snapshot is whole and unchanged, covers its days, and say if it is old.

    Parameters
    ----------
    folder
        Folder of the snapshot.
    debug
        Show the traceback of an error.
    """
    return _guarded(lambda: _check(folder, sealing), debug=debug)


@app.command
def pull(
    account: Account = Account(),
    seen: Seen = Seen(),
    items: LineItems = LineItems(),
    *,
    month: str | None = None,
    out: Path,
    dry_run: Annotated[bool, Parameter(negative=())] = False,
    debug: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Make a snapshot of a month of your own AWS account, or of evidence; calls only read.

    Parameters
    ----------
    month
        The month, such as 2025-10; may be left out with --evidence or --line-items.
    out
        Folder of the snapshot; an earlier one is replaced when the new one is complete.
    dry_run
        Print what would be asked and what it may cost; nothing is paid.
    debug
        Show the traceback of an error.
    """
    return _guarded(lambda: _pull(account, seen, items, month, out, dry_run=dry_run), debug=debug)


@app.command
def policy(
    *, evidence: Annotated[bool, Parameter(negative=())] = False, line_items: str = ""
) -> int:
    """Print the IAM policy with the permissions that pull needs; but for results, they only read.

    Parameters
    ----------
    evidence
        With those of pull --evidence.
    line_items
        Those of pull --line-items of athena:DATABASE.TABLE, which writes results, or s3://.
    """
    from prismlib.sources.policy import policy_text

    def run() -> int:
        app.console.print(policy_text(with_evidence=evidence, place=line_items), markup=False)
        return 0

    return _guarded(run, debug=False)


def main() -> None:
    """Run the command line and exit with its status."""
    before = signal.signal(signal.SIGTERM, _terminate)
    try:
        with warnings.catch_warnings():
            warnings.showwarning = partial(_print_warning, warnings.showwarning)
            status = app(
                sys.argv[1:], exit_on_error=False, print_error=True, result_action="return_value"
            )
    except CycloptsError:
        sys.exit(2)
    finally:
        signal.signal(signal.SIGTERM, before)
    sys.exit(status if isinstance(status, int) else 0)


def _print_warning(
    otherwise: Callable[..., None], words: Warning | str, kind: type[Warning], *where: Any
) -> None:
    """Print a warning of ours in words alone; where it comes from says nothing to a user."""
    if issubclass(kind, PrismWarning):
        errors.print(f"note: {words}", markup=False)
    else:
        otherwise(words, kind, *where)


_terminated = threading.Event()


def _terminate(number: int, frame: object) -> None:
    """End as Ctrl-C does, so that kernels are stopped and copies of a bill are removed."""
    signal.signal(number, signal.SIG_IGN)  # once is enough: the next would stop the cleaning up
    _terminated.set()
    raise KeyboardInterrupt


def _guarded(command: Callable[[], int], *, debug: bool) -> int:
    """Run a command; print an error without a traceback and return the exit status."""
    _terminated.clear()
    try:
        return command()
    except PrismError as error:
        if debug:
            errors.print_exception()
        _print_error(str(error), error)
        return error.exit_code
    except KeyboardInterrupt as error:
        _print_error("stopped; nothing was published", error)
        return 143 if _terminated.is_set() else 130
    except Exception as error:
        if debug:
            raise
        _print_error(_words(error), error)
        return 1


def _print_error(words: str, error: BaseException) -> None:
    """Print an error and the notes on it, such as what a pull paid before it."""
    for line in (words, *getattr(error, "__notes__", ())):
        errors.print(line, markup=False)


def _words(error: BaseException) -> str:
    """Return what to print for an error that nobody expected, or for a full disk."""
    chain: BaseException | None = error
    while chain is not None:
        if isinstance(chain, OSError) and chain.errno in (errno.ENOSPC, errno.EDQUOT):
            place = f": {chain.filename}" if chain.filename else ""
            return (
                f"the disk is full\n  seen: {os.strerror(chain.errno)}{place}"
                f"\n  what to do: make room there and in {gettempdir()} (TMPDIR names another)"
            )
        chain = chain.__cause__ or chain.__context__
    return (
        f"{type(error).__name__}: {error}"
        "\n  what to do: run it again with --debug to see where, and report it"
    )


def _check(folder: Path, sealing: Sealing) -> int:
    from prismlib.analyses.components import compile_rules
    from prismlib.analyses.launch_measures import MEASURES
    from prismlib.analyses.launch_vocabulary import check_words
    from prismlib.sources.delimited import reading
    from prismlib.sources.snapshot_checks import check_snapshot, remarks
    from prismlib.sources.snapshot_sealing import Dates, seal_snapshot
    from prismlib.sources.snapshots import read_snapshot

    sealing.check()
    dates = Dates.of(sealing.month, sealing.as_of)

    def judge(tables: Mapping[str, DataFrame]) -> None:
        check_words(tables, measures=MEASURES)
        if "component_rule" in tables:
            compile_rules(tables["component_rule"])

    with reading(folder):
        path = paths.resolve(str(folder)) if not folder.exists() else folder
        changed = seal_snapshot(path, dates, judge=judge) if sealing.seal else []
        problems = check_snapshot(path, judge=judge)
    if sealing.seal:
        app.console.print(f"sealed: {', '.join(changed) or 'nothing had changed'}", markup=False)
    for problem in problems:
        errors.print(problem, markup=False)
    if not problems:
        for line in remarks(read_snapshot(path), datetime.now(UTC)):
            errors.print(f"note: {line}", markup=False)
        app.console.print(f"{folder}: good", markup=False)
    return 2 if problems else 0


def _pull(
    account: Account, seen: Seen, items: LineItems, month: str | None, out: Path, *, dry_run: bool
) -> int:
    items.check(account, seen)
    if items.line_items:
        from prismlib.sources.line_items import line_item_options, run_line_items

        wanted = line_item_options(items, account, month, out)
        with _status() as (show, _):
            app.console.print(run_line_items(wanted, show, dry_run=dry_run), markup=False)
        return 0
    from prismlib.sources.evidence_words import look_options, plan_evidence, run_evidence
    from prismlib.sources.pull_words import Progress, month_options, plan, run

    seen.check(month)
    now = datetime.now(UTC)
    pulled = None if month is None else month_options(account, month, out)
    looked = look_options(account, seen, out, _lint) if seen.evidence else None
    lines: list[str] = []
    with _status() as (show, is_live):
        progress = Progress(show, is_live)
        if pulled is not None:
            lines += (plan if dry_run else run)(pulled, now, progress)
        if looked is not None:
            lines += (plan_evidence if dry_run else run_evidence)(looked, now, progress)
    app.console.print("\n".join(lines), markup=False)
    return 0


def _lint(
    bucket: str, rules: str, tables: Mapping[str, DataFrame]
) -> tuple[Sequence[str], Sequence[str]]:
    """Judge lifecycle rules for the pull, whose package may not import the analyses."""
    from prismlib.analyses.lifecycle_lint import lint_lifecycle
    from prismlib.sources.prices import read_reference_tables

    return lint_lifecycle(bucket, rules, tables, read_reference_tables())


@contextmanager
def _status() -> Iterator[tuple[Callable[[str], None], bool]]:
    """Give a function that shows where a pull is, and whether it may be called often."""
    if not errors.is_interactive:  # a dumb terminal would show no status at all
        yield partial(errors.print, markup=False), False
        return
    from rich.text import Text

    with errors.status("") as status:
        yield lambda words: status.update(Text(words)), True


def _report(source: Source, scope: Scope) -> int:
    source.check()
    scope.check()
    values = scope.values()
    source = source.with_benchmarks(values.pop("benchmarks", ""))
    from prismlib.report.render import render_report
    from prismlib.report.summary import result_lines

    with _snapshot(source) as snapshot, _progress() as on_progress:
        done = render_report(
            snapshot,
            out_dir=scope.out,
            week=scope.week,
            only=scope.only or (("dr_timeline",) if source.is_drill_alone else ()),
            parameters=values,
            jobs=scope.jobs,
            keep_snapshot=source.has_files,
            on_progress=on_progress,
        )
    app.console.print("\n".join(result_lines(done)), markup=False)
    return 0


@contextmanager
def _snapshot(source: Source) -> Iterator[Path]:
    """Give the folder of the snapshot; one made of files lives until the report holds a copy."""
    if not source.has_files:
        yield source.snapshot or paths.SAMPLE
        return
    kind = "bills" if source.costs else "inventory" if source.inventory else "files"
    with TemporaryDirectory(prefix=f"prism-{kind}-") as folder:
        from prismlib.sources.given_files import snapshot_from_files

        yield snapshot_from_files(source, Path(folder), today=datetime.now(UTC).date())


@contextmanager
def _progress() -> Iterator[Callable[[Progress], None]]:
    """Give a function that shows progress: bars on a terminal, otherwise a line a step."""
    if not errors.is_interactive:
        yield _print_step
        return
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Bars(*columns, console=errors, transient=True) as bars:
        tasks: dict[str, int] = {}

        def show(step: Progress) -> None:
            if step.notebook not in tasks:
                tasks[step.notebook] = bars.add_task(step.notebook, total=step.total)
            bars.update(tasks[step.notebook], completed=step.done)  # type: ignore[arg-type]

        yield show


def _print_step(step: Progress) -> None:
    if step.state != "running":
        seconds = "" if step.state == "started" else f" after {step.seconds:.1f} s"
        errors.print(f"{step.notebook}: {step.state}{seconds}", markup=False)
