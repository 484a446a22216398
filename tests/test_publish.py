from __future__ import annotations

import fcntl
import os
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


def test_left_overs_of_a_killed_run_are_removed(place: Path) -> None:
    fill(place, "old")
    (place.parent / ".building-2025-W45-x").mkdir()
    place.rename(place.parent / ".aside-2025-W46")  # killed between two renames
    fill(place.with_name("2025-W47"), "next")
    assert read(place) == "old"
    assert {path.name for path in place.parent.iterdir()} == {"2025-W46", "2025-W47"}


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
