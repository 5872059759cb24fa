"""Bad input: a finding with its place and a coverage line; every other file is checked; never a traceback."""

from __future__ import annotations

import codecs
import os
from pathlib import Path

import pytest

from overgrant.command._common import gather
from overgrant.run import MOST_BYTES, Input, Plan, lint
from trees import judged, rules, serious

GOOD = {".mcp.json": b'{"mcpServers": {"a": {"command": "npx", "args": ["-y", "some-package"]}}}'}
SETTINGS = ".claude/settings.json"
OPEN = '{"permissions": {"allow": ["Bash(*)"]}}'

BROKEN = {
    "cut": (b'{"permissions": {"allow": ["Bash(*)"', 1, "unreadable-manifest"),
    "empty": (b"", 1, "unreadable-manifest"),
    "comment": (b'{\n  // everything\n  "permissions": {"allow": ["Bash(*)"]}\n}', 2, "unreadable-manifest"),
    "trailing comma": (b'{\n"permissions": {"allow": ["Bash(*)",]}}', 2, "unreadable-manifest"),
    "utf-16": (codecs.BOM_UTF16_LE + OPEN.encode("utf-16-le"), 1, "unreadable-manifest"),
    "not utf-8": (b'{"permissions": {"allow": ["\xff\xfe"]}}', 1, "unreadable-manifest"),
    "nested": (b'{"permissions": ' + b"[" * 20_000, 1, "unreadable-manifest"),
    "nested and closed": (b"[" * 20_000 + b"]" * 20_000, 1, "unreadable-manifest"),
    "NUL": (b'{"permissions": {"allow": ["Bash\x00"]}}', 1, "unreadable-manifest"),
    "two documents": (OPEN.encode() + b"\n" + OPEN.encode(), 2, "unreadable-manifest"),
    "a list": (b'["Bash(*)"]', 1, "wrong-type"),
    "permissions a list": (b'{"permissions": ["Bash(*)"]}', 1, "wrong-type"),
    "allow a text": (b'{"permissions": {"allow": "Bash(*)"}}', 1, "wrong-type"),
    "a number in allow": (b'{"permissions": {"allow": [1, "Bash(*)"]}}', 1, "wrong-type"),
    "a map in deny": (b'{"permissions": {"deny": [{"Bash": "*"}]}}', 1, "wrong-type"),
    "hooks a text": (b'{"hooks": "echo"}', 1, "wrong-type"),
    "an unknown mode": (b'{"permissions": {"defaultMode": "allowEdits"}}', 1, "wrong-type"),
    "twice": (b'{"permissions": {"deny": ["Read(.env)"]}, "permissions": {}}', 1, "duplicate-key"),
    "null": (b"null", 1, "wrong-type"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_settings(name: str) -> None:
    data, line, rule = BROKEN[name]
    result = judged({SETTINGS: data, **GOOD})
    mine = [each for each in result.findings if each.primary.span.source.path == SETTINGS]
    assert rule in {each.rule.id for each in mine}
    assert any(each.rule.id == rule and each.primary.span.begin[0] == line for each in mine)
    assert any(item.path == SETTINGS for item in result.coverage.unread)
    assert "unpinned-server" in {each.rule.id for each in result.findings}, "the other file is still checked"
    assert serious(result.findings)


@pytest.mark.parametrize("name", ["comment", "trailing comma", "cut", "a number in allow"])
def test_what_can_be_read_is_judged(name: str) -> None:
    assert "open-shell" in {each.rule.id for each in judged({SETTINGS: BROKEN[name][0]}).findings}


def test_a_bom_line_ends_and_tabs_are_fine() -> None:
    data = codecs.BOM_UTF8 + b'{\r\n\t"permissions": {\r\n\t\t"allow": ["Bash(*)"]\r\n\t}\r\n}\r\n'
    result = judged({SETTINGS: data})
    assert [(each.rule.id, each.primary.span.begin) for each in result.findings] == [("open-shell", (3, 13))]
    start, end = result.findings[0].primary.span.bytes
    assert data[start:end] == b'"Bash(*)"'
    assert not result.coverage.unread


def test_a_list_among_servers() -> None:
    result = judged({".mcp.json": b'{"mcpServers": {"tools": ["read"], "a": {"command": "npx", "args": ["x"]}}}'})
    assert {"wrong-type", "unpinned-server"} <= {each.rule.id for each in result.findings}


def test_a_server_without_anything() -> None:
    for text in (b'{"mcpServers": {"a": null}}', b'{"mcpServers": null}', b'{"mcpServers": {"a": {"command": 3}}}',
                 b'{"mcpServers": {"a": {"command": "npx", "args": "x"}}}',
                 b'{"mcpServers": {"a": {"args": [["x"]], "command": "y"}}}'):
        judged({".mcp.json": text})


def test_many_findings_are_all_there() -> None:
    rules = ", ".join(f'"Bash(python{index} *)"' for index in range(300))
    result = judged({SETTINGS: f'{{"permissions": {{"allow": [{rules}, "Bash(*)"]}}}}'.encode()})
    assert "open-shell" in {each.rule.id for each in result.findings}


# --- files that cannot be opened at all ----------------------------------------------------------------

CLOSED = "it cannot be opened (Permission denied)"


@pytest.mark.parametrize(("path", "fires"), [
    (".claude/settings.json", True), (".mcp.json", True), (".codex/config.toml", True),
    ("agents/x.md", False),  # only what stands in it says whose file it is
    ("CLAUDE.md", False), ("tool.py", False)])  # no power by itself; code that cannot be followed
def test_a_file_that_cannot_be_opened_is_a_finding_where_power_stands_in_every_such_file(path: str, fires: bool) -> None:
    result, _ = lint([Input(path, None, why=CLOSED, instead="Make it readable.")], Plan(rules(), debug=True))
    assert [(each.rule.id, each.message, each.help) for each in result.findings] == [
        ("unreadable-manifest", f"this file cannot be read: {CLOSED}", "Make it readable.")] * fires
    assert [each.path for each in result.coverage.unread] == [path]


def test_a_file_that_is_too_large_is_a_finding() -> None:
    data = b'{"permissions": {"deny": ["' + b"x" * MOST_BYTES + b'"]}}'
    result, _ = lint([Input(".claude/settings.json", data)], Plan(rules(), debug=True))
    assert [each.message for each in result.findings] == ["this file cannot be read: it is larger than 4 MiB"]


@pytest.mark.skipif(os.name == "nt", reason="links and pipes of POSIX")
def test_a_link_out_of_the_tree_and_a_pipe_are_findings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "outside.json").write_text("{}")
    tree = tmp_path / "tree"
    (tree / ".cursor").mkdir(parents=True)
    (tree / ".cursor" / "mcp.json").symlink_to("../../outside.json")
    (tree / "notes.txt").symlink_to("../outside.json")
    os.mkfifo(tree / ".mcp.json")
    monkeypatch.chdir(tree)
    gathered = gather(())
    result, _ = lint(gathered.inputs, Plan(rules(), debug=True))
    assert [(each.primary.span.source.path, each.message) for each in result.findings] == [
        (".cursor/mcp.json", "this file cannot be read: it is a link out of the tree, or to nothing"),
        (".mcp.json", "this file cannot be read: it is no regular file")]
    assert gathered.notes == []


@pytest.mark.parametrize(("path", "text"), [
    (".codex/config.toml", b"../.agents/codex/config.toml"), (SETTINGS, b"../shared/settings.json\n"), (".mcp.json", b"./config/mcp.json")])
def test_a_link_that_was_checked_out_as_text_is_named(path: str, text: bytes) -> None:
    """Where there are no links, git writes the path into the file; what it leads to is not read in its place."""
    result = judged({path: text})
    assert not result.findings
    assert [(each.path, "link" in each.why) for each in result.coverage.unread] == [(path, True)]
    assert [each.rule.id for each in judged({path: text + b"\n{"}).findings] == ["unreadable-manifest"]
