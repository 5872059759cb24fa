from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from overgrant.read import git, tree

MANIFESTS = ("CLAUDE.md", "AGENTS.md", ".claude/settings.json", ".claude/settings.local.json", ".mcp.json")


def recognise(path: str) -> bool:
    return any(path == name or path.endswith("/" + name) for name in MANIFESTS)


def put(root: Path, *paths: str) -> None:
    for path in paths:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(path)


def repository(root: Path, *add: str, ignore: str = "") -> None:
    if shutil.which("git") is None:
        pytest.skip("needs git")
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    if ignore:
        (root / ".gitignore").write_text(ignore)
    if add:
        subprocess.run(["git", "-C", str(root), "add", "-f", "--", *add], check=True)


def found(root: Path, *paths: str, cwd: Path | None = None) -> tree.Found:
    return tree.discover(paths, recognise=recognise, cwd=str(cwd or root))


def names(result: tree.Found) -> list[str]:
    return [entry.path for entry in result.files]


def why(result: tree.Found) -> dict[str, str]:
    return {item.path: item.why for item in result.skipped}


def test_tracked_untracked_and_ignored_configuration_is_found(tmp_path: Path) -> None:
    put(tmp_path, ".claude/settings.json", ".claude/settings.local.json", "CLAUDE.md", "src/m.py", "hidden/.mcp.json")
    repository(tmp_path, ".claude/settings.json", ignore="*.local.json\nhidden/\n")
    entries = {entry.path: entry for entry in found(tmp_path).files}
    assert list(entries) == [".claude/settings.json", ".claude/settings.local.json", "CLAUDE.md", "hidden/.mcp.json"]
    assert [entries[path].tracked for path in entries] == [True, False, False, False]
    assert [entries[path].ignored for path in entries] == [False, True, False, True]
    assert entries["CLAUDE.md"].size == len("CLAUDE.md")


def test_without_git_the_directory_is_walked(tmp_path: Path) -> None:
    put(tmp_path, ".claude/settings.json", "a/b/CLAUDE.md", "x.py")
    result = found(tmp_path)
    assert names(result) == [".claude/settings.json", "a/b/CLAUDE.md"]
    assert result.files[0].tracked is None
    assert result.seen == 3
    assert not result.notes


@pytest.mark.parametrize("inside_git", [True, False])
def test_vendored_directories_are_named_and_not_entered(tmp_path: Path, inside_git: bool) -> None:
    put(tmp_path, "node_modules/x/CLAUDE.md", "web/vendor/CLAUDE.md", "CLAUDE.md", ".git2/CLAUDE.md")
    if inside_git:
        repository(tmp_path, "web/vendor/CLAUDE.md", ignore="node_modules\n")
    result = found(tmp_path)
    assert names(result) == [".git2/CLAUDE.md", "CLAUDE.md"]
    assert why(result) == {"node_modules": "vendored", "web/vendor": "vendored"}
    if inside_git:
        assert {item.path: item.recognised for item in result.skipped} == {"node_modules": None, "web/vendor": 1}


def test_a_tracked_file_in_a_build_directory_is_read_an_ignored_one_is_named(tmp_path: Path) -> None:
    put(tmp_path, "dist/CLAUDE.md", "out/CLAUDE.md")
    repository(tmp_path, "dist/CLAUDE.md", ignore="out\n")
    result = found(tmp_path)
    assert names(result) == ["dist/CLAUDE.md"]
    assert why(result) == {"out": "generated"}


def test_submodules_and_inner_repositories_are_named(tmp_path: Path) -> None:
    repository(tmp_path)
    put(tmp_path, "sub/CLAUDE.md", "inner/CLAUDE.md")
    for name in ("sub", "inner"):
        repository(tmp_path / name, "CLAUDE.md")
        subprocess.run(["git", "-C", str(tmp_path / name), "-c", "user.name=n", "-c", "user.email=e@x", "commit", "-qm",
                        "m"], check=True)
    subprocess.run(["git", "-C", str(tmp_path), "-c", "advice.addEmbeddedRepo=false", "add", "sub"], check=True)
    result = found(tmp_path)
    assert names(result) == []
    assert why(result) == {"sub": "submodule", "inner": "repository"}


def test_links_that_leave_the_tree_are_named_and_not_read(tmp_path: Path) -> None:
    put(tmp_path, "outside/settings.json", "outside/CLAUDE.md", "in/keep.txt")
    inside = tmp_path / "in"
    (inside / ".claude").symlink_to(tmp_path / "outside")
    (inside / "CLAUDE.md").symlink_to(tmp_path / "outside" / "CLAUDE.md")
    result = found(inside)
    assert names(result) == []
    assert why(result) == {".claude": "link", "CLAUDE.md": "link"}
    repository(inside, ".claude", "CLAUDE.md")
    assert names(found(inside)) == []
    assert why(found(inside)) == {".claude": "link", "CLAUDE.md": "link"}


def test_a_tracked_path_through_a_directory_that_became_a_link_is_not_read(tmp_path: Path) -> None:
    put(tmp_path, "outside/settings.json", "in/.claude/settings.json")
    repository(tmp_path / "in", ".claude/settings.json")
    (tmp_path / "in/.claude/settings.json").unlink()
    (tmp_path / "in/.claude").rmdir()
    (tmp_path / "in/.claude").symlink_to(tmp_path / "outside")
    result = found(tmp_path / "in")
    assert names(result) == []
    assert "link" in why(result).values()


@pytest.mark.parametrize("inside_git", [True, False])
def test_a_link_inside_the_tree_shows_what_products_load_through_it(tmp_path: Path, inside_git: bool) -> None:
    put(tmp_path, "shared/agent/settings.json")
    (tmp_path / ".claude").symlink_to("shared/agent")
    (tmp_path / "loop").symlink_to(".")
    if inside_git:
        repository(tmp_path, ".claude", "shared")
    assert names(found(tmp_path)) == [".claude/settings.json"]


def test_one_real_file_is_reported_once_under_its_own_name(tmp_path: Path) -> None:
    put(tmp_path, "CLAUDE.md")
    (tmp_path / "AGENTS.md").symlink_to("CLAUDE.md")
    os.link(tmp_path / "CLAUDE.md", tmp_path / "hard")
    (tmp_path / "hard").rename(tmp_path / ".mcp.json")
    assert names(found(tmp_path)) == [".mcp.json"]
    (tmp_path / ".mcp.json").unlink()
    assert names(found(tmp_path)) == ["CLAUDE.md"]
    assert names(found(tmp_path, ".", "CLAUDE.md", "./CLAUDE.md")) == ["CLAUDE.md"]


def test_a_link_whose_target_nobody_recognises_is_read_under_its_name(tmp_path: Path) -> None:
    put(tmp_path, "docs/agents.txt")
    (tmp_path / "CLAUDE.md").symlink_to("docs/agents.txt")
    assert names(found(tmp_path)) == ["CLAUDE.md"]


def test_a_named_file_is_read_whatever_it_is_and_git_is_not_started(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "odd.txt", "node_modules/CLAUDE.md")
    monkeypatch.setattr(git, "_start", lambda *words, **more: pytest.fail("git is started"))
    result = found(tmp_path, "odd.txt", "node_modules/CLAUDE.md")
    assert names(result) == ["node_modules/CLAUDE.md", "odd.txt"]
    assert all(entry.named for entry in result.files)


def test_git_is_asked_about_named_files_on_request(tmp_path: Path) -> None:
    put(tmp_path, "a/CLAUDE.md", "a/.mcp.json")
    repository(tmp_path, "a/CLAUDE.md", ignore=".mcp.json\n")
    result = tree.discover(["a/CLAUDE.md", "a/.mcp.json"], recognise=recognise, cwd=str(tmp_path), ask_git=True)
    assert [(entry.path, entry.tracked, entry.ignored) for entry in result.files] == [
        ("a/.mcp.json", False, True), ("a/CLAUDE.md", True, False)]


def test_a_named_link_out_of_the_tree_is_not_read(tmp_path: Path) -> None:
    put(tmp_path, "secret", "in/x")
    (tmp_path / "in" / "CLAUDE.md").symlink_to("../secret")
    result = found(tmp_path / "in", "CLAUDE.md")
    assert names(result) == []
    assert why(result) == {"CLAUDE.md": "link"}


def test_a_named_directory_is_searched_and_paths_stay_relative_to_the_working_directory(tmp_path: Path) -> None:
    put(tmp_path, "a/CLAUDE.md", "b/CLAUDE.md", "c/work/x")
    assert names(found(tmp_path, "a")) == ["a/CLAUDE.md"]
    assert names(found(tmp_path, "../../b", cwd=tmp_path / "c/work")) == ["../../b/CLAUDE.md"]
    repository(tmp_path, "a")
    assert names(found(tmp_path, "a")) == ["a/CLAUDE.md"]
    assert names(found(tmp_path, "../../b", cwd=tmp_path / "c/work")) == ["../../b/CLAUDE.md"]


def test_a_named_directory_that_git_ignores_is_read(tmp_path: Path) -> None:
    put(tmp_path, "gen/.claude/settings.json")
    repository(tmp_path, ignore="gen/\n")
    result = found(tmp_path, "gen")
    assert names(result) == ["gen/.claude/settings.json"]


def test_missing_paths_are_told_apart_from_deleted_tracked_files(tmp_path: Path) -> None:
    put(tmp_path, "CLAUDE.md")
    repository(tmp_path, "CLAUDE.md")
    (tmp_path / "CLAUDE.md").unlink()
    result = found(tmp_path, ".", "nowhere")
    assert names(result) == []
    assert result.missing == ["nowhere"]
    assert result.skipped == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_special_files_are_named_and_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "CLAUDE.md")
    result = found(tmp_path)
    assert names(result) == []
    assert why(result) == {"CLAUDE.md": "special"}
    entry = tree.Entry("CLAUDE.md", str(tmp_path / "CLAUDE.md"), None, False, False, False, 0)
    assert tree.read_bytes(entry, 10) is None


def test_reading_stops_at_the_limit(tmp_path: Path) -> None:
    put(tmp_path, "CLAUDE.md")
    assert tree.read_bytes(found(tmp_path).files[0], 3) == b"CLAU"


def test_a_walk_is_bounded_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, *(f"d{i}/CLAUDE.md" for i in range(9)))
    monkeypatch.setattr(tree, "MOST_FILES", 4)
    result = found(tmp_path)
    assert len(result.files) == 4
    assert "more than 4 files" in result.notes[0]


def test_git_that_refuses_leads_to_a_walk_and_a_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "CLAUDE.md", ".git/CLAUDE.md")
    monkeypatch.setattr(git, "listing", lambda _: git.GitRefused("ownership", "git refuses this directory"))
    result = found(tmp_path)
    assert names(result) == ["CLAUDE.md"]
    assert "git refuses this directory" in result.notes[0]


@pytest.mark.parametrize(("path", "expected"), [
    ("examples/a/.claude/settings.json", True),
    ("pkg/Tests/data/x.json", True),
    (".claude/skills/docs/SKILL.md", False),
    (".github/workflows/test.yml", False),
    ("tests", False),
    ("CLAUDE.md", False),
    ("../docs/CLAUDE.md", True),
])
def test_examples_are_told_by_their_directories(path: str, expected: bool) -> None:
    assert tree.is_example(path) is expected


def test_a_root_that_is_named_is_no_example(tmp_path: Path) -> None:
    put(tmp_path, "examples/one/CLAUDE.md", "examples/one/tests/CLAUDE.md")
    assert [entry.example for entry in found(tmp_path).files] == [True, True]
    assert [entry.example for entry in found(tmp_path, "examples/one").files] == [False, True]
