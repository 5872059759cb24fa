"""Ground: how much of its language a pattern covers."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from functools import cache

from overgrant import automaton as fa
from overgrant.automaton import NFA
from overgrant.pathtext import HOME, step_down

_BREADTH_WORK = 100_000  # every grant has its breadth asked, so a hostile file must not make it dear


class Breadth(IntEnum):
    """How much of its language a scope covers; a larger scope is never narrower.

    EXACT   finitely many items
    PREFIX  endlessly many, and none of the forms below: `git push *`, `src/*.py`, `mcp__github__get_*`
    TREE    everything below some directory or domain: `src/**`, `*.example.com`
    FAMILY  one program with any arguments, or any program with a fixed end (`git *`, `* --version`); the whole
            home directory or a drive, or a fixed end anywhere on the machine; a top-level domain; all of a
            server's tools; all of a service's actions
    ALL     every ordinary item of the language
    """

    EXACT = 0
    PREFIX = 1
    TREE = 2
    FAMILY = 3
    ALL = 4


_Holds = Callable[[NFA], bool]


def _all_of(probe: NFA) -> _Holds:
    return lambda nfa: fa.search([probe], [nfa], _BREADTH_WORK) is None


def _after(prefixes: NFA, tail: NFA) -> _Holds:
    return lambda nfa: fa.opens_after(nfa, prefixes, tail, _BREADTH_WORK)


def _before(heads: NFA, suffixes: NFA) -> _Holds:
    return lambda nfa: fa.opens_before(nfa, heads, suffixes, _BREADTH_WORK)


@cache
def _levels(language: str) -> tuple[tuple[Breadth, _Holds], ...]:
    """What a language must contain to have a breadth, widest first.

    Each test asks whether the scope contains one set out of a list of sets, so a larger scope passes
    whatever a smaller one passes: breadth cannot fall when a scope grows.
    """
    low = fa.one_of(((97, 122),))
    word = fa.plus(low)

    def then(mark: str) -> NFA:
        return fa.concat(fa.literal(mark), word)

    if language == "command":
        return ((Breadth.ALL, _all_of(fa.concat(word, fa.star(then(" "))))),
                (Breadth.FAMILY, _after(fa.plus(fa.any_except(" \t\n")), fa.plus(then(" ")))),
                (Breadth.FAMILY, _before(word, fa.anything())))
    if language == "path":
        below = fa.plus(then("/"))
        whole = fa.union(fa.literal(HOME), fa.concat(fa.literal("/"), low, fa.literal(":")))
        return ((Breadth.ALL, _all_of(below)), (Breadth.FAMILY, _after(whole, below)),
                (Breadth.FAMILY, _before(below, fa.anything())),
                (Breadth.TREE, _after(fa.plus(step_down()), below)))
    if language == "host":
        host = fa.concat(word, fa.star(then(".")))
        port = fa.optional(fa.concat(fa.literal(":"), fa.plus(fa.any_except(".:"))))
        top = fa.concat(fa.optional(fa.concat(fa.literal("."), fa.plus(fa.any_except(".:")))), port)
        return ((Breadth.ALL, _all_of(host)), (Breadth.FAMILY, _before(host, top)),
                (Breadth.TREE, _before(host, fa.anything())))
    if language == "tool":
        part = fa.plus(fa.any_except("/:@_"))
        server = fa.concat(part, fa.star(fa.concat(fa.literal("_"), part)))
        marks = fa.one_of(fa.chars_of("/:"))
        servers = fa.union(fa.concat(fa.literal("mcp__"), server, fa.literal("__")),
                           fa.concat(fa.optional(fa.literal("@")), server, marks))
        return (Breadth.ALL, _all_of(word)), (Breadth.FAMILY, _after(servers, word))
    service = fa.concat(fa.plus(fa.any_except(":/.")), fa.one_of(fa.chars_of(":/.")))
    return (Breadth.ALL, _all_of(fa.concat(word, then(":")))), (Breadth.FAMILY, _after(service, word))


def breadth_of(language: str, nfa: NFA | None) -> Breadth:
    unknown = Breadth.TREE if language == "path" else Breadth.FAMILY
    if nfa is None:
        return unknown
    try:
        if fa.is_finite(nfa, _BREADTH_WORK):
            return Breadth.EXACT
        return next((breadth for breadth, holds in _levels(language) if holds(nfa)), Breadth.PREFIX)
    except fa.Undecidable:
        return unknown
