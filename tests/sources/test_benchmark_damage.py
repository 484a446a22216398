"""Benchmark files that are broken, mixed or none: a word on each, and never a figure."""

import gzip
import shutil
import time
import tracemalloc
from decimal import Decimal
from pathlib import Path

import pytest

from prismlib.errors import SourceError
from prismlib.sources.benchmark_files import read_benchmarks
from prismlib.tables import records

DATA = Path(__file__).parents[1] / "data" / "benchmark_files"
HEADER = (DATA / "redis.csv").read_text(encoding="utf-8").splitlines()[0]
ROW = '"GET","65573.77","0.162","0.040","0.151","0.239","0.271","1.471"'
GNUPLOT = "starttime\tseconds\tctime\tdtime\tttime\twait"


def text_of(name):
    return (DATA / name).read_text(encoding="utf-8")


def ab_row(ms, seconds=1795539480):
    return f"Tue Nov 24 16:58:00 2026\t{seconds}\t0\t{ms}\t{ms}\t0"


BROKEN = {
    "empty": ("", "empty file"),
    "blank": ("\n \n", "empty file"),
    "binary": (b"\x89PNG\r\n\x1a\n\x00\xff", "not UTF-8 text"),
    "prose": ("Benchmarks of last week were fine.\n", "not a benchmark file of a known kind"),
    "a table of something else": ("service,cost\nS3,1\n", "not a benchmark file of a known kind"),
    "redis header alone": (HEADER + "\n", "truncated in line 1 (seen: a header alone)"),
    "redis row cut": (f"{HEADER}\n" + '"GET","6","0.1"\n', "truncated: 3 of 8 fields in line 2"),
    "redis old row": (f'{HEADER}\n"GET","65573.77"\n', "mixes versions of redis-benchmark"),
    "redis new row": (f'"GET","65573.77"\n{ROW}\n', "mixes versions of redis-benchmark"),
    "redis two headers": (f"{HEADER}\n{ROW}\n{HEADER}\n{ROW}\n", "8-column and 8-column"),
    "redis old, then new": (f'"GET","1.5"\n{HEADER}\n{ROW}\n', "2-column and 8-column"),
    "redis twice": (f"{HEADER}\n{ROW}\n{ROW}\n", "the test GET twice"),
    "redis nan": (f"{HEADER}\n{ROW.replace('0.271', 'nan')}\n", "nan in p99 in line 2"),
    "redis inf": (f"{HEADER}\n{ROW.replace('1.471', 'inf')}\n", "inf in max in line 2"),
    "redis -nan": (f"{HEADER}\n{ROW.replace('0.151', '-nan')}\n", "-nan in p50"),
    "redis negative": (f"{HEADER}\n{ROW.replace('0.040', '-0.040')}\n", "-0.040 in min"),
    "redis empty cell": (f"{HEADER}\n{ROW.replace('0.271', '')}\n", "nothing in p99"),
    "redis shifted": (f"{HEADER}\n{ROW.replace('0.271', '0.001')}\n", "p99 is below p95"),
    "redis text cut": (text_of("redis.txt")[:900], "truncated"),
    "redis text before 6.2": (
        "====== GET ======\n  1000 requests completed in 0.10 seconds\n\n98.4% <= 1 milliseconds\n"
        "100.00% <= 2 milliseconds\n9708.38 requests per second\n",
        "text of redis-benchmark before 6.2",
    ),
    "ab header alone": (GNUPLOT + "\n", "truncated"),
    "ab cut in a row": (f"{GNUPLOT}\n{ab_row(1)}\nTue Nov 24 16", "truncated: 1 of 6 fields"),
    "ab cut in a number": (f"{GNUPLOT}\n{ab_row(1)}", "a last line without its end"),
    "ab two headers": (f"{GNUPLOT}\n{ab_row(1)}\n{GNUPLOT}\n{ab_row(1)}\n", "two headers"),
    "ab in no year": (f"{GNUPLOT}\n{ab_row(1, 9 * 10**17)}\n", "900000000000000000 in seconds"),
    "ab nan": (f"{GNUPLOT}\n{ab_row('nan')}\n", "nan in ttime in line 2"),
    "ab negative": (f"{GNUPLOT}\n{ab_row(-1)}\n", "-1 in ttime in line 2"),
    "ab -e cut": (text_of("ab.csv")[:300], "truncated"),
    "ab -e twice": (text_of("ab.csv") * 2, "holds two runs"),
    "ab printed, cut": (text_of("ab.txt")[:700], "truncated"),
    "wrk cut": (text_of("wrk.txt")[:250], "truncated"),
    "wrk twice": (text_of("wrk.txt") * 2, "holds two runs"),
    "wrk nan": (text_of("wrk.txt").replace("144.00us", "-nanus"), "-nanus in p99"),
    "wrk2 spectrum cut": (
        text_of("wrk2.txt").replace("       9.000     1.000000         4000          inf\n", ""),
        "truncated",
    ),
    "spectrum cut": (text_of("spectrum.txt")[:1500], "truncated"),
    "spectrum twice": (text_of("spectrum.txt") * 2, "holds two runs"),
    "memtier cut": (text_of("memtier.json")[:900], "truncated or damaged JSON"),
    "memtier NaN": (text_of("memtier.json").replace("3.007", "NaN"), "NaN in p99.00"),
    "memtier Infinity": (text_of("memtier.json").replace("70.143", "Infinity"), "Infinity in"),
    "memtier histogram": (text_of("memtier.json").replace("HISTFAAAACl4", "HISTFAAAACl5"), "compr"),
    "memtier interrupted": (
        text_of("memtier.json").replace('"Total dur', '"Interrupted": "true", "Total dur'),
        "truncated",
    ),
    "memtier of the best run": (
        text_of("memtier.json").replace("ALL STATS", "BEST RUN RESULTS"),
        "has no results of a whole run",
    ),
    "k6 without a request": (
        text_of("k6_export.json").replace('"count": 1671', '"count": 0'),
        "k6 made no request",
    ),
    "cloudwatch without data": ('{"Label": "x", "Datapoints": []}', "no data point"),
    "cloudwatch NaN": (text_of("cloudwatch_hour.json").replace("0.00118", "NaN"), "NaN in p99"),
    "other JSON": ('{"a": 1}', "not a benchmark file of a known kind"),
    "log cut in a time": (text_of("downloads.log") + "real\t0m0.1", "truncated"),
    "log nan": ("0.185\nnan\n", "nan in real in line 2"),
    "log of two kinds": (text_of("downloads.log") + "0.185\n", "holds two runs"),
    "samples nan": ("value_ms\n0.5\nNaN\n", "NaN in value_ms in line 3"),
    "samples cut": ("value_ms,count\n0.5,3\n0.7\n", "truncated: 1 of 2 fields in line 3"),
    "samples half a count": ("value_ms,count\n0.5,1.5\n", "no whole number"),
    "samples of nothing": ("value_ms,count\n0.5,0\n", "no measurement"),
    "samples twice": ("value_ms\n0.5\nvalue_ms\n0.5\n", "two headers"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_a_run_that_measured_nothing(tmp_path, name):
    content, word = BROKEN[name]
    path = tmp_path / "hot.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    (alone,) = records(read_benchmarks([path]).benchmark_run)
    assert (alone["run_id"], alone["tool_name"]) == ("hot", "unreadable")
    assert word in alone["note"]

    shutil.copy(DATA / "redis.csv", tmp_path / "zzz.csv")
    found = read_benchmarks([tmp_path])
    broken, *others = records(found.benchmark_run)
    assert (broken["run_id"], broken["tool_name"]) == ("hot", "unreadable")
    assert broken["service_tier"] == "hot"  # so that what it was to show is unknown
    assert word in broken["note"]
    assert broken["requests"] is broken["operations_per_second"] is None
    assert any(note.startswith("hot.csv: ") and word in note for note in found.notes)
    assert [row["run_id"] for row in others] == ["zzz.set", "zzz.get"]
    for table in (found.benchmark_point, found.benchmark_bucket, found.benchmark_metric):
        assert "hot" not in set(table["run_id"])


@pytest.mark.parametrize("name", ["redis.csv", "redis.txt", "ab.tsv", "wrk2.txt", "downloads.log"])
@pytest.mark.parametrize("how", ["mark", "returns", "packed"])
def test_mark_returns_and_gzip_change_nothing(tmp_path, name, how):
    path, content = tmp_path / name, (DATA / name).read_bytes()
    if how == "mark":
        path.write_bytes(b"\xef\xbb\xbf" + content)
    elif how == "returns":
        path.write_bytes(content.replace(b"\n", b"\r\n"))
    else:
        path = tmp_path / (name + ".gz")
        path.write_bytes(gzip.compress(content))
    plain, changed = read_benchmarks([DATA / name]), read_benchmarks([path])
    assert changed.benchmark_point.equals(plain.benchmark_point)
    assert changed.benchmark_bucket.equals(plain.benchmark_bucket)
    columns = ["requests", "clients", "observed_at", "file_lines", "note"]
    assert changed.benchmark_run[columns].equals(plain.benchmark_run[columns])


def test_a_million_rows_take_seconds_and_the_memory_of_their_values(tmp_path):
    path = tmp_path / "ab.tsv"
    with path.open("w", encoding="utf-8") as text:
        text.write(GNUPLOT + "\n")
        for ms in range(1000):
            text.write((ab_row(ms, 1795539480 + ms) + "\n") * 1000)
    start = time.monotonic()
    found = read_benchmarks([path])
    assert time.monotonic() - start < 20
    (run,) = records(found.benchmark_run)
    assert (run["requests"], run["duration_s"]) == (1_000_000, 999)
    assert set(found.benchmark_bucket["measurements"]) == {1000}
    assert list(found.benchmark_bucket["value_ms"]) == [Decimal(ms) for ms in range(1000)]

    small = tmp_path / "part.tsv"
    with path.open(encoding="utf-8") as text, small.open("w", encoding="utf-8") as part:
        part.writelines(text.readline() for _ in range(100_001))
    tracemalloc.start()
    read_benchmarks([small])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000  # the file is 5 MB and more; as rows it would be several times that


def test_nothing_to_read_is_an_error(tmp_path):
    with pytest.raises(SourceError, match="no such file or folder"):
        read_benchmarks([tmp_path / "missing"])
    (tmp_path / "README.md").write_text("about", encoding="utf-8")
    with pytest.raises(SourceError, match="no benchmark file"):
        read_benchmarks([tmp_path])
