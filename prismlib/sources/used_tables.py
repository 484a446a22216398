"""The tables of a snapshot, which remember those that were asked for.

A page then names the tables that it rests on, and not all that were there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd


class UsedTables(dict[str, pd.DataFrame]):
    """Tables by name; `used` holds the names of the snapshot's own that were looked up.

    Tables of elsewhere that stand in for its own (`with_others`) are not noted.
    """

    def __init__(self, tables: Mapping[str, pd.DataFrame]) -> None:
        super().__init__(tables)
        self.used: set[str] = set()
        self._own = frozenset(tables)

    def __getitem__(self, name: str) -> pd.DataFrame:
        self._note(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        """Return a table, or `default` where there is none of that name."""
        self._note(name)
        return super().get(name, default)

    def with_others(self, others: Mapping[str, pd.DataFrame]) -> UsedTables:
        """Return the tables with `others` in the place of those of the same name."""
        joined = UsedTables({**self, **others})
        joined.used, joined._own = self.used, self._own - frozenset(others)
        return joined

    def _note(self, name: str) -> None:
        if name in self._own:
            self.used.add(name)
