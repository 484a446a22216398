"""On-demand prices of the instance types in the inventory, from the AWS Price List.

One request a type and region, filtered so that exactly one product can match: Linux, shared
tenancy, nothing preinstalled, capacity in use. None or several is no price: it is named and left
out, and the analyses then use the one of ``data/reference``, whose age the note gives.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd

from prismlib import fields
from prismlib.errors import AccessError, CallError, CredentialsError
from prismlib.reference_tables import INSTANCE_PRICE
from prismlib.sources.calls import Caller
from prismlib.sources.collecting import PullContext
from prismlib.sources.csv_tables import plain
from prismlib.sources.inventory import Row
from prismlib.sources.prices import read_reference
from prismlib.tables import make, records

PRICE_ACTIONS = ("pricing:GetProducts",)

PRICE_LIST_REGION = "us-east-1"
"""The price list is served from few regions, and each has the prices of all."""

FILTERS = {
    "operatingSystem": "Linux",
    "tenancy": "Shared",
    "preInstalledSw": "NA",
    "capacitystatus": "Used",
    "licenseModel": "No License required",
    "marketoption": "OnDemand",
}
"""What leaves one product of a type in a region."""

TABLE = "instance_price"


class NoSinglePriceError(ValueError):
    """The price list has no price for a type, or more than one."""


def collect_instance_prices(caller: Caller, context: PullContext) -> pd.DataFrame:
    """Return INSTANCE_PRICE, dated today, for the types and regions of the inventory.

    A price that could not be refreshed is left out, and the context's notes say which one stays and
    how old it is; when the price list fails, that is so for all that were still to come.

    Raises
    ------
    AccessError, CredentialsError
        The price list may not be read at all.
    """
    rows: list[Row] = []
    kept: dict[tuple[str, str], str] = {}
    failed = ""
    pairs = wanted_pairs(context.tables)
    for pair in pairs:
        try:
            if failed:
                raise NoSinglePriceError(failed)
            rows.append(_price(caller, *pair, context.now.date()))
        except NoSinglePriceError as error:
            kept[pair] = str(error)
        except AccessError as error:
            _note_kept(context, dict.fromkeys(pairs, f"needs {error.iam_action}"))
            raise
        except CallError as error:
            if isinstance(error, CredentialsError):
                raise
            kept[pair] = failed = f"the price list failed ({error.code})"
    for (instance_type, region), reason in kept.items():
        context.leave_out(TABLE, f"{instance_type} in {region}", "", reason)
    _note_kept(context, kept)
    return make(INSTANCE_PRICE, rows)


def wanted_pairs(tables: Mapping[str, pd.DataFrame]) -> list[tuple[str, str]]:
    """Return the EC2 types and regions that instances and commitments have, sorted."""
    found = set()
    for name in ("instance", "commitment"):
        for row in records(tables[name]) if name in tables else ():
            if row["instance_type"] and row["region_id"]:
                found.add((row["instance_type"], row["region_id"]))
    # Types of EC2 have one dot: m6i.large, unlike db.m6g.large, cache.r6g.large, r6g.large.search.
    return sorted(pair for pair in found if pair[0].count(".") == 1)


def _price(caller: Caller, instance_type: str, region: str, day: date) -> Row:
    wanted = {**FILTERS, "instanceType": instance_type, "regionCode": region}
    pages = caller.pages(
        "pricing",
        "get_products",
        token="NextToken",
        answer_token="NextToken",
        region=PRICE_LIST_REGION,
        ServiceCode="AmazonEC2",
        Filters=[{"Type": "TERM_MATCH", "Field": k, "Value": v} for k, v in wanted.items()],
        FormatVersion="aws_v1",
        MaxResults=100,
    )
    return parse_instance_price(pages, instance_type, region, day)


def parse_instance_price(
    pages: Iterable[Mapping[str, Any]], instance_type: str, region: str, day: date
) -> Row:
    """Return the INSTANCE_PRICE row of one type in one region.

    Raises
    ------
    NoSinglePriceError
        The answer has no price for it, or more than one.
    """
    products = [_product(item) for page in pages for item in page.get("PriceList", ())]
    wanted = {**FILTERS, "instanceType": instance_type, "regionCode": region}
    found = [
        (product, usd)
        for product in products
        if all(_attributes(product).get(k, v) == v for k, v in wanted.items())
        for usd in hourly_prices(product)
    ]
    if len(found) != 1:
        raise NoSinglePriceError(
            f"the price list has {len(found) or 'no'} on-demand prices for Linux"
        )
    product, usd = found[0]
    attributes = _attributes(product)
    sku, published = product["product"].get("sku", ""), product.get("publicationDate", "")
    return {
        "instance_type": instance_type,
        "region_id": region,
        "vcpu": _figure(attributes.get("vcpu", "")),
        "memory_gib": _figure(attributes.get("memory", "").removesuffix(" GiB")),
        "usd_per_hour": usd,
        "valid_from": day,
        "source": f"AWS Price List GetProducts, SKU {sku}, published {published[:10]}",
        "confidence": "high",
    }


def hourly_prices(product: Mapping[str, Any]) -> Iterator[Decimal]:
    """Yield the on-demand prices of a product for an hour, in USD; free ones are no price."""
    for term in product.get("terms", {}).get("OnDemand", {}).values():
        for dimension in term.get("priceDimensions", {}).values():
            usd = _figure(dimension.get("pricePerUnit", {}).get("USD", ""))
            if dimension.get("unit") in ("Hrs", "Hours") and usd:
                yield usd


def _product(item: str | Mapping[str, Any]) -> Mapping[str, Any]:
    """Return one entry of a price list, which comes as JSON inside JSON."""
    try:
        content = json.loads(item) if isinstance(item, str) else item
        content["product"]["attributes"].get("instanceType")
    except (ValueError, TypeError, KeyError, AttributeError):
        raise NoSinglePriceError("an entry of the price list is not readable") from None
    return dict(content)


def _attributes(product: Mapping[str, Any]) -> Mapping[str, str]:
    return dict(product["product"]["attributes"])


def _figure(text: str) -> Decimal | None:
    """Return a number of the price list; None for ``NA`` and the like."""
    try:
        return plain(fields.parse_decimal(text.replace(",", "")))
    except ValueError:
        return None


def _note_kept(context: PullContext, kept: Mapping[tuple[str, str], str]) -> None:
    """Note for each price that was not refreshed which one stays, and how old it is."""
    known = {
        (row["instance_type"], row["region_id"]): row["valid_from"]
        for row in records(read_reference("instance_price"))
    }
    by_words: dict[str, list[str]] = {}
    for (instance_type, region), reason in kept.items():
        day = known.get((instance_type, region))
        stays = "no price is known" if day is None else _age(day, context.now.date())
        by_words.setdefault(f"{reason}; {stays}", []).append(f"{instance_type} in {region}")
    for words, names in by_words.items():
        context.notes.append(f"Price not refreshed for {', '.join(names)}: {words}.")


def _age(day: date, today: date) -> str:
    days = (today - day).days
    when = f"{days} days before" if days >= 0 else f"{-days} days after"
    return f"the one read on {day} stays, {when} this pull"
