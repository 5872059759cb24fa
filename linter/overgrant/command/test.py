"""Run the tests inside rule files."""

from __future__ import annotations

from pathlib import Path

import click

from overgrant.command._common import builtin_rules
from overgrant.read.knowledge import home


@click.command("test", short_help="Run the tests inside rule files.")
@click.argument("paths", nargs=-1, type=click.Path(exists=True))
@click.option("--rewrite", is_flag=True, help="Write `report` and `diff` blocks anew; never an assertion.")
@click.option("--trust-python", is_flag=True, help="Run the Python files beside these rules.")
@click.option("--debug", is_flag=True, hidden=True)
def command(paths: tuple[str, ...], rewrite: bool, trust_python: bool, debug: bool) -> int:
    """Run the tests inside rule files: by default those of the built-in rules."""
    from overgrant.match import RuleError
    from overgrant.report.text import render
    from overgrant.rulefile import load_dir
    from overgrant.ruletest import run_tests
    from overgrant.run import Input, Plan, lint

    files = []
    for path in dict.fromkeys(paths) or (home("rules"),):
        try:
            files += load_dir(Path(path), trust_python=trust_python or not paths)
        except RuleError as error:
            click.echo(str(error), err=True)
            return 2
    if not files:
        click.echo(f"{' '.join(paths)}: there is no rule here; a rule is a file `FAMILY/ID.md`", err=True)
        return 2
    own, builtin = {file.rule.id for file in files}, builtin_rules()
    others = [rule for rule in builtin if rule.id not in own]
    plan = Plan([*others, *(file.rule for file in files)], profile="strict", debug=debug)
    plan.own = frozenset(own - {rule.id for rule in builtin})
    failures = []
    for file in files:
        failures += run_tests(
            file, lambda tree: lint([Input(path, data, session=path.endswith(".jsonl")) for path, data in tree.items()], plan)[0].findings,
            render=lambda found: "\n\n".join(render(each) for each in found), rewrite=rewrite)
    for failure in failures:
        click.echo(f"{failure.path}:{failure.line}: {failure.message}")
    rules = "1 rule" if len(files) == 1 else f"{len(files)} rules"
    if failures:
        click.echo(f"{rules}, {len(failures)} failure{'s' if len(failures) > 1 else ''}")
    else:
        click.echo(f"{rules} {'holds' if len(files) == 1 else 'hold'}")
    return int(bool(failures))
