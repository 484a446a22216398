"""Every format of benchmark file; expected figures are in the files or worked out from them."""

import base64
import json
import struct
import zlib
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from prismlib.slo_tables import BENCHMARK_RUN, BENCHMARK_TABLES, BENCHMARK_TOOLS, SLO
from prismlib.sources.benchmark_files import read_benchmarks, with_benchmarks
from prismlib.sources.used_tables import UsedTables
from prismlib.tables import check, empty, records

DATA = Path(__file__).parents[1] / "data" / "benchmark_files"
D = Decimal


def read(*names):
    return read_benchmarks([DATA / name for name in names])


def runs(read):
    return {row["run_id"]: row for row in records(read.benchmark_run)}


def points(read, run_id):
    rows = records(read.benchmark_point)
    return {row["statistic"]: row["value_ms"] for row in rows if row["run_id"] == run_id}


def buckets(read, run_id):
    names = ("lower_ms", "upper_ms", "measurements")
    return [
        tuple(row[name] for name in names)
        for row in records(read.benchmark_bucket)
        if row["run_id"] == run_id
    ]


def test_everything_recorded_is_read_into_valid_tables():
    found = read_benchmarks([DATA])
    for name, table in BENCHMARK_TABLES.items():
        check(found.tables[name], table)
    assert set(found.benchmark_run["tool_name"]) == {*BENCHMARK_TOOLS} - {"unreadable"}
    assert not any(found.benchmark_run["is_made_up"])
    known = UsedTables({"slo": empty(SLO), "benchmark_run": empty(BENCHMARK_RUN)})
    given = with_benchmarks(known, [DATA])
    assert given["slo"] is known["slo"]
    assert len(given["benchmark_run"]) == len(found.benchmark_run)


def test_redis_csv_by_header_name():
    found = read("redis.csv")
    assert points(found, "redis.get") == {
        **{"mean": D("0.162"), "min": D("0.040"), "p50": D("0.151"), "p95": D("0.239")},
        **{"p99": D("0.271"), "max": D("1.471")},
    }
    places = {row["statistic"]: row["field_number"] for row in records(found.benchmark_point)}
    # What `cut -d, -f4` prints is the minimum.
    assert places == {"mean": 3, "min": 4, "p50": 5, "p95": 6, "p99": 7, "max": 8}
    run = runs(found)["redis.set"]
    assert (run["operations_per_second"], run["load_model"]) == (D("69686.41"), "closed")
    assert (run["clip_low_ms"], run["clip_high_ms"]) == (D("0.01"), D(3000))
    assert (run["requests"], run["clients"], run["observed_at"]) == (None, None, None)
    assert run["file_lines"] == 3
    assert found.benchmark_bucket.empty


def test_redis_csv_in_another_order_of_columns(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text('"p99_latency_ms","test","rps"\n"0.9","GET","5.0"\n', encoding="utf-8")
    (point,) = records(read_benchmarks([path]).benchmark_point)
    assert (point["statistic"], point["value_ms"], point["field_number"]) == ("p99", D("0.9"), 1)


def test_redis_csv_before_6_2_has_a_rate_alone():
    found = read("redis_before_6_2.csv")
    run = runs(found)["redis_before_6_2.get"]
    assert run["operations_per_second"] == D("76923.08")
    assert "no latency" in run["note"]
    assert (run["clip_high_ms"], run["resolution_ms"]) == (None, None)
    assert found.benchmark_point.empty


@pytest.mark.parametrize("column", ["p75_latency_ms", "p99.9_latency_ms", "p50_latency_usec"])
def test_redis_csv_with_a_column_that_it_never_has(tmp_path, column):
    path = tmp_path / "r.csv"
    path.write_text(f'"test","rps","{column}"\n"GET","5.0","1"\n', encoding="utf-8")
    (run,) = records(read_benchmarks([path]).benchmark_run)
    assert run["tool_name"] == "unreadable"
    assert "no known version" in run["note"]
    assert column in run["note"]


def test_redis_text_as_buckets():
    found = read("redis.txt")
    run = runs(found)["redis"]
    assert (run["requests"], run["clients"], run["duration_s"]) == (20000, 20, D("0.29"))
    assert (run["payload_bytes"], run["operations_per_second"]) == (D(3), D("68728.52"))
    told = buckets(found, "redis")
    assert sum(one[2] for one in told) == 20000
    assert told[0][0] == 0
    assert all(before[1] <= after[0] for before, after in pairwise(told))
    # The line "X% <= V milliseconds (cumulative count N)" says that N take V or less.
    text = (DATA / "redis.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if "cumulative count" in line:
            value, total = D(line.split()[2]), int(line.split()[-1].rstrip(")"))
            assert sum(one[2] for one in told if one[1] <= value) == total


def test_redis_quiet_behind_its_progress():
    found = read("redis_quiet.txt")
    assert runs(found)["redis_quiet.get"]["operations_per_second"] == D("76923.08")
    assert points(found, "redis_quiet.get") == {"p50": D("0.135")}


def test_ab_rows_as_whole_milliseconds():
    found = read("ab.tsv")
    run = runs(found)["ab"]
    # cut -f5 | sort -n | uniq -c: 8 of 0 ms, 376 of 1, 8 of 3, 8 of 5
    assert buckets(found, "ab") == [
        (D(0), D("0.5"), 8),
        (D("0.5"), D("1.5"), 376),
        (D("2.5"), D("3.5"), 8),
        (D("4.5"), D("5.5"), 8),
    ]
    assert (run["resolution_ms"], run["requests"], run["file_lines"]) == (1, 400, 401)
    first = (DATA / "ab.tsv").read_text(encoding="utf-8").splitlines()[1].split("\t")[1]
    assert run["observed_at"] == datetime.fromtimestamp(int(first), tz=UTC)
    assert run["duration_s"] is None  # all of it within a second


def test_ab_percentages():
    found = read("ab.csv")
    told = points(found, "ab")
    lines = dict(
        line.split(",") for line in (DATA / "ab.csv").read_text(encoding="utf-8").split()[4:]
    )
    assert len(told) == 101
    assert told["p99"] == D(lines["99"])
    assert told["max"] == D(lines["100"])
    assert "p99.9" not in told
    assert found.benchmark_bucket.empty


def test_ab_as_printed():
    found = read("ab.txt")
    run = runs(found)["ab"]
    assert (run["clients"], run["requests"], run["failed_requests"]) == (8, 400, 0)
    assert (run["duration_s"], run["payload_bytes"]) == (D("0.043"), D(3))
    assert points(found, "ab")["max"] == 5


def test_the_files_of_one_run_of_ab_stay_apart():
    assert set(runs(read("ab.csv", "ab.tsv", "ab.txt"))) == {"ab", "ab.tsv", "ab.txt"}


def test_wrk():
    found = read("wrk.txt")
    run = runs(found)["wrk"]
    assert points(found, "wrk") == {
        **{"mean": D("0.06128"), "max": D("3.66"), "p50": D("0.061"), "p75": D("0.065")},
        **{"p90": D("0.083"), "p99": D("0.144")},
    }
    assert (run["requests"], run["clients"], run["load_model"]) == (225900, 8, "closed")
    assert (run["duration_s"], run["operations_per_second"]) == (D("2.10"), D("107575.32"))
    assert run["target_name"] == "http://127.0.0.1:18391/"
    assert run["resolution_ms"] == D("0.001")  # prints 0.01 us, measures whole ones


def test_wrk2_keeps_a_rate_and_prints_a_spectrum():
    found = read("wrk2.txt")
    run = runs(found)["wrk2"]
    assert (run["tool_name"], run["load_model"], run["clients"]) == ("wrk2", "open", 100)
    # 4,000 recorded of 6,000 made: the first ten seconds are for finding the pace.
    assert run["requests"] == 4000
    assert run["failed_requests"] == 1 + 2 + 4
    assert points(found, "wrk2")["p99.9"] == D("8.99")
    # TotalCount 4, 2000, 3000, 3600, 3963, 3997, 4000 -> 4, 1996, 1000, 600, 363, 34, 3
    assert [one[2] for one in buckets(found, "wrk2")] == [4, 1996, 1000, 600, 363, 34, 3]
    assert buckets(found, "wrk2")[-1][:2] == (D("8.999"), D(9))


def test_wrk2_latency_without_the_wait_is_not_the_latency(tmp_path):
    text = (DATA / "wrk2.txt").read_text(encoding="utf-8")
    start, end = text.index("  Latency Distribution"), text.index("-----")
    better = text[start:end].replace("Recorded", "Uncorrected").replace("4.000 ", "0.001 ")
    path = tmp_path / "u.txt"
    path.write_text(text[:end] + better + text[end:], encoding="utf-8")
    assert buckets(read_benchmarks([path]), "u") == buckets(read("wrk2.txt"), "wrk2")


def test_memtier_percentiles_and_histograms():
    found = read("memtier.json")
    assert set(runs(found)) == {"memtier.get", "memtier.set", "memtier"}
    run = runs(found)["memtier.get"]
    assert (run["clients"], run["requests"], run["duration_s"]) == (4 * 50, 100, 2)
    assert run["observed_at"] == datetime(2025, 11, 15, 8, tzinfo=UTC)
    assert (run["target_name"], run["payload_bytes"]) == ("10.0.10.10:6379", 32)
    assert points(found, "memtier.get")["p99"] == D("3.007")
    # Recorded: 50 of 100 us, 30 of 250, 19 of 3,000, one of 70,000. With 2 digits from 10 us the
    # slots are 8 us wide to 2,048 us, 16 to 4,096, then 512 to 131,072.
    assert buckets(found, "memtier.get") == [
        (D("0.096"), D("0.103"), 50),
        (D("0.248"), D("0.255"), 30),
        (D("2.992"), D("3.007"), 19),
        (D("69.632"), D("70.143"), 1),
    ]
    assert sum(one[2] for one in buckets(found, "memtier")) == 110


def test_a_histogram_of_long_gaps_and_three_digits(tmp_path):
    # Slot 0 once, 299 empty slots, slot 300 200 times, 1,747 empty, slot 2048 once. With three
    # digits from 1 us 2,048 slots are 1 us wide and the next 1,024 2 us: slot 2048 is 2,048-2,049.
    def coded(value):
        number, out = (value << 1) ^ (value >> 63), bytearray()
        while number >= 0x80:
            out.append(number & 0x7F | 0x80)
            number >>= 7
        return bytes([*out, number])

    counts = b"".join(map(coded, (1, -299, 200, -1747, 1)))
    plain = struct.pack(">IIIIqqd", 0x1C849313, len(counts), 0, 3, 1, 3_600_000, 1.0) + counts
    packed = zlib.compress(plain)
    text = base64.b64encode(struct.pack(">II", 0x1C849314, len(packed)) + packed).decode()
    answer = json.loads((DATA / "memtier.json").read_text(encoding="utf-8"))
    listed = answer["ALL STATS"]["Gets"]["Percentile Latencies"]
    listed["Histogram log format"]["Compressed Histogram"] = text
    path = tmp_path / "m.json"
    path.write_text(json.dumps(answer), encoding="utf-8")
    assert buckets(read_benchmarks([path]), "m.get") == [
        (D(0), D(0), 1),
        (D("0.3"), D("0.3"), 200),
        (D("2.048"), D("2.049"), 1),
    ]


def test_a_spectrum_by_itself():
    found = read("spectrum.txt")
    # The same 100 GET, printed with two decimals.
    assert buckets(found, "spectrum") == [
        (D(0), D("0.10"), 50),
        (D("0.10"), D("0.26"), 30),
        (D("0.26"), D("3.01"), 19),
        (D("3.01"), D("70.14"), 1),
    ]
    assert "read as ms" in runs(found)["spectrum"]["note"]


def test_k6_in_both_forms():
    found = read("k6_export.json", "k6_handle_summary.json")
    export, summary = runs(found)["k6_export"], runs(found)["k6_handle_summary"]
    assert (export["requests"], export["failed_requests"], export["clients"]) == (1671, 3, 200)
    assert (summary["failed_requests"], summary["duration_s"]) == (0, D("42.3455"))
    assert export["load_model"] == ""  # a summary does not say how the load was made
    assert points(found, "k6_export")["p95"] == D("21.44")
    assert "p99" not in points(found, "k6_export")
    # summaryTimeUnit is for what is printed: the JSON stays in ms.
    assert points(found, "k6_handle_summary")["p99.9"] == D("36.1")


def test_cloudwatch_percentile_of_one_period():
    found = read("cloudwatch_hour.json")
    assert points(found, "cloudwatch_hour") == {
        **{"p50": D("0.61"), "p99": D("1.18"), "p99.9": D("4.2")}
    }
    metrics = {row["statistic"]: row["metric_value"] for row in records(found.benchmark_metric)}
    assert metrics["p99"] == D("0.00118")
    assert runs(found)["cloudwatch_hour"]["observed_at"] == datetime(2025, 11, 15, 9, tzinfo=UTC)


def test_cloudwatch_means_are_no_percentile_and_are_not_averaged():
    found = read("cloudwatch_minutes.json")
    assert found.benchmark_point.empty
    run = runs(found)["cloudwatch_minutes"]
    assert "mean of means" in run["note"]
    assert run["requests"] == 1000
    assert len(found.benchmark_metric) == 4


def test_timed_downloads():
    found = read("downloads.log")
    run = runs(found)["downloads"]
    assert (run["requests"], run["failed_requests"], run["resolution_ms"]) == (5, 0, 1)
    text = (DATA / "downloads.log").read_text(encoding="utf-8")
    times = [D(line[7:-1]) for line in text.splitlines() if line.startswith("real\t0m")]
    middles = [row["value_ms"] for row in records(found.benchmark_bucket)]
    assert middles == sorted({1000 * time for time in times})


def test_downloads_without_times_measured_nothing():
    found = read("downloads_without_times.log")
    run = runs(found)["downloads_without_times"]
    assert (run["requests"], run["file_lines"]) == (None, 5)
    assert run["note"] == "no timings in 5 downloads: bash writes them to stderr"
    assert found.benchmark_bucket.empty


def test_seconds_a_line_and_samples():
    found = read("seconds.log", "samples.csv")
    assert [one[2] for one in buckets(found, "seconds")] == [1, 1, 2]
    assert buckets(found, "seconds")[0] == (D("14.15"), D("14.25"), 1)
    assert runs(found)["samples"]["requests"] == 400
    assert buckets(found, "samples")[0] == (D("0.245"), D("0.255"), 300)
