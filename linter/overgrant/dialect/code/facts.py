"""Dialects: facts from code: agents with their tools, tools with what their bodies do, limits, servers, switches."""

from __future__ import annotations

import ast
from typing import Any

from overgrant.dialect.code import children
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
from overgrant.dialect.code.servers import client, configured, listens, served, variable
from overgrant.dialect.code.tools import Defined, Tools
from overgrant.dialect.code.values import UNKNOWN, Item, assigned, definition, fold, returns
from overgrant.dialect.facts import Maker
from overgrant.model import Agent, Limit, Unread
from overgrant.read.python import below
from overgrant.value import Value

MOST_TEXT = 4000


class Facts:
    """Makes the facts of one module."""

    def __init__(self, file: File, matches: Matches, maker: Maker) -> None:
        self.file = file
        self.matches = matches
        self.maker = maker
        self.agents: dict[int, Agent] = {}
        self.owners: dict[int, Agent] = {}
        self._made: dict[int, Made] = {}
        self._variables: dict[int, str] = {}
        self.asked: dict[int, bool] = {}
        self.children: list[children.Child] = []
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
            elif each.entry.kind == "handoff" and each.entry.get("giver") is not None:
                children.called(self, each)
            elif "agents" in each.entry.data:
                children.attach(self, each, None, False)
        self.tools.definitions()
        for each in made:
            self._call(each)
        for stored in self.matches.stored:
            self._stored(stored.node, stored.scope)
        served(self)
        self.tools.emit()
        children.inside_tools(self)
        children.state(self)
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

    def owner_of_all(self, agent: Agent) -> None:
        """A manifest says whose code this is."""
        self._fallback = agent

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
        agent.key = children.key_of(Item(made.node, made.scope))
        if purpose := made.entry.get("purpose"):
            self._purpose(agent, arguments, purpose)
        agent.tools_from = "named" if made.entry.get("tools") else ""
        agent.attended = attended(made, arguments)
        agent.everything = bool(made.entry.get("everything"))
        if made.entry.get("type"):
            agent.type = made.entry.get("type")
            agent.tools_from = "named" if arguments.open or given(arguments, made.entry.get("tools")[0]) else "inherited"
        self.agents[id(made.node)] = agent
        self._made[id(agent)] = made

    def constructor(self, agent: Agent) -> Made | None:
        """The call that makes an agent of this module."""
        return self._made.get(id(agent))

    def _purpose(self, agent: Agent, arguments: Arguments, spec: Any) -> None:
        """What an agent is told to be for, in all arguments that say it, and where."""
        texts: list[str] = []
        for each in spec if isinstance(spec, list) else [spec]:
            item = given(arguments, each)
            value = fold(item.node, item.scope) if item is not None else UNKNOWN
            if item is not None and isinstance(value, str) and value.strip():
                texts.append(value[:MOST_TEXT])
                agent.at["claims"] = self.place(item)
        agent.purpose = "\n".join(texts)

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
        found = self._variables.get(id(made.node))
        if found is None:
            found = self._variables[id(made.node)] = next(
                (name.rsplit(".", 1)[-1] for name, bound in made.scope.names.items() for each in bound if each.node is made.node),
                made.scope.owner.name if isinstance(made.scope.owner, FUNCTIONS) else "")
        return found

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
            if item is not None and isinstance(spec, dict) and spec.get("single"):
                self.tool(item, agent, gated)
                continue
            elements = Elements().add(item.node, item.scope) if item is not None else Elements()
            for each in (*elements.items, *children.added(self, made, spec)):
                self.tool(each, agent, gated)
            if elements.lost is not None and not isinstance(elements.lost.node, ast.Constant):  # a path to a file that is read by itself
                self._lost(elements.lost, agent)
        if (spec := made.entry.get("approves")) is not None and (item := given(arguments, spec)) is not None:
            for each in Elements().add(item.node, item.scope).items:
                self.tools.named(each, agent, spec, "allow")
        children.attach(self, made, agent, gated)
        if arguments.open:
            self._lost(arguments.lost or Item(made.node, made.scope), agent, "arguments")

    def _lost(self, item: Item, agent: Agent, what: str = "tools") -> None:
        if item.scope.file is not self.file or isinstance(item.node, ast.Call) and self.entry(item.node.func, item.scope) is not None:
            return
        fact = self.maker.make(Unread, self.place(item), agent)
        fact.what = f"{what} of `{agent.name}` come from {_origin(item)}"
        fact.type, fact.power = "unknown", False

    def entry(self, node: Any, scope: Scope) -> Entry | None:
        """What a framework knows of a name."""
        from overgrant.dialect.code.entries import frameworks

        for name in qualified(node, scope):
            if (found := frameworks().known(name, scope.file)) is not None:
                return found
        return None

    def tool(self, item: Item, agent: Agent, gated: Gates, depth: int = 4, at: Item | None = None) -> None:
        """One element of a list of tools; `at` is where the list names it."""
        node, scope = item.node, item.scope
        if isinstance(node, ast.Call):
            self._called(item, agent, gated, depth, at or item)
        elif isinstance(node, ast.Lambda):
            self.tools.function(Defined(as_function(node), scope, None, "lambda", agent), gated)
        elif isinstance(node, (ast.Name, ast.Attribute)):
            found = definition(node, scope)
            if found is not None and isinstance(found[0].node, FUNCTIONS):
                self.tools.function(Defined(found[0].node, found[1], None, found[0].node.name, agent), gated)
                return
            for each in assigned(node, scope)[:4] if depth > 0 else ():
                if isinstance(each.node, (ast.Call, ast.Lambda, ast.Dict)):
                    self.tool(each, agent, gated, depth - 1, at or item)
                    return
            entry = self.entry(node, scope)
            if entry is not None and entry.kind == "builtin" and scope.file is self.file:
                self.tools.builtin(entry, node, scope, None, agent, gated)
        elif isinstance(node, ast.Dict):
            self.tools.dictionary(item, agent, gated)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and (made := self.constructor(agent)) is not None:
            self.tools.named(item, agent, made.entry)

    def _called(self, item: Item, agent: Agent, gated: Gates, depth: int, at: Item) -> None:
        """A tool that a call makes: an agent, a wrapper, a part of a function, or what a function of the tree returns."""
        node, scope = item.node, item.scope
        entry = self.entry(node.func, scope)
        if entry is not None and entry.kind == "agent":
            for target in children.targets(self, item):
                children.add(self, agent, target, at, "tools" if entry.get("holds") else "call", gated is True)
        elif entry is not None and entry.kind == "handoff":
            children.called(self, Made(entry, node, scope, ""), agent, gated, at)
        elif entry is not None and entry.kind == "tool":
            self.tools.wrapped(item, entry, agent, gated)
        elif entry is None and node.args and "functools.partial" in qualified(node.func, scope):
            self.tools.part(item, agent, gated)
        elif entry is None and depth > 0 and (found := definition(node.func, scope)) is not None and isinstance(
                found[0].node, (*FUNCTIONS, ast.ClassDef)):
            inner = found[1].below(found[0].node)
            if isinstance(found[0].node, ast.ClassDef):
                self.tools.instance(inner, agent, gated)
            for answer in returns(found[0].node) if isinstance(found[0].node, FUNCTIONS) else ():
                self.tool(Item(answer, inner), agent, gated, depth - 1, at)
        elif entry is None and (wrapped := children.by_method(self, item)):
            for target in wrapped:
                children.add(self, agent, target, at, "call", gated is True)
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
        if "servers" in made.entry.data:
            configured(self, made, arguments, owner or self.fallback())
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
                    if not variable(self, name, Item(node.value, scope)):
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
