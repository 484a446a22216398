"""Prices of the inventory from a price list on loopback; a doubtful one stays what it was."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from prismlib.errors import AccessError, CredentialsError
from prismlib.pulled_tables import COMMITMENT, INSTANCE
from prismlib.reference_tables import INSTANCE_PRICE
from prismlib.sources.price_list import (
    FILTERS,
    NoSinglePriceError,
    collect_instance_prices,
    parse_instance_price,
    wanted_pairs,
)
from prismlib.sources.prices import preferred_prices, read_reference
from prismlib.tables import check, make, records

DAY = date(2025, 11, 16)


def product(usd="0.0960000000", unit="Hrs", terms=1, **attributes):
    """Return an entry of a price list as AWS writes it: JSON, to be put into JSON."""
    known = {
        "instanceType": "m6i.large",
        "regionCode": "us-west-2",
        "vcpu": "2",
        "memory": "8 GiB",
        "capacitystatus": "Used",
        "operatingSystem": "Linux",
        "preInstalledSw": "NA",
        "tenancy": "Shared",
        "licenseModel": "No License required",
        "marketoption": "OnDemand",
        "operation": "RunInstances",
    }
    dimension = {"unit": unit, "pricePerUnit": {"USD": usd}, "beginRange": "0", "endRange": "Inf"}
    offers = {
        f"SKU.{n}": {"priceDimensions": {f"SKU.{n}.X": dimension}, "termAttributes": {}}
        for n in range(terms)
    }
    return json.dumps(
        {
            "product": {"productFamily": "Compute Instance", "sku": "SKU1",
                        "attributes": {**known, **attributes}},
            "serviceCode": "AmazonEC2",
            "terms": {"OnDemand": offers},
            "publicationDate": "2025-11-14T18:00:00Z",
            "version": "1",
        }
    )  # fmt: skip


def parsed(*products):
    return parse_instance_price([{"PriceList": list(products)}], "m6i.large", "us-west-2", DAY)


def inventory(*pairs):
    rows = [
        {
            "region_id": region,
            "instance_id": f"i-{number}",
            "instance_type": instance_type,
            "state": "running",
            "purchase": "on-demand",
        }
        for number, (instance_type, region) in enumerate(pairs)
    ]
    return {"instance": make(INSTANCE, rows)}


def serve(gate, replies, answers):
    """Let the price list answer by type and region, a page each."""

    def answer(asked):
        wanted = {f["Field"]: f["Value"] for f in asked.parameters["Filters"]}
        pages = answers.get((wanted["instanceType"], wanted["regionCode"]), [[]])
        page = int(asked.parameters.get("NextToken", "0"))
        more = {"NextToken": str(page + 1)} if page + 1 < len(pages) else {}
        return replies.json({"FormatVersion": "aws_v1", "PriceList": pages[page], **more})

    gate.answers["GetProducts"] = answer


# --- one price ------------------------------------------------------------------------------------


def test_parse_instance_price_by_hand():
    row = parsed(product())
    assert row == {
        "instance_type": "m6i.large",
        "region_id": "us-west-2",
        "vcpu": Decimal(2),
        "memory_gib": Decimal(8),
        "usd_per_hour": Decimal("0.096"),
        "valid_from": DAY,
        "source": "AWS Price List GetProducts, SKU SKU1, published 2025-11-14",
        "confidence": "high",
    }
    make(INSTANCE_PRICE, [row])


def test_parse_instance_price_reads_large_sizes_and_leaves_odd_ones_missing():
    assert parsed(product(memory="1,952 GiB"))["memory_gib"] == 1952
    assert parsed(product(memory="NA"))["memory_gib"] is None


@pytest.mark.parametrize(
    ("products", "words"),
    [
        ([], "no on-demand prices"),
        ([product(), product(usd="0.11")], "2 on-demand prices"),
        ([product(terms=2)], "2 on-demand prices"),
        ([product(terms=0)], "no on-demand prices"),
        ([product(usd="0.0000000000")], "no on-demand prices"),
        ([product(unit="Quantity")], "no on-demand prices"),
        ([product(usd="NaN")], "no on-demand prices"),
        ([product(tenancy="Dedicated")], "no on-demand prices"),
        ([product(regionCode="us-east-1")], "no on-demand prices"),
        (["{"], "not readable"),
        (["[]"], "not readable"),
        (['{"product": {}}'], "not readable"),
    ],
)
def test_parse_instance_price_takes_one_price_or_none(products, words):
    with pytest.raises(NoSinglePriceError, match=words):
        parsed(*products)


def test_parse_instance_price_picks_among_what_a_lax_server_returns():
    """A server that ignores the filters gives a reservation and Windows too."""
    others = [
        product(usd="0.188", operatingSystem="Windows", licenseModel="No License required"),
        product(usd="0.0", capacitystatus="AllocatedCapacityReservation"),
        product(usd="0.4", preInstalledSw="SQL Std"),
    ]
    assert parsed(product(), *others)["usd_per_hour"] == Decimal("0.096")


# --- over HTTP ------------------------------------------------------------------------------------


def test_wanted_pairs_are_those_of_instances_and_reservations_of_ec2():
    reserved = [
        {"commitment_id": "1", "commitment": "standard RI", "state": "active",
         "instance_type": "r6g.large", "region_id": "eu-west-1"},
        {"commitment_id": "2", "commitment": "RDS RI", "state": "active",
         "instance_type": "db.r6g.large", "region_id": "eu-west-1"},
        {"commitment_id": "3", "commitment": "compute savings plan", "state": "active"},
    ]  # fmt: skip
    found = wanted_pairs(
        {**inventory(*[("m6i.large", "us-west-2")] * 3), "commitment": make(COMMITMENT, reserved)}
    )
    assert found == [("m6i.large", "us-west-2"), ("r6g.large", "eu-west-1")]


def test_collect_instance_prices_asks_once_a_type_and_region(gate, replies, caller, context):
    irish = product("0.107", regionCode="eu-west-1")
    context.tables = inventory(
        ("m6i.large", "us-west-2"), ("m6i.large", "us-west-2"), ("m6i.large", "eu-west-1")
    )
    pages = {("m6i.large", "us-west-2"): [[product()]], ("m6i.large", "eu-west-1"): [[], [irish]]}
    serve(gate, replies, pages)
    frame = check(collect_instance_prices(caller, context), INSTANCE_PRICE)
    prices = {row["region_id"]: row["usd_per_hour"] for row in records(frame)}
    assert prices == {"us-west-2": Decimal("0.096"), "eu-west-1": Decimal("0.107")}
    assert {row["valid_from"] for row in records(frame)} == {DAY}
    assert len(gate.asked) == 3
    assert {one.region for one in gate.asked} == {"us-east-1"}
    filters = {f["Field"]: f["Value"] for f in gate.asked[0].parameters["Filters"]}
    assert filters.items() >= FILTERS.items()
    assert caller.ledger.total().usd == 0
    assert (context.unknown, context.notes) == ([], [])


def test_a_price_that_is_not_single_is_named_and_the_old_one_stays(gate, replies, caller, context):
    """The reference reads m6i.large on 2026-07-20; five days later it is five days old."""
    caller.now = context.now = datetime(2026, 7, 25, tzinfo=UTC)
    context.tables = inventory(("m6i.large", "us-west-2"), ("x9z.none", "us-west-2"))
    serve(gate, replies, {("m6i.large", "us-west-2"): [[product(), product("0.2")]]})
    assert len(collect_instance_prices(caller, context)) == 0
    assert [entry["part"] for entry in context.unknown] == [
        "m6i.large in us-west-2",
        "x9z.none in us-west-2",
    ]
    assert context.notes == [
        "Price not refreshed for m6i.large in us-west-2: the price list has 2 on-demand prices for"
        " Linux; the one read on 2026-07-20 stays, 5 days before this pull.",
        "Price not refreshed for x9z.none in us-west-2: the price list has no on-demand prices for"
        " Linux; no price is known.",
    ]


def test_a_price_list_that_fails_midway_keeps_what_came_and_the_old_prices(
    gate, replies, caller, context
):
    context.tables = inventory(("m6i.large", "us-west-2"), ("r6g.large", "us-west-2"))
    serve(gate, replies, {("m6i.large", "us-west-2"): [[product()]]})
    good = gate.answers["GetProducts"]

    def answer(asked):
        return good(asked) if len(gate.asked) == 1 else replies.refusal(asked, "Internal", 500)

    gate.answers["GetProducts"] = answer
    (row,) = records(collect_instance_prices(caller, context))
    assert row["instance_type"] == "m6i.large"
    (entry,) = context.unknown
    assert entry["part"] == "r6g.large in us-west-2"
    assert "stays" in context.notes[0]


def test_a_truncated_price_list_is_no_empty_one(gate, replies, caller, context):
    """botocore reads JSON that breaks off as an answer without members."""
    context.tables = inventory(("m6i.large", "us-west-2"))
    whole = json.dumps({"PriceList": [product()]}).encode()
    gate.answers["GetProducts"] = lambda asked: replies.reply(
        200, whole[:80], "application/x-amz-json-1.1", {}, True
    )
    assert len(collect_instance_prices(caller, context)) == 0
    assert "the price list failed (IncompleteReadError)" in context.notes[0]


def test_a_denied_price_list_names_the_permission_and_the_age_of_what_stays(gate, caller, context):
    context.tables = inventory(("m6i.large", "us-west-2"))
    gate.deny("GetProducts", code="AccessDeniedException")
    with pytest.raises(AccessError) as caught:
        collect_instance_prices(caller, context)
    assert caught.value.iam_action == "pricing:GetProducts"
    assert "needs pricing:GetProducts; the one read on 2026-07-20 stays" in context.notes[0]


def test_expired_credentials_stop_the_pull(gate, caller, context):
    context.tables = inventory(("m6i.large", "us-west-2"))
    gate.deny("GetProducts", code="ExpiredTokenException")
    with pytest.raises(CredentialsError):
        collect_instance_prices(caller, context)


@pytest.mark.usefixtures("gate")
def test_without_an_inventory_no_price_is_asked_for(caller, context):
    assert len(collect_instance_prices(caller, context)) == 0
    assert caller.ledger.total().network == 0


# --- which price an analysis uses -----------------------------------------------------------------


def test_preferred_prices_are_the_refreshed_ones_and_else_those_of_the_reference():
    reference = read_reference("instance_price")
    refreshed = make(INSTANCE_PRICE, [parsed(product(usd="0.0999"))])
    prices = {
        (row["instance_type"], row["region_id"]): row
        for row in records(check(preferred_prices(refreshed, reference), INSTANCE_PRICE))
    }
    assert prices["m6i.large", "us-west-2"]["usd_per_hour"] == Decimal("0.0999")
    others = [row for row in records(reference) if row["region_id"] == "us-east-1"]
    assert all(prices[row["instance_type"], "us-east-1"] == row for row in others)
    assert len(prices) == len(reference)
    assert preferred_prices(None, reference) is reference
