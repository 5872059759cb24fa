"""Python that registers tools: agents, their tools and what those really do. Nothing is imported or run."""

from __future__ import annotations

from overgrant.dialect.code.package import package_of
from overgrant.dialect.facts import Maker
from overgrant.dialect.walk import Context, Reading
from overgrant.model import Unread
from overgrant.read.python import Code
from overgrant.text import Span
from overgrant.value import Document

_TEST_FOLDERS = frozenset({"test", "tests", "testing", "__tests__"})


def _is_test(path: str, *, example: bool) -> bool:
    """A file of tests: what it sets up runs nowhere else. A folder counts only where it was not named by the user."""
    *folders, name = path.split("/")
    stem = name.rpartition(".")[0]
    return stem.startswith("test_") or stem.endswith("_test") or stem == "conftest" or (
        example and not _TEST_FOLDERS.isdisjoint(each.lower() for each in folders))


def read(document: Document, context: Context) -> Reading:
    """The facts of a module or a notebook. What cannot be followed is an `Unread` fact without power."""
    from overgrant.dialect.code.entries import frameworks
    from overgrant.dialect.code.facts import Facts
    from overgrant.dialect.code.match import Matches
    from overgrant.dialect.code.names import File

    maker = Maker(context)
    if not isinstance(document, Code) or _is_test(document.source.path, example=context.root.example):
        return maker.reading
    package = package_of(context.files, context.memo)
    if frameworks().is_own(document.source.path, package.data):
        return _own(document, maker, context)
    file = File(document, package)
    if document.lines is None:
        package.keep(file)
    try:
        matches = Matches(file)
        if matches.made or matches.marked or matches.classes or matches.stored:
            held = Facts(file, matches, maker)
            held.read()
            held.close()
    finally:
        package.done(file)
    return maker.reading


def _own(document: Code, maker: Maker, context: Context) -> Reading:
    """A framework's own source makes no agents: its tools are judged where an agent takes them. Said once a folder."""
    folder = document.source.path.rpartition("/")[0]
    seen = context.memo.setdefault("own source", set())
    top = folder.split("/")[0]
    if isinstance(seen, set) and top not in seen:
        seen.add(top)
        fact = maker.make(Unread, None)
        fact.place_at = Span.file(document.source)
        fact.what = f"the source of a framework in `{top}`: its tools are judged where an agent takes them"
        fact.type, fact.power = "unknown", False
    return maker.reading
