"""Service level objectives, and the benchmarks that may show whether they are met."""

from __future__ import annotations

from prismlib.tables import Table

UNREADABLE = "unreadable"
BENCHMARK_TOOLS = (
    *("redis-benchmark", "memtier_benchmark", "ab", "wrk", "wrk2", "k6"),
    *("timed downloads", "cloudwatch", "HdrHistogram", "samples", UNREADABLE),
)
"""The programs whose files can be read, as `tool_name` spells them.

HdrHistogram is a spectrum by itself, samples are times written by hand; ``unreadable`` is a file
that could not be read: a run that measured nothing.
"""
CLOSED, OPEN = "closed", "open"
"""Load models. In a closed one a slow answer holds back the requests behind it, so that the time
they would have waited is in no figure (coordinated omission)."""
AT_MOST, AT_LEAST = "at_most", "at_least"

BENCHMARK_RUN = Table(
    "BENCHMARK_RUN",
    "a benchmark run, or the part of it that one node or file measured",
    (
        "run_id",
        "node_id",
        "service_tier",
        "tool_name",
        "tool_version",
        "test_name",
        "target_name",
        "observed_at",
        "node_count",
        "clients",
        "load_model",
        "duration_s",
        "requests",
        "failed_requests",
        "operations_per_second",
        "payload_bytes",
        "resolution_ms",
        "clip_low_ms",
        "clip_high_ms",
        "instance_type",
        "is_made_up",
        "file_name",
        "file_lines",
        "note",
        "source",
    ),
    key=("run_id", "node_id"),
    required=("run_id", "tool_name", "is_made_up"),
)

BENCHMARK_POINT = Table(
    "BENCHMARK_POINT",
    "a figure that a tool printed of its own run: a percentile, the mean ...",
    ("run_id", "node_id", "statistic", "value_ms", "field_number"),
    key=("run_id", "node_id", "statistic"),
    required=("run_id", "statistic", "value_ms"),
)

BENCHMARK_BUCKET = Table(
    "BENCHMARK_BUCKET",
    "a range of measured times, and how many of a run lie in it",
    ("run_id", "node_id", "value_ms", "lower_ms", "upper_ms", "measurements"),
    key=("run_id", "node_id", "value_ms"),
    required=("run_id", "value_ms", "lower_ms", "upper_ms", "measurements"),
)

BENCHMARK_METRIC = Table(
    "BENCHMARK_METRIC",
    "a period of a CloudWatch metric that was saved beside a benchmark",
    (
        "run_id",
        "metric_name",
        "resource_id",
        "observed_at",
        "period_s",
        "statistic",
        "metric_value",
        "unit",
        "source",
    ),
    key=("run_id", "metric_name", "resource_id", "observed_at", "statistic"),
    required=("run_id", "metric_name", "observed_at", "statistic", "metric_value"),
)

SLO = Table(
    "SLO",
    "a service level objective: what is promised, and what counts as evidence of it",
    (
        "slo_id",
        "objective_name",
        "service_tier",
        "statistic",
        "comparison",
        "target_value",
        "unit",
        "payload_bytes",
        "node_count",
        "window_days",
        "valid_days",
        "minimum_s",
        "claim_id",
        "note",
        "source",
    ),
    key=("slo_id",),
    required=("slo_id", "objective_name", "statistic", "comparison", "target_value", "unit"),
)

TOOL_FIELD = Table(
    "TOOL_FIELD",
    "a field that a tool writes, by its place in the line",
    (
        "tool_name",
        "tool_version",
        "field_number",
        "statistic",
        "unit",
        "note",
        "valid_from",
        "source",
        "confidence",
    ),
    key=("tool_name", "tool_version", "field_number"),
    required=("tool_name", "field_number", "statistic", "source", "confidence"),
)

BENCHMARK_TABLES: dict[str, Table] = {
    "benchmark_run": BENCHMARK_RUN,
    "benchmark_point": BENCHMARK_POINT,
    "benchmark_bucket": BENCHMARK_BUCKET,
    "benchmark_metric": BENCHMARK_METRIC,
}
"""The tables of a snapshot that benchmark files are read into, by the name of their file."""

SLO_TABLES: dict[str, Table] = {"slo": SLO, **BENCHMARK_TABLES}
"""The tables of a snapshot about service levels, by the name of their file."""
