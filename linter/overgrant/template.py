"""Rules: messages with placeholders, filled with text from files that nobody trusts.

`{field}` is any field of the rule's subject as rules spell it, `{agent.field}` one of the fact it names,
`{agent}` the display name of the principal, `{path}` and `{root}` where the statement stands; a rule with
Python adds words of its own. `{{` and `}}` are braces. A text of several lines gives alternatives: the first
line all of whose placeholders have a value is used, else the last.
"""

from __future__ import annotations

from typing import NamedTuple

from overgrant.model import FIELDS, Agent, Fact

CLIP = 120
_PSEUDO = ("agent", "path", "root", "line")
# invisible although Unicode calls them letters or marks: fillers, joiners, selectors
_HIDDEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")


SENTENCES = frozenset(("why", "gives", "instead", "what", "narrowed"))
"""Fields that hold half a sentence of ours, in which names stand between backticks already."""


OURS = frozenset(("to", "sink", "source", "narrower", "suggestion"))
"""Fields that are half a sentence of ours where a template has them outside of backticks."""
PHRASES = frozenset(("exceeds", "adds", "contradicts", "implied"))
"""Lists whose items are words of ours already."""


class Part(NamedTuple):
    """A piece of a template: literal text, or the name of a placeholder."""

    text: str
    name: bool


def safe(text: str) -> str:
    """A piece of a scanned file fit for a terminal and one line: what nobody can see becomes `\\u{…}`."""
    if text.isprintable() and text.isascii():
        return text
    return "".join(map(_shown, text))


def _shown(char: str) -> str:
    if char.isprintable() and char not in _HIDDEN and not 0xE0100 <= ord(char) <= 0xE01EF:
        return char
    return f"\\u{{{ord(char):x}}}"


def clean(text: str, *, sentence: bool = False) -> str:
    """A value for a message: one line, nothing invisible, at most 120 characters.

    It stands between backticks of the template, so it has none itself, unless it is a sentence of our own.
    """
    line = safe(" ".join(text[:4 * CLIP].split()))
    line = line if sentence else line.replace("`", "'")
    return line if len(line) <= CLIP else line[:CLIP - 1] + "…"


def parts(template: str) -> list[Part]:
    """The pieces of one line of a template. Raises `ValueError` for a brace without its other half."""
    found: list[Part] = []
    text, at = "", 0
    while at < len(template):
        char = template[at]
        if char in "{}" and template[at:at + 2] == char * 2:
            text, at = text + char, at + 2
        elif char == "{":
            end = template.find("}", at)
            name = template[at + 1:end]
            if end < 0 or "{" in name:
                raise ValueError("`{` without `}`; write `{{` for a brace")
            found += [Part(text, False), Part(name, True)]
            text, at = "", end + 1
        elif char == "}":
            raise ValueError("`}` without `{`; write `}}` for a brace")
        else:
            text, at = text + char, at + 1
    return [part for part in [*found, Part(text, False)] if part.text]


def known(name: str, kind: str) -> bool:
    """Whether a placeholder names something that facts of the kind have."""
    first, _, rest = name.replace("-", "_").partition(".")
    if not rest and (first in _PSEUDO or (first == "title" and kind == "agent")):
        return True
    field = FIELDS[kind].get(first)
    if field is None:
        return False
    if not rest:
        return True
    return field.type == "fact" and (known(rest, field.words[0]))


def names(kind: str) -> list[str]:
    """The placeholders that every rule on the kind may use, as rules spell them."""
    return [*_PSEUDO, *(name.replace("_", "-") for name in FIELDS[kind])]


def fill(template: str, fact: Fact, words: dict[str, str] | None = None) -> str:
    """The template's first line that can be filled whole, with the values of a fact; always one line."""
    filled = ""
    for line in template.split("\n"):
        pieces, code = [], False
        for part in parts(line):
            pieces.append((part.name, _value(part.text, fact, words or {}, code) if part.name else part.text))
            code ^= not part.name and part.text.count("`") % 2 == 1
        filled = "".join(text for _, text in pieces)
        if all(text for _, text in pieces):
            break
    return filled


def _value(name: str, fact: Fact, words: dict[str, str], code: bool) -> str:
    """What stands for a placeholder; `code`: between backticks of the template, where a value has none itself."""
    if name in words:
        return clean(words[name], sentence=True)
    first, _, rest = name.replace("-", "_").partition(".")
    if first in words and not rest:
        return clean(words[first], sentence=True)
    if first == "agent" and not rest:
        agent = fact if isinstance(fact, Agent) else fact.agent
        return clean(agent.title if agent is not None else fact.root.product)
    if first == "root":
        return clean(fact.root.path)
    if first == "line":
        span = fact.span()
        return str(span.begin[0]) if span is not None else ""
    data = getattr(fact, first, None)
    if isinstance(data, Fact):
        return _value(rest, data, {}, code) if rest else clean(str(getattr(data, "title", data.kind)))
    if isinstance(data, (tuple, list)) and not code and first not in PHRASES:
        return _listed(data, bool(FIELDS[fact.kind][first].words))
    return clean(_written(data), sentence=first in SENTENCES or (not code and first in OURS))


def _listed(items: tuple[object, ...] | list[object], ours: bool) -> str:
    """Several values in a sentence: words of the model as people write them, anything else between backticks."""
    found: list[str] = []
    for item in items:
        text = str(item).replace("-", " ") if ours else f"`{clean(str(item))}`"
        if sum(map(len, found)) + len(text) > CLIP and found:
            return ", ".join(found) + f" and {len(items) - len(found)} more"
        found.append(text)
    return ", ".join(found)


def _written(data: object) -> str:
    if data is None:
        return ""
    if isinstance(data, bool):
        return "true" if data else "false"
    if isinstance(data, float) and data.is_integer():
        return str(int(data))
    return ", ".join(map(str, data)) if isinstance(data, (tuple, list)) else str(data)
