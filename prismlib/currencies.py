"""In which currency a table is: amounts in different currencies are never added."""

from __future__ import annotations

import pandas as pd

from prismlib.errors import CurrencyError
from prismlib.fields import FIELDS


def currencies_of(frame: pd.DataFrame) -> set[str]:
    """Return the currencies of a table; "" stands for rows with an amount that name none.

    A row without an amount needs no currency.
    """
    if "billing_currency" not in frame:
        return set()
    found = set(frame["billing_currency"])
    if "" in found and not _has_amount(frame[frame["billing_currency"] == ""]):
        found.discard("")
    return found


def _has_amount(frame: pd.DataFrame) -> bool:
    amounts = [
        name
        for name in frame.columns
        if name in FIELDS and FIELDS[name].unit.split("/")[0] == "currency"
    ]
    return bool(frame[amounts].notna().to_numpy().any())


def one_currency(frame: pd.DataFrame, where: str) -> str:
    """Return the currency of `frame` ("" when no amount has one), or raise `CurrencyError`."""
    currencies = sorted(currencies_of(frame))
    if len(currencies) > 1:
        raise CurrencyError(where, currencies)
    return currencies[0] if currencies else ""
