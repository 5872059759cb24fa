"""The text report: whole diagnostics as snapshots, the width of characters, and what never reaches a terminal."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overgrant.model import Grant
from overgrant.report import Coverage, Held, Result, Unread
from overgrant.report.frame import Mark, cells, width_of
from overgrant.report.text import folded, render, summary, write
from overgrant.rule import Finding, Fix, Place, Rule
from overgrant.text import Edit, Source, Span

Snapshot = Callable[[str, str], None]
SETTINGS = Source(".claude/settings.json", b"""{
  "permissions": {
    "defaultMode": "acceptEdits",
    "allow": [
      "Read",
      "Bash(*)",
      "Bash(git *)"
    ]
  }
}
""")


def at(piece: str, source: Source = SETTINGS) -> Span:
    start = source.text.index(piece)
    return source.span(start, start + len(piece))


def finding(*places: Place, severity: Any = "high", declared: Any = "high", status: str = "stable",
            message: str = "`claude` may run any shell command without asking", **fields: Any) -> Finding:
    rule = Rule(id="open-shell", family="scope", subject="grant", severity=declared, check=lambda fact, world: (),
                message="", help="", status=status)
    return Finding(rule, Grant(), message=message, help=fields.pop("help", "name the commands"), places=list(places),
                   severity=severity, **fields)


def primary(span: Span, label: str = "matches every command") -> Place:
    return Place(span, label, "primary")


def related(span: Span, label: str = "") -> Place:
    return Place(span, label)


CI = Source(".github/workflows/ci.yml", b"on:\n  issue_comment:\njobs:\n" + b"  # more\n" * 120 + b"  run: claude -p\n")
WIDE = Source("日本.yaml", "説明: エージェント # 日本\nallow: ['🙂', 'Bash(*)', cafe\u0301]\n".encode())
HOSTILE = Source("a\x1b[31m.yaml", "tools: [\"\u202eBash\u202c\"]\t# \x1b[2J\x07 \x9b\u200b\n".encode())
LONG = Source("min.json", ('{"a":' + '"x",' * 400 + '"Bash(*)"' + ',"y"' * 400 + "}\n").encode())
TABS = Source("tabs.toml", b"\tallow = [\t'Bash(*)']\n")
BLOCK = Source("block.yaml", b"run: |\n  one\n  two\nmode: x\n")

CASES: dict[str, Finding] = {
    "plain": finding(primary(at('"Bash(*)"'))),
    "several-places": finding(
        primary(at('"Bash(*)"')), related(at('"acceptEdits"'), "edits are not asked about"), related(at('"Read"'))),
    "same-line": finding(
        primary(at('"allow"'), "the list"), related(at("["), "starts"), related(at('"Bash(git *)"'))),
    "other-file": finding(
        primary(at('"Bash(*)"')), related(at("claude -p", CI), "nobody watches this run"),
        related(at("issue_comment", CI), "anyone can start it")),
    "notes": finding(
        primary(at('"Bash(*)"')), severity="critical", shifted="runs unattended", status="preview",
        implies=[f"power {number}" for number in range(8)],
        fixes=[Fix("write `Bash(git *)`", "unsafe", [Edit(at('"Bash(*)"'), "")]), Fix("remove it", "safe", [
            Edit(at('"Bash(*)"'), "")]), Fix("think", "advice")]),
    "lowered": finding(primary(at('"Bash(*)"')), severity="medium", shifted="in an effective sandbox"),
    "whole-file": finding(primary(Span.file(Source("bad.json", b"\xff")), "the file is not UTF-8"), help="write UTF-8"),
    "wide": finding(primary(at("'Bash(*)'", WIDE)), related(at("エージェント", WIDE), "says what it is for")),
    "hostile": finding(primary(at("Bash", HOSTILE)), related(at("#", HOSTILE), "a comment")),
    "long": finding(primary(at('"Bash(*)"', LONG))),
    "tabs": finding(primary(at("'Bash(*)'", TABS)), related(at("allow", TABS))),
    "multi-line": finding(primary(Span(BLOCK, 5, 18), "two commands"), related(at("x", BLOCK))),
    "empty-span": finding(primary(SETTINGS.span(0, 0), "here")),
    "end-of-line": finding(primary(SETTINGS.span(1, 1), "after it")),
}


@pytest.mark.parametrize("name", CASES)
def test_diagnostics(name: str, snapshot: Snapshot) -> None:
    snapshot(f"text-{name}.txt", render(CASES[name], width=90) + "\n")


def test_colour_only_when_asked(snapshot: Snapshot) -> None:
    coloured = render(CASES["other-file"], color=True)
    assert "\x1b" not in render(CASES["other-file"])
    snapshot("text-colour.txt", coloured.replace("\x1b", "<ESC>") + "\n")
    import re

    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == render(CASES["other-file"])


@pytest.mark.parametrize("color", [True, False])
def test_nothing_of_a_scanned_file_steers_the_terminal(color: bool) -> None:
    text = render(CASES["hostile"], color=color)
    if color:
        assert text.count("\x1b[") == text.count("\x1b")
        text = text.replace("\x1b", "")
    assert all(char.isprintable() or char == "\n" for char in text)
    assert "\\u{202e}Bash" in text


def test_the_underline_is_below_what_it_means() -> None:
    for name in ("plain", "wide", "hostile", "long", "tabs", "several-places"):
        lines = render(CASES[name], width=90).splitlines()
        row = next(index for index, line in enumerate(lines) if "^" in line)
        below = lines[row]
        line = lines[row - 1]
        columns: list[str] = []
        for char in line:
            columns += [char, *[""] * (width_of(char) - 1)] if width_of(char) else []
        start = below.index("^")
        under = "".join(columns[start:start + below.count("^")])
        assert under.strip("'\"") in ("Bash(*)", "Bash"), (name, under)


@settings(deadline=None, max_examples=150)
@given(st.text(alphabet=st.sampled_from("ab\t日\u0301\u202e\x1b é🙂"), max_size=200), st.integers(0, 200),
       st.integers(0, 200), st.integers(40, 120))
def test_a_line_never_exceeds_its_room_and_marks_stay_inside(line: str, start: int, size: int, room: int) -> None:
    start = min(start, len(line))
    end = min(start + size, len(line))
    shown, at = cells(line, [Mark(1, start, end, "", True)], room)
    assert sum(map(width_of, shown)) <= room
    assert shown.isprintable()
    (column, width), = at
    assert 0 <= column <= room
    assert 1 <= width <= room


def summarised(findings: list[Finding], **fields: Any) -> str:
    return summary(Result(findings, **fields))


def test_the_summary_line() -> None:
    high, medium = CASES["plain"], CASES["lowered"]
    waived = finding(primary(at('"Read"')))
    waived.waived = "reviewed"
    coverage = Coverage(9, 5, {}, [Unread("x.json", 1, "broken")])
    assert summarised([high, medium, medium], coverage=coverage, waived=[waived], held=Held(strict=2)) == (
        "3 findings (1 high, 2 medium) in 1 of 5 files read; 1 waived, 2 in the strict profile only; "
        "1 file could not be read in full")
    assert summarised([high], coverage=Coverage(1, 1)) == "1 finding (1 high) in 1 of 1 file read"
    assert summarised([CASES["notes"]], coverage=Coverage(1, 1)) == (
        "1 finding (1 critical) in 1 of 1 file read; 1 with a fix")
    assert summarised([], coverage=Coverage(9, 5)) == "no findings in 5 files read"
    assert summarised([], coverage=coverage, held=Held(baselined=1, below=2, local=3, examples=4, ignored=5)) == (
        "no findings in 5 files read (1 known from before, 2 below the severity shown, 3 in local files, 4 in examples, "
        "5 of rules switched off; 1 file could not be read in full)")
    assert summarised([], coverage=Coverage(9, 0)) == "nothing to check: no agent configuration found"
    assert summarised([], coverage=Coverage(1, 0, {}, [Unread("x", 1, "y")])) == (
        "no findings in 0 files read (1 file could not be read in full)")


def test_the_whole_report(snapshot: Snapshot) -> None:
    stream = io.StringIO()
    local = finding(primary(at('"Read"')))
    local.local = True
    write(Result(
        [CASES["notes"], CASES["whole-file"], local], rules_off=["b", "a"], excluded=["x\x1b.json"],
        unused=["open-shell in .claude/**"],
        coverage=Coverage(20, 3, {}, [Unread(f"f{number:02}.json", number + 1, "no JSON") for number in range(12)],
                          ["git is absent: the directory is walked"])), stream)
    snapshot("text-report.txt", stream.getvalue())


@pytest.mark.parametrize(("text", "width", "wanted"), [
    ("one two three", 8, "one two\n  three"),
    ("a `b c d e f` g", 8, "a\n  `b c d e f`\n  g"),  # what is in backticks stays on a line, so that it can be copied
    ("see `x`, `y` and `z`.", 9, "see `x`,\n  `y` and\n  `z`."),
    ("incomprehensibilities", 8, "incomprehensibilities"),
    ("a ` b c", 4, "a `\n  b\n  c"),
    ("", 8, "")])
def test_folding(text: str, width: int, wanted: str) -> None:
    assert folded(text, width, 2) == wanted


def test_a_terminal_gets_folded_sentences_and_a_file_gets_whole_ones() -> None:
    found = finding(Place(at('"Bash(*)"'), "", "primary"), message="a very long sentence " * 6, help="and what to do about it " * 6)
    wide, narrow = (render(found, width=60, fold=fold) for fold in (False, True))
    assert max(map(len, wide.splitlines())) > 100
    assert max(map(len, narrow.splitlines())) <= 60
    assert narrow.split() == wide.split()


def test_a_label_without_room_stands_below_its_underline() -> None:
    label = "a label that is longer than the room behind the underline is"
    found = finding(Place(at('"Bash(*)"'), label, "primary"))
    assert render(found, width=60).splitlines()[4].endswith(f"^^^^^^^^^ {label}")
    row, below = render(found, width=72, fold=True).splitlines()[4:6]
    assert row.endswith("^^^^^^^^^")
    assert below == f"  |       {label}"
