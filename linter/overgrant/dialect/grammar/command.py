"""What power a permission pattern over command lines gives.

The pattern is its literal words up to the first wildcard. What a command does is data (`knowledge/commands.yaml`,
which explains its own keys); the code finds the entry that the words lead to and adds up what it says.
"""

from __future__ import annotations

from collections.abc import Collection

from overgrant.dialect.grammar.heads import load
from overgrant.dialect.grammar.tally import EFFECTS, RUNS, CommandPower

__all__ = ["EFFECTS", "RUNS", "CommandPower", "load", "power_of"]


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

    return Judge(frozenset(excluded)).line(literal, open_tail, 0).power(literal)
