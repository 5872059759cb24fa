"""Dialects: facts from code: agents with their tools, tools with what their bodies do, limits, servers, switches."""

from __future__ import annotations

import ast
from typing import Any

from overgrant.dialect.code.bounds import attended, endless
from overgrant.dialect.code.decider import waived
from overgrant.dialect.code.elements import Elements
from overgrant.dialect.code.entries import Entry
from overgrant.dialect.code.gates import gates
from overgrant.dialect.code.match import Made, Matches
from overgrant.dialect.code.names import FUNCTIONS, File, Scope, dotted, qualified
from overgrant.dialect.code.says import conditions, fits, given, route_value
from overgrant.dialect.code.tools import Defined, Tools, as_function
from overgrant.dialect.code.values import UNKNOWN, Arguments, Item, assigned, definition, fold, returns
from overgrant.dialect.facts import Maker
from overgrant.model import Agent, Delegation, Limit, Server, Unread
from overgrant.read.python import below
from overgrant.value import Value

MOST_TEXT = 400


class Facts:
    """Makes the facts of one module."""

    def __init__(self, file: File, matches: Matches, maker: Maker) -> None:
        self.file = file
        self.matches = matches
        self.maker = maker
        self.agents: dict[int, Agent] = {}
        self.owners: dict[int, Agent] = {}
        self.asked: dict[int, bool] = {}
        self.tools = Tools(self)
        self._fallback: Agent | None = None

    def read(self) -> None:
        """All facts, agents first, then what belongs to them, in document order."""
        made = self.matches.made
        for each in made:
            if each.entry.kind in ("agent", "server"):
                self._agent(each)
        for each in made:
            if each.entry.kind == "agent":
                self._attach(each)
        self.tools.definitions()
        for each in made:
            self._call(each)
        for stored in self.matches.stored:
            self._stored(stored.node, stored.scope)
        self.tools.emit()

    # --- agents --------------------------------------------------------------------------------

    def place(self, item: Item | Any, data: object = None) -> Value:
        """An expression as a value; a constant with its data."""
        if isinstance(item, Item):
            return item.scope.file.code.place(item.node, data)
        return self.file.code.place(item, data)

    def fallback(self) -> Agent:
        """The agent of what stands in this module without one: whoever imports it."""
        if self._fallback is None:
            body = self.file.scope.body
            self._fallback = agent = self.maker.make(Agent, self.file.code.place(body[0]) if body else None)
            agent.name = _stem(self.file.path)
            agent.type, agent.product, agent.where = "framework", self.matches.framework, ""
        return self._fallback

    def _agent(self, made: Made) -> None:
        if id(made.node) in self.agents:
            return
        arguments = Arguments(made.node, made.scope)
        agent = self.maker.make(Agent, self.place(made.node))
        agent.type = "server" if made.entry.kind == "server" else "framework"
        agent.product = made.entry.framework
        named = made.entry.get("name")
        name = self._text(arguments, named) if named else ""
        agent.name = " ".join(name.split())[:60] or self._variable(made) or _stem(self.file.path)
        agent.where = f"{made.scope.route}.{agent.name}".lstrip(".")
        if purpose := made.entry.get("purpose"):
            agent.purpose = self._text(arguments, purpose)[:MOST_TEXT]
        agent.tools_from = "named" if made.entry.get("tools") else ""
        agent.attended = attended(made, arguments)
        if made.entry.get("type"):
            agent.type = made.entry.get("type")
            agent.tools_from = "named" if arguments.open or given(arguments, made.entry.get("tools")[0]) else "inherited"
        self.agents[id(made.node)] = agent

    def _text(self, arguments: Arguments, spec: Any) -> str:
        for each in spec if isinstance(spec, list) else [spec]:
            item = given(arguments, each)
            value = fold(item.node, item.scope) if item is not None else UNKNOWN
            if isinstance(value, str) and value.strip():
                return value
        return ""

    def _variable(self, made: Made) -> str:
        for name, bound in made.scope.names.items():
            if any(each.node is made.node for each in bound):
                return name.rsplit(".", 1)[-1]
        return made.scope.owner.name if isinstance(made.scope.owner, FUNCTIONS) else ""

    def agent_of(self, item: Item | None) -> Agent | None:
        """The agent that an expression is."""
        if item is None:
            return None
        node = item.node
        if isinstance(node, ast.Call):
            return self.agents.get(id(node))
        if isinstance(node, (ast.Name, ast.Attribute)):
            for each in assigned(node, item.scope):
                if (found := self.agents.get(id(each.node))) is not None:
                    return found
        return None

    def _attach(self, made: Made) -> None:
        """Give an agent the tools that it is made with."""
        agent = self.agents[id(made.node)]
        arguments = Arguments(made.node, made.scope)
        gated = gates(self, made, arguments)
        for spec in made.entry.get("tools", ()):
            item = given(arguments, spec)
            if item is None:
                continue
            if isinstance(spec, dict) and spec.get("single"):
                self._tool(item, agent, gated)
                continue
            elements = Elements().add(item.node, item.scope)
            for each in elements.items:
                self._tool(each, agent, gated)
            if elements.lost is not None:
                self._lost(elements.lost, agent)
        for spec in made.entry.get("agents", ()):
            item = given(arguments, spec)
            if item is not None:
                for each in Elements().add(item.node, item.scope).items:
                    self._delegate(each, agent)
        if arguments.open:
            self._lost(arguments.lost or Item(made.node, made.scope), agent, "arguments")

    def _lost(self, item: Item, agent: Agent, what: str = "tools") -> None:
        if item.scope.file is not self.file:
            return
        fact = self.maker.make(Unread, self.place(item), agent)
        fact.what = f"{what} of `{agent.name}` come from {_origin(item)}"
        fact.type, fact.power = "unknown", False

    def _delegate(self, item: Item, agent: Agent) -> None:
        other = self.agent_of(item)
        if other is not None and other is not agent and item.scope.file is self.file:
            fact = self.maker.make(Delegation, self.place(item, other.name), agent)
            fact.to, fact.way = other.name, "call"

    def entry(self, node: Any, scope: Scope) -> Entry | None:
        """What a framework knows of a name."""
        from overgrant.dialect.code.entries import frameworks

        for name in qualified(node, scope):
            if (found := frameworks().known(name, scope.file)) is not None:
                return found
        return None

    def _tool(self, item: Item, agent: Agent, gated: dict[str, bool] | bool, depth: int = 4) -> None:
        """One element of a list of tools."""
        node, scope = item.node, item.scope
        if isinstance(node, ast.Call):
            self._called(item, agent, gated, depth)
        elif isinstance(node, ast.Lambda):
            self.tools.function(Defined(as_function(node), scope, None, "lambda", agent), gated)
        elif isinstance(node, (ast.Name, ast.Attribute)):
            found = definition(node, scope)
            if found is not None and isinstance(found[0].node, FUNCTIONS):
                self.tools.function(Defined(found[0].node, found[1], None, found[0].node.name, agent), gated)
                return
            for each in assigned(node, scope)[:4] if depth > 0 else ():
                if isinstance(each.node, (ast.Call, ast.Lambda, ast.Dict)):
                    self._tool(each, agent, gated, depth - 1)
                    return
            entry = self.entry(node, scope)
            if entry is not None and entry.kind == "builtin" and scope.file is self.file:
                self.tools.builtin(entry, node, scope, None, agent, gated)
        elif isinstance(node, ast.Dict):
            self.tools.dictionary(item, agent, gated)

    def _called(self, item: Item, agent: Agent, gated: dict[str, bool] | bool, depth: int) -> None:
        """A tool that a call makes: an agent, a wrapper, a part of a function, or what a function of the tree returns."""
        node, scope = item.node, item.scope
        entry = self.entry(node.func, scope)
        if self.agent_of(item) is not None:
            self._delegate(item, agent)
        elif entry is not None and entry.kind == "tool":
            self.tools.wrapped(item, entry, agent, gated)
        elif entry is None and node.args and "functools.partial" in qualified(node.func, scope):
            self.tools.part(item, agent, gated)
        elif entry is None and depth > 0 and (found := definition(node.func, scope)) is not None and isinstance(
                found[0].node, FUNCTIONS):
            inner = found[1].below(found[0].node)
            for answer in returns(found[0].node):
                self._tool(Item(answer, inner), agent, gated, depth - 1)
        else:
            self.own(node, agent, gated, entry)

    def own(self, node: ast.Call, agent: Agent, gated: dict[str, bool] | bool, entry: Entry | None) -> None:
        """A call belongs to an agent."""
        self.owners.setdefault(id(node), agent)
        names = {(dotted(node.func) or [""])[-1], *(entry.get("gated-names", ()) if entry else ())}
        if gated is True or (isinstance(gated, dict) and any(gated.get(name) for name in names)):
            self.asked[id(node)] = True

    def owner(self, node: Any) -> Agent:
        """Whose an expression is."""
        return self.owners.get(id(node)) or self.fallback()

    # --- calls ---------------------------------------------------------------------------------

    def _call(self, made: Made) -> None:
        kind = made.entry.kind
        arguments = Arguments(made.node, made.scope)
        owner: Agent | None
        if kind in ("agent", "server"):
            owner = self.agents[id(made.node)]
        elif kind == "run":
            target = made.entry.get("target")
            item = given(arguments, target) if target else (
                Item(made.node.func.value, made.scope) if isinstance(made.node.func, ast.Attribute) else None)
            owner = self.agent_of(item) or self._only()
        else:
            owner = self.owners.get(id(made.node)) or self._holder(made) or self._only()
        if kind in ("builtin", "toolset"):
            self.tools.builtin(made.entry, made.node, made.scope, arguments, owner or self.fallback(), self.asked.get(id(made.node), False))
        elif kind == "client":
            self._client(made, arguments, owner or self.fallback())
        if kind in ("server", "serve", "store"):
            self._listens(made, arguments, owner or self.fallback())
        self._limits(made, arguments, owner)
        endless(self, made, arguments, owner)
        waived(self, made, arguments, owner)
        conditions(self, made, arguments, owner)

    def _only(self) -> Agent | None:
        return next(iter(self.agents.values())) if len(self.agents) == 1 else None

    def _holder(self, made: Made) -> Agent | None:
        """The agent whose arguments a call stands in."""
        for each in self.matches.made:
            if each.entry.kind == "agent" and each.node is not made.node and (
                    each.node.lineno, each.node.col_offset) <= (made.node.lineno, made.node.col_offset) and (
                    made.node.end_lineno or 0, made.node.end_col_offset or 0) <= (
                    each.node.end_lineno or 0, each.node.end_col_offset or 0):
                return self.agents[id(each.node)]
        return None

    def _limits(self, made: Made, arguments: Arguments, owner: Agent | None) -> None:
        for name, spec in made.entry.get("limits", {}).items():
            item = route_value(arguments, name, spec.get("at"))
            if item is None or item.scope.file is not self.file:
                continue
            if any(fits(arguments, route, wanted) is not False for route, wanted in spec.get("unless", {}).items()):
                continue  # something else ends the run
            self.limit(name, spec, item, owner or self.fallback())

    def limit(self, name: str, spec: dict[str, Any], item: Item, owner: Agent) -> None:
        """A bound that code sets."""
        value = fold(item.node, item.scope)
        if value is UNKNOWN or isinstance(value, (list, dict)):
            return
        if not isinstance(value, (int, float)) and value is not None and value not in spec.get("off", ()):
            return
        off = any(value is each or (value == each and type(value) is type(each)) for each in spec.get("off", [None]))
        if "off-below" in spec and isinstance(value, (int, float)) and value < spec["off-below"]:
            off = True
        endless = isinstance(value, (int, float)) and not isinstance(value, bool) and value >= (1 << 53)
        fact = self.maker.make(Limit, self.place(item, "null" if value is None else value), owner)
        fact.dimension, fact.name = spec["dimension"], name.rsplit(".", 1)[-1]
        fact.where = f"{owner.where}.{fact.name}"
        fact.unbounded = fact.disabled = off or endless
        fact.amount = None if off or endless or not isinstance(value, (int, float)) else float(value)

    def _client(self, made: Made, arguments: Arguments, owner: Agent) -> None:
        """A tool server that the code starts or reaches."""
        entry = made.entry
        held = {key: given(arguments, entry.get(key)) if entry.get(key) else None
                for key in ("command", "arguments", "url", "name")}
        command, url = held["command"], held["url"]
        text = fold(command.node, command.scope) if command is not None else UNKNOWN
        address = fold(url.node, url.scope) if url is not None else UNKNOWN
        if not isinstance(text, str) and not isinstance(address, str):
            return
        fact = self.maker.make(Server, self.place(made.node), owner)
        fact.where = f"{made.scope.route}.{self._variable(made)}".strip(".")
        fact.name = self._text(arguments, entry.get("name")) if entry.get("name") else ""
        fact.name = fact.name or self._variable(made) or "server"
        if isinstance(text, str) and command is not None:
            fact.command, fact.at["command"] = text, self.place(command, text)
            words = held["arguments"]
            for each in Elements().add(words.node, words.scope).items if words is not None else ():
                word = fold(each.node, each.scope)
                fact.args.append(self.place(each, word if isinstance(word, str) else "$ARGUMENT"))
        elif isinstance(address, str) and url is not None:
            fact.url, fact.at["url"] = address, self.place(url, address)

    def _listens(self, made: Made, arguments: Arguments, owner: Agent) -> None:
        """A server that is told at which address to listen."""
        spec = made.entry.get("host")
        item = given(arguments, spec) if spec else None
        value = fold(item.node, item.scope) if item is not None else None
        if item is None or not isinstance(value, str) or item.scope.file is not self.file:
            return
        fact = self.maker.make(Server, self.place(item, value), owner)
        fact.name, fact.listens, fact.type = owner.name, value, "listening"
        fact.where = f"{owner.where}.host"
        fact.at["listens"] = self.place(item, value)
        fact.auth = "other" if self._authenticated() else "none"

    def _authenticated(self) -> bool:
        """Some server of this module, or what runs it, is told how to authenticate; or its text speaks of it."""
        for each in self.matches.made:
            if each.entry.kind in ("server", "serve") and any(
                    name in Arguments(each.node, each.scope).named for name in each.entry.get("auth", ())):
                return True
        text = self.file.code.text.lower()
        return any(word in text for word in ("add_middleware", "authenticat", "authoriz", "verify_token", "api_key", "bearer", "oauth"))

    def _stored(self, node: ast.Assign, scope: Scope) -> None:
        """`os.environ["X"] = …` and `agent.max_iter = …` after the agent was made."""
        from overgrant.dialect.code.says import environment

        for target in node.targets:
            if isinstance(target, ast.Subscript) and qualified(target.value, scope) == ["os.environ"]:
                name = fold(target.slice, scope)
                value = fold(node.value, scope)
                if isinstance(name, str) and isinstance(value, (str, bool, int)):
                    environment(self, name, str(value), Item(node.value, scope))
            elif isinstance(target, ast.Attribute) and isinstance(target.value, (ast.Name, ast.Attribute)):
                self._later(target, Item(node.value, scope), scope)

    def _later(self, target: ast.Attribute, item: Item, scope: Scope) -> None:
        for each in assigned(target.value, scope):  # type: ignore[arg-type]
            agent = self.agents.get(id(each.node))
            entry = self.entry(each.node.func, each.scope) if agent is not None and isinstance(each.node, ast.Call) else None
            spec = entry.get("limits", {}).get(target.attr) if entry is not None else None
            if agent is not None and spec is not None:
                self.limit(target.attr, spec, item, agent)


def _stem(path: str) -> str:
    name = path.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    if name in ("__init__", "__main__", "main", "app", "agent", "server") and "/" in path:
        return path.rsplit("/", 2)[-2]
    return name or "agent"


def _origin(item: Item) -> str:
    """Where an expression leads that cannot be followed, in words."""
    node = item.node
    text = ast.unparse(node) if len(below(node, (ast.AST,))) < 40 else ""
    shown = f": `{text}`" if text and len(text) <= 60 and "\n" not in text else ""
    if isinstance(node, ast.Name) and any(each.kind in ("param", "opaque") for each, _ in item.scope.find(node.id)):
        return f"outside this function{shown}"
    return f"a call that cannot be followed{shown}" if isinstance(node, ast.Call) else f"an expression that cannot be followed{shown}"
