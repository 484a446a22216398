"""A snapshot of the user's own account: ask, check, compare with the last one, write it whole.

1. The snapshot at the destination is read first; one that is damaged or of another account stops
   the pull before anything is paid for.
2. Charges come from Cost Explorer (`cost_explorer_pull`). Without that permission there is nothing.
3. Everything else (`cost_explorer_extras`, `COLLECTORS`) is left out where a permission is
   missing or a service does not answer, and the snapshot says so.
4. What the earlier snapshot held and a person wrote (an estimate, say) is kept; charges that
   changed are kept beside the new ones (`restatements`).
5. The folder changes places with the old one when it is complete. A pull that fails or is killed
   before leaves the old one, and a cache from which the next pull goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pandas as pd

from prismlib.errors import CallError, SnapshotError
from prismlib.readiness_tables import EVIDENCE_TABLES
from prismlib.snapshot_tables import HAND_WRITTEN
from prismlib.sources.calls import Caller
from prismlib.sources.collecting import Collector, PullContext
from prismlib.sources.collectors import COLLECTORS
from prismlib.sources.cost_explorer_extras import get_extras
from prismlib.sources.cost_explorer_pull import PulledCost, get_cost
from prismlib.sources.ledger import Ledger, counted, spent_words
from prismlib.sources.pull_place import (
    only_pull,
    resolved,
)
from prismlib.sources.pull_plan import Planned, planned_requests
from prismlib.sources.pull_start import PullOptions, Start, begin, region_words
from prismlib.sources.request_cache import MAX_AGE
from prismlib.sources.restatements import is_as_pulled, restatements
from prismlib.sources.snapshot_checks import days_note, days_without, left_out
from prismlib.sources.snapshot_folder import folder_state
from prismlib.sources.snapshots import (
    Description,
    Origin,
    write_snapshot,
)

Tables = dict[str, tuple[pd.DataFrame, Origin]]


@dataclass(frozen=True)
class Pulled:
    """What a pull made: the folder, its tables and their rows, what it asked for and paid.

    `unknown` is what could not be read, `notes` what else a reader must know.
    """

    path: Path
    rows: dict[str, int]
    ledger: Ledger
    unknown: list[dict[str, str]]
    notes: list[str]
    restated: int
    regions: str


@dataclass
class _Pull(Start):
    """A pull under way."""

    on_step: Callable[[str], None] = lambda step: None
    tables: Tables = field(default_factory=dict)


def pull_snapshot(
    options: PullOptions,
    *,
    now: datetime,
    on_step: Callable[[str], None] = lambda step: None,
    on_call: Callable[[Ledger], None] | None = None,
) -> Pulled:
    """Write the snapshot of a month of an account.

    Parameters
    ----------
    options : PullOptions
    now : datetime
        The time, with its zone.
    on_step, on_call : callable, optional
        Called with the name of each step, and with the ledger after each answer.

    Raises
    ------
    SourceError
        A call failed, data is missing, or the limit of the price is reached; the earlier
        snapshot is as it was. A note on the error says what was paid.
    """
    options = replace(options, out=resolved(options.out))
    with only_pull(options.out):
        pull = _Pull(**vars(begin(options, now, on_call)), on_step=on_step)
        try:
            return _pulled(pull)
        except BaseException as error:
            error.add_note(_paid_so_far(pull.caller))
            raise


def _pulled(pull: _Pull) -> Pulled:
    options = pull.options
    cost = get_cost(
        pull.caller, options.month, price=pull.price, tag=options.tag, on_step=pull.on_step
    )
    _add_cost(pull, cost)
    for name, frame in get_extras(
        pull.caller, pull.context, price=pull.price, on_step=pull.on_step
    ).items():
        pull.tables[name] = (frame, _origin(pull, "Cost Explorer"))
    _collect(pull)
    _keep_hand_made(pull)
    restated = _add_restatements(pull, cost)
    if folder_state(options.out) != pull.state:
        raise SnapshotError(
            "the folder was changed while the pull ran, and the change would be lost",
            path=options.out,
            remedy="run it again: what was paid for is in the cache",
        )
    write_snapshot(options.out, _description(pull, cost), pull.tables)
    return Pulled(
        path=options.out,
        rows={name: len(frame) for name, (frame, _) in pull.tables.items()},
        ledger=pull.caller.ledger,
        unknown=pull.context.unknown,
        notes=[*cost.notes, *pull.context.notes],
        restated=restated,
        regions=region_words(pull.caller.clients),
    )


def _paid_so_far(caller: Caller) -> str:
    """Return what a pull that did not end paid, and what is left of it."""
    words = f"so far: {spent_words(caller.ledger)}"
    if not caller.cache or not caller.ledger.total().paid:
        return words
    answers = sum(1 for _ in caller.cache.folder.glob("*.json.gz"))
    if not answers:
        return words
    return (
        f"{words}\n  {counted(answers, 'answer')} kept in {caller.cache.folder}: a pull of the"
        f" next {MAX_AGE // timedelta(hours=1)} hours does not pay for them again"
    )


def plan_pull(
    options: PullOptions,
    *,
    now: datetime,
    on_step: Callable[[str], None] = lambda step: None,
    on_call: Callable[[Ledger], None] | None = None,
) -> list[Planned]:
    """Return what a pull would ask and pay for; nothing is paid. See `pull_snapshot`."""
    options = replace(options, out=resolved(options.out))
    pull = begin(options, now, on_call)
    month, nothing = options.month, Decimal(0)
    regions = region_words(pull.caller.clients)
    found = [Planned("regions", "", month, regions, nothing, nothing)]
    found += planned_requests(pull.caller, month, options.tag, pull.price)
    for collector in COLLECTORS:
        if collector.plan:
            on_step(collector.table)
            found.append(collector.plan(pull.caller, pull.context))
    return found


def _add_cost(pull: _Pull, cost: PulledCost) -> None:
    fetched = cost.fetched_at.isoformat(timespec="seconds")
    origin = Origin(
        source="Cost Explorer GetCostAndUsage by day: service and usage type, record type",
        is_estimated=cost.is_estimated,
        fetched_at=fetched,
    )
    pull.tables["cost"] = (cost.cost, origin)
    pull.tables["cost_file"] = (cost.cost_file, origin)
    missing = days_without(cost.cost, pull.options.month)
    if gaps := [day for day in missing if day < cost.as_of]:
        pull.context.notes.append(days_note(gaps))
    if cost.tag is not None:
        source = f"Cost Explorer GetCostAndUsage by day: {pull.options.tag}, record type"
        pull.tables["cost_tag"] = (cost.tag, Origin(source, False, cost.is_estimated, fetched))


def _origin(pull: _Pull, source: str) -> Origin:
    return Origin(source=source, fetched_at=pull.context.now.isoformat(timespec="seconds"))


def _collect(pull: _Pull) -> None:
    """Add the table of every collector that can be read."""
    context = pull.context
    context.tables = {name: frame for name, (frame, _) in pull.tables.items()}
    for collector in COLLECTORS:
        pull.on_step(collector.table)
        try:
            frame = collector.read(pull.caller, context)
        except CallError as error:
            context.unread(collector.table, "", error)
            context.lacking_rows.add(collector.table)
        else:
            _name_what_follows(context, collector)
            context.tables[collector.table] = frame
            pull.tables[collector.table] = (frame, _origin(pull, collector.source or "AWS"))


def _name_what_follows(context: PullContext, collector: Collector) -> None:
    """Name what a table lacks because one that it is made from does."""
    for need in sorted(context.lacking_rows.intersection(collector.needs)):
        reason = f"the table {need} is not complete"
        context.leave_out(collector.table, f"for what {need} lacks", "", reason)


def _keep_hand_made(pull: _Pull) -> None:
    """Keep the tables of the earlier snapshot that a person wrote, and evidence, which is dated."""
    if pull.before is None:
        return
    for name in (*HAND_WRITTEN, *EVIDENCE_TABLES):
        if pull.before.has(name):
            rows = pull.before.provenance[pull.before.provenance["table"] == name]
            fetched_at = rows["fetched_at"].iloc[0]
            origin = Origin(
                source=str(rows["source"].iloc[0]),
                is_synthetic=bool(rows["is_synthetic"].iloc[0]),
                is_estimated=bool(rows["is_estimated"].iloc[0]),
                fetched_at=fetched_at if isinstance(fetched_at, str) else None,
            )
            pull.tables.setdefault(name, (pull.before.tables[name], origin))


def _add_restatements(pull: _Pull, cost: PulledCost) -> int:
    """Add what changed since the earlier pull of this month; return how many figures did now."""
    before = pull.before
    if before is None or not before.pull or before.period != pull.options.month:
        return 0
    if not is_as_pulled(before):
        pull.context.notes.append(
            "The charges of the earlier pull were edited since, so it is not known whether they"
            " were restated."
        )
    frame = restatements(before, cost.cost, pull.context.now)
    if frame is None:
        return 0
    pull.tables["restatement"] = (frame, _origin(pull, "earlier pulls of this month"))
    return int((frame["restated_at"] == pull.context.now).sum())


def _description(pull: _Pull, cost: PulledCost) -> Description:
    context, ledger = pull.context, pull.caller.ledger
    estimated = "Charges marked as estimates by the provider will still move."
    return Description(
        name=pull.options.out.name,
        title=f"AWS account {pull.account}, {pull.options.month}",
        period=str(pull.options.month),
        as_of=cost.as_of,
        billing_currency=str(cost.cost["billing_currency"].iloc[0]),
        notes=[
            *([estimated] if cost.is_estimated else []),
            *cost.notes,
            *context.notes,
            *(left_out(entry) for entry in context.unknown),
        ],
        unknown=context.unknown,
        pull={
            "account": pull.caller.cache.folder.name if pull.caller.cache else "",
            "regions": list(context.regions),
            "tag": pull.options.tag,
            **ledger.as_json(),
        },
    )
