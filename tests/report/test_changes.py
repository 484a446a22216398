from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from prismlib.findings import Finding, Severity, Verdict, dumps
from prismlib.report.changes import changes_since, compare


def finding(id: str, value: int = 1, verdict: Verdict = Verdict.CONTRADICTS) -> Finding:
    return Finding(id, id.split(".")[0], id, id, Severity.LOW, verdict, Decimal(value))


def test_compare_names_each_kind_of_change() -> None:
    before = [
        finding("a.same"), finding("a.moved"), finding("a.better"), finding("a.gone"),
        finding("a.other"), finding("b.left_out"),
    ]  # fmt: skip
    now = [
        finding("a.same"), finding("a.moved", 2), finding("a.better", verdict=Verdict.HOLDS),
        finding("a.fresh"), finding("a.other", verdict=Verdict.UNKNOWN),
    ]  # fmt: skip
    assert [(change.kind, change.finding.id) for change in compare(before, now)] == [
        ("new", "a.fresh"),
        ("verdict changed", "a.other"),
        ("value changed", "a.moved"),
        ("resolved", "a.better"),
        ("no longer reported", "a.gone"),
    ]


def test_compare_reads_a_value_as_it_is_written() -> None:
    third = replace(finding("a.third"), value=Decimal(1) / 3)
    written = replace(third, value=Decimal("0.333333"))
    assert compare([written], [third]) == []


def test_changes_since_takes_the_last_earlier_week(tmp_path: Path) -> None:
    for week, value in (("2025-W40", 5), ("2025-W44", 1), ("2025-W46", 9), ("2025-W47", 9)):
        (tmp_path / week).mkdir()
        (tmp_path / week / "findings.json").write_text(dumps([finding("a.x", value)]), "utf-8")
        (tmp_path / week / "manifest.json").write_text(
            json.dumps({"snapshot": {"name": "prod", "title": week}}), "utf-8"
        )
    changes = changes_since(tmp_path, "2025-W46", "prod", [finding("a.x", 2)])
    assert changes is not None
    assert (changes.week, changes.snapshot) == ("2025-W44", "2025-W44")
    assert [change.kind for change in changes.items] == ["value changed"]
    assert changes_since(tmp_path, "2025-W40", "prod", [finding("a.x")]) is None


def test_changes_since_passes_over_other_snapshots_and_damaged_reports(tmp_path: Path) -> None:
    for week, name in (("2025-W43", "prod"), ("2025-W44", "other"), ("2025-W45", "prod")):
        (tmp_path / week).mkdir()
        (tmp_path / week / "findings.json").write_text(dumps([finding("a.x")]), "utf-8")
        manifest = json.dumps({"snapshot": {"name": name, "title": week}})
        (tmp_path / week / "manifest.json").write_text(manifest, "utf-8")
    (tmp_path / "2025-W45" / "findings.json").write_text('[{"id": ', "utf-8")
    changes = changes_since(tmp_path, "2025-W46", "prod", [finding("a.x", 2)])
    assert changes is not None
    assert changes.week == "2025-W43"
