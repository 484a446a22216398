from __future__ import annotations

from decimal import Decimal as D
from fractions import Fraction as F

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prismlib.analyses.zone_failure import (
    BILL_ALARM,
    TRAFFIC_ALARM,
    crossing_alarms,
    failure_cost_per_hour,
    incident_cost,
)
from prismlib.analyses.zone_model import ZoneTraffic
from prismlib.errors import ParameterError
from prismlib.reference_tables import LIMIT
from prismlib.tables import make

MEMO = ZoneTraffic(D(1400), D("0.05"), 3, D(30), D("0.01"), D("0.01"))
FAILED = D("0.67")


def limits(**delays):
    rows = [
        {
            "limit_name": name,
            "limit_value": D(value),
            "unit": unit,
            "source": f"source of {name}",
            "confidence": "high",
        }
        for name, (value, unit) in delays.items()
    ]
    return make(LIMIT, rows)


DELAYS = limits(bill_delay=(24, "hours"), traffic_metric_delay=(5, "minutes"))


def test_an_hour_worked_by_hand():
    # 1,400 x (0.67 - 0.05) = 868 GB/s x 3,600 = 3,124,800 GB x 0.02 = 62,496.
    assert failure_cost_per_hour(MEMO, FAILED) == 62_496
    # From 5 % to two thirds: 1,400 x 37/60 x 3,600 x 0.02 = 62,160, exactly.
    assert failure_cost_per_hour(MEMO, F(2, 3)) == 62_160


def test_an_incident_worked_by_hand():
    assert incident_cost(MEMO, FAILED, D("1.5")) == 93_744
    assert incident_cost(MEMO, FAILED, D(0)) == 0


def test_less_than_now_is_no_failure():
    # From 67 % to 5 %.
    assert failure_cost_per_hour(MEMO.at(FAILED), D("0.05")) == -62_496


@pytest.mark.parametrize(("ratio", "hours"), [(D("1.1"), D(1)), (D(1), D(-1)), (D(1), D("NaN"))])
def test_impossible_incidents_are_refused(ratio, hours):
    with pytest.raises(ParameterError):
        incident_cost(MEMO, ratio, hours)


def test_alarms_worked_by_hand():
    # 24 h x 62,496 = 1,499,904. Three periods of 5 minutes after the one in which it starts: 20
    # minutes, a third of an hour: 20,832.
    frame = crossing_alarms(MEMO, FAILED, DELAYS, evaluation_periods=3)
    assert frame["alarm_name"].tolist() == [BILL_ALARM, TRAFFIC_ALARM]
    assert frame["cost"].tolist() == [1_499_904, 20_832]
    assert frame["delay_hours"].iloc[0] == 24
    assert round(frame["delay_hours"].iloc[1], 6) == D("0.333333")
    assert frame["source"].tolist() == ["source of bill_delay", "source of traffic_metric_delay"]


def test_evaluation_periods_delay_only_the_alarm_on_traffic():
    # 10 minutes: a sixth of an hour.
    frame = crossing_alarms(MEMO, FAILED, DELAYS, evaluation_periods=1)
    assert frame["cost"].tolist() == [1_499_904, 10_416]


def test_units_of_a_delay():
    # 90 s and one more period of 90 s: 180 s = 1/20 hour = 3,124.80.
    frame = crossing_alarms(
        MEMO, FAILED, limits(traffic_metric_delay=(90, "seconds")), evaluation_periods=1
    )
    assert frame["cost"].tolist() == [D("3124.80")]
    with pytest.raises(ParameterError, match="fortnights"):
        crossing_alarms(MEMO, FAILED, limits(bill_delay=(1, "fortnights")), evaluation_periods=1)


def test_an_unknown_delay_gives_no_row():
    found = crossing_alarms(MEMO, FAILED, limits(bill_delay=(24, "hours")), evaluation_periods=1)
    assert found["alarm_name"].tolist() == [BILL_ALARM]
    assert crossing_alarms(MEMO, FAILED, limits(), evaluation_periods=1).empty


@pytest.mark.parametrize("periods", [0, -1, True])
def test_evaluation_periods_are_one_or_more(periods):
    with pytest.raises(ParameterError, match="evaluation_periods"):
        crossing_alarms(MEMO, FAILED, DELAYS, evaluation_periods=periods)


@given(st.fractions(0, 1, max_denominator=500), st.integers(0, 1000))
def test_hours_add_up(failed, minutes):
    hours = F(minutes, 60)
    both = incident_cost(MEMO, failed, hours) + incident_cost(MEMO, failed, 24 - hours % 24)
    whole = incident_cost(MEMO, failed, hours + 24 - hours % 24)
    assert abs(both - whole) <= D("2e-12")
