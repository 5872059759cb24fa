"""The answer about a pattern of commands, and how it is added up from what the entries of the knowledge say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from overgrant.dialect.grammar.heads import Node, Option
from overgrant.dialect.grammar.word import Word

RUNS = ("none", "fixed", "workspace-code", "package-runner", "launcher", "interpreter", "shell")
EFFECTS = (
    "reads-files", "writes-files", "deletes-files", "destroys", "publishes", "releases", "deploys", "installs", "network",
    "tunnels", "persists", "roots", "starts-agent", "changes-permissions", "secrets", "database-write",
    "skips-verification", "cloud", "browser", "sends", "clipboard",
)  # fmt: skip


class CommandPower(NamedTuple):
    """What a pattern lets through.

    `runs` is the strongest of `RUNS`; `effects` are words of `EFFECTS`, in that order. `witness` is a command that the
    pattern lets through and that shows the power, where a wildcard hides it. `via` says where the power comes in:
    `head` (any program), `subcommand`, `argument`, or `option` (an option that few people know, behind a harmless
    name). `excludable` names a part that a product may say its patterns never cover. `source` tells where the facts
    are from; `note` what a reader should know.
    """

    runs: str
    effects: tuple[str, ...] = ()
    witness: str | None = None
    head: str = ""
    subcommand: str = ""
    source: str = ""
    note: str = ""
    via: str = ""
    excludable: str = ""


class Sum:
    """Adds up what entries say. `suffix` is what the witness has behind the literal, beginning with its space."""

    def __init__(self, head: str = "", node: Node | None = None) -> None:
        self.runs = "none"
        self.effects: set[str] = set()
        self.suffix: str | None = None
        self.via = ""
        self.head = head
        self.subcommand = ""
        self.excludable = ""
        self.note = ""
        self.source = ""
        if node is not None:
            self.runs = str(node.get("runs", "fixed"))
            self.effects.update(node.get("effects", ()))
            self.note = str(node.get("note", ""))
            self.source = str(node.get("source", ""))

    def add(self, what: Node | str, via: str = "") -> None:
        """Add an entry's `open`, `tail`, `bare` or option."""
        if isinstance(what, str):
            self.effects.add(what)
            return
        runs = str(what.get("runs", "none"))
        gains = RUNS.index(runs) > RUNS.index(self.runs) or not set(what.get("effects", ())) <= self.effects
        if "witness" in what and (gains or self.suffix is None):
            self.suffix = f" {what['witness']}"
        if gains:
            plain = via == "option" and not str(what.get("witness", "-")).startswith("-")
            self.via = str(what.get("via", "argument" if plain else via or self.via))
        self.note = str(what.get("note", self.note))
        self.runs = max(self.runs, runs, key=RUNS.index)
        self.effects.update(what.get("effects", ()))
        self.excludable = str(what.get("excludable", self.excludable))

    def join(self, other: Sum, name: str = "") -> None:
        """Add what another sum found; `name` stands before its witness."""
        stronger = RUNS.index(other.runs) > RUNS.index(self.runs)
        if other.suffix is not None and (stronger or self.suffix is None):
            self.suffix, self.via = f"{name}{other.suffix}", other.via
        self.runs = max(self.runs, other.runs, key=RUNS.index)
        self.effects |= other.effects
        self.excludable = self.excludable or other.excludable
        self.note = self.note or other.note
        self.source = self.source or other.source

    def power(self, literal: str) -> CommandPower:
        effects = tuple(effect for effect in EFFECTS if effect in self.effects)
        return CommandPower(
            self.runs, effects, self.witness(literal), self.head, self.subcommand, self.source, self.note, self.via,
            self.excludable,
        )  # fmt: skip

    def witness(self, literal: str) -> str | None:
        if self.suffix is None:
            return None
        first, _, rest = self.suffix.strip().partition(" ")
        again = self.suffix[:1] == " " and literal.split()[-1:] == [first]
        suffix = f" {rest}".rstrip() if again else self.suffix
        if literal[-1:].isspace():
            return (literal + suffix.lstrip()).rstrip()
        begun = literal.rpartition(" ")[2]
        if begun in ("-", "--"):
            rest = self.suffix.lstrip()
            return literal + rest[len(begun) :] if rest.startswith(begun) else None
        return literal + suffix


class Place(NamedTuple):
    """Where the words have led: `at` is the first word that is no option of `node`, `seen` the options before it."""

    words: Sequence[Word]
    at: int
    node: Node
    seen: Sequence[Option]
    opened: bool
    partial: bool
    depth: int

    @property
    def left(self) -> Sequence[Word]:
        return self.words[self.at :]

    def _code_option(self) -> Option | None:
        letter = self.node.get("code-letter")
        for option in self.seen:
            cluster = letter and option.name[:2] != "--" and letter in option.name
            if cluster or option.name in self.node.get("code", ()):
                return option
        return None

    def code(self) -> bool:
        return self._code_option() is not None

    def code_text(self) -> str | None:
        option = self._code_option()
        if option is None or option.value is not None or not self.node.get("code-letter"):
            return option.value if option else None
        return self.left[0].text if self.left else None

    def module(self) -> str | None:
        """The module's name, empty where only the option is written."""
        return next((option.value or "" for option in self.seen if option.name in self.node.get("module", ())), None)
