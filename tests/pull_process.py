"""`prism pull` as a process of its own, for tests that kill it and for the acceptance figures.

It is the real command line; only the collectors beside Cost Explorer are left out, since they have
servers and tests of their own.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from prismlib.periods import Period

COMMAND = (
    "from prismlib.sources import pull, pull_words; pull.COLLECTORS = pull_words.COLLECTORS = ();"
    "from prismlib.cli import main; main()"
)
KEYS = {
    "AWS_ACCESS_KEY_ID": "AKIAPLANTEDKEY",
    "AWS_SECRET_ACCESS_KEY": "planted-secret",
    "AWS_SESSION_TOKEN": "planted-token",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}


def closed_month() -> Period:
    """Return the last month that ended at least a week ago, by the clock that the command reads."""
    return Period.month_of((datetime.now(UTC) - timedelta(days=7)).date()).previous_month


def environment(moto: str, cost_explorer: str, **more: str) -> dict[str, str]:
    """Return the variables of a process that reaches the two servers and nothing else."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("AWS_")}
    ends = {"AWS_ENDPOINT_URL": moto, "AWS_ENDPOINT_URL_COST_EXPLORER": cost_explorer}
    return kept | KEYS | ends | more


def start(arguments: Sequence[str | Path], env: dict[str, str]) -> subprocess.Popen[str]:
    """Start the command with its output in pipes."""
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, *map(str, arguments)],
        env=env,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def run(arguments: Sequence[str | Path], env: dict[str, str]) -> tuple[int, str, str]:
    """Run the command to its end; return its status, output and messages."""
    process = start(arguments, env)
    out, err = process.communicate(timeout=300)
    return process.returncode, out, err
