"""The anatomy of every notebook: thin, tagged, in order, without a number typed into prose.

`violations` judges one notebook, so that the tests at the end can show each rule failing on a
notebook spoilt for it. What the cells compute is tested by running them, elsewhere.
"""

import ast
import copy
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from prismlib import paths
from prismlib.errors import ParameterError
from prismlib.parameters import validate

NOTEBOOKS = sorted(paths.NOTEBOOKS.glob("*.ipynb"))

HEADLINE_TAGS = {"headline", "keep_output", "nbval-check-output"}
KNOWN_TAGS = HEADLINE_TAGS | {
    *("parameters", "setup", "load", "check", "answer", "chart", "findings"),
    *("interactive", "skip-execution"),
}
ONCE = ("parameters", "setup", "load", "answer", "headline", "findings")
FIRST = ("parameters", "setup", "load", "answer", "headline")
"""The order in which the code cells begin; checks of the data may stand before the answer."""
CODE_LINES = 14
ANY_LENGTH = {"parameters", "setup"}
NAMES_WITH_DIGITS = {"S3"}
"""Names that prose may use: their digit is no figure."""
EXPLORE = re.compile(r"prismlib\.explore\.[a-z_]+$")
RELATIVE = re.compile(r"\.{1,2}/|~/|(data|notebooks|reports|prismlib|tests)/")


def tags(cell: NotebookNode) -> set[str]:
    return set(cell.metadata.get("tags", []))


def parameters(cell: NotebookNode) -> dict[str, ast.AnnAssign]:
    """Return the annotated assignments of a parameters cell by name."""
    return {
        node.target.id: node
        for node in ast.parse(cell.source).body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }


def parameter_violations(cell: NotebookNode) -> Iterator[str]:
    for line in cell.source.splitlines():
        form = re.fullmatch(r"[a-z][a-z0-9_]*: (str|int|float|bool) = [^#=]+  # \S[^=]*", line)
        if form is None:
            yield f"not 'name: type = literal  # help', or a second equals sign: {line}"
    for name, node in parameters(cell).items():
        try:
            value = ast.literal_eval(node.value)
        except (ValueError, TypeError):
            yield f"{name} is not a literal"
            continue
        if type(value).__name__ != ast.unparse(node.annotation):
            yield f"{name} is annotated {ast.unparse(node.annotation)}, its value is {value!r}"
        try:
            validate(name, value)
        except ParameterError as error:
            yield str(error)
        try:
            validate(name, object())  # a name without a rule lets anything pass
        except ParameterError:
            continue
        yield f"{name} has no rule in prismlib.parameters"


def code_violations(cell: NotebookNode) -> Iterator[str]:
    found = tags(cell)
    lines = len(cell.source.strip().splitlines())
    if lines > CODE_LINES and not found & ANY_LENGTH:
        yield f"a code cell has {lines} lines"
    if any(line.lstrip().startswith(("%", "!", "?")) for line in cell.source.splitlines()):
        yield "a magic or a shell command"
        return
    for node in ast.walk(ast.parse(cell.source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield f"defines {node.name}"
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from import_violations(node, found)
        if isinstance(node, ast.Name) and node.id == "print" and "headline" not in found:
            yield "prints outside the headline cell"
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and RELATIVE.match(node.value) and "parameters" not in found:
            yield f"a relative path: {node.value}"
    if (
        "chart" in found and "display.show(" not in ast.unparse(ast.parse(cell.source))
        # the name as imported, not in a comment or a text
    ):
        yield "a chart cell without display.show"
    if "chart" not in found and "display.show(" in ast.unparse(ast.parse(cell.source)):
        yield "display.show in a cell that is not tagged chart"
    if "headline" not in found and cell.outputs:
        yield "carries an output"


def import_violations(node: ast.Import | ast.ImportFrom, cell_tags: set[str]) -> Iterator[str]:
    """Yield what is wrong with an import; a panel's stands where it runs, so no report loads it."""
    is_of_panel = isinstance(node, ast.ImportFrom) and EXPLORE.match(node.module or "")
    if "interactive" in cell_tags and is_of_panel:
        return
    if "setup" not in cell_tags:
        yield "imports outside the setup cell"
    elif re.search(r"prismlib(\.| import .*\b)explore\b", ast.unparse(node)):
        yield "imports a panel outside its interactive cell"


def order_violations(notebook: NotebookNode) -> Iterator[str]:
    cells = notebook.cells
    if not cells or cells[0].cell_type != "markdown" or not cells[0].source.startswith("# "):
        yield "the first cell is not the title"
    code = [cell for cell in cells if cell.cell_type == "code"]
    for tag in ONCE:
        count = sum(tag in tags(cell) for cell in cells)
        if count != 1:
            yield f"{count} cells are tagged {tag}"
    roles = [next((t for t in FIRST if t in tags(cell)), "") for cell in code]
    begin = [role for role, cell in zip(roles, code, strict=True) if "check" not in tags(cell)]
    if tuple(begin[: len(FIRST)]) != FIRST:
        yield f"the code cells begin with {begin[: len(FIRST)]}"
    text_before = [c for c in cells[1 : cells.index(code[0])] if c.cell_type == "markdown"]
    if text_before:
        yield "text between the title and the parameters"
    counts = [cell.execution_count for cell in code if "skip-execution" not in tags(cell)]
    if any(counts) and counts != list(range(1, len(counts) + 1)):
        yield f"the counts are not of one clean run: {counts}"
    interactive = ["interactive" in tags(cell) for cell in code]
    if interactive != sorted(interactive):
        yield "an interactive cell is not among the last"


def typed_numbers(prose: str) -> list[str]:
    """Return the words with a digit, names apart."""
    found = re.findall(r"\S*\d\S*", prose)
    return [word for word in found if word.strip("*.,:;?()") not in NAMES_WITH_DIGITS]


def violations(notebook: NotebookNode) -> list[str]:
    """Return what is wrong with a notebook, a sentence each."""
    found = list(order_violations(notebook))
    if notebook.metadata.get("kernelspec", {}).get("name") != "python3":
        found.append("the kernel is not named python3")
    for cell in notebook.cells:
        if unknown := tags(cell) - KNOWN_TAGS:
            found.append(f"unknown tags {sorted(unknown)}")
        if cell.cell_type == "markdown":
            if digits := typed_numbers(cell.source):
                found.append(f"a number typed in prose: {digits}")
            continue
        if "parameters" in tags(cell):
            found.extend(parameter_violations(cell))
        if "headline" in tags(cell) and not tags(cell) >= HEADLINE_TAGS:
            found.append("the headline cell is not kept and checked")
        if ("interactive" in tags(cell)) != ("skip-execution" in tags(cell)):
            found.append("an interactive cell would run in the report, or a static one would not")
        found.extend(code_violations(cell))
    return found


# --- the notebooks --------------------------------------------------------------------------------


def test_there_are_notebooks():
    assert NOTEBOOKS
    names = [path.stem for path in NOTEBOOKS]
    assert all(re.fullmatch(r"[a-z][a-z_]*", name) for name in names), names


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_keeps_the_anatomy(path):
    assert violations(nbformat.read(path, as_version=4)) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_is_valid_and_its_ids_are_unique(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_reads_the_sample_by_default(path):
    notebook = nbformat.read(path, as_version=4)
    (cell,) = (cell for cell in notebook.cells if "parameters" in tags(cell))
    default = ast.literal_eval(parameters(cell)["snapshot"].value)
    assert paths.resolve(default) == paths.SAMPLE


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_names_each_chart_and_table_once(path):
    notebook = nbformat.read(path, as_version=4)
    ids = [
        keyword.value.value
        for cell in notebook.cells
        if cell.cell_type == "code"
        for call in ast.walk(ast.parse(cell.source))
        if isinstance(call, ast.Call)
        for keyword in call.keywords
        if keyword.arg == "id"
    ]
    assert ids
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in ids)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_uses_every_parameter(path):
    """papermill hands over a parameter that nobody reads without a word."""
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    (declared,) = (parameters(cell) for cell in code if "parameters" in tags(cell))
    used = {
        node.id
        for cell in code
        for node in ast.walk(ast.parse(cell.source))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    assert set(declared) - used == set()


# --- the checker finds what it is for -------------------------------------------------------------


def code(source: str, *cell_tags: str) -> NotebookNode:
    return new_code_cell(source, metadata={"tags": list(cell_tags)} if cell_tags else {})


PANEL = "from prismlib.explore.cost_variance import explore\n\nexplore(data, globals())"


@pytest.fixture
def good() -> NotebookNode:
    headline = code("print(words.headline(found))", *sorted(HEADLINE_TAGS))
    headline.outputs = [new_output("stream", text="3 claims hold\n")]
    return new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        cells=[
            new_markdown_cell("# Cost\n\nWhat did we spend?"),
            code('snapshot: str = "data/sample"  # folder of the snapshot', "parameters"),
            code("from prismlib import paths\nfrom prismlib.report import display", "setup"),
            code("data = read_snapshot(paths.resolve(snapshot))", "load"),
            code("display.table(data.provenance)", "check"),
            code("display.answer(found)", "answer"),
            headline,
            new_markdown_cell("## Why"),
            code('display.show(figure, id="why", alt="why")', "chart"),
            code("display.findings(found)", "findings"),
            code(PANEL, "interactive", "skip-execution"),
        ],
    )


TITLE, PARAMETERS, SETUP, LOAD, CHECK, ANSWER, HEADLINE, TEXT, CHART, FINDINGS, PLAY = range(11)


def set_source(n: int, source: str) -> Callable[[NotebookNode], None]:
    return lambda notebook: notebook.cells[n].update(source=source)


def set_tags(n: int, *names: str) -> Callable[[NotebookNode], None]:
    return lambda notebook: notebook.cells[n].metadata.update(tags=list(names))


def test_violations_of_a_good_notebook(good):
    assert violations(good) == []


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda n: n.cells.pop(TITLE), "not the title"),
        (set_source(TITLE, "Cost"), "not the title"),
        (set_source(TITLE, "# Cost of 2025"), "a number typed in prose: ['2025']"),
        (set_source(TEXT, "## Why\n\nIt rose by 5.0%."), "a number typed in prose: ['5.0%.']"),
        (set_source(TEXT, "## S3\n\nS3 holds S3-5."), "a number typed in prose: ['S3-5.']"),
        (lambda n: n.cells.pop(PARAMETERS), "0 cells are tagged parameters"),
        (lambda n: n.cells.append(copy.deepcopy(n.cells[PARAMETERS])), "2 cells are tagged"),
        (lambda n: n.cells.insert(1, new_markdown_cell("More.")), "between the title and"),
        (lambda n: n.cells.insert(2, n.cells.pop(LOAD)), "the code cells begin with"),
        (lambda n: n.cells.insert(4, n.cells.pop(CHART)), "the code cells begin with"),
        (lambda n: n.cells.insert(8, n.cells.pop(PLAY)), "is not among the last"),
        (set_source(PARAMETERS, 'snapshot = "data/sample"  # folder'), "not 'name: type"),
        (set_source(PARAMETERS, 'snapshot: str = "data/sample"'), "not 'name: type"),
        (set_source(PARAMETERS, 'snapshot: str = "a"  # a=b'), "second equals sign"),
        (set_source(PARAMETERS, "snapshot: str = str(paths.X)  # folder"), "is not a literal"),
        (set_source(PARAMETERS, 'limit_pct: float = "10"  # limit'), "annotated float"),
        (set_source(PARAMETERS, "limit_pct: float = -1.0  # limit"), "limit_pct is not usable"),
        (set_source(PARAMETERS, 'colour: str = "red"  # colour'), "colour has no rule"),
        (set_source(LOAD, "import os"), "imports outside the setup cell"),
        (set_source(PLAY, "import os\nexplore(data)"), "imports outside the setup cell"),
        (set_source(PLAY, "from prismlib import paths"), "imports outside the setup cell"),
        (set_source(LOAD, PANEL), "imports outside the setup cell"),
        (set_source(SETUP, PANEL), "a panel outside its interactive cell"),
        (set_source(SETUP, "import prismlib.explore.parts"), "a panel outside its interactive"),
        (set_source(SETUP, "from prismlib import explore"), "a panel outside its interactive"),
        (set_source(LOAD, "def f():\n    return 1"), "defines f"),
        (set_source(LOAD, "class A:\n    x = 1"), "defines A"),
        (set_source(LOAD, "print(data)"), "prints outside the headline"),
        (set_source(LOAD, "%matplotlib inline"), "a magic"),
        (set_source(LOAD, "!pip install x"), "a magic or a shell command"),
        (set_source(LOAD, "data = read('../data/sample')"), "a relative path: ../data/sample"),
        (set_source(LOAD, "data = read('data/sample')"), "a relative path: data/sample"),
        (set_source(LOAD, "x = (\n" + "1,\n" * 13 + ")"), "a code cell has 15 lines"),
        (set_source(CHART, "# display.show(figure)\nfigure"), "a chart cell without"),
        (set_tags(CHART), "not tagged chart"),
        (set_tags(CHART, "chart", "plot"), "unknown tags ['plot']"),
        (set_tags(HEADLINE, "headline"), "not kept and checked"),
        (set_tags(PLAY, "interactive"), "would run in the report"),
        (lambda n: n.cells[LOAD].update(execution_count=3), "not of one clean run"),
        (
            lambda n: n.cells[CHART].update(outputs=[new_output("stream", text="x")]),
            "carries an output",
        ),
        (lambda n: n.metadata["kernelspec"].update(name="venv"), "not named python3"),
        (lambda n: n.metadata.pop("kernelspec"), "not named python3"),
    ],
)
def test_violations_finds(good, spoil, words):
    spoil(good)
    found = violations(good)
    assert any(words in sentence for sentence in found), found


def test_violations_allows_a_long_setup(good):
    good.cells[SETUP].source = "\n".join(f"import a{'b' * n}" for n in range(20))
    assert violations(good) == []


def test_notebooks_folder_holds_notebooks_only():
    others = [p.name for p in Path(paths.NOTEBOOKS).iterdir() if p.suffix != ".ipynb"]
    assert set(others) <= {"README.md", ".ipynb_checkpoints"}
