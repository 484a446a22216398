from __future__ import annotations

from prismlib.charts.theme import money_axis


def test_money_axis_puts_the_sign_before_a_dollar() -> None:
    axis = money_axis("USD", "")
    assert (axis["tickprefix"], axis["tickformat"]) == ("", "$,~s")  # "−$20k", not "$−20k"
    assert axis["title"] == {}


def test_money_axis_names_any_other_currency() -> None:
    axis = money_axis("EUR", "a month")
    assert (axis["tickprefix"], axis["tickformat"]) == ("EUR ", ",~s")
    assert axis["title"] == {"text": "a month"}
