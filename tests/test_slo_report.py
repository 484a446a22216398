"""The command line on benchmarks: recorded files, broken ones, options that do not go together."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from prismlib import cli, paths

FILES = Path(__file__).parent / "data" / "benchmark_files"


@pytest.fixture
def prism(monkeypatch: pytest.MonkeyPatch):
    """Return a function that runs the command and gives its exit status."""

    def run(*arguments: str | Path) -> int:
        monkeypatch.setattr(sys, "argv", ["prism", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return int(ended.value.code or 0)

    return run


def found_in(out: Path) -> tuple[dict[str, dict], str]:
    (folder,) = out.iterdir()
    found = json.loads((folder / "findings.json").read_text("utf-8"))
    page = (folder / "performance_slo.html").read_text("utf-8")
    return {one["id"]: one for one in found}, page


def test_broken_files_are_unknown_with_a_word_and_never_a_pass(prism, tmp_path):
    """Empty, cut off, not a number, and one good file beside them."""
    folder = tmp_path / "results"
    folder.mkdir()
    good = (FILES / "redis.csv").read_text("utf-8")
    head, first = good.splitlines()[:2]
    (folder / "hot-empty.csv").write_text("", "utf-8")
    (folder / "hot-cut.csv").write_text(f"{head}\n{first[: len(first) // 2]}", "utf-8")
    cells = first.split(",")
    (folder / "hot-nan.csv").write_text(
        f"{head}\n{','.join([*cells[:-1], chr(34) + 'nan' + chr(34)])}\n", "utf-8"
    )
    shutil.copy(FILES / "ab.tsv", folder / "e2e.tsv")
    options = ["--only", "performance_slo", "--benchmarks", folder, "--out", tmp_path / "out"]
    assert prism("report", *options) == 0
    found, page = found_in(tmp_path / "out")
    states = {one["verdict"] for name, one in found.items() if name.startswith("slo.objective.")}
    assert states == {"unknown"}
    assert found["slo.objectives"]["verdict"] == "unknown"
    for name in ("hot-empty", "hot-cut", "hot-nan"):
        assert name in page
    assert "hot-empty: no figure" in found["slo.objective.hot_p99"]["statement"]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("", "empty file"),
        ("value_ms\n0.1\nnan\n", "nan in value_ms"),
        ('{"Datapoints": [', "truncated or damaged JSON"),
    ],
)
def test_a_broken_file_alone_renders_a_page_where_nothing_is_known(prism, tmp_path, content, word):
    path = tmp_path / "hot.csv"
    path.write_text(content, "utf-8")
    options = ["--only", "performance_slo", "-p", f"benchmarks={path}"]
    assert prism("report", *options, "--out", tmp_path / "out") == 0
    found, page = found_in(tmp_path / "out")
    states = {one["verdict"] for name, one in found.items() if name.startswith("slo.objective.")}
    assert states == {"unknown"}
    assert word in page
    assert "0 of 17 service levels are shown to be met" in page


def test_files_take_the_place_of_those_of_the_sample(prism, tmp_path):
    options = ["--only", "performance_slo", "--benchmarks", FILES / "wrk2.txt"]
    assert prism("report", *options, "--out", tmp_path / "out") == 0
    found, page = found_in(tmp_path / "out")
    assert "made up to show the method" not in page
    assert not [name for name in found if "made_up" in name]
    assert "Of no tier, so held against no objective: wrk2" in page


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--benchmarks", "there-is-none"], "there-is-none"),
        (["-p", "benchmarks=there-is-none"], "there-is-none"),
        (["-p", "benchmarks=a", "--benchmarks", "b"], "not both"),
        (["-p", "compared_statistic=99"], "a percentile such as p99"),
        (["-p", "valid_days=-1"], "a number of days"),
    ],
)
def test_bad_options_publish_nothing(prism, tmp_path, capsys, options, words):
    out = tmp_path / "out"
    assert prism("report", "--only", "performance_slo", *options, "--out", out) == 2
    assert words in capsys.readouterr().err
    assert not list(tmp_path.rglob("*.html"))


def test_the_sample_says_that_nothing_is_shown(prism, tmp_path):
    options = ["--only", "performance_slo", "--snapshot", paths.SAMPLE]
    assert prism("report", *options, "--out", tmp_path / "out") == 0
    found, page = found_in(tmp_path / "out")
    assert "0 of 17 service levels are shown to be met" in page
    assert found["slo.in_flight"]["verdict"] == "infeasible"
