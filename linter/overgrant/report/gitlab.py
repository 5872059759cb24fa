"""Reports: GitLab's code quality, a subset of the Code Climate format.

Form: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format (read on 2026-11-24).
"""

from __future__ import annotations

from typing import Any, TextIO

from overgrant.report import Result
from overgrant.rule import Finding
from overgrant.template import safe

LEVELS = {"critical": "blocker", "high": "critical", "medium": "major", "low": "minor", "info": "info"}


def write(result: Result, stream: TextIO) -> None:
    """The findings that are shown as a JSON list and a line end."""
    from json import dumps

    stream.write(dumps([_finding(each) for each in result.findings], indent=2) + "\n")


def _finding(finding: Finding) -> dict[str, Any]:
    span = finding.primary.span
    return {"description": f"{safe(finding.message)} [{finding.rule.id}]", "check_name": finding.rule.id,
            "fingerprint": finding.fingerprint, "severity": LEVELS[finding.severity],
            "location": {"path": span.source.path, "lines": {"begin": span.begin[0], "end": span.finish[0]}}}
