"""Ground: the text of paths: where a written path starts, and the automaton of one with wildcards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from overgrant import automaton as fa
from overgrant.automaton import NFA

Place = Literal["workspace", "home", "filesystem", "elsewhere", "unknown"]
HOME = "/home/~"
WORKSPACE = "/home/~/src/workspace"
WORKSPACE_NAMES = ("home", "~", "src", "workspace")
VARIABLES = {
    **dict.fromkeys(("HOME", "USERPROFILE", "userHome"), HOME),
    **dict.fromkeys(("workspaceFolder", "workspaceRoot", "CLAUDE_PROJECT_DIR", "PWD"), WORKSPACE),
    **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), "/tmp"),
}
TEMPORARY = ("/tmp", "/var/tmp", "/dev/shm", "/var/folders", "/private/tmp", "/private/var/tmp",
              "/private/var/folders")
# What may stand before a folder of homes (nothing, or the drive of Windows in four spellings), and folders of homes that are nobody's.
_DRIVES: tuple[list[str], ...] = ([], ["c:"], ["c"], ["mnt", "c"], ["cygdrive", "c"])
_NOBODY = ("shared", "public", "default", "all users", "linuxbrew")
SPECIAL = tuple("*?[]{}!# \\")
MAX_CHOICES = 64


def show(item: str) -> str:
    """A canonical path as people write it: `src/x.py`, `~/.ssh/id_rsa`, `C:\\Users`, `/etc/passwd`."""
    if item == WORKSPACE:
        return "."
    if item.startswith(WORKSPACE + "/"):
        return item[len(WORKSPACE) + 1:]
    if item == HOME or item.startswith(HOME + "/"):
        return "~" + item[len(HOME):]
    if item[2:3] == ":" and item[3:4] in ("", "/"):
        return item[1].upper() + ":" + (item[3:].replace("/", "\\") or "\\")
    return item or "/"


def step_down() -> NFA:
    # a step down: a slash and a name
    return fa.concat(fa.literal("/"), fa.plus(fa.any_except("/")))


def below(directory: str) -> NFA:
    return fa.concat(fa.literal(directory), fa.star(step_down()))


def canonical(written: str, start: Sequence[str], *, concrete: bool = False) -> list[str] | None:
    """The names of a written path from the root down, `.` and `..` resolved; None if where it starts is unknown.

    A `concrete` path is no pattern: a `$` or a bracket inside it is part of a name.
    """
    text = written
    if not concrete or not written.startswith("/"):  # else it may be canonical already
        expanded = _expanded(written.strip(), concrete)
        if expanded is None:
            return None
        text = _slashes(expanded)
    names = [] if text.startswith("/") else list(start)
    for name in text.split("/"):
        if name == "..":
            if "**" in names[-1:] and not concrete:
                return None  # up from anywhere is nowhere in particular
            del names[-1:]
        elif name not in ("", "."):
            names.append(name)
    return _at_home(names)


def _at_home(names: list[str]) -> list[str]:
    """A person's home that is spelt out (`/Users/ada`, `/home/ada`, `C:/Users/ada`, `/c/Users/ada`) is the home.

    Whoever wrote it down meant their own; on other machines it names nothing.
    """
    at = next((number for number, name in enumerate(names[:3]) if name.lower() in ("users", "home")), None)
    if at is None or [name.lower() for name in names[:at]] not in _DRIVES:
        return ["home", "~", *names[1:]] if names[:1] == ["root"] else names
    who, rest = names[at + 1:at + 2], names[at + 2:]
    if who and who[0].lower() in _NOBODY:
        return names
    if not who or not who[0].strip("*?") or "$" in who[0]:  # anybody's
        return ["home", *who, *rest]
    return ["home", "~**" if "**" in who[0] else "~", *rest]


def _expanded(text: str, concrete: bool) -> str | None:
    """The path with a home, workspace or temporary directory at its start spelt out; None for other variables."""
    import re

    if text.startswith("~"):
        # another user's home
        return HOME + text[1:] if text[1:2] in ("", "/", "\\") else None
    place = ""
    if lead := re.match(r"\$\{([^}]*)\}|\$((?:env:)?\w+)|%([A-Za-z_]\w*)%", text):
        name = lead[1] or lead[2] or lead[3] or ""
        text = text[lead.end():]
        # `${CLAUDE_PROJECT_DIR:-.}` is the same place twice
        known = VARIABLES.get(name.removeprefix("env:").removesuffix(":-.").removesuffix(":-"))
        if known is None or text[:1] not in ("", "/", "\\"):
            return None
        place = known
    if not concrete and re.search(r"\$[\w({]|%[A-Za-z_]\w*%|\{\{", text):
        return None
    return place + text


def _slashes(text: str) -> str:
    """Windows spellings with slashes: `C:\\x` is `/c:/x`, `\\\\server\\x` is `/unc:/server/x`."""
    if len(text) > 1 and text[0].isascii() and text[0].isalpha() and text[1] == ":" and text[2:3] in ("", "/", "\\"):
        return f"/{text[0].lower()}:/" + text[2:].replace("\\", "/")
    if text.startswith("\\\\"):
        return "/unc:" + text[1:].replace("\\", "/")
    if text.startswith((".\\", "..\\", HOME + "\\", WORKSPACE + "\\", "/tmp\\")):
        return text.replace("\\", "/")
    out = []
    for number, char in enumerate(text):
        # elsewhere a backslash before a wildcard takes its meaning away, as in gitignore
        escapes = text[number + 1:number + 2] in SPECIAL or (number and text[number - 1] == "\\")
        out.append("/" if char == "\\" and not escapes else char)
    return "".join(out)


def is_bare(text: str) -> bool:
    name = text.strip().removesuffix("/**").rstrip("/\\")
    return "/" not in name and name[:1] not in ("~", "$", "%", "") and name not in (".", "..") and name[1:2] != ":"


def is_directory(text: str, names: Sequence[str]) -> bool:
    """Whether a pattern says or is known to mean a directory with what is below it."""
    spelt = text.strip()
    if spelt.endswith(("/", "\\")) or spelt.replace("\\", "/").rpartition("/")[2] in ("", ".", ".."):
        return True
    return tuple(names) == WORKSPACE_NAMES[:len(names)] or (len(names) == 1 and names[0].endswith(":"))


def literal_count(names: Sequence[str]) -> int:
    return next((number for number, name in enumerate(names) if any(c in "*?[\\" for c in name)), len(names))


def shared_names(lists: Sequence[Sequence[str]]) -> list[str]:
    """The names that all lists begin with."""
    out: list[str] = []
    for names in zip(*lists):
        if len(set(names)) > 1:
            break
        out.append(names[0])
    return out


def choices(text: str) -> list[str] | None:
    """The texts that `{a,b}` stands for, nested ones too; None for more than `MAX_CHOICES`."""
    done: list[str] = []
    todo = [text]
    while todo:
        each = todo.pop()
        opened, comma, found = -1, False, None
        for at, char in enumerate(each):
            if char == "{" and each[at - 1:at] != "$":
                opened, comma = at, False
            elif char == "," and opened >= 0:
                comma = True
            elif char == "}" and opened >= 0:
                if comma:
                    found = (opened, at)
                    break
                opened = -1
        if found is None:
            done.append(each)
        else:
            low, high = found
            todo.extend(each[:low] + choice + each[high + 1:] for choice in each[low + 1:high].split(","))
        if len(done) + len(todo) > MAX_CHOICES:
            return None
    return done


def path_nfa(names: Sequence[str], fixed: int, tree: bool) -> NFA:
    """The paths of a pattern whose first `fixed` names are meant literally."""
    parts: list[NFA] = []
    for number, name in enumerate(names):
        if number < fixed:
            parts.append(fa.literal("/" + name))
        elif name != "**":
            parts.append(fa.concat(fa.literal("/"), _name(name)))
        elif names[number - 1:number] != ["**"]:
            parts.append(fa.star(step_down()))
    return fa.concat(*parts, *([fa.star(step_down())] if tree else []))


def _name(text: str) -> NFA:
    """One name of a path pattern: `*`, `?`, `[a-z]`, `[!a-z]`, `\\*`."""
    inner = fa.any_except("/")
    if not text.strip("*"):
        return fa.plus(inner)
    parts: list[NFA] = []
    at, starred = 0, False
    while at < len(text):
        char = text[at]
        at += 1
        if char == "*":
            if not starred:
                parts.append(fa.star(inner))
        elif char == "?":
            parts.append(inner)
        elif char == "[" and (end := text.find("]", at + 1 + (text[at:at + 1] in ("!", "^")))) > 0:
            parts.append(fa.one_of(_members(text[at:end])))
            at = end + 1
        else:
            if char == "\\" and at < len(text):
                char = text[at]
                at += 1
            parts.append(fa.literal(char))
        starred = char == "*" and text[at - 2:at - 1] != "\\"
    return fa.concat(*parts)


def _members(body: str) -> fa.Chars:
    """The set of a bracket; a slash is never in it."""
    inverse = body[0] in "!^"
    body = body[inverse:]
    found: list[fa.Chars] = []
    at = 0
    while at < len(body):
        low = high = body[at]
        if body[at + 1:at + 2] == "-" and at + 2 < len(body):
            high = body[at + 2]
            at += 2
        if low <= high:
            found.append(((ord(low), ord(high)),))
        at += 1
    chars = fa.merge(*found)
    return fa.negate(fa.merge(chars if inverse else fa.negate(chars), fa.chars_of("/")))
