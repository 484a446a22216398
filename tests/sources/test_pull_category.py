"""`--tag category:NAME`: charges by a cost category, from the plan to the table."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from fake_cost_explorer import EC2, S3, Charge, FakeCostExplorer, Fault

from prismlib.errors import IncompleteDataError
from prismlib.periods import Period
from prismlib.sources import pull as pull_module
from prismlib.sources.pull import PullOptions, plan_pull, pull_snapshot
from prismlib.sources.snapshots import read_snapshot
from prismlib.tables import records

MONTH = Period.month("2025-10")
NOW = datetime(2025, 11, 20, 12, tzinfo=UTC)
BY = [{"Type": "COST_CATEGORY", "Key": "Team"}, {"Type": "DIMENSION", "Key": "RECORD_TYPE"}]


def charge(day, service, usd, *values):
    tags = tuple(("Team", value) for value in values)
    usage_type = f"USW2-{service}"
    amount = Decimal(usd)
    return Charge(day, service, usage_type, "Usage", amount, amount, Decimal(24), "Hrs", tags)


@pytest.fixture
def server(moto, monkeypatch):
    """Serve $5 of graph, $2 of a value that holds the separator and $1 of none, each day."""
    monkeypatch.setattr(pull_module, "COLLECTORS", ())
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    charges = []
    for day in MONTH.dates():
        charges += [charge(day, EC2, "3", "graph"), charge(day, S3, "2", "graph")]
        charges += [charge(day, EC2, "2", "R$D"), charge(day, S3, "1")]
    charges.append(
        Charge(MONTH.start, "Tax", "", "Tax", Decimal(9), Decimal(9), tags=(("Team", "graph"),))
    )
    with FakeCostExplorer(charges, today=NOW.date(), page_size=40) as fake:
        monkeypatch.setenv("AWS_ENDPOINT_URL_COST_EXPLORER", fake.url)
        yield fake


@pytest.fixture
def options(tmp_path):
    return PullOptions(MONTH, tmp_path / "prod", tag="category:Team")


def test_plan_has_the_question(server, options):
    (one,) = [one for one in plan_pull(options, now=NOW) if one.name == "tag"]
    assert one.least_usd == Decimal("0.01")
    assert server.calls == []


def test_category_is_asked_for_and_its_parts_are_the_total(server, options):
    pull_snapshot(options, now=NOW)
    bodies = [body for name, body in server.calls if body.get("GroupBy") == BY]
    # 31 days of 3 values and once Tax are 94 groups: 3 pages of 40.
    assert len(bodies) == 3
    assert all("Filter" not in body for body in bodies), "of everything, fees and tax too"
    snapshot = read_snapshot(options.out)
    rows = records(snapshot.tables["cost_tag"])
    sums = {}
    for row in rows:
        key = row["tag_value"], row["record_type"]
        sums[key] = sums.get(key, 0) + row["unblended_cost"]
    assert sums == {
        ("graph", "Usage"): 31 * 5,
        ("R$D", "Usage"): 31 * 2,
        ("", "Usage"): 31 * 1,
        ("graph", "Tax"): 9,
    }
    assert {row["tag_key"] for row in rows} == {"category:Team"}
    assert sum(row["unblended_cost"] for row in rows) == sum(
        snapshot.tables["cost"]["unblended_cost"]
    )
    assert snapshot.pull["tag"] == "category:Team"


def test_page_of_a_category_that_is_dropped_never_yields_a_snapshot(server, options):
    server.faults = [Fault("drop", group=("Team", "RECORD_TYPE"), page=1)]
    server.set_charges(server.charges)
    with pytest.raises(IncompleteDataError, match="tag do not add up"):
        pull_snapshot(options, now=NOW)
    assert not options.out.exists()


def test_second_pull_with_a_category_pays_nothing_and_a_tag_is_another_question(server, options):
    pull_snapshot(options, now=NOW)
    server.calls = []
    pull_snapshot(options, now=NOW + timedelta(days=30))
    assert server.calls == []
    other = PullOptions(**{**vars(options), "tag": "Team"})
    pull_snapshot(other, now=NOW + timedelta(days=30))
    by = [body["GroupBy"][0] for _, body in server.calls]
    assert by == [{"Type": "TAG", "Key": "Team"}] * 3
