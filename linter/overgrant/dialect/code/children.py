"""Dialects: who starts, calls or hands over to whom in code: by arguments, by wrappers, in a team, or inside a tool."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, NamedTuple

from overgrant.dialect.code.arguments import Arguments
from overgrant.dialect.code.elements import Elements
from overgrant.dialect.code.names import FUNCTIONS
from overgrant.dialect.code.says import asking, fits, given
from overgrant.dialect.code.values import Item, assigned, definition, entries, fold, found_at, returns
from overgrant.model import Agent, Delegation
from overgrant.read.python import below

if TYPE_CHECKING:
    from overgrant.dialect.code.entries import Entry
    from overgrant.dialect.code.facts import Facts
    from overgrant.dialect.code.gates import Gates
    from overgrant.dialect.code.match import Made

DEPTH = 5
MOST = 60  # ways of one module that are looked at
_COUNTS = ("depth", "level", "hops", "remaining", "recurs")


class Target(NamedTuple):
    """An agent that somebody may start: one of this module, one of another by its place, or one of which only the name is known."""

    name: str
    agent: Agent | None = None
    key: tuple[str, int, int] | None = None


class Child(NamedTuple):
    """A way to another agent, and the expression that says so.

    way    call (its answer comes back), handoff, peer (nobody named it: all of a team may), member (of a team that is
           nothing else), tools (it only holds tools)
    asked  a person is asked before
    """

    parent: Agent
    target: Target
    at: Item
    way: str
    asked: bool = False
    bounded: bool = False


def key_of(item: Item) -> tuple[str, int, int]:
    """What identifies the constructor of an agent among all modules."""
    return item.scope.file.path, item.node.lineno, item.node.col_offset


def targets(facts: Facts, item: Item, depth: int = DEPTH) -> list[Target]:
    """The agents that an expression is: constructed, wrapped, returned by a function, or called by their names."""
    node, scope = item.node, item.scope
    if depth <= 0:
        return []
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [Target(node.value)]
    if isinstance(node, ast.Await):
        return targets(facts, Item(node.value, scope), depth)
    if isinstance(node, ast.Call):
        return _called(facts, item, depth)
    if isinstance(node, (ast.Name, ast.Attribute)):
        return [each for held in assigned(node, scope)[:4] if not isinstance(held.node, ast.Constant)
                for each in targets(facts, held, depth - 1)]
    if isinstance(node, ast.Subscript) and (held := found_at(node, scope)) is not None:
        return targets(facts, held, depth - 1)
    return []


def _called(facts: Facts, item: Item, depth: int) -> list[Target]:
    node, scope = item.node, item.scope
    agent = facts.agents.get(id(node))
    if agent is not None:
        return [Target(agent.name, agent, key_of(item))]
    entry = facts.entry(node.func, scope)
    if entry is not None and entry.kind == "agent":
        name = facts.text_of(Arguments(node, scope), entry.get("name")) if entry.get("name") else ""
        return [Target(name or "another agent", None, key_of(item))]
    if entry is not None and entry.get("target") is not None and entry.kind in ("handoff", "team"):
        return [each for held in _held(item, entry) for each in targets(facts, held, depth - 1)]
    found = definition(node.func, scope) if entry is None else None
    if found is not None and isinstance(found[0].node, FUNCTIONS):
        inner = found[1].below(found[0].node)
        return [each for answer in returns(found[0].node) for each in targets(facts, Item(answer, inner), depth - 1)]
    return []


def by_method(facts: Facts, item: Item) -> list[Target]:
    """The agent in `build().as_tool(…)`, where the function that makes it stands in another module."""
    from overgrant.dialect.code.entries import frameworks

    func = item.node.func
    return targets(facts, Item(func.value, item.scope)) if isinstance(func, ast.Attribute) and func.attr in frameworks().wrappers else []


def _held(item: Item, entry: Entry) -> list[Item]:
    """The expressions that a wrapper or a team holds agents in."""
    spec = entry.get("target")
    if spec == "receiver":
        func = item.node.func
        return [Item(func.value, item.scope)] if isinstance(func, ast.Attribute) else []
    held = given(Arguments(item.node, item.scope), spec)
    if held is None:
        return []
    if not isinstance(spec, dict) or not spec.get("list"):
        return [held]
    items = _listed(held)[0]
    if key := spec.get("key"):
        return [value for each in items for name, value in entries(each.node, each.scope) if fold(name, value.scope) == key]
    return items


def _listed(item: Item) -> tuple[list[Item], bool]:
    """The elements of a list of agents, or the values of a dictionary of them; and whether they are all."""
    if rows := entries(item.node, item.scope):
        return [value for _, value in rows], True
    found = Elements().add(item.node, item.scope)
    return found.items, found.whole


def attach(facts: Facts, made: Made, agent: Agent | None, gated: Gates) -> None:
    """The agents that a constructor is given."""
    arguments = Arguments(made.node, made.scope)
    if agent is not None and made.entry.get("like") and "tools" not in arguments.named and isinstance(made.node.func, ast.Attribute):
        for target in targets(facts, Item(made.node.func.value, made.scope)):
            add(facts, agent, target, Item(made.node, made.scope), "tools")
    for spec in made.entry.get("agents", ()):
        item = given(arguments, spec)
        items, whole = ([item], True) if item is not None and targets(facts, item) else _listed(item) if item is not None else ([], True)
        if agent is not None:
            items = [*items, *added(facts, made, spec)]
        members: list[tuple[Target, Item]] = []
        for each in items[:MOST]:
            described = _described(facts, each, agent, gated, spec) if agent is not None else None
            members += [described] if described is not None else [(target, each) for target in targets(facts, each)]
        if not whole and item is not None and spec.get("else") == "all":
            members = [(Target(other.name, other), item) for other in facts.agents.values() if other.product == made.entry.framework]
        if agent is not None:
            asked = gated is True or (isinstance(gated, dict) and bool(gated.get(spec.get("asked-by", ""))))
            for target, at in members:
                add(facts, agent, target, at, spec.get("way", "handoff"), asked)
        _among(facts, spec, members, arguments)


def added(facts: Facts, made: Made, spec: Any) -> list[Item]:
    """What is added to a list of an agent after that was made: `lead.handoffs.append(worker)`."""
    part = f".{spec['argument'] if isinstance(spec, dict) else spec}"
    if part not in facts.file.code.text or not (variable := facts.variable(made)):
        return []
    found: list[Item] = []
    for binding, home in made.scope.find(variable + part)[:MOST]:
        if binding.kind == "append":
            found.append(Item(binding.node, home))
        elif binding.kind in ("assign", "augment", "extend"):
            found += Elements().add(binding.node, home).items
    return found


def _described(facts: Facts, item: Item, parent: Agent, gated: Gates, spec: Any) -> tuple[Target, Item] | None:
    """An agent that a dictionary describes, and what says how it is asked, or the dictionary."""
    held = item
    if isinstance(item.node, (ast.Name, ast.Attribute)):
        held = next((each for each in assigned(item.node, item.scope) if isinstance(each.node, ast.Dict)), item)
    if not isinstance(held.node, ast.Dict) or held.scope.file is not facts.file:
        return None
    said = {fold(key, each.scope): each for key, each in entries(held.node, held.scope)}
    agent = facts.maker.make(Agent, facts.place(held))
    name = fold(said["name"].node, said["name"].scope) if "name" in said else ""
    agent.name = name if isinstance(name, str) and name else "subagent"
    agent.type, agent.product, agent.where = "framework", parent.product, f"{parent.where}.{agent.name}"
    own = said.get(spec.get("gates", ""))
    value = fold(own.node, own.scope) if own is not None else None
    inner: Gates = {str(key): state is not False for key, state in value.items()} if isinstance(value, dict) else gated
    if isinstance(inner, dict) and isinstance(gated, dict):
        inner = {**gated, **inner}
    if "tools" in said:
        for each in Elements().add(said["tools"].node, said["tools"].scope).items:
            facts.tool(each, agent, inner)
    return Target(agent.name, agent), own or item


def _among(facts: Facts, spec: Any, members: list[tuple[Target, Item]], arguments: Arguments) -> None:
    """Ways between the members of a team, and from the one who leads it."""
    peers = spec.get("peers")
    if peers is not None and f".{peers.get('beside')}(" in facts.file.code.text:
        peers = None  # somebody says who may hand over to whom
    for target, _ in members if peers is not None else ():
        own = facts.constructor(target.agent) if target.agent is not None else None
        if target.agent is None or own is None:
            continue
        said = Arguments(own.node, own.scope)
        if all(fits(said, route, wanted) is not False for route, wanted in peers.get("when", {}).items()) and not any(
                fits(said, route, wanted) is not False for route, wanted in peers.get("unless", {}).items()):
            for other, at in members:
                if other.agent is not target.agent:
                    add(facts, target.agent, other, at, peers.get("way", "peer"))
    leader = given(arguments, spec["manager"]) if "manager" in spec else None
    for boss in targets(facts, leader) if leader is not None else ():
        for other, at in members if boss.agent is not None else ():
            add(facts, boss.agent, other, at, "member")


def called(facts: Facts, made: Made, agent: Agent | None = None, gated: Gates = False, at: Item | None = None) -> None:
    """A call that makes a way: a wrapper in a list of tools of `agent`, or one that names both sides: `add_handoff(a, [b])`."""
    arguments = Arguments(made.node, made.scope)
    item = Item(made.node, made.scope)
    source = made.entry.get("giver")
    parents = [agent] if agent is not None else _givers(facts, made, source, arguments)
    asked = gated is True or any(asking(said, spec) for spec in made.entry.get("approval", ())
                                 if (said := arguments.get(spec["argument"])) is not None)
    for parent in parents:
        for each in _held(item, made.entry):
            for target in targets(facts, each):
                add(facts, parent, target, each if source is not None else at or item, made.entry.get("way", "call"), asked)


def _givers(facts: Facts, made: Made, spec: Any, arguments: Arguments) -> list[Agent]:
    """Who gets the way: an argument, the object whose method it is, what that is an attribute of, or an argument of that."""
    func = made.node.func
    held = given(arguments, spec) if isinstance(spec, dict) and "argument" in spec else None
    if held is None and isinstance(func, ast.Attribute):
        value = func.value.value if spec == "owner" and isinstance(func.value, ast.Attribute) else func.value
        held = Item(value, made.scope)
    if isinstance(spec, dict) and "of" in spec and held is not None:
        calls = [each for each in assigned(held.node, held.scope) if isinstance(each.node, ast.Call)] if isinstance(
            held.node, (ast.Name, ast.Attribute)) else [held]
        held = given(Arguments(calls[0].node, calls[0].scope), spec["of"]) if len(calls) == 1 and isinstance(calls[0].node, ast.Call) else None
    return [each.agent for each in targets(facts, held) if each.agent is not None] if held is not None else []


def add(facts: Facts, parent: Agent | None, target: Target, at: Item, way: str, asked: bool = False, bounded: bool = False) -> None:
    """Remember a way, once."""
    if parent is None or (target.agent is parent and way != "call") or len(facts.children) >= MOST * 4:
        return
    if at.scope.file is facts.file and not any(
            each.parent is parent and each.target == target and each.at.node is at.node for each in facts.children):
        facts.children.append(Child(parent, target, at, way, asked, bounded))


# --- agents inside tools --------------------------------------------------------------------------


def inside_tools(facts: Facts) -> None:
    """An agent that a tool's body makes or runs: whoever has the tool starts it."""
    if not facts.agents or not facts.tools.held:
        return
    known = [(made.node.lineno, facts.variable(made)) for made in facts.matches.made if made.entry.kind == "agent"]
    owners = {id(agent): agent for agent in (*facts.agents.values(), *(each.target.agent for each in facts.children)) if agent is not None}
    for owner, rows in facts.tools.held.items():
        for function, gate in rows:
            defined = facts.tools.defined.get(function)
            if defined is None or defined.scope.file is not facts.file or owner not in owners or owners[owner].type == "server":
                continue
            first, last = defined.function.lineno, defined.function.end_lineno or 0
            text = "\n".join(facts.file.code.line(row) for row in range(first, last + 1))
            if not any(first <= line <= last or (name and name in text) for line, name in known):
                continue
            for target, node, bounded in _started(facts, defined):
                add(facts, owners[owner], target, Item(node, defined.scope), "call", gate or defined.asked, bounded)


def _started(facts: Facts, defined: Any) -> list[tuple[Target, Any, bool]]:
    inner = defined.scope.below(defined.function)
    found: list[tuple[Target, Any, bool]] = []
    seen: set[int] = set()
    for node in (each for row in defined.function.body for each in below(row, (ast.Call, ast.Name))):
        item = Item(node, inner)
        agent = facts.agents.get(id(node)) if isinstance(node, ast.Call) else facts.agent_of(item)
        if agent is None or id(agent) in seen:
            continue
        run = _run_of(node, defined.function)
        if run is None and not isinstance(node, ast.Call):
            continue
        seen.add(id(agent))
        found.append((Target(agent.name, agent), node if run is None or isinstance(node, ast.Call) else run.func,
                      run is not None and _counted(run, defined.function)))
    return found


def _run_of(node: Any, function: Any) -> ast.Call | None:
    """The call that runs an agent: `agent.run(…)`, `agent(…)`, `Runner.run(agent, …)`."""
    for call in below(function, (ast.Call,)):
        func = call.func
        if func is node or (isinstance(func, ast.Attribute) and func.value is node) or node in call.args or any(
                word.value is node for word in call.keywords):
            return call  # type: ignore[no-any-return]
    return None


def _counted(call: ast.Call, function: Any) -> bool:
    """The run shares its caller's bounds, or somebody counts how deep it is."""
    return any(word.arg == "usage" for word in call.keywords) or any(
        any(sign in name.id.lower() for sign in _COUNTS) for each in below(function, (ast.Compare,)) for name in below(each, (ast.Name,)))


def state(facts: Facts) -> None:
    """Who may start whom, and what the other does unasked that this one only does after a question."""
    for child in facts.children:
        fact = facts.maker.make(Delegation, facts.place(child.at, child.target.name), child.parent)
        fact.to, fact.way, fact.asked, fact.key = child.target.name, child.way, child.asked, child.target.key
        fact.bounded = child.bounded or None
        fact.where = f"{child.parent.where}.{fact.to}"
        fact.other, fact.by_code = child.target.agent, True
        if child.target.agent is not None and child.way in ("call", "handoff"):
            fact.bypasses = facts.tools.lost(child.parent, child.target.agent)
