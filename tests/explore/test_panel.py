"""A panel goes on whatever is raised under it, and says what it was."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from prismlib.errors import ParameterError
from prismlib.explore import parts
from prismlib.explore.controls import Choice, Slider
from prismlib.explore.panel import Panel, View

NAME = "cost_variance"


class Told(list[dict[str, Any]]):
    """What a panel tells its screen."""

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [message for message in self if message["kind"] == kind]


def panel_of(compute: Any, **options: Any) -> tuple[Panel, Told]:
    controls = [
        Slider("tolerance_pct", "Tolerated", 10, 0, 100),
        Choice("grouping", "Split by", "component", {"component": "c", "service": "s"}),
    ]
    panel, told = Panel(NAME, {}, controls, compute, **options), Told()
    panel.screen.send = lambda message, buffers=None: told.append(message)  # type: ignore[method-assign]
    return panel, told


def words(text: str, slot: str = "said") -> Any:
    return lambda: parts.text(text, id=slot)


def fail(error: Exception) -> Any:
    raise error


LOW, HIGH = "tolerance_pct", "limit_pct"


@pytest.mark.parametrize(
    ("moved", "stand"),
    [
        ({LOW: 30}, (30, 30)),
        ({LOW: 31}, (31, 35)),  # steps of 5: 35 is the first that is not below 31
        ({HIGH: 5}, (5, 5)),
        ({HIGH: 0}, (10, 0)),  # "none" is no number: nothing is past it
        ({LOW: 70}, (60, 60)),  # the upper one ends at 60, so the lower one stops there too
        ({LOW: 40, HIGH: 30}, (40, 40)),
        ({LOW: 20, HIGH: 30}, (20, 30)),
    ],
)
def test_a_slider_that_is_moved_past_another_takes_it_along(
    moved: dict[str, int], stand: tuple[int, int]
) -> None:
    controls = [
        Slider(LOW, "Tolerated", 10, 0, 100, not_above=HIGH),
        Slider(HIGH, "Limit", 20, 0, 60, 5, zero="none"),
    ]
    panel = Panel(NAME, {}, controls, lambda values: View([words(str(values))]))
    panel.move(**moved)
    assert (panel.values[LOW], panel.values[HIGH]) == stand
    assert all(isinstance(value, int) for value in panel.values.values())
    panel.move(**{HIGH: 20})  # each is reset on its own
    assert panel.values == {LOW: min(stand[0], 20), HIGH: 20}
    panel.move(**{LOW: 10})
    assert panel.values == {LOW: 10, HIGH: 20}


def test_a_defect_is_named_as_one_and_the_next_change_is_drawn(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def compute(values: Any) -> View:
        return View([words(str(1 / values["tolerance_pct"]))], [words("rest", "rest")])

    panel, told = panel_of(compute)
    with caplog.at_level(logging.ERROR):
        panel.move(tolerance_pct=0)
    (drawn,) = told.of("drawn")
    assert drawn["error"] == (
        "could not be computed: ZeroDivisionError: division by zero, this is a defect"
    )
    assert drawn["commands"] == {}
    assert told[-1]["kind"] == "settled"
    assert "ZeroDivisionError" in caplog.text
    panel.move(tolerance_pct=4)
    assert told.of("drawn")[-1]["error"] == ""
    assert panel.parts["said"].data["html"] == "<p>0.25</p>"
    assert "rest" in panel.parts
    assert [message["sequence"] for message in told.of("settled")] == [1, 2]


def test_an_error_of_ours_reads_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    error = ParameterError("period", "2025", expected="a month")
    panel, told = panel_of(lambda values: fail(error))
    panel.move()
    assert told.of("drawn")[0]["error"] == str(error)
    assert caplog.text == ""


def test_a_fold_that_fails_does_not_end_the_panel() -> None:
    def fold(values: Any) -> Any:
        return {"tolerance_pct": 100 // values["tolerance_pct"]}

    panel, told = panel_of(lambda values: View([words(str(values))]), fold=fold)
    panel.move(tolerance_pct=0)
    assert "ZeroDivisionError" in told.of("drawn")[0]["error"]
    panel.move(tolerance_pct=20)
    assert panel.parts["said"].data["html"] == "<p>{&#x27;tolerance_pct&#x27;: 5}</p>"


@pytest.mark.parametrize("value", ["much", None])
def test_a_value_of_another_type_leaves_the_control_as_it_was(value: Any) -> None:
    panel, told = panel_of(lambda values: View([words("fine")]))
    panel._on_message(
        None, {"kind": "input", "sequence": 7, "values": {"tolerance_pct": value}}, None
    )
    (drawn,) = told.of("drawn")
    assert (drawn["sequence"], drawn["values"]["tolerance_pct"]) == (7, 10)
    assert "this is a defect" in drawn["error"]


def test_a_later_piece_that_fails_takes_those_after_it_along() -> None:
    def compute(values: Any) -> View:
        is_odd = values["tolerance_pct"] % 2 == 1
        middle = (lambda: fail(KeyError("cost"))) if is_odd else words("middle", "middle")
        return View([words("first")], [words("one", "one"), middle, words("last", "last")])

    panel, told = panel_of(compute)
    panel.move(tolerance_pct=3)
    assert told.of("drawn")[0]["error"] == ""
    assert told.of("failed")[0]["error"] == (
        "could not be computed: KeyError: 'cost', this is a defect"
    )
    assert told.of("settled")[0]["order"] == ["said", "one"]
    panel.move(tolerance_pct=4)
    assert told.of("settled")[-1]["order"] == ["said", "one", "middle", "last"]


def test_a_control_clears_those_that_mean_nothing_under_another_choice() -> None:
    panel = Panel(
        NAME,
        {},
        [
            Choice("grouping", "Split by", "a", {"a": "a", "b": "b"}, clears=("baseline",)),
            Choice("baseline", "Baseline", "x", {"x": "x", "": "none"}),
        ],
        lambda values: View([]),
    )
    panel.move(grouping="b")
    assert panel.values == {"grouping": "b", "baseline": ""}
    panel.move(grouping="a", baseline="x")
    assert panel.values == {"grouping": "a", "baseline": "x"}


def test_a_piece_that_works_in_steps_leaves_room_between_them_and_may_fail(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("prismlib.explore.panel.SLICE_S", 0)
    done: list[int] = []

    def whole() -> Any:
        for number in range(3):
            done.append(number)
            yield
        if panel.values["tolerance_pct"] == 13:
            raise KeyError("cost")

    panel, told = panel_of(lambda values: View([words("first")], [whole, words("last", "last")]))
    panel.change({"tolerance_pct": 3})
    assert panel._draw_piece() and not done  # the piece itself, which has begun nothing
    assert panel._draw_piece() and done == [0]
    panel.change({"tolerance_pct": 4})  # what is left of it is not done
    assert done == [0]
    panel.settle()
    assert done == [0, 0, 1, 2]
    assert told.of("settled")[-1]["order"] == ["said", "last"]
    panel.move(tolerance_pct=13)
    assert "KeyError: 'cost'" in told.of("failed")[-1]["error"]
    assert told.of("settled")[-1]["order"] == ["said"]
