"""Bill files are summed side by side, one thread each, where that keeps all processors at work.

DuckDB spreads a query over threads as well, but plans and ends it in one. So of many files of like
size the wait is shorter when each has a thread; of few, or of one that is larger than its share of
the threads, it is shorter when they take turns and each has all threads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from queue import SimpleQueue

import duckdb

from prismlib.sources.bill_checks import refuse_cells
from prismlib.sources.bill_groups import check_groups, sum_lines
from prismlib.sources.bill_lines import Lines
from prismlib.sources.delimited import reading


def add_files(
    connection: duckdb.DuckDBPyConnection,
    files: Sequence[Lines],
    on_step: Callable[[str], None] = lambda step: None,
) -> None:
    """Sum the lines of files, and check what came of each; `on_step` gets words of how far it is.

    Files are checked in their order, whichever is summed first, so what is raised is about the
    first one that is not usable; the others are stopped.

    Raises
    ------
    SourceError
        A file is damaged; as `prismlib.sources.bill_groups.check_groups`.
    """
    ((threads,),) = connection.execute("SELECT current_setting('threads')").fetchall()
    if are_alike([lines.raw.path for lines in files], threads):
        _add_side_by_side(connection, files, threads, on_step)
        return
    for number, lines in enumerate(files):
        on_step(f"file {number + 1} of {len(files)}")
        _check(connection, number, lines, partial(sum_lines, connection, number, lines))


def _check(
    connection: duckdb.DuckDBPyConnection, number: int, lines: Lines, done: Callable[[], None]
) -> None:
    """Check the groups of a file once it is `done`, or say why it cannot be."""
    with reading(lines.raw.path):
        try:
            done()
        except duckdb.OutOfRangeException:
            refuse_cells(lines)  # an amount that is none comes before a sum that is too large
            raise
    check_groups(connection, number, lines)


def are_alike(files: Sequence[Path], threads: int) -> bool:
    """Return whether no file is larger than a thread's share of all bytes."""
    if not 1 < threads <= len(files):
        return False
    sizes = [file.stat().st_size for file in files]
    return max(sizes) * threads <= sum(sizes)


def _add_side_by_side(
    connection: duckdb.DuckDBPyConnection,
    files: Sequence[Lines],
    threads: int,
    on_step: Callable[[str], None],
) -> None:
    free: SimpleQueue[duckdb.DuckDBPyConnection] = SimpleQueue()

    def sum_one(number: int) -> None:
        cursor = free.get()
        try:
            sum_lines(cursor, number, files[number])
        finally:
            free.put(cursor)

    connection.execute("SET threads = 1")  # a query has the thread that asked it
    with ExitStack() as opened:
        cursors = [opened.enter_context(connection.cursor()) for _ in range(threads)]
        for cursor in cursors:
            free.put(cursor)
        pool = opened.enter_context(ThreadPoolExecutor(threads))
        summed = [pool.submit(sum_one, number) for number in range(len(files))]
        try:
            for number, one in enumerate(summed):
                on_step(f"file {number + 1} of {len(files)}")
                _check(connection, number, files[number], one.result)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            _stop(cursors, [one for one in summed if not one.cancelled()])
            raise
    connection.execute(f"SET threads = {threads}")


def _stop(cursors: Sequence[duckdb.DuckDBPyConnection], running: Sequence[Future[None]]) -> None:
    """Stop what runs, and wait for it: a connection in use must not be closed."""
    while True:
        try:
            for cursor in cursors:
                cursor.interrupt()
            wait(running)
            return
        except KeyboardInterrupt:  # asked to stop again, as it does already
            continue
