"""Judging a command: finding the entry that its words lead to, and adding up what that says."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from typing import Any

from overgrant.dialect.grammar import heads
from overgrant.dialect.grammar.heads import Node, Option
from overgrant.dialect.grammar.pin import READERS
from overgrant.dialect.grammar.tally import RUNS, Place, Sum
from overgrant.dialect.grammar.word import Word
from overgrant.pattern import later

MAX_DEPTH = 8
MAX_LISTED = 20
_DRIVE = later(r"[A-Za-z]:\\[^\s\"';|&]*")  # a path of Windows: its backslashes take no meaning away
_SCRIPTS = (".sh", ".bash", ".py", ".js", ".mjs", ".cjs", ".ts", ".rb", ".pl", ".php", ".ps1")


class Judge:
    """Judges texts and words; `excluded` names the parts that the product never covers."""

    def __init__(self, excluded: frozenset[str]) -> None:
        self.excluded = excluded

    def line(self, text: str, opened: bool, depth: int) -> Sum:
        """The strongest of all commands in a text; only the last one can have an open end."""
        from overgrant.dialect.grammar.shell import parse

        parsed = parse(_DRIVE.sub(lambda match: match[0].replace("\\", "/"), text))
        partial = opened and not text[-1:].isspace()
        if parsed.problems or not parsed.commands:
            words = [Word(word.strip("'\""), 0, 0) for word in text.split()]
            return self.command(words, opened, partial, depth)
        total: Sum | None = None
        for index, simple in enumerate(parsed.commands):
            last = opened and index == len(parsed.commands) - 1
            found = self.command(simple.words, last, last and partial, depth)
            if any(redirect.op in (">", ">>", "&>", ">|") for redirect in simple.redirects):
                found.effects.add("writes-files")
            if total is None:
                total = found
            else:
                total.join(found)
        return total or Sum()

    def command(self, words: Sequence[Word], opened: bool, partial: bool, depth: int) -> Sum:
        """One simple command; `partial` says that its last word may go on."""
        if not words or (words[0].text.startswith("$") and "/" not in words[0].text):
            found = Sum()
            found.add({"runs": "shell", "witness": "sh -c id"} if opened or words else {"runs": "fixed"}, "head")
            return found
        if partial and len(words) > 1 and words[-1].text in ("-", "--"):
            words = words[:-1]
        text = words[0].text
        begun = partial and len(words) == 1
        local = _local(text)
        head = heads.head_of(text)
        node = heads.find(head) if not local else None
        if node is None or depth > MAX_DEPTH:
            if begun and not local:
                return self.begun(text, head, depth)
            return _unknown(head, local or text.lower().endswith(_SCRIPTS))
        found = self.node(words, 1, node, head, opened, partial, depth)
        found.head = found.head or head
        return found

    def begun(self, text: str, head: str, depth: int) -> Sum:
        """A program's name of which only the beginning is written: all that begin so."""
        found = Sum(head)
        if "/" in text and text.startswith(("/", "~", "../")):
            found.add({"runs": "shell"}, "head")
            return found
        for name in sorted(heads.commands()):
            if name.startswith(head):
                one = self.command([Word(name, 0, 0)], True, False, depth + 1)
                if one.suffix is None:
                    one.suffix = ""
                found.join(one, name[len(head) :])
        found.head, found.source = head, ""
        found.note = "every command that begins so" if found.runs != "none" else "unknown command"
        found.suffix = found.suffix or None
        return found

    # inside one command

    def node(
        self, words: Sequence[Word], at: int, node: Node, head: str, opened: bool, partial: bool, depth: int
    ) -> Sum:
        seen: list[Option] = []
        path: list[str] = []
        while True:
            options, at = heads.scan(words, at, node)
            seen += options
            stop = options and options[-1].name in {*node.get("code", ()), *node.get("module", ())}
            if at >= len(words) or stop:
                break
            name = words[at].text.lower()
            below = heads.below(node, name)
            if below is None and partial and at == len(words) - 1 and "sub" in node and not node.get("then"):
                return self.some(node, head, name, path)
            if below is None:
                break
            path.append(name)
            node, at = below, at + 1
        found = Sum(head, node)
        found.subcommand = " ".join(path)
        if not self.options(found, node, seen, words[at:]):
            self.subject(found, Place(words, at, node, seen, opened, partial, depth))
        return found

    def some(self, node: Node, head: str, begun: str, path: list[str]) -> Sum:
        """A subcommand of which only the beginning is written."""
        found = Sum(head, {"runs": "fixed", "source": node.get("source", "")})
        found.subcommand = " ".join(path)
        for name in heads.subcommands(node):
            below = heads.below(node, name) if name.startswith(begun) else None
            if below is not None:
                one = self.all_of(below)
                one.suffix = one.suffix or ""
                found.join(one, name[len(begun) :])
        found.suffix = found.suffix or None
        return found

    def all_of(self, node: Node, level: int = 0) -> Sum:
        """A command of which nothing more is written: its `open`, else all that its subcommands can do."""
        found = Sum("", node)
        opens: Node = node.get("open", {})
        if "effects" not in opens and level < MAX_DEPTH:
            for name in heads.subcommands(node):
                below = heads.below(node, name)
                if below is not None:
                    found.join(self.all_of(below, level + 1), f" {name}")
        if found.suffix is not None:
            found.via = "subcommand"
        if "witness" in opens:
            found.suffix = None
        self.add(found, opens, "subcommand" if "sub" in node else "argument")
        self.add(found, node.get("tail", {}), "option")
        return found

    def add(self, found: Sum, what: Node | str, via: str) -> None:
        if isinstance(what, str) or what.get("excludable", "") not in self.excluded or "excludable" not in what:
            found.add(what, via)

    def options(self, found: Sum, node: Node, seen: Sequence[Option], rest: Sequence[Word]) -> bool:
        """Add what single options give; true if one of them makes the command do that alone."""
        known: dict[str, Any] = node.get("options", {})
        table = {name: what for names, what in known.items() for name in names.split()}
        given = [option.name for option in seen]
        if node.get("then") is None:
            given += [word.text.partition("=")[0] for word in rest if word.text.startswith("-")]
        for name in given:
            whats = [table[name]] if name in table else []
            if not whats and name[:2] != "--" and not node.get("long"):
                whats = [table[f"-{letter}"] for letter in name[1:] if f"-{letter}" in table]
            for what in whats:
                if isinstance(what, dict) and what.get("only"):
                    found.runs, found.effects = str(what.get("runs", "fixed")), set(what.get("effects", ()))
                    return True
                self.add(found, what, "")
        return False

    def subject(self, found: Sum, place: Place) -> None:
        """Judge what the command works on, as its node says."""
        node = place.node
        if node.get("wrapper"):
            self.wrapped(found, place)
        elif place.code():
            self.code(found, place)
        elif any(option.name in node.get("script-options", ()) and option.value for option in place.seen):
            found.runs = "workspace-code"
        elif (module := place.module()) is not None:
            self.module(found, place, module)
        else:
            getattr(self, f"on_{node.get('then') or 'words'}")(found, place)

    def opened(self, found: Sum, place: Place) -> None:
        """Nothing is written to work on: all that the node can do if the tail is open, its `bare` otherwise."""
        if not place.opened:
            self.add(found, place.node.get("bare", {}), "")
            return
        every = self.all_of(place.node)
        every.effects |= found.effects
        every.runs = max(every.runs, found.runs, key=RUNS.index)
        every.head, every.subcommand = found.head, found.subcommand
        found.__dict__.update(every.__dict__)

    def on_words(self, found: Sum, place: Place) -> None:
        node = place.node
        if not place.left:
            self.opened(found, place)
        if place.opened:
            self.add(found, node.get("tail", {}), "option")
        self.listed(found, place)
        if any(not word.text.startswith("-") for word in place.left):
            self.add(found, node.get("given", {}), "argument")
        if "targets" in node and not place.opened:
            targets = [word.text for word in place.left if not word.text.startswith("-")]
            if targets and all(map(heads.is_named_inside, targets)):
                found.effects.discard("destroys")

    def listed(self, found: Sum, place: Place) -> None:
        """Commands in the middle of the arguments (`find . -exec rm {} +`)."""
        starts = place.node.get("exec", ())
        name = place.node.get("tail", {}).get("excludable", "")
        index = place.at if starts and name not in self.excluded else len(place.words)
        for _ in range(MAX_LISTED):
            index = next((at for at in range(index, len(place.words)) if place.words[at].text in starts), -1) + 1
            if index == 0:
                break
            words = list(takewhile(lambda each: each.text not in (";", "+"), place.words[index:]))
            if words:
                found.join(self.command(words, False, False, place.depth + 1))
                found.excludable = name
            index += len(words)

    def on_script(self, found: Sum, place: Place) -> None:
        text = place.left[0].text if place.left else "-"
        if text in ("-", "/dev/stdin") or any(option.name in place.node.get("stdin", ()) for option in place.seen):
            self.opened(found, place)
            return
        found.runs = "workspace-code"
        ecosystem = place.node.get("ecosystem")
        if ecosystem and READERS[ecosystem](text).ecosystem not in ("local",):
            found.add({"effects": ["installs", "network"]})
            if place.partial and len(place.left) == 1:
                self.opened(found, place)

    def on_task(self, found: Sum, place: Place) -> None:
        if not place.left:
            self.opened(found, place)

    def on_image(self, found: Sum, place: Place) -> None:
        if not place.left:
            self.opened(found, place)

    def on_code(self, found: Sum, place: Place) -> None:
        if not place.left or (place.partial and len(place.left) == 1):
            self.opened(found, place)
        else:
            found.runs = "fixed"

    def on_package(self, found: Sum, place: Place) -> None:
        text = place.left[0].text if place.left else ""
        package = READERS[place.node.get("ecosystem", "other")](text)
        tool = heads.head_of(package.name)
        known = bool(text) and heads.find(tool) is not None and package.ecosystem not in ("local", "url", "git")
        if not text or (place.partial and len(place.left) == 1 and not known and "@" not in text[1:]):
            self.opened(found, place)
            return
        if known:
            words = [Word(tool, 0, 0), *place.left[1:]]
            inner = self.command(words, place.opened, place.partial and len(words) > 1, place.depth + 1)
            found.runs = "workspace-code"
            found.join(inner)
        elif not any(option.name in place.node.get("local", ()) for option in place.seen):
            found.add({"effects": ["installs", "network"]})

    def on_tools(self, found: Sum, place: Place) -> None:
        left = place.left
        while left and left[0].text != "--":
            left = left[1:]
        self.inner(found, place, left[1:])

    def on_command(self, found: Sum, place: Place) -> None:
        left = place.left[int(place.node.get("arguments", 0)) :]
        flagged = any(option.name in place.node.get("script-flags", ()) for option in place.seen)
        if left and place.node.get("files") and (flagged or left[0].text.lower().endswith(_SCRIPTS)):
            found.runs = "workspace-code"
        elif place.node.get("remote"):
            self.remote(found, place, left)
        else:
            self.inner(found, place, left[1:] if left and left[0].text == "--" else left)

    def on_line(self, found: Sum, place: Place) -> None:
        left = place.left[int(place.node.get("arguments", 0)) :]
        if place.node.get("remote"):
            self.remote(found, place, left)
        elif left:
            text = " ".join(word.text for word in left) + (" " if place.opened and not place.partial else "")
            found.join(self.line(text, place.opened, place.depth + 1))
        else:
            self.opened(found, place)

    def remote(self, found: Sum, place: Place, left: Sequence[Word]) -> None:
        """What runs elsewhere has no power here; what may still be put before it has."""
        if not place.left:
            self.opened(found, place)
        elif place.opened and not left:
            self.add(found, place.node.get("tail", {}), "argument")

    def wrapped(self, found: Sum, place: Place) -> None:
        left = list(place.left)
        while left and place.node.get("assignments") and "=" in left[0].text and left[0].text[:1].isalpha():
            left.pop(0)
        code = next((o.value for o in place.seen if o.name in place.node.get("code", ()) and o.value), None)
        if code is not None:
            found.join(self.line(code, False, place.depth + 1))
            return
        found.runs = "none"
        self.inner(found, place, left[int(place.node.get("arguments", 0)) :])
        if found.runs == "none" and not place.opened:
            found.runs = "fixed"

    def inner(self, found: Sum, place: Place, words: Sequence[Word]) -> None:
        if not words:
            self.opened(found, place)
            return
        one = self.command(words, place.opened, place.partial, place.depth + 1)
        if place.node.get("wrapper"):
            found.head, found.subcommand, found.source = one.head, one.subcommand, one.source
            found.runs = one.runs
        found.join(one)

    def code(self, found: Sum, place: Place) -> None:
        """Code on the command line: closed if it is written out, open if the pattern ends in it."""
        text = place.code_text()
        if text is None or (place.partial and text == place.words[-1].text):
            self.opened(found, place)
            first, _, rest = (found.suffix or "").strip().partition(" ")
            if first in place.node.get("code", ()) or place.node.get("code-letter"):
                found.suffix = f" {rest}"
        elif place.node.get("kind") == "interpreter":
            found.runs, found.note = "fixed", "the code is written out"
        else:
            found.join(self.line(text, False, place.depth + 1))

    def module(self, found: Sum, place: Place, name: str) -> None:
        known = heads.find(name) is not None
        if not name or (place.partial and not known and name == place.words[-1].text):
            self.opened(found, place)
            found.suffix = f" {place.node['module-witness']}" if "module-witness" in place.node and not name else None
            return
        found.runs = "workspace-code"
        if known:
            words = [Word(name, 0, 0), *place.left]
            inner = self.command(words, place.opened, place.partial and len(words) > 1, place.depth + 1)
            found.runs = inner.runs
            found.join(inner)


def _local(text: str) -> bool:
    """A program of the workspace, by its path; tools that a package manager put there are what their name says."""
    if "/" not in text or text.startswith(("/", "~", "../")) or text[1:2] == ":" or heads.head_of(text) in heads.load()["tool-scripts"]:
        return False
    directory = text.rpartition("/")[0] + "/"
    return not any(directory.endswith(known) for known in heads.load()["tool-directories"])


def _unknown(head: str, script: bool) -> Sum:
    found = Sum(head)
    if script:
        found.add({"runs": "workspace-code", "note": "a script of the workspace"})
    else:
        found.note = "unknown command"
    return found
