"""The panel of a notebook: controls on the left, what they decide on the right, the rest below.

A panel is one widget. Its controls are HTML inputs, because the sliders of ipywidgets have no name
that a screen reader could say, and because one message then carries the state of all of them.

A change is answered in two phases, so that the hand never waits for what it does not look at. The
`first` pieces of a `View` are drawn at once; the `later` ones piece by piece once the hand rests,
and a new change cancels what is left of them. `compute` is given the notebook's parameters and
nothing else: whatever is on the screen follows from what can be copied out of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from prismlib.charts.drawing import unchecked
from prismlib.errors import PrismError
from prismlib.explore import copying
from prismlib.explore.controls import Control, pushed
from prismlib.explore.parts import Part
from prismlib.explore.screen import Screen

REST_S = 0.4
"""How long the hand must rest before the later pieces are made."""
BETWEEN_S = 0.005
"""The time between two later pieces, in which a new change is taken up."""
SLICE_S = 0.02
"""How long the steps of a piece go on before that time is given."""

Values = Mapping[str, Any]
Piece = Callable[[], Part | Iterator[None] | None]


@dataclass(frozen=True)
class View:
    """What a panel shows for one set of parameters.

    Parameters
    ----------
    first : sequence of functions
        Each makes a part: the answer or a sentence of it, and the one chart that shows the effect.
    later : sequence of functions
        The other charts, tables and findings, in the order in which they stand. One that gives None
        has nothing to show, one that gives an iterator works in its steps.
    controls : sequence of Control, optional
        Where the parameters change what may be set (the months of another snapshot): the controls
        from now on.
    values : mapping, optional
        What some controls are set to by what was computed: a slider that nobody moved shows the
        figure that counts.
    """

    first: Sequence[Piece]
    later: Sequence[Piece] = ()
    controls: Sequence[Control] | None = None
    values: Values = field(default_factory=dict)


class Panel:
    """The controls of a notebook over its results.

    Parameters
    ----------
    notebook : str
        Name of the notebook.
    passed : mapping
        All parameters of the notebook, as it was run.
    controls : sequence of Control
    compute : function
        From all parameters of the notebook to a `View`. What it or a piece raises is shown to the
        reader: a `PrismError` as it reads, anything else as the defect that it is.
    fold : function, optional
        From the values of the controls, by name, to those parameters that they set; by default a
        control sets the parameter of its name.
    """

    def __init__(
        self,
        notebook: str,
        passed: Values,
        controls: Sequence[Control],
        compute: Callable[[Values], View],
        *,
        fold: Callable[[Values], Values] = dict,
    ) -> None:
        self._passed, self._compute = dict(passed), compute
        self._fold = fold
        self._controls = {control.name: control for control in controls}
        self._values = {control.name: control.default for control in controls}
        self._sequence = 0
        self._parts: dict[str, Part] = {}
        self._later: Iterator[Piece] = iter(())
        self._timer: asyncio.TimerHandle | None = None
        self._is_tidied = False
        self.screen = Screen(
            notebook=notebook,
            specs=[control.spec() for control in controls],
            values=self._values,
        )
        self.screen.on_msg(self._on_message)

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """Show the screen where the panel is the last line of a cell."""
        return self.screen._repr_mimebundle_(**options)

    @property
    def notebook(self) -> str:
        """Return the name of the notebook."""
        return str(self.screen.notebook)

    @property
    def values(self) -> dict[str, Any]:
        """Return the values of the controls, by name."""
        return dict(self._values)

    @property
    def parameters(self) -> dict[str, Any]:
        """Return all parameters of the notebook, those of the controls as they stand."""
        return {**self._passed, **self._fold(self.values)}

    @property
    def parts(self) -> dict[str, Part]:
        """Return what is on the screen, by slot."""
        return dict(self._parts)

    def command(self) -> str:
        """Return the command that renders what is on the screen as a report."""
        return copying.report_command(self.notebook, self.parameters)

    def move(self, **values: Any) -> None:
        """Set controls and draw both phases; what a hand does, for tests and for notebooks."""
        self.change(values)
        self.settle()

    def change(self, values: Values) -> None:
        """Set controls and draw the first phase; the later one follows when the hand rests.

        A control that another one clears goes back to nothing, unless `values` sets it as well.
        """
        self._sequence += 1
        self._cancel()
        try:
            self._set(values)
            with _no_collection():
                self._draw()
        except Exception as error:
            self._send("drawn", parts=[], error=_said(error), analysis_ms=0, figure_ms=0)
            self._end()

    def _set(self, values: Values) -> None:
        known = {n: self._controls[n].value(v) for n, v in values.items() if n in self._controls}
        cleared = {name: "" for n in known for name in self._controls[n].clears}
        self._values = pushed(self._controls, {**self._values, **cleared, **known}, known)

    def settle(self) -> None:
        """Draw what is left of the later phase now."""
        while self._draw_piece():
            pass

    # --- the two phases ---------------------------------------------------------------------------

    def _draw(self) -> None:
        started = time.perf_counter()
        view = self._compute(self.parameters)
        analysed = time.perf_counter()
        first = [part for piece in view.first if isinstance(part := _made(piece), Part)]
        ms = {"analysis_ms": analysed - started, "figure_ms": time.perf_counter() - analysed}
        if view.controls is not None and [*view.controls] != [*self._controls.values()]:
            self._renew(view.controls)
        self._values = {**self._values, **view.values}
        self._parts = {part.slot: part for part in first}
        self._send(
            "drawn",
            parts=[part.message() for part in first],
            error="",
            **{name: round(1000 * seconds, 2) for name, seconds in ms.items()},
        )
        self._later = iter([*view.later, self._end])
        self._wait(REST_S)

    def _renew(self, controls: Sequence[Control]) -> None:
        """Take over the controls of a view; a value that it no longer offers falls back."""
        self._values = {c.name: self._values.get(c.name, c.default) for c in controls}
        self._controls = {control.name: control for control in controls}
        self.screen.values = self._values
        self.screen.specs = [control.spec() for control in controls]

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._later = None, iter(())

    def _wait(self, seconds: float) -> None:
        """Have the next piece made by the loop of the kernel; without one, `settle` makes it."""
        with contextlib.suppress(RuntimeError):
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(seconds, self._on_time)

    def _on_time(self) -> None:
        if self._draw_piece():
            self._wait(BETWEEN_S)

    def _draw_piece(self) -> bool:
        """Make and send one later piece; return whether there was one."""
        try:
            piece = next(self._later, None)
            if piece is None:
                return False
            part = _made(piece)
        except Exception as error:  # the pieces after it may rest on it
            self._cancel()
            self._send("failed", error=_said(error))
            self._end()
            return False
        if isinstance(part, Part):
            self._parts[part.slot] = part
            self._send("part", parts=[part.message()])
        elif part is not None:
            self._later = chain(_slices(part), self._later)
        return True

    def _end(self) -> None:
        self._send("settled", order=list(self._parts))
        self.screen.values = self._values  # a message of its own, which no move waits for
        if self._timer is not None:
            self._tidy()

    def _tidy(self) -> None:
        """Collect garbage while the hand rests, the first time all that the notebook has read.

        What is left then stays as long as the panel: it need not be looked through again.
        """
        gc.collect()
        if not self._is_tidied:
            gc.freeze()
            self._is_tidied = True

    # --- messages ---------------------------------------------------------------------------------

    def _send(self, kind: str, **content: Any) -> None:
        if kind == "drawn":
            content["values"] = self.values
            content["commands"] = {} if content["error"] else self._commands()
        self.screen.send({"kind": kind, "sequence": self._sequence, **content})

    def _commands(self) -> dict[str, str]:
        parameters = self.parameters
        return {
            "report": copying.report_command(self.notebook, parameters),
            "papermill": copying.papermill_command(self.notebook, parameters),
        }

    def _on_message(self, _: object, content: Mapping[str, Any], __: object) -> None:
        kind = content.get("kind")
        if kind == "ready":
            self._sequence -= 1  # the same state, drawn again
            self.change({})
        elif kind == "input":
            self._sequence = int(content["sequence"]) - 1
            self.change(content["values"])


def _made(piece: Piece) -> Part | Iterator[None] | None:
    """Return what a piece shows; its chart is that of the report, which plotly checks there."""
    with unchecked():
        return piece()


def _slices(steps: Iterator[None]) -> Iterator[Piece]:
    """Go on with steps, and give a piece that shows nothing whenever others may have their turn."""
    since = time.perf_counter()
    for _ in steps:
        if time.perf_counter() - since > SLICE_S:
            yield lambda: None
            since = time.perf_counter()


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    """Collect garbage after a move, not in it: looking through a notebook takes 50 ms and more."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _said(error: Exception) -> str:
    """Return what the reader is told of an error; what nobody expected goes into the log too."""
    if isinstance(error, PrismError):
        return str(error)
    logging.getLogger(__name__).error("a panel could not be computed", exc_info=error)
    return f"could not be computed: {type(error).__name__}: {error}, this is a defect"


def declared(notebook: str, namespace: Values) -> dict[str, Any]:
    """Return the parameters of a notebook with the values that they have in its namespace."""
    names = copying.declared_parameters(notebook)
    return {name: namespace.get(name, default) for name, default in names.items()}
