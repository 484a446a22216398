"""Whether a load is possible at all: in flight, bytes, nodes, duration.

Method. Little's law: requests in flight = rate x time of a request, and a closed loop has no more
of them than clients. Bytes per operation = bandwidth / rate, and a request has a least size. A node
does no more operations than the highest that is documented for one, and sends no more than its
network: up to the baseline as long as it likes, up to the burst for minutes. Rate x duration is the
number of requests. A load that breaks one of them is infeasible whatever was measured.

Known limits. Pipelining puts several requests of a client in flight; a run that used it does not
say so in every file. A documented rate of others is no law of nature: it is the highest known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from prismlib.analyses.slo_inputs import Run
from prismlib.findings import Verdict
from prismlib.formats import count
from prismlib.result_tables.slo import FEASIBILITY_CHECK
from prismlib.tables import make

COUNTED = "rate x duration"
"""The check of a rate and a duration against the number of requests."""
STATED = "as stated"
BITS = Decimal(8)
GIGA = Decimal(10**9)
MS_PER_S = Decimal(1000)
SPARE = Decimal("1.05")
"""A load may be over by as much before it is called infeasible: printed figures are rounded."""


@dataclass(frozen=True)
class Check:
    """A load against one limit. `needed` and `limit` are in `unit`; None is not known."""

    load_name: str
    name: str
    needed: Decimal | None
    limit: Decimal | None
    unit: str
    verdict: Verdict
    note: str = ""
    source: str = ""


def check_table(checks: tuple[Check, ...]) -> pd.DataFrame:
    """Return FEASIBILITY_CHECK."""
    rows = [
        {
            "load_name": one.load_name,
            "check_name": one.name,
            "needed_value": one.needed,
            "limit_value": one.limit,
            "unit": one.unit,
            "verdict": str(one.verdict),
            "note": one.note,
            "source": one.source,
        }
        for one in checks
    ]
    return make(FEASIBILITY_CHECK, rows)


def at_most(
    load_name: str,
    name: str,
    needed: Decimal,
    limit: Decimal | None,
    unit: str,
    *,
    note: str = "",
    source: str = "",
    worse: Verdict = Verdict.INFEASIBLE,
) -> Check:
    """Return a check of something that may be `limit` at most; unknown without the limit."""
    if limit is None:
        missing = "the limit is not in the table"
        return Check(load_name, name, needed, None, unit, Verdict.UNKNOWN, missing)
    verdict = Verdict.HOLDS if needed <= limit else worse
    return Check(load_name, name, needed, limit, unit, verdict, note, source)


def in_flight(rate: Decimal, time_ms: Decimal) -> Decimal:
    """Return how many requests are in flight by Little's law; rate in operations a second."""
    return rate * time_ms / MS_PER_S


def closed_loop_rate(clients: Decimal, time_ms: Decimal) -> Decimal:
    """Return the most that so many clients ask, one request at a time each. [operations/s]"""
    return clients / time_ms * MS_PER_S


def gbps(moved_bytes: Decimal, time_ms: Decimal) -> Decimal:
    """Return the bandwidth of moving so many bytes in a time. [Gbit/s]"""
    return moved_bytes * BITS / GIGA / time_ms * MS_PER_S


def bytes_per_operation(network_gbps: Decimal, rate: Decimal) -> Decimal:
    """Return the bytes that an operation can have with a bandwidth and a rate of one node."""
    return network_gbps * GIGA / BITS / rate


@dataclass(frozen=True)
class Networks:
    """The network of instance types (rows of INSTANCE_NETWORK), by type."""

    rows: Mapping[str, dict[str, Any]]

    def baseline(self, instance_type: str) -> Decimal | None:
        """Return what a type keeps up. [Gbit/s]"""
        return self.rows.get(instance_type, {}).get("network_baseline_gbps")

    def burst(self, instance_type: str) -> Decimal | None:
        """Return what a type reaches for a while, or its baseline. [Gbit/s]"""
        row = self.rows.get(instance_type, {})
        return row.get("network_burst_gbps") or row.get("network_baseline_gbps")

    def source(self, instance_type: str) -> str:
        """Return where the figures of a type are from."""
        return str(self.rows.get(instance_type, {}).get("source", ""))

    def sustained(
        self, load_name: str, instance_type: str, needed: Decimal, *, node: str = ""
    ) -> Check:
        """Return a bandwidth that is to be kept up against what a type keeps up.

        `node` says which of several nodes it is, that may be of one type.
        """
        baseline, burst = self.baseline(instance_type), self.burst(instance_type)
        kind = instance_type or "an unknown type"
        name = f"network of {f'a {node} ({kind})' if node else kind}, kept up"
        if baseline is None or burst is None:
            return at_most(load_name, name, needed, None, "Gbit/s")
        over = needed > burst
        note = (
            f"more than it reaches even in a burst, {count(burst)}"
            if over
            else f"on burst credits alone, {count(burst)} for minutes"
            if needed > baseline
            else ""
        )
        worse = Verdict.INFEASIBLE if over else Verdict.CONTRADICTS
        return at_most(
            *(load_name, name, needed, baseline, "Gbit/s"),
            note=note,
            source=self.source(instance_type),
            worse=worse,
        )

    def moved(
        self, load_name: str, name: str, instance_type: str, moved_bytes: Decimal, time_ms: Decimal
    ) -> Check:
        """Return bytes moved in a time against the most that a type can receive."""
        needed, most = gbps(moved_bytes, time_ms), self.burst(instance_type)
        note = ""
        if most is not None and needed > most:
            note = f"takes {count(round(moved_bytes * BITS / GIGA / most * MS_PER_S))} ms at least"
        source = self.source(instance_type)
        return at_most(load_name, name, needed, most, "Gbit/s", note=note, source=source)


def run_checks_of(run: Run, networks: Networks) -> Iterator[Check]:
    """Yield what the files of a run say of themselves: in flight, requests, bandwidth."""
    rate, total, lasted = (
        run.sum("operations_per_second"),
        run.sum("requests"),
        run.duration_s,
    )
    clients, model = run.sum("clients"), run.load_model
    mean = _least_mean(run)
    if rate and clients and mean is not None and model != "open":
        limit = clients * SPARE
        note = f"mean {count(mean)} ms x rate, against the clients and 5% for rounding"
        needed = in_flight(rate, mean)
        yield at_most(run.run_id, "requests in flight", needed, limit, "requests", note=note)
    if rate and total and lasted:
        yield _counted(run, rate, total, lasted)
    payload, nodes, kind = (
        run.one("payload_bytes"),
        run.nodes or 1,
        run.one("instance_type"),
    )
    if rate and payload and kind:
        needed = rate / nodes * payload * BITS / GIGA
        yield networks.sustained(run.run_id, kind, needed)


def _least_mean(run: Run) -> Decimal | None:
    if run.distribution is not None:
        return run.distribution.least_mean()
    return run.printed.get("mean")


def _counted(run: Run, rate: Decimal, total: int, lasted: Decimal) -> Check:
    """Return whether rate x duration is the number of requests, to 5%."""
    made = rate * lasted
    is_same = Decimal(total) / SPARE <= made <= total * SPARE
    verdict = Verdict.HOLDS if is_same else Verdict.CONTRADICTS
    note = f"{count(round(rate))} a second for {count(round(lasted, 1))} s"
    return Check(run.run_id, COUNTED, made, Decimal(total), "requests", verdict, note)
