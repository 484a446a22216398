"""What the analysis of recovery is given.

A setting of 0 or empty takes what the snapshot says. What neither says stays unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pandas as pd

from prismlib.analyses.stated import Stated
from prismlib.parameters import validate_all

SECONDS = {"s": Decimal(1), "minutes": Decimal(60), "hours": Decimal(3600), "days": Decimal(86400)}
"""Seconds in a unit of time, as claims spell it."""
DAYS_PER_MONTH = Decimal(30)
DAYS_PER_QUARTER = Decimal(365) / 4


@dataclass(frozen=True)
class DrInputs:
    """The tables of a snapshot and the reference tables; a table that is not there is None."""

    as_of: date
    networks: pd.DataFrame
    disks: pd.DataFrame
    prices: pd.DataFrame
    limits: pd.DataFrame
    commands: pd.DataFrame
    claim: pd.DataFrame | None = None
    drill: pd.DataFrame | None = None
    drill_event: pd.DataFrame | None = None
    prerequisite: pd.DataFrame | None = None
    recovery_point: pd.DataFrame | None = None

    @classmethod
    def of(
        cls,
        tables: Mapping[str, pd.DataFrame],
        reference: Mapping[str, pd.DataFrame],
        *,
        as_of: date,
    ) -> DrInputs:
        """Return the inputs from the tables of a snapshot and the reference tables, by name."""
        names = ("claim", "drill", "drill_event", "prerequisite", "recovery_point")
        return cls(
            as_of=as_of,
            networks=reference["instance_network"],
            disks=reference["instance_disk"],
            prices=reference["instance_price"],
            limits=reference["limit"],
            commands=reference["command_rule"],
            **{name: tables.get(name) for name in names},
        )


@dataclass(frozen=True)
class DrSettings:
    """What is assumed; see the parameters of the notebook.

    `drill` is the id of the drill that is judged, empty for the latest failover. Times are in
    seconds, None for what the snapshot states. `spread` is the factor within which 95 of 100
    durations of a step are taken to lie when a drill gives one figure. `step_minutes`, `waits_for`
    and `left_out` change the drill that is judged: see `drill_changes`.
    """

    drill: str = ""
    target_s: Decimal | None = None
    limit_s: Decimal | None = None
    response_s: Decimal | None = None
    spread: float = 1.5
    draws: int = 20_000
    seed: int = 1
    confidence_pct: Decimal = Decimal(95)
    step_minutes: str = ""
    waits_for: str = ""
    left_out: str = ""

    @classmethod
    def of(
        cls,
        *,
        drill: str,
        target_minutes: float,
        limit_minutes: float,
        response_minutes: float,
        step_spread: float,
        draws: int,
        seed: int,
        confidence_pct: float,
        step_minutes: str = "",
        waits_for: str = "",
        left_out: str = "",
    ) -> DrSettings:
        """Return the settings that notebook parameters name; 0 minutes is what is stated.

        Raises
        ------
        ParameterError
            A value is out of range.
        """
        minutes = {
            "target_minutes": target_minutes,
            "limit_minutes": limit_minutes,
            "response_minutes": response_minutes,
        }
        changes = {"step_minutes": step_minutes, "waits_for": waits_for, "left_out": left_out}
        validate_all(
            drill=drill,
            step_spread=step_spread,
            draws=draws,
            seed=seed,
            confidence_pct=confidence_pct,
            **minutes,
            **changes,
        )
        target, limit, response = (
            Decimal(str(value)) * SECONDS["minutes"] or None for value in minutes.values()
        )
        return cls(
            drill=drill,
            target_s=target,
            limit_s=limit,
            response_s=response,
            spread=float(step_spread),
            draws=draws,
            seed=seed,
            confidence_pct=Decimal(str(confidence_pct)),
            **changes,
        )


def stated_s(stated: Stated, claim_id: str) -> Decimal | None:
    """Return a stated duration in seconds; None without it, or in a unit that is no time."""
    value, row = stated.value(claim_id), stated.rows.get(claim_id)
    if value is None or row is None or row["unit"] not in SECONDS:
        return None
    return value * SECONDS[row["unit"]]
