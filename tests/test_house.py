"""Formats of an organisation: what they find, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from overgrant.dialect.catalogue import catalogue
from overgrant.dialect.house import HouseError, use
from trees import analysis_of, judged, serious

EXAMPLE = Path(__file__).parents[1] / "examples/in-house"
ROW = {"id": "ours", "paths": ["ours/*.json"], "syntax": "json", "schema": "ours"}
SCHEMA = {"type": "object", "properties": {"run": {"type": "array", "x-overgrant": {
    "grant": {"capability": "exec.shell", "decision": "allow"}, "grammar": "plain-command"}}}}


@pytest.fixture(autouse=True)
def alone() -> Iterator[None]:
    yield
    use([])


def taught(folder: Path, row: dict[str, object] | None = None, schema: object = None, *, product: str = "ours",
           **keys: object) -> None:
    (folder / f"{product}.yaml").write_text(json.dumps({"title": "Ours", "formats": [ROW | (row or {})], **keys}))
    (folder / "ours.json").write_text(json.dumps(SCHEMA if schema is None else schema))
    use([str(folder)])


def test_the_example() -> None:
    use([str(EXAMPLE / "policy/formats")])
    tree = {f"fleet/{name}.yaml": (EXAMPLE / f"fleet/{name}.yaml").read_bytes() for name in ("release", "triage")}
    result = judged(tree)
    assert result.coverage.by_format == {"fleet-agent": 2}
    found = {(each.primary.span.source.path, each.rule.id) for each in serious(result.findings)}
    assert {path for path, _ in found} == {"fleet/release.yaml"}
    assert {"open-shell", "outside-workspace", "any-host", "unpinned-server", "limit-switched-off"} <= {rule for _, rule in found}
    assert {agent.name: agent.attended for agent in analysis_of(tree).world.agents} == {"release": False, "triage": False}


def test_formats_are_forgotten() -> None:
    use([str(EXAMPLE / "policy/formats")])
    assert catalogue().is_candidate("fleet/a.yaml")
    use([])
    assert not any(entry.id == "fleet-agent" for entry in catalogue().formats)


def test_another_format_keeps_its_file(tmp_path: Path) -> None:
    taught(tmp_path, {"paths": [".claude/settings.json"]}, {"type": "object"})
    result = judged({".claude/settings.json": b'{"permissions": {"allow": ["Bash(*)"]}}'})
    assert "open-shell" in {each.rule.id for each in result.findings}


def test_another_schema_keeps_its_name(tmp_path: Path) -> None:
    (tmp_path / "claude-settings.json").write_text("{}")
    taught(tmp_path)
    result = judged({".claude/settings.json": b'{"permissions": {"allow": ["Bash(*)"]}}',
                     "ours/a.json": b'{"run": ["*"]}'})
    assert [each.primary.span.source.path for each in result.findings if each.rule.id == "open-shell"] == [
        ".claude/settings.json", "ours/a.json"]


def test_how_it_decides_is_data(tmp_path: Path) -> None:
    from overgrant.dialect.catalogue import policy

    taught(tmp_path, decide={"engine": "deny-ask-allow"})
    assert policy("ours")["decide"]["engine"] == "deny-ask-allow"


@pytest.mark.parametrize(("row", "says"), [
    ({"module": "workflow"}, "has no key `module`"),
    ({"syntax": "xml"}, "`syntax` is one of"),
    ({"tier": "best"}, "`tier` is one of"),
    ({"paths": ["**/**/*a*.json"]}, "wildcards"),
    ({"paths": ["a{b.json"]}, "open brace"),
    ({"paths": "a.json"}, "`paths` is a list"),
    ({"id": "claude-settings"}, "already"),
    ({"set": {"agent.colour": "red"}}, "names no field"),
    ({"schema": "../ours"}, "lower case"),
    ({"schema": "other"}, "there is no schema `other`"),
])
def test_rows_are_checked(tmp_path: Path, row: dict[str, object], says: str) -> None:
    with pytest.raises(HouseError, match=says):
        taught(tmp_path, row)


@pytest.mark.parametrize(("schema", "says"), [
    ({"x-overgrant": {"grant": {"colour": "red"}}}, "has no field `colour`"),
    ({"x-overgrant": {"power": {}}}, "`power` is not understood"),
    ({"not": {}}, "`not` is not understood"),
    ({"$ref": "nowhere.json"}, "nowhere"),
    ({"properties": {"a": {"x-overgrant": {"grant": {}, "grammar": "no-such"}}}}, "no grammar `no-such`"),
])
def test_schemas_are_checked(tmp_path: Path, schema: object, says: str) -> None:
    with pytest.raises(HouseError, match=says):
        taught(tmp_path, schema=schema)


def test_products_are_checked(tmp_path: Path) -> None:
    with pytest.raises(HouseError, match="there is a product `claude` already"):
        taught(tmp_path, product="claude")
    with pytest.raises(HouseError, match="no format here"):
        use([str(tmp_path / "none")])
    (tmp_path / "claude.yaml").write_text("- a list\n")
    with pytest.raises(HouseError, match="no map"):
        use([str(tmp_path)])


def test_a_grant_without_a_capability_is_refused(tmp_path: Path) -> None:
    schema = {"properties": {"run": {"type": "array", "x-overgrant": {"grant": {"decision": "allow"}, "grammar": "plain-command"}}}}
    with pytest.raises(HouseError) as raised:
        taught(tmp_path, schema=schema)
    assert raised.value.messages == ["ours.json: a grant read by `plain-command` needs its `capability`, such as `exec.shell`"]


def test_an_agent_is_as_unattended_as_its_product(tmp_path: Path) -> None:
    schema = {"type": "object", "x-overgrant": {"agent": {"type": "framework"}}, "properties": {
        "name": {"type": "string", "x-overgrant": {"field": "agent.name"}}}}
    for attended, expected in ((False, False), (True, None)):
        taught(tmp_path, schema=schema, attended=attended)
        assert [agent.attended for agent in analysis_of({"ours/a.json": b'{"name": "a"}'}).world.agents] == [expected]
