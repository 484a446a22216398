"""The critical path of a recovery, worked out by hand beside each case."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prismlib.analyses.critical_path import (
    Change,
    Step,
    changed,
    critical_path,
    ordered,
    savings,
    serial,
    what_if,
)
from prismlib.errors import ParameterError

# The memo's timeline: a step from each printed time to the next.
MEMO = (
    Step("trigger", 30),
    Step("dns", 30),
    Step("postgres", 90),
    Step("pause", 30),
    Step("redis", 180),
    Step("proxies", 30),
    Step("health", 60),
    Step("traffic", 30),
)
# With both databases from T+0 and DNS at the end of nobody's wait.
PARALLEL = (
    Step("postgres", 90),
    Step("redis", 180),
    Step("proxies", 30, ("postgres", "redis")),
    Step("health", 60, ("proxies",)),
    Step("traffic", 30, ("health",)),
)


def by_id(path):
    return {step.step_id: step for step in path.steps}


def test_serial_log_adds_up():
    # 0:30 + 0:30 + 1:30 + 0:30 + 3:00 + 0:30 + 1:00 + 0:30 = 8:00
    path = critical_path(serial(MEMO))
    assert path.total_s == 480
    assert path.path == tuple(step.step_id for step in MEMO)
    assert all(step.is_critical for step in path.steps)


def test_parallel_promotion():
    # redis 3:00 -> proxies 0:30 -> health 1:00 -> traffic 0:30 = 5:00
    path = critical_path(PARALLEL)
    assert path.total_s == 300
    assert path.path == ("redis", "proxies", "health", "traffic")
    postgres = by_id(path)["postgres"]
    # It may end when redis does, at 3:00, and ends at 1:30.
    assert (postgres.earliest_start_s, postgres.earliest_end_s) == (0, 90)
    assert (postgres.latest_start_s, postgres.latest_end_s) == (90, 180)
    assert (postgres.slack_s, postgres.is_critical) == (90, False)
    proxies = by_id(path)["proxies"]
    assert (proxies.earliest_start_s, proxies.earliest_end_s) == (180, 210)


def test_step_that_nobody_waits_for_has_slack_to_the_end():
    # dns ends at 0:30 and the recovery at 5:00.
    path = critical_path((*PARALLEL, Step("dns", 30)))
    assert path.total_s == 300
    assert by_id(path)["dns"].slack_s == 270


def test_seconds_are_exact():
    # 0.1 + 0.2 is 0.3, and three thirds are one.
    steps = serial((Step("a", Decimal("0.1")), Step("b", Decimal("0.2"))))
    assert critical_path(steps).total_s == Fraction(3, 10)
    thirds = serial([Step(name, Fraction(1, 3)) for name in "abc"])
    assert critical_path(thirds).total_s == 1


def test_milestones_are_on_the_path():
    steps = (Step("start", 0), Step("load", 10, ("start",)), Step("end", 0, ("load",)))
    assert critical_path(steps).path == ("start", "load", "end")
    assert critical_path(tuple(reversed(steps))).path == ("start", "load", "end")


def test_serial_leaves_named_dependencies():
    assert serial(PARALLEL) == PARALLEL
    assert serial(()) == ()
    assert [step.depends_on for step in serial(MEMO[:3])] == [(), ("trigger",), ("dns",)]


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ((), "one step or more"),
        ((Step("a", 1), Step("a", 2)), "each step id once"),
        ((Step("a", 1, ("b",)),), "add the step, or correct its name"),
        ((Step("a", 1, ("a",)),), "a before a"),
        ((Step("a", 1, ("b",)), Step("b", 1, ("a",))), "none waits for itself"),
    ],
)
def test_steps_that_have_no_path(steps, words):
    with pytest.raises(ParameterError, match=words):
        critical_path(steps)


@pytest.mark.parametrize("duration", [-1, Decimal("-0.1"), Decimal("NaN"), Decimal("Inf"), 0.5])
def test_durations_that_nothing_has(duration):
    with pytest.raises(ParameterError, match="duration_s of a"):
        Step("a", duration)


def test_step_without_a_name():
    with pytest.raises(ParameterError, match="step_id"):
        Step("", 1)


def test_order_puts_every_step_behind_what_it_waits_for():
    assert ordered({"c": ["a", "b"], "b": ["a"], "a": []}) == ("a", "b", "c")


def test_what_if_a_step_is_faster():
    # redis 3:00 -> 1:30: 480 - 90 = 390
    result = what_if(serial(MEMO), [Change("redis", factor=Fraction(1, 2))])
    assert (result.before.total_s, result.after.total_s, result.saved_s) == (480, 390, 90)
    assert what_if(serial(MEMO), [Change("redis", duration_s=90)]).saved_s == 90


def test_what_if_a_step_is_slower():
    # 4.8 TB at 800 MB/s aggregate: 4,800,000 / 800 = 6,000 s. 480 - 180 + 6,000 = 6,300 s = 105:00.
    result = what_if(serial(MEMO), [Change("redis", duration_s=6000)])
    assert result.after.total_s == 6300
    assert result.saved_s == -5820


def test_what_if_the_copy_is_counted():
    # 30 minutes before the load: 480 + 1,800 = 2,280 s = 38:00; with 105:00 it is 135:00.
    copied = (*MEMO[:4], Step("copy", 1800), *MEMO[4:])
    assert critical_path(serial(copied)).total_s == 2280
    both = what_if(serial(copied), [Change("redis", duration_s=6000)])
    assert both.after.total_s == 8100
    # Replicated beforehand (Gap 9 resolved), the copy falls away.
    assert what_if(serial(copied), [Change("copy", is_removed=True)]).after.total_s == 480


def test_what_if_promotion_runs_beside_the_load():
    # From T+0 both; then 0:30 + 1:00 + 0:30, and dns and trigger fall away.
    changes = [Change(name, is_removed=True) for name in ("trigger", "dns", "pause")]
    changes.append(Change("redis", is_beside=True))
    assert what_if(serial(MEMO), changes).after.total_s == 300


def test_what_if_dependencies_are_others():
    changes = [
        Change("redis", depends_on=()),
        Change("proxies", depends_on=("redis", "pause")),
    ]
    # redis 3:00 from T+0, the promotion branch ends at 0:30 + 0:30 + 1:30 + 0:30 = 3:00 as well:
    # 3:00 + 0:30 + 1:00 + 0:30 = 5:00
    assert what_if(serial(MEMO), changes).after.total_s == 300


def test_removed_step_passes_on_what_it_waited_for():
    steps = serial([Step(name, 1) for name in "abc"])
    assert changed(steps, [Change("b", is_removed=True)]) == (Step("a", 1), Step("c", 1, ("a",)))


def test_beside_waits_for_both():
    steps = serial([Step(name, 1) for name in "abcd"])
    now = {step.step_id: step.depends_on for step in changed(steps, [Change("c", is_beside=True)])}
    assert now == {"a": (), "b": ("a",), "c": ("a",), "d": ("c", "b")}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (Change("postgre"), "one of postgres, redis"),
        (Change("redis", duration_s=1, factor=2), "no duration_s"),
        (Change("redis", factor=-1), "0 or more"),
        (Change("redis", duration_s=-1), "0 or more"),
        (Change("redis", depends_on=("traffic",)), "none waits for itself"),
    ],
)
def test_changes_that_cannot_be_made(change, words):
    with pytest.raises(ParameterError, match=words):
        what_if(PARALLEL, [change])


def test_savings():
    found = {saving.step_id: saving for saving in savings(PARALLEL)}
    # Without redis postgres gates: 90 + 30 + 60 + 30 = 210, 90 saved of its 180.
    assert found["redis"].saved_if_zero_s == 90
    # Halved it takes as long as postgres: 90 + 120 = 210.
    assert found["redis"].saved_if_halved_s == 90
    # Promotion, called slow, is off the path: it saves nothing.
    assert found["postgres"].saved_if_zero_s == 0
    assert found["health"].saved_if_zero_s == 60
    assert found["health"].saved_if_halved_s == 30
    # health beside proxies: 180 + max(30, 60) + 30 = 270, 30 saved.
    assert found["health"].saved_if_beside_s == 30


# --- properties -----------------------------------------------------------------------------------

DURATIONS = st.one_of(
    st.integers(0, 10_000),
    st.decimals(0, 10_000, places=3, allow_nan=False, allow_infinity=False),
    st.fractions(0, 10_000, max_denominator=1000),
)


@st.composite
def graphs(draw):
    """Steps that wait for steps given before them, then shuffled."""
    count = draw(st.integers(1, 6))
    steps = []
    for number in range(count):
        others = st.sets(st.sampled_from(range(number))) if number else st.just(set())
        waits = tuple(f"s{other}" for other in sorted(draw(others)))
        steps.append(Step(f"s{number}", draw(DURATIONS), waits))
    return tuple(draw(st.permutations(steps)))


@given(graphs(), st.data(), DURATIONS)
def test_lengthening_a_step_never_shortens_the_recovery(steps, data, more):
    step = data.draw(st.sampled_from(steps))
    longer = Change(step.step_id, duration_s=Fraction(step.duration_s) + Fraction(more))
    result = what_if(steps, [longer])
    assert 0 <= -result.saved_s <= Fraction(more)


@given(graphs(), st.data())
def test_slack_changes_nothing_until_it_is_used(steps, data):
    path = critical_path(steps)
    step = data.draw(st.sampled_from(path.steps))
    used = Change(step.step_id, duration_s=step.duration_s + step.slack_s)
    after = what_if(steps, [used]).after
    assert after.total_s == path.total_s
    assert by_id(after)[step.step_id].is_critical
    over = Change(step.step_id, duration_s=step.duration_s + step.slack_s + 1)
    assert what_if(steps, [over]).after.total_s == path.total_s + 1


@given(graphs())
def test_steps_of_the_path_add_up_to_the_whole(steps):
    path = critical_path(steps)
    times = by_id(path)
    chain = [times[name] for name in path.path]
    assert sum(step.duration_s for step in chain) == path.total_s
    assert all(step.is_critical for step in chain)
    assert chain[0].earliest_start_s == 0
    for one, other in pairwise(chain):
        assert one.earliest_end_s == other.earliest_start_s


@given(graphs())
def test_no_step_starts_before_what_it_waits_for(steps):
    times = by_id(critical_path(steps))
    for step in steps:
        for other in step.depends_on:
            assert times[other].earliest_end_s <= times[step.step_id].earliest_start_s
            assert times[other].latest_end_s <= times[step.step_id].latest_start_s
        assert times[step.step_id].slack_s >= 0


@given(graphs())
def test_no_saving_is_negative_or_more_than_the_step(steps):
    durations = {step.step_id: Fraction(step.duration_s) for step in steps}
    for saving in savings(steps):
        assert 0 <= saving.saved_if_halved_s <= saving.saved_if_zero_s <= durations[saving.step_id]
        assert saving.saved_if_halved_s <= durations[saving.step_id] / 2
        assert saving.saved_if_beside_s >= 0


@given(graphs())
def test_order_of_the_steps_changes_nothing(steps):
    path, reverse = critical_path(steps), critical_path(steps[::-1])
    assert by_id(path) == by_id(reverse)
    assert path.total_s == reverse.total_s


@given(graphs(), st.data())
def test_removing_a_step_never_lengthens_the_recovery(steps, data):
    step = data.draw(st.sampled_from(steps))
    if len(steps) > 1:
        assert what_if(steps, [Change(step.step_id, is_removed=True)]).saved_s >= 0


@given(graphs())
def test_no_change_is_no_change(steps):
    assert what_if(steps, []).saved_s == 0
    assert changed(steps, [Change(steps[0].step_id)]) == steps
    assert replace(steps[0]) == steps[0]
