from __future__ import annotations

from prismlib.charts.drawing import Drawing
from prismlib.charts.theme import money_axis, rows_height, styled


def test_money_axis_puts_the_sign_before_a_dollar() -> None:
    axis = money_axis("USD", "")
    assert (axis["tickprefix"], axis["tickformat"]) == ("", "$,~s")  # "−$20k", not "$−20k"
    assert axis["title"] == {}


def test_money_axis_names_any_other_currency() -> None:
    axis = money_axis("EUR", "a month")
    assert (axis["tickprefix"], axis["tickformat"]) == ("EUR ", ",~s")
    assert axis["title"] == {"text": "a month"}


def test_rows_are_as_high_as_the_longest_label_needs() -> None:
    # 3 lines of 17 px and 6 px around them are 57; two rows of that
    assert rows_height(["one", "a<br>b<br>c"], 46) == 2 * 57
    assert rows_height(["one", "a<br>b"], 46) == 2 * 46
    assert rows_height([], 46) == 46


def test_the_title_of_an_axis_is_no_larger_than_its_labels() -> None:
    figure = Drawing().update_xaxes(title={"text": "hours"}).update_yaxes(title={})
    drawn = styled(figure, "t", height=300).figure()
    assert drawn.layout.xaxis.title.font.size < drawn.layout.font.size
    assert drawn.layout.yaxis.title.font.size is None  # a title that is not there takes no room
