"""Command lines that fetch code, or unwrap hidden code, and run it at once."""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

from overgrant.dialect.grammar import heads
from overgrant.dialect.grammar.launch import MAX_DEPTH, Started, every, understand
from overgrant.dialect.grammar.shell import Line, Simple, Word, parse

MAX_FOUND = 20


class Evidence(NamedTuple):
    """`what` in a few words; `start` and `end` enclose the text that shows it, in characters of the line."""

    what: str
    start: int
    end: int


def downloads_and_runs(line: Line | str) -> list[Evidence]:
    """Where a command line runs what it has just fetched or decoded: `curl … | sh`, `bash <(curl …)`,
    `eval "$(curl …)"`, `curl -o x … && sh x`, `iwr … | iex`, `base64 -d | sh`, and these inside `bash -c "…"`.
    """
    return _search(parse(line) if isinstance(line, str) else line, 0)


def _search(line: Line, depth: int) -> list[Evidence]:
    text = line.text.lower()
    if not any(word in text for word in _marks()):
        return []
    return _Search(line, depth).run()


def _marks() -> list[str]:
    data = heads.load()
    return [*data["fetchers"], *data["decoders"], *(text.lower() for text in data["inline-fetch"])]


def _source(started: Started) -> str:
    """What makes a process's output foreign: `fetched`, `decoded` or nothing."""
    data = heads.load()
    for one in every(started):
        if one.head in data["fetchers"]:
            return "fetched"
        if any(word.text in data["decoders"].get(one.head, ()) for word in one.argv[1:]):
            return "decoded"
    return ""


def reads_input(started: Started) -> bool:
    """Whether a process runs what it reads from its input."""
    for one in every(started):
        idle = one.script is None and one.inline is None and one.module is None and not one.inner
        if one.kind in ("shell", "interpreter") and idle and one.package is None:
            return True
        if one.script in ("/dev/stdin", "/proc/self/fd/0"):
            return True
    return False


class _Search:
    """Goes through the commands of a line once, and remembers where foreign text came from."""

    def __init__(self, line: Line, depth: int) -> None:
        self.line = line
        self.depth = depth
        self.started = [understand(simple) for simple in line.commands]
        sources = [(simple, source) for simple, one in zip(line.commands, self.started) if (source := _source(one))]
        self.sources = [source for _, source in sources]
        self.places = [simple.start for simple, _ in sources]
        self.first: dict[int, tuple[Simple, str]] = {}
        for simple, source in reversed(sources):
            self.first[simple.pipe] = (simple, source)
        self.saved: dict[str, tuple[int, str]] = {}

    def run(self) -> list[Evidence]:
        found: list[Evidence] = []
        for simple, started in zip(self.line.commands, self.started):
            evidence = (
                self.piped(simple, started)
                or self.substituted(simple, started)
                or self.ran(simple, started)
                or _written(simple, started, self.depth)
            )
            if evidence is not None:
                found.append(evidence)
                if len(found) >= MAX_FOUND:
                    break
            if source := _source(started):
                for name in targets(simple, started):
                    self.saved.setdefault(name, (simple.start, source))
        return found

    def piped(self, simple: Simple, started: Started) -> Evidence | None:
        other, source = self.first.get(simple.pipe, (simple, ""))
        if other.stage < simple.stage and reads_input(started):
            return Evidence(f"{source} code is piped into `{started.head}`", other.start, simple.end)
        return None

    def substituted(self, simple: Simple, started: Started) -> Evidence | None:
        for one in every(started):
            for word in run_words(simple, one):
                at = bisect_right(self.places, word.start - 1)
                if at < len(self.places) and self.places[at] == simple.start:
                    at += 1
                inside = simple.start <= word.start <= simple.end
                if inside and at < len(self.places) and self.places[at] < word.end:
                    source = self.sources[at]
                    return Evidence(f"{source} code is run by `{one.head}`", simple.start, max(simple.end, word.end))
        return None

    def ran(self, simple: Simple, started: Started) -> Evidence | None:
        for one in every(started):
            for name in map(bare, programs(one)):
                if name in self.saved:
                    start, source = self.saved[name]
                    return Evidence(f"the {source} file `{name}` is run", start, simple.end)
        return None


def run_words(simple: Simple, started: Started) -> list[Word]:
    """The words that a process runs as code."""
    runs = [word for word in started.argv if word.text in (started.inline, started.script)]
    if started.kind == "shell" and started.inline is not None and not runs:
        runs = list(started.rest)
    if started.dynamic:
        runs.append(started.argv[0])
    if reads_input(started):
        runs += [redirect.target for redirect in simple.redirects if redirect.op == "<<<"]
    return runs


def programs(started: Started) -> list[str]:
    """The files that a process runs."""
    program = started.argv[0].text if started.argv and "/" in started.argv[0].text else None
    return [text for text in (started.script, program) if text]


def targets(simple: Simple, started: Started) -> list[str]:
    """The files that a command writes its output to."""
    names = [redirect.target.text for redirect in simple.redirects if redirect.op in (">", ">>", ">|")]
    words = [word.text for word in simple.words]
    for at, text in enumerate(words[:-1]):
        cluster = text[:2] in ("-s", "-f", "-L", "-S") and text.endswith("o")
        if cluster or text in ("-o", "--output", "-O", "--output-document", "-OutFile"):
            names.append(words[at + 1])
    if started.head == "wget" or any(text.startswith("-") and "O" in text for text in words):
        names += [text.rpartition("/")[2] for text in words if text.startswith(("https://", "http://"))]
    return [short for name in names if (short := bare(name)) and not name.startswith("/dev/")]


def bare(path: str) -> str:
    """A path without `./` before it."""
    return path.removeprefix("./")


def _written(simple: Simple, started: Started, depth: int) -> Evidence | None:
    """What is written inside the line: another command line, or code that fetches and runs."""
    for one in every(started):
        if one.inline is not None and one.kind in ("shell", "launcher") and depth < MAX_DEPTH:
            inner = _search(parse(one.inline), depth + 1)
            if inner:
                return Evidence(inner[0].what, simple.start, simple.end)
        if _fetches(one):
            return Evidence(f"code for `{one.head}` fetches code and runs it", simple.start, simple.end)
    return None


def code_fetches(started: Started) -> bool:
    """Whether code that stands on the command line of a process, or of one that it starts, fetches code and runs it."""
    return any(map(_fetches, every(started)))


def _fetches(one: Started) -> bool:
    data, code = heads.load(), one.inline
    if code is None or one.kind not in ("interpreter", "shell"):
        return False
    low = code.lower() if one.kind == "interpreter" else f"{one.head} {code}".lower()
    windows = one.head in ("iex", "invoke-expression", "powershell", "pwsh")
    return (one.kind == "interpreter" or windows) and any(text.lower() in low for text in data["inline-fetch"]) \
        and any(text in low for text in data["inline-run"])
