"""Power: may this agent do that? Five ways in which products let statements win over each other.

Which one a product uses, what it decides itself and what its modes change is data: `decide` in
`knowledge/products/<slug>.yaml`. What is not known is `unknown` with its reason, never a guess.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from overgrant.model import Agent, Grant, Server
from overgrant.power.action import CAPABILITIES, COMMAND, FETCH, READ, TOOL, WRITE, Act, acts
from overgrant.power.builtin import builtin, critical, inside_workspace, protected
from overgrant.power.offered import absent
from overgrant.power.reach import opens
from overgrant.scope import Answer, Scope

Policy = dict[str, Any]
_STRICT = ("allow", "model-reviewed", "ask", "unknown", "deny")


class Decision:
    """The answer for one act.

    decision  allow, ask, deny, model-reviewed or unknown
    grant     the statement that decides; None when the product does
    why       half a sentence
    act       what was decided
    """

    __slots__ = ("act", "decision", "grant", "why")

    def __init__(self, decision: str, why: str, act: Act, grant: Grant | None = None) -> None:
        self.decision = decision
        self.why = why
        self.act = act
        self.grant = grant


def decide(agent: Agent, grants: Sequence[Grant], act: Act, policy: Policy, servers: Sequence[Server] = ()) -> Decision:
    """What happens when `agent`, under `grants` and with `servers`, tries `act`; the strictest of its single acts counts."""
    missing = absent(servers, grants, act)
    if missing is not None:
        return Decision("deny", missing[1], act, missing[0])
    single, problems = acts(act, policy)
    if problems:
        return Decision("unknown", f"the command line is not understood: {problems[0]}", act)
    lines = [grant for grant in grants if grant.whole_line] if act.sort == COMMAND else []
    parts = [grant for grant in grants if not grant.whole_line] if lines else grants
    answers = [_one(agent, parts, each, policy) for each in single]
    strictest = max(answers, key=lambda answer: _STRICT.index(answer.decision))
    if lines:
        strictest = _line(agent, lines, act, policy, strictest)
    if policy.get("redirects") == "ask" and act.sort == COMMAND and strictest.decision == "allow" and _redirects(act.text):
        return Decision("ask", "a command that writes to a file or runs in the background asks, whatever a rule says", act)
    return strictest


def _line(agent: Agent, lines: list[Grant], act: Act, policy: Policy, found: Decision) -> Decision:
    """Statements over a whole line: one that guards is stricter, one that allows helps where no other guards."""
    whole = _one(agent, lines, Act(COMMAND, act.text, (act.text,)), policy)
    if whole.grant is None or found.grant is not None and found.decision != "allow":
        return found
    return whole


def _redirects(text: str) -> bool:
    """A file is read from or written to by the shell itself, or the command goes to the background."""
    from overgrant.dialect.grammar.shell import parse

    if text.rstrip().endswith("&"):
        return True
    return any(not redirect.target.text.isdigit() for simple in parse(text).commands for redirect in simple.redirects)


def _one(agent: Agent, grants: Sequence[Grant], act: Act, policy: Policy) -> Decision:
    engine = policy.get("engines", {}).get(act.sort, policy.get("engine", ""))
    if engine not in _ENGINES:
        return Decision("unknown", "how this product decides is not documented", act)
    fixed = next((entry for entry in policy.get("always", ()) if builtin(entry, act, policy)), None)
    if fixed is not None:
        return Decision(fixed["decision"], fixed["why"], act)
    if policy.get("listed-tools") and agent.tools_from == "named" and not _has(agent, act, policy):
        return Decision("deny", "the list of its tools has none for it", act)
    relevant = [grant for grant in grants if grant.rank == "rule" and grant.decision in _STRICT
                and grant.state in ("effective", "bypassed", "shadowed")]
    outside = policy.get("outside", {})
    gate = [grant for grant in relevant if grant.tool == outside.get("tool")]
    relevant = [grant for grant in relevant if grant.tool != outside.get("tool", "")]
    mode = policy.get("modes", {}).get(agent.mode or " ".join(policy.get("mode-of", {}).values()), {})
    if mode.get("rules") == "ignored":
        relevant = []
    if mode.get("suspends") == "open":
        relevant = [grant for grant in relevant if not (grant.decision == "allow" and (
            opens(grant) or grant.capability == "agent.spawn"))]
    found = _ENGINES[engine](relevant, act, policy, agent)
    if found is None:
        found = _stated_default(grants, act, policy) or _product(agent, grants, act, policy, mode)
    if found.decision == "allow":
        why = "" if mode.get("unprotected") or act.sort != WRITE else protected(act.text, policy)
        why = why or (critical(act, policy) if act.sort == COMMAND else "")
        found = Decision(mode.get("guarded", "ask"), why, act) if why else found
    if outside and act.sort in (READ, WRITE) and found.decision != "deny" and not inside_workspace(act.text):
        found = _beyond(gate, act, policy, found, agent)
    if found.decision == "ask" and "asks" in mode:
        return Decision(mode["asks"], f"the mode `{agent.mode}` asks nobody", act, found.grant)
    if found.decision == "ask" and agent.attended is False and policy.get("unattended-default"):
        silent = policy["unattended-default"]
        if isinstance(silent, dict):  # by the sort of act, where no rule of a file asks
            silent = silent.get(act.sort, "deny") if found.grant is None else "deny"
        return Decision(silent, "nobody is there to be asked", act, found.grant)
    return found


def _has(agent: Agent, act: Act, policy: Policy) -> bool:
    """The agent's own list of tools has one for the act; a list says what is there, not what runs unasked."""
    listed = [grant for grant in agent.grants if grant.decision == "inherit" and grant.state == "effective"]
    if act.sort == TOOL:
        return any(grant.server and grant.scope is not None and grant.scope.matches(_tool_name(act, policy)) is Answer.YES
                   for grant in listed)
    return any(grant.capability in CAPABILITIES[act.sort] for grant in listed)


def _beyond(gate: list[Grant], act: Act, policy: Policy, found: Decision, agent: Agent) -> Decision:
    """Outside the workspace a statement of its own has to allow the path, too."""
    other = _ENGINES[policy.get("engines", {}).get(act.sort, policy["engine"])](gate, act, policy, agent)
    if other is None:
        other = Decision(policy["outside"]["default"], "the path lies outside the working directory", act)
    return max(found, other, key=lambda each: _STRICT.index(each.decision))


def _stated_default(grants: Sequence[Grant], act: Act, policy: Policy) -> Decision | None:
    """What a file says for everything that no rule speaks of; the strictest of several."""
    stated = [grant for grant in grants if grant.rank == "default" and grant.state == "effective"
              and speaks(grant, act, policy, guard=grant.decision != "allow") is Answer.YES]
    strictest = max(stated, key=lambda grant: _STRICT.index(grant.decision) if grant.decision in _STRICT else 0, default=None)
    return _found(strictest, act) if strictest is not None else None


def _product(agent: Agent, grants: Sequence[Grant], act: Act, policy: Policy, mode: Policy) -> Decision:
    """What the product decides when no statement speaks: its mode, its own list, its default."""
    custom = policy.get("custom-agents", {})
    if custom and agent.type != "host" and agent.name not in custom["not"]:
        return Decision(custom["default"], custom["why"], act)
    further = [grant.scope for grant in grants if grant.scope is not None and grant.tool in policy.get("workspace-tools", ())]
    for entry in (*mode.get("builtin", ()), *policy.get("builtin", ())):
        if builtin(entry, act, policy, further):
            return Decision(entry["decision"], entry.get("why", "the product decides so"), act)
    if "default" in mode:
        return Decision(mode["default"], mode.get("why") or mode.get("gives") or f"the mode `{agent.mode}` decides", act)
    default = policy.get("defaults", {}).get(act.sort, policy.get("default", "unknown"))
    return Decision(default, "no rule speaks of it" if default != "unknown" else "the product's default is not known", act)


# --- matching one statement against one act ------------------------------------------------------


def speaks(grant: Grant, act: Act, policy: Policy, *, guard: bool) -> Answer:
    """The statement covers the act. `guard` is true for deny and ask, which match more generously."""
    if grant.scope is None or any(_inside(each, act, policy) is Answer.YES for each in grant.without):
        return Answer.NO
    if grant.tool == policy.get("every-tool") and not grant.server:
        return Answer.YES
    if act.sort == COMMAND:
        return _command(grant, act, policy, guard)
    if act.sort == TOOL:
        if grant.scope.language != "tool":
            return Answer.NO
        if isinstance(grant.owner, Server):
            server, _, tool = act.text.partition(".")
            return grant.scope.matches(tool) if server == grant.owner.name else Answer.NO
        return grant.scope.matches(_tool_name(act, policy))
    wanted = CAPABILITIES[act.sort]
    if grant.capability not in wanted and not (
            act.sort == WRITE and guard and grant.capability == "fs.read" and policy.get("deny-read-stops-write")
            and grant.decision == "deny"):
        return Answer.NO
    if act.sort == FETCH:
        return grant.scope.matches(host_of(act.text)) if grant.scope.language == "host" else Answer.NO
    if grant.scope.language != "path":
        return Answer.NO
    return grant.scope.matches(act.text)


def _tool_name(act: Act, policy: Policy) -> str:
    """The act's tool as this product writes it in its rules."""
    server, _, tool = act.text.partition(".")
    return str(policy.get("tool-name", "mcp__{server}__{tool}").format(server=server, tool=tool))


def _inside(scope: Scope, act: Act, policy: Policy) -> Answer:
    """The act is among the exceptions that a statement makes itself."""
    if act.sort == TOOL:
        return scope.matches(_tool_name(act, policy))
    return scope.matches(host_of(act.text) if act.sort == FETCH else act.text)


def host_of(url: str) -> str:
    """The host of a URL, or the text itself where it has no scheme."""
    rest = url.partition("://")[2] or url
    return rest.split("/")[0].rpartition("@")[2].split(":")[0].lower()


def _command(grant: Grant, act: Act, policy: Policy, guard: bool) -> Answer:
    if grant.capability == "fs.read" and grant.decision == "deny" and guard:
        return _reader(grant, act, policy)
    if grant.capability != "exec.shell" or grant.scope is None or grant.scope.language != "command":
        return Answer.NO
    forms = act.stripped if act.stripped else (act.text,)
    if guard:
        forms = (*forms, *_started(act, policy))
    else:
        variables = act.text[:len(act.text) - len(forms[0])] if act.text.endswith(forms[0]) else ""
        if variables.strip():
            forms = (act.text, *forms) if _safe(variables, policy) else (act.text,)
        if grant.breadth != "exact" and grant.breadth != "all" and _never(act, policy):
            return Answer.NO
    answers = [grant.scope.matches(form) for form in forms]
    if Answer.YES in answers:
        return Answer.YES
    return Answer.UNDECIDABLE if Answer.UNDECIDABLE in answers else Answer.NO


def _started(act: Act, policy: Policy) -> list[str]:
    """What stands behind programs that start another, where the product looks there before it refuses."""
    words, found = list(act.words), []
    while words and words[0] in policy.get("guard-wrappers", ()):
        words.pop(0)
        while words and (words[0].startswith("-") or "=" in words[0]):
            words.pop(0)
        found.append(" ".join(words))
    if words and words[0] in policy.get("guard-shells", ()):
        found += _payload(words[1:])
    return found


def _payload(words: list[str]) -> list[str]:
    """The commands that a shell is given in the word behind `-c`."""
    from overgrant.dialect.grammar.shell import parse

    given = next((at for at, word in enumerate(words) if word.startswith("-") and not word.startswith("--") and word.endswith("c")), None)
    if given is None or given + 1 >= len(words):
        return []
    return [" ".join(word.text for word in simple.words) for simple in parse(words[given + 1]).commands]


def _safe(variables: str, policy: Policy) -> bool:
    names = [word.partition("=")[0] for word in variables.split() if "=" in word]
    return all(name in policy.get("safe-variables", ("NODE_ENV", "CI", "LANG", "LC_ALL", "TZ", "NO_COLOR", "FORCE_COLOR",
                                                      "DEBUG", "PYTHONUNBUFFERED")) for name in names)


def _never(act: Act, policy: Policy) -> bool:
    """A prefix rule never covers this command, whatever its text says."""
    words = act.words
    if not words:
        return False
    options = policy.get("never-by-prefix-options", {}).get(words[0], ())
    return words[0] in policy.get("never-by-prefix", ()) or any(word in options for word in words)


def _reader(grant: Grant, act: Act, policy: Policy) -> Answer:
    """A deny of a file also stops the commands that the product recognises as reading it."""
    if not act.words or act.words[0] not in policy.get("readers", ()) or grant.scope is None:
        return Answer.NO
    for word in act.words[1:]:
        if not word.startswith("-") and grant.scope.language == "path" and \
                grant.scope.matches(word) is Answer.YES:
            return Answer.YES
    return Answer.NO


# --- engines -------------------------------------------------------------------------------------


def _found(grant: Grant, act: Act, why: str = "") -> Decision:
    verb = {"allow": "allows", "ask": "asks", "deny": "denies", "unknown": "may cover"}.get(grant.decision, grant.decision)
    return Decision(grant.decision, why or f"`{grant.text}` {verb} it", act, grant)


def _deny_ask_allow(grants: list[Grant], act: Act, policy: Policy, agent: Agent) -> Decision | None:
    unknown: Grant | None = None
    sandboxed = _sandboxed(agent, act)
    if sandboxed and policy.get("sandboxed") == "allow":
        return Decision("allow", "the sandbox is on, and what runs in it needs no approval, whatever a rule says", act)
    for decision in policy.get("order", ("deny", "ask", "allow")):
        for grant in grants:
            if grant.decision != decision:
                continue
            if decision == "ask" and sandboxed and grant.breadth == "all":
                continue
            answer = speaks(grant, act, policy, guard=decision != "allow")
            if answer is Answer.YES:
                return _found(grant, act)
            if answer is Answer.UNDECIDABLE:
                unknown = unknown or grant
        if unknown is not None:
            return Decision("unknown", f"whether `{unknown.text}` covers it cannot be decided", act, unknown)
        if decision == "ask" and sandboxed:
            return Decision("allow", "the sandbox is on, and what runs in it needs no approval", act)
    return None


def _sandboxed(agent: Agent, act: Act) -> bool:
    box = agent.containment
    if act.sort != COMMAND or box is None or not box.enabled or not box.approves:
        return False
    return not any(form == each.rstrip("* ").rstrip(":") or form.startswith(each.rstrip("*").rstrip(":").rstrip() + " ")
                   for each in box.excluded for form in act.stripped or (act.text,))


def _ordered(pick: int) -> Callable[[list[Grant], Act, Policy, Agent], Decision | None]:
    def engine(grants: list[Grant], act: Act, policy: Policy, agent: Agent) -> Decision | None:
        for grant in grants if pick == 0 else reversed(grants):
            answer = speaks(grant, act, policy, guard=False)
            if answer is Answer.UNDECIDABLE:
                return Decision("unknown", f"whether `{grant.text}` covers it cannot be decided", act, grant)
            if answer is Answer.YES:
                return _found(grant, act)
        return None
    return engine


def _ranked(rank: Callable[[Grant], float]) -> Callable[[list[Grant], Act, Policy, Agent], Decision | None]:
    def engine(grants: list[Grant], act: Act, policy: Policy, agent: Agent) -> Decision | None:
        best: Grant | None = None
        for grant in grants:
            answer = speaks(grant, act, policy, guard=False)
            if answer is Answer.UNDECIDABLE:
                return Decision("unknown", f"whether `{grant.text}` covers it cannot be decided", act, grant)
            if answer is Answer.YES and (best is None or rank(grant) > rank(best) or (
                    rank(grant) == rank(best) and _STRICT.index(grant.decision) > _STRICT.index(best.decision))):
                best = grant
        return _found(best, act) if best is not None else None
    return engine


_ENGINES: dict[str, Callable[[list[Grant], Act, Policy, Agent], Decision | None]] = {
    "deny-ask-allow": _deny_ask_allow,
    "first-match": _ordered(0),
    "last-match": _ordered(-1),
    "longest-prefix": _ranked(lambda grant: len(grant.literal)),
    "priority": _ranked(lambda grant: grant.priority),
}
