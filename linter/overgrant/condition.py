"""Rules: a compiled `when:` condition at work: plain data in, witnesses out.

`overgrant.match` says what the operators mean and checks a condition; this is the part of it that every run
needs, so it imports next to nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from overgrant.model import Fact
    from overgrant.value import Value

Node = list[Any]
Test = Callable[[Any], bool]
Run = Callable[["Fact", "list[Value]"], bool]


class Condition:
    """A compiled condition on one kind of fact; `data` is its plain form."""

    __slots__ = ("_run", "data", "kind")

    def __init__(self, data: Node, kind: str) -> None:
        self.data = data
        self.kind = kind
        self._run: Run | None = None

    def test(self, fact: Fact) -> list[Value] | None:
        """The values that the condition touched, in its order and each once; None when it does not hold."""
        if self._run is None:
            self._run = _condition(self.data)
        seen: list[Value] = []
        if not self._run(fact, seen):
            return None
        return list({id(value): value for value in seen}.values()) if len(seen) > 1 else seen


def dump(condition: Condition) -> Node:
    """The condition as plain JSON data."""
    return condition.data


def load(data: Any, kind: str) -> Condition:
    """The condition that `dump` wrote. What it says is not checked again."""
    return Condition(data, kind)


def _condition(node: Node) -> Run:
    word = node[0]
    if word == "field":
        return _field(node[1], node[2])
    if word == "fact":
        return _nested(node[1], _condition(node[2]))
    runs = [_condition(inner) for inner in node[1]]
    return {"all": _all, "any": _any, "none": _none}[word](runs)


def _all(runs: list[Run]) -> Run:
    # the first test fails for most facts; a generator would cost more than it
    def each(fact: Fact, seen: list[Value]) -> bool:
        for run in runs:
            if not run(fact, seen):
                return False
        return True

    return each


def _any(runs: list[Run]) -> Run:
    def either(fact: Fact, seen: list[Value]) -> bool:
        size = len(seen)
        for run in runs:
            if run(fact, seen):
                return True
            del seen[size:]
        return False

    return either


def _none(runs: list[Run]) -> Run:
    # what is not there has no place: nothing is underlined for it
    return lambda fact, seen: not any(run(fact, []) for run in runs)


def _nested(name: str, run: Run) -> Run:
    def nested(fact: Fact, seen: list[Value]) -> bool:
        other = getattr(fact, name)
        return other is not None and run(other, seen)

    return nested


def _field(name: str, node: Node) -> Run:
    test, picks = _test(node), _picks(node)

    def field(fact: Fact, seen: list[Value]) -> bool:
        data = getattr(fact, name)
        if not test(data):
            return False
        stated = fact.at.get(name)
        if stated is not None:
            chosen = [item for item in stated.items if any(pick(item.text) for pick in picks)] if picks else []
            seen.extend(chosen or [stated])
        return True

    return field


def _picks(node: Node) -> list[Test]:
    """The tests on single elements, by which the elements to underline are found."""
    if node[0] == "some":
        return [_test(node[1])]
    return [pick for inner in node[1] for pick in _picks(inner)] if node[0] in ("and", "or") else []


def _test(node: Node) -> Test:
    word, argument = node
    if word in ("and", "or", "none"):
        tests = [_test(inner) for inner in argument]
        if word == "and":
            return lambda data: all(test(data) for test in tests)
        if word == "or":
            return lambda data: any(test(data) for test in tests)
        return lambda data: not any(test(data) for test in tests)
    if word in ("some", "every"):
        test = _test(argument)
        if word == "some":
            return lambda data: bool(data) and any(map(test, data))
        return lambda data: bool(data) and all(map(test, data))
    return _LEAVES[word](argument)


def _in(words: list[Any]) -> Test:
    if all(isinstance(word, str) for word in words):
        return frozenset(words).__contains__
    if len(words) == 1 and isinstance(words[0], bool):
        word = words[0]
        return lambda data: data is word
    # true == 1 in Python; a number is no flag
    return lambda data: any(data == word and isinstance(data, bool) == isinstance(word, bool) for word in words)


def _above(bound: float) -> Test:
    return lambda data: data is not None and data > bound


def _below(bound: float) -> Test:
    return lambda data: data is not None and data < bound


def _missing(wanted: bool) -> Test:
    return lambda data: (data is None or data == "" or data == ()) is wanted


def _glob(patterns: list[str]) -> Test:
    return lambda data: isinstance(data, str) and any(glob(pattern, data) for pattern in patterns)


def _matches(patterns: list[str]) -> Test:
    tests = [_pattern(pattern) for pattern in patterns]
    return lambda data: isinstance(data, str) and any(test(data) for test in tests)


@cache
def _pattern(pattern: str) -> Callable[[str], bool]:
    return _plain(pattern) or _machine(pattern)


def _plain(pattern: str) -> Callable[[str], bool] | None:
    """The test of a pattern without signs but `^` and `$` around words or `(a|b)`; an automaton takes longer to make."""
    head, tail = pattern[:1] == "^", pattern[-1:] == "$"
    body = pattern[head:len(pattern) - tail]
    before, _, rest = body.partition("(")
    inner, _, after = rest.partition(")")
    words = [before + each + after for each in inner.split("|")] if rest and not after else [body]
    if not set("".join(words)).isdisjoint("\\.[](){}*+?^$|\n"):
        return None
    if head and tail:
        return lambda text: text.removesuffix("\n") in words
    if tail:
        return lambda text: text.removesuffix("\n").endswith(tuple(words))
    if head:
        return lambda text: text.startswith(tuple(words))
    return lambda text: any(word in text for word in words)


def _machine(pattern: str) -> Callable[[str], bool]:
    from overgrant.automaton import matches
    from overgrant.regex import Unsupported, from_regex

    made = from_regex(pattern, flavour="python", anchored=False, ignore_case=False)
    return (lambda text: False) if isinstance(made, Unsupported) else partial(matches, made)


def _covers(items: list[str]) -> Test:
    from overgrant.scope import Answer

    return lambda data: data is not None and any(data.matches(item) is Answer.YES for item in items)


_LEAVES: dict[str, Callable[[Any], Test]] = {
    "in": _in, "above": _above, "below": _below, "missing": _missing, "glob": _glob, "matches": _matches,
    "covers": _covers}


def glob(pattern: str, text: str) -> bool:
    """Whether a pattern of `*` (anything) and `?` (one character) matches the whole text; never worse than n·m."""
    at = step = 0
    star = mark = -1
    while at < len(text):
        if step < len(pattern) and pattern[step] == "*":
            star, mark = step, at
            step += 1
        elif step < len(pattern) and pattern[step] in ("?", text[at]):
            at, step = at + 1, step + 1
        elif star >= 0:
            mark += 1
            at, step = mark, star + 1
        else:
            return False
    return not pattern[step:].strip("*")
