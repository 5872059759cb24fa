"""Dialects: tool servers in code: those that it starts or reaches, and at which address its own listen."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from overgrant.dialect.code.arguments import Arguments
from overgrant.dialect.code.elements import Elements
from overgrant.dialect.code.names import FUNCTIONS, dotted, qualified
from overgrant.dialect.code.params import table
from overgrant.dialect.code.says import given
from overgrant.dialect.code.values import UNKNOWN, Item, assigned, definition, entries, fold, returns
from overgrant.model import Agent, Server
from overgrant.read.python import below

if TYPE_CHECKING:
    from overgrant.dialect.code.facts import Facts
    from overgrant.dialect.code.match import Made

AUTH = ("add_middleware", "authenticat", "authoriz", "verify_token", "api_key", "bearer", "oauth")


def client(facts: Facts, made: Made, arguments: Arguments, owner: Agent) -> None:
    """A tool server that the code starts or reaches."""
    entry = made.entry
    held = {key: given(arguments, entry.get(key)) if entry.get(key) else None
            for key in ("command", "arguments", "url", "name")}
    name = facts.text_of(arguments, entry.get("name")) if entry.get("name") else ""
    where = f"{made.scope.route}.{facts.variable(made)}".strip(".")
    _server(facts, Item(made.node, made.scope), owner, name or facts.variable(made) or "server", held, where)


def configured(facts: Facts, made: Made, arguments: Arguments, owner: Agent) -> None:
    """The servers in a dictionary or list of a call: `{"files": {"command": "npx", "args": […]}}`, also below `mcpServers`."""
    for spec in made.entry.get("servers", ()):
        item = given(arguments, spec)
        if item is None:
            continue
        rows = [(fold(key, each.scope), each) for key, each in entries(item.node, item.scope)]
        rows = [(fold(key, each.scope), each) for name, held in rows if name == "mcpServers"
                for key, each in entries(held.node, held.scope)] or rows
        for name, each in rows or [("", each) for each in Elements().add(item.node, item.scope).items]:
            said = {fold(key, held.scope): held for key, held in entries(each.node, each.scope)}
            title = said.get("name")
            known = fold(title.node, title.scope) if title is not None else name
            line = {"command": each} if not said and isinstance(fold(each.node, each.scope), str) else {}
            _server(facts, each, owner, known if isinstance(known, str) and known else "server", {
                "command": said.get("command"), "arguments": said.get("args"), "url": said.get("url"), **line}, f"{owner.where}.{known}")


def reached(facts: Facts, item: Item, owner: Agent, name: str, url: Item) -> None:
    """A server at an address."""
    _server(facts, item, owner, name, {"url": url}, f"{owner.where}.{name}")


def _server(facts: Facts, item: Item, owner: Agent, name: str, held: dict[str, Item | None], where: str) -> None:
    """A server that is started by a command or reached by an address; nothing where neither is known."""
    command, url, words = held.get("command"), held.get("url"), held.get("arguments")
    text = fold(command.node, command.scope) if command is not None else UNKNOWN
    address = fold(url.node, url.scope) if url is not None else UNKNOWN
    reached = isinstance(address, str) and "://" in address
    if not isinstance(text, str) and not reached or item.scope.file is not facts.file:
        return
    fact = facts.maker.make(Server, facts.place(item), owner)
    fact.name, fact.where = name, where
    if isinstance(text, str) and command is not None:
        fact.command, fact.at["command"] = text, facts.place(command, text)
        for each in Elements().add(words.node, words.scope).items if words is not None else ():
            word = fold(each.node, each.scope)
            fact.args.append(facts.place(each, word if isinstance(word, str) else "$ARGUMENT"))
    elif isinstance(address, str) and url is not None:
        fact.url, fact.at["url"] = address, facts.place(url, address)


def listens(facts: Facts, made: Made, arguments: Arguments, owner: Agent) -> None:
    """A server that is told at which address to listen, unless all that starts it speaks over pipes."""
    spec = made.entry.get("host")
    item = given(arguments, spec) if spec else None
    if item is not None and not (made.entry.kind == "server" and _pipes_only(facts)):
        _listening(facts, item, owner)


def served(facts: Facts) -> None:
    """`uvicorn.run(app, host=…)` where the application is that of a tool server."""
    data = table()["serving"]
    tree = facts.file.code.tree
    servers = [each for each in facts.matches.made if each.entry.kind == "server"]
    if tree is None or not servers or not any(name.split(".")[0] in facts.file.code.text for name in data["names"]):
        return
    for last in {name.rsplit(".", 1)[-1] for name in data["names"]}:
        for call in facts.file.calls(last, 1):
            scope = facts.file.scope_at(call)
            if not any(name in data["names"] for name in qualified(call.func, scope)):
                continue
            arguments = Arguments(call, scope)
            app, host = arguments.get(data["application"], 0), arguments.get(data["host"])
            if app is not None and host is not None and (owner := _of(facts, app)) is not None:
                _listening(facts, host, owner)


def _of(facts: Facts, app: Item, depth: int = 4) -> Agent | None:
    """The server whose application an expression is: `mcp.http_app()`, a name for it."""
    if depth <= 0:
        return None
    node = app.node
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return _of(facts, named, depth - 1) if (named := _named(facts, node.value)) is not None else None
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute) and "app" in node.func.attr and (
                owner := facts.agent_of(Item(node.func.value, app.scope))) is not None:
            return owner
        return _inside(facts, app, depth)
    if isinstance(node, (ast.Name, ast.Attribute)):
        mounted = [Item(given, facts.file.scope_at(call)) for call in facts.file.calls("mount", 1) if isinstance(
            call.func, ast.Attribute) and dotted(call.func.value) == dotted(node) for given in (
            *call.args, *(word.value for word in call.keywords))]
        for each in (*assigned(node, app.scope)[:4], *mounted):
            if (owner := _of(facts, each, depth - 1)) is not None:
                return owner
    return None


def _inside(facts: Facts, app: Item, depth: int) -> Agent | None:
    """The server in `Starlette(routes=[Mount("/", app=mcp.sse_app())])`, or in what a function returns."""
    found = definition(app.node.func, app.scope)
    if found is not None and isinstance(found[0].node, FUNCTIONS):
        inner = found[1].below(found[0].node)
        held = [Item(each, inner) for each in returns(found[0].node)]
    else:
        held = [Item(each, app.scope) for given in (*app.node.args, *(word.value for word in app.node.keywords))
                for each in below(given, (ast.Call, ast.Name))][:40]
    return next((owner for each in held if (owner := _of(facts, each, depth - 1)) is not None), None)


def _named(facts: Facts, text: str) -> Item | None:
    """`"server:app"` where that is this module."""
    module, _, name = text.partition(":")
    home = facts.file.path.removesuffix(".py").replace("/", ".")
    if not name.isidentifier() or not (home == module or home.endswith("." + module)):
        return None
    return Item(ast.Name(id=name, ctx=ast.Load()), facts.file.scope)


def variable(facts: Facts, name: str, item: Item) -> bool:
    """A variable of the environment by which a framework's servers listen; said of those of this module."""
    if name not in table()["serving"]["variables"]:
        return False
    for each in facts.matches.made:
        if each.entry.kind == "server" and each.name.split(".")[0] == "fastmcp":
            _listening(facts, item, facts.agents[id(each.node)])
            break
    return True


def _pipes_only(facts: Facts) -> bool:
    """The module starts its servers itself, and every start is over standard input and output."""
    runs = [each for each in facts.matches.made if each.entry.kind == "serve" and each.name.endswith((".run", ".run_async"))]
    spoken = [Arguments(each.node, each.scope) for each in runs]
    return bool(runs) and all(not each.open and each.value("transport", 0) in (None, "stdio") for each in spoken) and not any(
        each.entry.kind == "serve" and each not in runs for each in facts.matches.made)


def _listening(facts: Facts, item: Item, owner: Agent) -> None:
    value: Any = fold(item.node, item.scope)
    if not isinstance(value, str) or item.scope.file is not facts.file:
        return
    fact = facts.maker.make(Server, facts.place(item, value), owner)
    fact.name, fact.listens, fact.type = owner.name, value, "listening"
    fact.where = f"{owner.where}.host"
    fact.at["listens"] = facts.place(item, value)
    fact.auth = "other" if _authenticated(facts) else "none"


def _authenticated(facts: Facts) -> bool:
    """Some server of this module, or what runs it, is told how to authenticate; or its text speaks of it."""
    for each in facts.matches.made:
        if each.entry.kind in ("server", "serve") and any(
                name in Arguments(each.node, each.scope).named for name in each.entry.get("auth", ())):
            return True
    text = facts.file.code.text.lower()
    return any(word in text for word in AUTH)
