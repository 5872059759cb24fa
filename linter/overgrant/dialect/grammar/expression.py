"""Workflow expressions: what a condition answers when a stranger raised the event.

Nothing is run. An expression is parsed into a small tree and judged in three values: true, false, or not
known. What a stranger cannot be (a member, a certain login, the owner of the head repository) is false; what
depends on the run is not known. A condition that is certainly false keeps strangers out.
Source: docs.github.com/en/actions/reference/workflows-and-actions/expressions
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from overgrant.pattern import later

MAX_TOKENS = 2000
MAX_DEPTH = 40
_TOKEN = later(r"\s*(?:('(?:[^']|'')*')|(\d+(?:\.\d+)?)|(&&|\|\||[!=<>]=|[()\[\],!<>.])|([A-Za-z_*][\w*-]*))")
_OUTSIDER = ("NONE", "FIRST_TIMER", "FIRST_TIME_CONTRIBUTOR", "CONTRIBUTOR", "MANNEQUIN")
_LOGINS = ("github.actor", "github.triggering_actor", "github.event.sender.login")
_PROJECT = ("github.repository", "github.repository_owner", "github.event.repository.full_name",
            "github.event.repository.owner.login", "github.repository_id", "github.event.repository.id")
_NUMERIC = ("github.event.sender.id", "github.actor_id")
# What the payload of an event that strangers raise is about. Source: docs.github.com/en/webhooks/webhook-events-and-payloads
_OBJECTS = ("issue", "comment", "pull_request", "review", "discussion", "workflow_run")
_BRINGS = {"issues": ("issue",), "issue_comment": ("issue", "comment"), "pull_request_target": ("pull_request",),
           "discussion": ("discussion",), "discussion_comment": ("discussion", "comment"), "workflow_run": ("workflow_run",)}
_SOMEBODY = {"issue_comment": "github.event.issue.", "discussion_comment": "github.event.discussion."}


class Node(NamedTuple):
    """An operator, function, literal or name, with what it is applied to."""

    kind: str
    text: str
    inner: tuple[Node, ...] = ()


class Stranger(NamedTuple):
    """The event as somebody without any right in the repository raised it.

    event   name of the event
    action  its activity type, or an empty string
    """

    event: str
    action: str = ""


class _Different:
    """A login or repository: the stranger's, which is no literal of the file, or the project's own."""


_OTHER = _Different()
_OWN = _Different()


class _Unknown:
    """Whatever the run makes of it."""


UNKNOWN = _Unknown()


def spans(text: str) -> Iterator[tuple[int, int, str]]:
    """The `${{ … }}` of a text: start, end and the expression inside, in characters."""
    at = text.find("${{")
    while at >= 0:
        end = text.find("}}", at)
        if end < 0:
            return
        yield at, end + 2, text[at + 3:end].strip()
        at = text.find("${{", end)


def bare(text: str) -> str:
    """The expression of an `if:`, with or without `${{ }}` around it."""
    said = text.strip()
    return said[3:-2].strip() if said.startswith("${{") and said.endswith("}}") and said.count("${{") == 1 else said


def parse(text: str) -> Node | None:
    """The tree of an expression, or None where it is not understood."""
    tokens: list[tuple[str, str]] = []
    at = 0
    text = text.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or len(tokens) >= MAX_TOKENS:
            return None
        tokens.append((("text", "number", "sign", "name")[(match.lastindex or 1) - 1], match.group(match.lastindex or 1)))
        at = match.end()
    return _Parser(tokens).whole()


class _Parser:
    """Precedence: `||` under `&&` under comparison under `!`."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens
        self.at = 0

    def whole(self) -> Node | None:
        try:
            node = self.either(0)
        except (ValueError, IndexError):
            return None
        return node if self.at == len(self.tokens) else None

    def sign(self, *signs: str) -> str:
        if self.at < len(self.tokens) and self.tokens[self.at][0] == "sign" and self.tokens[self.at][1] in signs:
            self.at += 1
            return self.tokens[self.at - 1][1]
        return ""

    def either(self, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise ValueError
        parts = [self.both(depth)]
        while self.sign("||"):
            parts.append(self.both(depth))
        return parts[0] if len(parts) == 1 else Node("or", "", tuple(parts))

    def both(self, depth: int) -> Node:
        parts = [self.compared(depth)]
        while self.sign("&&"):
            parts.append(self.compared(depth))
        return parts[0] if len(parts) == 1 else Node("and", "", tuple(parts))

    def compared(self, depth: int) -> Node:
        left = self.negated(depth)
        sign = self.sign("==", "!=", "<", ">", "<=", ">=")
        return Node("compare", sign, (left, self.negated(depth))) if sign else left

    def negated(self, depth: int) -> Node:
        nots = 0
        while self.sign("!"):
            nots += 1
        node = self.atom(depth)
        return Node("not", "", (node,)) if nots % 2 else node

    def atom(self, depth: int) -> Node:
        if self.sign("("):
            node = self.either(depth + 1)
            if not self.sign(")"):
                raise ValueError
            return node
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind == "text":
            return Node("text", text[1:-1].replace("''", "'"))
        if kind == "number":
            return Node("number", text)
        if kind != "name":
            raise ValueError
        if self.sign("("):
            call = Node("call", text.lower(), tuple(self.arguments(depth)))
            return Node("call", "member", (call,)) if self.member(depth) else call
        return self.name(text, depth)

    def member(self, depth: int) -> bool:
        """Step over `.name` and `[…]` behind a call."""
        before = self.at
        while self.sign(".", "["):
            if self.tokens[self.at - 1][1] == ".":
                self.at += 1
                continue
            self.either(depth + 1)
            if not self.sign("]"):
                raise ValueError
        return self.at > before

    def arguments(self, depth: int) -> Iterator[Node]:
        while not self.sign(")"):
            yield self.either(depth + 1)
            self.sign(",")

    def name(self, text: str, depth: int) -> Node:
        parts = [text]
        while True:
            if self.sign("."):
                parts.append(self.tokens[self.at][1])
                self.at += 1
            elif self.sign("["):
                inner = self.either(depth + 1)
                parts.append(inner.text if inner.kind == "text" else "*")
                if not self.sign("]"):
                    raise ValueError
            else:
                return Node("name", ".".join(parts))


def names(node: Node) -> Iterator[str]:
    """The names that an expression reads: `github.event.issue.title`."""
    stack = [node]
    while stack:
        here = stack.pop()
        if here.kind == "name":
            yield here.text
        stack.extend(here.inner)


def may_hold(text: str, who: Stranger) -> bool:
    """Whether a condition can be true for the stranger; what is not understood can."""
    node = parse(bare(text))
    return node is None or _truth(_value(node, who)) is not False


def _truth(value: Any) -> bool | None:
    if value is UNKNOWN:
        return None
    return True if isinstance(value, _Different) else bool(value)


def _value(node: Node, who: Stranger) -> Any:
    if node.kind in ("and", "or"):
        return _joined([_value(each, who) for each in node.inner], node.kind == "or")
    if node.kind == "not":
        truth = _truth(_value(node.inner[0], who))
        return UNKNOWN if truth is None else not truth
    if node.kind == "compare":
        return _compare(node.text, _value(node.inner[0], who), _value(node.inner[1], who))
    if node.kind == "call":
        return _call(node, who)
    if node.kind == "name":
        return _name(node.text, who)
    return node.text if node.kind == "text" else float(node.text)


def _joined(values: list[Any], either: bool) -> Any:
    """The first value that decides, as it is; otherwise the last. Where an earlier one is not known, only the truth can be."""
    answers = [_truth(value) for value in values]
    for value, answer in zip(values, answers, strict=True):
        if answer is None:
            return either if either in answers else UNKNOWN
        if answer is either:
            return value
    return values[-1]


def _compare(sign: str, left: Any, right: Any) -> Any:
    if UNKNOWN in (left, right) or sign not in ("==", "!="):
        return UNKNOWN
    if isinstance(left, tuple) or isinstance(right, tuple):
        options, other = (left, right) if isinstance(left, tuple) else (right, left)
        if other is _OTHER or isinstance(other, tuple):
            return UNKNOWN
        # one of several words: certain only when none of them is meant
        return (UNKNOWN if str(other).upper() in options else False) if sign == "==" else (
            UNKNOWN if str(other).upper() in options else True)
    if left is right and isinstance(left, _Different) or _OWN in (left, right) and _OTHER not in (left, right):
        return UNKNOWN
    if _OTHER in (left, right):
        return sign == "!="
    return (str(left).lower() == str(right).lower()) == (sign == "==")


def _call(node: Node, who: Stranger) -> Any:
    arguments = [_value(each, who) for each in node.inner]
    if node.text in ("always", "success"):
        return True
    if node.text == "contains" and len(arguments) == 2:
        return _contains(node, arguments[0], arguments[1], who)
    if node.text == "fromjson" and arguments and isinstance(arguments[0], str):
        return _words(arguments[0])
    if node.text in ("startswith", "endswith") and arguments[0] is _OTHER:
        return UNKNOWN
    return UNKNOWN


def _words(text: str) -> Any:
    """A JSON list of words, or one word."""
    import json

    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return UNKNOWN
    return [str(each) for each in data] if isinstance(data, list) else data


def _contains(node: Node, where: Any, what: Any, who: Stranger) -> Any:
    if node.inner[0].kind == "name" and node.inner[0].text.endswith("labels.*.name"):
        # only people with triage rights set labels; anybody can comment on what has one
        return UNKNOWN if "comment" in who.event else False
    if where is UNKNOWN or what is UNKNOWN or what is _OWN or isinstance(where, _Different):
        return UNKNOWN
    words = [each.upper() for each in where] if isinstance(where, list) else None
    if what is _OTHER:
        # a name that is a part of a text can be had; the entries of a list are whole names
        return False if words is not None else UNKNOWN
    if isinstance(what, tuple):
        # a text that lists words in any form contains one of them or not
        held = [each for each in what if (each in words if words is not None else each in str(where).upper())]
        return UNKNOWN if held else False
    if words is not None:
        return str(what).upper() in words
    return str(what).lower() in str(where).lower()


def _absent(name: str, event: str) -> bool:
    """The event brings no such object: every name below it is empty."""
    brings = _BRINGS.get(event)
    part = name.split(".")[2] if brings is not None and name.startswith("github.event.") else ""
    return part in _OBJECTS and brings is not None and part not in brings


def _name(text: str, who: Stranger) -> Any:
    name = text.lower()
    if name == "github.event_name":
        return who.event
    if name == "github.event.action":
        return who.action or UNKNOWN
    if _absent(name, who.event) or name.startswith("github.event.label.") and who.action not in ("", "labeled", "unlabeled"):
        return ""
    if name.startswith(_SOMEBODY.get(who.event, "-")):
        return UNKNOWN  # whoever opened it may be a member; the stranger only comments
    if name.endswith("author_association"):
        return _OUTSIDER
    if name in _LOGINS or name in _NUMERIC or name.startswith("github.event.") and name.endswith(".user.login"):
        return _OTHER
    if name.startswith(("github.event.pull_request.head.repo.", "github.event.workflow_run.head_repository.")):
        return True if name.endswith(".fork") else _OTHER
    if name == "github.event.workflow_run.event":
        return "pull_request"
    if name.startswith("github.event.workflow_run.pull_requests."):
        return ""  # empty for a pull request from a fork
    if name in _PROJECT:
        return _OWN
    if name in ("true", "false"):
        return name == "true"
    if name == "null":
        return ""
    return UNKNOWN
