"""Automata: one small engine under every pattern language (globs, prefixes, hosts, regular expressions).

A pattern becomes an `NFA` over Unicode characters. Questions about patterns ("does this one include
that one?") become a search for a shortest string, which is also the witness a finding prints. Every
search has a budget, so a hostile pattern costs a bounded time: past it the answer is None, "undecidable".
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Literal, NamedTuple

Chars = tuple[tuple[int, int], ...]
"""A set of characters: sorted, disjoint, inclusive ranges of code points."""

MAX_PATTERN = 4096
MAX_SIZE = 20_000
MAX_REPEAT = 1000
MAX_DEPTH = 50
WORK = 400_000
"""Default budget of one question, counted in visits of NFA states (some tenths of a second)."""

_TOP = 0x10FFFF
ANY: Chars = ((0, _TOP),)
NONE: Chars = ()
_READABLE = ("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
             "-_./ :=@,+~%'\"!#$&()*;<>?[\\]^`{|}")


class TooLarge(ValueError):
    """The automaton would have more than `MAX_SIZE` states."""


class Undecidable(Exception):
    """The budget is used up before the answer is known."""


class Unsupported(NamedTuple):
    """A regular expression that is not translated; `reason` is a sentence for the user."""

    reason: str


# --- sets of characters ---------------------------------------------------------------------------------------

def merge(*sets: Chars) -> Chars:
    """The union of sets."""
    out: list[tuple[int, int]] = []
    for low, high in sorted(pair for chars in sets for pair in chars):
        if out and low <= out[-1][1] + 1:
            out[-1] = (out[-1][0], max(high, out[-1][1]))
        else:
            out.append((low, high))
    return tuple(out)


def negate(chars: Chars) -> Chars:
    """Every character that is not in `chars`."""
    out, low = [], 0
    for start, end in chars:
        if start > low:
            out.append((low, start - 1))
        low = end + 1
    return (*out, (low, _TOP)) if low <= _TOP else tuple(out)


def chars_of(text: Iterable[str]) -> Chars:
    """The set of the characters of a text."""
    return merge(tuple((ord(char), ord(char)) for char in text))


def fold(chars: Chars, also: Sequence[str] = ()) -> Chars:
    """`chars` with the other case of each letter; `also` names groups of characters that fold together as well.

    Ranges of more than 2,048 characters beyond ASCII are taken as closed under case.
    """
    more: set[str] = set()
    for low, high in chars:
        spans = [range(max(low, 65), min(high, 122) + 1)]
        if high - low <= 2048:
            spans.append(range(max(low, 128), high + 1))
        for span in spans:
            for code in span:
                variants = (chr(code).lower(), chr(code).upper())
                more.update(v for v in variants if len(v) == 1 and (ord(v) < 128) == (code < 128))
    out = merge(chars, chars_of(more))
    groups = [chars_of(group) for group in also]
    return merge(out, *(group for group in groups if any(_has(out, low) for low, _ in group)))


def _has(chars: Chars, code: int) -> bool:
    at = bisect_right(chars, (code, _TOP + 1)) - 1
    return at >= 0 and chars[at][1] >= code


# --- expressions ----------------------------------------------------------------------------------------------

class NFA:
    """An immutable expression that denotes a set of strings; build it with the functions below."""

    __slots__ = ("_program", "_reader", "chars", "kind", "only", "parts", "size")

    def __init__(self, kind: str, parts: tuple[NFA, ...] = (), chars: Chars = NONE) -> None:
        self.kind = kind
        self.parts = parts
        self.chars = chars
        self.size: int = 2 + sum(part.size for part in parts)
        self.only = _only(kind, parts, chars)
        self._program: _Program | None = None
        self._reader: _Reader | None = None
        if self.size > MAX_SIZE:
            raise TooLarge(f"the pattern needs more than {MAX_SIZE} states")


def _only(kind: str, parts: tuple[NFA, ...], chars: Chars) -> str | None:
    """The text of a plain literal; None for anything that may be more than one string, or none."""
    if kind == "chars" and len(chars) == 1 and chars[0][0] == chars[0][1]:
        return chr(chars[0][0])
    texts = [part.only for part in parts]
    return "".join(text for text in texts if text is not None) if kind == "concat" and None not in texts else None


def one_of(chars: Chars) -> NFA:
    """One character of a set."""
    return NFA("chars", (), chars)


def any_char() -> NFA:
    """Any one character, a newline included."""
    return one_of(ANY)


def any_except(text: str) -> NFA:
    """Any one character that does not occur in `text`."""
    return one_of(negate(chars_of(text)))


def literal(text: str, *, ignore_case: bool = False) -> NFA:
    """Exactly this text."""
    sets = (chars_of(char) for char in text)
    return concat(*(one_of(fold(chars) if ignore_case else chars) for chars in sets))


def concat(*parts: NFA) -> NFA:
    """The parts one after the other; without parts the empty string."""
    return parts[0] if len(parts) == 1 else NFA("concat", parts)


def union(*parts: NFA) -> NFA:
    """Any of the parts; without parts nothing at all."""
    return parts[0] if len(parts) == 1 else NFA("union", parts)


def star(part: NFA) -> NFA:
    """Zero or more times."""
    return NFA("star", (part,))


def plus(part: NFA) -> NFA:
    """Once or more."""
    return concat(part, star(part))


def optional(part: NFA) -> NFA:
    """Once or not at all."""
    return union(part, concat())


def repeat(part: NFA, least: int, most: int | None) -> NFA:
    """From `least` to `most` times (None: without end)."""
    if (most or least) * part.size > MAX_SIZE:
        raise TooLarge(f"the repetition needs more than {MAX_SIZE} states")
    if most is None:
        return concat(*[part] * least, star(part))
    tail = concat()
    for _ in range(most - least):
        tail = optional(concat(part, tail))
    return concat(*[part] * least, tail)


def anything() -> NFA:
    """Every string."""
    return star(any_char())


# Tests look at the neighbours of a place and take no character. `chars` is the set that they ask about.
_BEFORE = "before"  # the start of the text, or after one of the set
_AFTER = "after"  # the end of the text, or before one of the set
_EDGE = "edge"  # exactly one neighbour is of the set: a word boundary
_INNER = "inner"  # both neighbours are, or neither


class _Program:
    """An expression as Thompson's automaton in arrays; state 0 starts, state 1 accepts."""

    __slots__ = ("chars", "closures", "empty", "kinds", "target", "tests")

    def __init__(self, nfa: NFA) -> None:
        self.closures: dict[frozenset[int], frozenset[int]] = {}
        self.empty: list[list[int]] = [[], []]
        self.kinds = ["", "accept"]
        self.chars: list[Chars] = [NONE, NONE]
        self.target = [0, 0]
        todo = [(nfa, 0, 1)]
        while todo:
            node, start, end = todo.pop()
            if node.kind == "concat":
                for part in node.parts:
                    middle = self._state("", NONE, 0)
                    todo.append((part, start, middle))
                    start = middle
                self.empty[start].append(end)
            elif node.kind == "union":
                todo.extend((part, start, end) for part in node.parts)
            elif node.kind == "star":
                loop = self._state("", NONE, 0)
                self.empty[start].append(loop)
                self.empty[loop].append(end)
                todo.append((node.parts[0], loop, loop))
            else:
                self.empty[start].append(self._state(node.kind, node.chars, end))
        self.tests = sorted({c for kind, c in zip(self.kinds, self.chars) if kind not in ("", "accept", "chars")})

    def close(self, seeds: Iterable[int]) -> frozenset[int]:
        """The states that are reached without a character, those that wait for one, test or accept."""
        key = frozenset(seeds)
        known = self.closures.get(key)
        if known is not None:
            return known
        seen, todo = set(key), list(key)
        while todo:
            for state in self.empty[todo.pop()]:
                if state not in seen:
                    seen.add(state)
                    todo.append(state)
        result = frozenset(state for state in seen if self.kinds[state])
        if len(key) + len(result) < 64 and len(self.closures) < 4096:  # an aid for patterns of ordinary size
            self.closures[key] = result
        return result

    def _state(self, kind: str, chars: Chars, target: int) -> int:
        self.empty.append([])
        self.kinds.append(kind)
        self.chars.append(chars)
        self.target.append(target)
        return len(self.kinds) - 1


def _program(nfa: NFA) -> _Program:
    if nfa._program is None:
        nfa._program = _Program(nfa)
    return nfa._program


class _Alphabet:
    """Characters in classes that no set of the given programs tells apart, and a readable one of each."""

    __slots__ = ("class_at", "masks", "order", "shown", "starts")

    def __init__(self, programs: Sequence[_Program]) -> None:
        sets = list(dict.fromkeys(chars for program in programs for chars in program.chars))
        self.starts = sorted({0, *(edge for chars in sets for low, high in chars for edge in (low, high + 1))
                              } - {_TOP + 1})
        members: list[list[int]] = [[] for _ in self.starts]
        for number, chars in enumerate(sets):
            for low, high in chars:
                for at in range(bisect_right(self.starts, low) - 1, bisect_right(self.starts, high)):
                    members[at].append(number)
        classes: dict[tuple[int, ...], int] = {}
        self.class_at = [classes.setdefault(tuple(member), len(classes)) for member in members]
        bits = [0] * len(sets)
        for member, index in classes.items():
            for number in member:
                bits[number] |= 1 << index
        self.masks = dict(zip(sets, bits))
        self._choose(len(classes))

    def _choose(self, count: int) -> None:
        chosen: dict[int, str] = {}
        for char in _READABLE:
            chosen.setdefault(self.of(char), char)
        for start, index in zip(self.starts, self.class_at):
            # half a surrogate pair cannot be printed: taken only where nothing else is there
            if index not in chosen or 0xD800 <= ord(chosen[index]) <= 0xDFFF:
                chosen[index] = chr(start)
        self.order = list(chosen)
        self.shown = [chosen[index] for index in range(count)]

    def live(self, bits: int) -> Iterator[int]:
        """The classes of a bit set, the readable ones first."""
        return (index for index in self.order if bits >> index & 1)

    def of(self, char: str) -> int:
        """The class of a character."""
        return self.class_at[bisect_right(self.starts, ord(char)) - 1]


class _Meter:
    """What is left of a budget."""

    __slots__ = ("left",)

    def __init__(self, left: int) -> None:
        self.left = left

    def charge(self, work: int) -> None:
        self.left -= work
        if self.left < 0:
            raise Undecidable


_OUTSIDE = -1  # the neighbour of the first and of the last character

_State = tuple[frozenset[int], int]


class _Machine:
    """A program made deterministic as far as it is asked; states are small numbers."""

    __slots__ = ("_ids", "_live", "_table", "context", "masks", "meter", "program", "start", "states")

    def __init__(self, program: _Program, alphabet: _Alphabet, meter: _Meter | None) -> None:
        self.program = program
        self.meter = meter
        self.masks = [alphabet.masks[chars] for chars in program.chars]
        tests = [alphabet.masks[chars] for chars in program.tests]
        self.context = [sum(1 << bit for bit, mask in enumerate(tests) if mask >> index & 1)
                        for index in range(len(alphabet.shown))]
        self.forget()

    def forget(self) -> None:
        """Drops every state but the first, so that a long text does not fill the memory."""
        self._table: dict[tuple[int, int], int] = {}
        self._ids: dict[_State, int] = {}
        self._live: dict[int, int] = {}
        self.states: list[_State] = []
        self.start = self._number((self._close([0]), _OUTSIDE))

    def _number(self, state: _State) -> int:
        number = self._ids.setdefault(state, len(self.states))
        if number == len(self.states):
            self.states.append(state)
        return number

    def _close(self, seeds: Iterable[int]) -> frozenset[int]:
        result = self.program.close(seeds)
        if self.meter:
            self.meter.charge(1 + len(result))
        return result

    def live(self, number: int) -> int:
        """The classes of characters with which a text may go on, as bits; more than those where tests decide."""
        if self.program.tests:
            return -1
        if number not in self._live:
            live = 0
            for state in self.states[number][0]:
                live |= self.masks[state]
            self._live[number] = live
        return self._live[number]

    def _settle(self, states: frozenset[int], before: int, after: int) -> frozenset[int]:
        """`states` and what the tests between two neighbours let through."""
        program = self.program
        done: set[int] = set()
        while True:
            passed = [s for s in states - done if program.kinds[s] not in ("chars", "accept")
                      and _passes(program.kinds[s], program.tests.index(program.chars[s]), before, after)]
            if not passed:
                return states
            done.update(passed)
            states |= self._close(program.target[s] for s in passed)

    def step(self, number: int, index: int) -> int:
        """The state after a character of class `index`."""
        key = (number, index)
        if self.meter:
            self.meter.charge(1)
        if key in self._table:
            return self._table[key]
        states, before = self.states[number]
        context = 0
        if self.program.tests:
            context = self.context[index]
            states = self._settle(states, before, context)
        if self.meter:
            self.meter.charge(1 + len(states))
        target, masks, kinds = self.program.target, self.masks, self.program.kinds
        moved = {target[s] for s in states if masks[s] >> index & 1 and kinds[s] == "chars"}
        result = self._table[key] = self._number((self._close(moved), context))
        return result

    def accepts(self, number: int) -> bool:
        """Whether the text may end here."""
        states, before = self.states[number]
        return 1 in (self._settle(states, before, _OUTSIDE) if self.program.tests else states)

    def dead(self, number: int) -> bool:
        """Whether no text that begins so is accepted."""
        return not self.states[number][0]


def _passes(kind: str, bit: int, before: int, after: int) -> bool:
    if kind == _BEFORE:
        return before == _OUTSIDE or bool(before >> bit & 1)
    if kind == _AFTER:
        return after == _OUTSIDE or bool(after >> bit & 1)
    sides = [side != _OUTSIDE and side >> bit & 1 for side in (before, after)]
    return (sides[0] != sides[1]) == (kind == _EDGE)


def _machines(parts: Sequence[NFA], budget: int) -> tuple[_Alphabet, list[_Machine]]:
    programs = [_program(part) for part in parts]
    alphabet, meter = _Alphabet(programs), _Meter(budget)
    return alphabet, [_Machine(program, alphabet, meter) for program in programs]


# --- questions ------------------------------------------------------------------------------------------------

class _Reader:
    """Matches texts with a machine that is kept between them."""

    __slots__ = ("alphabet", "machine")

    def __init__(self, nfa: NFA) -> None:
        program = _program(nfa)
        self.alphabet = _Alphabet([program])
        self.machine = _Machine(program, self.alphabet, None)

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
        reader = nfa._reader = _Reader(nfa)
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
    alphabet, machines = _machines((*inside, *outside), budget)
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


def _advance(machines: Sequence[_Machine], node: tuple[int, ...], index: int, count: int) -> Iterator[int]:
    for number, (machine, state) in enumerate(zip(machines, node)):
        after = machine.step(state, index)
        if number < count and machine.dead(after):
            return
        yield after


def _spell(origin: dict[tuple[int, ...], tuple[tuple[int, ...], int] | None], node: tuple[int, ...],
           alphabet: _Alphabet) -> str:
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
    alphabet, (machine,) = _machines([a], budget)
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
    alphabet, (machine, prefix, rest) = _machines([a, prefixes, tail], budget)
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


def _reached(machine: _Machine, at: int, rest: _Machine, alphabet: _Alphabet) -> Iterator[int]:
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


def _has_all(machine: _Machine, at: int, rest: _Machine, alphabet: _Alphabet) -> bool:
    return all(machine.accepts(state) for state in _reached(machine, at, rest, alphabet))


def opens_before(a: NFA, heads: NFA, suffixes: NFA, budget: int = WORK) -> bool:
    """Whether, for some one suffix of `suffixes`, `a` has every string of `heads` with that suffix behind it.

    Raises `Undecidable`.
    """
    alphabet, (machine, head, suffix) = _machines([a, heads, suffixes], budget)
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


# --- regular expressions --------------------------------------------------------------------------------------

Flavour = Literal["js", "rust", "go", "python"]
Anchored = bool | Literal["start"]

_NEWLINE = chars_of("\n")
_JS_NEWLINES = chars_of("\n\r\u2028\u2029")
_DIGITS = chars_of("0123456789")
_LETTERS: Chars = ((65, 90), (97, 122))
_WORD = merge(_LETTERS, _DIGITS, chars_of("_"))
_WIDE_SPACE = merge(chars_of(" \xa0\u1680\u2028\u2029\u202f\u205f\u3000"), ((0x2000, 0x200A),))
_SPACES: dict[str, Chars] = {
    "js": merge(((9, 13),), _WIDE_SPACE, chars_of("\ufeff")),  # ECMA-262, WhiteSpace and LineTerminator
    "rust": merge(((9, 13),), _WIDE_SPACE, chars_of("\x85")),  # Unicode White_Space
    "python": merge(((9, 13), (28, 31)), _WIDE_SPACE, chars_of("\x85")),  # str.isspace
    "go": chars_of("\t\n\f\r "),  # RE2: no vertical tab
}
# the letters beyond ASCII that fold to ASCII ones; ECMA-262 without the u flag never crosses that border
_FOLDS: dict[str, tuple[str, ...]] = {
    "js": (), "rust": ("kK\u212a", "sS\u017f"), "go": ("kK\u212a", "sS\u017f"),
    "python": ("kK\u212a", "sS\u017f", "iI\u0130\u0131"),
}
_NAMED: dict[str, Chars] = {
    "alpha": _LETTERS, "digit": _DIGITS, "alnum": merge(_LETTERS, _DIGITS), "word": _WORD, "upper": ((65, 90),),
    "lower": ((97, 122),), "space": ((9, 13), (32, 32)), "blank": chars_of("\t "), "punct": merge(
        ((33, 47), (58, 64), (91, 96), (123, 126))), "xdigit": merge(_DIGITS, ((65, 70), (97, 102))),
    "print": ((32, 126),), "graph": ((33, 126),), "cntrl": ((0, 31), (127, 127)), "ascii": ((0, 127),),
}
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v"}


@cache
def _unicode(kind: str) -> Chars:
    """`\\d` or `\\w` beyond ASCII, as Python ("python") and as Rust's regex crate ("rust") define them."""
    from unicodedata import category

    # beyond the last ideographs only variation selectors are assigned (and private use, which is no word)
    codes = (*range(0x80, 0xD800), *range(0xE000, 0x323B0), *range(0xE0100, 0xE01F0))
    if kind == "digit":
        return merge(_DIGITS, chars_of(c for c in map(chr, codes) if category(c) == "Nd"))
    if kind == "python":
        return merge(_WORD, chars_of(c for c in map(chr, codes) if c.isalnum()))
    wanted = {"Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "Pc"}
    circled = ((0x24B6, 0x24E9), (0x1F130, 0x1F149), (0x1F150, 0x1F169), (0x1F170, 0x1F189))
    return merge(_WORD, chars_of(c for c in map(chr, codes) if category(c) in wanted), circled, ((0x200C, 0x200D),))


class _Stop(Exception):
    pass


class _Regex:
    """A recursive-descent reader of one pattern; groups nest to `MAX_DEPTH`."""

    def __init__(self, pattern: str, flavour: Flavour, whole: bool, flags: str) -> None:
        self.text = pattern
        self.flavour = flavour
        self.whole = whole
        self.flags = flags
        self.at = 0
        self.depth = 0
        self.newline_end = False  # Python's `$` stood last in what was just read
        self.newlines = _JS_NEWLINES if flavour == "js" else _NEWLINE
        self.ascii = flavour in ("js", "go")

    def peek(self, text: str) -> bool:
        return self.text.startswith(text, self.at)

    def take(self, text: str) -> bool:
        found = self.peek(text)
        self.at += len(text) * found
        return found

    def next(self) -> str:
        if self.at >= len(self.text):
            raise _Stop("The pattern ends in the middle of a construct.")
        self.at += 1
        return self.text[self.at - 1]

    def read(self) -> NFA:
        result = self.alternatives()
        if self.at < len(self.text):
            raise _Stop("The pattern closes a group that is not open.")
        return result

    def alternatives(self) -> NFA:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _Stop(f"The pattern nests more than {MAX_DEPTH} groups.")
        branches, ends = [self.branch()], self.newline_end
        while self.take("|"):
            branches.append(self.branch())
            ends = ends or self.newline_end
        self.newline_end = ends
        self.depth -= 1
        return union(*branches)

    def branch(self) -> NFA:
        parts: list[NFA] = []
        self.newline_end = False
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            if self.newline_end:
                raise _Stop("The pattern goes on after `$`, which also matches before a last newline.")
            atom = self.atom()
            parts.append(self.quantified(atom))
        return concat(*parts)

    # -- repetition

    def quantified(self, atom: NFA) -> NFA:
        bounds = self.bounds()
        if bounds is None:
            return atom
        if atom.kind in (_BEFORE, _AFTER, _EDGE, _INNER) or self.newline_end:
            raise _Stop("The pattern repeats an anchor.")
        self.take("?")  # lazy or greedy: the same language
        if self.at < len(self.text) and (self.text[self.at] in "*+?" or self.bounds() is not None):
            raise _Stop("The pattern repeats a repetition, or repeats possessively.")
        return repeat(atom, *bounds)

    def bounds(self) -> tuple[int, int | None] | None:
        for mark, least, most in (("*", 0, None), ("+", 1, None), ("?", 0, 1)):
            if self.take(mark):
                return least, most
        if not self.peek("{"):
            return None
        end = self.text.find("}", self.at)
        low, comma, high = self.text[self.at + 1:max(end, 0)].partition(",")
        shaped = end > 0 and (low.isdecimal() or (not low and self.flavour == "python" and bool(comma)))
        if not shaped or not (low + high).isascii() or (high and not high.isdecimal()):
            if self.flavour == "rust":
                raise _Stop("The pattern has a `{` that begins no repetition.")
            return None
        if len(low) > 4 or len(high) > 4 or max(int(low or 0), int(high or 0)) > MAX_REPEAT:
            raise _Stop(f"The pattern repeats more than {MAX_REPEAT} times.")
        least = int(low or 0)
        most = int(high) if high else None if comma else least
        if most is not None and most < least:
            raise _Stop("The pattern has a repetition whose bounds are the wrong way round.")
        self.at = end + 1
        return least, most

    # -- atoms

    def atom(self) -> NFA:
        char = self.next()
        if char == "(":
            return self.group()
        if char == "[":
            return one_of(self.bracket())
        if char == "\\":
            return self.escape()
        if char == ".":
            return one_of(ANY if "s" in self.flags else negate(self.newlines))
        if char == "^":
            return NFA(_BEFORE, (), self.newlines if "m" in self.flags else NONE)
        if char == "$":
            return self.dollar()
        if char in "*+?":
            raise _Stop("The pattern repeats nothing.")
        return self.char(char)

    def char(self, char: str) -> NFA:
        return one_of(self.folded(chars_of(char)))

    def folded(self, chars: Chars) -> Chars:
        return fold(chars, _FOLDS[self.flavour]) if "i" in self.flags else chars

    def dollar(self) -> NFA:
        if "m" in self.flags:
            return NFA(_AFTER, (), self.newlines)
        end = NFA(_AFTER)
        if self.flavour != "python" or self.whole:
            return end
        self.newline_end = True
        return concat(optional(one_of(_NEWLINE)), end)

    def group(self) -> NFA:
        flags = self.flags
        if self.take("?"):
            ended = self.group_head()
            if ended:  # `(?i)` holds for the rest of the group around it, a comment for nothing
                return concat()
        elif self.peek("*"):
            raise _Stop("The pattern has a group that starts with `*`.")
        inner = self.alternatives()
        if not self.take(")"):
            raise _Stop("The pattern leaves a group open.")
        self.flags = flags
        return concat(inner) if inner.kind not in (_BEFORE, _AFTER, _EDGE, _INNER) else NFA("concat", (inner,))

    def group_head(self) -> bool:
        """Reads what follows `(?`; whether the group ends with it."""
        for mark, what in (("=", "looks ahead"), ("!", "looks ahead"), ("<=", "looks behind"), ("<!", "looks behind"),
                           (">", "has an atomic group"), ("P=", "refers back to a group"), ("P>", "calls a group"),
                           ("(", "has a condition"), ("|", "resets groups")):
            if self.peek(mark):
                raise _Stop(f"The pattern {what} (`(?{mark}`), which no linear matcher can do.")
        if self.flavour == "python" and self.take("#"):
            end = self.text.find(")", self.at)
            if end < 0:
                raise _Stop("The pattern leaves a comment open.")
            self.at = end + 1
            return True
        named = (self.flavour != "js" and self.take("P<")) or (self.flavour != "python" and self.take("<"))
        if named:
            name_end = self.text.find(">", self.at)
            if name_end < 0:
                raise _Stop("The pattern leaves a group's name open.")
            self.at = name_end + 1
            return False
        return self.inline_flags()

    def inline_flags(self) -> bool:
        begin, sign = self.at - 2, True
        while (char := self.next()) not in ":)":
            if char == "-" and sign:
                sign = False
            elif char in "ims":
                self.flags = self.flags + char if sign else self.flags.replace(char, "")
            elif char == "U" and self.flavour in ("rust", "go"):
                continue  # swaps greedy and lazy: the same language
            elif char == "a" and sign and self.flavour == "python":
                self.ascii = True
            elif char != "u" or self.flavour != "python" or not sign:
                raise _Stop(f"The pattern has a group `(?{char}` that is not supported.")
        if char == ")" and (self.flavour == "js" or (self.flavour == "python" and begin > 0)):
            raise _Stop("The pattern sets flags where its engine does not allow it.")
        return char == ")"

    # -- escapes

    def escape(self) -> NFA:
        char = self.next()
        script = self.flavour == "js"
        if char in "bB":
            if self.flavour == "rust" and self.peek("{"):
                raise _Stop("The pattern has a one-sided word boundary.")
            return NFA(_EDGE if char == "b" else _INNER, (), self.word())
        if char == "A" and not script:
            return NFA(_BEFORE)
        if (char == "z" and self.flavour in ("rust", "go")) or (char == "Z" and self.flavour == "python"):
            return NFA(_AFTER)
        if char in "123456789" or (script and char == "k"):
            raise _Stop(f"The pattern refers back to a group (`\\{char}`), which no linear matcher can do.")
        known = self.shorthand(char)
        return one_of(self.folded(chars_of(self.escaped(char))) if known is None else known)

    def word(self) -> Chars:
        return _WORD if self.ascii else _unicode("python" if self.flavour == "python" else "rust")

    def shorthand(self, char: str) -> Chars | None:
        """The set that `\\d`, `\\w`, `\\s` or their negations stand for; None for other letters."""
        match char.lower():
            case "d":
                chars = _DIGITS if self.ascii else _unicode("digit")
            case "w":
                chars = self.word()
            case "s" if self.flavour == "python" and self.ascii:
                chars = _NAMED["space"]
            case "s":
                chars = _SPACES[self.flavour]
            case _:
                return None
        return chars if char.islower() else negate(chars)

    def escaped(self, char: str) -> str:
        """The one character that an escape stands for."""
        if char in _CONTROLS:
            return _CONTROLS[char]
        if char == "a" and self.flavour != "js":
            return "\a"
        if char == "0" and self.flavour in ("js", "python") and not self.text[self.at:self.at + 1].isdecimal():
            return "\0"
        if char in "xuU" and (code := self.code(char)) is not None:
            return code
        if char.isascii() and not char.isalnum():
            return char
        if self.flavour == "js" and char not in "pPcdDwWsSbB0123456789k":
            return char
        raise _Stop(f"The pattern has the escape `\\{char}`, which is not supported.")

    def code(self, kind: str) -> str | None:
        braces = (kind == "x" and self.flavour in ("rust", "go")) or (kind == "u" and self.flavour == "rust")
        if kind != "x" and self.flavour == "go":
            return None
        if braces and self.take("{"):
            end = self.text.find("}", self.at)
            digits, after = self.text[self.at:end], end + 1
        else:
            after = self.at + {"x": 2, "u": 4, "U": 8}[kind]
            digits = self.text[self.at:after] if self.flavour != "js" or kind != "U" else ""
            if len(digits) != after - self.at:
                return None
        if not 1 <= len(digits) <= 8 or any(digit not in "0123456789abcdefABCDEF" for digit in digits):
            return None
        value = int(digits, 16)
        if value > _TOP:
            raise _Stop("The pattern names a character beyond Unicode.")
        self.at = after
        return chr(value)

    # -- classes

    def bracket(self) -> Chars:
        inverse = self.take("^")
        found: list[Chars] = []
        first = self.flavour != "js"  # elsewhere a leading `]` is a member, in JavaScript `[]` is empty
        while first or not self.peek("]"):
            first = False
            low = self.member()
            if self.peek("-") and not self.peek("-]"):
                self.at += 1
                if self.flavour == "rust" and self.peek("-"):
                    raise _Stop("The pattern calculates with character classes.")
                high = self.member()
                if len(low) != 1 or len(high) != 1 or low[0][0] != low[0][1] or high[0][0] != high[0][1]:
                    raise _Stop("The pattern has a range whose ends are not characters.")
                low = ((low[0][0], high[0][1]),)
                if low[0][0] > low[0][1]:
                    raise _Stop("The pattern has a range whose ends are the wrong way round.")
            found.append(low)
        self.at += 1
        chars = self.folded(merge(*found))
        return negate(chars) if inverse else chars

    def member(self) -> Chars:
        char = self.next()
        if char == "[" and self.flavour in ("rust", "go"):
            return self.named_class()
        if self.flavour == "rust" and char in "&~" and self.peek(char):
            raise _Stop("The pattern calculates with character classes.")
        if char != "\\":
            return chars_of(char)
        char = self.next()
        if char == "b" and self.flavour in ("js", "python"):
            return chars_of("\b")
        known = self.shorthand(char)
        return chars_of(self.escaped(char)) if known is None else known

    def named_class(self) -> Chars:
        """`[:alpha:]` and its like; a plain `[` is a member in Go and a nested class in Rust."""
        end = self.text.find(":]", self.at)
        name = self.text[self.at + 1:end].removeprefix("^") if self.peek(":") and end > 0 else ""
        if name in _NAMED:
            inverse = self.peek(":^")
            self.at = end + 2
            return negate(_NAMED[name]) if inverse else _NAMED[name]
        if self.flavour == "rust" or self.peek(":"):
            raise _Stop("The pattern has a class inside a class.")
        return chars_of("[")


def from_regex(pattern: str, *, flavour: Flavour, anchored: Anchored, ignore_case: bool = False) -> NFA | Unsupported:
    """The texts in which a regular expression finds a match, or why it is not translated.

    `anchored` False is a search anywhere in the text, "start" a match from its first character, True a
    match of the whole text. Differences between flavours that are kept: `.` excludes four line ends in
    JavaScript and one elsewhere; `$` also matches before a last newline in Python; `\\d \\w \\s \\b` are ASCII
    in Go and JavaScript (apart from its `\\s`). Not kept: JavaScript's UTF-16 units. The pattern never reaches `re`.
    """
    if len(pattern) > MAX_PATTERN:
        return Unsupported(f"The pattern is longer than {MAX_PATTERN} characters.")
    try:
        found = _Regex(pattern, flavour, anchored is True, "i" if ignore_case else "").read()
        before = [] if anchored else [anything()]
        after = [] if anchored is True else [anything()]
        return concat(*before, found, *after)
    except _Stop as stop:
        return Unsupported(str(stop))
    except TooLarge:
        return Unsupported(f"The pattern needs more than {MAX_SIZE} states.")
