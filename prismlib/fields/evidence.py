"""Columns of the rules by which live evidence is judged."""

from __future__ import annotations

from prismlib.fields.kinds import declared

FIELDS = {
    **declared(
        "text",
        {
            "action_name": ("", "permission as IAM spells it: iam:PutRolePolicy ..."),
            "combined_by": ("", "sum, most or least: one figure from those of several things"),
            "expected_from": (
                "",
                "column of FLEET, then :pattern=number for each of its rows, separated by |",
            ),
            "power_name": ("", "what the bearer of a permission can do, in words"),
        },
    ),
}
