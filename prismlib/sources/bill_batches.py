"""Bill files of the same columns that are read together, up to some at once.

One query over several files keeps all processors at work, where one query for each file waits for
its last rows, and what has to be done once for a query is done less often.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from prismlib.sources.bill_lines import Lines, type_lines
from prismlib.sources.delimited import open_alike

BATCH_FILES = 8
"""Files that are read together: enough for the processors, while their groups are few."""


@dataclass(frozen=True)
class Batch:
    """Files that follow each other, and their `lines` as one; the number of the first is `first`.

    The field ``file_of_row`` of the lines is the position of a row's file in `files`.
    """

    first: int
    files: tuple[Lines, ...]
    lines: Lines

    def apart(self) -> Iterator[Batch]:
        """Yield each file by itself: to find out which one is at fault."""
        for number, one in enumerate(self.files, start=self.first):
            yield Batch(number, (one,), one)


def batches(files: Sequence[Lines]) -> Iterator[Batch]:
    """Yield files in their order, those together that can be read by one query.

    That are Parquet files of the same columns, types and layout.
    """
    first = 0
    for number in range(1, len(files) + 1):
        is_full = number - first == BATCH_FILES
        if number == len(files) or is_full or not _are_alike(files[first], files[number]):
            yield _batch(first, files[first:number])
            first = number


def _are_alike(one: Lines, other: Lines) -> bool:
    columns = [(lines.raw.names, lines.raw.types, lines.layout) for lines in (one, other)]
    is_parquet = bool(one.raw.types) and one.raw.engine is None
    return is_parquet and columns[0] == columns[1]


def _batch(first: int, files: Sequence[Lines]) -> Batch:
    if len(files) == 1:
        return Batch(first, tuple(files), files[0])
    raw = open_alike([lines.raw for lines in files], "raw_batch")
    return Batch(first, tuple(files), type_lines(raw, files[0].layout))
