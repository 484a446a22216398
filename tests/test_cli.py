from __future__ import annotations

import errno
import functools
import io
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from prismlib import __version__, cli
from prismlib.paths import SAMPLE
from prismlib.report import render
from prismlib.report.execute import Progress

BILL = Path(__file__).parent / "data" / "bills" / "focus_1_2.csv"
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
    from prismlib.sources import given_files

    seen: list[object] = []

    def make(bills: list[Path], path: Path, *, estimate: Path, components: Path) -> Path:
        seen.extend([bills, estimate, components])
        return Path(shutil.copytree(snapshot, path))

    monkeypatch.setattr(given_files, "snapshot_from_bills", make)
    status = run("report", "--costs", "a.csv", "b.csv", "--estimate", "e.csv", "--out", tmp_path)
    assert status == 0
    assert seen == [[Path("a.csv"), Path("b.csv")], Path("e.csv"), None]
    assert (tmp_path / "2025-W46" / "snapshot" / "snapshot.json").is_file()


@pytest.mark.parametrize("has_base", [True, False])
def test_report_of_an_inventory_keeps_its_snapshot(
    run: Run, snapshot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_base: bool
) -> None:
    from prismlib.sources import given_files

    seen: list[object] = []

    def make(inventory: list[Path], path: Path, *, base: Path | None) -> Path:
        seen.extend([inventory, base])
        return Path(shutil.copytree(snapshot, path))

    monkeypatch.setattr(given_files, "snapshot_with_inventory", make)
    base = ["--snapshot", snapshot] if has_base else []
    assert run("report", *base, "--inventory", "manifest.json", "--out", tmp_path) == 0
    assert seen == [[Path("manifest.json")], snapshot if has_base else None]
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
        (["report", "--costs"], "--costs"),
        (["report", "--drill"], "--drill"),
        (["report", "--drill", "nowhere.csv"], "nowhere.csv"),
        (["report", "--inventory"], "manifest.json"),
        (["report", "--inventory", "nowhere.json"], "nowhere.json"),
        (["report", "--inventory", "a", "--costs", "b"], "not with --costs"),
        (["report", "-p", "repeats=1", "--costs", "--week", "2025-W46"], "--costs"),
        (["report", "--only"], "--only"),
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


@pytest.mark.parametrize("make", [Path.touch, lambda path: path.symlink_to(path)])
def test_place_that_cannot_be_written_to_gives_2(
    run: Run, snapshot: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    make: Callable[[Path], None],
) -> None:  # fmt: skip
    out = tmp_path / "out"
    make(out)
    assert run("report", "--snapshot", snapshot, "--out", out) == 2
    err = capsys.readouterr().err
    assert "parameter --out is not usable" in err
    assert "report it" not in err


def test_full_disk_gives_1_and_says_so(
    run: Run, snapshot: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    def refuse(path: Path, text: str) -> None:
        try:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        except OSError as error:
            raise RuntimeError("could not write") from error

    monkeypatch.setattr(render, "_write", refuse)
    assert run("report", "--snapshot", snapshot, "--out", tmp_path / "out") == 1
    err = capsys.readouterr().err
    assert "the disk is full" in err
    assert "toy.html" in err
    assert "report it" not in err
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("name", [None, "cost.csv"])
def test_full_disk_names_a_place_only_if_it_is_known(name: str | None) -> None:
    error = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), name)
    lines = cli._words(error).splitlines()
    assert lines[1] == "  seen: No space left on device" + (f": {name}" if name else "")


def test_full_disk_while_sealing_gives_1_and_keeps_the_old_seal(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(shutil.copytree(SAMPLE, tmp_path / "sample"))
    before = (folder / "snapshot.json").read_bytes()
    estimate = folder / "estimate.csv"
    estimate.write_text(estimate.read_text("utf-8").replace("16000", "16001"), "utf-8")
    write = Path.write_text

    def refuse(path: Path, text: str, **named: str) -> int:
        write(path, text[:20], **named)  # type: ignore[arg-type]
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr(Path, "write_text", refuse)
    assert run("check", folder, "--seal") == 1
    assert "the disk is full" in capsys.readouterr().err
    assert (folder / "snapshot.json").read_bytes() == before
    assert {path.name for path in folder.iterdir()} == {path.name for path in SAMPLE.iterdir()}


def test_check_names_a_table_that_is_not_sealed_and_seals_it(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(shutil.copytree(SAMPLE, tmp_path / "sample"))
    flow = "charge_period_start,charge_period_end,source_zone_id,destination_zone_id,moved_bytes\n"
    (folder / "zone_flow.csv").write_text(f"{flow}2025-10-01,2025-10-02,a,b,5\n", "utf-8")
    (folder / "notes.txt").touch()
    assert run("check", folder) == 2
    assert "zone_flow.csv: is no part of the snapshot" in capsys.readouterr().err
    assert run("check", folder, "--seal") == 0
    out, err = capsys.readouterr()
    assert "sealed: zone_flow" in out
    assert "note: notes.txt: is no part of the snapshot" in err


def test_check_names_a_rule_that_would_end_the_report(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(shutil.copytree(SAMPLE, tmp_path / "sample"))
    rules = "priority,component,usage_type_pattern\n1,Disks,.*(EBS:|Timed[Storage.*\n"
    (folder / "component_rule.csv").write_text(rules, "utf-8")
    assert run("check", folder, "--seal") == 2
    assert "rule with priority 1 is not a regular expression" in capsys.readouterr().err


def test_check_of_a_table_that_is_gone_says_the_way_out(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(shutil.copytree(SAMPLE, tmp_path / "sample"))
    (folder / "estimate.csv").unlink()
    assert run("check", folder) == 2
    assert "take estimate out of the tables in snapshot.json" in capsys.readouterr().err


def test_check_of_what_cannot_be_read_gives_2(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shutil.copytree(SAMPLE, tmp_path / "sample")
    is_open = Path.open

    def refuse(path: Path, *given: str, **named: str) -> object:
        if path.name == "estimate.csv":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return is_open(path, *given, **named)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refuse)
    for arguments in (("check", folder), ("check", folder, "--seal")):
        assert run(*arguments) == 2
        assert "estimate.csv: cannot be read" in capsys.readouterr().err


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


def test_a_terminal_that_cannot_redraw_gets_a_line_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bars would show nothing at all on it."""
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=100, _environ={"TERM": "dumb"})
    monkeypatch.setattr(cli, "errors", console)
    with cli._progress() as show:
        show(Progress("cost_variance", "started", 0, 9))
        show(Progress("cost_variance", "finished", 9, 9, 1.5))
    assert out.getvalue() == "cost_variance: started\ncost_variance: finished after 1.5 s\n"


def test_version_and_help_load_nothing_heavy() -> None:
    check = (
        "import sys; from prismlib import cli; heavy = {'papermill', 'nbconvert', 'pandas'};"
        "sys.exit(bool(heavy & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
    done = subprocess.run([*PRISM, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == __version__
    done = subprocess.run([*PRISM, "report", "--help"], capture_output=True, text=True, check=True)
    assert "--costs" in done.stdout


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


@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopped_run_publishes_nothing_and_leaves_no_kernel_and_no_bill(
    add_notebook: Callable[..., Path], tmp_path: Path, sent: signal.Signals, status: int
) -> None:
    folder = add_notebook("toy", SLOW, at=2).parent
    out, pid_file, temporary = tmp_path / "reports", tmp_path / "pid", tmp_path / "tmp"
    temporary.mkdir()
    arguments = ["report", "--costs", str(BILL), "--out", str(out), str(folder)]
    process = subprocess.Popen(
        [sys.executable, "-c", STOPPABLE, *arguments],
        env={**os.environ, "PRISM_TEST_PID": str(pid_file), "TMPDIR": str(temporary)},
        stderr=subprocess.PIPE,
        text=True,
        # A shell that runs the tests in the background has them ignore what Ctrl+C sends.
        preexec_fn=functools.partial(signal.signal, sent, signal.SIG_DFL),
    )
    deadline = time.monotonic() + 60
    while not (pid_file.exists() and pid_file.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [*temporary.glob("prism-bills-*/*/cost.csv")]
    process.send_signal(sent)
    _, err = process.communicate(timeout=30)
    assert process.returncode == status, err
    assert "nothing was published" in err
    assert "Traceback" not in err
    assert [path.name for path in out.iterdir()] == []
    assert [*temporary.glob("prism-*")] == []
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid_file.read_text()), 0)


def test_line_items_go_without_options_of_an_account(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ("pull", "--line-items", tmp_path, "--out", tmp_path / "out")
    assert run(*command, "--max-usd", "2") == 2
    assert "not with --line-items" in capsys.readouterr().err
    assert run(*command) == 2
    assert "no bill files" in capsys.readouterr().err


def test_line_items_become_a_snapshot(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "data" / "BILLING_PERIOD=2025-10"
    place.mkdir(parents=True)
    shutil.copy(BILL, place)
    command = ("pull", "--line-items", tmp_path / "data", "--month", "2025-10")
    assert run(*command, "--out", tmp_path / "out", "--dry-run") == 0
    assert f"1 files, {BILL.stat().st_size:,} bytes" in capsys.readouterr().out
    assert not (tmp_path / "out").exists()
    assert run(*command, "--out", tmp_path / "out") == 0
    assert run("check", tmp_path / "out") == 0
