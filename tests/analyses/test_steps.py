"""Work in steps gives the result that it would give at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from prismlib.analyses.steps import Steps, finished, gathered


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


def test_groups_are_gathered_one_member_a_step() -> None:
    done: list[str] = []

    def slow(*names: str) -> Iterator[str]:
        for name in names:
            done.append(name)
            yield name

    work = gathered([slow("a", "b"), slow(), ["c"]])
    next(work)
    assert done == ["a"]  # whoever waits has a turn before the next one is made
    next(work)
    assert done == ["a", "b"]
    # left: a pause after each of the three groups, and one after "c"
    assert sum(1 for _ in work) == 4
    assert finished(gathered([slow("a", "b"), slow(), ["c"]])) == ["a", "b", "c"]
