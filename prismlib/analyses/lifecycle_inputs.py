"""What the analysis of lifecycle rules is given.

An empty or zero setting takes what the snapshot says. What neither says stays unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal

import pandas as pd

from prismlib.errors import ParameterError
from prismlib.parameters import validate_all
from prismlib.tables import FilledTables


@dataclass(frozen=True)
class LifecycleInputs:
    """The tables of a snapshot and the reference tables; a table that is not there is None.

    `are_objects_synthetic` says that the sizes and ages of objects are made up, and
    `objects_source` where the table of them is from.
    """

    as_of: date
    prices: pd.DataFrame
    classes: pd.DataFrame
    moves: pd.DataFrame
    restore_times: pd.DataFrame
    limits: pd.DataFrame
    instance_prices: pd.DataFrame
    object_cohort: pd.DataFrame | None = None
    bucket: pd.DataFrame | None = None
    bucket_storage: pd.DataFrame | None = None
    storage_need: pd.DataFrame | None = None
    lifecycle_policy: pd.DataFrame | None = None
    claim: pd.DataFrame | None = None
    fleet: pd.DataFrame | None = None
    are_objects_synthetic: bool = False
    objects_source: str = ""

    @classmethod
    def of(
        cls,
        tables: Mapping[str, pd.DataFrame],
        reference: Mapping[str, pd.DataFrame],
        *,
        as_of: date,
        are_objects_synthetic: bool = False,
        objects_source: str = "",
    ) -> LifecycleInputs:
        """Return the inputs from the tables of a snapshot and the reference tables, by name."""
        given = FilledTables(tables)
        names = {one.name for one in fields(cls) if one.default is None}
        return cls(
            as_of=as_of,
            prices=reference["storage_price"],
            classes=reference["storage_class"],
            moves=reference["storage_class_move"],
            restore_times=reference["restore_time"],
            limits=reference["limit"],
            instance_prices=reference["instance_price"],
            are_objects_synthetic=are_objects_synthetic,
            objects_source=objects_source,
            **{name: given.get(name) for name in names},
        )


@dataclass(frozen=True)
class LifecycleSettings:
    """What is assumed; see the parameters of the notebook.

    Parameters
    ----------
    bucket : str
        Name of the bucket; empty is the largest of the snapshot.
    region : str
        Whose prices hold; empty is that of the bucket.
    months : int
        Months that are simulated.
    reads_per_month, returned_pct : Decimal
        Reads of each object in 30 days, and the share of an object that one returns.
    new_gb_per_month : Decimal
        Data that is written each month, in objects of the mean size.
    slo_ms : Decimal
        Time within which a read must be answered; 0 is what the snapshot says.
    gigabyte : str
        ``decimal``, ``binary``, or ``auto``: binary where bytes were measured.
    small_objects : str
        What holds for objects under 128 KB: one of `lifecycle_policy.MINIMUM_SIZES`.
    restore_speed, copy_days
        How objects are restored, and for how many days the copy is kept. Deep Archive has no
        expedited restore: standard is taken there.
    retrieval_budget_per_month : Decimal
        Most that reads may cost in a month under the best rules, for each prefix; 0 is no limit.
    allow_one_zone : bool
        Whether the best rules may keep data in one zone only.
    policy : str
        Rules as JSON that are judged beside those that the snapshot proposes.
    """

    bucket: str = ""
    region: str = ""
    months: int = 36
    reads_per_month: Decimal = Decimal(0)
    returned_pct: Decimal = Decimal(100)
    new_gb_per_month: Decimal = Decimal(0)
    slo_ms: Decimal = Decimal(0)
    gigabyte: str = "auto"
    small_objects: str = "all_storage_classes_128K"
    restore_speed: str = "standard"
    copy_days: int = 7
    retrieval_budget_per_month: Decimal = Decimal(0)
    allow_one_zone: bool = False
    policy: str = ""

    @classmethod
    def of(cls, **values: object) -> LifecycleSettings:
        """Return the settings that notebook parameters name.

        Raises
        ------
        ParameterError
            A value is out of range or unknown.
        """
        validate_all(**values)
        known = {one.name for one in fields(cls)}
        if unknown := sorted(set(values) - known):
            raise ParameterError(unknown[0], values[unknown[0]], expected="one of the parameters")
        decimals = {one.name for one in fields(cls) if isinstance(one.default, Decimal)}
        taken = {
            name: Decimal(str(value)) if name in decimals else value
            for name, value in values.items()
        }
        return cls(**taken)  # type: ignore[arg-type]
