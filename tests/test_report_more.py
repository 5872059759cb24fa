"""Reports for machines and reviewers: GitHub's annotations, GitLab, JUnit, Markdown."""

from __future__ import annotations

import io
import json
from typing import Any
from xml.etree import ElementTree

import pytest

from overgrant.report import Coverage, Result, Unread, github, gitlab, junit, markdown
from overgrant.rule import Place
from overgrant.text import Source, Span
from test_report_json import at, finding

HOSTILE = "a\x1b[2J\u202e%0A::error::x\r\n::stop-commands::y ]]> <b>&amp;\ud800|"


def printed(writer: Any, result: Result) -> str:
    stream = io.StringIO()
    writer.write(result, stream)
    text = stream.getvalue()
    text.encode()
    assert not set(text) & set("\x1b\u202e\r\x07")
    return text


def mixed() -> Result:
    waived = finding(at("allow"), id="b", message="waived")
    waived.waived = "a reason"
    return Result([finding(at("日本"), severity="low"), finding(at('"Bash(*)"'), severity="critical")], waived=[waived],
                  coverage=Coverage(2, 2, unread=[Unread("b.json", 4, "why")]))


# --- GitHub ------------------------------------------------------------------------------------------


def test_annotations_are_lines_worst_first() -> None:
    lines = printed(github, mixed()).splitlines()
    assert lines[0] == ("::error file=.claude/settings.json,line=3,endLine=3,col=13,endColumn=21,"
                        "title=critical%3A open-shell::it may%0Alet it not")
    assert lines[1].startswith("::notice file=.claude/settings.json,line=2,endLine=2,col=9,endColumn=10,")
    assert [line for line in lines if line.startswith("::")] == lines[:2]
    assert "not read: b.json:4: why" in lines


def test_text_from_files_starts_no_command_and_ends_no_property() -> None:
    source = Source("a,b:c%\n::error::.json", b"{}")
    place = Place(Span.file(source), "", "primary")
    text = printed(github, Result([finding(place.span, places=[place], message=HOSTILE, help=HOSTILE)]))
    assert sum(line.startswith("::") for line in text.splitlines()) == 1
    first = text.splitlines()[0]
    head, _, data = first.removeprefix("::error ").partition("::")
    assert [each.split("=")[0] for each in head.split(",")] == ["file", "line", "endLine", "title"]
    assert "%2C" in head
    assert "%250A" in data


# --- GitLab ------------------------------------------------------------------------------------------


def test_code_quality() -> None:
    found = json.loads(printed(gitlab, mixed()))
    assert [(each["severity"], each["location"]) for each in found] == [
        ("minor", {"path": ".claude/settings.json", "lines": {"begin": 2, "end": 2}}),
        ("blocker", {"path": ".claude/settings.json", "lines": {"begin": 3, "end": 3}})]
    assert all(set(each) == {"description", "check_name", "fingerprint", "severity", "location"} for each in found)
    assert json.loads(printed(gitlab, Result())) == []


# --- JUnit -------------------------------------------------------------------------------------------


def test_junit_counts_failures_and_skipped_ones() -> None:
    suite = ElementTree.fromstring(printed(junit, mixed()))[0]
    assert [suite.attrib[key] for key in ("tests", "failures", "skipped")] == ["3", "2", "1"]
    cases = suite.findall("testcase")
    assert len(cases) == 3
    assert [case[0].tag for case in cases] == ["failure", "failure", "skipped"]
    assert cases[0].attrib["classname"] == ".claude/settings.json"
    assert '"Bash(*)"' in (cases[1][0].text or "")


def test_junit_without_findings_is_one_test_that_passed() -> None:
    suite = ElementTree.fromstring(printed(junit, Result()))[0]
    assert suite.attrib["tests"] == "1"
    assert [len(case) for case in suite.findall("testcase")] == [0]


def test_junit_is_xml_whatever_the_files_hold() -> None:
    source = Source('a"<&\x00\ud800.json', HOSTILE.encode("utf-8", "replace") + b"\x00")
    place = Place(source.span(0, len(source.text)), HOSTILE, "primary")
    result = Result([finding(place.span, places=[place], message=HOSTILE, help=HOSTILE)])
    suite = ElementTree.fromstring(printed(junit, result))[0]
    assert len(suite.findall("testcase")) == 1


# --- Markdown ----------------------------------------------------------------------------------------


def test_a_table_worst_first() -> None:
    lines = printed(markdown, mixed()).splitlines()
    assert lines[:4] == ["## overgrant", "", "| severity | rule | place | what |", "|---|---|---|---|"]
    assert lines[4] == "| critical | `open-shell` | `.claude/settings.json:3` | it may<br>let it not |"
    assert lines[5].startswith("| low |")
    assert any("not read" in line for line in lines)


@pytest.mark.parametrize("text", [HOSTILE, "<script>", "![x](https://example.com)", "@someone", "a | b", "`<b>` and `a|b`", "`half"])
def test_names_are_code_and_nothing_else_is_markup(text: str) -> None:
    out = printed(markdown, Result([finding(at("allow"), message=text, help="")]))
    row = out.splitlines()[4]
    assert row.replace("\\|", "").count("|") == 5
    outside = "".join(row.split("`")[::2]) if row.count("`") % 2 == 0 else row
    assert "<" not in outside
    assert "@" not in outside
    assert "![" not in outside


def test_long_tables_are_cut() -> None:
    many = [finding(at("allow"), identity=(str(number),)) for number in range(markdown.MOST + 5)]
    assert "\nand 5 more\n" in printed(markdown, Result(many))
