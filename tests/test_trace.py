"""Sessions: what was used, what failed, what was never used, and what to write instead of a wide grant."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overgrant.command import _sessions
from overgrant.dialect.trace import Use, read
from overgrant.ruletest import patched
from test_cli import SETTINGS, Tree, tree
from trees import judged

__all__ = ["tree"]


def call(name: str, number: int = 0, session: str = "1", folder: str = "/w/app", **given: Any) -> str:
    return json.dumps({"sessionId": session, "cwd": folder, "type": "assistant", "message": {"content": [
        {"type": "text", "text": "…"}, {"type": "tool_use", "id": f"t{number}", "name": name, "input": given}]}})


def outcome(number: int, failed: bool, session: str = "1") -> str:
    return json.dumps({"sessionId": session, "message": {"content": [{"type": "tool_result", "tool_use_id": f"t{number}", "is_error": failed}]}})


def uses(*lines: str) -> list[Use]:
    trace = read("\n".join(lines).encode())
    assert trace is not None
    return trace.uses


@pytest.mark.parametrize(("line", "wanted"), [
    (call("Bash", command=" npm test\n"), [Use("command", "npm test")]),
    (call("Read", file_path="/w/app/src/a.py"), [Use("read", "src/a.py")]),
    (call("Read", file_path="/etc/passwd"), [Use("read", "/etc/passwd")]),
    (call("Read", file_path="/w/application/x"), [Use("read", "/w/application/x")]),
    (call("Edit", folder="C:\\w", file_path="C:\\w\\a\\b.ts"), [Use("write", "a/b.ts")]),
    (call("WebFetch", url="https://docs.example.com/a"), [Use("fetch", "https://docs.example.com/a")]),
    (call("mcp__tracker__get_issue", key="X"), [Use("tool", "tracker.get_issue")]),
    (call("Bash", command=["x"]), []),
    (call("Bash", other="x"), []),
    (call("TodoWrite", todos=[]), []),
    ('{"sessionId": 1, "message": {"content": [{"type": "tool_use"}]}}', []),
    ('{"sessionId": "1", "message": {"content": {"type": "tool_use"}}}', []),
    ('{"sessionId": "1", "message": {"content": [7, null, {"type": "tool_use", "name": 3}]}}', []),
])
def test_what_a_line_tells(line: str, wanted: list[Use]) -> None:
    assert uses(line) == wanted


def test_a_call_that_failed_is_no_use_and_numbers_are_those_of_a_session() -> None:
    lines = [call("Bash", 1, command="a b"), call("Bash", 1, "2", command="c d"), outcome(1, True), outcome(1, False, "2")]
    assert uses(*lines) == [Use("command", "c d")]


def test_what_is_no_session_and_lines_that_are_not_json() -> None:
    assert read(b'{"type": "session_meta"}\n') is None
    trace = read((call("Bash", command="a b") + "\n{broken\n" + "[" * 100_000 + "\n\xff\n").encode())
    assert trace is not None and (len(trace.uses), trace.skipped) == (1, 3)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["tool_use", "Bash"]), lambda inner: st.lists(
    inner, max_size=3) | st.dictionaries(st.sampled_from(["sessionId", "message", "content", "type", "name", "input", "id", "cwd", "command"]), inner,
                                        max_size=5), max_leaves=12))
def test_any_json_is_read(data: object) -> None:
    read(b'{"sessionId": "1", "message": 1}\n' + json.dumps(data).encode())


# --- judged together with rules ------------------------------------------------------------------------


def session(*commands: str, number: int = 10) -> bytes:
    lines = [call("Bash", at, str(at % number), command=command) for at, command in enumerate(commands)]
    lines += [json.dumps({"sessionId": str(each), "message": {}}) for each in range(number)]
    return "\n".join(lines).encode()


def found(allow: list[str], *commands: str, number: int = 10) -> list[tuple[str, str, str]]:
    files = {SETTINGS: json.dumps({"permissions": {"allow": allow}}).encode(), "s.jsonl": session(*commands, number=number)}
    return [(each.rule.id, each.primary.span.text, each.message) for each in judged(files).findings]


def test_a_rule_that_no_session_used() -> None:
    assert found(["Bash(npm run build)", "Bash(git status)"], "npm run build", "FOO=1 true") == [
        ("granted-but-unused", '"Bash(git status)"', "`Bash(git status)` was used in none of 10 sessions")]


@pytest.mark.parametrize("command", ["git status && ls", "cd x; git status", "timeout 5 git status", "git status | head"])
def test_a_part_of_a_line_is_a_use(command: str) -> None:
    assert found(["Bash(git status)"], command) == []


def test_few_sessions_show_nothing() -> None:
    assert found(["Bash(git status)"], "ls", number=9) == []


def test_a_wide_rule_is_narrowed_to_what_was_used_again_and_again() -> None:
    files = {SETTINGS: b'{"permissions": {"allow": ["Bash(*)"]}}', "package.json": b'{"scripts": {"lint": "eslint ."}}', "s.jsonl": session(
        "npm run test", "npm run test", "npm run test && git diff a", "git diff b", "git diff --stat c", "rm -rf /x", "rm -rf /x",
        "curl -H 'Authorization: Bearer x' https://e.example", "curl -H 'Authorization: Bearer x' https://e.example", "git log -1")}
    (finding,) = [each for each in judged(files).findings if each.rule.id == "open-shell"]
    assert [edit.text for edit in finding.fixes[0].edits] == ['"Bash(git diff *)", "Bash(npm run test)"']
    again = judged(patched(files, [finding])).findings
    assert again == [], "what is suggested is accepted"


def test_the_option(tree: Tree) -> None:
    tree.put(SETTINGS, '{"permissions": {"allow": ["Bash(git status)", "Bash(npm run test)"]}}')
    tree.put("sessions/a/b.jsonl", session("npm run test").decode())
    ran = tree.run("check", "--trace", "sessions")
    assert "low[granted-but-unused]: `Bash(git status)` was used in none of 10 sessions" in ran.out
    assert "note: with 10 sessions of claude and 1 use in them" in ran.out
    assert ran.code == 0
    assert "granted-but-unused" not in tree.run("check").out


@pytest.mark.parametrize(("name", "text", "code", "what"), [
    ("none", None, 2, "There is no session at `none`."),
    ("empty/x.txt", "", 2, "There is no file `*.jsonl` below `empty`."),
    ("other.jsonl", "{}", 0, "not read: other.jsonl:1: it is no session of a product whose sessions are known"),
])
def test_what_is_no_session(tree: Tree, name: str, text: str | None, code: int, what: str) -> None:
    if text is not None:
        tree.put(name, text)
    ran = tree.run("check", "--trace", name.split("/")[0])
    assert (ran.code, what in ran.out + ran.err) == (code, True)


def test_sessions_that_are_too_many_are_said(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_sessions, "MOST_FILES", 2)
    for name in "abc":
        tree.put(f"sessions/{name}.jsonl", session("npm run test").decode())
    assert "not read: sessions:1: only 2 of the 3 sessions in it are read" in tree.run("check", "--trace", "sessions").out
