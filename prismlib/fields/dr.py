"""Columns of recovery: drills and their steps, what they rest on, how long recovery takes."""

from __future__ import annotations

from prismlib.fields.kinds import declared

FIELDS = {
    **declared(
        "text",
        {
            "case_id": ("", "stable name of a way to count recovery"),
            "case_name": ("", "way to count recovery, in words"),
            "check_name": ("", "what a step is held against"),
            "depends_on": ("", "ids of the steps that must end before this one, separated by |"),
            "drill_id": ("", "stable name of a drill"),
            "drill_kind": ("", "failover or failback"),
            "from_words": ("", "the point in time that a duration starts at"),
            "lost_region_id": ("", "region that a drill assumes lost"),
            "mechanism": ("", "what makes the recovery points: snapshots, a replica ..."),
            "phase": ("", "interruption, detect, decide, restore or validate"),
            "phase_name": ("", "duration with a name: detect, decide, restore, validate, whole"),
            "prerequisite_name": ("", "what must be there before a step can run"),
            "rate_scope": ("", "what a stated rate is of: all (together), node; empty is not said"),
            "recovery_region_id": ("", "region that takes over"),
            "resource_id": ("", "bucket, database ... that a step reads or acts on"),
            "source_region_id": ("", "region that a step reads data from"),
            "step_id": ("", "stable name of a step, unique in its drill"),
            "step_kind": ("", "what a step does: see STEP_KINDS, or the word of its source"),
            "step_name": ("", "what happens in a step, in words"),
            "step_status": ("", "how a step ended: see STEP_STATUSES; empty is not said"),
            "store_name": ("", "data store: Redis, PostgreSQL ..."),
            "to_words": ("", "the point in time that a duration ends at"),
            "verdict": ("", "one of the verdicts of a finding"),
        },
    ),
    **declared(
        "date",
        {
            "drill_date": ("day", "day of a drill"),
            "observed_date": ("day", "day on which something was seen to be so"),
            "ready_date": ("day", "day by which something is planned to be there"),
        },
    ),
    **declared(
        "time",
        {
            "zero_at": ("UTC", "the instant from which the seconds of a drill count: T+0"),
        },
    ),
    **declared(
        "decimal",
        {
            "budget_s": ("s", "time that an objective allows to be down in a window"),
            "budget_spent_pct": ("%", "share of the error budget that an outage spends"),
            "change_s": ("s", "recovery - that of the drill before; positive is slower"),
            "covered_pct": ("%", "share of the data that the recovery point covers"),
            "disk_baseline_mb_per_second": ("MB/s", "disk throughput that an instance can keep up"),
            "disk_burst_mb_per_second": ("MB/s", "disk throughput that it may reach for a while"),
            "duration_s": ("s", "end - start of a step; stated where the log has no start or end"),
            "earliest_end_s": ("s", "end as early as dependencies allow"),
            "earliest_start_s": ("s", "start as early as dependencies allow"),
            "end_high_s": ("s", "latest end that the log allows, from T+0"),
            "end_low_s": ("s", "earliest end that the log allows, from T+0"),
            "limit_margin_s": ("s", "limit - recovery; negative is over it"),
            "limit_s": ("s", "recovery time that stops a launch"),
            "needed_value": ("see unit", "what a step would have needed to take the time it took"),
            "planned_s": ("s", "duration that the plan gives a step"),
            "recovery_point_age_s": ("s", "age of the newest recovery point when it is oldest"),
            "recovery_high_s": ("s", "longest recovery that the ranges of the log allow"),
            "recovery_low_s": ("s", "shortest recovery that the ranges of the log allow"),
            "recovery_s": ("s", "time until recovery, as a case counts it"),
            "slack_s": ("s", "how much longer a step may take without any effect on recovery"),
            "start_high_s": ("s", "latest start that the log allows, from T+0"),
            "start_low_s": ("s", "earliest start that the log allows, from T+0"),
            "stated_mb_per_second": ("MB/s", "rate that the log states for a step"),
            "target_margin_s": ("s", "target - recovery; negative is over it"),
            "target_s": ("s", "recovery time that is promised"),
            "time_saved_s": ("s", "by how much recovery would be shorter; negative is longer"),
            "within_limit_pct": ("%", "share of simulated recoveries within the limit"),
            "within_target_pct": ("%", "share of simulated recoveries within the target"),
            "window_days": ("days", "length of the window of an objective"),
        },
    ),
    **declared(
        "flag",
        {
            "is_critical": ("", "recovery is later if the step is: it lies on the critical path"),
            "is_excluded": ("", "the published recovery time leaves the step out"),
            "is_in_place": ("", "the mechanism was working when it was looked at"),
            "is_manual": ("", "people did the step by hand"),
            "is_ready": ("", "the prerequisite was there when it was looked at"),
        },
    ),
}  # fmt: skip
