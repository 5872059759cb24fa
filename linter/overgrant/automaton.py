"""Automata: one small engine under every pattern language (globs, prefixes, hosts, regular expressions).

A pattern becomes an `NFA` over Unicode characters. Questions about patterns ("does this one include
that one?") become a search for a shortest string, which is also the witness a finding prints. Every
search has a budget, so a hostile pattern costs a bounded time: past it the answer is None, "undecidable".
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

from overgrant.charset import ANY, NONE, Chars, chars_of, fold, merge, negate
from overgrant.nfa import (
    MAX_PATTERN,
    MAX_SIZE,
    NFA,
    WORK,
    Alphabet,
    Machine,
    TooLarge,
    Undecidable,
    any_char,
    any_except,
    anything,
    concat,
    literal,
    machines_of,
    one_of,
    optional,
    plus,
    program_of,
    repeat,
    star,
    union,
)

__all__ = [
    "ANY", "MAX_PATTERN", "MAX_SIZE", "NFA", "NONE", "WORK", "Chars", "TooLarge", "Undecidable", "any_char", "any_except",
    "anything", "chars_of", "concat", "example", "example_common", "example_outside", "fold", "includes", "intersects",
    "is_finite", "literal", "matches", "merge", "negate", "one_of", "opens_after", "opens_before", "optional", "plus",
    "repeat", "search", "star", "union",
]


class Reader:
    """Matches texts with a machine that is kept between them."""

    __slots__ = ("alphabet", "machine")

    def __init__(self, nfa: NFA) -> None:
        program = program_of(nfa)
        self.alphabet = Alphabet([program])
        self.machine = Machine(program, self.alphabet, None)

    def matches(self, text: str) -> bool:
        machine = self.machine
        at = machine.start
        for char in text:
            if len(machine.states) > 500:
                state = machine.states[at]
                machine.forget()
                at = machine._number(state)
            at = machine.step(at, self.alphabet.of(char))
            if machine.dead(at):
                return False
        return machine.accepts(at)


def matches(nfa: NFA, text: str) -> bool:
    """Whether the whole text is in the language; linear in the text's length."""
    reader = nfa._reader
    if reader is None:
        reader = nfa._reader = Reader(nfa)
    return reader.matches(text)


def search(inside: Sequence[NFA], outside: Sequence[NFA] = (), budget: int = WORK) -> str | None:
    """A shortest string that is in every one of `inside` and in none of `outside`; None if there is none.

    Raises `Undecidable` when the budget is used up.
    """
    for part in inside:
        if part.only is not None:
            text = part.only
            fits = all(matches(other, text) for other in inside) and not any(matches(other, text) for other in outside)
            return text if fits else None
    alphabet, machines = machines_of((*inside, *outside), budget)
    count = len(inside)
    first = tuple(machine.start for machine in machines)
    origin: dict[tuple[int, ...], tuple[tuple[int, ...], int] | None] = {first: None}
    queue = deque([first])
    while queue:
        node = queue.popleft()
        ends = [machine.accepts(state) for machine, state in zip(machines, node)]
        if all(ends[:count]) and not any(ends[count:]):
            return _spell(origin, node, alphabet)
        live = -1
        for machine, state in zip(machines[:count], node):
            live &= machine.live(state)
        for index in alphabet.live(live):
            after = tuple(_advance(machines, node, index, count))
            if len(after) == len(node) and after not in origin:
                origin[after] = (node, index)
                queue.append(after)
    return None


def _advance(machines: Sequence[Machine], node: tuple[int, ...], index: int, count: int) -> Iterator[int]:
    for number, (machine, state) in enumerate(zip(machines, node)):
        after = machine.step(state, index)
        if number < count and machine.dead(after):
            return
        yield after


def _spell(origin: dict[tuple[int, ...], tuple[tuple[int, ...], int] | None], node: tuple[int, ...],
           alphabet: Alphabet) -> str:
    out = []
    while (step := origin[node]) is not None:
        node = step[0]
        out.append(alphabet.shown[step[1]])
    return "".join(reversed(out))


def includes(a: NFA, b: NFA, budget: int = WORK) -> bool | None:
    """Whether every string of `b` is in `a`; None when undecidable within the budget."""
    try:
        return search([b], [a], budget) is None
    except Undecidable:
        return None


def intersects(a: NFA, b: NFA, budget: int = WORK) -> bool | None:
    """Whether some string is in both; None when undecidable within the budget."""
    try:
        return search([a, b], (), budget) is not None
    except Undecidable:
        return None


def _example(inside: Sequence[NFA], outside: Sequence[NFA]) -> str | None:
    try:
        return search(inside, outside)
    except Undecidable:
        return None


def example(a: NFA) -> str | None:
    """A shortest readable string of `a`; None when none is known."""
    return _example([a], [])


def example_common(a: NFA, b: NFA) -> str | None:
    """A shortest readable string of both; None when none is known."""
    return _example([a, b], [])


def example_outside(a: NFA, b: NFA) -> str | None:
    """A shortest readable string that is in `a` and not in `b`; None when none is known."""
    return _example([a], [b])


def is_finite(a: NFA, budget: int = WORK) -> bool:
    """Whether the language has an end. Raises `Undecidable`."""
    alphabet, (machine,) = machines_of([a], budget)
    edges: dict[int, set[int]] = {}
    todo = [machine.start]
    while todo:
        state = todo.pop()
        if state in edges:
            continue
        edges[state] = {machine.step(state, index) for index in alphabet.live(machine.live(state))}
        todo.extend(edges[state])
    back: dict[int, list[int]] = {state: [] for state in edges}
    for state, after in edges.items():
        for other in after:
            back[other].append(state)
    useful: set[int] = set()
    todo = [state for state in edges if machine.accepts(state)]
    while todo:
        state = todo.pop()
        if state not in useful:
            useful.add(state)
            todo.extend(back[state])
    # states are peeled off from the ends; what a cycle holds never comes to its turn
    open_ends = {state: len(edges[state] & useful) for state in useful}
    todo = [state for state, count in open_ends.items() if count == 0]
    peeled = 0
    while todo:
        peeled += 1
        for state in back[todo.pop()]:
            if state in open_ends:
                open_ends[state] -= 1
                if open_ends[state] == 0:
                    todo.append(state)
    return peeled == len(useful)


def opens_after(a: NFA, prefixes: NFA, tail: NFA, budget: int = WORK) -> bool:
    """Whether, for some one prefix of `prefixes`, `a` has that prefix with every string of `tail` behind it.

    This is what "a fixed beginning, an open end" means for a language. Raises `Undecidable`.
    """
    alphabet, (machine, prefix, rest) = machines_of([a, prefixes, tail], budget)
    seen = {(machine.start, prefix.start)}
    todo = list(seen)
    tried: set[int] = set()
    while todo:
        at, place = todo.pop()
        if prefix.accepts(place) and at not in tried:
            tried.add(at)
            if _has_all(machine, at, rest, alphabet):
                return True
        for index in alphabet.live(machine.live(at) & prefix.live(place)):
            node = (machine.step(at, index), prefix.step(place, index))
            if node not in seen and not machine.dead(node[0]) and not prefix.dead(node[1]):
                seen.add(node)
                todo.append(node)
    return False


def _reached(machine: Machine, at: int, rest: Machine, alphabet: Alphabet) -> Iterator[int]:
    """The machine's state after each accepted text of `rest`."""
    seen = {(at, rest.start)}
    todo = list(seen)
    while todo:
        here, place = todo.pop()
        if rest.accepts(place):
            yield here
        for index in alphabet.live(rest.live(place)):
            after = rest.step(place, index)
            if not rest.dead(after) and (node := (machine.step(here, index), after)) not in seen:
                seen.add(node)
                todo.append(node)


def _has_all(machine: Machine, at: int, rest: Machine, alphabet: Alphabet) -> bool:
    return all(machine.accepts(state) for state in _reached(machine, at, rest, alphabet))


def opens_before(a: NFA, heads: NFA, suffixes: NFA, budget: int = WORK) -> bool:
    """Whether, for some one suffix of `suffixes`, `a` has every string of `heads` with that suffix behind it.

    Raises `Undecidable`.
    """
    alphabet, (machine, head, suffix) = machines_of([a, heads, suffixes], budget)
    states: set[int] = set()
    for state in _reached(machine, machine.start, head, alphabet):
        if machine.dead(state):
            return False
        states.add(state)
    first = (frozenset(states), suffix.start)
    seen = {first}
    todo = deque(seen)
    while todo:
        here, place = todo.popleft()
        if suffix.accepts(place) and all(machine.accepts(state) for state in here):
            return True
        live = suffix.live(place)
        for state in here:
            live &= machine.live(state)
        for index in alphabet.live(live):
            node = (frozenset(machine.step(state, index) for state in here), suffix.step(place, index))
            if node not in seen and not suffix.dead(node[1]) and not any(map(machine.dead, node[0])):
                seen.add(node)
                todo.append(node)
    return False
