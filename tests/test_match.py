"""Conditions: every operator, the errors of a condition that does not fit the model, witnesses, laws."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overgrant import condition, match, scope
from overgrant.condition import Condition, dump, glob, load
from overgrant.match import ALLOWED, OPERATORS, RuleError, fields_of
from overgrant.model import (
    BREADTHS,
    CAPABILITIES,
    EFFECTS,
    FIELDS,
    Agent,
    Containment,
    Fact,
    Grant,
    Instruction,
    Limit,
    Server,
)
from overgrant.read import read
from overgrant.text import Source
from overgrant.value import Value


def tree(text: str, path: str = "rules/x.md") -> Value:
    root = read(Source(path, text.encode()), "yaml12").root
    assert root is not None
    return root


def made(text: str, kind: str) -> Condition:
    return match.compile(tree(text), kind)


def holds(text: str, fact: Fact) -> bool:
    condition = made(text, fact.kind)
    again = load(json.loads(json.dumps(dump(condition))), fact.kind)
    answers = {condition.test(fact) is not None, again.test(fact) is not None}
    assert len(answers) == 1, "a condition that was written and loaded answers alike"
    return answers.pop()


def fact(cls: type[Fact], **fields: Any) -> Any:
    made = cls()
    for name, value in fields.items():
        assert hasattr(made, name)
        setattr(made, name, value)
    return made


GRANT = fact(Grant, capability="exec.shell", text="Bash(git *)", breadth="family", effects=("network", "publishes"),
             head="git", duplicate=None)


@pytest.mark.parametrize(("condition", "answer"), [
    ("capability: exec.shell", True),
    ("capability: fs.read", False),
    ("capability: [fs.read, exec.shell]", True),
    ("capability: {is: exec.shell}", True),
    ("capability: {in: [fs.read]}", False),
    ("capability: {glob: 'exec.*'}", True),
    ("capability: {glob: ['fs.*', 'net.*']}", False),
    ("capability: {not: exec.shell}", False),
    ("capability: {not: [fs.read, fs.write]}", True),
    ("breadth: {above: tree}", True),
    ("breadth: {above: family}", False),
    ("breadth: {below: all}", True),
    ("breadth: {below: family}", False),
    ("breadth: {above: exact, below: all}", True),
    ("text: 'Bash(git *)'", True),
    ("text: {glob: 'Bash(*)'}", True),
    ("text: {glob: 'git*'}", False),
    ("text: {matches: 'git'}", True),
    ("text: {matches: '^git'}", False),
    ("text: {matches: ['^x', '[*][)]$']}", True),
    ("text: {any-of: [{glob: 'a*'}, {matches: 'git'}]}", True),
    ("text: {none-of: [{glob: 'a*'}, {matches: 'git'}]}", False),
    ("text: {missing: true}", False),
    ("text: {missing: false}", True),
    ("tool: {missing: true}", True),
    ("effects: network", True),
    ("effects: [cloud, network]", True),
    ("effects: [cloud]", False),
    ("effects: {some: {in: [publishes]}}", True),
    ("effects: {some: {glob: 'net*'}}", True),
    ("effects: {every: [network, publishes]}", True),
    ("effects: {every: [network]}", False),
    ("effects: {some: network, not: cloud}", True),
    ("effects: {not: [network]}", False),
    ("touches: {missing: true}", True),
    ("touches: {some: {glob: '*'}}", False),
    ("touches: {every: {glob: '*'}}", False),
    ("duplicate: true", False),
    ("duplicate: false", False),
    ("duplicate: {missing: true}", True),
    ("duplicate: {not: true}", True),
    ("explicit: true", True),
    ("{capability: exec.shell, text: nothing}", False),
    ("any-of: [{text: nothing}, {head: git}]", True),
    ("none-of: [{text: nothing}, {head: git}]", False),
    ("none-of: [{text: nothing}, {head: hg}]", True),
    ("not: {head: git}", False),
    ("not: {head: git, text: nothing}", True),
    ("agent: {missing: true}", True),
    ("agent: {attended: false}", False),
    ("not: {agent: {attended: false}}", True),
    ("scope: {covers: git}", False),
    ("scope: {missing: true}", True),
])
def test_operators(condition: str, answer: bool) -> None:
    assert holds(condition, GRANT) is answer


@pytest.mark.parametrize(("condition", "answer"), [
    ("amount: 20", True),
    ("amount: [10, 20]", True),
    ("amount: {above: 19}", True),
    ("amount: {above: 20}", False),
    ("amount: {below: 20.5}", True),
    ("amount: {missing: true}", False),
    ("unbounded: {is: false}", True),
])
def test_numbers_and_flags(condition: str, answer: bool) -> None:
    assert holds(condition, fact(Limit, amount=20.0, unbounded=False, dimension="turns")) is answer


def test_an_unset_number_is_neither_above_nor_below() -> None:
    limit = fact(Limit, amount=None)
    assert not holds("amount: {above: 0}", limit)
    assert not holds("amount: {below: 0}", limit)
    assert holds("amount: {missing: true}", limit)


def test_one_is_not_true() -> None:
    assert not holds("amount: 1", fact(Limit, amount=None))
    assert holds("amount: 1", fact(Limit, amount=1.0))
    assert not load(["field", "amount", ["in", [True]]], "limit").test(fact(Limit, amount=1.0))


def test_nested_facts() -> None:
    agent = fact(Agent, name="triage", attended=False)
    agent.containment = fact(Containment, type="sandbox", effective=True)
    grant = fact(Grant, agent=agent)
    assert holds("agent: {attended: false}", grant)
    assert not holds("agent: {attended: true}", grant)
    assert holds("agent: {containment: {effective: true, type: {not: none}}}", grant)
    assert holds("agent: {missing: false}", grant)
    assert not holds("agent: {missing: true}", grant)


def test_scope_covers() -> None:
    grant = fact(Grant, scope=scope.command_glob("git *", space_star_boundary=True))
    assert holds("scope: {covers: 'git push'}", grant)
    assert not holds("scope: {covers: 'rm -rf /'}", grant)
    assert holds("scope: {covers: ['rm -rf /', 'git push']}", grant)


def test_order_words_outside_the_order_are_neither() -> None:
    assert not holds("breadth: {above: exact}", fact(Grant, breadth=""))


# --- witnesses -------------------------------------------------------------------------------------


FILE = tree("allow: Bash(git *)\neffects: [cloud, network]\nmode: ci\nagent: triage\n", "agent.yaml")


def stated() -> Any:
    grant = fact(Grant, text="Bash(git *)", effects=("cloud", "network"), capability="exec.shell")
    grant.at = {"text": FILE.entries["allow"], "capability": FILE.entries["allow"], "effects": FILE.entries["effects"]}
    grant.agent = fact(Agent, attended=False, name="triage")
    grant.agent.at = {"attended": FILE.entries["mode"], "name": FILE.entries["agent"]}
    return grant


@pytest.mark.parametrize(("condition", "witnesses"), [
    ("text: {glob: 'Bash*'}", ["Bash(git *)"]),
    ("{capability: exec.shell, text: {glob: 'Bash*'}}", ["Bash(git *)"]),
    ("effects: [network]", ["network"]),
    ("effects: [network, cloud]", ["cloud", "network"]),
    ("effects: {not: [sends]}", ["[cloud, network]"]),
    ("{effects: network, text: {glob: '*'}}", ["network", "Bash(git *)"]),
    ("{agent: {attended: false, name: triage}, text: {glob: '*'}}", ["ci", "triage", "Bash(git *)"]),
    ("any-of: [{effects: sends, text: {glob: '*'}}, {agent: {attended: false}}]", ["ci"]),
    ("any-of: [{text: {glob: '*'}, effects: sends}, {agent: {attended: false}}]", ["ci"]),
    ("none-of: [{text: nothing}]", []),
    ("state: effective", []),
])
def test_witnesses(condition: str, witnesses: list[str]) -> None:
    found = made(condition, "grant").test(stated())
    assert found is not None
    assert [value.span.text for value in found] == witnesses


# --- errors ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("condition", "kind", "error"), [
    ("capabilty: exec.shell", "grant", "1:1: unknown field `capabilty`; did you mean `capability`?"),
    ("started_by: anyone", "agent", "1:1: unknown field `started_by`; did you mean `started-by`?"),
    ("xyzzy: 1", "grant", "1:1: unknown field `xyzzy`"),
    ("breadth: {abov: tree}", "grant", "1:11: unknown operator `abov`; did you mean `above`?"),
    ("capability: {matches: x}", "grant", "1:14: `matches` does not fit `capability` (word: the power); it has"),
    ("text: {above: 3}", "grant", "1:8: `above` does not fit `text`"),
    ("effects: {is: network}", "grant", "1:11: `is` does not fit `effects` (list:"),
    ("effects: {some: {above: network}}", "grant", "1:18: `above` does not fit `effects`"),
    ("capability: exec.shel", "grant", "`capability` has no word `exec.shel`; did you mean `exec.shell`?"),
    ("effects: [network, clouds]", "grant", "1:20: `effects` has no word `clouds`; did you mean `cloud`?"),
    ("decision: xyzzy", "grant", "`decision` has no word `xyzzy`; it has allow, ask, deny"),
    ("breadth: {above: 3}", "grant", "1:11: `breadth` wants a text, got int"),
    ("duplicate: 1", "grant", "1:1: `duplicate` wants true or false, got int"),
    ("amount: many", "limit", "1:1: `amount` wants a number, got str"),
    ("amount: true", "limit", "1:1: `amount` wants a number, got bool"),
    ("text: null", "grant", "`text` wants a text, got null; write `missing: true` for what is unset"),
    ("text: 1.0", "grant", "`text` wants a text, got float"),
    ("text: []", "grant", "1:1: the list for `text` is empty"),
    ("text: {}", "grant", "1:1: `text` wants an operator"),
    ("text: {is: [a, b]}", "grant", "1:8: `is` wants one value; write `in` for several"),
    ("amount: {above: [1, 2]}", "limit", "`above` wants one value"),
    ("text: {missing: maybe}", "grant", "1:8: `missing` wants true or false"),
    ("text: {glob: 3}", "grant", "`text.glob` wants a text, got int"),
    ("text: {glob: []}", "grant", "1:8: `glob` wants a pattern"),
    ("text: {matches: '(?=a)'}", "grant", "the regular expression is not accepted: the pattern"),
    ("capability: {glob: 'z*'}", "grant", "no word of `capability` fits `z*`"),
    ("scope: git", "grant", "`scope` wants an operator: covers, missing"),
    ("scope: {covers: git}", "server", "unknown field `scope`; did you mean `scopes`?"),
    ("any-of: {text: a}", "grant", "1:1: `any-of` wants a list of conditions"),
    ("text: {any-of: a}", "grant", "1:8: `any-of` wants a list of tests"),
    ("is: a", "grant", "1:1: the operator `is` stands where a field of `grant` is wanted"),
    ("agent: {attendd: true}", "grant", "1:9: unknown field `attendd`; did you mean `attended`?"),
    ("agent: {missing: true, name: a}", "grant", "1:9: `missing` stands alone"),
    ("agent: triage", "grant", "a condition on `agent` wants fields"),
    ("{}", "grant", "a condition on `grant` wants fields"),
])
def test_errors_stand_at_the_key(condition: str, kind: str, error: str) -> None:
    with pytest.raises(RuleError) as caught:
        made(condition, kind)
    assert str(caught.value).startswith("rules/x.md:")
    assert error in str(caught.value)


def test_all_errors_are_told_at_once() -> None:
    with pytest.raises(RuleError) as caught:
        made("capabilty: a\ndecison: b\ntext: {globb: c}\n", "grant")
    assert [span.begin for _, span in caught.value.problems] == [(1, 1), (2, 1), (3, 8)]


def test_depth_is_bounded() -> None:
    with pytest.raises(RuleError, match="nested more than"):
        made("{not: " * 60 + "{text: a}" + "}" * 60, "grant")
    with pytest.raises(RuleError, match="nested more than"):
        made("text: " + "{not: " * 60 + "a" + "}" * 60, "grant")


def test_every_field_type_has_operators_and_every_operator_a_field_type() -> None:
    types = {field.type for kind in FIELDS for field in fields_of(kind).values()} - {"fact"}
    assert types == set(ALLOWED)
    assert {operator for allowed in ALLOWED.values() for operator in allowed} == set(OPERATORS)


def test_every_field_of_the_model_is_an_attribute() -> None:
    from overgrant.model import KIND_OF

    for kind, fields in FIELDS.items():
        blank = KIND_OF[kind]()
        for name in fields:
            if name != "product":
                assert hasattr(blank, name), f"{kind}.{name}"


def test_hostile_text_comes_to_an_end() -> None:
    text = "a" * 20_000
    assert not holds("text: {glob: '*a*a*a*a*b'}", fact(Instruction, text=text[:2000]))
    assert not holds("text: {matches: '(a+)+$'}", fact(Instruction, text=text[:2000] + "b"))


# --- laws ------------------------------------------------------------------------------------------


TESTS = st.sampled_from([
    "capability: exec.shell", "capability: {glob: 'fs.*'}", "breadth: {above: prefix}", "breadth: {below: all}",
    "effects: [network]", "effects: {every: [network, cloud]}", "duplicate: true", "tool: {missing: true}",
    "agent: {attended: false}", "text: {glob: 'a*'}"])
GRANTS = st.builds(
    lambda **fields: fact(Grant, **fields), capability=st.sampled_from(CAPABILITIES), breadth=st.sampled_from(BREADTHS),
    effects=st.lists(st.sampled_from(EFFECTS), max_size=2).map(tuple), duplicate=st.sampled_from([None, True, False]),
    tool=st.sampled_from(["", "Bash"]), text=st.sampled_from(["a", "ab", "b"]),
    agent=st.sampled_from([None, fact(Agent, attended=False), fact(Agent, attended=True), fact(Agent)]))


@settings(deadline=None, max_examples=60)
@given(st.lists(TESTS, min_size=1, max_size=3), GRANTS)
def test_groups_are_plain_logic(tests: list[str], grant: Grant) -> None:
    listed = ", ".join(f"{{{test}}}" for test in tests)
    single = [holds(test, grant) for test in tests]
    assert holds(f"any-of: [{listed}]", grant) is any(single)
    assert holds(f"none-of: [{listed}]", grant) is not any(single)
    assert holds(f"not: {{any-of: [{listed}]}}", grant) is not any(single)
    assert holds(f"not: {{none-of: [{listed}]}}", grant) is any(single)
    assert holds(f"not: {{{tests[0]}}}", grant) is not single[0]


@settings(deadline=None, max_examples=60)
@given(st.text("ab*?", max_size=6), st.text("ab", max_size=6))
def test_glob_agrees_with_the_plain_definition(pattern: str, text: str) -> None:
    def slow(pattern: str, text: str) -> bool:
        if not pattern:
            return not text
        if pattern[0] == "*":
            return slow(pattern[1:], text) or (bool(text) and slow(pattern, text[1:]))
        return bool(text) and pattern[0] in ("?", text[0]) and slow(pattern[1:], text[1:])

    assert glob(pattern, text) is slow(pattern, text)


def test_servers_have_no_scope_but_scopes() -> None:
    assert holds("scopes: {some: {glob: 'repo*'}}", fact(Server, scopes=("repo:all",)))


WORDS = st.text("ab:/\n", max_size=3)


@given(st.booleans(), st.booleans(), WORDS, st.lists(WORDS.filter(lambda text: "\n" not in text), max_size=3), st.text("ab:/\n", max_size=6))
def test_plain_patterns_say_what_their_automata_say(head: bool, tail: bool, before: str, words: list[str], text: str) -> None:
    pattern = "^" * head + before.replace("\n", "") + (f"({'|'.join(words)})" if words else "") + "$" * tail
    plain = condition._plain(pattern)
    assert plain is not None
    assert plain(text) is condition._machine(pattern)(text)


@pytest.mark.parametrize("pattern", ["a.", "a|b", "(a)(b)", "(?:a)", "a\\$", "[a]", "(a|b)c"])
def test_other_patterns_need_an_automaton(pattern: str) -> None:
    assert condition._plain(pattern) is None
