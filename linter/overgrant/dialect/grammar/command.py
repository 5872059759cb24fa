"""What power a permission pattern over command lines gives.

The pattern is its literal words up to the first wildcard. What a command does is data (`knowledge/commands.yaml`,
which explains its own keys); the code finds the entry that the words lead to and adds up what it says.
"""

from __future__ import annotations

from collections.abc import Collection

from overgrant.dialect.grammar.heads import load
from overgrant.dialect.grammar.tally import EFFECTS, RUNS, CommandPower

__all__ = ["EFFECTS", "RUNS", "CommandPower", "load", "power_of"]

_OTHER = {"'": '"', '"': "'"}


def power_of(
    literal: str, open_tail: bool, open_head: bool = False, excluded: Collection[str] = frozenset()
) -> CommandPower:
    """Judge a pattern: its literal words, and whether anything may follow (or precede) them.

    A literal that does not end in a space and has an open tail may end in the middle of a word: `git st` + `*`.
    `excluded` holds the `excludable` names that the product's patterns never cover. Never raises.
    """
    if open_head or (open_tail and not literal.strip()):
        return CommandPower("shell", (), f"sh -c id {literal.strip()}".rstrip(), via="head", note="any command matches")
    from overgrant.dialect.grammar.judge import Judge

    quote, begun = _unclosed(literal) if open_tail else ("", 0)
    if quote:
        return _in_quotes(literal, quote, begun, excluded)
    return Judge(frozenset(excluded)).line(literal, open_tail, 0).power(literal)


def _unclosed(literal: str) -> tuple[str, int]:
    """The quote in which a literal ends, and where it opened; empty where every quote is closed."""
    quote, at, escaped = "", 0, False
    for index, char in enumerate(literal):
        if escaped:
            escaped = False
        elif char == "\\" and quote != "'":
            escaped = True
        elif char in "'\"" and quote in ("", char):
            quote, at = ("" if quote else char), index
    return quote, at


def _in_quotes(literal: str, quote: str, begun: int, excluded: Collection[str]) -> CommandPower:
    """A pattern that ends inside quotes (`python -c ' *`): what they enclose is still to be written."""
    from overgrant.dialect.grammar.judge import Judge

    alone = not literal[begun + 1 :].strip() and literal[:begun][-1:].isspace()
    closed = literal[:begun] if alone else literal + quote
    power = Judge(frozenset(excluded)).line(closed, True, 0).power(closed)
    code = alone or (power.runs in ("shell", "interpreter") and power.via == "argument")
    if not code or power.witness is None or not power.witness.startswith(closed):
        return power
    rest = power.witness.removeprefix(closed).strip()
    if len(rest) > 1 and rest[0] == rest[-1] == "'":
        rest = rest[1:-1]
    return power._replace(witness=f"{literal}{rest.replace(quote, _OTHER[quote])}{quote}")
