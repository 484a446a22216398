"""The command line on traffic between zones: the sample, a bill, next to nothing."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
from cross_az_cases import DATA, bill, charge

from prismlib import cli
from prismlib.paths import SAMPLE
from prismlib.sources.snapshots import Description, Origin, write_snapshot


@pytest.fixture
def prism(monkeypatch: pytest.MonkeyPatch):
    """Return a function that runs the command and gives its exit status."""

    def run(*arguments: str | Path) -> int:
        only = ["--only", "cross_az_traffic"] if arguments[0] == "report" else []
        monkeypatch.setattr(sys, "argv", ["prism", *map(str, arguments), *only])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return int(ended.value.code or 0)

    return run


def report_of(out: Path) -> tuple[dict[str, dict], str]:
    """Return the findings and the page of the only report of a folder."""
    (folder,) = out.iterdir()
    found = json.loads((folder / "findings.json").read_text("utf-8"))
    return {f["id"]: f for f in found}, (folder / "cross_az_traffic.html").read_text("utf-8")


def snapshot_of(path: Path, **tables) -> Path:
    description = Description(
        name="small",
        title="Small",
        period="2025-10",
        as_of=DATA.as_of,
        billing_currency="USD",
        notes=[],
    )
    origin = Origin(source="made for a test")
    return write_snapshot(path, description, {name: (t, origin) for name, t in tables.items()})


def test_a_share_that_is_set_is_in_the_page(prism, tmp_path):
    # 7.5 % of 1,400 GB/s in 30 days at 0.02: 105 x 2,592,000 x 0.02 = 5,443,200.
    assert prism("report", "-p", "crossing=7.5", "--out", tmp_path) == 0
    found, page = report_of(tmp_path)
    assert found["traffic.month_cost"]["value"] == 5_443_200
    assert "Traffic between zones costs $5,443,200 a month" in page
    assert "$48,384,000" in page  # as built, beside it


def test_a_changed_placement_changes_the_report(prism, tmp_path):
    # Half of the primaries go to another zone. A client in a third of each zone then crosses for
    # 1 - (1/3 x 1/2 + 1/3 x 1/2) = 2/3 as before, but no zone holds all of them.
    sample = Path(shutil.copytree(SAMPLE, tmp_path / "changed"))
    file = sample / "placement.csv"
    text = file.read_text("utf-8")
    assert text.count("primary,us-west-2a,16,") == 1
    note = "made for a test"
    rows = f"primary,us-west-2a,8,{note},{note}\nprimary,us-west-2b,8,"
    file.write_text(text.replace("primary,us-west-2a,16,", rows), "utf-8")
    assert prism("check", sample, "--seal") == 0
    assert prism("report", "--snapshot", sample, "--out", tmp_path / "out") == 0
    found, page = report_of(tmp_path / "out")
    assert "traffic.one_zone.primary" not in found
    assert found["traffic.as_built_share"]["value"] == pytest.approx(200 / 3)
    assert "16 of 16 primary" not in page


def test_a_bill_and_a_placement_give_a_report(prism, tmp_path):
    # 267,840 GB at both ends are 133,920 GB; two thirds cross.
    line = charge("USW2-DataTransfer-Regional-Bytes", "2678.40", "267840")
    snapshot = snapshot_of(tmp_path / "small", cost=bill(line), placement=DATA.tables["placement"])
    assert prism("report", "--snapshot", snapshot, "--out", tmp_path / "out") == 0
    found, page = report_of(tmp_path / "out")
    assert found["traffic.billed"]["value"] == 2678.4
    assert found["traffic.bill_rate"]["verdict"] == "holds"
    assert "The bill lists $2,678 for it, 133,920 GB moved" in page


def test_an_estimate_alone_gives_a_report_that_says_unknown(prism, tmp_path):
    snapshot = snapshot_of(tmp_path / "small", estimate=DATA.tables["estimate"])
    assert prism("report", "--snapshot", snapshot, "--out", tmp_path / "out") == 0
    found, page = report_of(tmp_path / "out")
    assert {f["verdict"] for f in found.values()} == {"unknown"}
    assert "What traffic between zones costs cannot be said" in page
    assert "That is not a cost of zero." in page


@pytest.mark.parametrize(
    ("parameter", "words"),
    [
        ("zones=2", "at least 3: placement.csv places nodes in us-west-2a, us-west-2b, us-west-2c"),
        ("crossing=measured", "a share that the snapshot has (as_built, stated)"),
        ("crossing=5%", "a percentage such as 12.5"),
        ("compression_ratio=0.5", "1 or more: size before / size after"),
        ("failed_pct=nan", "a percentage"),
    ],
)
def test_a_parameter_that_contradicts_the_data_publishes_nothing(
    prism, tmp_path, capsys, parameter, words
):
    assert prism("report", "-p", parameter, "--out", tmp_path / "out") == 2
    said = capsys.readouterr().err
    assert parameter.partition("=")[0] in said
    assert words in said
    assert "Traceback" not in said
    assert not list((tmp_path / "out").rglob("*.html"))
