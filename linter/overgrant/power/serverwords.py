"""Power: what the words of a server's launch and its address say: credentials, scopes, where it forwards, where it listens."""

from __future__ import annotations

from overgrant.model import Grant, Secret, Server, Setting, World
from overgrant.power.given import attach
from overgrant.value import Value

_BINDS = ("--host", "--bind", "--listen", "--address", "--addr", "--hostname", "--bind-address", "--http-host", "--sse-host", "-H")
_EVERYWHERE = ("0.0.0.0", "::", "[::]")


def credentials(server: Server, world: World, words: list[Value]) -> None:
    """Literal credentials in arguments, in the command and in the address; variables and headers are read elsewhere."""
    from overgrant.dialect.grammar.secret import find

    before = ""
    for word in words:
        if word.kind == "str":
            option, start = _named(before, word.text)
            for found in find(word.text[start:], name=option):
                _secret(server, world, word, found.start + start, found.end + start, found.provider, found.confidence, found.shown,
                        option, "argument")
        before = word.text
    address = server.at.get("url")
    if address is not None and address not in words:
        _address(server, world, address)


def _named(before: str, text: str) -> tuple[str, int]:
    """The option that a word belongs to, and where its value begins: `--key value`, `--key=value`, `-e KEY=value`."""
    name, joined, _ = text.partition("=")
    if joined and (name.startswith("-") or before in ("-e", "--env")):
        return name.lstrip("-"), len(name) + 1
    return (before.lstrip("-"), 0) if before.startswith("-") and "=" not in before else ("", 0)


def _address(server: Server, world: World, address: Value) -> None:
    from overgrant.dialect.grammar.secret import find
    from overgrant.dialect.grammar.servers import secret_path

    said = find(address.text)
    for found in said:
        _secret(server, world, address, found.start, found.end, found.provider, found.confidence, found.shown, "", "url")
    part = secret_path(address.text) if not said else None
    if part is not None:
        _secret(server, world, address, *part, "URL", "medium", address.text[part[0]:part[0] + 2] + "…", "", "url")


def _secret(server: Server, world: World, value: Value, start: int, end: int, provider: str, confidence: str, shown: str,
            name: str, source: str) -> None:
    fact = Secret(value.part(start, end) if end - start < len(value.text) else value)
    fact.provider, fact.name, fact.shown, fact.source, fact.confidence = provider, name, shown, source, confidence
    _place(fact, server, world)


def scopes(server: Server, world: World) -> None:
    """A wide OAuth scope is a grant of whoever may call the server."""
    from overgrant.dialect.grammar.oauth import broad

    stated = server.at.get("scopes")
    if stated is None:
        return
    for item in stated.items if stated.kind == "list" else [stated]:
        at = 0
        for scope in item.text.replace(",", " ").split():
            at = item.text.index(scope, at)
            wide = broad(scope)
            if wide is not None and wide.write:
                grant = Grant(item.part(at, at + len(scope)) if len(scope) < len(item.text) else item)
                grant.text, grant.tool, grant.decision, grant.breadth = scope, "oauth scope", "allow", "family"
                grant.witness, grant.suggestion = wide.gives, wide.narrower
                attach(grant, server, world)
            at += len(scope)


def forwards(server: Server, words: list[Value]) -> None:
    """A proxy on the command line: the address that it forwards to is the server's own."""
    from overgrant.dialect.grammar.servers import target

    address = target([word.text for word in words])
    if address and not server.url:
        word = next(word for word in words if address in word.text)
        server.url = address
        server.at["url"] = word if word.text == address else word.part(word.text.index(address), word.text.index(address) + len(address))


def listens(server: Server, world: World, words: list[Value]) -> None:
    """A server that is started with an address of every interface to listen at."""
    before = ""
    for word in words:
        name, joined, value = word.text.partition("=")
        if (before in _BINDS and word.text in _EVERYWHERE) or (joined and name in _BINDS and value in _EVERYWHERE):
            fact = Setting(word)
            fact.name, fact.text, fact.meaning = name if joined else before, value if joined else word.text, "open-endpoint"
            fact.gives = f"server `{server.name}` answers whoever reaches this machine"
            fact.instead = "Listen at `127.0.0.1`."
            _place(fact, server, world)
            return
        before = word.text


def _place(fact: Secret | Setting, server: Server, world: World) -> None:
    fact.root, fact.tier, fact.format, fact.where = server.root, server.tier, server.format, server.where
    fact.agent, fact.order, fact.owner = server.agent, server.order, server
    world.facts.append(fact)
    if server.agent is not None:
        server.agent.facts.append(fact)
