"""Rates like for like, against the pair table of the facts gathered for this project."""

from __future__ import annotations

from decimal import Decimal as D

import pytest
from graviton_cases import REFERENCE

from prismlib.analyses.graviton_rates import RateBook
from prismlib.analyses.graviton_reference import GravitonReference

BOOK = RateBook(
    GravitonReference(**{n: REFERENCE[n] for n in GravitonReference.__dataclass_fields__})
)

# from, to, on demand: share and USD a month; one year, all upfront: share and USD a month
# (graviton_pair_savings.csv, 730 hours; "" is a rate that no source has)
PAIRS = [
    ("r6i.4xlarge", "r6g.4xlarge", "0.2", "147.17", "0.2381", "108.17"),
    ("r6i.4xlarge", "r7g.4xlarge", "0.15", "110.38", "0.15", "68.17"),
    ("r6i.4xlarge", "r8g.4xlarge", "0.0649", "47.77", "", ""),
    ("r6i.4xlarge", "r6a.4xlarge", "0.1", "73.58", "0.1", "45.42"),
    ("c6i.2xlarge", "c6g.2xlarge", "0.2", "49.64", "0.2382", "36.5"),
    ("c6i.2xlarge", "c7g.2xlarge", "0.1471", "36.5", "0.1506", "23.08"),
    ("c6i.2xlarge", "c8g.2xlarge", "0.0616", "15.3", "", ""),
    ("c6i.2xlarge", "c6a.2xlarge", "0.1", "24.82", "0.1001", "15.33"),
    ("m6i.xlarge", "m7g.xlarge", "0.15", "21.02", "0.1493", "12.92"),
    ("m5.xlarge", "m6g.xlarge", "0.1979", "27.74", "0.2012", "16.58"),
    ("r5.xlarge", "r6g.xlarge", "0.2", "36.79", "0.2003", "21.67"),
    ("c5.xlarge", "c6g.xlarge", "0.2", "24.82", "0.1998", "14.58"),
    ("r7i.4xlarge", "r8g.4xlarge", "0.1094", "84.56", "", ""),
    ("c7i.2xlarge", "c8g.2xlarge", "0.1063", "27.71", "", ""),
    ("m7i.xlarge", "m8g.xlarge", "0.1095", "16.12", "", ""),
]


def line(instance_type="r6i.4xlarge", commitment="on demand", **changed):
    committed = commitment != "on demand"
    return {
        "compute_service": "EC2",
        "instance_type": instance_type,
        "region_id": "us-east-1",
        "engine": "",
        "is_multi_az": False,
        "commitment": commitment,
        "term_years": 1 if committed else None,
        "payment": "all upfront" if committed else "",
        "own_usd_per_hour": None,
        **changed,
    }


def close(value, text):
    """Return whether `value` is `text` to the digits that it prints; half a digit was cut there."""
    step = D(1).scaleb(D(text).as_tuple().exponent)
    return abs(value - D(text)) <= step / 2


@pytest.mark.parametrize(("source", "target", "share", "month", "_ri", "_ri_month"), PAIRS)
@pytest.mark.parametrize("region", ["us-east-1", "us-west-2"])
def test_pair_on_demand(source, target, share, month, _ri, _ri_month, region):
    rates = BOOK.like_for_like(line(source, region_id=region), target)
    assert rates.basis == "on demand"
    assert close((rates.source - rates.target) * 730, f"{D(month):.2f}")
    assert close(1 - rates.target / rates.source, f"{D(share):.4f}")


@pytest.mark.parametrize(("source", "target", "_share", "_month", "share", "month"), PAIRS)
def test_pair_one_year_all_upfront(source, target, _share, _month, share, month):
    rates = BOOK.like_for_like(line(source, "standard RI"), target)
    assert rates.basis == "standard RI, 1 year, all upfront"
    if not share:
        assert rates.target is None
        assert f"no rate of {target}" in rates.note
        return
    assert close((rates.source - rates.target) * 730, f"{D(month):.2f}")
    assert close(1 - rates.target / rates.source, f"{D(share):.4f}")


def test_committed_is_never_compared_with_on_demand():
    """r8g has an on-demand price and no committed one: the saving is unknown, not 0.94256 away."""
    rates = BOOK.like_for_like(line(commitment="standard RI"), "r8g.4xlarge")
    assert (rates.source, rates.target) == (D("0.622374"), None)


def test_committed_rate_of_a_region_with_the_same_prices():
    rates = BOOK.like_for_like(line(commitment="standard RI", region_id="us-west-2"), "r7g.4xlarge")
    assert rates.target == D("0.528995")
    assert "rate of us-east-1" in rates.note


def test_committed_rate_of_a_region_with_other_prices_is_not_taken():
    elsewhere = line(commitment="standard RI", region_id="eu-west-1")
    assert BOOK.like_for_like(elsewhere, "r7g.4xlarge").source is None


def test_rate_that_is_paid_keeps_its_discount():
    """10 % below list stays 10 % below: 0.9072 x 0.8568 / 1.008 = 0.77112."""
    rates = BOOK.like_for_like(line(own_usd_per_hour=D("0.9072")), "r7g.4xlarge")
    assert (rates.source, rates.target) == (D("0.9072"), D("0.77112"))


def test_terms_that_are_only_inferred_say_so():
    rates = BOOK.like_for_like(line(commitment="standard RI", payment="no upfront"), "r7g.4xlarge")
    assert (rates.source, rates.target) == (D("0.6668"), D("0.5668"))
    assert rates.confidence == "low"


def test_savings_plan_without_a_sourced_rate_is_unknown():
    rates = BOOK.like_for_like(
        line(commitment="compute savings plan", payment="no upfront"), "r7g.4xlarge"
    )
    assert (rates.source, rates.target) == (None, None)


def test_database_with_a_standby_costs_twice():
    one = line("db.r6i.xlarge", compute_service="RDS", engine="postgres")
    two = one | {"is_multi_az": True}
    assert BOOK.on_demand(one).usd_per_hour == D("0.5")
    assert BOOK.on_demand(two).usd_per_hour == D("1.0")
    assert BOOK.on_demand(one | {"engine": "mysql"}) is None  # another engine, another price


def test_cache_node_by_hand():
    """cache.r5.large and cache.r6g.large of the facts: Redis 0.216 and 0.206 an hour."""
    node = line("cache.r5.large", compute_service="ElastiCache", engine="redis")
    rates = BOOK.like_for_like(node, "cache.r6g.large")
    assert (rates.source, rates.target) == (D("0.216"), D("0.206"))
