"""Validate the configuration and show what holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from overgrant.command._session import Choice, configured, open_session


@click.command("config", short_help="Validate the configuration and show what holds.")
@configured
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--schema", is_flag=True, help="Print the JSON schema of `.overgrant.yaml`, for editors.")
def command(choice: Choice, style: str, schema: bool) -> None:
    """Validate the configuration, with every rule that it loads, and print what holds.

    Exit code 2, with a line for each mistake, when it does not hold.
    """
    if schema:
        from overgrant.read.knowledge import home

        click.echo(Path(home("schemas"), "config.schema.json").read_text(encoding="utf-8"), nl=False)
        return
    session = open_session(choice)
    held = session.config
    data: dict[str, Any] = {
        "paths": {"include": held.include, "exclude": held.exclude}, "select": sorted(session.plan.select),
        "ignore": sorted(session.plan.ignore), "severity": held.severity, "profile": session.plan.profile,
        "fail-on": session.fail_on, "assume": session.plan.assume, "rules": sorted(session.own),
        "policy": session.policy.path if session.policy is not None else None, "mandatory": sorted(session.plan.mandatory),
        "waivers": [{key: str(value) for key in ("rule", "path", "agent", "match", "reason", "expires")
                     if (value := getattr(each, key))} for each in held.waivers]}
    if style == "json":
        click.echo(json.dumps({"version": 1, "file": held.path or None, "config": data, "milder": [
            each._asdict() for each in held.loosenings]}, indent=2))
        return
    import yaml

    click.echo(f"# {held.path or 'no configuration file; this is what holds without one'}")
    click.echo(yaml.safe_dump(data, sort_keys=False, allow_unicode=False, width=100), nl=False)
