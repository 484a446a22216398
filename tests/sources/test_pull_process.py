"""`prism pull` as a process: its words, its status, what it must not say, killed at any moment."""

import json
import random
import shutil
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from fake_cost_explorer import FakeCostExplorer, Fault, make_charges
from pull_process import closed_month, environment, run, start

from prismlib.sources.snapshots import read_snapshot

PLANTED = ("AKIAPLANTEDKEY", "planted-secret", "planted-token")
ACCOUNT = "123456789012"


@pytest.fixture(scope="module")
def fake():
    month = closed_month()
    today = month.end + timedelta(days=20)
    with FakeCostExplorer(make_charges(month, usage_rows=6), today, page_size=40) as server:
        yield server


@pytest.fixture
def server(fake):
    fake.faults, fake.calls, fake.latency = [], [], 0.0
    return fake


@pytest.fixture
def env(moto, server):
    return environment(moto, server.url, AWS_MAX_ATTEMPTS="1")


@pytest.fixture
def place(tmp_path):
    return tmp_path / "snapshots" / "prod"


def pull(place, *more):
    return ["pull", "--month", str(closed_month()), "--out", place, *more]


def test_pull_check_and_report_end_to_end(server, env, place, tmp_path):
    status, out, err = run(pull(place, "--tag", "component", "--redact"), env)
    assert status == 0, err
    calls = len(server.calls)
    assert f"{calls} requests, {calls} of them paid: ${calls / 100}" in out
    assert "cost: " in out
    assert "usage " in err, "progress goes to the other stream"
    assert run(["check", place], env)[:2] == (0, f"{place}: good\n")
    status, report, err = run(
        ["report", "--snapshot", place, "--out", tmp_path / "reports", "--debug"], env
    )
    assert status == 0, err
    findings = json.loads(next((tmp_path / "reports").rglob("findings.json")).read_text("utf-8"))
    totals = {one["id"]: one["value"] for one in findings}
    expected = sum((c.unblended for c in server.charges), Decimal(0))
    assert round(Decimal(str(totals["cost.total.aws.unblended_cost"])), 2) == round(expected, 2)
    said = out + report + err
    for file in (*(tmp_path / "reports").rglob("*"), *place.rglob("*")):
        if file.is_file():
            said += file.read_bytes().decode("utf-8", "replace")
    for planted in (*PLANTED, ACCOUNT):
        assert planted not in said


def test_dry_run_pays_nothing(server, env, place):
    status, out, _ = run(pull(place, "--dry-run"), env)
    assert status == 0
    assert server.calls == []
    assert "usage" in out
    assert "$0.06 to about $" in out
    assert not place.exists()


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("denied", "the permission ce:GetCostAndUsage is missing"),
        ("expired", "the credentials are expired or not accepted"),
        ("throttled", "refused because of its rate, 1 times"),
        ("reset", "no usable answer"),
        ("repeated_token", "a page leads to one that was already read"),
    ],
)
def test_failure_is_one_message_without_secrets(server, env, place, kind, words):
    server.faults = [Fault(kind, at=2)]
    status, out, err = run(pull(place, "--debug"), env)
    assert status == 2
    assert words in err
    for planted in (*PLANTED, ACCOUNT):
        assert planted not in out + err
    assert not place.exists()


def test_limit_stops_the_command(server, env, place):
    status, _, err = run(pull(place, "--max-usd", "0.03"), env)
    assert status == 2
    assert "at most $0.03" in err
    assert len(server.calls) == 3


@pytest.mark.parametrize("arguments", [("--max-usd", "-1"), ("--max-usd", "much")])
def test_bad_usage_is_refused_before_any_call(server, env, place, arguments):
    status, _, _ = run(pull(place, *arguments), env)
    assert status == 2
    assert server.calls == []


def test_no_credentials_say_so(server, moto, place):
    env = environment(moto, server.url)
    for name in [n for n in env if n.startswith(("AWS_ACCESS", "AWS_SECRET", "AWS_SESSION"))]:
        del env[name]
    status, _, err = run(pull(place), env)
    assert status == 2
    assert "there are no usable credentials" in err


def held_answers(place) -> int:
    return len(list((place.parent / ".prism-cache").rglob("*.json.gz")))


def test_kill_at_any_moment_leaves_the_old_snapshot_and_a_cache_to_go_on_from(server, env, place):
    """Killed 20 times while it asks, reads and writes; what was paid for is never paid again."""
    assert run(pull(place), env)[0] == 0
    whole = len(server.calls)
    server.latency = 0.02
    # After how many answers, from none to all, and how long after that; reading and writing
    # follow the last answer.
    random_ = random.Random(20)
    moments = [(random_.randrange(whole + 1), random_.uniform(0, 0.1)) for _ in range(14)]
    moments += [(whole, random_.uniform(0, 1.5)) for _ in range(6)]

    def kill(number: int) -> int:
        copy = place.parent / f"{number}" / "prod"
        shutil.copytree(place, copy)
        before = {file.name: file.read_bytes() for file in copy.iterdir()}
        process = start(pull(copy), env)
        answers, seconds = moments[number]
        while held_answers(copy) < answers and process.poll() is None:
            time.sleep(0.01)
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        held = {file.name: file.read_bytes() for file in copy.iterdir()}
        read_snapshot(copy)
        paid = held_answers(copy)
        assert held == before or paid == whole, "the new one takes its place when it is whole"
        status, out, err = run(pull(copy), env)
        assert status == 0, err
        assert f"{whole - paid} requests, {whole - paid} of them paid" in out
        read_snapshot(copy)
        left = {file.name for file in copy.parent.iterdir()}
        assert left == {"prod", ".prism-cache"}, "nothing half-written stays"
        return paid

    with ThreadPoolExecutor(3) as workers:
        paid = list(workers.map(kill, range(20)))
    assert len(set(paid)) > 2, "the kills did not fall on different moments"
