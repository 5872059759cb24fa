"""Say which power agents gain and lose between two trees."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from overgrant.command._session import Choice, configured, levels, open_session

if TYPE_CHECKING:
    from overgrant.powerdiff import Change


@click.command("diff", short_help="Say which power agents gain and lose between two trees.")
@click.argument("base", metavar="BASE")
@click.argument("head", metavar="[HEAD]", required=False)
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--fail-on", type=click.Choice(levels()), default="never", show_default=True,
              help="The severity from which on a gain gives exit code 1.")
@configured
def command(choice: Choice, base: str, head: str | None, style: str, fail_on: str) -> int:
    """Say which power agents gain and lose from BASE to HEAD: revisions or directories.

    Without HEAD, what lies in the working directory is compared. What counts is what is in effect: another order, another
    spelling of the same rule or a rule that a wider one covers is no difference.
    """
    from overgrant.command._sides import read
    from overgrant.powerdiff import Side, gains, losses
    from overgrant.rule import SEVERITIES

    session = open_session(choice)
    sides = []
    for name in (base, head or "."):
        result, analysis = read(name, session)
        sides.append(Side(analysis.world, result.findings))
    more, less = gains(*sides), losses(*sides)
    if style == "json":
        click.echo(json.dumps({"version": 1, "gains": [_plain(each) for each in more], "losses": [_plain(each) for each in less]}, indent=2))
    else:
        _print(more, less)
    return int(fail_on != "never" and any(SEVERITIES.index(each.severity) >= SEVERITIES.index(fail_on) for each in more))


def _plain(change: Change) -> dict[str, object]:
    return {**change._asdict(), "capability": change.capability or None, "witness": change.witness or None}


def _print(more: list[Change], less: list[Change]) -> None:
    from overgrant.template import safe

    for sign, changes in (("+", more), ("-", less)):
        for each in changes:
            witness = f", such as `{each.witness}`" if each.witness else ""
            where = f"{each.path}:{each.line}" + (" (before)" if each.side == "base" else "")
            click.echo(safe(f"{sign} {each.severity}: `{each.agent}`: {each.what}{witness}"))
            click.echo(safe(f"    {where}"))
    if not more and not less:
        click.echo("no agent gains or loses power")
    else:
        click.echo(f"{len(more)} gained, {len(less)} lost")
