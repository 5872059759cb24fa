"""Dialects: facts from code: agents with their tools, tools with what their bodies do, limits, servers, switches."""

from __future__ import annotations

import ast
from typing import Any, NamedTuple

from overgrant.dialect.code.arguments import Arguments
from overgrant.dialect.code.bounds import attended, endless, repeated
from overgrant.dialect.code.credentials import credentials
from overgrant.dialect.code.decider import waived
from overgrant.dialect.code.elements import Elements
from overgrant.dialect.code.entries import Entry
from overgrant.dialect.code.functions import as_function
from overgrant.dialect.code.gates import Gates, gates
from overgrant.dialect.code.match import Made, Matches
from overgrant.dialect.code.names import FUNCTIONS, File, Scope, dotted, qualified
from overgrant.dialect.code.says import conditions, fits, given, route_value
from overgrant.dialect.code.servers import client, listens, served
from overgrant.dialect.code.tools import Defined, Tools
from overgrant.dialect.code.values import UNKNOWN, Item, assigned, definition, entries, fold, returns
from overgrant.dialect.facts import Maker
from overgrant.model import Agent, Delegation, Limit, Unread
from overgrant.read.python import below
from overgrant.value import Value

MOST_TEXT = 400


class Child(NamedTuple):
    """An agent that another one may start, and the expression that says so."""

    parent: Agent
    agent: Agent
    at: Item


class Facts:
    """Makes the facts of one module."""

    def __init__(self, file: File, matches: Matches, maker: Maker) -> None:
        self.file = file
        self.matches = matches
        self.maker = maker
        self.agents: dict[int, Agent] = {}
        self.owners: dict[int, Agent] = {}
        self.asked: dict[int, bool] = {}
        self.children: list[Child] = []
        self.tools = Tools(self)
        self._fallback: Agent | None = None

    def read(self) -> None:
        """All facts, agents first, then what belongs to them, in document order."""
        made = self.matches.made
        for each in made:
            if each.entry.kind in ("agent", "server"):
                self._agent(each)
        for each in made:
            if each.entry.kind in ("agent", "server"):
                self._attach(each)
        self.tools.definitions()
        for each in made:
            self._call(each)
        for stored in self.matches.stored:
            self._stored(stored.node, stored.scope)
        served(self)
        self.tools.emit()
        self._delegations()
        credentials(self)

    def close(self) -> None:
        """Let go of the tree: what refers to each other in a ring waits for the collector, which looks at every node."""
        del self.tools.facts, self.tools
        self.matches.close()

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
        name = self.text_of(arguments, named) if named else ""
        agent.name = " ".join(name.split())[:60] or self.variable(made) or _stem(self.file.path)
        agent.where = f"{made.scope.route}.{agent.name}".lstrip(".")
        if purpose := made.entry.get("purpose"):
            agent.purpose = self.text_of(arguments, purpose)[:MOST_TEXT]
        agent.tools_from = "named" if made.entry.get("tools") else ""
        agent.attended = attended(made, arguments)
        if made.entry.get("type"):
            agent.type = made.entry.get("type")
            agent.tools_from = "named" if arguments.open or given(arguments, made.entry.get("tools")[0]) else "inherited"
        self.agents[id(made.node)] = agent

    def text_of(self, arguments: Arguments, spec: Any) -> str:
        """The text of the first argument that has one."""
        for each in spec if isinstance(spec, list) else [spec]:
            item = given(arguments, each)
            value = fold(item.node, item.scope) if item is not None else UNKNOWN
            if isinstance(value, str) and value.strip():
                return value
        return ""

    def variable(self, made: Made) -> str:
        """The name that something is assigned to."""
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
                    self._child(each, agent, gated, spec)
        if arguments.open:
            self._lost(arguments.lost or Item(made.node, made.scope), agent, "arguments")

    def _lost(self, item: Item, agent: Agent, what: str = "tools") -> None:
        if item.scope.file is not self.file:
            return
        fact = self.maker.make(Unread, self.place(item), agent)
        fact.what = f"{what} of `{agent.name}` come from {_origin(item)}"
        fact.type, fact.power = "unknown", False

    def _child(self, item: Item, parent: Agent, gated: Gates, spec: Any) -> None:
        """An agent that another one may start: one of the module, or a dictionary that describes it."""
        held = item
        if isinstance(item.node, (ast.Name, ast.Attribute)):
            held = next((each for each in assigned(item.node, item.scope) if isinstance(each.node, ast.Dict)), item)
        if not isinstance(held.node, ast.Dict) or held.scope.file is not self.file:
            self._delegate(item, parent)
            return
        said = {fold(key, each.scope): each for key, each in entries(held.node, held.scope)}
        agent = self.maker.make(Agent, self.place(held))
        name = fold(said["name"].node, said["name"].scope) if "name" in said else ""
        agent.name = name if isinstance(name, str) and name else "subagent"
        agent.type, agent.product, agent.where = "framework", parent.product, f"{parent.where}.{agent.name}"
        own = said.get(spec.get("gates", "")) if isinstance(spec, dict) else None
        value = fold(own.node, own.scope) if own is not None else None
        inner: Gates = {str(key): state is not False for key, state in value.items()} if isinstance(value, dict) else gated
        if isinstance(inner, dict) and isinstance(gated, dict):
            inner = {**gated, **inner}
        if "tools" in said:
            for each in Elements().add(said["tools"].node, said["tools"].scope).items:
                self._tool(each, agent, inner)
        self.children.append(Child(parent, agent, own or held))

    def _delegate(self, item: Item, agent: Agent) -> None:
        other = self.agent_of(item)
        if other is not None and other is not agent and item.scope.file is self.file:
            self.children.append(Child(agent, other, item))

    def _delegations(self) -> None:
        """Who may start whom, and what the other does unasked that this one only does after a question."""
        for child in self.children:
            fact = self.maker.make(Delegation, self.place(child.at, child.agent.name), child.parent)
            fact.to, fact.way = child.agent.name, "call"
            fact.where = f"{child.parent.where}.{child.agent.name}"
            fact.bypasses = self.tools.lost(child.parent, child.agent)

    def entry(self, node: Any, scope: Scope) -> Entry | None:
        """What a framework knows of a name."""
        from overgrant.dialect.code.entries import frameworks

        for name in qualified(node, scope):
            if (found := frameworks().known(name, scope.file)) is not None:
                return found
        return None

    def _tool(self, item: Item, agent: Agent, gated: Gates, depth: int = 4) -> None:
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

    def _called(self, item: Item, agent: Agent, gated: Gates, depth: int) -> None:
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

    def own(self, node: ast.Call, agent: Agent, gated: Gates, entry: Entry | None) -> None:
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
            owner = self.agent_of(item) or self.sole()
        else:
            owner = self.owners.get(id(made.node)) or self._holder(made) or self.sole()
        if kind in ("builtin", "toolset"):
            self.tools.builtin(made.entry, made.node, made.scope, arguments, owner or self.fallback(), self.asked.get(id(made.node), False))
        elif kind == "client":
            client(self, made, arguments, owner or self.fallback())
        if kind in ("server", "serve", "store"):
            listens(self, made, arguments, owner or self.fallback())
        self._limits(made, arguments, owner)
        endless(self, made, arguments, owner)
        if kind == "run" and owner is not None:
            repeated(self, made, owner)
        waived(self, made, arguments, owner)
        conditions(self, made, arguments, owner)

    def sole(self) -> Agent | None:
        """The agent of the module, if there is one only."""
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
