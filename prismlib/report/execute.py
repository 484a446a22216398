"""Run notebooks, several at a time, each in a kernel of its own."""

from __future__ import annotations

import re
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import nbformat
import papermill
from jupyter_client import AsyncKernelManager  # type: ignore[attr-defined]
from nbclient.exceptions import DeadKernelError
from traitlets.config import Config

from prismlib import errors
from prismlib.errors import PrismError, ReportError
from prismlib.report.notebooks import Notebook


@dataclass(frozen=True)
class Progress:
    """How far a notebook is: `done` of its `total` cells."""

    notebook: str
    state: Literal["started", "running", "finished", "failed"]
    done: int
    total: int
    seconds: float = 0.0


OnProgress = Callable[[Progress], None]


@dataclass(frozen=True)
class Job:
    """A notebook and the values of its parameters."""

    notebook: Notebook
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class Executed:
    """A notebook with its outputs, and how long it took."""

    job: Job
    node: nbformat.NotebookNode
    seconds: float

    @property
    def name(self) -> str:
        """Return the name of the notebook."""
        return self.job.notebook.name


@dataclass
class _Session:
    """What the threads of one run share."""

    folder: Path
    failed: Path
    on_progress: OnProgress
    stopped: threading.Event = field(default_factory=threading.Event)
    kernels: list[AsyncKernelManager] = field(default_factory=list)

    def manager_class(self) -> type[AsyncKernelManager]:
        """Return a kernel manager that can be found again when the run has to stop."""
        kernels = self.kernels

        class Manager(AsyncKernelManager):
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **kwargs)
                kernels.append(self)

        return Manager

    def stop(self) -> None:
        """End every kernel, so that no thread waits for a cell that nobody wants any more."""
        self.stopped.set()
        for kernel in self.kernels:
            process = getattr(kernel.provisioner, "process", None)
            if process is not None:
                process.kill()


def run_notebooks(
    jobs: Sequence[Job], *, workers: int, failed: Path, on_progress: OnProgress
) -> list[Executed]:
    """Run every job and return the executed notebooks in the same order.

    Threads are enough, because the kernels are processes. The first failure stops the others.

    Raises
    ------
    ReportError
        A cell failed; the half-run notebook is kept in the folder `failed`. When the notebook
        refused its input (a `PrismError` of its own), the message and exit code are those.
    """
    with tempfile.TemporaryDirectory(prefix="prism-", ignore_cleanup_errors=True) as folder:
        session = _Session(Path(folder), failed, on_progress)
        with ThreadPoolExecutor(workers) as pool:
            futures = [pool.submit(_run, job, session) for job in jobs]
            try:
                return _results(futures)
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                session.stop()
                raise


def _results(futures: Sequence[Future[Executed]]) -> list[Executed]:
    done, _ = wait(futures, return_when=FIRST_EXCEPTION)
    for future in done:
        future.result()
    return [future.result() for future in futures]


def _run(job: Job, session: _Session) -> Executed:
    name, total = job.notebook.name, job.notebook.cells
    started = time.monotonic()

    def report(state: Literal["started", "running", "finished", "failed"], done: int) -> None:
        session.on_progress(Progress(name, state, done, total, time.monotonic() - started))

    def on_cell_start(cell: nbformat.NotebookNode, cell_index: int) -> None:
        if session.stopped.is_set():
            raise RuntimeError("the run was stopped")
        report("running", min(cell_index, total))

    report("started", 0)
    try:
        node = _execute(job, session, on_cell_start)
    except BaseException:
        report("failed", 0)
        raise
    report("finished", total)
    return Executed(job, node, round(time.monotonic() - started, 2))


def _execute(
    job: Job, session: _Session, on_cell_start: Callable[..., None]
) -> nbformat.NotebookNode:
    output = session.folder / f"{job.notebook.name}.ipynb"
    try:
        return papermill.execute_notebook(  # type: ignore[no-any-return]
            str(job.notebook.path),
            str(output),
            parameters=dict(job.parameters),
            kernel_name="python3",
            progress_bar=False,
            # The kernel's folder goes through nbclient: papermill's own `cwd` changes the folder
            # of the whole process, which threads share.
            resources={"metadata": {"path": str(session.folder)}},
            kernel_manager_class=session.manager_class(),
            on_cell_start=on_cell_start,
            shutdown_kernel="immediate",
            store_widget_state=False,
            config=_ipc(session.folder / job.notebook.name),
        )
    except papermill.PapermillExecutionError as error:
        raise _failure(job, error, output, session.failed) from error
    except (DeadKernelError, RuntimeError) as error:
        raise ReportError(
            job.notebook.name,
            "its kernel ended before the notebook did",
            seen=str(error),
            remedy="run it again; if it was killed for memory, use fewer --jobs",
        ) from error


def _ipc(prefix: Path) -> Config:
    """Return the settings of a connection by socket files: no port, no race, no open network.

    The files have short names of their own because a socket's path may have about 100 characters.
    """
    return Config({"KernelManager": {"transport": "ipc", "ip": str(prefix)}})


def _failure(
    job: Job, error: papermill.PapermillExecutionError, output: Path, failed: Path
) -> PrismError:
    kept = _keep(output, failed)
    index = _source_index(job.notebook, error.cell_index)
    kind = getattr(errors, error.ename, None)
    if isinstance(kind, type) and issubclass(kind, PrismError):
        refused = ReportError(job.notebook.name, error.evalue, cell_index=index)
        refused.exit_code = kind.exit_code
        return refused
    first_line = next(iter(error.source.strip().splitlines()), "")
    return ReportError(
        job.notebook.name,
        f"{error.ename}: {error.evalue}",
        cell_index=index,
        seen=f"in the cell that starts with: {first_line}",
        remedy=f"the half-run notebook {kept}; nothing was published",
    )


def _keep(output: Path, failed: Path) -> str:
    """Keep a half-run notebook for its reader; return where, in words."""
    try:
        failed.mkdir(parents=True, exist_ok=True)
        (failed / output.name).write_bytes(output.read_bytes())
    except OSError as error:  # what failed first is what to tell
        return f"could not be kept ({error.strerror})"
    return f"is {failed / output.name}"


def _source_index(notebook: Notebook, executed_index: int) -> int:
    """Return the index of a cell in the notebook itself, without the cell papermill injected."""
    node = nbformat.read(notebook.path, as_version=4)  # type: ignore[no-untyped-call]
    tagged = [
        n for n, cell in enumerate(node.cells) if "parameters" in cell.metadata.get("tags", [])
    ]
    return executed_index - (1 if executed_index > tagged[0] else 0)


def tidy(executed: Executed, names: Mapping[str, str]) -> nbformat.NotebookNode:
    """Return an executed notebook without times, process ids and folders of this machine.

    `names` maps a folder to what to write instead; the longest is replaced first.
    """
    node = executed.node
    for part in (node, *node.cells):
        part.metadata.pop("papermill", None)
        part.metadata.pop("execution", None)
    for cell in node.cells:
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell["id"] = "injected-parameters"
    text: str = nbformat.writes(node)  # type: ignore[no-untyped-call]
    for folder in sorted(names, key=len, reverse=True):
        text = text.replace(folder, names[folder])
    text = re.sub(r"[^\s\"']*ipykernel_\d+/\d+\.py", "cell", text)
    return nbformat.reads(text, as_version=4)  # type: ignore[no-any-return, no-untyped-call]
