from __future__ import annotations

import functools
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from prismlib import __version__, cli
from prismlib.paths import SAMPLE
from prismlib.report import render

PRISM = [sys.executable, "-c", "from prismlib.cli import main; main()"]
Run = Callable[..., int]


@pytest.fixture
def run(notebooks: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs the command on the toy notebooks and gives its exit status."""
    toys = functools.partial(render.render_report, notebooks_dir=notebooks)
    monkeypatch.setattr(render, "render_report", toys)

    def call(*arguments: str | Path) -> int:
        monkeypatch.setattr(sys, "argv", ["prism", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert isinstance(ended.value.code, int)
        return ended.value.code

    return call


def test_report_prints_where_it_is_and_what_it_found(
    run: Run, snapshot: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = run("report", "--snapshot", snapshot, "--out", tmp_path, "-p", "repeats=2", "-p",
                 "account_id=012345678901", "--only", "toy", "--week", "2025-W46")  # fmt: skip
    out, err = capsys.readouterr()
    assert status == 0
    assert f"Report 2025-W46: {tmp_path / '2025-W46' / 'index.html'}" in out
    assert "2 findings in " in out
    assert "1 contradicts, 1 unknown" in out
    assert "critical: The total is $200 short." in out
    assert [line.split(" after")[0] for line in err.splitlines()] == [
        "toy: started",
        "toy: finished",
    ]


def test_report_of_bills_keeps_their_snapshot(
    run: Run,
    snapshot: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from prismlib.sources import bill_snapshot

    seen: list[object] = []

    def make(bills: list[Path], path: Path, *, estimate: Path, components: Path) -> Path:
        seen.extend([bills, estimate, components])
        return Path(shutil.copytree(snapshot, path))

    monkeypatch.setattr(bill_snapshot, "snapshot_from_bills", make)
    status = run("report", "--costs", "a.csv", "b.csv", "--estimate", "e.csv", "--out", tmp_path)
    assert status == 0
    assert seen == [[Path("a.csv"), Path("b.csv")], Path("e.csv"), None]
    assert (tmp_path / "2025-W46" / "snapshot" / "snapshot.json").is_file()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["report", "--nope"], "Unknown option"),
        (["report", "extra"], "Unused"),
        (["report", "--jobs", "many"], "many"),
        (["report", "--jobs", "0"], "1 or more"),
        (["report", "-p", "tolerance_pct"], "NAME=VALUE"),
        (["report", "-p", "tolerance=3"], "tolerance_pct"),
        (["report", "-p", "tolerance_pct=much"], "float"),
        (["report", "--week", "46"], "2025-W46"),
        (["report", "--only", "other"], "one of toy"),
        (["report", "--snapshot", "a", "--costs", "b"], "not with --costs"),
        (["report", "--estimate", "e.csv"], "only together with --costs"),
        (["report", "--snapshot", "nowhere"], "no snapshot here"),
        (["report", "--costs", "nowhere.csv"], "nowhere.csv"),
        (["check", "nowhere"], "no snapshot here"),
        (["nonsense"], "nonsense"),
    ],
)
def test_bad_usage_and_bad_input_give_2(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    if arguments[0] == "report":
        arguments = [*arguments, "--out", str(tmp_path / "reports")]
    assert run(*arguments) == 2
    out, err = capsys.readouterr()
    assert message in err
    assert "Traceback" not in err
    assert not out
    assert not (tmp_path / "reports").exists()


def test_failed_notebook_gives_1_and_a_traceback_only_on_demand(
    run: Run, add_notebook: Callable[..., Path], tmp_path: Path, snapshot: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    add_notebook("toy", "raise KeyError('[red]')")
    arguments = ("report", "--snapshot", snapshot, "--out", tmp_path / "reports")
    assert run(*arguments) == 1
    err = capsys.readouterr().err
    assert "toy, cell 3: KeyError: '[red]'" in err
    assert "Traceback" not in err
    assert run(*arguments, "--debug") == 1
    assert "Traceback" in capsys.readouterr().err


def test_check_and_seal(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = shutil.copytree(SAMPLE, tmp_path / "sample")
    assert run("check", folder) == 0
    estimate = folder / "estimate.csv"
    estimate.write_text(estimate.read_text("utf-8").replace("16000", "16001"), "utf-8")
    capsys.readouterr()
    assert run("check", folder) == 2
    assert "--seal" in capsys.readouterr().err
    assert run("check", folder, "--seal") == 0
    assert "sealed: estimate" in capsys.readouterr().out
    assert run("check", folder) == 0


def test_version_and_help_are_fast_and_light() -> None:
    check = (
        "import sys; from prismlib import cli; heavy = {'papermill', 'nbconvert', 'pandas'};"
        "sys.exit(bool(heavy & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
    done = subprocess.run([*PRISM, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == __version__
    started = time.monotonic()
    done = subprocess.run([*PRISM, "report", "--help"], capture_output=True, text=True, check=True)
    assert "--costs" in done.stdout
    assert time.monotonic() - started < 3  # 0.2 s on an idle machine


SLOW = """
import os, pathlib, time
pathlib.Path(os.environ["PRISM_TEST_PID"]).write_text(str(os.getpid()))
time.sleep(60)
"""

STOPPABLE = """
import functools, pathlib, sys
from prismlib import cli
from prismlib.report import render
folder = pathlib.Path(sys.argv.pop())
render.render_report = functools.partial(render.render_report, notebooks_dir=folder)
cli.main()
"""


def test_ctrl_c_publishes_nothing_and_leaves_no_kernel(
    add_notebook: Callable[..., Path], snapshot: Path, tmp_path: Path
) -> None:
    folder = add_notebook("toy", SLOW).parent
    out, pid_file = tmp_path / "reports", tmp_path / "pid"
    arguments = ["report", "--snapshot", str(snapshot), "--out", str(out), str(folder)]
    process = subprocess.Popen(
        [sys.executable, "-c", STOPPABLE, *arguments],
        env={**os.environ, "PRISM_TEST_PID": str(pid_file)},
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not (pid_file.exists() and pid_file.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert "nothing was published" in err
    assert "Traceback" not in err
    assert [path.name for path in out.iterdir()] == []
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid_file.read_text()), 0)
