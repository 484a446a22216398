"""What the analysis of traffic between zones is given.

A setting of 0 or ``auto`` takes what the snapshot says. What neither says stays unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal

import pandas as pd

from prismlib.analyses.cost_inputs import CostInputs, CostSettings
from prismlib.analyses.variance import Thresholds
from prismlib.errors import ParameterError
from prismlib.parameters import CROSSINGS, validate_all
from prismlib.periods import Period
from prismlib.tables import FilledTables


@dataclass(frozen=True)
class CrossAzInputs:
    """The tables of a snapshot and the reference tables; a table that is not there is None.

    `costs` is what the cost variance analysis is given: the traffic is held against its totals.
    """

    costs: CostInputs
    networks: pd.DataFrame
    limits: pd.DataFrame
    placement: pd.DataFrame | None = None
    zone_flow: pd.DataFrame | None = None
    metric_series: pd.DataFrame | None = None
    metric_coverage: pd.DataFrame | None = None
    instance: pd.DataFrame | None = None
    load_balancer: pd.DataFrame | None = None

    @classmethod
    def of(
        cls,
        tables: Mapping[str, pd.DataFrame],
        reference: Mapping[str, pd.DataFrame],
        *,
        period: Period,
        as_of: date,
        is_bill_synthetic: bool = False,
        stated_period: Period | None = None,
    ) -> CrossAzInputs:
        """Return the inputs from the tables of a snapshot and the reference tables, by name."""
        tables = FilledTables(tables)
        names = {one.name for one in fields(cls)} - {"costs", "networks", "limits"}
        return cls(
            costs=CostInputs.of(
                tables,
                reference,
                period=period,
                as_of=as_of,
                is_bill_synthetic=is_bill_synthetic,
                stated_period=stated_period,
            ),
            networks=reference["instance_network"],
            limits=reference["limit"],
            **{name: tables.get(name) for name in names},
        )

    @property
    def has_costs(self) -> bool:
        """Return whether anything says what was spent."""
        return self.costs.cost is not None or self.costs.stated_actual is not None


@dataclass(frozen=True)
class CrossAzSettings:
    """What is assumed; see the parameters of the notebook. Shares are in percent.

    `crossing` is ``auto``, ``measured``, ``as_built``, ``stated`` or a percentage as text.
    """

    crossing: str = "auto"
    total_gb_per_s: Decimal = Decimal(0)
    zones: int = 0
    days_per_month: Decimal = Decimal(0)
    failed_pct: Decimal = Decimal(0)
    incident_hours: Decimal = Decimal(4)
    alarm_periods: int = 2
    reads_pct: Decimal = Decimal(80)
    hint_effectiveness_pct: Decimal = Decimal(90)
    compression_ratio: Decimal = Decimal(2)
    compression_gb_per_core_s: Decimal = Decimal("0.5")
    balancer_gb_per_month: Decimal = Decimal(0)
    budget_per_month: Decimal = Decimal(0)
    costs: CostSettings = field(default_factory=CostSettings)

    @classmethod
    def of(
        cls,
        *,
        crossing: str,
        zones: int,
        alarm_periods: int,
        tolerance_pct: float,
        limit_pct: float,
        **numbers: float,
    ) -> CrossAzSettings:
        """Return the settings that notebook parameters name.

        Raises
        ------
        ParameterError
            A value is out of range or unknown.
        """
        validate_all(
            crossing=crossing,
            zones=zones,
            alarm_periods=alarm_periods,
            tolerance_pct=tolerance_pct,
            limit_pct=limit_pct,
            **numbers,
        )
        known = {one.name for one in fields(cls)}
        if unknown := sorted(set(numbers) - known):
            raise ParameterError(unknown[0], numbers[unknown[0]], expected="one of the parameters")
        exact = {name: Decimal(str(value)) for name, value in numbers.items()}
        bands = Thresholds(
            tolerance_pct=Decimal(str(tolerance_pct)), limit_pct=Decimal(str(limit_pct))
        )
        return cls(
            crossing=crossing,
            zones=zones,
            alarm_periods=alarm_periods,
            costs=CostSettings(thresholds=bands),
            **exact,
        )

    @property
    def crossing_pct(self) -> Decimal | None:
        """Return the share that the setting gives as a number, or None."""
        return None if self.crossing in CROSSINGS else Decimal(self.crossing)
