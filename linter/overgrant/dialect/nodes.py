"""Node editors: flows as lists of typed nodes with inputs. Where a product keeps them and what its nodes
mean is data: `graph` and `nodes` in `knowledge/products/<slug>.yaml`.

A node counts when a model chooses its inputs: when its kind is a tool, or an input holds the product's
mark for values that the model fills in (`model-fills`, a pattern of ours). What a node's entry can say:

    agent      its model acts; a flow without such a node says nothing
    limits     inputs that are bounds → dimension
    server     the input that describes a tool server, as JSON in a text, as a map, or by its address
    states     what holds under a condition: a `grant`, a `setting`, a `tool`, or a `flow` of an agent's answer
               when (input is one of these words), unless (it is one of these), as-tool (an agent has the node as its tool),
               argument (what the model says to a tool that the flow or an agent calls),
               missing (inputs that say nothing), empty (one of these inputs stands
               there and says nothing), filled-by-model (inputs),
               host-filled-by-model (addresses whose host the model chooses), answer (inputs that hold an agent's answer),
               runs (code of the author's that runs what the model fills into one of its variables: the input with the
               code, the input with the variables, and which of the graph's `code` patterns says that it is run)
"""

from __future__ import annotations

import json
import re
from typing import Any

from overgrant.dialect.catalogue import policy
from overgrant.dialect.facts import Maker
from overgrant.dialect.walk import Context, Reading
from overgrant.model import Agent, Fact, Flow, Grant, Limit, Secret, Server, Setting, Tool
from overgrant.pattern import later
from overgrant.scope import everything
from overgrant.value import Document, Value

_MOST = 2_000
_LANGUAGES = {"exec.shell": "command", "fs.read": "path", "fs.write": "path", "net.egress": "host"}
_EMPTY = ("", "{}", "[]", "none", "null", "<p></p>")
_LONGEST = 100_000
_RUNNABLE = later(r"sql|query|statement|command|cmd\b|script", re.IGNORECASE)
_HOST = later(r"://[^/?#]{0,256}[\w}\]][/?#:]|://[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}$")


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
        self.fills = _fills(self.graph["model-fills"])
        self.leads: list[str] = []
        self.after: set[str] = set()
        self.wired: set[str] = set()
        self.gated: set[str] = set()
        self.given: dict[str, Value] | None = {}  # what a call says to its tool; None where a model says all of it

    def read(self, root: Value) -> None:
        edge, edges = self.graph.get("tool-edge", ""), root.get(self.graph.get("connections", ""))
        if edge and edges is not None and edges.kind == "map":
            self.wired = {name for name, each in edges.entries.items() if each.get(edge) is not None}
        nodes = next((found for route in self.graph["nodes"] if (found := root.get(*route)) is not None), None)
        typed = [(node, kind) for node in (nodes.items[:_MOST] if nodes is not None else ())
                 if (kind := self._kind(node)) and not self._off(node, kind)]
        asks = {_text(node, *self.graph["label"]) for node, kind in typed if kind.endswith(self.graph.get("asks", "\0"))}
        if asks and edges is not None:
            self.gated = {name for name in self.wired if any(value.text in asks for value in (edges.get(name, edge) or edges).walk()
                                                             if value.key == "node")}
        for kind, route in self.graph.get("also", {}).items():
            if (found := root.get(*route)) is not None and found.kind == "map":
                typed.append((found, kind))
        leads = [node for node, kind in typed if "agent" in self.kinds.get(kind, {})]
        if not leads:
            return
        name = _text(root, *self.graph.get("name", ["name"])) or _text(leads[0], *self.graph["label"])
        self.agent = self.maker.make(Agent, leads[0], None, type="framework", name=name or "flow")
        self._follow(root, [_text(lead, *self.graph["label"]) for lead in leads])
        for node, kind in typed:
            self._node(node, kind)
        for route in self.graph.get("secrets", ()):
            if (found := root.get(*route)) is not None:
                self._secrets(found)

    def _follow(self, root: Value, leads: list[str]) -> None:
        """The nodes that come right after an agent: what they call their input is the agent's answer."""
        self.leads = [lead for lead in leads if lead]
        edges = root.get(self.graph["connections"]) if "connections" in self.graph else None
        for lead in self.leads if edges is not None else ():
            main = edges.get(lead, "main") if edges is not None else None
            self.after |= {value.text for value in main.walk() if value.key == "node"} if main is not None else set()

    def _off(self, node: Value, kind: str) -> bool:
        """The node is switched off, or is a tool that no agent of the flow is connected with, where others are."""
        switch = node.get(self.graph["disabled"]) if "disabled" in self.graph else None
        if switch is not None and switch.data is True:
            return True
        return bool(self.wired) and kind.endswith("Tool") and _text(node, *self.graph["label"]) not in self.wired

    def _kind(self, node: Value) -> str:
        found = node.get(*self.graph["type"])
        return found.text.rsplit(".", 1)[-1] if found is not None else ""

    def _node(self, node: Value, kind: str) -> None:
        inputs = node.get(*self.graph["inputs"])
        if inputs is None or inputs.kind != "map":
            inputs = node
        self._secrets(inputs)
        decision = "ask" if _text(node, *self.graph["label"]) in self.gated else "allow"
        self._inputs(inputs, self.kinds.get(kind, {}), node, decision)
        self._called(inputs)
        nested: dict[str, str] = self.graph.get("nested", {})
        tools, self.given = inputs.get(nested["list"]) if nested else None, None
        for tool in tools.items if tools is not None and tools.kind == "list" else ():
            inner = self.kinds.get(_text(tool, nested["type"]), {})
            below = tool.get(nested["inputs"])
            asked = tool.get(nested["ask"])
            self._inputs(below if below is not None and below.kind == "map" else tool, inner, tool,
                         "ask" if asked is not None and asked.data is True else "allow")
        self.given = {}

    def _called(self, inputs: Value) -> None:
        """A tool that the flow itself calls, with what it says to it."""
        call: dict[str, str] = self.graph.get("called", {})
        named = inputs.get(call["tool"]) if call else None
        if named is None:
            return
        said, config = inputs.get(call["arguments"]), inputs.get(call["inputs"])
        pairs = [(_text(each, call["name"]), each.get(call["value"])) for each in (said.items if said is not None else ())]
        self.given = {name: value for name, value in pairs if name and value is not None}
        self._inputs(config if config is not None and config.kind == "map" else inputs, self.kinds.get(named.text, {}), inputs, "allow")
        self.given = {}

    def _value(self, inputs: Value, name: str) -> Value | None:
        found = inputs.get(*name.split("."))
        wrapped = self.graph.get("wrapped")
        return found.get(wrapped) if found is not None and wrapped and found.kind == "map" else found

    def _inputs(self, inputs: Value, meaning: dict[str, Any], node: Value, decision: str) -> None:
        for name, dimension in meaning.get("limits", {}).items():
            self._limit(self._value(inputs, name), name, dimension)
        for name in meaning.get("server", ()):
            server = self._value(inputs, name)
            if server is not None and self._server(server, _text(node, *self.graph["label"])):
                break
        for entry in meaning.get("states", ()):
            if (at := self._holds(inputs, entry, node)) is not None:
                self._state(entry, at if at is not inputs else self._named(node), decision)

    def _holds(self, inputs: Value, entry: dict[str, Any], node: Value) -> Value | None:
        """Where the condition of an entry is met; the inputs themselves when it has none."""
        at, found = inputs, None
        for name, words in entry.get("when", {}).items():
            found = self._value(inputs, name)
            if found is None or found.text not in words and str(found.data).lower() not in words:
                return None
            at = found
        if any((found := self._value(inputs, name)) is not None and found.text in words for name, words in entry.get("unless", {}).items()):
            return None
        if entry.get("as-tool") and not self._as_tool(inputs, node):
            return None
        for name, fixed in entry.get("argument", {}).items():
            if not self._said(inputs, name, fixed):
                return None
            at = (self.given or {}).get(name, at)
        for name in entry.get("filled-by-model", ()):
            found = self._value(inputs, name)
            if found is None or found.kind != "str" or not self.fills.search(found.text[:_LONGEST]):
                return None
            at = found
        for name in entry.get("host-filled-by-model", ()):
            found = self._value(inputs, name)
            if found is None or found.kind != "str" or not self._any_host(found.text[:_LONGEST]):
                return None
            at = found
        for name in entry.get("answer", ()):
            found = self._value(inputs, name)
            if found is None or not self._answer(found.text[:_LONGEST], _text(node, *self.graph["label"])):
                return None
            at = found
        if "runs" in entry:
            at = self._run(inputs, *entry["runs"]) or inputs
            if at is inputs:
                return None
        if "empty" in entry:
            found = next((each for name in entry["empty"] if (each := self._value(inputs, name)) is not None), None)
            if found is None or found.text.strip().lower() not in _EMPTY:
                return None
            at = found
        for name in entry.get("missing", ()):
            found = self._value(inputs, name)
            if found is not None and found.text.strip().lower() not in _EMPTY:
                return None
            at = found if found is not None and at is inputs else at
        return at

    def _said(self, inputs: Value, name: str, fixed: str) -> bool:
        """What a tool gets under this name is the model's word: the flow passes it on, or an agent calls and nothing is fixed."""
        if self.given is not None:
            return name in self.given and self.fills.search(self.given[name].text[:_LONGEST]) is not None
        found = self._value(inputs, fixed)
        return found is None or not found.text.strip()

    def _as_tool(self, inputs: Value, node: Value) -> bool:
        """The node is an agent's tool, and no step of the flow."""
        switch = node.get(*self.graph["tool-mode"])
        inside = self._value(inputs, "tool_mode")
        return any(each is not None and each.data is True for each in (switch, inside))

    def _run(self, inputs: Value, code: str, variables: str, form: str) -> Value | None:
        """The code that runs a variable which the model fills; None for code that only uses it."""
        found, filled = self._value(inputs, code), self._value(inputs, variables)
        if found is None or found.kind != "str" or filled is None:
            return None
        text = found.text[:_LONGEST]
        if not all(_fills(pattern).search(text) for pattern in self.graph["code"][form]):
            return None
        pairs = [(_text(each, "variableName"), _text(each, "variableValue")) for each in (filled.items if filled.kind == "list" else ())]
        pairs += [(name, value) for name, value in _json(filled).items() if isinstance(value, str)]
        if any(_RUNNABLE.search(name) and f"${name}" in text and self.fills.search(value[:_LONGEST]) for name, value in pairs):
            return found
        return None

    def _named(self, node: Value) -> Value:
        """Where a node says what it is; a finding without an input of its own stands there."""
        routes = (self.graph["type"], [self.graph["nested"]["type"]] if "nested" in self.graph else [])
        return next((found for route in routes if route and (found := node.get(*route)) is not None), node)

    def _any_host(self, text: str) -> bool:
        """The model fills in the host of an address, and not only what follows it."""
        match = self.fills.search(text)
        return match is not None and not _HOST.search(text[:match.start()]) and not re.match(r"\s*\}?\}?\.\w", text[match.end():])

    def _answer(self, text: str, label: str) -> bool:
        """An expression takes an agent's answer: of the node before this one, or of an agent by its name."""
        if "{{" not in text:
            return False
        named = any(f"$('{lead}')" in text or f'$("{lead}")' in text or f'$node["{lead}"]' in text for lead in self.leads)
        return named or (label in self.after and re.search(r"\$json\b", text) is not None)

    def _state(self, entry: dict[str, Any], at: Value, decision: str) -> None:
        fact: Fact
        if "grant" in entry:
            said = entry["grant"]
            language = _LANGUAGES.get(said["capability"])
            fact = self.maker.make(Grant, at, self.agent, decision=decision, breadth="all", via="tool",
                                   scope=everything(language) if language else None)
        elif "tool" in entry:
            said = {"free_form": (f"`{at.key}`" if isinstance(at.key, str) and at.key != "inputArgValue" else "what it says",), **entry["tool"]}
            fact = self.maker.make(Tool, at, self.agent, consent="ask" if decision == "ask" else "none", witness=entry["tool"]["name"])
        elif "flow" in entry:
            said = entry["flow"]
            fact = self.maker.make(Flow, at, self.agent, source=at.text[:80], way="output")
        else:
            said = entry["setting"]
            fact = self.maker.make(Setting, at, self.agent)
            said_nothing = "missing" in entry and at.key == self.graph["type"][-1]  # the node itself stands for the input
            fact.text = at.text if at.kind == "str" and not said_nothing else str(at.data).lower() if at.kind == "bool" else "none"
        for field, content in said.items():
            setattr(fact, field, content)

    def _limit(self, value: Value | None, name: str, dimension: str) -> None:
        number = _number(value)
        if value is not None and number is not None:
            # a bound below nothing ends the run at its first step: it is counted up to, and no word for "none"
            self.maker.make(Limit, value, self.agent, dimension=dimension, name=name, amount=number)

    def _secrets(self, inputs: Value) -> None:
        """Literal credentials in the texts of a node, also where a name and its value stand beside each other."""
        from overgrant.dialect.grammar.common import secret

        wrapped, skipped = self.graph.get("wrapped"), self.graph.get("not-secret", ())
        for value in inputs.walk():
            if value.kind != "str" or len(value.text) > _LONGEST or value.key in skipped:
                continue
            if wrapped and (value.key != wrapped or str(value.parent.key if value.parent is not None else "") in skipped):
                continue
            name = _beside(value) or (str(value.parent.key) if wrapped and value.parent is not None else "")
            for fields in secret(value, None, name):
                self.maker.make(Secret, fields.pop("@value", value), self.agent, source="node", **fields)

    def _server(self, value: Value, label: str) -> bool:
        """A tool server: its address, its start as JSON in a text, or a map with a name."""
        if value.kind == "str" and value.text.lstrip("= ").startswith(("http://", "https://")):
            begin = value.text.index("http")
            self.maker.make(Server, value, self.agent, name=label or "tools", url=value.part(begin, len(value.text)))
            return True
        config = value.get("config") if value.kind == "map" else None
        if config is not None and config.kind == "map":
            plain: Any = config.plain()
            self._started(value, plain, _text(value, "name") or label)
            return True
        said = _json(value)
        if said:
            self._started(value, said, "custom")
        return bool(said)

    def _started(self, value: Value, said: dict[str, Any], name: str) -> None:
        command, url, args = said.get("command"), said.get("url"), said.get("args")
        server = self.maker.make(Server, value, self.agent, name=name)
        if isinstance(command, str):
            server.command = command
            server.at["command"] = _part(value, command)
            server.args = [_part(value, each) for each in (args if isinstance(args, list) else [])[:100] if isinstance(each, str)]
        if isinstance(url, str):
            server.url = url


def _json(value: Value) -> dict[str, Any]:
    """The map that a text holds as JSON, or an empty one."""
    try:
        said = json.loads(value.text[:_LONGEST]) if value.kind == "str" else None
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _fills(pattern: str) -> re.Pattern[str]:
    """A product's mark for values that a model fills in, a pattern of our own knowledge."""
    return re.compile(pattern)


def _beside(value: Value) -> str:
    """The name that stands beside a value: `{"name": "Authorization", "value": "…"}`."""
    if value.key != "value" or value.parent is None or value.parent.kind != "map":
        return ""
    return _text(value.parent, "name") or _text(value.parent, "key")


def _part(value: Value, text: str) -> Value:
    if value.kind == "map":
        found = next((each for each in value.walk() if each.kind == "str" and each.text == text), None)
        return found if found is not None else value
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
