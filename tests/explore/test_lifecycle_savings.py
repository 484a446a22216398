"""The panel on lifecycle rules: what is typed is linted, priced, and copied as the parameter."""

from __future__ import annotations

import json
import shlex
from decimal import Decimal as D

import pytest

from prismlib.analyses.lifecycle import LifecycleResults, analyse_lifecycle, compare_policies
from prismlib.analyses.lifecycle_basis import LifecycleBasis
from prismlib.analyses.lifecycle_findings import judge_lifecycle
from prismlib.analyses.lifecycle_inputs import LifecycleInputs, LifecycleSettings
from prismlib.analyses.lifecycle_proposals import SET_HERE
from prismlib.explore.lifecycle_savings import NOT_SETTINGS, explore
from prismlib.explore.panel import Panel
from prismlib.paths import SAMPLE
from prismlib.report import blocks
from prismlib.sources.prices import read_reference_tables
from prismlib.sources.snapshots import read_snapshot
from prismlib.tables import records

DATA = read_snapshot(SAMPLE)
INPUTS = LifecycleInputs.of(
    DATA.tables,
    read_reference_tables(DATA.tables),
    as_of=DATA.as_of,
    are_objects_synthetic=DATA.is_synthetic_table("object_cohort"),
    objects_source=DATA.source_of("object_cohort"),
)
NOW = [
    {
        "ID": "now",
        "Status": "Enabled",
        "Filter": {"Prefix": "partitions/"},
        "Transitions": [{"Days": 0, "StorageClass": "GLACIER_IR"}],
    }
]


@pytest.fixture(scope="module")
def panel() -> Panel:
    return explore(DATA, {"months": 12})


def lines(panel: Panel, slot: str) -> list[list[float]]:
    figure = json.loads(panel.parts[slot].data["figure"])
    return [trace["y"] for trace in figure["data"]]


def words(panel: Panel, slot: str) -> str:
    return json.dumps(panel.parts[slot].message(), ensure_ascii=False)


def analysed(panel: Panel) -> tuple[LifecycleSettings, LifecycleResults]:
    given = {n: v for n, v in panel.parameters.items() if n not in NOT_SETTINGS}
    settings = LifecycleSettings.of(**given)
    return settings, analyse_lifecycle(INPUTS, settings)


def test_it_opens_with_the_first_rules_that_are_proposed(panel: Panel) -> None:
    panel.change({})
    assert json.loads(panel.values["policy"])[0]["Id"] == "TransitionToGlacier"
    assert panel.parameters["policy"] == ""
    lint = words(panel, "lint")
    assert "the live data of partitions/" in lint
    assert "Id is no key that S3 knows" in lint
    assert "must be answered within 62" in lint


def test_what_the_edited_rules_save_is_worked_out_by_hand(panel: Panel) -> None:
    panel.change({"policy": json.dumps(NOW)})
    # 189,000 GB in 64,000 objects, all in Standard: 51,200 x 0.023 + 137,800 x 0.022 = 4,209.20;
    # in Glacier Instant Retrieval 189,000 x 0.004 = 756, and once 64 x 0.02 = 1.28 for the moves
    saved = lines(panel, "edited")[0]
    assert saved[1] == pytest.approx(4209.20 - 756 - 1.28, abs=1e-6)
    assert saved[2] - saved[1] == pytest.approx(4209.20 - 756, abs=1e-6)


def test_typing_is_answered_with_the_line_of_the_fault(panel: Panel) -> None:
    panel.change({"policy": '[{"ID": "a",\n  "Status": "Enabled"\n  "Filter": {}}]'})
    assert "line 3" in words(panel, "lint")
    assert "cannot be read" in words(panel, "lint")
    assert "edited" not in panel.parts


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"Transitions": [{"Days": 10, "StorageClass": "STANDARD_IA"}]}, "before 30 days"),
        ({"Transitions": [{"Days": 0, "StorageClass": "ICE"}]}, "Nothing can be moved to ICE"),
        ({"Expiration": {"Days": 30}}, "the live data of partitions/"),
        (
            {"Transitions": [{"Days": 90, "StorageClass": "GLACIER"}]},
            "a read fails until a restore",
        ),
        ({"Transition": []}, "is no key that S3 knows"),
    ],
)
def test_what_s3_or_the_readers_would_not_take_is_said(
    panel: Panel, rule: dict[str, object], said: str
) -> None:
    head = {"ID": "x", "Status": "Enabled", "Filter": {"Prefix": "partitions/"}}
    panel.change({"policy": json.dumps([{**head, **rule}])})
    assert said in words(panel, "lint")


def test_the_copied_parameters_give_what_is_on_the_screen(panel: Panel) -> None:
    panel.move(policy=json.dumps(NOW, indent=1), reads_per_month=0.5, months=18)
    named = shlex.split(panel.command())
    assert f"policy={json.dumps(NOW, indent=1)}" in named
    assert {"reads_per_month=0.5", "months=18"} <= set(named)
    settings, results = analysed(panel)
    assert settings.reads_per_month == D("0.5")
    found = judge_lifecycle(INPUTS, settings, results)
    assert panel.parts["findings"].data["html"] == blocks.findings_html(found)
    assert SET_HERE in [case.name for case in results.cases]
    (mine,) = (row for row in records(results.outcomes) if row["policy_name"] == SET_HERE)
    # one set compared alone comes to what it comes to beside the others
    alone = compare_policies(LifecycleBasis(INPUTS), settings, [SET_HERE])
    assert alone.cases[0].simulation.total_cost == results.cases[-1].simulation.total_cost
    assert records(alone.outcomes)[0]["whole_effect"] == mine["whole_effect"]
    assert lines(panel, "edited")[0][-1] == pytest.approx(float(mine["whole_effect"]))


def test_rules_as_they_are_proposed_are_no_parameter(panel: Panel) -> None:
    proposed = next(c for c in panel.screen.specs if c["name"] == "policy")["default"]
    panel.change({"policy": proposed, "months": 12})
    assert "-p policy" not in panel.command() and "policy=" not in panel.command()
