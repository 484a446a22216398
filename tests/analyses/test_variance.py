from __future__ import annotations

from decimal import Decimal as D

import pytest

from prismlib.analyses.decomposition import decompose_cost_variance
from prismlib.analyses.variance import (
    Thresholds,
    band,
    component_variances,
    effect_totals,
    is_material,
    summarise,
)
from prismlib.result_tables.cost_variance import COST_LINE
from prismlib.tables import make

LIMITS = Thresholds(
    tolerance_pct=D(10), limit_pct=D(20), material_amount=D(1000), material_pct=D(1)
)


@pytest.mark.parametrize(
    ("change_pct", "expected"),
    [
        ("0", "within tolerance"),
        ("10", "within tolerance"),
        ("10.0001", "above tolerance"),
        ("20", "above tolerance"),
        ("20.0001", "above limit"),
        ("-10", "within tolerance"),
        ("-10.0001", "below tolerance"),
    ],
)
def test_band_line_itself_is_inside(change_pct, expected):
    assert band(D(100), D(100) + D(change_pct), D(change_pct), LIMITS) == expected


def test_band_without_one_side():
    assert band(None, D(5), None, LIMITS) == "new"
    assert band(D(5), None, None, LIMITS) == "retired"


@pytest.mark.parametrize(
    ("change", "pct", "expected"),
    [
        ("1000", "1", True),
        ("999.99", "50", False),
        ("5000", "0.99", False),
        ("-2000", "-5", True),
        ("1000", None, True),
        ("999", None, False),
    ],
)
def test_material_needs_both_lines(change, pct, expected):
    assert is_material(D(change), None if pct is None else D(pct), LIMITS) is expected


def test_material_ignores_a_component_that_did_not_move():
    assert not is_material(D(0), D(0), Thresholds(material_amount=D(0), material_pct=D(0)))


def lines(*rows):
    return make(
        COST_LINE,
        [
            {"component": c, "charge_kind": "usage", "cost": D(a), "billing_currency": "USD"}
            for c, a in rows
        ],
    )


def test_summary_worked_by_hand():
    # 100 + 40 = 140 -> 110 + 60 = 170 (+30, +21.43 %). Both sides: 100 -> 110, +10 %.
    variance = decompose_cost_variance(
        lines(("kept", 100), ("old", 40)), lines(("kept", 110), ("fresh", 60))
    )
    components = component_variances(variance, LIMITS)
    summary = summarise(components)
    assert (summary.baseline, summary.current, summary.change) == (140, 170, 30)
    assert round(summary.change_pct, 4) == D("21.4286")
    assert summary.like_change_pct == 10
    assert summary.new_components == ("fresh",)
    assert summary.retired_components == ("old",)
    # 60 of +30 is no part of it: others took 30 away.
    assert (summary.largest, summary.largest_change) == ("fresh", 60)
    assert summary.largest_share_pct is None
    # Movement: 60 new, 40 retired, 10 that no quantity splits: 100 of 110 is explained.
    assert components.set_index("component")["explained_ratio"].to_dict() == {
        "fresh": 1,
        "old": 1,
        "kept": 0,
    }
    assert effect_totals(variance)["unsplit_effect"] == 10


@pytest.mark.parametrize(
    ("after", "share"),
    [
        ((140, 40), 80),  # +40 of +50
        ((140, 30), 100),  # all of it
        ((140, 29), None),  # +40 of +39
        ((60, 71), None),  # -40 of +1
        ((60, 20), 80),  # -40 of -50
    ],
)
def test_a_share_is_one_only_if_nothing_offsets_it(after, share):
    variance = decompose_cost_variance(
        lines(("a", 100), ("b", 30)), lines(("a", after[0]), ("b", after[1]))
    )
    assert summarise(component_variances(variance, LIMITS)).largest_share_pct == share


def test_summary_without_a_change_has_no_share():
    summary = summarise(
        component_variances(decompose_cost_variance(lines(("a", 5)), lines(("a", 5))), LIMITS)
    )
    assert summary.change == 0
    assert summary.largest_share_pct is None
