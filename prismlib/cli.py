"""The ``prism`` command: a thin layer that reads options, shows progress and prints errors.

Exit status: 0 done, 1 something failed, 2 bad usage or bad input, 130 stopped by Ctrl-C. Heavy
imports happen inside the commands, so that help and usage errors come at once.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
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

Regions = Annotated[tuple[str, ...], Parameter("--region", consume_multiple=True, negative=())]
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
        """Raise ParameterError for options that do not go together."""
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

    def values(self) -> dict[str, str]:
        """Return the notebook parameters as text; the report converts them."""
        pairs = [text.partition("=") for text in self.parameters or []]
        for name, equals, value in pairs:
            if not name or not equals:
                raise ParameterError("-p", name or value, expected="NAME=VALUE")
        return {name: value for name, _, value in pairs}


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
    """Check that a snapshot is whole and unchanged, covers its days, and say if it is old.

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


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Account:
    """Which account is read, and how.

    Parameters
    ----------
    profile
        Profile of the AWS configuration; boto3's usual choice unless given.
    regions
        Regions to look at; that of the profile unless given.
    tag
        Cost allocation tag to group charges by, or category:NAME for a cost category.
    metrics_file
        YAML file with a list of CloudWatch metrics to add.
    cache
        Folder of answers already paid for; .prism-cache beside the snapshot unless given.
    max_usd
        Stop before more dollars than these are spent.
    redact
        Write a short hash wherever an account id would stand.
    refresh
        Pay again for answers that the cache holds, to see what was restated.
    """

    profile: str | None = None
    regions: Regions = ()
    tag: str | None = None
    metrics_file: Annotated[Path | None, Parameter("--metrics")] = None
    cache: Path | None = None
    max_usd: Decimal | None = None
    redact: Annotated[bool, Parameter(negative=())] = False
    refresh: Annotated[bool, Parameter(negative=())] = False


@app.command
def pull(
    account: Account = Account(),
    *,
    month: str,
    out: Path,
    dry_run: Annotated[bool, Parameter(negative=())] = False,
    debug: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Make a snapshot of a month of your own AWS account, with read-only calls.

    Parameters
    ----------
    month
        The month, such as 2025-10.
    out
        Folder of the snapshot; an earlier one is replaced when the new one is complete.
    dry_run
        Print what would be asked and what it may cost; nothing is paid.
    debug
        Show the traceback of an error.
    """
    return _guarded(lambda: _pull(account, month, out, dry_run=dry_run), debug=debug)


@app.command
def policy() -> int:
    """Print the IAM policy with the permissions that pull needs; all of them only read."""
    from prismlib.sources.policy import policy_text

    app.console.print(policy_text(), markup=False)
    return 0


def main() -> None:
    """Run the command line and exit with its status."""
    try:
        status = app(
            sys.argv[1:], exit_on_error=False, print_error=True, result_action="return_value"
        )
    except CycloptsError:
        sys.exit(2)
    sys.exit(status if isinstance(status, int) else 0)


def _guarded(command: Callable[[], int], *, debug: bool) -> int:
    """Run a command; print an error without a traceback and return the exit status."""
    try:
        return command()
    except PrismError as error:
        if debug:
            errors.print_exception()
        errors.print(str(error), markup=False)
        return error.exit_code
    except KeyboardInterrupt:
        errors.print("stopped; nothing was published")
        return 130
    except Exception as error:
        if debug:
            raise
        errors.print(f"{type(error).__name__}: {error}", markup=False)
        errors.print("  what to do: run it again with --debug to see where, and report it")
        return 1


def _check(folder: Path, *, seal: bool) -> int:
    from prismlib.sources.snapshot_checks import check_snapshot, remarks
    from prismlib.sources.snapshots import read_snapshot, seal_snapshot

    path = paths.resolve(folder) if not folder.exists() else folder
    if seal:
        changed = seal_snapshot(path)
        app.console.print(f"sealed: {', '.join(changed) or 'nothing had changed'}", markup=False)
    problems = check_snapshot(path)
    for problem in problems:
        errors.print(problem, markup=False)
    if not problems:
        for line in remarks(read_snapshot(path), datetime.now(UTC)):
            errors.print(f"note: {line}", markup=False)
        app.console.print(f"{folder}: good", markup=False)
    return 2 if problems else 0


def _pull(account: Account, month: str, out: Path, *, dry_run: bool) -> int:
    from prismlib.periods import Period
    from prismlib.sources.pull import PullOptions
    from prismlib.sources.pull_words import plan, run

    options = PullOptions(month=Period.month(month), out=out.absolute(), **vars(account))
    now = datetime.now(UTC)
    lines = plan(options, now) if dry_run else run(options, now, errors.print)
    app.console.print("\n".join(lines), markup=False)
    return 0


def _report(source: Source, scope: Scope) -> int:
    source.check()
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
