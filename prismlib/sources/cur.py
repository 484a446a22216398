"""AWS Cost and Usage Reports: legacy CUR and CUR 2.0, CSV or Parquet.

Both carry the same line items under names that differ in punctuation only (``lineItem/UsageType``,
``line_item_usage_type``), so one mapping table reads both. ``unblended_cost`` is the line's own.

``amortized_cost`` follows the rule by line item type that AWS publishes for these reports
(`AMORTIZED`). It needs columns that a report has only if its account has commitments: when a type
that occurs lacks its columns, no line of the file has an amortized cost and a note says why.
``list_cost`` is the public on-demand cost; a Savings Plan negation counts nothing there, since it
only takes back what the covered usage already shows.

Split-cost rows (operations ``EKSPod-EC2`` and ``ECSTask-EC2``) hand the cost of an EC2 line out to
pods and tasks. Adding them would count EC2 twice, so they are left out; a warning and a note give
their number and cost.

Tag keys lose the prefix ``user:`` or ``user_`` that the report adds. An open month is estimated:
its lines have no invoice id yet.

Known limits: net costs (after negotiated discounts) are not read; CUR 2.0 and Parquet reports
spell tag keys in lower case with underscores, which cannot be undone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from prismlib.sources.bill_engine import answered
from prismlib.sources.bill_lines import Column, Layout, charge_kind_sql
from prismlib.sources.delimited import Raw, literal, plain, reading

COLUMNS: tuple[Column, ...] = (
    Column("lineItem/UsageStartDate", "charge_period_start", "instant", need="cell"),
    Column("lineItem/UsageEndDate", "charge_period_end", "instant", need="cell"),
    Column("lineItem/UsageAccountId", "sub_account_id", "text"),
    Column(
        ("product/ProductName", "product.product_name", "lineItem/ProductCode"),
        "service_name",
        "text",
        need="column",
    ),
    Column("lineItem/UsageType", "usage_type", "text", need="column"),
    Column(
        ("product/regionCode", "product/region", "product.region_code", "product.region"),
        "region_id",
        "text",
    ),
    Column("lineItem/LineItemType", "record_type", "text", need="cell"),
    Column("lineItem/LineItemDescription", "charge_description", "text"),
    Column("resource_tags", "tags", "text"),
    Column("pricing/unit", "usage_unit", "text"),
    Column("lineItem/UsageAmount", "usage_quantity", "amount"),
    Column("lineItem/UnblendedCost", "unblended_cost", "amount", need="cell"),
    Column("pricing/publicOnDemandCost", "list_cost", "amount"),
    Column("lineItem/CurrencyCode", "billing_currency", "currency", need="cell"),
    # Needed to work out the others.
    Column("lineItem/Operation", "operation", "text"),
    Column("lineItem/ProductCode", "product_code", "text"),
    Column("bill/InvoiceId", "invoice_id", "text"),
    Column("reservation/ReservationARN", "reservation_arn", "text"),
    Column("reservation/EffectiveCost", "reservation_effective_cost", "amount"),
    Column(
        "reservation/UnusedAmortizedUpfrontFeeForBillingPeriod",
        "reservation_unused_upfront_cost",
        "amount",
    ),
    Column("reservation/UnusedRecurringFee", "reservation_unused_recurring_cost", "amount"),
    Column("savingsPlan/SavingsPlanARN", "savings_plan_arn", "text"),
    Column("savingsPlan/SavingsPlanEffectiveCost", "savings_plan_effective_cost", "amount"),
    Column("savingsPlan/TotalCommitmentToDate", "savings_plan_commitment", "amount"),
    Column("savingsPlan/UsedCommitment", "savings_plan_used_commitment", "amount"),
)
"""CUR column (CUR 2.0: the same words with underscores) -> house field -> conversion."""


@dataclass(frozen=True)
class AmortizedRule:
    """What lines of a `record_type` cost amortized: the sum of `parts`, SQL over amounts.

    `when` is said of other fields.
    """

    record_type: str
    parts: tuple[str, ...] = ("0",)
    when: str = ""
    needs: tuple[str, ...] = ()


AMORTIZED: tuple[AmortizedRule, ...] = (
    AmortizedRule("SavingsPlanCoveredUsage", ("savings_plan_effective_cost",)),
    AmortizedRule(
        "SavingsPlanRecurringFee", ("savings_plan_commitment", "-savings_plan_used_commitment")
    ),
    AmortizedRule("SavingsPlanNegation"),
    AmortizedRule("SavingsPlanUpfrontFee"),
    AmortizedRule("DiscountedUsage", ("reservation_effective_cost",)),
    AmortizedRule(
        "RIFee", ("reservation_unused_upfront_cost", "reservation_unused_recurring_cost")
    ),
    AmortizedRule("Fee", when="reservation_arn <> ''", needs=("reservation_arn",)),
    AmortizedRule(
        "Refund",
        when="product_code = 'ComputeSavingsPlans' AND charge_description"
        " LIKE 'Refund for one-time fee for Savings Plan ID%'",
        needs=("product_code", "charge_description"),
    ),
)
"""Line item type -> amortized cost; every other line costs its unblended cost."""

CHARGE_KINDS: dict[str, str] = {
    "usage": "usage",
    "discountedusage": "usage",
    "savingsplancoveredusage": "usage",
    "flatratesubscription": "purchase",
    "fee": "purchase",
    "rifee": "purchase",
    "savingsplanupfrontfee": "purchase",
    "savingsplanrecurringfee": "purchase",
    "tax": "tax",
    "credit": "credit",
    "refund": "refund",
    "savingsplannegation": "adjustment",
    "discount": "adjustment",
    "edpdiscount": "adjustment",
    "bundleddiscount": "adjustment",
    "privateratediscount": "adjustment",
    "rivolumediscount": "adjustment",
    "sppdiscount": "adjustment",
}
"""Line item type, in lower case without spaces -> charge_kind."""

IDENTITY: tuple[str, ...] = (
    "bill/PayerAccountId",
    "bill/BillType",
    "lineItem/ResourceId",
    "lineItem/Operation",
    "lineItem/AvailabilityZone",
    "lineItem/ProductCode",
    "lineItem/TaxType",
    "lineItem/LegalEntity",
    "pricing/RateId",
    "pricing/RateCode",
    "pricing/term",
    "product/sku",
    "reservation/ReservationARN",
    "reservation/SubscriptionId",
    "savingsPlan/SavingsPlanARN",
)
"""What tells two line items apart beyond the dimensions of COST.

Line item and invoice ids are not among them: AWS changes both from one delivery to the next.
"""

SPLIT_COST = " OR ".join(
    f"operation = {literal(kind)} OR usage_type LIKE {literal('%' + kind)}"
    for kind in ("EKSPod-EC2", "ECSTask-EC2")
)


def matches(raw: Raw) -> bool:
    """Return whether the file is meant as a Cost and Usage Report, complete or not."""
    names = {plain(name) for name in raw.names}
    marks = ("UsageType", "LineItemType", "UnblendedCost", "UsageStartDate")
    return sum(plain("lineItem/" + mark) in names for mark in marks) >= 2


def layout(raw: Raw) -> Layout:
    """Return how the rows of `raw` become lines of a bill.

    A report without ``bill/InvoiceId`` has no estimated lines, for want of a mark.
    """
    amortized, reason = _amortized_parts(raw)
    return Layout(
        format_name="cur_legacy" if _is_legacy(raw) else "cur_2",
        columns=COLUMNS,
        derived={
            "provider_name": "'AWS'",
            "charge_kind": charge_kind_sql(CHARGE_KINDS),
            "tags": _tags_sql(raw),
            "is_estimated": "false" if raw.cell("bill/InvoiceId") is None else "invoice_id = ''",
            "is_committed": "reservation_arn <> '' OR savings_plan_arn <> ''"
            " OR record_type IN ('DiscountedUsage', 'SavingsPlanCoveredUsage')",
            "is_left_out": SPLIT_COST,
        },
        charge_kinds=CHARGE_KINDS,
        base_cost="unblended_cost",
        picked={
            **({"amortized_cost": amortized} if amortized else {}),
            "list_cost": (
                "CASE WHEN record_type = 'SavingsPlanNegation' AND list_cost IS NOT NULL THEN 0"
                " ELSE list_cost END",
            ),
        },
        identity=IDENTITY,
        tag_prefixes=("user:", "user_"),
        notes=(reason,) if reason else (),
    )


def _is_legacy(raw: Raw) -> bool:
    """Return whether tags and products are flat columns, as CUR 2.0 never has them."""
    flat = ("resource_tags_", "product_product_name")
    return any("/" in name or name.lower().startswith(flat) for name in raw.names)


def _tags_sql(raw: Raw) -> str:
    """Return the SQL of a JSON object of the tags: one column, or one column for each key."""
    if raw.cell("resource_tags") is not None:
        return "tags"
    marks = ("resourcetags/", "resource_tags_")
    keys = [
        (name[len(mark) :], f"c{n}")
        for n, name in enumerate(raw.names)
        for mark in marks
        if name.lower().startswith(mark)
    ]
    pairs = ", ".join(f"{literal(key)}, {cell}" for key, cell in keys)
    return f"CAST(json_object({pairs}) AS VARCHAR)" if keys else "''"


def _amortized_parts(raw: Raw) -> tuple[tuple[str, ...], str]:
    """Return the SQL of the parts of the amortized cost, or none and the reason."""
    record_type = raw.cell("lineItem/LineItemType")
    if record_type is None:
        return (), ""
    with reading(raw.path):
        query = f"SELECT DISTINCT {record_type} AS record_type FROM {raw.view}"
        found = raw.connection.execute(answered(raw, query)).fetchall()
    rules = [rule for rule in AMORTIZED if (rule.record_type,) in found]
    present = {c.field for c in COLUMNS if any(raw.cell(name) for name in c.outsides)}
    for rule in rules:
        needs = {*rule.needs, *(part.lstrip("-") for part in rule.parts)}
        if lacking := [c.outsides[0] for c in COLUMNS if c.field in needs - present]:
            return (), (
                f"no amortized cost, because {rule.record_type} lines need"
                f" {', '.join(lacking)}, which the report does not have"
            )
    parts = range(max((len(rule.parts) for rule in rules), default=1))
    return tuple(_amortized_part(rules, part) for part in parts), ""


def _amortized_part(rules: Sequence[AmortizedRule], part: int) -> str:
    """Return the SQL of a part of the amortized cost; the first one is all of most lines."""
    cases = " ".join(
        f"WHEN record_type = {literal(rule.record_type)}{f' AND {rule.when}' if rule.when else ''}"
        f" THEN {rule.parts[part] if part < len(rule.parts) else '0'}"
        for rule in rules
        if part == 0 or part < len(rule.parts)
    )
    rest = "0" if part else "unblended_cost"
    return f"CASE {cases} ELSE {rest} END" if cases else rest
