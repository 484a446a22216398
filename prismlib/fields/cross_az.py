"""Columns of traffic between zones: where things run, what flows, what it costs, what helps."""

from __future__ import annotations

from prismlib.fields.kinds import declared

FIELDS = {
    **declared(
        "text",
        {
            "advice": ("", "do, do not, already so or unknown"),
            "alarm_name": ("", "what an alarm watches"),
            "assumption": ("", "what the figure rests on besides the measured or stated inputs"),
            "availability": ("", "what is lost when a zone fails"),
            "destination_zone_id": ("", "zone by its id where traffic ends; empty is unknown"),
            "input_name": ("", "an input of a model that is varied alone"),
            "limit_name": ("", "stable name of a documented or physical limit"),
            "price_item": ("", "item of UNIT_PRICE that lists a billed GB; empty is none"),
            "remedy_name": ("", "what could be done"),
            "role": ("", "what a node does: primary, replica, client ..."),
            "scenario_name": ("", "which state of the system a figure is for"),
            "source_zone_id": ("", "zone by its id where traffic starts; empty is unknown"),
            "threshold_name": ("", "a line that a cost must not cross"),
            "transfer_kind": ("", "what a line of traffic pays for: see TRANSFER_KINDS"),
        },
    ),
    **declared(
        "decimal",
        {
            "added_cost": ("currency", "what a remedy itself costs in a month"),
            "allowed_cost": ("currency", "what the traffic may cost in a month below a threshold"),
            "taken_value": ("see unit", "an input as it is taken"),
            "taken_cost": ("currency", "cost with every input as it is taken"),
            "billed_gb": ("GB", "quantity on the bill; traffic between zones is there at each end"),
            "both_ends_cost": ("currency", "cost when both ends pay, as AWS bills"),
            "both_ends_crossing_pct": ("%", "crossing_pct at a threshold, both ends billed"),
            "capacity_gbps": ("Gbit/s", "what the nodes can send, or receive, together"),
            "capacity_left_pct": ("%", "serving capacity that is left when the largest zone fails"),
            "crossing_pct": ("%", "share of the traffic that ends in another zone"),
            "delay_hours": ("hours", "time from the event until an alarm can show it"),
            "high_value": ("see unit", "highest value that an input may reasonably have"),
            "limit_value": ("see unit", "the limit"),
            "listed_usd_per_gb": ("USD/GB", "price of the price table for a billed GB"),
            "low_value": ("see unit", "lowest value that an input may reasonably have"),
            "moved_bytes": ("bytes", "bytes that flowed, counted once"),
            "moved_gb": ("GB", "data that moved, counted once"),
            "net_effect": ("currency", "saved - added in a month; negative costs more"),
            "network_baseline_gbps": ("Gbit/s", "bandwidth that an instance can keep up, each way"),
            "network_burst_gbps": ("Gbit/s", "bandwidth that an instance may reach for minutes"),
            "node_count": ("resources", "nodes of one role or type"),
            "one_end_cost": ("currency", "cost when one end pays, as documents often count"),
            "one_end_crossing_pct": ("%", "crossing_pct at a threshold, one end billed"),
            "paid_per_gb": ("currency/GB", "cost / billed GB of a bill"),
            "saved_cost": ("currency", "what a remedy takes off the traffic cost in a month"),
            "yearly_cost": ("currency", "cost when both ends pay, in a year of 365 days"),
        },
    ),
    **declared(
        "count",
        {
            "billed_ends": ("ends", "ends of a flow on lines of this type: 2 both, 1 its own"),
        },
    ),
    **declared(
        "flag",
        {
            "is_both_ways": ("", "a second usage type bills the other end of the same traffic"),
        },
    ),
}  # fmt: skip
