"""Coverage by commitments, the provider's forecast, and anomalies, from Cost Explorer.

None of them is a charge. What cannot be read is left out and named; nothing is made up.

Reserved hours must add up to their total. Savings plan coverage and anomalies come without a total:
a page that the provider itself loses would not show there (one that its token leads to would).

Known limits: a coverage answer has no currency: its costs are in US dollars. Reservations are those
of EC2, which is what the API answers for without a service filter. An anomaly that names several
causes is listed under the one that contributed most.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from prismlib.cost_explorer_tables import COST_EXPLORER_TABLES
from prismlib.errors import CallError, IncompleteDataError, SchemaError
from prismlib.fields import FIELDS, parse_cell, parse_decimal
from prismlib.money import exact_sum
from prismlib.periods import Period
from prismlib.sources.calls import Caller
from prismlib.sources.collecting import PullContext
from prismlib.sources.cost_explorer_plan import CONFIDENCE_PCT, Request, other_requests
from prismlib.tables import make

Pages = Sequence[Mapping[str, Any]]
Rows = Iterator[dict[str, Any]]
EC2 = "Amazon Elastic Compute Cloud - Compute"
HOURS_ROUNDING = Decimal("0.01")


def get_extras(
    caller: Caller,
    context: PullContext,
    *,
    price: Decimal,
    on_step: Callable[[str], None] | None = None,
) -> dict[str, pd.DataFrame]:
    """Return the tables beside the charges that could be read, by name.

    What could not is added to `context.unknown`, with the reason.

    Raises
    ------
    CallError
        A call failed in a way that must stop the pull; see `aws_errors`.
    """
    today = caller.now.date()
    rows: dict[str, list[dict[str, Any]]] = {}
    for request in other_requests(context.period, today):
        if on_step:
            on_step(request.name)
        table, options = request.optional_table, request.options(today)
        if request.is_too_late(today) and not caller.cached_pages("ce", **options)[1]:
            context.leave_out(table, request.name, "", f"not given after {request.last_asked}")
            continue
        try:
            with caller.attempt() as attempt:
                pages = list(caller.pages("ce", usd=price, **options))
            found = _parse(request, pages)
        except CallError as error:
            context.unread(table, request.name, error)
        except IncompleteDataError as error:
            caller.forget(attempt)
            context.leave_out(table, request.name, "", f"{error.what}: the answer is not whole")
        else:
            rows.setdefault(table, []).extend(found)
    return {name: make(COST_EXPLORER_TABLES[name], found) for name, found in rows.items()}


def _parse(request: Request, pages: Pages) -> list[dict[str, Any]]:
    """Return the rows of an answer; one of another shape raises IncompleteDataError.

    So does one with a row twice: its page came twice, and another one may be missing.
    """
    try:
        found = list(PARSERS[request.name](pages, request.period))
        make(COST_EXPLORER_TABLES[request.optional_table], found)
    except (KeyError, TypeError, ValueError, AttributeError, SchemaError) as error:
        raise IncompleteDataError(
            f"Cost Explorer: the answer on {request.name} is not what {request.operation} gives",
            seen=f"{type(error).__name__}: {error}",
            remedy="run it again; if it happens again, report it",
        ) from None
    return found


def parse_reservations(pages: Pages, period: Period) -> Rows:
    """Yield a row for each instance type; their hours must add up to the total of the answer."""
    covered = []
    for group in (g for page in pages for time in page["CoveragesByTime"] for g in time["Groups"]):
        hours = group["Coverage"]["CoverageHours"]
        covered.append(parse_decimal(hours["ReservedHours"]))
        yield {
            **_days(period),
            "commitment": "reservation",
            "service_name": EC2,
            "instance_type": next(iter(group["Attributes"].values()), ""),
            "covered_hours": covered[-1],
            "on_demand_hours": parse_decimal(hours["OnDemandHours"]),
            "on_demand_usd": _decimal(group["Coverage"].get("CoverageCost", {}), "OnDemandCost"),
            "coverage_pct": _decimal(hours, "CoverageHoursPercentage"),
        }
    total = pages[0].get("Total", {}).get("CoverageHours", {}).get("ReservedHours")
    if total is None:
        return
    if abs(exact_sum(covered) - parse_decimal(total)) > HOURS_ROUNDING * (len(covered) + 1):
        raise IncompleteDataError(
            "Cost Explorer: the reserved hours of the instance types are not those of the total",
            seen=f"{exact_sum(covered)} in {len(covered)} types",
            expected=total,
            remedy="run it again; if it happens again, report it",
        )


def parse_savings_plans(pages: Pages, period: Period) -> Rows:
    """Yield a row for each service and period of the answer."""
    for one in (one for page in pages for one in page["SavingsPlansCoverages"]):
        cover = one["Coverage"]
        yield {
            **_days(period),
            "commitment": "savings plan",
            "service_name": next(iter(one.get("Attributes", {}).values()), ""),
            "covered_usd": parse_decimal(cover["SpendCoveredBySavingsPlans"]),
            "on_demand_usd": _decimal(cover, "OnDemandCost"),
            "coverage_pct": _decimal(cover, "CoveragePercentage"),
        }


def parse_forecast(pages: Pages, period: Period) -> Rows:
    """Yield a row for each day to come."""
    for page in pages:
        for one in page["ForecastResultsByTime"]:
            yield {
                "charge_period_start": _day(one["TimePeriod"]["Start"]),
                "charge_period_end": _day(one["TimePeriod"]["End"]),
                "cost_metric": "unblended_cost",
                "forecast_cost": parse_decimal(one["MeanValue"]),
                "low_cost": _decimal(one, "PredictionIntervalLowerBound"),
                "high_cost": _decimal(one, "PredictionIntervalUpperBound"),
                "confidence_pct": Decimal(CONFIDENCE_PCT),
                "billing_currency": page["Total"]["Unit"],
            }


def parse_anomalies(pages: Pages, period: Period) -> Rows:
    """Yield a row for each anomaly. The API gives its amounts as numbers, not as texts."""
    found = [one for page in pages for one in page["Anomalies"]]
    if len({one["AnomalyId"] for one in found}) < len(found):
        raise IncompleteDataError(
            "Cost Explorer: an anomaly came twice, so another one may be missing",
            expected="each anomaly on one page",
            remedy="run it again; if it happens again, report it",
        )
    for one in found:
        causes = one.get("RootCauses") or [{}]
        # The API does not promise an order.
        cause = max(causes, key=lambda c: c.get("Impact", {}).get("Contribution", 0))
        impact = one["Impact"]
        end = one.get("AnomalyEndDate")
        yield {
            "anomaly_id": one["AnomalyId"],
            "anomaly_start": _day(one["AnomalyStartDate"]) if "AnomalyStartDate" in one else None,
            "anomaly_end": _day(end) if end else None,
            "service_name": cause.get("Service") or one.get("DimensionValue", ""),
            "usage_type": cause.get("UsageType", ""),
            "region_id": cause.get("Region", ""),
            "sub_account_id": cause.get("LinkedAccount", ""),
            "root_causes": len(one.get("RootCauses") or []),
            "actual_usd": _decimal(impact, "TotalActualSpend"),
            "expected_usd": _decimal(impact, "TotalExpectedSpend"),
            "excess_usd": parse_decimal(str(impact["TotalImpact"])),
            "feedback": one.get("Feedback", ""),
        }


PARSERS: dict[str, Callable[[Pages, Period], Rows]] = {
    "reservation coverage": parse_reservations,
    "savings plan coverage": parse_savings_plans,
    "forecast": parse_forecast,
    "anomalies": parse_anomalies,
}


def _days(period: Period) -> dict[str, Any]:
    return {"charge_period_start": period.start, "charge_period_end": period.end}


def _day(text: str) -> Any:
    return parse_cell(FIELDS["day"], text[:10])


def _decimal(part: Mapping[str, Any], name: str) -> Decimal | None:
    return parse_decimal(str(part[name])) if part.get(name) not in (None, "") else None
