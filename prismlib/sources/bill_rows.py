"""The query that touches every row of a bill file, as SQL.

`group_sql` sums the rows at the grain of COST, adds the costs a second time without grouping, and
finds what is wrong with the rows. All that follows from the groups (kinds of charge, tags spelled
alike, months, currencies) is worked out on the groups (`prismlib.sources.bill_groups`).

Exact sums are ``DECIMAL(38, 18)``: an amount is below 10^20, or the row is refused, and a sum that
does not fit stops the query.
"""

from __future__ import annotations

from prismlib.sources.bill_amounts import AMOUNT, joined_sql
from prismlib.sources.bill_checks import rules_of
from prismlib.sources.bill_lines import MEASURES, Lines
from prismlib.tables import COST_DIMENSIONS, COST_METRICS

DAYS = {
    "charge_period_start": "CAST(charge_period_start AS DATE)",
    "charge_period_end": "CAST(CASE WHEN charge_period_end > date_trunc('day', charge_period_end)"
    " THEN charge_period_end + INTERVAL '1' DAY ELSE charge_period_end END AS DATE)",
}
"""A charge of hours is one of its UTC day; one that spans days keeps its span in whole days."""

MARKS = ("is_estimated", "is_committed", "is_left_out")
"""What is told of each line by several of its columns, and kept apart in the groups."""

KEYS = (*COST_DIMENSIONS, "billing_currency", *MARKS)


def measures_of(lines: Lines) -> list[str]:
    """Return the measures that the file may have."""
    fields = {column.field for column, _, _ in lines.cells}
    fields |= {*lines.layout.derived, *lines.layout.picked}
    return [name for name in MEASURES if name in fields]


def group_sql(lines: Lines) -> str:
    """Return the query of the groups of a file: the keys, and for the rows of each

    - their number, and whether one breaks a rule that its keys do not show (``is_broken``);
    - each measure's sum, that of its short amounts apart (``..._short``, see `joined`), and in how
      many rows it is known (``..._known``);
    - in how many rows a cost is a whole number other than 0 (``..._whole``), and 0 where the base
      cost is more (``..._zero``).

    One more row, with 1 as ``is_total``, has the same of all rows: added beside the groups in the
    same reading, not out of them.
    """
    values = {"row_count": "count(*)", "is_broken": "coalesce(max(is_broken), 0)"}
    values |= {name: sql for m in MEASURES for name, sql in _sums_of(lines, m).items()}
    values |= {name: sql for m in COST_METRICS for name, sql in _odd_of(lines, m).items()}
    named = ", ".join(f"{sql} AS {name}" for name, sql in values.items())
    keys = ", ".join(KEYS)
    return (
        f"SELECT {keys}, GROUPING(record_type) AS is_total, {named} FROM ({_rows_sql(lines)}) AS"
        f" keyed GROUP BY GROUPING SETS (({keys}), ())"
    )


def _rows_sql(lines: Lines) -> str:
    """Return the query of the rows with the keys by which they are grouped."""
    broken = " OR ".join(rule.is_broken for rule in rules_of(lines) if not rule.of_group)
    fields = {
        **{name: name for name in KEYS},
        **DAYS,
        "tags": lines.tags_text,
        "is_broken": f"CASE WHEN {broken} THEN 1 ELSE 0 END",
    }
    for name in measures_of(lines):
        fields |= {name: name, lines.near[name]: lines.near[name]}
    fields |= {f"{name}_short": f"{name}_short" for name in lines.split}
    named = ", ".join(f"{sql} AS {name}" for name, sql in fields.items())
    return f"SELECT {named} FROM {lines.rows}"


def _sums_of(lines: Lines, name: str) -> dict[str, str]:
    """Return the SQL of the sum of a measure and of the number of rows that have it."""
    if name not in measures_of(lines):
        return {name: f"CAST(NULL AS {AMOUNT})", f"{name}_known": "0"}
    short = {f"{name}_short": f"sum({name}_short)"} if name in lines.split else {}
    return {name: f"sum({name})", f"{name}_known": f"count({lines.near[name]})", **short}


def _odd_of(lines: Lines, name: str) -> dict[str, str]:
    """Return the SQL of the numbers of rows in which a cost is odd."""
    near, base = lines.near[name], lines.near[lines.layout.base_cost]
    is_there = name in measures_of(lines)
    whole = f"count(CASE WHEN {near} = trunc({near}) AND {near} <> 0 THEN 1 END)"
    zero = f"count(CASE WHEN {near} = 0 AND {base} > 0 THEN 1 END)"
    return {
        f"{name}_whole": whole if is_there else "0",
        f"{name}_zero": zero if is_there and near != base else "0",
    }


def joined(lines: Lines, query: str) -> str:
    """Return the answer to `group_sql` with one exact sum for each measure.

    It is put together on this machine, whoever gave the answer.
    """
    shorts = ", ".join(f"{name}_short" for name in lines.split)
    sums = ", ".join(f"{joined_sql(name)} AS {name}" for name in lines.split)
    return f"SELECT * EXCLUDE ({shorts}) REPLACE ({sums}) FROM ({query})" if shorts else query
