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
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, CycloptsError, Parameter
from rich.console import Console

from prismlib import __version__, paths
from prismlib.errors import ParameterError, PrismError

if TYPE_CHECKING:
    from prismlib.report.execute import Progress
    from prismlib.report.render import Report

errors = Console(stderr=True, soft_wrap=True, highlight=False)
app = App(
    name="prism",
    help="Recompute the claims of a cloud bill or memo, and report which of them hold.",
    version=__version__,
    console=Console(soft_wrap=True, highlight=False),
    error_console=errors,
)

Files = Annotated[list[Path], Parameter(consume_multiple=True, negative=())]


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Source:
    """Where the data of a report comes from: a snapshot, or bills.

    Parameters
    ----------
    snapshot
        Folder of a snapshot; the sample unless given.
    costs
        Bill files to read instead: Cost Explorer JSON, FOCUS, or CUR, as CSV or Parquet.
    estimate
        With --costs: an ESTIMATE table as CSV, to compare the bill with.
    components
        With --costs: a COMPONENT_RULE table as CSV, to sort charges into components.
    """

    snapshot: Path | None = None
    costs: Files | None = None
    estimate: Path | None = None
    components: Path | None = None

    def check(self) -> None:
        """Raise ParameterError for options that do not go together, or that name nothing."""
        _refuse_nothing("--costs", self.costs, "files or folders of bills")
        if self.costs and self.snapshot:
            raise ParameterError("--snapshot", str(self.snapshot), expected="not with --costs")
        for option, value in (("--estimate", self.estimate), ("--components", self.components)):
            if value and not self.costs:
                raise ParameterError(option, str(value), expected="only together with --costs")


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Scope:
    """What is rendered, and how.

    Parameters
    ----------
    week
        ISO week such as 2025-W46; that of the data unless given.
    out
        Folder of reports; ``reports`` in the repository unless given.
    only
        Names of the notebooks to run; all unless given.
    parameters
        A notebook parameter as NAME=VALUE; may be repeated.
    jobs
        Notebooks to run at a time.
    """

    week: str | None = None
    out: Annotated[Path, Parameter(show_default=False)] = paths.REPORTS
    only: Annotated[list[str] | None, Parameter(consume_multiple=True, negative=())] = None
    parameters: Annotated[list[str] | None, Parameter(name=["-p", "--parameter"], negative=())] = (
        None
    )
    jobs: int = 2

    def check(self) -> None:
        """Raise ParameterError for an option that names nothing."""
        _refuse_nothing("--only", self.only, "names of notebooks")

    def values(self) -> dict[str, str]:
        """Return the notebook parameters as text; the report converts them."""
        pairs = [text.partition("=") for text in self.parameters or []]
        for name, equals, value in pairs:
            if not name or not equals:
                raise ParameterError("-p", name or value, expected="NAME=VALUE")
        return {name: value for name, _, value in pairs}


def _refuse_nothing(option: str, given: Sequence[object] | None, expected: str) -> None:
    if given is not None and not given:
        raise ParameterError(
            option,
            "",
            expected=f"{expected} after it",
            remedy="a pattern or variable that stands for nothing leaves the option empty",
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
    *,
    seal: Annotated[bool, Parameter(negative=())] = False,
    debug: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Check that a snapshot is whole and unchanged.

    Parameters
    ----------
    folder
        Folder of the snapshot.
    seal
        Accept intended edits of its tables by renewing their hashes.
    debug
        Show the traceback of an error.
    """
    return _guarded(lambda: _check(folder, seal=seal), debug=debug)


def main() -> None:
    """Run the command line and exit with its status."""
    before = signal.signal(signal.SIGTERM, _terminate)
    try:
        status = app(
            sys.argv[1:], exit_on_error=False, print_error=True, result_action="return_value"
        )
    except CycloptsError:
        sys.exit(2)
    finally:
        signal.signal(signal.SIGTERM, before)
    sys.exit(status if isinstance(status, int) else 0)


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
        errors.print(str(error), markup=False)
        return error.exit_code
    except KeyboardInterrupt:
        errors.print("stopped; nothing was published")
        return 143 if _terminated.is_set() else 130
    except Exception as error:
        if debug:
            raise
        errors.print(_words(error), markup=False)
        return 1


def _words(error: BaseException) -> str:
    """Return what to print for an error that nobody expected, or for a full disk."""
    chain: BaseException | None = error
    while chain is not None:
        if isinstance(chain, OSError) and chain.errno in (errno.ENOSPC, errno.EDQUOT):
            return (
                f"the disk is full\n  seen: {os.strerror(chain.errno)}: {chain.filename or '?'}"
                f"\n  what to do: make room there and in {gettempdir()} (TMPDIR names another)"
            )
        chain = chain.__cause__ or chain.__context__
    return (
        f"{type(error).__name__}: {error}"
        "\n  what to do: run it again with --debug to see where, and report it"
    )


def _check(folder: Path, *, seal: bool) -> int:
    from prismlib.sources.delimited import reading
    from prismlib.sources.snapshots import check_snapshot, seal_snapshot

    with reading(folder):
        path = paths.resolve(str(folder)) if not folder.exists() else folder
        changed = seal_snapshot(path) if seal else []
        problems = check_snapshot(path)
    if seal:
        app.console.print(f"sealed: {', '.join(changed) or 'nothing had changed'}", markup=False)
    for problem in problems:
        errors.print(problem, markup=False)
    if not problems:
        app.console.print(f"{folder}: good", markup=False)
    return 2 if problems else 0


def _report(source: Source, scope: Scope) -> int:
    source.check()
    scope.check()
    values = scope.values()
    from prismlib.report.render import render_report

    with _snapshot(source) as snapshot, _progress() as on_progress:
        done = render_report(
            snapshot,
            out_dir=scope.out,
            week=scope.week,
            only=scope.only or (),
            parameters=values,
            jobs=scope.jobs,
            keep_snapshot=bool(source.costs),
            on_progress=on_progress,
        )
    _print_result(done)
    return 0


@contextmanager
def _snapshot(source: Source) -> Iterator[Path]:
    """Give the folder of the snapshot; one made of bills lives until the report holds a copy."""
    if not source.costs:
        yield source.snapshot or paths.SAMPLE
        return
    from prismlib.sources.bill_snapshot import snapshot_from_bills

    with TemporaryDirectory(prefix="prism-bills-") as folder:
        yield snapshot_from_bills(
            source.costs,
            Path(folder) / "snapshot",
            estimate=source.estimate,
            components=source.components,
        )


@contextmanager
def _progress() -> Iterator[Callable[[Progress], None]]:
    """Give a function that shows progress: bars on a terminal, otherwise a line a step."""
    if not errors.is_terminal:
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


def _print_result(done: Report) -> None:
    from prismlib.findings import Severity, ranked
    from prismlib.formats import words
    from prismlib.report.summary import count_verdicts

    counts = count_verdicts(done.findings)
    lines: Sequence[str] = [
        f"Report {done.week}: {done.index}",
        f"{len(done.findings)} findings in {done.seconds:.1f} s: "
        + ", ".join(f"{count} {words(verdict)}" for verdict, count in counts.items()),
        *(
            f"critical: {finding.statement.replace('**', '')}"
            for finding in ranked(done.findings)
            if finding.severity == Severity.CRITICAL
        ),
    ]
    for line in lines:
        app.console.print(line, markup=False)
