"""Rules: the `when:` matcher: a condition over one fact, checked against the model when it is loaded.

A condition is data: a closed set of operators and no expressions. It answers with its witnesses, the
values of the scanned files that it touched, so nobody has to say twice what is underlined.

    field: scalar            is; a list means any of its entries
    field: {operator: …}     all of the operators hold
    any-of, none-of, not     groups, of whole conditions or of one field's tests

`is in matches glob covers` take one value or several, of which one must fit. `above` and `below` exclude
the value itself. `missing: true` holds for what is unset: nothing, an empty text, an empty list. `some` and
`every` speak about the elements of a list, and both are false for an empty one. A flag that is unknown is
neither true nor false, and `not` is plain negation: it also holds for what is unknown or unset.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from overgrant.condition import Condition, Node, dump, glob, load
from overgrant.model import FIELDS, Field

if TYPE_CHECKING:
    from overgrant.text import Span
    from overgrant.value import Value

__all__ = ["ALLOWED", "GROUPS", "OPERATORS", "Condition", "RuleError", "compile", "dump", "fields_of", "glob", "load",
           "located", "meant"]

GROUPS = ("not", "any-of", "none-of")
OPERATORS = ("is", "in", "matches", "glob", "covers", "above", "below", "missing", "some", "every", *GROUPS)
ALLOWED = {
    "word": ("is", "in", "glob", "missing", *GROUPS),
    "order": ("is", "in", "above", "below", "missing", *GROUPS),
    "text": ("is", "in", "matches", "glob", "missing", *GROUPS),
    "number": ("is", "in", "above", "below", "missing", *GROUPS),
    "flag": ("is", "missing", *GROUPS),
    "list": ("some", "every", "missing", *GROUPS),
    "scope": ("covers", "missing", *GROUPS),
}
DEPTH = 12
_SCOPE = Field("scope", "what the pattern covers")


class RuleError(Exception):
    """A rule file that does not hold; `problems` are messages with the place of the key or value meant."""

    def __init__(self, problems: Iterable[tuple[str, Span]]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(located(what, span) for what, span in self.problems))


def located(what: str, span: Span) -> str:
    """`path:line:column: what`."""
    line, column = span.begin
    return f"{span.source.path}:{line}:{column}: {what}"


def meant(word: str, words: Iterable[str]) -> str:
    """`; did you mean …?` when a word is close to a known one, else an empty string."""
    from difflib import get_close_matches

    close = get_close_matches(word.replace("_", "-"), list(words), 1, 0.6)
    return f"; did you mean `{close[0]}`?" if close else ""


def fields_of(kind: str) -> dict[str, Field]:
    """The fields that a condition on a kind of fact may name, as rules spell them."""
    fields = {name.replace("_", "-"): field for name, field in FIELDS[kind].items()}
    if kind == "grant":
        fields["scope"] = _SCOPE
    return fields


def compile(condition: Value, kind: str) -> Condition:
    """The condition that a tree of values says, checked against the fields of a kind of fact.

    Raises `RuleError` with every mistake: an unknown field, operator or word, and a value of another type.
    """
    checker = _Checker()
    data = checker.condition(condition, kind, 0)
    if checker.problems:
        raise RuleError(checker.problems)
    return Condition(data, kind)


# --- checking --------------------------------------------------------------------------------------


class _Checker:
    """Turns a tree of values into plain data and notes what does not fit the model."""

    def __init__(self) -> None:
        self.problems: list[tuple[str, Span]] = []

    def fail(self, value: Value, what: str, *, key: bool = False) -> Node:
        span = value.key_span if key else None
        self.problems.append((what, span or value.grip))
        return ["all", []]

    def condition(self, value: Value, kind: str, depth: int) -> Node:
        if depth > DEPTH:
            return self.fail(value, f"a condition is nested more than {DEPTH} deep")
        if value.kind != "map" or not value.entries:
            return self.fail(value, f"a condition on `{kind}` wants fields, such as `{next(iter(fields_of(kind)))}:`")
        nodes = [self.entry(name, entry, kind, depth) for name, entry in value.entries.items()]
        return nodes[0] if len(nodes) == 1 else ["all", nodes]

    def entry(self, name: str, value: Value, kind: str, depth: int) -> Node:
        if name == "not":
            return ["none", [self.condition(value, kind, depth + 1)]]
        if name in GROUPS:
            if value.kind != "list" or not value.items:
                return self.fail(value, f"`{name}` wants a list of conditions", key=True)
            return [name.partition("-")[0], [self.condition(item, kind, depth + 1) for item in value.items]]
        fields = fields_of(kind)
        if name not in fields:
            if name in OPERATORS:
                return self.fail(value, f"the operator `{name}` stands where a field of `{kind}` is wanted", key=True)
            return self.fail(value, f"unknown field `{name}`{meant(name, fields)}", key=True)
        field = fields[name]
        attribute = name.replace("-", "_")
        if field.type == "fact":
            return self.fact(attribute, value, field.words[0], depth)
        return ["field", attribute, self.test(name, field, value, depth + 1)]

    def fact(self, attribute: str, value: Value, kind: str, depth: int) -> Node:
        missing = value.get("missing")
        if missing is None:
            return ["fact", attribute, self.condition(value, kind, depth + 1)]
        if len(value.entries) > 1:
            return self.fail(missing, "`missing` stands alone", key=True)
        return ["field", attribute, self.flag("missing", missing)]

    def test(self, name: str, field: Field, value: Value, depth: int) -> Node:
        if depth > DEPTH:
            return self.fail(value, f"a condition is nested more than {DEPTH} deep")
        if value.kind == "map":
            tests = [self.operator(name, field, operator, argument, depth)
                     for operator, argument in value.entries.items()]
            if not tests:
                return self.fail(value, f"`{name}` wants an operator", key=True)
            return tests[0] if len(tests) == 1 else ["and", tests]
        if field.type == "scope":
            return self.fail(value, f"`{name}` wants an operator: covers, missing")
        test = ["in", self.values(name, field, value)]
        return ["some", test] if field.type == "list" else test

    def operator(self, name: str, field: Field, operator: str, value: Value, depth: int) -> Node:
        if operator not in OPERATORS:
            return self.fail(value, f"unknown operator `{operator}`{meant(operator, OPERATORS)}", key=True)
        allowed = ALLOWED[field.type]
        if operator not in allowed:
            return self.fail(value, f"`{operator}` does not fit `{name}` ({field.type}: {field.meaning}); "
                                    f"it has {', '.join(allowed)}", key=True)
        if operator == "missing":
            return self.flag(operator, value)
        if operator == "not":
            return ["none", [self.test(name, field, value, depth + 1)]]
        if operator in GROUPS:
            if value.kind != "list" or not value.items:
                return self.fail(value, f"`{operator}` wants a list of tests", key=True)
            word = "or" if operator == "any-of" else "none"
            return [word, [self.test(name, field, item, depth + 1) for item in value.items]]
        if operator in ("some", "every"):
            element = Field("word" if field.words else "text", field.meaning, field.words)
            return [operator, self.test(name, element, value, depth + 1)]
        return self.comparison(name, field, operator, value)

    def comparison(self, name: str, field: Field, operator: str, value: Value) -> Node:
        if operator in ("above", "below"):
            if value.kind == "list":
                return self.fail(value, f"`{operator}` wants one value")
            bounds = self.values(name, field, value)
            if field.type == "order":
                words = list(field.words)
                at = words.index(bounds[0]) if bounds else 0
                return ["in", words[at + 1:] if operator == "above" else words[:at]]
            return [operator, bounds[0] if bounds else 0]
        if operator == "is" and value.kind == "list":
            return self.fail(value, "`is` wants one value; write `in` for several", key=True)
        if operator in ("matches", "glob", "covers"):
            return self.patterns(name, field, operator, value)
        return ["in", self.values(name, field, value)]

    def patterns(self, name: str, field: Field, operator: str, value: Value) -> Node:
        patterns = []
        for item in value.items if value.kind == "list" else [value]:
            if item.kind != "str":
                return self.fail(item, f"`{name}.{operator}` wants a text, got {item.kind}")
            patterns.append(item.text)
            if operator == "matches":
                self.regex(item)
        if not patterns:
            return self.fail(value, f"`{operator}` wants a pattern", key=True)
        if field.type != "word":
            return [operator, patterns]
        words = [word for word in field.words if any(glob(pattern, word) for pattern in patterns)]
        return ["in", words] if words else self.fail(value, f"no word of `{name}` fits `{value.text}`")

    def regex(self, value: Value) -> None:
        from overgrant.regex import Unsupported, from_regex

        made = from_regex(value.text, flavour="python", anchored=False, ignore_case=False)
        if isinstance(made, Unsupported):
            self.fail(value, f"the regular expression is not accepted: {made.reason[0].lower()}{made.reason[1:]}")

    def flag(self, name: str, value: Value) -> Node:
        if value.kind != "bool":
            return self.fail(value, f"`{name}` wants true or false", key=True)
        return [name, value.data]

    def values(self, name: str, field: Field, value: Value) -> list[Any]:
        items = value.items if value.kind == "list" else [value]
        if not items:
            self.fail(value, f"the list for `{name}` is empty", key=True)
        return [item.data for item in items if self.fits(name, field, item)]

    def fits(self, name: str, field: Field, value: Value) -> bool:
        wanted = {"number": ("int", "float"), "flag": ("bool",)}.get(field.type, ("str",))
        if value.kind not in wanted:
            kind = {"number": "a number", "flag": "true or false"}.get(field.type, "a text")
            remedy = "; write `missing: true` for what is unset" if value.kind == "null" else ""
            self.fail(value, f"`{name}` wants {kind}, got {value.kind}{remedy}")
            return False
        if field.words and value.data not in field.words:
            shown = ", ".join(word for word in field.words if word)
            self.fail(value, f"`{name}` has no word `{value.text}`"
                             f"{meant(value.text, field.words) or f'; it has {shown}'}")
            return False
        return True
