"""What a skill, a command or an agent's instructions tell the model to do, where the order itself is power.

Three orders count: to run a script that has just been downloaded, to start another agent that asks nobody, and
to obey a text that somebody else can change. Text that quotes or warns says the same words and orders nothing:
only shell blocks and inline commands behind a verb are looked at, and not below a warning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.dialect.walk import Context

Fields = dict[str, Any]
_MOST = 200  # commands of one text
_LONGEST = 60_000  # of a text that is searched for loads
_SHELLS = frozenset(("", "sh", "bash", "shell", "zsh", "fish", "console", "shell-session", "shellscript", "terminal",
                     "powershell", "pwsh", "ps1", "bat", "cmd"))


class Command(NamedTuple):
    """A command line that the text shows, with its place in the text."""

    start: int
    end: int
    text: str


def orders(value: Value, context: Context) -> list[Fields]:
    """Settings with the meanings `told-to-download`, `starts-unasked-agent` and `remote-instructions`."""
    text = value.text
    found: list[Fields] = []
    if _worth_a_look().search(text):
        for command in _commands(value):
            found += _downloads(value, command) + _starts(value, command)
    return found + _remote(value)


def _commands(value: Value) -> Iterator[Command]:
    from overgrant.read.markdown import fences

    text, base = value.text, value.span.start
    blocks = [(fence, fence.text.span.start - base, fence.text.span.end - base) for fence in fences(value)]
    for fence, start, end in blocks[:_MOST]:
        if fence.info.split(" ")[0].strip("{}.").lower() in _SHELLS and not _warned(text, start):
            # a prompt sign is no command
            plain = re.sub(r"(?m)^([ \t]*)[$>](?= )", r"\1 ", text[start:end])
            yield Command(start, end, plain)
    for match in islice(_inline().finditer(text), _MOST):
        start, end = match.span("code")
        if not any(low <= start < high for _, low, high in blocks) and not _warned(text, start):
            yield Command(start, end, match["code"])


def _warned(text: str, at: int) -> bool:
    """What stands before says that the command is a bad one: on its line, in the two lines above, in the heading."""
    line = max(text.rfind("\n", 0, at) + 1, at - 500)
    above = [each for each in text[max(0, line - 2000):line].splitlines() if each.strip() and not each.lstrip().startswith("```")]
    heading = text.rfind("\n#", 0, at)
    lines = [text[line:at], *(each[-500:] for each in above[-2:]), text[heading + 1:text.find("\n", heading + 1)][:300] if heading >= 0 else ""]
    return any(_warning().search(each) for each in lines)


def _downloads(value: Value, command: Command) -> list[Fields]:
    from overgrant.dialect.grammar.download import downloads_and_runs

    found = []
    for one in downloads_and_runs(command.text)[:5]:
        before = command.text[:one.start].rstrip().rpartition("\n")[2]
        if before.lstrip().startswith("#") and _warning().search(before):
            continue
        found.append({"name": "text", "meaning": "told-to-download", "gives": one.what,
                      "@value": value.part(command.start + one.start, command.start + one.end)})
    return found


def _starts(value: Value, command: Command) -> list[Fields]:
    from overgrant.dialect.grammar import agentcli

    found = []
    for started in list(agentcli.find(command.text))[:20]:
        place = value.part(command.start + started.start, command.start + started.end)
        facts = agentcli.facts(started.product, started.words, place, exact=False)
        off = next((fact for fact in facts if fact.get("meaning") == "approvals-off"), None)
        if off is not None:
            found.append({"name": str(off.get("name", "")), "text": started.product, "meaning": "starts-unasked-agent",
                          "gives": str(off.get("gives", "")), "@value": place})
    return found


def _remote(value: Value) -> list[Fields]:
    """The first place where the text has the model load another text from elsewhere, if it says to obey such texts."""
    text = value.text[:_LONGEST]
    if "http" not in text and "from" not in text or not _obeys().search(text):
        return []
    for match in _loads().finditer(text):
        where = match["address"] or match["repository"]
        if not _pinned().search(where) and not _manual().search(where):
            start, end = match.span("address" if match["address"] else "repository")
            return [{"name": "text", "meaning": "remote-instructions", "text": where[:120], "@value": value.part(start, end)}]
    return []


def remote(value: Value, context: Context) -> list[Fields]:
    """Settings with the meaning `remote-instructions`, for text that is no order by itself."""
    return _remote(value)


def authority(value: Value, context: Context) -> list[Fields]:
    """Settings with the meaning `authority-by-text`, one of a sort: the first sentence that hands out authority in words."""
    from overgrant.read.knowledge import load
    from overgrant.read.markdown import fences

    text, base = value.text[:_LONGEST], value.span.start
    plain = text.lower()
    if len(plain) != len(text):
        return []
    quoting = fences(value) if "```" in text or "~~~" in text else []
    code = [(fence.text.span.start - base, fence.text.span.end - base) for fence in quoting]
    found = []
    for sort in load("authority")["sorts"]:
        places = [(at, at + len(phrase)) for phrase in sort["phrases"] if (at := plain.find(phrase)) >= 0
                  and not any(low <= at < high for low, high in code) and not _denied(plain, at)]
        if places:
            start, end = min(places)
            found.append({"name": "text", "meaning": "authority-by-text", "gives": sort["says"], "@value": value.part(start, end)})
    return found


def turbo(value: Value, context: Context) -> list[Fields]:
    """The line with which a workflow has all of its commands run by themselves."""
    match = re.search(r"(?m)^[ \t]{0,8}(?:[-*>] )?(//[ \t]?turbo-all)\b", value.text)
    return [{"@value": value.part(*match.span(1))}] if match else []


def _denied(text: str, at: int) -> bool:
    """A negation stands before it in its sentence, or it is quoted."""
    line = text[max(text.rfind("\n", 0, at) + 1, at - 300):at]
    sentence = re.split(r"[.!?;:] ", line)[-1]
    return _negation().search(sentence) is not None or line.count("`") % 2 == 1 or line.count('"') % 2 == 1


# --- patterns --------------------------------------------------------------------------------------


@cache
def _worth_a_look() -> re.Pattern[str]:
    return re.compile(r"curl|wget|iwr|irm|invoke-|base64|dangerously|bypass|yolo|skip-permissions|allow-all|"
                      r"full-auto|yes-always|force|trust-all|--allow-tool|permission-mode|approval", re.IGNORECASE)


@cache
def _inline() -> re.Pattern[str]:
    return re.compile(r"\b(?:run|runs|running|execute|install|installing|invoke|use|with|via|start|call|command)\b[^`\n]{0,40}"
                      r"`(?P<code>[^`\n]{6,400})`", re.IGNORECASE)


@cache
def _warning() -> re.Pattern[str]:
    return re.compile(r"\b(?:never|don't|do not|not|avoid\w*|bad|wrong|unsafe|danger\w*|malicious|attack\w*|suspicious|detect\w*|"
                      r"flag(?:s|ged)?|red flags?|anti-?patterns?|vulnerab\w*|threats?|exploit\w*|risky?|risks|block(?:s|ed)?|"
                      r"forbid\w*|reject\w*|insecure|warn\w*|scan|look for|refuse|injection|payloads?|deny|denied|sandbox(?:ed)?|"
                      r"instead of|audit|review for)\b|[❌🚫⛔✗]", re.IGNORECASE)


@cache
def _obeys() -> re.Pattern[str]:
    return re.compile(r"\b(?:follow|obey|apply|execute|adopt)\b[^.\n]{0,60}\b(?:it directly|them directly|(?:its|their|those|these|the) "
                      r"(?:instructions|steps|guidelines|rules|workflow|prompt)\b[^.\n]{0,30}\b(?:in|from|of)\b[^.\n]{0,20}\b(?:loaded|"
                      r"fetched|downloaded|retrieved|remote|file|page|url|prompt)|(?:loaded|fetched|downloaded|retrieved|remote)\b)|"
                      r"\b(?:load|fetch|download|retrieve|read|get)\b[^\n]{0,200}\b(?:and|then) (?:follow|obey|apply|execute|adopt) "
                      r"(?:it|its|them|their|the|all|every|those|these|exactly)\b|"
                      r"\b(?:fetched|loaded|downloaded|retrieved|remote) (?:content|file|document|page|prompt|text)\b[^.\n]{0,40}\b"
                      r"(?:contains?|has|holds)\b[^.\n]{0,40}\b(?:rules|instructions|steps)\b", re.IGNORECASE)


@cache
def _loads() -> re.Pattern[str]:
    return re.compile(
        r"(?:\b(?:load|fetch|download|retrieve|pull|get|read|open|curl|webfetch|consult|import)\b|\bprompt file\b|\binstructions? file\b)"
        r"(?:[^\n]{0,160}|[^\n]{0,100}:[ \t*]*\n{1,2}(?:```\w{0,12}\n)?[^\n]{0,40})"
        r"(?:(?P<address>https?://[^\s)`\"'<>\]]{4,300}\.(?:md|mdc|txt|prompt)\b)|"
        r"\bfrom\b (?:the )?`?(?P<repository>(?:github\.com/)?[A-Za-z0-9_.-]{1,40}/[A-Za-z0-9_.-]{1,80})`?"
        r"(?= (?:repo(?:sitory)?\b|on github|\(they are not|\(not available|\(remote)| branch))", re.IGNORECASE)


@cache
def _pinned() -> re.Pattern[str]:
    return re.compile(r"/[0-9a-f]{40}/|@[0-9a-f]{40}\b|/v?\d+\.\d+\.\d+/")


@cache
def _manual() -> re.Pattern[str]:
    """Reference documentation, which informs and orders nothing."""
    return re.compile(r"/(?:readme|changelog|license|contributing|llms(?:-full)?)\.(?:md|txt)$|^https?://(?:docs|developers?)\.|/docs?/",
                      re.IGNORECASE)


@cache
def _negation() -> re.Pattern[str]:
    return re.compile(r"\b(?:not|never|don't|cannot|can't|must not|avoid|refuse|without|attack\w*|malicious|injection|e\.g)\b")
