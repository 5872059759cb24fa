"""An organisation's policy: what the tree can't make milder, what it may, and what is said about it."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml
from referencing import Registry, Resource

from test_cli import OPEN, OWN, SETTINGS, Tree, tree

__all__ = ["tree"]
SCHEMAS = Path(__file__).parent.parent / "schemas"
STRICT_ONLY = '{"permissions": {"allow": ["Bash(rg *)"]}}\n'


def notes(tree: Tree, *words: str) -> str:
    return tree.run("check", *words).out


@pytest.mark.parametrize("config", [
    "ignore: [open-shell]", "ignore: [scope]", "select: [secret]", "paths: {exclude: [.claude/]}", "paths: {include: [src/]}",
    "severity: {open-shell: info}", "fail-on: never", "profile: default",
    "waivers: [{rule: open-shell, path: '**', reason: because}]"])
def test_what_is_mandatory_fails_whatever_the_tree_says(tree: Tree, config: str) -> None:
    tree.put(SETTINGS, OPEN)
    tree.put(".overgrant.yaml", config + "\n")
    tree.put("house/policy.yaml", "mandatory: [open-shell]\nfail-on: high\n")
    loosens = config != "profile: default"
    assert tree.run("check").code == (0 if loosens else 1)
    ran = tree.run("check", "--policy", "house/policy.yaml")
    assert ran.code == 1, ran.out
    assert "high[open-shell]" in ran.out
    if loosens:
        assert ".overgrant.yaml:1:" in ran.out
        assert "in vain" in ran.out


def test_the_sentences(tree: Tree) -> None:
    tree.put(SETTINGS, OPEN)
    tree.put("policy.yaml", "mandatory: [scope]\nfail-on: medium\n")
    tree.put(".overgrant.yaml", "ignore: [open-shell]\nseverity: {open-shell: low}\nfail-on: never\n"
                                "waivers: [{rule: open-shell, path: '**', reason: because}]\npolicy: policy.yaml\n")
    out = tree.run("check").out
    assert ".overgrant.yaml:1:10 ignores `open-shell` in vain: the policy makes `open-shell` mandatory" in out
    assert ".overgrant.yaml:2:24 lowers `open-shell` in vain: by the policy it stays `high`" in out
    assert ".overgrant.yaml:3:10 fails only from `never` in vain: by the policy a run fails from `medium` on" in out
    assert ".overgrant.yaml:4:11 waives `open-shell` in vain: the policy makes it mandatory" in out


def test_what_is_not_mandatory_is_the_trees(tree: Tree) -> None:
    tree.put(SETTINGS, OPEN)
    tree.put("policy.yaml", "mandatory: [secret]\nseverity: {open-shell: critical}\n")
    tree.put(".overgrant.yaml", "ignore: [open-shell]\n")
    assert tree.rules("--policy", "policy.yaml") == []
    assert "in vain" not in notes(tree, "--policy", "policy.yaml")
    tree.put(".overgrant.yaml", "")
    assert "critical[open-shell]" in notes(tree, "--policy", "policy.yaml")
    tree.put(".overgrant.yaml", "severity: {open-shell: low}")
    assert "low[open-shell]" in notes(tree, "--policy", "policy.yaml")


def test_other_findings_in_an_excluded_file_stay_out(tree: Tree) -> None:
    tree.put(SETTINGS, '{"permissions": {"allow": ["Bash(*)", "WebFetch"]}}\n')
    tree.put(".overgrant.yaml", "paths: {exclude: [.claude/]}\n")
    tree.put("policy.yaml", "mandatory: open-shell\n")
    assert tree.rules("--policy", "policy.yaml") == ["open-shell"]
    assert SETTINGS in notes(tree, "--policy", "policy.yaml")


def test_a_mandatory_rule_of_the_strict_profile_is_judged_in_both(tree: Tree) -> None:
    tree.put(SETTINGS, STRICT_ONLY)
    tree.put("policy.yaml", "mandatory: [option-opens-shell]\n")
    assert "option-opens-shell" not in tree.rules()
    assert "option-opens-shell" in tree.rules("--policy", "policy.yaml")


def test_the_command_line_stands_above_the_policy(tree: Tree) -> None:
    tree.put(SETTINGS, OPEN)
    tree.put("policy.yaml", "mandatory: all\nfail-on: low\n")
    assert tree.rules("--policy", "policy.yaml", "--ignore", "open-shell") == []
    assert tree.rules("--policy", "policy.yaml", "--select", "secret") == []
    assert tree.run("check", "--policy", "policy.yaml", "--fail-on", "never").code == 0


def test_the_organisations_rules_and_waivers(tree: Tree) -> None:
    tree.put(SETTINGS, '{"permissions": {"allow": ["Bash(*)", "Bash(terraform apply)"]}}\n')
    tree.put("house/rules/scope/no-terraform.md", OWN)
    tree.put("house/policy.yaml", "mandatory: all\nrules: rules\nwaivers:\n  - {rule: open-shell, path: '**', reason: container}\n")
    found = tree.rules("--policy", "house/policy.yaml")
    assert "no-terraform" in found
    assert "open-shell" not in found


@pytest.mark.parametrize(("text", "said"), [
    ("mandatry: [scope]\n", "policy.yaml:1:1: unknown key `mandatry`; did you mean `mandatory`?"),
    ("mandatory: [scop]\n", "policy.yaml:1:13: unknown rule or family `scop`; did you mean `scope`?"),
    ("paths: {exclude: [a]}\n", "policy.yaml:1:1: unknown key `paths`"),
    ("policy: other.yaml\n", "policy.yaml:1:1: unknown key `policy`"),
    ("mandatory: {scope: yes}\n", "policy.yaml:1:1: `mandatory` is a list of texts")])
def test_mistakes_have_a_place(tree: Tree, text: str, said: str) -> None:
    tree.put(SETTINGS, OPEN)
    tree.put("policy.yaml", text)
    ran = tree.run("check", "--policy", "policy.yaml")
    assert (ran.code, said in ran.err) == (2, True), ran.err


def test_a_policy_that_is_not_there(tree: Tree) -> None:
    tree.put(SETTINGS, OPEN)
    assert tree.run("check", "--policy", "none.yaml").code == 2
    tree.put(".overgrant.yaml", "policy: house/none.yaml\n")
    ran = tree.run("check")
    assert (ran.code, ran.err) == (2, ".overgrant.yaml:1:9: there is no file `house/none.yaml`\n")


def test_mandatory_belongs_to_a_policy(tree: Tree) -> None:
    tree.put(".overgrant.yaml", "mandatory: [scope]\n")
    assert "unknown key `mandatory`" in tree.run("check").err


def test_the_published_schema_agrees() -> None:
    files = {name: json.loads((SCHEMAS / name).read_text()) for name in ("policy.schema.json", "config.schema.json")}
    registry = Registry().with_resources((name, Resource.from_contents(held)) for name, held in files.items())
    checker = jsonschema.Draft202012Validator(files["policy.schema.json"], registry=registry)
    good = {"mandatory": "all", "fail-on": "high", "profile": "strict", "rules": ["r"], "schemas": "s", "assume": {"claude": "2.1"},
            "ignore": [], "select": ["scope"], "severity": {"open-shell": "low"}, "waivers": "w.yaml"}
    assert checker.is_valid(good)
    assert not checker.is_valid({"mandatory": 1})
    assert not checker.is_valid({"paths": {}})
    from overgrant.config import Config, _Reader

    assert set(files["policy.schema.json"]["properties"]) == set(_Reader(Config(), True, policy=True).keys)
    assert yaml.safe_load("mandatory: all") == {"mandatory": "all"}
