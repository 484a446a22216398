"""What was explored, as the commands that render it.

Only what differs from the notebook's own parameters is named: that is what a command would use
where nothing is said.
"""

from __future__ import annotations

import ast
import json
import re
import shlex
from collections.abc import Mapping
from typing import Any

from prismlib import paths

OPTIONS = {"snapshot": "--snapshot"}
"""Parameters that `prism report` sets by an option of its own."""


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
    """Return the command that renders the report of `values`."""
    words = ["prism", "report", "--only", notebook]
    for name, value in changed(notebook, values).items():
        if name in OPTIONS:
            words += [OPTIONS[name], str(value)]
        elif name != "as_of":
            words += ["-p", f"{name}={value}"]
    return shlex.join(words)


def papermill_command(notebook: str, values: Mapping[str, Any]) -> str:
    """Return the command that runs the notebook alone with `values`."""
    words = ["papermill", f"notebooks/{notebook}.ipynb", f"{notebook}.ipynb"]
    for name, value in changed(notebook, values).items():
        words += [_papermill_option(value), name, str(value)]
    return shlex.join(words)


def _papermill_option(value: Any) -> str:
    """Return the option that keeps the type: ``-p`` makes a number of whatever looks like one."""
    looks_typed = re.fullmatch(r"(?i)[-+0-9.e_]+|true|false|none|nan|inf(inity)?|", str(value))
    return "-r" if isinstance(value, str) and looks_typed else "-p"
