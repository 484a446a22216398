"""FOCUS 1.0 to 1.2 exports of any provider, CSV or Parquet.

``billed_cost`` is what is invoiced, ``effective_cost`` spreads commitments over what they cover,
``list_cost`` is before any discount; they keep FOCUS's names and meaning. Column names are matched
without regard to case and underscores, since databases fold them. The texts ``NULL`` and ``null``
and the empty cell are missing.

Known limits: FOCUS does not mark estimates, so nothing is estimated; a correction
(``ChargeClass``) stays in the category it corrects; refunds have no category of their own and are
credits or adjustments as delivered; ``x_UsageType`` is AWS's own column, and ``SkuMeter`` came
with FOCUS 1.2, so the usage type of other providers is empty before that.
"""

from __future__ import annotations

from prismlib.sources.bill_lines import Column, Layout, charge_kind_sql
from prismlib.sources.delimited import Raw, plain

COLUMNS: tuple[Column, ...] = (
    Column("ChargePeriodStart", "charge_period_start", "instant", need="cell"),
    Column("ChargePeriodEnd", "charge_period_end", "instant", need="cell"),
    Column("ProviderName", "provider_name", "text", need="cell"),
    Column("SubAccountId", "sub_account_id", "text"),
    Column("ServiceName", "service_name", "text", need="column"),
    Column(("x_UsageType", "SkuMeter"), "usage_type", "text"),
    Column("RegionId", "region_id", "text"),
    Column("ChargeCategory", "record_type", "text", need="cell"),
    Column("ChargeDescription", "charge_description", "text"),
    Column("Tags", "tags", "text"),
    Column("ConsumedUnit", "usage_unit", "text"),
    Column("ConsumedQuantity", "usage_quantity", "amount"),
    Column("BilledCost", "billed_cost", "amount", need="cell"),
    Column("EffectiveCost", "effective_cost", "amount"),
    Column("ListCost", "list_cost", "amount"),
    Column("BillingCurrency", "billing_currency", "currency", need="cell"),
    Column("CommitmentDiscountId", "commitment_id", "text"),
)
"""FOCUS column -> house field -> conversion."""

CHARGE_KINDS: dict[str, str] = {
    "usage": "usage",
    "purchase": "purchase",
    "tax": "tax",
    "credit": "credit",
    "adjustment": "adjustment",
}
"""ChargeCategory -> charge_kind."""

IDENTITY: tuple[str, ...] = (
    "BillingAccountId",
    "ResourceId",
    "SkuId",
    "SkuPriceId",
    "AvailabilityZone",
    "ChargeClass",
    "ChargeFrequency",
    "PricingCategory",
    "CommitmentDiscountId",
    "CommitmentDiscountStatus",
    "CapacityReservationId",
    "x_Operation",
)
"""What tells two charges apart beyond the dimensions of COST."""


def matches(raw: Raw) -> bool:
    """Return whether the file is meant as FOCUS, complete or not."""
    names = {plain(name) for name in raw.names}
    marks = ("ChargeCategory", "ChargePeriodStart", "ChargePeriodEnd", "BilledCost")
    return sum(plain(mark) in names for mark in marks) >= 2


def layout(raw: Raw) -> Layout:
    """Return how the rows of `raw` become lines of a bill."""
    has_commitments = raw.cell("CommitmentDiscountId") is not None
    return Layout(
        format_name="focus",
        columns=COLUMNS,
        derived={
            "charge_kind": charge_kind_sql(CHARGE_KINDS),
            # Without the column nobody can say which rows a commitment covers.
            "is_committed": "commitment_id <> ''" if has_commitments else "NULL",
        },
        charge_kinds=CHARGE_KINDS,
        base_cost="billed_cost",
        identity=IDENTITY,
        nulls=("", "NULL", "null"),
    )
