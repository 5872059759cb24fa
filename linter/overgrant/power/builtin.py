"""Power: what a product decides by itself: its lists of harmless commands, and what no rule of a file approves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from overgrant.power.action import CAPABILITIES, READ, WRITE, Act
from overgrant.scope import Answer, Scope, path_glob

Policy = dict[str, Any]


def builtin(entry: Policy, act: Act, policy: Policy, further: Sequence[Scope] = ()) -> bool:
    """An entry of the product's own list covers the act. `further` are folders that count as the workspace, too."""
    if entry["capability"] not in CAPABILITIES[act.sort] and entry["capability"] != act.sort:
        return False
    if "commands" in entry and not _listed(entry, act):
        return False
    if "paths" in entry and not any(path_glob(each, base=".").matches(act.text) is Answer.YES for each in entry["paths"]):
        return False
    if entry.get("within") == "workspace":
        paths = [act.text] if act.sort in (READ, WRITE) else [word for word in act.words[1:] if not word.startswith("-")]
        if act.sort not in (READ, WRITE) and any(protected(path, policy) for path in paths):
            return False
        return all(inside_workspace(path) or any(scope.matches(path) is Answer.YES for scope in further) for path in paths)
    return True


def _listed(entry: Policy, act: Act) -> bool:
    """The command is in the product's own list, and none of its options takes it out again."""
    if act.open and entry.get("decision", "allow") == "allow":
        return False
    for form in act.stripped or (act.text,):
        for command in entry["commands"]:
            if form == command or form.startswith(command + " "):
                outside = entry.get("except", {}).get(command, ())
                return not any(word.partition("=")[0] in outside for word in act.words)
    return False


def protected(path: str, policy: Policy) -> str:
    """Why no rule approves a write of the path; empty where rules do."""
    entry = policy.get("protected", {})
    if any(path_glob(each, base=".").matches(path) is Answer.YES for each in entry.get("except", ())):
        return ""
    folder = path.rstrip("/") + "/x"
    return next((f"`{pattern}` is protected: no rule approves a write there" for pattern in entry.get("paths", ())
                 if path_glob(pattern, base=".").matches(path) is Answer.YES
                 or pattern.endswith("/**") and path_glob(pattern, base=".").matches(folder) is Answer.YES), "")


def critical(act: Act, policy: Policy) -> str:
    """Why no rule approves a removal: it hits the filesystem, the home directory, or the workspace itself."""
    if not act.words or act.words[0] not in policy.get("critical", ()):
        return ""
    hit = next((word for word in act.words[1:] if not word.startswith("-") and _is_critical(word)), None)
    return f"no rule approves the removal of `{hit}`" if hit is not None else ""


def _is_critical(path: str) -> bool:
    plain = path.rstrip("/") or "/"
    if plain in ("/", "~", ".", "/*", "~/*", "$HOME", "${HOME}") or set(plain.split("/")) <= {"..", "."}:
        return True
    if plain.startswith("/"):
        return plain.count("/") == 1
    variable, slash, rest = path.partition("/")
    return variable.startswith("$") and ":?" not in variable and bool(slash) and rest in ("", "*", "**")


def inside_workspace(path: str) -> bool:
    """The path lies below the working directory, as far as its text can say."""
    return path_glob(".", base=".", directory=True).matches(path) is Answer.YES
