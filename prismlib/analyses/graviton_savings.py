"""What moving to Graviton would save, when, and with what chance of costing more.

Method, in order:

1. bring what runs to lines of what is alike (`graviton_lines`), each with its commitment;
2. judge each line by the published rules (`graviton_rules`) and choose its target in every
   generation, with as many vCPUs and as much memory (`graviton_targets`);
3. price both sides like for like (`graviton_rates`). That is the first answer: **price only**, the
   same number of instances, the sum over the lines that can move;
4. divide by measured performance (`price_performance`, `fleet_saving`). That is the second answer:
   **for the same work**, with an interval and the chance of a loss. The two are never added;
5. place the saving in time (`migration_timeline`), counting on the lower of the two answers of each
   line: a gain in performance is a saving only once somebody takes instances away, a loss comes by
   itself. A line that would lose stays.

Known limits. A line of which a price is missing is in no total, and is named. Prices are list
prices of one day, in US dollars.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any

import pandas as pd

from prismlib.analyses.fleet_saving import FleetSaving, fleet_saving
from prismlib.analyses.graviton_inputs import GravitonInputs, GravitonSettings
from prismlib.analyses.graviton_lines import no_lines
from prismlib.analyses.graviton_options import CURRENCY, priced_lines
from prismlib.analyses.graviton_rates import ON_DEMAND
from prismlib.analyses.graviton_targets import GENERATIONS
from prismlib.analyses.migration_timeline import MigrationTimeline, migration_timeline
from prismlib.analyses.price_performance import performance_changes
from prismlib.analyses.stated import Stated
from prismlib.money import sum_known
from prismlib.result_tables.graviton import (
    GRAVITON_LINE,
    GRAVITON_OPTION,
    INSTANCE_PAIR,
    MIGRATION_LINE,
    WORK_LINE,
)
from prismlib.tables import make

Row = dict[str, Any]


@dataclass(frozen=True)
class KnownSum:
    """The sum over the lines that are known; None when none is. The others are named."""

    saving: Decimal | None
    current_cost: Decimal | None
    unknown_lines: tuple[str, ...]

    @classmethod
    def of(cls, options: Sequence[Row]) -> KnownSum:
        """Return the sum of the savings of GRAVITON_OPTION rows."""
        known = [row for row in options if row["monthly_saving"] is not None]
        return cls(
            sum_known(row["monthly_saving"] for row in known),
            sum_known(row["current_cost"] for row in known),
            tuple(row["line_name"] for row in options if row["monthly_saving"] is None),
        )


@dataclass(frozen=True)
class GravitonAnswers:
    """Both answers, not yet placed in time; tables are those of `prismlib.result_tables.graviton`.

    `options` has every line that can move in every generation, `chosen` those of the generation
    asked for. `price_only` is their sum, and `by_generation` that of each generation. `changes` are
    the PRICE_PERFORMANCE of the chosen pairs on every workload, `work` the saving for the same
    work. `planned` is what each line that should move saves a month, `migration` the MIGRATION_LINE
    of those; `staying` says why others stay. `running` is the price-only saving of the instances
    that run, where a document pays for more of them. `no_lines` says why there is nothing to count,
    "" where there is.
    """

    generation: str
    lines: pd.DataFrame
    options: pd.DataFrame
    chosen: pd.DataFrame
    price_only: KnownSum
    running: KnownSum | None
    by_generation: dict[str, KnownSum]
    changes: pd.DataFrame
    work: FleetSaving
    planned: dict[str, Decimal]
    migration: pd.DataFrame
    staying: dict[str, str]
    stated: Stated
    no_lines: str


@dataclass(frozen=True)
class GravitonResults(GravitonAnswers):
    """Everything the notebook shows.

    `wait` keeps each line until its commitment ends, `move_now` does not. `planned_saving` is what
    the lines that move on a known day save a month, `undated_saving` what those save whose
    commitment has no known end.
    """

    planned_saving: Decimal | None
    undated_saving: Decimal | None
    wait: MigrationTimeline
    move_now: MigrationTimeline


def analyse_graviton(inputs: GravitonInputs, settings: GravitonSettings) -> GravitonResults:
    """Answer the question of this module.

    Raises
    ------
    SchemaError
        A table is not what it should be.
    """
    return placed_in_time(both_answers(inputs, settings), settings)


def placed_in_time(answers: GravitonAnswers, settings: GravitonSettings) -> GravitonResults:
    """Return the results: the answers, and when they come by the plan and the efforts."""
    wait, move_now = (
        _timeline(answers.migration, settings, waits=waits) for waits in (True, False)
    )
    counted: dict[str, Any] = {f.name: getattr(answers, f.name) for f in fields(GravitonAnswers)}
    placed: dict[str, Any] = _by_date(answers.planned, wait.unknown_lines)
    return GravitonResults(**counted, **placed, wait=wait, move_now=move_now)


def both_answers(inputs: GravitonInputs, settings: GravitonSettings) -> GravitonAnswers:
    """Return what a move saves by price and for the same work; plan and efforts are not read."""
    rows, movable, options = priced_lines(inputs, settings)
    chosen = [row for row in options if row["graviton_generation"] == settings.generation]
    changes = _changes(chosen, inputs, settings)
    work_lines = make(WORK_LINE, [_work_line(row, movable) for row in chosen])
    work = fleet_saving(work_lines, changes, simulation=settings.simulation)
    planned, staying = _planned(chosen, work)
    return GravitonAnswers(
        generation=settings.generation,
        lines=make(GRAVITON_LINE, _only(rows, GRAVITON_LINE.fields)),
        options=make(GRAVITON_OPTION, options),
        chosen=make(GRAVITON_OPTION, chosen),
        price_only=KnownSum.of(chosen),
        running=_running(inputs, settings),
        by_generation={
            name: KnownSum.of([row for row in options if row["graviton_generation"] == name])
            for name in GENERATIONS
        },
        changes=changes,
        work=work,
        planned=planned,
        migration=make(MIGRATION_LINE, _migration_lines(movable, chosen, planned)),
        staying=staying,
        stated=Stated.of(inputs.claim),
        no_lines="" if rows else no_lines(inputs),
    )


def _running(inputs: GravitonInputs, settings: GravitonSettings) -> KnownSum | None:
    """Return the saving of the instances that run, if a document counts others."""
    fleet = inputs.fleet
    if fleet is None or settings.fleet_count == "deployed":
        return None
    if list(fleet["expected_count"]) == list(fleet["deployed_count"]):
        return None
    return price_only(inputs, replace(settings, fleet_count="deployed"))


def price_only(inputs: GravitonInputs, settings: GravitonSettings) -> KnownSum:
    """Return the price-only saving of the generation asked for: the first answer by itself."""
    _, _, options = priced_lines(inputs, settings)
    return KnownSum.of([r for r in options if r["graviton_generation"] == settings.generation])


def _only(rows: Sequence[Row], fields: Sequence[str]) -> list[Row]:
    return [{name: row[name] for name in fields if name in row} for row in rows]


def _changes(
    chosen: Sequence[Row], inputs: GravitonInputs, settings: GravitonSettings
) -> pd.DataFrame:
    pairs: dict[tuple[str, ...], Row] = {}
    for row in chosen:
        if row["target_type"]:
            pairs.setdefault(tuple(row[name] for name in INSTANCE_PAIR.key), row)
    return performance_changes(
        make(INSTANCE_PAIR, _only(list(pairs.values()), INSTANCE_PAIR.fields)),
        inputs.reference.runs,
        list(inputs.reference.workload["workload"]),
        scope=settings.scope_name,
        simulation=settings.simulation,
    )


def _work_line(option: Row, movable: Sequence[Row]) -> Row:
    line = next(row for row in movable if row["line_name"] == option["line_name"])
    known = {name: option[name] for name in WORK_LINE.fields if name in option}
    return known | {"workload": line["workload"], "sized_by": line["sized_by"]}


def _planned(chosen: Sequence[Row], work: FleetSaving) -> tuple[dict[str, Decimal], dict[str, str]]:
    """Return what each line that should move saves a month, and why the others stay."""
    by_work = dict(zip(work.lines["line_name"], work.lines["work_saving"], strict=True))
    planned, staying = {}, {}
    for row in chosen:
        name, price, same_work = row["line_name"], row["monthly_saving"], by_work[row["line_name"]]
        if price is None:
            staying[name] = "a rate is not known" if row["target_type"] else row["note"]
        elif price <= 0:
            staying[name] = "the target costs as much or more"
        elif same_work is not None and same_work <= 0:
            staying[name] = "cheaper by the hour, dearer for the work"
        else:
            planned[name] = price if same_work is None else min(price, same_work)
    return planned, staying


def _timeline(
    migration: pd.DataFrame, settings: GravitonSettings, *, waits: bool
) -> MigrationTimeline:
    plan = replace(settings.plan, waits_for_commitments=waits)
    return migration_timeline(migration, settings.efforts, plan)


def _by_date(planned: dict[str, Decimal], undated: Sequence[str]) -> dict[str, Decimal | None]:
    dated = (v for name, v in planned.items() if name not in undated)
    return {
        "planned_saving": sum_known(dated),
        "undated_saving": sum_known(planned[name] for name in undated),
    }


def _migration_lines(
    movable: Sequence[Row], chosen: Sequence[Row], planned: dict[str, Decimal]
) -> list[Row]:
    """Return the lines that should move; what a commitment costs is that of its hours."""
    after = {row["line_name"]: row["target_monthly_cost"] for row in chosen}
    return [
        {
            "line_name": row["line_name"],
            "commitment": row["commitment"],
            "commitment_end": row["commitment_end"],
            "commitment_usd_per_hour": None
            if row["commitment"] == ON_DEMAND
            else row["instance_count"] * row["source_usd_per_hour"],
            "monthly_saving": planned[row["line_name"]],
            "target_monthly_cost": after[row["line_name"]],
            "billing_currency": CURRENCY,
        }
        for row in movable
        if row["line_name"] in planned
    ]
