"""One base for every error, facts as attributes, and a message that a reader can act on."""

import inspect
import re
from decimal import Decimal
from pathlib import Path

import pytest

from prismlib import errors
from prismlib.errors import (
    AccessError,
    CredentialsError,
    CurrencyError,
    DataUnavailableError,
    IncompleteDataError,
    ParameterError,
    PrismError,
    PrismWarning,
    ReconciliationError,
    ReportError,
    SchemaError,
    SnapshotError,
    SourceError,
    SpendLimitError,
    ThrottledError,
)

DEFINED = {
    name: item
    for name, item in vars(errors).items()
    if inspect.isclass(item) and item.__module__ == errors.__name__
}


def drawn_tree(text: str) -> dict[str, str]:
    """Return child -> parent as the tree in a docstring draws it, by indentation."""
    stack: list[tuple[int, str]] = []
    parents = {}
    for line in text.splitlines():
        match = re.match(r"(?P<lead>\s*[├└│─ ]*)(?P<name>Prism\w+|\w+(Error|Warning))\b", line)
        if match is None or line.lstrip().startswith("("):
            continue
        depth = len(match["lead"])
        while stack and stack[-1][0] >= depth:
            stack.pop()
        if stack:
            parents[match["name"]] = stack[-1][1]
        stack.append((depth, match["name"]))
    return parents


def test_docstring_draws_the_tree_that_is_there():
    drawing = errors.__doc__.split("::", 1)[1].split("\nA message")[0]
    seen = drawn_tree(drawing)
    real = {
        name: item.__mro__[1].__name__
        for name, item in DEFINED.items()
        if item not in (PrismError, PrismWarning)
    }
    assert seen == real


@pytest.mark.parametrize("name", sorted(DEFINED))
def test_every_error_has_one_base(name):
    assert issubclass(DEFINED[name], PrismError | PrismWarning)


def test_message_says_what_seen_expected_and_remedy_in_that_order():
    error = PrismError("the sum is off", seen="3", expected="4", remedy="count again")
    assert str(error).splitlines() == [
        "the sum is off",
        "  seen: 3",
        "  expected: 4",
        "  what to do: count again",
    ]


def test_message_leaves_out_what_is_not_known():
    assert str(PrismError("the sum is off")) == "the sum is off"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ParameterError("tolerance_pct", -1, expected="0 or more"), 2),
        (SourceError("is empty", path="bill.csv"), 2),
        (SnapshotError("no snapshot here", path="data"), 2),
        (IncompleteDataError("a page is missing"), 2),
        (SchemaError("COST", "has the wrong columns"), 2),
        (CurrencyError("COST", ["EUR", "USD"]), 2),
        (ReconciliationError("total", expected=Decimal(1), actual=Decimal(2)), 2),
        (SpendLimitError(spent=Decimal("0.5"), price=Decimal("0.01"), limit=Decimal("0.5")), 2),
        (AccessError("ce", "get_anomalies", iam_action="ce:GetAnomalies"), 2),
        (CredentialsError("sts", "get_caller_identity", "expired"), 2),
        (ThrottledError("ce", "get_anomalies", attempts=8), 2),
        (DataUnavailableError("ce", "get_cost_and_usage", period="2020-01"), 2),
        (ReportError("cost_variance", "failed"), 1),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_exit_code_tells_bad_input_from_a_failed_run(error, code):
    assert error.exit_code == code
    assert isinstance(error, PrismError)


def test_parameter_error_is_a_value_error_with_the_facts():
    with pytest.raises(ValueError, match=r"parameter limit_pct is not usable") as caught:
        raise ParameterError("limit_pct", "ten", expected="a percentage")
    assert (caught.value.name, caught.value.value) == ("limit_pct", "ten")
    # The value is quoted as Python writes it: a number and its text are told apart.
    assert "seen: 'ten'" in str(caught.value)


@pytest.mark.parametrize(
    ("path", "row", "start"),
    [
        (None, None, "cannot be read"),
        (Path("a") / "bill.csv", None, "a/bill.csv: cannot be read"),
        ("bill.csv", 7, "bill.csv, row 7: cannot be read"),
        ("bill.csv", 0, "bill.csv, row 0: cannot be read"),  # the header is a row too
    ],
)
def test_source_error_names_file_and_row(path, row, start):
    error = SourceError("cannot be read", path=path, row=row)
    assert str(error) == start
    assert (error.path, error.row) == (path, row)


def test_currency_error_lists_the_currencies_and_the_place():
    error = CurrencyError("COST", ["EUR", "USD"], where="bill.csv")
    assert error.currencies == ["EUR", "USD"]
    assert error.table == "COST"
    for words in ("bill.csv", "seen: EUR, USD", "never added", "one snapshot for each currency"):
        assert words in str(error)


def test_reconciliation_error_keeps_the_exact_difference():
    # The memo's estimate: its lines give 915,916, its total says 899,916; 899916 - 915916 = -16000.
    error = ReconciliationError("estimate", expected=Decimal(915916), actual=Decimal(899916))
    assert error.difference == Decimal(-16000)
    assert "899916 (difference -16000)" in str(error)
    assert "expected: 915916" in str(error)
    assert "please report it" in str(error)


@pytest.mark.parametrize(("cell", "place"), [(None, "dr: failed"), (0, "dr, cell 0: failed")])
def test_report_error_names_notebook_and_cell(cell, place):
    error = ReportError("dr", "failed", cell_index=cell)
    assert str(error) == place
    assert (error.notebook, error.cell_index) == ("dr", cell)


def test_call_errors_name_what_to_do():
    error = AccessError("ce", "get_anomalies", iam_action="ce:GetAnomalies")
    assert "the permission ce:GetAnomalies is missing" in str(error)
    assert "prism policy" in str(error)
    limit = SpendLimitError(spent=Decimal("0.50"), price=Decimal("0.01"), limit=Decimal("0.50"))
    assert "$0.50 spent, $0.01 for the next request" in str(limit)
