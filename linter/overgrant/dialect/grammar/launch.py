"""What a command starts: the program behind wrappers, the package a runner fetches, the container, what runs inside.

Only names and options are read; nothing is resolved on a disk or a network. Which options take a value, and what the
first argument of a runner is, is data (`knowledge/commands.yaml`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise, takewhile

from overgrant.dialect.grammar import heads
from overgrant.dialect.grammar.container import ContainerFacts, Mount, container
from overgrant.dialect.grammar.heads import Node, Option
from overgrant.dialect.grammar.pin import READERS, Package, is_path, npm_pin
from overgrant.dialect.grammar.shell import Simple, parse
from overgrant.dialect.grammar.word import Word
from overgrant.pattern import later

__all__ = ["ContainerFacts", "Mount", "Package", "Started", "every", "understand", "understand_line"]

MAX_DEPTH = 8
MAX_LISTED = 20
_ASSIGNMENT = later(r"([A-Za-z_][A-Za-z0-9_]*)=")
_SCRIPTS = (".sh", ".bash", ".py", ".js", ".mjs", ".cjs", ".ts", ".mts", ".rb", ".pl", ".php", ".ps1", ".bat", ".cmd")


class Started:
    """One process that a command starts.

    `kind`: `package-runner`, `container`, `interpreter`, `shell`, `script-runner`, `launcher` or `program`.
    `head` is the program's bare name, `path` it and its subcommands (`("npm", "exec")`), `wrappers` what was unwrapped
    before it (`sudo`, `env`), `flags` its own option words, `rest` the words after what was understood.
    `script` is the file an interpreter runs, or the task of a script runner; `inline` code given on the command line;
    `inner` the processes that this one starts in turn. `base` is the index of `argv[0]` in the words given to
    `understand`; a `Package.at` counts from there too. For `inner` processes read from inline code both count within
    that code's own command.
    """

    __slots__ = (
        "argv", "base", "container", "dynamic", "env", "flags", "head", "inline", "inner", "kind", "module", "options",
        "package", "packages", "path", "rest", "script", "wrappers",
    )  # fmt: skip

    def __init__(self, argv: list[Word]) -> None:
        self.argv = argv
        self.base = 0
        self.head = ""
        self.path: tuple[str, ...] = ()
        self.kind = "program"
        self.wrappers: list[str] = []
        self.env: dict[str, str] = {}
        self.flags: list[str] = []
        self.options: list[Option] = []
        self.rest: list[Word] = []
        self.package: Package | None = None
        self.packages: list[Package] = []
        self.script: str | None = None
        self.inline: str | None = None
        self.module: str | None = None
        self.container: ContainerFacts | None = None
        self.inner: list[Started] = []
        self.dynamic = False

    def __repr__(self) -> str:
        return f"Started({self.kind}: {' '.join(word.text for word in self.argv)!r})"


def understand(argv: Sequence[Word | str] | Simple) -> Started:
    """What an argument vector (a manifest's `command` and `args`) or one simple command starts."""
    if isinstance(argv, Simple):
        return _simple(argv, 0)
    words = [word if isinstance(word, Word) else Word(word, 0, len(word), raw=word) for word in argv]
    return _Reader(words, 0).start(0)


def understand_line(text: str) -> list[Started]:
    """What each simple command of a command line starts, in document order."""
    return _lines(text, 0)


def every(started: Started) -> Iterator[Started]:
    """The process and all that it starts in turn, outermost first."""
    todo = [started]
    while todo:
        one = todo.pop()
        yield one
        todo.extend(reversed(one.inner))


def _lines(text: str, depth: int) -> list[Started]:
    if depth >= MAX_DEPTH:
        return []
    return [_simple(simple, depth) for simple in parse(text).commands if simple.words]


def _simple(simple: Simple, depth: int) -> Started:
    started = _Reader(simple.words, depth).start(0)
    started.env = {**{name: value.text for name, value in simple.assignments}, **started.env}
    return started


class _Reader:
    """Understands one argument vector; `depth` bounds commands inside commands."""

    def __init__(self, words: list[Word], depth: int) -> None:
        self.words = words
        self.depth = depth

    def start(self, base: int) -> Started:
        started = Started(self.words[base:])
        at, node = self.unwrap(started, base)
        started.base = at
        started.argv = self.words[at:]
        if at >= len(self.words):
            started.head = started.wrappers[-1] if started.wrappers else ""
            started.kind = "launcher" if started.wrappers else "program"
            return started
        word = self.words[at]
        started.head = heads.head_of(word.text)
        started.dynamic = word.dynamic
        if node is None:
            started.path = (started.head,)
            started.rest = self.words[at + 1 :]
            if (is_path(word.text) or "/" in word.text) and word.text.lower().endswith(_SCRIPTS):
                started.script = word.text
            return started
        node, at = self.descend(started, node, at + 1)
        started.kind = node.get("kind", "program")
        self.take(started, node, at)
        return started

    def unwrap(self, started: Started, at: int) -> tuple[int, Node | None]:
        """Step over `sudo -u x`, `env A=b`, `timeout 5` …; returns where the real program stands."""
        for _ in range(MAX_DEPTH * 2):
            if at >= len(self.words):
                break
            head = heads.head_of(self.words[at].text)
            node = heads.find(head)
            if node is None or not node.get("wrapper"):
                return at, node
            options, after = heads.scan(self.words, at + 1, node)
            while node.get("assignments") and after < len(self.words):
                found = _ASSIGNMENT.match(self.words[after].text)
                if found is None:
                    break
                started.env[found[1]] = self.words[after].text[found.end() :]
                after += 1
            started.wrappers.append(head)
            started.flags += [self.words[index].text for index in range(at + 1, after)]
            code = next((option.value for option in options if option.name in node.get("code", ())), None)
            if code:
                started.inline, started.inner = code, _lines(code, self.depth + 1)
                return len(self.words), None
            at = after + int(node.get("arguments", 0))
        return len(self.words), None

    def descend(self, started: Started, node: Node, at: int) -> tuple[Node, int]:
        path = [started.head]
        while True:
            options, after = heads.scan(self.words, at, node)
            started.options += options
            started.flags += [word.text for word in self.words[at:after]]
            at = after
            below = heads.below(node, self.words[at].text.lower()) if at < len(self.words) else None
            if below is None or (options and options[-1].name in {*node.get("code", ()), *node.get("module", ())}):
                started.path = tuple(path)
                return node, at
            path.append(self.words[at].text.lower())
            node, at = below, at + 1

    def take(self, started: Started, node: Node, at: int) -> None:
        """Read what the first argument is, as the node says."""
        self.fetched(started, node)
        code = self.code(started, node, at)
        if code is not None:
            started.inline = code
            if node.get("kind") != "interpreter":
                started.inner = _lines(code, self.depth + 1)
        started.module = next((o.value for o in started.options if o.name in node.get("module", ())), None)
        started.script = next((o.value for o in started.options if o.name in node.get("script-options", ())), None)
        started.rest = self.words[at:]
        self.listed(started, node, at)
        then = node.get("then")
        told = (code, started.module, started.script)
        reads = any(option.name in node.get("stdin", ()) for option in started.options)
        if reads or any(what is not None for what in told) or at >= len(self.words) or then is None:
            started.script = started.script or node.get("task")
            return
        getattr(self, f"take_{then}")(started, node, at)

    def fetched(self, started: Started, node: Node) -> None:
        """Packages named by options (`--package`, `--from`, `--with`)."""
        for option in started.options:
            named = option.name in node.get("package", ())
            if option.value and (named or option.name in node.get("with", ())):
                started.packages.append(self.reference(node, option.value, option.at, option.offset))
                if started.package is None and (named or node.get("then") != "package"):
                    started.package = started.packages[-1]

    def reference(self, node: Node, text: str, at: int, offset: int) -> Package:
        package = READERS[node.get("ecosystem", "other")](text)
        if self.words[at].dynamic and ("$" in text or "`" in text):
            package = package._replace(pin="unknown")
        return package._replace(at=at, start=offset, end=offset + len(text))

    def version(self, node: Node, at: int) -> str:
        """The version that an option beside the package names (`dnx Example.Mcp --version 1.2.3`)."""
        words = [word.text for word in self.words[at:]]
        return next((after for word, after in pairwise(words) if word in node.get("version", ())), "")

    def code(self, started: Started, node: Node, at: int) -> str | None:
        """Code after `-c`, `-e`; for a shell the first argument, if any cluster of options holds its letter."""
        letter = node.get("code-letter")
        for option in started.options:
            if option.name in node.get("code", ()) and option.value is not None:
                return option.value
            if letter and option.name[:1] == "-" and option.name[:2] != "--" and letter in option.name:
                return self.words[at].text if at < len(self.words) else None
        return None

    def listed(self, started: Started, node: Node, at: int) -> None:
        """Commands in the middle of arguments, up to `;` or `+` (`find . -exec rm {} +`)."""
        starts = node.get("exec", ())
        index = at if starts and self.depth < MAX_DEPTH else len(self.words)
        while index < len(self.words) and len(started.inner) < MAX_LISTED:
            index += 1
            if self.words[index - 1].text in starts:
                words = list(takewhile(lambda word: word.text not in (";", "+"), self.words[index:]))
                reader = _Reader([*self.words[:index], *words], self.depth + 1)
                started.inner.append(reader.start(index))
                index += len(words)

    # what the first argument is

    def take_package(self, started: Started, node: Node, at: int) -> None:
        word = self.words[at]
        if started.package is None:
            started.package = self.reference(node, word.text, at, 0)
            started.packages.append(started.package)
            if any(option.name in node.get("local", ()) for option in started.options):
                started.package = started.packages[-1] = started.package._replace(pin="local")
            version = self.version(node, at)
            if version and not started.package.version:
                started.package = started.packages[-1] = started.package._replace(version=version, pin=npm_pin(version))
        if started.package.at == at and started.package.ecosystem in ("local", "url"):
            started.script = word.text if started.package.ecosystem == "local" else None
        elif self.depth < MAX_DEPTH:
            name = word.text if started.package.at != at else started.package.name
            tool = Word(heads.head_of(name) if "/" in name else name, word.start, word.end, word.dynamic, raw=word.raw)
            words = [*self.words[:at], tool, *self.words[at + 1 :]]
            started.inner = [_Reader(words, self.depth + 1).start(at)]

    def take_command(self, started: Started, node: Node, at: int) -> None:
        at += int(node.get("arguments", 0))
        if at < len(self.words) and self.words[at].text == "--":
            at += 1
        text = self.words[at].text if at < len(self.words) else ""
        flagged = any(option.name in node.get("script-flags", ()) for option in started.options)
        if text and node.get("files") and (flagged or text.lower().endswith(_SCRIPTS)):
            started.script = text
            started.rest = self.words[at + 1 :]
            if text.startswith(("https://", "http://")):
                started.packages.append(self.reference(node, text, at, 0))
                started.package = started.packages[-1]
        elif at < len(self.words) and self.depth < MAX_DEPTH:
            started.inner = [_Reader(self.words, self.depth + 1).start(at)]

    def take_line(self, started: Started, node: Node, at: int) -> None:
        """The remaining words are one command line of a shell (`ssh host …`, `cmd /c …`, `eval …`)."""
        at += int(node.get("arguments", 0))
        words = self.words[at:]
        if not words:
            return
        if len(words) > 1 and not any(set(word.text) & set("|&;<>") for word in words):
            self.take_command(started, {}, at)
            return
        started.inline = " ".join(word.text for word in words)
        started.inner = _lines(started.inline, self.depth + 1)

    def take_script(self, started: Started, node: Node, at: int) -> None:
        text = self.words[at].text
        started.rest = self.words[at + 1 :]
        ecosystem = node.get("ecosystem")
        if ecosystem is None:
            started.script = text if text != "-" else None
            return
        package = self.reference(node, text, at, 0)
        if package.ecosystem == "local":
            started.script = text
        else:
            started.package = package
            started.packages.append(package)
            started.kind = "package-runner"

    def take_code(self, started: Started, node: Node, at: int) -> None:
        started.inline = self.words[at].text
        started.rest = self.words[at + 1 :]

    def take_tools(self, started: Started, node: Node, at: int) -> None:
        """`mise exec node@22 -- node x.js`: tools to provide, then the command."""
        then = next((place for place in range(at, len(self.words)) if self.words[place].text == "--"), at)
        self.take_command(started, {}, then)

    def take_task(self, started: Started, node: Node, at: int) -> None:
        started.script = self.words[at].text
        started.rest = self.words[at + 1 :]

    def take_image(self, started: Started, node: Node, at: int) -> None:
        word = self.words[at]
        started.package = self.reference({"ecosystem": "oci"}, word.text, at, 0)
        started.packages.append(started.package)
        started.container = container(word.text, started.options)
        started.rest = self.words[at + 1 :]
        if started.rest and self.depth < MAX_DEPTH and not started.rest[0].text.startswith("-"):
            started.inner = [_Reader(self.words, self.depth + 1).start(at + 1)]
