"""A JupyterLab of the tests' own, and a notebook in it as someone uses it: run all, move, read.

Nothing here sleeps as a proof: every wait is for what the page or the server says of itself.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from prismlib import paths

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SETTINGS = {
    "apputils-extension/themes": {"theme": "JupyterLab Dark"},
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "notebook-extension/tracker": {"windowingMode": "none"},  # every cell is in the page
}
OPTIONS = [
    "--allow-root", "--no-browser", "--ip=127.0.0.1", "--IdentityProvider.token=",
    "--LabApp.extension_manager=readonly", "--ServerApp.port_retries=0",
]  # fmt: skip
IDLE = '.jp-Notebook-ExecutionIndicator[data-status="idle"]'
DARK, LIGHT = "JupyterLab Dark", "JupyterLab Light"
GAVE_UP = "Failed to initialize model"
"""What anywidget says of a model that takes two seconds to load, as on a busy machine."""
LONG = 120_000
"""Milliseconds that a busy machine may take for what an idle one does in a second or two."""

# Run by IPython in each kernel before anything else: a kernel reaches this machine only.
ONLY_LOOPBACK = """
import socket, ipaddress

def _guard(name):
    original = getattr(socket.socket, name)
    def guarded(self, address):
        if isinstance(address, tuple) and address[0] != "localhost":
            assert ipaddress.ip_address(address[0]).is_loopback, f"reached for {address}"
        return original(self, address)
    setattr(socket.socket, name, guarded)

for _name in ("connect", "connect_ex"):
    _guard(_name)
"""


WITH_WINDOW = ("chromium", "chromium-browser", "google-chrome")
WITHOUT_WINDOW = "chromium-headless-shell"
"""The same engine without the toolbars that no test looks at, for two thirds of the time."""


def chromium(*names: str) -> str:
    """Return where Chromium is, by the first name that is installed; "" where none is."""
    return next(filter(None, map(shutil.which, names or WITH_WINDOW)), "")


@contextlib.contextmanager
def running_browser(found: str) -> Iterator[Browser]:
    """Run headless Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return headless Chromium: one for all tests of a process."""
    found = chromium(WITHOUT_WINDOW, *WITH_WINDOW)
    if not found and os.environ.get("PRISM_REQUIRE_BROWSER") != "1":
        pytest.skip("no browser: install chromium (Debian: apt-get install chromium)")
    assert found, "PRISM_REQUIRE_BROWSER=1, but there is no chromium: apt-get install chromium"
    with running_browser(found) as browser:
        yield browser


# --- the server -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Lab:
    """A JupyterLab that serves copies of the notebooks, without anything its user configured."""

    url: str
    folder: Path
    contexts: list[BrowserContext] = field(default_factory=list)
    """The one in which its pages are opened: JupyterLab itself is loaded and compiled once."""

    def page(self, browser: Browser) -> Page:
        """Return a new page."""
        if not self.contexts:
            can = ["clipboard-read", "clipboard-write"]
            self.contexts.append(browser.new_context(permissions=can))
            self.contexts[0].set_default_timeout(LONG)
        return self.contexts[0].new_page()

    def ask(self, path: str, method: str = "GET") -> Any:
        """Return what an address of the server's interface answers."""
        request = urllib.request.Request(f"{self.url}/api/{path}", method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            body = answer.read()
        return json.loads(body) if body else None

    def sessions(self, name: str) -> list[dict[str, Any]]:
        """Return the sessions of a notebook; each has a kernel."""
        return [one for one in self.ask("sessions") if one["path"] == name]

    def end(self, name: str) -> None:
        """End the kernels of a notebook."""
        for session in self.sessions(name):
            with contextlib.suppress(OSError):  # one that is gone already
                self.ask(f"sessions/{session['id']}", "DELETE")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_until_ready(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        assert server.poll() is None, log.read_text("utf-8")
        try:
            urllib.request.urlopen(f"{url}/api", timeout=5).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"JupyterLab does not answer: {log.read_text('utf-8')}")


def _environment(home: Path) -> dict[str, str]:
    """Write what JupyterLab and its kernels read at their start; return where they find it."""
    for name, values in SETTINGS.items():
        file = home / "config/lab/user-settings/@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values), "utf-8")
    startup = home / "ipython/profile_default/startup/only_loopback.py"
    startup.parent.mkdir(parents=True)
    startup.write_text(ONLY_LOOPBACK, "utf-8")
    places = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "IPYTHONDIR": "ipython",
              "JUPYTER_RUNTIME_DIR": "runtime", "HOME": "."}  # fmt: skip
    env = {**os.environ, **{name: str(home / place) for name, place in places.items()}}
    return {**env, "PYTHONPATH": str(paths.ROOT)}


@contextlib.contextmanager
def running_lab(home: Path) -> Iterator[Lab]:
    """Run a JupyterLab whose files are all in `home`: saving a notebook changes a copy."""
    folder, log = home / "notebooks", home / "log"
    folder.mkdir()
    for notebook in paths.NOTEBOOKS.glob("*.ipynb"):
        shutil.copy(notebook, folder)
    port = _free_port()
    command = [sys.executable, "-m", "jupyterlab", *OPTIONS, f"--port={port}", f"{folder}"]
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, env=_environment(home), stdout=output, stderr=subprocess.STDOUT
        )
    try:
        _wait_until_ready(f"http://127.0.0.1:{port}", server, log)
        yield Lab(f"http://127.0.0.1:{port}", folder)
    finally:
        server.terminate()  # ends its kernels too
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


@pytest.fixture(scope="session")
def lab(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Return a running JupyterLab: one for all tests of a process, none without a browser."""
    with running_lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


# --- a notebook in it -----------------------------------------------------------------------------


@dataclass
class OpenNotebook:
    """A notebook in a tab of its own, and what its page asked the network for."""

    lab: Lab
    name: str
    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @classmethod
    def open(cls, browser: Browser, lab: Lab, name: str, *, width: int = 1280) -> OpenNotebook:
        """Open a notebook, and wait until its page has a kernel that is idle."""
        notebook = cls(lab, name, lab.page(browser))
        notebook.page.set_viewport_size({"width": width, "height": 1000})
        notebook.page.on("request", lambda request: notebook.requests.append(request.url))
        notebook.page.on("websocket", lambda socket: notebook.requests.append(socket.url))
        notebook.page.on("pageerror", lambda error: notebook.complaints.append(str(error)))
        notebook.page.goto(f"{lab.url}/lab/tree/{name}?reset")
        notebook.page.wait_for_selector(".jp-Notebook .jp-CodeCell")
        notebook.wait_for_kernel()
        return notebook

    def wait_for_kernel(self) -> None:
        """Wait until the page is connected to a kernel that is idle.

        The page also shows a kernel as idle before there is one; what is run then is lost.
        """
        kernels: list[dict[str, Any]] = []
        for _ in range(LONG // 100):
            kernels = [session["kernel"] for session in self.lab.sessions(self.name)]
            if any(one["connections"] and one["execution_state"] == "idle" for one in kernels):
                self.page.wait_for_selector(IDLE)
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"the page has no kernel that is idle: {kernels}")

    def run_all(self) -> None:
        """Choose Run All Cells, and wait until every cell was run."""
        page = self.page
        page.locator(".jp-CodeCell").first.click()
        page.get_by_text("Run", exact=True).first.click()
        page.locator('.lm-Menu-item[data-command="runmenu:run-all"]').click()
        page.locator(".jp-CodeCell").last.locator(".jp-InputPrompt", has_text="[").wait_for()
        page.wait_for_function(
            "[...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')]"
            ".every((prompt) => /\\[\\d+\\]/.test(prompt.textContent))",
        )
        page.wait_for_selector(IDLE)

    def run_until_panel(self) -> None:
        """Run every cell, again where anywidget gave up, and wait until the panel is there."""
        for _ in range(5):
            self.complaints[:] = [text for text in self.complaints if GAVE_UP not in text]
            self.run_all()
            if self._has_panel():
                return
        raise AssertionError(f"there is no panel: {self.complaints}")

    def _has_panel(self) -> bool:
        """Wait until the panel is in the page, or will never be."""
        for _ in range(LONG // 100):
            if self.page.locator("[data-panel]").count():
                return True
            if any(GAVE_UP in text for text in self.complaints):
                return False
            if self.page.get_by_text(GAVE_UP).count():
                return False
            self.page.wait_for_timeout(100)
        return False

    def use_theme(self, name: str) -> None:
        """Choose a theme from the menu, unless it is in use."""
        if self.page.locator("body").get_attribute("data-jp-theme-name") == name:
            return
        self.page.get_by_text("Settings", exact=True).first.click()
        self.page.locator(".lm-Menu-item", has_text="Theme").first.hover()
        self.page.locator(".lm-Menu-item", has_text=name).first.click()
        self.page.wait_for_selector(f'body[data-jp-theme-name="{name}"]', state="attached")
        self.page.mouse.move(0, 0)

    def saved(self, is_whole: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Save the notebook, and return it as its file has it once `is_whole`."""
        self.page.keyboard.press("Control+s")
        for _ in range(LONG // 100):
            self.page.wait_for_timeout(100)
            with contextlib.suppress(ValueError):  # while it is being written
                node = json.loads((self.lab.folder / self.name).read_text("utf-8"))
                if is_whole(node):
                    return node
        raise AssertionError("the notebook was not saved")

    def strangers(self) -> list[str]:
        """Return the addresses off this machine that the page asked for."""
        inside = {"127.0.0.1", "localhost", "::1"}
        return [
            url
            for url in self.requests
            if urlsplit(url).scheme in ("http", "https", "ws", "wss")
            and urlsplit(url).hostname not in inside
        ]

    def close(self) -> None:
        """Close the page and end its kernel."""
        self.page.close()
        self.lab.end(self.name)


WITH_PANEL = [
    file.stem
    for file in sorted(paths.NOTEBOOKS.glob("*.ipynb"))
    if '"interactive"' in file.read_text("utf-8")
]


@pytest.fixture(scope="session", params=WITH_PANEL)
def notebook_run(
    request: pytest.FixtureRequest, browser: Browser, lab: Lab
) -> Iterator[OpenNotebook]:
    """Return each notebook that has a panel after Run All Cells: one for all tests that read it.

    pytest runs the tests of a notebook in a row, so a test that moves a control moves it back.
    """
    notebook = OpenNotebook.open(browser, lab, f"{request.param}.ipynb")
    notebook.run_until_panel()
    yield notebook
    notebook.close()
