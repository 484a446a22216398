"""No test reaches the network or an AWS account; toy notebooks and snapshots for the report."""

from __future__ import annotations

import ipaddress
import os
import socket
import textwrap
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import settings
from lab_session import browser, lab, notebook_run  # noqa: F401 - fixtures of several folders
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from prismlib.sources.snapshots import Description, Origin, write_snapshot
from prismlib.tables import ESTIMATE, make

# How long an example takes says something of the machine, not of the code.
settings.register_profile("prism", deadline=None)
settings.load_profile("prism")

SCRIPT = "<script>alert(1)</script>"
FORMULA = '=HYPERLINK("x")'


def _is_local(address: Any) -> bool:
    if not isinstance(address, tuple):
        return True  # a socket file
    if address[0] == "localhost":
        return True
    try:
        return ipaddress.ip_address(address[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    patch = pytest.MonkeyPatch()
    for name in ("connect", "connect_ex"):
        original = getattr(socket.socket, name)

        def guarded(self: socket.socket, address: Any, _original: Any = original) -> Any:
            assert _is_local(address), f"a test tried to reach {address}"
            return _original(self, address)

        patch.setattr(socket.socket, name, guarded)
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        patch.delenv(name)
    # credentials and regions of the person who runs the tests stay out of them
    patch.setenv("AWS_CONFIG_FILE", os.devnull)
    patch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    yield
    patch.undo()


def code(source: str, *tags: str) -> nbformat.NotebookNode:
    """Return a code cell with tags."""
    return new_code_cell(textwrap.dedent(source).strip(), metadata={"tags": list(tags)})


def text(source: str) -> nbformat.NotebookNode:
    """Return a markdown cell."""
    return new_markdown_cell(source)


PARAMETERS = """
snapshot: str = "data/sample"  # folder of a snapshot
as_of: str = ""  # day such as 2025-11-16
account_id: str = "000000000000"  # account, twelve digits
tolerance_pct: float = 10.0  # budget tolerance
repeats: int = 1  # how often
is_final: bool = False  # whether the month is closed
"""

SETUP = """
from decimal import Decimal
from prismlib import paths
from prismlib.findings import Evidence, Finding, Severity, Verdict
from prismlib.report.display import Column, KeyFigure, answer, findings, provenance, show, table
from prismlib.report.display import text
from prismlib.sources.snapshots import read_snapshot
data = read_snapshot(paths.resolve(snapshot))
estimate = data.tables["estimate"]
"""

BODY = """
answer(f"The month cost **$1,200** as of {as_of}.",
       [KeyFigure("Actual", "$1,200", "stated: $1,000", "bad")], ["One point."])
"""

CHART = """
import plotly.graph_objects as go
figure = go.Figure(go.Bar(x=["</script><b>a", "b"], y=[1, 2]), {"title": {"text": "Two <bars>"}})
show(figure, id="bars", alt="Two bars, the second twice the first")
"""

TABLE = """
table(estimate, {"component": Column("Component"), "note": Column("Note"),
                 "estimated_cost": Column("Estimate", "money")}, id="components", title="Parts")
"""

FINDINGS = """
findings([
    Finding("{name}.total", "{name}", "Total", "The total is **$200** short.",
            Severity.CRITICAL, Verdict.CONTRADICTS, Decimal(1200), "USD", Decimal(1000),
            evidence=(Evidence("estimate", len(estimate), "toy"),)),
    Finding("{name}.traffic", "{name}", "Traffic", "Its volume would be needed.",
            Severity.LOW, Verdict.UNKNOWN),
])
"""


def whole_cells(name: str) -> list[nbformat.NotebookNode]:
    """Return the cells of a notebook that makes a good page."""
    return [
        text(f"# Toy {name}\n\nWhat is shown?"),
        code(PARAMETERS, "parameters"),
        code(SETUP, "setup"),
        code(BODY),
        text("## A chart"),
        code(CHART, "chart"),
        code(TABLE),
        code(f"text({SCRIPT!r}); print('account', account_id)"),
        code(FINDINGS.replace("{name}", name)),
        code("provenance(data.provenance)"),
        code("raise SystemError('a widget cell never runs')", "interactive", "skip-execution"),
    ]


def write_notebook(folder: Path, name: str, cells: list[nbformat.NotebookNode]) -> Path:
    """Write a notebook whose cell ids are the same each time."""
    for position, cell in enumerate(cells):
        cell["id"] = f"cell-{position}"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    node = new_notebook(cells=cells, metadata={"kernelspec": kernel})
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.ipynb"
    nbformat.write(node, path)
    return path


Add = Callable[..., Path]


@pytest.fixture
def add_notebook(tmp_path: Path) -> Add:
    """Return a function that adds a notebook to the folder of toys.

    It is whole, but for `source`: what its cell with the answer holds instead.
    """

    def add(name: str, source: str = BODY, *, at: int = 3) -> Path:
        cells = whole_cells(name)
        cells[at] = code(source, *cells[at].metadata["tags"])
        return write_notebook(tmp_path / "notebooks", name, cells)

    return add


@pytest.fixture
def notebooks(add_notebook: Add) -> Path:
    """Return a folder with one good notebook, ``toy``."""
    return add_notebook("toy").parent


@pytest.fixture(scope="session")
def toy_notebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a good notebook, ``toy``, in a folder of its own; tests only read it."""
    return write_notebook(tmp_path_factory.mktemp("toys"), "toy", whole_cells("toy"))


def write_toy_snapshot(path: Path) -> Path:
    """Write a snapshot whose texts try to be markup and a formula."""
    rows = [
        {"component": SCRIPT, "note": FORMULA, "estimated_cost": Decimal("1000.50")},
        {"component": "proxy", "note": "a_b", "estimated_cost": Decimal("199.50")},
    ]
    for row in rows:
        row["billing_currency"] = "USD"
    description = Description(
        name="toy",
        title=f"Toy {SCRIPT}",
        period="2025-10",
        as_of=date(2025, 11, 16),
        billing_currency="USD",
        notes=[f"A note with {SCRIPT}."],
    )
    origin = Origin(source="made for a test", is_synthetic=True)
    return write_snapshot(path, description, {"estimate": (make(ESTIMATE, rows), origin)})


@pytest.fixture(scope="session")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the toy snapshot; tests only read it."""
    return write_toy_snapshot(tmp_path_factory.mktemp("snapshots") / "toy")


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    """Return the address of a moto server on loopback: every service but what it lacks."""
    import logging

    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()
