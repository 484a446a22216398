"""The panel on recovery: its controls give the parameters of the notebook and the same figures."""

from __future__ import annotations

import json
import shlex
from decimal import Decimal as D

import pytest

from prismlib.analyses.dr_findings import judge_dr
from prismlib.analyses.dr_inputs import DrInputs, DrSettings
from prismlib.analyses.dr_timeline import analyse_dr
from prismlib.explore.dr_timeline import SETTINGS, explore
from prismlib.explore.panel import Panel
from prismlib.paths import SAMPLE
from prismlib.report import blocks
from prismlib.sources.prices import read_reference_tables
from prismlib.sources.snapshots import read_snapshot

DATA = read_snapshot(SAMPLE)
INPUTS = DrInputs.of(DATA.tables, read_reference_tables(DATA.tables), as_of=DATA.as_of)
MINUTES, COUNTS, WAITS = ("step_minutes|failover|", "counts|failover|", "waits_for|failover|")


@pytest.fixture
def panel() -> Panel:
    return explore(DATA, {"draws": 200})


def bars(panel: Panel, slot: str) -> dict[str, dict[str, float]]:
    """Return the length of each bar in seconds, by the name of the trace and of the step."""
    figure = json.loads(panel.parts[slot].data["figure"])
    return {
        trace["name"]: dict(zip(trace["y"], trace["x"], strict=True))
        for trace in figure["data"]
        if trace["type"] == "bar" and "name" in trace
    }


def test_it_opens_as_the_notebook_stands(panel: Panel) -> None:
    assert panel.values[MINUTES + "load"] == 3
    assert panel.values[COUNTS + "copy"] is False
    assert panel.values[WAITS + "load"] == "command|copy"
    assert "-p step_minutes" not in panel.command()
    assert [panel.parameters[name] for name in ("step_minutes", "waits_for", "left_out")] == [
        ""
    ] * 3


def test_a_run_with_parameters_opens_at_them() -> None:
    panel = explore(DATA, {"step_minutes": "load=12", "left_out": "copy, dns"})
    assert panel.values[MINUTES + "load"] == 12
    assert panel.values[COUNTS + "dns"] is False
    assert panel.parameters["step_minutes"] == "load=12"
    assert panel.parameters["left_out"] == "copy, dns"


def test_controls_fold_into_the_parameters_of_the_notebook(panel: Panel) -> None:
    panel.change({MINUTES + "load": 12, MINUTES + "dns": 0.75, COUNTS + "copy": True})
    panel.change({WAITS + "load": "command", WAITS + "proxies": ""})
    assert panel.parameters["step_minutes"] == "dns=0.75, load=12"
    assert panel.parameters["left_out"] == "none"
    assert panel.parameters["waits_for"] == "load=command, proxies=nothing"
    words = shlex.split(panel.command())
    assert "step_minutes=dns=0.75, load=12" in words
    assert "waits_for=load=command, proxies=nothing" in words


def test_a_longer_load_is_drawn_as_long_as_it_is_set(panel: Panel) -> None:
    panel.move(**{MINUTES + "load": 12})
    drawn = bars(panel, "planned")
    lengths = [s for trace in drawn.values() for y, s in trace.items() if "data load" in y]
    load = lengths[0]
    assert load == 720
    # 480 + 540; with the copy of 1,800
    text = panel.parts["answer"].data["html"]
    assert "17:00" in text and "47:00" in text
    assert "Not as it ran, but as set here" in text


def test_what_is_on_the_screen_is_what_the_library_gives(panel: Panel) -> None:
    panel.move(**{MINUTES + "copy": 12, COUNTS + "copy": True, "target_minutes": 15})
    settings = DrSettings.of(**{name: panel.parameters[name] for name in SETTINGS})
    assert (settings.step_minutes, settings.left_out) == ("copy=12", "none")
    results = analyse_dr(INPUTS, settings)
    # 480 + 720, against 900
    assert results.seconds("published") == D(1200)
    found = judge_dr(INPUTS, results)
    assert panel.parts["findings"].data["html"] == blocks.findings_html(found)


def test_a_wrong_dependency_is_said_and_keeps_the_panel_alive(panel: Panel) -> None:
    sent: list[dict[str, object]] = []
    panel.screen.send = sent.append
    panel.change({WAITS + "load": "nobody"})
    errors = [str(message["error"]) for message in sent if message.get("error")]
    assert len(errors) == 1 and "waits_for" in errors[0] and "nobody" in errors[0]
    panel.change({WAITS + "load": "command"})
    assert "planned" in panel.parts


def test_another_drill_has_its_own_steps(panel: Panel) -> None:
    panel.change({MINUTES + "load": 12})
    panel.change({"drill": "failback"})
    assert panel.parameters["step_minutes"] == ""
    assert panel.values["step_minutes|failback|failback"] == 8.5
