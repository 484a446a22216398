"""What may touch what: import direction, purity of the analyses, docstrings and sizes, by `ast`.

The rules are those of the package's own docstring. `violations` judges the text of one module, so
that the tests at the end can show each rule failing on a module written for it.
"""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

import prismlib

PACKAGE = Path(prismlib.__file__).parent
MODULES = {
    ".".join(("prismlib", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(
        ".__init__"
    ): path
    for path in sorted(PACKAGE.rglob("*.py"))
}

# --- the rules ----------------------------------------------------------------------------------

# Each core module and the core modules that it may import: nothing above itself.
CORE = {
    "errors": set(),
    "paths": set(),
    "assignments": {"errors"},
    "cli_options": {"errors", "paths"},
    "periods": {"errors"},
    "money": set(),
    "publish": set(),
    "formats": {"money"},
    "fields": {"errors", "periods"},
    "currencies": {"errors", "fields", "periods"},
    "tables": {"currencies", "errors", "fields", "money", "periods"},
    "storage_tables": {"currencies", "errors", "fields", "money", "periods", "tables"},
    "readiness_tables": {"currencies", "errors", "fields", "money", "periods", "tables"},
    "evidence_tables": {"currencies", "errors", "fields", "money", "periods", "tables"},
    "evidence_rules": {"currencies", "errors", "fields", "money", "periods", "tables"},
    "reference_tables": {
        *(
            "currencies",
            "errors",
            "evidence_tables",
            "fields",
            "money",
            "periods",
            "readiness_tables",
        ),
        *("slo_tables", "storage_tables", "tables"),
    },
    "result_tables": {"currencies", "errors", "fields", "money", "periods", "tables"},
    "pulled_tables": {"currencies", "errors", "fields", "money", "periods", "tables"},
    "cost_explorer_tables": {"currencies", "errors", "fields", "money", "periods", "tables"},
    "zone_tables": {"currencies", "errors", "fields", "money", "periods", "tables"},
    "dr_tables": {"currencies", "errors", "fields", "money", "periods", "tables"},
    "slo_tables": {"currencies", "errors", "fields", "money", "periods", "tables"},
    "snapshot_tables": {
        *(
            "cost_explorer_tables",
            "currencies",
            "dr_tables",
            "errors",
            "evidence_tables",
            "fields",
            "money",
        ),
        *("periods", "pulled_tables", "readiness_tables", "reference_tables", "slo_tables"),
        *("storage_tables", "tables"),
        "zone_tables",
    },
    "findings": {"errors", "fields", "money", "periods"},
    "parameters": {"currencies", "errors", "fields", "money", "periods", "tables"},
}
# Each layer and the layers that it may import. Nothing but notebooks imports `explore`.
LAYERS = {
    "core": {"core"},
    "sources": {"core", "sources"},
    "analyses": {"core", "analyses"},
    "charts": {"core", "analyses", "charts"},
    "report": {"core", "sources", "analyses", "charts", "report"},
    "narrative": {"core", "analyses", "charts", "report", "narrative"},
    "explore": {"core", "sources", "analyses", "charts", "report", "narrative", "explore"},
    "cli": {"core", "sources", "analyses", "charts", "report", "narrative", "cli"},
}
# Packages from outside that one layer alone may import (the command line drives them all).
RESERVED = {
    "boto3": "sources",
    "botocore": "sources",
    "duckdb": "sources",
    "pyarrow": "sources",
    "pyathena": "sources",
    "sqlglot": "sources",
    "papermill": "report",
    "nbconvert": "report",
    "nbclient": "report",
    "jupyter_client": "report",
    "anywidget": "explore",
    "ipywidgets": "explore",
}
# What would make an analysis depend on more than its arguments.
IMPURE_IMPORTS = {
    *("IPython", "boto3", "botocore", "duckdb", "ipywidgets", "papermill", "plotly", "pyarrow"),
    *("glob", "io", "os", "pathlib", "random", "requests", "shutil", "socket", "subprocess"),
    *("sys", "tempfile", "time", "urllib"),
}
IMPURE_NAMES = {"open", "input", "Path", "print", "exec", "eval"}
IMPURE_ATTRIBUTES = {"now", "utcnow", "today", "environ", "getenv", "to_csv", "to_parquet"}

FILE_LINES = 360
BODY_LINES = 30
LONGER_BODIES = {
    "prismlib.analyses.bill_findings._bill_against_statement": 40,
    "prismlib.analyses.cost_claims._years": 40,
    "prismlib.analyses.rate_origins._rate_origin": 40,
}
"""Bodies above the limit and the most lines that each may have; the list may only shrink."""


# --- the checker ----------------------------------------------------------------------------------


def layer_of(module: str) -> str:
    """Return the layer of ``prismlib.<layer>...``."""
    parts = module.split(".")
    if len(parts) == 1 or parts[1] in CORE:
        return "core"
    return parts[1]


def imports(tree: ast.AST, module: str) -> Iterator[tuple[str, str]]:
    """Yield (module, name) for everything imported anywhere; name is "" for a whole module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = module.rsplit(".", node.level)[0] if node.level else ""
            origin = ".".join(part for part in (package, node.module) if part)
            for alias in node.names:
                # `from prismlib.report import display` imports a module of ours, not a name.
                if f"{origin}.{alias.name}" in MODULES:
                    yield f"{origin}.{alias.name}", ""
                else:
                    yield origin, alias.name


def import_violations(module: str, tree: ast.Module) -> Iterator[str]:
    layer = layer_of(module)
    for origin, name in imports(tree, module):
        root = origin.split(".")[0]
        if RESERVED.get(root, layer) != layer and layer != "cli":
            yield f"only {RESERVED[root]} imports {root}"
        if layer == "analyses" and root in IMPURE_IMPORTS:
            yield f"an analysis imports {root}"
        if root != "prismlib" or origin == "prismlib":
            continue
        other = layer_of(origin)
        if other not in LAYERS.get(layer, ()):
            yield f"{layer} imports {origin}"
        elif layer == other == "core":
            part, other_part = module.split(".")[1], origin.split(".")[1]
            if part != other_part and other_part not in CORE[part]:
                yield f"{module} imports {origin}, which lies above it"
        elif layer == "charts" and other == "analyses" and not name[:1].isupper():
            yield f"a chart imports {origin}.{name}, which is no result type"


def purity_violations(module: str, tree: ast.Module) -> Iterator[str]:
    layer = layer_of(module)
    for node in ast.walk(tree):
        name = node.id if isinstance(node, ast.Name) else ""
        attribute = node.attr if isinstance(node, ast.Attribute) else ""
        if name == "print" and layer != "cli":
            yield "print outside the command line"
        if attribute == "fillna" and layer not in ("report", "cli"):
            yield "fillna makes what is missing a number"
        if layer == "core" and attribute in ("now", "utcnow", "today"):
            yield f"the core reads the clock: {attribute}"
        if layer != "analyses":
            continue
        if name in IMPURE_NAMES and name != "print":
            yield f"an analysis uses {name}"
        if attribute in IMPURE_ATTRIBUTES or attribute.startswith(("read_", "write_")):
            yield f"an analysis uses .{attribute}"


def definitions(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, ast.AST]]:
    """Yield the dotted name and the node of each class and function, nested ones included."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield f"{prefix}{node.name}", node
            yield from definitions(node, f"{prefix}{node.name}.")
        else:
            yield from definitions(node, prefix)


def public_names(tree: ast.Module) -> set[str]:
    """Return what a module or a class of it offers; what a function holds is its own affair."""
    functions = {name for name, node in definitions(tree) if not isinstance(node, ast.ClassDef)}

    def is_public(name: str) -> bool:
        parts = name.split(".")
        outer = {".".join(parts[:n]) for n in range(1, len(parts))}
        return not outer & functions and not any(part.startswith("_") for part in parts)

    return {name for name, _ in definitions(tree) if is_public(name)}


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the lines of a body without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def text_violations(module: str, tree: ast.Module, source: str) -> Iterator[str]:
    if not ast.get_docstring(tree):
        yield "the module has no docstring"
    lines = len(source.splitlines())
    if lines > FILE_LINES:
        yield f"the file has {lines} lines"
    public = public_names(tree)
    for name, node in definitions(tree):
        if name in public and not ast.get_docstring(node):
            yield f"{name} has no docstring"
        if isinstance(node, ast.ClassDef):
            continue
        length = body_lines(node)
        if length > LONGER_BODIES.get(f"{module}.{name}", BODY_LINES):
            yield f"the body of {name} has {length} lines"


def violations(module: str, source: str) -> list[str]:
    """Return what a module does that it must not, a sentence each."""
    tree = ast.parse(source)
    return [
        *import_violations(module, tree),
        *purity_violations(module, tree),
        *text_violations(module, tree, source),
    ]


# --- the package ----------------------------------------------------------------------------------


@pytest.mark.parametrize("module", MODULES)
def test_module_keeps_the_rules(module):
    assert violations(module, MODULES[module].read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_a_layer(module):
    assert layer_of(module) in LAYERS


def test_core_modules_are_all_there():
    present = {module.split(".")[1] for module in MODULES if "." in module}
    assert present - {"__main__"} - set(LAYERS) == set(CORE)


def test_core_rules_have_no_circle():
    """A module may import only modules whose own imports are among its own."""
    for module, allowed in CORE.items():
        for other in allowed:
            assert module not in CORE[other]
            assert CORE[other] <= allowed, (module, other)


def test_package_docstring_draws_the_layers():
    drawing = inspect.getdoc(prismlib)
    assert "tests/test_architecture.py" in drawing
    for line in (
        "tables  <-  sources",
        "tables  <-  analyses",
        "analyses  <-  charts",
        "charts  <-  report",
        "report  <-  narrative",
        "narrative, sources  <-  explore",
        "narrative, explore  <-  notebooks; report, sources  <-  cli",
    ):
        assert line in drawing


def test_exceptions_are_still_needed():
    for name, limit in LONGER_BODIES.items():
        module = name.rsplit(".", 1)[0]
        tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
        found = dict(definitions(tree)).get(name.rsplit(".", 1)[1])
        assert found is not None, f"{name} is gone: take it off LONGER_BODIES"
        lines = body_lines(found)
        assert BODY_LINES < lines <= limit, f"{name}: take it off LONGER_BODIES"


# --- the checker finds what it is for -------------------------------------------------------------

GOOD = '''"""A module."""

from decimal import Decimal

from prismlib.tables import COST


def double(amount: Decimal) -> Decimal:
    """Return twice the amount."""

    def inner() -> Decimal:
        return amount + amount

    return inner()


def _hidden() -> None:
    pass
'''


@pytest.mark.parametrize("layer", ["sources", "analyses", "charts", "report"])
def test_violations_of_a_good_module(layer):
    assert violations(f"prismlib.{layer}.example", GOOD) == []


@pytest.mark.parametrize(
    ("module", "line", "words"),
    [
        ("money", "from prismlib.tables import COST", "prismlib.tables, which lies above it"),
        ("errors", "from prismlib import periods", "prismlib.periods, which lies above it"),
        ("fields", "from . import tables", "prismlib.tables, which lies above it"),
        ("tables", "from prismlib.sources.prices import read_reference", "core imports"),
        ("tables", "from prismlib.analyses import variance", "core imports"),
        ("periods", "from datetime import date; date.today()", "reads the clock"),
        ("sources.example", "from prismlib.analyses import variance", "sources imports"),
        ("sources.example", "from ..report import display", "sources imports"),
        ("analyses.example", "from prismlib.sources import prices", "analyses imports"),
        ("analyses.example", "import prismlib.charts.theme", "analyses imports"),
        ("analyses.example", "from prismlib.report.display import show", "analyses imports"),
        ("analyses.example", "import plotly.graph_objects as go", "analysis imports plotly"),
        ("analyses.example", "import boto3", "only sources imports boto3"),
        ("analyses.example", "from IPython.display import display", "imports IPython"),
        ("analyses.example", "def f():\n    import papermill", "only report imports papermill"),
        ("analyses.example", "import requests", "imports requests"),
        ("analyses.example", "import os", "imports os"),
        ("analyses.example", "from time import time", "imports time"),
        ("analyses.example", "from pathlib import Path", "imports pathlib"),
        ("analyses.example", "x = open('a')", "uses open"),
        ("analyses.example", "x = pd.read_csv('a')", "uses .read_csv"),
        ("analyses.example", "x = datetime.now()", "uses .now"),
        ("analyses.example", "x = date.today", "uses .today"),
        ("analyses.example", "x = os.environ['HOME']", "uses .environ"),
        ("analyses.example", "print(1)", "print outside the command line"),
        ("analyses.example", "x = frame.fillna(0)", "fillna"),
        ("sources.example", "x = frame['cost'].fillna(0)", "fillna"),
        ("charts.example", "from prismlib.report.cells import Column", "charts imports"),
        ("charts.example", "from prismlib.sources import prices", "charts imports"),
        ("charts.example", "from prismlib.analyses.variance import summarise", "no result type"),
        ("charts.example", "from prismlib.analyses import variance", "no result type"),
        ("charts.example", "import nbconvert", "only report imports nbconvert"),
        ("report.example", "import pyarrow.parquet as pq", "only sources imports pyarrow"),
        ("report.example", "from duckdb import connect", "only sources imports duckdb"),
        ("report.example", "from prismlib import cli", "report imports prismlib.cli"),
        ("report.example", "from prismlib.narrative import cost_tables", "report imports"),
        ("narrative.example", "from prismlib.sources import prices", "narrative imports"),
        ("narrative.example", "from prismlib.explore import panel", "narrative imports"),
        ("report.example", "from prismlib.explore import panel", "report imports"),
        ("cli", "from prismlib.explore import panel", "cli imports"),
        ("explore.example", "from prismlib import cli", "explore imports"),
        ("report.example", "import anywidget", "only explore imports anywidget"),
        ("report.example", "print(1)", "print outside the command line"),
        ("report.example", "def shown():\n    return 1", "shown has no docstring"),
        ("report.example", "class Shown:\n    x = 1", "Shown has no docstring"),
        (
            "report.example",
            'class A:\n    """A."""\n    def b(self):\n        return 1',
            "A.b has no docstring",
        ),
        ("report.example", "def _f():\n" + "    x = 1\n" * 31, "body of _f has 31 lines"),
        ("report.example", "x = 1\n" * 358, "the file has 361 lines"),
    ],
)
def test_violations_finds(module, line, words):
    found = violations(f"prismlib.{module}", f'"""A module."""\n\n{line}\n')
    assert any(words in sentence for sentence in found), found


def test_violations_finds_a_missing_docstring():
    assert violations("prismlib.report.example", "x = 1\n") == ["the module has no docstring"]


def test_violations_allows_what_a_layer_is_for():
    line = '"""A module."""\nimport boto3, duckdb\nfrom prismlib import errors\n'
    assert violations("prismlib.sources.example", line) == []
    line = '"""A module."""\nfrom prismlib.analyses.forecast import Forecast\n'
    assert violations("prismlib.charts.example", line) == []
    line = '"""A module."""\nimport papermill\nfrom prismlib.sources import prices\nprint(1)\n'
    assert violations("prismlib.cli", line) == []


def test_body_lines_leaves_out_the_docstring():
    source = 'def f():\n    """One.\n\n    Two.\n    """\n    x = 1\n\n    return x\n'
    assert body_lines(ast.parse(source).body[0]) == 3
