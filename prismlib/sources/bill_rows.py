"""The two queries that touch every row of a bill file, as SQL.

`group_sql` sums the rows at the grain of COST and finds what is wrong with them, `total_sql` adds
the costs a second time without grouping. All that follows from the groups (kinds of charge, tags
spelled alike, months, currencies) is worked out on the groups (`prismlib.sources.bill_groups`).

Exact sums are ``DECIMAL(38, 18)``: an amount is below 10^20, or the row is refused, and a sum that
does not fit stops the query.
"""

from __future__ import annotations

from collections.abc import Sequence

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
    fields = {column.field for column, _, _ in lines.cells} | worked_out(lines)
    return [name for name in MEASURES if name in fields]


def worked_out(lines: Lines) -> set[str]:
    """Return the fields that are no column of the file as it is."""
    return {*lines.layout.derived, *lines.layout.picked}


def group_sql(lines: Lines) -> str:
    """Return the query of the groups of a file: the keys, and for the rows of each

    - their number, and whether one breaks a rule that its keys do not show (``is_broken``);
    - each measure's sum, that of its short amounts apart (``..._short``, see `joined`), and in how
      many rows it is known (``..._known``);
    - in how many rows a cost is a whole number other than 0 (``..._whole``), and 0 where the base
      cost is more (``..._zero``).
    """
    keys = {**{name: name for name in KEYS}, **DAYS, "tags": lines.tags_text}
    broken = " OR ".join(rule.is_broken for rule in rules_of(lines) if not rule.of_group)
    values = {
        "row_count": "count(*)",
        "is_broken": f"coalesce(max(CASE WHEN {broken} THEN 1 ELSE 0 END), 0)",
    }
    present = measures_of(lines)
    for name in MEASURES:
        is_there = name in present
        values[name] = f"sum({name})" if is_there else f"CAST(NULL AS {AMOUNT})"
        values[f"{name}_known"] = f"count({lines.near[name]})" if is_there else "0"
        if name in lines.split:
            values[f"{name}_short"] = f"sum({name}_short)"
    base = lines.near[lines.layout.base_cost]
    for name in COST_METRICS:
        near = lines.near[name]
        whole = f"count(CASE WHEN {near} = trunc({near}) AND {near} <> 0 THEN 1 END)"
        zero = f"count(CASE WHEN {near} = 0 AND {base} > 0 THEN 1 END)"
        values[f"{name}_whole"] = whole if name in present else "0"
        values[f"{name}_zero"] = zero if name in present and near != base else "0"
    named = ", ".join(f"{sql} AS {name}" for name, sql in {**keys, **values}.items())
    return f"SELECT {named} FROM {lines.view} GROUP BY {', '.join(keys.values())}"


def total_sql(lines: Lines) -> str:
    """Return the query of the number of rows and the plain sum of each cost, without groups.

    A cost that is a column is summed straight from the text of the file; a cost that follows from
    several columns, or that the file has as a number, over the lines.
    """
    texts = {c.field: text for c, text, _ in lines.cells if not lines.raw.types}
    texts = {m: text for m, text in texts.items() if m not in worked_out(lines)}
    plain = {m: f"CAST({texts[m]} AS {AMOUNT})" if m in texts else m for m in COST_METRICS}
    sums = {m: f"sum({sql})" for m, sql in plain.items()}
    sums |= {f"{m}_short": f"sum({m}_short)" for m in COST_METRICS if m in lines.split}
    named = ", ".join(f"{sql} AS {name}" for name, sql in sums.items())
    return f"SELECT count(*) AS row_count, {named} FROM {lines.view}"


def joined(lines: Lines, query: str, measures: Sequence[str]) -> str:
    """Return the answer to `group_sql` or `total_sql` with one exact sum for each measure.

    It is put together on this machine, whoever gave the answer.
    """
    names = [name for name in lines.split if name in measures]
    shorts = ", ".join(f"{name}_short" for name in names)
    sums = ", ".join(f"{joined_sql(name)} AS {name}" for name in names)
    return f"SELECT * EXCLUDE ({shorts}) REPLACE ({sums}) FROM ({query})" if names else query
