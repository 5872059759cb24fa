"""GitLab's `rules:`: for which sources of a pipeline a job can run.

Nothing is run. An expression is judged in three values: true, false, or not known; only the source is known.
Source: docs.gitlab.com/ci/jobs/job_rules/ and docs.gitlab.com/ci/variables/predefined_variables/, checked 2026-11-30.
"""

from __future__ import annotations

from collections.abc import Sequence

from overgrant.pattern import later
from overgrant.value import Value

SOURCES = ("push", "web", "schedule", "merge_request_event", "trigger", "pipeline", "parent_pipeline", "api", "chat", "webide",
           "external_pull_request_event", "ondemand_dast_scan", "duo_workflow", "security_orchestration_policy")
_OLD = {"schedules": ("schedule",), "merge_requests": ("merge_request_event",), "pushes": ("push",), "web": ("web",), "api": ("api",),
        "triggers": ("trigger",), "pipelines": ("pipeline",), "external_pull_requests": ("external_pull_request_event",), "chat": ("chat",)}
MAX_TOKENS = 400
MAX_DEPTH = 30
_TOKEN = later(r"""\s*(?:(&&|\|\||==|!=|=~|!~|[()])|\$\{?(\w+)\}?|"([^"]*)"|'([^']*)'|/((?:[^/\\]|\\.)*)/i?|(\w+))""")


def sources(rules: Sequence[Value], job: Value | None = None) -> list[str]:
    """The sources of a pipeline with which a job can run, as far as its rules decide that."""
    only, but = (job.get("only"), job.get("except")) if job is not None else (None, None)
    return [source for source in SOURCES if _runs(rules, source) and _named(only, source) is not False and _named(but, source) is not True]


def _runs(rules: Sequence[Value], source: str) -> bool:
    if not rules:
        return True
    for rule in rules:
        said = rule.get("if")
        holds = holds_for(said.text, source) if said is not None else None if rule.get("changes") or rule.get("exists") else True
        when = rule.get("when")
        never = when is not None and when.text == "never"
        if holds is not False and not never:
            return True
        if holds is True:
            return False
    return False


def _named(value: Value | None, source: str) -> bool | None:
    """The older `only` and `except`: keywords for sources; names of branches stay open."""
    refs = value.get("refs") if value is not None and value.kind == "map" else value
    words = [item.text for item in (refs.items or [refs])] if refs is not None else []
    if not words or any(word not in _OLD for word in words):
        return True if any(source in _OLD.get(word, ()) for word in words) else None
    return any(source in _OLD[word] for word in words)


def holds_for(text: str, source: str) -> bool | None:
    """Whether an expression holds in a pipeline with this source; None where that is not known."""
    tokens: list[tuple[str, str]] = []
    at, text = 0, text.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or len(tokens) >= MAX_TOKENS:
            return None
        tokens.append((("sign", "name", "text", "text", "pattern", "word")[(match.lastindex or 1) - 1], match.group(match.lastindex or 1)))
        at = match.end()
    reader = _Reader(tokens, source)
    try:
        found = reader.either(0)
    except (IndexError, ValueError):
        return None
    return found if reader.at == len(tokens) else None


class _Reader:
    """Precedence: `||` under `&&` under comparison."""

    def __init__(self, tokens: list[tuple[str, str]], source: str) -> None:
        self.tokens = tokens
        self.source = source
        self.at = 0

    def sign(self, *signs: str) -> str:
        if self.at < len(self.tokens) and self.tokens[self.at][0] == "sign" and self.tokens[self.at][1] in signs:
            self.at += 1
            return self.tokens[self.at - 1][1]
        return ""

    def either(self, depth: int) -> bool | None:
        found = [self.both(depth)]
        while self.sign("||"):
            found.append(self.both(depth))
        return True if True in found else None if None in found else False

    def both(self, depth: int) -> bool | None:
        found = [self.compared(depth)]
        while self.sign("&&"):
            found.append(self.compared(depth))
        return False if False in found else None if None in found else True

    def compared(self, depth: int) -> bool | None:
        if depth > MAX_DEPTH:
            raise ValueError
        if self.sign("("):
            inner = self.either(depth + 1)
            if not self.sign(")"):
                raise ValueError
            return inner
        left = self.operand()
        sign = self.sign("==", "!=", "=~", "!~")
        if not sign:
            return bool(left) if left is not None else None
        right = self.operand()
        if left is None or right is None:
            return None
        if sign in ("=~", "!~"):
            return self.matched(left, right, sign == "=~")
        return (left == right) is (sign == "==")

    def matched(self, text: str, pattern: str, wanted: bool) -> bool | None:
        """Patterns of plain words in alternation, as they are written for sources; any other stays open."""
        plain = pattern.strip("^$").removeprefix("(").removesuffix(")").split("|")
        if not all(word.strip("^$").replace("_", "").isalnum() for word in plain):
            return None
        return any(word.strip("^$") in text for word in plain) is wanted

    def operand(self) -> str | None:
        """The text of an operand; None where the run decides it."""
        kind, text = self.tokens[self.at]
        if kind == "sign":
            raise ValueError
        self.at += 1
        if kind == "name":
            return self.source if text == "CI_PIPELINE_SOURCE" else None
        return "" if kind == "word" and text == "null" else text
