"""GitLab pipelines put together: includes, templates, references, defaults, variables, and who starts a job."""

from __future__ import annotations

import pytest

from overgrant.dialect.grammar.rules import SOURCES, holds_for, sources
from overgrant.model import Agent, Flow, Limit
from overgrant.read import read as read_text
from overgrant.run import Input, Plan, lint
from overgrant.text import Source
from overgrant.value import Value
from trees import analysis_of, judged, rules

MAIN = ".gitlab-ci.yml"
OFF = "--dangerously-skip-permissions"


def steps(tree: dict[str, str]) -> list[Agent]:
    return [agent for agent in analysis_of({path: text.encode() for path, text in tree.items()}).world.agents if agent.type == "step"]


def waived(tree: dict[str, str]) -> list[tuple[str, str]]:
    """The agents that act without approval: file and name."""
    found = judged({path: text.encode() for path, text in tree.items()}).findings
    return sorted({(each.primary.span.source.path, each.agent.name if each.agent is not None else "") for each in found
                   if each.rule.id == "approvals-off"})


FLAGS = [
    # variables of the pipeline, of the job, of a rule, and those that a script sets before
    (f"variables: {{FLAGS: {OFF}}}\na: {{script: [claude -p x $FLAGS]}}", ["a"]),
    (f"a: {{variables: {{FLAGS: {OFF}}}, script: [claude -p x $FLAGS]}}", ["a"]),
    (f"variables: {{FLAGS: {OFF}}}\na: {{variables: {{FLAGS: --verbose}}, script: [claude -p x $FLAGS]}}", []),
    (f"variables: {{FLAGS: {{value: {OFF}, description: flags}}}}\na: {{script: [claude -p x $FLAGS]}}", ["a"]),
    (f"a:\n  rules: [{{if: $X, variables: {{FLAGS: {OFF}}}}}]\n  script: [claude -p x $FLAGS]", ["a"]),
    (f"workflow: {{rules: [{{if: $X, variables: {{FLAGS: {OFF}}}}}]}}\na: {{script: [claude -p x $FLAGS]}}", ["a"]),
    (f"a:\n  script:\n    - FLAGS=\"{OFF}\"\n    - claude -p x $FLAGS", ["a"]),
    (f"a:\n  before_script: [export FLAGS={OFF}]\n  script: [claude -p x $FLAGS]", ["a"]),
    (f"variables: {{FLAGS: {OFF}}}\na: {{inherit: {{variables: false}}, script: [claude -p x $FLAGS]}}", []),
    (f"variables: {{FLAGS: {OFF}}}\na: {{inherit: {{variables: [FLAGS]}}, script: [claude -p x $FLAGS]}}", ["a"]),
    (f"variables: {{FLAGS: {OFF}}}\na: {{inherit: {{variables: [OTHER]}}, script: [claude -p x $FLAGS]}}", []),
    # templates
    (f".base: {{script: [claude -p x {OFF}]}}\na: {{extends: .base}}", ["a"]),
    (f".base: {{variables: {{FLAGS: {OFF}}}}}\na: {{extends: .base, script: [claude -p x $FLAGS]}}", ["a"]),
    (f".base: {{script: [claude -p x {OFF}]}}\na: {{extends: .base, script: [make]}}", [".base"]),
    (f".a: {{variables: {{F: {OFF}}}}}\n.b: {{script: [claude -p x $F]}}\nc: {{extends: [.a, .b]}}", ["c"]),
    (f".a: {{variables: {{F: {OFF}}}}}\n.b: {{extends: .a, script: [claude -p x $F]}}\nc: {{extends: .b, stage: test}}", ["c"]),
    (f".a: {{variables: {{F: {OFF}}}}}\n.b: {{variables: {{F: -v}}}}\nc: {{extends: [.a, .b], script: [claude -p x $F]}}", []),
    ("a: {extends: .gone, script: [claude -p x]}", []),
    (f"a: {{extends: b, script: [claude -p x {OFF}]}}\nb: {{extends: a}}", ["a"]),
    (f".t: &t {{script: [claude -p x {OFF}]}}\na: {{<<: *t}}", ["a"]),
    # references
    (f".s: {{script: [claude -p x {OFF}]}}\na: {{script: [!reference [.s, script], make]}}", ["a"]),
    (f".s: {{script: [claude -p x {OFF}]}}\n.r: {{script: [!reference [.s, script]]}}\na: {{script: [!reference [.r, script]]}}", ["a"]),
    (f".v: {{variables: {{F: {OFF}}}}}\na: {{variables: !reference [.v, variables], script: [claude -p x $F]}}", ["a"]),
    (f".v: {{variables: {{F: {OFF}}}}}\na: {{variables: {{F: !reference [.v, variables, F]}}, script: [claude -p x $F]}}", ["a"]),
    ("a: {script: [!reference [a, script]]}\nb: {script: [claude -p x]}", []),
    # defaults
    (f"default: {{before_script: [claude -p x {OFF}]}}\na: {{script: [make]}}", ["a"]),
    (f"before_script: [claude -p x {OFF}]\na: {{script: [make]}}", ["a"]),
    (f"default: {{after_script: [claude -p x {OFF}]}}\na: {{script: [make]}}", ["a"]),
    (f"default: {{before_script: [claude -p x {OFF}]}}\na: {{before_script: [], script: [make]}}", []),
    (f"default: {{before_script: [claude -p x {OFF}]}}\na: {{inherit: {{default: false}}, script: [make]}}", []),
    (f"default: {{before_script: [claude -p x {OFF}]}}\na: {{inherit: {{default: [image]}}, script: [make]}}", []),
    (f"default: {{before_script: [claude -p x {OFF}]}}\na: {{inherit: {{default: [before_script]}}, script: [make]}}", ["a"]),
    (f"pages: {{script: [claude -p x {OFF}]}}", ["pages"]),
    (f"spec: {{inputs: {{a: {{}}}}}}\n---\na: {{script: [claude -p x {OFF}]}}", ["a"]),
]


@pytest.mark.parametrize(("text", "names"), FLAGS)
def test_flags_come_together(text: str, names: list[str]) -> None:
    assert waived({MAIN: text + "\n"}) == [(MAIN, name) for name in names]


ACROSS = [
    # the flag stands in the including file, the command in the included one, and the other way round
    ({MAIN: f"include: ci/agents.yml\nvariables: {{FLAGS: {OFF}}}\n", "ci/agents.yml": "a: {script: [claude -p x $FLAGS]}\n"},
     [("ci/agents.yml", "a")]),
    ({MAIN: "include: [{local: /ci/vars.yml}]\na: {script: [claude -p x $FLAGS]}\n", "ci/vars.yml": f"variables: {{FLAGS: {OFF}}}\n"},
     [(MAIN, "a")]),
    ({MAIN: "include: ci/vars.yml\nvariables: {FLAGS: -v}\na: {script: [claude -p x $FLAGS]}\n",
      "ci/vars.yml": f"variables: {{FLAGS: {OFF}}}\n"}, []),
    ({MAIN: "include: [one.yml]\na: {script: [claude -p x $F]}\n", "one.yml": "include: two.yml\n", "two.yml": f"variables: {{F: {OFF}}}\n"},
     [(MAIN, "a")]),
    ({MAIN: "include: ci/base.yml\na: {extends: .base}\n", "ci/base.yml": f".base: {{script: [claude -p x {OFF}]}}\n"},
     [("ci/base.yml", "a")]),
    ({MAIN: "include: build/agents.yml\n", "build/agents.yml": f"a: {{script: [claude -p x {OFF}]}}\n"}, [("build/agents.yml", "a")]),
    ({MAIN: "include: ci/*.yml\nvariables: {F: -v}\n", "ci/one.yml": "a: {script: [claude -p x $F]}\n",
      "ci/two.yml": f"variables: {{F: {OFF}}}\n"}, []),
    ({MAIN: "include: ci/**.yml\n", "ci/one.yml": "a: {script: [claude -p x $F]}\n", "ci/two.yml": f"variables: {{F: {OFF}}}\n"},
     [("ci/one.yml", "a")]),
    ({MAIN: f"start:\n  variables: {{F: {OFF}}}\n  trigger: {{include: ci/child.yml}}\n", "ci/child.yml": "a: {script: [claude -p x $F]}\n"},
     [("ci/child.yml", "a")]),
    ({MAIN: "include: ci/a.yml\ndefault: {timeout: 5m}\n", "ci/a.yml": "include: ci/a.yml\na: {script: [claude -p x]}\n"}, []),
]


@pytest.mark.parametrize(("tree", "found"), ACROSS)
def test_across_includes(tree: dict[str, str], found: list[tuple[str, str]]) -> None:
    assert waived(tree) == found


def test_a_file_anywhere_on_the_disk_is_included() -> None:
    disk = {"build/agents.yml": f"a: {{script: [claude -p x {OFF}]}}\n".encode()}
    result, analysis = lint([Input(MAIN, b"include: build/agents.yml\n")], Plan(rules(), debug=True), find=lambda path, folder: disk.get(path))
    assert [(each.rule.id, each.primary.span.source.path) for each in result.findings if each.rule.id == "approvals-off"] == [
        ("approvals-off", "build/agents.yml")]
    assert analysis.coverage.unread == []


UNREAD = [
    ("include: gone.yml\na: {script: [claude -p x]}", "the included file `gone.yml` is not in the tree"),
    ("include: {project: group/ci, file: /agents.yml}\na: {script: [claude -p x]}",
     "what the pipeline includes from elsewhere is not read: `/agents.yml`"),
    ("include: {project: group/ci, file: [/a.yml, /b.yml]}\na: {script: [claude -p x]}",
     "what the pipeline includes from elsewhere is not read: `/a.yml`, `/b.yml`"),
    ("include: https://ci.example.com/a.yml\na: {script: [claude -p x]}",
     "what the pipeline includes from elsewhere is not read: `https://ci.example.com/a.yml`"),
    ("include: {remote: 'https://ci.example.com/claude.yml'}\na: {script: [make]}",
     "`https://ci.example.com/claude.yml`, which seems to start an agent, is another project's"),
    ("include: {template: Jobs/Build.gitlab-ci.yml}\na: {script: [claude -p x]}",
     "what the pipeline includes from elsewhere is not read: `Jobs/Build.gitlab-ci.yml`"),
    ("include: {component: $CI_SERVER_FQDN/group/scan@1.0}\na: {script: [claude -p x]}",
     "what the pipeline includes from elsewhere is not read: `$CI_SERVER_FQDN/group/scan@1.0`"),
    ("include: {remote: 'https://ci.example.com/a.yml'}\na: {script: [echo claude]}", ""),
    ("a: {script: [!reference [.s, script], claude -p x]}", ""),
]


@pytest.mark.parametrize(("text", "why"), UNREAD)
def test_what_is_not_read_is_named(text: str, why: str) -> None:
    assert [each.why for each in analysis_of({MAIN: f"{text}\n".encode()}).coverage.unread] == ([why] if why else [])


STARTS = [
    ("rules: [{if: $CI_PIPELINE_SOURCE == 'schedule'}]", "owner"),
    ("rules: [{if: '$CI_PIPELINE_SOURCE == \"schedule\"'}, {if: $CI_PIPELINE_SOURCE == 'web'}]", "collaborators"),
    ("rules: [{if: $CI_PIPELINE_SOURCE != 'schedule', when: never}, {when: always}]", "owner"),
    ("rules: [{if: $CI_PIPELINE_SOURCE == 'schedule' && $NIGHTLY == 'yes'}]", "owner"),
    ("rules: [{if: $CI_PIPELINE_SOURCE == 'schedule' || $NOW}]", "collaborators"),
    ("rules: [{if: $NOW, when: manual}]", "collaborators"),
    ("only: [schedules]", "owner"), ("only: {refs: [schedules]}", "owner"), ("only: [schedules, web]", "collaborators"),
    ("only: [main]", "collaborators"), ("except: [schedules]", "collaborators"), ("", "collaborators"),
]


@pytest.mark.parametrize(("line", "who"), STARTS)
def test_who_starts_a_job(line: str, who: str) -> None:
    assert [agent.started_by for agent in steps({MAIN: f"a:\n  script: [claude -p x]\n  {line}\n"})] == [who]


def test_the_rules_of_the_whole_pipeline_count_too() -> None:
    text = "workflow: {rules: [{if: $CI_PIPELINE_SOURCE == 'schedule'}]}\na: {script: [claude -p x]}\n"
    assert [agent.started_by for agent in steps({MAIN: text})] == ["owner"]


EXPRESSIONS = [
    ("$CI_PIPELINE_SOURCE == 'web'", "web", True), ("$CI_PIPELINE_SOURCE == 'web'", "push", False),
    ("${CI_PIPELINE_SOURCE} != \"web\"", "push", True), ("$CI_PIPELINE_SOURCE =~ /^(web|api)$/", "api", True),
    ("$CI_PIPELINE_SOURCE !~ /web|api/", "api", False), ("$CI_PIPELINE_SOURCE =~ /w.b/", "web", None),
    ("($X && $CI_PIPELINE_SOURCE == 'web') || $CI_PIPELINE_SOURCE == 'api'", "push", False),
    ("$X == null", "push", None), ("$X", "push", None), ("$CI_PIPELINE_SOURCE", "push", True), ("$A == ", "push", None),
    ("((((", "push", None), ("", "push", None), ("$X =~ $PATTERN", "push", None),
]


@pytest.mark.parametrize(("text", "source", "holds"), EXPRESSIONS)
def test_expressions(text: str, source: str, holds: bool | None) -> None:
    assert holds_for(text, source) is holds


def test_rules_without_a_condition_let_every_source_in() -> None:
    rule = read_text(Source(MAIN, b"- changes: [a]\n"), "yaml").root
    assert isinstance(rule, Value)
    assert sources(rule.items) == list(SOURCES)


STRANGE = [("a: {script: ['claude -p \"$CI_MERGE_REQUEST_TITLE\"']}", ["CI_MERGE_REQUEST_TITLE"]),
           ("variables: {PROMPT: 'Review $CI_MERGE_REQUEST_DESCRIPTION'}\na: {script: ['claude -p \"$PROMPT\"']}", ["CI_MERGE_REQUEST_DESCRIPTION"]),
           ("variables: {PROMPT: 'Review $CI_MERGE_REQUEST_DESCRIPTION'}\na: {script: ['claude -p x']}", [])]


@pytest.mark.parametrize(("text", "names"), STRANGE)
def test_words_of_others(text: str, names: list[str]) -> None:
    flows = [fact for agent in steps({MAIN: text + "\n"}) for fact in agent.facts if isinstance(fact, Flow)]
    assert [fact.source for fact in flows] == names


def test_an_answer_that_a_later_line_runs() -> None:
    text = "a:\n  script:\n    - OUT=$(claude -p x)\n    - eval \"$OUT\"\n"
    flows = [fact for agent in steps({MAIN: text}) for fact in agent.facts if isinstance(fact, Flow)]
    assert [fact.way for fact in flows] == ["output"]


def test_a_timeout_of_the_defaults_or_of_a_template() -> None:
    for text in ("default: {timeout: 5m}\na: {script: [claude -p x]}\n", ".t: {timeout: 5m}\na: {extends: .t, script: [claude -p x]}\n"):
        limit = next(fact for fact in steps({MAIN: text})[0].facts if isinstance(fact, Limit) and fact.dimension == "wall-clock")
        assert (limit.amount, limit.explicit) == (300.0, True)
    limit = next(fact for fact in steps({MAIN: "default: {timeout: 5m}\na: {inherit: {default: false}, script: [claude -p x]}\n"})[0].facts
                 if isinstance(fact, Limit))
    assert limit.amount == 3600.0


HOSTILE = [
    # each line refers to the one below it many times
    "".join(f".s{n}: {{script: [{', '.join([f'!reference [.s{n + 1}, script]'] * 30)}]}}\n" for n in range(12)) + "a: {extends: .s0}\n",
    "".join(f".e{n}: {{extends: [{', '.join([f'.e{n + 1}'] * 30)}]}}\n" for n in range(14)) + "a: {extends: .e0, script: [claude -p x]}\n",
    "a: {rules: [!reference [a, rules], !reference [a, rules]], script: [claude -p x]}\n",
    "include: {local: [a, {b: c}]}\nextends: a\nvariables: [x]\ndefault: 3\na: {script: {x: y}, rules: 3, variables: z, extends: {a: b}}\n",
    "a: {trigger: {include: [{local: .gitlab-ci.yml}, {artifact: x, job: y}]}, inherit: 3}\nb: {extends: b, script: !reference []}\n",
    "include: .gitlab-ci.yml\n" + "include: '**/*'\n" * 3 + "workflow: [x]\na: {script: [claude -p x], timeout: {}, variables: {A: {value: {}}}}\n",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_pipeline_ends(text: str) -> None:
    judged({MAIN: text.encode(), "ci/a.yml": text.encode()})
