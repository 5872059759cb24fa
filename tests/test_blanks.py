"""Templates of manifests: what is written out is judged in its place, and a blank is no mistake."""

from __future__ import annotations

import pytest

from trees import judged

AGENT = '{{\n  "name": {{{{name}}}},\n  "role": {{{{role_json}}}}, "goal": "g", "backstory": "b",\n{0}\n  "max_iter": {{{{limit}}}}\n}}\n'


def found(path: str, text: str) -> list[str]:
    return [f"{each.primary.span.begin[0]} {each.rule.id}" for each in judged({path: text.encode()}).findings]


@pytest.mark.parametrize(("path", "text", "expected"), [
    ("agents/a.jsonc", AGENT.format('{{fragments}}'), []),
    ("agents/a.jsonc", AGENT.format('  "allow_code_execution": true, "code_execution_mode": "unsafe",'), ["4 code-execution-on-host"]),
    ("agents/a.json", AGENT.format('{% if x %}\n  "tools": {{tools}}{{comma}}\n{% endif %}'), []),
    ("config/agents.yaml", "a:\n  role: {{ role }}\n  goal: g\n  backstory: b\n  max_iter: {{ limit }}\n", []),
    ("config/agents.yaml", "{{- if .x }}\na:\n  role: {{ .role }}: {{ .other }}\n  goal: g\n  backstory: b\n  max_iter: 900000\n{{- end }}\n",
     ["6 absurd-limit"]),
    ("config/agents.yaml", 'a:\n  role: "{{ role }}"\n  goal: g\n  backstory: b\n  max_iter: "{{ limit }}"\n', []),
])
def test_blanks(path: str, text: str, expected: list[str]) -> None:
    assert found(path, text) == expected


def test_a_mark_inside_a_text_excuses_nothing() -> None:
    assert found("agents/a.json", '{"role": "{{role}}", "goal": "g", "backstory": "b", "max_iter": }\n') == ["1 unreadable-manifest"]


def test_a_template_is_named_in_coverage() -> None:
    result = judged({"config/agents.yaml": b"a:\n  role: {{ role }}\n  goal: g\n  backstory: b\n"})
    assert [each.why for each in result.coverage.unread] == ["this is a template: what fills its blanks is not in the file"]


def test_places_hold() -> None:
    text = 'model_list:\n  - model_name: {{ name }}\n    litellm_params: {model: openai/gpt-5, api_base: "http://llm.example.com/v1"}\n'
    result = judged({"litellm.yaml": text.encode()})
    assert [each.primary.span.text for each in result.findings] == ['"http://llm.example.com/v1"']
    assert all(each.primary.span.source.text == text for each in result.findings)


@pytest.mark.parametrize("line", ["{{a}}" * 20_000 + "x", "{{" * 50_000, "{% a %}" * 10_000 + "x", "{{ a }}, " * 10_000 + "}", ": " * 50_000 + "{{"])
def test_hostile_blanks_come_to_an_end(line: str) -> None:
    result = judged({"agents/a.json": ('{"role": "r", "goal": "g", "backstory": ' + line).encode(), "config/agents.yaml": (
        "a:\n  role: {{ r }}\n  goal: g\n  backstory: b\n  x: [" + line).encode()})
    assert result.coverage.files_seen == 2
