"""Show why a rule exists, with examples."""

from __future__ import annotations

import difflib

import click

from overgrant.command._common import rule_text
from overgrant.command._session import Choice, configured, open_session
from overgrant.rule import FAMILIES


@click.command("explain", short_help="Show why a rule exists, what it leaves alone, and examples.")
@click.argument("rule")
@configured
def command(choice: Choice, rule: str) -> None:
    """Show why a rule exists, what it leaves alone, and examples: its own file."""
    rules = open_session(choice).rules
    found = next((each for each in rules if rule == each.id or rule in each.replaces), None)
    if found is None:
        if rule in FAMILIES:
            raise click.UsageError(f"`{rule}` is a family; `overgrant rules --family {rule}` lists its rules.")
        close = difflib.get_close_matches(rule, [each.id for each in rules], 1)
        hint = f" Did you mean `{close[0]}`?" if close else ""
        raise click.UsageError(f"There is no rule `{rule}`.{hint}")
    click.echo(rule_text(found), nl=False)
