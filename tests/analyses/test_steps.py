"""Work in steps gives the result that it would give at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from prismlib.analyses.steps import Steps, finished


def summed(numbers: Iterator[int], seen: list[int]) -> Steps[int]:
    for number in numbers:
        seen.append(number)
        yield
    return sum(seen)


def outer(seen: list[int]) -> Steps[str]:
    total = yield from summed(iter((1, 2, 4)), seen)
    return f"{total} in all"


def test_each_step_does_a_part_and_the_last_gives_the_result() -> None:
    seen: list[int] = []
    steps = outer(seen)
    next(steps)
    assert seen == [1]
    assert finished(steps) == "7 in all"
    assert seen == [1, 2, 4]


def test_what_a_step_raises_is_raised() -> None:
    def failing() -> Steps[None]:
        yield
        raise KeyError("cost")

    with pytest.raises(KeyError, match="cost"):
        finished(failing())
