"""What is known about commands by name, and how their options are told from their arguments.

The data is `knowledge/commands.yaml`: one tree of nodes, a command's name at the root, its subcommands below. A key may
hold several names (`status diff log:`). `like: "npm exec"` borrows another node; what the borrower says itself wins.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from overgrant.dialect.grammar.word import Word

Node = dict[str, Any]

_SUFFIXES = (".exe", ".cmd", ".bat", ".com", ".ps1")
_MAX_LIKE = 5


class Option(NamedTuple):
    """One option as given: its name with dashes, its value, and where the value stands (word index, offset in it)."""

    name: str
    value: str | None
    at: int
    offset: int


def load() -> dict[str, Any]:
    """The commands' knowledge file as data."""
    from overgrant.read.knowledge import load as read

    data: dict[str, Any] = read("commands")
    return data


@cache
def commands() -> dict[str, Node]:
    """Every known command by its lower-case name."""
    return _named(load()["commands"])


@cache
def _list(name: str) -> frozenset[str]:
    return frozenset(load()[name])


def is_named_inside(path: str) -> bool:
    """Whether a path names one thing of the workspace or of `/tmp`, whose loss was considered when it was written down.

    A wildcard, a variable, a way out and the workspace itself name more; hidden folders do unless a build makes them.
    """
    inside = path.removeprefix("/tmp/")
    parts = [part for part in inside.split("/") if part not in ("", ".")]
    if not parts or inside.startswith(("/", "~")) or set(path) & set("*?[{$`\\:") or ".." in parts:
        return False
    return all(not part.startswith(".") or part in _list("build-outputs") for part in parts)


def _named(nodes: dict[str, Any]) -> dict[str, Node]:
    return {name: node or {} for names, node in nodes.items() for name in str(names).split()}


def head_of(program: str) -> str:
    """The bare, lower-case name of a program: no directory, no Windows suffix (`C:\\\\x\\\\NPX.CMD` is `npx`)."""
    name = program.replace("\\", "/").rstrip("/").rpartition("/")[2].lower()
    for suffix in _SUFFIXES:
        if name.endswith(suffix) and name != suffix:
            return name[: -len(suffix)]
    return name


def find(head: str) -> Node | None:
    """The node of a command, also with a version in its name (`python3.12`, `pip3`); None for an unknown one."""
    known = commands()
    node = known.get(head)
    if node is None:
        bare = head.rstrip("0123456789.").rstrip("-")
        node = known.get(bare) if bare and bare != head else None
    return None if node is None else resolve(node)


def below(node: Node, name: str) -> Node | None:
    """The node of a subcommand; it keeps the options that its parent knows to take values."""
    found = subcommands(node).get(name)
    if found is None:
        return None
    found = resolve(found)
    inherited: Node = {key: node[key] for key in ("source", "checked", "excludable") if key in node}
    merged = {**inherited, **found}
    if "flags" not in found:
        merged["values"] = [*node.get("values", ()), *found.get("values", ())]
    return merged


def subcommands(node: Node) -> dict[str, Node]:
    return _named(node["sub"]) if "sub" in node else {}


def resolve(node: Node) -> Node:
    """Follow `like`, a bounded number of times."""
    for _ in range(_MAX_LIKE):
        like = node.get("like")
        if like is None:
            break
        head, *path = str(like).split()
        target: Node | None = commands().get(head)
        for name in path:
            target = subcommands(target or {}).get(name)
        own = {key: value for key, value in node.items() if key != "like"}
        node = {**(target or {}), **own}
    return node


def scan(words: Sequence[Word], at: int, node: Node) -> tuple[list[Option], int]:
    """Read options from `at` up to the first argument (or past `--`); returns them and the index reached.

    `values` names the options that take a value; where a node has `flags` instead, all but those take one.
    An option in `code` or `module` ends the options, as interpreters do.
    """
    found: list[Option] = []
    ends = {*node.get("code", ()), *node.get("module", ())}
    while at < len(words):
        text = words[at].text
        if text == "--" and not node.get("slash"):
            return found, at + 1
        if not _is_option(text, node):
            break
        option, at = _option(words, at, node)
        found.append(option)
        if option.name in ends:
            break
    return found, at


def _is_option(text: str, node: Node) -> bool:
    if text in node.get("exec", ()):
        return False
    if node.get("slash"):
        return text.startswith("/") and 1 < len(text) <= 3
    return len(text) > 1 and (text[0] == "-" or (text[0] == "+" and text in node.get("values", ())))


def _takes(name: str, node: Node) -> bool:
    flags = node.get("flags")
    if flags is not None:
        return name not in flags
    if name in node.get("values", ()):
        return True
    return any(name in node.get(key, ()) for key in ("package", "with", "code", "module"))


def _option(words: Sequence[Word], at: int, node: Node) -> tuple[Option, int]:
    text = words[at].text
    name, equals, value = text.partition("=")
    if node.get("fold"):
        name = name.lower()
    if equals and (name.startswith("--") or node.get("long") or (len(name) == 2 and _takes(name, node))):
        return Option(name, value, at, len(name) + 1), at + 1
    if name.startswith("--") or len(name) == 2 or node.get("long") or name in node.get("values", ()):
        return _next(words, at, name, node)
    for index, letter in enumerate(text[1:], 1):
        if _takes(f"-{letter}", node):
            if index + 1 < len(text):
                return Option(f"-{letter}", text[index + 1 :], at, index + 1), at + 1
            return _next(words, at, f"-{letter}", node)
    return Option(text, None, at, 0), at + 1


def _next(words: Sequence[Word], at: int, name: str, node: Node) -> tuple[Option, int]:
    if _takes(name, node) and at + 1 < len(words):
        return Option(name, words[at + 1].text, at + 1, 0), at + 2
    return Option(name, None, at, 0), at + 1
