"""The contract of every framework: fixtures that exercise all that its data says.

`tests/frameworks/<framework>.md` holds small programs. Below a heading that starts with `Vulnerable` every finding is
asserted (`# error: [rule-id]`); below one that starts with `Hardened` there is none. Together they use every entry, and
each argument that an entry speaks of changes what is found out when it is taken away.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

import overgrant
from overgrant.dialect.code.entries import KEYS, KINDS, Entry, frameworks, marks
from overgrant.dialect.code.match import Matches
from overgrant.dialect.code.names import File
from overgrant.dialect.code.package import Package
from overgrant.model import Fact
from overgrant.read.base import DEFAULT
from overgrant.read.knowledge import load, names
from overgrant.read.markdown import fences
from overgrant.read.python import parse
from overgrant.ruletest import expanded, stripped
from overgrant.text import Source
from overgrant.value import Value
from trees import analysis_of, judged

FIXTURES = Path(__file__).parent / "frameworks"
SLUGS = [name.rsplit("/", 1)[-1] for name in names("frameworks")]
VERSIONED = ("since", "before")
EXEMPT = {"source", "checked"}


class Program(NamedTuple):
    """A tree of files below one heading, and the findings that it asserts."""

    heading: str
    line: int
    files: dict[str, bytes]
    expected: set[tuple[str, int, str]]


@cache
def programs(slug: str) -> list[Program]:
    path = FIXTURES / f"{slug}.md"
    if not path.is_file():
        return []
    data = path.read_bytes()
    body = Value(Source(path.name, data), "str", data.decode(), locate=lambda: ((0, len(data)), None))
    headings = [(number, line.lstrip("# ")) for number, line in enumerate(data.decode().splitlines(), 1) if line.startswith("## ")]
    found: list[Program] = []
    last = -1
    for fence in fences(body):
        at = max((index for index, (number, _) in enumerate(headings) if number < fence.line), default=-1)
        assert at >= 0, f"{path.name}:{fence.line} stands below no heading"
        _, _, name = fence.info.partition(" ")
        if at != last or name in found[-1].files:
            found.append(Program(headings[at][1], fence.line, {}, set()))
        last = at
        text, rules = stripped(fence.text.text, fence.info.partition(" ")[0])
        found[-1].files[name] = expanded(text).encode()
        found[-1].expected.update((name, line, rule) for line, ids in rules.items() for rule in ids)
    return found


CASES = [pytest.param(program, id=f"{slug}:{program.line}") for slug in SLUGS for program in programs(slug)]


@pytest.mark.parametrize("program", CASES)
def test_a_program_gives_what_it_asserts(program: Program) -> None:
    found = {(each.primary.span.source.path, each.primary.span.begin[0], each.rule.id) for each in judged(program.files).findings}
    assert (sorted(program.expected - found), sorted(found - program.expected)) == ([], [])
    assert program.heading.startswith("Hardened") != bool(program.expected)
    for finding in judged(program.files, "strict").findings:
        for text in (finding.message, finding.help or "."):
            assert "{" not in text and ".." not in text.replace("...", ""), text
        assert (finding.help or ".").endswith("."), finding.help


@pytest.mark.parametrize("slug", SLUGS)
def test_a_framework_has_both_kinds(slug: str) -> None:
    kinds = {program.heading.split()[0].rstrip(",:") for program in programs(slug)}
    assert kinds >= {"Vulnerable", "Hardened"}


@pytest.mark.parametrize("slug", SLUGS)
def test_an_entry_says_what_is_understood(slug: str) -> None:
    data = load(f"frameworks/{slug}")
    assert data["title"] and data["roots"] and data["source"] and data["checked"] and data["own"]
    assert {path.split("/")[0] for path in data["own"]} <= {root.split(".")[0] for root in data["roots"]}
    for row in data["entries"]:
        assert set(row) <= KEYS, row["names"]
        assert row["is"] in KINDS, row["names"]


@pytest.mark.parametrize("slug", SLUGS)
def test_every_entry_is_used(slug: str) -> None:
    used = {tuple(entry.names) for program in programs(slug) for _, entry, _ in _calls(program)}
    assert [row["names"][0] for row in load(f"frameworks/{slug}")["entries"] if tuple(row["names"]) not in used] == []


@pytest.mark.parametrize("slug", SLUGS)
def test_every_argument_changes_what_is_found_out(slug: str) -> None:
    wanted = {(row["names"][0], route) for row in load(f"frameworks/{slug}")["entries"] for route, _ in _routes(row)}
    left = set(wanted)
    for program in programs(slug):
        before = None
        for path, entry, place in _calls(program):
            for route, at in _routes(entry.data):
                key = (entry.names[0], route)
                if key not in left:
                    continue
                changed = _without(program.files[path].decode(), place, route, at)
                if changed is None:
                    continue
                before = before or _facts(program.files)
                if _facts({**program.files, path: changed.encode()}) != before:
                    left.discard(key)
    assert not left, f"nothing depends on {sorted(left)}"


@pytest.mark.parametrize("slug", SLUGS)
def test_a_version_makes_a_difference(slug: str) -> None:
    """What holds for some versions only is met in programs of both kinds."""
    dated = {row["names"][0] for row in load(f"frameworks/{slug}")["entries"]
             if {"since", "before", "versions"} & set(row) or any({"since", "before"} & set(said) for said in row.get("says", ()))}
    old = {"requirements.txt", "uv.lock", "pyproject.toml"}
    met: dict[str, set[bool]] = {name: set() for name in dated}
    for program in programs(slug):
        text = b"".join(program.files.values()).decode()
        for row in load(f"frameworks/{slug}")["entries"]:
            if row["names"][0] in dated and any(re.search(rf"\b{re.escape(name)}\(", text) for name in row["names"]):
                met[row["names"][0]].add(bool(old & set(program.files)))
    assert {name for name, kinds in met.items() if kinds != {True, False}} == set()


def _calls(program: Program) -> Iterator[tuple[str, Entry, tuple[int, ...]]]:
    """Path, entry and place of everything in a program that an entry knows."""
    package = Package(dict(program.files))
    for path, data in program.files.items():
        if not path.endswith(".py"):
            continue
        code = parse(Source(path, data), DEFAULT)
        assert code.tree is not None, path
        file = File(code, package)
        package.keep(file)
        matches = Matches(file)
        held: list[Any] = [*matches.made, *matches.marked, *matches.classes]
        facts_entries: list[tuple[Entry, Any]] = [(each.entry, each.node) for each in held]
        for node in ast.walk(code.tree):
            # a tool that is handed over by its name: `tools=[shell]`
            if isinstance(node, (ast.Name, ast.Attribute)):
                from overgrant.dialect.code.names import qualified

                for name in qualified(node, file.scope):
                    entry = frameworks().known(name, file)
                    if entry is not None and entry.kind == "builtin":
                        facts_entries.append((entry, node))
        for entry, node in facts_entries:
            yield path, entry, _place(node)


def _place(node: Any) -> tuple[int, ...]:
    return tuple(getattr(node, name, -1) for name in ("lineno", "col_offset", "end_lineno", "end_col_offset"))


def _routes(row: dict[str, Any]) -> Iterator[tuple[str, int | None]]:
    """The arguments that an entry speaks of, with their positions."""
    def spec(each: Any) -> Iterator[tuple[str, int | None]]:
        if isinstance(each, str):
            yield each, None
        elif isinstance(each, dict) and "argument" in each and "beside" not in each:
            yield each["argument"], each.get("at")
        elif isinstance(each, list):
            for inner in each:
                yield from spec(inner)

    def plain(route: str) -> tuple[str, int | None]:
        name, _, place = route.partition("@")
        return name, int(place) if place else None

    for key in ("name", "purpose", "tools", "agents", "approval", "function", "host", "auth", "gates", "command", "arguments", "url",
                "people", "root", "deciders", "target", "giver", "servers", "approves"):
        if key in row and row[key] not in ("receiver", "owner"):
            yield from spec(row[key])
    for name, limit in row.get("limits", {}).items():
        yield name, limit.get("at")
        for each in limit.get("unless", {}):
            yield plain(each)
    for held in (row.get("contained"), row.get("optional"), row.get("unattended"), (row.get("root") or {}).get("lifted"),
                 (row.get("endless") or {}).get("unless")):
        for each in held if isinstance(held, dict) else ():
            yield plain(each)
    for said in row.get("says", ()):
        for each in (*said.get("when", {}), *said.get("unless", {})):
            yield plain(each)


def _without(text: str, place: tuple[int, ...], route: str, at: int | None) -> str | None:
    """The program without one argument of the call, decorator or assignment at a place; None if it is not there."""
    tree = ast.parse(text)
    name, *steps = route.split(".")
    for node in ast.walk(tree):
        if _place(node) != place:
            continue
        if isinstance(node, ast.Attribute | ast.Subscript) and name == "value":
            for parent in ast.walk(tree):
                if isinstance(parent, ast.Assign) and parent.targets[0] is node:
                    parent.targets[0] = ast.Name("unused", ast.Store())
                    return ast.unparse(ast.fix_missing_locations(tree))
        if not isinstance(node, ast.Call):
            continue
        for word in node.keywords:
            if word.arg == name:
                if not (steps and _drop(word.value, steps)):
                    node.keywords.remove(word)
                return ast.unparse(tree)
        if at is not None and at < len(node.args):
            node.args[at] = ast.copy_location(ast.Constant(None), node.args[at])
            return ast.unparse(tree)
    return None


def _drop(node: Any, steps: list[str]) -> bool:
    """Take a key out of a dictionary display."""
    if not isinstance(node, ast.Dict):
        return False
    for index, key in enumerate(node.keys):
        if isinstance(key, ast.Constant) and key.value == steps[0]:
            if len(steps) > 1:
                return _drop(node.values[index], steps[1:])
            del node.keys[index], node.values[index]
            return True
    return False


def _facts(files: dict[str, bytes]) -> list[tuple[Any, ...]]:
    """What is found out, without places."""
    def shown(fact: Fact) -> tuple[Any, ...]:
        plain = {key: value for key in dir(type(fact)) if not key.startswith("_")
                 and isinstance(value := getattr(fact, key), (str, bool, int, float, tuple, type(None)))}
        args = tuple(each.text for each in getattr(fact, "args", ()))
        owner = fact.owner.name if fact.owner is not None and hasattr(fact.owner, "name") else ""
        return fact.kind, owner, args, tuple(sorted((key, repr(value)) for key, value in plain.items() if key != "order"))

    world = analysis_of(files).world
    return sorted((shown(fact) for fact in (*world.agents, *world.facts)), key=repr)


def test_code_is_recognised_by_the_names_that_frameworks_have(accept: bool) -> None:
    """`pytest --accept` writes the marks of the catalogue anew."""
    path = Path(overgrant.__file__).parent / "knowledge" / "products" / "python.yaml"
    if accept:
        lines = textwrap.wrap(", ".join(f'"{each}"' for each in marks()), 118, break_on_hyphens=False)
        made = "    marks: [" + "\n      ".join(lines) + "]\n"
        path.write_text(re.sub(r"    marks: \[[^]]*\]\n", lambda _: made, path.read_text()))
    for format in yaml.safe_load(path.read_text())["formats"]:
        if format.get("module") == "python":
            assert format["marks"] == marks(), "run this test with --accept"
