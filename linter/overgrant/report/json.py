"""Reports: JSON, version 1, as `schemas/report-v1.json` describes it. It only ever grows."""

from __future__ import annotations

from typing import Any, TextIO

from overgrant import __version__
from overgrant.report import Result, places
from overgrant.rule import Finding, Fix, Place


def write(result: Result, stream: TextIO) -> None:
    """The result as one JSON object and a line end.

    Lines and columns are 1-based, columns in characters, ends exclusive; `start` and `end` of edits are byte
    offsets; paths are relative and POSIX. Waived findings are in `findings`, with their reason in `waived`.
    """
    from json import dumps

    # ASCII only: no terminal and no log ever gets a control character of a scanned file
    stream.write(dumps(document(result), indent=2) + "\n")


def document(result: Result) -> dict[str, Any]:
    """The report as plain data."""
    from overgrant.report import order

    coverage, held = result.coverage, result.held
    findings = sorted([*result.findings, *result.waived], key=order)
    return {
        "version": 1,
        "tool": {"name": "overgrant", "version": __version__},
        "findings": [_finding(finding) for finding in findings],
        "coverage": {
            "files_seen": coverage.files_seen, "files_read": coverage.files_read, "by_format": coverage.by_format,
            "unread": [{"path": item.path, "line": item.line, "why": item.why} for item in coverage.unread],
            "notes": coverage.notes,
        },
        "summary": {
            **result.by_severity, "waived": len(result.waived), "baselined": held.baselined,
            "fixable": result.fixable, "profile": result.profile,
            "held_back": {"strict": held.strict, "below": held.below, "local": held.local, "examples": held.examples,
                          "ignored": held.ignored},
            "rules_off": result.rules_off, "excluded": result.excluded, "waivers_unused": result.unused,
        },
    }


def _finding(finding: Finding) -> dict[str, Any]:
    rule, agent = finding.rule, finding.agent
    return {
        "rule": rule.id, "family": rule.family, "severity": finding.severity, "confidence": rule.confidence,
        "profile": rule.profile, "message": finding.message, "help": finding.help,
        "agent": agent.name if agent is not None else None, "root": finding.fact.root.path,
        "capability": finding.capability, "implies": finding.implies, "fingerprint": finding.fingerprint,
        "path": finding.primary.span.source.path, **_lines(finding.primary),
        "places": [{"path": place.span.source.path, **_lines(place), "role": place.role, "label": place.label}
                   for place in places(finding)],
        "fixes": [_fix(fix) for fix in finding.fixes],
        "references": list(rule.references), "waived": finding.waived,
    }


def _lines(place: Place) -> dict[str, int]:
    (line, column), (end_line, end_column) = place.span.begin, place.span.finish
    return {"line": line, "column": column, "end_line": end_line, "end_column": end_column}


def _fix(fix: Fix) -> dict[str, Any]:
    edits = []
    for edit in fix.edits:
        start, end = edit.span.bytes
        edits.append({"path": edit.span.source.path, "start": start, "end": end, "text": edit.text})
    return {"title": fix.title, "safety": fix.safety, "edits": edits}
