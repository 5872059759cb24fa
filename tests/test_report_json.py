"""The JSON report: the schema, byte offsets, order, and that it is the same every time."""

from __future__ import annotations

import io
import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from overgrant.model import Agent, Grant, Root
from overgrant.report import Coverage, Held, Result, Unread
from overgrant.report.json import document, write
from overgrant.rule import Finding, Fix, Place, Rule
from overgrant.text import Edit, Source, Span

SCHEMA = json.loads((Path(__file__).parent.parent / "schemas" / "report-v1.json").read_text())
TEXT = '\ufeff{\n  "é": "日本",\n  "allow": ["Bash(*)"]\n}\n'
SOURCE = Source(".claude/settings.json", TEXT.encode())
PRINT = sha256(b"one").hexdigest()[:24]


def at(piece: str, source: Source = SOURCE) -> Span:
    start = source.text.index(piece)
    return source.span(start, start + len(piece))


def finding(span: Span, *, id: str = "open-shell", agent: bool = True, **fields: Any) -> Finding:
    rule = Rule(id=id, family="scope", subject="grant", severity="high", check=lambda fact, world: (), message="",
                help="", references=["CWE-250"])
    fact = Grant()
    fact.root = Root("apps/web", "claude")
    if agent:
        fact.agent = Agent()
        fact.agent.name, fact.agent.root, fact.capability = "claude", fact.root, "exec.shell"
    made: dict[str, Any] = {"message": "it may", "help": "let it not", "severity": "high", "identity": ("one",),
                            "places": [Place(at("allow"), "here"), Place(span, "all", "primary")], **fields}
    return Finding(rule, fact, **made)


def report(result: Result) -> Any:
    stream = io.StringIO()
    write(result, stream)
    text = stream.getvalue()
    assert text.endswith("}\n")
    assert text.isascii()
    data = json.loads(text)
    jsonschema.validate(data, SCHEMA, jsonschema.Draft202012Validator)
    return data


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_one_finding_whole() -> None:
    span = at('"Bash(*)"')
    fix = Fix("name it", "unsafe", [Edit(span, '"Read"')])
    (found,) = report(Result([finding(span, fixes=[fix], implies=["fs.read of anything"])]))["findings"]
    start = TEXT.encode().index(b'"Bash(*)"')
    assert found == {
        "rule": "open-shell", "family": "scope", "severity": "high", "confidence": "high", "profile": "default",
        "message": "it may", "help": "let it not", "agent": "claude", "root": "apps/web", "capability": "exec.shell",
        "implies": ["fs.read of anything"], "fingerprint": PRINT, "path": ".claude/settings.json",
        "line": 3, "column": 13, "end_line": 3, "end_column": 22,
        "places": [
            {"path": ".claude/settings.json", "line": 3, "column": 13, "end_line": 3, "end_column": 22,
             "role": "primary", "label": "all"},
            {"path": ".claude/settings.json", "line": 3, "column": 4, "end_line": 3, "end_column": 9,
             "role": "related", "label": "here"}],
        "fixes": [{"title": "name it", "safety": "unsafe", "edits": [
            {"path": ".claude/settings.json", "start": start, "end": start + 9, "text": '"Read"'}]}],
        "references": ["CWE-250"], "waived": None}


def test_columns_are_characters_and_edits_are_bytes() -> None:
    span = at("日本")
    data = report(Result([finding(span, fixes=[Fix("x", "safe", [Edit(span, "")])])]))["findings"][0]
    assert (data["column"], data["end_column"]) == (9, 11)
    edit = data["fixes"][0]["edits"][0]
    assert TEXT.encode()[edit["start"]:edit["end"]].decode() == "日本"


def test_a_file_level_place_is_at_the_top_and_agents_may_be_null() -> None:
    binary = Source("bad.json", b"\xff\xfe\x00")
    data = report(Result([finding(Span.file(binary), places=[Place(Span.file(binary), "", "primary")], agent=False)]))
    found = data["findings"][0]
    assert [found[key] for key in ("line", "column", "end_line", "end_column")] == [1, 1, 1, 1]
    assert found["agent"] is None
    assert found["capability"] is None


def test_the_summary_accounts_for_everything() -> None:
    span = at('"Bash(*)"')
    waived = finding(at("allow"), id="b")
    waived.waived = "reviewed"
    result = Result(
        [finding(span), finding(span, severity="low", fixes=[Fix("t", "safe", [Edit(span, "")])])], waived=[waived],
        held=Held(strict=2, baselined=3, local=1), rules_off=["z", "a"], excluded=["x.json"], unused=["w"],
        coverage=Coverage(9, 4, {"b": 1, "a": 3}, [Unread("b", 1, "why"), Unread("a", 2, "why")], ["a note"]))
    data = report(result)
    assert data["summary"] == {
        "critical": 0, "high": 1, "medium": 0, "low": 1, "info": 0, "waived": 1, "baselined": 3, "fixable": 1,
        "profile": "default", "held_back": {"strict": 2, "below": 0, "local": 1, "examples": 0, "ignored": 0},
        "rules_off": ["a", "z"], "excluded": ["x.json"], "waivers_unused": ["w"]}
    assert data["coverage"] == {
        "files_seen": 9, "files_read": 4, "by_format": {"a": 3, "b": 1}, "notes": ["a note"],
        "unread": [{"path": "a", "line": 2, "why": "why"}, {"path": "b", "line": 1, "why": "why"}]}
    assert [(found["rule"], found["waived"]) for found in data["findings"]] == [
        ("b", "reviewed"), ("open-shell", None), ("open-shell", None)]


def test_order_is_by_place_whatever_came_first() -> None:
    other = Source("a.json", b"[1]\n")
    findings = [finding(at('"Bash(*)"')), finding(at("日本")), finding(at('"Bash(*)"'), id="a-rule"),
                finding(other.span(0, 1), places=[Place(other.span(0, 1), "", "primary")])]
    one, two = document(Result(findings)), document(Result(findings[::-1]))
    assert one == two
    assert [(found["path"], found["line"], found["rule"]) for found in one["findings"]] == [
        (SOURCE.path, 2, "open-shell"), (SOURCE.path, 3, "a-rule"), (SOURCE.path, 3, "open-shell"),
        ("a.json", 1, "open-shell")]


@pytest.mark.parametrize("text", ["a\x1b[2Jb", "\u202e", "\ud800", "\x9b"])
def test_no_control_character_is_printed(text: str) -> None:
    data = report(Result([finding(at("allow"), message=text)]))
    assert data["findings"][0]["message"] == text


def test_nothing_found() -> None:
    assert report(Result())["findings"] == []
