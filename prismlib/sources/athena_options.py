"""How queries in Athena run, and what they may cost."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from prismlib.errors import ParameterError

PLACE = "athena:"
"""How the address of a table begins."""

WORKGROUP = "primary"
"""The workgroup that every account has."""

OPERATIONS: tuple[tuple[str, str], ...] = (
    *(("athena", name) for name in ("get_table_metadata", "get_work_group")),
    *(("athena", name) for name in ("start_query_execution", "get_query_execution")),
    *(("athena", name) for name in ("get_query_results", "stop_query_execution")),
    *(("glue", name) for name in ("get_database", "get_table", "get_partitions")),
    *(("s3", name) for name in ("list_objects_v2", "get_object")),
    *(("s3", name) for name in ("get_bucket_location", "put_object")),
)
"""The calls that a table needs; Athena makes some of those of Glue and S3 for the caller."""

MOST_REUSE_MINUTES = 7 * 24 * 60


@dataclass(frozen=True)
class AthenaOptions:
    """How queries run.

    Attributes
    ----------
    workgroup : str
    output : str
        Where results go, as ``s3://``; "" for the place of the workgroup.
    reuse_minutes : int
        How old a result may be that Athena gives again; 0 for none.
    max_usd : Decimal or None
        The limit of their price. [USD]
    """

    workgroup: str = WORKGROUP
    output: str = ""
    reuse_minutes: int = 0
    max_usd: Decimal | None = None

    def __post_init__(self) -> None:
        """Raise ParameterError for what Athena would refuse."""
        if not 0 <= self.reuse_minutes <= MOST_REUSE_MINUTES:
            expected = f"minutes from 0 to {MOST_REUSE_MINUTES}"
            raise ParameterError("--reuse-minutes", self.reuse_minutes, expected=expected)
        if self.output and not self.output.startswith("s3://"):
            raise ParameterError("--query-results", self.output, expected="s3://BUCKET/PREFIX")
