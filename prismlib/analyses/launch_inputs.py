"""What the decision on a launch is given, and what the analyses that it asks said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import pandas as pd

from prismlib.analyses.cross_az import CrossAzResults
from prismlib.analyses.cross_az_inputs import CrossAzInputs
from prismlib.analyses.dr_inputs import DrInputs
from prismlib.analyses.dr_timeline import DrResults
from prismlib.analyses.launch_evidence import Item, Look, State
from prismlib.analyses.launch_items import Waiver
from prismlib.analyses.launch_waivers import NameWaiver
from prismlib.analyses.performance_slo import SloOutcomes
from prismlib.analyses.slo_inputs import SloInputs
from prismlib.analyses.stated import Stated
from prismlib.analyses.training import Training
from prismlib.analyses.variance import Thresholds
from prismlib.parameters import day_or, validate_all
from prismlib.periods import Period
from prismlib.readiness_tables import EVIDENCE_TABLES, READINESS_TABLES

Bounds = tuple[Decimal | None, Decimal | None]
"""The bounds of a criterion: that of GO and that of NO-GO."""

CLAIMS = "ready."
"""How the claims of a document on a launch begin."""

PARAMETERS = "parameters of the report"
"""The source of what parameters set."""


@dataclass(frozen=True)
class Assumed:
    """What is set in place of what a snapshot has; `launch_changes` puts it into the tables.

    `measures` are figures of criteria that nobody measured, by criterion; `bounds` are the bounds
    of the snapshot in whose place others are set; `waived` is what no register waives, but the
    parameters do.
    """

    measures: Mapping[str, Decimal] = field(default_factory=dict)
    bounds: Mapping[str, Bounds] = field(default_factory=dict)
    waived: tuple[str, ...] = ()

    @property
    def is_anything(self) -> bool:
        """Return whether anything is assumed."""
        return bool(self.measures or self.bounds or self.waived)


@dataclass(frozen=True)
class LaunchInputs:
    """The tables of a snapshot on readiness, and what the other analyses are given.

    `tables` holds those of `READINESS_TABLES` and `EVIDENCE_TABLES` that the snapshot has.
    """

    as_of: date
    tables: Mapping[str, pd.DataFrame]
    reference: Mapping[str, pd.DataFrame]
    traffic: CrossAzInputs
    recovery: DrInputs
    benchmarks: SloInputs
    fleet: pd.DataFrame | None = None
    claim: pd.DataFrame | None = None
    storage_need: pd.DataFrame | None = None
    assumed: Assumed = Assumed()

    @property
    def are_silent(self) -> bool:
        """Return whether nothing of a launch is in the snapshot: no table and no claim on it."""
        claims = () if self.claim is None else self.claim["claim_id"]
        return not self.tables and not any(claim.startswith(CLAIMS) for claim in claims)

    @classmethod
    def of(
        cls,
        tables: Mapping[str, pd.DataFrame],
        reference: Mapping[str, pd.DataFrame],
        *,
        period: Period,
        as_of: date,
        is_bill_synthetic: bool = False,
    ) -> LaunchInputs:
        """Return the inputs from the tables of a snapshot and the reference tables, by name."""
        names = (*READINESS_TABLES, *EVIDENCE_TABLES)
        return cls(
            as_of=as_of,
            tables={name: tables[name] for name in names if name in tables},
            reference=reference,
            traffic=CrossAzInputs.of(
                tables,
                reference,
                period=period,
                as_of=as_of,
                is_bill_synthetic=is_bill_synthetic,
                stated_period=period,
            ),
            recovery=DrInputs.of(tables, reference, as_of=as_of),
            benchmarks=SloInputs.of(tables, reference, as_of=as_of),
            fleet=tables.get("fleet"),
            claim=tables.get("claim"),
            storage_need=tables.get("storage_need"),
        )


@dataclass(frozen=True)
class LaunchSettings:
    """What is assumed; see the parameters of the notebook.

    `rules` is the set of rules that decides, empty for the first that is complete. `launch` is the
    day that evidence has to last until, None for the latest stated one. `spread` is the factor
    within which 95 of 100 durations of a task are taken to lie.
    """

    rules: str = ""
    launch: date | None = None
    country: str = "US"
    hours_per_day: Decimal = Decimal(8)
    spread: float = 2.0
    draws: int = 5_000
    seed: int = 1
    confidence_pct: Decimal = Decimal(90)

    @classmethod
    def of(
        cls,
        *,
        rules: str,
        launch: str,
        country: str,
        hours_per_day: float,
        task_spread: float,
        draws: int,
        seed: int,
        confidence_pct: float,
    ) -> LaunchSettings:
        """Return the settings that notebook parameters name.

        Raises
        ------
        ParameterError
            A value is out of range.
        """
        validate_all(
            rules=rules,
            launch=launch,
            country=country,
            hours_per_day=hours_per_day,
            task_spread=task_spread,
            draws=draws,
            seed=seed,
            confidence_pct=confidence_pct,
        )
        return cls(
            rules=rules,
            launch=day_or(launch, date.min) if launch else None,
            country=country,
            hours_per_day=Decimal(str(hours_per_day)),
            spread=float(task_spread),
            draws=draws,
            seed=seed,
            confidence_pct=Decimal(str(confidence_pct)),
        )


@dataclass(frozen=True)
class Known:
    """What is known on the day that is asked about.

    `traffic`, `recovery` and `benchmarks` are what those analyses made of the snapshot, None where
    they could not be asked; `costless` says why there are no costs, `cost_bands` the bounds that
    they were held against. `by_subject` are the looks at each criterion. `looks` are without what
    is allowed by name, and `name_waivers` say what is; `seen` are they as collectors and documents
    say, of no age yet. `strays` are looks at what is no item and no
    criterion; those that fail may be critical.
    """

    inputs: LaunchInputs
    stated: Stated
    looks: tuple[Look, ...]
    items: Mapping[str, Item]
    waivers: tuple[Waiver, ...]
    seen: tuple[Look, ...] = ()
    name_waivers: tuple[NameWaiver, ...] = ()
    strays: tuple[Look, ...] = ()
    traffic: CrossAzResults | None = None
    costless: str = ""
    recovery: DrResults | None = None
    benchmarks: SloOutcomes | None = None
    training: Training | None = None
    cost_bands: Thresholds | None = None
    by_subject: Mapping[str, tuple[Look, ...]] = field(default_factory=dict)

    @property
    def failing_strays(self) -> tuple[Look, ...]:
        """Return the looks at what is in no register that fail, or did and do not pass since."""
        return tuple(
            one
            for one in self.strays
            if one.state is State.FAIL or (one.failed_on and one.state is State.UNKNOWN)
        )
