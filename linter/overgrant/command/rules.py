"""List the rules."""

from __future__ import annotations

import json

import click

from overgrant.command._session import Choice, configured, open_session
from overgrant.rule import FAMILIES


@click.command("rules", short_help="List the rules.")
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--family", help="Only this family.")
@configured
def command(choice: Choice, style: str, family: str | None) -> None:
    """List the rules, with those of your own that the configuration loads."""
    if family is not None and family not in FAMILIES:
        raise click.UsageError(f"There is no family `{family}`; the families are {', '.join(FAMILIES)}.")
    rules = sorted((rule for rule in open_session(choice).rules if family in (None, rule.family)),
                   key=lambda rule: (rule.family, rule.id))
    if style == "json":
        click.echo(json.dumps([{"id": rule.id, "family": rule.family, "severity": rule.severity, "profile": rule.profile,
                                "status": rule.status, "title": rule.title} for rule in rules], indent=2))
        return
    last = ""
    for rule in rules:
        if rule.family != last:
            click.echo(f"{'' if not last else chr(10)}{rule.family}")
            last = rule.family
        strict = " (strict)" if rule.profile == "strict" else ""
        click.echo(f"  {rule.id:36} {rule.severity:8} {rule.title}{strict}")
