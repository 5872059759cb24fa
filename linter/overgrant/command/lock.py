"""Write down what every agent may do, and say when that has grown."""

from __future__ import annotations

import os

import click

from overgrant.command._common import Wrong, beside, gather, save
from overgrant.command._session import Choice, configured, open_session

NAME = "overgrant.lock"
HEAD = """\
# What the agents of this repository may do, one power or protection in a line: agent, capability, what.
# `overgrant lock` writes this file; `overgrant lock --check` fails when an agent may do more. Review its changes.
"""
MOST = 4 * 1024 * 1024


@click.command("lock", short_help="Write down what every agent may do; fail when it grows.")
@click.argument("file", default=NAME, metavar="[FILE]")
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 if an agent may do more than the file says.")
@configured
def command(choice: Choice, file: str, check: bool) -> int:
    """Write down what every agent may do, so that any growth is seen in review.

    Examples and local configuration are left out: a lock speaks of what the repository gives.
    """
    from overgrant.powerdiff import drift, lines
    from overgrant.run import analyse
    from overgrant.template import safe

    session = open_session(choice)
    gathered = gather((), excludes=session.config.excludes)
    inputs = [each for each in gathered.inputs if not each.example and not each.local]
    world = analyse(inputs, session.plan, seen=gathered.seen, find=beside).world
    if not check:
        here = lines(world)
        save(file, HEAD + "".join(f"{line}\n" for line in here), "the lock")
        click.echo(f"{file}: {len(here)} powers and protections; commit it and run `overgrant lock --check` in CI")
        return 0
    more, unheld, less = drift(_read(file), world)
    for line, (path, number) in more.items():
        click.echo(f"+ {safe(line)}\n    {safe(path)}:{number}")
    for line in unheld:
        click.echo(f"+ {safe(line)}: no longer there")
    for line in less:
        click.echo(f"- {safe(line)}")
    grown = len(more) + len(unheld)
    if grown:
        click.echo(f"{grown} beyond `{safe(file)}`; review them, then run `overgrant lock`")
    elif less:
        click.echo(f"nothing beyond `{safe(file)}`; {len(less)} of its lines are gone, so run `overgrant lock` to forget them")
    else:
        click.echo(f"nothing beyond `{safe(file)}`")
    return int(grown > 0)


def _read(file: str) -> list[str]:
    try:
        if not os.path.isfile(file):
            raise Wrong([f"{file}: there is no lock; `overgrant lock` writes one"])
        with open(file, encoding="utf-8", errors="surrogateescape") as stream:
            text = stream.read(MOST)
    except OSError as error:
        raise Wrong([f"{file}: the lock cannot be read ({error.strerror})"]) from None
    return [line for line in text.splitlines() if line and not line.startswith("#")]
