"""The declarations of what to install agree: pyproject.toml, environment.yml and the two locks."""

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUNTIME = PYPROJECT["project"]["dependencies"]
DEV = PYPROJECT["project"]["optional-dependencies"]["dev"]
BUILD = PYPROJECT["build-system"]["requires"]
RUNTIME_LOCK = ROOT / "requirements.lock"
DEV_LOCK = ROOT / "requirements-dev.lock"

PIN = re.compile(
    r"(?P<pin>[a-z0-9][a-z0-9.-]*==[0-9][a-z0-9.]*( ; [a-z0-9_.'<>=!*() -]+)?) \\", re.I
)
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")


def bounds(requirements: Iterable[str]) -> dict[str, SpecifierSet]:
    """Map each requirement's normalised name to its version bounds, refusing a second mention."""
    parsed = [Requirement(text) for text in requirements]
    named = {canonicalize_name(requirement.name): requirement.specifier for requirement in parsed}
    assert len(named) == len(parsed), "a dependency is declared twice"
    return named


def pins(lock: Path) -> list[Requirement]:
    """Read the `name==version ; marker` lines of a lock."""
    lines = lock.read_text(encoding="utf-8").splitlines()
    return [Requirement(match["pin"]) for line in lines if (match := PIN.fullmatch(line))]


def conda_environment() -> tuple[list[str], list[str]]:
    """Return the conda and the pip requirements of environment.yml."""
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    entries = yaml.safe_load(text)["dependencies"]
    (pip,) = (entry["pip"] for entry in entries if isinstance(entry, dict))
    return [entry for entry in entries if isinstance(entry, str)], pip


def test_conda_declares_the_dependencies_of_pyproject():
    _, pip = conda_environment()
    assert pip[-1] == "-e ."
    assert bounds(pip[:-1]) == bounds(RUNTIME + DEV)


def test_conda_python_lies_within_requires_python():
    conda, _ = conda_environment()
    python = next(Requirement(entry) for entry in conda if entry.startswith("python "))
    assert "pip" in conda
    declared = SpecifierSet(PYPROJECT["project"]["requires-python"])
    minors = [f"3.{minor}" for minor in range(8, 20)]
    in_conda = set(python.specifier.filter(minors))
    assert in_conda
    assert in_conda <= set(declared.filter(minors))
    assert min(in_conda, key=Version) == min(declared.filter(minors), key=Version)


@pytest.mark.parametrize("requirement", [*RUNTIME, *DEV])
def test_every_dependency_has_both_bounds(requirement):
    operators = sorted(spec.operator for spec in Requirement(requirement).specifier)
    assert operators == ["<", ">="]


@pytest.mark.parametrize(
    ("lock", "declared"),
    [(RUNTIME_LOCK, RUNTIME + BUILD), (DEV_LOCK, RUNTIME + DEV + BUILD)],
    ids=["runtime", "dev"],
)
def test_lock_holds_every_direct_dependency_within_its_bounds(lock, declared):
    locked: dict[str, set[str]] = {}
    for pin in pins(lock):
        (spec,) = pin.specifier
        locked.setdefault(canonicalize_name(pin.name), set()).add(spec.version)
    for name, specifier in bounds(declared).items():
        assert name in locked, f"{name} is not in {lock.name}: run make lock"
        outside = [version for version in locked[name] if version not in specifier]
        assert not outside, f"{name} {outside} in {lock.name} is not {specifier}: run make lock"


@pytest.mark.parametrize("lock", [RUNTIME_LOCK, DEV_LOCK], ids=lambda lock: lock.name)
def test_lock_holds_pins_and_hashes_only(lock):
    """No address, host, path or option: the same lock installs from any mirror."""
    previous = "hash"
    for number, line in enumerate(lock.read_text(encoding="utf-8").splitlines(), start=1):
        kind = "pin" if PIN.fullmatch(line) else "hash" if HASH.fullmatch(line) else "other"
        assert kind != "other", f"{lock.name}:{number}: {line}"
        assert (previous, kind) != ("pin", "pin"), (
            f"{lock.name}:{number}: the pin above has no hash"
        )
        previous = kind
    assert previous == "hash"


def test_dev_lock_contains_the_runtime_lock():
    assert {str(pin) for pin in pins(RUNTIME_LOCK)} <= {str(pin) for pin in pins(DEV_LOCK)}


@pytest.mark.parametrize("lock", [RUNTIME_LOCK, DEV_LOCK], ids=lambda lock: lock.name)
def test_lock_leaves_out_the_slow_uri_grammar(lock):
    """rfc3987-syntax adds 1.7 s to every process that reads a notebook; nothing needs it."""
    assert {"rfc3987-syntax", "lark"}.isdisjoint(pin.name for pin in pins(lock))
