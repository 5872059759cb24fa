"""Reports: JUnit XML, for build servers that show test results: every finding is a test that failed.

Form: the schema of Jenkins' xUnit plugin, `model/xsd/junit-10.xsd` (read on 2026-11-24).
"""

from __future__ import annotations

from typing import TextIO

from overgrant.report import Result
from overgrant.report.text import account, render
from overgrant.rule import Finding
from overgrant.template import safe


def write(result: Result, stream: TextIO) -> None:
    """One suite; a waived finding is a skipped test, and a run without findings is one test that passed."""
    failed, waived = len(result.findings), len(result.waived)
    counts = f'tests="{failed + waived or 1}" failures="{failed}" errors="0" skipped="{waived}"'
    stream.write(f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n  <testsuite name="overgrant" {counts} time="0">\n')
    for finding in result.findings:
        stream.write(f"    {_case(finding)}\n      <failure type={_quoted(finding.severity)} "
                     f"message={_quoted(safe(finding.message))}>{_escaped(_plain(render(finding)))}</failure>\n"
                     f"    </testcase>\n")
    for finding in result.waived:
        stream.write(f"    {_case(finding)}\n      <skipped message={_quoted(safe(finding.waived or ''))}/>\n    </testcase>\n")
    if not failed and not waived:
        stream.write('    <testcase classname="overgrant" name="check" time="0"/>\n')
    lines = "\n".join(account(result))
    stream.write(f"    <system-out>{_escaped(_plain(lines))}</system-out>\n  </testsuite>\n</testsuites>\n")


def _case(finding: Finding) -> str:
    span = finding.primary.span
    name = f"{finding.rule.id}, line {span.begin[0]}"
    return (f"<testcase classname={_quoted(safe(span.source.path))} name={_quoted(name)} "
            f'file={_quoted(safe(span.source.path))} line="{span.begin[0]}" time="0">')


def _plain(text: str) -> str:
    """Lines without anything that XML has no place for."""
    return "\n".join(map(safe, text.split("\n")))


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _quoted(text: str) -> str:
    return '"' + _escaped(text).replace('"', "&quot;").replace("\n", "&#10;") + '"'
