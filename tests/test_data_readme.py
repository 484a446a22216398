"""``data/README.md`` describes the tables that there are, and its examples work.

Its lists of tables, columns and sources are generated. After a change of the registry or of the
data, renew them with::

    .venv/bin/python tests/test_data_readme.py --write
"""

import json
import re
import shutil
import sys
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import duckdb
import pytest

from prismlib import paths
from prismlib.analyses.launch_items import waiver_fault
from prismlib.analyses.lifecycle_policy import Transition, policy_of
from prismlib.analyses.zone_measured import flow_share
from prismlib.analyses.zone_topology import expected_crossing
from prismlib.readiness_tables import EVIDENCE_WAIVER
from prismlib.reference_tables import REFERENCE_TABLES
from prismlib.snapshot_tables import SNAPSHOT_TABLES
from prismlib.sources.csv_tables import read_table
from prismlib.sources.prices import read_reference_tables
from prismlib.sources.snapshot_folder import read_manifest
from prismlib.sources.snapshot_sealing import seal_snapshot
from prismlib.sources.snapshots import read_snapshot
from prismlib.storage_tables import LIFECYCLE_POLICY, STORAGE_NEED
from prismlib.tables import CHARGE_KINDS, COMPONENT_RULE, ESTIMATE, Table, records
from prismlib.zone_tables import PLACEMENT, ZONE_FLOW

README = paths.DATA / "README.md"
SECTION = r"(<!-- generated: {} -->\n).*?(<!-- end -->)"


# --- the generated sections -----------------------------------------------------------------------


def grid(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table; a bar inside a cell is escaped."""
    lines = [head, ["---"] * len(head), *rows]
    cells = [[str(cell).replace("|", "\\|") for cell in line] for line in lines]
    return "".join(f"| {' | '.join(line)} |\n" for line in cells)


def sample_section() -> str:
    """Return what the manifest of the sample says of its tables."""
    entries = read_manifest(paths.SAMPLE)["tables"].values()
    rows = [
        (f"`{e['file']}`", e["rows"], "**synthetic**" if e["is_synthetic"] else "no", e["source"])
        for e in entries
    ]
    return grid(["file", "rows", "synthetic", "source"], rows)


def sources_section() -> str:
    """Return, for each reference table with prices, how many rows each source gave, and when."""
    parts = []
    for name, frame in read_reference_tables().items():
        if "confidence" not in frame:
            continue
        groups: dict[tuple[str, str], list[str]] = {}
        for row in records(frame):
            days = groups.setdefault((row["confidence"], row["source"]), [])
            days.append(str(row["valid_from"] or "not dated"))
        rows = [
            (confidence, len(days), ", ".join(sorted(set(days))), source)
            for (confidence, source), days in sorted(groups.items(), key=best_first)
        ]
        parts.append(f"`{name}.csv`: {len(frame)} rows\n\n")
        parts.append(grid(["confidence", "rows", "read on", "source"], rows) + "\n")
    return "".join(parts)


def best_first(group: tuple[tuple[str, str], object]) -> tuple[int, str]:
    """Sort by confidence, then by source."""
    (confidence, source), _ = group
    return ("high", "medium", "low").index(confidence), source


def places(table: Table) -> str:
    """Return the files that hold a table."""
    found = [f"`{n}.csv` of a snapshot" for n, t in SNAPSHOT_TABLES.items() if t is table]
    found += [f"`reference/{n}.csv`" for n, t in REFERENCE_TABLES.items() if t is table]
    return " and ".join(found)


def table_section(table: Table) -> str:
    """Return the heading, the grain and the columns of a table."""
    rows = [
        (
            f"`{field.name}`",
            field.kind,
            field.unit,
            "key" if field.name in table.key else "",
            "yes" if field.name in table.required else "",
            field.meaning,
        )
        for field in table.columns
    ]
    head = f"### {table.name}\n\n{places(table)}. One row is {table.grain}.\n\n"
    return head + grid(["column", "kind", "unit", "key", "filled", "meaning"], rows) + "\n"


def registered() -> list[Table]:
    """Return every documented table once, those of a snapshot first."""
    return list(
        {t.name: t for t in (*SNAPSHOT_TABLES.values(), *REFERENCE_TABLES.values())}.values()
    )


def generated() -> dict[str, str]:
    """Return the generated sections by name."""
    return {
        "sample": sample_section(),
        "sources": sources_section(),
        "tables": "".join(table_section(table) for table in registered()),
    }


def renewed(text: str) -> str:
    """Return the text of the README with its generated sections renewed."""
    for name, section in generated().items():
        pattern = re.compile(SECTION.format(name), re.DOTALL)
        text, count = pattern.subn(lambda m, s=section: f"{m[1]}\n{s.strip()}\n\n{m[2]}", text)
        if count != 1:
            raise ValueError(f"{count} sections named {name} in {README.name}")
    return text


# --- tests ----------------------------------------------------------------------------------------


def readme() -> str:
    return README.read_text(encoding="utf-8")


def examples(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", readme(), re.DOTALL | re.MULTILINE)


def test_readme_lists_what_the_registry_and_the_data_hold():
    assert readme() == renewed(readme()), "run: .venv/bin/python tests/test_data_readme.py --write"


@pytest.mark.parametrize("table", registered(), ids=lambda t: t.name)
def test_readme_documents_every_column(table):
    """Read from the page as a person would, apart from the function that wrote it."""
    section = readme().split(f"\n### {table.name}\n")[1].split("\n### ")[0]
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == list(table.fields)
    assert table.grain in section


def test_readme_documents_no_table_that_is_gone():
    assert set(re.findall(r"^### (\w+)$", readme(), re.MULTILINE)) == {t.name for t in registered()}


def test_readme_explains_every_key_of_the_manifest():
    manifest = read_manifest(paths.SAMPLE)
    keys = {*manifest, *(key for entry in manifest["tables"].values() for key in entry)}
    explained = readme().split("What `snapshot.json` says")[1].split("\n## ")[0]
    assert keys <= set(re.findall(r"`(\w+)`", explained))


def test_readme_explains_every_kind_of_claim_and_word_of_confidence():
    kinds = {row["kind"] for row in records(read_snapshot(paths.SAMPLE).tables["claim"])}
    assert kinds <= set(re.findall(r"`(\w+)`", readme()))
    words = {
        row["confidence"]
        for frame in read_reference_tables().values()
        for row in records(frame)
        if "confidence" in row
    }
    assert words <= set(re.findall(r"^- \*\*(\w+)\*\*:", readme(), re.MULTILINE))


def test_readme_example_of_an_estimate_can_be_sealed_and_read(tmp_path):
    """The steps of "A snapshot of your own" on a copy of the sample."""
    folder = Path(shutil.copytree(paths.SAMPLE, tmp_path / "october"))
    (folder / "estimate.csv").write_text(examples("csv")[0], encoding="utf-8")
    assert seal_snapshot(folder) == ["estimate"]
    rows = records(read_snapshot(folder).tables["estimate"])
    assert [(row["component"], row["estimated_cost"]) for row in rows] == [
        ("Compute", Decimal(12000)),
        ("Databases", Decimal("3500.50")),
        ("Storage, backups included", Decimal(900)),
    ]


def test_readme_example_of_rules_can_be_read(tmp_path):
    path = tmp_path / "component_rule.csv"
    path.write_text(examples("csv")[1], encoding="utf-8")
    rows = records(read_table(path, COMPONENT_RULE))
    for row in rows:
        for name in ("service_pattern", "usage_type_pattern", "tag_pattern", "account_pattern"):
            re.compile(row[name])
        assert set(filter(None, row["charge_kinds"].split("|"))) <= set(CHARGE_KINDS)
    assert re.fullmatch(rows[2]["usage_type_pattern"], "USW2-EBS:VolumeUsage.gp3")


def test_readme_example_of_a_placement_can_be_read(tmp_path):
    path = tmp_path / "placement.csv"
    path.write_text(examples("csv")[2], encoding="utf-8")
    frame = read_table(path, PLACEMENT)
    assert set(examples("csv")[2].splitlines()[0].split(",")) == {
        *PLACEMENT.key,
        *PLACEMENT.required,
    }
    assert expected_crossing(frame, 3).crossing_ratio == Fraction(2, 3)  # as the sample


def test_readme_examples_of_needs_and_rules_can_be_read(tmp_path):
    need, policy = tmp_path / "storage_need.csv", tmp_path / "lifecycle_policy.csv"
    need.write_text(examples("csv")[3], encoding="utf-8")
    policy.write_text(examples("csv")[4], encoding="utf-8")
    rows = records(read_table(need, STORAGE_NEED))
    assert [(row["prefix"], row["is_live"], row["read_slo_ms"]) for row in rows] == [
        ("partitions/", True, Decimal(62)),
        ("logs/", False, Decimal(86_400_000)),  # a day
    ]
    (row,) = records(read_table(policy, LIFECYCLE_POLICY))
    (rule,) = policy_of(row["lifecycle"]).rules
    assert (rule.prefix, rule.transitions) == ("logs/", (Transition("GLACIER", 90),))


def test_readme_example_of_waivers_by_name_can_be_read(tmp_path):
    """A name with a colon and blanks is one cell."""
    block = re.search(r"^    waiver_id,.*\n(?:    .*\n)+", readme(), re.MULTILINE)
    path = tmp_path / "evidence_waiver.csv"
    path.write_text(block[0].replace("    ", ""), encoding="utf-8")
    rows = records(read_table(path, EVIDENCE_WAIVER))
    assert [row["thing_name"] for row in rows] == [
        "break-glass",
        "sg-0a1b web: tcp 443 from 0.0.0.0/0",
    ]
    checks = {row["check_id"] for row in records(read_reference_tables()["evidence_check"])}
    assert {row["check_id"] for row in rows} <= checks
    assert not any(waiver_fault(row, row["granted_date"]) for row in rows)


# date, interface's zone, direction, from, to, bytes, action, status
RECORDS = [
    ("2025-10-01", "az1", "egress", "10.0.0.1", "10.0.1.1", 100, "ACCEPT", "OK"),  # az1 to az2
    ("2025-10-01", "az2", "ingress", "10.0.0.1", "10.0.1.1", 100, "ACCEPT", "OK"),  # seen again
    ("2025-10-01", "az2", "egress", "10.0.1.1", "10.0.0.1", 7, "ACCEPT", "OK"),  # az2 to az1
    ("2025-10-01", "az1", "egress", "10.0.0.2", "10.0.0.1", 50, "ACCEPT", "OK"),  # inside az1
    ("2025-10-01", "az1", "egress", "10.0.0.2", "10.0.9.9", 3, "ACCEPT", "OK"),  # no one logs it
    ("2025-10-01", "az1", "egress", "10.0.0.1", "203.0.113.9", 900, "ACCEPT", "OK"),  # internet
    ("2025-10-01", "az1", "egress", "10.0.0.1", "10.0.1.1", 40, "REJECT", "OK"),
    ("2025-10-01", "-", "-", "-", "-", None, "-", "NODATA"),
    ("2025-10-02", "az1", "egress", "10.0.0.1", "10.0.1.1", 5, "ACCEPT", "OK"),  # silent that day
    ("2025-11-01", "az1", "egress", "10.0.0.1", "10.0.0.2", 1, "ACCEPT", "OK"),  # another month
]


def test_readme_query_counts_each_byte_once_and_finds_the_other_zone(tmp_path):
    (query,) = examples("sql")
    lake = duckdb.connect()
    lake.execute(
        'CREATE TABLE vpc_flow_logs ("date" date, az_id text, flow_direction text, srcaddr text, '
        "dstaddr text, bytes bigint, action text, log_status text)"
    )
    lake.executemany("INSERT INTO vpc_flow_logs VALUES (?, ?, ?, ?, ?, ?, ?, ?)", RECORDS)
    path = tmp_path / "zone_flow.csv"
    lake.execute(f"COPY ({query}) TO '{path}' (HEADER)")
    frame = read_table(path, ZONE_FLOW)
    found = {
        (row["charge_period_start"].day, row["source_zone_id"], row["destination_zone_id"]): row[
            "moved_bytes"
        ]
        for row in records(frame)
    }
    assert found == {
        (1, "az1", "az1"): 50,
        (1, "az1", "az2"): 100,
        (1, "az2", "az1"): 7,
        (1, "az1", ""): 3,
        (2, "az1", ""): 5,
    }
    # 107 of 157 known bytes cross; of two days.
    share = flow_share(frame)
    assert share is not None
    assert (round(share.crossing_pct, 2), share.covered_days) == (Decimal("68.15"), 2)


def test_readme_example_of_a_new_table_can_be_sealed_and_read(tmp_path):
    folder = Path(shutil.copytree(paths.SAMPLE, tmp_path / "october"))
    manifest = read_manifest(folder)
    del manifest["tables"]["estimate"]
    manifest["tables"].update(json.loads(examples("json")[0]))
    (folder / "snapshot.json").write_text(json.dumps(manifest), encoding="utf-8")
    (folder / "estimate.csv").write_text(examples("csv")[0], encoding="utf-8")
    assert seal_snapshot(folder) == ["estimate"]
    snapshot = read_snapshot(folder)
    assert len(snapshot.tables["estimate"]) == 3
    assert snapshot.source_of("estimate") == "budget of the platform team, 1 October"


def test_readme_example_columns_are_those_that_are_needed():
    header = examples("csv")[0].splitlines()[0].split(",")
    assert set(header) == {*ESTIMATE.key, *ESTIMATE.required}


def test_renewed_refuses_a_page_without_the_sections():
    with pytest.raises(ValueError, match="0 sections named sample"):
        renewed("# The data\n")


def test_grid_escapes_a_bar():
    assert grid(["a"], [["x|y"]]) == "| a |\n| --- |\n| x\\|y |\n"


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit(f"usage: {sys.argv[0]} --write")
    README.write_text(renewed(readme()), encoding="utf-8")
