"""Power: what somebody asks whether an agent may do, and how it falls into single acts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

COMMAND, READ, WRITE, FETCH, TOOL = "command", "read", "write", "fetch", "tool"
CAPABILITIES = {COMMAND: ("exec.shell",), READ: ("fs.read",), WRITE: ("fs.write",), FETCH: ("net.egress",), TOOL: ()}


class Act(NamedTuple):
    """One thing to decide.

    sort     command, read, write, fetch or tool
    text     as a person would say it: the command, the path, the URL, `server.tool`
    stripped for a command: the same without variables and wrappers before it, outermost first
    words    for a command: its words without quotes
    """

    sort: str
    text: str
    stripped: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    open: bool = False


def parse(text: str) -> Act:
    """The act that a person typed: a command line, `sh: …`, `read PATH`, `write PATH`, `fetch URL`, `mcp:server.tool`.

    Raises `ValueError` with a sentence when the form is known but empty.
    """
    said = text.strip()
    word, _, rest = said.partition(" ")
    if said.startswith("sh:"):
        return Act(COMMAND, said[3:].strip())
    if said.startswith("mcp:"):
        server, dot, tool = said[4:].partition(".")
        if not dot or not server or not tool:
            raise ValueError("write a tool as `mcp:SERVER.TOOL`")
        return Act(TOOL, f"{server}.{tool}")
    if word in (READ, WRITE, FETCH):
        if not rest.strip():
            raise ValueError(f"`{word}` needs what to {word}: `{word} {'URL' if word == FETCH else 'PATH'}`")
        return Act(word, rest.strip())
    if not said:
        raise ValueError("the action is empty")
    return Act(COMMAND, said)


def acts(act: Act, policy: dict[str, object]) -> tuple[list[Act], list[str]]:
    """The single acts of an act, and what in it could not be understood.

    A command line falls into its simple commands (also those in substitutions) and the files that
    its redirects write, where the product decides so (`compound: split`).
    """
    if act.sort != COMMAND:
        return [act], []
    from overgrant.dialect.grammar.shell import parse as parse_line

    line = parse_line(act.text)
    found: list[Act] = []
    whole = policy.get("compound", "split") != "split"
    for simple in line.commands:
        words = tuple(word.text for word in simple.words)
        raw = " ".join(act.text[word.start:word.end] for word in simple.words)
        assigned = "".join(f"{name}={word.text} " for name, word in simple.assignments)
        if words:
            found.append(Act(COMMAND, assigned + raw, tuple(_strip(raw, words, policy)), words,
                             any(word.dynamic for word in simple.words)))
        if policy.get("redirects") == "written-files":
            found += [Act(WRITE, redirect.target.text) for redirect in simple.redirects
                      if redirect.op.lstrip("0123456789&").startswith(">") and redirect.target.text
                      and not redirect.target.text.startswith(("/dev/null", "&")) and not redirect.target.text.isdigit()]
        if policy.get("redirects-read"):
            found += [Act(READ, redirect.target.text) for redirect in simple.redirects
                      if redirect.op.lstrip("0123456789") == "<" and redirect.target.text
                      and not redirect.target.text.startswith(("/dev/null", "&", "("))]
    if whole and found:
        words = tuple(word for each in found for word in each.words)
        found = [Act(COMMAND, act.text, (act.text,), words)]
    return found or [act], [what for what, _, _ in line.problems]


def _strip(raw: str, words: Sequence[str], policy: dict[str, object]) -> list[str]:
    """The command with and without the wrappers that the product takes off before it matches."""
    wrappers = policy.get("wrappers", ())
    forms, rest, text = [raw], list(words), raw
    while rest and isinstance(wrappers, list) and rest[0] in wrappers:
        head = rest.pop(0)
        text = text[text.index(head) + len(head):].lstrip() if head in text else text
        if head == "xargs" and rest and rest[0].startswith("-"):
            break
        while rest and (rest[0].startswith("-") or head in ("timeout", "nice") and _number(rest[0])):
            text = text[len(rest[0]):].lstrip() if text.startswith(rest[0]) else text
            rest.pop(0)
        forms.append(text)
    return forms


def _number(word: str) -> bool:
    return word.rstrip("smhd").replace(".", "", 1).isdigit()
