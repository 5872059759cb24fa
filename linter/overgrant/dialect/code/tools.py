"""Dialects: the tools of a module: functions that a decorator, a wrapper or a list makes callable, and built-in ones."""

from __future__ import annotations

import ast
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from overgrant.dialect.code.arguments import Arguments
from overgrant.dialect.code.bodies import consequences
from overgrant.dialect.code.entries import Entry
from overgrant.dialect.code.functions import arms, below_arguments, functions_of, listed
from overgrant.dialect.code.names import FUNCTIONS, File, Scope
from overgrant.dialect.code.params import closed_fields, table
from overgrant.dialect.code.paths import temporary
from overgrant.dialect.code.says import asking
from overgrant.dialect.code.sinks import Sink, sinks_of
from overgrant.dialect.code.values import Item, assigned, entries, fold
from overgrant.model import Agent, Grant, Tool

if TYPE_CHECKING:
    from overgrant.dialect.code.facts import Facts

_ORDER = ("exec.shell", "exec.code", "pkg.install", "tool.load", "money.move", "infra.mutate", "secret.read", "fs.delete",
          "db.write", "fs.write", "comm.send", "net.egress", "fs.read")
_HINTS = {"readonlyhint": "read-only", "destructivehint": "not-destructive", "openworldhint": "closed-world", "idempotenthint": "idempotent"}
_CHANGES = frozenset({"fs.delete", "comm.send", "money.move"})


class Defined(NamedTuple):
    """A function that is a tool, and who has it; `filled` are parameters that its maker gives."""

    function: Any
    scope: Scope
    entry: Entry | None
    name: str
    owner: Agent | None
    claims: tuple[str, ...] = ()
    asked: bool = False
    claim_at: Item | None = None
    filled: frozenset[str] = frozenset()


class Tools:
    """Collects the tools of one module and states them once each.

    held    agent → its functions, each with whether a call is asked about
    powers  function → the powers whose object its caller chooses
    """

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.defined: dict[int, Defined] = {}
        self.held: dict[int, list[tuple[int, bool]]] = {}
        self.powers: dict[int, list[str]] = {}
        self._stated: set[int] = set()

    # --- collecting ------------------------------------------------------------------------------

    def definitions(self) -> None:
        """Functions that a decorator makes tools, calls that wrap functions, and classes with a method that runs."""
        for mark in self.facts.matches.marked:
            arguments = Arguments(mark.node, mark.scope) if isinstance(mark.node, ast.Call) else None
            owner = None
            plain = mark.node.func if isinstance(mark.node, ast.Call) else mark.node
            if isinstance(plain, ast.Attribute):
                owner = self.facts.agent_of(Item(plain.value, mark.scope))
            self._add(mark.function, mark.scope, mark.entry, arguments, owner)
        for made in self.facts.matches.made:
            if made.entry.kind == "tool":
                self.wrapped(Item(made.node, made.scope), made.entry, None, False)
        for held in self.facts.matches.classes:
            inner = held.scope.below(held.node)
            own = held.entry.get("function-names", ("_run", "_arun", "forward", "run", "__call__"))
            schemas = [Item(each.node, inner) for each in inner.names.get("args_schema", ()) if each.kind == "assign"]
            closed = closed_fields(schemas[-1] if schemas else None)
            for name in (*own, *listed(held.entry, inner)):
                for binding in inner.names.get(name, ()):
                    if binding.kind == "def":
                        title = held.node.name if name in own else name
                        self.function(Defined(binding.node, inner, held.entry, title, None, filled=closed), False)

    def _add(self, function: Any, scope: Scope, entry: Entry, arguments: Arguments | None, owner: Agent | None) -> None:
        claims: tuple[str, ...] = ()
        at, asked = None, False
        name = function.name
        if arguments is not None:
            claims, at = _claims(arguments)
            asked = _asked(entry, arguments)
            given = arguments.value("name")
            name = given if isinstance(given, str) else name
        closed = closed_fields(arguments.get("args_schema")) if arguments is not None else frozenset()
        self.function(Defined(function, scope, entry, name, owner, claims, asked, at, closed), False)

    def wrapped(self, item: Item, entry: Entry, agent: Agent | None, gated: Any) -> None:
        """`FunctionTool(f, needs_approval=True)`: the function inside, with what the wrapper says."""
        arguments = Arguments(item.node, item.scope)
        spec = entry.get("function", {"argument": "func", "at": 0})
        for name in [spec["argument"], *spec.get("or", ())]:
            held = arguments.get(name, spec.get("at"))
            if held is not None:
                break
        else:
            return
        # `mcp.tool(annotations=…)(f)`: the inner call says what the tool is
        said = Arguments(item.node.func, item.scope) if isinstance(item.node.func, ast.Call) else arguments
        claims, at = _claims(said)
        asked, name = _asked(entry, said), said.value("name")
        for function, scope, filled in functions_of(held):
            known = name if isinstance(name, str) and name else function.name
            self.function(Defined(function, scope, entry, known, agent, claims, asked, at, filled), gated)

    def instance(self, inner: Scope, agent: Agent, gated: Any) -> None:
        """An object of a class of the tree: its methods are the agent's, as far as they are tools."""
        path = inner.file.path
        for name, bound in inner.names.items():
            for binding in bound:
                if binding.kind == "def":
                    gate = gated is True or (isinstance(gated, dict) and bool(gated.get(name)))
                    agent.holds.append(((path, binding.node.lineno, binding.node.col_offset), gate))

    def named(self, item: Item, agent: Agent, spec: Any, decision: str = "inherit") -> None:
        """A tool by its name, where a product's own rules say what it is; `only` those whose names start so."""
        text, words = fold(item.node, item.scope), spec.get("words")
        if not words or item.scope.file is not self.facts.file or not isinstance(text, str) or not text.startswith(
                spec.get("only", "")):
            return
        parse = import_module(f"overgrant.dialect.grammar.{words}").parse
        grant = self.facts.maker.make(Grant, self.facts.place(item, text), agent, **parse(text, "allow"))
        grant.decision, grant.where = decision, f"{agent.where}.{text}"

    def part(self, item: Item, agent: Agent | None, gated: Any) -> None:
        """`functools.partial(f, x)` in a list of tools."""
        for function, scope, filled in functions_of(item):
            self.function(Defined(function, scope, None, function.name, agent, filled=filled), gated)

    def function(self, defined: Defined, gated: Any) -> None:
        """Remember a function; what is said of it in several places adds up."""
        other = defined.scope.file is not self.facts.file
        gate = gated is True or (isinstance(gated, dict) and bool(gated.get(defined.name)))
        if defined.owner is not None:
            self.held.setdefault(id(defined.owner), []).append((id(defined.function), gate))
            defined.owner.holds.append((_key(defined), gate))
        if other and defined.entry is None and any(
                self.facts.entry(each.func if isinstance(each, ast.Call) else each, defined.scope) is not None
                for each in defined.function.decorator_list):
            return  # it is stated where it stands
        before = self.defined.get(id(defined.function))
        if before is not None:
            defined = before._replace(owner=before.owner or defined.owner, asked=before.asked or defined.asked,
                                      claims=before.claims or defined.claims,
                                      claim_at=before.claim_at or defined.claim_at)
        self.defined[id(defined.function)] = defined

    def asks(self, defined: Defined) -> bool:
        """A call is asked about: the tool itself says so, or each agent that has it."""
        gates = [gate for rows in self.held.values() for function, gate in rows if function == id(defined.function)]
        return defined.asked or (bool(gates) and all(gates))

    def lost(self, parent: Agent, child: Agent) -> tuple[str, ...]:
        """The powers that a child uses unasked and its parent only after a question, by the names of the child's tools."""
        asked = {power for function, gate in self.held.get(id(parent), ()) for power in self.powers.get(function, ())
                 if gate or self.defined[function].asked}
        free = {power for function, gate in self.held.get(id(parent), ()) for power in self.powers.get(function, ())
                if not gate and not self.defined[function].asked}
        return tuple(dict.fromkeys(
            self.defined[function].name for function, gate in self.held.get(id(child), ())
            if not gate and set(self.powers.get(function, ())) & (asked - free) and not self.defined[function].asked))

    # --- stating -----------------------------------------------------------------------------------

    def emit(self) -> None:
        """State every function that is a tool: one fact for itself, one for each power that its caller chooses."""
        for whole in sorted(self.defined.values(), key=lambda each: (each.scope.file.path, each.function.lineno)):
            found = sinks_of(whole.function, whole.scope, whole.filled)
            self.powers[id(whole.function)] = [each.capability for each in found if each.parameters and not each.guarded]
            whole = whole._replace(asked=self.asks(whole))
            for defined, sinks in self._arms(whole, found):
                owner = defined.owner or self.facts.fallback()
                self._whole(defined, sinks, owner)
                seen: set[tuple[str, tuple[str, ...]]] = set()
                for sink in sorted(sinks, key=lambda each: (_ORDER.index(each.capability) if each.capability in _ORDER else 99)):
                    if (sink.parameters or sink.form == "variables") and (sink.capability, sink.parameters) not in seen:
                        seen.add((sink.capability, sink.parameters))
                        self._power(defined, sink, owner)
                consequences(self.facts, sinks, owner, asked=defined.asked)

    def _arms(self, defined: Defined, sinks: list[Sink]) -> list[tuple[Defined, list[Sink]]]:
        """A function that runs one of several tools by its name, as those tools."""
        if defined.entry is None or not defined.entry.get("dispatches"):
            return [(defined, sinks)]
        found = []
        rest = list(sinks)
        declared = self._declared(defined.scope.file)
        for name, first, last in arms(defined.function):
            mine = [each for each in rest if first <= each.at <= last]
            rest = [each for each in rest if not first <= each.at <= last]
            claims, at = declared.get(name, ((), None))
            found.append((defined._replace(name=name, claims=claims, claim_at=at), mine))
        return [*found, *([(defined, rest)] if rest or not found else [])]

    def _declared(self, file: File) -> dict[str, tuple[tuple[str, ...], Item | None]]:
        """What `Tool(name=…, annotations=…)` of a low-level server declares, by name."""
        found = {}
        for call in file.calls("Tool", 1):
            arguments = Arguments(call, file.scope_at(call))
            name = arguments.value("name", 0)
            if isinstance(name, str):
                found[name] = _claims(arguments)
        return found

    def _whole(self, defined: Defined, sinks: list[Sink], owner: Agent) -> None:
        code = defined.scope.file.code
        at = code.named(defined.function, defined.function.name) if isinstance(defined.function, FUNCTIONS) and hasattr(
            defined.function, "col_offset") else None
        fact = self.facts.maker.make(Tool, at, owner)
        fact.name, fact.where = defined.name, f"{defined.scope.route}.{defined.name}".lstrip(".")
        fact.claims, fact.key = defined.claims, _key(defined)
        words = table()["effects"]
        fact.effects = tuple(dict.fromkeys(words[sink.capability] for sink in sinks if sink.capability in words))
        fact.consent = "ask" if defined.asked else "none"
        text = ast.get_docstring(defined.function, clean=False) if isinstance(defined.function, FUNCTIONS) else None
        fact.description = " ".join((text or "").split())[:200]
        self._contradictions(fact, defined, sinks)
        endless = next((sink for sink in sinks if sink.endless), None)
        if endless is not None:
            fact.timeout, fact.at["timeout"] = False, _callee(endless)
            fact.witness = fact.witness or _text(endless)

    def _contradictions(self, fact: Tool, defined: Defined, sinks: list[Sink]) -> None:
        found: dict[str, Sink] = {}
        for sink in sinks if defined.claims else ():
            if sink.capability == "fs.delete" and temporary(sink.target):
                continue
            changes = sink.capability in _CHANGES or bool({"changes", "writes"} & set(sink.does)) or (
                sink.capability in ("fs.write", "exec.shell") and bool(sink.parameters))
            deletes = sink.capability == "fs.delete" or "deletes" in sink.does
            if "read-only" in defined.claims and changes:
                found.setdefault("read-only", sink)
            if "not-destructive" in defined.claims and deletes:
                found.setdefault("not-destructive", sink)
            # one service at a fixed address is a closed world, too
            if "closed-world" in defined.claims and (sink.capability == "comm.send" or sink.capability == "net.egress" and sink.parameters):
                found.setdefault("closed-world", sink)
        fact.contradicts = tuple(found)
        for sink in found.values():
            fact.at["contradicts"] = _callee(sink)
            fact.witness = _text(sink)
            break
        if defined.claim_at is not None and found:
            fact.at["claims"] = self.facts.place(defined.claim_at, "annotations")

    def _power(self, defined: Defined, sink: Sink, owner: Agent) -> None:
        """A power that whoever calls the tool chooses the object of."""
        fact = self.facts.maker.make(Tool, _callee(sink), owner)
        fact.name, fact.where = defined.name, f"{defined.scope.route}.{defined.name}.{sink.capability}".lstrip(".")
        fact.key = _key(defined)
        fact.capability, fact.free_form, fact.guarded = sink.capability, sink.parameters, sink.guarded
        fact.consent = "ask" if defined.asked or sink.asked else "none"
        fact.witness = _text(sink)
        fact.effects = (table()["effects"][sink.capability],)
        code = defined.scope.file.code
        for arg in below_arguments(defined.function):
            if arg.arg in sink.parameters and hasattr(arg, "lineno"):
                fact.at["free_form"] = code.place(arg, arg.arg)
                break

    # --- built-in tools ------------------------------------------------------------------------------

    def builtin(self, entry: Entry, node: Any, scope: Scope, arguments: Arguments | None, owner: Agent, gated: Any) -> None:
        """A tool that comes with a framework, by what is known of it and how it is made."""
        from overgrant.dialect.code.builtin import state

        if id(node) in self._stated:
            return
        self._stated.add(id(node))
        state(self.facts, entry, node, scope, arguments, owner, gated)

    def dictionary(self, item: Item, owner: Agent, gated: Any = False) -> None:
        """A tool in a dictionary: one that a provider knows by its type, or a schema that names a function."""
        from overgrant.dialect.code.builtin import by_type

        if not by_type(self.facts, item, owner) and (name := _schema_name(item)):
            for function, scope, filled in self._dispatched(name, item):
                self.function(Defined(function, scope, None, name, owner, filled=filled), gated)

    def _dispatched(self, name: str, item: Item) -> list[tuple[Any, Scope, frozenset[str]]]:
        """The function that a name of a schema stands for: in a table of the module, or by its own name."""
        home = item.scope.file.scope
        for scope in dict.fromkeys((item.scope, home)):
            for bound in scope.names.values():
                for binding in bound:
                    if binding.kind == "assign" and isinstance(binding.node, ast.Dict):
                        for key, value in zip(binding.node.keys, binding.node.values):
                            if isinstance(key, ast.Constant) and key.value == name and (found := functions_of(Item(value, scope))):
                                return found
        spots = [home, *([around] if (around := item.scope.around()) is not None else [])]
        return [(binding.node, scope, frozenset[str]()) for scope in spots for binding in scope.names.get(name, ()) if binding.kind == "def"][:1]


def _schema_name(item: Item) -> str:
    """The name in `{"name": …, "input_schema": …}` or `{"type": "function", "function": {"name": …}}`."""
    held = {fold(key, each.scope): each for key, each in entries(item.node, item.scope)}
    inner = held.get("function")
    if inner is not None:
        held = {fold(key, each.scope): each for key, each in entries(inner.node, inner.scope)}
    elif "input_schema" not in held and "parameters" not in held:
        return ""
    name = fold(held["name"].node, held["name"].scope) if "name" in held else ""
    return name if isinstance(name, str) and name.isidentifier() else ""


def _key(defined: Defined) -> tuple[str, int, int]:
    """What identifies a function among all modules."""
    return defined.scope.file.path, defined.function.lineno, defined.function.col_offset


def _callee(sink: Sink) -> Any:
    return sink.file.code.place(getattr(sink.node, "func", sink.node), _text(sink))


def _text(sink: Sink) -> str:
    text = ast.unparse(getattr(sink.node, "func", sink.node))
    return text if len(text) <= 60 else text[:57] + "…"


def _claims(arguments: Arguments) -> tuple[tuple[str, ...], Item | None]:
    """What `annotations=` declares, as a dictionary or a call, in both spellings."""
    item = arguments.get("annotations")
    if item is None:
        return (), None
    node, scope = item.node, item.scope
    if isinstance(node, ast.Name):
        node, scope = next(((each.node, each.scope) for each in assigned(node, scope)), (node, scope))
    said: dict[str, Any] = {}
    if isinstance(node, ast.Call):
        said = {name: fold(each.node, each.scope) for name, each in Arguments(node, scope).named.items()}
    else:
        value = fold(node, scope)
        said = value if isinstance(value, dict) else {}
    claims = []
    for name, value in said.items():
        hint = _HINTS.get(str(name).replace("_", "").lower())
        if hint is not None and value is (hint in ("read-only", "idempotent")):
            claims.append(hint)
    return tuple(claims), item


def _asked(entry: Entry, arguments: Arguments) -> bool:
    for spec in entry.get("approval", ()):
        item = arguments.get(spec["argument"])
        if item is not None:
            return asking(item, spec)
    return False
