"""Cost Explorer: the answers of ``GetCostAndUsage`` as JSON, one page or many.

A file holds one answer, the list of its pages in order, or a list of answers of one page each. The
form that boto3 returns and the AWS CLI prints is read as it is; a recording that wraps it in
``data`` too. A row is a group of a period, or the total of a period that is not grouped.

Nothing in a page says which token led to it, so in files apart a page left out would not show. The
pages of one answer must be one list: each but the last has ``NextPageToken``, and the next goes on
in its last period or the one after. The same group of the same period twice, two groupings of one
period, and periods that overlap are refused, since their costs would be counted twice.

Known limits: an answer that is not grouped by RECORD_TYPE mixes usage, purchases, taxes, credits
and refunds in each row. Such rows count as usage (the services ``Tax`` and ``AWS Support`` are
told apart), and a note says so. Filters of the request are not in the answer and cannot be shown.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import groupby, pairwise, zip_longest
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from prismlib.errors import CurrencyError, IncompleteDataError, SourceError
from prismlib.sources.bill_lines import Column, Layout, charge_kind_sql
from prismlib.sources.delimited import Raw, open_text, reading
from prismlib.sources.record_types import CHARGE_KINDS, COMMITTED

COLUMNS: tuple[Column, ...] = (
    Column("TimePeriod.Start", "charge_period_start", "instant", need="cell"),
    Column("TimePeriod.End", "charge_period_end", "instant", need="cell"),
    Column("Estimated", "is_estimated", "flag"),
    Column("LINKED_ACCOUNT", "sub_account_id", "text"),
    Column("SERVICE", "service_name", "text"),
    Column("USAGE_TYPE", "usage_type", "text"),
    Column("REGION", "region_id", "text"),
    Column("RECORD_TYPE", "record_type", "text"),
    Column("other dimension", "charge_description", "text"),
    Column("tag or cost category", "tags", "text"),
    Column("UsageQuantity", "usage_quantity", "amount"),
    Column("UsageQuantity.Unit", "usage_unit", "text"),
    Column("UnblendedCost", "unblended_cost", "amount"),
    Column("AmortizedCost", "amortized_cost", "amount"),
    Column("Cost.Unit", "billing_currency", "currency", need="cell"),
)
"""Part of the answer -> house field -> conversion. OPERATION, AZ and the like are descriptions."""

DIMENSIONS = ("LINKED_ACCOUNT", "SERVICE", "USAGE_TYPE", "REGION", "RECORD_TYPE")
COSTS = ("UnblendedCost", "AmortizedCost")

Cells = dict[str, str | None]
ANSWER = "an answer of GetCostAndUsage: an object with ResultsByTime, or a list of such objects"


@dataclass(frozen=True)
class Page:
    """One answer: where it is from, how it is grouped, its periods, and the token it ends with."""

    path: Path
    number: int
    definitions: tuple[tuple[str, str], ...]
    periods: tuple[tuple[str, str], ...]
    results: tuple[dict[str, Any], ...]
    token: str


def matches(raw: Raw) -> bool:
    """Return whether `raw` was opened from an answer."""
    return raw.names[:2] == ("TimePeriod.Start", "TimePeriod.End")


def layout(raw: Raw) -> Layout:
    """Return how the rows of `raw` become lines of a bill."""
    has_record_type = raw.cell("RECORD_TYPE") is not None
    is_tax = "record_type = '' AND service_name = 'Tax'"
    kind = f"CASE WHEN {is_tax} THEN 'tax' ELSE {charge_kind_sql(CHARGE_KINDS)} END"
    is_committed = f"replace(lower(record_type), ' ', '') IN {COMMITTED}"
    mixed = (
        "not grouped by RECORD_TYPE, so taxes, credits, refunds and fees cannot be told from usage"
    )
    return Layout(
        format_name="cost_explorer",
        # A cost that was asked for is in every group of the answer.
        columns=tuple(
            replace(c, need="cell") if c.outside in COSTS and c.outside in raw.names else c
            for c in COLUMNS
        ),
        derived={
            "provider_name": "'AWS'",
            "charge_kind": kind,
            # A row that mixes record types may be committed in part.
            "is_committed": is_committed if has_record_type else "NULL",
        },
        charge_kinds=CHARGE_KINDS,
        base_cost="unblended_cost" if raw.cell("UnblendedCost") else "amortized_cost",
        notes=() if has_record_type else (mixed,),
    )


def read_pages(path: Path) -> list[Page]:
    """Return the pages in a JSON file.

    Raises
    ------
    SourceError
        The file is not JSON, is cut off, or is not an answer of ``GetCostAndUsage``.
    """
    try:
        with reading(path), open_text(path) as text:
            # Numbers stay as they are written: a float would change them.
            document = json.load(text, parse_float=str, parse_int=str, parse_constant=str)
    except (json.JSONDecodeError, RecursionError) as error:
        raise SourceError(
            "is not complete JSON",
            path=path,
            seen=str(error),
            expected=ANSWER,
            remedy="save the whole answer again, one JSON document in a file",
        ) from error
    return parse_pages(document, path)


def parse_pages(document: Any, path: Path) -> list[Page]:
    """Return the pages of a parsed JSON document; raises SourceError if it is something else."""
    pages = []
    with _answer(path):
        for number, answer in enumerate(document if isinstance(document, list) else [document], 1):
            body = answer["data"] if "ResultsByTime" not in answer else answer
            definitions = body.get("GroupDefinitions") or []
            pages.append(
                Page(
                    path=path,
                    number=number,
                    definitions=tuple((d["Type"], d["Key"]) for d in definitions),
                    periods=tuple(_period(result) for result in body["ResultsByTime"]),
                    results=tuple(body["ResultsByTime"]),
                    token=body.get("NextPageToken") or "",
                )
            )
    return pages


def _period(result: dict[str, Any]) -> tuple[str, str]:
    """Return start and exclusive end, midnight written as a date in all granularities."""
    start, end = (str(result["TimePeriod"][name]) for name in ("Start", "End"))
    return start.removesuffix("T00:00:00Z"), end.removesuffix("T00:00:00Z")


@contextmanager
def _answer(path: Path) -> Iterator[None]:
    """Turn a part that is missing or of another shape into a `SourceError`."""
    try:
        yield
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise SourceError(
            "is JSON, but not a bill",
            path=path,
            seen=f"{type(error).__name__}: {error}",
            expected=ANSWER,
            remedy="give the JSON that `aws ce get-cost-and-usage` prints",
        ) from error


def open_pages(
    connection: duckdb.DuckDBPyConnection, pages: Sequence[Page], path: Path, view: str
) -> Raw:
    """Open the pages of one file as a table of text: a row is a group of a period."""
    with _answer(path):
        rows = [row for page in pages for row in parse_rows(page)]
    if not rows:
        seen, expected = "periods without groups or totals", "one row or more"
        remedy = "check the filter and the period of the request"
        raise SourceError("has no rows", path=path, seen=seen, expected=expected, remedy=remedy)
    names = ["TimePeriod.Start", "TimePeriod.End"]
    names += [c.outsides[0] for c in COLUMNS[2:] if any(c.outsides[0] in row for row in rows)]
    frame = pd.DataFrame({f"c{n}": [row.get(name) for row in rows] for n, name in enumerate(names)})
    connection.register(f"{view}_frame", frame)
    cells = ", ".join(f"CAST(c{n} AS VARCHAR) AS c{n}" for n in range(len(names)))
    connection.execute(f"CREATE TABLE {view} AS SELECT {cells} FROM {view}_frame")
    connection.unregister(f"{view}_frame")
    return Raw(connection, path, view, tuple(names))


def parse_rows(page: Page) -> Iterator[Cells]:
    """Yield each row of a page as text cells under the names of `COLUMNS`."""
    for result in page.results:
        groups = result.get("Groups") or []
        if groups and not page.definitions:
            raise SourceError(
                f"page {page.number} has groups but no GroupDefinitions",
                path=page.path,
                seen=f"groups such as {groups[0].get('Keys')}",
                expected="GroupDefinitions, which say what the keys of a group are",
                remedy="save the whole answer, without --query or other reductions",
            )
        total = result.get("Total") or {}
        rows = groups or ([{"Keys": [], "Metrics": total}] if total else [])
        for group in rows:
            period = result["TimePeriod"]
            yield {
                "TimePeriod.Start": period["Start"],
                "TimePeriod.End": period["End"],
                "Estimated": str(result.get("Estimated", False)),
                **_key_cells(page, group["Keys"]),
                **_metric_cells(page, group["Metrics"]),
            }


def _key_cells(page: Page, keys: Sequence[str]) -> Cells:
    """Return the keys of a group under the names of `COLUMNS`."""
    if len(keys) != len(page.definitions):
        raise SourceError(
            f"a group of page {page.number} has the wrong number of keys",
            path=page.path,
            seen=", ".join(keys),
            expected=", ".join(name for _, name in page.definitions),
            remedy="save the whole answer again",
        )
    cells: Cells = {}
    tags: dict[str, str] = {}
    others: list[str] = []
    for (kind, name), key in zip(page.definitions, keys, strict=True):
        if kind == "DIMENSION" and name in DIMENSIONS:
            cells[name] = key
        elif kind == "DIMENSION":
            others.append(key)
        else:
            label = name if kind == "TAG" else f"cost_category:{name}"
            tags[label] = key.removeprefix(f"{name}$")
    if others:
        cells["other dimension"] = "; ".join(others)
    if tags:
        cells["tag or cost category"] = json.dumps(tags)
    return cells


def _metric_cells(page: Page, metrics: dict[str, dict[str, str]]) -> Cells:
    """Return costs and quantity of a group under the names of `COLUMNS`."""
    costs = {name: metrics[name] for name in COSTS if name in metrics}
    if not costs:
        raise SourceError(
            "has none of the cost metrics that are read",
            path=page.path,
            seen=", ".join(sorted(metrics)) or "no metrics",
            expected=" or ".join(COSTS),
            remedy="repeat the request with --metrics UnblendedCost AmortizedCost UsageQuantity",
        )
    units = sorted({cost["Unit"] for cost in costs.values()})
    if len(units) > 1:
        where = ", ".join(f"{name} in {cost['Unit']}" for name, cost in costs.items())
        raise CurrencyError("COST", units, where=f"{page.path}: {where}")
    cells: Cells = {name: cost["Amount"] for name, cost in costs.items()}
    cells["Cost.Unit"] = units[0]
    if "UsageQuantity" in metrics:
        cells["UsageQuantity"] = metrics["UsageQuantity"]["Amount"]
        cells["UsageQuantity.Unit"] = metrics["UsageQuantity"].get("Unit", "")
    return cells


def check_pages(pages: Sequence[Page]) -> None:
    """Check that the pages of all files are complete and count nothing twice.

    Raises
    ------
    IncompleteDataError
        The pages of a file are not one whole answer.
    SourceError
        A group of a period occurs twice, a period is grouped in two ways, or periods overlap.
    """
    _check_groups(pages)
    _check_periods(pages)
    for _, of_file in groupby(pages, lambda page: page.path):
        _check_tokens([*of_file])


def _check_tokens(pages: Sequence[Page]) -> None:
    """Check that the pages of one file are one whole answer, or have no token at all."""
    has_tokens = any(page.token for page in pages)
    for page, following in zip_longest(pages, pages[1:]):
        if following is None and page.token:
            raise _incomplete(page, "is not the last one, and no page continues it in its file")
        if following is None or not has_tokens:
            continue
        if not page.token:
            raise _incomplete(page, "ends an answer, but more pages follow in its file")
        near = {day for period in page.periods[-1:] for day in period}
        is_near = any(period[0] in near for period in following.periods[:1])
        if following.definitions != page.definitions or not is_near:
            raise _incomplete(page, f"is not continued by page {following.number}")


def _incomplete(page: Page, what: str) -> IncompleteDataError:
    last = " to ".join(page.periods[-1] if page.periods else ("no period",))
    return IncompleteDataError(
        f"page {page.number} {what}",
        path=page.path,
        seen=f"{'' if page.token else 'no '}NextPageToken after {last}",
        expected="all pages of an answer, and no other, as one JSON list, in order",
        remedy="ask for the missing pages, and join all of one answer into one file:"
        " jq -s . page1.json page2.json page3.json > answer.json",
    )


def _check_periods(pages: Sequence[Page]) -> None:
    grouped: dict[tuple[str, str], Page] = {}
    for page in pages:
        for period in page.periods:
            if grouped.setdefault(period, page).definitions != page.definitions:
                raise _overlap(page, grouped[period], f"{' to '.join(period)}, grouped in two ways")
    periods = sorted(grouped)
    for earlier, later in pairwise(periods):
        if later[0] < earlier[1]:
            what = f"{' to '.join(earlier)} and {' to '.join(later)}"
            raise _overlap(grouped[later], grouped[earlier], what)


def _check_groups(pages: Sequence[Page]) -> None:
    seen: dict[tuple[str, ...], Page] = {}
    for page in pages:
        with _answer(page.path):
            for period, result in zip(page.periods, page.results, strict=True):
                groups = [g["Keys"] for g in result.get("Groups") or []]
                for keys in groups or ([[]] if result.get("Total") else []):
                    key = (*period, *keys)
                    if key in seen:
                        raise _overlap(page, seen[key], ", ".join(key))
                    seen[key] = page


def _overlap(page: Page, other: Page, what: str) -> SourceError:
    return SourceError(
        f"page {page.number} overlaps {other.path.name}, page {other.number}",
        path=page.path,
        seen=what,
        expected="each group of each period once",
        remedy="give one answer for a period; ask for several metrics in one request",
    )
