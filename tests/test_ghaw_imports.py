"""Imports of agentic workflows: which files are meant, what they add, and what is said of those that are not there."""

from __future__ import annotations

import pytest

from overgrant.run import Input, Plan, analyse, lint
from trees import analysis_of, inputs_of, judged, rules

MAIN = ".github/workflows/a.md"
OPEN = "---\ntools:\n  bash: true\n---\nText.\n"


def main(imports: str = "", body: str = "Do it.", more: str = "") -> bytes:
    listed = f"imports:\n  - {imports}\n" if imports else ""
    return f"---\non: {{issues: {{types: [opened]}}, roles: all}}\nengine: copilot\n{listed}{more}---\n{body}\n".encode()


NAMED = [
    ("shared/tools.md", "the import `shared/tools.md` is not in the tree"),
    ("shared/tools.md#Web", "the import `shared/tools.md#Web` is not in the tree"),
    ("../agents/helper.md", "the import `../agents/helper.md` is not in the tree"),
    ("/.github/agents/helper.md", "the import `/.github/agents/helper.md` is not in the tree"),
    ("{uses: shared/tools.md, with: {a: 1}}", "the import `shared/tools.md` is not in the tree"),
    ("copilot-setup-steps.yml", "the import `copilot-setup-steps.yml` is not in the tree"),
    ("example/shared/mcp/search.md@v1.0.0", "the import `example/shared/mcp/search.md@v1.0.0` is another repository's"),
    ("example/shared/mcp/search.md", "the import `example/shared/mcp/search.md` is another repository's"),
    ("shared/tools.md?", ""),
]


@pytest.mark.parametrize(("text", "why"), NAMED)
def test_an_import_that_is_not_there_is_named(text: str, why: str) -> None:
    unread = list(analysis_of({MAIN: main(text)}).coverage.unread)
    assert [each.why.partition(":")[0] for each in unread] == ([why] if why else [])
    assert all((each.path, each.line) == (MAIN, 5) for each in unread)


MACROS = [("{{#import shared/tools.md}}", 1), ("{{#import? shared/tools.md}}", 0), ("@include shared/tools.md", 1),
          ("{{#runtime-import shared/text.md}}", 1), ("{{#runtime-import? shared/text.md}}", 0), ("Write to me@import shared.md", 0)]


@pytest.mark.parametrize(("body", "count"), MACROS)
def test_an_import_in_the_prompt(body: str, count: int) -> None:
    assert len(analysis_of({MAIN: main(body=body)}).coverage.unread) == count


PLACES = [("shared/tools.md", ".github/workflows/shared/tools.md"), ("../agents/tools.md", ".github/agents/tools.md"),
          (".github/agents/tools.md", ".github/agents/tools.md"), ("/.github/aw/tools.md", ".github/aw/tools.md"),
          ("deep/down/tools.md", ".github/workflows/deep/down/tools.md")]


@pytest.mark.parametrize(("text", "path"), PLACES)
def test_an_import_that_is_there_is_not_named(text: str, path: str) -> None:
    assert analysis_of({MAIN: main(text), path: OPEN.encode()}).coverage.unread == []


def borrowed(tree: dict[str, bytes]) -> set[str]:
    world = analysis_of(tree).world
    return {grant.path for agent in world.agents if agent.path == MAIN for grant in agent.borrows}


def test_nested_imports_are_followed() -> None:
    tree = {MAIN: main("shared/one.md"), ".github/workflows/shared/one.md": b"---\nimports: [two.md]\n---\nA.\n",
            ".github/workflows/shared/two.md": b"---\nimports: [../aside/three.md, one.md]\n---\nB.\n",
            ".github/workflows/aside/three.md": OPEN.encode()}
    assert borrowed(tree) == {".github/workflows/aside/three.md"}
    assert "open-shell" in {each.rule.id for each in judged(tree).findings}


def test_a_file_that_only_the_import_names_is_read_from_the_disk() -> None:
    found = {"x/.github/workflows/aside/t.md": OPEN.encode()}
    files = [Input("x/.github/workflows/a.md", main("aside/t.md"))]
    result, analysis = lint(files, Plan(rules(), debug=True), find=lambda path, folder: found.get(path) if folder == "x" else None)
    assert analysis.coverage.unread == []
    assert [(each.rule.id, each.primary.span.source.path) for each in result.findings if each.rule.id == "open-shell"] == [
        ("open-shell", "x/.github/workflows/aside/t.md")]


def test_endless_and_deep_imports_end() -> None:
    tree = {f".github/workflows/d/{n}.md": f"---\nimports: [{n + 1}.md]\n---\nA.\n".encode() for n in range(40)}
    tree[MAIN] = main("d/0.md")
    unread = [each.why for each in analysis_of(tree).coverage.unread]
    assert len(unread) == 1
    assert "too many" in unread[0]
    round_and_round = {f".github/workflows/{name}.md": f"---\non: push\nimports: [{other}.md]\n---\nA.\n".encode() for name, other in ("ab", "ba")}
    assert analysis_of(round_and_round).coverage.unread == []


WIDE = [("network: {allowed: ['*']}", False), ("network: {allowed: [python]}", True),
        # neither is taken from a file that is imported
        ("sandbox: false", True), ("network: {firewall: disable}", True)]


@pytest.mark.parametrize(("text", "holds"), WIDE)
def test_what_an_import_makes_of_the_sandbox(text: str, holds: bool) -> None:
    tree = {MAIN: main("shared/n.md"), ".github/workflows/shared/n.md": f"---\n{text}\n---\nA.\n".encode()}
    box = next(agent.containment for agent in analysis_of(tree).world.agents if agent.path == MAIN)
    assert box is not None
    assert box.effective is holds


IGNORED = ["roles: all", "strict: false", "sandbox: false", "permissions: write-all",
           "jobs: {a: {runs-on: x, steps: [{run: 'curl https://a.example/x | sh'}]}}"]


@pytest.mark.parametrize("text", IGNORED)
def test_a_part_states_nothing_that_only_a_workflow_states(text: str) -> None:
    tree = {".github/workflows/shared/n.md": f"---\n{text}\ntools: {{edit: null}}\n---\nA.\n".encode()}
    assert judged(tree).findings == []


ADDED = [("steps: [{run: 'curl https://a.example/x | sh'}]", "step-downloads"), ("tools: {bash: true}", "open-shell"),
         ("network: {allowed: ['*']}", "sandbox-any-host"),
         ("safe-outputs: {create-pull-request: {auto-merge: true}}", "unreviewed-merge"),
         ("mcp-servers: {a: {command: npx, args: [-y, example-mcp]}}", "unpinned-server")]


@pytest.mark.parametrize(("text", "rule"), ADDED)
def test_what_a_part_adds_is_judged_where_it_stands(text: str, rule: str) -> None:
    path = ".github/workflows/aside/n.md"
    tree = {MAIN: main("aside/n.md"), path: f"---\n{text}\n---\nA.\n".encode()}
    assert rule in {each.rule.id for each in judged(tree).findings if each.primary.span.source.path == path}


def test_twice_the_same_part_is_read_once() -> None:
    tree = {MAIN: main("aside/n.md"), ".github/workflows/b.md": main("aside/n.md"), ".github/workflows/aside/n.md": OPEN.encode()}
    world = analyse(inputs_of(tree), Plan((), debug=True)).world
    assert len([agent for agent in world.agents if agent.path == ".github/workflows/aside/n.md"]) == 1
