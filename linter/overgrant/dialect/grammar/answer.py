"""Scripts: where the answer of an agent, or another text from outside, is run, and which outputs of a step hold it.

The script is read in its order: what a foreign command prints is foreign, and so are the variables and files that
take it. Nothing is guessed: a text whose way is not seen counts as the script's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from overgrant.dialect.grammar.download import bare, programs, reads_input, run_words, targets
from overgrant.dialect.grammar.launch import Started, every, understand
from overgrant.dialect.grammar.shell import Line, Simple, Word, parse
from overgrant.pattern import later

MAX_FOUND = 20
MAX_CAME = 200
_VARIABLE = later(r"\$\{?([A-Za-z_]\w*)")
_LATER = {"$GITHUB_ENV": "the environment of all later steps", "$GITHUB_PATH": "the search path of all later steps"}
_FILTERS = ("cat", "head", "tail", "jq", "sed", "tr", "grep", "tee", "awk", "cut", "sort", "yq")
_INTO = ("-o", "--output-last-message", "--output-file")
_NAMED = later(r"([\w-]+)(=|<<)(.*)", re.DOTALL)


class Run(NamedTuple):
    """A place where foreign text is run: what it is called there, what runs it, and from where to where."""

    text: str
    sink: str
    start: int
    end: int


class Spoken(NamedTuple):
    """What a script does with foreign text.

    runs   where it is run
    said   outputs of the step that hold it
    plain  outputs of the step that hold the script's own words only
    """

    runs: list[Run]
    said: set[str]
    plain: set[str]


def spoken(text: str, foreign: Callable[[Simple], bool], variables: Iterable[str] = ()) -> Spoken:
    """What a script does with the output of foreign commands, and with variables that hold foreign text."""
    return _Script(parse(text), foreign, set(variables)).read()


class _Script:
    """Reads the commands of a script so that what stands inside a command comes before it."""

    def __init__(self, line: Line, foreign: Callable[[Simple], bool], variables: set[str]) -> None:
        self.line = line
        self.foreign = foreign
        self.variables = variables
        self.files: set[str] = set()
        self.came: list[tuple[Simple, str]] = []
        self.stages: dict[int, str] = {}
        self.found = Spoken([], set(), set())
        self.block = ""

    def read(self) -> Spoken:
        for simple in sorted(self.line.commands, key=lambda each: (each.end, -each.start)):
            started = understand(simple)
            before = self.stages.get(simple.pipe, "") if simple.stage else ""
            self.assigned(simple)
            if len(self.found.runs) < MAX_FOUND:
                self.ran(simple, started, before)
            said = self.comes(simple, before)
            self.stages[simple.pipe] = said
            if said and len(self.came) < MAX_CAME:
                self.came.append((simple, said))
            self.written(simple, started, said)
        return self.found

    def holds(self, word: Word) -> str:
        """What is foreign in a word: a variable, or what a command inside it prints."""
        raw = word.raw or word.text
        for name in _VARIABLE.findall(raw):
            if name in self.variables:
                return f"${name}"
        if "$(" in raw or "`" in raw:
            return next((said for simple, said in self.came if word.start <= simple.start and simple.end <= word.end), "")
        return ""

    def comes(self, simple: Simple, before: str) -> str:
        """What is foreign in a command's output."""
        if self.foreign(simple):
            return _short(self.line.text[simple.start:simple.end])
        head = simple.words[0].text if simple.words else ""
        if head in ("echo", "printf"):
            return next((said for word in simple.words[1:] if (said := self.holds(word))), "")
        if head in _FILTERS:
            return before or next((word.text for word in simple.words[1:] if bare(word.text) in self.files), "")
        return ""

    def assigned(self, simple: Simple) -> None:
        if simple.words and simple.words[0].text not in ("export", "local", "declare", "readonly"):
            return
        pairs = [*simple.assignments, *((word.text.partition("=")[0], word) for word in simple.words[1:] if "=" in word.text)]
        for name, word in pairs:
            if self.holds(word):
                self.variables.add(name)
            else:
                self.variables.discard(name)

    def ran(self, simple: Simple, started: Started, before: str) -> None:
        said = before if before and reads_input(started) else ""
        for one in every(started):
            said = said or next((held for word in run_words(simple, one) if (held := self.holds(word))), "")
            said = said or next((name for name in map(bare, programs(one)) if name in self.files), "")
        if said:
            head = started.head if started.kind in ("shell", "interpreter") else "the shell"
            sink = f"the code that {head} runs" if head == started.head else "a command"
            self.found.runs.append(Run(said, sink, simple.start, simple.end))
            return
        for redirect in simple.redirects:
            where = _LATER.get(redirect.target.text.replace("{", "").replace("}", ""), "")
            held = next((held for word in simple.words[1:] if (held := self.holds(word)) and _NAMED.match(word.text)), "")
            if where and held:
                self.found.runs.append(Run(held, where, simple.start, simple.end))

    def written(self, simple: Simple, started: Started, said: str) -> None:
        words = simple.words
        if said:
            names = targets(simple, started)
            if words and words[0].text == "tee":
                names += [bare(word.text) for word in words[1:] if not word.text.startswith("-")]
            names += [bare(after.text) for option, after in zip(words, words[1:], strict=False) if option.text in _INTO]
            self.files.update(name for name in names if "GITHUB_" not in name)
        if words and words[0].text in ("echo", "printf", *_FILTERS):
            self.output(simple, said)

    def output(self, simple: Simple, said: str) -> None:
        """A line of the step's outputs: `name=value`, or a block `name<<END` whose lines follow."""
        match = _NAMED.fullmatch(simple.words[1].text) if len(simple.words) > 1 else None
        if match is not None and match.group(2) == "<<":
            self.block = match.group(1)
        elif match is not None:
            (self.found.said if said else self.found.plain).add(match.group(1))
        elif said and self.block:
            self.found.said.add(self.block)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 40 else line[:37] + "…"
