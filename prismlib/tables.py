"""Every table: its fields, what makes a row unique, and what one row is.

A table is a pandas frame whose columns are exactly the fields, in order, as Python objects
(`prismlib.fields.KINDS`). `check` is called where a table is made and where it enters an analysis;
`empty` is the only empty result.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import pandas as pd

from prismlib.errors import CurrencyError, SchemaError
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
    """A table's `name`, `fields`, primary `key`, `grain` (one row is ...) and optional fields.

    `required` fields may never be missing; the key always is.
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
        "file_total",
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
    required=("estimated_cost", "billing_currency"),
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
    required=("actual_cost", "billing_currency"),
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
    required=("kind",),
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

INSTANCE_PRICE = Table(
    "INSTANCE_PRICE",
    "an instance type in a region, on demand",
    (
        "instance_type",
        "region_id",
        "vcpu",
        "memory_gib",
        "usd_per_hour",
        "valid_from",
        "source",
        "confidence",
    ),
    key=("instance_type", "region_id"),
    required=("usd_per_hour", "valid_from", "source", "confidence"),
)

COMMITMENT_RATE = Table(
    "COMMITMENT_RATE",
    "an instance type under a commitment",
    (
        "instance_type",
        "region_id",
        "commitment",
        "term_years",
        "payment",
        "usd_per_hour",
        "discount_ratio",
        "valid_from",
        "source",
        "confidence",
    ),
    key=("instance_type", "region_id", "commitment", "term_years", "payment"),
    required=("usd_per_hour", "source", "confidence"),
)

UNIT_PRICE = Table(
    "UNIT_PRICE",
    "a priced thing other than an instance",
    ("item", "price_unit", "usd", "region_id", "valid_from", "source", "confidence", "note"),
    key=("item", "region_id"),
    required=("price_unit", "usd", "source", "confidence"),
)

SNAPSHOT_TABLES: dict[str, Table] = {
    "cost": COST,
    "cost_file": COST_FILE,
    "estimate": ESTIMATE,
    "stated_actual": STATED_ACTUAL,
    "claim": CLAIM,
    "fleet": FLEET,
    "component_rule": COMPONENT_RULE,
}
"""The tables a snapshot may hold, by the name of their file."""

REFERENCE_TABLES: dict[str, Table] = {
    "instance_price": INSTANCE_PRICE,
    "commitment_rate": COMMITMENT_RATE,
    "unit_price": UNIT_PRICE,
    "component_rule": COMPONENT_RULE,
}
"""The dated price and rule tables of ``data/reference``."""


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame as dictionaries."""
    return [dict(zip(frame.columns, row, strict=True)) for row in frame.itertuples(index=False)]


def empty(table: Table) -> pd.DataFrame:
    """Return a frame of `table` without rows."""
    return pd.DataFrame({name: pd.Series(dtype=object) for name in table.fields})


def make(table: Table, rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Return a checked frame of `table`; fields that a row leaves out are missing."""
    filled = [
        {f.name: row.get(f.name, "" if f.kind == "text" else None) for f in table.columns}
        for row in rows
    ]
    if not filled:
        return empty(table)
    frame = pd.DataFrame(filled, columns=list(table.fields), dtype=object)
    return check(frame, table)


def check(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return `frame` unchanged if it is a `table`.

    Raises
    ------
    SchemaError
        A column is missing or unknown, a cell is of the wrong kind, a required cell is missing,
        or two rows have the same key.
    CurrencyError
        The rows are in more than one currency.
    """
    missing = [name for name in table.fields if name not in frame.columns]
    unknown = [name for name in frame.columns if name not in table.fields]
    if missing or unknown:
        raise SchemaError(
            table.name,
            "has the wrong columns",
            seen=f"missing {missing}, unknown {unknown}",
            expected=", ".join(table.fields),
            remedy="columns are declared in prismlib/tables.py",
        )
    for field in table.columns:
        _check_cells(frame[field.name], field, table)
    if frame.duplicated(list(table.key)).any():
        row = frame[frame.duplicated(list(table.key))].iloc[0]
        raise SchemaError(
            table.name,
            "has two rows for the same key",
            seen=", ".join(f"{name}={row[name]}" for name in table.key),
            expected=f"one row for each {table.grain}",
            remedy="merge the rows or remove the repeated one",
        )
    if "billing_currency" in table.fields:
        one_currency(frame, table.name)
    return frame


def _check_cells(column: pd.Series, field: Field, table: Table) -> None:
    kind = KINDS[field.kind]
    is_required = field.name in table.required
    for position, value in enumerate(column):
        if value is None or (value == "" and field.kind == "text"):
            if is_required:
                raise SchemaError(
                    table.name,
                    f"{field.name} is missing in row {position + 1}",
                    expected=f"{field.meaning}",
                    remedy="fill it in, or leave the whole row out",
                )
            if value is None and field.kind != "text":
                continue
        wrong = not isinstance(value, kind) or isinstance(value, datetime)
        wrong = wrong or (field.kind == "count" and isinstance(value, bool))
        if wrong or (isinstance(value, Decimal) and not value.is_finite()):
            raise SchemaError(
                table.name,
                f"{field.name} in row {position + 1} is not a {field.kind}",
                seen=f"{value!r} ({type(value).__name__})",
                expected=f"{field.meaning}" + (f" [{field.unit}]" if field.unit else ""),
            )


def one_currency(frame: pd.DataFrame, where: str) -> str:
    """Return the currency of `frame` ("" when it has no rows), or raise `CurrencyError`."""
    currencies = sorted(set(frame["billing_currency"]))
    if len(currencies) > 1:
        raise CurrencyError(where, currencies)
    return currencies[0] if currencies else ""


def aggregate(frame: pd.DataFrame, by: Sequence[str], sums: Mapping[str, Any]) -> pd.DataFrame:
    """Return one row for each distinct `by`, with columns reduced by the functions in `sums`.

    Groups keep the order of their first row; keys are compared as they are, missing ones included.
    """
    if frame.empty:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in [*by, *sums]})
    grouped = frame.groupby(list(by), sort=False, dropna=False)
    return grouped.agg({name: sums[name] for name in sums}).reset_index()[[*by, *sums]]
