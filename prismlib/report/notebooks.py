"""Which notebooks there are, what parameters each declares, and what each is given.

papermill itself only warns about an unknown parameter and never looks at a type, so both are
checked here, before the first notebook starts. Types come from the annotations of the cell tagged
``parameters``: an account id annotated as ``str`` keeps its leading zero.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import papermill

from prismlib.errors import ParameterError, ReportError
from prismlib.parameters import validate

RESERVED = {"snapshot": "--snapshot", "as_of": "--week"}
"""Parameters that the report sets itself, and the option that decides them."""


@dataclass(frozen=True)
class Parameter:
    """A parameter as the notebook declares it; `type` is its annotation."""

    name: str
    type: str
    default: str
    help: str


@dataclass(frozen=True)
class Notebook:
    """A notebook file and the parameters that it declares."""

    path: Path
    title: str
    parameters: Mapping[str, Parameter]
    cells: int

    @property
    def name(self) -> str:
        """Return the file's name without its ending."""
        return self.path.stem


def read_notebooks(folder: Path, only: Sequence[str] = ()) -> list[Notebook]:
    """Return the notebooks of a folder by name, or just those named in `only`."""
    paths = {path.stem: path for path in sorted(folder.glob("*.ipynb"))}
    for name in only:
        if name not in paths:
            raise ParameterError("only", name, expected="one of " + ", ".join(paths))
    if not paths:
        raise ReportError(str(folder), "holds no notebook", expected="files named *.ipynb")
    return [_read_notebook(path) for name, path in paths.items() if not only or name in only]


def _read_notebook(path: Path) -> Notebook:
    try:
        node = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
        declared = papermill.inspect_notebook(str(path))
    except (ValueError, AttributeError, nbformat.ValidationError) as error:
        raise ReportError(path.stem, "is not a readable notebook", seen=str(error)) from error
    if "snapshot" not in declared:
        raise ReportError(
            path.stem,
            "does not declare the parameter snapshot",
            expected='a cell tagged "parameters" with the line: snapshot: str = "data/sample"',
        )
    parameters = {
        name: Parameter(name, str(p["inferred_type_name"]), str(p["default"]), str(p["help"]))
        for name, p in declared.items()
    }
    return Notebook(path, title_of(node, path.stem), parameters, len(node.cells))


def title_of(node: nbformat.NotebookNode, default: str) -> str:
    """Return the first heading of a notebook."""
    for cell in node.cells:
        if cell.cell_type == "markdown" and (match := re.match(r"#\s+(.+)", cell.source)):
            return match[1].strip()
    return default


def bind(notebooks: Sequence[Notebook], values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return, for each notebook, those of `values` that it declares, checked and converted.

    Raises
    ------
    ParameterError
        No notebook declares a name, a value is not of the annotated type, or it is out of range.
    """
    for name, value in values.items():
        if name in RESERVED:
            raise ParameterError(
                name, value, expected=f"the option {RESERVED[name]}, which sets {name} for all"
            )
        if not any(name in notebook.parameters for notebook in notebooks):
            raise ParameterError(
                name, value, expected="a parameter that a notebook declares" + _known(notebooks)
            )
    return {
        notebook.name: {
            name: _checked(notebook.parameters[name], value)
            for name, value in values.items()
            if name in notebook.parameters
        }
        for notebook in notebooks
    }


def _known(notebooks: Iterable[Notebook]) -> str:
    """Return a line for each parameter that can be set, with its type, default and help."""
    known = {
        p.name: f"\n    {p.name}: {p.type} = {p.default}  {p.help}".rstrip()
        for notebook in notebooks
        for p in notebook.parameters.values()
        if p.name not in RESERVED
    }
    return "".join(known.values())


def _checked(parameter: Parameter, value: Any) -> Any:
    converted = value
    if parameter.type in _CONVERTERS:
        try:
            converted = _CONVERTERS[parameter.type](value)
        except ValueError:
            raise ParameterError(
                parameter.name,
                value,
                expected=f"a value of type {parameter.type}",
                remedy=parameter.help,
            ) from None
    validate(parameter.name, converted)
    return converted


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError
    return value


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError
    return int(value)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError
    return float(value)


def _flag(value: Any) -> bool:
    words = {"true": True, "false": False}
    if isinstance(value, bool):
        return value
    if str(value).lower() not in words:
        raise ValueError
    return words[str(value).lower()]


_CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "str": _text,
    "int": _whole,
    "float": _number,
    "bool": _flag,
}
