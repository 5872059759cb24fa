"""Reports: SARIF 2.1.0, within the limits of GitHub's code scanning.

Format: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html. Limits and the meaning of
`security-severity`, `precision` and fingerprints: https://docs.github.com/en/code-security/reference/code-scanning
(results-exceed-limit, sarif-support-for-code-scanning), read on 2026-11-24. URIs are relative to the
working directory, which should be the top of the repository.
"""

from __future__ import annotations

from typing import Any, TextIO

from overgrant import __version__
from overgrant.report import Result, order, places
from overgrant.rule import SEVERITIES, Finding, Fix, Place, Rule
from overgrant.template import safe
from overgrant.text import Span

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MOST_RESULTS = 25_000   # more, and the file is rejected
MOST_RELATED = 99       # of 100 locations that are kept, one is the finding's own
MOST_TAGS = 10
MOST_HELP = 20_000      # characters of a rule's page
LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note", "info": "note"}
SCORES = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "3.0", "info": "1.0"}
PATHS = frozenset({"flow", "delegation", "self-modification"})  # families whose places are the steps of a way


def write(result: Result, stream: TextIO) -> None:
    """The result as one SARIF log with one run, and a line end. Waived findings are in it, suppressed."""
    from json import dumps

    stream.write(dumps(document(result), indent=2) + "\n")


def document(result: Result) -> dict[str, Any]:
    """The log as plain data."""
    findings = sorted([*result.findings, *result.waived], key=order)
    notifications = [_unread(item.path, item.line, item.why) for item in result.coverage.unread]
    if len(findings) > MOST_RESULTS:
        worst = sorted(findings, key=lambda each: -SEVERITIES.index(each.severity))[:MOST_RESULTS]
        kept = {id(each) for each in worst}
        notifications.append({"level": "warning", "message": {
            "text": f"{len(findings) - MOST_RESULTS} findings of the lowest severity are left out."}})
        findings = [each for each in findings if id(each) in kept]
    rules = sorted({each.rule.id: each.rule for each in findings}.values(), key=lambda rule: rule.id)
    index = {rule.id: number for number, rule in enumerate(rules)}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [{
        "tool": {"driver": {"name": "overgrant", "version": __version__, "semanticVersion": __version__,
                            "rules": [_rule(rule) for rule in rules]}},
        "automationDetails": {"id": "overgrant/"},
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": notifications}],
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The directory that was checked."}}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(each, index[each.rule.id]) for each in findings],
    }]}


def _rule(rule: Rule) -> dict[str, Any]:
    page = _page(rule)
    cwe = [f"external/cwe/{each.split()[0].lower()}" for each in rule.references if each.startswith("CWE-")]
    about = {"tags": ["security", rule.family, *cwe][:MOST_TAGS], "precision": rule.confidence,
             "security-severity": SCORES[rule.severity], "problem.severity": PROBLEM[rule.severity]}
    return {
        "id": rule.id, "name": "".join(word.capitalize() for word in rule.id.split("-")),
        "shortDescription": {"text": rule.title or rule.id}, "fullDescription": {"text": _first(page) or rule.title or rule.id},
        "help": {"text": page or rule.title or rule.id, "markdown": page or rule.title or rule.id},
        "defaultConfiguration": {"level": LEVELS[rule.severity]}, "properties": about}


PROBLEM = {"critical": "error", "high": "error", "medium": "warning", "low": "recommendation", "info": "recommendation"}


def _page(rule: Rule) -> str:
    """The rule's own page below its frontmatter; empty when it is not on disk."""
    try:
        with open(rule.path, encoding="utf-8") as stream:
            text = stream.read()
    except (OSError, ValueError):
        return ""
    _, _, body = text.partition("\n---\n")
    body = body.strip()
    return body if len(body) <= MOST_HELP else body[:MOST_HELP].rsplit("\n\n", 1)[0]


def _first(page: str) -> str:
    """The first paragraph of a page, on one line."""
    for block in page.split("\n\n"):
        if block.strip() and not block.startswith(("#", "```")):
            return " ".join(block.split())
    return ""


def _result(finding: Finding, index: int) -> dict[str, Any]:
    first, *others = places(finding)
    text = safe(finding.message)
    if finding.help:
        text += "\n" + "\n".join(safe(line) for line in finding.help.splitlines())
    about: dict[str, Any] = {"severity": finding.severity, "family": finding.rule.family, "profile": finding.rule.profile}
    if finding.agent is not None:
        about["agent"] = safe(finding.agent.title)
    if finding.capability:
        about["capability"] = finding.capability
    if finding.implies:
        about["implies"] = [safe(each) for each in finding.implies]
    found: dict[str, Any] = {
        "ruleId": finding.rule.id, "ruleIndex": index, "level": LEVELS[finding.severity], "message": {"text": text},
        "locations": [_location(first)],
        "partialFingerprints": {"overgrant/v1": finding.fingerprint, "primaryLocationLineHash": f"{finding.fingerprint}:1"},
        "properties": about}
    if others:
        found["relatedLocations"] = [{"id": number, **_location(place)}
                                     for number, place in enumerate(others[:MOST_RELATED], 1)]
    if others and finding.rule.family in PATHS:
        found["codeFlows"] = [{"threadFlows": [{"locations": [
            {"location": _location(place)} for place in finding.places[:MOST_RELATED]]}]}]
    if fixes := [_fix(fix) for fix in finding.fixes if fix.edits]:
        found["fixes"] = fixes
    if finding.waived is not None:
        found["suppressions"] = [{"kind": "external", "justification": safe(finding.waived)}]
    return found


def _location(place: Place) -> dict[str, Any]:
    found: dict[str, Any] = {"physicalLocation": {
        "artifactLocation": _artifact(place.span.source.path), "region": _region(place.span)}}
    if place.label:
        found["message"] = {"text": safe(place.label)}
    return found


def _artifact(path: str) -> dict[str, str]:
    from urllib.parse import quote

    try:
        name = path.encode("utf-8", "surrogateescape")  # the bytes of a name that is no UTF-8
    except UnicodeEncodeError:
        name = path.encode("utf-8", "surrogatepass")
    return {"uri": quote(name, safe="/"), "uriBaseId": "%SRCROOT%"}


def _region(span: Span) -> dict[str, int]:
    (line, column), (end_line, end_column) = span.begin, span.finish
    return {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}


def _fix(fix: Fix) -> dict[str, Any]:
    changes: dict[str, list[dict[str, Any]]] = {}
    for edit in fix.edits:
        changes.setdefault(edit.span.source.path, []).append(
            {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}})
    return {"description": {"text": safe(fix.title)}, "artifactChanges": [
        {"artifactLocation": _artifact(path), "replacements": each} for path, each in changes.items()]}


def _unread(path: str, line: int, why: str) -> dict[str, Any]:
    return {"level": "warning", "message": {"text": f"Not read in full: {safe(why)}"}, "locations": [
        {"physicalLocation": {"artifactLocation": _artifact(path), "region": {"startLine": line}}}]}
