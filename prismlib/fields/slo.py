"""Columns of benchmarks: what a run measured, what was promised, what is possible."""

from __future__ import annotations

from prismlib.fields.kinds import declared

FIELDS = {
    **declared(
        "text",
        {
            "comparison": ("", "at_most or at_least: on which side of the target is within it"),
            "load_model": ("", "closed (a client waits for its answer) or open (a fixed rate)"),
            "node_id": ("", "node that a part of a run measured; empty is the run as a whole"),
            "objective_name": ("", "what is promised, in words"),
            "run_id": ("", "stable name of a benchmark run"),
            "service_tier": ("", "part of the service that is measured: hot, cold, e2e ..."),
            "slo_id": ("", "stable name of an objective"),
            "target_name": ("", "what the load went to: host and port, URL, bucket"),
            "test_name": ("", "what was asked of the target: GET, SET, a path ..."),
            "tool_name": ("", "program that made the load: see BENCHMARK_TOOLS"),
            "tool_version": ("", "version of that program; empty where the file does not say"),
            "command_words": ("", "command whose output is read as a figure"),
            "earlier_run_id": ("", "run that another one is compared with"),
            "figure_name": ("", "figure that a script prints, as it names it"),
            "load_name": ("", "whose load is checked: stated, or a run"),
            "printed_words": ("", "what a command prints"),
            "slo_outcome": ("", "pass, fail, inconclusive or unknown"),
            "true_words": ("", "what a printed figure really is"),
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
            "change_high_ms": ("ms", "high end of the interval of a change"),
            "change_low_ms": ("ms", "low end of the interval of a change"),
            "change_ms": ("ms", "time of a run - time of the earlier one; positive is slower"),
            "earlier_ms": ("ms", "time of the earlier run"),
            "failed_pct": ("%", "share of requests that failed"),
            "interval_high_value": ("see unit", "high end of the interval, if it has one"),
            "interval_low_value": ("see unit", "low end of the interval, if it has one"),
            "measured_value": ("see unit", "what a run measured"),
            "rank_probability": ("probability", "chance of such ranks if runs were alike"),
            "right_value": ("see unit", "what the figure would be if it were what its name says"),
            "slower_pct": ("%", "chance that a request is slower than one of the earlier run"),
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
            "measurements_needed": ("requests", "measurements that an interval takes"),
            "percentile_rank": ("requests", "rank of a time, the shortest is 1"),
        },
    ),
    **declared(
        "flag",
        {
            "is_made_up": ("", "made to show the method: evidence of nothing"),
            "is_admissible": ("", "the run may count as evidence; missing is not known"),
        },
    ),
}  # fmt: skip
