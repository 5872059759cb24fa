"""Reports: annotations of GitHub Actions, worst first, because a step shows the first ten of each level.

Form and escapes: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands, and
`actions/toolkit`, packages/core/src/command.ts (read on 2026-11-24).
"""

from __future__ import annotations

from typing import TextIO

from overgrant.report import Result, order
from overgrant.report.text import account
from overgrant.rule import SEVERITIES, Finding
from overgrant.template import safe

LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "notice", "info": "notice"}


def write(result: Result, stream: TextIO) -> None:
    """One annotation for each finding that is shown, then the account of the run as plain lines."""
    for finding in sorted(result.findings, key=lambda each: (-SEVERITIES.index(each.severity), *order(each))):
        stream.write(annotation(finding) + "\n")
    for line in account(result):
        stream.write(line + "\n")


def annotation(finding: Finding) -> str:
    """The workflow command for a finding: one line."""
    span = finding.primary.span
    (line, column), (end_line, end_column) = span.begin, span.finish
    at: dict[str, object] = {"file": span.source.path, "line": line, "endLine": end_line}
    if line == end_line and not span.whole:
        at |= {"col": column, "endColumn": max(column, end_column - 1)}
    at["title"] = f"{finding.severity}: {finding.rule.id}"
    text = safe(finding.message)
    if finding.help:
        text += "\n" + "\n".join(safe(each) for each in finding.help.splitlines())
    given = ",".join(f"{key}={_property(str(value))}" for key, value in at.items())
    return f"::{LEVELS[finding.severity]} {given}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(safe(text)).replace(":", "%3A").replace(",", "%2C")
