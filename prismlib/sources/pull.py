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

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pandas as pd

from prismlib.errors import CallError, ParameterError, SnapshotError
from prismlib.periods import Period
from prismlib.sources.calls import Caller
from prismlib.sources.clients import Clients
from prismlib.sources.collecting import Collector, PullContext
from prismlib.sources.collectors import COLLECTORS
from prismlib.sources.cost_explorer_extras import get_extras
from prismlib.sources.cost_explorer_plan import parts
from prismlib.sources.cost_explorer_pull import PulledCost, get_cost
from prismlib.sources.ledger import Ledger
from prismlib.sources.prices import unit_price
from prismlib.sources.pull_plan import Planned, planned_requests
from prismlib.sources.redaction import Redactor, account_hash
from prismlib.sources.request_cache import RequestCache
from prismlib.sources.restatements import restatements
from prismlib.sources.snapshots import (
    MANIFEST,
    Description,
    Origin,
    Snapshot,
    check_place,
    read_snapshot,
    write_snapshot,
)

PRICE_ITEM = "cost_explorer_request"
HAND_MADE = ("component_rule", "estimate", "stated_actual", "claim", "fleet")
"""Tables that a person writes; the last four are about one month."""
CACHE = ".prism-cache"

Tables = dict[str, tuple[pd.DataFrame, Origin]]


@dataclass(frozen=True)
class PullOptions:
    """What to pull, where to, and at what price at most; see `prism pull --help`."""

    month: Period
    out: Path
    profile: str | None = None
    regions: tuple[str, ...] = ()
    tag: str | None = None
    metrics_file: Path | None = None
    cache: Path | None = None
    max_usd: Decimal | None = None
    redact: bool = False
    refresh: bool = False

    def __post_init__(self) -> None:
        if self.max_usd is not None and not (self.max_usd.is_finite() and self.max_usd >= 0):
            raise ParameterError("--max-usd", str(self.max_usd), expected="dollars, such as 0.50")


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


@dataclass
class _Pull:
    """A pull under way."""

    options: PullOptions
    caller: Caller
    account: str
    price: Decimal
    before: Snapshot | None
    context: PullContext
    on_step: Callable[[str], None]
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
        snapshot is as it was.
    """
    pull = _begin(options, now, on_step, on_call)
    cost = get_cost(pull.caller, options.month, price=pull.price, tag=options.tag, on_step=on_step)
    _add_cost(pull, cost)
    for name, frame in get_extras(
        pull.caller, pull.context, price=pull.price, on_step=on_step
    ).items():
        pull.tables[name] = (frame, _origin(pull, "Cost Explorer"))
    _collect(pull)
    _keep_hand_made(pull)
    restated = _add_restatements(pull, cost)
    write_snapshot(options.out, _description(pull, cost), pull.tables)
    return Pulled(
        path=options.out,
        rows={name: len(frame) for name, (frame, _) in pull.tables.items()},
        ledger=pull.caller.ledger,
        unknown=pull.context.unknown,
        notes=[*cost.notes, *pull.context.notes],
        restated=restated,
    )


def plan_pull(
    options: PullOptions,
    *,
    now: datetime,
    on_step: Callable[[str], None] = lambda step: None,
    on_call: Callable[[Ledger], None] | None = None,
) -> list[Planned]:
    """Return what a pull would ask and pay for; nothing is paid. See `pull_snapshot`."""
    pull = _begin(options, now, on_step, on_call)
    found = list(planned_requests(pull.caller, options.month, options.tag, pull.price))
    for collector in COLLECTORS:
        if collector.plan:
            on_step(collector.table)
            found.append(collector.plan(pull.caller, pull.context))
    return found


def _begin(
    options: PullOptions,
    now: datetime,
    on_step: Callable[[str], None],
    on_call: Callable[[Ledger], None] | None,
) -> _Pull:
    parts(options.month, now.date())  # refuses a month that has not begun
    if options.metrics_file and not options.metrics_file.is_file():
        raise ParameterError("--metrics", str(options.metrics_file), expected="a file")
    check_place(options.out)
    before = read_snapshot(options.out) if (options.out / MANIFEST).is_file() else None
    clients = Clients(options.profile, options.regions)
    account = clients.account_id()
    if before and before.pull.get("account", account_hash(account)) != account_hash(account):
        raise SnapshotError(
            "the folder holds a snapshot of another account",
            path=options.out,
            expected="a folder for each account",
            remedy="give another folder, or another --profile",
        )
    cache = RequestCache(options.cache or options.out.parent / CACHE, account)
    cache.clean_up()
    caller = Caller(
        clients,
        now=now,
        cache=cache,
        max_usd=options.max_usd,
        redactor=Redactor(account) if options.redact else None,
        refresh=options.refresh,
        on_call=on_call,
    )
    context = PullContext(options.month, now, clients.regions, options.metrics_file)
    shown = account_hash(account) if options.redact else account
    price = unit_price(PRICE_ITEM)
    return _Pull(options, caller, shown, price, before, context, on_step)


def _add_cost(pull: _Pull, cost: PulledCost) -> None:
    fetched = cost.fetched_at.isoformat(timespec="seconds")
    origin = Origin(
        source="Cost Explorer GetCostAndUsage by day: service and usage type, record type",
        is_estimated=cost.is_estimated,
        fetched_at=fetched,
    )
    pull.tables["cost"] = (cost.cost, origin)
    pull.tables["cost_file"] = (cost.cost_file, origin)
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
            frame = collector.get(pull.caller, context)
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
    """Keep the tables of the earlier snapshot that a person wrote and that still apply."""
    if pull.before is None:
        return
    is_same_month = pull.before.period == pull.options.month
    for name in HAND_MADE:
        if pull.before.has(name) and (is_same_month or name == "component_rule"):
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


def left_out(entry: Mapping[str, str]) -> str:
    """Return what is not known, as a sentence."""
    part = f" ({entry['part']})" if entry["part"] else ""
    action = f": {entry['iam_action']}" if entry["iam_action"] else ""
    return f"{entry['table']}{part} is unknown: {entry['reason']}{action}."
