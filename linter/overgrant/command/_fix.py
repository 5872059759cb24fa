"""`check --fix` and `--diff`: apply the edits of findings, and keep only those after which less is found."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

from overgrant.coderepair import complete
from overgrant.text import Edit, Source, apply

if TYPE_CHECKING:
    from overgrant.rule import Finding
    from overgrant.run import Input

ROUNDS = 5  # an edit may lay open what the next round mends
Judge = Callable[[dict[str, bytes]], "list[Finding]"]


class Fixed(NamedTuple):
    """What edits make of files.

    data    the new bytes by path, of the files that change
    mended  how many findings are mended
    left    titles of edits that were not made, because something else would be found after them
    """

    data: dict[str, bytes]
    mended: int
    left: list[str]


def fixed(findings: list[Finding], files: Iterable[Input], safeties: frozenset[str], judge: Judge) -> Fixed:
    """Apply the edits of those safeties, file by file.

    judge  the findings of the whole run with other bytes for some of the files
    """
    old = {file.path: file.data for file in files if file.data is not None and file.shown and file.tier != "managed"}
    data: dict[str, bytes] = {}
    left: list[str] = []
    now, before = findings, len(findings)
    for _ in range(ROUNDS):
        complete(now)
        wanted = _edits(now, safeties, old, data)
        changed = False
        for path, edits in wanted.items():
            kept: list[Edit] = []
            for some in (edits, *([edit] for edit in edits)):  # all together, else those that do good by themselves
                tried = {**data, path: apply(some[0].span.source, kept + some)}
                found = judge(tried)
                if _better(found, now):
                    now, changed, kept = found, True, kept + some
                    made = tried
                    if some is edits:
                        break
                elif some is not edits or len(edits) == 1:
                    left.append(f"{path}:{some[0].span.begin[0]}")
            data = made if kept else data
        if not changed:
            break
    return Fixed(data, before - len(now), sorted(set(left)))


def _edits(findings: Iterable[Finding], safeties: frozenset[str], files: dict[str, bytes], data: dict[str, bytes]
           ) -> dict[str, list[Edit]]:
    """The edits to make, by file; one that overlaps an earlier one waits for the next round."""
    found: dict[str, list[Edit]] = {}
    for finding in findings:
        fix = next((fix for fix in finding.fixes if fix.edits and fix.safety in safeties), None)
        if fix is None or finding.waived is not None:
            continue
        if all(edit.span.source.path in files and _is_current(edit.span.source, files, data) and not any(
                edit.overlaps(other) for other in found.get(edit.span.source.path, ())) for edit in fix.edits):
            for edit in fix.edits:
                found.setdefault(edit.span.source.path, []).append(edit)
    return found


def _is_current(source: Source, files: dict[str, bytes], data: dict[str, bytes]) -> bool:
    return source.data == data.get(source.path, files.get(source.path))


def _better(found: list[Finding], now: list[Finding]) -> bool:
    """Fewer findings, and none of a rule that did not fire in that file as often before."""
    def tally(findings: list[Finding]) -> dict[tuple[str, str], int]:
        counts: dict[tuple[str, str], int] = {}
        for each in findings:
            key = each.rule.id, each.primary.span.source.path
            counts[key] = counts.get(key, 0) + 1
        return counts

    before, after = tally(now), tally(found)
    return len(found) < len(now) and all(count <= before.get(key, 0) for key, count in after.items())


def difference(made: Fixed, files: Iterable[Input]) -> str:
    """The edits as a unified diff."""
    from difflib import unified_diff

    lines: list[str] = []
    for file in files:
        if file.path in made.data and file.data is not None:
            before, after = (each.decode("utf-8", "replace").splitlines(keepends=True) for each in (file.data, made.data[file.path]))
            for line in unified_diff(before, after, f"a/{file.path}", f"b/{file.path}"):
                lines.append(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n")
    return "".join(lines)


def write(made: Fixed) -> None:
    """Write the new bytes. Raises `OSError`; a file is replaced as a whole or not at all."""
    for path, data in made.data.items():
        beside = f"{path}.overgrant-{os.getpid()}"
        mode = os.stat(path).st_mode & 0o7777
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(data)
            os.replace(beside, os.path.realpath(path))
        except OSError:
            os.unlink(beside)
            raise
