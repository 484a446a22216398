"""Columns of benchmarks: what a run measured, what was promised, what is possible."""

from __future__ import annotations

from prismlib.fields.kinds import declared

FIELDS = {
    **declared(
        "text",
        {
            "comparison": ("", "at_most or at_least: on which side of the target is within it"),
            "load_model": ("", "closed (a client waits for its answer), open (a fixed rate), empty"),
            "node_id": ("", "node that a part of a run measured; empty is the run as a whole"),
            "objective_name": ("", "what is promised, in words"),
            "run_id": ("", "stable name of a benchmark run"),
            "service_tier": ("", "part of the service that is measured: hot, cold, e2e ..."),
            "slo_id": ("", "stable name of an objective"),
            "target_name": ("", "what the load went to: host and port, URL, bucket"),
            "test_name": ("", "what was asked of the target: GET, SET, a path ..."),
            "tool_name": ("", "program that made the load: see BENCHMARK_TOOLS"),
            "tool_version": ("", "version of that program; empty where the file does not say"),
        },
    ),
    **declared(
        "decimal",
        {
            "clip_high_ms": ("ms", "longest time the tool can record; longer ones count as this"),
            "clip_low_ms": ("ms", "shortest time the tool can record; shorter ones count as this"),
            "lower_ms": ("ms", "the measured times of a bucket are this long at least"),
            "operations_per_second": ("operations/second", "rate that was reached, by its file"),
            "payload_bytes": ("bytes", "data that an operation moves"),
            "resolution_ms": ("ms", "how finely times are recorded: 1 is whole milliseconds"),
            "target_value": ("see unit", "what is promised"),
            "upper_ms": ("ms", "the measured times of a bucket are this long at most"),
            "valid_days": ("days", "how long a measurement counts as evidence"),
            "value_ms": ("ms", "time as the file prints it"),
        },
    ),
    **declared(
        "count",
        {
            "clients": ("clients", "clients, or connections, at a time"),
            "failed_requests": ("requests", "requests that were answered with an error, or not"),
            "field_number": ("field", "place in its line of the file, counted from 1"),
            "file_lines": ("lines", "lines in the file, those without a measurement included"),
            "measurements": ("requests", "requests in a bucket"),
            "minimum_s": ("s", "how long a run has to be to count as evidence"),
            "requests": ("requests", "requests that were measured, failed ones included"),
        },
    ),
    **declared(
        "flag",
        {
            "is_made_up": ("", "made to show the method: evidence of nothing"),
        },
    ),
}  # fmt: skip
