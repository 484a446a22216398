"""Where each input of the model of traffic between zones is taken from.

Each is taken from the first source that has it. A setting comes first, then what was measured
(flow logs, then the bill), then where the nodes run, then what the document states. A synthetic
bill is no measurement. What no source has is None.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import pandas as pd

from prismlib.analyses import zone_topology
from prismlib.analyses.cost_variance import PRICE_CURRENCY
from prismlib.analyses.cross_az_inputs import CrossAzInputs, CrossAzSettings
from prismlib.analyses.excluded_costs import SECONDS_PER_DAY, unit_price
from prismlib.analyses.implied_rates import find_price, sized_fleets
from prismlib.analyses.stated import Stated
from prismlib.analyses.traffic_lines import CrossAzBill
from prismlib.analyses.zone_measured import FlowShare, flow_share
from prismlib.analyses.zone_model import as_decimal, share_in_words, uniform_ratio
from prismlib.analyses.zone_remedies import RemedyInputs
from prismlib.analyses.zone_topology import ExpectedCrossing, Layout
from prismlib.errors import ParameterError
from prismlib.money import divide
from prismlib.periods import Period
from prismlib.tables import FLEET, empty

GB_PER_TB = Decimal(1000)
SHARE_WORDS = {
    "setting": "the share that was set",
    "measured": "the share that flow logs show",
    "as_built": "the share expected from where the nodes run",
    "stated": "the stated share",
}
"""The kinds of share in the order in which ``auto`` takes the first that is known."""


PERCENTAGES = ("cross_az_pct", "intra_az_pct", "cross_az_failed_pct")
AMOUNTS = (
    *("total_tb_per_s", "intra_az_tb_per_s", "cross_az_gb_per_s", "cross_az_days"),
    *("cross_az_usd_per_gb", "operations_per_s", "network_gbps", "cross_az_month_cost"),
    *("cross_az_target", "cross_az_year_cost", "cross_az_failed_year_cost"),
)
MOST = Decimal("Infinity")
MOST_ZONES = 12
"""More than any region has; as for the parameter."""


@dataclass(frozen=True)
class Share:
    """A share of the traffic that crosses zones; `name` is a key of SHARE_WORDS."""

    name: str
    ratio: Fraction
    source: str

    @property
    def words(self) -> str:
        """Return what kind of share it is."""
        return SHARE_WORDS[self.name]


@dataclass(frozen=True)
class Rate:
    """What each end pays for a gigabyte moved, and where that comes from."""

    per_gb_out: Decimal
    per_gb_in: Decimal
    currency: str
    source: str

    @property
    def is_one_end(self) -> bool:
        """Return whether the other end pays nothing."""
        return bool(self.per_gb_out) and not self.per_gb_in

    @property
    def words(self) -> str:
        """Return where it comes from, and which ends it is for."""
        if not self.per_gb_out:
            return self.source
        return f"{self.source}, {'one end of it' if self.is_one_end else 'both ends'}"


@dataclass(frozen=True)
class Total:
    """All traffic, crossing or not, and where it comes from: a key of TOTAL_WORDS."""

    gb_per_s: Decimal
    name: str


TOTAL_WORDS = {
    "setting": "as set",
    "measured": "as flow logs show",
    "bill": "from what the bill lists and that share",
    "stated": "as stated",
}


@dataclass(frozen=True)
class Measured:
    """What was measured of the traffic; `billed` are the days that the bill is read for."""

    flows: FlowShare | None
    bill: CrossAzBill | None
    billed: Period

    @classmethod
    def of(cls, inputs: CrossAzInputs, bill: CrossAzBill | None, billed: Period) -> Measured:
        """Return it without the bill if that is synthetic: generated lines measure nothing."""
        flows = None if inputs.zone_flow is None else flow_share(inputs.zone_flow)
        return cls(flows, None if inputs.costs.is_bill_synthetic else bill, billed)


def stated_figures(claims: pd.DataFrame | None) -> Stated:
    """Return what the document states.

    Raises
    ------
    ParameterError
        A figure that nothing can have: a negative amount, a share above 100 %, half a zone.
    """
    stated = Stated.of(claims)
    rules = {name: (MOST, "0 or more") for name in AMOUNTS}
    rules |= {name: (Decimal(100), "a percentage from 0 to 100") for name in PERCENTAGES}
    rules["zones"] = (Decimal(MOST_ZONES), f"a whole number of zones, 1 to {MOST_ZONES}")
    for name, (most, words) in rules.items():
        value = stated.value(name)
        is_odd = name == "zones" and value is not None and (value < 1 or value % 1 != 0)
        if value is not None and (is_odd or not 0 <= value <= most):
            remedy = f"correct the row {name} of claim.csv"
            raise ParameterError(name, f"{value:f}", expected=words, remedy=remedy)
    return stated


def choose_zones(inputs: CrossAzInputs, settings: CrossAzSettings, stated: Stated) -> int | None:
    """Return over how many zones the system runs."""
    if settings.zones:
        return settings.zones
    if (value := stated.value("zones")) is not None:
        return int(value)
    seen: set[str] = set()
    if inputs.zone_flow is not None:
        seen |= {*inputs.zone_flow["source_zone_id"], *inputs.zone_flow["destination_zone_id"]}
    elif inputs.placement is not None:
        seen |= set(inputs.placement["zone_name"])
    elif inputs.instance is not None:
        seen |= set(inputs.instance["zone_id"])
    return len(seen - {""}) or None


def topology(
    inputs: CrossAzInputs, zones: int | None
) -> tuple[Layout | None, ExpectedCrossing | None]:
    """Return where the nodes run and which share that lets expect; None without a placement."""
    if inputs.placement is None or zones is None:
        return None, None
    return (
        zone_topology.lay_out(inputs.placement, zones),
        zone_topology.expected_crossing(inputs.placement, zones),
    )


def known_shares(
    settings: CrossAzSettings,
    stated: Stated,
    flows: FlowShare | None,
    expected: ExpectedCrossing | None,
) -> dict[str, Share]:
    """Return every share that is known, in the order of SHARE_WORDS."""
    found = {}
    if settings.crossing_pct is not None:
        found["setting"] = Share("setting", Fraction(settings.crossing_pct) / 100, "parameter")
    if flows is not None and flows.crossing_pct is not None:
        found["measured"] = Share("measured", Fraction(flows.crossing_pct) / 100, "zone_flow")
    if expected is not None and expected.crossing_ratio is not None:
        found["as_built"] = Share("as_built", Fraction(expected.crossing_ratio), "placement")
    if (value := stated.value("cross_az_pct")) is not None:
        source = stated.source("cross_az_pct")
        found["stated"] = Share("stated", Fraction(value) / 100, source)
    return found


def refuse_crossing_in_one_zone(
    zones: int | None, shares: dict[str, Share], settings: CrossAzSettings, stated: Stated
) -> None:
    """Raise `ParameterError` if there is one zone and yet something is said to cross."""
    said = [(share.words, share.ratio) for share in shares.values()]
    failed = settings.failed_pct or stated.value("cross_az_failed_pct") or Decimal(0)
    said.append(("the share when placement fails", Fraction(failed) / 100))
    for words, ratio in said:
        if zones == 1 and ratio > 0:
            raise ParameterError(
                "zones",
                zones,
                expected=f"2 or more: with one zone nothing crosses, but {words} is "
                f"{share_in_words(ratio)}",
            )


def choose_share(settings: CrossAzSettings, shares: dict[str, Share]) -> Share | None:
    """Return the share to compute with.

    Raises
    ------
    ParameterError
        The snapshot has no share of the kind that the setting asks for.
    """
    if settings.crossing == "auto" or settings.crossing_pct is not None:
        return next(iter(shares.values()), None)
    if settings.crossing not in shares:
        raise ParameterError(
            "crossing",
            settings.crossing,
            expected=f"a share that the snapshot has ({', '.join(shares) or 'it has none'}), "
            "or a percentage such as 5",
        )
    return shares[settings.crossing]


def choose_rate(inputs: CrossAzInputs, bill: CrossAzBill | None) -> Rate | None:
    """Return the price of a gigabyte moved: that of the bill, else that of the price table."""
    paid = None if bill is None or inputs.costs.is_bill_synthetic else bill.paid_per_moved_gb
    if bill is not None and paid is not None:
        # Where as much moved as is billed, the other ends are not on this bill.
        other_end = paid / 2 if bill.billed_gb != bill.moved_gb else Decimal(0)
        return Rate(paid - other_end, other_end, bill.billing_currency, "the bill")
    prices = inputs.costs.unit_prices
    sender = unit_price(prices, "cross_az_sender_gb")
    receiver = unit_price(prices, "cross_az_receiver_gb")
    if sender is None or receiver is None:
        return None
    return Rate(sender, receiver, PRICE_CURRENCY, "the price table")


def choose_days(
    inputs: CrossAzInputs, settings: CrossAzSettings, stated: Stated, measured: Measured
) -> Decimal:
    """Return the length of the month: as set, as the document counts, or of the calendar.

    Traffic that a bill measured is for the calendar's month, whatever a document counts.
    """
    if settings.days_per_month:
        return settings.days_per_month
    if measured.bill is not None:
        return Decimal(inputs.costs.period.days)
    return stated.value("cross_az_days") or Decimal(inputs.costs.period.days)


def choose_total(
    settings: CrossAzSettings, stated: Stated, measured: Measured, share: Share | None
) -> Total | None:
    """Return all traffic, crossing or not.

    A bill gives only what crossed in its period; with a share that crosses it gives the total.
    """
    flows, bill = measured.flows, measured.bill
    if settings.total_gb_per_s:
        return Total(settings.total_gb_per_s, "setting")
    if flows is not None:
        return Total(flows.gb_per_s, "measured")
    if bill is not None and bill.moved_gb is not None:
        crossing = divide(bill.moved_gb, SECONDS_PER_DAY * measured.billed.days)
        if share is not None and share.ratio and crossing is not None:
            return Total(as_decimal(Fraction(crossing) / share.ratio), "bill")
    total = stated_total(stated)
    return None if total is None else Total(total, "stated")


def stated_total(stated: Stated) -> Decimal | None:
    """Return all traffic as the document gives it, or as its crossing part and share do. [GB/s]"""
    if total := stated.value("total_tb_per_s"):
        return total * GB_PER_TB
    crossing, pct = stated.value("cross_az_gb_per_s"), stated.value("cross_az_pct")
    return None if crossing is None else divide(crossing * 100, pct)


def failed_ratio(settings: CrossAzSettings, zones: int | None) -> Fraction | None:
    """Return the share that crosses when placement fails: as set, or that of random placement."""
    if settings.failed_pct:
        return Fraction(settings.failed_pct) / 100
    return None if zones is None else uniform_ratio(zones)


def remedy_inputs(inputs: CrossAzInputs, settings: CrossAzSettings, currency: str) -> RemedyInputs:
    """Return what the remedies need; a node costs as much as the dearest kind of the fleet.

    Listed prices of nodes are no prices in another currency.
    """
    fleet = inputs.costs.fleet
    if fleet is None or currency != PRICE_CURRENCY:
        fleet = empty(FLEET)
    found = [
        find_price(inputs.costs.prices, row["instance_type"], row["region_id"])
        for row in sized_fleets(fleet)
    ]
    prices = [price for price in found if price is not None]
    balancers = inputs.load_balancer
    return RemedyInputs(
        reads_ratio=settings.reads_pct / 100,
        usd_per_node_hour=max((price["usd_per_hour"] for price in prices), default=None),
        hint_effectiveness=settings.hint_effectiveness_pct / 100,
        compression_ratio=settings.compression_ratio,
        gb_per_s_per_core=settings.compression_gb_per_core_s,
        usd_per_vcpu_hour=min(
            (price["usd_per_hour"] / price["vcpu"] for price in prices if price["vcpu"]),
            default=None,
        ),
        balancer_gb=settings.balancer_gb_per_month or None,
        balancer_is_cross_zone=None
        if balancers is None or balancers["is_cross_zone"].isna().all()
        else bool((balancers["is_cross_zone"] == True).any()),  # noqa: E712
    )
