"""What went into a report: the only file of it that holds a time."""

from __future__ import annotations

import json
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from typing import Any

import prismlib
from prismlib import paths
from prismlib.report.execute import Executed
from prismlib.sources.snapshots import Snapshot

PACKAGES = (
    "duckdb", "great-tables", "ipykernel", "jinja2", "nbclient", "nbconvert", "pandas",
    "papermill", "plotly", "pyarrow", "scipy", "XlsxWriter",
)  # fmt: skip
"""Packages that can change what a report says or how it looks."""


def snapshot_hash(snapshot: Snapshot) -> str:
    """Return one hash for the whole snapshot: its name, day, period and every table's bytes."""
    rows = zip(snapshot.provenance["table"], snapshot.provenance["sha256"], strict=True)
    parts = [snapshot.name, str(snapshot.as_of), str(snapshot.period), *map(" ".join, sorted(rows))]
    return sha256("\n".join(parts).encode()).hexdigest()


def _reference_hashes() -> dict[str, str]:
    """Return the hashes of the price and rule tables that the repository brings."""
    files = sorted(paths.REFERENCE.glob("*.csv"))
    return {file.name: sha256(file.read_bytes()).hexdigest() for file in files}


def manifest_text(
    snapshot: Snapshot, executed: Sequence[Executed], *, week: str, names: dict[str, str]
) -> str:
    """Return the text of ``manifest.json``; `names` maps folders of this machine to labels."""
    tables = zip(snapshot.provenance["table"], snapshot.provenance["sha256"], strict=True)
    manifest: dict[str, Any] = {
        "week": week,
        "rendered_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "snapshot": {
            "name": snapshot.name,
            "title": snapshot.title,
            "period": str(snapshot.period),
            "as_of": snapshot.as_of.isoformat(),
            "billing_currency": snapshot.billing_currency,
            "sha256": snapshot_hash(snapshot),
            "tables": dict(sorted(tables)),
        },
        "reference": _reference_hashes(),
        "notebooks": {
            one.name: {
                "seconds": one.seconds,
                "parameters": {
                    name: names.get(str(value), value) for name, value in one.job.parameters.items()
                },
            }
            for one in executed
        },
        "prismlib": prismlib.__version__,
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
    }
    return json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
