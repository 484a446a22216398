"""What lies where a pull writes: kept, or refused before anything is paid."""

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from fake_cost_explorer import FakeCostExplorer, Fault, make_charges

from prismlib import cli
from prismlib.cost_explorer_tables import COST_EXPLORER_TABLES
from prismlib.errors import CredentialsError, ParameterError, SnapshotError, SourceError
from prismlib.periods import Period
from prismlib.readiness_tables import EVIDENCE_TABLES
from prismlib.snapshot_tables import HAND_WRITTEN, SNAPSHOT_TABLES
from prismlib.sources import cost_explorer_pull
from prismlib.sources import pull as pull_module
from prismlib.sources.collectors import COLLECTORS
from prismlib.sources.csv_tables import write_table
from prismlib.sources.pull import plan_pull, pull_snapshot
from prismlib.sources.pull_place import only_pull
from prismlib.sources.pull_start import PullOptions
from prismlib.sources.pull_words import Progress, plan, run, summary_lines
from prismlib.sources.snapshot_checks import check_snapshot, remarks
from prismlib.sources.snapshot_sealing import seal_snapshot
from prismlib.sources.snapshots import read_snapshot
from prismlib.tables import COST, records

MONTH = Period.month("2025-10")
NOW = datetime(2025, 11, 20, 12, tzinfo=UTC)
ESTIMATE = "component,estimated_cost,billing_currency\nWeb,5,USD\n"
PLACEMENT = "role,zone_name,node_count\nprimary,us-west-2a,3\n"


@pytest.fixture
def server(moto, parse_once, monkeypatch):
    monkeypatch.setattr(pull_module, "COLLECTORS", ())
    monkeypatch.setattr(cost_explorer_pull, "parse_cost", parse_once)
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with FakeCostExplorer(make_charges(MONTH, usage_rows=2), today=NOW.date()) as fake:
        monkeypatch.setenv("AWS_ENDPOINT_URL_COST_EXPLORER", fake.url)
        yield fake


@pytest.fixture
def options(tmp_path):
    return PullOptions(MONTH, tmp_path / "snapshots" / "prod", regions=("us-west-2",))


@pytest.fixture
def pulled(server, options):
    """Return the folder of a pull; what it asked is forgotten."""
    pull_snapshot(options, now=NOW)
    server.calls = []
    return options.out


def changed(options, **given):
    return PullOptions(**{**vars(options), **given})


def refused(server, options, error, words):
    """Check that a pull and its dry run are refused before a paid call."""
    for act in (pull_snapshot, plan_pull):
        with pytest.raises(error, match=words):
            act(options, now=NOW)
    assert server.calls == []


# --- files that a person added --------------------------------------------------------------------


def test_every_table_of_a_snapshot_is_pulled_or_written_by_hand():
    pulled = {*("cost", "cost_file"), *COST_EXPLORER_TABLES, *EVIDENCE_TABLES}
    pulled |= {one.table for one in COLLECTORS}
    assert {*HAND_WRITTEN} == {*SNAPSHOT_TABLES} - pulled
    assert not pulled.intersection(HAND_WRITTEN)


@pytest.mark.parametrize("is_sealed", [True, False])
def test_table_that_was_added_is_kept(pulled, options, is_sealed):
    (pulled / "estimate.csv").write_text(ESTIMATE, encoding="utf-8")
    (pulled / "placement.csv").write_text(PLACEMENT, encoding="utf-8")
    if is_sealed:
        assert seal_snapshot(pulled) == ["estimate", "placement"]
        assert check_snapshot(pulled) == []
    pull_snapshot(options, now=NOW)
    snapshot = read_snapshot(pulled)
    assert records(snapshot.tables["estimate"])[0]["estimated_cost"] == 5
    assert records(snapshot.tables["placement"])[0]["node_count"] == 3
    assert snapshot.source_of("estimate") == "written by hand"
    assert check_snapshot(pulled) == []


def test_check_names_what_is_no_part_of_the_snapshot(pulled):
    (pulled / "estimate.csv").write_text(ESTIMATE, encoding="utf-8")
    (pulled / "instance.csv").write_text("x", encoding="utf-8")
    (pulled / ".DS_Store").touch()
    assert check_snapshot(pulled) == [
        "estimate.csv: is no part of the snapshot and would not be read; take it in with: prism"
        " check DIR --seal",
        "instance.csv: is no part of the snapshot and would not be read; move it elsewhere",
    ]
    (pulled / "instance.csv").rename(pulled / "mynotes.txt")
    assert seal_snapshot(pulled) == ["estimate"]
    assert check_snapshot(pulled) == []
    (note,) = remarks(read_snapshot(pulled), NOW)
    assert note.startswith("mynotes.txt: is no part of the snapshot")


def test_added_table_that_is_none_is_sealed_by_nobody_and_lost_by_nobody(pulled, server, options):
    (pulled / "estimate.csv").write_text("component\nWeb\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"estimate\.csv"):
        seal_snapshot(pulled)
    refused(server, options, SourceError, r"estimate\.csv")
    assert (pulled / "estimate.csv").exists()


@pytest.mark.parametrize("name", ["mynotes.txt", "instance.csv", "estimate.xlsx"])
def test_file_that_would_be_lost_stops_the_pull(pulled, server, options, name):
    (pulled / name).write_text("years of work", encoding="utf-8")
    refused(server, options, SnapshotError, f"(?s)would be lost.*{name}")
    assert (pulled / name).exists()


def test_table_of_another_month_is_not_lost(pulled, server, options):
    (pulled / "placement.csv").write_text(PLACEMENT, encoding="utf-8")
    november = changed(options, month=Period.month("2025-11"))
    plan_pull(november, now=NOW)  # a placement is of no month
    (pulled / "estimate.csv").write_text(ESTIMATE, encoding="utf-8")
    refused(server, november, SnapshotError, "(?s)about 2025-10 and would be lost.*estimate")


def test_change_during_the_pull_is_not_lost(pulled, options):
    def step(name):
        (pulled / "estimate.csv").write_text(ESTIMATE, encoding="utf-8")

    with pytest.raises(SnapshotError, match="changed while the pull ran"):
        pull_snapshot(options, now=NOW, on_step=step)
    assert (pulled / "estimate.csv").read_text(encoding="utf-8") == ESTIMATE


def test_damaged_manifest_has_advice_for_a_pull(pulled, server, options):
    (pulled / "snapshot.json").write_text("{", encoding="utf-8")
    refused(server, options, SnapshotError, "(?s)not a readable manifest.*give another --out")


# --- charges that a person edited -----------------------------------------------------------------


def edit_cost(folder, *more):
    """Add amounts to the first rows of COST."""
    frame = read_snapshot(folder).tables["cost"]
    for row, amount in enumerate(more):
        frame.loc[row, "unblended_cost"] += Decimal(amount)
    write_table(frame, folder / "cost.csv", COST)


def test_charges_that_do_not_tie_are_not_sealed(pulled):
    before = (pulled / "snapshot.json").read_bytes()
    edit_cost(pulled, 7)
    with pytest.raises(SnapshotError, match=r"(?s)no longer add up.*cost_file says"):
        seal_snapshot(pulled)
    assert (pulled / "snapshot.json").read_bytes() == before
    assert not list(pulled.glob(".snapshot*"))


def test_edited_charges_are_no_restatement(pulled, options):
    edit_cost(pulled, 7, -7)
    assert seal_snapshot(pulled) == ["cost"]
    done = pull_snapshot(options, now=NOW)
    assert done.restated == 0
    assert any("edited since" in note for note in done.notes)
    assert "restatement" not in read_snapshot(pulled).tables
    done = pull_snapshot(options, now=NOW)
    assert not any("edited since" in note for note in done.notes)


# --- regions --------------------------------------------------------------------------------------


@pytest.mark.parametrize("region", ["", "nowhere-1", "us-west-2\n", "xx-nowhere-9"])
def test_region_that_there_is_not_is_refused(server, options, monkeypatch, region):
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    monkeypatch.delenv("AWS_ENDPOINT_URL_COST_EXPLORER")
    wrong = changed(options, regions=("us-west-2", region))
    refused(server, wrong, ParameterError, "(?s)--region.*eu-west-1")


def test_own_endpoint_may_have_regions_of_its_own(server, options):
    plan_pull(changed(options, regions=("xx-nowhere-9",)), now=NOW)
    refused(server, changed(options, regions=("nowhere-1",)), ParameterError, "--region")


def test_region_of_the_environment_is_looked_at_too(server, options, monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "nowhere-1")
    refused(server, changed(options, regions=()), ParameterError, "AWS_DEFAULT_REGION")


def test_regions_are_named(server, options):
    assert plan(options, NOW, Progress(print))[0] == "regions, 2025-10: us-west-2"
    assert "regions: us-west-2" in run(options, NOW, Progress(print))
    nobodys = changed(options, regions=())
    words = "us-east-1, as none is set up: --region names others"
    assert plan(nobodys, NOW, Progress(print))[0] == f"regions, 2025-10: {words}"
    assert f"regions: {words}" in run(nobodys, NOW, Progress(print))


# --- folders --------------------------------------------------------------------------------------


def test_link_leads_to_the_folder_that_is_replaced(server, options, tmp_path):
    real = tmp_path / "disk" / "october"
    real.mkdir(parents=True)
    options.out.parent.mkdir()
    options.out.symlink_to(real)
    assert pull_snapshot(options, now=NOW).path == real
    assert options.out.is_symlink()
    assert check_snapshot(options.out) == []
    pull_snapshot(options, now=NOW)
    assert sorted(file.name for file in real.parent.iterdir()) == [".prism-cache", "october"]


def test_link_to_itself_and_place_below_a_file_are_refused(server, options, tmp_path):
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    refused(server, changed(options, out=loop), ParameterError, "--out")
    (tmp_path / "file").touch()
    refused(server, changed(options, out=tmp_path / "file" / "x"), ParameterError, "--out")


def test_cache_that_cannot_be_is_refused(server, options, tmp_path):
    for inside in (options.out, options.out / "cache"):
        refused(server, changed(options, cache=inside), ParameterError, "(?s)--cache.*outside")
    file = tmp_path / "file"
    file.touch()
    for wrong in (file, file / "below"):
        refused(server, changed(options, cache=wrong), ParameterError, "(?s)--cache.*is none")


def test_folder_in_place_of_an_answer_is_named(pulled, server, options):
    answer = next((pulled.parent / ".prism-cache").rglob("*.json.gz"))
    answer.unlink()
    answer.mkdir()
    refused(server, options, SourceError, f"{answer.name}: is a folder where the cache")


# --- two at once ----------------------------------------------------------------------------------


def test_second_pull_at_once_says_who_runs_and_pays_nothing(server, options):
    with only_pull(options.out):
        with pytest.raises(SnapshotError, match=f"(?s)at work.*process {os.getpid()}") as caught:
            pull_snapshot(options, now=NOW)
        assert caught.value.exit_code == 2
        pull_snapshot(changed(options, out=options.out.with_name("other")), now=NOW)
        plan_pull(options, now=NOW)
    pull_snapshot(options, now=NOW)
    names = {file.name for file in options.out.parent.iterdir()}
    assert names == {"prod", "other", ".prism-cache"}


KILLED = """
import os, signal, sys
from pathlib import Path
from prismlib.sources.pull_place import only_pull
with only_pull(Path(sys.argv[1])):
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_lock_of_a_killed_pull_is_taken_over(server, options):
    subprocess.run([sys.executable, "-c", KILLED, options.out], check=False)
    lock = options.out.parent / ".prod.pulling"
    assert lock.read_text().isdigit()
    pull_snapshot(options, now=NOW)
    assert not lock.exists()


# --- words ----------------------------------------------------------------------------------------


def test_pull_that_fails_says_what_was_paid(server, options, capsys):
    server.faults = [Fault("expired", at=3)]
    with pytest.raises(CredentialsError) as caught:
        pull_snapshot(options, now=NOW)
    (words,) = caught.value.__notes__
    assert words.startswith("so far: 3 requests, 3 of them paid: $0.03, at most: 1 of them failed")
    folder = next((options.out.parent / ".prism-cache").iterdir())
    assert f"2 answers kept in {folder}: a pull of the next 8 hours" in words

    def fail():
        raise caught.value

    assert cli._guarded(fail, debug=False) == 2
    assert "so far: 3 requests" in capsys.readouterr().err


def test_pull_that_kept_nothing_does_not_say_so(server, options):
    server.faults = [Fault("expired", at=1)]
    with pytest.raises(CredentialsError) as caught:
        pull_snapshot(options, now=NOW)
    assert "1 request, 1 of them paid: $0.01, at most" in caught.value.__notes__[0]
    assert "kept" not in caught.value.__notes__[0]


def test_list_of_metrics_is_read_before_anything_is_paid(server, options, tmp_path):
    file = tmp_path / "metrics.yaml"
    wrong = changed(options, metrics_file=file)
    refused(server, wrong, ParameterError, "--metrics")
    entry = "{namespace: A, metric: B, dimensions: {C: d}, statistics: [Sum]"
    file.write_text(f"- {entry}}}\n", encoding="utf-8")
    refused(server, wrong, SourceError, "(?s)begins with a list.*a line metrics:")
    file.write_text(f"metrics:\n- {entry}, regions: [nowhere-1]}}\n", encoding="utf-8")
    refused(server, wrong, ParameterError, r"regions in metrics\.yaml")


def test_month_is_an_option(server, tmp_path):
    from prismlib.cli_options import Account, LineItems, Seen

    with pytest.raises(ParameterError, match="--month") as caught:
        cli._pull(Account(), Seen(), LineItems(), "2026-13", tmp_path / "x", dry_run=True)
    assert caught.value.name == "--month"


def test_one_of_a_thing_is_not_many(server, options):
    done = pull_snapshot(options, now=NOW)
    unknown = {"table": "commitment", "part": "", "reason": "denied", "iam_action": "ec2:See"}
    done = type(done)(**{**vars(done), "rows": {"cost": 1}, "restated": 1, "unknown": [unknown]})
    text = "\n".join(summary_lines(done))
    assert "  cost: 1 row\n" in text
    assert "1 figure was restated" in text
    assert "1 table or part is left out" in text
    assert "  commitment is unknown: denied: ec2:See." in text
    manifest = options.out / "snapshot.json"
    content = json.loads(manifest.read_text("utf-8")) | {"unknown": [unknown]}
    manifest.write_text(json.dumps(content), "utf-8")
    assert remarks(read_snapshot(options.out), NOW) == ["commitment is unknown: denied: ec2:See."]


def test_month_that_cost_explorer_no_longer_gives_has_no_price(server, options):
    old = changed(options, month=Period.month("2024-08"))
    found = plan_pull(old, now=NOW)
    assert sum(one.most_usd for one in found) == 0
    words = {one.name: one.words for one in found}
    assert words["usage"] == "Cost Explorer keeps days for 14 months, so there can be no snapshot"
    assert sum(one.most_usd for one in plan_pull(changed(options, month=MONTH), now=NOW)) > 0
    first = changed(options, month=Period.month("2024-10"))
    assert sum(one.most_usd for one in plan_pull(first, now=NOW)) > 0


# --- days without charges -------------------------------------------------------------------------


def test_days_without_charges_are_noted_and_the_check_is_content(server, options):
    server.set_charges([c for c in server.charges if c.day.day > 10 and c.day.day != 20])
    done = pull_snapshot(options, now=NOW)
    note = "Cost Explorer has no charge on 2025-10-01 to 2025-10-10, 2025-10-20."
    assert note in done.notes
    assert note in read_snapshot(options.out).notes
    assert check_snapshot(options.out) == []
    assert "cost: no charge on 2025-10-01 to 2025-10-10, 2025-10-20" in remarks(
        read_snapshot(options.out), NOW
    )
    # Without the note only the days after the first charge are a loss.
    manifest = options.out / "snapshot.json"
    manifest.write_text(manifest.read_text("utf-8").replace(note, "-"), "utf-8")
    (problem,) = check_snapshot(options.out)
    assert re.match(r"cost: no charge on 2025-10-20, and the pull did not say so", problem)
