"""The collectors of `prism pull`, in the order in which they run."""

from __future__ import annotations

from prismlib.sources.collecting import Collector

COLLECTORS: tuple[Collector, ...] = ()
