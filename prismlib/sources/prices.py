"""The dated price and rule tables of ``data/reference``."""

from __future__ import annotations

import pandas as pd

from prismlib import paths
from prismlib.reference_tables import REFERENCE_TABLES
from prismlib.sources.csv_tables import read_table


def read_reference(name: str) -> pd.DataFrame:
    """Return a table of `prismlib.tables.REFERENCE_TABLES`, each row with source and date."""
    return read_table(paths.REFERENCE / f"{name}.csv", REFERENCE_TABLES[name])


def read_reference_tables() -> dict[str, pd.DataFrame]:
    """Return every reference table by name."""
    return {name: read_reference(name) for name in REFERENCE_TABLES}
