"""Reader: what can still be read of YAML that its parser refuses: each top-level entry alone."""

from __future__ import annotations

from overgrant.read.base import Place, Report
from overgrant.read.yaml import Builder
from overgrant.value import Value

_NO_KEY = " \t\r\n#-?[]{}%@`|>&*!,"
_CLOSING = {"[": "]", "{": "}"}


def entries(failed: Builder, text: str) -> tuple[Value | None, bool]:
    """A map of the entries at the left margin of the first document of a text that YAML refuses.

    An entry that fails alone and is one line of text (`description: Use when: asked`) is read as that
    text, as products do that split frontmatter themselves. Returns the map (None if no line starts an
    entry), and whether every entry was read, if need be so.
    """
    pieces = _pieces(text)
    if not pieces:
        return None, False
    root = Value(failed.source, "map", {}, locate=Place(
        failed.base + pieces[0][0], failed.trimmed(failed.base + pieces[-1][1])))
    failed.report = Report(failed.source, failed.limits)
    anchors: dict[str, Value] = {}
    complete, count = True, 0
    for start, end in pieces:
        report = Report(failed.source, failed.limits)
        builder = Builder(failed.source, failed.base + start, failed.dialect, failed.limits, report)
        builder.anchors, builder.count = anchors, count
        found: Value | None = None
        if builder.run(text[start:end]) is not None:
            found = _as_text(builder, text[start:end])
            complete = complete and found is not None
        if found is None:
            found = builder.documents[0] if builder.documents else None
            failed.report.problems += report.problems
        if found is not None:
            _add(root, found, failed.report)
        count, anchors = builder.count, builder.anchors
        if builder.stopped:
            return root, False
    # what came before the first entry at the margin
    for key, value in failed.documents[0].entries.items() if failed.documents else ():
        if key not in root.entries:
            value.parent = root
            root.entries[key] = value
    return root, complete


def _add(root: Value, found: Value, report: Report) -> None:
    for key, value in found.entries.items():
        value.parent = root
        if key in root.entries and (span := value.key_span) is not None:
            report.again(key, root.entries[key], (span.start, span.end))
        root.entries[key] = value


def _pieces(text: str) -> list[tuple[int, int]]:
    """Start and end of the entries at the left margin, up to the second document."""
    starts: list[int] = []
    at = 0
    for line in text.split("\n"):
        if line.startswith(("---", "...")) and starts:
            break
        if line and line[0] not in _NO_KEY and (": " in line or line.rstrip().endswith(":")):
            starts.append(at)
        at += len(line) + 1
    else:
        at = len(text)
    return list(zip(starts, [*starts[1:], min(at, len(text))]))


def _as_text(builder: Builder, piece: str) -> Value | None:
    """A map with the one entry of a line whose text YAML would not allow unquoted."""
    name, _, rest = piece.partition(":")
    written = rest.strip()
    if not written or "\n" in rest.rstrip() or written[0] in "\"'|>":
        return None
    if written[0] in _CLOSING and _CLOSING[written[0]] not in written:
        return None
    key = name.strip().strip("\"'")
    start = builder.base + len(name) + 1 + rest.index(written)
    text = builder.restored(written, start, start + len(written))
    root = Value(builder.source, "map", {}, locate=Place(builder.base, start + len(written)))
    place = Place(start, start + len(written), (builder.base, builder.base + len(name.rstrip())))
    root.entries[key] = Value(builder.source, "str", text, parent=root, key=key, locate=place)
    return root
