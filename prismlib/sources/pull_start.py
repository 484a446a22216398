"""How a pull begins: its options, the folder it will replace, the account it looks at.

Everything here is free. What cannot end well is refused here, before anything is paid.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from prismlib.errors import ParameterError, SnapshotError
from prismlib.periods import Period
from prismlib.snapshot_tables import HAND_WRITTEN, TIMELESS
from prismlib.sources.calls import Caller
from prismlib.sources.clients import Clients
from prismlib.sources.collecting import PullContext
from prismlib.sources.cost_explorer_plan import check_tag, parts
from prismlib.sources.ledger import Ledger
from prismlib.sources.metric_rules import read_metric_rules
from prismlib.sources.prices import unit_price
from prismlib.sources.pull_place import check_answers, check_cache, check_regions
from prismlib.sources.redaction import Redactor, account_hash
from prismlib.sources.request_cache import RequestCache
from prismlib.sources.snapshot_folder import MANIFEST, check_place, folder_state
from prismlib.sources.snapshots import Snapshot, read_listed

PRICE_ITEM = "cost_explorer_request"
CACHE = ".prism-cache"


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
        check_tag(self.tag)
        if self.max_usd is not None and not (self.max_usd.is_finite() and self.max_usd >= 0):
            raise ParameterError("--max-usd", str(self.max_usd), expected="dollars, such as 0.50")


@dataclass
class Start:
    """What a pull begins with; `state` is what lay in the folder, `before` the snapshot there."""

    options: PullOptions
    caller: Caller
    account: str
    price: Decimal
    before: Snapshot | None
    state: frozenset[tuple[str, int, int]]
    context: PullContext


def region_words(clients: Clients) -> str:
    """Return which regions are looked at, and if nobody chose them."""
    names = ", ".join(clients.regions)
    return f"{names}, as none is set up: --region names others" if clients.is_fallback else names


def begin(options: PullOptions, now: datetime, on_call: Callable[[Ledger], None] | None) -> Start:
    """Look at the destination and the account, and refuse what cannot end well.

    Raises
    ------
    PrismError
        An option is not usable, the folder holds what would be lost, or there is no account.
    """
    parts(options.month, now.date())  # refuses a month that has not begun
    cache_folder = options.cache or options.out.parent / CACHE
    check_cache(cache_folder, options.out)
    state = folder_state(options.out)
    before = _before(options)
    clients = Clients(options.profile, options.regions)
    _check_regions(options, clients)
    account = clients.account_id()
    if before and before.pull.get("account", account_hash(account)) != account_hash(account):
        raise SnapshotError(
            "the folder holds a snapshot of another account",
            path=options.out,
            expected="a folder for each account",
            remedy="give another folder, or another --profile",
        )
    cache = RequestCache(cache_folder, account)
    check_answers(cache.folder)
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
    return Start(options, caller, shown, unit_price(PRICE_ITEM), before, state, context)


def _check_regions(options: PullOptions, clients: Clients) -> None:
    """Raise ParameterError for a region that there is not, and SourceError for a bad list."""
    given = "--region" if options.regions else "region (of the profile or AWS_DEFAULT_REGION)"
    check_regions(clients.regions, given)
    if options.metrics_file is None:
        return
    if not options.metrics_file.is_file():
        raise ParameterError("--metrics", str(options.metrics_file), expected="a file")
    for rule in read_metric_rules(options.metrics_file):
        check_regions(rule.regions, f"regions in {options.metrics_file.name}")


def _before(options: PullOptions) -> Snapshot | None:
    """Return the snapshot at the destination, with what a person added to it.

    Raises
    ------
    SnapshotError
        It is damaged, or the folder holds what would be lost.
    """
    out = options.out
    try:
        check_place(out, HAND_WRITTEN)
        before = read_listed(out, with_added=True) if (out / MANIFEST).is_file() else None
    except SnapshotError as error:
        if error.path != out / MANIFEST:
            raise
        raise SnapshotError(
            error.what,
            seen=error.seen,
            expected=error.expected,
            remedy="restore it, or move the folder away, or give another --out: a pull replaces"
            " only what it can read",
        ) from None
    if before and before.period != options.month:
        lost = [name for name in HAND_WRITTEN if before.has(name) and name not in TIMELESS]
        if lost:
            raise SnapshotError(
                f"the folder holds tables that are about {before.period} and would be lost",
                path=out,
                seen=", ".join(lost),
                expected=f"a folder of its own for {options.month}",
                remedy="give another --out",
            )
    return before
