"""A bad parameter fails before anything runs, and its message says what would be good."""

from datetime import date

import pytest

from prismlib.errors import ParameterError
from prismlib.parameters import day_or, period_or, validate, validate_all
from prismlib.periods import Period

GOOD = {
    "snapshot": ["data/sample", "/srv/snapshots/2025-10"],
    "period": ["", "2025-10"],
    "as_of": ["", "2025-11-16"],
    "baseline": ["auto", "estimate", "previous_month", "none"],
    "actuals": ["auto", "bill", "statement"],
    "cost_metric": ["auto", "unblended_cost", "billed_cost", "effective_cost"],
    "grouping": ["component", "service", "usage_type", "account", "region"],
    "opened": ["", "Redis", "Redis > Amazon EC2"],
    "tolerance_pct": [0, 10, 10.0, 1000],
    "limit_pct": [0, 20.0],
    "material_amount": [0, 1000, 999.99],
    "material_pct": [0, 1.0],
    "confidence_pct": [50, 80.0, 99.9],
    "generation": ["Graviton2", "Graviton3", "Graviton4"],
    "fleet_count": ["expected", "deployed"],
    "reserved_as": ["on demand", "standard RI", "compute savings plan"],
    "term_years": [1, 3],
    "payment": ["no upfront", "partial upfront", "all upfront"],
    "commitment_end": ["", "2026-10-01"],
    "missing_rates": ["unknown", "on_demand_ratio"],
    "workload": ["auto", "redis", "web", "compute"],
    "sized_by": ["auto", "memory", "cpu"],
    "scope_name": ["size", "family"],
    "single_run_cv_pct": [0.1, 7.0, 100],
    "draws": [100, 10_000],
    "seed": [0, 80],
    "start": ["", "2026-01-01"],
    "horizon_months": [1, 36, 120],
    "share_per_month_pct": [1, 100.0],
    "parallel_days": [0, 14],
    "test_usd": [0, 5000.0],
    "discount_rate_pct": [-50, 0, 8.0],
    "platform_hours_once": [0, 80.5],
    "tester_usd_per_hour": [0, 90],
    "crossing": ["auto", "measured", "as_built", "stated", "0", "5", "12.5", "66.67", "100"],
    "total_gb_per_s": [0, 0.0, 1400, 0.05, 1e9],
    "zones": [0, 1, 3, 12],
    "days_per_month": [0, 0.0, 28, 30.4, 31],
    "failed_pct": [0, 66.7, 100],
    "incident_hours": [0, 4.0, 8784],
    "alarm_periods": [1, 2, 1000],
    "reads_pct": [0, 80.0, 100],
    "hint_effectiveness_pct": [0, 90.0, 100],
    "compression_ratio": [1, 2.0, 100],
    "compression_gb_per_core_s": [0.001, 0.5, 100],
    "balancer_gb_per_month": [0, 1e9, 1e12],
    "budget_per_month": [0, 1_800_000.0, 1e15],
    "drill": ["", "failover"],
    "target_minutes": [0, 8.0, 0.5],
    "limit_minutes": [0, 10.0],
    "response_minutes": [0, 60],
    "step_spread": [1, 1.5, 100.0],
    "bucket": ["", "data"],
    "region": ["", "eu-west-1"],
    "months": [12, 36, 120],
    "reads_per_month": [0, 0.25, 1e6],
    "returned_pct": [0, 12.5, 100],
    "new_gb_per_month": [0, 1890.0],
    "slo_ms": [0, 62.0],
    "gigabyte": ["auto", "decimal", "binary"],
    "small_objects": ["all_storage_classes_128K", "varies_by_storage_class"],
    "restore_speed": ["expedited", "standard", "bulk"],
    "copy_days": [1, 365],
    "retrieval_budget_per_month": [0, 500.0],
    "allow_one_zone": [True, False],
}

NAN, INF = float("nan"), float("inf")
NO_NUMBERS = [NAN, INF, -INF, True, False, "3", "", None]

BAD = {
    "snapshot": ["", None, 5],
    "period": ["2025", "October", "2025-13", "2025-10-01", None, 202510],
    "as_of": ["2025-11-31", "16.11.2025", "yesterday", None],
    "baseline": ["last_month", "", None, ["auto"]],
    "actuals": ["both", ""],
    "cost_metric": ["blended_cost", "UnblendedCost", ""],
    "grouping": ["", "team", "usage type", None],
    "opened": [None, 1, ["Redis"]],
    "tolerance_pct": [-0.1, 1000.1, "10", None, True, float("nan"), float("inf")],
    "limit_pct": [-1, "20%"],
    "material_amount": [-1, float("inf"), float("nan"), "1000"],
    "material_pct": [-1, 1001],
    "confidence_pct": [0.8, 49.9, 100, "80"],  # 0.8 would be a ratio, not a percentage
    "generation": ["Graviton", "graviton3", "", None],
    "fleet_count": ["stated", "", 48],
    "reserved_as": ["RI", "spot", None],
    "term_years": [0, 2, "1", True, None],
    "payment": ["upfront", "", None],
    "commitment_end": ["2026-10", "soon", None],
    "missing_rates": ["guess", "", None],
    "workload": ["database", ""],
    "sized_by": ["network", ""],
    "scope_name": ["all", ""],
    "single_run_cv_pct": [0, 0.05, 101, "7", True],  # a run without any spread is not believed
    "draws": [99, 1e4, "100", True],
    "seed": [-1, 1.5, None],
    "start": ["2026-13-01", None],
    "horizon_months": [0, 121, 12.0],
    "share_per_month_pct": [0, 101],
    "parallel_days": [-1, 1.5],
    "test_usd": [-1, float("nan")],
    "discount_rate_pct": [-51, "8"],
    "platform_hours_once": [-1, "80"],
    "tester_usd_per_hour": [-0.01, None],
    "crossing": [
        *("", "guess", "Auto", "5%", "-1", "100.1", "NaN", "sNaN", "Infinity", "-Infinity"),
        *("1E-400000000", "5 ", "5_0", "\u0665", "1e1"),  # a number that is written in one way
        *(5, 5.0, None, True, ["auto"], NAN, INF),
    ],
    "total_gb_per_s": [-1, 1.1e9, *NO_NUMBERS],
    "zones": [-1, 13, 3.0, 2.5, *NO_NUMBERS],
    "days_per_month": [-1, 31.1, *NO_NUMBERS],
    "failed_pct": [-1, 100.1, *NO_NUMBERS],
    "incident_hours": [-1, 8785, *NO_NUMBERS],
    "alarm_periods": [0, 1001, 2.0, *NO_NUMBERS],
    "reads_pct": [-1, 100.1, *NO_NUMBERS],
    "hint_effectiveness_pct": [-1, 100.1, *NO_NUMBERS],
    "compression_ratio": [0, 0.99, 101, *NO_NUMBERS],  # below 1 it would make things larger
    "compression_gb_per_core_s": [0, 101, *NO_NUMBERS],
    "balancer_gb_per_month": [-1, 1.1e12, *NO_NUMBERS],
    "budget_per_month": [-1, 1.1e15, *NO_NUMBERS],
    "drill": [None, 3],
    "target_minutes": [-1, "8:00", float("nan")],
    "limit_minutes": [-0.1, None],
    "response_minutes": [-1, True],
    "step_spread": [0.5, 101, "1.5"],  # below 1 the range would be upside down
    "bucket": [None, 5],
    "region": [None, 5],
    "months": [11, 121, 36.0, True, "36"],
    "reads_per_month": [-0.1, None, "1"],
    "returned_pct": [-1, 101, "50"],
    "new_gb_per_month": [-1, "10"],
    "slo_ms": [-62, "62"],
    "gigabyte": ["GB", "", 10],
    "small_objects": ["auto", "", None],
    "restore_speed": ["fast", ""],
    "copy_days": [0, 366, 7.0],
    "retrieval_budget_per_month": [-1, "500"],
    "allow_one_zone": [1, "yes", None],
}


def cases(values: dict) -> list:
    return [
        pytest.param(name, value, id=f"{name}-{value!r}")
        for name, items in values.items()
        for value in items
    ]


@pytest.mark.parametrize(("name", "value"), cases(GOOD))
def test_validate_accepts(name, value):
    validate(name, value)


@pytest.mark.parametrize(("name", "value"), cases(BAD))
def test_validate_refuses_with_name_value_and_expectation(name, value):
    with pytest.raises(ParameterError) as caught:
        validate(name, value)
    error = caught.value
    assert (error.name, error.exit_code) == (name, 2)
    assert f"parameter {name} is not usable" in str(error)
    assert f"seen: {value!r}" in str(error)
    assert error.expected


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("period", "2025-10"),
        ("baseline", "auto, estimate, previous_month, none"),
        ("cost_metric", "unblended_cost, billed_cost, amortized_cost, effective_cost, list_cost"),
        ("confidence_pct", "50 to 99.9"),
        ("crossing", "one of auto, measured, as_built, stated, or a percentage such as 12.5"),
        ("zones", "a number of zones, or 0 for that of the snapshot"),
        ("compression_ratio", "size before / size after"),
    ],
)
def test_validate_lists_what_is_possible(name, words):
    with pytest.raises(ParameterError, match=words):
        validate(name, object())


@pytest.mark.parametrize(
    ("name", "value"), [("as_of", 20251116), ("as_of", "2025-W46-7"), ("as_of", "20251116")]
)
def test_validate_accepts_a_day_in_one_spelling(name, value):
    with pytest.raises(ParameterError):
        validate(name, value)


@pytest.mark.parametrize("value", ["0000-05", "9999-12"])
def test_validate_period_outside_the_calendar(value):
    with pytest.raises(ValueError, match=r".+") as caught:
        validate("period", value)
    assert isinstance(caught.value, ParameterError)


def test_validate_leaves_unknown_names_to_the_caller():
    validate("colour", object())


def test_validate_all_wants_the_limit_above_the_tolerance():
    validate_all(tolerance_pct=10, limit_pct=10)
    with pytest.raises(ParameterError, match=r"at least tolerance_pct \(30\)") as caught:
        validate_all(tolerance_pct=30, limit_pct=20)
    assert caught.value.name == "limit_pct"


@pytest.mark.parametrize("values", [{"tolerance_pct": 30}, {"limit_pct": 5}, {}])
def test_validate_all_accepts_one_band_alone(values):
    validate_all(**values)


def test_validate_all_reports_a_wrong_type_before_it_compares():
    with pytest.raises(ParameterError) as caught:
        validate_all(tolerance_pct="10", limit_pct=20)
    assert caught.value.name == "tolerance_pct"


def test_period_or_takes_the_text_or_the_default():
    october = Period.month("2025-10")
    assert period_or("", october) is october
    assert period_or("2025-09", october) == Period.month("2025-09")
    with pytest.raises(ParameterError):
        period_or("September", october)


def test_day_or_takes_the_text_or_the_default():
    sunday = date(2025, 11, 16)
    assert day_or("", sunday) is sunday
    assert day_or("2025-11-01", sunday) == date(2025, 11, 1)
    with pytest.raises(ParameterError, match="as_of"):
        day_or("1 Nov 2025", sunday)
