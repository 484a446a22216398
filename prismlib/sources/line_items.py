"""Line items of a billing export, in a folder or in S3, become a snapshot.

The export is FOCUS, CUR 2.0 or legacy CUR (`prismlib.sources.bills`); which of its files count is
decided by their paths and manifests (`prismlib.sources.exports`), before one is opened or fetched.
Objects in S3 are copied into a temporary folder, one after the other, and removed afterwards; the
same reading as for ``prism report --costs`` follows.

A table of Athena (``athena:DATABASE.TABLE``) is asked where it is (`prismlib.sources.bill_engine`).

Known limits: the copies need room in the temporary folder; what S3 charges for the requests (a cent
for some 25,000 objects) is not counted.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from prismlib.cli_options import Account, LineItems
from prismlib.errors import IncompleteDataError, ParameterError
from prismlib.formats import day, money
from prismlib.money import exact_sum
from prismlib.periods import Period
from prismlib.readiness_tables import EVIDENCE_TABLES
from prismlib.snapshot_tables import HAND_WRITTEN, SNAPSHOT_TABLES
from prismlib.sources.athena_options import PLACE, WORKGROUP, AthenaOptions
from prismlib.sources.aws_errors import RAISED, translated
from prismlib.sources.bill_engine import ROW_QUERIES
from prismlib.sources.bill_files import find
from prismlib.sources.bill_snapshot import snapshot_from_bills, snapshot_from_engine
from prismlib.sources.clients import Clients
from prismlib.sources.csv_tables import read_table
from prismlib.sources.delimited import MEMORY_GB
from prismlib.sources.exports import choose, months_of
from prismlib.sources.ledger import counted
from prismlib.sources.s3_objects import SCHEME, S3Object, listed, parted
from prismlib.sources.snapshot_folder import MANIFEST, check_place, read_manifest
from prismlib.sources.snapshots import Origin, read_listed, tables_of

if TYPE_CHECKING:
    from prismlib.sources.athena import AthenaEngine

CHUNK = 1 << 20


@dataclass(frozen=True)
class LineItemOptions:
    """Where line items are, which month counts (all unless given), and where the snapshot goes."""

    place: str
    out: Path
    month: Period | None = None
    profile: str | None = None
    regions: tuple[str, ...] = ()
    memory_gb: int = MEMORY_GB
    queries: AthenaOptions = field(default_factory=AthenaOptions)


def snapshot_from_line_items(
    options: LineItemOptions, *, on_step: Callable[[str], None] = lambda step: None
) -> Path:
    """Write the snapshot of an export; return its folder.

    Raises
    ------
    SourceError, IncompleteDataError, CurrencyError, ReconciliationError
        As `prismlib.sources.bills.read_bills`; an object cannot be listed or fetched. An earlier
        snapshot at the destination is as it was.
    """
    kept = _kept(options.out)
    if options.place.startswith(PLACE):
        return _snapshot_from_athena(options, kept, on_step)
    with _files(options, on_step) as path:
        on_step("reading line items")
        return snapshot_from_bills(
            *([path], options.out),
            month=options.month,
            kept=kept,
            memory_gb=options.memory_gb,
            on_step=on_step,
        )


def _snapshot_from_athena(
    options: LineItemOptions,
    kept: dict[str, tuple[pd.DataFrame, Origin]],
    on_step: Callable[[str], None],
) -> Path:
    """Write the snapshot of a table; an error says too what was paid before it."""
    engine = _opened(options)
    engine.check_price(ROW_QUERIES)
    on_step(f"asking Athena: {engine.bound.words}")
    try:
        path = snapshot_from_engine(engine, options.out, month=options.month, kept=kept)
    except BaseException as error:
        error.add_note(f"so far: {engine.words()}")
        raise
    on_step(engine.words())
    return path


def _opened(options: LineItemOptions) -> AthenaEngine:
    """Return the engine of a table; nothing is paid yet."""
    # A second of imports that files do not need.
    from prismlib.sources.athena import open_athena

    clients = Clients(options.profile, options.regions)
    return open_athena(clients, options.place, options.queries, options.month)


def _kept(out: Path) -> dict[str, tuple[pd.DataFrame, Origin]]:
    """Return the tables of an earlier snapshot that a person wrote, and its dated evidence."""
    check_place(out, SNAPSHOT_TABLES)
    if not (out / MANIFEST).is_file():
        return {}
    found = tables_of(read_listed(out, with_added=True))
    return {name: found[name] for name in (*HAND_WRITTEN, *EVIDENCE_TABLES) if name in found}


def run_line_items(options: LineItemOptions, show: Callable[[str], None], *, dry_run: bool) -> str:
    """Make the snapshot and say where it is; dry, say what would be read."""
    if dry_run:
        return "\n".join(plan_line_items(options))
    return "\n".join(_told(snapshot_from_line_items(options, on_step=show)))


def _told(path: Path) -> list[str]:
    """Return what a snapshot of line items holds: its days, rows and totals, a line each."""
    manifest = read_manifest(path)
    entry = manifest["tables"]["cost_file"]
    files = read_table(path / entry["file"], SNAPSHOT_TABLES["cost_file"])
    one = files.drop_duplicates("file_name")
    left_out = sum(filter(None, one["left_out_rows"]))
    kept = [name for name in manifest["tables"] if name not in ("cost", "cost_file")]
    currency = manifest["billing_currency"]
    totals = [
        f"{str(metric).replace('_', ' ')}"
        f" {money(exact_sum(rows['table_total']), currency, decimals=2)}"
        for metric, rows in files.groupby("cost_metric", sort=False)
    ]
    last = date.fromisoformat(manifest["as_of"]) - timedelta(days=1)
    return [
        f"Snapshot: {path}",
        f"{manifest['period']}, charges until {day(last)};"
        f" {sum(one['row_count']):,} rows in {counted(len(one), 'file')}, {left_out:,} left out",
        f"Totals, which tie to {'those of the files' if len(one) > 1 else 'that of the file'}:"
        f" {', '.join(totals)}",
        *([f"Kept from the earlier snapshot: {', '.join(kept)}"] if kept else []),
    ]


def plan_line_items(options: LineItemOptions) -> list[str]:
    """Return which files would be read and how large they are, a line each and their sum.

    Of a table it is what Athena may scan, and what that costs at most.
    """
    if options.place.startswith(PLACE):
        return _opened(options).plan(ROW_QUERIES)
    if options.place.startswith(SCHEME):
        _, wanted = _wanted(options, Clients(options.profile, options.regions))
        sizes = {item.key: item.size for item in wanted if not _is_manifest(item.key)}
    else:
        sizes = {str(f): f.stat().st_size for f in find([Path(options.place)], options.month).files}
    lines = [f"{name}: {size:,} bytes" for name, size in sizes.items()]
    return [*lines, f"{len(sizes)} files, {sum(sizes.values()):,} bytes"]


@contextmanager
def _files(options: LineItemOptions, on_step: Callable[[str], None]) -> Iterator[Path]:
    """Give the folder of an export; one from S3 is there until it was read."""
    if not options.place.startswith(SCHEME):
        yield Path(options.place)
        return
    clients = Clients(options.profile, options.regions)
    bucket, wanted = _wanted(options, clients)
    with tempfile.TemporaryDirectory(prefix="prism-line-items-") as folder:
        for number, item in enumerate(wanted, start=1):
            on_step(f"object {number} of {len(wanted)}")
            _fetch(clients, bucket, item, Path(folder))
        yield Path(folder)


def _is_manifest(key: str) -> bool:
    return key.endswith("Manifest.json")


def _wanted(options: LineItemOptions, clients: Clients) -> tuple[str, list[S3Object]]:
    """Return the bucket, and of its objects those of the deliveries that count."""
    bucket, prefix = parted(options.place)
    if not bucket:
        raise ParameterError("--line-items", options.place, expected="s3://BUCKET/PREFIX")
    items = {item.key: item for item in listed(clients, bucket, prefix) if item.size}

    def read(key: str) -> bytes:
        try:
            body = clients.client("s3").get_object(Bucket=bucket, Key=key)["Body"]
            return bytes(body.read())
        except RAISED as error:
            raise translated(error, "s3", "get_object") from error

    chosen = choose(list(items), read, options.month)
    if not chosen.names:
        seen = months_of(items)
        raise IncompleteDataError(
            f"no objects{f' of {options.month}' if options.month else ''}",
            path=options.place,
            seen=f"{len(items)} objects below it{f', of {seen}' if seen else ''}",
            expected="the files of an export",
            remedy="check the prefix and the month",
        )
    kept = {*chosen.names, *(key for key in items if _is_manifest(key))}
    return bucket, [items[key] for key in sorted(kept)]


def _fetch(clients: Clients, bucket: str, item: S3Object, folder: Path) -> None:
    """Copy an object to its place below `folder`; one that is not whole is refused."""
    file = folder / item.key
    if not file.resolve().is_relative_to(folder.resolve()):
        raise ParameterError("--line-items", item.key, expected="object names without ..")
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with file.open("wb") as stream:
            body = clients.client("s3").get_object(Bucket=bucket, Key=item.key)["Body"]
            shutil.copyfileobj(body, stream, CHUNK)
    except RAISED as error:
        raise translated(error, "s3", "get_object") from error
    if (size := file.stat().st_size) != item.size:
        raise IncompleteDataError(
            "an object is not what was listed",
            path=f"{SCHEME}{bucket}/{item.key}",
            seen=f"{size:,} bytes",
            expected=f"{item.size:,} bytes",
            remedy="wait until AWS has written the delivery, then run it again",
        )


def line_item_options(
    items: LineItems, account: Account, month: str | None, out: Path
) -> LineItemOptions:
    """Return the options of a pull of line items; raises ParameterError if the month is none."""
    try:
        period = None if month is None else Period.month(month)
    except ParameterError as error:
        raise ParameterError("--month", month, expected=error.expected) from None
    memory = MEMORY_GB if items.memory_gb is None else items.memory_gb
    if memory < 1:
        raise ParameterError("--memory-gb", memory, expected="gigabytes, 1 or more")
    queries = AthenaOptions(
        workgroup=items.workgroup or WORKGROUP,
        output=items.query_results,
        reuse_minutes=items.reuse_minutes,
        max_usd=account.max_usd,
    )
    place = items.line_items
    return LineItemOptions(place, out, period, account.profile, account.regions, memory, queries)
