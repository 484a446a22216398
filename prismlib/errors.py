"""Every error this package raises on purpose, in one tree.

::

    PrismError
    ├─ ParameterError (also ValueError)    name, value
    ├─ SourceError                         path, row
    │  ├─ SnapshotError                    path
    │  ├─ IncompleteDataError              path
    │  ├─ SpendLimitError                  spent, price, limit
    │  └─ CallError                        service, operation, code
    │     ├─ AccessError                   iam_action
    │     ├─ CredentialsError
    │     ├─ ThrottledError                attempts
    │     ├─ OutageError
    │     ├─ RefusedError
    │     ├─ QueryError                    state
    │     ├─ BrokenAnswerError (also IncompleteDataError)
    │     └─ DataUnavailableError          period
    ├─ SchemaError                         table
    │  └─ CurrencyError                    currencies
    ├─ ReconciliationError                 difference
    └─ ReportError                         notebook, cell_index
    PrismWarning (UserWarning)

A message says what failed, what was seen, what was expected and what to do, in that order.
The command line prints it without a traceback; exit status 2 for bad input or usage
(``ParameterError``, ``SourceError``, ``SchemaError``, ``ReconciliationError``), 1 for a failed
run (``ReportError``).
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path


class PrismError(Exception):
    """Base of every error of this package.

    Parameters
    ----------
    what : str
        What failed, as a sentence without a full stop.
    seen, expected, remedy : str, optional
        What was found, what should have been there, and what the reader can do.
    """

    exit_code = 2

    def __init__(self, what: str, *, seen: str = "", expected: str = "", remedy: str = "") -> None:
        self.what, self.seen, self.expected, self.remedy = what, seen, expected, remedy
        parts = [("seen", seen), ("expected", expected), ("what to do", remedy)]
        super().__init__("\n".join([what, *(f"  {k}: {v}" for k, v in parts if v)]))


class ParameterError(PrismError, ValueError):
    """A parameter has an unknown name, a wrong type or a value out of range."""

    def __init__(self, name: str, value: object, *, expected: str, remedy: str = "") -> None:
        super().__init__(
            f"parameter {name} is not usable", seen=repr(value), expected=expected, remedy=remedy
        )
        self.name, self.value = name, value


class SourceError(PrismError):
    """An input file cannot be read as what it should be; names the file and, if known, the row."""

    def __init__(
        self,
        what: str,
        *,
        path: Path | str | None = None,
        row: int | None = None,
        seen: str = "",
        expected: str = "",
        remedy: str = "",
    ) -> None:
        place = "" if path is None else f"{path}" + ("" if row is None else f", row {row}") + ": "
        super().__init__(place + what, seen=seen, expected=expected, remedy=remedy)
        self.path, self.row = path, row


class SnapshotError(SourceError):
    """A snapshot folder is missing, damaged, or was edited without renewing its hashes."""


class IncompleteDataError(SourceError):
    """A page, a file or a period that must be there is not."""


class SpendLimitError(SourceError):
    """The next paid request would cost more than the user allows."""

    def __init__(self, *, spent: Decimal, price: Decimal, limit: Decimal, remedy: str = "") -> None:
        super().__init__(
            "stopped before a paid request that would exceed the limit",
            seen=f"${spent} spent, ${price} for the next request",
            expected=f"at most ${limit}",
            remedy=remedy or "raise --max-usd and run it again: what was paid for is in the cache",
        )
        self.spent, self.price, self.limit = spent, price, limit


class CallError(SourceError):
    """An API call failed; `code` is the provider's name of the failure, or the transport's.

    `reason` says in a few words why a table that needs the call is not known. It is empty where
    nothing may go on without the call: for credentials.
    """

    reason = ""

    def __init__(
        self,
        service: str,
        operation: str,
        what: str,
        *,
        code: str = "",
        seen: str = "",
        expected: str = "",
        remedy: str = "",
    ) -> None:
        super().__init__(
            f"{service} {operation}: {what}",
            seen=seen or code,
            expected=expected,
            remedy=remedy or "run it again: only what is missing is asked and paid for",
        )
        self.service, self.operation, self.code = service, operation, code


class AccessError(CallError):
    """A permission is missing."""

    reason = "the permission is missing"

    def __init__(self, service: str, operation: str, *, iam_action: str, code: str = "") -> None:
        super().__init__(
            service,
            operation,
            f"the permission {iam_action} is missing",
            code=code,
            expected=f"an identity that may do {iam_action}",
            remedy="add the read-only policy that `prism policy` prints",
        )
        self.iam_action = iam_action


class CredentialsError(CallError):
    """There are no credentials, or they are expired or wrong."""


class ThrottledError(CallError):
    """The provider refused a call because of its rate, after every attempt."""

    def __init__(self, service: str, operation: str, *, attempts: int, code: str = "") -> None:
        super().__init__(
            service, operation, f"refused because of its rate, {attempts} times", code=code
        )
        self.attempts = attempts
        self.reason = f"{service} refused because of the rate of calls, {attempts} times"


class OutageError(CallError):
    """A service did not answer, has no endpoint, or said that it failed, after every attempt."""

    def __init__(self, service: str, operation: str, *, code: str, region: str = "") -> None:
        place = f" in {region}" if region else ""
        super().__init__(
            service,
            operation,
            f"no usable answer{place}, after every attempt",
            code=code,
            expected="a service that answers",
            remedy="check the network and the region, then run it again: only what is missing is"
            " asked and paid for",
        )
        self.reason = f"{service} gave no answer{place} ({code})"


class RefusedError(CallError):
    """The provider refused a call as it was asked: no such operation, region or thing there."""

    def __init__(self, service: str, operation: str, *, code: str, region: str = "") -> None:
        place = f" in {region}" if region else ""
        super().__init__(service, operation, f"was refused{place}", code=code)
        self.reason = f"{service} refused {operation}{place} ({code})"


class QueryError(CallError):
    """A query ended without rows; `state` is FAILED or CANCELLED, as the provider names it."""

    def __init__(
        self, service: str, what: str, *, state: str, seen: str, expected: str, remedy: str
    ) -> None:
        words = f"the query {'failed' if state == 'FAILED' else 'was cancelled'}: {what}"
        super().__init__(
            service, "query", words, code=state, seen=seen, expected=expected, remedy=remedy
        )
        self.state = state


class BrokenAnswerError(CallError, IncompleteDataError):
    """An answer came that is not whole, or that is none of the service's, the second time too.

    `how` goes on after "an answer that".
    """

    def __init__(
        self,
        service: str,
        operation: str,
        how: str,
        *,
        code: str,
        region: str = "",
        seen: str = "",
        remedy: str = "",
    ) -> None:
        what = f"an answer{f' in {region}' if region else ''} that {how}"
        super().__init__(
            service,
            operation,
            what,
            code=code,
            seen=seen,
            expected="a whole answer of the service",
            remedy=remedy,
        )
        self.reason = f"{service} {operation} got {what}"


class DataUnavailableError(CallError):
    """The provider has no data for a period."""

    reason = "the provider has no data for it"

    def __init__(self, service: str, operation: str, *, period: str, code: str = "") -> None:
        super().__init__(
            service,
            operation,
            f"there is no data for {period or 'what was asked'}",
            code=code,
            expected="a month of the last 13, in an account where Cost Explorer is enabled",
            remedy="ask for a later month; data of a new account appears within 24 hours",
        )
        self.period = period


class SchemaError(PrismError):
    """A table lacks a column, holds a value of the wrong kind, or repeats a key."""

    def __init__(
        self, table: str, what: str, *, seen: str = "", expected: str = "", remedy: str = ""
    ) -> None:
        super().__init__(f"{table}: {what}", seen=seen, expected=expected, remedy=remedy)
        self.table = table


class CurrencyError(SchemaError):
    """More than one currency where costs are to be added."""

    def __init__(self, table: str, currencies: list[str], *, where: str = "") -> None:
        remedy = "make one snapshot for each currency, or convert the source before reading it"
        if "" in currencies:
            remedy = "fill in billing_currency wherever an amount is given"
        super().__init__(
            table,
            "holds more than one currency; amounts in different currencies are never added"
            + (f" ({where})" if where else ""),
            seen=", ".join(currency or "none" for currency in currencies),
            expected="one billing currency",
            remedy=remedy,
        )
        self.currencies = currencies


class ReconciliationError(PrismError):
    """A total does not equal the sum of its parts."""

    def __init__(self, what: str, *, expected: Decimal, actual: Decimal, remedy: str = "") -> None:
        super().__init__(
            what,
            seen=f"{actual} (difference {actual - expected})",
            expected=f"{expected}",
            remedy=remedy or "this is a defect in the reading or the analysis: please report it",
        )
        self.difference = actual - expected


class ReportError(PrismError):
    """A notebook failed; nothing was published."""

    exit_code = 1

    def __init__(
        self,
        notebook: str,
        what: str,
        *,
        cell_index: int | None = None,
        seen: str = "",
        expected: str = "",
        remedy: str = "",
    ) -> None:
        place = notebook if cell_index is None else f"{notebook}, cell {cell_index}"
        super().__init__(f"{place}: {what}", seen=seen, expected=expected, remedy=remedy)
        self.notebook, self.cell_index = notebook, cell_index


class PrismWarning(UserWarning):
    """Something was read as documented, but a reader should know of it."""
