"""Rules that decide, and whether they always do: every state of the criteria, tried.

Method. A criterion is in one of its bands. A rule of a set holds when all, or any, of its
conditions hold; ``otherwise`` holds when no other rule of the set does. A set is complete when in
every combination of bands exactly one decision follows. All combinations are tried, so what is
found is exact: states without a decision, states with two, and states in which two sets disagree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, islice, product
from math import prod
from typing import Any

import pandas as pd

from prismlib.analyses.launch_evidence import names
from prismlib.errors import ParameterError
from prismlib.readiness_tables import BANDS_OF_CRITERIA, CRITERION, DECISION_RULE
from prismlib.tables import check, records

PASS, WARN, FAIL = BANDS_OF_CRITERIA
GO, NO_GO = "GO", "NO-GO"
UNDEFINED, CONFLICT = "undefined", "two decisions"
MOST_STATES = 600_000
"""More are not tried one by one: a set of rules is then not known to be complete."""
EXAMPLES = 5
FALLING = ("at most", "less than")
"""Comparisons in which a smaller value is better."""


@dataclass(frozen=True)
class Criterion:
    """A row of CRITERION."""

    row: Mapping[str, Any]

    @property
    def criterion_id(self) -> str:
        """Return its id."""
        return str(self.row["criterion_id"])

    @property
    def name(self) -> str:
        """Return its name in words."""
        return str(self.row["criterion_name"])

    @property
    def bands(self) -> tuple[str, ...]:
        """Return the bands that it can be in once it is known, best first.

        Between the two bounds is ``warn``. A criterion without a bound of NO-GO never fails: what
        does not pass only warns. One with both bounds at the same place has nothing between.
        """
        go, no_go = self.row["go_value"], self.row["no_go_value"]
        if no_go is None:
            return (PASS, WARN)
        if self.row["compared_as"] == "is" or (go == no_go and self._is_closed):
            return (PASS, FAIL)
        return (PASS, WARN, FAIL)

    @property
    def _is_closed(self) -> bool:
        return self.row["compared_as"] in ("at most", "at least")

    def band(self, value: Decimal) -> str:
        """Return the band of a value in the unit of the criterion."""
        go, no_go, compared_as = (
            self.row[name] for name in ("go_value", "no_go_value", "compared_as")
        )
        if go is not None and passes(value, compared_as, go):
            return PASS
        if no_go is None:
            return WARN
        if compared_as == "is":
            return FAIL
        is_over = value > no_go if compared_as in FALLING else value < no_go
        return FAIL if is_over or (go == no_go and self._is_closed) else WARN


def passes(value: Decimal, compared_as: str, bound: Decimal) -> bool:
    """Return whether a value stands to a bound as a compared_as says; see COMPARISONS."""
    found = {
        "at most": value <= bound,
        "less than": value < bound,
        "at least": value >= bound,
        "more than": value > bound,
        "is": value == bound,
    }
    if compared_as not in found:
        raise ParameterError("compared_as", compared_as, expected="one of " + ", ".join(found))
    return found[compared_as]


def criteria_of(frame: pd.DataFrame | None) -> tuple[Criterion, ...]:
    """Return the criteria of a CRITERION table; none for None."""
    rows = [] if frame is None else records(check(frame, CRITERION))
    return tuple(Criterion(row) for row in rows)


@dataclass(frozen=True)
class Rule:
    """A decision, and the bands of criteria that it asks for."""

    decision: str
    combine: str
    conditions: Mapping[str, tuple[str, ...]]

    def holds(self, bands: Mapping[str, str]) -> bool:
        """Return whether it holds in a state; a criterion that the state lacks never matches."""
        found = [bands.get(name) in wanted for name, wanted in self.conditions.items()]
        return any(found) if self.combine == "any" else all(found)


@dataclass(frozen=True)
class RuleSet:
    """The rules of a set, those that decide when no other does apart."""

    name: str
    rules: tuple[Rule, ...]
    otherwise: tuple[str, ...]
    source: str

    def decide(self, bands: Mapping[str, str]) -> str:
        """Return the decision of a state, UNDEFINED without one, CONFLICT with two."""
        found = {rule.decision for rule in self.rules if rule.holds(bands)}
        found = found or set(self.otherwise)
        if len(found) > 1:
            return CONFLICT
        return found.pop() if found else UNDEFINED

    @property
    def named(self) -> set[str]:
        """Return the criteria that a rule asks for."""
        return {name for rule in self.rules for name in rule.conditions}


def rule_sets_of(frame: pd.DataFrame | None) -> dict[str, RuleSet]:
    """Return the sets of rules of a DECISION_RULE table by name.

    Raises
    ------
    ParameterError
        A rule has rows that disagree on its decision, or an unknown way to combine.
    """
    rows = [] if frame is None else records(check(frame, DECISION_RULE))
    sets: dict[str, dict[int, list[dict[str, Any]]]] = {}
    for row in rows:
        sets.setdefault(row["rule_set"], {}).setdefault(row["priority"], []).append(row)
    return {name: _rule_set(name, rules) for name, rules in sets.items()}


def _rule_set(name: str, rules: Mapping[int, list[dict[str, Any]]]) -> RuleSet:
    found, otherwise = [], []
    for priority, rows in sorted(rules.items()):
        decisions = {(row["decision"], row["combine"]) for row in rows}
        if len(decisions) > 1 or rows[0]["combine"] not in ("all", "any", "otherwise"):
            raise ParameterError(
                f"rule {priority} of {name}",
                ", ".join(" ".join(one) for one in sorted(decisions)),
                expected="one decision, and one of all, any, otherwise",
            )
        if rows[0]["combine"] == "otherwise":
            otherwise.append(rows[0]["decision"])
            continue
        conditions = {row["criterion_id"]: names(row["bands_that_match"]) for row in rows}
        found.append(Rule(rows[0]["decision"], rows[0]["combine"], conditions))
    source = "; ".join(dict.fromkeys(row["source"] for rows in rules.values() for row in rows))
    return RuleSet(name, tuple(found), tuple(otherwise), source)


def count_states(criteria: Sequence[Criterion]) -> int:
    """Return how many combinations of bands the criteria have."""
    return prod(len(one.bands) for one in criteria)


def states_of(criteria: Sequence[Criterion]) -> Iterator[dict[str, str]]:
    """Yield every combination of the bands of criteria."""
    ids = [one.criterion_id for one in criteria]
    for bands in product(*(one.bands for one in criteria)):
        yield dict(zip(ids, bands, strict=True))


@dataclass(frozen=True)
class Lint:
    """What trying every state of a set of rules showed.

    `counts` is how many states have each decision; `examples` are the first states without exactly
    one; `left_out` are criteria that no rule names, `unknown` names that are no criterion;
    `vetoes` are veto criteria that do not pass in some state that is GO. Of more than `MOST_STATES`
    states nothing is tried, and `counts` is empty.
    """

    rule_set: str
    states: int
    counts: Mapping[str, int]
    examples: tuple[Mapping[str, str], ...]
    left_out: tuple[str, ...]
    unknown: tuple[str, ...]
    vetoes: tuple[str, ...]

    @property
    def is_tried(self) -> bool:
        """Return whether the states were tried."""
        return bool(self.counts)

    @property
    def is_complete(self) -> bool:
        """Return whether every state is known to have exactly one decision."""
        return self.is_tried and not self.counts.get(UNDEFINED) and not self.counts.get(CONFLICT)

    @property
    def is_clean(self) -> bool:
        """Return whether there is nothing to say of the set."""
        return self.is_complete and not (self.left_out or self.unknown or self.vetoes)


def lint(rules: RuleSet, criteria: Sequence[Criterion]) -> Lint:
    """Return what is wrong with a set of rules over all states of the criteria."""
    counts: dict[str, int] = {}
    broken, passed_over = [], set()
    ids = [one.criterion_id for one in criteria]
    vetoes = [one.criterion_id for one in criteria if one.row["is_veto"]]
    states = count_states(criteria)
    for state in states_of(criteria) if states <= MOST_STATES else ():
        decision = rules.decide(state)
        counts[decision] = counts.get(decision, 0) + 1
        if decision in (UNDEFINED, CONFLICT):
            broken.append(state)
        if decision == GO:
            passed_over |= {name for name in vetoes if state[name] != PASS}
    return Lint(
        rule_set=rules.name,
        states=states,
        counts=counts,
        examples=tuple(islice(broken, EXAMPLES)),
        left_out=tuple(name for name in ids if name not in rules.named),
        unknown=tuple(sorted(rules.named - set(ids))),
        vetoes=tuple(name for name in vetoes if name in passed_over),
    )


@dataclass(frozen=True)
class Disagreement:
    """Two sets of rules: in how many states they do not decide alike, and how in each case."""

    one: str
    other: str
    states: int
    pairs: Mapping[tuple[str, str], int]
    examples: Mapping[tuple[str, str], Mapping[str, str]]


def disagreement(one: RuleSet, other: RuleSet, criteria: Sequence[Criterion]) -> Disagreement:
    """Return where two sets of rules decide differently; no decision differs from any."""
    pairs: dict[tuple[str, str], int] = {}
    examples: dict[tuple[str, str], Mapping[str, str]] = {}
    for state in states_of(criteria):
        pair = (one.decide(state), other.decide(state))
        if pair[0] != pair[1]:
            pairs[pair] = pairs.get(pair, 0) + 1
            examples.setdefault(pair, state)
    return Disagreement(one.name, other.name, sum(pairs.values()), pairs, examples)


@dataclass(frozen=True)
class Tried:
    """What trying every state showed: of each set of rules, and of each two of them."""

    lints: dict[str, Lint]
    disagreements: tuple[Disagreement, ...]


def try_rules(sets: Mapping[str, RuleSet], criteria: Sequence[Criterion]) -> Tried:
    """Return what trying every state of the criteria shows of sets of rules.

    It follows from the bands that the criteria may be in, and not from any figure.
    """
    return Tried(
        lints={name: lint(rules, criteria) for name, rules in sets.items()},
        disagreements=tuple(
            disagreement(one, other, criteria)
            for one, other in combinations(sets.values(), 2)
            if count_states(criteria) <= MOST_STATES
        ),
    )
