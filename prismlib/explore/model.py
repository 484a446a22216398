"""What the panels of all notebooks have in common: how one opens, and on what."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, ClassVar

import pandas as pd

from prismlib import parameters as rules
from prismlib.explore.controls import Control
from prismlib.explore.panel import Panel, View, declared
from prismlib.periods import Period
from prismlib.sources.prices import read_reference_tables
from prismlib.sources.snapshots import Snapshot


@dataclass
class Model(ABC):
    """The functions of a notebook over what is read once.

    Parameters
    ----------
    data : Snapshot
        The one that the notebook has read.
    passed : mapping
        All parameters of the notebook, as it was run.
    """

    notebook: ClassVar[str]
    data: Snapshot
    passed: Mapping[str, Any]

    @classmethod
    def explore(cls, data: Snapshot, namespace: Mapping[str, Any]) -> Panel:
        """Return the panel of the notebook.

        Parameters
        ----------
        data : Snapshot
            The one that the notebook has read.
        namespace : mapping
            ``globals()`` of the notebook: its parameters as they were given.
        """
        passed = declared(cls.notebook, namespace)
        model = cls(data, passed)
        return Panel(cls.notebook, passed, [*model.controls()], model.view, fold=model.fold)

    @abstractmethod
    def controls(self) -> Iterable[Control]:
        """Return the controls with which the panel opens, in their order."""

    def fold(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the parameters that the values of the controls set: those of their names."""
        return values

    @abstractmethod
    def view(self, parameters: Mapping[str, Any]) -> View:
        """Return what the panel shows for the parameters of the notebook."""

    @cached_property
    def reference(self) -> dict[str, pd.DataFrame]:
        """Return the prices and rules that the notebook computes with."""
        return read_reference_tables(self.data.tables)

    @property
    def as_of(self) -> date:
        """Return the day that the notebook asks about."""
        return rules.day_or(self.passed["as_of"], self.data.as_of)

    @property
    def period(self) -> Period:
        """Return the month that the notebook asks about."""
        return rules.period_or(self.passed["period"], self.data.period)
