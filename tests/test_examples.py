"""The examples print what stands beside them. `pytest --accept` writes `expected.txt` anew."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted(path for path in (ROOT / "examples").iterdir() if path.is_dir())
CODES = {"over-granted": 1, "in-house": 1}


def overgrant(*words: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run the command line as a user does, in another process."""
    code = "import sys; sys.path.insert(0, sys.argv.pop(1)); from overgrant.cli import main; main()"
    return subprocess.run([sys.executable, "-c", code, str(ROOT / "linter"), *words], cwd=cwd, capture_output=True,
                          text=True, check=False, timeout=120, env={"PATH": "/usr/bin:/bin", "HOME": str(cwd)})


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_example(example: Path, accept: bool) -> None:
    own = (example / ".overgrant.yaml").is_file()  # a configuration counts in its own directory
    run = overgrant("check", cwd=example) if own else overgrant("check", f"examples/{example.name}")
    expected = example / "expected.txt"
    if accept:
        expected.write_text(run.stdout)
    assert run.stdout == expected.read_text(), run.stderr
    assert run.returncode == CODES.get(example.name, 0)


def test_readme_shows_what_is_printed() -> None:
    shown = (ROOT / "README.md").read_text().split("<!-- report -->\n")[1].split("```")[1].removeprefix("text\n")
    assert shown.strip() in (ROOT / "examples/over-granted/expected.txt").read_text()


def test_readme_answers_as_the_command_does() -> None:
    shown = (ROOT / "README.md").read_text().split("overgrant can claude \"git push origin main\"\n")[1].split("```")[0]
    assert shown == overgrant("can", "claude", "git push origin main", cwd=ROOT / "examples/over-granted").stdout
