"""A launch of one's own, as README.md shows it: its text makes a snapshot that is decided on."""

from __future__ import annotations

import json
import re
import shlex
import sys
from pathlib import Path

import pytest

from prismlib import cli
from prismlib.paths import ROOT, SAMPLE
from prismlib.snapshot_tables import HAND_WRITTEN

README = (ROOT / "README.md").read_text(encoding="utf-8")
TABLES = dict(re.findall(r"^`launch/(\w+\.csv)`\n\n((?:    .*\n)+)", README, re.MULTILINE))
COMMANDS = re.findall(r"^    \.venv/bin/prism (.*\blaunch .*)$", README, re.MULTILINE)


@pytest.fixture
def launch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder ``launch`` with the files that README.md shows, in the working folder."""
    folder = tmp_path / "launch"
    folder.mkdir()
    for name, text in TABLES.items():
        (folder / name).write_text(re.sub("^    ", "", text, flags=re.MULTILINE), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return folder


def run(*words: str) -> int:
    """Return the exit status of the command."""
    sys_argv, sys.argv = sys.argv, ["prism", *words]
    try:
        with pytest.raises(SystemExit) as ended:
            cli.main()
    finally:
        sys.argv = sys_argv
    return int(str(ended.value.code))


def decision(out: Path) -> str:
    """Return what the report that was made says of the launch: its first words."""
    (file,) = out.glob("*/findings.json")
    (found,) = [
        one
        for one in json.loads(file.read_text(encoding="utf-8"))
        if one["id"] == "launch.decision"
    ]
    return str(found["statement"]).split(".")[0]


def without_line(file: Path, begins: str) -> None:
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(begins)]
    assert len(kept) == len(lines) - 1
    file.write_text("".join(kept), encoding="utf-8")


def test_readme_shows_four_tables_and_two_commands() -> None:
    assert [*TABLES] == [
        "readiness_item.csv",
        "criterion.csv",
        "decision_rule.csv",
        "stated_evidence.csv",
    ]
    assert [command.split()[0] for command in COMMANDS] == ["check", "report"]


@pytest.mark.parametrize(
    ("look", "expected"),
    [("", "GO"), ("restore,", "NO-GO")],
    ids=["every look", "no look at the item"],
)
def test_text_of_the_readme_decides(launch: Path, tmp_path: Path, look: str, expected: str) -> None:
    """Without its look the critical gap is not known to be closed, and that is no GO."""
    check, report = map(shlex.split, COMMANDS)
    if look:
        assert run(*check) == 0
        without_line(launch / "stated_evidence.csv", look)
    assert run(*check) == 0
    assert run(*report, "--out", str(tmp_path / "out")) == 0
    assert decision(tmp_path / "out") == expected


def test_page_of_data_lists_every_table_that_people_write() -> None:
    page = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    text = page.split("**Adding a table:**")[1].split(". Any")[0]
    assert re.findall(r"`(\w+)`", text) == [*HAND_WRITTEN]


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("readiness_item", "critical", "blocker", "severity of the row item_id gap.1"),
        ("stated_evidence", "pass", "passed", "evidence_state of the row evidence_id restore"),
        ("decision_rule", "gaps,pass", "gaps,unknown", "bands_that_match of the row rule_set"),
        ("decision_rule", "NO-GO", "no-go", "decision of the row rule_set launch, priority 20"),
        ("criterion", "open_critical_gaps", "open_critcal_gaps", "measure_name of the row"),
        ("criterion", "at most,0,0", "at most,3,1", "no_go_value of the row criterion_id gaps"),
    ],
)  # fmt: skip
def test_word_that_the_report_would_refuse_is_refused_before(
    launch: Path, name: str, old: str, new: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    check = shlex.split(COMMANDS[0])
    file = launch / f"{name}.csv"
    good = file.read_text(encoding="utf-8")
    file.write_text(good.replace(old, new, 1), encoding="utf-8")
    assert run(*check) == 2
    assert f"in {name}.csv: {words}" in capsys.readouterr().err
    assert not (launch / "snapshot.json").exists()
    file.write_text(good, encoding="utf-8")
    assert run(*check) == 0


def test_check_judges_the_words_of_what_is_sealed(
    launch: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A snapshot that an earlier version sealed: its hashes are right and its words are not."""
    from prismlib.sources.snapshot_sealing import Dates, seal_snapshot

    file = launch / "readiness_item.csv"
    file.write_text(file.read_text("utf-8").replace("critical", "Critical"), "utf-8")
    seal_snapshot(launch, Dates.of("2025-11", "2025-11-16"))
    assert run("check", "launch") == 2
    assert "severity of the row item_id gap.1 is not usable" in capsys.readouterr().err


@pytest.mark.parametrize(("option", "value"), [("--month", "2025-11"), ("--as-of", "2025-11-16")])
def test_dates_are_for_sealing_only(
    option: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("check", str(SAMPLE), option, value) == 2
    assert f"{option} is not usable" in capsys.readouterr().err


def test_report_refuses_evidence_that_it_would_not_read(
    launch: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check, report = map(shlex.split, COMMANDS)
    assert run(*check) == 0
    sealed = (launch / "snapshot.json").read_bytes()
    failing = "leak,gap.1,leak,fail,,,2025-11-15T10:00:00Z,14\n"
    header = (launch / "stated_evidence.csv").read_text("utf-8").splitlines(keepends=True)[0]
    (launch / "evidence.csv").write_text(header + failing, encoding="utf-8")
    for words in (check, check[:2], [*report, "--out", str(tmp_path / "out")]):
        assert run(*words) == 2
        told = capsys.readouterr().err
        assert "evidence.csv" in told
        assert "belongs into stated_evidence.csv" in told
    assert (launch / "snapshot.json").read_bytes() == sealed
    assert not (tmp_path / "out").exists()
