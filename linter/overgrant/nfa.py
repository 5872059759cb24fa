"""Ground: expressions that denote sets of strings, and the machine that runs them within a budget."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from overgrant.charset import ANY, NONE, READABLE, TOP, Chars, chars_of, fold, negate

if TYPE_CHECKING:
    from overgrant.automaton import Reader


MAX_PATTERN = 4096
MAX_SIZE = 20_000
WORK = 400_000
"""Default budget of one question, counted in visits of NFA states (some tenths of a second)."""


class TooLarge(ValueError):
    """The automaton would have more than `MAX_SIZE` states."""


class Undecidable(Exception):
    """The budget is used up before the answer is known."""


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
        self._reader: Reader | None = None
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
BEFORE = "before"  # the start of the text, or after one of the set
AFTER = "after"  # the end of the text, or before one of the set
EDGE = "edge"  # exactly one neighbour is of the set: a word boundary
INNER = "inner"  # both neighbours are, or neither


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


def program_of(nfa: NFA) -> _Program:
    if nfa._program is None:
        nfa._program = _Program(nfa)
    return nfa._program


class Alphabet:
    """Characters in classes that no set of the given programs tells apart, and a readable one of each."""

    __slots__ = ("class_at", "masks", "order", "shown", "starts")

    def __init__(self, programs: Sequence[_Program]) -> None:
        sets = list(dict.fromkeys(chars for program in programs for chars in program.chars))
        self.starts = sorted({0, *(edge for chars in sets for low, high in chars for edge in (low, high + 1))
                              } - {TOP + 1})
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
        for char in READABLE:
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


class Machine:
    """A program made deterministic as far as it is asked; states are small numbers."""

    __slots__ = ("_ids", "_live", "_table", "context", "masks", "meter", "program", "start", "states")

    def __init__(self, program: _Program, alphabet: Alphabet, meter: _Meter | None) -> None:
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
    if kind == BEFORE:
        return before == _OUTSIDE or bool(before >> bit & 1)
    if kind == AFTER:
        return after == _OUTSIDE or bool(after >> bit & 1)
    sides = [side != _OUTSIDE and side >> bit & 1 for side in (before, after)]
    return (sides[0] != sides[1]) == (kind == EDGE)


def machines_of(parts: Sequence[NFA], budget: int) -> tuple[Alphabet, list[Machine]]:
    programs = [program_of(part) for part in parts]
    alphabet, meter = Alphabet(programs), _Meter(budget)
    return alphabet, [Machine(program, alphabet, meter) for program in programs]
