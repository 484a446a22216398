"""Why a query in Athena gave no rows, in the errors of this package.

The words of a reason are shown without account ids, ARNs and request ids.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from botocore import xform_name
from pyathena.error import Error as DatabaseError
from pyathena.model import AthenaQueryExecution

from prismlib.errors import CallError, PrismError, QueryError
from prismlib.sources.aws_errors import RAISED, translated

DENIED = "an identity that may read the table and its files, and write the results"
FAILURES: tuple[tuple[str, str, str, str], ...] = (
    (
        "column_not_found",
        "the table lacks a column",
        "the columns of a FOCUS or CUR export",
        "register the table again from the export",
    ),
    (
        "table_not_found",
        "there is no such table",
        "a table of line items",
        "check the name after athena: and the region",
    ),
    (
        "schema_not_found",
        "there is no such database",
        "a database of the catalog",
        "check the name after athena: and the region",
    ),
    (
        "bytes scanned limit",
        "the workgroup lets no query read as much",
        "a query below the limit of the workgroup",
        "give --month, or another --workgroup",
    ),
    (
        "denied",
        "a permission is missing",
        DENIED,
        "add s3:GetObject on the export, and s3:PutObject where the results go",
    ),
    (
        "not authorized",
        "a permission is missing",
        DENIED,
        "add it, in Lake Formation too if that guards the table",
    ),
    (
        "exhausted resources",
        "it needed more than Athena gives a query",
        "a query that fits",
        "give --month, or read the files themselves: --line-items s3://BUCKET/PREFIX",
    ),
    (
        "hive_",
        "a file of the table is damaged, or of other types than the table declares",
        "files as AWS wrote them, of the types that the table declares",
        "copy the delivery again, or register the table again from it",
    ),
)
"""Words of a reason, in lower case -> what failed, what was expected, what to do."""

PRIVATE = (
    (re.compile(r"\(Service:.*", re.S), ""),
    (re.compile(r"\barn:[\w:/.*-]+"), "an ARN"),
    (re.compile(r"(?<!\d)\d{12}(?!\d)"), "an account"),
    (re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "an id"),
)
"""What no error shows."""


def ended_badly(ended: AthenaQueryExecution) -> QueryError:
    """Return the error for a query that failed or was cancelled."""
    reason = ended.state_change_reason or ended.error_message or ""
    what, expected, remedy = next(
        (rest for words, *rest in FAILURES if words in reason.lower()),
        ("Athena gave no rows", "a query that ends well", "run it again, or look it up in Athena"),
    )
    for private, instead in PRIVATE:
        reason = private.sub(instead, reason)
    return QueryError(
        "athena",
        what,
        state=str(ended.state),
        seen=reason.strip()[:300] or "no reason given",
        expected=expected,
        remedy=remedy,
    )


@contextmanager
def asking(region: str) -> Iterator[None]:
    """Turn what PyAthena and botocore raise into errors of this package."""
    try:
        yield
    except PrismError:
        raise
    except DatabaseError as error:
        cause = error.__cause__
        if not isinstance(cause, RAISED):
            raise _unusable(error) from error
        raise _named(cause, region) from error
    except RAISED as error:
        raise _named(error, region) from error


def _named(error: Exception, region: str) -> PrismError:
    operation = xform_name(str(getattr(error, "operation_name", "query")))
    return translated(error, "athena", operation, region=region)


def _unusable(error: DatabaseError) -> CallError:
    return CallError(
        "athena",
        "query",
        "the answer is not usable",
        code=type(error).__name__,
        seen=str(error)[:300],
        expected="rows of the types that Athena documents",
    )
