"""Pre-commit: the hooks, the regular expression that chooses files, what a hook opens, and real runs."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from overgrant.dialect.catalogue import catalogue, files_regex
from test_cli import CLEAN, ENV, OPEN, SETTINGS, Tree, tree

__all__ = ["tree"]
ROOT = Path(__file__).parent.parent
HOOKS = ROOT / ".pre-commit-hooks.yaml"


def hooks() -> dict[str, dict[str, Any]]:
    return {hook["id"]: hook for hook in yaml.safe_load(HOOKS.read_text())}


def test_the_hooks_choose_the_files_of_the_catalogue(accept: bool) -> None:
    made = files_regex(catalogue())
    if accept:
        text = HOOKS.read_text()
        HOOKS.write_text(re.sub(r"files: '.*'", lambda _: f"files: '{made}'", text, count=1))
    assert hooks()["overgrant"]["files"] == made, "the catalogue changed; run pytest tests/test_pre_commit.py --accept"


def test_what_the_hooks_say() -> None:
    held = hooks()
    assert set(held) == {"overgrant", "overgrant-code", "overgrant-all"}
    assert all(hook["require_serial"] is True and hook["entry"] == "overgrant check" and hook["language"] == "python"
               for hook in held.values())
    assert held["overgrant-code"]["types"] == ["python"]
    assert held["overgrant-all"]["pass_filenames"] is False
    assert held["overgrant-all"]["always_run"] is True


def chosen(path: str) -> bool:
    """As pre-commit chooses."""
    return re.search(hooks()["overgrant"]["files"], path) is not None


def test_every_fixture_that_is_read_is_chosen() -> None:
    seen = 0
    for file in sorted((ROOT / "tests/formats").rglob("*")):
        path = "/".join(file.relative_to(ROOT / "tests/formats").parts[2:])
        for format, _ in catalogue().candidates(path):
            seen += 1
            assert format.syntax == "python" or chosen(path), path
    assert seen > 20


WORDS = sorted({part for format in catalogue().formats for glob in format.paths for part in re.split(r"[/{},*]", glob)} - {""})
PATHS = st.lists(st.one_of(st.sampled_from(WORDS), st.sampled_from(["src", "a.md", "x.json", ".JSON", "SKILL.md"])),
                 min_size=1, max_size=4).map("/".join)


@settings(deadline=None, max_examples=400)
@given(PATHS)
def test_the_expression_and_the_catalogue_agree(path: str) -> None:
    wanted = [format for format, _ in catalogue().candidates(path) if format.syntax != "python"]
    if wanted:
        assert chosen(path)
    elif chosen(path):
        assert any(format.skips for format in catalogue().formats)


@pytest.mark.parametrize("path", ["README.md", "src/main.py", "docs/guide.md", "settings.json", ".env"])
def test_other_files_are_not_chosen(path: str) -> None:
    assert not chosen(path)


# --- what a hook opens -------------------------------------------------------------------------------

WATCH = """
import os, sys
seen = []
here = os.getcwd() + os.sep
def watch(event, args):
    if event in ("open", "os.scandir", "os.listdir", "subprocess.Popen", "socket.connect"):
        what = args[0]
        if isinstance(what, str) and (os.path.abspath(what).startswith(here) or event[0] == "s"):
            seen.append((event, os.path.relpath(what, here) if event[0] != "s" else str(what)))
sys.addaudithook(watch)
from overgrant.cli import main
try:
    main()
finally:
    import json
    print(json.dumps(seen), file=sys.stderr)
"""


def opened(where: Path, *paths: str) -> list[tuple[str, str]]:
    """Events on files of the tree while these files are checked."""
    env = {**ENV, "OVERGRANT_CACHE_DIR": str(where.parent / "cache")}
    ran = subprocess.run([sys.executable, "-c", WATCH, "check", *paths], cwd=where, env=env, capture_output=True, text=True,
                         check=False)
    assert ran.returncode in (0, 1), ran.stderr
    return [tuple(each) for each in json.loads(ran.stderr.splitlines()[-1])]


def test_a_hook_opens_the_given_files_and_those_of_their_roots_once(tree: Tree) -> None:
    for name in (SETTINGS, ".mcp.json", ".claude/settings.local.json"):
        tree.put(name, CLEAN if "settings" in name else "{}")
    tree.put(".claude/agents/deep/reader.md", "---\nname: reader\ndescription: reads\n---\nRead.\n")
    for name in ("web/" + SETTINGS, "src/main.py", "README.md", ".claude/notes.txt", "package.json", ".cursor/mcp.json"):
        tree.put(name, "{}")
    events = opened(tree.path, SETTINGS)
    files = sorted(path for event, path in events if event == "open")
    assert files == [".claude/agents/deep/reader.md", SETTINGS, ".claude/settings.local.json", ".mcp.json"]
    assert not [event for event in events if event[0] in ("subprocess.Popen", "socket.connect")]
    folders = {path.split("/")[0] for event, path in events if event in ("os.scandir", "os.listdir")}
    assert not folders & {"src", "web"}


def test_a_hook_opens_the_scripts_that_a_given_file_names(tree: Tree) -> None:
    hook = '{"hooks": {"PreToolUse": [{"hooks": [{"type": "command", "command": "%s"}]}]}}'
    tree.put("elsewhere/secret.sh", "exit 1\n")
    (tree.path / "tools").mkdir()
    (tree.path / "web/tools").mkdir(parents=True)
    (tree.path / "web/tools/link.sh").symlink_to(tree.path / "elsewhere/secret.sh")
    tree.put("tools/guard.sh", "echo blocked >&2\nexit 1\n")
    tree.put("tools/other.sh", "exit 1\n")
    tree.put(SETTINGS, hook % "bash tools/guard.sh")
    tree.put("web/" + SETTINGS, hook % "bash tools/link.sh")
    events = opened(tree.path, SETTINGS, "web/" + SETTINGS)
    assert sorted(path for event, path in events if event == "open") == [SETTINGS, "tools/guard.sh", "web/" + SETTINGS]
    ran = tree.run("check", SETTINGS)
    assert "medium[guard-never-blocks]" in ran.out
    assert "--> tools/guard.sh:2:1" in ran.out


def test_many_files_do_not_make_it_open_others(tree: Tree) -> None:
    for number in range(50):
        tree.put(f"app{number}/{SETTINGS}", CLEAN)
    events = opened(tree.path, f"app3/{SETTINGS}", f"app4/{SETTINGS}")
    assert sorted(path for event, path in events if event == "open") == [f"app3/{SETTINGS}", f"app4/{SETTINGS}"]


# --- real runs ---------------------------------------------------------------------------------------

GIT = {**os.environ, "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com", "GIT_COMMITTER_NAME": "a",
       "GIT_COMMITTER_EMAIL": "a@example.com", "GIT_CONFIG_GLOBAL": os.devnull, "NO_COLOR": "1"}


def git(where: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=where, env=GIT, check=True, capture_output=True, text=True).stdout.strip()


def repository(where: Path, **files: str) -> Path:
    where.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (where / name).parent.mkdir(parents=True, exist_ok=True)
        (where / name).write_text(text)
    git(where, "init", "-q", ".")
    git(where, "add", "-A", "-f")
    git(where, "commit", "-q", "--no-verify", "-m", "first")
    return where


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with this source in it, as it is here."""
    where = tmp_path_factory.mktemp("ours") / "overgrant"
    leave = shutil.ignore_patterns("__pycache__", "_compiled", "*.pyc")
    for name in ("linter", "rules", "schemas"):
        shutil.copytree(ROOT / name, where / name, ignore=leave)
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, where / name)
    return repository(where)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pre-commit keeps the environment, for all tests here."""
    return tmp_path_factory.mktemp("home")


def pre_commit(where: Path, home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = {key: value for key, value in GIT.items() if key != "PYTHONPATH"}
    return subprocess.run([sys.executable, "-m", "pre_commit", *words], cwd=where, env={**env, "PRE_COMMIT_HOME": str(home)},
                          capture_output=True, text=True, check=False, timeout=600)


@pytest.mark.index
@pytest.mark.slow
def test_try_repo(tmp_path: Path, ours: Path, home: Path) -> None:
    project = repository(tmp_path / "project", **{SETTINGS: OPEN, "README.md": "hello"})
    ran = pre_commit(project, home, "try-repo", str(ours), "overgrant", "--all-files")
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "high[open-shell]" in ran.stdout
    assert f"--> {SETTINGS}:1:" in ran.stdout


@pytest.mark.index
@pytest.mark.slow
def test_a_staged_change_is_what_is_judged(tmp_path: Path, ours: Path, home: Path) -> None:
    rev = git(ours, "rev-parse", "HEAD")
    held = [{"repo": str(ours), "rev": rev, "hooks": [{"id": "overgrant"}, {"id": "overgrant-all", "stages": ["manual"]}]}]
    project = repository(tmp_path / "project", **{
        SETTINGS: CLEAN, ".pre-commit-config.yaml": yaml.safe_dump({"repos": held}), "web/" + SETTINGS: OPEN,
        "README.md": "hello"})
    (project / "README.md").write_text("changed")
    git(project, "add", "README.md")
    ran = pre_commit(project, home, "run")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "Skipped" in ran.stdout
    (project / SETTINGS).write_text(OPEN)
    git(project, "add", SETTINGS)
    (project / SETTINGS).write_text(CLEAN)  # not staged: the commit would still hold the open grant
    ran = pre_commit(project, home, "run")
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "open-shell" in ran.stdout
    assert "web/" not in ran.stdout
    git(project, "add", SETTINGS)
    assert pre_commit(project, home, "run").returncode == 0
    ran = pre_commit(project, home, "run", "--hook-stage", "manual", "overgrant-all")
    assert ran.returncode == 1
    assert f"--> web/{SETTINGS}:1:" in ran.stdout
