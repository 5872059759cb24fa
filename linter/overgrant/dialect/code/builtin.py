"""Dialects: tools that come with a framework or a provider: what they do, and what holds them."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

from overgrant.dialect.code.arguments import Arguments
from overgrant.dialect.code.entries import Entry
from overgrant.dialect.code.names import Scope
from overgrant.dialect.code.says import asking, fits, made_by, route_value
from overgrant.dialect.code.values import UNKNOWN, Item, entries, fold
from overgrant.model import Agent, Grant, Tool

if TYPE_CHECKING:
    from overgrant.dialect.code.facts import Facts

_DATED = re.compile(r"(.*?)_\d{8}$")


def state(facts: Facts, entry: Entry, node: Any, scope: Scope, arguments: Arguments | None, owner: Agent, gated: Any) -> None:
    """The fact that a built-in tool is there, unless its arguments switch it off."""
    if entry.get("capability") is None:
        return
    if arguments is not None:
        for route, wanted in entry.get("optional", {}).items():
            if fits(arguments, route, wanted) is False:
                return
    fact = facts.maker.make(Tool, facts.place(node, None if isinstance(node, ast.Call) else ast.unparse(node)), owner)
    fact.name = entry.names[0].rsplit(".", 1)[-1]
    fact.where = f"{owner.where}.{fact.name}".lstrip(".")
    fact.builtin, fact.capability = True, entry.get("capability")
    fact.effects = tuple(entry.get("effects", ()))
    fact.dynamic = entry.get("dynamic")
    fact.contained = _contained(facts, entry, arguments)
    fact.consent = "ask" if gated is True or _asks(facts, entry, arguments) else "none"
    fact.place = _place(facts, entry, arguments, scope)
    fact.free_form = tuple(entry.get("free", ()))
    fact.witness = fact.name if fact.free_form else ""
    if fact.contained is False and (node.__class__ is ast.Call or fact.capability == "exec.code"):
        _grant(facts, fact, node, entry, arguments)


def _grant(facts: Facts, tool: Tool, node: Any, entry: Entry, arguments: Arguments | None) -> None:
    """What an agent may do with a built-in tool that nothing holds, as a manifest would say it."""
    outside = tool.capability.startswith("fs.") and tool.place in ("filesystem", "home")
    if tool.capability != "exec.code" and not outside:
        return
    assert isinstance(tool.owner, Agent)
    grant = facts.maker.make(Grant, tool.value, tool.owner)
    text = ast.unparse(getattr(node, "func", node)).rsplit(".", 1)[-1]
    grant.capability, grant.tool, grant.text, grant.breadth = tool.capability, tool.name, text, "all"
    grant.decision, grant.where, grant.effects = "ask" if tool.consent == "ask" else "allow", tool.where, tool.effects
    if outside:
        from overgrant.scope import path_glob

        root = entry.get("root")
        item = route_value(arguments, root["argument"], root.get("at")) if arguments is not None and "argument" in root else None
        path = fold(item.node, item.scope) if item is not None and not root.get("lifted") else None
        grant.scope = path_glob(path if isinstance(path, str) else "/", base=".", directory=True)


def _contained(facts: Facts, entry: Entry, arguments: Arguments | None) -> bool:
    if any(f"{name}(" in facts.file.code.text for name in entry.get("held-by", ())):
        return True  # what it runs in is made beside it
    held = entry.get("contained", False)
    if isinstance(held, bool) or arguments is None:
        return held if isinstance(held, bool) else False
    return any(fits(arguments, route, wanted) is not False or _unknown(arguments, route, wanted) for route, wanted in held.items())


def _unknown(arguments: Arguments, route: str, wanted: Any) -> bool:
    """An argument is given, and what it is is only known when the code runs."""
    name, _, place = route.partition("@")
    item = route_value(arguments, name, int(place) if place else None)
    if item is None:
        return arguments.open
    if made_by(item) and any(isinstance(word, str) and word.startswith("not ") for word in (wanted if isinstance(wanted, list) else [wanted])):
        return False
    return fold(item.node, item.scope) is UNKNOWN


def _asks(facts: Facts, entry: Entry, arguments: Arguments | None) -> bool:
    if arguments is None:
        return bool(entry.get("asks", False))
    for spec in entry.get("approval", ()):
        item = route_value(arguments, spec["argument"], spec.get("at"))
        if item is not None:
            return asking(item, spec)
    return bool(entry.get("asks", False)) or (arguments.open and bool(entry.get("approval")))


def _place(facts: Facts, entry: Entry, arguments: Arguments | None, scope: Scope) -> str:
    """How far the files of a tool go: its root, or what it does without one; everywhere, if the root does not hold."""
    spec = entry.get("root")
    if spec is None:
        return ""
    if arguments is not None and any(fits(arguments, route, wanted) is not False for route, wanted in spec.get("lifted", {}).items()):
        return "filesystem"
    if "argument" not in spec:
        return str(spec["none"])
    item = route_value(arguments, spec["argument"], spec.get("at")) if arguments is not None else None
    if item is None:
        return "unknown" if arguments is not None and arguments.open else str(spec["none"])
    value = fold(item.node, item.scope)
    if value is None:
        return str(spec["none"])
    if not isinstance(value, str):
        return "workspace" if _own_folder(item) else "unknown"
    from overgrant.scope import path_glob

    place = path_glob(value, base=".", directory=True).place
    return "elsewhere" if place == "workspace" and not _holds(value, item.file.path) else place


def _holds(root: str, path: str) -> bool:
    """A folder holds the module itself, seen from the top of the tree or from the module's own folder."""
    import posixpath

    own = posixpath.dirname(path)
    return any(folder in ("", ".") or own == folder or own.startswith(folder + "/")
               for folder in (posixpath.normpath(root), posixpath.normpath(posixpath.join(own, root))))


def _own_folder(item: Item) -> bool:
    """`Path(__file__).parent` and the like: the directory of the code itself."""
    return any(isinstance(each, ast.Name) and each.id == "__file__" for each in ast.walk(item.node)) and not any(
        isinstance(each, ast.BinOp) for each in ast.walk(item.node))


def by_type(facts: Facts, item: Item, owner: Agent) -> bool:
    """State a tool that a provider knows by the `type` of a dictionary; False where it is none."""
    from overgrant.read.knowledge import load

    if item.scope.file is not facts.file:
        return False
    held = {fold(key, each.scope): each for key, each in entries(item.node, item.scope)}
    said = {key: fold(each.node, each.scope) for key, each in held.items()}
    kind = said.get("type")
    if not isinstance(kind, str):
        return False
    dated = _DATED.match(kind)
    row = load("sinks").get("provider-tools", {}).get(dated.group(1) if dated else kind)
    if row is None:
        return False
    if kind == "mcp" and "server_url" in held:
        from overgrant.dialect.code.servers import reached

        reached(facts, item, owner, str(said.get("server_label") or "server"), held["server_url"])
    if kind == "mcp" and said.get("require_approval") == "never":
        if not said.get("allowed_tools") and "allowed_tools" not in said:
            _waived(facts, held["require_approval"], owner)
        return True
    if row.get("capability"):
        fact = facts.maker.make(Tool, facts.place(held["type"], kind), owner)
        fact.name, fact.builtin, fact.capability = kind, True, row["capability"]
        fact.where, fact.contained, fact.consent = f"{owner.where}.{kind}".lstrip("."), bool(row.get("contained")), "none"
        fact.effects = tuple(row.get("effects", ()))
    return True


def _waived(facts: Facts, item: Item, owner: Agent) -> None:
    from overgrant.model import Setting

    fact = facts.maker.make(Setting, facts.place(item, "never"), owner)
    fact.name, fact.text, fact.meaning, fact.where = "require_approval", "never", "approval-waived", f"{owner.where}.mcp"
    fact.gives = "every tool of this server runs without a question, also those that it offers tomorrow"
    fact.instead = "Name the tools that may run unasked in `require_approval`, and list what the agent needs in `allowed_tools`"


