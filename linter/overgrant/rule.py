"""Rules: what a rule is, and what it says when it fires. The whole interface of a rule's Python.

A rule's Python file defines `check(subject, world)`; it imports from here, `overgrant.model` and
`overgrant.scope`, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Literal

from overgrant.model import Agent, Fact, World

if TYPE_CHECKING:
    from overgrant.text import Edit, Span
    from overgrant.value import Value

Severity = Literal["info", "low", "medium", "high", "critical"]
SEVERITIES: tuple[Severity, ...] = ("info", "low", "medium", "high", "critical")
CONFIDENCES = ("low", "medium", "high")
FAMILIES = ("scope", "budget", "self-modification", "oversight", "supply-chain", "secret", "network", "flow",
            "delegation", "tool", "hook", "instruction", "persistence", "hygiene")
Safety = Literal["safe", "unsafe", "advice"]
FIXES = ("remove", "suggestion", "narrowed", "withdrawn")


class Place:
    """A labelled stretch of a file; a finding has exactly one whose role is `primary`."""

    __slots__ = ("label", "role", "span")

    def __init__(self, span: Span, label: str = "", role: Literal["primary", "related"] = "related") -> None:
        self.span = span
        self.label = label
        self.role = role


class Fix:
    """How to narrow: edits against the original bytes, or advice.

    safe    only removes authority or adds a bound that cannot break a legitimate use
    unsafe  narrows and may break something
    advice  text only

    `argument` is the value of an argument or an entry in Python that is taken out; `coderepair.complete` makes the edit.
    """

    __slots__ = ("argument", "edits", "safety", "title")

    def __init__(self, title: str, safety: Safety, edits: Iterable[Edit] = (), *, argument: Span | None = None) -> None:
        self.title = title
        self.safety = safety
        self.edits = list(edits)
        self.argument = argument


class Hit:
    """What a condition found in one subject.

    witnesses  values that the condition touched, in its order; they become underlined places
    places     further places, with labels
    words      extra names for the message's placeholders
    primary    where to point at, when not at the subject itself
    fixes      edits that only the condition can compute
    """

    __slots__ = ("fixes", "places", "primary", "witnesses", "words")

    def __init__(self, *, witnesses: Iterable[Value] = (), places: Iterable[Place] = (),
                 words: dict[str, str] | None = None, primary: Span | None = None, fixes: Iterable[Fix] = ()) -> None:
        self.witnesses = list(witnesses)
        self.places = list(places)
        self.words = words or {}
        self.primary = primary
        self.fixes = list(fixes)


Check = Callable[[Fact, World], "Iterator[Hit] | Iterable[Hit]"]


class Rule:
    """One rule as loaded: everything its Markdown file declares, with its condition compiled.

    `at` names the field to point at, when not the subject as a whole; `related` has labels for witnesses,
    by the field that they state. A rule that `later` made knows its principal fields and looks the others up when
    one of them is asked for.
    """

    __slots__ = ("at", "check", "confidence", "family", "fix", "help", "id", "label", "message", "path", "profile",
                 "references", "related", "replaces", "severity", "since", "status", "subject", "title", "_whole")
    _whole: Callable[[], Rule]

    def __init__(self, *, id: str, family: str, subject: str, severity: Severity, check: Check,
                 message: str, help: str, label: str = "", confidence: str = "high",
                 profile: str = "default", status: str = "stable", since: str = "", fix: str = "",
                 references: Iterable[str] = (), replaces: Iterable[str] = (), title: str = "", path: str = "",
                 related: dict[str, str] | None = None, at: str = "") -> None:
        self.id = id
        self.family = family
        self.subject = subject
        self.severity: Severity = severity
        self.check = check
        self.message = message
        self.help = help
        self.label = label
        self.confidence = confidence
        self.profile = profile
        self.status = status
        self.since = since
        self.fix = fix
        self.references = tuple(references)
        self.related = related or {}
        self.at = at
        self.replaces = tuple(replaces)
        self.title = title
        self.path = path

    @classmethod
    def later(cls, principal: dict[str, Any], whole: Callable[[], Rule]) -> Rule:
        """A rule of which some fields are known, and `whole` makes the others: most rules of a run have no subject."""
        made = cls.__new__(cls)
        for name, value in principal.items():
            setattr(made, name, value)
        made._whole = whole
        return made

    if not TYPE_CHECKING:  # a misspelt field of a rule is still an error

        def __getattr__(self, name: str) -> Any:
            if name == "_whole":
                raise AttributeError(name)
            whole = self._whole()
            for slot in self.__slots__:
                if slot != "_whole":
                    setattr(self, slot, object.__getattribute__(whole, slot))
            return object.__getattribute__(self, name)


class Finding:
    """A rule fired on a fact. `severity` is after context; `shifted` says why it moved, or is empty.

    identity  what makes it the same finding after the file around it has changed
    number    which one of the findings with this identity it is, from 1
    """

    __slots__ = ("agent", "baselined", "capability", "example", "fact", "fixes", "help", "identity", "implies",
                 "local", "message", "number", "places", "rule", "severity", "shifted", "waived")

    def __init__(self, rule: Rule, fact: Fact, *, message: str, help: str, places: list[Place],
                 severity: Severity, shifted: str = "", fixes: Iterable[Fix] = (), implies: Iterable[str] = (),
                 identity: tuple[str, ...] = ()) -> None:
        self.rule = rule
        self.fact = fact
        self.message = message
        self.help = help
        self.places = places
        self.severity: Severity = severity
        self.shifted = shifted
        self.fixes = list(fixes)
        self.implies = list(implies)
        self.identity = identity
        self.number = 1
        self.agent: Agent | None = fact if isinstance(fact, Agent) else fact.agent
        self.capability: str | None = getattr(fact, "capability", None) or None
        self.waived: str | None = None
        self.baselined = False
        self.local = fact.tier == "local"
        self.example = fact.tier == "example" or fact.root.example

    def __repr__(self) -> str:
        line, column = self.primary.span.begin
        return f"Finding({self.rule.id} {self.primary.span.source.path}:{line}:{column})"

    @property
    def fingerprint(self) -> str:
        """24 hexadecimal digits of its identity and its number; a run whose report has none makes none."""
        made = _digest(self.identity)
        return made if self.number == 1 else _digest((made, str(self.number)))

    @property
    def primary(self) -> Place:
        """The place to point at."""
        return next(place for place in self.places if place.role == "primary")


def _digest(pieces: tuple[str, ...]) -> str:
    from hashlib import sha256

    return sha256("\0".join(pieces).encode("utf-8", "surrogatepass")).hexdigest()[:24]
