"""The command line on the real notebooks: the sample, changed samples, and bills others wrote."""

from __future__ import annotations

import json
import shutil
import sys
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest

from prismlib import cli
from prismlib.paths import SAMPLE
from prismlib.report.render import render_report
from prismlib.sources.bill_snapshot import snapshot_from_bills

BILLS = Path(__file__).parent / "data" / "bills"


@pytest.fixture
def prism(monkeypatch: pytest.MonkeyPatch):
    """Return a function that runs the command and gives its exit status."""

    def run(*arguments: str | Path) -> int:
        only = ["--only", "cost_variance"] if arguments[0] == "report" else []
        monkeypatch.setattr(sys, "argv", ["prism", *map(str, arguments), *only])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return int(ended.value.code or 0)

    return run


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the report of the sample; tests only read it, or change a copy."""
    out = tmp_path_factory.mktemp("published")
    render_report(SAMPLE, out_dir=out, only=["cost_variance"])
    return out


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """Return a copy of the sample that a test may change."""
    return Path(shutil.copytree(SAMPLE, tmp_path / "changed"))


def findings_of(report: Path) -> dict[str, dict]:
    return {f["id"]: f for f in json.loads((report / "findings.json").read_text("utf-8"))}


def replace_text(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert text.count(old) >= 1
    file.write_text(text.replace(old, new, 1), "utf-8")


def test_the_same_sample_gives_the_same_report(prism, published, tmp_path):
    assert prism("report", "--out", tmp_path) == 0
    one, two = (out / "2025-W46" for out in (published, tmp_path))
    names = sorted(p.name for p in one.iterdir())
    assert names == sorted(p.name for p in two.iterdir())
    for name in ("findings.json", "index.html", "cost_variance.html", "prism-2025-W46.xlsx"):
        assert (one / name).read_bytes() == (two / name).read_bytes(), name
    assert findings_of(one)["cost.estimate_total"]["value"] == 915_916


def test_a_changed_actual_changes_the_report(prism, sample, tmp_path):
    replace_text(sample / "stated_actual.csv", "Monitoring,5847,", "Monitoring,15847,")
    assert prism("report", "--snapshot", sample, "--out", tmp_path) == 2  # edited, not sealed
    assert not (tmp_path / "2025-W46").exists()
    assert prism("check", sample, "--seal") == 0
    assert prism("report", "--snapshot", sample, "--out", tmp_path) == 0
    found = findings_of(tmp_path / "2025-W46")
    assert found["cost.actual_total"]["value"] == 971_978
    assert found["cost.bill_ties_to_statement"]["verdict"] == "contradicts"
    page = (tmp_path / "2025-W46" / "index.html").read_text("utf-8")
    assert "$971,978" in page
    assert "up to $961,978" not in page


def test_a_removed_line_changes_the_report(prism, sample, tmp_path):
    lines = (sample / "estimate.csv").read_text("utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith("EBS volumes")]
    (sample / "estimate.csv").write_text("".join(kept), "utf-8")
    assert prism("check", sample, "--seal") == 0
    assert prism("report", "--snapshot", sample, "--out", tmp_path) == 0
    found = findings_of(tmp_path / "2025-W46")
    assert found["cost.estimate_total"]["verdict"] == "holds"  # 915,916 - 16,000 = 899,916
    assert "EBS volumes" in found["cost.variance_like_for_like"]["statement"]


def test_a_second_currency_publishes_nothing(prism, published, sample, tmp_path, capsys):
    shutil.copytree(published, tmp_path, dirs_exist_ok=True)
    before = (tmp_path / "2025-W46" / "findings.json").read_bytes()
    replace_text(sample / "stated_actual.csv", "CI/CD,7,,,,,USD", "CI/CD,7,,,,,EUR")
    assert prism("check", sample, "--seal") == 2
    assert prism("report", "--snapshot", sample, "--out", tmp_path) == 2
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert (tmp_path / "2025-W46" / "findings.json").read_bytes() == before


def test_focus_sample_totals_and_what_is_unusable(prism, tmp_path):
    # The totals of the file, from the notes of those who published it and a sum by hand:
    # AWS billed 18.0066, list 18.1493; effective rounded to whole numbers, 13.0000.
    costs = BILLS / "focus_sample.csv"
    if not costs.exists():
        costs = next(BILLS.rglob("focus_sample.csv"))
    assert prism("report", "--costs", costs, "--out", tmp_path) == 0
    report = tmp_path / "2024-W40"
    found = findings_of(report)
    assert round(Decimal(str(found["cost.total.aws.billed_cost"]["value"])), 4) == Decimal(
        "18.0066"
    )
    assert round(Decimal(str(found["cost.total.aws.list_cost"]["value"])), 4) == Decimal("18.1493")
    unusable = found["cost.metric_unusable.effective_cost"]
    assert unusable["verdict"] == "contradicts"
    assert "608 of 1,000 rows" in unusable["statement"]  # 604 of AWS, 4 of Oracle
    assert found["cost.total.aws.effective_cost"]["verdict"] == "unknown"
    page = (report / "cost_variance.html").read_text("utf-8")
    assert "Effective cost is not usable" in page
    assert (report / "snapshot" / "snapshot.json").exists()


def answer_of(*days: tuple[str, str, list[tuple[str, str, str]]]) -> dict:
    """Return a GetCostAndUsage answer: (start, end, [(service, amount, quantity)]) by day."""
    return {
        "GroupDefinitions": [{"Type": "DIMENSION", "Key": "SERVICE"}],
        "ResultsByTime": [
            {
                "TimePeriod": {"Start": start, "End": end},
                "Total": {},
                "Groups": [
                    {
                        "Keys": [service],
                        "Metrics": {
                            "UnblendedCost": {"Amount": amount, "Unit": "USD"},
                            "UsageQuantity": {"Amount": quantity, "Unit": "Hrs"},
                        },
                    }
                    for service, amount, quantity in groups
                ],
                "Estimated": False,
            }
            for start, end, groups in days
        ],
    }


def test_two_months_of_cost_explorer_explain_the_change(prism, tmp_path):
    # September: 30 days, 300 at 3,000 h. October: 31 days, 341 at 3,100 h.
    # Calendar 300 / 30 = 10; quantity 3,100 h is what 31 days expect: 0; price 341 - 310 = 31.
    bill = tmp_path / "two-months.json"
    service = "Amazon Elastic Compute Cloud - Compute"
    bill.write_text(
        json.dumps(
            answer_of(
                ("2025-09-01", "2025-10-01", [(service, "300", "3000")]),
                ("2025-10-01", "2025-11-01", [(service, "341", "3100"), ("Tax", "7.10", "0")]),
            )
        )
    )
    out = tmp_path / "out"
    assert prism("report", "--costs", bill, "--out", out, "-p", "material_amount=10") == 0
    report = next(out.iterdir())
    found = findings_of(report)
    assert found["cost.variance_on_parts"]["value"] == pytest.approx(48.1 / 300 * 100)
    page = (report / "cost_variance.html").read_text("utf-8")
    for amount in ("+$10", "+$31", "+$7.10"):
        assert amount in page


def test_an_estimate_for_a_bill_names_what_matches_nothing(prism, tmp_path):
    bill = tmp_path / "month.json"
    days = ("2025-10-01", "2025-11-01", [("Amazon Simple Storage Service", "50", "1")])
    bill.write_text(json.dumps(answer_of(days)))
    estimate = tmp_path / "estimate.csv"
    estimate.write_text(
        "component,estimated_cost,billing_currency\n"
        "Object and file storage,40,USD\nQuantum computers,900,USD\n"
    )
    out = tmp_path / "out"
    assert prism("report", "--costs", bill, "--estimate", estimate, "--out", out) == 0
    found = findings_of(next(out.iterdir()))
    assert found["cost.estimate_without_cost.quantum_computers"]["verdict"] == "unknown"
    assert found["cost.variance_like_for_like"]["value"] == 25


def test_hostile_words_are_shown_as_words(prism, tmp_path):
    bill = tmp_path / "month.json"
    hostile = '<script>alert("x")</script>=HYPERLINK("http://example.invalid")'
    bill.write_text(json.dumps(answer_of(("2025-10-01", "2025-11-01", [(hostile, "50", "1")]))))
    out = tmp_path / "out"
    assert prism("report", "--costs", bill, "--out", out) == 0
    report = next(out.iterdir())
    page = (report / "cost_variance.html").read_text("utf-8")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    with zipfile.ZipFile(next(report.glob("*.xlsx"))) as workbook:
        sheets = [n for n in workbook.namelist() if n.startswith("xl/worksheets/sheet")]
        assert not any(b"<f>" in workbook.read(name) for name in sheets)
        assert b"HYPERLINK" in workbook.read("xl/sharedStrings.xml")


@pytest.fixture(scope="module")
def of_a_bill(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the report of a good bill; tests change a copy."""
    folder = tmp_path_factory.mktemp("bill")
    (folder / "bill.json").write_text(
        json.dumps(answer_of(("2025-10-01", "2025-11-01", [("S3", "50", "1")])))
    )
    bill = snapshot_from_bills([folder / "bill.json"], folder / "snapshot")
    render_report(bill, out_dir=folder / "out", only=["cost_variance"])
    return folder / "out"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "empty"),
        ("component,amount\nx,1\n", "expected"),
        ('{"ResultsByTime": [', "JSON"),
    ],
    ids=["nothing in it", "unknown columns", "cut off"],
)
def test_bad_bills_are_named_and_nothing_is_published(
    prism, of_a_bill, tmp_path, capsys, content, words
):
    out = shutil.copytree(of_a_bill, tmp_path / "out")
    before = {p: p.read_bytes() for p in out.rglob("*") if p.is_file()}
    assert before
    bill = tmp_path / "bill.csv"
    bill.write_text(content)
    assert prism("report", "--costs", bill, "--out", out) == 2
    said = capsys.readouterr().err
    assert {p: p.read_bytes() for p in out.rglob("*") if p.is_file()} == before
    assert "bill.csv" in said
    assert words in said
    assert "Traceback" not in said
