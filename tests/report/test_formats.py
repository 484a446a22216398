from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from prismlib import formats


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("915916", "$915,916"),
        ("-1200", "−$1,200"),
        ("1200.50", "$1,201"),  # half away from zero, as invoices round
        ("-1200.50", "−$1,201"),
        ("944.5", "$944.50"),
        ("18.0066", "$18.01"),
        ("-32.2581", "−$32.26"),
        ("1.004", "$1.00"),
        ("0.9876", "$0.9876"),
        ("12", "$12"),
        ("0.000123456", "$0.000123"),
        ("0", "$0"),
    ],
)
def test_money_auto(amount: str, expected: str) -> None:
    assert formats.money(Decimal(amount)) == expected


def test_money_decimals_and_currency() -> None:
    assert formats.money(Decimal("1234"), "EUR", decimals=2) == "EUR 1,234.00"
    assert formats.money(Decimal("-0.4"), decimals=0) == "−$0.40"  # not zero, so not "$0"


def test_signed_money() -> None:
    assert formats.signed_money(Decimal("46062")) == "+$46,062"
    assert formats.signed_money(Decimal("-1200")) == "−$1,200"
    assert formats.signed_money(Decimal(0)) == "$0"


def test_percent() -> None:
    assert formats.percent(Decimal("5.029")) == "+5.03%"
    assert formats.percent(Decimal("-0.001")) == "0.00%"
    assert formats.percent(Decimal("0.001")) == "0.00%"
    assert formats.percent(Decimal("94.6"), 1, signed=False) == "94.6%"


def test_rate_count_day() -> None:
    assert formats.rate(Decimal("1.03128")) == "$1.0313/h"
    assert formats.rate(Decimal("0.01"), "GB", currency="EUR", decimals=2) == "EUR 0.01/GB"
    assert formats.count(1000) == "1,000"
    assert formats.count(Decimal("2.50")) == "2.5"
    assert formats.day(date(2025, 11, 16)) == "16 Nov 2025"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        ("480", "8:00"),
        ("2280", "38:00"),
        ("8100", "135:00"),
        ("29.5", "0:30"),  # half away from zero
        ("-1800", "−30:00"),
        ("-0.4", "0:00"),
        ("172800", "2,880:00"),
    ],
)
def test_duration(seconds: str, expected: str) -> None:
    assert formats.duration(Decimal(seconds)) == expected


def test_missing_is_unknown() -> None:
    one_number = (
        *(formats.money, formats.signed_money, formats.percent, formats.rate, formats.count),
        formats.duration,
    )
    assert {spell(None) for spell in one_number} == {formats.day(None)} == {"unknown"}
    assert formats.money(float("nan")) == "unknown"


def test_money_decimals_of_a_column() -> None:
    assert formats.money_decimals([Decimal("5000"), Decimal("0.5"), None]) == 0
    assert formats.money_decimals([Decimal("18.0066"), Decimal("1")]) == 2
    assert formats.money_decimals([Decimal("0.0234"), Decimal("0.5")]) == 2
    assert formats.money_decimals([Decimal("0.0234"), Decimal("0.0228")]) == 4
    assert formats.money_decimals([]) == 0


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        ("1", "gaps", "1 gap"),
        ("2", "gaps", "2 gaps"),
        ("0", "roles", "0 roles"),
        ("1.0", "days", "1 day"),
        ("1", "ms", "1 ms"),
        ("1", "s", "1 s"),
        ("7.5", "%", "7.5%"),
        ("3", "", "3"),
    ],
)
def test_quantity(value: str, unit: str, expected: str) -> None:
    assert formats.quantity(Decimal(value), unit) == expected
