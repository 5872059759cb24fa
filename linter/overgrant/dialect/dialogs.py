"""Dialogs of Microsoft's products: steps in YAML that call agents, servers and addresses. Topics of Copilot Studio and
workflows of the Agent Framework have the same steps; which of them do what is data: `dialogs` in the product's file.

    inputs    kind of an input that the model fills in → where it says its name
    answers   kind of a step whose result a model writes → where it says the variables
    requests  kind of a step that calls an address → where it says the address
    servers   kind of a step that calls a tool server → where it says address, name and tool
    agents    kind of a step that calls an agent → where it says its name
    acts      kinds of steps that do something for whoever talks to the agent
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from overgrant.dialect.catalogue import policy
from overgrant.dialect.facts import Maker
from overgrant.dialect.walk import Context, Reading, Walker
from overgrant.model import Agent, Delegation, Grant, Secret, Server, Setting, Unread
from overgrant.scope import everything
from overgrant.value import Document, Value

_MOST = 2_000
_LONGEST = 4_000
_OPEN = ("None", "none")
_FIXED = re.compile(r"https?://[^/?#{}$&\s]{1,253}[/?#]", re.IGNORECASE)
_NOISE = re.compile(r"""[="'&,()\s$]|Concatenate|Concat|EncodeUrl|UrlEncode|Text""", re.IGNORECASE)


def read(document: Document, context: Context) -> Reading:
    """The facts that the schema finds, and what the steps do."""
    maker = Maker(context)
    root = document.root
    if root is None:
        return maker.reading
    maker.reading = Walker(context).read(root, _schema(context))
    data: dict[str, Any] = policy(context.product).get("dialogs", {})
    owner = next((fact for fact in maker.reading.facts if isinstance(fact, Agent)), None)
    steps = [value for value in _maps(root) if isinstance(value.get("kind"), Value)]
    filled = set(_filled(steps, data))
    for step in steps[:_MOST]:
        kind = _text(step, "kind")
        for route in data.get("agents", {}).get(kind, ()):
            named = step.get(*route.split("."))
            if named is not None and named.kind == "str" and not named.text.startswith("="):
                maker.make(Delegation, named, owner, to=named.text, way="call", remote=True)
        if kind in data.get("requests", {}):
            _request(maker, owner, step, step.get(data["requests"][kind]), filled)
        if kind in data.get("servers", {}):
            _server(maker, owner, step, data["servers"][kind], filled)
    _callers(maker, root, data)
    return maker.reading


def _schema(context: Context) -> str:
    from overgrant.dialect.catalogue import catalogue

    return next(each.schema for each in catalogue().formats if each.id == context.format)


def _maps(root: Value) -> Iterator[Value]:
    return (value for value in root.walk() if value.kind == "map")


def _filled(steps: list[Value], data: dict[str, Any]) -> Iterator[str]:
    """The variables that a model writes, as formulas name them: `Topic.address`."""
    for step in steps:
        kind = _text(step, "kind")
        if kind in data.get("inputs", {}) and (name := _text(step, data["inputs"][kind])):
            yield f"{data['scope']}.{name}"
        for route in data.get("answers", {}).get(kind, ()):
            if name := _text(step, *route.split(".")).removeprefix("=").removeprefix("init:"):
                yield name


def _chosen(text: str, filled: set[str]) -> bool:
    """The host of an address is what a model wrote: a variable of its stands before the end of any host of the author's."""
    text = text[:_LONGEST]
    starts = [at for at in (_word(text, name) for name in filled) if at >= 0]
    return bool(starts) and _FIXED.search(_NOISE.sub("", text[:min(starts)])) is None


def _word(text: str, name: str) -> int:
    """Where a variable stands in a formula, as a whole; -1 for nowhere."""
    at = text.find(name)
    while at >= 0:
        before, after = text[at - 1:at], text[at + len(name):at + len(name) + 1]
        if not (before.isalnum() or before in ("_", ".") and before) and not (after.isalnum() or after == "_"):
            return at
        at = text.find(name, at + 1)
    return -1


def _request(maker: Maker, owner: Agent | None, step: Value, url: Value | None, filled: set[str]) -> None:
    if url is not None and url.kind == "str":
        if _chosen(url.text, filled):
            maker.make(Grant, url, owner, capability="net.egress", decision="allow", breadth="all", via="tool",
                       scope=everything("host"), tool=_text(step, "kind"), text=url.text[:80])
        elif url.text.startswith(("http://", "https://")):
            maker.make(Server, url, owner, name=_text(step, "id") or "request", url=url, type="request")
    _headers(maker, owner, step)


def _server(maker: Maker, owner: Agent | None, step: Value, routes: dict[str, str], filled: set[str]) -> None:
    url, tool = step.get(routes["url"]), step.get(routes["tool"])
    if url is not None and url.kind == "str" and url.text.startswith("http"):
        server = maker.make(Server, url, owner, name=_text(step, routes["name"]) or _text(step, "id") or "tools", url=url)
        if tool is not None and not tool.text.startswith("="):
            server.offers = (tool.text,)
    elif url is not None and _chosen(url.text, filled):
        maker.make(Grant, url, owner, capability="net.egress", decision="allow", breadth="all", via="tool", scope=everything("host"),
                   tool=_text(step, "kind"), text=url.text[:80])
    elif url is not None:
        maker.make(Unread, url, owner, what="the address of a tool server is a formula", type="unknown", power=False)
    _headers(maker, owner, step)


def _headers(maker: Maker, owner: Agent | None, step: Value) -> None:
    from overgrant.dialect.grammar.common import secret

    headers = step.get("headers")
    for name, value in headers.entries.items() if headers is not None and headers.kind == "map" else ():
        if value.kind == "str":
            for fields in secret(value, None, name):
                maker.make(Secret, fields.pop("@value", value), owner, source="header", **fields)


def _callers(maker: Maker, root: Value, data: dict[str, Any]) -> None:
    """Whoever has the link talks to an agent that acts: nobody signs in, and the tree holds actions of it."""
    mode = root.get("authenticationMode")
    if mode is None or mode.text not in _OPEN or "acts" not in data:
        return
    folder = "" if maker.context.root.path == "." else maker.context.root.path + "/"
    kinds = tuple(f"kind: {kind}".encode() for kind in data["acts"])
    acting = [(path, content) for path, content in sorted(maker.context.files.items()) if content is not None
              and path.startswith(folder) and ".mcs." in path and any(kind in content for kind in kinds)]
    if not acting:
        return
    makers = [path for path, content in acting if b"mode: Maker" in content]
    named = (makers or [path for path, _ in acting])[0].rsplit("/", 1)[-1]
    maker.make(Setting, mode, None, name="authenticationMode", text=mode.text, meaning="open-endpoint",
               gives=f"whoever has the link uses the agent's tools, `{named}` among them" + (", with its maker's account" if makers else ""),
               instead="Write `Integrated`, and let each tool use the caller's own connection (`mode: Invoker`).")


def _text(value: Value, *route: str) -> str:
    found = value.get(*route)
    return found.text if found is not None and found.kind == "str" else ""
