"""The built wheel, installed in a clean environment and run from another directory."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = ("linter", "rules", "schemas", "pyproject.toml", "README.md", "LICENSE", ".gitignore")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "_compiled", ".*_cache")

pytestmark = pytest.mark.slow


def copy_to(folder: Path) -> Path:
    """A clean copy of what a build reads, so that a build never writes into the checkout."""
    for each in SOURCES:
        source = ROOT / each
        if source.is_dir():
            shutil.copytree(source, folder / each, ignore=LEFT_OUT)
        else:
            shutil.copy2(source, folder / each)
    return folder


def build(source: Path, into: Path) -> Path:
    """The wheel of a source tree, made by the hatchling that is installed."""
    done = subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(into)], cwd=source,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return next(into.glob("*.whl"))


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    with TemporaryDirectory(prefix="overgrant-") as folder:
        yield Path(folder).resolve()


@pytest.fixture(scope="module")
def wheel(place: Path) -> Path:
    pytest.importorskip("hatchling")
    (place / "source").mkdir()
    return build(copy_to(place / "source"), place / "dist")


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        assert archive.testzip() is None
        every = archive.namelist()
    assert len(every) == len(set(every))
    return set(every)


def files_below(folder: str) -> set[str]:
    return {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("*")
            if path.is_file() and not {"__pycache__", "_compiled"} & {*path.parts}}


@pytest.mark.parametrize(("folder", "inside"), [
    ("rules/", "overgrant/_data/rules/"),
    ("schemas/", "overgrant/_data/schemas/"),
    ("linter/overgrant/", "overgrant/"),
])
def test_every_file_is_in_the_wheel(folder: str, inside: str, names: set[str]) -> None:
    wanted = {inside + path.removeprefix(folder) for path in files_below(folder)}
    assert wanted
    assert wanted - names == set()


def test_all_data_is_compiled(names: set[str]) -> None:
    knowledge = {name.removeprefix("overgrant/").removesuffix(".yaml") for name in names
                 if name.startswith("overgrant/knowledge/") and name.endswith(".yaml")}
    compiled = {name.removeprefix("overgrant/_compiled/").removesuffix(".json") for name in names
                if name.startswith("overgrant/_compiled/")}
    assert compiled == knowledge | {"rules", "catalogue"}


def test_nothing_else_is_in_the_wheel(names: set[str]) -> None:
    assert {name.split("/")[0].split("-")[0] for name in names} == {"overgrant"}
    assert not [name for name in names if "__pycache__" in name or name.endswith((".pyc", "build_hook.py"))]


def test_two_builds_have_the_same_bytes(wheel: Path, place: Path) -> None:
    (place / "again").mkdir()
    source = copy_to(place / "again")
    for file in source.rglob("*"):
        os.utime(file, (1_600_000_000, 1_600_000_000))
    assert build(source, place / "dist-again").read_bytes() == wheel.read_bytes()


def test_a_broken_rule_ends_the_build(place: Path) -> None:
    pytest.importorskip("hatchling")
    (place / "broken").mkdir()
    source = copy_to(place / "broken")
    (source / "rules" / "scope" / "broken.md").write_text("---\nid: broken\n---\n")
    done = subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(place / "none")],
                          cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "broken.md" in done.stderr


@pytest.fixture(scope="module")
def installed(wheel: Path, place: Path) -> Path:
    """The console script of a clean environment that holds the wheel and what it needs."""
    venv.create(place / "clean", with_pip=True)
    programs = place / "clean" / ("Scripts" if os.name == "nt" else "bin")
    done = subprocess.run([str(programs / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                           str(wheel)], cwd=place, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return programs / ("overgrant.exe" if os.name == "nt" else "overgrant")


def run(program: Path, cwd: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "OVERGRANT"))}
    environment["OVERGRANT_CACHE_DIR"] = str(cwd / "cache")
    return subprocess.run([str(program), *words], cwd=cwd, env=environment, capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL)


@pytest.mark.index
def test_the_installed_tool_finds_what_the_checkout_finds(installed: Path, place: Path) -> None:
    shutil.copytree(ROOT / "examples" / "over-granted", place / "elsewhere", dirs_exist_ok=True)
    done = run(installed, place / "elsewhere", "check", "--format", "json")
    assert done.returncode == 1, done.stderr
    here = subprocess.run([sys.executable, "-c", "from overgrant.cli import main; main()", "check", "--format", "json"],
                          cwd=place / "elsewhere", env={**os.environ, "PYTHONPATH": str(ROOT / "linter")},
                          capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert json.loads(done.stdout) == json.loads(here.stdout)
    assert json.loads(done.stdout)["findings"]
    assert not (place / "elsewhere" / "cache").exists(), "an installed wheel compiles nothing"


@pytest.mark.index
def test_the_installed_tool_explains_every_rule(installed: Path, place: Path) -> None:
    (place / "empty").mkdir()
    ids = [path.stem for path in (ROOT / "rules").glob("*/*.md")]
    assert ids
    done = run(installed, place / "empty", "rules")
    assert done.returncode == 0, done.stderr
    assert [rule for rule in ids if rule not in done.stdout] == []
    done = run(installed, place / "empty", "explain", min(ids))
    assert done.returncode == 0, done.stderr
    assert min(ids) in done.stdout


@pytest.mark.index
def test_the_tool_cannot_be_shadowed_by_the_directory_it_checks(installed: Path, place: Path) -> None:
    trap = place / "trap"
    trap.mkdir()
    for module in ("overgrant", "click", "yaml", "json"):
        (trap / f"{module}.py").write_text("open('sprung', 'w').close()\n")
    done = run(installed, trap, "check")
    assert done.returncode == 0, done.stderr
    assert not (trap / "sprung").exists()
