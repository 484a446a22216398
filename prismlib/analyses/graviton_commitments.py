"""Kinds of commitments, as a table names them: official names, short forms, any case.

Method. A name is compared without case, spaces and signs; "SP" is a savings plan, "RI" a reserved
instance or node. A name that still is none of the known ones is an unknown kind: what it may cover
is not known to be on demand.

Known limits. "RI" alone does not say whether it can be exchanged, so that it is an unknown kind.
"""

from __future__ import annotations

import re
from typing import Any

Row = dict[str, Any]

RESERVED = {
    "standard RI": "EC2",
    "convertible RI": "EC2",
    "RDS RI": "RDS",
    "ElastiCache RI": "ElastiCache",
    "OpenSearch RI": "OpenSearch",
}
"""Reservations, and the service whose lines each covers."""
PLANS = ("EC2 instance savings plan", "compute savings plan")
"""Savings plans that cover EC2, in the order in which they are laid."""
ELSEWHERE = ("SageMaker savings plan",)
"""Kinds that cover nothing that this analysis looks at."""
UNKNOWN_KIND = "unknown"

_SHORT = (
    (re.compile(r"(savingsplans?|sps?)$"), "savingsplan"),
    (re.compile(r"(reserved(db|cache)?(instances?|nodes?)|ris?)$"), "ri"),
    (re.compile(r"^(aws|amazon)"), ""),
    (re.compile(r"^ec2savingsplan$"), "ec2instancesavingsplan"),
    (re.compile(r"^ec2(?=standard|convertible)"), ""),
)


def _squeezed(name: str) -> str:
    words = re.sub(r"[^a-z0-9]", "", name.lower())
    for pattern, long in _SHORT:
        words = pattern.sub(long, words)
    return words


_KINDS = {_squeezed(name): name for name in (*RESERVED, *PLANS, *ELSEWHERE)}


def kind_of(name: str) -> str:
    """Return the kind of a commitment by the name that a table gives it; ``unknown`` if none."""
    return _KINDS.get(_squeezed(name), UNKNOWN_KIND)


def may_cover(line: Row, commitment: Row) -> bool:
    """Return whether a commitment of an unknown kind may cover a line, by what else it states."""
    family = commitment["instance_family"]
    return (
        commitment["region_id"] in ("", line["region_id"])
        and commitment["instance_type"] in ("", line["instance_type"])
        and family in ("", line["instance_type"].rpartition(".")[0])
    )


def note_of(commitment: Row) -> str:
    """Return what a line says that a commitment of an unknown kind may cover."""
    return f"“{commitment['commitment']}” ({commitment['commitment_id']}) may cover it"
