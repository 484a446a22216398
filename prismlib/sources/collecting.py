"""What a collector of `prism pull` is: a function from API calls to one table of a snapshot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pandas as pd

from prismlib.errors import BrokenAnswerError, CallError, ParameterError, SchemaError
from prismlib.periods import Period
from prismlib.sources.calls import Caller
from prismlib.sources.pull_plan import Planned


@dataclass
class PullContext:
    """What a pull is about.

    Attributes
    ----------
    period : Period
        The month.
    now : datetime
        The time of the pull, with its zone.
    regions : tuple of str
        The regions to look at.
    metrics_file : Path or None
        The user's list of CloudWatch metrics.
    tables : dict of str to frame
        The tables that earlier collectors made, by their names in a snapshot.
    notes : list of str
        Sentences for the reader of the snapshot; a collector may add to them.
    unknown : list of dict
        What is not known although it was asked for: ``table``, ``part`` (a region, a bucket, or ""
        for the whole table), ``iam_action`` and ``reason``; a collector adds the parts it left out.
    lacking_rows : set of str
        The tables that are not there or lack rows, so that what is made from them does too.
    """

    period: Period
    now: datetime
    regions: tuple[str, ...]
    metrics_file: Path | None = None
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    unknown: list[dict[str, str]] = field(default_factory=list)
    lacking_rows: set[str] = field(default_factory=set)

    def leave_out(self, table: str, part: str, iam_action: str, reason: str) -> None:
        """Note what is not known although it was asked for."""
        entry = {"table": table, "part": part, "iam_action": iam_action, "reason": reason}
        if entry not in self.unknown:
            self.unknown.append(entry)

    def unread(self, table: str, part: str, error: CallError) -> None:
        """Note what an error leaves unknown; raise it again if it must stop the pull."""
        if not error.reason:
            raise error
        self.leave_out(table, part, getattr(error, "iam_action", ""), error.reason)


@dataclass(frozen=True)
class Collector:
    """Makes the table `table`.

    `get` returns its frame, or raises a `CallError`: the table is then left out, or the pull stops
    (see `PullContext.unread`). `actions` are all permissions it may need, for `prism policy`;
    `source` says in words where the rows come from, `needs` of which tables' rows they are made;
    `plan` is there if its calls are paid.
    """

    table: str
    get: Callable[[Caller, PullContext], pd.DataFrame]
    actions: tuple[str, ...]
    source: str = ""
    needs: tuple[str, ...] = ()
    plan: Callable[[Caller, PullContext], Planned] | None = None

    def read(self, caller: Caller, context: PullContext) -> pd.DataFrame:
        """Return what `get` does; answers of another shape, or a row that came twice, are broken.

        They do not stay in the cache.
        """
        with caller.attempt() as attempt:
            try:
                return self.get(caller, context)
            except (SchemaError, KeyError, TypeError, AttributeError, ValueError) as error:
                if isinstance(error, ParameterError):
                    raise
                caller.forget(attempt)
                raise BrokenAnswerError(
                    "AWS",
                    self.source or self.table,
                    "is not what the service gives",
                    code=type(error).__name__,
                    seen=str(error).partition("\n")[0] if isinstance(error, SchemaError) else "",
                ) from error
