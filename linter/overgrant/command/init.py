"""Start using overgrant in a repository."""

from __future__ import annotations

import os

import click

from overgrant import __version__
from overgrant.command._common import save

CONFIG = """\
# Configuration of overgrant; `overgrant config` validates it and shows what holds.

# paths:
#   exclude: [legacy/]          # patterns as in .gitignore; each excluded file is named in the summary

# fail-on: medium               # the lowest severity that fails a run
# profile: strict               # adds advice about protections that are absent
# rules: agent-rules            # rules of your own: `overgrant new rule scope/our-rule`

# waivers:
#   - rule: open-shell
#     path: tools/release/**
#     reason: The release runs in a throw-away container.
#     expires: 2027-01-31
"""
HOOK = """\
repos:
  - repo: local
    hooks:
      - id: overgrant
        name: overgrant
        entry: overgrant check
        language: python
        additional_dependencies: ["overgrant=={version}"]
        pass_filenames: false
        always_run: true
"""


@click.command("init", short_help="Write a first configuration and a pre-commit hook.")
def command() -> None:
    """Write a first `.overgrant.yaml`, and a pre-commit hook if there is no pre-commit configuration.

    Nothing that exists is changed.
    """
    from overgrant.config import NAMES

    hook = HOOK.format(version=__version__)
    if any(os.path.lexists(name) for name in NAMES):
        click.echo(f"{NAMES[0]}: it is there already and stays as it is")
    else:
        save(NAMES[0], CONFIG, "the file", new=True)
        click.echo(f"{NAMES[0]}: written")
    if os.path.lexists(".pre-commit-config.yaml"):
        click.echo(".pre-commit-config.yaml: it is there already; add this to its `repos`:\n")
        click.echo(hook.partition("\n")[2], nl=False)
    else:
        save(".pre-commit-config.yaml", hook, "the file", new=True)
        click.echo(".pre-commit-config.yaml: written")
