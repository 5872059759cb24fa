"""Dialects: making facts where a module reads a graph that no schema can walk, and text inside text."""

from __future__ import annotations

from typing import Any, TypeVar

from overgrant.dialect.walk import Context, Reading, Walker
from overgrant.model import KIND_OF, Agent, Fact
from overgrant.value import Value

F = TypeVar("F", bound=Fact)


class Maker:
    """Makes the facts of one file, in order, with their root, tier and format."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.reading = Reading()
        self.named: set[str] = set()  # what is said once in a file

    def look(self, path: str) -> bytes | None:
        """The bytes of a file that this one names, by its path from the working directory; None where the root has none."""
        context = self.context
        if path in context.files:
            return context.files[path]
        return context.find(path, context.root.path) if context.find is not None and not path.startswith(("/", "../")) else None

    def make(self, cls: type[F], value: Value | None, owner: Fact | None = None, **fields: Any) -> F:
        """A fact on a value. A field given as a value is remembered as its own place."""
        fact = cls(value)
        self.settle(fact, value, owner)
        for name, content in fields.items():
            if isinstance(content, Value):
                fact.at[name] = content
                content = content.text
            setattr(fact, name, content)
        return fact

    def settle(self, fact: Fact, value: Value | None, owner: Fact | None) -> None:
        """Say where a fact belongs, and add it."""
        fact.root, fact.tier, fact.format = self.context.root, self.context.tier, self.context.format
        if isinstance(owner, Agent):
            fact.root = owner.root
        fact.owner = owner
        fact.order = len(self.reading.facts)
        if value is not None:
            fact.explicit = value.explicit
            keyed = value
            while keyed.key is None and keyed.parent is not None:
                keyed = keyed.parent
            fact.where = ".".join(str(step) for step in keyed.route)
        self.reading.facts.append(fact)

    def grammar(self, found: list[dict[str, Any]], kind: str, item: Value, owner: Fact, **common: Any) -> None:
        """The facts that a grammar's field sets state."""
        for fields in found:
            said = {**common, **fields}
            value = said.pop("@value", item)
            self.make(KIND_OF[said.pop("@kind", kind)], value, owner, **said)

    def schema(self, tree: Value, schema: str, owner: Agent) -> None:
        """The facts of a subtree that an ordinary schema describes."""
        walker = Walker(self.context)
        for fact in walker.read(tree, schema).facts:
            if fact.owner is None:
                fact.owner = owner
            fact.root = owner.root
            fact.order = len(self.reading.facts)
            self.reading.facts.append(fact)


def embedded(value: Value, syntax: str) -> Value | None:
    """The tree of a JSON or YAML text inside a text, with places in the outer file; None where it is none.

    A workflow expression in it stands for an unknown text.
    """
    from overgrant.read import read
    from overgrant.text import Source

    plain = _without_expressions(value.text)
    document = read(Source(value.source.path, plain.encode("utf-8", "surrogatepass")), syntax)
    return None if document.root is None else _outside(document.root, value, None, None)


def _outside(inner: Value, outer: Value, parent: Value | None, key: str | int | None) -> Value:
    """A value of the inner tree with its place in the outer text."""
    span = inner.span

    def locate() -> Any:
        at = outer.part(span.start, span.end).span
        name = inner.key_span
        keyed = outer.part(name.start, name.end).span if name is not None else None
        return (at.start, at.end), (keyed.start, keyed.end) if keyed is not None else None

    made = Value(outer.source, inner.kind, inner.data, parent=parent, key=key, locate=locate,
                 raw=None if inner.kind in ("map", "list") else inner.raw)
    if inner.kind == "map":
        made.data = {name: _outside(item, outer, made, name) for name, item in inner.entries.items()}
    elif inner.kind == "list":
        made.data = [_outside(item, outer, made, index) for index, item in enumerate(inner.items)]
    return made


def _without_expressions(text: str) -> str:
    """The text with every `${{ … }}` replaced by as many characters that JSON accepts there."""
    from overgrant.dialect.grammar.expression import spans

    out, last, quoted = "", 0, False
    for start, end, _ in spans(text):
        between = text[last:start]
        quoted ^= (between.count('"') - between.count('\\"')) % 2 == 1
        filler = "x" * (end - start) if quoted else "null".ljust(end - start)
        out, last = out + between + filler, end
    return out + text[last:]
