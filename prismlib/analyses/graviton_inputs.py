"""What the analysis of a move to Graviton is given, and what its reader may choose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

import pandas as pd

from prismlib.analyses.graviton_rates import RateBook
from prismlib.analyses.graviton_reference import GravitonReference
from prismlib.analyses.graviton_targets import TargetMap
from prismlib.analyses.migration_schedule import MigrationPlan
from prismlib.analyses.price_performance import Simulation
from prismlib.parameters import validate_all
from prismlib.periods import Period
from prismlib.result_tables.graviton import MIGRATION_EFFORT
from prismlib.tables import make

SNAPSHOT_NAMES = (
    "cost",
    "stated_actual",
    "claim",
    "fleet",
    "instance",
    "commitment",
    "database",
    "managed_node",
)


@dataclass(frozen=True)
class GravitonInputs:
    """The tables of a snapshot and the reference tables; a table that is not there is None."""

    period: Period
    as_of: date
    reference: GravitonReference
    cost: pd.DataFrame | None = None
    stated_actual: pd.DataFrame | None = None
    claim: pd.DataFrame | None = None
    fleet: pd.DataFrame | None = None
    instance: pd.DataFrame | None = None
    commitment: pd.DataFrame | None = None
    database: pd.DataFrame | None = None
    managed_node: pd.DataFrame | None = None
    is_bill_synthetic: bool = False

    @classmethod
    def of(
        cls,
        tables: Mapping[str, pd.DataFrame],
        reference: Mapping[str, pd.DataFrame],
        *,
        period: Period,
        as_of: date,
        is_bill_synthetic: bool = False,
    ) -> GravitonInputs:
        """Return the inputs from the tables of a snapshot and the reference tables, by name.

        A table without rows says nothing, as one that is not there.
        """
        looked_up = {name: reference[name] for name in GravitonReference.__dataclass_fields__}
        return cls(
            period=period,
            as_of=as_of,
            reference=GravitonReference(**looked_up),
            is_bill_synthetic=is_bill_synthetic,
            **{name: tables[name] for name in SNAPSHOT_NAMES if len(tables.get(name, ()))},
        )

    @cached_property
    def rate_book(self) -> RateBook:
        """Return the price tables, looked up once for all settings."""
        return RateBook(self.reference)

    @cached_property
    def target_map(self) -> TargetMap:
        """Return the published mappings, looked up once for all settings."""
        return TargetMap(self.reference, self.rate_book)


@dataclass(frozen=True)
class GravitonSettings:
    """How to count and what to assume; see `prismlib.parameters` for the allowed values.

    Parameters
    ----------
    generation : str
        ``Graviton2``, ``Graviton3`` ...: the target of every line.
    fleet_count : str
        ``expected``: the instances that a cost line was sized for; ``deployed``: those that run.
    reserved_as : str
        What a document means by "reserved": a commitment of `COMMITMENTS`.
    term_years, payment
        Of a commitment whose own terms are not known.
    commitment_end : date or None
        First day that such a commitment no longer covers. None takes the latest possible: bought
        on the first day of the period.
    missing_rates : str
        ``unknown``, or ``on_demand_ratio``: where no committed rate of a target is sourced, the
        discount is taken to be that of the source.
    workload, sized_by : str
        ``auto`` guesses a line's work from its name and tags, and its bound from its memory.
    scope_name : str
        ``size`` compares the benchmarks of the two types, ``family`` those of all their sizes.
    """

    generation: str
    fleet_count: str
    reserved_as: str
    term_years: int
    payment: str
    commitment_end: date | None
    missing_rates: str
    workload: str
    sized_by: str
    scope_name: str
    simulation: Simulation
    efforts: pd.DataFrame
    plan: MigrationPlan

    @classmethod
    def of(
        cls,
        *,
        choices: Mapping[str, str],
        term_years: int,
        commitment_end: str,
        simulation: Mapping[str, float],
        efforts: Mapping[str, tuple[float, float, float]],
        plan: Mapping[str, float],
        start: date,
    ) -> GravitonSettings:
        """Return the settings that notebook parameters name.

        Parameters
        ----------
        choices : mapping
            The parameters that are words: ``generation``, ``fleet_count`` ...
        simulation : mapping
            ``single_run_cv_pct``, ``confidence_pct``, ``draws`` and ``seed``.
        efforts : mapping
            For each role its fixed hours, its hours for each line and the cost of an hour. [USD]
        plan : mapping
            ``horizon_months``, ``share_per_month_pct``, ``parallel_days``, ``test_usd`` and
            ``discount_rate_pct``.
        start : date
            The first day on which a line may move.

        Raises
        ------
        ParameterError
            A value is out of range or unknown.
        """
        validate_all(
            **choices,
            **simulation,
            **plan,
            term_years=term_years,
            commitment_end=commitment_end,
        )
        return cls(
            **choices,
            term_years=term_years,
            commitment_end=date.fromisoformat(commitment_end) if commitment_end else None,
            simulation=Simulation(
                single_run_cv=_exact(simulation["single_run_cv_pct"]) / 100,
                confidence_pct=_exact(simulation["confidence_pct"]),
                draws=int(simulation["draws"]),
                seed=int(simulation["seed"]),
            ),
            efforts=_efforts(efforts),
            plan=MigrationPlan(
                start=start,
                horizon_months=int(plan["horizon_months"]),
                share_per_month=_exact(plan["share_per_month_pct"]) / 100,
                parallel_days=int(plan["parallel_days"]),
                test_cost_per_line=_exact(plan["test_usd"]),
                yearly_rate_pct=_exact(plan["discount_rate_pct"]),
            ),
        )


def _exact(value: float) -> Decimal:
    return Decimal(str(value))


def _efforts(efforts: Mapping[str, tuple[float, float, float]]) -> pd.DataFrame:
    names = ("fixed_hours", "hours_per_line", "labour_usd_per_hour")
    rows = [
        {"labour_role": role, **dict(zip(names, map(_exact, values), strict=True))}
        for role, values in efforts.items()
    ]
    return make(MIGRATION_EFFORT, rows)
