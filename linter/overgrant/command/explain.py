"""Show why a rule exists, with examples."""

from __future__ import annotations

import difflib

import click

from overgrant.command._common import builtin_rules, rule_text


@click.command("explain")
@click.argument("rule")
def command(rule: str) -> None:
    """Show why a rule exists, what it leaves alone, and examples: its own file."""
    rules = builtin_rules()
    found = next((each for each in rules if rule == each.id or rule in each.replaces), None)
    if found is None:
        close = difflib.get_close_matches(rule, [each.id for each in rules], 1)
        hint = f" Did you mean `{close[0]}`?" if close else ""
        raise click.UsageError(f"There is no rule `{rule}`.{hint}")
    click.echo(rule_text(found), nl=False)
