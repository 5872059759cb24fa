"""Rules: files × rules → findings, in a fixed order. The one broad exception handler is here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import partial
from typing import NamedTuple, TypeVar

from overgrant.dialect.catalogue import Format, catalogue
from overgrant.dialect.javascript import is_script, note, registers_tools
from overgrant.dialect.reader import read
from overgrant.dialect.schema import Schemas
from overgrant.finding import depends_on, findings_from, gathered, number
from overgrant.model import Agent, Delegation, Fact, Grant, Hook, Limit, Unread, World
from overgrant.power import build
from overgrant.power.merge import Assumptions
from overgrant.read.knowledge import load
from overgrant.result import Coverage, Held, Result
from overgrant.result import Unread as NotRead
from overgrant.rule import SEVERITIES, Finding, Rule
from overgrant.severity import level, shift
from overgrant.template import clean
from overgrant.text import Source

T = TypeVar("T")
Find = Callable[[str, str], bytes | None]
Shared = tuple[dict[str, bytes | None], dict[str, object], Find | None]  # all files, what is made of several, and how to find more
MOST_BYTES = 4 * 1024 * 1024


class Bug(Exception):
    """Our own mistake; `str()` names the file or rule it happened in. Exit code 70."""


class Input(NamedTuple):
    """A file to check.

    path     relative to the working directory, POSIX
    data     its bytes, or None when it could not be opened
    local    git ignores it: it is one person's own configuration
    example  it stands below a directory of examples
    shown    its findings are reported; otherwise it only takes part in power
    why      why `data` is None; `instead` is a sentence that says what to do
    tier     `user` or `managed` for a file outside the tree, which takes part in every root of its product
    known    the path by which the catalogue knows such a file
    session  it is no configuration: it tells what agents did
    """

    path: str
    data: bytes | None
    local: bool = False
    example: bool = False
    shown: bool = True
    why: str = ""
    instead: str = ""
    tier: str = ""
    known: str = ""
    session: bool = False


class Plan:
    """How to judge: rules, and what the configuration says about them."""

    def __init__(self, rules: Iterable[Rule], *, profile: str = "default", select: Iterable[str] = (),
                 ignore: Iterable[str] = (), severities: dict[str, str] | None = None,
                 assume: dict[str, str] | None = None, schemas: Schemas | None = None, debug: bool = False) -> None:
        self.rules = list(rules)
        self.profile = profile
        self.select = set(select)
        self.ignore = set(ignore)
        self.severities = severities or {}
        self.assume = assume or {}
        self.schemas = schemas
        self.debug = debug
        self.own: frozenset[str] = frozenset()  # ids of rules that did not come with the tool
        self.mandatory: frozenset[str] = frozenset()  # ids of rules that a policy wants judged, whatever else is said

    def active(self, rule: Rule) -> bool:
        """The rule is judged at all; profiles hold back later, so that the summary can count."""
        return rule.id in self.mandatory or (not self.off(rule) and (not self.select or bool(_names(rule) & self.select)))

    def off(self, rule: Rule) -> bool:
        """The rule is switched off by its name, an older name, or its family."""
        return rule.id not in self.mandatory and bool(_names(rule) & self.ignore)

    def held_back(self, rule: Rule) -> bool:
        """The rule's findings belong to the other profile, and nobody asked for them."""
        return (rule.profile == "strict" and self.profile != "strict" and rule.id not in self.mandatory
                and rule.id not in self.select and rule.family not in self.select)


def _names(rule: Rule) -> set[str]:
    return {rule.id, rule.family, *rule.replaces}


class Analysis(NamedTuple):
    """Everything before rules: the world, and how it was read."""

    world: World
    coverage: Coverage
    sources: dict[str, Source]
    unclaimed: dict[str, dict[str, int]]


def analyse(inputs: Iterable[Input], plan: Plan, *, seen: int = 0, find: Find | None = None) -> Analysis:
    """Read every recognised file, and the scripts that they name, and derive the power in them.

    find  the bytes of a file that is not among the inputs, by its path and the folder that it may not leave; None without them
    """
    coverage, sources, facts = Coverage(), dict[str, Source](), list[Fact]()
    unclaimed: dict[str, dict[str, int]] = {}
    known = catalogue()
    files = list(inputs)
    scripts: list[str] = []
    shared = {file.path: file.data for file in files}, dict[str, object](assumed=plan.assume), find
    if find is not None:
        shared[1]["find"] = find
    coverage.files_seen = max(seen, sum(not file.session for file in files))
    for file in sorted(files, key=lambda each: (each.tier != "", each.path)):
        path = file.known or file.path
        if file.session:
            continue
        if file.data is None:
            why = file.why or "it cannot be opened"
            if candidates := known.candidates(path):
                coverage.unread.append(NotRead(file.path, 1, why))
                facts += _unopened(file, candidates[:1], why, file.instead)
            continue
        if (found := known.recognise(path, file.data)) is None:
            if is_script(file.path) and registers_tools(file.data):
                scripts.append(file.path)
            continue
        if (other := _other(found[0], file.path)) in shared[0]:
            coverage.unread.append(NotRead(file.path, 1, f"`{other}` takes its place"))
            continue
        source = Source(file.path, file.data)
        sources[file.path] = source
        if len(file.data) > MOST_BYTES:
            why = f"it is larger than {MOST_BYTES // 1024 // 1024} MiB"
            coverage.unread.append(NotRead(file.path, 1, why))
            facts += _unopened(file, [found], why, "Make it smaller: what people have written is never that large.")
            continue
        for again, root in enumerate(_roots(found, file, facts)):
            work = partial(_file, source, (found[0], root), file, Coverage() if again else coverage, unclaimed, plan, shared)
            facts += _guarded(work, file.path, plan)
    facts += _named(facts, {file.path: file for file in files}, sources, coverage, plan, find)
    facts += _guarded(partial(_referred, facts, shared, plan), "the code that manifests name", plan)
    _guarded(partial(_around, facts, shared), "what starts code", plan)
    world = _guarded(lambda: build(facts, Assumptions(plan.assume)), "the merged configuration", plan)
    _guarded(lambda: _used(world, [file for file in files if file.session], coverage), "the sessions", plan)
    if scripts:
        coverage.unread.append(NotRead(scripts[0], 1, note(scripts)))
    _guarded(lambda: _narrowed(world, shared[0]), "narrower statements", plan)
    coverage.unread.sort()
    coverage.by_format = dict(sorted(coverage.by_format.items()))
    return Analysis(world, coverage, sources, unclaimed)


def _other(format: Format, path: str) -> str:
    """The file that counts in the place of this one where both are there."""
    folder, slash, name = path.rpartition("/")
    return next((folder + slash + other for other, older in format.over.items() if older == name), "")


def _unopened(file: Input, formats: list[tuple[Format, str]], why: str, instead: str) -> list[Fact]:
    """The fact that nothing of a file is read, if power stands in every file of that format: by its path, or its content, if there is some."""
    from overgrant.dialect.reader import unopened

    return [unopened(Source(file.path, b""), format, root, why, tier=_tier(file, format), example=file.example, instead=instead)
            for format, root in formats
            if format.power and format.syntax != "python" and (file.data is not None or not (format.marks or format.marks_all))]


def _tier(file: Input, format: Format) -> str:
    """Whose word a file is."""
    return file.tier or ("example" if file.example else "local" if file.local and format.tier == "project" else format.tier)


def _roots(found: tuple[Format, str], file: Input, facts: list[Fact]) -> list[str]:
    """The paths of the roots in which a file counts: its own; for a user's, the working directory and all of its product in the tree."""
    if not file.tier:
        return [found[1]]
    return sorted({".", *(fact.root.path for fact in facts if fact.root.product == found[0].product and not fact.root.example)})


def _used(world: World, sessions: list[Input], coverage: Coverage) -> None:
    """What sessions tell of the use of power; in coverage, what of them was not understood."""
    if not sessions:
        return
    from overgrant.dialect.trace import read
    from overgrant.power import unused

    found = []
    for file in sessions:
        trace = read(file.data) if file.data is not None else None
        if trace is None:
            coverage.unread.append(NotRead(file.path, 1, file.why or "it is no session of a product whose sessions are known"))
            continue
        found.append(trace)
        if trace.skipped:
            coverage.unread.append(NotRead(file.path, 1, f"{_counted(trace.skipped, 'line')} of the session cannot be read"))
    unused.derive(world, found)
    for product in dict.fromkeys(trace.product for trace in found):
        own = [trace for trace in found if trace.product == product]
        number = len(frozenset().union(*(trace.sessions for trace in own)))
        coverage.notes.append(f"with {_counted(number, 'session')} of {product} and {_counted(sum(len(each.uses) for each in own), 'use')} in them")


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def _narrowed(world: World, files: dict[str, bytes | None]) -> None:
    """Say what to write instead of grants that are wider than one thing."""
    if any(isinstance(fact, Grant) and fact.breadth != "exact" and fact.decision in ("allow", "inherit") for fact in world.of("grant")):
        from overgrant.power import narrow

        narrow.derive(world, files)


def _named(facts: list[Fact], files: dict[str, Input], sources: dict[str, Source], coverage: Coverage, plan: Plan,
           find: Find | None) -> list[Fact]:
    """The facts of the scripts that hooks name and that the catalogue does not know by their paths."""
    known = {(fact.root, fact.path) for fact in facts if isinstance(fact, Hook) and fact.type == "script"}
    hooks = [fact for fact in facts if isinstance(fact, Hook) and fact.type != "script"]
    if not hooks:
        return []
    from overgrant.dialect.named import script_format, scripts

    found: list[Fact] = []
    for root, path in _guarded(partial(scripts, hooks), "the commands of hooks", plan):
        file = files.get(path) or (Input(path, find(path, root.path)) if find is not None and (root, path) not in known else None)
        if file is None or file.data is None or len(file.data) > MOST_BYTES or (root, path) in known:
            continue
        source = sources.setdefault(path, Source(path, file.data))
        work = partial(_file, source, (script_format(root.product), root.path), file._replace(example=root.example), coverage, {},
                       plan, ({}, {}, None))
        found += _guarded(work, path, plan)
    return found


def _file(source: Source, found: tuple[Format, str], file: Input, coverage: Coverage,
          unclaimed: dict[str, dict[str, int]], plan: Plan,
          shared: Shared) -> list[Fact]:
    format, root = found
    reading = read(source, format, root, tier=_tier(file, format), example=file.example, schemas=plan.schemas,
                   files=shared[0], memo=shared[1], find=shared[2])
    coverage.files_read += 1
    coverage.by_format[format.id] = coverage.by_format.get(format.id, 0) + 1
    for key, times in reading.unclaimed.items():
        counts = unclaimed.setdefault(format.id, {})
        counts[key] = counts.get(key, 0) + times
    coverage.unread += dict.fromkeys(_not_read(source, fact) for fact in reading.facts
                                     if isinstance(fact, Unread) or isinstance(fact, Grant) and fact.scope is not None and fact.scope.reason)
    return reading.facts


def _not_read(source: Source, fact: Fact) -> NotRead:
    """What was not understood; a pattern that cannot be compared with others is among it."""
    span = fact.span()
    line, path = span.begin[0] if span is not None else 1, fact.path or source.path
    if isinstance(fact, Grant):
        return NotRead(path, line, f"what `{clean(fact.text)}` covers is not decided: {fact.scope.reason if fact.scope else ''}")
    assert isinstance(fact, Unread)
    return NotRead(path, line, fact.what + (f": {fact.why}" if fact.why else ""))


def _around(facts: list[Fact], shared: Shared) -> None:
    """What other files say of agents and servers in code: whether somebody watches them, and where they listen."""
    if any(isinstance(fact, Limit) and fact.unbounded and fact.origin == "default" for fact in facts):
        from overgrant.dialect.code import watch

        watch.apply(facts, shared[0], shared[1])
    if any(fact.key is not None and isinstance(fact, Agent) for fact in facts):
        from overgrant.dialect.code import images, scripts

        images.apply(facts, shared[0], shared[1])
        scripts.apply(facts, shared[0])


def _referred(facts: list[Fact], shared: Shared, plan: Plan) -> list[Fact]:
    """Facts of code that a manifest names and that no file registers by itself."""
    if not any(isinstance(fact, Delegation) and fact.way == "code" for fact in facts):
        return []
    from overgrant.dialect.reader import context_of
    from overgrant.dialect.references import follow

    format = next(each for each in catalogue().formats if each.syntax == "python")
    return follow(facts, shared[0], shared[1], context_of(format, ".", schemas=plan.schemas, files=shared[0], memo=shared[1]))


def lint(inputs: Iterable[Input], plan: Plan, *, seen: int = 0, find: Find | None = None) -> tuple[Result, Analysis]:
    """Check files. Findings of both profiles are made; those of the other profile are only counted."""
    files = list(inputs)
    analysis = analyse(files, plan, seen=seen, find=find)
    shown = {file.path for file in files if file.shown}
    findings: list[Finding] = []
    kinds: dict[str, list[Fact]] = {}
    for rule in plan.rules:
        if plan.active(rule):
            if rule.subject not in kinds:
                kinds[rule.subject] = list(analysis.world.of(rule.subject))
            findings += _guarded(partial(_judge, rule, kinds[rule.subject], analysis.world, plan), f"rule `{rule.id}`", plan)
    findings = once(findings, plan.own)
    findings.sort(key=_place)
    findings = gathered(findings)
    number(findings)
    elsewhere = [each for each in findings if shown.isdisjoint(depends_on(each))]
    hidden = {id(each) for each in elsewhere}
    findings = [each for each in findings if id(each) not in hidden]
    strict = [each for each in findings if plan.held_back(each.rule)]
    hidden = {id(each) for each in strict}
    kept = [each for each in findings if id(each) not in hidden]
    off = sorted(rule.id for rule in plan.rules if plan.off(rule))
    result = Result(kept, coverage=analysis.coverage, profile=plan.profile, held=Held(strict=len(strict)), rules_off=off)
    return result, analysis


def _judge(rule: Rule, facts: list[Fact], world: World, plan: Plan) -> list[Finding]:
    found, check = [], rule.check
    for fact in facts:
        hits = check(fact, world)
        if hits == ():  # most facts meet most rules in vain
            continue
        for finding in findings_from(rule, fact, hits):
            if rule.id in plan.severities:
                finding.severity = level(plan.severities[rule.id])
            else:
                shift(finding, load("severity"))
            found.append(finding)
    return found


def once(findings: list[Finding], own: Collection[str] = ()) -> list[Finding]:
    """One cause, one finding: of several findings of a family at one place the most severe stays.

    own  ids of rules that take no other finding away: they may come from the tree that is checked
    """
    best: dict[tuple[str, str, int, int], Finding] = {}
    for finding in findings:
        span = finding.primary.span
        family = finding.rule.id if finding.rule.id in own else finding.rule.family
        key = (family, span.source.path, span.start, span.end)
        other = best.get(key)
        if other is None or SEVERITIES.index(finding.severity) > SEVERITIES.index(other.severity):
            best[key] = finding
    kept = {id(finding) for finding in best.values()}
    return [finding for finding in findings if id(finding) in kept]


def _place(finding: Finding) -> tuple[str, tuple[int, int], str, str]:
    return finding.primary.span.source.path, finding.primary.span.begin, finding.rule.id, finding.message


def _guarded(work: Callable[[], T], where: str, plan: Plan) -> T:
    return work() if plan.debug else shielded(work, (), f"{where}: ")


def shielded(work: Callable[[], T], passing: tuple[type[Exception], ...], where: str = "") -> T:
    """The answer of some work, whose mistakes become a `Bug`; what says something to the user passes."""
    through: tuple[type[Exception], ...] = (BrokenPipeError, Bug, *passing)
    try:
        return work()
    except through:
        raise
    except Exception as error:
        raise Bug(f"{where}{type(error).__name__}: {error}") from error
