"""Which component of the system each charge belongs to.

Rules are data (COMPONENT_RULE): patterns on service, usage type or description, tag, account and
charge kind. The first rule whose every given pattern matches wins. A charge that no rule matches
goes to the component `UNMAPPED`, which is printed like any other: nothing is dropped.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pandas as pd

from prismlib.analyses.patterns import rule_pattern
from prismlib.money import exact_sum
from prismlib.tables import COMPONENT_RULE, COST, aggregate, check, records

UNMAPPED = "Unmapped"

_MATCHED_ON = (
    "service_name",
    "usage_type",
    "charge_description",
    "tags",
    "sub_account_id",
    "charge_kind",
)


def assign_components(cost: pd.DataFrame, rules: pd.DataFrame) -> pd.DataFrame:
    """Return `cost` with a further column ``component``; no row is added, lost or changed.

    Parameters
    ----------
    cost : COST
    rules : COMPONENT_RULE

    Raises
    ------
    SchemaError
        A pattern of a rule is not a regular expression.
    """
    check(cost, COST)
    matchers = compile_rules(rules)
    known: dict[tuple[str, ...], str] = {}
    components = []
    for values in cost[list(_MATCHED_ON)].itertuples(index=False, name=None):
        if values not in known:
            charge = dict(zip(_MATCHED_ON, values, strict=True))
            matches = (component for component, is_match in matchers if is_match(charge))
            known[values] = next(matches, UNMAPPED)
        components.append(known[values])
    return cost.assign(component=pd.Series(components, index=cost.index, dtype=object))


def compile_rules(rules: pd.DataFrame) -> list[tuple[str, Callable[[dict[str, Any]], bool]]]:
    """Return (component, predicate on a charge) for each rule, by priority."""
    check(rules, COMPONENT_RULE)
    return [
        (str(rule["component"]), _predicate(rule))
        for rule in records(rules.sort_values("priority"))
    ]


def _predicate(rule: dict[str, Any]) -> Callable[[dict[str, Any]], bool]:
    name = COMPONENT_RULE.name
    service = rule_pattern(rule, "service_pattern", name)
    usage = rule_pattern(rule, "usage_type_pattern", name)
    tag = rule_pattern(rule, "tag_pattern", name)
    account = rule_pattern(rule, "account_pattern", name)
    kinds = set(filter(None, rule["charge_kinds"].split("|")))

    def is_match(charge: dict[str, Any]) -> bool:
        what = charge["usage_type"] or charge["charge_description"]
        return (
            (not kinds or charge["charge_kind"] in kinds)
            and (service is None or bool(service.fullmatch(charge["service_name"])))
            and (usage is None or bool(usage.fullmatch(what)))
            and (account is None or bool(account.fullmatch(charge["sub_account_id"])))
            and (tag is None or bool(tag.fullmatch(_tag(charge["tags"], rule["tag_key"]))))
        )

    return is_match


def _tag(tags: str, key: str) -> str:
    """Return the value of a tag; a missing tag is the empty text."""
    return str(json.loads(tags or "{}").get(key, "")) if key else ""


def cost_by(cost: pd.DataFrame, metric: str, by: tuple[str, ...] = ("component",)) -> pd.DataFrame:
    """Return the exact cost of each distinct `by`, largest first, as columns `by` and ``cost``.

    Rows whose `metric` is missing do not take part: see `missing_cost_rows`.
    """
    known = cost[cost[metric].notna()].rename(columns={metric: "cost"})
    grouped = aggregate(known, by, {"cost": exact_sum})
    return grouped.sort_values("cost", ascending=False, kind="stable", ignore_index=True)


def missing_cost_rows(cost: pd.DataFrame, metric: str) -> int:
    """Return how many charges carry no amount in `metric`."""
    return int(cost[metric].isna().sum())


def total_cost(cost: pd.DataFrame, metric: str) -> Decimal:
    """Return the exact total of the charges that carry `metric`."""
    return exact_sum(cost[metric].dropna())
