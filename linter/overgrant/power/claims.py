"""Power: what an agent's own text promises, to be held against what it is given."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, NamedTuple

from overgrant.dialect.catalogue import policy
from overgrant.model import Agent, Instruction, World
from overgrant.pattern import later
from overgrant.value import Value

_CHANGES = ("read-only", "no-write", "no-code-change")  # each says what the next one says, and more
_START = 6  # words of a purpose that count as its beginning
_LEADS = 16  # words before it that only lead there
_BLANK = r"[\s*_`]{1,4}"
# what stands before the start of a sentence or of an entry of a list, or before what follows `you` and its like
_BEGIN = later(r"(?:\n[ \t]{0,12}(?:[-*+>•❌⛔🚫✗]|\d{1,2}[.)]|[a-z]{1,12}:)?\ufe0f?[ \t]{0,4}[*_`#]{0,6}[ \t]{0,4}"
               r"(?:[a-z]{1,12}: )?[*_]{0,3}|[.!?:;。] [*_`]{0,3}| [-–—]{1,2} |\b(?:you|please|just|agent|mode) )\Z")
_BEFORE = 60  # characters in which it stands
_COMMENT = later(r"<!--[^>]{0,1000}?-->")
_PART = later(r"%(\w+)%")


class Phrase(NamedTuple):
    """An entry of the data: what it means, where it counts, how it is found; `begins`: a sentence begins with it.

    Patterns are compiled when the first text has a word that they need: most runs need few of them.
    """

    means: str
    where: tuple[str, ...]
    pattern: str
    begins: bool
    needs: tuple[str, ...]
    unless: str


class Text(NamedTuple):
    """A part of what an agent says about itself, in lower case; offsets are those of `value`, if there is one."""

    value: Value | None
    plain: str


def derive(world: World) -> None:
    """Fill `claims` and `told` of every agent, and mend where its tools come from.

    A list with `*` in it names all; an agent from which the powerful tools are taken away inherits no longer all, and one
    that only loses the editors has the rest.
    """
    for agent in world.agents:
        if agent.tools_from == "named" and any(grant.text == "*" and grant.decision == "inherit" for grant in agent.grants):
            agent.tools_from = "inherited"
        if agent.purpose or agent.type == "subagent":
            _claim(agent)
        agent.promise = " and ".join(_data()["says"][each] for each in agent.claims if each in _data()["says"])
        if agent.tools_from == "inherited":
            agent.tools_from = _left(agent)


def _claim(agent: Agent) -> None:
    texts = _texts(agent)
    acts = _acts(texts["purpose"].plain)
    agent.told = tuple(dict.fromkeys((*agent.told, *(
        phrase.means for phrase in _phrases("told") if _found(phrase, texts, acts) is not None))))
    claims = list(agent.claims)
    for phrase in _phrases("claims"):
        means = phrase.means
        if means in claims or means in _CHANGES and _held(agent):
            continue
        # whoever is told to write a file doesn't promise to write none
        if means in _CHANGES[1:] and "writes-files" in agent.told:
            continue
        if (found := _found(phrase, texts, acts)) is not None:
            claims.append(means)
            _place(agent, *found)
    agent.claims = tuple(each for each in claims if not (
        each == "narrow" and len(claims) > 1 or each in _CHANGES and any(more in claims for more in _CHANGES[:_CHANGES.index(each)])))


def _place(agent: Agent, text: Text, start: int, end: int) -> None:
    """Where the claim stands, and where a list of tools would: at the head of the file."""
    value = text.value
    if value is None:
        return
    agent.at.setdefault("claims", value.part(start, end) if len(value.text) >= end else value)
    heads = [agent.at[name] for name in ("name", "purpose") if name in agent.at]
    agent.at.setdefault("tools_from", min(heads, key=lambda each: each.span.start) if heads else agent.at["claims"])


def _texts(agent: Agent) -> dict[str, Text]:
    data = _data()
    said = agent.at.get("purpose")
    purpose = _plain(agent.purpose.partition("<example>")[0][:data["longest"]])
    begin = " ".join(_after_leads(_acts(purpose)).split()[:_START])
    at = purpose.find(begin) if begin else -1
    texts = {"purpose": Text(said, purpose),
             "start": Text(said if at == 0 else None, begin),
             "name": Text(agent.at.get("name"), re.sub(r"[-_]", " ", agent.name.lower()))}
    body = next((fact for fact in agent.facts if isinstance(fact, Instruction)), None)
    if body is not None:
        texts["opening"] = Text(body.value, _unfenced(_plain(body.text[:data["opening"]])))
    elif agent.key is not None:
        texts["opening"] = Text(None, _unfenced(purpose))  # code says what an agent is for and what it is told in one text
    return texts


def _plain(text: str) -> str:
    """Lower case in as many characters, with straight apostrophes."""
    lower = text.lower()
    return (lower if len(lower) == len(text) else text).replace("\u2019", "'")


def _unfenced(text: str) -> str:
    """The text with blanks for what stands in fenced blocks, which show and quote, and in comments, which speak to whoever keeps it."""
    text = _COMMENT.sub(lambda match: " " * len(match[0]), text) if "<!--" in text else text
    if "```" not in text and "~~~" not in text:
        return text
    return _fence().sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def _after_leads(purpose: str) -> str:
    """The purpose without the words that only lead to it: `use this agent when you need to`."""
    lead, rest = _compiled("leads"), purpose.strip()
    for _ in range(_LEADS):
        match = lead.match(rest)
        if match is None:
            break
        rest = rest[match.end():]
    return rest


def _acts(purpose: str) -> str:
    """Its own acts: the purpose without examples and without the clauses that say what others have done by then."""
    sample = _compiled("samples").search(purpose)
    own = _compiled("clauses").sub(" ", _after_leads(_quotes().sub(" ", purpose[:sample.start() if sample else None])))
    return own[:_data()["own-words"]]


def _found(phrase: Phrase, texts: dict[str, Text], acts: str) -> tuple[Text, int, int] | None:
    for place in phrase.where:
        text = texts.get(place)
        if text is None or phrase.needs and not any(word in text.plain for word in phrase.needs):
            continue
        match = _said(phrase, text.plain)
        if match is not None and not (phrase.unless and _regex(phrase.unless).search(acts)):
            return text, *match.span()
    return None


def _said(phrase: Phrase, text: str) -> re.Match[str] | None:
    """The first place where the text says it, denies it not, and quotes nobody."""
    denial = _compiled("denials")
    for match in _regex(phrase.pattern).finditer(text):
        start = match.start()
        if phrase.begins and not _begins(text, start):
            continue
        if denial.search(text[max(0, start - 24):start]) is None and not _quoted(text, start):
            return match
    return None


def _begins(text: str, at: int) -> bool:
    before = text[max(0, at - _BEFORE):at]
    return _BEGIN.search(before if at > _BEFORE else "\n" + before) is not None


def _quoted(text: str, at: int) -> bool:
    """The place stands between quotation marks on its line."""
    low = max(text.rfind("\n", 0, at) + 1, at - 500)
    return text.count('"', low, at) % 2 == 1 or text.count("\u201c", low, at) > text.count("\u201d", low, at)


def hands_over(purpose: str) -> bool:
    """A text says that others do what its agent does not do itself."""
    return _compiled("hands-over").search(_plain(purpose)) is not None


def _held(agent: Agent) -> bool:
    """The agent's mode changes nothing, whatever its tools are."""
    mode = policy(agent.product).get("decide", {}).get("modes", {}).get(agent.mode, {})
    return any(entry.get("capability") == "fs.write" and entry.get("decision") == "deny" for entry in mode.get("builtin", ()))


def _left(agent: Agent) -> str:
    """Where the tools come from once some are refused as a whole: all, all but the editors, or none that matters."""
    refused = {grant.capability for grant in agent.grants if grant.decision == "deny" and grant.breadth == "all"}
    return "inherited" if "fs.write" not in refused else "named" if "exec.shell" in refused else "rest"


# --- data ------------------------------------------------------------------------------------------


def _data() -> dict[str, Any]:
    from overgrant.read.knowledge import load

    return dict(load("claims"))


@cache
def _phrases(sort: str) -> list[Phrase]:
    return [_phrase(entry, entry["claim" if sort == "claims" else "told"]) for entry in _data()[sort]]


def _phrase(entry: dict[str, Any], means: str) -> Phrase:
    return Phrase(means, tuple(entry["where"]), entry["pattern"], entry.get("begins", False), tuple(entry.get("needs", ())),
                  entry.get("unless", ""))


@cache
def _regex(pattern: str) -> re.Pattern[str]:
    return re.compile(_expanded(pattern), re.MULTILINE)


def _expanded(pattern: str) -> str:
    """A pattern of the data as `re` takes it: parts put in, blanks that match emphasis and line breaks, too."""
    parts = _data()["parts"]
    for _ in range(3):
        pattern = _PART.sub(lambda match: str(parts[match[1]]), pattern)
    out, inside, escaped = [], False, False
    for sign in pattern:
        out.append(_BLANK if sign == " " and not escaped and not inside else sign)
        if not escaped and sign in "[]":
            inside = sign == "["
        escaped = sign == "\\" and not escaped
    return "".join(out)


@cache
def _compiled(name: str) -> re.Pattern[str]:
    return re.compile(_data()[name])


@cache
def _quotes() -> re.Pattern[str]:
    return re.compile(r'"[^"\n]{0,200}"|\u201c[^\u201d\n]{0,200}\u201d')


@cache
def _fence() -> re.Pattern[str]:
    return re.compile(r"^[ \t]{0,3}(`{3,}|~{3,})[^\n]*\n.*?(?:^[ \t]{0,3}\1[`~]*[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
