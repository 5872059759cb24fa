"""Power: whether a hook is ever asked: its event exists, and its matcher matches the name of some tool.

Events and tools are data of the product. A name that nobody knows may be a newer tool, so it is only called
wrong where the text shows what was meant.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Any, NamedTuple

from overgrant.pattern import later

_NAMES = later(r"[A-Za-z0-9_|-]+")
_RULE = later(r"([A-Za-z]\w*)\(.*\)", re.DOTALL)
_CONDITION = later(r"[!=]=|&&|\|\||\"")
_LIST = later(r"[A-Za-z]\w*(?:\s*[,;]\s*[A-Za-z]\w*)+")


class Dead(NamedTuple):
    """Why a hook never runs, and what was meant."""

    why: str
    suggestion: str


def event(name: str, events: tuple[str, ...]) -> Dead | None:
    """An event that does not exist, and is close to one that does or the end of its name."""
    if not events or not name or name in events:
        return None
    close = [each for each in events if each.lower() == name.lower()] or get_close_matches(name, events, 1, 0.8)
    if close:
        return Dead(f"there is no event `{name}`, so its hooks never run", close[0])
    if len(name) > 2 and (longer := [f"`{each}`" for each in events if each.endswith(name)]):
        return Dead(f"there is no event `{name}`, only {' and '.join(longer[:3])}, so its hooks never run", "")
    return None


def matcher(text: str, tools: dict[str, Any]) -> Dead | None:
    """A matcher that matches the name of no tool."""
    text = text.strip()
    if text in ("", "*") or not tools or _reaches(text, tools):
        return None
    if (rule := _RULE.fullmatch(text)) is not None:
        return Dead("a matcher is held against the names of tools, and no name looks like this", rule[1])
    if _CONDITION.search(text):
        return Dead("a matcher is held against the names of tools, and this is a condition", "")
    if _LIST.fullmatch(text):
        return Dead("it is the name of no tool; names stand apart with `|`", "|".join(re.split(r"\s*[,;]\s*", text)))
    meant = [_meant(part, tools) for part in text.split("|")]
    if all(meant):
        return Dead(f"there is no tool `{text}`, so the hook is never asked", "|".join(meant))
    return Dead(f"no tool has a name like `{text}`", "") if " " in text and "|" not in text else None


def is_rule(text: str) -> bool:
    """A permission rule, `Bash(git push *)`, where the name of a tool belongs."""
    return _RULE.fullmatch(text.strip()) is not None


def _meant(part: str, tools: dict[str, Any]) -> str:
    close = [each for each in tools if each.lower() == part.lower()] or get_close_matches(part, tools, 1, 0.85)
    return close[0] if close else ""


def _reaches(text: str, tools: dict[str, Any]) -> bool:
    if _NAMES.fullmatch(text) and any(part in tools or part.startswith("mcp_") for part in text.split("|")):
        return True
    from overgrant.automaton import matches
    from overgrant.regex import Unsupported, from_regex

    pattern = from_regex(text, flavour="js", anchored=False)
    return isinstance(pattern, Unsupported) or "mcp_" in text or any(matches(pattern, name) for name in tools)
