"""The panel on cost variance: what is opened, by what, and in which snapshot."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from prismlib import paths
from prismlib.explore.cost_variance import explore
from prismlib.explore.panel import Panel
from prismlib.explore.parts import template
from prismlib.report.charts import without_title
from prismlib.sources.snapshots import read_snapshot

DATA = read_snapshot(paths.SAMPLE)
S3 = "Amazon Simple Storage Service"


@pytest.fixture
def panel() -> Panel:
    panel = explore(DATA, {})
    panel.change({})
    return panel


def bars(panel: Panel, slot: str) -> dict[str, Any]:
    """Return what each bar of a chart opens, by the name of its button."""
    return {one["name"]: one["values"] for one in panel.parts[slot].data["opens"]}


def steps(panel: Panel) -> list[tuple[str, str]]:
    return [(s["text"], s["values"]["opened"]) for s in panel.parts["trail"].data["steps"]]


def test_a_bar_opens_its_services_and_a_service_its_usage_types(panel: Panel) -> None:
    assert steps(panel) == [("All components", "")]
    opens = bars(panel, "variance-waterfall")
    assert len(opens) == 9  # every stated component, those that did not change too
    panel.move(**opens["Open Backup/DR: services"])
    assert steps(panel) == [("All components", ""), ("Backup/DR", "Backup/DR")]
    assert "variance-waterfall" not in panel.parts
    panel.move(**bars(panel, "split")[f"Open {S3}: usage types"])
    assert steps(panel)[-1] == (S3, f"Backup/DR > {S3}")
    assert bars(panel, "split") == {}
    # 12,450 stated: 7,470 of storage and 4,980 of transfer to the other region
    rows = panel.parts["split-groups"].data["rows"]
    assert [row[0] for row in rows] == ["USW2-TimedStorage-ByteHrs", "USW2-USE1-AWS-Out-Bytes"]
    assert [float(row[1]) for row in rows] == [7470, 4980]
    assert panel.command().endswith(f"-p 'opened=Backup/DR > {S3}'")
    panel.move(opened=steps(panel)[1][1])
    assert steps(panel) == [("All components", ""), ("Backup/DR", "Backup/DR")]
    panel.move(opened=steps(panel)[0][1])
    assert "split" not in panel.parts
    assert "variance-waterfall" in panel.parts


def test_each_bar_of_a_chart_is_that_of_its_button(panel: Panel) -> None:
    drawn = panel.parts["variance-waterfall"].data
    for one in drawn["opens"]:
        is_drawn = f'"{one["bar"]}"' in drawn["figure"]
        # what did not change has no step in the waterfall, and a button all the same
        assert is_drawn != (one["text"] in ("Redis EC2 (reserved)", "Proxy EC2 (reserved)",
                                            "PostgreSQL RDS"))  # fmt: skip


def test_another_grouping_closes_what_was_opened(panel: Panel) -> None:
    panel.move(opened="Backup/DR")
    panel.move(grouping="service")
    assert panel.parameters["opened"] == ""
    assert steps(panel) == [("All services", "")]
    assert f"Open {S3}: usage types" in bars(panel, "split")
    panel.move(grouping="component", opened="Monitoring")
    assert steps(panel)[-1] == ("Monitoring", "Monitoring")


def test_only_groupings_that_the_bill_names_are_offered(panel: Panel) -> None:
    (spec,) = (spec for spec in panel.screen.specs if spec["name"] == "grouping")
    # the sample names no account
    assert [v for v, _ in spec["options"]] == ["component", "service", "usage_type", "region"]


class Displayed:
    """What the cells of a notebook display, in the place of `report.display`."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.figures: dict[str, Any] = {}
        self.tables: dict[str, Any] = {}

    def text(self, prose: str) -> None:
        self.texts.append(prose)

    def show(self, figure: Any, *, id: str, alt: str) -> None:
        self.figures[id] = figure

    def table(self, frame: Any, columns: Any, *, id: str, title: str) -> None:
        self.tables[id] = frame


@pytest.mark.parametrize("opened", ["", "Backup/DR", f"Backup/DR > {S3}"])
def test_the_notebook_draws_what_the_panel_draws(panel: Panel, opened: str) -> None:
    node = json.loads((paths.NOTEBOOKS / "cost_variance.ipynb").read_text("utf-8"))
    sources = {c["id"]: "".join(c["source"]) for c in node["cells"] if c["cell_type"] == "code"}
    (split,) = (source for source in sources.values() if "split_cost(" in source)
    displayed, space = Displayed(), {}
    for source in (sources["1"], None, sources["2"], sources["3"], split):
        exec(source or f"opened = {opened!r}", space)
        space["display"] = displayed
    panel.move(opened=opened)
    assert list(displayed.figures) == [slot for slot in panel.parts if slot == "split"]
    assert list(displayed.tables) == [slot for slot in panel.parts if slot == "split-groups"]
    for figure in displayed.figures.values():
        drawn = json.loads(panel.parts["split"].data["figure"])
        whole = json.loads(figure.to_json())
        assert drawn["data"] == whole["data"]
        assert whole["layout"].pop("template") == template()
        assert drawn["layout"] == without_title(whole["layout"])[1]


def test_the_snapshots_beside_the_one_given_can_be_chosen(tmp_path: Path) -> None:
    for name in ("sample", "other", "snapshots/pulled", "broken"):
        shutil.copytree(paths.SAMPLE, tmp_path / name)
    (tmp_path / "broken/snapshot.json").write_text("{", "utf-8")
    (tmp_path / "other/cost.csv").write_text("changed", "utf-8")
    given = str(tmp_path / "sample")
    panel = explore(read_snapshot(tmp_path / "sample"), {"snapshot": given})
    panel.move(opened="Backup/DR", tolerance_pct=3)
    (spec,) = (spec for spec in panel.screen.specs if spec["name"] == "snapshot")
    assert spec["options"] == [
        (given, "sample (2025-10)"),
        (str(tmp_path / "other"), "other (2025-10)"),
        (str(tmp_path / "snapshots/pulled"), "pulled (2025-10)"),
    ]
    panel.move(snapshot=str(tmp_path / "snapshots/pulled"))
    assert panel.parameters["opened"] == ""
    assert panel.parameters["tolerance_pct"] == 3
    assert f"--snapshot {tmp_path / 'snapshots/pulled'}" in panel.command()
    assert "variance-waterfall" in panel.parts
    told: list[Any] = []
    panel.screen.send = lambda message, buffers=None: told.append(message)  # type: ignore[method-assign]
    panel.move(snapshot=str(tmp_path / "other"))
    assert "is not the file that was sealed" in told[0]["error"]
    panel.move(snapshot=given)
    assert told[-1]["kind"] == "settled"
    assert not any(message.get("error") for message in told[2:])


def test_bands_are_judged_without_comparing_again(
    panel: Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("compared again")

    monkeypatch.setattr("prismlib.analyses.cost_comparison.compare_costs", refuse)
    before = panel.parts["change"].data["html"]
    panel.change({"material_amount": 0, "material_pct": 0})
    assert panel.parts["change"].data["html"] != before
