"""Reports: Markdown, for the summary of a CI job or a comment on a change."""

from __future__ import annotations

from typing import TextIO

from overgrant.report import Result, order
from overgrant.report.text import account
from overgrant.rule import SEVERITIES, Finding
from overgrant.template import safe

MOST = 500  # rows; GitHub takes 1 MiB for a job's summary
_SIGNS = frozenset("\\`*_{}[]()#+!|<>~$&@:")


def write(result: Result, stream: TextIO) -> None:
    """A table of the findings that are shown, worst first, and the account of the run."""
    stream.write("## overgrant\n\n")
    findings = sorted(result.findings, key=lambda each: (-SEVERITIES.index(each.severity), *order(each)))
    if findings:
        stream.write("| severity | rule | place | what |\n|---|---|---|---|\n")
    for finding in findings[:MOST]:
        stream.write(_row(finding) + "\n")
    if len(findings) > MOST:
        stream.write(f"\nand {len(findings) - MOST} more\n")
    if findings:
        stream.write("\n")
    for line in account(result):
        stream.write(f"- {prose(line)}\n")


def _row(finding: Finding) -> str:
    span = finding.primary.span
    what = prose(finding.message)
    if finding.help:
        what += "<br>" + "<br>".join(prose(line) for line in finding.help.splitlines())
    return f"| {finding.severity} | {code(finding.rule.id)} | {code(f'{span.source.path}:{span.begin[0]}')} | {what} |"


def code(text: str) -> str:
    """A code span in a table's cell."""
    return "`" + safe(text).replace("`", "'").replace("|", "\\|") + "`"


def prose(text: str) -> str:
    """A sentence of ours with names in backticks: those stay code, nothing else is markup."""
    pieces = safe(text).split("`")
    if len(pieces) % 2 == 0:  # a backtick without its other half
        return _inert("`".join(pieces))
    return "".join(_inert(piece) if number % 2 == 0 else code(piece) for number, piece in enumerate(pieces))


def _inert(text: str) -> str:
    return "".join(f"&#{ord(char)};" if char in "<>&@" else f"\\{char}" if char in _SIGNS else char for char in text)
