from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from overgrant.read import git

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


def run(root: Path, *words: str) -> None:
    subprocess.run(["git", "-C", str(root), "-c", "user.name=n", "-c", "user.email=e@x", *words], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    run(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "a b").mkdir()
    (tmp_path / "a b" / "one\ttwo.json").write_bytes(b"{}\r\n")
    run(tmp_path, "add", ".")
    run(tmp_path, "commit", "-qm", "first")
    return tmp_path


def test_listing_tells_tracked_from_others(repository: Path) -> None:
    (repository / "new").write_text("")
    (repository / ".gitignore").write_text("cache/\n*.log\n")
    (repository / "cache").mkdir()
    (repository / "cache" / "x").write_text("")
    (repository / "x.log").write_text("")
    found = git.listing(str(repository))
    assert isinstance(found, git.Listing)
    assert {file.path: file.tracked for file in found.files} == {
        "a b/one\ttwo.json": True, "new": False, ".gitignore": False}
    assert sorted(found.ignored) == ["cache/", "x.log"]
    assert git.would_track(str(repository / "a b")) == ["one\ttwo.json"]


def test_a_file_in_conflict_stands_once(repository: Path) -> None:
    (repository / "f").write_text("1")
    run(repository, "add", "f")
    run(repository, "commit", "-qm", "f")
    run(repository, "checkout", "-qb", "other")
    for branch, text in (("other", "2"), ("main", "3")):
        run(repository, "checkout", "-q", branch)
        (repository / "f").write_text(text)
        run(repository, "commit", "-qam", branch)
    with pytest.raises(subprocess.CalledProcessError):
        run(repository, "merge", "other")
    found = git.tracked(str(repository))
    assert isinstance(found, list)
    assert [file.path for file in found] == ["a b/one\ttwo.json", "f"]


def test_revisions_and_their_contents(repository: Path) -> None:
    path = "a b/one\ttwo.json"
    (repository / path).write_bytes(b"later")
    assert git.blob(str(repository), "HEAD", path) == b"{}\r\n"
    assert git.blob(str(repository), "HEAD", "nothing") is None
    assert git.blob(str(repository), "HEAD", path, most=2) is None
    files = git.tree_files(str(repository), "main")
    assert isinstance(files, dict)
    assert list(files) == [path]
    assert git.blobs(str(repository), [files[path].blob] * 2) == {files[path].blob: b"{}\r\n"}
    assert git.top(str(repository / "a b")) == os.path.realpath(repository)


def test_merge_base_is_the_common_commit(repository: Path) -> None:
    base = git.resolve(str(repository), "main")
    run(repository, "checkout", "-qb", "topic")
    run(repository, "commit", "-qm", "more", "--allow-empty")
    assert git.merge_base(str(repository), "main", "topic") == base
    run(repository, "checkout", "-q", "--orphan", "alone")
    run(repository, "commit", "-qm", "alone", "--allow-empty")
    refused = git.merge_base(str(repository), "main", "alone")
    assert isinstance(refused, git.GitRefused)
    assert "no commit in common" in refused.reason


@pytest.mark.parametrize("revision", ["--output=x", "", "nope", "HEAD\0x", "HEAD:a b"])
def test_what_is_no_revision_is_refused(repository: Path, revision: str) -> None:
    refused = git.resolve(str(repository), revision)
    assert isinstance(refused, git.GitRefused)
    assert refused.why == "revision"


def test_refusals_have_reasons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    assert why(git.listing(str(plain))) == "none"
    run(plain, "init", "-q", "--bare", str(tmp_path / "bare.git"))
    assert why(git.listing(str(tmp_path / "bare.git"))) == "bare"
    assert why(git.listing(str(tmp_path / "gone"))) == "failed"
    run(plain, "init", "-q")
    monkeypatch.setattr(git, "environment", lambda: {**os.environ, "GIT_TEST_ASSUME_DIFFERENT_OWNER": "1",
                                                     "LC_ALL": "C"})
    assert why(git.listing(str(plain))) == "ownership"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert why(git.listing(str(plain))) == "absent"


def why(answer: object) -> str:
    assert isinstance(answer, git.GitRefused)
    return answer.why


def test_git_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\nexec sleep 30\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
    monkeypatch.setattr(git, "TIMEOUT", 0.2)
    assert why(git.top(str(tmp_path))) == "timeout"


def test_git_of_the_tree_is_never_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "git"
    program.write_text("#!/bin/sh\ntouch started\n")
    program.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    for entry in (str(tmp_path), ".", ""):
        monkeypatch.setenv("PATH", entry)
        assert git.executable() is None


def test_programs_named_by_the_repository_never_start(repository: Path) -> None:
    trap = repository / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch '{repository}/sprung'\ncat\n")
    trap.chmod(0o755)
    run(repository, "add", "trap.sh")
    run(repository, "commit", "-qm", "trap")
    for key in ("core.fsmonitor", "core.sshCommand", "core.pager", "diff.external", "filter.t.clean", "filter.t.smudge",
                "filter.t.process", "core.gitProxy", "core.editor", "core.askPass", "diff.t.textconv",
                "uploadpack.packObjectsHook", "credential.helper", "alias.ls-files"):
        run(repository, "config", key, ("!" if key.startswith("alias") else "") + str(trap))
    hooks = repository / "hooks"
    hooks.mkdir()
    for name in ("post-index-change", "fsmonitor-watchman", "query-watchman", "reference-transaction"):
        (hooks / name).symlink_to(trap)
    run(repository, "config", "core.hooksPath", str(hooks))
    (repository / ".gitattributes").write_text("* filter=t diff=t\n")
    (repository / "a b" / "one\ttwo.json").write_text("changed")
    here = str(repository)
    files = git.tree_files(here, "HEAD")
    assert isinstance(files, dict)
    for answer in (git.listing(here), git.tracked(here), git.top(here), git.merge_base(here, "HEAD", "main"),
                   git.blobs(here, [file.blob for file in files.values()])):
        assert not isinstance(answer, git.GitRefused)
    assert not (repository / "sprung").exists()


def test_a_missing_object_is_never_fetched(repository: Path) -> None:
    trap = repository / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch '{repository}/sprung'\n")
    trap.chmod(0o755)
    files = git.tree_files(str(repository), "HEAD")
    assert isinstance(files, dict)
    name = files["a b/one\ttwo.json"].blob
    (repository / ".git" / "objects" / name[:2] / name[2:]).unlink()
    for key, value in (("core.repositoryFormatVersion", "1"), ("extensions.partialClone", "origin"),
                       ("remote.origin.url", f"ext::{trap}"), ("remote.origin.promisor", "true"),
                       ("protocol.ext.allow", "always"), ("remote.origin.uploadpack", str(trap))):
        run(repository, "config", key, value)
    assert not git.blobs(str(repository), [name]) or isinstance(git.blobs(str(repository), [name]), git.GitRefused)
    assert not (repository / "sprung").exists()


def test_the_environment_cannot_move_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/elsewhere")
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "program")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "safe.directory")
    kept = git.environment()
    assert not {"GIT_DIR", "GIT_EXTERNAL_DIFF"} & set(kept)
    assert kept["GIT_CONFIG_KEY_0"] == "safe.directory"
