"""Arguments that are taken out of Python: what goes, what stays byte for byte, and source that ends the worker."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overgrant import coderepair
from overgrant.codemod_worker import changes
from overgrant.model import Limit
from overgrant.rule import Finding, Fix, Place, Rule
from overgrant.text import Source, apply
from test_cli import Tree, tree
from trees import judged

__all__ = ["tree"]
Spot = tuple[int, int, int, int]


def spots(text: str, name: str) -> list[Spot]:
    """Where the values of an argument or an entry of that name stand."""
    found: list[Spot] = []
    for node in ast.walk(ast.parse(text)):
        values: list[ast.expr] = []
        if isinstance(node, ast.Call):
            values = [each.value for each in node.keywords if each.arg == name]
        elif isinstance(node, ast.Dict):
            values = [value for key, value in zip(node.keys, node.values) if isinstance(key, ast.Constant) and key.value == name]
        rows = text.split("\n")
        for each in values:
            ends = [len(rows[row - 1].encode()[:column].decode()) for row, column in (
                (each.lineno, each.col_offset), (each.end_lineno or 0, each.end_col_offset or 0))]
            found.append((each.lineno, ends[0], each.end_lineno or 0, ends[1]))
    return found


def without(text: str, name: str = "bad") -> str | None:
    (change,) = changes(text, spots(text, name))
    return None if change is None else text[:change[0]] + change[2] + text[change[1]:]


@pytest.mark.parametrize(("text", "wanted"), [
    ("f(bad=1)\n", "f()\n"),
    ("f(a, bad=None, c=2)\n", "f(a, c=2)\n"),
    ("f(bad=None, c=2)\n", "f(c=2)\n"),
    ("f(a, bad=None)\n", "f(a)\n"),
    ("f(a, bad=None,)\n", "f(a,)\n"),
    ("f(*a, bad=0, **k)\n", "f(*a, **k)\n"),
    ("f(\n    a,\n    bad=None,  # gone\n    c=1,  # stays\n)\n", "f(\n    a,\n    c=1,  # stays\n)\n"),
    ("f(\n    a,\n    bad=None,\n)\n", "f(\n    a,\n)\n"),
    ("f(\n    a,\n    bad=None\n)\n", "f(\n    a\n)\n"),
    ("f(\n    bad=None,\n)\n", "f()\n"),
    ("g(f(é='日本', bad=[\n  1,\n]), 2)\n", "g(f(é='日本'), 2)\n"),
    ("f(a,\r\n  bad=1,\r\n  c=2)\r\n", "f(a,\r\n  c=2)\r\n"),
    ("x = {'a': 1, 'bad': 'never'}\n", "x = {'a': 1}\n"),
    ("x = {'bad': 'never'}\n", "x = {}\n"),
    ("x = {\n\t'bad': 0,\n\t'c': 2,\n}\n", "x = {\n\t'c': 2,\n}\n"),
    ("@f(bad=1)\nclass A(b, bad=2): pass\n", "@f()\nclass A(b, bad=2): pass\n"),
    ("with f(bad=1) as g: h( )\n", "with f() as g: h( )\n"),
])
def test_the_rest_stays(text: str, wanted: str) -> None:
    assert without(text) == wanted


def test_what_is_no_argument_has_no_change() -> None:
    assert changes("bad = None\n", [(1, 6, 1, 10)]) == [None]
    assert changes("f(None)\n", [(1, 2, 1, 6)]) == [None]
    assert changes("f(\n", [(1, 2, 1, 6)]) == [None]


NAMES = st.sampled_from(["a", "b", "bad", "d"])
VALUES = st.sampled_from(["None", "-1", "'é'", "g(bad2=1)", "[1,\n 2]", "{'k': 0}"])
GAPS = st.sampled_from([", ", ",\n    ", " ,", ",  # why\n  "])


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(NAMES, VALUES, GAPS), min_size=1, max_size=5, unique_by=lambda each: each[0]), st.booleans())
def test_the_tree_is_the_old_one_without_the_argument(arguments: list[tuple[str, str, str]], trailing: bool) -> None:
    inner = "".join(f"{name}={value}{gap}" for name, value, gap in arguments[:-1])
    name, value, _ = arguments[-1]
    text = f"x = f({inner}{name}={value}{',' * trailing})\n"
    if not spots(text, "bad"):
        return
    made = without(text)
    assert made is not None
    wanted = ast.parse(text)
    for node in ast.walk(wanted):
        if isinstance(node, ast.Call):
            node.keywords = [each for each in node.keywords if each.arg != "bad"]
    assert ast.dump(ast.parse(made)) == ast.dump(wanted)


# --- the parent --------------------------------------------------------------------------------------


def waiting(text: str) -> Finding:
    """A finding whose fix waits for the change of the argument `bad`."""
    source = Source("app.py", text.encode())
    rule = Rule(id="x", family="scope", subject="limit", severity="high", check=lambda *_: (), message="m", help="h")
    start = text.index("bad=") + 4
    span = source.span(start, start + 4)
    return Finding(rule, Limit(), message="m", help="h", places=[Place(span, "", "primary")], severity="high",
                   fixes=[Fix("Take it out", "unsafe", argument=span)])


def test_a_fix_gets_its_edit() -> None:
    finding = waiting("f(a, bad=None)\n")
    coderepair.complete([finding])
    (fix,) = finding.fixes
    assert apply(finding.primary.span.source, fix.edits) == b"f(a)\n"


@pytest.mark.parametrize("text", [
    "f(bad=None, x=" + "(" * 150 + ")" * 150 + ")\n",
    "f(bad=None)\n" + "x = " + "-" * 100_000 + "1\n",
    "f(bad=None, x=" + "[" * 50_000 + "]" * 50_000 + ")\n",
    "f(bad=None)\nx = " + "a." * 100_000 + "b\n",
])
def test_source_that_ends_the_worker_costs_the_fix_alone(text: str) -> None:
    finding = waiting(text)
    coderepair.complete([finding])
    assert all(fix.edits for fix in finding.fixes)


def test_a_worker_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coderepair, "TIMEOUT", 0.001)
    finding = waiting("f(bad=None)\n")
    coderepair.complete([finding])
    assert finding.fixes == []


# --- the command -------------------------------------------------------------------------------------

AGENT = """from langchain.agents import AgentExecutor

executor = AgentExecutor(
    agent=agent,
    tools=[],
    max_iterations=None,  # as long as it takes
    verbose=True,
)
"""


def test_unsafe_fixes_take_the_argument_out(tree: Tree) -> None:
    tree.put("app.py", AGENT)
    assert "limit-switched-off" in tree.rules()
    ran = tree.run("check", "--unsafe-fixes")
    assert (tree.path / "app.py").read_text() == AGENT.replace("    max_iterations=None,  # as long as it takes\n", "")
    assert ran.code == 0 and "mended 1 finding in `app.py`" in ran.out


def test_the_edit_stands_in_the_report(tree: Tree) -> None:
    tree.put("app.py", AGENT)
    found = json.loads(tree.run("check", "--format", "json").out)["findings"]
    (edit,) = next(each for each in found if each["rule"] == "limit-switched-off")["fixes"][0]["edits"]
    data = AGENT.encode()
    assert data[edit["start"]:edit["end"]].strip() == b"max_iterations=None,  # as long as it takes"


def test_a_notebook_has_no_such_fix() -> None:
    book = json.dumps({"cells": [{"cell_type": "code", "source": AGENT.splitlines(keepends=True)}]})
    (finding,) = judged({"app.ipynb": book.encode()}).findings
    assert finding.rule.id == "limit-switched-off" and finding.fixes == []


def test_the_process_that_checks_never_imports_libcst(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(AGENT)
    (tmp_path / "libcst.py").write_text("raise SystemExit('the tree was imported')\n")
    code = ("import sys\nsys.path.insert(0, sys.argv.pop(1))\nfrom overgrant.cli import main\ntry:\n    main()\n"
            "finally:\n    assert 'libcst' not in sys.modules\n")
    linter = str(Path(coderepair.__file__).parent.parent)
    ran = subprocess.run([sys.executable, "-c", code, linter, "check", "--unsafe-fixes", "--diff"], cwd=tmp_path, capture_output=True,
                         text=True, check=False)
    assert "-    max_iterations=None" in ran.stdout and "the tree was imported" not in ran.stderr + ran.stdout
