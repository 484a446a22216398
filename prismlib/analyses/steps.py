"""Long work in steps, so that whoever waits for something else need not wait for all of it."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import TypeVar

T = TypeVar("T")
Steps = Generator[None, None, T]
"""Work that pauses at each ``yield``, and returns its result at its end."""


def finished(steps: Steps[T]) -> T:
    """Return the result of work, all of it done now."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: T = end.value
            return result


def gathered(groups: Iterable[Iterable[T]]) -> Steps[list[T]]:
    """Return the members of all groups, in a step each."""
    found = []
    for group in groups:
        for one in group:
            found.append(one)
            yield
        yield
    return found
