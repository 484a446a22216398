"""The record types of Cost Explorer and what they are."""

from __future__ import annotations

from prismlib.sources.cur import CHARGE_KINDS as CUR_CHARGE_KINDS

CHARGE_KINDS: dict[str, str] = {
    **CUR_CHARGE_KINDS,
    "": "usage",
    "reservationappliedusage": "usage",
    "recurring": "purchase",
    "recurringreservationfee": "purchase",
    "upfront": "purchase",
    "upfrontreservationfee": "purchase",
    "support": "support",
    "supportfee": "support",
    "other": "adjustment",
    "otherout-of-cyclecharges": "adjustment",
    "enterprisediscountprogramdiscount": "adjustment",
    "privateratecarddiscount": "adjustment",
    "solutionproviderprogramdiscount": "adjustment",
    "distributordiscount": "adjustment",
}
"""RECORD_TYPE, in lower case without spaces -> charge_kind.

The API writes some as the CUR does (``DiscountedUsage``) and some as words (``Enterprise Discount
Program Discount``); the console has names of its own for a few (``Reservation applied usage``).
"""

COMMITTED = ("discountedusage", "reservationappliedusage", "savingsplancoveredusage")
"""Record types of use that a commitment pays for, written as above."""
