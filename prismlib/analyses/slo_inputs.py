"""What the analysis of benchmarks is given.

A setting of 0 takes what the snapshot says. What neither says stays unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

import pandas as pd

from prismlib import assignments
from prismlib.analyses.latency import Distribution
from prismlib.analyses.stated import Stated
from prismlib.dr_tables import PREREQUISITE
from prismlib.errors import ParameterError
from prismlib.parameters import validate_all
from prismlib.slo_tables import CLOSED, SLO, SLO_TABLES
from prismlib.tables import CLAIM, FLEET, Table, check, empty, records

BENCHMARK = "benchmark"
"""What the rows of PREREQUISITE that are about benchmarks name as their drill."""
TIMES = ("Seconds", "Milliseconds", "Microseconds")
"""Units of CloudWatch that a latency has."""
GIVEN: dict[str, Table] = {
    "claim": CLAIM,
    "fleet": FLEET,
    "prerequisite": PREREQUISITE,
    **SLO_TABLES,
}


@dataclass(frozen=True)
class Run:
    """A benchmark run: its parts (rows of BENCHMARK_RUN), and what they measured together."""

    run_id: str
    parts: tuple[dict[str, Any], ...]
    points: tuple[dict[str, Any], ...]
    buckets: tuple[dict[str, Any], ...]
    metrics: tuple[dict[str, Any], ...] = ()

    def one(self, name: str) -> Any:
        """Return the value of a column where all parts that have one agree, else None."""
        found = {part[name] for part in self.parts if part[name] not in (None, "")}
        return found.pop() if len(found) == 1 else None

    def each(self, name: str) -> list[Any] | None:
        """Return the values of a column of all parts; None if one of them does not say."""
        found = [part[name] for part in self.parts]
        return None if any(value in (None, "") for value in found) else found

    def told(self, name: str) -> list[Any]:
        """Return the values of a column of the parts that say."""
        return [part[name] for part in self.parts if part[name] not in (None, "")]

    def sum(self, name: str) -> Any:
        """Return the sum of a column over the parts; None if one of them does not say."""
        found = [part[name] for part in self.parts]
        return None if None in found else sum(found)

    @property
    def tier(self) -> str:
        """Return the part of the service that was measured; empty where it is not known."""
        return self.one("service_tier") or ""

    @property
    def day(self) -> date | None:
        """Return the day of the earliest part; None if a part has no time."""
        times = [part["observed_at"] for part in self.parts]
        return None if None in times else min(times).date()

    @property
    def nodes(self) -> int | None:
        """Return how many nodes were measured: as the run says, or as its parts name."""
        named = {part["node_id"] for part in self.parts if part["node_id"]}
        said = self.one("node_count")
        return int(said) if said is not None else len(named) or None

    @property
    def duration_s(self) -> Decimal | None:
        """Return how long the shortest part ran; None if a part does not say. [s]"""
        found = self.each("duration_s")
        return None if found is None else min(found)

    @property
    def load_model(self) -> str:
        """Return closed if any part is, open if all are; empty where it is not known."""
        models = [part["load_model"] for part in self.parts]
        return CLOSED if CLOSED in models else self.one("load_model") if all(models) else ""

    @property
    def resolution_ms(self) -> Decimal | None:
        """Return how finely the coarsest part records times; None where none says. [ms]"""
        return max(self.told("resolution_ms"), default=None)

    @property
    def clipped_ms(self) -> tuple[Decimal | None, Decimal | None]:
        """Return the range that every part records; None has no known end. [ms]"""
        return (
            max(self.told("clip_low_ms"), default=None),
            min(self.told("clip_high_ms"), default=None),
        )

    @property
    def without_times(self) -> tuple[str, ...]:
        """Return the files of the parts that gave no times, where others did.

        The times of the others are not those of the run: what is missing may be the slowest node.
        """
        timed = {row["node_id"] for row in self.buckets}
        parts = (part for part in self.parts if timed and part["node_id"] not in timed)
        return tuple(part["file_name"] or part["node_id"] for part in parts)

    @property
    def is_of_resources(self) -> bool:
        """Return whether it holds metrics of a machine alone: its processors, its network ..."""
        is_timed = self.points or self.buckets or any(row["unit"] in TIMES for row in self.metrics)
        return bool(self.metrics) and not is_timed

    @property
    def is_made_up(self) -> bool:
        """Return whether any part was made up."""
        return any(part["is_made_up"] for part in self.parts)

    @property
    def note(self) -> str:
        """Return what the reader of its files noted."""
        return "; ".join(dict.fromkeys(part["note"] for part in self.parts if part["note"]))

    @cached_property
    def distribution(self) -> Distribution | None:
        """Return the times of all parts together; None where a part gave none."""
        return None if self.without_times else Distribution.of(self.buckets)

    def node(self, node_id: str) -> Distribution | None:
        """Return the times of one node."""
        return Distribution.of(row for row in self.buckets if row["node_id"] == node_id)

    @property
    def printed(self) -> dict[str, Decimal]:
        """Return the figures that the tool printed, by name; none of a run of several parts.

        Figures of several parts cannot be put together: percentiles are not averaged. Those of one
        part are not those of the run.
        """
        if len(self.parts) > 1:
            return {}
        return {row["statistic"]: row["value_ms"] for row in self.points}


@dataclass(frozen=True)
class SloInputs:
    """The tables of a snapshot, checked, and the reference tables, by name.

    `promised` holds the targets of the snapshot in whose place others are assumed.
    """

    as_of: date
    tables: Mapping[str, pd.DataFrame]
    reference: Mapping[str, pd.DataFrame]
    promised: Mapping[str, Decimal] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        tables: Mapping[str, pd.DataFrame],
        reference: Mapping[str, pd.DataFrame],
        *,
        as_of: date,
    ) -> SloInputs:
        """Return the inputs from the tables of a snapshot; one that is not there is empty."""
        given = {
            name: check(tables[name], table) if name in tables else empty(table)
            for name, table in GIVEN.items()
        }
        return cls(as_of, given, reference)

    def with_targets(self, slo_targets: str) -> SloInputs:
        """Return the inputs with assumed targets, such as ``hot_p99=0.7``, in place of promised.

        Raises
        ------
        ParameterError
            A name is no objective, or a target no number above 0.
        """
        frame = self.tables["slo"]
        ids = list(frame["slo_id"])
        targets = assignments.numbers("slo_targets", slo_targets, ids)
        for name, target in targets.items():
            if target <= 0:
                text = f"{name}={target}"
                raise ParameterError("slo_targets", text, expected="a target above 0")
        held = dict(zip(ids, frame["target_value"], strict=True))
        promised = {name: held[name] for name, target in targets.items() if target != held[name]}
        column = pd.Series([targets.get(n, held[n]) for n in ids], frame.index, dtype=object)
        tables = {**self.tables, "slo": frame.assign(target_value=column)}
        found = replace(self, tables=tables, promised=promised)
        for name in MEASURED:
            found.__dict__[name] = getattr(self, name)
        return found

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Return the rows of a table of the snapshot."""
        return records(self.tables[name])

    @cached_property
    def stated(self) -> Stated:
        """Return the figures that a document states."""
        return Stated.of(self.tables["claim"])

    @cached_property
    def limits(self) -> dict[str, dict[str, Any]]:
        """Return the documented limits by name."""
        return {row["limit_name"]: row for row in records(self.reference["limit"])}

    @cached_property
    def runs(self) -> tuple[Run, ...]:
        """Return the runs in the order of their days; those without one come first."""
        parts, points, buckets = (
            _by_run(self.rows(name))
            for name in ("benchmark_run", "benchmark_point", "benchmark_bucket")
        )
        metrics = _by_run(self.rows("benchmark_metric"))
        found = [
            Run(
                run_id,
                tuple(rows),
                tuple(points.get(run_id, ())),
                tuple(buckets.get(run_id, ())),
                tuple(metrics.get(run_id, ())),
            )
            for run_id, rows in parts.items()
        ]
        return tuple(sorted(found, key=lambda run: (run.day or date.min, run.run_id)))

    @cached_property
    def objectives(self) -> list[dict[str, Any]]:
        """Return the objectives: rows of SLO."""
        return records(check(self.tables["slo"], SLO))

    @cached_property
    def networks(self) -> dict[str, dict[str, Any]]:
        """Return the networks of instance types (rows of INSTANCE_NETWORK) by type."""
        rows = records(self.reference["instance_network"])
        return {row["instance_type"]: row for row in rows}

    @cached_property
    def needs(self) -> list[dict[str, Any]]:
        """Return what benchmarks need to be there: rows of PREREQUISITE."""
        return [row for row in self.rows("prerequisite") if row["drill_id"] == BENCHMARK]


MEASURED = ("stated", "limits", "runs", "networks", "needs")
"""What of the inputs no target changes."""


def _by_run(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["run_id"], []).append(row)
    return found


@dataclass(frozen=True)
class SloSettings:
    """What is assumed; see the parameters of the notebook.

    `valid_days` is for how long a run is evidence where the objective does not say; None takes how
    long the finest metrics behind it are kept.
    """

    confidence_pct: Decimal = Decimal(95)
    valid_days: Decimal | None = None
    compared_statistic: str = "p99"

    @classmethod
    def of(
        cls, *, confidence_pct: float, valid_days: float, compared_statistic: str
    ) -> SloSettings:
        """Return the settings that notebook parameters name.

        Raises
        ------
        ParameterError
            A value is out of range.
        """
        validate_all(
            confidence_pct=confidence_pct,
            valid_days=valid_days,
            compared_statistic=compared_statistic,
        )
        return cls(
            Decimal(str(confidence_pct)), Decimal(str(valid_days)) or None, compared_statistic
        )
