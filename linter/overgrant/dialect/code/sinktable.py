"""Dialects: which calls have an effect: rows of `knowledge/sinks/`, by qualified name, by method, by the verb of a cloud's client."""

from __future__ import annotations

import ast
import re
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from overgrant.dialect.code.arguments import Arguments
from overgrant.dialect.code.names import File, Scope, dotted, qualified
from overgrant.dialect.code.params import table
from overgrant.dialect.code.values import UNKNOWN, Item, assigned, fold

if TYPE_CHECKING:
    from collections.abc import Iterable

Row = dict[str, Any]
_CALLED = re.compile(r"(\w+)\s*\(")


class Client(NamedTuple):
    """Clients of a cloud: any of their methods may be called, and its verb says what it does."""

    roots: tuple[str, ...]
    row: Row
    changes: re.Pattern[str]
    deletes: re.Pattern[str]
    keeps: frozenset[str]


class Known(NamedTuple):
    """All rows.

    methods  by the last part of a name: what holds the object, `*` for anything, and the row
    roots    beginnings of the names of all clients
    ends     last parts of the names of all rows
    tops     packages of clouds; a module that names none of them has none of their clients
    asking   last parts of the calls that ask a person
    """

    exact: dict[str, Row]
    methods: dict[str, list[tuple[frozenset[str], Row]]]
    clients: tuple[Client, ...]
    roots: tuple[str, ...]
    ends: frozenset[str]
    tops: frozenset[str]
    verbs: re.Pattern[str]
    asking: frozenset[str]


@cache
def rows() -> tuple[Row, ...]:
    """All rows of `knowledge/sinks/`."""
    from overgrant.read.knowledge import load, names

    return tuple(row for name in names("sinks") for row in load(name)["sinks"])


@cache
def known() -> Known:
    """The rows, ready to be asked."""
    from overgrant.read.knowledge import load

    exact: dict[str, Row] = {}
    methods: dict[str, list[tuple[frozenset[str], Row]]] = {}
    for row in rows():
        for name in row["names"]:
            if name.startswith("?."):
                methods.setdefault(name.rsplit(".", 1)[-1], []).append((frozenset(row["receivers"]), row))
            else:
                exact[name] = row
    clients = tuple(_client(row) for row in load("sinks/cloud")["clients"])
    ends = frozenset(name.rsplit(".", 1)[-1] for row in rows() for name in row["names"])
    verbs = {verb for row in load("sinks/cloud")["clients"] for verb in (*row["changes"], *row["deletes"])}
    asking = frozenset((*table()["asking-methods"], *(name.rsplit(".", 1)[-1] for name in table()["asking"])))
    roots = tuple(root for each in clients for root in each.roots)
    return Known(exact, methods, clients, roots, ends, frozenset(root.split(".")[0] for root in roots), _begins(verbs), asking)


def _client(row: Row) -> Client:
    made = {"form": "effect", "capability": "infra.mutate", "source": row["source"]}
    return Client(tuple(row["roots"]), made, _begins(row["changes"]), _begins(row["deletes"]), frozenset(row.get("keeps", ())))


def _begins(verbs: Iterable[str]) -> re.Pattern[str]:
    return re.compile("(?:" + "|".join(sorted(map(re.escape, verbs), reverse=True)) + ")(?![a-z])")


def may_have(file: File, first: int, last: int) -> bool:
    """Some line between two holds the name of a sink. Looking at the text is far cheaper than at the tree."""
    table = known()
    return any(name in table.ends or table.verbs.match(name) is not None and in_cloud(file)
               for number in range(first, last + 1) for name in _CALLED.findall(file.code.line(number)))


def in_cloud(file: File) -> bool:
    """A module names a package of a cloud."""
    if file.clouds is None:
        text = file.code.text
        file.clouds = any(top in text for top in known().tops)
    return file.clouds


def last_name(func: Any) -> str:
    """The last part of what is called: `run` of `subprocess.run`; empty where it has no name."""
    return func.attr if func.__class__ is ast.Attribute else func.id if func.__class__ is ast.Name else ""


def row_of(call: ast.Call, scope: Scope) -> Row | None:
    """The row that a call meets with its arguments."""
    func, last, table = call.func, last_name(call.func), known()
    if last not in table.ends and not (table.verbs.match(last) and in_cloud(scope.file)):
        return None
    for name in qualified(func, scope):
        row = table.exact.get(name) or (_of_client(name, last) if name.startswith(table.roots) else None)
        if row is not None:
            return row if _counts(row, call, scope) else None
    if func.__class__ is ast.Attribute and last in table.methods:
        held = (dotted(func.value) or [""])[-1].lower().lstrip("_").split("_")
        names = {"*", *("_".join(held[at:]) for at in range(len(held)))}  # `db_session` is a `session`, too
        for receivers, row in table.methods[last]:
            if not receivers.isdisjoint(names) and _counts(row, call, scope):
                return row
    return None


def _of_client(name: str, last: str) -> Row | None:
    """A method of a client: known by its name, or by its verb."""
    for client in known().clients:
        root = next((each for each in client.roots if name.startswith(each)), None)
        if root is None or not root.startswith(tuple(known().tops)):
            continue
        if root != client.roots[0] and (row := known().exact.get(client.roots[0] + name[len(root):])) is not None:
            return row
        if last in client.keeps or "()" not in name:
            return None
        if client.deletes.match(last):
            return {**client.row, "deletes": True}
        return client.row if client.changes.match(last) else None
    return None


def _counts(row: Row, call: ast.Call, scope: Scope) -> bool:
    """The arguments are those for which the row counts, and so are those by which its object was made."""
    if "when" in row and not _fits(row["when"], Arguments(call, scope)):
        return False
    if "made" not in row:
        return True
    held = getattr(call.func, "value", None)
    made = [each for each in assigned(held, scope) if isinstance(each.node, ast.Call)] if isinstance(held, (ast.Name, ast.Attribute)) else (
        [Item(held, scope)] if isinstance(held, ast.Call) else [])
    return any(_fits(row["made"], Arguments(each.node, each.scope)) for each in made)


def _fits(wanted: dict[str, list[Any]], arguments: Arguments) -> bool:
    for route, values in wanted.items():
        name, _, place = route.partition("@")
        item = arguments.get(name, int(place) if place else None)
        if item is None:
            return False
        value = fold(item.node, item.scope)
        if value is UNKNOWN:
            value = (dotted(item.node) or [""])[-1]
        if not any(type(each) is type(value) and each == value for each in values):
            return False
    return True
