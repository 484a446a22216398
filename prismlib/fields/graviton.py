"""Columns of what a move to Graviton is judged by, and of what comes out."""

from __future__ import annotations

from prismlib.fields.kinds import declared

FIELDS = {
    **declared(
        "text",
        {
            "attribute": ("", "column of a usage line that a rule looks at"),
            "benchmark": ("", "benchmark suite: redis, static_web, geekbench ..."),
            "claim_origin": ("", "what a stated figure would have to be, in words"),
            "compute_service": ("", "EC2, RDS, ElastiCache, OpenSearch or Lambda"),
            "config": ("", "configuration that a benchmark ran with"),
            "config_pattern": ("", "regular expression on config, whole value; empty is any"),
            "eligibility": ("", "whether a line can move: see ELIGIBILITIES"),
            "graviton_generation": ("", "Graviton2, Graviton3, Graviton4 ..."),
            "mapping_name": ("", "the published table that a target comes from"),
            "levers": ("", "what is done to get under a target, in words"),
            "match_pattern": ("", "regular expression on the attribute; empty is any"),
            "metric": ("", "what a benchmark measured: rps, score ..."),
            "migration_effort": ("", "easy, needs planning or excluded"),
            "minimum_version": ("", "oldest engine version that a rule lets pass"),
            "processor": ("", "who makes the processor: Intel, AMD, Graviton"),
            "rate_basis": ("", "what a rate is: on demand, a commitment with its term, the bill"),
            "reason": ("", "why, in words"),
            "labour_role": ("", "who does the work of a migration; preparation is the fleet's own"),
            "rule_name": ("", "stable name of a rule"),
            "scope_name": ("", "samples of a ratio: size (the two types) or family (all sizes)"),
            "sized_by": ("", "what bounds the count of a fleet: memory or cpu"),
            "source_type": ("", "instance type that is left"),
            "spread_source": ("", "where a spread comes from: stated, runs or sizes"),
            "target_family": ("", "instance family that a mapping gives"),
            "target_type": ("", "instance type that is moved to; empty when there is none"),
            "workload": ("", "kind of work that is compared: redis, web or compute"),
        },
    ),
    **declared(
        "date",
        {
            "commitment_end": ("day", "first day that a commitment no longer covers"),
            "month_start": ("day", "first day of a month that is looked ahead to"),
            "move_start": ("day", "first day on which a line moves; missing when unknown"),
        },
    ),
    **declared(
        "time",
        {
            "started_at": ("UTC", "when a benchmark run was started"),
        },
    ),
    **declared(
        "decimal",
        {
            "benchmark_value": ("see metric", "result of a benchmark in one configuration"),
            "cost_per_work_change_ratio": ("ratio", "change in cost per unit of work; + is dearer"),
            "cumulative_net_saving": ("currency", "net saving from the first month on"),
            "dearer_probability": ("probability", "chance that a unit of work costs more"),
            "effort_cost": ("currency", "hours of people who migrate"),
            "fixed_hours": ("hours", "hours of a role for the fleet as a whole"),
            "high_cost_per_work_change_ratio": ("ratio", "upper end of the interval"),
            "hours_per_line": ("hours", "hours of a role for each line that moves"),
            "high_work_saving": ("currency", "upper end of the interval"),
            "instance_count": ("resources", "instances of a line; may be a part of one"),
            "labour_usd_per_hour": ("USD/hour", "what an hour of a role costs"),
            "low_cost_per_work_change_ratio": ("ratio", "lower end of the interval"),
            "loss_probability": ("probability", "chance that the same work costs more"),
            "low_work_saving": ("currency", "lower end of the interval"),
            "monthly_saving": ("currency", "current - target cost of a month; - is a loss"),
            "net_saving": ("currency", "saving - effort - tests - parallel - stranded cost"),
            "parallel_cost": ("currency", "the target while the old type still runs"),
            "performance_log_sd": ("log ratio", "standard deviation of ln performance_ratio"),
            "performance_ratio": ("ratio", "work of the target / work of the source, median"),
            "remaining_total": ("currency", "stated total that is left after a saving"),
            "present_value": ("currency", "net saving of a month, worth at the start"),
            "price_change_ratio": ("ratio", "target price / source price - 1; + is dearer"),
            "remaining_commitment_cost": ("currency", "paid for a commitment after its line moved"),
            "saving": ("currency", "saving of the month once lines have moved"),
            "source_usd_per_hour": ("USD/hour", "rate of the type that is left"),
            "stranded_cost": ("currency", "commitment paid and not used"),
            "target_memory_gib": ("GiB", "memory of the target type"),
            "target_monthly_cost": ("currency", "cost of the target for one month"),
            "target_usd_per_hour": ("USD/hour", "rate of the type that is moved to, like for like"),
            "target_vcpu": ("vCPU", "virtual processors of the target type"),
            "test_cost": ("currency", "environments and traffic of tests"),
            "work_saving": ("currency", "current cost - cost of the same work on the target"),
        },
    ),
    **declared(
        "count",
        {
            "exit_code": ("", "0 when a benchmark run ended well"),
            "samples": ("samples", "measurements that a ratio rests on"),
            "spread_freedom": ("degrees of freedom", "of a measured spread; missing if stated"),
        },
    ),
    **declared(
        "flag",
        {
            "is_target_met": ("", "the total that is left lies below the target"),
        },
    ),
}
