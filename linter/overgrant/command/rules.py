"""List the rules."""

from __future__ import annotations

import json

import click

from overgrant.command._common import builtin_rules


@click.command("rules")
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--family", help="Only this family.")
def command(style: str, family: str | None) -> None:
    """List the rules."""
    rules = sorted((rule for rule in builtin_rules() if family in (None, rule.family)),
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
