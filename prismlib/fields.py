"""Every column once: its kind, its unit and what it means.

A table (`prismlib.tables`) is a list of these names. The same quantity has the same name in every
table; FOCUS names in ``snake_case`` carry FOCUS semantics; ``unblended_cost`` and
``amortized_cost`` are Cost Explorer's and are never called billed or effective. Costs sit beside
``billing_currency`` and take no unit suffix; everything else with a unit says it in its name or
here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

KINDS: dict[str, type] = {
    "text": str,
    "date": date,
    "time": datetime,
    "decimal": Decimal,
    "count": int,
    "flag": bool,
}
"""What a cell holds; a time is aware and in UTC. Missing: empty text, or ``None`` otherwise."""


@dataclass(frozen=True)
class Field:
    """One column: its `kind` (a key of `KINDS`), `unit` ("" when it has none) and meaning."""

    name: str
    kind: str
    unit: str
    meaning: str


def _fields(kind: str, rows: dict[str, tuple[str, str]]) -> dict[str, Field]:
    return {name: Field(name, kind, unit, meaning) for name, (unit, meaning) in rows.items()}


FIELDS: dict[str, Field] = {
    **_fields(
        "text",
        {
            "billing_currency": ("", "ISO 4217 code of every cost in the row"),
            "charge_description": ("", "the provider's own words for the charge"),
            "charge_kind": ("", "usage, purchase, tax, credit, refund, support or adjustment"),
            "charge_kinds": ("", "charge kinds that a rule matches, separated by |; empty is any"),
            "claim_id": ("", "stable name of a stated figure"),
            "commitment": ("", "kind of commitment: standard RI, Compute SP ..."),
            "component": ("", "part of the system as the estimate names it"),
            "confidence": ("", "high, medium, low or none, as the price source was judged"),
            "cost_metric": ("", "which cost: one of COST_METRICS"),
            "file_name": ("", "name of the file without its folder"),
            "format_name": ("", "cost_explorer, focus, cur_legacy, cur_2 or synthetic"),
            "instance_type": ("", "the provider's instance type"),
            "item": ("", "name of a priced thing"),
            "item_name": ("", "name of a cost outside the total"),
            "kind": ("", "what a stated figure is: see CLAIM"),
            "line_name": ("", "line within a component: a usage type, a description or the whole"),
            "note": ("", "the source's own note, or why a value is missing"),
            "payment": ("", "no, partial or all upfront"),
            "price_unit": ("", "what one price buys: USD/GB-month, USD/hour ..."),
            "provider_name": ("", "FOCUS ProviderName; AWS for Cost Explorer and CUR"),
            "record_type": ("", "AWS record type or FOCUS charge category, as delivered"),
            "region_id": ("", "FOCUS RegionId: us-west-2 ..."),
            "resource_name": ("", "kind of resource behind a component, in the singular"),
            "service_name": ("", "FOCUS ServiceName or Cost Explorer SERVICE"),
            "service_pattern": ("", "regular expression, whole value, case ignored; empty is any"),
            "sha256": ("", "hash of the file as read"),
            "source": ("", "where the row comes from: document and section, or file"),
            "statement": ("", "the words of the source"),
            "sub_account_id": ("", "linked account; digits kept as text"),
            "account_pattern": ("", "regular expression on sub_account_id; empty is any"),
            "tag_key": ("", "key of a resource tag that tag_pattern is matched against"),
            "tag_pattern": ("", "regular expression on the value of tag_key; empty is any"),
            "tags": ("", "resource tags as a JSON object with sorted keys; {} when none"),
            "unit": ("", "unit of the figure in the row"),
            "usage_type": ("", "AWS usage type; empty where the source has none"),
            "usage_type_pattern": ("", "regular expression on usage_type, else the description"),
            "usage_unit": ("", "unit of usage_quantity; N/A or empty when mixed or unknown"),
            "band": ("", "where a change lies against the tolerance and the limit: see BANDS"),
            "day_status": ("", "settled, estimated, missing or ahead"),
            "architecture": ("", "x86_64, arm64 ... as the provider says"),
            "bucket_name": ("", "name of an S3 bucket"),
            "cluster_id": ("", "database cluster that an instance belongs to"),
            "commitment_id": ("", "the provider's id of a commitment"),
            "database_id": ("", "identifier of a database instance"),
            "dimensions": ("", "dimensions of a metric as a JSON object with sorted keys"),
            "encryption": ("", "default encryption as JSON; {} when none, empty when unknown"),
            "engine": ("", "database engine as the provider names it"),
            "engine_version": ("", "version of the engine"),
            "instance_family": ("", "family that a savings plan is bound to: m6i ..."),
            "instance_id": ("", "the provider's id of an instance"),
            "lifecycle": ("", "lifecycle rules as a JSON list; [] when none, empty when unknown"),
            "load_balancer_id": ("", "LoadBalancer dimension of metrics; a classic one's name"),
            "load_balancer_name": ("", "name of a load balancer"),
            "load_balancer_type": ("", "application, network, gateway or classic"),
            "metric_name": ("", "name of a metric as CloudWatch spells it"),
            "namespace": ("", "CloudWatch namespace: AWS/EC2 ..."),
            "platform": ("", "operating system and licence as billed: Linux/UNIX ..."),
            "purchase": ("", "on-demand, spot, scheduled or capacity-block"),
            "replica_source": ("", "identifier or ARN of the database that a replica follows"),
            "replication": ("", "replication as a JSON object; {} when none, empty when unknown"),
            "scheme": ("", "internet-facing or internal"),
            "scope": ("", "Region, a zone that it is bound to, or what a plan covers: EC2|Fargate"),
            "series_status": ("", "how a series ended: see STATUSES in sources/metric_answers.py"),
            "standby_zone_id": ("", "zone of the standby of a database"),
            "state": ("", "state as the provider names it: running, available, active ..."),
            "statistic": ("", "Average, Sum, Maximum, p99 ..."),
            "storage_type": ("", "S3 storage type as in its metrics, or type of a database's disk"),
            "tenancy": ("", "default (shared), dedicated or host"),
            "versioning": ("", "Enabled, Suspended, or Off when never enabled; empty is unknown"),
            "zone_id": ("", "zone by its id, the same in every account: usw2-az1 ..."),
            "zone_ids": ("", "zones by their ids, separated by |"),
            "zone_name": ("", "zone by its name, which differs between accounts: us-west-2a ..."),
            "anomaly_id": ("", "the provider's name of an anomaly"),
            "feedback": ("", "YES, NO or PLANNED_ACTIVITY, as a person judged an anomaly"),
            "tag_value": ("", "value of the tag or cost category; empty is no value"),
        },
    ),
    **_fields(
        "date",
        {
            "charge_period_start": ("day, UTC", "first day of the charge"),
            "charge_period_end": ("day, UTC", "day after the last day of the charge (exclusive)"),
            "stated_date": ("day", "a date that a document states"),
            "valid_from": ("day", "day the price was read at its source"),
            "day": ("day, UTC", "a day of the period"),
            "anomaly_start": ("day, UTC", "first day of an anomaly"),
            "anomaly_end": ("day, UTC", "last day of an anomaly; missing while it lasts"),
        },
    ),
    **_fields(
        "time",
        {
            "created_at": ("UTC", "when the resource was made"),
            "ends_at": ("UTC", "when a commitment ends"),
            "first_seen_at": ("UTC", "start of the first period with data"),
            "last_seen_at": ("UTC", "start of the last period with data"),
            "launched_at": ("UTC", "when an instance was last started"),
            "observed_at": ("UTC", "start of the period that was measured"),
            "starts_at": ("UTC", "when a commitment begins"),
            "restated_at": ("UTC", "when a pull found a figure changed"),
        },
    ),
    **_fields(
        "decimal",
        {
            "actual_cost": ("currency", "cost a document states as actual, for one month"),
            "amortized_cost": ("currency", "Cost Explorer AmortizedCost; CUR by line-item type"),
            "billed_cost": ("currency", "FOCUS BilledCost: what is invoiced"),
            "cost": ("currency", "cost in the chosen cost metric"),
            "deployed_count": ("resources", "resources that other evidence says exist"),
            "discount_ratio": ("ratio", "1 - committed rate / on-demand rate"),
            "effective_cost": ("currency", "FOCUS EffectiveCost: amortized, after reductions"),
            "estimated_cost": ("currency", "cost the estimate gives a component for one month"),
            "expected_count": ("resources", "resources that the cost line was sized for"),
            "file_total": ("currency", "sum over the rows of the file, before any mapping"),
            "hours_per_month": ("hours", "length of the month a monthly figure is based on"),
            "list_cost": ("currency", "FOCUS ListCost; CUR public on-demand cost"),
            "memory_gib": ("GiB", "memory of an instance type"),
            "period_days": ("days", "days that a cost covers; missing when it does not say"),
            "stated_change_pct": ("%", "change a document states"),
            "stated_value": ("see unit", "figure that a document states"),
            "table_total": ("currency", "sum over the rows that entered the table"),
            "unblended_cost": ("currency", "Cost Explorer UnblendedCost; CUR unblended cost"),
            "usage_quantity": ("see usage_unit", "how much was used"),
            "usd": ("USD", "price of one price_unit"),
            "usd_per_hour": ("USD/hour", "price of one instance-hour"),
            "vcpu": ("vCPU", "virtual processors of an instance type"),
            "baseline_cost": ("currency", "cost before: the estimate, or an earlier month"),
            "current_cost": ("currency", "cost now: the stated actual, or the bill"),
            "cost_change": ("currency", "current - baseline; positive is more spend"),
            "cost_change_pct": ("%", "change against the baseline; missing without one"),
            "calendar_effect": ("currency", "change because the periods differ in days"),
            "quantity_effect": ("currency", "change because the component used more or less"),
            "mix_effect": ("currency", "change because use moved between lines of a component"),
            "price_effect": ("currency", "change because a unit cost more or less"),
            "new_effect": ("currency", "cost of a line that has no baseline"),
            "retired_effect": ("currency", "baseline of a line that has no cost now"),
            "credit_effect": ("currency", "change of credits, refunds and adjustments"),
            "tax_effect": ("currency", "change of tax"),
            "unsplit_effect": ("currency", "change that no quantity exists to split"),
            "explained_ratio": ("ratio", "share of the movement that is not unsplit"),
            "implied_usd_per_hour": ("USD/hour", "cost / (count x hours) behind a line"),
            "list_usd_per_hour": ("USD/hour", "on-demand price of the instance type"),
            "committed_usd_per_hour": ("USD/hour", "lowest sourced rate under a commitment"),
            "inferred_usd_per_hour": ("USD/hour", "lowest rate that is inferred, low confidence"),
            "rate_to_list_ratio": ("ratio", "implied rate / on-demand price"),
            "cumulative_cost": ("currency", "cost from the first day of the period"),
            "cumulative_baseline": ("currency", "baseline of the period, spread evenly by day"),
            "low_cost": ("currency", "lowest figure that the inputs allow"),
            "high_cost": ("currency", "highest figure that the inputs allow"),
            "commitment_usd_per_hour": ("USD/hour", "hourly commitment of a savings plan"),
            "coverage_ratio": ("ratio", "found / expected points of a series"),
            "iops": ("operations/s", "provisioned operations of a disk"),
            "metric_value": ("see unit", "value of a metric over one period"),
            "recurring_usd_per_hour": ("USD/hour", "hourly charge of one reserved instance"),
            "size_bytes": ("bytes", "bytes stored"),
            "storage_gib": ("GiB", "size of a database's disk"),
            "stored_objects": ("objects", "objects stored, of all storage types"),
            "upfront_usd": ("USD", "paid upfront, for one reserved instance or the whole plan"),
            "actual_usd": ("USD", "what was charged while an anomaly lasted"),
            "expected_usd": ("USD", "what the provider expected while an anomaly lasted"),
            "excess_usd": ("USD", "actual - expected of an anomaly"),
            "after_cost": ("currency", "a restated cost as it is now; missing when there is none"),
            "before_cost": ("currency", "a restated cost as it was; missing when there was none"),
            "confidence_pct": ("%", "probability of the interval from low to high cost"),
            "coverage_pct": ("%", "covered / (covered + on demand), as the provider gives it"),
            "covered_hours": ("hours", "instance-hours under a commitment"),
            "covered_usd": ("USD", "spend under savings plans"),
            "forecast_cost": ("currency", "the mean of a forecast"),
            "on_demand_hours": ("hours", "instance-hours without a commitment"),
            "on_demand_usd": ("USD", "spend on demand that a commitment could cover"),
        },
    ),
    **_fields(
        "count",
        {
            "committed_count": ("resources", "reserved instances in a reservation"),
            "expected_points": ("points", "periods that a series has if nothing is missing"),
            "found_points": ("points", "periods of a series that have data"),
            "healthy_count": ("resources", "targets that pass their health check"),
            "longest_gap_s": ("s", "longest time without data, the ends of the period included"),
            "period_s": ("s", "length of one period of a metric"),
            "target_count": ("resources", "registered targets, each group's once"),
            "decimals": ("decimals", "decimals the claim prints; negative for thousands"),
            "priority": ("", "order of a rule; the first match wins"),
            "row_count": ("rows", "rows read"),
            "term_years": ("years", "length of a commitment"),
            "whole_number_rows": ("rows", "rows with a non-zero amount without decimals"),
            "zero_where_billed_rows": ("rows", "uncommitted usage billed > 0 with this cost at 0"),
            "root_causes": ("causes", "root causes that the provider names"),
        },
    ),
    **_fields(
        "flag",
        {
            "is_autoscaled": ("", "an Auto Scaling group started the instance"),
            "is_cross_zone": ("", "the balancer sends traffic to targets in other zones"),
            "is_encrypted": ("", "data at rest is encrypted"),
            "is_multi_az": ("", "there is a standby in a second zone"),
            "is_estimated": ("", "the provider still marks the amount as an estimate"),
            "is_material": ("", "the change exceeds both the money and the percent line"),
            "is_from_estimate": ("", "the amount was an estimate before it was restated"),
        },
    ),
}


def parse_decimal(text: str) -> Decimal:
    """Return the finite number written in `text`; raises ValueError for anything else."""
    try:
        value = Decimal(text.strip() if "_" not in text else "")
    except InvalidOperation:
        raise ValueError(f"not a number: {text!r}") from None
    if not value.is_finite():
        raise ValueError(f"not a finite number: {text!r}")
    return value


def parse_time(text: str) -> datetime:
    """Return the instant written in `text`, in UTC; raises ValueError without an offset."""
    value = datetime.fromisoformat(text)
    if value.utcoffset() is None:
        raise ValueError(f"a time without its offset from UTC: {text!r}")
    return value.astimezone(UTC)


def parse_cell(field: Field, text: str) -> Any:
    """Return the value of one text cell; empty is missing. Raises ValueError."""
    if field.kind == "text":
        return text
    if text == "":
        return None
    if field.kind == "decimal":
        return parse_decimal(text)
    if field.kind == "date":
        return date.fromisoformat(text)
    if field.kind == "time":
        return parse_time(text)
    if field.kind == "count":
        return int(text)
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    raise ValueError(f"neither true nor false: {text!r}")


def format_cell(value: Any) -> str:
    """Return the text that `parse_cell` reads back as the same value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return str(value)
