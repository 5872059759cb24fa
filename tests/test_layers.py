"""The house's own promises: which floor may know what."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from overgrant.read import knowledge

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "linter" / "overgrant"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "_data" not in path.parts)
SCRIPTS = sorted((ROOT / "rules").rglob("*.py"))
MOST_LINES = 400
# one idea each, and cutting it would only move lines; the numbers are ceilings
LONGER = {"regex.py": 410, "scope.py": 465, "model.py": 480}
# patterns made of our own knowledge (reviewed like code), of characters or of a limit, never of scanned text
OWN_PATTERNS = {"power/claims.py": {"_compiled", "_regex"}, "dialect/grammar/outcome.py": {"_data", "_decisions", "injection"},
                "dialect/catalogue.py": {"_any_of", "_pattern"}, "dialect/code/match.py": {"_methods"},
                "dialect/code/sinktable.py": {"_begins"}, "dialect/code/watch.py": {"_compiled"},
                "dialect/code/versions.py": {"_locked", "_own", "_stated"},
                "dialect/grammar/secret.py": {"_compiled", "_run"}, "dialect/nodes.py": {"_fills"},
                "dialect/javascript.py": {"_patterns"},
                "dialect/flowtool.py": {"_sinks"}, "read/toml.py": {"_too_deep"}, "read/yaml.py": {"_stand_ins"}}


def name(path: Path) -> str:
    return path.relative_to(PACKAGE if path.is_relative_to(PACKAGE) else ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_bytes())


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name(path)}:{node.lineno} imports relatively"
            yield node.module or ""


def docstrings(path: Path) -> set[int]:
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr):
                found.add(id(first.value))
    return found


def words(path: Path) -> Iterator[tuple[int, str]]:
    """Names and text literals with their lines, no documentation; lower case, with `-` around each word."""
    skipped = docstrings(path)
    for node in ast.walk(tree(path)):
        if not isinstance(node, ast.expr | ast.stmt):
            continue
        text = ""
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            text = node.value
        elif isinstance(node, ast.Name):
            text = node.id
        elif isinstance(node, ast.Attribute):
            text = node.attr
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            text = node.name
        if text:
            yield node.lineno, re.sub("[^a-z0-9]+", "-", f"-{text.lower()}-")


@pytest.mark.parametrize("path", sorted((PACKAGE / "power").rglob("*.py")), ids=name)
def test_power_names_no_product(path: Path) -> None:
    slugs = {slug.rsplit("/", 1)[-1] for slug in knowledge.names("products")}
    assert slugs, "no product is known"
    named = [f"line {line}: {slug}" for line, text in words(path) for slug in slugs if f"-{slug}-" in text]
    assert named == []


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_a_rules_python_asks_the_model_only(path: Path) -> None:
    allowed = {"overgrant.rule", "overgrant.model", "overgrant.scope"}
    assert [each for each in imports(path)
            if each not in allowed and each.split(".")[0] not in sys.stdlib_module_names] == []


PATTERN_MAKERS = {"later", *(f"re.{name}" for name in ("compile", "match", "fullmatch", "search", "sub", "subn", "split",
                                                       "findall", "finditer"))}


def patterns_made(path: Path) -> Iterator[tuple[str, int]]:
    """Calls that compile a regular expression from something else than a literal: enclosing function, line."""
    constants = {target.id for node in tree(path).body if isinstance(node, ast.Assign)
                 for target in node.targets if isinstance(target, ast.Name)}
    within = {id(inner): outer.name for outer in ast.walk(tree(path)) if isinstance(outer, ast.FunctionDef)
              for inner in ast.walk(outer)}
    for node in ast.walk(tree(path)):
        if not (isinstance(node, ast.Call) and (ast.unparse(node.func) in PATTERN_MAKERS)):
            continue
        # a pattern spelt out of literals and constants of the module is ours
        parts = [part for part in ast.walk(node.args[0]) if isinstance(part, ast.Name | ast.Attribute | ast.Call)]
        if any(not (isinstance(part, ast.Name) and part.id in constants) for part in parts):
            yield within.get(id(node), ""), node.lineno


@pytest.mark.parametrize("path", [path for path in MODULES
                                  if name(path).split("/")[0] in ("read", "dialect", "power")], ids=name)
def test_no_text_of_the_tree_becomes_a_regular_expression(path: Path) -> None:
    allowed = OWN_PATTERNS.get(name(path), set())
    made = [*patterns_made(path)]
    assert [f"line {line}: {function}" for function, line in made if function not in allowed] == []
    assert allowed <= {function for function, _ in made}, "an exception is not needed any more"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_is_one_idea(path: Path) -> None:
    lines = path.read_bytes().count(b"\n")
    assert lines <= LONGER.get(name(path), MOST_LINES)
    if name(path) in LONGER:
        assert lines > MOST_LINES, "it needs no exception any more"


@pytest.mark.parametrize("path", [path for path in MODULES if name(path).split("/")[0] != "command"], ids=name)
def test_nothing_runs_code_from_outside(path: Path) -> None:
    """Only the asking of git and of libcst starts a process; nothing evaluates text, unpickles or opens a connection."""
    banned = {"pickle", "marshal", "shelve", "socket", "urllib", "http", "ftplib", "ssl", "asyncio", "ctypes"}
    if name(path) not in ("read/git.py", "coderepair.py"):
        banned |= {"subprocess", "multiprocessing"}
    # taking an address apart opens nothing
    assert {each.split(".")[0] for each in imports(path) if each != "urllib.parse"} & banned == set()
    called = {node.func.id for node in ast.walk(tree(path))
              if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert called & {"eval", "exec", "compile", "__import__"} == set()


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_only_reports_print(path: Path) -> None:
    called = [node.lineno for node in ast.walk(tree(path))
              if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"]
    assert called == []


def test_the_package_cannot_be_run_from_a_scanned_directory() -> None:
    assert not (PACKAGE / "__main__.py").exists()
