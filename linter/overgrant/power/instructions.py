"""Power: what the text that a model obeys hides from a person who reviews it."""

from __future__ import annotations

from overgrant.model import Fact, Instruction, World
from overgrant.read.base import Place
from overgrant.text import Source
from overgrant.value import Value

_PLAIN = bytes((*range(0x20, 0x7F), *b"\t\n\r"))  # bytes that hide nothing


def derive(world: World) -> None:
    """Add one instruction for every passage that is hidden; each file is looked at once."""
    seen: dict[int, Source] = {}
    for fact in list(world.facts):
        if fact.value is None:
            continue
        source = fact.value.source
        if id(source) not in seen:
            seen[id(source)] = source
            if source.data.translate(None, _PLAIN):
                _characters(Value(source, "str", source.text, raw=source.text, locate=Place(0, len(source.text))), fact, world)
        if isinstance(fact, Instruction) and fact.value.kind == "str" and not fact.says and not fact.hides:
            _passages(fact.value, fact, world)


def _characters(text: Value, fact: Fact, world: World) -> None:
    from overgrant.dialect.grammar.hidden import find

    for one in find(text.text):
        _add(Instruction(text.part(one.start, one.end)), fact, world, one.sort, one.says, one.witness)


def _passages(text: Value, fact: Instruction, world: World) -> None:
    """What a text hides in words, and the characters that are written as escapes in its file."""
    from overgrant.dialect.grammar.concealed import find

    plain = text.text
    if not plain.isascii() and text.raw.isascii():
        _characters(text, fact, world)
    if "<" in plain or " " * 200 in plain or "]: " in plain:
        from overgrant.read.markdown import fences

        base = text.span.start
        code = [(fence.text.span.start - base, fence.text.span.end - base) for fence in fences(text)] if text.raw == plain else []
        for one in find(plain, code):
            _add(Instruction(text.part(one.start, one.end)), fact, world, "command", f"{one.how} {one.says}", one.words)


def _add(found: Instruction, fact: Fact, world: World, hides: str, says: str, witness: str) -> None:
    found.root, found.tier, found.format, found.order = fact.root, fact.tier, fact.format, fact.order
    found.agent, found.owner = fact.agent, fact
    found.hides, found.says, found.witness = hides, says, witness
    world.facts.append(found)
