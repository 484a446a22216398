"""The dated price and rule tables of ``data/reference``."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pandas as pd

from prismlib import paths
from prismlib.reference_tables import INSTANCE_PRICE, REFERENCE_TABLES
from prismlib.sources.csv_tables import read_table
from prismlib.tables import make, records


def read_reference(name: str) -> pd.DataFrame:
    """Return a table of `prismlib.tables.REFERENCE_TABLES`, each row with source and date."""
    return read_table(paths.REFERENCE / f"{name}.csv", REFERENCE_TABLES[name])


def unit_price(item: str) -> Decimal:
    """Return the price of an item of UNIT_PRICE. [USD, per its ``price_unit``]"""
    prices = read_reference("unit_price")
    return Decimal(prices[prices["item"] == item]["usd"].iloc[0])


def read_reference_tables(
    tables: Mapping[str, pd.DataFrame] | None = None,
) -> dict[str, pd.DataFrame]:
    """Return every reference table by name; prices in a snapshot's `tables` are preferred."""
    found = {name: read_reference(name) for name in REFERENCE_TABLES}
    refreshed = (tables or {}).get("instance_price")
    found["instance_price"] = preferred_prices(refreshed, found["instance_price"])
    return found


def preferred_prices(refreshed: pd.DataFrame | None, reference: pd.DataFrame) -> pd.DataFrame:
    """Return INSTANCE_PRICE with the refreshed rows in place of those of the same type and region.

    Parameters
    ----------
    refreshed, reference : INSTANCE_PRICE
        Those of a snapshot, if it has any, and those of ``data/reference``.
    """
    if refreshed is None or refreshed.empty:
        return reference
    rows = {
        tuple(row[name] for name in INSTANCE_PRICE.key): row
        for row in (*records(reference), *records(refreshed))
    }
    return make(INSTANCE_PRICE, rows.values())
