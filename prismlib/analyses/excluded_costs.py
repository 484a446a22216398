"""Costs that a total leaves out although the system causes them.

A total can add up and still be wrong by what is not in it. Each item has the lowest and the highest
figure that the known inputs allow for one month; an end that nothing bounds is missing, not zero.
Other analyses add their rows to this list; the first is traffic between zones.
"""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from prismlib.analyses.implied_rates import find_price, sized_fleets
from prismlib.analyses.stated import Stated
from prismlib.money import HOURS_PER_MONTH
from prismlib.result_tables.cost_variance import EXCLUDED_COST
from prismlib.tables import make

SECONDS_PER_DAY = Decimal(86_400)
CROSS_AZ = "Traffic between zones"
STANDBY = "Instances in the recovery region"


def unit_price(unit_prices: pd.DataFrame, item: str) -> Decimal | None:
    """Return the price of an item of UNIT_PRICE, or None. [USD per its price_unit]"""
    found = unit_prices[unit_prices["item"] == item]
    return None if found.empty else found["usd"].iloc[0]


def excluded_costs(
    stated: Stated,
    fleet: pd.DataFrame,
    prices: pd.DataFrame,
    unit_prices: pd.DataFrame,
    *,
    has_cross_az: bool = False,
) -> pd.DataFrame:
    """Return what the stated totals leave out, as far as the stated figures allow.

    Parameters
    ----------
    stated : Stated
        Uses ``cross_az_gb_per_s`` and ``cross_az_days``, and ``dr_nodes``.
    fleet : FLEET
    prices : INSTANCE_PRICE
    unit_prices : UNIT_PRICE
    has_cross_az : bool, default False
        Whether the total comes from a bill that lists traffic between zones: then it is in it.

    Returns
    -------
    EXCLUDED_COST
        In USD: the price tables are.
    """
    cross_az = None if has_cross_az else _cross_az(stated, unit_prices)
    rows = [cross_az, _standby(stated, fleet, prices)]
    return make(EXCLUDED_COST, [row for row in rows if row is not None])


def _cross_az(stated: Stated, unit_prices: pd.DataFrame) -> dict[str, object] | None:
    rate, days = stated.value("cross_az_gb_per_s"), stated.value("cross_az_days")
    sender = unit_price(unit_prices, "cross_az_sender_gb")
    receiver = unit_price(unit_prices, "cross_az_receiver_gb")
    if rate is None or days is None or sender is None or receiver is None:
        return None
    moved_gb = rate * SECONDS_PER_DAY * days
    return {
        "item_name": CROSS_AZ,
        "low_cost": moved_gb * sender,
        "high_cost": moved_gb * (sender + receiver),
        "billing_currency": "USD",
        "note": "low: one side billed, as the memo counts; high: both sides, as AWS bills",
        "source": stated.source("cross_az_gb_per_s"),
    }


def _standby(stated: Stated, fleet: pd.DataFrame, prices: pd.DataFrame) -> dict[str, object] | None:
    nodes = stated.value("dr_nodes")
    first = next(sized_fleets(fleet), None)
    if nodes is None or first is None:
        return None
    price = find_price(prices, first["instance_type"], first["region_id"])
    return {
        "item_name": STANDBY,
        "low_cost": None,
        "high_cost": None if price is None else nodes * price["usd_per_hour"] * HOURS_PER_MONTH,
        "billing_currency": "USD",
        "note": "high: running all month on demand; low: not known, it depends on how long",
        "source": stated.source("dr_nodes"),
    }
