"""Ground: the capability model. Everything a rule sees is a fact with a place.

A fact's fields hold plain data; `at` remembers which `Value` of a file states a field, so every
word of a finding can be underlined. `FIELDS` is the contract with rules: the matcher type-checks
conditions against it, and a field that is not listed there does not exist for a rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from overgrant.text import Span

if TYPE_CHECKING:
    from overgrant.scope import Scope
    from overgrant.value import Value

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
    "reads-files writes-files deletes-files destroys publishes deploys installs network tunnels persists roots "
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


class Root(NamedTuple):
    """The directory from which one product loads a set of files; facts are merged only within it.

    path     directory relative to the working directory, `.` for the working directory itself
    product  slug of the product
    example  True for a directory of examples, fixtures, templates or documentation
    """

    path: str
    product: str
    example: bool = False


class Fact:
    """What one statement of a file, or a product's default, says.

    value   the statement; None for a product's default that no file mentions
    at      the values that state single fields
    agent   the principal it belongs to; None until `power` decides (then: every agent of the root)
    order   position in the reading order of its root: tiers first, then files, then document order
    where   keys from the top of the file to the statement, as a person would name it: `permissions.allow`
    """

    kind = "fact"

    def __init__(self, value: Value | None = None) -> None:
        self.value = value
        self.at: dict[str, Value] = {}
        self.agent: Agent | None = None
        self.owner: Fact | None = None
        self.root: Root = Root(".", "")
        self.tier = "project"
        self.order = 0
        self.where = ""
        self.format = ""
        self.explicit = True
        self.before = ""
        self.place_at: Span | None = None

    def __repr__(self) -> str:
        stated = {name: getattr(self, name) for name in FIELDS[self.kind] if getattr(self, name, None)}
        stated.pop("agent", None)
        return f"{type(self).__name__}({stated})"

    @property
    def path(self) -> str:
        """The file that states the fact, or an empty string."""
        if self.place_at is not None:
            return self.place_at.source.path
        return self.value.source.path if self.value is not None else ""

    def span(self, field: str = "") -> Span | None:
        """Where the field, or the fact itself, is stated."""
        if self.place_at is not None and not field:
            return self.place_at
        value = self.at.get(field) if field else self.value
        if value is None:
            return None
        return value.grip if value.kind in ("map", "list") else value.span


class Agent(Fact):
    """A principal: who acts."""

    kind = "agent"
    name = ""
    product = ""
    type = "host"
    attended: bool | None = None
    started_by = ""
    purpose = ""
    claims: tuple[str, ...] = ()
    tools_from = ""
    mode = ""
    model = ""
    legs: tuple[str, ...] = ()
    bypasses: bool | None = None

    def __init__(self, value: Value | None = None) -> None:
        super().__init__(value)
        self.containment: Containment | None = None
        self.facts: list[Fact] = []

    @property
    def grants(self) -> list[Grant]:
        return [fact for fact in self.facts if isinstance(fact, Grant)]

    @property
    def title(self) -> str:
        """The display name; it carries the root when that is not the working directory."""
        return self.name if self.root.path in (".", "") else f"{self.name} ({self.root.path})"


class Grant(Fact):
    """What an agent may do, and whether somebody is asked first."""

    kind = "grant"
    capability = ""
    text = ""
    tool = ""
    server = ""
    decision = "allow"
    rank = "rule"
    breadth = "exact"
    runs = "none"
    via = ""
    head = ""
    effects: tuple[str, ...] = ()
    touches: tuple[str, ...] = ()
    place = ""
    reach = ""
    state = "effective"
    why = ""
    witness = ""
    consent = ""
    suggestion = ""
    duplicate: bool | None = None

    def __init__(self, value: Value | None = None) -> None:
        super().__init__(value)
        self.scope: Scope | None = None
        self.without: tuple[Scope, ...] = ()
        self.priority = 0.0
        self.literal = ""
        self.open_tail = False
        self.by: Fact | None = None
        self.implied: list[str] = []


class Control(Fact):
    """A protective statement and whether it protects."""

    kind = "control"
    what = ""
    text = ""
    state = "effective"
    why = ""
    witness = ""
    suggestion = ""

    def __init__(self, value: Value | None = None) -> None:
        super().__init__(value)
        self.by: Fact | None = None


class Containment(Fact):
    """What a process may reach whatever it is allowed."""

    kind = "containment"
    type = "none"
    enabled: bool | None = None
    escape: bool | None = None
    fails_open: bool | None = None
    weak: tuple[str, ...] = ()
    network = ""
    hosts: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    sockets: tuple[str, ...] = ()
    approves: bool | None = None
    fails_closed: bool | None = None
    effective: bool | None = None


class Server(Fact):
    """A tool server: where its code comes from and how it is reached."""

    kind = "server"
    name = ""
    type = ""
    transport = ""
    command = ""
    url = ""
    host = ""
    encrypted: bool | None = None
    loopback: bool | None = None
    runner = ""
    package = ""
    ecosystem = ""
    version = ""
    pin = ""
    source = ""
    source_kind = ""
    auth = ""
    roots: tuple[str, ...] = ()
    root_places: tuple[str, ...] = ()
    escapes: tuple[str, ...] = ()
    role = ""
    read_only: bool | None = None
    filtered: bool | None = None
    effects: tuple[str, ...] = ()
    consent = ""
    trusted: bool | None = None
    disabled: bool | None = None
    runs = ""
    downloads: bool | None = None
    listens = ""
    state = "effective"
    why = ""
    known = ""
    narrower = ""
    pin_says = ""
    suggestion = ""
    scopes: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    image = ""
    user = ""
    volumes: tuple[str, ...] = ()

    def __init__(self, value: Value | None = None) -> None:
        super().__init__(value)
        self.args: list[Value] = []
        self.env: list[Value] = []
        self.root_at: dict[str, Value] = {}


class Tool(Fact):
    """A tool an agent can call: what it does and what it claims."""

    kind = "tool"
    name = ""
    server = ""
    capability = ""
    effects: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    contradicts: tuple[str, ...] = ()
    free_form: tuple[str, ...] = ()
    guarded: bool | None = None
    consent = ""
    description = ""
    dynamic: bool | None = None
    timeout: bool | None = None
    place = ""
    witness = ""


class Limit(Fact):
    """A bound on turns, time, money or number."""

    kind = "limit"
    dimension = ""
    amount: float | None = None
    unbounded: bool | None = None
    disabled: bool | None = None
    absurd: bool | None = None
    origin = ""
    assumed = ""
    name = ""


class Hook(Fact):
    """A command that an event runs without consent."""

    kind = "hook"
    event = ""
    command = ""
    matcher = ""
    type = "command"
    outcome = "runs"
    state = "effective"
    why = ""
    background: bool | None = None
    effects: tuple[str, ...] = ()
    runs = ""
    downloads: bool | None = None
    script = ""
    shared: bool | None = None
    guard: bool | None = None
    injects = ""
    url = ""
    package = ""
    pin = ""

    def __init__(self, value: Value | None = None) -> None:
        super().__init__(value)
        self.args: list[Value] = []


class Launch(Fact):
    """A command line that starts an agent."""

    kind = "launch"
    product = ""
    command = ""
    bypass = ""
    flags: tuple[str, ...] = ()
    attended: bool | None = None
    bounded: bool | None = None


class Setting(Fact):
    """A switch, endpoint, variable or lock with a meaning of its own."""

    kind = "setting"
    name = ""
    text = ""
    meaning = ""
    state = "effective"
    why = ""
    gives = ""
    instead = ""


class Secret(Fact):
    """A literal credential."""

    kind = "secret"
    provider = ""
    name = ""
    shown = ""
    source = ""
    confidence = ""


class Instruction(Fact):
    """Text that the model obeys."""

    kind = "instruction"
    text = ""
    hides = ""
    says = ""
    witness = ""


class Delegation(Fact):
    """Who can start, call or hand over to whom."""

    kind = "delegation"
    to = ""
    way = ""
    remote: bool | None = None
    exceeds: tuple[str, ...] = ()
    bounded: bool | None = None


class Flow(Fact):
    """Untrusted input that reaches power, or private data an outlet."""

    kind = "flow"
    source = ""
    sink = ""
    way = ""
    gated = ""
    unattended: bool | None = None


class Unread(Fact):
    """What was not understood. It is a fact, never silence."""

    kind = "unread"
    what = ""
    why = ""
    type = ""
    power: bool | None = None
    suggestion = ""


KIND_OF: dict[str, type[Fact]] = {
    cls.kind: cls for cls in (Agent, Grant, Control, Containment, Server, Tool, Limit, Hook, Launch, Setting, Secret,
                              Instruction, Delegation, Flow, Unread)}


class Versions:
    """What is assumed about versions: product → version."""

    def version(self, product: str) -> str:
        """The assumed version of a product, or an empty string."""
        return ""


class World:
    """All facts of one run, with their agents and roots. Order is fixed: two runs give the same world."""

    def __init__(self) -> None:
        self.assumed = Versions()
        self.facts: list[Fact] = []
        self.agents: list[Agent] = []

    def of(self, kind: str) -> Iterator[Fact]:
        """All facts of a kind, agents included, in order."""
        return (fact for fact in (self.agents if kind == "agent" else self.facts) if fact.kind == kind)

    def beside(self, fact: Fact, kind: str) -> list[Fact]:
        """The facts of a kind in the same root of the same product."""
        return [other for other in self.of(kind) if other.root == fact.root]


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
        "claims": Field("list", "what the purpose promises", ("read-only", "narrow", "general", "no-network",
                                                              "no-write", "no-exec")),
        "tools_from": Field("word", "where its tools come from", ("", "named", "inherited", "all", "none")),
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
        "place": Field("word", "how far the paths go", ("", *PLACES)),
        "reach": Field("text", "how far the paths go, in words"),
        "witness": Field("text", "a concrete use that shows the power"),
        "consent": Field("text", "how approval is waived"),
        "suggestion": Field("text", "the narrower text that the tree supports"),
        "duplicate": Field("flag", "another rule says the same"),
    },
    "control": {
        **_COMMON, **_STATE, **_AGENT,
        "what": Field("text", "sort of control: deny, ask, sandbox, lock, guard, filter, limit, mode"),
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
        "pin_says": Field("text", "what the pin means, in words"),
        "suggestion": Field("text", "how the package is pinned in its ecosystem"),
        "scopes": Field("list", "OAuth scopes it asks for"),
        "offers": Field("list", "the tools that the client takes from it"),
        "image": Field("text", "container image"),
        "user": Field("text", "user that it runs as"),
        "volumes": Field("list", "host:container paths it is given"),
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
        "way": Field("text", "call, handoff, remote, spawn"),
        "remote": Field("flag", "it is not in this tree"),
        "exceeds": Field("list", "powers the other has and this one has not"),
        "bounded": Field("flag", "depth or number is bounded"),
    },
    "flow": {
        **_COMMON, **_AGENT,
        "source": Field("text", "what comes in"),
        "sink": Field("text", "what it reaches"),
        "way": Field("text", "how"),
        "gated": Field("text", "what stands between"),
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
