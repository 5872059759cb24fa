"""Node editors: flows as lists of typed nodes with inputs. Where a product keeps them and what its nodes
mean is data: `graph` and `nodes` in `knowledge/products/<slug>.yaml`.

A node counts when a model chooses its inputs: when its kind is a tool, or an input holds the product's
mark for values that the model fills in.
"""

from __future__ import annotations

import json
from typing import Any

from overgrant.dialect.catalogue import policy
from overgrant.dialect.facts import Maker
from overgrant.dialect.walk import Context, Reading
from overgrant.model import Agent, Fact, Grant, Limit, Secret, Server, Setting
from overgrant.scope import everything
from overgrant.value import Document, Value

_MOST = 2_000
_LANGUAGES = {"exec.shell": "command", "fs.read": "path", "fs.write": "path", "net.egress": "host"}
_EMPTY = ("", "{}", "[]", "none", "null")


def read(document: Document, context: Context) -> Reading:
    """The agents, tools, bounds and open doors of a flow."""
    maker = Maker(context)
    if document.root is not None:
        _Flow(maker, policy(context.product)).read(document.root)
    return maker.reading


class _Flow:
    """One flow."""

    def __init__(self, maker: Maker, product: dict[str, Any]) -> None:
        self.maker = maker
        self.graph: dict[str, Any] = product["graph"]
        self.kinds: dict[str, dict[str, Any]] = product["nodes"]
        self.agent: Agent | None = None

    def read(self, root: Value) -> None:
        nodes = next((found for route in self.graph["nodes"] if (found := root.get(*route)) is not None), None)
        if nodes is None or nodes.kind != "list":
            return
        typed = [(node, kind) for node in nodes.items[:_MOST] if (kind := self._kind(node))]
        lead = next((node for node, kind in typed if "agent" in self.kinds.get(kind, {})), None)
        if lead is None:
            return
        name = _text(root, *self.graph.get("name", ["name"])) or _text(lead, *self.graph["label"])
        self.agent = self.maker.make(Agent, lead, None, type="framework", name=name or "flow")
        for node, kind in typed:
            self._node(node, kind)

    def _kind(self, node: Value) -> str:
        found = node.get(*self.graph["type"])
        return found.text.rsplit(".", 1)[-1] if found is not None else ""

    def _node(self, node: Value, kind: str) -> None:
        inputs = node.get(*self.graph["inputs"])
        if inputs is None or inputs.kind != "map":
            inputs = node
        self._inputs(inputs, self.kinds.get(kind, {}), node, "allow")
        nested: dict[str, str] = self.graph.get("nested", {})
        tools = inputs.get(nested["list"]) if nested else None
        for tool in tools.items if tools is not None and tools.kind == "list" else ():
            inner = self.kinds.get(_text(tool, nested["type"]), {})
            below = tool.get(nested["inputs"])
            asked = tool.get(nested["ask"])
            self._inputs(below if below is not None and below.kind == "map" else tool, inner, tool,
                         "ask" if asked is not None and asked.data is True else "allow")

    def _value(self, inputs: Value, name: str) -> Value | None:
        found = inputs.get(*name.split("."))
        wrapped = self.graph.get("wrapped")
        return found.get(wrapped) if found is not None and wrapped and found.kind == "map" else found

    def _inputs(self, inputs: Value, meaning: dict[str, Any], node: Value, decision: str) -> None:
        for name, dimension in meaning.get("limits", {}).items():
            self._limit(self._value(inputs, name), name, dimension)
        for name in meaning.get("secrets", ()):
            self._secret(self._value(inputs, name))
        server = self._value(inputs, meaning["server"]) if "server" in meaning else None
        if server is not None and server.kind == "str":
            self._server(server)
        for entry in meaning.get("states", ()):
            if (at := self._holds(inputs, entry)) is not None:
                self._state(entry, at if at is not inputs else node, decision)

    def _holds(self, inputs: Value, entry: dict[str, Any]) -> Value | None:
        """Where the condition of an entry is met; the inputs themselves when it has none."""
        at = inputs
        for name, words in entry.get("when", {}).items():
            found = self._value(inputs, name)
            if found is None or found.text not in words and str(found.data).lower() not in words:
                return None
            at = found
        for name in entry.get("filled-by-model", ()):
            found = self._value(inputs, name)
            if found is None or self.graph["model-fills"] not in found.text:
                return None
            at = found
        for name in entry.get("missing", ()):
            found = self._value(inputs, name)
            if found is not None and found.text.strip().lower() not in _EMPTY:
                return None
        return at

    def _state(self, entry: dict[str, Any], at: Value, decision: str) -> None:
        fact: Fact
        if "grant" in entry:
            said = entry["grant"]
            language = _LANGUAGES.get(said["capability"])
            fact = self.maker.make(Grant, at, self.agent, decision=decision, breadth="all", via="tool",
                                   scope=everything(language) if language else None)
        else:
            said = entry["setting"]
            fact = self.maker.make(Setting, at, self.agent)
            fact.text = at.text if at.kind == "str" else str(at.data).lower() if at.kind == "bool" else "none"
        for field, content in said.items():
            setattr(fact, field, content)

    def _limit(self, value: Value | None, name: str, dimension: str) -> None:
        number = _number(value)
        if value is not None and number is not None:
            self.maker.make(Limit, value, self.agent, dimension=dimension, name=name, amount=number,
                            disabled=number < 0, unbounded=number < 0)

    def _secret(self, value: Value | None) -> None:
        from overgrant.dialect.grammar.common import secret

        if value is not None and value.kind == "str" and self.agent is not None:
            for fields in secret(value, None):
                self.maker.make(Secret, fields.pop("@value", value), self.agent, source="node", **fields)

    def _server(self, value: Value) -> None:
        """A tool server whose start is JSON in a text."""
        try:
            said = json.loads(value.text[:100_000])
        except (ValueError, RecursionError):
            return
        if not isinstance(said, dict):
            return
        command, url, args = said.get("command"), said.get("url"), said.get("args")
        server = self.maker.make(Server, value, self.agent, name="custom")
        if isinstance(command, str):
            server.command = command
            server.at["command"] = _part(value, command)
            server.args = [_part(value, each) for each in (args if isinstance(args, list) else [])[:100] if isinstance(each, str)]
        if isinstance(url, str):
            server.url = url


def _part(value: Value, text: str) -> Value:
    at = value.text.find(text)
    return value.part(at, at + len(text)) if at >= 0 else Value(value.source, "str", text, parent=value, raw=text, explicit=False)


def _text(value: Value, *route: str | int) -> str:
    found = value.get(*route)
    return found.text if found is not None and found.kind == "str" else ""


def _number(value: Value | None) -> float | None:
    if value is None or value.kind not in ("int", "float", "str"):
        return None
    try:
        return float(value.text)
    except ValueError:
        return None
