"""Findings on commands of a runbook that do not do what it uses them for.

A remedy is checked before it is advised: each stated command is held against the rules in
``data/reference/command_rule.csv``, which say from the documentation of a tool what it does
instead. A command that matches no rule is not judged, and passes nothing by that.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from prismlib.analyses.command_rules import matches, ordered_rules
from prismlib.analyses.dr_inputs import DrInputs
from prismlib.analyses.dr_judging import finding
from prismlib.analyses.dr_timeline import DrResults
from prismlib.findings import Finding, Severity, Verdict, slug

COMMAND = "command."
"""Begins the id of a claim whose statement is a command."""


def command_findings(inputs: DrInputs, results: DrResults) -> Iterator[Finding]:
    """Yield the stated commands that match a rule, each with the first rule that it matches."""
    rules = ordered_rules(inputs.commands)
    claims = {
        claim_id.removeprefix(COMMAND): claim
        for claim_id, claim in results.stated.rows.items()
        if claim_id.startswith(COMMAND)
    }
    beside = [claim["statement"] for claim in claims.values()]
    for name, claim in claims.items():
        found = next(matches(rules, claim["statement"], name.replace("_", " "), beside), None)
        if found is not None:
            yield _command(claim, found)


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
