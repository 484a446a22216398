"""What a bill holds of traffic, line by line: what it pays for, GB billed, GB moved, and the rate.

Every charge of the period is in exactly one row, so the rows add up to the bill. Usage of one type,
service and unit is a row. What is no traffic is one row for each service. Purchases, support, tax,
credits, refunds and adjustments are kept apart (`NOT_USAGE`), so that no rate is distorted by them;
those on a usage type of traffic keep its name.

**Billed and moved.** A flow between zones is billed at each end. One usage type bills both
(``DataTransfer-Regional-Bytes``): moved GB are half of the billed GB. Others bill each end by its
own (``...-In-Bytes``, ``...-Out-Bytes``): moved GB are those of the end that bills more, in all
services together. They stand on the rows of that end and are 0 on the rows of the other, so that
rows add up. Both hold when both ends are on this bill. Where an end is elsewhere, up to the billed
GB moved; a note says when the two ends differ.

Known limits. A GB is taken as the bill counts it; bytes are divided by 10^9. The quantity of a row
is unknown, not 0, when its unit is no amount of data or a charge carries none. A listed price is
that of the first paid tier. Traffic that a provider does not bill is on no line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pandas as pd

from prismlib.analyses.transfer_types import (
    CROSS_AZ,
    NOT_TRAFFIC,
    NOT_USAGE,
    TRANSFER_KINDS,
    TransferRule,
    find_rule,
    transfer_rules,
)
from prismlib.money import divide, exact_sum, times
from prismlib.periods import Period
from prismlib.reference_tables import UNIT_PRICE
from prismlib.result_tables.cross_az import TRAFFIC_KIND, TRAFFIC_LINE
from prismlib.tables import COST, check, make, records

Row = dict[str, Any]

GB_OF_UNIT = {
    "b": Decimal("1e-9"),
    "byte": Decimal("1e-9"),
    "bytes": Decimal("1e-9"),
    "gb": Decimal(1),
    "gigabyte": Decimal(1),
    "gigabytes": Decimal(1),
    "tb": Decimal(1000),
    "terabytes": Decimal(1000),
}
"""Unit of a bill, in lower case -> GB of 10^9 bytes; every other unit is no amount of data."""

REGION_OF_PREFIX = {
    "": "us-east-1",
    "USE1": "us-east-1",
    "USE2": "us-east-2",
    "USW1": "us-west-1",
    "USW2": "us-west-2",
    "EU": "eu-west-1",
    "EUW1": "eu-west-1",
    "EUC1": "eu-central-1",
    "APN1": "ap-northeast-1",
}
"""First word of a usage type -> its region; without one it is us-east-1, as AWS documents."""

_BETWEEN_REGIONS = re.compile(
    r"(?:.* )?(?:([A-Z0-9]+)-)?(?:([A-Z0-9]+)-)?AWS-(In|Out)-Bytes(?: .*)?"
)
_IN_WORDS = re.compile(r".+? - (.+) data transfer (to|from) (.+)")


@dataclass
class _Group:
    """The charges of one row."""

    rule: TransferRule
    costs: list[Decimal] = field(default_factory=list)
    quantities: list[Decimal | None] = field(default_factory=list)
    regions: set[str] = field(default_factory=set)


def traffic_lines(
    cost: pd.DataFrame,
    rules: pd.DataFrame,
    unit_prices: pd.DataFrame,
    *,
    metric: str,
    period: Period,
) -> pd.DataFrame:
    """Return what each line of the bill pays for.

    Parameters
    ----------
    cost : COST
    rules : TRANSFER_TYPE
    unit_prices : UNIT_PRICE
    metric : str
        The cost metric to add up; charges without it do not take part.
    period : Period
        Charges that start in it take part.

    Returns
    -------
    TRAFFIC_LINE
        By kind in the order of `TRANSFER_KINDS`, the dearest line of each first.
    """
    check(cost, COST)
    check(unit_prices, UNIT_PRICE)
    starts = cost["charge_period_start"]
    inside = cost[pd.Series([day in period for day in starts], dtype=bool) & cost[metric].notna()]
    currency = "" if inside.empty else inside["billing_currency"].iloc[0]
    groups = _grouped(inside, transfer_rules(rules), metric)
    rows = [
        {**_row(key, group, unit_prices, currency), "_rule": group.rule}
        for key, group in groups.items()
    ]
    _add_moved(rows)
    order = list(TRANSFER_KINDS)
    rows.sort(key=lambda row: (order.index(row["transfer_kind"]), -row["cost"]))
    return make(TRAFFIC_LINE, rows)


def _grouped(
    charges: pd.DataFrame, rules: list[TransferRule], metric: str
) -> dict[tuple[str, ...], _Group]:
    found: dict[tuple[str, str], TransferRule] = {}
    groups: dict[tuple[str, ...], _Group] = {}
    for charge in records(charges):
        service, name = charge["service_name"], charge["usage_type"] or charge["charge_description"]
        if (service, name) not in found:
            found[service, name] = find_rule(rules, service, name)
        rule = found[service, name]
        group = groups.setdefault(_key(charge, rule, name), _Group(rule))
        group.costs.append(charge[metric])
        group.quantities.append(charge["usage_quantity"])
        group.regions.add(charge["region_id"] or _region_of(charge["usage_type"]))
    return groups


def _key(charge: Row, rule: TransferRule, name: str) -> tuple[str, ...]:
    """Return kind, service, name and unit of the row that a charge goes to."""
    service = charge["service_name"]
    if charge["charge_kind"] != "usage":
        return NOT_USAGE, service, "" if rule.transfer_kind == NOT_TRAFFIC else name, ""
    if rule.transfer_kind == NOT_TRAFFIC:
        return NOT_TRAFFIC, service, "", ""
    return rule.transfer_kind, service, name, charge["usage_unit"]


def _region_of(usage_type: str) -> str:
    """Return the region that a usage type names, or "" when it is not known."""
    if not usage_type:
        return ""
    first, dash, _ = usage_type.partition("-")
    is_prefix = bool(dash) and bool(re.fullmatch(r"[A-Z]{2,4}\d?", first))
    return REGION_OF_PREFIX.get(first if is_prefix else "", "")


def _row(
    key: tuple[str, ...], group: _Group, unit_prices: pd.DataFrame, currency: str
) -> dict[str, Any]:
    kind, service, name, unit = key
    cost = exact_sum(group.costs)
    gb, note = (None, "") if kind in (NOT_TRAFFIC, NOT_USAGE) else _billed_gb(group, unit)
    listed = None if gb is None or currency != "USD" else _listed(group, unit_prices)
    about = group.rule.note
    if kind == NOT_TRAFFIC:
        about = ""
    elif kind == NOT_USAGE:
        about = f"on {TRANSFER_KINDS[group.rule.transfer_kind]}" if name else ""
    return {
        "transfer_kind": kind,
        "service_name": service,
        "line_name": name,
        "usage_unit": unit,
        "cost": cost,
        "billed_gb": gb,
        "paid_per_gb": divide(cost, gb),
        "listed_usd_per_gb": listed,
        "billing_currency": currency,
        "note": "; ".join(filter(None, (about, note))),
    }


def _billed_gb(group: _Group, unit: str) -> tuple[Decimal | None, str]:
    """Return the GB of a row, or None, with a remark when a charge lacks its quantity."""
    factor = GB_OF_UNIT.get(unit.casefold())
    if factor is None:
        return None, ""
    if any(quantity is None for quantity in group.quantities):
        return None, "GB unknown: a charge carries no quantity"
    return times(exact_sum(group.quantities), factor), ""


def _listed(group: _Group, unit_prices: pd.DataFrame) -> Decimal | None:
    """Return the listed price of a GB if every region of the row has the same, else None."""
    prices = unit_prices[unit_prices["item"] == group.rule.price_item]
    by_region = dict(zip(prices["region_id"], prices["usd"], strict=True))
    anywhere = by_region.get("")
    found = {by_region.get(region, anywhere) if region else anywhere for region in group.regions}
    return found.pop() if len(found) == 1 else None


# --- GB billed to GB moved ------------------------------------------------------------------------


def _add_moved(rows: list[Row]) -> None:
    """Add ``moved_gb`` to each row that counts data."""
    flows: dict[str, list[Row]] = {}
    for row in rows:
        rule, gb = row["_rule"], row["billed_gb"]
        if gb is None or rule.billed_ends is None:
            row["moved_gb"] = None
        else:
            row["moved_gb"] = divide(gb, Decimal(rule.billed_ends))
        if rule.is_both_ways and row["transfer_kind"] != NOT_USAGE:
            flows.setdefault(_flow(row["line_name"])[0], []).append(row)
    for flow in flows.values():
        _count_once(flow)


def _flow(line_name: str) -> tuple[str, bool]:
    """Return the flow that a line bills an end of, and whether it is the sending end."""
    if match := _BETWEEN_REGIONS.fullmatch(line_name):
        here, there, way = match.groups()
        if there is None:  # over peering the other region is not named: all are one flow
            return "regions", way == "Out"
        return (f"{here}>{there}" if way == "Out" else f"{there}>{here}"), way == "Out"
    if match := _IN_WORDS.fullmatch(line_name):
        here, way, there = match.groups()
        return (f"{here}>{there}" if way == "to" else f"{there}>{here}"), way == "to"
    return re.sub(r"-(In|Out)-", "-*-", line_name), "-Out-" in line_name


def _count_once(flow: list[Row]) -> None:
    """Leave the moved GB of a flow on the end that bills more; the sending one when equal."""
    if any(row["billed_gb"] is None for row in flow):
        for row in flow:
            row["moved_gb"] = None
        return
    ends = {
        is_out: [row for row in flow if _flow(row["line_name"])[1] == is_out]
        for is_out in (True, False)
    }
    sent, received = (exact_sum(row["billed_gb"] for row in ends[end]) for end in (True, False))
    for row in ends[sent < received]:
        row["moved_gb"] = Decimal(0)
        _remark(row, "moved GB are counted at the other end")
    if sent != received:
        for row in ends[sent >= received]:
            _remark(row, "the two ends differ: an end of some of it is not on this bill")


def _remark(row: Row, text: str) -> None:
    row["note"] = "; ".join(filter(None, (row["note"], text)))


# --- kinds, and the traffic between zones ---------------------------------------------------------


def traffic_kinds(lines: pd.DataFrame) -> pd.DataFrame:
    """Return the sum of each kind of TRAFFIC_LINE as TRAFFIC_KIND; GB only if every line has them.

    Bytes of one flow can be in several kinds (through a NAT gateway to the internet, for one): cost
    adds up over kinds, GB do not.
    """
    check(lines, TRAFFIC_LINE)
    rows = []
    for kind in TRANSFER_KINDS:
        of_kind = records(lines[lines["transfer_kind"] == kind])
        if not of_kind:
            continue
        cost = exact_sum(row["cost"] for row in of_kind)
        billed = _all_known(row["billed_gb"] for row in of_kind)
        rows.append(
            {
                "transfer_kind": kind,
                "cost": cost,
                "billed_gb": billed,
                "moved_gb": _all_known(row["moved_gb"] for row in of_kind),
                "paid_per_gb": divide(cost, billed),
                "billing_currency": of_kind[0]["billing_currency"],
            }
        )
    return make(TRAFFIC_KIND, rows)


def _all_known(values: Iterable[Decimal | None]) -> Decimal | None:
    """Return the sum, or None when any is unknown."""
    listed = list(values)
    return None if any(value is None for value in listed) else exact_sum(listed)


@dataclass(frozen=True)
class CrossAzBill:
    """The traffic between zones on a bill; a figure that the bill does not give is None.

    Attributes
    ----------
    cost : Decimal
        Of usage: credits and discounts on their own lines are not in it. [currency]
    billed_gb, moved_gb : Decimal or None
        At each end, and counted once.
    paid_per_billed_gb, paid_per_moved_gb : Decimal or None
        Cost over GB. [currency/GB]
    listed_usd_per_moved_gb : Decimal or None
        What the price table asks for the billed GB, over the moved GB. [USD/GB]
    """

    cost: Decimal
    billing_currency: str
    billed_gb: Decimal | None
    moved_gb: Decimal | None
    paid_per_billed_gb: Decimal | None
    paid_per_moved_gb: Decimal | None
    listed_usd_per_moved_gb: Decimal | None
    notes: tuple[str, ...]


def cross_az_bill(lines: pd.DataFrame) -> CrossAzBill | None:
    """Return the traffic between zones of TRAFFIC_LINE, or None when no line is for it.

    None is not a cost of zero: such traffic may be among the unclassified lines, on a bill that is
    too coarse, or free. A line that costs nothing is returned as such.
    """
    check(lines, TRAFFIC_LINE)
    rows = records(lines[lines["transfer_kind"] == CROSS_AZ])
    if not rows:
        return None
    cost = exact_sum(row["cost"] for row in rows)
    billed = _all_known(row["billed_gb"] for row in rows)
    moved = _all_known(row["moved_gb"] for row in rows)
    listed = _all_known(_at_list(row) for row in rows)
    return CrossAzBill(
        cost=cost,
        billing_currency=rows[0]["billing_currency"],
        billed_gb=billed,
        moved_gb=moved,
        paid_per_billed_gb=divide(cost, billed),
        paid_per_moved_gb=divide(cost, moved),
        listed_usd_per_moved_gb=divide(listed, moved),
        notes=tuple(dict.fromkeys(row["note"] for row in rows if row["note"])),
    )


def _at_list(row: Row) -> Decimal | None:
    if row["billed_gb"] is None or row["listed_usd_per_gb"] is None:
        return None
    return times(row["billed_gb"], row["listed_usd_per_gb"])
