"""What the analysis of benchmarks against service levels returns."""

from __future__ import annotations

from prismlib.tables import Table

SLO_VERDICT = Table(
    "SLO_VERDICT",
    "an objective, and what one run says of it",
    (
        "slo_id",
        "run_id",
        "objective_name",
        "service_tier",
        "statistic",
        "target_value",
        "unit",
        "stated_value",
        "measured_value",
        "interval_low_value",
        "interval_high_value",
        "measurements",
        "measurements_needed",
        "slo_outcome",
        "is_admissible",
        "verdict",
        "note",
    ),
    key=("slo_id", "run_id"),
    required=("slo_id", "objective_name", "slo_outcome", "verdict"),
)

RUN_CHECK = Table(
    "RUN_CHECK",
    "a reason for or against a run as evidence",
    ("run_id", "slo_id", "check_name", "verdict", "note"),
    key=("run_id", "slo_id", "check_name"),
    required=("run_id", "check_name", "verdict"),
)

RUN_PERCENTILE = Table(
    "RUN_PERCENTILE",
    "a percentile of a run, from all its nodes together",
    (
        "run_id",
        "service_tier",
        "statistic",
        "percentile_rank",
        "value_ms",
        "lower_ms",
        "upper_ms",
        "measurements",
        "is_made_up",
        "note",
    ),
    key=("run_id", "statistic"),
    required=("run_id", "statistic"),
)

NODE_PERCENTILE = Table(
    "NODE_PERCENTILE",
    "a node of a run, and its 99th percentile",
    ("run_id", "node_id", "measurements", "value_ms"),
    key=("run_id", "node_id"),
    required=("run_id", "value_ms"),
)

RUN_COMPARISON = Table(
    "RUN_COMPARISON",
    "a run beside the one before it of the same tier and test",
    (
        "run_id",
        "earlier_run_id",
        "statistic",
        "earlier_ms",
        "value_ms",
        "change_ms",
        "change_low_ms",
        "change_high_ms",
        "slower_pct",
        "rank_probability",
        "note",
    ),
    key=("run_id", "earlier_run_id", "statistic"),
    required=("run_id", "earlier_run_id", "statistic"),
)

FEASIBILITY_CHECK = Table(
    "FEASIBILITY_CHECK",
    "a load held against one limit",
    (
        "load_name",
        "check_name",
        "needed_value",
        "limit_value",
        "unit",
        "verdict",
        "note",
        "source",
    ),
    key=("load_name", "check_name"),
    required=("load_name", "check_name", "verdict"),
)

SCRIPT_FIGURE = Table(
    "SCRIPT_FIGURE",
    "a figure that a benchmark script prints, and what it really is",
    (
        "figure_name",
        "command_words",
        "file_name",
        "printed_words",
        "true_words",
        "right_value",
        "unit",
        "note",
    ),
    key=("figure_name", "file_name"),
    required=("figure_name", "printed_words", "true_words"),
)

ERROR_BUDGET = Table(
    "ERROR_BUDGET",
    "an objective for failures, and what a share of them spends of its budget",
    (
        "slo_id",
        "run_id",
        "window_days",
        "target_value",
        "unit",
        "failed_pct",
        "budget_spent_pct",
        "note",
    ),
    key=("slo_id", "run_id"),
    required=("slo_id",),
)

TABLES: dict[str, Table] = {
    "slo_verdict": SLO_VERDICT,
    "run_check": RUN_CHECK,
    "run_percentile": RUN_PERCENTILE,
    "node_percentile": NODE_PERCENTILE,
    "run_comparison": RUN_COMPARISON,
    "feasibility_check": FEASIBILITY_CHECK,
    "script_figure": SCRIPT_FIGURE,
    "error_budget": ERROR_BUDGET,
}
