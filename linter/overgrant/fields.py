"""Ground: the words and fields of the capability model: the contract between facts and rules.

The matcher type-checks conditions against `FIELDS`; a field that is not listed here does not exist for a rule.
"""

from __future__ import annotations

from typing import NamedTuple

CAPABILITIES = tuple(
    "exec.shell exec.code fs.read fs.write fs.delete net.egress net.listen secret.read data.read db.read db.write "
    "input.untrusted comm.send code.publish infra.mutate iam.mutate money.move pkg.install tool.load agent.spawn "
    "agent.configure memory.write schedule.persist model.modify audit.modify browser.control".split())
DECISIONS = ("allow", "ask", "deny", "model-reviewed", "inherit")
BREADTHS = ("exact", "prefix", "tree", "family", "all")
TIERS = ("managed", "user", "project", "local", "distributed", "example")
STATES = ("effective", "shadowed", "ignored", "malformed", "misspelt", "bypassed")
RUNS = ("none", "fixed", "workspace-code", "package-runner", "launcher", "interpreter", "shell", "unknown")
EFFECTS = tuple(
    "reads-files writes-files deletes-files destroys publishes releases deploys installs network tunnels persists roots "
    "starts-agent changes-permissions secrets database-write skips-verification cloud browser sends clipboard "
    "moves-money spawns-agents configures-agents loads-tools runs-code untrusted-input reads-data".split())
KINDS = ("host", "subagent", "skill", "command", "framework", "step", "server", "mode", "workflow", "crew")
PLACES = ("workspace", "home", "filesystem", "elsewhere", "temporary", "unknown")
DIMENSIONS = ("turns", "steps", "wall-clock", "tokens", "cost", "rate", "retries", "depth", "fan-out", "sub-agents",
              "tool-calls", "tool-time", "output")
PINS = ("exact", "digest", "sha", "tag", "range", "latest", "none", "local", "lockfile", "unknown")
OUTCOMES = ("runs", "blocks", "never-blocks", "always-allows", "unknown")


class Field(NamedTuple):
    """The type of a fact's field.

    type     word (one of `words`), order (one of `words`, which ascend), text, number, flag
             (true, false or unknown), list (of `words` when given, else of texts), fact (of kind `words[0]`)
    meaning  what the field says, shown when a rule misuses it
    """

    type: str
    meaning: str
    words: tuple[str, ...] = ()


_COMMON = {
    "tier": Field("word", "whose file says it", TIERS),
    "product": Field("text", "slug of the product"),
    "format": Field("text", "id of the file's format"),
    "where": Field("text", "keys from the top of the file to the statement"),
    "before": Field("text", "version that no longer honours it"),
    "explicit": Field("flag", "a file says it; false for a default"),
}
_STATE = {
    "state": Field("word", "whether it has effect", STATES),
    "why": Field("text", "why it has no effect, as half a sentence"),
}
_AGENT = {"agent": Field("fact", "the principal", ("agent",))}

FIELDS: dict[str, dict[str, Field]] = {
    "agent": {
        **_COMMON,
        "name": Field("text", "stable name: a product's slug for its host agent"),
        "type": Field("word", "what sort of principal", KINDS),
        "attended": Field("flag", "a person watches each run"),
        "started_by": Field("word", "who can start a run", ("", "owner", "collaborators", "anyone")),
        "purpose": Field("text", "what its text claims it is for"),
        "promise": Field("text", "what its text promises, in words"),
        "claims": Field("list", "what the purpose promises", ("read-only", "narrow", "general", "no-network",
                                                              "no-write", "no-exec", "no-code-change", "advisory")),
        "told": Field("list", "what its text tells it to do", ("writes-files", "runs-project")),
        "tools_from": Field("word", "where its tools come from", ("", "named", "inherited", "rest", "all", "none")),
        "mode": Field("text", "its permission mode, as the product calls it"),
        "model": Field("text", "the model"),
        "legs": Field("list", "legs of the trifecta it has", ("untrusted-input", "private-data", "outlet")),
        "bypasses": Field("flag", "it runs with all approvals off"),
        "containment": Field("fact", "what holds its processes", ("containment",)),
    },
    "grant": {
        **_COMMON, **_STATE, **_AGENT,
        "capability": Field("word", "the power", ("", *CAPABILITIES)),
        "text": Field("text", "the rule as written"),
        "tool": Field("text", "the product's tool"),
        "server": Field("text", "the tool server"),
        "decision": Field("word", "who decides", DECISIONS),
        "rank": Field("word", "a rule, or the default of a mode", ("rule", "default")),
        "breadth": Field("order", "how much the pattern covers", BREADTHS),
        "runs": Field("word", "what sort of program the commands are", RUNS),
        "via": Field("word", "what of the command opens it", ("", "argument", "subcommand", "option", "tool")),
        "head": Field("text", "the program"),
        "effects": Field("list", "what the commands or tools do", EFFECTS),
        "touches": Field("list", "kinds of sensitive or governing files in reach"),
        "governs": Field("text", "what the governing file in reach is about, in words"),
        "place": Field("word", "how far the paths go", ("", *PLACES)),
        "reach": Field("text", "how far the paths go, in words"),
        "witness": Field("text", "a concrete use that shows the power"),
        "consent": Field("text", "how approval is waived"),
        "suggestion": Field("text", "what was probably meant"),
        "narrowed": Field("text", "narrower statements that the tree supports, each between backticks"),
        "duplicate": Field("flag", "another rule says the same"),
        "others": Field("text", "how many more share its fate"),
        "used": Field("flag", "a session used it; unknown without sessions (`check --trace`)"),
        "sessions": Field("number", "how many sessions were looked at"),
    },
    "control": {
        **_COMMON, **_STATE, **_AGENT,
        "what": Field("text", "sort of control: deny, ask, sandbox, lock, guard, filter, tools (a list of those there are), limit, mode"),
        "text": Field("text", "the statement as written"),
        "witness": Field("text", "what gets past it"),
        "suggestion": Field("text", "what to write instead"),
    },
    "containment": {
        **_COMMON, **_AGENT,
        "type": Field("word", "what contains", ("none", "sandbox", "container", "machine")),
        "enabled": Field("flag", "switched on"),
        "escape": Field("flag", "the agent may leave it by asking"),
        "fails_open": Field("flag", "runs uncontained where it is not available"),
        "weak": Field("list", "switches that weaken it"),
        "network": Field("word", "which hosts", ("", "none", "listed", "any")),
        "hosts": Field("list", "the hosts it lets through"),
        "writes": Field("list", "paths it lets be written"),
        "reads": Field("list", "paths it lets be read"),
        "excluded": Field("list", "commands that run outside it"),
        "sockets": Field("list", "Unix sockets it lets through"),
        "approves": Field("flag", "what runs in it needs no approval"),
        "fails_closed": Field("flag", "nothing runs where it is not available"),
        "effective": Field("flag", "on, without an escape, and not failing open"),
    },
    "server": {
        **_COMMON, **_STATE, **_AGENT,
        "name": Field("text", "its name"),
        "type": Field("text", "its type, as the product calls it"),
        "transport": Field("word", "how it is reached", ("", "stdio", "http", "sse", "ws", "builtin")),
        "command": Field("text", "the command that starts it"),
        "url": Field("text", "where it is"),
        "host": Field("text", "host of the URL"),
        "encrypted": Field("flag", "the transport is encrypted"),
        "loopback": Field("flag", "it is on this machine"),
        "runner": Field("text", "package runner or launcher that starts it"),
        "package": Field("text", "the package that is run"),
        "ecosystem": Field("text", "npm, pypi, oci, git, url, local"),
        "version": Field("text", "version as written"),
        "pin": Field("word", "how firmly the code is fixed", ("", *PINS)),
        "source": Field("word", "where its code comes from", ("", "registry", "git", "url", "image", "local", "remote",
                                                              "builtin", "unknown")),
        "source_kind": Field("text", "where it comes from, in the product's word"),
        "auth": Field("word", "how the client authenticates", ("", "none", "header", "oauth", "query", "mtls", "other")),
        "roots": Field("list", "directories it is given"),
        "root_places": Field("list", "how far those directories go", PLACES),
        "escapes": Field("list", "container switches that give the host away"),
        "role": Field("text", "what sort of server it is, a word of knowledge/servers.yaml"),
        "read_only": Field("flag", "it is told to be read-only"),
        "filtered": Field("flag", "the client names the tools it offers"),
        "effects": Field("list", "what its tools do", EFFECTS),
        "consent": Field("text", "how approval of its tools is waived"),
        "trusted": Field("flag", "all its tools run without approval"),
        "disabled": Field("flag", "it is switched off"),
        "runs": Field("word", "what sort of program starts it", ("", *RUNS)),
        "downloads": Field("flag", "it downloads and runs code at start"),
        "listens": Field("text", "address it listens at"),
        "known": Field("text", "name of the entry in knowledge/servers.yaml"),
        "narrower": Field("text", "the flag that narrows it"),
        "others": Field("text", "how many more of its place share its fate"),
        "said_before": Field("flag", "another of its place says the same"),
        "pin_says": Field("text", "what the pin means, in words"),
        "suggestion": Field("text", "how the package is pinned in its ecosystem"),
        "scopes": Field("list", "OAuth scopes it asks for"),
        "offers": Field("list", "the tools that the client takes from it"),
        "image": Field("text", "container image"),
        "user": Field("text", "user that it runs as"),
        "volumes": Field("list", "host:container paths it is given"),
        "elevated": Field("flag", "started as the machine's administrator"),
        "account": Field("text", "the owning account with which it opens a database"),
        "joins": Field("text", "what makes it drive the browser in which the user is signed in"),
        "reaches": Field("list", "patterns of hosts that its container lets through"),
    },
    "tool": {
        **_COMMON, **_AGENT,
        "name": Field("text", "its name"),
        "server": Field("text", "the server that offers it"),
        "capability": Field("word", "the power", ("", *CAPABILITIES)),
        "effects": Field("list", "what its body does", EFFECTS),
        "claims": Field("list", "what it declares", ("read-only", "not-destructive", "closed-world", "idempotent")),
        "contradicts": Field("list", "declarations that its body contradicts"),
        "free_form": Field("list", "parameters that reach a sink unchecked"),
        "guarded": Field("flag", "what reaches the sink is checked"),
        "consent": Field("word", "approval before a call", ("", "none", "ask", "waived")),
        "description": Field("text", "what it says about itself"),
        "dynamic": Field("flag", "loaded or made at run time"),
        "timeout": Field("flag", "its calls end"),
        "place": Field("word", "how far its paths go", ("", *PLACES)),
        "witness": Field("text", "a concrete use that shows the power"),
        "builtin": Field("flag", "the framework's own, not code of the tree"),
        "contained": Field("flag", "a sandbox, a container or another machine holds what it runs"),
    },
    "limit": {
        **_COMMON, **_AGENT,
        "dimension": Field("word", "what is bounded", DIMENSIONS),
        "amount": Field("number", "the bound; none when unbounded"),
        "unbounded": Field("flag", "there is no effective bound"),
        "disabled": Field("flag", "a file switches the bound off"),
        "absurd": Field("flag", "so high that it bounds nothing"),
        "origin": Field("text", "where the value comes from"),
        "assumed": Field("text", "version it holds for"),
        "name": Field("text", "the field or flag"),
    },
    "hook": {
        **_COMMON, **_AGENT,
        "event": Field("text", "what runs it"),
        "command": Field("text", "what runs"),
        "matcher": Field("text", "which tools it is for"),
        "type": Field("text", "command, http, prompt, agent"),
        "outcome": Field("word", "what it decides", OUTCOMES),
        "state": Field("word", "whether it has effect", STATES),
        "background": Field("flag", "nobody waits for it"),
        "why": Field("text", "why it never blocks or always allows"),
        "effects": Field("list", "what the command does", EFFECTS),
        "runs": Field("word", "what sort of program it is", ("", *RUNS)),
        "downloads": Field("flag", "it downloads and runs code"),
        "script": Field("text", "script in the tree that it runs"),
        "shared": Field("flag", "the file is shared with other people"),
        "guard": Field("flag", "it is meant to block"),
        "injects": Field("text", "model-controlled text in the command line"),
        "url": Field("text", "where it posts"),
        "stays": Field("text", "what it leaves behind that goes on or starts by itself"),
        "package": Field("text", "the package that it runs and nobody pinned"),
        "pin": Field("word", "how loosely that package is fixed", ("", *PINS)),
    },
    "launch": {
        **_COMMON, **_AGENT,
        "product": Field("text", "agent that is started"),
        "command": Field("text", "the command line"),
        "bypass": Field("text", "the flag that waives approval"),
        "flags": Field("list", "its flags"),
        "attended": Field("flag", "a person watches"),
        "bounded": Field("flag", "turns, time or cost end"),
    },
    "setting": {
        **_COMMON, **_STATE, **_AGENT,
        "name": Field("text", "the key"),
        "text": Field("text", "the value as written"),
        "meaning": Field("text", "what it does, a word of knowledge/settings.yaml"),
        "gives": Field("text", "the power, as half a sentence"),
        "instead": Field("text", "what to write instead, as an imperative"),
    },
    "secret": {
        **_COMMON, **_AGENT,
        "provider": Field("text", "whose credential"),
        "name": Field("text", "the key that holds it"),
        "shown": Field("text", "the credential, masked"),
        "source": Field("text", "env, header, argument, url, text"),
        "confidence": Field("word", "how sure", ("", "low", "medium", "high")),
    },
    "instruction": {
        **_COMMON, **_AGENT,
        "text": Field("text", "the text"),
        "hides": Field("text", "hidden characters, by name"),
        "says": Field("text", "what it tells the model"),
        "witness": Field("text", "the decoded or quoted passage"),
    },
    "delegation": {
        **_COMMON, **_AGENT,
        "to": Field("text", "the other agent"),
        "way": Field("text", "call, handoff, peer, member, remote, spawn"),
        "remote": Field("flag", "it is not in this tree"),
        "exceeds": Field("list", "powers the other has and this one has not"),
        "adds": Field("list", "what the other can do unasked and this one cannot at all"),
        "bypasses": Field("list", "tools that the other uses unasked, of a power that this one uses only after a question"),
        "bounded": Field("flag", "depth or number is bounded"),
        "automatic": Field("flag", "it happens without a person"),
        "why": Field("text", "why this agent should not have it, as half a sentence"),
        "witness": Field("text", "the command or flag that shows it"),
    },
    "flow": {
        **_COMMON, **_AGENT,
        "source": Field("text", "what comes in"),
        "sink": Field("text", "what it reaches"),
        "way": Field("text", "how"),
        "gated": Field("text", "what stands between"),
        "suggestion": Field("text", "what to write to keep strangers out"),
        "unattended": Field("flag", "nobody watches"),
    },
    "unread": {
        **_COMMON, **_AGENT,
        "what": Field("text", "what was not understood, present tense"),
        "why": Field("text", "why, as half a sentence"),
        "type": Field("text", "unreadable, wrong-type, duplicate, unknown, misspelt"),
        "power": Field("flag", "the statement carries power"),
        "suggestion": Field("text", "what was probably meant"),
    },
}
