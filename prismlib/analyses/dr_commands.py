"""Findings on commands of a runbook that do not do what it uses them for.

A remedy is checked before it is advised: each stated command is held against the rules in
``data/reference/command_rule.csv``, which say from the documentation of a tool what it does
instead. A command that matches no rule is not judged, and passes nothing by that.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from prismlib.analyses.dr_inputs import DrInputs
from prismlib.analyses.dr_judging import finding
from prismlib.analyses.dr_timeline import DrResults
from prismlib.analyses.patterns import rule_pattern
from prismlib.findings import Finding, Severity, Verdict, slug
from prismlib.tables import records

COMMAND = "command."
"""Begins the id of a claim whose statement is a command."""


def command_findings(inputs: DrInputs, results: DrResults) -> Iterator[Finding]:
    """Yield the stated commands that match a rule, each with the first rule that it matches."""
    rules = sorted(records(inputs.commands), key=lambda rule: rule["priority"])
    patterns = [(rule_pattern(rule, "command_pattern", "COMMAND_RULE"), rule) for rule in rules]
    for claim_id, claim in results.stated.rows.items():
        if not claim_id.startswith(COMMAND):
            continue
        for pattern, rule in patterns:
            if pattern is not None and pattern.fullmatch(claim["statement"]):
                yield _command(claim, rule)
                break


def _command(claim: dict[str, Any], rule: dict[str, Any]) -> Finding:
    name = claim["claim_id"].removeprefix(COMMAND)
    words = f"{claim['statement']}: {rule['note']} ({rule['source']})."
    return finding(
        f"command.{slug(name)}",
        f"A command that does something else: {name.replace('_', ' ')}",
        words,
        Severity(rule["severity"]),
        Verdict(rule["verdict"]),
        table="command_rule",
        source=claim["source"],
    )
