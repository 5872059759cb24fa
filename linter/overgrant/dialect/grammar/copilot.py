"""Tool lists of GitHub Copilot's custom agents, chat modes and prompt files.

Sources: docs.github.com/en/copilot/reference/custom-agents-configuration and
code.visualstudio.com/docs/agents/reference/custom-agent-file-reference. A list says what is there, not what
runs unasked; the case of a name does not count, and a name that nobody knows is skipped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from overgrant.dialect.grammar import whole
from overgrant.scope import everything, host_glob, tool_glob
from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.dialect.walk import Context

Fields = dict[str, Any]


def available(value: Value, context: Context) -> list[Fields]:
    """Entries of `tools`: a tool or set, `set/tool`, `server/tool`, `server/*`; as a text they stand between commas."""
    found: list[Fields] = []
    at = 0
    for piece in value.text.split(","):
        name = piece.strip()
        start = at + len(piece) - len(piece.lstrip())
        at += len(piece) + 1
        if name:
            part = value if name == value.text else value.part(start, start + len(name))
            what = {"tool": "*", "capability": "", "breadth": "all"} if name == "*" else tool(name, context.product)
            found.append({"text": name, **what, "@value": part})
    return found


def tool(name: str, product: str) -> Fields:
    """The fields of one entry. A tool of a set is what it is by itself; without a meaning of its own, what the set is."""
    plain = name.lstrip("#").lower()
    head, slash, rest = plain.partition("/")
    # only a set has tools of the product; `docs/search` is a server's tool that is called like one
    known = whole.canonical(product, head)
    if known:
        known = rest != "*" and whole.canonical(product, rest) or known
        return {**whole.grant(product, known), "tool": name}
    if not slash:
        return {"tool": name, "capability": "", "scope": tool_glob(name)}
    # `owner/server/tool` is how a gallery names a server
    server, _, last = name.rpartition("/")
    return {"server": server, "tool": last, "capability": "", "scope": tool_glob(name),
            "breadth": "family" if last == "*" else "exact"}


def url(value: Value, context: Context) -> list[Fields]:
    """One entry of the lists of URLs: a host, with or without a scheme and wildcards."""
    host = (value.text.partition("://")[2] or value.text).partition("/")[0]
    return [{"text": value.text, "scope": everything("host") if host in ("*", "**") else host_glob(host)}]
