"""Command lines that fetch code, or unwrap hidden code, and run it at once."""

from __future__ import annotations

from typing import NamedTuple

from overgrant.dialect.grammar import heads
from overgrant.dialect.grammar.launch import MAX_DEPTH, Started, every, understand
from overgrant.dialect.grammar.shell import Line, Simple, Word, parse


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
    if not any(word in line.text.lower() for word in _marks()):
        return []
    started = [understand(simple) for simple in line.commands]
    sources = [_source(one) for one in started]
    found: list[Evidence] = []
    for index, simple in enumerate(line.commands):
        evidence = (
            _piped(line, sources, index, started[index])
            or _substituted(line, sources, simple, started[index])
            or _saved(line, sources, started, index)
            or _written(simple, started[index], depth)
        )
        if evidence is not None and evidence not in found:
            found.append(evidence)
    return found


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


def _reads_input(started: Started) -> bool:
    """Whether a process runs what it reads from its input."""
    for one in every(started):
        idle = one.script is None and one.inline is None and one.module is None and not one.inner
        if one.kind in ("shell", "interpreter") and idle and one.package is None:
            return True
        if one.script in ("/dev/stdin", "/proc/self/fd/0"):
            return True
    return False


def _piped(line: Line, sources: list[str], index: int, started: Started) -> Evidence | None:
    simple = line.commands[index]
    if simple.stage == 0 or not _reads_input(started):
        return None
    for other, source in zip(line.commands[:index], sources):
        if source and other.pipe == simple.pipe and other.stage < simple.stage:
            return Evidence(f"{source} code is piped into `{started.head}`", other.start, simple.end)
    return None


def _substituted(line: Line, sources: list[str], simple: Simple, started: Started) -> Evidence | None:
    for one in every(started):
        runs: list[Word] = [word for word in one.argv if word.text in (one.inline, one.script)]
        if one.kind == "shell" and one.inline is not None and not runs:
            runs = one.rest
        if one.dynamic:
            runs.append(one.argv[0])
        if _reads_input(one):
            runs += [redirect.target for redirect in simple.redirects if redirect.op == "<<<"]
        for word in runs:
            if not simple.start <= word.start <= simple.end:
                continue
            for other, source in zip(line.commands, sources):
                if source and other is not simple and word.start <= other.start < word.end:
                    return Evidence(f"{source} code is run by `{one.head}`", simple.start, max(simple.end, word.end))
    return None


def _saved(line: Line, sources: list[str], started: list[Started], index: int) -> Evidence | None:
    simple = line.commands[index]
    for other, (source, one) in enumerate(zip(sources[:index], started)):
        if not source:
            continue
        for name in _targets(line.commands[other], one):
            if any(name == _bare(ran) for each in every(started[index]) for ran in _programs(each)):
                start = line.commands[other].start
                return Evidence(f"the {source} file `{name}` is run", start, simple.end)
    return None


def _programs(started: Started) -> list[str]:
    program = started.argv[0].text if started.argv and "/" in started.argv[0].text else None
    return [text for text in (started.script, program) if text]


def _targets(simple: Simple, started: Started) -> list[str]:
    names = [redirect.target.text for redirect in simple.redirects if redirect.op in (">", ">>", ">|")]
    words = [word.text for word in simple.words]
    for at, text in enumerate(words[:-1]):
        cluster = text[:2] in ("-s", "-f", "-L", "-S") and text.endswith("o")
        if cluster or text in ("-o", "--output", "-O", "--output-document", "-OutFile"):
            names.append(words[at + 1])
    if started.head == "wget" or any(text.startswith("-") and "O" in text for text in words):
        names += [text.rpartition("/")[2] for text in words if text.startswith(("https://", "http://"))]
    return [bare for name in names if (bare := _bare(name)) and not name.startswith("/dev/")]


def _bare(path: str) -> str:
    return path.removeprefix("./")


def _written(simple: Simple, started: Started, depth: int) -> Evidence | None:
    """What is written inside the line: another command line, or code that fetches and runs."""
    data = heads.load()
    for one in every(started):
        code = one.inline
        if code is None:
            continue
        if one.kind in ("shell", "launcher") and depth < MAX_DEPTH:
            inner = _search(parse(code), depth + 1)
            if inner:
                return Evidence(inner[0].what, simple.start, simple.end)
        low = code.lower() if one.kind == "interpreter" else f"{one.head} {code}".lower()
        if one.kind in ("interpreter", "shell") and any(text.lower() in low for text in data["inline-fetch"]):
            windows = one.head in ("iex", "invoke-expression", "powershell", "pwsh")
            if (one.kind == "interpreter" or windows) and any(text in low for text in data["inline-run"]):
                return Evidence(f"code for `{one.head}` fetches code and runs it", simple.start, simple.end)
    return None
