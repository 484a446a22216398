"""Long work in steps, so that whoever waits for something else need not wait for all of it."""

from __future__ import annotations

from collections.abc import Generator
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
