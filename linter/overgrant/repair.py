"""Rules: the edits that a finding offers. What stands outside an edit stays byte for byte.

`fix:` of a rule names one of

    remove      take the statement out (safe: only for statements that have no effect)
    suggestion  write the fact's `suggestion` in its place (safe for a protection: it takes authority away)
    narrowed    write the narrower statements that the tree supports (unsafe: it may break something)
    withdrawn   turn a truth value round, or take the statement out so that the default holds (unsafe)

An edit is offered only where the place is certain: an element of a list, an entry of a map in braces, one of several words in
a Markdown frontmatter, or a whole text.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from overgrant.model import Control, Fact, Grant, Setting, Unread
from overgrant.pattern import later
from overgrant.rule import Fix, Rule, Safety
from overgrant.text import Edit, Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from overgrant.text import Source
    from overgrant.value import Value

_PLAIN = later(r"[A-Za-z_./~][\w./~*()@+=-]*(?: [\w./~*()@+=-]+)*")
_WORD = later(r"[ \t]*,?[ \t]*")


def fixes_of(rule: Rule, fact: Fact) -> list[Fix]:
    """The fix that a rule offers for a fact; empty where it offers none or its place is not certain."""
    value = fact.value
    if not rule.fix or value is None or not value.explicit:
        return []
    if rule.fix == "remove":
        return _fix("Remove it", "safe", removed(value))
    if rule.fix == "narrowed":
        texts = fact.instead if isinstance(fact, Grant) else ()
        shown = ", ".join(f"`{text}`" for text in texts)
        return _fix(f"Write {shown}", "unsafe", replaced(value, texts) if texts else None)
    if rule.fix == "withdrawn":
        return [] if _milder_than_default(fact) else _withdrawn(value)
    text = getattr(fact, "suggestion", "")
    if not text or not isinstance(fact, Control | Unread):
        return []
    if isinstance(fact, Unread):
        return _fix(f"Write `{text}`", "safe", _renamed(value, text))
    if value.key is not None and fact.text == str(value.key):  # the key is what is wrong
        return _fix(f"Write `{text}`", "safe", _other_key(value, text))
    return _fix(f"Write `{text}`", "safe", replaced(value, [text]))


def _fix(title: str, safety: Safety, edit: Edit | None) -> list[Fix]:
    return [Fix(title, safety, [edit])] if edit is not None else []


# --- withdraw --------------------------------------------------------------------------------------

_TURNED = {"true": "false", "false": "true", "True": "False", "False": "True"}


def _milder_than_default(fact: Fact) -> bool:
    """Without the statement the product would ask nobody either."""
    if not isinstance(fact, Setting) or fact.meaning != "approvals-off" or fact.value is None or fact.value.kind == "bool":
        return False
    from overgrant.dialect.catalogue import policy

    return bool(policy(fact.root.product).get("decide", {}).get("default") == "allow")


def _withdrawn(value: Value) -> list[Fix]:
    written = value.span.text
    if value.kind == "bool":
        turned = _TURNED.get(written)
        return _fix(f"Write `{turned}`", "unsafe", Edit(value.span, turned)) if turned else []
    title = "Take it out, so that the default holds"
    if value.parent is None and value.source.path.endswith(".py"):
        return [Fix(title, "unsafe", argument=value.span)]
    return _fix(title, "unsafe", _without_entry(value))


def _without_entry(value: Value) -> Edit | None:
    """An entry of a map taken out with its key; None where its place is not certain or nothing would be left."""
    parent, key = value.parent, value.key_span
    if parent is None or parent.kind != "map" or key is None or value.span.whole or len(parent.entries) < 2:
        return None
    if parent.span.text.startswith("{"):
        return _from_braces(value.source, key.start, value.span.end)
    if value.kind in ("map", "list") or "\n" in value.span.text:
        return None
    text = value.source.text
    line, stop = text.rfind("\n", 0, key.start) + 1, _blank(text, value.span.end, line_end=True)
    if text[line:key.start].strip() or text[stop:stop + 1] not in ("\n", "") or text.count("\n", key.start, value.span.end):
        return None
    return Edit(Span(value.source, line, min(stop + 1, len(text))), "")


# --- replace ---------------------------------------------------------------------------------------


def replaced(value: Value, texts: Iterable[str]) -> Edit | None:
    """Other statements in the place of one; several only where several may stand."""
    texts, span = list(texts), value.span
    if value.kind != "str" or not _exact(value) or not texts:
        return None
    if _in_words(value):
        return Edit(span, ", ".join(texts)) if all(_WORDLIKE.fullmatch(text) for text in texts) else None
    quoted = [_like(span.text, text) for text in texts]
    if len(quoted) == 1:
        return Edit(span, quoted[0])
    parent = value.parent
    if parent is None or parent.kind != "list":
        return None
    start = span.source.text.rfind("\n", 0, span.start) + 1
    lead = span.source.text[start:span.start]
    if parent.span.text.startswith("["):
        return Edit(span, (",\n" + lead if not lead.strip() else ", ").join(quoted))
    return Edit(span, ("\n" + lead).join(quoted)) if lead.strip() == "-" else None


_NAME = later(r"[A-Za-z_-]+")
_WORDLIKE = later(r"[^,\n\"'#]+")


def _renamed(value: Value, text: str) -> Edit | None:
    """Another name in the place of a misspelt key; the value is the key itself."""
    return Edit(value.span, _like(value.span.text, text)) if value.kind == "str" and _exact(value) else None


def _other_key(value: Value, text: str) -> Edit | None:
    """Another key for a value; None where the key belongs to another place, or is there already."""
    span, parent = value.key_span, value.parent
    if span is None or parent is None or parent.get(text) is not None or span.text.strip("\"'") != str(value.key) or not _NAME.fullmatch(text):
        return None
    return Edit(span, _like(span.text, text))


def _like(written: str, text: str) -> str:
    """A text with the quotes of another one; bare only if it needs none."""
    if written.startswith("'") and "'" not in text:
        return f"'{text}'"
    if written.startswith('"') or not _PLAIN.fullmatch(text) or text.endswith(":"):
        return json.dumps(text, ensure_ascii=False)
    return text


def _exact(value: Value) -> bool:
    """The place of a text holds that text alone, in quotes or without."""
    span = value.span
    written = span.text
    return not span.whole and written in (value.text, f'"{value.text}"', f"'{value.text}'") and bool(written)


def _in_words(value: Value) -> bool:
    """One of several words in a text of a Markdown frontmatter."""
    parent = value.parent
    return (parent is not None and parent.kind == "str" and value.key is None
            and value.source.path.lower().endswith((".md", ".mdc")) and "\n" not in parent.span.text)


# --- remove ----------------------------------------------------------------------------------------


def removed(value: Value) -> Edit | None:
    """A statement taken out with its separator, and with its line if nothing else stands on it."""
    parent = value.parent
    if parent is None or value.span.whole or value.kind in ("map", "list"):
        return None
    if parent.kind == "str":
        return _without_word(value, parent)
    start, end = (value.key_span or value.span).start, value.span.end
    if parent.kind not in ("list", "map") or len(parent.items or parent.entries) < 2:
        return None
    if parent.span.text.startswith(("[", "{")):
        return _from_braces(value.source, start, end)
    return _whole_line(value.source, start, end) if parent.kind == "list" else None


def _from_braces(source: Source, start: int, end: int) -> Edit | None:
    text = source.text
    after = _blank(text, end)
    if text[after:after + 1] == ",":
        line = text.rfind("\n", 0, start) + 1
        stop = _blank(text, after + 1, line_end=True)
        if not text[line:start].strip() and text[stop:stop + 1] == "\n":
            return Edit(Span(source, line, stop + 1), "")
        return Edit(Span(source, start, stop if text[stop:stop + 1] != "\n" else after + 1), "")
    before = start
    while before > 0 and text[before - 1] in " \t\r\n":
        before -= 1
    if text[before - 1:before] != ",":
        return None
    return Edit(Span(source, before - 1, end), "")


def _whole_line(source: Source, start: int, end: int) -> Edit | None:
    text = source.text
    line = text.rfind("\n", 0, start) + 1
    stop = _blank(text, end, line_end=True)
    if text[line:start].strip() != "-" or text[stop:stop + 1] not in ("\n", ""):
        return None
    return Edit(Span(source, line, min(stop + 1, len(text))), "")


def _without_word(value: Value, parent: Value) -> Edit | None:
    if not _in_words(value) or not _exact(value):
        return None
    span, around, text = value.span, parent.span, value.source.text
    after = _WORD.match(text, span.end, around.end)
    if after is not None and after.end() > span.end:
        return Edit(Span(value.source, span.start, after.end()), "")
    before = re.search(r"[ \t]*,?[ \t]*$", text[around.start:span.start])
    if before is None or not before[0]:
        return None
    return Edit(Span(value.source, span.start - len(before[0]), span.end), "")


def _blank(text: str, at: int, *, line_end: bool = False) -> int:
    """Past spaces, and past line ends unless one is looked for."""
    while at < len(text) and text[at] in (" \t\r" if line_end else " \t\r\n"):
        at += 1
    return at
