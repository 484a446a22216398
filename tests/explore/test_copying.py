"""Which commands a panel gives to be copied, and when it says that there is none."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable

import pytest

from prismlib.explore import copying
from prismlib.explore.screen import Screen


def test_report_of_another_day_is_left_to_papermill() -> None:
    values = {"as_of": "2025-11-01", "target_minutes": 8.0}
    assert copying.report_command("dr_timeline", values) == (
        "# prism report asks about a week, not about 2025-11-01: take papermill"
    )
    words = shlex.split(copying.papermill_command("dr_timeline", values))
    assert words[3:] == ["-r", "as_of", "2025-11-01", "-p", "target_minutes", "8.0"]


@pytest.mark.parametrize("text", [" 7 ", "１２", "7", "true", "", "two words"])  # noqa: RUF001
def test_text_stays_text_for_papermill(text: str) -> None:
    # papermill's -p makes 7 of " 7 ", and of digits of other scripts.
    words = shlex.split(copying.papermill_command("launch_readiness", {"waive_owner": text}))
    assert words[3:] == (["-r", "waive_owner", text] if text else [])


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (copying.report_command, "# too long for a command (policy... has 140,007 bytes): "),
        (
            copying.papermill_command,
            "# too long for a command (ääääääääääääääääääää... has 140,000",
        ),
    ],
)
def test_text_that_no_command_can_hold_is_said(command: Callable[..., str], said: str) -> None:
    assert command("lifecycle_savings", {"policy": "ä" * 70_000}).startswith(said)


def test_what_a_shell_takes_as_a_word_is_given() -> None:
    command = copying.report_command("lifecycle_savings", {"policy": "x" * 119_000})
    script = f'prism() {{ printf %s "$5" | wc -c; }}; {command}; exec true {"x" * 119_000}'
    assert subprocess.check_output(["bash", "-c", "cat | bash"], input=script, text=True) == (
        f"{len('policy=') + 119_000}\n"
    )


def test_what_stands_where_no_widget_can_be_shown() -> None:
    assert repr(Screen()) == "The controls need a running kernel: run this cell in JupyterLab."
