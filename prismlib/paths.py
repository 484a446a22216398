"""Where things are, found from this file and never from the working directory."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "notebooks"
DATA = ROOT / "data"
SAMPLE = DATA / "sample"
REFERENCE = DATA / "reference"
REPORTS = ROOT / "reports"


def resolve(folder: str | Path) -> Path:
    """Return `folder` as an absolute path; a relative one is taken from the repository root.

    Notebooks run in different working directories (the caller's under papermill, their own under
    nbval), so a relative parameter would otherwise mean different places.
    """
    path = Path(folder).expanduser()
    return path if path.is_absolute() else ROOT / path
