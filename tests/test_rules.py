"""Every rule file holds: its examples fire where they say, and nowhere else."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from overgrant.read.knowledge import home
from overgrant.report.text import render
from overgrant.rulefile import load_dir
from overgrant.ruletest import run_tests, trees
from overgrant.run import Plan, lint
from trees import inputs_of, rules

FILES = load_dir(home("rules"), trust_python=True)
PLAN = Plan(rules(), profile="strict", debug=True)
MOST_ON_ONE_LINE = 3


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.rule.id)
def test_rule_holds(file, accept):  # type: ignore[no-untyped-def]
    failures = run_tests(file, lambda tree: lint(inputs_of(tree), PLAN)[0].findings,
                         render=lambda found: "\n\n".join(render(each) for each in found), rewrite=accept)
    assert not failures, "\n".join(f"{each.path}:{each.line}: {each.message}" for each in failures)


def test_most_rules_are_data(capsys):  # type: ignore[no-untyped-def]
    """At least 70 % of the built-in rules decide without Python; a file that only fills in words decides nothing."""
    deciding = [file for file in FILES if file.script is not None and not file.rule.check.condition]  # type: ignore[attr-defined]
    with_code = [file for file in FILES if file.script is not None]
    share = 1 - len(with_code) / len(FILES)
    with capsys.disabled():
        print(f"\nrules: {len(FILES)}, without Python {share:.0%}, of the others {len(deciding)} without a condition")
    assert share >= 0.7


def test_every_rule_is_silent_somewhere_and_fires_somewhere():  # type: ignore[no-untyped-def]
    for file in FILES:
        expected = [any(name == file.rule.id for _, _, name in tree.expected) for tree in trees(file)]
        assert any(expected), f"{file.rule.id} fires nowhere"
        assert not all(expected), f"{file.rule.id} is silent nowhere"


NAMES = ("agent", "name", "text", "tool", "command", "package", "server", "url")  # what a file or a product calls something
PROSE = re.compile(r"(`{3,}).*?\n.*?\n\1\n?", re.DOTALL)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.rule.id)
def test_a_rules_texts_are_written_alike(file):  # type: ignore[no-untyped-def]
    """The problem is half a sentence, the remedy whole ones, names stand in backticks; the page says why, and what stays silent."""
    rule = file.rule
    for line in rule.message.splitlines():
        assert not line.endswith("."), line
    for line in rule.help.splitlines():
        assert line.endswith((".", "{instead}", "{suggestion}")) and (line[0].isupper() or line[0] in "{`"), line
    for line in (*rule.message.splitlines(), *rule.help.splitlines(), *rule.label.splitlines()):
        outside = line.split("`")
        assert len(outside) % 2, f"a backtick without its other half: {line}"
        assert not any(f"{{{each}}}" in piece for piece in outside[::2] for each in NAMES), line
    why, heading, alone = PROSE.sub("", file.source.text.partition("\n---\n")[2]).partition("## What it leaves alone")
    assert len(why.split()) > 15, "why it matters"
    assert heading and alone.strip(), "what it leaves alone"


def test_one_cause_one_finding(capsys):  # type: ignore[no-untyped-def]
    most = 0
    for file in FILES:
        for tree in trees(file):
            data = {path: text.encode() for path, text in tree.files.items()}
            lines: dict[tuple[str, int], int] = {}
            for finding in lint(inputs_of(data), PLAN)[0].findings:
                place = finding.primary.span
                key = (place.source.path, place.begin[0])
                lines[key] = lines.get(key, 0) + 1
            most = max([most, *lines.values()])
    with capsys.disabled():
        print(f"\nmost findings on one line of the rules' examples: {most}")
    assert most <= MOST_ON_ONE_LINE


def test_rules_in_python_know_only_the_model():  # type: ignore[no-untyped-def]
    allowed = {"overgrant.rule", "overgrant.model", "overgrant.scope", "collections.abc", "__future__", "typing", "itertools"}
    for script in Path(home("rules")).glob("*/*.py"):
        for node in ast.walk(ast.parse(script.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else (
                [alias.name for alias in node.names] if isinstance(node, ast.Import) else [])
            assert set(names) <= allowed, f"{script.name} imports {names}"
