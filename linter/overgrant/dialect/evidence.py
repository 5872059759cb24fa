"""What a tree shows that its agents need: the tasks of its scripts, and the commands that a text names.

Only commands that read, build or test are evidence: one that destroys, publishes, deploys or opens a shell is no example of
what to allow.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from overgrant.pattern import later

MOST = 5          # commands that are worth showing
LONGEST = 60      # characters of a command
_PREFERRED = ("test", "lint", "build", "typecheck", "check", "format", "fmt", "compile")
_RUNNERS = (("pnpm-lock.yaml", "pnpm run"), ("yarn.lock", "yarn run"), ("bun.lock", "bun run"), ("bun.lockb", "bun run"))
_HARMLESS = frozenset(("reads-files", "writes-files", "runs-code", "reads-data", "network"))
_TARGET = later(r"(?m)^([a-z][a-z0-9_-]{0,30})[ \t]*:(?!=)")
_SPAN = later(r"(?<!`)`([^`\n]{2,80})`(?!`)")
_FENCE = later(r"(?m)^[ \t]*```(?:bash|sh|shell|console|zsh)[^\n]*\n(.*?)^[ \t]*```", re.DOTALL)
_PLAIN = later(r"[\w@%+=:,./ -]+")


def tasks(folder: str, files: Mapping[str, bytes | None]) -> list[str]:
    """Commands that run the tasks of a directory, those that test and build first: `npm run test`, `make lint`."""
    at = "" if folder in ("", ".") else f"{folder}/"
    found: dict[str, str] = {}
    runner = next((command for name, command in _RUNNERS if at + name in files), "npm run")
    for name, body in _scripts(files.get(f"{at}package.json")):
        found[f"{runner} {name}"] = body
    for path, command in (("Makefile", "make"), ("GNUmakefile", "make"), ("justfile", "just"), ("Justfile", "just")):
        text = (files.get(at + path) or b"")[:65_536].decode("utf-8", "replace")
        found |= {f"{command} {match[1]}": "" for match in _TARGET.finditer(text)}
    wanted = [command for command, body in found.items() if command.split()[-1].split(":")[0] in _PREFERRED
              and (not body or is_harmless(body))]
    return sorted(wanted, key=lambda command: _PREFERRED.index(command.split()[-1].split(":")[0]))[:MOST]


def _scripts(data: bytes | None) -> Iterator[tuple[str, str]]:
    try:
        held = json.loads(data or b"{}")
    except (ValueError, RecursionError):
        return
    scripts = held.get("scripts") if isinstance(held, dict) else None
    for name, body in (scripts if isinstance(scripts, dict) else {}).items():
        if isinstance(body, str) and re.fullmatch(r"[a-z][\w:-]{0,30}", name):
            yield name, body


def commands_in(text: str) -> list[str]:
    """Whole commands that a text names between backticks or in a shell's fence, in their order."""
    found: dict[str, None] = {}
    for fence in _FENCE.finditer(text[:65_536]):
        for line in fence[1].split("\n"):
            _add(line.strip().removeprefix("$ "), found)
    for span in _SPAN.finditer(text[:65_536]):
        _add(span[1].strip(), found)
    return list(found)[:MOST]


def _add(text: str, found: dict[str, None]) -> None:
    if is_example(text):
        found[text] = None


def is_example(text: str, *, tail: bool = False) -> bool:
    """A command of several words that may be shown as one to allow; with `tail`, whatever follows it."""
    return (" " in text and len(text) <= LONGEST and _PLAIN.fullmatch(text) is not None and _is_known(text)
            and is_harmless(text, tail=tail))


def _is_known(command: str) -> bool:
    from overgrant.dialect.grammar.heads import find, head_of

    return find(head_of(command.split()[0])) is not None


def is_harmless(command: str, *, tail: bool = False) -> bool:
    """A whole command (with `tail`: one with anything behind it) that opens nothing and changes nothing outside the workspace."""
    from overgrant.dialect.grammar.command import power_of

    power = power_of(command, tail)
    return power.runs in ("none", "fixed", "workspace-code") and _HARMLESS.issuperset(power.effects)
