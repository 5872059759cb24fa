"""Command lines that stand in a variable, or in a text that another program runs, and the flags that they hold."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import Any

from overgrant.dialect.grammar.agentcli import HOLDS, MAX_CHARS, MAX_VARIABLES, MAX_WORDS, known, mentions
from overgrant.pattern import later
from overgrant.read.knowledge import load

_DEFAULT = later(r"\$\{(\w+):?-([^{}$]*)\}")
_LED_IN = later(r"^(?:spawn\s+|[\w-]+=(?=\S+\s))")  # of `expect` and of `alias`
_FLAG = later(r"(?<![\w-])--?[A-Za-z][\w-]*")
MAX_HOLDERS = 50  # commands and lines behind one command that runs a text
MAX_LINE = 4096  # chars of one of them
MAX_HELD = 128 * 1024  # chars of all of them in one script


def remember(text: str, simple: Any, values: dict[str, str], written: dict[str, tuple[int, int]]) -> None:
    """The variables that a command sets for those after it, and where the flags in them stand."""
    setter = simple.words[0].text in ("export", "local", "declare", "readonly") if simple.words else True
    if setter and len(values) < MAX_VARIABLES:
        said = [(name, word.text, text[word.start - 2:word.start] == "+=") for name, word in simple.assignments]
        said += [(name, value, False) for name, equals, value in (word.text.partition("=") for word in simple.words[1:]) if equals]
        for word in (*(word for _, word in simple.assignments), *simple.words[1:]):
            if "-" in word.text and text[word.start:word.end] == word.raw and len(written) < MAX_VARIABLES:
                written.update((match.group(), (word.start + match.start(), word.start + match.end()))
                               for match in _FLAG.finditer(word.raw[:MAX_CHARS]))
        for name, value, more in said:
            before, value = values.get(name, "") if more else "", filled(value, values)
            listed = before.startswith("(") and before.endswith(")") and value.startswith("(")
            values[name] = f"{before[:-1]} {value[1:]}"[:MAX_CHARS] if listed else f"{before}{value}"[:MAX_CHARS]


def filled(text: str, values: Mapping[str, str]) -> str:
    """A text with the variables replaced whose value is known, or that say one themselves (`${CLAUDE:-claude}`)."""
    if "$" not in text:
        return text
    left = MAX_CHARS

    def put(match: re.Match[str]) -> str:
        nonlocal left
        value = values.get(match.group(1) or match.group(2), match.group())
        left -= len(value)
        return value if left > 0 else match.group()

    text = _DEFAULT.sub(lambda match: values.get(match.group(1), match.group(2))[:MAX_LINE], text[:MAX_CHARS], count=MAX_HOLDERS)
    return HOLDS.sub(put, text[:MAX_CHARS])[:MAX_CHARS]


def lines_behind(simple: Any, values: Mapping[str, str]) -> list[str]:
    """Commands that a variable holds (`$CMD "$1"`, `eval "$CMD"`), or a text for a program that runs it (`tmux`)."""
    if not simple.words:
        return []
    found = simple.words[:MAX_WORDS]
    lines = [" ".join(_written_out(word.raw, values) for word in found)] if any("$" in word.raw for word in found) else []
    if found[0].text in load("agents-cli")["carriers"]:
        heads = {head for entry in known().values() for head in entry["heads"]}
        at = next((i for i, word in enumerate(found) if word.text in heads), len(found))
        lines = [" ".join(word.raw for word in found[at:]), *(_LED_IN.sub("", filled(word.text, values)) for word in found[1:])]
    return [line[:MAX_LINE] for line in lines if mentions(line)][:MAX_HOLDERS]


def _written_out(raw: str, values: Mapping[str, str]) -> str:
    """A word as if its variables had been written out; what stood in quotes alone stays one word."""
    bare = raw[1:-1] if len(raw) > 1 and raw[0] == raw[-1] == '"' else ""
    out = filled(bare or raw, values)
    if out == (bare or raw) or raw.startswith("'"):
        return raw
    if "[" in raw:
        return out.removeprefix("(").removesuffix(")")
    return shlex.quote(out) if bare else out
