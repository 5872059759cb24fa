"""Edits: what they leave alone, that less is found and no power gained, and `check --fix`, `--unsafe-fixes`, `--diff`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overgrant.coderepair import complete
from overgrant.model import Grant
from overgrant.powerdiff import Side, gains
from overgrant.read import read
from overgrant.repair import removed, replaced
from overgrant.result import Result
from overgrant.ruletest import patched
from overgrant.run import Input, Plan, lint
from overgrant.scope import Answer, covers
from overgrant.text import Source, apply
from test_cli import SETTINGS, Tree, tree
from trees import analysis_of, judged, rules, tree_of

__all__ = ["tree"]


@pytest.mark.parametrize(("syntax", "text", "route", "wanted"), [
    ("json", '{"a": ["x", "y"]}', ("a", 0), '{"a": ["y"]}'),
    ("json", '{"a": ["x", "y"]}', ("a", 1), '{"a": ["x"]}'),
    ("json", '{"a": ["x", "y", "z"]}', ("a", 1), '{"a": ["x", "z"]}'),
    ("json", '{"a": ["x"]}', ("a", 0), None),
    ("json", '{"a": [\r\n  "x",\r\n  "y"\r\n]}', ("a", 0), '{"a": [\r\n  "y"\r\n]}'),
    ("json", '{"a": [\n  "x",\n  "y"\n]}', ("a", 1), '{"a": [\n  "x"\n]}'),
    ("jsonc", '{"a": [\n  "x", // why\n  "y",\n]}', ("a", 0), '{"a": [\n  // why\n  "y",\n]}'),
    ("jsonc", '{"a": [\n  "x", // why\n  "y"\n]}', ("a", 1), None),
    ("jsonc", '{"a": [\n  "x",\n  "y", // last\n]}', ("a", 1), '{"a": [\n  "x",\n  // last\n]}'),
    ("json", '{"m": {"k": "v", "l": "w"}}', ("m", "k"), '{"m": {"l": "w"}}'),
    ("json", '{"m": {"k": "v", "l": "w"}}', ("m", "l"), '{"m": {"k": "v"}}'),
    ("json", '{"m": {"k": "v"}}', ("m", "k"), None),
    ("json", '{"m": {"k": {"n": 1}, "l": 2}}', ("m", "k"), None),
    ("yaml", "a:\n  - x\n  - y # why\n", ("a", 0), "a:\n  - y # why\n"),
    ("yaml", "a:\n  - x\n  - y # why\n", ("a", 1), None),
    ("yaml", "a:\n- x\n- y", ("a", 1), "a:\n- x\n"),
    ("yaml", "a:\n  - x\n", ("a", 0), None),
    ("yaml", "a: [x, y]\n", ("a", 0), "a: [y]\n"),
    ("yaml", "a: {k: v, l: w}\n", ("a", "l"), "a: {k: v}\n"),
    ("yaml", "m:\n  k: v\n  l: w\n", ("m", "k"), None),
    ("toml", 'a = ["x", "y"]\n', ("a", 0), 'a = ["y"]\n'),
])
def test_taking_out(syntax: str, text: str, route: tuple[str | int, ...], wanted: str | None) -> None:
    source = Source("f", text.encode())
    root = read(source, syntax).root
    value = root.get(*route) if root is not None else None
    assert value is not None
    edit = removed(value)
    assert (apply(source, [edit]).decode() if edit is not None else None) == wanted


@pytest.mark.parametrize(("syntax", "text", "route", "texts", "wanted"), [
    ("json", '{"a": ["x"]}', ("a", 0), ["p q", "r"], '{"a": ["p q", "r"]}'),
    ("json", '{"a": [\n    "x",\n    "y"\n]}', ("a", 0), ["p", "r"], '{"a": [\n    "p",\n    "r",\n    "y"\n]}'),
    ("json", '{"a": "x"}', ("a",), ["p"], '{"a": "p"}'),
    ("json", '{"a": "x"}', ("a",), ["p", "q"], None),
    ("json", '{"a": ["\\u0078"]}', ("a", 0), ["p"], None),
    ("json", '{"a": ["x"]}', ("a", 0), ['say "hi"'], '{"a": ["say \\"hi\\""]}'),
    ("yaml", "a:\n  - x\n  - y\n", ("a", 0), ["p", "q r"], "a:\n  - p\n  - q r\n  - y\n"),
    ("yaml", "a:\n  - 'x'\n", ("a", 0), ["p: q"], "a:\n  - 'p: q'\n"),
    ("yaml", "a:\n  - x\n", ("a", 0), ["p: q #"], 'a:\n  - "p: q #"\n'),
    ("yaml", "a:\n  - b\n  - - x\n", ("a", 1, 0), ["p", "q"], None),
    ("toml", "a = ['x']\n", ("a", 0), ["p"], "a = ['p']\n"),
])
def test_writing_something_else(syntax: str, text: str, route: tuple[str | int, ...], texts: list[str], wanted: str | None) -> None:
    source = Source("f", text.encode())
    root = read(source, syntax).root
    value = root.get(*route) if root is not None else None
    assert value is not None
    edit = replaced(value, texts)
    assert (apply(source, [edit]).decode() if edit is not None else None) == wanted


RULES = ["mcp__*", "Write(src/**)", "Bash(git:* push)", "Bash(*)", "Bash(npm run *)", "Bash(git status)", "Read(src/**)", "Edit(docs/**)",
         "WebFetch(domain:example.com)", "Read(./a) ", "bash(ls)", "Bash(make *)"]
DENIES = ["Write(.env*)", "Read(/etc/passwd)", "Read(.env)", "WebFetch", "Bash(rm *)"]
PACKAGE = b'{"scripts": {"test": "vitest", "build": "tsc"}}'
LAYOUTS = [lambda data: json.dumps(data), lambda data: json.dumps(data, indent=2), lambda data: json.dumps(data, indent="\t") + "\n",
           lambda data: json.dumps(data, indent=4).replace("\n", "\r\n")]


def powers(files: dict[str, bytes]) -> list[Grant]:
    return [grant for grant in analysis_of(files).world.of("grant") if isinstance(grant, Grant) and grant.state == "effective"
            and grant.decision == "allow" and grant.rank == "rule"]


def is_held(grant: Grant, before: list[Grant]) -> bool:
    if grant.scope is None:
        return any((grant.tool, grant.capability) == (other.tool, other.capability) for other in before)
    return any(other.scope is not None and (other.capability, other.scope.language) == (grant.capability, grant.scope.language)
               and covers(other.scope, grant.scope) is Answer.YES for other in before)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(RULES), min_size=1, max_size=6), st.lists(st.sampled_from(DENIES), max_size=3), st.sampled_from(LAYOUTS))
def test_after_edits_less_is_found_and_nothing_is_gained(allow: list[str], deny: list[str], layout: object) -> None:
    text = layout({"permissions": {"allow": allow, "deny": deny}, "other": [1, "x"]})  # type: ignore[operator]
    files = {SETTINGS: text.encode(), "package.json": PACKAGE}
    found = judged(files).findings
    for safe in (True, False):
        wanted = [each for each in found if any(fix.edits and (fix.safety == "safe") is safe for fix in each.fixes)]
        if not wanted:
            continue
        edited = patched(files, wanted)
        data = json.loads(edited[SETTINGS])
        assert data["other"] == [1, "x"]
        before, after = powers(files), powers(edited)
        assert all(is_held(grant, before) for grant in after), (text, edited[SETTINGS])
        if safe and "dead-rule" in {each.rule.id for each in wanted}:
            again = judged(edited).findings
            assert sum(each.rule.id == "dead-rule" for each in again) < sum(each.rule.id == "dead-rule" for each in found)


@pytest.mark.parametrize(("head", "body", "wanted"), [
    ("allowed-tools: Bash, Read", "Run `git status` and `npm run test`.", "allowed-tools: Bash(git status), Bash(npm run test), Read"),
    ("allowed-tools: [Bash, Read]", "Run `git status` here.", "allowed-tools: [Bash(git status), Read]"),
    ("allowed-tools:\n  - Bash(*)\n  - Read", "Run `git status` here.", "allowed-tools:\n  - Bash(git status)\n  - Read")])
def test_frontmatter(head: str, body: str, wanted: str) -> None:
    path = ".claude/commands/x.md"
    files = {path: f"---\ndescription: d\n{head}\n---\n{body}\n".encode()}
    (finding,) = judged(files).findings
    assert patched(files, [finding])[path].decode() == f"---\ndescription: d\n{wanted}\n---\n{body}\n"


# --- every fix of every fixture ------------------------------------------------------------------------

FORMATS = Path(__file__).parent / "formats"


def one_line(data: bytes) -> bytes:
    try:
        return json.dumps(json.loads(data)).encode()
    except ValueError:
        return data


WRITTEN: dict[str, Callable[[bytes], bytes]] = {
    "as it is": lambda data: data, "CRLF": lambda data: data.replace(b"\n", b"\r\n"), "BOM": lambda data: b"\xef\xbb\xbf" + data,
           "one line": one_line, "tabs": lambda data: data.replace(b"  ", b"\t") if data.lstrip()[:1] == b"{" else data}


def side(files: dict[str, bytes]) -> tuple[Result, Side]:
    result, analysis = lint([Input(path, data) for path, data in sorted(files.items())], Plan(rules(), profile="strict", debug=True))
    return result, Side(analysis.world, result.findings)


@pytest.mark.slow
@pytest.mark.parametrize("folder", sorted(FORMATS.iterdir()), ids=lambda folder: folder.name)
def test_a_fix_reads_gains_nothing_and_mends(folder: Path) -> None:
    for layout, write in WRITTEN.items():
        files = {path: write(data) for path, data in tree_of(folder / "over").items()}
        result, before = side(files)
        tried: dict[str, int] = {}
        for finding in result.findings:
            fix = next((each for each in finding.fixes if each.edits), None)
            tried[finding.rule.id] = tried.get(finding.rule.id, 0) + 1
            if fix is None or tried[finding.rule.id] > 2:
                continue
            source = fix.edits[0].span.source
            edited = apply(source, fix.edits)
            again, after = side({**files, source.path: edited})
            said = f"{layout}: {finding.rule.id}: {fix.title}"
            had, has = (Counter(each.rule.id for each in every.findings) for every in (result, again))
            assert has[finding.rule.id] < had[finding.rule.id], said
            assert len(again.coverage.unread) <= len(result.coverage.unread), said
            assert (b"\r\n" in edited) == (b"\r\n" in source.data) and b"\n" not in edited.replace(b"\r\n", b"") or layout != "CRLF", said
            assert edited.startswith(b"\xef\xbb\xbf") == source.data.startswith(b"\xef\xbb\xbf"), said
            if fix.safety == "safe" or not has - had:  # another finding: `check --unsafe-fixes` does not keep it
                assert [each.what for each in gains(before, after)] == [], said


# --- the command -------------------------------------------------------------------------------------

DEAD = '{\n  "permissions": {\n    "allow": [\n      "mcp__*",\n      "Bash(npm run *)"\n    ]\n  }\n}\n'


def test_fix_writes_what_is_safe_and_reports_the_rest(tree: Tree) -> None:
    tree.put(SETTINGS, DEAD)
    (tree.path / SETTINGS).chmod(0o640)
    ran = tree.run("check", "--fix")
    assert ran.code == 1
    assert "command-opens-shell" in ran.out
    assert f"note: mended 1 finding in `{SETTINGS}`" in ran.out
    assert (tree.path / SETTINGS).read_text() == DEAD.replace('      "mcp__*",\n', "")
    assert (tree.path / SETTINGS).stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in (tree.path / ".claude").iterdir()) == ["settings.json"]


def test_unsafe_fixes_narrow(tree: Tree) -> None:
    tree.put(SETTINGS, DEAD)
    tree.put("package.json", PACKAGE.decode())
    ran = tree.run("check", "--unsafe-fixes")
    assert (ran.code, "no findings" in ran.out) == (0, True), ran.out
    assert json.loads((tree.path / SETTINGS).read_text()) == {"permissions": {"allow": ["Bash(npm run test)", "Bash(npm run build)"]}}


def test_diff_writes_nothing(tree: Tree) -> None:
    tree.put(SETTINGS, DEAD)
    ran = tree.run("check", "--diff")
    assert ran.code == 1
    assert ran.out == (f"--- a/{SETTINGS}\n+++ b/{SETTINGS}\n@@ -1,7 +1,6 @@\n {{\n   \"permissions\": {{\n     \"allow\": [\n"
                       '-      "mcp__*",\n       "Bash(npm run *)"\n     ]\n   }\n')
    assert (tree.path / SETTINGS).read_text() == DEAD


def test_an_edit_after_which_something_else_is_found_is_not_made(tree: Tree) -> None:
    text = '{"permissions": {"allow": ["Bash(npm run *)"], "deny": ["Write(.env*)"]}}'
    tree.put(SETTINGS, text)
    ran = tree.run("check", "--fix")
    assert f"not mended, because something else would be found then: {SETTINGS}:1" in ran.out
    assert (tree.path / SETTINGS).read_text() == text


def test_waived_and_unseen_findings_are_left_alone(tree: Tree) -> None:
    tree.put(SETTINGS, DEAD)
    tree.put(".overgrant.yaml", f"waivers: [{{rule: dead-rule, path: {SETTINGS}, reason: later}}]\n")
    tree.run("check", "--fix")
    assert (tree.path / SETTINGS).read_text() == DEAD
    tree.put(".overgrant.yaml", "")
    tree.put("web/.claude/settings.json", DEAD)
    tree.run("check", "--fix", "web")
    assert (tree.path / SETTINGS).read_text() == DEAD
    assert (tree.path / "web" / SETTINGS).read_text() != DEAD


def test_standard_input_cannot_be_mended(tree: Tree) -> None:
    assert tree.run("check", "-", "--stdin-filename", SETTINGS, "--fix", given=DEAD).code == 2


def test_every_fix_word_is_used() -> None:
    from overgrant.rule import FIXES

    assert {rule.fix for rule in rules()} - {""} == set(FIXES)


@pytest.mark.parametrize(("path", "text", "rule", "wanted"), [
    (SETTINGS, '{"permissions": {"defaultMode": "bypassPermissions", "deny": ["Read(.env)"]}}\n', "approvals-off",
     '{"permissions": {"deny": ["Read(.env)"]}}\n'),
    (SETTINGS, '{"permissions": {"defaultMode": "bypassPermissions"}}\n', "approvals-off", None),
    (SETTINGS, '{\n  "enableAllProjectMcpServers": true,\n  "x": 1\n}\n', "servers-approved-wholesale",
     '{\n  "enableAllProjectMcpServers": false,\n  "x": 1\n}\n'),
    (".codex/config.toml", 'model = "x"\nsandbox_mode = "danger-full-access" # now\n', "sandbox-off", None),
    (".codex/config.toml", 'model = "x"\nsandbox_mode = "danger-full-access"\n', "sandbox-off", 'model = "x"\n'),
    ("agents.yaml", "researcher:\n  role: R\n  goal: G\n  backstory: B\n  max_iter: 100000000\n", "absurd-limit",
     "researcher:\n  role: R\n  goal: G\n  backstory: B\n"),
])
def test_a_statement_is_withdrawn(path: str, text: str, rule: str, wanted: str | None) -> None:
    files = {path: text.encode()}
    found = [each for each in judged(files).findings if each.rule.id == rule]
    assert found
    assert patched(files, found)[path].decode() == (wanted or text)


@pytest.mark.parametrize(("head", "wanted"), [
    ("allowed-tools: Read, Grep", "tools: Read, Grep"),
    ('"allowed-tools": Read, Grep', '"tools": Read, Grep'),
    ("allowed-tools: Read\ntools: Bash", "allowed-tools: Read\ntools: Bash")])
def test_a_wrong_key_is_renamed_and_its_value_stays(head: str, wanted: str) -> None:
    path = ".claude/agents/x.md"
    files = {path: f"---\nname: x\ndescription: Reviews code.\n{head}\n---\nBody\n".encode()}
    found = [each for each in judged(files).findings if each.rule.id == "dead-control"]
    assert found
    assert patched(files, found)[path].decode() == f"---\nname: x\ndescription: Reviews code.\n{wanted}\n---\nBody\n"


FIXTURES = sorted((Path(__file__).parent / "formats").glob("*/over"))


@pytest.mark.parametrize("folder", FIXTURES, ids=lambda folder: folder.parent.name)
def test_each_edit_leaves_a_file_that_reads_as_well(folder: Path) -> None:
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    found = judged(files).findings
    complete(found)
    broken = {"unreadable-manifest", "wrong-type", "duplicate-key"}
    before = sum(each.rule.id in broken for each in found)
    for finding in found:
        if any(fix.edits for fix in finding.fixes):
            after = judged(patched(files, [finding])).findings
            assert sum(each.rule.id in broken for each in after) <= before, finding
