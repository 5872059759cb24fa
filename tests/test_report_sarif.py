"""SARIF: the official schema, GitHub's limits, places, fixes, suppressions."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from overgrant.report import Coverage, Result, Unread, sarif
from overgrant.rule import SEVERITIES, Finding, Fix, Place, Rule
from overgrant.text import Edit, Source, Span
from test_report_json import PRINT, SOURCE, at, finding
from trees import judged, tree_of

VENDOR = Path(__file__).parent / "vendor"
SCHEMA = json.loads((VENDOR / "sarif-schema-2.1.0.json").read_text())
EXAMPLES = Path(__file__).parent.parent / "examples"
CHECKER = jsonschema.Draft7Validator(SCHEMA, format_checker=jsonschema.FormatChecker())


def log(result: Result) -> Any:
    stream = io.StringIO()
    sarif.write(result, stream)
    assert stream.getvalue().isascii()
    data = json.loads(stream.getvalue())
    CHECKER.validate(data)
    return data["runs"][0]


def test_the_schema_is_the_one_that_is_said_to_be_here() -> None:
    mark = hashlib.sha256((VENDOR / "sarif-schema-2.1.0.json").read_bytes()).hexdigest()
    assert mark in (VENDOR / "README.md").read_text()
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    with pytest.raises(jsonschema.ValidationError):
        CHECKER.validate({"version": "2.1.0", "runs": [{"tool": {}}]})


@pytest.mark.parametrize("folder", sorted(each.name for each in EXAMPLES.iterdir() if each.is_dir()))
def test_real_reports_hold(folder: str) -> None:
    result = judged(tree_of(EXAMPLES / folder), "strict")
    run = log(result)
    assert len(run["results"]) == len(result.findings)
    for rule in run["tool"]["driver"]["rules"]:
        assert rule["help"]["markdown"].startswith("# ")
        assert rule["fullDescription"]["text"] != rule["shortDescription"]["text"]
        assert len(rule["properties"]["tags"]) <= 10


def test_one_result_whole() -> None:
    span = at('"Bash(*)"')
    run = log(Result([finding(span, fixes=[Fix("name it", "unsafe", [Edit(span, '"Read"')])], implies=["all"])]))
    (found,) = run["results"]
    here = {"artifactLocation": {"uri": ".claude/settings.json", "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": 3, "startColumn": 13, "endLine": 3, "endColumn": 22}}
    assert found["locations"] == [{"physicalLocation": here, "message": {"text": "all"}}]
    assert [(each["id"], each["message"]["text"]) for each in found["relatedLocations"]] == [(1, "here")]
    assert found["fixes"] == [{"description": {"text": "name it"}, "artifactChanges": [{
        "artifactLocation": here["artifactLocation"],
        "replacements": [{"deletedRegion": here["region"], "insertedContent": {"text": '"Read"'}}]}]}]
    assert found["message"]["text"] == "it may\nlet it not"
    assert found["partialFingerprints"]["overgrant/v1"] == PRINT
    assert (found["ruleId"], found["ruleIndex"], found["level"]) == ("open-shell", 0, "error")
    assert run["columnKind"] == "unicodeCodePoints"
    assert "codeFlows" not in found


def test_columns_count_characters() -> None:
    region = log(Result([finding(at("日本"))]))["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert (region["startColumn"], region["endColumn"]) == (9, 11)


def test_the_steps_of_a_flow_are_a_code_flow_in_their_order() -> None:
    rule = Rule(id="in-and-out", family="flow", subject="flow", severity="high", check=lambda fact, world: (), message="",
                help="")
    base = finding(at("allow"))
    steps = [Place(at("日本"), "a stranger writes"), Place(at("allow"), "an agent reads"), Place(at('"Bash(*)"'), "runs", "primary")]
    found = log(Result([Finding(rule, base.fact, message="m", help="", places=steps, severity="high")]))
    (flow,) = found["results"][0]["codeFlows"]
    texts = [each["location"]["message"]["text"] for each in flow["threadFlows"][0]["locations"]]
    assert texts == ["a stranger writes", "an agent reads", "runs"]


def test_severities_map_to_levels_and_scores_that_github_reads_the_same_way() -> None:
    bands = {"critical": (9.0, 10.0), "high": (7.0, 8.9), "medium": (4.0, 6.9), "low": (0.1, 3.9), "info": (0.1, 3.9)}
    for severity in SEVERITIES:
        low, high = bands[severity]
        assert low <= float(sarif.SCORES[severity]) <= high
        found = log(Result([finding(at("allow"), severity=severity)]))["results"][0]
        assert found["level"] == sarif.LEVELS[severity]


def test_a_waived_finding_is_suppressed_with_its_reason() -> None:
    waived = finding(at("allow"))
    waived.waived = "reviewed"
    run = log(Result([], waived=[waived]))
    assert run["results"][0]["suppressions"] == [{"kind": "external", "justification": "reviewed"}]


def test_what_was_not_read_is_a_notification() -> None:
    run = log(Result(coverage=Coverage(unread=[Unread("a b.json", 3, "it is cut off")])))
    (said,) = run["invocations"][0]["toolExecutionNotifications"]
    assert said["message"]["text"] == "Not read in full: it is cut off"
    assert said["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%20b.json"


@pytest.mark.parametrize("path", ["a b/ü%#?.json", "x\ud800.json", "c:\\x.json", "a\x1bb"])
def test_any_path_is_a_uri(path: str) -> None:
    source = Source(path, b"{}")
    log(Result([finding(Span.file(source), places=[Place(Span.file(source), "", "primary")])]))


def test_the_limits_of_github(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MOST_RESULTS", 2)
    span = at("allow")
    many = [finding(span, severity=severity, identity=(str(number),))
            for number, severity in enumerate(["low", "critical", "info", "high"])]
    run = log(Result(many))
    assert sorted(each["properties"]["severity"] for each in run["results"]) == ["critical", "high"]
    assert "2 findings" in run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]
    places = [Place(SOURCE.span(at, at + 1), "x") for at in range(3, 20)] * 10
    found = log(Result([finding(span, places=[*places, Place(span, "", "primary")])]))["results"][0]
    assert len(found["relatedLocations"]) == 99
