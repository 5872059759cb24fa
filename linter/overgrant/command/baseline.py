"""Write down today's findings, so that `check --baseline` fails for new ones only."""

from __future__ import annotations

import click

from overgrant.command._common import Wrong
from overgrant.command._session import Choice, judging, open_session


@click.command("baseline", short_help="Write today's findings down, to fail for new ones only.")
@click.argument("file", metavar="FILE")
@click.argument("paths", nargs=-1, metavar="[PATH…]")
@judging
def command(file: str, paths: tuple[str, ...], choice: Choice) -> None:
    """Write today's findings to FILE, so that `check --baseline FILE` fails for new ones only.

    Waived findings are left out. An existing file is written anew.
    """
    from overgrant.baseline import write
    from overgrant.command.check import judge

    result = judge(open_session(choice), paths)
    try:
        with open(file, "w", encoding="utf-8", newline="\n") as stream:
            write(result.findings, stream)
    except OSError as error:
        raise Wrong([f"{file}: the baseline cannot be written ({error.strerror})"]) from None
    click.echo(f"{file}: {len(result.findings)} findings; commit it and run `overgrant check --baseline {file}`")
