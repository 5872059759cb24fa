"""Dialects: one reader walks a tree and its schema together and yields facts with places.

Shape errors fall out of the walk: a wrong type or an unknown value is an `Unread` fact, and so is
a key that is a misspelling of a protective one, because it silently protects nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from overgrant.dialect.schema import EXTRA, PRINCIPAL, Schema, Schemas
from overgrant.dialect.shape import NAMES, TYPES, describe, fits, guards
from overgrant.model import FIELDS, KIND_OF, Fact, Root, Unread
from overgrant.value import Value, virtual

GrammarFn = Callable[[Value, "Context"], list[dict[str, Any]]]
CLOSED_WORDS = frozenset(KIND_OF)


class Context:
    """What is known about a file from outside it.

    product, format   slug of the product and id of the format (see the catalogue)
    root, tier        where its facts belong and whose word they are
    settings          fields for facts, `kind.field` → constant, from the catalogue's row
    files, memo       the bytes of all files of the run, for what one file takes from another, and what was made of them
    find              the bytes of a file below a folder that is not among them
    """

    def __init__(self, *, product: str, format: str, root: Root, tier: str, schemas: Schemas,
                 grammar: Callable[[str], GrammarFn], settings: dict[str, Any] | None = None,
                 default: Callable[[str], object] | None = None) -> None:
        self.product = product
        self.format = format
        self.root = root
        self.tier = tier
        self.schemas = schemas
        self.grammar = grammar
        self.settings = settings or {}
        self.default = default or (lambda name: None)
        self.files: Mapping[str, bytes | None] = {}
        self.memo: dict[str, object] = {}
        self.find: Callable[[str, str], bytes | None] | None = None


class Reading:
    """The outcome: facts in document order, and the keys that no schema entry claims (with their number)."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []
        self.unclaimed: dict[str, int] = {}


class _Frame:
    """One level of the walk: fields that wait for facts opened inside it, and what `set` says."""

    __slots__ = ("file", "ignored", "known", "open", "parent", "seen", "set", "waiting")

    def __init__(self, parent: _Frame | None, file: str) -> None:
        self.parent = parent
        self.file = file
        self.open: Fact | None = None
        # keys that any schema of this value declares, None for all of them; keys already counted as unclaimed
        self.known: frozenset[str] | None = frozenset()
        self.seen: set[str] | None = None
        self.waiting: dict[tuple[str, str], Value] = {}
        self.set: dict[str, tuple[Any, Value | None]] = {}
        self.ignored: tuple[str, str] = parent.ignored if parent else ("", "")


class Walker:
    """Reads one tree by one schema. Use `read`."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.reading = Reading()
        self._homes: list[tuple[Fact, _Frame]] = []
        self._explicit: dict[int, set[str]] = {}

    def read(self, root: Value, schema: str, body: Value | None = None) -> Reading:
        """The facts of a tree. `body` is the text below a frontmatter; a schema calls it `@body`."""
        top = _Frame(None, schema)
        for target, constant in self.context.settings.items():
            top.set[target] = (constant, None)
        self.walk(root, self.context.schemas.file(schema), top)
        if body is not None:
            below = self.context.schemas.file(schema).get("properties", {}).get("@body")
            if isinstance(below, dict):
                self.walk(body, below, self._inside(top, body))
        for fact, frame in self._homes:
            self._settle(fact, frame)
        return self.reading

    # --- the walk ------------------------------------------------------------------------------

    def walk(self, value: Value, schema: Schema | bool, frame: _Frame) -> None:
        """Read `value` by `schema`; fields and `set` of this node go to `frame`."""
        if not isinstance(schema, dict):
            return
        if frame.seen is None and value.kind == "map":
            frame.known, frame.seen = self.context.schemas.keys(schema, frame.file), set()
        if not self._shape(value, schema, frame):
            return
        self._annotate(value, schema.get("x-overgrant"), schema, frame)
        if "$ref" in schema:
            target, file = self.context.schemas.resolve(schema["$ref"], frame.file)
            before, frame.file = frame.file, file
            self.walk(value, target, frame)
            frame.file = before
        if value.kind == "map":
            self._properties(value, schema, frame)
        elif value.kind == "list" and isinstance(schema.get("items"), dict):
            for item in value.items:
                self.walk(item, schema["items"], self._inside(frame, item))
        self._branches(value, schema, frame)

    def _branches(self, value: Value, schema: Schema, frame: _Frame) -> None:
        for branch in schema.get("allOf", ()):
            self.walk(value, branch, frame)
        for word in ("oneOf", "anyOf"):
            if word in schema:
                fitting = next((each for each in schema[word] if fits(value, each, self.context.schemas, frame.file)), None)
                if fitting is not None:
                    self.walk(value, fitting, frame)
                elif value.explicit:
                    self._unread(value, "wrong-type", *describe(value, schema))
        if "if" in schema:
            branch = schema.get("then" if fits(value, schema["if"], self.context.schemas,
                                              frame.file) else "else")
            if branch is not None:
                self.walk(value, branch, frame)

    def _properties(self, value: Value, schema: Schema, frame: _Frame) -> None:
        declared: dict[str, Any] = schema.get("properties", {})
        patterns: dict[str, Any] = schema.get("patternProperties", {})
        rest = schema.get("additionalProperties", True)
        for key, item in value.entries.items():
            inner = declared.get(key)
            if inner is None:
                inner = next((each for pattern, each in patterns.items() if _matches(pattern, key)), None)
            if inner is None and isinstance(rest, dict):
                inner = rest
            if inner is not None:
                self.walk(item, inner, self._inside(frame, item))
            elif declared and "if" not in schema and frame.known is not None and key not in frame.known:
                self._unclaimed(item, declared, frame)
        for key, inner in declared.items():
            if key not in value.entries and isinstance(inner, dict) and key != "@body":
                self._absent(value, key, inner, frame)

    def _absent(self, value: Value, key: str, schema: Schema, frame: _Frame) -> None:
        name = schema.get("x-overgrant", {}).get("absent")
        if "default" in schema:
            item = virtual(value, key, schema["default"])
        elif name is not None and (data := self.context.default(name)) is not None:
            item = virtual(value, key, data)
        else:
            return
        self.walk(item, schema, self._inside(frame, item))

    def _inside(self, frame: _Frame, value: Value) -> _Frame:
        return _Frame(frame, frame.file)

    def _unclaimed(self, item: Value, declared: dict[str, Any], frame: _Frame) -> None:
        key = str(item.key)
        close = guards(key, declared, item.parent, self.context.schemas, frame.file)
        if close and item.key_span is not None:
            fact = self._unread(item, "misspelt", f"`{key}` is no key that this product knows",
                                "a control with a misspelt name protects nothing")
            fact.suggestion = close
            fact.value = _key_value(item)
            return
        if frame.seen is None or key in frame.seen:
            return
        frame.seen.add(key)
        route = ".".join("*" if isinstance(step, int) else step for step in item.route)
        self.reading.unclaimed[route] = self.reading.unclaimed.get(route, 0) + 1

    # --- shape ---------------------------------------------------------------------------------

    def _shape(self, value: Value, schema: Schema, frame: _Frame) -> bool:
        if not value.explicit:
            return True
        wanted = schema.get("type")
        wrong = wanted is not None and not any(value.kind in TYPES[each] for each in
                                               ([wanted] if isinstance(wanted, str) else wanted))
        missing = value.kind == "map" and self._states(schema) and [
            key for key in schema.get("required", ()) if key not in value.entries]
        odd = ("enum" in schema and value.data not in schema["enum"]) or (
            "const" in schema and value.data != schema["const"])
        if wrong or odd:
            self._unread(value, "wrong-type" if wrong else "unknown-value", *describe(value, schema))
            return False
        if missing:
            self._unread(value, "incomplete", f"`{missing[0]}` is missing here", "the product skips this entry")
            return False
        return True

    @staticmethod
    def _states(schema: Schema) -> bool:
        return any(word in CLOSED_WORDS for word in schema.get("x-overgrant", {}))

    def _unread(self, value: Value, sort: str, what: str, why: str) -> Unread:
        fact = Unread(value)
        if sort in ("wrong-type", "unknown-value") and _is_blank(value):
            fact.type, fact.what, fact.why, fact.power = "template", f"`{value.key}` is filled in later", "", False
            self._register(fact, value)
            return fact
        # an empty list where a map belongs states nothing that could be lost
        fact.type, fact.what, fact.why, fact.power = sort, what, why, sort != "wrong-type" or not _is_empty(value)
        self._register(fact, value)
        return fact

    # --- annotations ---------------------------------------------------------------------------

    def _annotate(self, value: Value, annotation: dict[str, Any] | None, schema: Schema, frame: _Frame) -> None:
        if not annotation:
            return
        if self.context.tier not in annotation.get("tiers", (self.context.tier,)):
            only = " or ".join(annotation["tiers"])
            frame.ignored = ("ignored", annotation.get("ignored", f"it counts only in {only} configuration"))
        for target, constant in annotation.get("set", {}).items():
            frame.set[target] = self._constant(constant, value)
        if "field" in annotation:
            self._field(annotation["field"], value, frame)
        for word, content in annotation.items():
            if word in KIND_OF:
                for constants in content if isinstance(content, list) else [content]:
                    self._state(word, constants, value, annotation.get("grammar"), schema, frame)

    def _state(self, kind: str, constants: dict[str, Any], value: Value, grammar: str | None, schema: Schema,
               frame: _Frame) -> None:
        if grammar is None and value.kind == "list" and PRINCIPAL[kind] in constants:
            self._open(kind, constants, value, frame)
        elif value.kind == "map" and grammar is None:
            fact = self._open(kind, constants, value, frame)
            if frame.open is None or kind in ("agent", "server"):
                frame.open = fact
        elif grammar is not None:
            items = value.items if value.kind == "list" and "items" not in schema else [value]
            for item in items:
                self._by_grammar(kind, constants, item, grammar, frame, maps=schema.get("type") == "object")
        elif value.kind == "list":
            if "items" not in schema:
                for item in value.items:
                    self._scalar(kind, constants, item, frame)
            else:
                frame.open = self._open(kind, constants, value, frame)
        else:
            self._scalar(kind, constants, value, frame)

    def _by_grammar(self, kind: str, constants: dict[str, Any], item: Value, grammar: str, frame: _Frame, *, maps: bool) -> None:
        name, _, argument = grammar.partition(":")
        function = self.context.grammar(name)
        if item.kind == "list" or item.kind == "map" and not maps or isinstance(item.key, int) and item.kind != "str":
            self._unread(item, "wrong-type", f"{NAMES[item.kind]} stands where a text belongs", "the product skips it")
            return
        for fields in function(item, self.context):
            fields = dict(fields)
            said = fields.pop("@value", item)
            fact = self._open(fields.pop("@kind", kind), constants, said, frame)
            if argument:
                fields.setdefault("type", argument)
            for field, content in fields.items():
                self.assign(fact, field, content, said)

    def _scalar(self, kind: str, constants: dict[str, Any], value: Value, frame: _Frame) -> None:
        if value.kind in ("map", "list"):
            self._unread(value, "wrong-type", f"{NAMES[value.kind]} stands where a text belongs", "it is not read")
            return
        constants = dict(constants)
        off = constants.pop("unbounded", None) if kind == "limit" else None
        switched = constants.pop("off", None) if kind == "limit" else None
        fact = self._open(kind, constants, value, frame)
        if kind == "limit":
            limit: Any = fact
            plain = value.data
            limit.unbounded = isinstance(off, list) and plain in off or plain is None
            limit.disabled = value.explicit and (limit.unbounded or (isinstance(switched, list) and plain in switched))
            if not limit.unbounded and isinstance(plain, (int, float)) and not isinstance(plain, bool):
                limit.amount = float(plain)
            limit.name = limit.name or str(value.key)
            return
        principal = PRINCIPAL[kind]
        if principal not in constants:
            self.assign(fact, principal, value, value)

    def _open(self, kind: str, constants: dict[str, Any], value: Value, frame: _Frame) -> Fact:
        fact = KIND_OF[kind](value)
        self._register(fact, value)
        self._homes.append((fact, frame))
        for field, constant in constants.items():
            content, at = self._constant(constant, value)
            self.assign(fact, field, content, at)
        if frame.ignored[0] and hasattr(fact, "state"):
            fact.state, fact.why = frame.ignored  # type: ignore[attr-defined]
        return fact

    def _register(self, fact: Fact, value: Value) -> None:
        context = self.context
        fact.root, fact.tier, fact.format = context.root, context.tier, context.format
        fact.order = len(self.reading.facts)
        fact.explicit = value.explicit
        fact.where = ".".join(str(step) for step in value.route if isinstance(step, str))
        self.reading.facts.append(fact)

    def _field(self, name: str, value: Value, frame: _Frame) -> None:
        kind, _, field = name.rpartition(".")
        here: _Frame | None = frame
        while here is not None:
            if here.open is not None and kind in ("", here.open.kind) and _has(here.open.kind, field):
                self.assign(here.open, field, value, value)
                return
            here = here.parent
        (frame.parent or frame).waiting[(kind, field)] = value

    def assign(self, fact: Fact, field: str, content: Any, at: Value | None) -> None:
        """Set a field from plain data or from a value; a value is also remembered as its place."""
        if isinstance(content, Value):
            at, content = content, _plain(fact.kind, field, content)
        if content is None:
            # a command written as a list is no text, but its words are read from there
            if at is not None and at.kind == "list" and at.explicit:
                fact.at[field] = at
            return
        setattr(fact, field, content)
        self._explicit.setdefault(id(fact), set()).add(field)
        if at is not None and at.explicit:
            fact.at[field] = at

    def _constant(self, constant: Any, value: Value) -> tuple[Any, Value | None]:
        if constant == "@key":
            return (str(value.key) if value.key is not None else ""), _key_value(value)
        if constant == "@value":
            return value, value
        return (tuple(constant) if isinstance(constant, list) else constant), None

    def _settle(self, fact: Fact, frame: _Frame) -> None:
        """Fields that stood beside or above the fact; the nearest wins, key order never matters."""
        given = self._explicit.setdefault(id(fact), set())
        here: _Frame | None = frame
        while here is not None:
            if here.open is not None and here.open is not fact and fact.owner is None:
                fact.owner = here.open
            for (kind, field), value in here.waiting.items():
                if kind in ("", fact.kind) and field not in given and _has(fact.kind, field):
                    self.assign(fact, field, value, value)
            for target, (constant, at) in here.set.items():
                kind, _, field = target.partition(".")
                if kind == fact.kind and field not in given:
                    self.assign(fact, field, constant, at)
            here = here.parent


def _has(kind: str, field: str) -> bool:
    return field in FIELDS[kind] or field in EXTRA.get(kind, ())


def _is_empty(value: Value) -> bool:
    return value.kind == "list" and not value.items


def _key_value(value: Value) -> Value | None:
    if value.key_span is None or not isinstance(value.key, str):
        return None
    span = value.key_span
    return Value(value.source, "str", value.key, parent=value.parent, key=value.key,
                 locate=lambda: ((span.start, span.end), (span.start, span.end)))


def _plain(kind: str, field: str, value: Value) -> Any:
    """A value as the field's type wants it; None when it cannot be that."""
    if field in EXTRA.get(kind, ()):
        return value.items if value.kind == "list" else list(value.entries.values()) if value.kind == "map" else [value]
    sort = FIELDS[kind][field].type
    if sort == "flag":
        return value.data if isinstance(value.data, bool) else None
    if sort == "number":
        return float(value.data) if isinstance(value.data, (int, float)) else None
    if sort == "list":
        if value.kind == "list":
            return tuple(item.text for item in value.items)
        return tuple(value.entries) if value.kind == "map" else (value.text,)
    if value.kind in ("map", "list"):
        return None
    return value.text


def _matches(pattern: str, key: str) -> bool:
    from overgrant.dialect.shape import pattern_matches

    return pattern_matches(pattern, key)


def _is_blank(value: Value) -> bool:
    from overgrant.dialect.blanks import is_blank

    return is_blank(value)
