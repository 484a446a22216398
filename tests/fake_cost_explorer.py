"""A Cost Explorer on loopback, computed from one list of charges, with the rules of the real one.

It keeps what a client can get wrong: pages of a configurable size whose token belongs to its
request (``RequestChangedException``), an exclusive ``End``, two group keys at most, an empty
``Total`` when grouped, amounts as texts, ``Estimated``, filters with And, Or and Not, and the data
that is no longer there (``DataUnavailableException``). `Fault` breaks a chosen answer.

    server = FakeCostExplorer(make_charges(Period.month("2025-10")), today=date(2025, 11, 20))
    with server: os.environ["AWS_ENDPOINT_URL_COST_EXPLORER"] = server.url
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
import re
import socket
import struct
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from prismlib.periods import Period

METRICS = {"UnblendedCost", "AmortizedCost", "BlendedCost", "NetUnblendedCost", "UsageQuantity"}
DIMENSIONS = {"SERVICE", "USAGE_TYPE", "RECORD_TYPE", "LINKED_ACCOUNT", "REGION"}
MONTHS_OF_HISTORY = 14
TARGET = "AWSInsightsIndexService."


@dataclass(frozen=True)
class Charge:
    """A line of the bill: the only truth that the server knows."""

    day: date
    service: str
    usage_type: str
    record_type: str
    unblended: Decimal
    amortized: Decimal
    quantity: Decimal = Decimal(0)
    unit: str = "N/A"
    tags: tuple[tuple[str, str], ...] = ()

    def dimension(self, key: str) -> str:
        return {
            "SERVICE": self.service,
            "USAGE_TYPE": self.usage_type,
            "RECORD_TYPE": self.record_type,
            "LINKED_ACCOUNT": "123456789012",
            "REGION": "us-east-1",
        }[key]


@dataclass
class Fault:
    """What goes wrong: `kind` at the `at`-th call of `operation` ("" is any), `times` times.

    With `like`, a call as the server saw it, the fault is at the first `times` calls for that page
    of that answer, whenever they come.

    Kinds: throttled, error (500), reset, truncated, expired, denied, unavailable, empty (200 with
    an empty object), garbled (200 with the page of a proxy that breaks off), proxy (the whole
    page), list (a list instead of an object), repeated_token (it leads to the page itself),
    no_token (the answer ends here), euros (its amounts are in euros), and drop: the page `page` of
    every answer by `group` (from the day `start` on, "" is any) is lost on the server, and no token
    tells.
    """

    kind: str
    at: int = 1
    times: int = 1
    operation: str = ""
    page: int = 0
    group: tuple[str, ...] = ()
    start: str = ""
    like: Call | None = None
    hits: int = 0


Call = tuple[str, dict[str, Any]]
"""The operation and the request."""


class Refusal(Exception):
    def __init__(self, code: str, message: str = "", status: int = 400) -> None:
        super().__init__(code)
        self.code, self.message, self.status = code, message, status


@dataclass
class FakeCostExplorer:
    charges: list[Charge]
    today: date
    page_size: int = 500
    latency: float = 0.0
    estimated: Callable[[date], bool] = lambda day: False
    faults: list[Fault] = field(default_factory=list)
    anomalies: list[dict[str, Any]] = field(default_factory=list)
    has_savings_plans: bool = True
    calls: list[Call] = field(default_factory=list)
    callers: list[str] = field(default_factory=list)
    on_call: Callable[[int], None] = lambda number: None

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._days: dict[date, list[Charge]] = defaultdict(list)
        self.set_charges(self.charges)

    def set_charges(self, charges: list[Charge]) -> None:
        self.charges = charges
        self._days = defaultdict(list)
        self._entries_made: dict[str, list[Any]] = {}
        for charge in charges:
            self._days[charge.day].append(charge)

    # --- life ---------------------------------------------------------------------------------

    def __enter__(self) -> FakeCostExplorer:
        handler = type("Handler", (_Handler,), {"fake": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        serve = self._server.serve_forever
        threading.Thread(target=serve, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *args: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def operations(self) -> list[str]:
        return [operation for operation, _ in self.calls]

    # --- answers ------------------------------------------------------------------------------

    def answer(
        self, operation: str, request: dict[str, Any], access_key: str = ""
    ) -> tuple[str, dict[str, Any]]:
        """Return what goes wrong ("" for nothing) and the answer."""
        with self._lock:
            self.calls.append((operation, request))
            self.callers.append(access_key)
            number = len(self.calls)
            fault = self._fault(operation, request)
        self.on_call(number)
        if self.latency:
            time.sleep(self.latency)
        refusals = {
            "throttled": Refusal("LimitExceededException", "Rate exceeded"),
            "expired": Refusal("ExpiredTokenException", "The security token is expired"),
            "denied": Refusal(
                "AccessDeniedException",
                "User: arn:aws:sts::123456789012:assumed-role/ops/me is not authorized",
            ),
            "unavailable": Refusal("DataUnavailableException"),
            "error": Refusal("InternalFailure", status=500),
        }
        if fault in refusals:
            raise refusals[fault]
        if fault == "empty":
            return fault, {}
        body = OPERATIONS[operation](self, request)
        token = "NextToken" if operation in OTHER_TOKEN else "NextPageToken"
        if fault == "repeated_token":
            body[token] = request.get(token) or self._token(request, 0)
        if fault == "no_token":
            del body[token]
        if fault == "euros":
            body = json.loads(json.dumps(body).replace('"USD"', '"EUR"'))
        return fault, body

    def _fault(self, operation: str, request: dict[str, Any]) -> str:
        """Return the kind of the fault that this call, the last one, meets."""
        for fault in self.faults:
            if fault.kind == "drop" or fault.operation not in ("", operation):
                continue
            if fault.like is not None:
                is_met = self.page_of(fault.like) == self.page_of((operation, request))
                is_met = is_met and fault.hits < fault.times
            else:
                number = self.operations.count(operation) if fault.operation else len(self.calls)
                is_met = 0 <= number - fault.at < fault.times
            if is_met:
                fault.hits += 1
                return fault.kind
        return ""

    def page_of(self, call: Call) -> tuple[str, str, int]:
        """Return what a call asks for: the same for a first page asked for with a token."""
        operation, request = call
        return operation, _fingerprint(request), self._offset(request)

    def cost_and_usage(self, request: dict[str, Any]) -> dict[str, Any]:
        period = self._period(request)
        group_by = request.get("GroupBy") or []
        self._check(request, group_by)
        key = _fingerprint(request)
        if key not in self._entries_made:
            self._entries_made[key] = self._entries(request, period, group_by)
        entries = self._entries_made[key]
        start = self._offset(request)
        page = entries[start : start + self.page_size]
        body: dict[str, Any] = {
            "ResultsByTime": list(_by_day(page, self.estimated)),
            "DimensionValueAttributes": [],
        }
        if group_by:
            body["GroupDefinitions"] = group_by
        if start + self.page_size < len(entries):
            body["NextPageToken"] = self._token(request, start + self.page_size)
        return body

    def _entries(
        self, request: dict[str, Any], period: Period, group_by: list[dict[str, str]]
    ) -> list[tuple[date, list[str] | None, dict[str, Any]]]:
        entries: list[tuple[date, list[str] | None, dict[str, Any]]] = []
        for day in period.dates():
            kept = [c for c in self._days[day] if _matches(c, request.get("Filter"))]
            if not group_by:
                entries.append((day, None, _metrics(kept, request["Metrics"])))
                continue
            groups: dict[tuple[str, ...], list[Charge]] = defaultdict(list)
            for charge in kept:
                groups[tuple(_key(charge, one) for one in group_by)].append(charge)
            entries += [
                (day, list(keys), _metrics(rows, request["Metrics"]))
                for keys, rows in sorted(groups.items())
            ] or [(day, [], {})]
        keys = tuple(one["Key"] for one in group_by)
        for fault in self.faults:
            if (
                fault.kind == "drop"
                and fault.group == keys
                and fault.start in ("", str(period.start))
            ):
                first = fault.page * self.page_size
                del entries[first : first + self.page_size]
        return entries

    def _check(self, request: dict[str, Any], group_by: list[dict[str, str]]) -> None:
        if not request.get("Metrics") or not set(request["Metrics"]) <= METRICS:
            raise Refusal("ValidationException", "metrics")
        if request.get("Granularity") not in ("DAILY", "MONTHLY"):
            raise Refusal("ValidationException", "granularity")
        if len(group_by) > 2:
            raise Refusal("ValidationException", "at most two groups")
        for one in group_by:
            if one["Type"] == "DIMENSION" and one["Key"] not in DIMENSIONS:
                raise Refusal("ValidationException", "group key")

    def _period(self, request: dict[str, Any]) -> Period:
        start, end = (date.fromisoformat(request["TimePeriod"][n]) for n in ("Start", "End"))
        if end <= start or start > self.today or end > self.today + timedelta(days=31):
            raise Refusal("ValidationException", "time period")
        if (self.today - start).days > MONTHS_OF_HISTORY * 31:
            raise Refusal("DataUnavailableException", "too far back")
        return Period(start, end)

    def _token(self, request: dict[str, Any], offset: int) -> str:
        text = json.dumps([_fingerprint(request), offset])
        return base64.urlsafe_b64encode(text.encode()).decode()

    def _offset(self, request: dict[str, Any]) -> int:
        token = request.get("NextPageToken") or request.get("NextToken")
        if token is None:
            return 0
        try:
            fingerprint, offset = json.loads(base64.urlsafe_b64decode(token))
        except ValueError:
            raise Refusal("InvalidNextTokenException") from None
        if fingerprint != _fingerprint(request):
            raise Refusal("RequestChangedException")
        return int(offset)

    def reservation_coverage(self, request: dict[str, Any]) -> dict[str, Any]:
        period = self._period(request)
        if "Granularity" in request and request.get("GroupBy"):
            raise Refusal("ValidationException", "granularity and groups")
        hours: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
        for charge in self._in(period):
            if "BoxUsage:" in charge.usage_type:
                is_covered = charge.record_type == "DiscountedUsage"
                hours[charge.usage_type.split(":")[1]][not is_covered] += charge.quantity
        groups = [
            {"Attributes": {"instanceType": name}, "Coverage": _coverage(*pair)}
            for name, pair in sorted(hours.items())
        ]
        sums = [sum((pair[n] for pair in hours.values()), Decimal(0)) for n in (0, 1)]
        time_period = request["TimePeriod"]
        by_time = [{"TimePeriod": time_period, "Groups": groups, "Total": _coverage(*sums)}]
        return {"CoveragesByTime": by_time, "Total": _coverage(*sums)}

    def savings_plans_coverage(self, request: dict[str, Any]) -> dict[str, Any]:
        period = self._period(request)
        if period.end > self.today:
            raise Refusal("ValidationException", "end in the future")
        if not self.has_savings_plans:
            raise Refusal("DataUnavailableException")
        spend: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
        for charge in self._in(period):
            if charge.record_type == "SavingsPlanCoveredUsage":
                spend[charge.service][0] += charge.amortized
            elif charge.record_type == "Usage" and charge.service in spend:
                spend[charge.service][1] += charge.unblended
        rows = [
            {
                "Attributes": {"SERVICE": service},
                "TimePeriod": request["TimePeriod"],
                "Coverage": {
                    "SpendCoveredBySavingsPlans": _text(covered),
                    "OnDemandCost": _text(other),
                    "TotalCost": _text(covered + other),
                    "CoveragePercentage": _text(_percent(covered, other)),
                },
            }
            for service, (covered, other) in sorted(spend.items())
        ]
        start = self._offset(request)
        body: dict[str, Any] = {"SavingsPlansCoverages": rows[start : start + 1]}
        if start + 1 < len(rows):
            body["NextToken"] = self._token(request, start + 1)
        return body

    def cost_forecast(self, request: dict[str, Any]) -> dict[str, Any]:
        start, end = (date.fromisoformat(request["TimePeriod"][n]) for n in ("Start", "End"))
        if start < self.today or end <= start or request["Metric"] != "UNBLENDED_COST":
            raise Refusal("ValidationException", "forecast")
        total = sum((c.unblended for c in self.charges), Decimal(0))
        mean = (total / max(len(self._days), 1)).quantize(Decimal("1e-10"))
        days = Period(start, end).dates()
        return {
            "Total": {"Amount": _text(mean * len(days)), "Unit": "USD"},
            "ForecastResultsByTime": [
                {
                    "TimePeriod": {
                        "Start": day.isoformat(),
                        "End": (day + timedelta(days=1)).isoformat(),
                    },
                    "MeanValue": _text(mean),
                    "PredictionIntervalLowerBound": _text(mean / 2),
                    "PredictionIntervalUpperBound": _text(mean * 2),
                }
                for day in days
            ],
        }

    def get_anomalies(self, request: dict[str, Any]) -> dict[str, Any]:
        start = date.fromisoformat(request["DateInterval"]["StartDate"])
        if (self.today - start).days > 90:
            raise Refusal("ValidationException", "90 days")
        offset = self._offset(request)
        body: dict[str, Any] = {"Anomalies": self.anomalies[offset : offset + 1]}
        if offset + 1 < len(self.anomalies):
            body["NextPageToken"] = self._token(request, offset + 1)
        return body

    def _in(self, period: Period) -> Iterator[Charge]:
        return (charge for day in period.dates() for charge in self._days.get(day, ()))


OPERATIONS: dict[str, Callable[[FakeCostExplorer, dict[str, Any]], dict[str, Any]]] = {
    "GetCostAndUsage": FakeCostExplorer.cost_and_usage,
    "GetReservationCoverage": FakeCostExplorer.reservation_coverage,
    "GetSavingsPlansCoverage": FakeCostExplorer.savings_plans_coverage,
    "GetCostForecast": FakeCostExplorer.cost_forecast,
    "GetAnomalies": FakeCostExplorer.get_anomalies,
}


OTHER_TOKEN = {"GetSavingsPlansCoverage"}
"""Operations whose token is named NextToken."""


FOREIGN = {
    "garbled": b"<html>Please log in",
    "proxy": b"<html>Please log in</html>",
    "list": b"[1]",
}
"""Bodies that are no answer, by the kind of the fault."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that was killed."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    fake: FakeCostExplorer
    protocol_version = "HTTP/1.1"
    # Headers and body are two writes; with Nagle's algorithm the second would wait for an ACK.
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        if len(raw) < int(self.headers["Content-Length"]):
            raise ConnectionResetError
        request = json.loads(raw)
        operation = self.headers["X-Amz-Target"].removeprefix(TARGET)
        fault, status = "", 200
        try:
            if operation not in OPERATIONS:
                raise Refusal("UnknownOperationException")
            key = re.search(r"Credential=([^/]+)/", self.headers.get("Authorization", ""))
            fault, answer = self.fake.answer(operation, request, key[1] if key else "")
        except Refusal as refusal:
            status = refusal.status
            answer = {"__type": refusal.code, "message": refusal.message}
        if fault == "reset":
            reset(self)
            return
        body = FOREIGN.get(fault) or json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if fault == "truncated":
            self.wfile.write(body[: len(body) // 2])
            reset(self)
        else:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


def reset(handler: BaseHTTPRequestHandler) -> None:
    """Close the connection of a request as a broken one does."""
    handler.wfile.flush()
    # With a linger time of 0 the close sends RST.
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.close_connection = True


def _fingerprint(request: Mapping[str, Any]) -> str:
    plain = {k: v for k, v in request.items() if k not in ("NextPageToken", "NextToken")}
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:16]


def _by_day(
    entries: Iterable[tuple[date, list[str] | None, dict[str, Any]]],
    estimated: Callable[[date], bool],
) -> Iterator[dict[str, Any]]:
    results: dict[date, dict[str, Any]] = {}
    for day, keys, metrics in entries:
        result = results.setdefault(
            day,
            {
                "TimePeriod": {
                    "Start": day.isoformat(),
                    "End": (day + timedelta(days=1)).isoformat(),
                },
                "Total": {} if keys is not None else metrics,
                "Groups": [],
                "Estimated": estimated(day),
            },
        )
        if keys:
            result["Groups"].append({"Keys": keys, "Metrics": metrics})
    yield from results.values()


def _key(charge: Charge, definition: Mapping[str, str]) -> str:
    key = definition["Key"]
    if definition["Type"] == "DIMENSION":
        return charge.dimension(key)
    return f"{key}${dict(charge.tags).get(key, '')}"


def _matches(charge: Charge, expression: Mapping[str, Any] | None) -> bool:
    if not expression:
        return True
    if len(expression) != 1:
        raise Refusal("ValidationException", "one operator an expression")
    ((operator, value),) = expression.items()
    if operator == "And":
        return all(_matches(charge, one) for one in value)
    if operator == "Or":
        return any(_matches(charge, one) for one in value)
    if operator == "Not":
        return not _matches(charge, value)
    options = value.get("MatchOptions", ["EQUALS"])
    if operator == "Dimensions":
        return charge.dimension(value["Key"]) in value["Values"]
    if operator in ("Tags", "CostCategories"):
        found = dict(charge.tags).get(value["Key"])
        return found is None if "ABSENT" in options else found in value["Values"]
    raise Refusal("ValidationException", operator)


def _metrics(charges: list[Charge], names: Iterable[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in names:
        if name == "UsageQuantity":
            units = {charge.unit for charge in charges}
            amount = sum((charge.quantity for charge in charges), Decimal(0))
            unit = units.pop() if len(units) == 1 else "N/A"
        else:
            side = "amortized" if "Amortized" in name else "unblended"
            amount = sum((getattr(charge, side) for charge in charges), Decimal(0))
            unit = "USD"
        found[name] = {"Amount": _text(amount), "Unit": unit}
    return found


def _text(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _percent(part: Decimal, rest: Decimal) -> Decimal:
    whole = part + rest
    return round(part / whole * 100, 6) if whole else Decimal(0)


def _coverage(covered: Decimal, on_demand: Decimal) -> dict[str, Any]:
    return {
        "CoverageHours": {
            "ReservedHours": _text(covered),
            "OnDemandHours": _text(on_demand),
            "TotalRunningHours": _text(covered + on_demand),
            "CoverageHoursPercentage": _text(_percent(covered, on_demand)),
        },
        "CoverageCost": {"OnDemandCost": _text(on_demand / 10)},
    }


# --- charges -----------------------------------------------------------------------------------

EC2 = "Amazon Elastic Compute Cloud - Compute"
S3 = "Amazon Simple Storage Service"
RDS = "Amazon Relational Database Service"


def make_charges(period: Period, *, usage_rows: int = 20, seed: int = 3) -> list[Charge]:
    """Return `usage_rows` rows of use a day and the other kinds of charge that a real bill has."""
    random_ = random.Random(seed)

    def amount(high: int) -> Decimal:
        return Decimal(random_.randrange(1, high * 10**10)) / 10**10

    charges = []
    for day in period.dates():
        for number in range(usage_rows):
            service = (EC2, S3, RDS)[number % 3]
            kind = (f"BoxUsage:m7g.{number}xlarge", f"Requests-Tier{number}", f"Usage:db.{number}")
            cost = amount(40)
            tags = (("component", ("web", "data")[number % 2]),) if number % 4 else ()
            unit = ("Hrs", "Requests", "Hrs")[number % 3]
            charges.append(
                Charge(
                    day,
                    service,
                    f"USE1-{kind[number % 3]}",
                    "Usage",
                    cost,
                    cost,
                    Decimal(24),
                    unit,
                    tags,
                )
            )
        charges += _other_charges(day, amount(9))
    return charges


def _other_charges(day: date, fee: Decimal) -> list[Charge]:
    zero, hours = Decimal(0), Decimal(24)
    box, plan = "USE1-BoxUsage:m7g.0xlarge", "USE1-BoxUsage:c7g.large"
    covered = Decimal("3.1234567891")
    found = [
        Charge(day, EC2, box, "DiscountedUsage", zero, fee, hours, "Hrs"),
        Charge(day, EC2, plan, "SavingsPlanCoveredUsage", covered, covered * 2 / 3, hours, "Hrs"),
        Charge(day, EC2, plan, "SavingsPlanNegation", -covered, zero),
        Charge(day, "Savings Plans for AWS Compute usage", "", "SavingsPlanRecurringFee",
               covered * 2 / 3, zero),
        Charge(day, RDS, "", "Credit", Decimal("-1.5"), Decimal("-1.5")),
    ]  # fmt: skip
    if day.day == 1:
        found += [
            Charge(day, EC2, "USE1-HeavyUsage:m7g", "Recurring", fee * 30, zero),
            Charge(day, "Tax", "", "Tax", Decimal("123.45"), Decimal("123.45")),
            Charge(day, "AWS Support (Business)", "", "Support", Decimal(100), Decimal(100)),
        ]
    return [
        Charge(**{**vars(c), "amortized": c.amortized.quantize(Decimal("1e-10")),
                  "unblended": c.unblended.quantize(Decimal("1e-10"))})
        for c in found
    ]  # fmt: skip
