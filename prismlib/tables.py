"""What a table is, and those of costs: fields, what makes a row unique, what one row is.

A table is a pandas frame whose columns are exactly the fields, in order, as Python objects
(`prismlib.fields.KINDS`). `check` is called where a table is made and where it enters an analysis;
`empty` is the only empty result.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from prismlib.currencies import one_currency
from prismlib.errors import SchemaError
from prismlib.fields import FIELDS, KINDS, Field

COST_METRICS = (
    "unblended_cost",
    "billed_cost",
    "amortized_cost",
    "effective_cost",
    "list_cost",
)
"""The costs a bill can carry, in the order in which a report picks its default."""

CHARGE_KINDS = ("usage", "purchase", "support", "tax", "credit", "refund", "adjustment")
"""What a charge is. Usage and purchases and support are spend; the rest is kept apart from them."""


@dataclass(frozen=True)
class Table:
    """A table's `name`, `grain` (one row is ...), `fields`, primary `key` and `required` fields.

    A required field may not be missing. A key field may be, where the source has no such thing: the
    key as a whole is unique.
    """

    name: str
    grain: str
    fields: tuple[str, ...]
    key: tuple[str, ...]
    required: tuple[str, ...] = ()

    @property
    def columns(self) -> list[Field]:
        """Return the fields themselves."""
        return [FIELDS[name] for name in self.fields]


COST_DIMENSIONS = (
    "charge_period_start",
    "charge_period_end",
    "provider_name",
    "sub_account_id",
    "service_name",
    "usage_type",
    "region_id",
    "record_type",
    "charge_description",
    "tags",
    "usage_unit",
)

COST = Table(
    "COST",
    "a charge period and kind of charge on a bill, as fine as the source groups it",
    (
        *COST_DIMENSIONS,
        "charge_kind",
        "usage_quantity",
        *COST_METRICS,
        "billing_currency",
        "is_estimated",
    ),
    key=COST_DIMENSIONS,
    required=(
        "charge_period_start",
        "charge_period_end",
        "charge_kind",
        "billing_currency",
        "is_estimated",
    ),
)

COST_FILE = Table(
    "COST_FILE",
    "a cost metric of a bill file that was read, with its control totals",
    (
        "file_name",
        "format_name",
        "cost_metric",
        "row_count",
        "left_out_rows",
        "file_total",
        "left_out_total",
        "table_total",
        "whole_number_rows",
        "zero_where_billed_rows",
        "sha256",
    ),
    key=("file_name", "cost_metric"),
    required=("format_name", "row_count", "file_total", "table_total", "sha256"),
)

ESTIMATE = Table(
    "ESTIMATE",
    "a component (or a line of it) of the estimate for one month",
    (
        "component",
        "estimated_cost",
        "usage_quantity",
        "usage_unit",
        "period_days",
        "billing_currency",
        "note",
        "source",
    ),
    key=("component",),
    required=("component", "estimated_cost", "billing_currency"),
)

STATED_ACTUAL = Table(
    "STATED_ACTUAL",
    "a component of a published table of actual costs for one month",
    (
        "component",
        "actual_cost",
        "usage_quantity",
        "usage_unit",
        "period_days",
        "stated_change_pct",
        "billing_currency",
        "note",
        "source",
    ),
    key=("component",),
    required=("component", "actual_cost", "billing_currency"),
)

CLAIM = Table(
    "CLAIM",
    "a figure that a document states and that can be recomputed",
    (
        "claim_id",
        "kind",
        "component",
        "stated_value",
        "unit",
        "decimals",
        "stated_date",
        "statement",
        "source",
    ),
    key=("claim_id",),
    required=("claim_id", "kind"),
)

FLEET = Table(
    "FLEET",
    "a kind of resource behind a component: what its cost was sized for, and what exists",
    (
        "component",
        "resource_name",
        "instance_type",
        "region_id",
        "expected_count",
        "deployed_count",
        "hours_per_month",
        "note",
        "source",
    ),
    key=("component", "resource_name"),
    required=("component", "resource_name"),
)

COMPONENT_RULE = Table(
    "COMPONENT_RULE",
    "a rule that gives a charge its component; the first match by priority wins",
    (
        "priority",
        "component",
        "service_pattern",
        "usage_type_pattern",
        "tag_key",
        "tag_pattern",
        "account_pattern",
        "charge_kinds",
    ),
    key=("priority",),
    required=("priority", "component"),
)


@dataclass(frozen=True)
class FilledTables(Mapping[str, pd.DataFrame]):
    """Tables by name, without those that have no rows: these say nothing, as one not there."""

    tables: Mapping[str, pd.DataFrame]

    def __getitem__(self, name: str) -> pd.DataFrame:
        frame = self.tables[name]
        if frame.empty:
            raise KeyError(name)
        return frame

    def __iter__(self) -> Iterator[str]:
        return (name for name in self.tables if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame as dictionaries."""
    names, rows = list(frame.columns), frame.to_numpy(dtype=object).tolist()
    return [dict(zip(names, row, strict=True)) for row in rows]


def empty(table: Table) -> pd.DataFrame:
    """Return a frame of `table` without rows."""
    return pd.DataFrame({name: pd.Series(dtype=object) for name in table.fields})


@cache
def _columns(table: Table) -> pd.Index:
    return pd.Index(list(table.fields))


@cache
def no_rows(table: Table) -> pd.DataFrame:
    """Return the frame of `table` without rows that results share as a default; never to fill."""
    return empty(table)


def make(table: Table, rows: Iterable[Mapping[str, Any]], *, where: str = "") -> pd.DataFrame:
    """Return a checked frame of `table`; fields that a row leaves out are missing.

    `where` names the file of the rows in an error.
    """
    missing = [(f.name, "" if f.kind == "text" else None) for f in table.columns]
    filled = [[row.get(name, nothing) for name, nothing in missing] for row in rows]
    if not filled:
        return empty(table)
    cells = np.empty((len(filled), len(missing)), dtype=object)
    cells[:] = filled
    frame = pd.DataFrame(cells, columns=_columns(table), dtype=object)
    return check(frame, table, where=where)


def check(frame: pd.DataFrame, table: Table, *, where: str = "") -> pd.DataFrame:
    """Return `frame` unchanged if it is a `table`; `where` names its file in an error.

    Raises
    ------
    SchemaError
        A column is missing, unknown or out of order, a cell is of the wrong kind, a required cell
        is missing, or two rows have the same key.
    CurrencyError
        The rows are in more than one currency.
    """
    name = f"{table.name} in {where}" if where else table.name
    if list(frame.columns) != list(table.fields):
        missing = [field for field in table.fields if field not in frame.columns]
        unknown = [column for column in frame.columns if column not in table.fields]
        raise SchemaError(
            name,
            "has the wrong columns",
            seen=f"missing {missing}, unknown {unknown}"
            if missing or unknown
            else f"another order: {', '.join(frame.columns)}",
            expected=", ".join(table.fields),
            remedy="columns are declared in prismlib/tables.py",
        )
    cells = dict(zip(table.fields, frame.to_numpy(dtype=object).T, strict=True))
    for field in table.columns:
        _check_cells(cells[field.name], field, field.name in table.required, name)
    keys = list(zip(*(cells[key] for key in table.key), strict=True))
    if len(set(keys)) < len(keys):
        row = frame[frame.duplicated(list(table.key))].iloc[0]
        raise SchemaError(
            name,
            "has two rows for the same key",
            seen=", ".join(f"{key}={row[key]}" for key in table.key),
            expected=f"one row for each {table.grain}",
            remedy="merge the rows or remove the repeated one",
        )
    if "billing_currency" in table.fields:
        one_currency(frame, name)
    return frame


def _are_all_there(column: Iterable[Any], field: Field) -> bool:
    """Return whether each cell is filled and of its kind, at a glance: long tables need it."""
    if set(map(type, column)) != {KINDS[field.kind]}:
        return False
    if field.kind == "text":
        return "" not in set(column)
    if field.kind == "decimal":
        return all(map(Decimal.is_finite, column))
    return field.kind != "time" or {value.tzinfo for value in column} == {UTC}


def _check_cells(column: Iterable[Any], field: Field, is_required: bool, name: str) -> None:
    if _are_all_there(column, field):
        return
    for position, value in enumerate(column, start=1):
        if value is None or (isinstance(value, str) and value == "" and field.kind == "text"):
            if is_required:
                raise SchemaError(
                    name,
                    f"{field.name} is missing in row {position}",
                    expected=field.meaning,
                    remedy="fill it in, or leave the whole row out",
                )
            if field.kind != "text" or value == "":
                continue
        if not _is_of_kind(value, field):
            raise SchemaError(
                name,
                f"{field.name} in row {position} is not a {field.kind}",
                seen=f"{value!r} ({type(value).__name__})",
                expected=field.meaning + (f" [{field.unit}]" if field.unit else ""),
            )


def _is_of_kind(value: object, field: Field) -> bool:
    if isinstance(value, Decimal) and not value.is_finite():
        return False
    if isinstance(value, datetime):
        return field.kind == "time" and value.utcoffset() == timedelta(0)
    if field.kind == "count" and isinstance(value, bool):
        return False
    return isinstance(value, KINDS[field.kind])


def aggregate(frame: pd.DataFrame, by: Sequence[str], sums: Mapping[str, Any]) -> pd.DataFrame:
    """Return one row for each distinct `by`, with columns reduced by the functions in `sums`.

    Groups keep the order of their first row; keys are compared as they are, missing ones included.
    """
    if frame.empty:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in [*by, *sums]})
    grouped = frame.groupby(list(by), sort=False, dropna=False)
    result = grouped.agg({name: sums[name] for name in sums}).reset_index()[[*by, *sums]]
    keys = result[list(by)].astype(object)
    return result.assign(**keys.where(keys.notna(), None))
