"""Ground: the capability model. Everything a rule sees is a fact with a place.

A fact's fields hold plain data; `at` remembers which `Value` of a file states a field, so every
word of a finding can be underlined. `FIELDS` is the contract with rules: the matcher type-checks
conditions against it, and a field that is not listed there does not exist for a rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from overgrant.fields import (
    BREADTHS,
    CAPABILITIES,
    DECISIONS,
    DIMENSIONS,
    EFFECTS,
    FIELDS,
    KINDS,
    OUTCOMES,
    PINS,
    PLACES,
    RUNS,
    STATES,
    TIERS,
    Field,
)
from overgrant.text import Span

if TYPE_CHECKING:
    from overgrant.scope import Scope
    from overgrant.value import Value

__all__ = [
    "BREADTHS", "CAPABILITIES", "DECISIONS", "DIMENSIONS", "EFFECTS", "FIELDS", "KINDS", "KIND_OF", "OUTCOMES", "PINS",
    "PLACES", "RUNS", "STATES", "TIERS", "Agent", "Containment", "Control", "Delegation", "Fact", "Field", "Flow", "Grant",
    "Hook", "Instruction", "Launch", "Limit", "Root", "Secret", "Server", "Setting", "Tool", "Unread", "Versions", "World",
]


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
    links   places in other files that belong to it, each with what they say: the manifest that starts this code
    key     path, line and column of what it is made of in code: other facts mean it by them
    """

    kind = "fact"
    key: tuple[str, int, int] | None = None

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
        self.links: list[tuple[Value, str]] = []

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
    promise = ""
    told: tuple[str, ...] = ()
    tools_from = ""
    mode = ""
    model = ""
    legs: tuple[str, ...] = ()
    bypasses: bool | None = None
    everything = False  # it has all tools of its product, asked or not

    def __init__(self, value: Value | None = None) -> None:
        super().__init__(value)
        self.containment: Containment | None = None
        self.facts: list[Fact] = []
        self.holds: list[tuple[tuple[str, int, int], bool]] = []  # tools in code by their keys, and whether a call is asked about
        self.borrows: tuple[Grant, ...] = ()  # of files that it imports

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
    governs = ""
    place = ""
    reach = ""
    state = "effective"
    why = ""
    witness = ""
    consent = ""
    suggestion = ""
    narrowed = others = ""
    duplicate: bool | None = None
    used: bool | None = None
    sessions: float | None = None

    def __init__(self, value: Value | None = None) -> None:
        super().__init__(value)
        self.scope: Scope | None = None
        self.without: tuple[Scope, ...] = ()
        self.priority = 0.0
        self.literal = ""
        self.open_tail = False
        self.whole_line = False
        self.by: Fact | None = None
        self.implied: list[str] = []
        self.instead: tuple[str, ...] = ()


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
    known = narrower = pin_says = suggestion = ""
    others = ""
    said_before: bool | None = None
    scopes: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    image = ""
    user = ""
    volumes: tuple[str, ...] = ()
    elevated: bool | None = None
    account = joins = starts = ""
    reaches: tuple[str, ...] = ()

    def __init__(self, value: Value | None = None) -> None:
        super().__init__(value)
        self.args: list[Value] = []
        self.env: list[Value] = []
        self.headers: list[Value] = []
        self.root_at: dict[str, Value] = {}
        self.root_reads: set[str] = set()


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
    builtin: bool | None = None
    contained: bool | None = None


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
    stays = ""
    package = ""
    pin = ""

    def __init__(self, value: Value | None = None) -> None:
        super().__init__(value)
        self.fails_closed = self.by_status = False
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
    gives = instead = ""


class Secret(Fact):
    """A literal credential."""

    kind = "secret"
    provider = ""
    name = ""
    shown = source = confidence = ""


class Instruction(Fact):
    """Text that the model obeys."""

    kind = "instruction"
    text = ""
    hides = says = witness = ""


class Delegation(Fact):
    """Who can start, call or hand over to whom."""

    kind = "delegation"
    to = ""
    way = ""
    remote: bool | None = None
    exceeds: tuple[str, ...] = ()
    bypasses: tuple[str, ...] = ()
    bounded: bool | None = None
    automatic: bool | None = None
    adds: tuple[str, ...] = ()
    why = witness = ""
    other: Agent | None = None  # the other agent, where it is known; `key` says where it is made
    asked = by_code = False  # a person is asked first; code says it


class Flow(Fact):
    """Untrusted input that reaches power, or private data an outlet."""

    kind = "flow"
    source = ""
    sink = ""
    way = ""
    gated = ""
    suggestion = ""
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
        self.uses: dict[str, list[str]] = {}  # by product: commands of its sessions that show what is needed, most used first
        self._hosts: tuple[int, dict[Root, list[Agent]]] = (-1, {})
        self._sorted: tuple[tuple[int, int], dict[str, list[Fact]], dict[tuple[str, Root], list[Fact]]] = ((0, -1), {}, {})

    def hosts(self, root: Root) -> list[Agent]:
        """The products' own agents of a root."""
        if self._hosts[0] != len(self.agents):
            found: dict[Root, list[Agent]] = {}
            for agent in self.agents:
                if agent.type == "host":
                    found.setdefault(agent.root, []).append(agent)
            self._hosts = len(self.agents), found
        return self._hosts[1].get(root, [])

    def of(self, kind: str) -> Iterator[Fact]:
        """All facts of a kind, agents included, in order."""
        return iter(self.agents if kind == "agent" else self._by()[0].get(kind, ()))

    def _by(self) -> tuple[dict[str, list[Fact]], dict[tuple[str, Root], list[Fact]]]:
        """The facts by kind, and by kind and root; made anew when there are more."""
        state = id(self.facts), len(self.facts)
        if self._sorted[0] != state:
            kinds: dict[str, list[Fact]] = {}
            roots: dict[tuple[str, Root], list[Fact]] = {}
            for fact in self.facts:
                kinds.setdefault(fact.kind, []).append(fact)
                roots.setdefault((fact.kind, fact.root), []).append(fact)
            self._sorted = state, kinds, roots
        return self._sorted[1:]

    def beside(self, fact: Fact, kind: str) -> list[Fact]:
        """The facts of a kind in the same root of the same product."""
        if kind == "agent":
            return [agent for agent in self.agents if agent.root == fact.root]
        return list(self._by()[1].get((kind, fact.root), ()))
