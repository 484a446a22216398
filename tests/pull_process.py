"""`prism pull` as a process of its own, for tests that kill it and for the acceptance figures.

It is the real command line. Unless a test asks for the whole of it, the collectors beside Cost
Explorer are left out, since they have servers and tests of their own. `run` starts Python anew;
`fork` splits the process off from one that has everything imported, which takes a tenth of the
time; it is ended and killed like any other.
"""

from __future__ import annotations

import gzip
import io
import multiprocessing
import os
import random
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fake_cost_explorer import FakeCostExplorer

from prismlib.periods import Period
from prismlib.sources.snapshots import read_snapshot

WHOLE = "from prismlib.cli import main; main()"
CHARGES = (
    "from prismlib.sources import pull, pull_words; pull.COLLECTORS = pull_words.COLLECTORS = ();"
    f"{WHOLE}"
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


def environment(others: str, cost_explorer: str, **more: str) -> dict[str, str]:
    """Return the variables of a process that reaches the two servers and nothing else."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("AWS_")}
    ends = {"AWS_ENDPOINT_URL": others, "AWS_ENDPOINT_URL_COST_EXPLORER": cost_explorer}
    return kept | KEYS | ends | more


def run(
    arguments: Sequence[str | Path], env: dict[str, str], command: str = CHARGES
) -> tuple[int, str, str]:
    """Run the command in a new Python to its end; return its status, output and messages."""
    done = subprocess.run(
        [sys.executable, "-c", command, *map(str, arguments)],
        env=env,
        text=True,
        capture_output=True,
        timeout=300,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(
    ["prismlib.cli", "prismlib.sources.pull_words", "prismlib.sources.snapshot_checks", "rich.live"]
)


@dataclass(frozen=True)
class Forked:
    """A command under way, or done."""

    process: Any
    words: tuple[Path, Path]

    def is_running(self) -> bool:
        return bool(self.process.is_alive())

    def kill(self) -> None:
        """Send SIGKILL and wait for the end."""
        self.process.kill()
        self.process.join()

    def wait(self) -> tuple[int, str, str]:
        """Wait for the end; return its status, output and messages."""
        self.process.join(300)
        out, err = (file.read_text(encoding="utf-8") for file in self.words)
        return self.process.exitcode, out, err


def fork(
    arguments: Sequence[str | Path], env: dict[str, str], folder: Path, command: str = CHARGES
) -> Forked:
    """Start the command; its output and messages go to files in `folder`."""
    words = (folder / "out.txt", folder / "err.txt")
    folder.mkdir(parents=True, exist_ok=True)
    process = _forks.Process(
        target=_command, args=(command, [str(one) for one in arguments], env, words)
    )
    process.start()
    return Forked(process, words)


def _command(
    command: str, arguments: list[str], env: dict[str, str], words: tuple[Path, Path]
) -> None:
    os.environ.clear()
    os.environ.update(env)
    for number, file in enumerate(words, start=1):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    sys.argv = ["prism", *arguments]
    exec(command, {})


def held_answers(place: Path) -> int:
    """Return how many answers the cache beside a snapshot has."""
    return len(list((place.parent / ".prism-cache").rglob("*.json.gz")))


def kill_and_go_on(
    place: Path,
    arguments: Sequence[str | Path],
    env: dict[str, str],
    server: FakeCostExplorer,
    times: int,
) -> list[tuple[int, bool]]:
    """Kill pulls that would replace copies of `place` at random moments, and pull again.

    Check that each leaves the old snapshot or the new one, whole, and that the next pull pays for
    nothing that the cache has, by the count of the server: each process has an access key of its
    own. Return how many answers each had when it was killed, and whether its snapshot was in place.
    """
    whole = len(server.calls)
    random_ = random.Random(times)
    # After how many answers, from none to all, and how long after that; reading and writing
    # follow the last answer.
    moments = [(random_.randrange(whole + 1), random_.uniform(0, 0.1)) for _ in range(times)]
    moments[::3] = [(whole, random_.uniform(0, 0.8)) for _ in moments[::3]]

    def kill(number: int) -> tuple[int, bool]:
        copy = place.parent.parent / f"killed-{number}" / place.name
        shutil.copytree(place, copy)

        def started(key: str) -> Forked:
            words = copy.parent.parent / "words" / key
            return fork([*arguments, "--out", copy], env | {"AWS_ACCESS_KEY_ID": key}, words)

        before = _contents(copy)
        process = started(f"KILLED{number}")
        answers, seconds = moments[number]
        while held_answers(copy) < answers and process.is_running():
            time.sleep(0.005)
        time.sleep(seconds)
        process.kill()
        is_new, paid = _contents(copy) != before, held_answers(copy)
        read_snapshot(copy)
        assert not is_new or paid == whole, "the new one takes its place when it is whole"
        lost = server.callers.count(f"KILLED{number}") - paid
        assert lost in (0, 1), f"{lost} answers came and are not in the cache"
        status, out, err = started(f"NEXT{number}").wait()
        assert status == 0, err
        assert server.callers.count(f"NEXT{number}") == whole - paid
        missing = whole - paid
        requests = f"{missing} request" + ("" if missing == 1 else "s")
        assert f"{requests}, {missing} of them paid" in out
        total = sum(read_snapshot(copy).tables["cost"]["unblended_cost"])
        assert total == sum(charge.unblended for charge in server.charges)
        left = {file.name for file in copy.parent.iterdir()}
        assert left == {place.name, ".prism-cache"}, f"half-written: {left}"
        return paid, is_new

    with ThreadPoolExecutor(3) as workers:
        return list(workers.map(kill, range(times)))


def _contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def words_in(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield every file under a folder with its name and what it says, whatever it is packed in."""
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            yield file, f"{file.relative_to(folder)}\n{_words(file.name, file.read_bytes())}"


def _words(name: str, raw: bytes) -> str:
    if name.endswith(".gz"):
        raw = gzip.decompress(raw)
    if name.endswith(".parquet"):
        import pyarrow.parquet

        table = pyarrow.parquet.read_table(io.BytesIO(raw))
        return f"{table.schema.metadata}{table.to_pylist()}"
    if zipfile.is_zipfile(io.BytesIO(raw)):  # a workbook is one
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            return "\n".join(n + _words(n, packed.read(n)) for n in packed.namelist())
    return raw.decode("utf-8", "replace")
