"""Lines of bill files summed to COST.

All sums are exact (``DECIMAL(38, 18)``) and made inside DuckDB; only rows of COST come out. See
`prismlib.sources.bills` for what the steps mean together.
"""

from __future__ import annotations

import json
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import duckdb
import pandas as pd

from prismlib import tables
from prismlib.errors import CurrencyError, PrismWarning, SourceError
from prismlib.formats import named
from prismlib.money import exact_sum
from prismlib.sources.bill_amounts import AMOUNT, tidy
from prismlib.sources.bill_checks import first_row, refuse_cells, rules_of
from prismlib.sources.bill_engine import answered
from prismlib.sources.bill_lines import MEASURES, Lines
from prismlib.sources.bill_rows import MARKS, group_sql, joined
from prismlib.sources.delimited import literal, reading
from prismlib.tables import COST, COST_DIMENSIONS, COST_METRICS


def create_groups(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the table ``groups`` that `sum_lines` fills, and what is asked of it by name.

    ``counted`` are the groups of lines that count, ``left_out`` those of the others, and ``totals``
    has all rows of a file in one, added without groups.
    """
    dimensions = ", ".join(
        f"{name} {'DATE' if name.startswith('charge_period') else 'VARCHAR'}"
        for name in COST_DIMENSIONS
    )
    measures = ", ".join(f"{name} {AMOUNT}, {name}_known BIGINT" for name in MEASURES)
    odd = ", ".join(f"{name}_whole BIGINT, {name}_zero BIGINT" for name in COST_METRICS)
    marks = ", ".join(f"{name} BOOLEAN" for name in MARKS)
    connection.execute(
        f"CREATE TABLE groups (file INTEGER, {dimensions}, billing_currency VARCHAR, {marks},"
        f" charge_kind VARCHAR, is_total BOOLEAN, is_broken BOOLEAN, row_count BIGINT, {measures},"
        f" {odd})"
    )
    for name, condition in (
        ("totals", "is_total"),
        ("counted", "NOT is_total AND NOT is_left_out"),
        ("left_out", "NOT is_total AND is_left_out"),
    ):
        connection.execute(f"CREATE VIEW {name} AS SELECT * FROM groups WHERE {condition}")


def sum_lines(connection: duckdb.DuckDBPyConnection, number: int, lines: Lines) -> None:
    """Sum the lines of a file to days, into ``groups``; `connection` is any to its database.

    What DuckDB says of a damaged file comes as it is (`prismlib.sources.delimited.reading`).
    """
    # What follows from the keys is worked out once for a group, not once for a line.
    is_used = "charge_kind = 'usage' AND usage_unit <> 'N/A'"
    groups = joined(lines, answered(lines.raw, group_sql(lines)))
    connection.execute(
        f"INSERT INTO groups BY NAME SELECT {number} AS file, * REPLACE ("
        f"CASE WHEN {is_used} THEN usage_quantity END AS usage_quantity,"
        f" CASE WHEN {is_used} THEN usage_quantity_known ELSE 0 END AS usage_quantity_known)"
        f" FROM (SELECT *, {lines.layout.derived['charge_kind']} AS charge_kind FROM ({groups}))"
    )


def check_groups(connection: duckdb.DuckDBPyConnection, number: int, lines: Lines) -> None:
    """Check the groups of a file; one with a row that is not usable is refused, naming it.

    Raises
    ------
    SourceError
        As `prismlib.sources.bill_checks.refuse_cells`.
    """
    shown = [f"({rule.of_group})" for rule in rules_of(lines) if rule.of_group]
    query = (
        f"SELECT count(*), count_if({' OR '.join(('is_broken', *shown))}) FROM groups"
        f" WHERE file = {number} AND NOT is_total"
    )
    with reading(lines.raw.path):
        ((count, odd),) = connection.execute(query).fetchall()
    if odd or not count:
        refuse_cells(lines)


def spell_tags(connection: duckdb.DuckDBPyConnection, files: Sequence[Lines]) -> None:
    """Make the table ``spelled_tags`` of how each text of tags in a file is spelled.

    Raises
    ------
    SourceError
        The tags of a row are not usable.
    """
    query = "SELECT DISTINCT file, tags FROM counted ORDER BY ALL"
    found = connection.execute(query).fetchall()
    spelled = [(number, text, _canonical_tags(text, files[number])) for number, text in found]
    columns = zip(*spelled, strict=True) if spelled else ((), (), ())
    connection.execute(
        "CREATE TABLE spelled_tags AS SELECT unnest(?::INTEGER[]) AS file,"
        " unnest(?::VARCHAR[]) AS tags, unnest(?::VARCHAR[]) AS spelled",
        [list(column) for column in columns],
    )


def _canonical_tags(text: str, lines: Lines) -> str:
    """Return tags as JSON with sorted keys; a tag without a value is no tag, as in AWS."""
    try:
        pairs = json.loads(
            text or "{}", object_pairs_hook=_unique_pairs, parse_constant=_no_constant
        )
        if not isinstance(pairs, dict):
            raise ValueError("not an object")
        return _spelled(pairs, lines.layout.tag_prefixes)
    except (ValueError, RecursionError) as error:
        row, _ = first_row(lines.raw.connection, lines.rows, f"{lines.tags_text} = {literal(text)}")
        raise SourceError(
            "the tags are not usable",
            path=lines.raw.path,
            row=row or None,
            seen=f"{text[:200]} ({error})",
            expected='a JSON object such as {"team": "search"}, each key once',
            remedy="correct the row (they count from 1, without the header), or leave tags out",
        ) from error


def _spelled(pairs: Mapping[str, Any], prefixes: Sequence[str]) -> str:
    """Return tags as text; two that a prefix alone tells apart keep it."""
    tags = {key: value for key, value in pairs.items() if value not in (None, "")}
    short = {key: _without_prefix(key, prefixes) for key in tags}
    often = Counter(short.values())
    kept = {key if often[short[key]] > 1 else short[key]: value for key, value in tags.items()}
    text = json.dumps(kept, sort_keys=True, ensure_ascii=False)
    text.encode()  # half a character is no text
    return text


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _unique_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key occurs twice")
    return found


def _without_prefix(key: str, prefixes: Sequence[str]) -> str:
    """Return a key without the first prefix that it has; the rest is its own."""
    return next((key.removeprefix(p) for p in prefixes if key.startswith(p)), key)


def row_notes(connection: duckdb.DuckDBPyConnection, files: Sequence[Lines]) -> list[str]:
    """Return notes on record types that no table knows and on lines that are left out.

    Warns
    -----
    PrismWarning
        Lines were left out.
    """
    types = "SELECT DISTINCT file, record_type FROM counted ORDER BY ALL"
    unknown: dict[str, list[str]] = {}
    for number, text in connection.execute(types).fetchall():
        if text.lower().replace(" ", "") not in files[number].layout.charge_kinds:
            unknown.setdefault(text, []).append(files[number].file_name)
    alike: dict[tuple[str, ...], list[str]] = {}
    for text, names in unknown.items():
        alike.setdefault(tuple(names), []).append(text)
    left_out = _left_out_notes(connection, files)
    for note in left_out:
        warnings.warn(note, PrismWarning, stacklevel=3)
    return [
        *(
            f"{named(names)}: unknown record types, read as adjustments: {', '.join(texts)}"
            for names, texts in alike.items()
        ),
        *left_out,
    ]


def _left_out_notes(connection: duckdb.DuckDBPyConnection, files: Sequence[Lines]) -> list[str]:
    """Return a note on the lines that are left out, with their number and cost; none without."""
    query = "SELECT file, sum(row_count), {} FROM left_out GROUP BY file ORDER BY file"
    sums = ", ".join(f"sum({name})" for name in COST_METRICS)
    found = connection.execute(query.format(sums)).fetchall()
    if not found:
        return []
    base = files[found[0][0]].layout.base_cost  # one format splits costs
    cost = exact_sum(row[2 + COST_METRICS.index(base)] for row in found)
    count = sum(row[1] for row in found)
    names = named([files[number].file_name for number, *_ in found], 3)
    return [
        f"{names}: {count:,} split-cost rows are left out, since they hand out the cost of EC2"
        f" lines that are counted already; their {base} is {tidy(cost):,f}"
    ]


def refuse_currencies(connection: duckdb.DuckDBPyConnection, files: Sequence[Lines]) -> None:
    """Raise CurrencyError, naming the files, if there is a second currency."""
    query = "SELECT DISTINCT billing_currency, file FROM counted ORDER BY 2, 1"
    found = connection.execute(query).fetchall()
    currencies = sorted({currency for currency, _ in found})
    if len(currencies) > 1:
        where = []
        for currency, number in found:
            condition = f"billing_currency = {literal(currency)}"
            row, _ = first_row(connection, files[number].rows, condition)
            from_row = f" from row {row} on" if row else ""
            where.append(f"{files[number].file_name}: {currency}{from_row}")
        raise CurrencyError("COST", currencies, where="; ".join(where))


def merge_groups(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, int]]:
    """Merge the files into one table; return each cost known in part of a row, and in how many."""
    keys = ", ".join(COST_DIMENSIONS)
    sums = ", ".join(f"sum({m}) AS {m}, sum({m}_known) AS {m}_known" for m in MEASURES)
    connection.execute(
        f"CREATE TABLE merged AS SELECT {keys}, min(charge_kind) AS charge_kind,"
        " min(billing_currency) AS billing_currency, bool_or(is_estimated) AS is_estimated,"
        f" sum(row_count) AS row_count, {sums} FROM (SELECT c.* REPLACE (spelled AS tags)"
        " FROM counted c JOIN spelled_tags s ON c.file = s.file AND c.tags = s.tags) GROUP BY ALL"
    )
    partly = ", ".join(f"count_if({m}_known BETWEEN 1 AND row_count - 1)" for m in COST_METRICS)
    (counts,) = connection.execute(f"SELECT {partly} FROM merged").fetchall()
    return [(m, int(n)) for m, n in zip(COST_METRICS, counts, strict=True) if n]


def cost_table(connection: duckdb.DuckDBPyConnection, metrics: Sequence[str]) -> pd.DataFrame:
    """Return the merged rows as COST with the costs in `metrics`; the others are missing."""
    amounts = ("usage_quantity", *metrics)
    # As text without trailing zeros: a long table has many amounts, and DuckDB does it fast.
    values = {
        name: f"CASE WHEN {name}_known = row_count"
        f" THEN rtrim(rtrim(CAST({name} AS VARCHAR), '0'), '.') END"
        for name in amounts
    }
    missing = {name: "NULL" for name in COST_METRICS if name not in metrics}
    columns = ", ".join({**values, **missing}.get(name, name) for name in COST.fields)
    order = ", ".join(COST_DIMENSIONS)
    rows = connection.execute(f"SELECT {columns} FROM merged ORDER BY {order}").fetchall()
    if not rows:
        return tables.empty(COST)
    cells = dict(zip(COST.fields, map(list, zip(*rows, strict=True)), strict=True))
    for name in amounts:
        cells[name] = [None if text is None else Decimal(text) for text in cells[name]]
    return tables.check(pd.DataFrame(cells, dtype=object), COST)
