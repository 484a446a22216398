"""`prism pull` against a faithful Cost Explorer on loopback."""

import gzip
import json
import re
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from fake_cost_explorer import Charge, FakeCostExplorer, Fault, Refusal, make_charges

from prismlib.errors import (
    CallError,
    CredentialsError,
    DataUnavailableError,
    IncompleteDataError,
    ParameterError,
    SnapshotError,
    SpendLimitError,
)
from prismlib.periods import Period
from prismlib.sources import cost_explorer_pull
from prismlib.sources import pull as pull_module
from prismlib.sources.pull import PullOptions, plan_pull, pull_snapshot
from prismlib.sources.snapshot_checks import check_snapshot, remarks
from prismlib.sources.snapshots import Description, Origin, read_snapshot, write_snapshot
from prismlib.tables import ESTIMATE, make, records

MONTH = Period.month("2025-10")
NOW = datetime(2025, 11, 20, 12, tzinfo=UTC)
OPEN = datetime(2025, 10, 21, 12, tzinfo=UTC)
ACCOUNT = "123456789012"
ANOMALIES = [
    {
        "AnomalyId": f"a-{number}",
        "AnomalyStartDate": "2025-10-03T00:00:00Z",
        "AnomalyEndDate": "2025-10-05T00:00:00Z",
        "RootCauses": [
            {"Service": "S3", "Impact": {"Contribution": 1.5}, "LinkedAccount": "210987654321"},
            {"Service": "EC2", "Impact": {"Contribution": 98.5}, "LinkedAccount": "210987654321"},
        ],
        "AnomalyScore": {"MaxScore": 0.9, "CurrentScore": 0.4},
        "Impact": {
            "MaxImpact": 100.5,
            "TotalImpact": 100.1,
            "TotalActualSpend": 150.3,
            "TotalExpectedSpend": 50.2,
        },
        "MonitorArn": f"arn:aws:ce::{ACCOUNT}:anomalymonitor/1",
    }
    for number in (1, 2)
]
CALLS = 15
"""31 days of 7 groups of use, at 70 a page: 4 pages; other 96: 2; control 31: 1; tag 251: 4; then
reservations 1, savings plans 1, anomalies 2."""
OF_CHARGES = 11


@pytest.fixture
def account(moto, parse_once, monkeypatch):
    """Point boto3 at the servers on loopback; one try a call, so that a fault is final."""
    monkeypatch.setattr(pull_module, "COLLECTORS", ())
    monkeypatch.setattr(cost_explorer_pull, "parse_cost", parse_once)
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAPLANTEDKEY")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "planted-secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "planted-token")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")


@pytest.fixture
def server(account, monkeypatch):
    fake = FakeCostExplorer(
        make_charges(MONTH, usage_rows=6),
        today=NOW.date(),
        page_size=70,
        anomalies=ANOMALIES,
    )
    with fake:
        monkeypatch.setenv("AWS_ENDPOINT_URL_COST_EXPLORER", fake.url)
        yield fake


@pytest.fixture
def options(tmp_path):
    return PullOptions(MONTH, tmp_path / "snapshots" / "prod", tag="component")


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


def total(charges: list[Charge], name: str) -> Decimal:
    return sum((getattr(charge, name) for charge in charges), Decimal(0))


# --- a closed month -------------------------------------------------------------------------------


def test_pull_gives_what_the_server_knows_to_the_last_digit(server, options):
    done = pull_snapshot(options, now=NOW)
    snapshot = read_snapshot(options.out)
    cost = snapshot.tables["cost"]
    assert sum(cost["unblended_cost"]) == total(server.charges, "unblended")
    assert sum(cost["amortized_cost"]) == total(server.charges, "amortized")
    assert check_snapshot(options.out) == []
    assert remarks(snapshot, NOW + timedelta(days=400)) == []
    assert len(server.calls) == CALLS
    ledger = done.ledger.total()
    assert (ledger.paid, ledger.usd) == (CALLS, Decimal("0.01") * CALLS)
    assert snapshot.pull["usd"] == "0.15"
    assert snapshot.pull["paid_requests"] == CALLS
    assert [entry for entry in snapshot.unknown] == []


def test_pull_keeps_kinds_of_charge_and_record_types_apart(server, options):
    pull_snapshot(options, now=NOW)
    expected: dict[str, Decimal] = defaultdict(Decimal)
    uses = {"DiscountedUsage", "SavingsPlanCoveredUsage"}
    for charge in server.charges:
        kind = "Usage" if charge.record_type in uses else charge.record_type
        expected[kind] += charge.unblended
    found: dict[str, Decimal] = defaultdict(Decimal)
    rows = records(read_snapshot(options.out).tables["cost"])
    for row in rows:
        found[row["record_type"]] += row["unblended_cost"]
    assert found == expected
    kinds = {(row["record_type"], row["charge_kind"]) for row in rows}
    assert kinds == {
        ("Usage", "usage"),
        ("Credit", "credit"),
        ("Tax", "tax"),
        ("Support", "support"),
        ("Recurring", "purchase"),
        ("SavingsPlanRecurringFee", "purchase"),
        ("SavingsPlanNegation", "adjustment"),
    }


def test_end_is_exclusive_and_every_request_says_the_same_on_each_page(server, options):
    pull_snapshot(options, now=NOW)
    first_to_last = {"Start": "2025-10-01", "End": "2025-11-01"}
    usage = [body for name, body in server.calls if name == "GetCostAndUsage"]
    assert all(body["TimePeriod"] == first_to_last for body in usage)
    pages = [body for body in usage if "UsageQuantity" in body["Metrics"]]
    tokens = [body.pop("NextPageToken", None) for body in pages]
    assert tokens[0] is None
    assert len(set(tokens)) == len(tokens) == 4
    assert all(body == pages[0] for body in pages)


def test_second_pull_of_a_closed_month_pays_nothing_and_changes_no_table(server, options):
    pull_snapshot(options, now=NOW)
    before = contents(options.out)
    done = pull_snapshot(options, now=NOW + timedelta(days=100))
    assert len(server.calls) == CALLS
    assert done.ledger.total().paid == 0
    assert done.ledger.total().cache == CALLS, "anomalies too, which are not given any more"
    after = contents(options.out)
    assert before.pop("snapshot.json") != after.pop("snapshot.json"), "it paid nothing this time"
    assert after == before


def test_tables_beside_the_charges(server, options):
    pull_snapshot(options, now=NOW)
    tables = read_snapshot(options.out).tables
    tags = records(tables["cost_tag"])
    web = sum(row["unblended_cost"] for row in tags if row["tag_value"] == "web")
    of_web = [charge for charge in server.charges if ("component", "web") in charge.tags]
    assert web == total(of_web, "unblended")
    assert sum(row["unblended_cost"] for row in tags) == total(server.charges, "unblended")
    coverage = records(tables["commitment_coverage"])
    (reserved,) = [r for r in coverage if r["instance_type"] == "m7g.0xlarge"]
    # 24 hours a day under a reservation and 24 on demand, for 31 days.
    assert (reserved["covered_hours"], reserved["on_demand_hours"]) == (744, 744)
    assert reserved["coverage_pct"] == 50
    (anomaly, _) = records(tables["cost_anomaly"])
    assert anomaly["service_name"] == "EC2", "the cause that contributed most"
    assert anomaly["excess_usd"] == Decimal("100.1"), "a number is read as it is printed"
    assert (anomaly["anomaly_start"], anomaly["root_causes"]) == (date(2025, 10, 3), 2)
    assert "cost_forecast" not in tables


def test_plan_costs_nothing_and_knows_what_the_cache_holds(server, options):
    plan = plan_pull(options, now=NOW)
    assert server.calls == []
    assert [one.name for one in plan] == [
        "regions",
        "usage",
        "other",
        "control",
        "tag",
        "reservation coverage",
        "savings plan coverage",
        "anomalies",
    ]
    assert sum(one.least_usd for one in plan) == Decimal("0.07")
    pull_snapshot(options, now=NOW)
    assert all(one.is_cached for one in plan_pull(options, now=NOW))
    assert sum(one.most_usd for one in plan_pull(options, now=NOW)) == 0


@pytest.mark.parametrize("paid", range(0, CALLS, 3))
def test_limit_is_never_exceeded_and_what_was_paid_is_not_paid_again(server, options, paid):
    limited = PullOptions(**{**vars(options), "max_usd": Decimal("0.01") * paid})
    with pytest.raises(SpendLimitError) as caught:
        pull_snapshot(limited, now=NOW)
    assert caught.value.spent == limited.max_usd
    assert len(server.calls) == paid
    assert not options.out.exists()
    done = pull_snapshot(options, now=NOW)
    assert done.ledger.total().paid == CALLS - paid
    assert len(server.calls) == CALLS


def test_refresh_pays_again(server, options):
    pull_snapshot(options, now=NOW)
    done = pull_snapshot(PullOptions(**{**vars(options), "refresh": True}), now=NOW)
    assert done.ledger.total().paid == CALLS


@pytest.mark.parametrize("limit", ["NaN", "-1", "Infinity"])
def test_limit_that_is_no_amount_is_refused(options, limit):
    with pytest.raises(ParameterError, match="--max-usd"):
        PullOptions(**{**vars(options), "max_usd": Decimal(limit)})


# --- faults ---------------------------------------------------------------------------------------

ROW = {"component": "Web", "estimated_cost": Decimal(5), "billing_currency": "USD"}


@pytest.mark.parametrize("at", [1, 6, OF_CHARGES, CALLS])
def test_pull_of_a_closed_month_that_broke_off_goes_on_days_later(server, options, at):
    """What is settled does not grow old; `test_pull_faults` has every call and every fault."""
    server.faults = [Fault("expired", at)]
    with pytest.raises(CredentialsError):
        pull_snapshot(options, now=NOW)
    assert len(server.calls) == at
    assert not options.out.exists()
    server.faults, server.calls = [], []
    done = pull_snapshot(options, now=NOW + timedelta(days=3))
    assert check_snapshot(options.out) == []
    assert done.unknown == []
    cost = read_snapshot(options.out).tables["cost"]
    assert sum(cost["unblended_cost"]) == total(server.charges, "unblended")
    assert len(server.calls) == CALLS - at + 1, "only what is missing is asked for"


@pytest.mark.parametrize("kind", ["throttled", "error", "reset"])
def test_passing_fault_is_tried_again(server, options, kind, monkeypatch):
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "3")
    server.faults = [Fault(kind, at=5, times=1)]
    done = pull_snapshot(options, now=NOW)
    assert len(server.calls) == CALLS + 1
    assert done.ledger.total().retries == 1


@pytest.mark.parametrize(
    ("group", "pages"),
    [
        (("SERVICE", "USAGE_TYPE"), 4),
        (("SERVICE", "RECORD_TYPE"), 2),
        (("component", "RECORD_TYPE"), 4),
        ((), 1),
    ],
    ids=["usage", "other", "tag", "control"],
)
def test_page_that_the_server_drops_never_yields_a_snapshot(server, options, group, pages):
    for page in range(pages):
        server.faults = [Fault("drop", group=group, page=page)]
        server.set_charges(server.charges)
        with pytest.raises(IncompleteDataError, match="Cost Explorer: ") as caught:
            pull_snapshot(options, now=NOW)
        assert "expected" in str(caught.value)
        assert not options.out.exists()
    server.faults = []
    server.set_charges(server.charges)
    server.calls = []
    pull_snapshot(options, now=NOW)
    assert check_snapshot(options.out) == []
    assert pages_asked(server)["2025-10-01", group] == pages, "no page was left out above"


def pages_asked(server) -> Counter:
    """Return how many pages of charges were asked for, by their first day and their groups."""
    return Counter(
        (body["TimePeriod"]["Start"], tuple(one["Key"] for one in body.get("GroupBy", ())))
        for name, body in server.calls
        if name == "GetCostAndUsage"
    )


def test_token_that_no_longer_holds_starts_the_question_again(server, options):
    server.faults = [Fault("reset", at=3)]
    with pytest.raises(CallError):
        pull_snapshot(options, now=NOW)
    # Two pages are in the cache; the server no longer knows where they lead to.
    server.faults, server.calls = [], []
    real, refused = server._offset, []

    def forgetful(request):
        if "NextPageToken" in request and not refused:
            refused.append(request)
            raise Refusal("InvalidNextTokenException")
        return real(request)

    server._offset = forgetful
    pull_snapshot(options, now=NOW)
    assert len(server.calls) == CALLS + 1
    assert check_snapshot(options.out) == []


def test_damaged_cache_files_are_asked_for_again(server, options):
    pull_snapshot(options, now=NOW)
    files = sorted((options.out.parent / ".prism-cache").rglob("*.json.gz"))
    assert len(files) == CALLS
    for file, damage in zip(
        files,
        [b"", b"no gzip", files[2].read_bytes()[:-9], gzip.compress(b"[]"), gzip.compress(b"{}")],
        strict=False,
    ):
        file.write_bytes(damage)
    files[5].write_bytes(files[6].read_bytes())  # an answer under the name of another
    server.calls = []
    pull_snapshot(options, now=NOW + timedelta(days=1))
    assert len(server.calls) >= 6
    assert sum(read_snapshot(options.out).tables["cost"]["unblended_cost"]) == total(
        server.charges, "unblended"
    )


# --- an open month, and what moves ----------------------------------------------------------------


@pytest.fixture
def open_month(server):
    server.today = OPEN.date()
    server.estimated = lambda day: day >= date(2025, 10, 15)
    return server


def calls_of(server, name: str) -> list[dict]:
    return [body for operation, body in server.calls if operation == name]


def test_open_month_leaves_today_out_and_forecasts_the_rest(open_month, options):
    pull_snapshot(options, now=OPEN)
    snapshot = read_snapshot(options.out)
    assert max(snapshot.tables["cost"]["charge_period_start"]) == date(2025, 10, 20)
    known = [c for c in open_month.charges if c.day < OPEN.date()]
    assert sum(snapshot.tables["cost"]["unblended_cost"]) == total(known, "unblended")
    forecast = records(snapshot.tables["cost_forecast"])
    assert [row["charge_period_start"].day for row in forecast] == list(range(21, 32))
    assert forecast[0]["low_cost"] < forecast[0]["forecast_cost"] < forecast[0]["high_cost"]
    assert snapshot.as_of == OPEN.date()
    assert check_snapshot(options.out) == []
    assert len(remarks(snapshot, OPEN + timedelta(days=7))) == 4
    rows = records(snapshot.tables["cost"])
    assert {r["charge_period_start"].day for r in rows if r["is_estimated"]} == set(range(15, 21))


IN_PARTS = {
    ("2025-10-01", ("SERVICE", "USAGE_TYPE")): 2,  # 14 days of 7
    ("2025-10-01", ("SERVICE", "RECORD_TYPE")): 1,  # 14 days of 3, and 3
    ("2025-10-01", ()): 1,
    ("2025-10-01", ("component", "RECORD_TYPE")): 2,  # 14 days of 8, and 3
    ("2025-10-15", ("SERVICE", "USAGE_TYPE")): 1,  # 6 days of 7
    ("2025-10-15", ("SERVICE", "RECORD_TYPE")): 1,
    ("2025-10-15", ()): 1,
    ("2025-10-15", ("component", "RECORD_TYPE")): 1,
}
"""The pages of charges of the open month, 70 groups a page."""


def test_page_that_the_server_drops_from_a_part_of_a_month_is_missed(open_month, options):
    for (start, group), pages in IN_PARTS.items():
        for page in range(pages):
            open_month.faults = [Fault("drop", group=group, page=page, start=start)]
            open_month.set_charges(open_month.charges)
            with pytest.raises(IncompleteDataError, match="Cost Explorer: "):
                pull_snapshot(options, now=OPEN)
            assert not options.out.exists()
    open_month.faults, open_month.calls = [], []
    open_month.set_charges(open_month.charges)
    pull_snapshot(PullOptions(**{**vars(options), "refresh": True}), now=OPEN)
    assert pages_asked(open_month) == IN_PARTS


def test_open_month_is_read_again_only_where_it_can_move(open_month, options):
    pull_snapshot(options, now=OPEN)
    parts = {tuple(b["TimePeriod"].values()) for b in calls_of(open_month, "GetCostAndUsage")}
    assert parts == {("2025-10-01", "2025-10-15"), ("2025-10-15", "2025-10-21")}
    open_month.calls = []
    done = pull_snapshot(options, now=OPEN + timedelta(hours=7))
    assert open_month.calls == [], "younger than the billing data"
    assert done.ledger.total().paid == 0
    pull_snapshot(options, now=OPEN + timedelta(hours=9))
    again = {b["TimePeriod"]["Start"] for b in calls_of(open_month, "GetCostAndUsage")}
    assert again == {"2025-10-15"}


def test_restated_figure_is_kept_beside_the_old_one(open_month, options):
    pull_snapshot(options, now=OPEN)
    old = [
        c for c in open_month.charges if c.day == date(2025, 10, 18) and c.record_type == "Usage"
    ]
    victim = old[0]
    new = Charge(**{**vars(victim), "unblended": victim.unblended + 7})
    gone = old[1]
    open_month.set_charges([new if c is victim else c for c in open_month.charges if c is not gone])
    later = OPEN + timedelta(hours=9)
    done = pull_snapshot(options, now=later)
    assert done.restated == 3  # one unblended; both metrics of the one that is gone
    rows = records(read_snapshot(options.out).tables["restatement"])
    by_key = {(row["usage_type"], row["cost_metric"]): row for row in rows}
    moved = by_key[victim.usage_type, "unblended_cost"]
    assert moved["after_cost"] - moved["before_cost"] == 7
    assert moved["is_from_estimate"]
    assert by_key[gone.usage_type, "amortized_cost"]["after_cost"] is None
    # A later pull without changes keeps them, and finds none.
    done = pull_snapshot(options, now=later + timedelta(hours=1))
    assert done.restated == 0
    assert len(read_snapshot(options.out).tables["restatement"]) == 3


def test_day_that_was_not_over_is_no_restatement(open_month, options):
    pull_snapshot(options, now=OPEN)
    tomorrow = OPEN + timedelta(days=1)
    open_month.today = tomorrow.date()
    assert pull_snapshot(options, now=tomorrow).restated == 0
    assert "restatement" not in read_snapshot(options.out).tables


def test_charges_that_moved_between_two_pulls_are_asked_for_once_more(open_month, options):
    """Cached pages of use and fresh totals do not fit; they are renewed, not reported as a loss."""
    open_month.faults = [Fault("reset", at=3)]
    with pytest.raises(CallError):
        pull_snapshot(options, now=OPEN)
    open_month.faults = []
    moved = open_month.charges[0]
    new = Charge(**{**vars(moved), "unblended": moved.unblended + 1})
    open_month.set_charges([new, *open_month.charges[1:]])
    pull_snapshot(options, now=OPEN + timedelta(hours=1))
    known = [c for c in open_month.charges if c.day < OPEN.date()]
    cost = read_snapshot(options.out).tables["cost"]
    assert sum(cost["unblended_cost"]) == total(known, "unblended")


def test_month_that_has_not_begun_is_refused(server, options):
    with pytest.raises(ParameterError, match="--month"):
        pull_snapshot(options, now=datetime(2025, 10, 1, 9, tzinfo=UTC))
    assert server.calls == []


def test_month_out_of_reach_says_so(server, tmp_path):
    options = PullOptions(Period.month("2023-10"), tmp_path / "old")
    with pytest.raises(DataUnavailableError, match="2023-10-01 to 2023-11-01"):
        pull_snapshot(options, now=NOW)


def test_month_without_charges_is_refused(server, tmp_path):
    options = PullOptions(Period.month("2025-09"), tmp_path / "empty")
    with pytest.raises(IncompleteDataError, match="no charge in 2025-09"):
        pull_snapshot(options, now=NOW)
    assert not (tmp_path / "empty").exists()


# --- the destination ------------------------------------------------------------------------------


def test_estimate_of_the_earlier_snapshot_is_kept(server, options):
    write_snapshot(
        options.out,
        Description("mine", "Mine", "2025-10", date(2025, 11, 1), "USD"),
        {"estimate": (make(ESTIMATE, [ROW]), Origin("budget"))},
    )
    pull_snapshot(options, now=NOW)
    snapshot = read_snapshot(options.out)
    assert records(snapshot.tables["estimate"])[0]["component"] == "Web"
    assert snapshot.source_of("estimate") == "budget"


def test_snapshot_of_another_account_is_not_replaced(server, options):
    pull_snapshot(options, now=NOW)
    manifest = options.out / "snapshot.json"
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(re.sub("account-[0-9a-f]{8}", "account-00000000", text), encoding="utf-8")
    server.calls = []
    with pytest.raises(SnapshotError, match="another account"):
        pull_snapshot(options, now=NOW)
    assert server.calls == []


def test_damaged_snapshot_or_other_files_stop_before_anything_is_paid(server, options):
    options.out.mkdir(parents=True)
    (options.out / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(SnapshotError, match="would be lost"):
        pull_snapshot(options, now=NOW)
    (options.out / "thesis.txt").rename(options.out / "snapshot.json")
    with pytest.raises(SnapshotError, match="not a readable manifest"):
        pull_snapshot(options, now=NOW)
    assert server.calls == []


# --- what must not be written ---------------------------------------------------------------------


@pytest.mark.parametrize("is_redacted", [True, False])
def test_no_credential_is_written_and_no_account_id_when_redacted(server, options, is_redacted):
    options = PullOptions(**{**vars(options), "redact": is_redacted})
    server.faults = [Fault("denied", at=12)]
    done = pull_snapshot(options, now=NOW)
    texts = [str(done), repr(done.unknown)]
    for file in options.out.parent.rglob("*"):
        if file.is_file():
            raw = file.read_bytes()
            texts.append(str(file.relative_to(options.out.parent)))
            texts.append((gzip.decompress(raw) if file.suffix == ".gz" else raw).decode())
    everything = "\n".join(texts)
    for planted in ("AKIAPLANTEDKEY", "planted-secret", "planted-token", "assumed-role"):
        assert planted not in everything
    for account_id in (ACCOUNT, "210987654321"):
        assert (account_id in everything) != is_redacted
    if is_redacted:
        anomaly = records(read_snapshot(options.out).tables["cost_anomaly"])[0]
        assert re.fullmatch(r"account-[0-9a-f]{8}", anomaly["sub_account_id"])


def test_redaction_leaves_amounts_alone(server, options):
    """A quantity of twelve digits looks like an account id and is none."""
    big = [
        Charge(**{**vars(c), "quantity": Decimal(987654321098)}) if c.usage_type else c
        for c in server.charges
    ]
    server.set_charges(big)
    pull_snapshot(PullOptions(**{**vars(options), "redact": True}), now=NOW)
    rows = records(read_snapshot(options.out).tables["cost"])
    assert {r["usage_quantity"] for r in rows if r["record_type"] == "Usage"} >= {987654321098}


def test_manifest_of_a_pull_says_what_was_asked(server, options):
    pull_snapshot(options, now=NOW)
    manifest = json.loads((options.out / "snapshot.json").read_text(encoding="utf-8"))
    assert manifest["pull"]["calls"]["ce get_cost_and_usage"] == {
        "requests": 11,
        "from_cache": 0,
        "usd": "0.11",
    }
    assert manifest["tables"]["cost"]["fetched_at"] == "2025-11-20T12:00:00+00:00"
