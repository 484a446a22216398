"""Time the report against papermill and nbconvert run one after another on the same notebooks.

    make bench

Prints wall-clock seconds of whole processes and their ratio, measured in turn in one run; absolute
figures of a shared machine say little, the ratio of one run says more.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from prismlib import paths

ROUNDS = 5
BIN = Path(sys.executable).parent


def run(*command: str | Path) -> None:
    """Run a command to its end; what it prints is thrown away unless it fails."""
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")


def report(folder: Path) -> None:
    """Render the whole report: pages, summary, findings, workbook, manifest."""
    run(BIN / "prism", "report", "--out", folder)


def one_after_another(folder: Path) -> None:
    """Execute and convert each notebook with the stock tools, which gives bare pages only."""
    for notebook in sorted(paths.NOTEBOOKS.glob("*.ipynb")):
        executed = folder / notebook.name
        run(BIN / "papermill", "--no-progress-bar", notebook, executed)
        run(BIN / "jupyter", "nbconvert", "--to", "html", "--no-input", executed)


def seconds(job: Callable[[Path], None]) -> float:
    """Return how long a job takes in an empty folder."""
    folder = Path(tempfile.mkdtemp())
    start = time.perf_counter()
    job(folder)
    took = time.perf_counter() - start
    shutil.rmtree(folder)
    return took


def main() -> None:
    """Run both in turn and print medians and the ratio."""
    seconds(report), seconds(one_after_another)
    pairs = [(seconds(report), seconds(one_after_another)) for _ in range(ROUNDS)]
    ours, theirs = zip(*pairs, strict=True)
    ratios = sorted(mine / other for mine, other in pairs)
    print(f"prism report               {statistics.median(ours):6.2f} s (median of {ROUNDS})")
    print(f"papermill, then nbconvert  {statistics.median(theirs):6.2f} s")
    print(
        f"ratio                      {statistics.median(ratios):6.2f} "
        f"({ratios[0]:.2f} to {ratios[-1]:.2f})"
    )


if __name__ == "__main__":
    main()
