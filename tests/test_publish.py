from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from prismlib import publish
from prismlib.publish import publication


def fill(place: Path, content: str) -> None:
    with publication(place) as build:
        (build / "index.html").write_text(content, "utf-8")


def read(place: Path) -> str:
    return (place / "index.html").read_text("utf-8")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "reports" / "2025-W46"


def test_publication_replaces_the_old_folder(place: Path) -> None:
    fill(place, "old")
    (place / "left.html").write_text("gone with the old report", "utf-8")
    fill(place, "new")
    assert [path.name for path in place.iterdir()] == ["index.html"]
    assert read(place) == "new"
    assert {path.name for path in place.parent.iterdir()} == {"2025-W46"}
    assert place.stat().st_mode & 0o777 == 0o755


def test_publication_without_exchange(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish, "_exchange", lambda one, other: False)
    fill(place, "old")
    fill(place, "new")
    assert read(place) == "new"
    assert {path.name for path in place.parent.iterdir()} == {"2025-W46"}


def test_error_leaves_the_old_folder(place: Path) -> None:
    fill(place, "old")
    with pytest.raises(KeyboardInterrupt), publication(place) as build:
        (build / "index.html").write_text("half", "utf-8")
        raise KeyboardInterrupt
    assert read(place) == "old"
    assert {path.name for path in place.parent.iterdir()} == {"2025-W46"}


KILLED = """
import os, signal, sys
from pathlib import Path
from prismlib import publish
place, moment = Path(sys.argv[1]), sys.argv[2]
kill = lambda *args, **options: os.kill(os.getpid(), signal.SIGKILL)
publish._exchange = lambda one, other: False  # the slower way, where a place can be empty
if moment == "between":
    rename = Path.rename
    def stopped(self, to):
        return kill() if self.name == "new" and not place.exists() else rename(self, to)
    Path.rename = stopped
elif moment == "removing":
    publish.shutil.rmtree = kill
with publish.publication(place) as build:
    (build / "index.html").write_text("new", "utf-8")
    if moment == "building":
        kill()
"""


@pytest.mark.parametrize(
    ("moment", "content"), [("building", "old"), ("between", "old"), ("removing", "new")]
)
def test_left_overs_of_a_killed_run_are_removed(place: Path, moment: str, content: str) -> None:
    fill(place, "old")
    run = subprocess.run([sys.executable, "-c", KILLED, place, moment], check=False)
    assert run.returncode == -signal.SIGKILL
    assert place.exists() == (moment != "between")
    (left,) = place.parent.glob(".building-*")
    assert (left / "prism-workshop").read_text("utf-8") == place.name
    fill(place.with_name("2025-W47"), "next")
    assert read(place) == content
    assert {path.name for path in place.parent.iterdir()} == {"2025-W46", "2025-W47"}


def test_folders_of_others_are_never_touched(place: Path, tmp_path: Path) -> None:
    fill(place, "old")
    folder = place.parent
    thesis = tmp_path / "thesis"
    thesis.mkdir()
    (thesis / "prism-workshop").write_text("2025-W46", "utf-8")
    (folder / ".building-2025-W46-link").symlink_to(thesis)
    for name, marker in (
        (".building-2025-W46-none", None),
        (".building-2025-W46-other", "2025-W45"),
        (".building-.-dots", ".."),
        (".aside-2025-W46", None),
    ):
        (folder / name / "new").mkdir(parents=True)
        if marker is not None:
            (folder / name / "prism-workshop").write_text(marker, "utf-8")
    before = sorted(str(path) for path in (*folder.rglob("*"), *thesis.rglob("*")))
    fill(place, "new")
    assert sorted(str(path) for path in (*folder.rglob("*"), *thesis.rglob("*"))) == before


def test_place_is_restored_when_the_second_step_fails(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(place, "old")
    monkeypatch.setattr(publish, "_exchange", lambda one, other: False)
    rename = Path.rename

    def fails(self: Path, target: Path) -> Path:
        if self.name == "new" and not place.exists():
            raise OSError("the disk is gone")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fails)
    with pytest.raises(OSError, match="the disk is gone"):
        fill(place, "new")
    assert read(place) == "old"
    assert {path.name for path in place.parent.iterdir()} == {"2025-W46"}


def test_folder_of_a_run_at_work_is_left_alone(place: Path) -> None:
    with publication(place) as first:
        fill(place, "second")
        assert first.is_dir()
        (first / "index.html").write_text("first", "utf-8")
    assert read(place) == "first"


def test_lock_is_released(place: Path) -> None:
    fill(place, "old")
    lock = os.open(place.parent, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(lock)
