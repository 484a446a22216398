"""What a document states of the cost of a year: recomputed, or looked for among its inputs."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from prismlib.analyses.cross_az import CrossAzResults
from prismlib.analyses.cross_az_claims import NOTEBOOK, as_stated
from prismlib.analyses.cross_az_inputs import CrossAzInputs
from prismlib.analyses.judging import counted, evidence
from prismlib.analyses.zone_model import ZoneTraffic, percent_of, share_in_words, uniform_ratio
from prismlib.analyses.zone_sensitivity import Reproduction, reproduce
from prismlib.findings import Finding, Severity, Verdict, judge
from prismlib.formats import count, money, percent
from prismlib.money import divide

MONTHS_PER_YEAR = 12


def year_findings(inputs: CrossAzInputs, results: CrossAzResults) -> Iterator[Finding]:
    """Yield the findings on the stated years that the stated inputs allow to recompute."""
    yield from _target_year(results)
    document = as_stated(inputs, results)
    if document is not None:
        yield from _years(results, document.traffic)


def _target_year(results: CrossAzResults) -> Iterator[Finding]:
    values = results.stated.values("cross_az_target", "cross_az_year_cost")
    if values is None:
        return
    target, claimed = values
    year = target * MONTHS_PER_YEAR
    verdict = judge(claimed, year, decimals=results.stated.decimals("cross_az_year_cost"))
    yield Finding(
        id="traffic.target_year",
        notebook=NOTEBOOK,
        title="Target of a month against cost of a year",
        statement=f"Twelve times the target of {money(target)} is {money(year)}; the runbook "
        f"starts from {money(claimed)} a year, {money(claimed / MONTHS_PER_YEAR)} a month.",
        severity=Severity.INFO if verdict is Verdict.HOLDS else Severity.MEDIUM,
        verdict=verdict,
        value=year,
        unit="USD",
        expected=claimed,
        evidence=evidence("claim", 2, results.stated.source("cross_az_year_cost")),
    )


def _years(results: CrossAzResults, traffic: ZoneTraffic) -> Iterator[Finding]:
    failed = results.stated.value("cross_az_failed_pct")
    if failed is None:
        return
    shares = {
        "the stated share": Fraction(traffic.crossing_ratio),
        "the share when placement fails": Fraction(failed) / 100,
        "placement at random": uniform_ratio(traffic.zones),
    }
    cases = (
        ("cross_az_year_cost", "year_cost", "Cost of a year", traffic.crossing_ratio),
        ("cross_az_failed_year_cost", "failed_year_cost", "Cost of a year with failed placement",
         Fraction(failed) / 100),
    )  # fmt: skip
    for claim_id, name, title, ratio in cases:
        claimed = results.stated.value(claim_id)
        if claimed is None:
            continue
        decimals = results.stated.decimals(claim_id)
        tried = reproduce(claimed, decimals, traffic, shares, is_yearly=True)
        yield _year(results, claim_id, name, title, traffic.at(ratio), tried)
    yield from _year_ratio(results, traffic, Fraction(failed) / 100)


def _year(
    results: CrossAzResults,
    claim_id: str,
    name: str,
    title: str,
    traffic: ZoneTraffic,
    tried: Reproduction,
) -> Finding:
    one, both = traffic.one_end_year_cost, traffic.yearly_cost
    pct = percent(percent_of(traffic.crossing_ratio), 0, signed=False)
    words = f"At {pct} a year costs {money(one)} at one end and {money(both)} at both; stated is "
    words += f"{money(tried.claimed)}."
    if tried.matches:
        reading = tried.matches[0]
        words += f" That is {reading.share_name} with {counted(reading.ends, 'end')} billed, "
        words += f"{reading.time_name}, {reading.unit_name}."
    else:
        needed = (
            "unknown"
            if tried.one_end_ratio is None
            else percent(percent_of(tried.one_end_ratio), 2, signed=False)
        )
        words += f" None of {count(tried.tried)} combinations of the known inputs gives it; at one "
        words += f"end it would take a share of {needed}."
    verdict = Verdict.HOLDS if tried.matches else Verdict.NOT_REPRODUCIBLE
    return Finding(
        id=f"traffic.{name}",
        notebook=NOTEBOOK,
        title=title,
        statement=words,
        severity=Severity.INFO if tried.matches else Severity.HIGH,
        verdict=verdict,
        value=one,
        unit="USD",
        expected=tried.claimed,
        evidence=evidence("claim", 3, results.stated.source(claim_id)),
    )


def _year_ratio(
    results: CrossAzResults, traffic: ZoneTraffic, failed: Fraction
) -> Iterator[Finding]:
    values = results.stated.values("cross_az_year_cost", "cross_az_failed_year_cost")
    ratio = Fraction(traffic.crossing_ratio)
    claimed = None if values is None else divide(values[1], values[0])
    if claimed is None or not ratio:
        return
    times = percent_of(failed / ratio / 100)
    verdict = judge(round(claimed, 1), round(times, 1))
    yield Finding(
        id="traffic.failed_year_ratio",
        notebook=NOTEBOOK,
        title="How many times the cost rises",
        statement=f"From {share_in_words(ratio)} to {share_in_words(failed)} {_change(times)}, at "
        f"any rate and price; the two stated years are {count(round(claimed, 1))} times apart.",
        severity=Severity.INFO if verdict is Verdict.HOLDS else Severity.HIGH,
        verdict=verdict,
        value=times,
        expected=claimed,
        evidence=evidence("claim", 4, results.stated.source("cross_az_year_cost")),
    )


def _change(times: Decimal) -> str:
    """Return how a cost changes that becomes so many times what it was."""
    if times > 1:
        return f"the cost rises {count(round(times, 1))} times"
    if times == 1:
        return "the cost stays"
    return f"the cost falls to {percent(times * 100, 1, signed=False) if times else 'nothing'}"
