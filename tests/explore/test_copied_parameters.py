"""The command that a panel copies gives the findings that were on its screen."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from prismlib import paths
from prismlib.explore import (
    cost_variance,
    cross_az_traffic,
    dr_timeline,
    graviton_savings,
    launch_readiness,
    lifecycle_savings,
    performance_slo,
)
from prismlib.explore.panel import Panel
from prismlib.report import blocks
from prismlib.report.notebooks import bind, read_notebooks
from prismlib.sources.snapshots import read_snapshot

DATA = read_snapshot(paths.SAMPLE)
RULE = {
    "ID": "now",
    "Status": "Enabled",
    "Filter": {"Prefix": "partitions/"},
    "Transitions": [{"Days": 0, "StorageClass": "GLACIER_IR"}],
}
MOVED: dict[str, tuple[Callable[..., Panel], dict[str, Any]]] = {
    "cost_variance": (
        cost_variance.explore,
        {
            "opened": "Backup/DR > Amazon Simple Storage Service",
            "actuals": "bill",
            "tolerance_pct": 2,
            "material_pct": 0.5,
        },
    ),
    "dr_timeline": (
        dr_timeline.explore,
        {
            "step_minutes|failover|load": 12,
            "counts|failover|copy": True,
            "waits_for|failover|proxies": "load",
            "target_minutes": 15,
        },
    ),
    "cross_az_traffic": (
        cross_az_traffic.explore,
        {"crossing_pct": 2.55, "total_gb_per_s": 210, "zones": 4, "failed_pct": 40},
    ),
    "graviton_savings": (
        graviton_savings.explore,
        {
            "generation": "Graviton4",
            "missing_rates": "on_demand_ratio",
            "payment": "no upfront",
            "end_months": 5,
            "start_months": 1,
            "single_run_cv_pct": 12.5,
            "parallel_days": 21,
        },
    ),
    "lifecycle_savings": (
        lifecycle_savings.explore,
        {"policy": json.dumps([RULE], indent=2), "months": 18, "reads_per_month": 0.5},
    ),
    "launch_readiness": (
        launch_readiness.explore,
        {
            "measures|recovery": 7.5,
            "measures|on_call": "1",
            "bounds|cost|fail": 25,
            "bounds|critical_gaps|pass": 1,
            "waive|gap.1": True,
            "waive|security.2": True,
            "waive_owner": "CTO",
            "waive_reason": "pilot with <b>two</b> users, no more",
            "waive_until": "2025-12-31",
            "launch": "2025-12-12",
        },
    ),
    "performance_slo": (
        performance_slo.explore,
        {"slo_targets|hot_p99": 0.7, "slo_targets|throughput": 1.2e9},
    ),
}


def found_by_notebook(name: str, command: str) -> str:
    """Return the findings of the notebook's own cells, run on the parameters of a command."""
    words = shlex.split(command)
    assert words[:4] == ["prism", "report", "--only", name]
    pairs = [word.partition("=") for word in words[5::2]]
    assert set(words[4::2]) == {"-p"}
    given: Mapping[str, str] = {key: value for key, _, value in pairs}
    values = bind(read_notebooks(paths.NOTEBOOKS, [name]), given)[name]
    node = json.loads((paths.NOTEBOOKS / f"{name}.ipynb").read_text("utf-8"))
    space: dict[str, Any] = {}
    for tag in ("parameters", "setup", "load", "answer"):
        (cell,) = (c for c in node["cells"] if tag in c["metadata"].get("tags", ()))
        exec("".join(cell["source"]), space)
        space.update(values)
    return blocks.findings_html(space["found"])


@pytest.mark.parametrize("name", MOVED)
def test_the_copied_command_gives_what_was_on_the_screen(name: str) -> None:
    explore, moves = MOVED[name]
    panel = explore(DATA, {})
    panel.move()
    before = panel.parts["findings"].data["html"]
    panel.move(**moves)
    shown = panel.parts["findings"].data["html"]
    assert shown != before
    assert shown == found_by_notebook(name, panel.command())
