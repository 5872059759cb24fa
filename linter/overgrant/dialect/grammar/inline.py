"""Commands inside the text of a skill or command: run when it is invoked, before the model sees the text.

Source: code.claude.com/docs/en/skills#inject-dynamic-context: `` !`command` `` at the start of a line or
behind a blank, and fences whose info is `!`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from overgrant.pattern import later
from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.dialect.walk import Context

_INLINE = later(r"(?:^|(?<=\s))!`([^`\n]{1,4000})`", re.MULTILINE)
_ARGUMENT = later(r"\$(?:ARGUMENTS\b|\{ARGUMENTS\}|[1-9]\b)")
MOST = 200


def commands(value: Value, context: Context) -> list[dict[str, Any]]:
    """One hook for each command that the text runs; `injects` names an argument that is pasted into it."""
    spans = [match.span(1) for match in _INLINE.finditer(value.text)] + _fences(value)
    found = []
    for start, end in sorted(spans)[:MOST]:
        part = value.part(start, end)
        pasted = _ARGUMENT.search(part.text)
        found.append({"command": part.text.strip(), "injects": pasted[0] if pasted else "", "@value": part})
    return found


def _fences(value: Value) -> list[tuple[int, int]]:
    if "```!" not in value.text:
        return []
    from overgrant.read.markdown import fences

    base = value.span.start
    return [(fence.text.span.start - base, fence.text.span.end - base) for fence in fences(value)
            if fence.info == "!" and fence.text.text.strip()]
