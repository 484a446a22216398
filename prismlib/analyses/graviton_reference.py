"""The tables of ``data/reference`` that the analysis of a move to Graviton looks up."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from prismlib.analyses.price_performance import Runs, best_runs


@dataclass(frozen=True)
class GravitonReference:
    """Prices, mappings, rules, offers and benchmarks, by the name of their table."""

    instance_price: pd.DataFrame
    commitment_rate: pd.DataFrame
    managed_price: pd.DataFrame
    graviton_target: pd.DataFrame
    graviton_rule: pd.DataFrame
    instance_offer: pd.DataFrame
    workload: pd.DataFrame
    benchmark: pd.DataFrame

    @cached_property
    def runs(self) -> Runs:
        """Return the best value of each benchmark run."""
        return best_runs(self.benchmark, self.workload)
