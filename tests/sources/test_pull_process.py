"""`prism pull` as a process: its words, its status, what it must not say, killed at any moment."""

import json
import shutil
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from fake_cost_explorer import FakeCostExplorer, Fault, make_charges
from pull_process import WHOLE, closed_month, environment, fork, kill_and_go_on, run, words_in

PLANTED = ("AKIAPLANTEDKEY", "planted-secret", "planted-token")
ACCOUNT = "123456789012"
OTHER_ACCOUNT = "210987654321"


@pytest.fixture(scope="module")
def fake():
    month = closed_month()
    today = month.end + timedelta(days=20)
    with FakeCostExplorer(make_charges(month, usage_rows=2), today, page_size=40) as server:
        yield server


@pytest.fixture
def server(fake):
    fake.faults, fake.calls, fake.callers, fake.latency = [], [], [], 0.0
    return fake


@pytest.fixture
def env(moto, server):
    return environment(moto, server.url, AWS_MAX_ATTEMPTS="1")


@pytest.fixture
def place(tmp_path):
    return tmp_path / "snapshots" / "prod"


@pytest.fixture
def prism(env, tmp_path):
    """Return a function that runs the command to its end."""
    return lambda arguments: fork(arguments, env, tmp_path / "words").wait()


def pull(place, *more):
    return ["pull", "--month", str(closed_month()), "--out", place, *more]


def test_dry_run_pays_nothing(server, prism, place):
    status, out, _ = prism(pull(place, "--dry-run"))
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
        ("repeated_token", "leads to a page that was already read"),
    ],
)
def test_failure_is_one_message(server, prism, place, kind, words):
    server.faults = [Fault(kind, at=2)]
    status, out, err = prism(pull(place))
    assert status == 2
    assert words in err
    assert "Traceback" not in err
    assert out == ""
    assert not place.exists()


def test_limit_stops_the_command(server, prism, place):
    status, _, err = prism(pull(place, "--max-usd", "0.03"))
    assert status == 2
    assert "at most $0.03" in err
    assert len(server.calls) == 3


@pytest.mark.parametrize("arguments", [("--max-usd", "-1"), ("--max-usd", "much")])
def test_bad_usage_is_refused_before_any_call(server, prism, place, arguments):
    status, _, _ = prism(pull(place, *arguments))
    assert status == 2
    assert server.calls == []


def test_no_credentials_say_so(server, env, place, tmp_path):
    for name in [n for n in env if n.startswith(("AWS_ACCESS", "AWS_SECRET", "AWS_SESSION"))]:
        del env[name]
    status, _, err = fork(pull(place), env, tmp_path / "words").wait()
    assert status == 2
    assert "there are no usable credentials" in err


# --- what must not be said ------------------------------------------------------------------------

FAULTS = (
    *("denied", "unavailable", "throttled", "error", "reset", "expired", "truncated", "empty"),
    *("garbled", "repeated_token"),
)
ANOMALY = {
    "AnomalyId": "a-1",
    "RootCauses": [{"Service": "EC2", "LinkedAccount": OTHER_ACCOUNT}],
    "AnomalyScore": {"MaxScore": 0.9, "CurrentScore": 0.4},
    "Impact": {"MaxImpact": 100.5, "TotalImpact": 100.1},
    "MonitorArn": f"arn:aws:ce::{ACCOUNT}:anomalymonitor/1",
}


@pytest.fixture(scope="module")
def whole_env(full_gate, fake, _own_clients):
    """Return variables that lead to a full account, whose id is in many names and in an anomaly."""
    place = {"LocationConstraint": "us-west-2"}
    bucket = f"logs-{ACCOUNT}"
    _own_clients("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
    fake.anomalies = [ANOMALY]
    ends = environment(full_gate.url, fake.url, AWS_MAX_ATTEMPTS="1")
    yield ends | {"AWS_DEFAULT_REGION": "us-west-2"}
    fake.anomalies = []


@pytest.fixture(scope="module")
def pulled(whole_env, fake, tmp_path_factory):
    """Return a folder with a redacted pull and its report, and what the commands said."""
    folder = tmp_path_factory.mktemp("pulled")
    place = folder / "snapshots" / "prod"
    fake.faults, fake.calls = [], []
    said = {
        "pull": run(pull(place, "--tag", "component", "--redact", "--debug"), whole_env, WHOLE),
        "check": run(["check", place, "--debug"], whole_env),
        "report": run(
            ["report", "--snapshot", place, "--out", folder / "reports", "--debug"], whole_env
        ),
    }
    assert [(status, err) for status, _, err in said.values() if status] == []
    return SimpleNamespace(folder=folder, place=place, said=said, calls=list(fake.calls))


def test_pull_check_and_report_end_to_end(pulled, fake):
    _, out, err = pulled.said["pull"]
    assert f"of them paid: ${len(pulled.calls) / 100}" in out
    assert "cost: " in out
    assert "usage " in err, "progress goes to the other stream"
    assert pulled.said["check"][1] == f"{pulled.place}: good\n"
    (file,) = (pulled.folder / "reports").rglob("findings.json")
    totals = {one["id"]: one["value"] for one in json.loads(file.read_text("utf-8"))}
    expected = sum((c.unblended for c in fake.charges), Decimal(0))
    assert round(Decimal(str(totals["cost.total.aws.unblended_cost"])), 2) == round(expected, 2)


def secrets_in(words):
    """Return which secret is in which text."""
    secrets = (*PLANTED, ACCOUNT, OTHER_ACCOUNT)
    return {(secret, str(name)) for name, text in words for secret in secrets if secret in text}


def test_no_secret_is_in_a_file_or_an_output(pulled):
    files = dict(words_in(pulled.folder))
    kinds = {file.suffix for file in files}
    assert {".gz", ".csv", ".json", ".html", ".xlsx", ".ipynb"} <= kinds
    said = [(name, out + err) for name, (_, out, err) in pulled.said.items()]
    assert secrets_in([*files.items(), *said]) == set()


def test_no_secret_is_in_what_a_failure_says_or_leaves(pulled, whole_env, server, tmp_path):
    said = {}

    def fails(name, arguments):
        status, out, err = fork(arguments, whole_env, tmp_path / "words", WHOLE).wait()
        assert status == 2, f"{name}: {err}"
        assert "Traceback" in err or name == "check"
        said[name] = out + err

    place = tmp_path / "damaged"
    shutil.copytree(pulled.place, place)
    report = ["report", "--snapshot", place, "--out", tmp_path / "reports", "--debug"]
    fails("report with a wrong parameter", [*report, "-p", "cost_metric=nonsense"])
    (place / "cost.csv").write_text("damaged", encoding="utf-8")
    fails("check", ["check", place, "--debug"])
    fails("report", report)
    for kind in FAULTS:
        server.faults = [Fault(kind, at=len(server.calls) + 2, times=2)]
        fails(kind, pull(tmp_path / kind / "prod", "--redact", "--debug"))
    assert secrets_in([*words_in(tmp_path), *said.items()]) == set()


def test_account_ids_are_there_unless_they_are_redacted(whole_env, server, place, tmp_path):
    """What the tests above look for would be found."""
    status, _, err = fork(pull(place), whole_env, tmp_path / "words", WHOLE).wait()
    assert status == 0, err
    found = {(secret, Path(name).suffix) for secret, name in secrets_in(words_in(place.parent))}
    accounts = (ACCOUNT, OTHER_ACCOUNT)
    assert {(secret, suffix) for secret in accounts for suffix in (".csv", ".gz")} <= found
    assert {secret for secret, _ in found} == set(accounts), "credentials are in no file"


# --- killed ---------------------------------------------------------------------------------------


def test_kill_at_any_moment_leaves_the_old_snapshot_and_a_cache_to_go_on_from(
    server, env, prism, place
):
    """Killed while it asks, reads and writes; `pull_acceptance` does it more often."""
    assert prism(pull(place))[0] == 0
    server.latency = 0.02
    ends = kill_and_go_on(place, ["pull", "--month", str(closed_month())], env, server, times=6)
    assert len({paid for paid, _ in ends}) > 2, "the kills did not fall on different moments"
