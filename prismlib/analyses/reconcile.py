"""Does a claimed total equal its parts, and if not, which lines explain the difference?

Method. The residual is the sum of the parts minus the claim. A positive residual means that the
claim left something out, a negative one that it counted something twice. The search looks for the
fewest lines whose amounts add up to the residual exactly. If none do, the single line that covers
most of the residual is named and the rest is reported as unexplained: two or three lines that
merely come close are no explanation, since with enough lines something always comes close.

Known limits. A residual can match by chance; `Explanation.alternatives` lists every smallest match
and `Explanation.combinations` how many were tried, so the reader can judge. Transposed digits and
mistakes of rate are not searched for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from prismlib.money import exact_sum

MAX_LINES = 3
"""Explanations with more lines than this match by chance too easily to be worth printing."""

MANY_PARTS = 60
"""With more parts, only single lines are looked at: pairs and triples would match by chance."""

MIN_COVERED = Decimal("0.5")
"""A single line is named as partial explanation if it covers at least this share."""


@dataclass(frozen=True)
class Part:
    """A named amount that a total should hold."""

    name: str
    amount: Decimal


@dataclass(frozen=True)
class Explanation:
    """What a residual is made of.

    Parameters
    ----------
    residual : Decimal
        Sum of the parts - claim.
    lines : tuple of Part
        The lines that explain it, empty when none does.
    unexplained : Decimal
        What the lines leave: 0 for an exact explanation.
    alternatives : tuple of tuple of Part
        Every smallest exact match, `lines` first.
    combinations : int
        How many combinations were tried.
    """

    residual: Decimal
    lines: tuple[Part, ...]
    unexplained: Decimal
    alternatives: tuple[tuple[Part, ...], ...]
    combinations: int

    @property
    def is_exact(self) -> bool:
        """Return whether the claim holds or its residual is explained to the last digit."""
        return self.unexplained == 0


def reconcile_total(
    claimed: Decimal, parts: Sequence[Part], *, max_lines: int = MAX_LINES
) -> Explanation:
    """Explain the difference between a claimed total and the sum of its parts.

    Parameters
    ----------
    claimed : Decimal
    parts : sequence of Part
        Every line the total should hold, in the claim's currency.
    max_lines : int
        The largest explanation that is searched for.
    """
    residual = exact_sum(part.amount for part in parts) - claimed
    if residual == 0:
        return Explanation(residual, (), Decimal(0), (), 0)
    sign = 1 if residual > 0 else -1
    tried = 0
    if len(parts) > MANY_PARTS:
        max_lines = min(max_lines, 1)
    for size in range(1, min(max_lines, len(parts)) + 1):
        groups = list(combinations(parts, size))
        tried += len(groups)
        exact = [g for g in groups if sign * exact_sum(p.amount for p in g) == residual]
        if exact:
            return Explanation(residual, exact[0], Decimal(0), tuple(exact), tried)
    return _closest_line(residual, sign, parts, tried)


def _closest_line(residual: Decimal, sign: int, parts: Sequence[Part], tried: int) -> Explanation:
    if parts:
        best = min(parts, key=lambda part: abs(residual - sign * part.amount))
        left = residual - sign * best.amount
        if abs(left) <= (1 - MIN_COVERED) * abs(residual):
            return Explanation(residual, (best,), left, ((best,),), tried)
    return Explanation(residual, (), residual, (), tried)
