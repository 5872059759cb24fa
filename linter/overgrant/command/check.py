"""Judge what agents may do, by least-privilege rules."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import click

from overgrant.command._common import builtin_rules, colour, gather, width
from overgrant.result import fails
from overgrant.rule import FAMILIES, SEVERITIES, Rule

FORMATS = ("text", "json")


@click.command("check")
@click.argument("paths", nargs=-1, metavar="[PATH…]")
@click.option("--format", "style", type=click.Choice(FORMATS), default="text", show_default=True,
              help="How to print the findings.")
@click.option("--output", "outputs", multiple=True, metavar="FORMAT=FILE", help="Also write the findings to a file.")
@click.option("--profile", type=click.Choice(["default", "strict"]), default="default", show_default=True,
              help="`strict` adds advice about protections that are absent.")
@click.option("--select", multiple=True, metavar="RULE", help="Judge only these rules or families.")
@click.option("--ignore", multiple=True, metavar="RULE", help="Leave out these rules or families.")
@click.option("--fail-on", type=click.Choice([*SEVERITIES, "never"]), default="medium", show_default=True,
              help="The severity from which on findings give exit code 1.")
@click.option("--local", is_flag=True, help="Findings in files that git ignores fail, too.")
@click.option("--debug", is_flag=True, hidden=True)
def command(paths: tuple[str, ...], style: str, outputs: tuple[str, ...], profile: str, select: tuple[str, ...],
            ignore: tuple[str, ...], fail_on: str, local: bool, debug: bool) -> int:
    """Judge what agents may do, by least-privilege rules.

    Without a path the working directory is checked: what git tracks or would track, and
    recognised configuration that git ignores.
    """
    from overgrant.run import Plan, lint

    rules = builtin_rules()
    plan = Plan(rules, profile=profile, select=_names(select, rules), ignore=_names(ignore, rules), debug=debug)
    inputs, found = gather(paths)
    result, _ = lint(inputs, plan, seen=found.seen)
    result.coverage.notes += found.notes
    for each in outputs:
        name, equals, file = each.partition("=")
        if not equals or name not in FORMATS:
            raise click.UsageError(f"`--output {each}` is no FORMAT=FILE with one of {', '.join(FORMATS)}.")
        with Path(file).open("w", encoding="utf-8") as stream:
            _writer(name).write(result, stream)
    look = {"color": colour(sys.stdout.isatty()), "width": width()} if style == "text" else {}
    _writer(style).write(result, sys.stdout, **look)
    sys.stdout.flush()
    return int(fail_on != "never" and fails(result, fail_on, local=local))


def _writer(style: str):  # type: ignore[no-untyped-def]
    return import_module(f"overgrant.report.{style}")


def _names(given: tuple[str, ...], rules: list[Rule]) -> list[str]:
    """Rule ids and families, checked. Raises a usage error with the closest name."""
    names = [name for each in given for name in each.split(",") if name]
    known = {*FAMILIES, *(rule.id for rule in rules), *(old for rule in rules for old in rule.replaces)}
    for name in names:
        if name not in known:
            import difflib

            close = difflib.get_close_matches(name, known, 1)
            hint = f" Did you mean `{close[0]}`?" if close else ""
            raise click.UsageError(f"There is no rule or family `{name}`.{hint}")
    return names
