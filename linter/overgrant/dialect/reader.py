"""Dialects: one file → facts. What could not be read is a fact too."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from overgrant.dialect.catalogue import Format
from overgrant.dialect.registry import grammar, module
from overgrant.dialect.schema import Schemas, builtin
from overgrant.dialect.walk import Context, Reading, Walker
from overgrant.model import Agent, Root, Unread
from overgrant.read import read as read_text
from overgrant.text import Source, Span
from overgrant.value import Document, Problem

Find = Callable[[str, str], bytes | None]
_LINK = re.compile(rb"\.\.?(?:/[\w@.+-]{1,64}){1,8}\s?")


def read(source: Source, format: Format, root: str, *, tier: str, example: bool = False,
         schemas: Schemas | None = None, files: Mapping[str, bytes | None] | None = None,
         memo: dict[str, object] | None = None, find: Find | None = None) -> Reading:
    """The facts of one recognised file. `tier` overrides the format's own; `root` is the root's path.

    files, memo  all files of the run, and what several of them need of each other
    find         the bytes of a further file that this one names
    """
    context = context_of(format, root, tier=tier, example=example, schemas=schemas, files=files, memo=memo)
    context.find = find
    written = read_text(source, format.syntax)
    document = written
    if _is_link(source.data):
        return _linked(source, context)
    if written.problems:
        from overgrant.dialect.blanks import filled

        document = filled(written, source, format.syntax)
    if format.module:
        reading: Reading = module(format.module).read(document, context)
    elif document.root is None:
        reading = Reading()
    else:
        walker = Walker(context)
        reading = walker.read(document.root, format.schema, document.body)
        for other in document.more:
            walker.read(other, format.schema)
        if format.syntax == "toml" and document.root.kind == "map":
            from overgrant.dialect.misplaced import report

            reading.facts += report(document.root, format.schema, context)
    for problem in document.problems:
        reading.facts.append(_unread(problem, document, context, format))
    if document is not written:
        reading.facts.append(_template(written.problems[0], context))
    for fact in reading.facts:
        if isinstance(fact, Agent) and not fact.name:
            fact.name = _stem(source.path)
    return reading


def context_of(format: Format, root: str, *, tier: str = "project", example: bool = False, schemas: Schemas | None = None,
               files: Mapping[str, bytes | None] | None = None, memo: dict[str, object] | None = None) -> Context:
    """What is known about a file of this format from outside it."""
    context = Context(product=format.product, format=format.id, root=Root(root, format.product, example), tier=tier,
                      schemas=schemas or builtin(), grammar=grammar, settings=format.settings, default=default)
    if files is not None and memo is not None:
        context.files, context.memo = files, memo
    return context


@cache
def _defaults() -> dict[str, Any]:
    from overgrant.read.knowledge import load

    return dict(load("defaults"))


def default(name: str) -> object:
    """The value that a product assumes where a file is silent, from `knowledge/defaults.yaml`; None when unknown."""
    entry = _defaults().get(name)
    return entry.get("value") if isinstance(entry, dict) else None


def _stem(path: str) -> str:
    name = path.rsplit("/", 1)[-1]
    if name.lower() in ("skill.md", "agent.md", "agent.json", "agent.yaml") and "/" in path:
        return path.rsplit("/", 2)[-2]
    return name.split(".")[0] or name


def _is_link(data: bytes) -> bool:
    """The file holds a relative path and nothing else: a link, checked out where there are none."""
    return len(data) < 256 and _LINK.fullmatch(data) is not None


def _linked(source: Source, context: Context) -> Reading:
    reading, fact = Reading(), Unread(None)
    fact.root, fact.tier, fact.format = context.root, context.tier, context.format
    fact.what, fact.why = "this is a link that was checked out as text", f"`{source.text.strip()}` is not read in its place"
    fact.type, fact.power = "odd", False
    fact.place_at = source.span(0, len(source.text))
    reading.facts.append(fact)
    return reading


def _template(problem: Problem, context: Context) -> Unread:
    fact = Unread(None)
    fact.root, fact.tier, fact.format = context.root, context.tier, context.format
    fact.what, fact.why, fact.type, fact.power = "this is a template", "what fills its blanks is not in the file", "template", False
    fact.place_at = problem.span
    return fact


def unopened(source: Source, format: Format, root: str, why: str, *, tier: str, example: bool, instead: str = "") -> Unread:
    """A recognised file of which nothing is read at all. `instead` is a sentence that says what to do."""
    fact = Unread(None)
    fact.root, fact.tier, fact.format = Root(root, format.product, example), tier, format.id
    fact.what, fact.type, fact.power, fact.suggestion = why, "unreadable", True, instead
    fact.place_at = Span.file(source)
    return fact


def _unread(problem: Problem, document: Document, context: Context, format: Format) -> Unread:
    fact = Unread(document.root if problem.span.whole else None)
    fact.root, fact.tier, fact.format = context.root, context.tier, context.format
    fact.what, fact.power = problem.what, format.power
    fact.type = "unreadable" if problem.fatal else "duplicate" if "twice" in problem.what or "again" in problem.what else "odd"
    fact.why = "the product reads nothing of this file" if problem.fatal else ""
    fact.place_at = problem.span
    return fact
