"""Go or no-go: what follows whatever the unknowns turn out to be, and what would flip it.

Method. A criterion is pass, warn, fail or unknown. What is unknown may turn out to be any band that
its value still allows; all ways in which the unknowns may turn out are tried. GO is given only if
each of them is GO; else it is NO-GO, and it is certain when each of them is NO-GO, or for lack of
evidence when some would be GO. A state for which the rules give no decision, or two, is no GO. A
veto criterion must pass whatever the rules say. A waiver of a criterion that is no veto lets it
count as passed; it is named beside the decision.

What flips it: every set of criteria is tried, smallest first. A set is minimal when turning all of
it flips the decision and turning any part of it does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, product
from math import prod

from prismlib.analyses.launch_rules import (
    GO,
    NO_GO,
    PASS,
    Criterion,
    RuleSet,
)

UNKNOWN = "unknown"
MOST_CRITERIA = 20
"""Of more, only sets of `MOST_OF_MANY` are tried."""
MOST_OF_MANY = 3
MOST_WAYS = 20_000
"""Of more ways in which the unknowns may turn out, it is not counted how many are GO."""


@dataclass(frozen=True)
class Standing:
    """How a criterion stands: the bands that it may be in, one when it is known.

    `reasons` say why it is unknown or what spoils a pass. A waived criterion counts as passed.
    """

    criterion: Criterion
    bands: tuple[str, ...]
    reasons: tuple[str, ...] = ()
    is_waived: bool = False

    @property
    def criterion_id(self) -> str:
        """Return the id of the criterion."""
        return self.criterion.criterion_id

    @property
    def band(self) -> str:
        """Return the band, ``unknown`` when there is more than one."""
        return self.bands[0] if len(self.bands) == 1 else UNKNOWN

    @property
    def is_passed(self) -> bool:
        """Return whether it is known to pass."""
        return self.band == PASS

    @property
    def counted_bands(self) -> tuple[str, ...]:
        """Return the bands that the rules are asked about."""
        return (PASS,) if self.is_waived and not self.criterion.row["is_veto"] else self.bands


@dataclass(frozen=True)
class Gate:
    """The decision.

    Attributes
    ----------
    decision : str
        GO or NO-GO, always one of them.
    is_certain : bool
        Whether it is the same however the unknowns turn out.
    ways : int
        In how many ways the unknowns may turn out.
    go_ways : int or None
        In how many of them it is GO; None if there are too many to try them all.
    standings : tuple of Standing
    rules : RuleSet
    """

    decision: str
    is_certain: bool
    ways: int
    go_ways: int | None
    standings: tuple[Standing, ...]
    rules: RuleSet

    def of_band(self, band: str) -> list[Standing]:
        """Return the criteria in a band, ``unknown`` among them."""
        return [one for one in self.standings if one.band == band]

    @property
    def waived(self) -> list[Standing]:
        """Return the criteria that count as passed because somebody accepts the risk."""
        return [one for one in self.standings if one.counted_bands == (PASS,) and not one.is_passed]


def decide(rules: RuleSet, standings: Sequence[Standing]) -> Gate:
    """Return the decision on criteria that may be unknown."""
    ways = prod(len(one.counted_bands) for one in standings)
    is_go = bool(standings) and _is_always_go(rules, standings)
    is_out = any(one.criterion.row["is_veto"] and PASS not in one.bands for one in standings)
    go_ways = ways if is_go else 0 if is_out else None
    if go_ways is None and ways <= MOST_WAYS:
        go_ways = sum(_is_go(rules, standings, bands) for bands in _ways(standings))
    return Gate(
        decision=GO if is_go else NO_GO,
        is_certain=go_ways in (0, ways),
        ways=ways,
        go_ways=go_ways,
        standings=tuple(standings),
        rules=rules,
    )


def _is_always_go(rules: RuleSet, standings: Sequence[Standing]) -> bool:
    """Return whether it is GO however the unknowns turn out.

    What no rule asks for and is no veto may turn out as it likes, and is not tried.
    """
    ways = (
        one.counted_bands[::-1]
        if one.criterion_id in rules.named or one.criterion.row["is_veto"]
        else one.counted_bands[:1]
        for one in standings
    )
    return all(_is_go(rules, standings, bands) for bands in product(*ways))


def _ways(standings: Sequence[Standing]) -> Iterator[tuple[str, ...]]:
    """Yield the ways in which the unknowns may turn out, the worst first: it ends most searches."""
    yield from product(*(one.counted_bands[::-1] for one in standings))


def _is_go(rules: RuleSet, standings: Sequence[Standing], bands: Sequence[str]) -> bool:
    state = {one.criterion_id: band for one, band in zip(standings, bands, strict=True)}
    if any(one.criterion.row["is_veto"] and state[one.criterion_id] != PASS for one in standings):
        return False
    return rules.decide(state) == GO


def corrections(gate: Gate) -> tuple[tuple[str, ...], ...]:
    """Return the minimal sets of criteria that make it GO once they all pass; () when it is GO."""
    if gate.decision == GO:
        return ()
    open_ones = [one for one in gate.standings if one.counted_bands != (PASS,)]
    vetoes = [one.criterion_id for one in open_ones if one.criterion.row["is_veto"]]
    others = [one.criterion_id for one in open_ones if one.criterion_id in gate.rules.named]
    others = [name for name in others if name not in vetoes]

    def is_go(chosen: Sequence[str]) -> bool:
        return _is_always_go(gate.rules, _passing(gate, [*vetoes, *chosen]))

    order = [one.criterion_id for one in open_ones]
    found = _minimal(others, is_go, least=0 if vetoes else 1)
    return tuple(tuple(sorted((*vetoes, *one), key=order.index)) for one in found)


def reversals(gate: Gate) -> tuple[tuple[str, ...], ...]:
    """Return the minimal sets of criteria that end a GO once they are not known to pass.

    Of a NO-GO, it is those that would end the GO that the corrections lead to.
    """
    waived = {one.criterion_id for one in gate.waived}
    ids = [one.criterion_id for one in gate.standings]
    reached = gate.standings if gate.decision == GO else _passing(gate, ids)
    if not _is_always_go(gate.rules, reached):
        return ()

    def ends(chosen: Sequence[str]) -> bool:
        standings = [
            Standing(one.criterion, one.criterion.bands) if one.criterion_id in chosen else one
            for one in reached
        ]
        return not _is_always_go(gate.rules, standings)

    asked = [name for name in ids if name in gate.rules.named or name in _vetoes(gate)]
    return _minimal([name for name in asked if name not in waived], ends)


def _vetoes(gate: Gate) -> set[str]:
    return {one.criterion_id for one in gate.standings if one.criterion.row["is_veto"]}


def _passing(gate: Gate, chosen: Sequence[str]) -> tuple[Standing, ...]:
    """Return the criteria with some of them known to pass."""
    return tuple(
        Standing(one.criterion, (PASS,)) if one.criterion_id in chosen else one
        for one in gate.standings
    )


def _minimal(
    ids: Sequence[str], flips: Callable[[Sequence[str]], bool], *, least: int = 1
) -> tuple[tuple[str, ...], ...]:
    """Return the minimal sets of `ids`, of `least` at least, for which `flips` is true.

    The smallest come first. Of many criteria only sets of a few are tried.
    """
    most = len(ids) if len(ids) <= MOST_CRITERIA else MOST_OF_MANY
    found: list[tuple[str, ...]] = []
    for size in range(least, most + 1):
        for chosen in combinations(ids, size):
            if any(set(one) <= set(chosen) for one in found):
                continue
            if flips(chosen):
                found.append(chosen)
    return tuple(found)


def met_pct(standings: Sequence[Standing]) -> Decimal | None:
    """Return the weighted share of the criteria that pass. It is shown; it decides nothing. [%]"""
    weights = [one.criterion.row["weight"] for one in standings]
    known = [weight for weight in weights if weight is not None]
    if len(known) < len(weights) or not sum(known):
        return None
    met = sum(
        (w for w, one in zip(known, standings, strict=True) if one.is_passed), start=Decimal(0)
    )
    return met / sum(known, start=Decimal(0)) * 100
