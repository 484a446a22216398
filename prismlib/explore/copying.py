"""What was explored, as the commands that render it.

Only what differs from the notebook's own parameters is named: that is what a command would use
where nothing is said.
"""

from __future__ import annotations

import ast
import json
import shlex
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from prismlib import paths

OPTIONS = {"snapshot": "--snapshot"}
"""Parameters that `prism report` sets by an option of its own."""

WORD_BYTES = 120_000
"""What a word of a command may hold: Linux takes 128 kB."""


@cache
def declared_parameters(notebook: str) -> dict[str, Any]:
    """Return the parameters of a notebook and the values that it is committed with."""
    node = json.loads((paths.NOTEBOOKS / f"{notebook}.ipynb").read_text("utf-8"))
    (cell,) = (c for c in node["cells"] if "parameters" in c["metadata"].get("tags", ()))
    return {
        line.target.id: ast.literal_eval(line.value)
        for line in ast.parse("".join(cell["source"])).body
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name) and line.value
    }


def changed(notebook: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of `values` that the notebook is not committed with, in its order."""
    declared = declared_parameters(notebook)
    return {n: values[n] for n in declared if n in values and values[n] != declared[n]}


def report_command(notebook: str, values: Mapping[str, Any]) -> str:
    """Return the command that renders the report of `values`, or a comment that says why not.

    A report is of a week, and the day it asks about follows from that.
    """
    words = ["prism", "report", "--only", notebook]
    found = changed(notebook, values)
    if "as_of" in found:
        return f"# prism report asks about a week, not about {found['as_of']}: take papermill"
    for name, value in found.items():
        words += [OPTIONS[name], str(value)] if name in OPTIONS else ["-p", f"{name}={value}"]
    return _joined(words)


def papermill_command(notebook: str, values: Mapping[str, Any]) -> str:
    """Return the command that runs the notebook alone with `values`."""
    words = ["papermill", f"notebooks/{notebook}.ipynb", f"{notebook}.ipynb"]
    for name, value in changed(notebook, values).items():
        # -p makes a number of whatever Python reads as one, blanks around it or not.
        words += ["-r" if isinstance(value, str) else "-p", name, str(value)]
    return _joined(words)


def _joined(words: Sequence[str]) -> str:
    """Return words as a command; a comment where no command can hold them."""
    longest = max(words, key=lambda word: len(word.encode()))
    if (size := len(longest.encode())) > WORD_BYTES:
        name = longest.partition("=")[0][:20]
        return f"# too long for a command ({name}... has {size:,} bytes): set it in the notebook"
    return shlex.join(words)
