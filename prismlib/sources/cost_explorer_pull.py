"""The charges of a month from Cost Explorer: every page, checked against the total, as COST.

The pages of an answer are written to a folder that is thrown away and read by
`prismlib.sources.bills.read_bills`, which ties their totals to the table: a bill that was pulled
and a bill that was saved by hand are read by the same code.

A page that is missing shows in no answer itself. Therefore use and the rest must add up to the
daily totals, which are asked for apart; the tag must too. Where they do not, and the cache took
part, the charges may have moved between two pulls: the part is asked for once more. If it still
does not add up, there is no snapshot.

Known limits: an answer gives amounts to `DECIMALS` decimals, so a sum of many may differ from the
total by half a unit of the last one for each; rows that together cost less than that, or exactly
nothing, could be lost unseen.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pandas as pd

from prismlib.cost_explorer_tables import COST_TAG
from prismlib.errors import IncompleteDataError
from prismlib.fields import parse_decimal
from prismlib.money import exact_sum
from prismlib.periods import Period
from prismlib.sources.bills import Bill, read_bills
from prismlib.sources.calls import Caller
from prismlib.sources.cost_explorer_plan import CATEGORY, COSTS, charge_requests, parts
from prismlib.sources.ledger import anew
from prismlib.tables import COST, COST_DIMENSIONS, COST_FILE, check, make, records

DECIMALS = 10
REST = "other.json"
USE = "Usage"
"""The record type of the rows of use: discounted and covered use is not told apart in them."""

Pages = list[dict[str, Any]]
Sums = dict[tuple[str, str], list[Decimal]]


class Amount(NamedTuple):
    """An amount of an answer."""

    day: str
    metric: str
    amount: Decimal
    currency: str


@dataclass(frozen=True)
class PulledCost:
    """The charges of a month, and what must be known of them.

    `tag` is COST_TAG, or None if no tag was asked for. `fetched_at` is when the oldest page came,
    `as_of` the day on which the newest did.
    """

    cost: pd.DataFrame
    cost_file: pd.DataFrame
    tag: pd.DataFrame | None
    fetched_at: datetime
    as_of: date
    notes: tuple[str, ...]

    @property
    def is_estimated(self) -> bool:
        """Return whether any charge is still an estimate."""
        return bool(self.cost["is_estimated"].any())


def get_cost(
    caller: Caller,
    month: Period,
    *,
    price: Decimal,
    tag: str | None = None,
    on_step: Callable[[str], None] | None = None,
) -> PulledCost:
    """Return the charges of a month, asked for in the parts that `cost_explorer_plan` says.

    Parameters
    ----------
    caller : Caller
    month : Period
    price : Decimal
        Of one page. [USD]
    tag : str, optional
        Key of a cost allocation tag, or ``category:`` and the name of a cost category.
    on_step : callable, optional
        Called with the name of each question before it is asked.

    Raises
    ------
    IncompleteDataError
        A page or a day is missing, or there is no charge at all.
    SourceError
        A call failed, or an answer is not usable.
    """
    answers: dict[str, Pages] = defaultdict(list)
    with caller.attempt() as attempt:
        for part in parts(month, caller.now.date()):
            for name, pages in _get_part(caller, part, price, tag, on_step).items():
                answers[name] += pages
    times = (attempt.oldest or caller.now, attempt.newest or caller.now)
    return parse_cost(answers, month, tag=tag, times=times)


def _get_part(
    caller: Caller,
    part: Period,
    price: Decimal,
    tag: str | None,
    on_step: Callable[[str], None] | None,
) -> dict[str, Pages]:
    """Return the answers of one part by name; they add up."""
    while True:
        answers: dict[str, Pages] = {}
        with caller.attempt() as attempt:
            for request in charge_requests(part, tag):
                if on_step:
                    on_step(f"{request.name} {part}")
                options = request.options(caller.now.date())
                answers[request.name] = list(caller.pages("ce", usd=price, **options))
        try:
            check_answers(answers, part, price)
        except IncompleteDataError:
            had_cached = attempt.from_cache > 0
            caller.forget(attempt)
            if not had_cached:
                raise
        else:
            return answers


def check_answers(answers: Mapping[str, Pages], part: Period, price: Decimal) -> None:
    """Check that every day has a total and that the groups add up to it, in its currency.

    `price` is that of a page. [USD]

    Raises
    ------
    IncompleteDataError
        They do not.
    """
    again = f"run it again: {anew(sum(map(len, answers.values())), price)}"
    control = _costs(answers["control"], again)
    totals = _sums(control)
    days = sorted({day for day, _ in totals})
    wanted = [day.isoformat() for day in part.dates()]
    if days != wanted or any(len(amounts) != 1 for amounts in totals.values()):
        what = f"the totals of {part} are not one a day"
        raise _incomplete(what, ", ".join(days), str(part), again)
    for names in (("usage", "other"), ("tag",)):
        if not set(names) <= set(answers):
            continue
        grouped = _costs([page for name in names for page in answers[name]], again)
        groups, words = _sums(grouped), " and ".join(names)
        seen_in, expected_in = _currencies(grouped), _currencies(control)
        if seen_in and expected_in and seen_in != expected_in:
            what = f"{words} are not in the currency of the total of {part}"
            raise _incomplete(what, ", ".join(seen_in), ", ".join(expected_in), again)
        for key in sorted({*totals, *groups}):
            amounts = groups.get(key, [])
            total, seen = exact_sum(totals.get(key, [])), exact_sum(amounts)
            if abs(seen - total) > rounding(len(amounts)):
                what = f"{words} do not add up to the {key[1]} of {key[0]}"
                raise _incomplete(what, f"{seen} in {len(amounts)} groups", f"{total}", again)


def rounding(count: int) -> Decimal:
    """Return by how much the sum of `count` printed amounts may differ from a printed total."""
    return (count + 1) * Decimal(1).scaleb(-DECIMALS) / 2


def _costs(pages: Pages, again: str) -> list[Amount]:
    """Return every amount of the pages; raises IncompleteDataError for other JSON."""
    try:
        return list(_read_costs(pages))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what, seen = (
            "an answer is not what GetCostAndUsage gives",
            f"{type(error).__name__}: {error}",
        )
        raise _incomplete(what, seen, "days with groups or a total, as texts", again) from None


def _read_costs(pages: Pages) -> Iterator[Amount]:
    for page in pages:
        for result in page.get("ResultsByTime", []):
            groups = result.get("Groups") or []
            metrics = [group["Metrics"] for group in groups] or [result.get("Total") or {}]
            for one in metrics:
                for name in COSTS:
                    if name in one:
                        amount = parse_decimal(str(one[name]["Amount"]))
                        day = result["TimePeriod"]["Start"][:10]
                        yield Amount(day, name, amount, str(one[name]["Unit"]))


def _sums(costs: Sequence[Amount]) -> Sums:
    """Return the amounts of each day and cost metric."""
    found: Sums = defaultdict(list)
    for one in costs:
        found[one.day, one.metric].append(one.amount)
    return found


def _currencies(costs: Sequence[Amount]) -> list[str]:
    """Return the currencies of amounts; nothing costs nothing in all of them."""
    return sorted({one.currency for one in costs if one.amount})


def _incomplete(what: str, seen: str, expected: str, again: str) -> IncompleteDataError:
    return IncompleteDataError(f"Cost Explorer: {what}", seen=seen, expected=expected, remedy=again)


def parse_cost(
    answers: Mapping[str, Pages],
    month: Period,
    *,
    tag: str | None,
    times: tuple[datetime, datetime],
) -> PulledCost:
    """Return the tables of answers that add up; `times` are those of the first and last page."""
    with TemporaryDirectory(prefix="prism-pull-") as name:
        bills = {key: _read(answers[key], Path(name) / f"{key}.json") for key in answers}
    used, rest = bills["usage"], bills["other"]
    present = [bill for bill in (_as_use(used), rest) if bill is not None]
    if not present:
        raise IncompleteDataError(
            f"Cost Explorer has no charge in {month}",
            expected="charges of an account that was in use",
            remedy="check the account and the month",
        )
    cost = pd.concat([bill.cost for bill in present], ignore_index=True)
    keys = list(zip(*(map(str, cost[name]) for name in COST_DIMENSIONS), strict=True))
    order = sorted(range(len(keys)), key=keys.__getitem__)
    tagged = None if tag is None else make(COST_TAG, _tag_rows(bills.get("tag"), tag))
    return PulledCost(
        cost=check(cost.iloc[order].reset_index(drop=True), COST),
        cost_file=check(
            pd.concat([bill.cost_file for bill in present], ignore_index=True), COST_FILE
        ),
        tag=tagged,
        fetched_at=times[0],
        as_of=times[1].date(),
        notes=(
            *(() if rest is None else _notes(rest)),
            *(() if tag is None or tagged is None else _tag_notes(tagged, tag, month)),
        ),
    )


def _tag_notes(tagged: pd.DataFrame, tag: str, month: Period) -> Iterator[str]:
    """Yield that no charge carries the tag: one with a typing error looks the same."""
    if any(tagged["tag_value"]):
        return
    if tag.startswith(CATEGORY):
        yield f"no charge of {month} is in the cost category {tag.removeprefix(CATEGORY)}"
    else:
        yield f"no charge of {month} carries the tag {tag}: is it an active cost allocation tag?"


def _notes(rest: Bill) -> Iterator[str]:
    """Yield what to know of the record types beside use, which are those of `rest`."""
    for note in rest.notes:
        yield note.replace(f"{REST}: ", "Cost Explorer: ")
    rows = rest.cost[rest.cost["charge_kind"] == "usage"]
    if found := sorted(set(rows["record_type"])):
        yield f"Cost Explorer: use that is written as {', '.join(found)} has no usage type"


def _read(pages: Pages, file: Path) -> Bill | None:
    """Return the bill that the pages of one question are; None if they hold no row."""
    whole = [{k: v for k, v in page.items() if k != "NextPageToken"} for page in pages]
    if not any(result.get("Groups") for page in whole for result in page["ResultsByTime"]):
        return None
    file.write_text(json.dumps(whole), encoding="utf-8")
    return read_bills([file])


def _as_use(bill: Bill | None) -> Bill | None:
    """Return a bill of use with its record type; its notes on mixed rows do not apply."""
    if bill is None:
        return None
    return Bill(bill.cost.assign(record_type=USE), bill.cost_file)


def _tag_rows(bill: Bill | None, tag: str) -> Iterator[dict[str, Any]]:
    for row in [] if bill is None else records(bill.cost):
        values = json.loads(row["tags"] or "{}")
        yield {**row, "tag_key": tag, "tag_value": next(iter(values.values()), "")}
