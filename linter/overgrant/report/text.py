"""Reports: text for people: every finding with the lines that it is about, then one line that accounts for all."""

from __future__ import annotations

from collections.abc import Callable
from typing import TextIO

from overgrant.report import Result, places
from overgrant.report.frame import Style, frame
from overgrant.rule import SEVERITIES, Finding, Place
from overgrant.template import safe

COLORS = {"critical": "1;31", "high": "1;31", "medium": "1;33", "low": "1;36", "info": "1;34"}
SHOWN = 5
UNREAD = 10


def write(result: Result, stream: TextIO, *, color: bool = False, width: int = 100, fold: bool = False) -> None:
    """The findings, what was not read, and the summary. `width` in columns cuts lines of scanned files.

    fold  sentences are broken between words at that width, for a terminal; elsewhere a line is a sentence
    """
    for finding in result.findings:
        stream.write(render(finding, color=color, width=width, fold=fold) + "\n\n")
    for line in account(result):
        stream.write((folded(line, width, 2) if fold else line) + "\n")


def folded(text: str, width: int, indent: int, first: int = 0) -> str:
    """A sentence as lines, the later ones indented; what stands in backticks stays on one, so that it can be copied.

    first  columns that are taken on the first line
    """
    lines, used = [""], first
    pieces = text.split("`")
    for number, piece in enumerate(pieces if len(pieces) % 2 else [text]):
        for at, word in enumerate([f"`{piece}`"] if number % 2 else piece.split(" ")):
            blank = " " if at else ""
            if used + len(blank) + len(word) > width and lines[-1].strip() and (blank or lines[-1].endswith(" ")):
                lines[-1] = lines[-1].rstrip()
                lines.append(" " * indent + word)
                used = indent + len(word)
            else:
                lines[-1] += blank + word
                used += len(blank) + len(word)
    return "\n".join(lines)


def render(finding: Finding, *, color: bool = False, width: int = 100, fold: bool = False) -> str:
    """One finding with its lines, without a line end after the last."""
    code = COLORS[finding.severity]
    style = Style(_painter("1;34", color), _painter(code, color), _painter("1;34", color))
    title = f"[{finding.rule.id}]: {finding.message}"
    if fold:
        title = folded(title, width, 2, len(finding.severity))
    out = [style.primary(finding.severity) + _painter("1", color)(title)]
    files: dict[str, list[Place]] = {}
    for place in places(finding):
        files.setdefault(place.span.source.path, []).append(place)
    lines = [place.span.begin[0] for place in finding.places if not place.span.whole]
    gutter = len(str(max(lines, default=0)))
    framed = False
    for number, (path, inside) in enumerate(files.items()):
        line, column = inside[0].span.begin
        arrow = style.frame(" " * gutter + (":::" if number else "-->"))
        out.append(f"{arrow} {safe(path)}:{line}:{column}")
        drawn = frame(inside, gutter, width, style, fold)
        out += drawn
        framed = framed or bool(drawn)
    notes = _notes(finding)
    if notes and framed:
        out.append(style.frame(" " * gutter + " |"))
    for word, text in notes:
        start = gutter + len(f" = {word}: ")
        out.append(f"{style.frame(' ' * gutter + ' =')} {_painter('1', color)(word)}: {folded(text, width, start, start) if fold else text}")
    return "\n".join(out)


def account(result: Result) -> list[str]:
    """The closing lines: what was not read, what a configuration took away, and one summary of everything."""
    unread = result.coverage.unread
    out = [f"not read: {safe(item.path)}:{item.line}: {safe(item.why)}" for item in unread[:UNREAD]]
    if len(unread) > UNREAD:
        out.append(f"not read: and {len(unread) - UNREAD} more")
    for what, names in (("switched off", result.rules_off), ("excluded, although agents load it", result.excluded),
                        ("waives nothing", result.unused)):
        if names:
            more = f" and {len(names) - UNREAD} more" if len(names) > UNREAD else ""
            out.append(f"{what}: {', '.join(f'`{safe(name)}`' for name in names[:UNREAD])}{more}")
    out += [f"note: {safe(note)}" for note in result.coverage.notes]
    return [*out, summary(result)]


def summary(result: Result) -> str:
    """One line: what was found and where, everything held back, and everything not read."""
    read, findings = result.coverage.files_read, result.findings
    rest = _held(result)
    if unread := len({item.path for item in result.coverage.unread}):
        rest.append(f"{_count(unread, 'file')} could not be read in full")
    if findings:
        severities = ", ".join(f"{count} {severity}" for severity, count in result.by_severity.items() if count)
        paths = len({finding.primary.span.source.path for finding in findings})
        where = f"{paths} of {_count(read, 'file')} read" if read >= paths else _count(paths, "file")
        parts = [f"{_count(len(findings), 'finding')} ({severities}) in {where}"]
        if result.fixable:
            parts.append(f"{result.fixable} with a fix")
        return "; ".join([*parts, *rest])
    if not read and not unread:
        head = "nothing to check: no agent configuration found"
    else:
        head = f"no findings in {_count(read, 'file')} read"
    return f"{head} ({'; '.join(rest)})" if rest else head


def _held(result: Result) -> list[str]:
    held = result.held
    counted = [
        (len(result.waived), "waived"), (held.baselined, "known from before"),
        (held.strict, "in the strict profile only"), (held.below, "below the severity shown"),
        (held.local, "in local files"), (held.examples, "in examples"), (held.ignored, "of rules switched off")]
    shown = ", ".join(f"{count} {what}" for count, what in counted if count)
    return [shown] if shown else []


def _notes(finding: Finding) -> list[tuple[str, str]]:
    notes: list[tuple[str, str]] = []
    if finding.implies:
        more = len(finding.implies) - SHOWN
        shown = finding.implies[:SHOWN] + ([f"and {more} more"] if more > 0 else [])
        notes.append(("implies", "; ".join(shown)))
    notes += [("note", f"{safe(place.span.source.path)}: {place.label}" if place.role != "primary" else place.label)
              for place in places(finding) if place.span.whole and place.label]
    moved = SEVERITIES.index(finding.severity) - SEVERITIES.index(finding.rule.severity)
    if finding.shifted and moved:
        way = "raised" if moved > 0 else "lowered"
        notes.append(("note", f"severity {way} from {finding.rule.severity}: {finding.shifted}"))
    if finding.rule.status == "preview":
        notes.append(("note", "this rule is a preview and never fails a run"))
    if finding.local:
        notes.append(("note", "the file is on this machine only; it fails a run with `--local`"))
    if finding.help:
        notes.append(("help", finding.help))
    option = {"safe": " (`--fix`)", "unsafe": " (`--unsafe-fixes`)"}
    notes += [("fix", safe(fix.title) + (option.get(fix.safety, "") if fix.edits else "")) for fix in finding.fixes]
    return notes


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _painter(code: str, color: bool) -> Callable[[str], str]:
    if not color:
        return lambda text: text
    return lambda text: f"\x1b[{code}m{text}\x1b[0m" if text else text
