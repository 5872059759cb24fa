"""Dialects: tool servers in code that another file binds to every interface: another module, an image, a list of processes.

It is looked for only when the tree makes a server that its own module does not bind. A line counts when it starts the
server's module and gives it the address, or sets the variable that the framework reads.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from functools import partial
from posixpath import dirname, join, normpath

from overgrant.dialect.code.servers import AUTH
from overgrant.dialect.code.values import fold
from overgrant.model import Agent, Fact, Server
from overgrant.text import Source
from overgrant.value import Value

EVERYWHERE = frozenset({"0.0.0.0", "::", "[::]"})
_FILES = re.compile(r"(?:^|/)(?:Dockerfile|Containerfile|Procfile|(?:docker-)?compose)(?:\.[\w.-]{1,40})?$|\.[Dd]ockerfile$")
_WORD = re.compile(r"[^\s\"',\[\]]+")
_VARIABLE = re.compile(r"\bFASTMCP_HOST[\"']?\s*[=:]\s*[\"']?(0\.0\.0\.0|::)")
_SPEAKS = ("http", "sse")
_APPS = ("http_app(", "sse_app(")
MOST_BYTES = 256 * 1024
MOST = 40


def apply(facts: list[Fact], files: Mapping[str, bytes | None], memo: dict[str, object]) -> None:
    """Add what listens at every interface because a file says so that starts it."""
    bound = {id(fact.owner) for fact in facts if isinstance(fact, Server) and fact.type == "listening"}
    servers: dict[str, Agent] = {}
    for fact in facts:
        if isinstance(fact, Agent) and fact.type == "server" and fact.key is not None and id(fact) not in bound:
            servers.setdefault(fact.path, fact)
    if not servers:
        return
    for agent, value, text in _served(servers, files, memo):
        facts.append(_listening(agent, value, text + _text(files, agent.path)))
        servers.pop(agent.path, None)
    for path, data in files.items():
        if data and len(data) < MOST_BYTES and _FILES.search(path):
            for agent, value in _lines(path, data, servers, files):
                facts.append(_listening(agent, value, _text(files, agent.path)))


def _served(servers: dict[str, Agent], files: Mapping[str, bytes | None],
            memo: dict[str, object]) -> list[tuple[Agent, Value, str]]:
    """What another module serves: it takes the application of a server that it imports, and names the address."""
    from overgrant.dialect.code.arguments import Arguments
    from overgrant.dialect.code.names import qualified
    from overgrant.dialect.code.package import package_of
    from overgrant.dialect.code.params import table
    from overgrant.dialect.code.values import assigned
    from overgrant.read.python import below

    data = table()["serving"]
    names = {name.rsplit(".", 1)[-1] for name in data["names"]}
    stems = {path.removesuffix("/__init__.py").removesuffix(".py").rpartition("/")[2].encode() for path in servers}
    keys = {agent.key: agent for agent in servers.values()}
    found: list[tuple[Agent, Value, str]] = []
    for path, content in files.items():
        if path in servers or not path.endswith(".py") or not content or b"_app(" not in content or not any(
                name.split(".")[0].encode() in content for name in data["names"]) or not any(stem in content for stem in stems):
            continue
        file = package_of(files, memo).file(path)
        if file is None or file.code.tree is None or len(found) > MOST:
            continue
        hosts = [item for last in names for call in file.calls(last, 1) if (scope := file.scope_at(call)) and any(
            name in data["names"] for name in qualified(call.func, scope)) and (item := Arguments(call, scope).get(data["host"])) is not None]
        bound = [(item, value) for item in hosts if (value := fold(item.node, item.scope)) in EVERYWHERE]
        for call in below(file.code.tree, (ast.Call,)) if bound else ():
            if isinstance(call.func, ast.Attribute) and call.func.attr.endswith("_app") and isinstance(call.func.value, (ast.Name, ast.Attribute)):
                for held in assigned(call.func.value, file.scope_at(call))[:4]:
                    key = held.scope.file.path, getattr(held.node, "lineno", 0), getattr(held.node, "col_offset", 0)
                    if (agent := keys.pop(key, None)) is not None:
                        found.append((agent, file.code.place(bound[0][0].node, bound[0][1]), _text(files, path)))
    return found


def _lines(path: str, data: bytes, servers: dict[str, Agent], files: Mapping[str, bytes | None]) -> Iterator[tuple[Agent, Value]]:
    text = data.decode("utf-8", "replace")
    at = 0
    for line in text.splitlines(keepends=True):
        if not line.lstrip().startswith("#"):
            found = _VARIABLE.search(line)
            agent = _by_variable(path, text, servers, files) if found else None
            where = found.span(1) if found else None
            if agent is None:
                agent, where = _by_command(path, line, servers, files)
            if agent is not None and where is not None:
                start = len(text[:at + where[0]].encode())
                span = start, start + where[1] - where[0]
                shown = line[where[0]:where[1]]
                yield agent, Value(Source(path, data), "str", shown, raw=shown, locate=partial(_located, span))
        at += len(line)


def _located(span: tuple[int, int]) -> tuple[tuple[int, int], None]:
    return span, None


def _text(files: Mapping[str, bytes | None], path: str) -> str:
    return (files.get(path) or b"").decode("utf-8", "replace").lower()


def _by_variable(path: str, text: str, servers: dict[str, Agent], files: Mapping[str, bytes | None]) -> Agent | None:
    """The only server below the file's folder that reads the variable and speaks over the network."""
    folder = dirname(path)
    near = [agent for home, agent in servers.items() if (not folder or home.startswith(folder + "/"))
            and ("from fastmcp" in (own := _text(files, home)) or "import fastmcp" in own)
            and any(word in own.replace("fastmcp", "") or word in text.lower() for word in _SPEAKS)]
    return near[0] if len(near) == 1 else None


def _by_command(path: str, line: str, servers: dict[str, Agent],
                files: Mapping[str, bytes | None]) -> tuple[Agent | None, tuple[int, int] | None]:
    """The server whose module a line starts with an address of every interface."""
    words = [(match[0], match.span()) for match in _WORD.finditer(line)]
    where: tuple[int, int] | None = None
    agent: Agent | None = None
    before = ""
    for word, span in words:
        name, joined, value = word.partition("=")
        if before == "--host" and word in EVERYWHERE:
            where = span
        elif joined and name == "--host" and value in EVERYWHERE:
            where = span[1] - len(value), span[1]
        agent = agent or _module(path, word, before, servers, files)
        before = word
    return agent, where


def _module(path: str, word: str, before: str, servers: dict[str, Agent], files: Mapping[str, bytes | None]) -> Agent | None:
    """The server in the module that a word names, if an address on the command line reaches it."""
    script, _, app = word.partition(":")
    if script.endswith(".py"):
        names = [script.removeprefix("./")]
    elif before in ("-m", "--module") or (app.isidentifier() and script.replace(".", "").replace("_", "").isalnum()):
        stem = script.replace(".", "/")
        names = [f"{stem}.py", f"{stem}/__main__.py", f"{stem}/__init__.py"]
    else:
        return None
    for base in dict.fromkeys((dirname(path), join(dirname(path), "src"), "", "src")):
        for name in names:
            home = normpath(join(base, name))
            if home in servers:
                text = _text(files, home)
                reached = any(each in text for each in _APPS) if app and not script.endswith(".py") else before == "run" or "host" in text
                return servers[home] if reached else None
    return None


def _listening(agent: Agent, value: Value, text: str) -> Server:
    fact = Server(value)
    fact.root, fact.tier, fact.format, fact.order, fact.owner = agent.root, agent.tier, agent.format, agent.order, agent
    fact.name, fact.listens, fact.type, fact.where = agent.name, value.text, "listening", f"{agent.where}.host"
    fact.at["listens"] = value
    fact.auth = "other" if any(word in text for word in ("auth=", "token_verifier", *AUTH)) else "none"
    if agent.value is not None:
        fact.links.append((agent.value, "the server is made here"))
    return fact
