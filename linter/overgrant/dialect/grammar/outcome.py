"""What a hook's code decides, read off its text: does it ever refuse, does it always approve, what does it evaluate.

Nothing runs. An outcome is only stated where the text leaves no other; everything else is `unknown` or `runs`.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from typing import Any, NamedTuple

from overgrant.pattern import later

MOST = 256 * 1024
_EXITS = {
    "shell": re.compile(r"\b(?:exit|return)[ \t]+([\"']?[$\w{}?]+)"),
    "js": re.compile(r"\b(?:process\.exit\(|process\.exitCode\s*=|Deno\.exit\()\s*([\w$.]*)"),
}
_LAST = later(r"(?:\|\|\s*(?:true|:|exit\s+0)|;\s*(?:true|exit\s+0))\s*;?\s*(?:fi|\}|done)?\s*$")
# a script that prints a refusal, and a script of the shell whose last word cannot fail
_REFUSAL = r"\b(?:block(?:ed|ing)?|den(?:y|ied)|refus(?:ed|ing)|reject(?:ed)?|forbidden|not allowed)\b"
_SAYS = {"shell": re.compile(rf"(?i)\b(?:echo|printf)\b[^\n|;&]{{0,80}}{_REFUSAL}"),
         "python": re.compile(rf"(?i)\bprint\([^\n]{{0,80}}{_REFUSAL}")}
_ENDS = later(r"(?:^|[\n;])[ \t]*(?:fi|done|esac|\}|exit 0|true|echo [^\n]{0,200})[ \t]*\n*$")
_CONDITION = later(r"\b(?:if|case|while|for|test|grep|match|switch)\b|&&|\|\||\[\[?\s|\?\s")

# Ways to read standard input or an argument, and ways to read a variable of the environment.
_GIVEN = later(r"\bcat\b(?!\s*<<)(?!\s+[\w./\"$~])|\bcat\s+-|stdin|"
                    r"(?<!\|)(?<!\|\x20)\bjq\b(?![^\n;|&)]{0,200}<<<)|\bread\s|readFileSync\(0|\binput\(\)|open\(0|\\$input\b|"
                    r"\$[{]?[1-9@*]|\bargv\b|\bmapfile\b|<&0|fileinput")
_ASSIGNED = later(r"(?<![\w$])([A-Za-z_]\w*)\s*=(?!=)|\bfor ([A-Za-z_]\w*) in\b")
_VARIABLES = {
    "shell": later(r"\$\{?([A-Za-z_]\w*)"),
    "python": later(r"environ(?:\.get)?[\[(]\s*[\"']([A-Za-z_]\w*)|getenv\(\s*[\"']([A-Za-z_]\w*)"),
    "js": later(r"process\.env(?:\.|\[[\"'])([A-Za-z_]\w*)"),
}


class Outcome(NamedTuple):
    """`outcome` is a word of `overgrant.model.OUTCOMES`; `why` half a sentence; `at` the text that shows it.

    `by_status`: it blocks by its exit status, which what stands around it may swallow.
    """

    outcome: str
    why: str = ""
    at: tuple[int, int] | None = None
    refuses: bool = False
    by_status: bool = False


def of(text: str, language: str, status: int, unset: Collection[str] = ()) -> Outcome:
    """The outcome of a hook's code; `language` is shell, python or js, `status` the exit status that refuses.

    `unset` holds patterns of variables that people expect to hold the call, and that the product never sets.
    """
    found = _of(text, language, status)
    if found.outcome == "blocks" and unset and (read := _reads_nothing(text, language, unset)) is not None:
        why = f"it looks at `${read[0]}`, which is never set; the call is what it gets on standard input"
        return Outcome("never-blocks", why, read[1], True)
    return found


def _reads_nothing(text: str, language: str, unset: Collection[str]) -> tuple[str, tuple[int, int]] | None:
    """The first variable that is never set, where a guard reads such ones and not what it is given."""
    if _GIVEN.search(text):
        return None
    from fnmatch import fnmatchcase

    own = {match[1] or match[2] for match in _ASSIGNED.finditer(text)}
    for match in _VARIABLES[language].finditer(text):
        name = next(group for group in match.groups() if group)
        if name not in own and any(fnmatchcase(name, pattern) for pattern in unset):
            return name, match.span()
    return None


def _of(text: str, language: str, status: int) -> Outcome:
    if len(text) > MOST:
        return Outcome("unknown", "the script is too long")
    plain = re.sub(r"[\"'\\]", "", text).lower()
    refuses = _data("refusals").search(plain) is not None
    said = {match[1] for match in _decisions().finditer(plain)}
    if said & set(_raw()["refusing"]):
        codes = _python(text) if language == "python" else _codes(text, language)
        if codes and all(code not in (0, status) for code, _ in codes):
            return Outcome("never-blocks", f"a decision is only read after exit status 0, and it exits with {codes[0][0]}",
                           codes[0][1], True)
        return Outcome("blocks", refuses=True)
    if said & set(_raw()["approving"]):
        if said <= set(_raw()["approving"]) and not _CONDITION.search(text):
            return Outcome("always-allows", "it approves whatever it is asked", _find(text, "allow", "approve"))
        return Outcome("runs", refuses=refuses)
    if said:
        return Outcome("unknown", "what it decides is computed", refuses=refuses)
    codes = _python(text) if language == "python" else _codes(text, language)
    if codes is None:
        return Outcome("unknown", "its exit status is computed", refuses=refuses)
    if any(code == status for code, _ in codes):
        return Outcome("blocks", refuses=True, by_status=True)
    if not refuses:
        return Outcome("runs")
    failing = next(((code, at) for code, at in codes if code), None)
    if failing is not None:
        return Outcome("never-blocks", f"only exit status {status} blocks, and it exits with {failing[0]}", failing[1], True)
    ignored = _LAST.search(text) if language == "shell" and text.count("\n") < 2 else None
    if ignored is not None:
        return Outcome("never-blocks", "its failure is ignored at the end", ignored.span(), True)
    if (shown := _only_says(text, language)) is not None:
        return Outcome("never-blocks", "it says that it refuses, and ends with success", shown, True)
    return Outcome("unknown", "its exit status is that of what it runs", refuses=True)


def _only_says(text: str, language: str) -> tuple[int, int] | None:
    """Where a script prints that it refuses, when nothing in it ends with anything but success."""
    said = _SAYS[language].search(text) if language in _SAYS else None
    if said is None or language == "shell" and (text.count("\n") < 2 or not _ENDS.search(text)) or "set -e" in text:
        return None
    return said.span()


def swallowed(line: str, script: str) -> tuple[str, tuple[int, int]] | None:
    """Why the exit status of a script never leaves the line that runs it, and where that stands."""
    at = line.find(script) if script else -1
    if at < 0:
        return None
    end = at + len(script)
    if (ignored := _LAST.search(line, end)) is not None:
        return "its failure is ignored at the end", ignored.span()
    if (behind := re.search(r"(?<![&|>])&\s*$", line[end:])) is not None:
        return "it runs in the background, and nobody waits for its answer", (end + behind.start(), end + behind.end())
    if (pipe := re.search(r"(?<!\|)\|(?![|&])", line[end:])) is not None and "pipefail" not in line:
        return "a pipe hands on the status of its last program", (end + pipe.start(), len(line))
    return None


def injection(text: str, whole: str = "") -> str:
    """The model's text that a command line hands to a shell as code: `eval "$X"`, `sh -c "… $X"`; empty when none.

    `whole` is the script that the line belongs to.
    """
    if not any(word in text for word in ("eval", "-c", "$ARG", "$1")):
        return ""
    from overgrant.dialect.grammar.launch import every, understand_line

    held = _held(whole or text)
    for started in understand_line(text):
        for process in every(started):
            code = [process.inline or ""] if process.kind == "shell" and any(word.dynamic for word in process.argv) else []
            if process.head == "eval":
                code = [" ".join(word.text for word in process.argv[1:])]
            for each in code:
                name = next((name for name in held if re.search(rf"\$\{{?{name}\b", each)), "")
                if name:
                    return f"${name}"
                if "$(" in each and any(mark in each for mark in _raw()["reads-input"]):
                    return "$(…)"
    return ""


def _held(text: str) -> list[str]:
    """Variables that hold the model's text: those that the product sets, and those read from a hook's input."""
    found = list(_raw()["from-model"])
    for match in re.finditer(r"\b([A-Za-z_]\w{0,60})=[\"']?\$\(([^)]{0,400})", text):
        if any(mark in match[2] for mark in _raw()["reads-input"]) or any(f"${name}" in match[2] for name in found):
            found.append(match[1])
    return found


def language_of(path: str, text: str) -> str:
    """shell, python or js, by the name or the first line; empty for anything else."""
    ending = path.rsplit(".", 1)[-1].lower() if "." in path.rsplit("/", 1)[-1] else ""
    by_name = {"sh": "shell", "bash": "shell", "zsh": "shell", "py": "python", "js": "js", "mjs": "js", "cjs": "js", "ts": "js"}
    if ending in by_name:
        return by_name[ending]
    first = text[:80].split("\n", 1)[0]
    if not first.startswith("#!"):
        return ""
    return "python" if "python" in first else "js" if "node" in first else "shell" if "sh" in first else ""


def _codes(text: str, language: str) -> list[tuple[int, tuple[int, int]]] | None:
    found: list[tuple[int, tuple[int, int]]] = []
    if language == "shell":
        text = re.sub(r"(?m)^[ \t]*#[^\n]*", lambda match: " " * len(match[0]), text)
    for match in _EXITS[language].finditer(text):
        word = match[1].strip("\"'")
        if not word.isdigit():
            return None
        found.append((int(word), match.span()))
    return found


def _python(text: str) -> list[tuple[int, tuple[int, int]]] | None:
    import ast
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
        nodes = list(ast.walk(tree))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    found: list[tuple[int, tuple[int, int]]] = []
    guarded = any(isinstance(node, ast.Try) for node in nodes)
    for node in nodes:
        if isinstance(node, ast.Raise) and node.exc is not None and "SystemExit" not in ast.unparse(node.exc) and not guarded:
            found.append((1, (starts[node.lineno - 1] + node.col_offset, starts[(node.end_lineno or node.lineno) - 1]
                              + (node.end_col_offset or 0))))
            continue
        if not isinstance(node, ast.Call) or ast.unparse(node.func) not in ("sys.exit", "exit", "quit", "os._exit", "SystemExit"):
            continue
        code = _constant(node.args[0]) if node.args else 0
        if code is None and isinstance(node.args[0], ast.Call) and isinstance(node.args[0].func, ast.Name):
            returned = _returned(nodes, node.args[0].func.id)
            if returned is None:
                return None
            found += [(each, (starts[line - 1], starts[line] - 1)) for each, line in returned]
            continue
        if code is None:
            return None
        found.append((code, (starts[node.lineno - 1] + node.col_offset, starts[(node.end_lineno or node.lineno) - 1]
                             + (node.end_col_offset or 0))))
    return found


def _returned(nodes: list[Any], name: str) -> list[tuple[int, int]] | None:
    """The constants that a function returns, each with its line; None when one is computed."""
    import ast

    found: list[tuple[int, int]] = []
    for function in nodes:
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)) and function.name == name:
            for node in ast.walk(function):
                if isinstance(node, ast.Return):
                    code = _constant(node.value) if node.value is not None else 0
                    if code is None:
                        return None
                    found.append((code, node.lineno))
            return found
    return None


def _constant(node: Any) -> int | None:
    value = getattr(node, "value", ...)
    if value is None:
        return 0
    if isinstance(value, bool):
        return int(value)
    return value if isinstance(value, int) else 1 if isinstance(value, str) else None


def _find(text: str, *words: str) -> tuple[int, int] | None:
    return next(((at, at + len(word)) for word in words if (at := text.find(word)) >= 0), None)


@cache
def _raw() -> dict[str, Any]:
    from overgrant.read.knowledge import load

    return dict(load("hooks"))


@cache
def _data(name: str) -> re.Pattern[str]:
    return re.compile(_raw()[name])


@cache
def _decisions() -> re.Pattern[str]:
    return re.compile(rf"\b{_raw()['keys']}\s*[:=]\s*([$\w.]+)")
