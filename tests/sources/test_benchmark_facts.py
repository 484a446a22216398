"""What files do not say: nodes, tiers and days by name, runs.csv, copies, other files."""

import shutil
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from prismlib.errors import SourceError
from prismlib.sources.benchmark_facts import named
from prismlib.sources.benchmark_files import read_benchmarks
from prismlib.tables import records

DATA = Path(__file__).parents[1] / "data" / "benchmark_files"


@pytest.fixture
def folder(tmp_path):
    """Return a folder `bench` and a function that puts a recorded file into it."""
    top = tmp_path / "bench"

    def put(name, new_name):
        path = top / new_name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(DATA / name, path)
        return path

    return top, put


def sidecar(folder, text):
    (folder / "runs.csv").write_text(text, encoding="utf-8")


def only(found):
    (run,) = records(found.benchmark_run)
    return run


@pytest.mark.parametrize(
    ("name", "folder", "run", "node", "tier"),
    [
        ("hot@10.0.10.10.csv", "x", "hot", "10.0.10.10", "hot"),
        ("a/cold-s3.log.gz", "x", "a.cold-s3", "", "cold"),
        ("week/run.tsv", "e2e", "week.run", "", "e2e"),
        ("end-to-end hot.tsv", "x", "end-to-end hot", "", "hot"),
        ("via_proxy.tsv", "hot", "via_proxy", "", "e2e"),
        ("hotel snapshot.csv", "x", "hotel snapshot", "", ""),
        ("10.0.10.10", "x", "10.0.10.10", "", ""),
    ],
)
def test_names(name, folder, run, node, tier):
    told = named(name, folder)
    assert (told["run_id"], told["node_id"], told["service_tier"]) == (run, node, tier)


def test_a_day_in_the_name_and_never_that_of_the_disk(folder):
    top, put = folder
    put("redis_quiet.txt", "hot-2025-11-15.txt")
    put("wrk.txt", "undated.txt")
    dated, undated = (
        {row["file_name"]: row for row in records(read_benchmarks([top]).benchmark_run)}[name]
        for name in ("hot-2025-11-15.txt", "undated.txt")
    )
    assert dated["observed_at"] == datetime(2025, 11, 15, tzinfo=UTC)
    assert undated["observed_at"] is None


def test_nodes_are_parts_of_one_run(folder):
    top, put = folder
    put("ab.tsv", "hot@a.tsv")
    (top / "hot@b.tsv").write_text(
        (DATA / "ab.tsv").read_text(encoding="utf-8").replace("\t0\t1\t0\n", "\t0\t2\t0\n"),
        encoding="utf-8",
    )
    found = read_benchmarks([top])
    keys = [(row["run_id"], row["node_id"]) for row in records(found.benchmark_run)]
    assert keys == [("hot", "a"), ("hot", "b")]
    assert set(found.benchmark_bucket["node_id"]) == {"a", "b"}


def test_a_file_is_read_once_and_a_copy_of_it_not_at_all(folder):
    top, put = folder
    path = put("ab.tsv", "hot@a.tsv")
    put("ab.tsv", "hot@b.tsv")
    found = read_benchmarks([top, path])
    assert only(found)["node_id"] == "a"
    assert found.notes == (
        "hot@b.tsv: the same bytes as hot@a.tsv: a copy is no second measurement",
    )


def test_what_is_no_result_is_left_out_and_said(folder):
    top, put = folder
    put("README.md", "README.md")
    put("README.md", ".git/config")
    put("README.md", "notes.md")
    put("wrk.txt", "deep/down/wrk.txt")
    found = read_benchmarks([top])
    assert only(found)["run_id"] == "deep.down.wrk"
    assert found.notes == ("notes.md: left out, not a result",)


def test_runs_csv_goes_before_the_file(folder):
    top, put = folder
    put("ab.tsv", "one.tsv")
    sidecar(
        top,
        "file_name,service_tier,node_count,clients,duration_s,payload_bytes,observed_at,is_made_up\n"
        "*.tsv,e2e,48,,3600,,,\n"
        "one.tsv,,,1000,,1e6,2025-11-15T09:00:00Z,true\n",
    )
    run = only(read_benchmarks([top]))
    assert (run["service_tier"], run["node_count"], run["clients"]) == ("e2e", 48, 1000)
    assert (run["duration_s"], run["payload_bytes"]) == (Decimal(3600), Decimal(1_000_000))
    assert run["observed_at"] == datetime(2025, 11, 15, 9, tzinfo=UTC)
    assert (run["is_made_up"], run["requests"]) == (True, 400)
    # The same for the file by itself: its folder is where it lies.
    assert only(read_benchmarks([top / "one.tsv"]))["node_count"] == 48


def test_a_line_for_one_test_of_a_file(folder):
    top, put = folder
    put("redis.csv", "r.csv")
    sidecar(top, "file_name,test_name,payload_bytes\nr.csv,GET,20\n")
    told = {
        row["test_name"]: row["payload_bytes"]
        for row in records(read_benchmarks([top]).benchmark_run)
    }
    assert told == {"GET": 20, "SET": None}


def test_rows_that_are_missing_are_the_slowest(folder):
    top, put = folder
    path = put("ab.tsv", "hot.tsv")
    put("wrk.txt", "w.txt")
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:381]), encoding="utf-8")  # 380 of 400: no 3 and 5 ms in it
    sidecar(top, "file_name,requests\nhot.tsv,400\n")
    run = next(
        row for row in records(read_benchmarks([top]).benchmark_run) if row["run_id"] == "hot"
    )
    assert run["tool_name"] == "unreadable"
    assert "380 measurements" in run["note"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("file_name,tier\nr.csv,hot\n", "not known"),
        ("clients\n5\n", "missing"),
        ("file_name,clients,clients\nr.csv,5,5\n", "there twice"),
        ("", "no header"),
        ("file_name;clients\nr.csv;5\n", "not known"),
        ("file_name,clients\nother.csv,5\n", "a line is for no file"),
        ("file_name,clients\nr.csv,many\n", "column clients cannot be read"),
        ("file_name,clients\nr.csv,-5\n", "below zero"),
        ("file_name,duration_s\nr.csv,nan\n", "column duration_s cannot be read"),
        ("file_name,load_model\nr.csv,both\n", "neither of closed, open"),
        ("file_name,observed_at\nr.csv,2025-11-15T09:00:00\n", "without its offset"),
        ("file_name,clients\nr.csv\n", "1 cells under 2 columns"),
        ("file_name,note\nr.csv,x\n", "not known"),
    ],
)
def test_runs_csv_that_is_wrong_stops(folder, text, what):
    top, put = folder
    put("redis.csv", "r.csv")
    sidecar(top, text)
    with pytest.raises(SourceError, match=what) as error:
        read_benchmarks([top])
    assert "runs.csv" in str(error.value)
    assert error.value.remedy


def test_two_files_that_are_the_same_part_of_a_run(folder):
    top, put = folder
    put("ab.tsv", "a.tsv")
    put("wrk.txt", "b.tsv")
    sidecar(top, "file_name,run_id\n*.tsv,one\n")
    found = {row["run_id"] for row in records(read_benchmarks([top]).benchmark_run)}
    assert found == {"one", "one.tsv"}
    put("wrk2.txt", "c.tsv")
    with pytest.raises(SourceError, match="same part of a run"):
        read_benchmarks([top])
