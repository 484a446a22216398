from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_output

from prismlib import paths
from prismlib.errors import ParameterError, ReportError, SnapshotError, SourceError
from prismlib.findings import Verdict
from prismlib.report import notebooks as notebook_files
from prismlib.report import pages
from prismlib.report.collect import collect
from prismlib.report.execute import Progress
from prismlib.report.render import Report, render_report
from prismlib.sources.bill_snapshot import snapshot_from_bills
from prismlib.sources.snapshots import Description, read_snapshot, tables_of, write_snapshot

Add = Callable[..., Path]


@pytest.fixture
def render(tmp_path: Path, notebooks: Path, snapshot: Path) -> Callable[..., Report]:
    def call(**options: Any) -> Report:
        given = {"out_dir": tmp_path / "reports", "notebooks_dir": notebooks, **options}
        return render_report(given.pop("snapshot_dir", snapshot), **given)

    return call


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory, toy_notebook: Path, snapshot: Path) -> Report:
    """Return a report of the toy notebook; tests only read it."""
    return render_report(
        snapshot,
        out_dir=tmp_path_factory.mktemp("toy") / "reports",
        notebooks_dir=toy_notebook.parent,
        parameters={"account_id": "012345678901"},
    )


def contents(folder: Path) -> dict[str, str]:
    """Return the hash of every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_report_is_whole_and_renders_the_same_twice(
    toy: Report, render: Callable[..., Report], tmp_path: Path
) -> None:
    steps: list[Progress] = []
    first = contents(toy.path)
    assert set(first) == {
        "index.html", "toy.html", "findings.json", "manifest.json", "prism-2025-W46.xlsx",
        "notebooks/toy.ipynb",
    }  # fmt: skip
    again = render(on_progress=steps.append, parameters={"account_id": "012345678901"})
    assert [step.state for step in steps if step.state != "running"] == ["started", "finished"]
    assert [finding.verdict for finding in again.findings] == [
        Verdict.CONTRADICTS,
        Verdict.UNKNOWN,
    ]
    second = contents(again.path)
    assert {name for name in first if first[name] != second[name]} == {"manifest.json"}
    assert {path.name for path in (tmp_path / "reports").iterdir()} == {"2025-W46"}


def test_pages_show_data_as_text_and_no_code(toy: Report) -> None:
    page = (toy.path / "toy.html").read_text("utf-8")
    shown = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)  # the page's own
    assert "alert(1)</script>" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "=HYPERLINK(&quot;x&quot;)" in shown
    assert "account 012345678901" in shown  # annotated str: it is no number
    assert "import" not in shown and "widget cell" not in shown
    assert len(page) < 2_500_000
    index = toy.index.read_text("utf-8")
    assert "<script" not in index
    for text in ("The month cost", "toy.html", "Its volume would be needed", "Weekly summary"):
        assert text in index


def test_no_path_of_this_machine_in_a_report(toy: Report, snapshot: Path) -> None:
    for file in toy.path.rglob("*"):
        if file.suffix in (".html", ".json", ".ipynb"):
            text = file.read_text("utf-8")
            for place in (paths.ROOT, snapshot.parent, toy.path.parent):
                assert str(place) not in text, file
    node = nbformat.read(toy.path / "notebooks" / "toy.ipynb", as_version=4)
    nbformat.validate(node)
    assert "papermill" not in node.metadata


def test_workbook_holds_numbers_as_numbers_and_formulas_as_text(toy: Report) -> None:
    with zipfile.ZipFile(toy.path / "prism-2025-W46.xlsx") as book:
        names = re.findall(r'<sheet name="([^"]+)"', book.read("xl/workbook.xml").decode())
        sheet = book.read("xl/worksheets/sheet3.xml").decode()
        texts = book.read("xl/sharedStrings.xml").decode()
    assert names == ["Summary", "Findings", "Components", "Provenance"]
    assert "<v>1000.5</v>" in sheet
    assert "<f>" not in sheet
    assert "=HYPERLINK(" in texts
    assert 'state="frozen"' in sheet


def test_manifest(toy: Report) -> None:
    manifest = json.loads((toy.path / "manifest.json").read_text("utf-8"))
    assert manifest["week"] == "2025-W46"
    assert manifest["notebooks"]["toy"]["parameters"] == {
        "snapshot": "toy",
        "as_of": "2025-11-16",
        "account_id": "012345678901",
    }
    assert set(manifest["snapshot"]["tables"]) == {"estimate"}
    assert manifest["packages"]["plotly"]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"tolerance": 3}, "tolerance_pct: float = 10.0  budget tolerance"),
        ({"tolerance_pct": "much"}, "a value of type float"),
        ({"tolerance_pct": -1}, "from 0 to 1000"),
        ({"repeats": "1.5"}, "a value of type int"),
        ({"repeats": True}, "a value of type int"),
        ({"is_final": "perhaps"}, "a value of type bool"),
        ({"account_id": 12345678901}, "a value of type str"),
        ({"snapshot": "elsewhere"}, "--snapshot"),
    ],
)
def test_unusable_parameter_is_refused_before_anything_runs(
    render: Callable[..., Report], tmp_path: Path, parameters: dict[str, Any], expected: str
) -> None:
    steps: list[Progress] = []
    with pytest.raises(ParameterError) as refused:
        render(parameters=parameters, on_progress=steps.append)
    assert expected in str(refused.value)
    assert refused.value.exit_code == 2
    assert not steps
    assert not (tmp_path / "reports").exists()


def test_bind_converts_by_annotation(notebooks: Path) -> None:
    given = {"account_id": "012345678901", "tolerance_pct": "5", "repeats": "2", "is_final": "true"}
    values = notebook_files.bind(notebook_files.read_notebooks(notebooks), given)["toy"]
    assert values == {
        "account_id": "012345678901", "tolerance_pct": 5.0, "repeats": 2, "is_final": True
    }  # fmt: skip


def test_unknown_notebook_week_or_snapshot_is_refused(
    render: Callable[..., Report], tmp_path: Path
) -> None:
    with pytest.raises(ParameterError, match="one of toy"):
        render(only=["other"])
    with pytest.raises(ParameterError, match="2025-W40 to 2025-W46"):
        render(week="2025-W47")
    with pytest.raises(ParameterError, match="ISO week"):
        render(week="46")
    with pytest.raises(SnapshotError):
        render(snapshot_dir=tmp_path)


def test_earlier_week_is_seen_on_its_sunday_and_compared(render: Callable[..., Report]) -> None:
    earlier = render(week="2025-W45")
    page = (earlier.path / "toy.html").read_text("utf-8")
    assert "as of 2025-11-09" in page
    changes = json.loads((earlier.path / "findings.json").read_text("utf-8"))
    changes[0]["value"] = changes[0]["value"] + 1
    (earlier.path / "findings.json").write_text(json.dumps(changes), "utf-8")
    index = (render().path / "index.html").read_text("utf-8")
    assert "Compared with 2025-W45" in index
    assert "value changed" in index


FAILING = "fail_here = 1\nraise ZeroDivisionError('no baseline')"


def test_failing_cell_leaves_the_old_report_alone(
    render: Callable[..., Report], add_notebook: Add, tmp_path: Path
) -> None:
    old = contents(render().path)
    add_notebook("bad", FAILING, at=5)
    with pytest.raises(ReportError) as failed:
        render()
    error = failed.value
    assert (error.notebook, error.cell_index, error.exit_code) == ("bad", 5, 1)
    assert "ZeroDivisionError: no baseline" in str(error)
    assert "fail_here = 1" in str(error)
    kept = tmp_path / "reports" / "failed" / "2025-W46" / "bad.ipynb"
    assert str(kept) in str(error) and kept.is_file()
    assert contents(tmp_path / "reports" / "2025-W46") == old
    add_notebook("bad")
    render()
    assert not kept.exists()


REFUSING = """
from prismlib.errors import SchemaError
raise SchemaError("COST", "has no rows", expected="a charge", remedy="export it again")
"""


def test_input_refused_by_a_notebook_keeps_its_words_and_exit_code(
    render: Callable[..., Report], add_notebook: Add
) -> None:
    add_notebook("toy", REFUSING)
    with pytest.raises(ReportError) as refused:
        render()
    assert refused.value.exit_code == 2
    assert "COST: has no rows\n  expected: a charge\n  what to do: export it again" in str(
        refused.value
    )


def test_kernel_that_dies_is_named(render: Callable[..., Report], add_notebook: Add) -> None:
    add_notebook("toy", "import os; os._exit(3)")
    with pytest.raises(ReportError, match="toy: its kernel ended"):
        render()


Node = nbformat.NotebookNode


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda node: node.cells.__delitem__(4), "one answer"),
        (lambda node: node.cells.append(node.cells[4]), "one answer"),
        (lambda node: node.cells[6].update(outputs=[]), "tagged chart"),
        (lambda node: node.cells[6].outputs[0].update(metadata={}), "neither id nor description"),
        (lambda node: node.cells.append(node.cells[7]), "page element id twice"),
        (lambda node: node.cells.__delitem__(9), "no finding"),
        (lambda node: node.cells[8].outputs.append(new_output("error")), "an error among"),
    ],
)
def test_page_that_is_not_whole_is_refused(
    toy: Report, spoil: Callable[[Node], None], expected: str
) -> None:
    node = nbformat.read(toy.path / "notebooks" / "toy.ipynb", as_version=4)
    collect("toy", "Toy", node)
    spoil(node)
    with pytest.raises(ReportError, match=expected):
        collect("toy", "Toy", node)


def test_page_too_large_to_mail_is_refused(toy: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    node = nbformat.read(toy.path / "notebooks" / "toy.ipynb", as_version=4)
    frame = pages.Frame("2025-W46", "", "", "", "", (), "")
    monkeypatch.setattr(pages, "MAX_BYTES", 1_000_000)
    with pytest.raises(ReportError, match="too large to be mailed"):
        pages.page_html(collect("toy", "Toy", node), frame)


def test_same_finding_id_in_two_notebooks_is_refused(
    render: Callable[..., Report], add_notebook: Add
) -> None:
    path = add_notebook("twin")
    path.write_text(path.read_text("utf-8").replace("twin.total", "toy.total"), "utf-8")
    with pytest.raises(ReportError, match=r"finding id toy\.total is already used"):
        render()


def test_notebook_that_cannot_be_given_a_snapshot_is_refused(
    render: Callable[..., Report], add_notebook: Add
) -> None:
    add_notebook("toy", "as_of: str = ''", at=1)
    with pytest.raises(ReportError, match="parameter snapshot"):
        render()


def test_only_names_what_is_left_out(render: Callable[..., Report], add_notebook: Add) -> None:
    add_notebook("other")
    report = render(only=["other"])
    assert not (report.path / "toy.html").exists()
    assert "Not part of this report: toy." in (report.path / "index.html").read_text("utf-8")


def test_snapshot_can_be_kept_in_the_report(render: Callable[..., Report]) -> None:
    report = render(keep_snapshot=True)
    assert (report.path / "snapshot" / "snapshot.json").is_file()


# --- where it goes --------------------------------------------------------------------------------


def test_what_is_no_report_is_not_replaced(render: Callable[..., Report], tmp_path: Path) -> None:
    place = tmp_path / "reports" / "2025-W46"
    place.mkdir(parents=True)
    assert render().path == place  # an empty folder is free
    (place / "note.txt").write_text("of a report, so replaced", "utf-8")
    assert not (render().path / "note.txt").exists()
    thesis = place / "thesis.txt"
    for manifest in (None, "{}", "[]", "1", "{"):
        (place / "manifest.json").unlink()
        thesis.write_text("years of work", "utf-8")
        if manifest is not None:
            (place / "manifest.json").write_text(manifest, "utf-8")
        with pytest.raises(ParameterError, match=r"2025-W46 is free") as refused:
            render()
        assert refused.value.exit_code == 2
        assert thesis.read_text("utf-8") == "years of work"
        (place / "manifest.json").touch()


def test_what_appears_while_a_report_is_made_is_not_replaced(
    render: Callable[..., Report], tmp_path: Path
) -> None:
    thesis = tmp_path / "reports" / "2025-W46" / "thesis.txt"

    def write(step: Progress) -> None:
        thesis.parent.mkdir(exist_ok=True)
        thesis.write_text("years of work", "utf-8")

    with pytest.raises(ParameterError, match=r"2025-W46 is free"):
        render(on_progress=write)
    assert [path.name for path in thesis.parent.iterdir()] == ["thesis.txt"]


def test_files_beside_half_run_notebooks_stay(
    render: Callable[..., Report], add_notebook: Add, tmp_path: Path
) -> None:
    add_notebook("toy", "1 / 0")
    with pytest.raises(ReportError):
        render()
    failed = tmp_path / "reports" / "failed" / "2025-W46"
    (failed / "thesis.txt").write_text("years of work", "utf-8")
    add_notebook("toy")
    render()
    assert [path.name for path in failed.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("case", ["file", "below a file", "/proc", "circle", "week is a file",
                                  "week is a link"])  # fmt: skip
def test_place_that_cannot_be_written_to_is_refused_before_anything_runs(
    render: Callable[..., Report], tmp_path: Path, case: str
) -> None:
    out = tmp_path / "out"
    match case:
        case "file":
            out.touch()
        case "below a file":
            out.touch()
            out /= "reports"
        case "/proc":
            out = Path("/proc/prism")
        case "circle":
            out.symlink_to(out)
        case "week is a file":
            out.mkdir()
            (out / "2025-W46").touch()
        case "week is a link":
            out.mkdir()
            (out / "2025-W46").symlink_to(tmp_path)
    steps: list[Progress] = []
    with pytest.raises(ParameterError, match="--out") as refused:
        render(out_dir=out, on_progress=steps.append)
    assert refused.value.exit_code == 2
    assert not steps


def test_snapshot_that_cannot_be_read(
    render: Callable[..., Report], snapshot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    circle = tmp_path / "circle"
    circle.symlink_to(circle)
    with pytest.raises(SourceError, match=r"circle: (cannot be read|no snapshot here)"):
        render(snapshot_dir=circle)
    is_open = Path.open

    def refuse(path: Path, *given: Any, **named: Any) -> Any:
        if path.name == "estimate.csv":
            raise PermissionError(13, "Permission denied", str(path))
        return is_open(path, *given, **named)

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(SourceError, match=r"estimate\.csv: cannot be read"):
        render()


# --- which month ----------------------------------------------------------------------------------

WITH_PERIOD = """
snapshot: str = "data/sample"  # folder of a snapshot
as_of: str = ""  # day
account_id: str = ""  # account
period: str = ""  # month
baseline: str = "auto"  # baseline
actuals: str = "auto"  # actuals
"""


@pytest.fixture
def bill(tmp_path: Path) -> Path:
    """Return a snapshot that holds a bill of October and no table for one month alone."""
    source = Path(__file__).parent.parent / "data" / "bills" / "focus_1_2.csv"
    return snapshot_from_bills([source], tmp_path / "bill")


def test_period_of_a_bill_is_that_of_the_parameter(
    render: Callable[..., Report], add_notebook: Add, bill: Path
) -> None:
    path = add_notebook("toy", WITH_PERIOD, at=1)
    node = nbformat.read(path, as_version=4)
    node.cells[2].source = node.cells[2].source.replace(
        'data.tables["estimate"]',
        "__import__('pandas').DataFrame({'component': ['x'], 'note': ['y'],"
        " 'estimated_cost': [None]})",
    )
    nbformat.write(node, path)
    report = render(snapshot_dir=bill, parameters={"period": "2025-09"}, week="2025-W37")
    for name in ("index.html", "toy.html"):
        assert "<dd>2025-09</dd>" in (report.path / name).read_text("utf-8")
    with pytest.raises(ParameterError, match="2025-W36 to 2025-W40"):
        render(snapshot_dir=bill, parameters={"period": "2025-09"}, week="2025-W35")
    report = render(snapshot_dir=bill, parameters={"period": ""})
    assert "<dd>2025-10</dd>" in report.index.read_text("utf-8")


def test_another_month_than_that_of_an_estimate_or_statement_is_refused(
    render: Callable[..., Report], add_notebook: Add
) -> None:
    add_notebook("toy", WITH_PERIOD, at=1)
    with pytest.raises(ParameterError, match="2025-10: the table estimate") as refused:
        render(parameters={"period": "2025-09"})
    assert "baseline=previous_month" in str(refused.value)
    render(parameters={"period": "2025-10"})
    render(parameters={"period": "2025-09", "baseline": "none"}, week="2025-W46")
    other = {"period": "2025-09", "baseline": "none"}
    with pytest.raises(ParameterError, match="the table stated_actual"):
        render(snapshot_dir=paths.SAMPLE, parameters=other)


def test_page_without_an_amount_names_no_month_of_costs(toy: Report, tmp_path: Path) -> None:
    """A snapshot of drills alone has nothing in a currency; one with a cost says of which month."""
    known = tables_of(read_snapshot(paths.SAMPLE))
    about = Description("drills", "Drills", "2025-10", date(2025, 11, 16), "USD")
    tables = {name: known[name] for name in ("drill", "drill_event")}
    drills = write_snapshot(tmp_path / "drills", about, tables)
    made = render_report(drills, out_dir=tmp_path / "reports", only=("dr_timeline",))
    for page in (made.index, made.path / "dr_timeline.html"):
        text = page.read_text("utf-8")
        assert "Costs of" not in text and "amounts in" not in text
    text = toy.index.read_text("utf-8")
    assert "<dt>Costs of</dt><dd>2025-10</dd>" in text and "amounts in USD" in text
