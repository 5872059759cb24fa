"""`--user`: the configuration of this user and of an administrator, merged with the project's as the product merges it."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from overgrant import cli
from overgrant.command import _user
from overgrant.command._fix import fixed
from overgrant.dialect.catalogue import catalogue, policy
from overgrant.read.knowledge import load
from overgrant.run import Input, Plan, analyse, lint
from trees import rules

ENTRIES = [(product, entry) for product, entries in load("user").items() for entry in entries]
OPEN = '{"permissions": {"allow": ["Bash(*)"]}}\n'
NARROW = '{"permissions": {"allow": ["Bash(git status)"], "deny": ["Bash(git push *)"]}}\n'


class Place:
    """A project and a home, both made up."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.monkeypatch, self.capsys = folder, monkeypatch, capsys
        monkeypatch.setenv("HOME", str(folder / "home"))
        monkeypatch.setenv("USERPROFILE", str(folder / "home"))
        for _, entry in ENTRIES:
            monkeypatch.delenv(entry.get("moved", {}).get("variable", "HOME_OF_NOBODY"), raising=False)
        (folder / "project").mkdir()
        monkeypatch.chdir(folder / "project")

    def put(self, path: str, text: str) -> None:
        """A file below the folder that holds project and home."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def run(self, *words: str) -> tuple[int, str]:
        """`overgrant` in the project."""
        self.monkeypatch.setattr(sys, "argv", ["overgrant", *words])
        self.monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
        self.monkeypatch.setattr("gc.freeze", lambda: None)
        self.monkeypatch.setattr("gc.disable", lambda: None)
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert isinstance(ended.value.code, int)
        return ended.value.code, self.capsys.readouterr().out

    def found(self, *words: str) -> list[tuple[str, str, str]]:
        """Rule, path and root of every finding."""
        report = json.loads(self.run("check", "--format", "json", *words)[1])
        return [(each["rule"], each["path"], each["root"]) for each in report["findings"]]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Place:
    return Place(tmp_path, monkeypatch, capsys)


# --- the data ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("product", "entry"), ENTRIES, ids=lambda each: each if isinstance(each, str) else each["paths"][0])
def test_an_entry_names_files_that_the_catalogue_knows(product: str, entry: dict[str, Any]) -> None:
    assert policy(product), "no such product"
    assert set(entry) <= {"tier", "system", "paths", "moved", "as", "source", "checked"}
    assert entry["tier"] in ("user", "managed")
    assert entry.get("system") in (None, "linux", "macos", "windows")
    assert entry["source"].startswith("https://") and entry["checked"]
    for path in entry["paths"]:
        sample = path.replace("**/", "").replace("*", "x")
        while "{" in sample:
            head, rest = sample.split("{", 1)
            inner, tail = rest.split("}", 1)
            sample = head + inner.split(",")[0] + tail
        known = entry.get("as", {}).get(sample.rsplit("/", 1)[-1], sample.lstrip("~/"))
        assert product in {format.product for format, _ in catalogue().candidates(known)}, path
        if "moved" in entry:
            assert path.startswith((entry["moved"]["from"] + "/", "~/.claude.json"))


# --- the command ---------------------------------------------------------------------------------------


def test_it_is_never_read_unasked(place: Place) -> None:
    place.put("home/.claude/settings.json", OPEN)
    place.put("project/.claude/settings.json", NARROW)
    assert place.found() == []
    assert place.found("--user") == [("open-shell", "../home/.claude/settings.json", ".")]
    assert place.run("check", "--user")[0] == 1


def test_a_users_deny_holds_in_the_project_and_an_allow_widens_it(place: Place) -> None:
    place.put("home/.claude/settings.json", '{"permissions": {"allow": ["Bash(make test)"], "deny": ["Bash(git status)"]}}')
    place.put("project/.claude/settings.json", NARROW)
    assert place.run("can", "claude", "git status")[1].startswith("allow:")
    assert place.run("can", "claude", "git status", "--user")[1].startswith("deny: claude git status\n  ../home/.claude/settings.json:1:")
    assert place.run("can", "claude", "make test", "--user", "--expect", "allow")[0] == 0
    assert "Bash(make test)" in place.run("show", "--user")[1]


def test_it_takes_part_in_every_root_and_is_told_once(place: Place) -> None:
    place.put("home/.claude/settings.json", OPEN)
    for name in ("web", "api"):
        place.put(f"project/{name}/.claude/settings.json", '{"permissions": {"deny": ["Read(.env)"]}}')
    assert place.found("--user") == [
        ("open-shell", "../home/.claude/settings.json", "."),
        ("bypassed-control", "api/.claude/settings.json", "api"),
        ("bypassed-control", "web/.claude/settings.json", "web")]


def test_examples_of_the_tree_stay_on_their_own(place: Place) -> None:
    place.put("home/.claude/settings.json", OPEN)
    place.put("project/examples/x/.claude/settings.json", '{"permissions": {"deny": ["Read(.env)"]}}')
    assert place.found("--user") == [("open-shell", "../home/.claude/settings.json", ".")]


def test_a_variable_moves_the_directory(place: Place) -> None:
    place.put("home/.claude/settings.json", NARROW)
    place.put("elsewhere/settings.json", OPEN)
    place.put("elsewhere/agents/deep/x.md", "---\nname: x\ndescription: Reviews code. Read only.\n---\nYou review.\n")
    place.monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(place.folder / "elsewhere"))
    assert [path for _, path, _ in place.found("--user")] == ["../elsewhere/agents/deep/x.md", "../elsewhere/settings.json"]


def test_nothing_of_the_tree_speaks_of_it(place: Place) -> None:
    place.put("home/.claude/settings.json", OPEN)
    place.put("project/.overgrant.yaml", 'paths: {exclude: ["**", "*"]}\n'
              'waivers: [{rule: open-shell, path: "**", reason: mine}, {rule: open-shell, path: "*.json", reason: mine}]\n')
    assert [rule for rule, *_ in place.found("--user")] == ["open-shell"]


def test_a_check_of_the_home_directory_sees_a_file_once(place: Place) -> None:
    place.put("home/.claude/settings.json", OPEN)
    place.monkeypatch.chdir(place.folder / "home")
    assert place.found("--user") == [("open-shell", ".claude/settings.json", ".")]
    assert "in 1 of 1 file read" in place.run("check", "--user")[1]


def test_the_summary_says_what_took_part(place: Place) -> None:
    assert "this user has no configuration of agents outside the tree" in place.run("check", "--user")[1]
    place.put("home/.codex/config.toml", 'approval_policy = "on-request"\n')
    place.put("home/.gemini/settings.json", "{")
    code, text = place.run("check", "--user")
    assert code == 1
    assert "note: with the configuration of this user: `../home/.codex/config.toml`, `../home/.gemini/settings.json`" in text
    assert "not read: ../home/.gemini/settings.json:1:" in text


def test_a_project_may_have_both(place: Place) -> None:
    place.put("home/.codex/config.toml", 'approval_policy = "never"\nsandbox_mode = "danger-full-access"\n')
    place.put("project/.codex/config.toml", 'approval_policy = "on-request"\nsandbox_mode = "workspace-write"\n')
    assert "approvals-off" not in {rule for rule, *_ in place.found("--user")}, "the project's value stands above the user's"


# --- managed -------------------------------------------------------------------------------------------


def world(files: dict[str, tuple[str, str]]) -> Any:
    """The world of files by path, each with its tier and text; nothing of this machine is read."""
    inputs = [Input(path, text.encode(), tier=tier, known=path) for path, (tier, text) in files.items()]
    return analyse(inputs, Plan((), debug=True)).world


def test_managed_settings_stand_above_all_others() -> None:
    found = world({".claude/settings.json": ("", '{"permissions": {"defaultMode": "acceptEdits"}}'),
                   "../etc/managed-settings.json": ("managed", '{"permissions": {"defaultMode": "plan"}}')})
    assert [agent.mode for agent in found.agents] == ["plan"]


@pytest.mark.parametrize(("lock", "left"), [
    ('"allowManagedPermissionRulesOnly": true', {"grant": 1, "hook": 1}),
    ('"allowManagedHooksOnly": true', {"grant": 2, "hook": 0}),
    ('"allowManagedHooksOnly": false', {"grant": 2, "hook": 1})])
def test_an_administrators_lock_leaves_only_managed_statements(lock: str, left: dict[str, int]) -> None:
    hooks = '"hooks": {"SessionStart": [{"hooks": [{"type": "command", "command": "make setup"}]}]}'
    found = world({".claude/settings.json": ("", '{"permissions": {"allow": ["Bash(make test)"]}, %s}' % hooks),
                   "../etc/managed-settings.json": ("managed", '{"permissions": {"deny": ["Bash(curl *)"]}, %s}' % lock)})
    assert {kind: len([*found.of(kind)]) for kind in left} == left


@pytest.mark.parametrize(("tier", "changes"), [("managed", False), ("user", True)])
def test_a_fix_leaves_managed_files_alone(tier: str, changes: bool) -> None:
    file = Input("managed-settings.json", b'{"permissions": {"allow": ["Bash(git status)", "mcp__*"]}}', tier=tier)
    plan = Plan(rules(), debug=True)
    found = lint([file], plan)[0].findings
    assert [each.rule.id for each in found] == ["dead-rule"]
    made = fixed(found, [file], frozenset({"safe"}), lambda data: lint([file._replace(data=data[file.path])], plan)[0].findings)
    assert bool(made.data) is changes


def test_of_tree_compares_real_paths(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    (tmp_path / "b").symlink_to("a")
    assert _user.of_tree([Input("a", b""), Input("c", b"")], [Input("b", b"", tier="user")], str(tmp_path)) == [Input("c", b"")]
