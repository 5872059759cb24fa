"""Rules: what a rule that fires on a fact says: the message, the underlined places, the fingerprint."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from overgrant.model import Agent, Fact, World
from overgrant.repair import fixes_of
from overgrant.rule import Finding, Fix, Hit, Place, Rule
from overgrant.template import fill, safe

if TYPE_CHECKING:
    from overgrant.text import Span
    from overgrant.value import Value

RELATED = 6
LISTED = 3


def findings_of(rule: Rule, fact: Fact, world: World) -> list[Finding]:
    """The findings of a rule on one fact of its subject; severity is the rule's, before any context.

    A fact of which no file says anything, not even through its agent, yields nothing: a finding has a place.
    Fingerprints of several findings with one identity are told apart by `number`, over the whole run.
    """
    return findings_from(rule, fact, rule.check(fact, world))


def findings_from(rule: Rule, fact: Fact, hits: Iterable[Hit]) -> list[Finding]:
    """The findings of what a rule's condition found in a fact."""
    found = []
    for hit in hits:
        span = hit.primary or (_field_of(rule.at.replace("-", "_"), fact, hit) if rule.at else None) or place_of(fact)
        if span is not None:
            found.append(_finding(rule, fact, hit, span))
    return found


def _field_of(field: str, fact: Fact, hit: Hit) -> Span | None:
    """Where a field stands; of a list, its first entry that the condition is about."""
    stated = fact.at.get(field)
    if stated is not None and stated.kind == "list":
        for value in hit.witnesses:
            if value.parent is stated and value.kind not in ("map", "list"):
                return value.span
    return fact.span(field)


def gathered(findings: list[Finding]) -> list[Finding]:
    """One list on one line is one place to look at: what a rule says of its entries there is said once, at the first.

    The findings are in the order of their places. Where the remedy is to take an entry out, each stands for itself.
    """
    first: dict[tuple[object, ...], Finding] = {}
    alike: dict[int, list[Finding]] = {}
    kept = []
    for finding in findings:
        fact, span = finding.fact, finding.primary.span
        # what can be mended stands apart from what cannot, so that mending it leaves less
        mended = finding.fixes[0].safety if finding.fixes else ""
        key = (finding.rule.id, finding.severity, id(finding.agent), fact.where, span.source.path, span.begin[0], mended)
        if finding.rule.subject == "grant" and finding.rule.fix != "remove" and first.setdefault(key, finding) is not finding:
            alike.setdefault(id(first[key]), []).append(finding)
        else:
            kept.append(finding)
    for finding in kept:
        if id(finding) in alike:
            _join(finding, alike[id(finding)])
    return kept


def _join(finding: Finding, others: list[Finding]) -> None:
    texts = list(dict.fromkeys(safe(str(getattr(other.fact, "text", "")) or other.primary.span.text) for other in others))
    shown, more = [f"`{text}`" for text in texts[:LISTED]], len(texts) - LISTED
    rest = f"{', '.join(shown)} and {more} more" if more > 0 else " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))
    finding.message += f"; so {'do' if len(texts) > 1 else 'does'} {rest} on this line"
    room = max(0, RELATED + 1 - len(finding.places))
    finding.places += [Place(other.primary.span, other.primary.label) for other in others[:room]]
    finding.implies = list(dict.fromkeys((*finding.implies, *(each for other in others for each in other.implies))))
    finding.identity = (*finding.identity, *(text for other in others for text in other.identity))
    if finding.fixes:
        edits = [edit for each in (finding, *others) for edit in each.fixes[0].edits]
        finding.fixes = [Fix(f"{finding.fixes[0].title}, and so on this line", finding.fixes[0].safety, edits)]


def number(findings: list[Finding]) -> None:
    """Gives findings with the same identity distinct fingerprints, by their order; in place."""
    seen: dict[tuple[str, ...], int] = {}
    for finding in findings:
        seen[finding.identity] = finding.number = seen.get(finding.identity, 0) + 1


def depends_on(finding: Finding) -> set[str]:
    """The paths of the files without which a finding would not be, or would be another one."""
    facts: list[Fact | None] = [finding.fact, finding.fact.owner]
    if finding.agent is not None and finding.shifted:
        facts += [finding.agent, finding.agent.containment]
    paths = {place.span.source.path for place in finding.places}
    for fact in facts:
        if fact is not None:
            paths |= {fact.path, *(value.source.path for value in fact.at.values())}
    return paths - {""}


def place_of(fact: Fact) -> Span | None:
    """Where to point at for a fact: its statement, a field's, its owner's, its agent's."""
    if (span := fact.span()) is not None:
        return span
    for value in fact.at.values():
        return value.grip
    if fact.owner is not None and fact.owner is not fact and (span := fact.owner.span()) is not None:
        return span
    if isinstance(fact, Agent):
        return next((span for below in fact.facts if (span := below.span()) is not None), None)
    return place_of(fact.agent) if fact.agent is not None else None


def _finding(rule: Rule, fact: Fact, hit: Hit, span: Span) -> Finding:
    words = hit.words
    primary = next((place for place in hit.places if place.role == "primary"), None)
    if primary is None:
        primary = Place(span, fill(rule.label, fact, words), "primary")
    places = [primary]
    for place in hit.places:
        if place is not primary:
            places.append(Place(place.span, safe(place.label)))
    for value in hit.witnesses:
        at = value.grip if value.kind in ("map", "list") else value.span
        if len(places) <= RELATED and not any(_touching(at, place.span) for place in places):
            places.append(Place(at, fill(rule.related.get(_field(value, fact), ""), fact, words)))
    for value, label in _links(fact):
        at = value.grip if value.kind in ("map", "list") else value.span
        if len(places) <= RELATED and not any(_touching(at, place.span) for place in places):
            places.append(Place(at, label))
    return Finding(
        rule, fact, message=fill(rule.message, fact, words), help=fill(rule.help, fact, words), places=places,
        severity=rule.severity, fixes=hit.fixes or fixes_of(rule, fact), implies=[safe(text) for text in getattr(fact, "implied", ())],
        identity=_identity(rule, fact, hit))


def _links(fact: Fact) -> Iterator[tuple[Value, str]]:
    """The places in other files that belong to a fact: its own, and those of who has it."""
    for stating in dict.fromkeys((fact, fact.owner, fact.agent)):
        if stating is not None:
            yield from stating.links


def _touching(span: Span, other: Span) -> bool:
    if span.source.path != other.source.path:
        return False
    return span == other or (span.start < other.end and other.start < span.end)


def _field(value: Value, fact: Fact) -> str:
    """The field that a witness states, as rules spell it: `effects`, `agent.attended`."""
    for prefix, stating in _stating(fact):
        for name, stated in stating.at.items():
            if value is stated or (value.parent is not None and value.parent is stated):
                return prefix + name.replace("_", "-")
    return ""


def _stating(fact: Fact) -> Iterator[tuple[str, Fact]]:
    yield "", fact
    agent = fact if isinstance(fact, Agent) else fact.agent
    if agent is not None:
        if agent is not fact:
            yield "agent.", agent
        if agent.containment is not None:
            yield "containment." if agent is fact else "agent.containment.", agent.containment


def _identity(rule: Rule, fact: Fact, hit: Hit) -> tuple[str, ...]:
    """What makes a finding the same one after the file around it has changed; no line number is in it."""
    agent = fact if isinstance(fact, Agent) else fact.agent
    value = fact.value
    text = ""
    if value is not None:
        name = value.get("name")
        text = value.text or (name.text if name is not None else "") or "/".join(map(str, value.route))
    return (rule.id, fact.root.path, fact.root.product, agent.name if agent is not None else "", fact.path, fact.where,
            fact.kind, text, str(getattr(fact, "capability", "")), str(getattr(fact, "dimension", "")),
            hit.primary.text if hit.primary is not None else "", *(f"{k}={v}" for k, v in sorted(hit.words.items())))
