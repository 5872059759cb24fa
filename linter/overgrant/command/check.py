"""Judge what agents may do, by least-privilege rules."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

import click

from overgrant.command._common import Gathered, Wrong, beside, colour, gather, width
from overgrant.command._session import Choice, Session, judging, levels, open_session, settle
from overgrant.result import Result, fails

FORMATS = ("text", "json", "sarif", "github", "gitlab", "junit", "markdown")


@click.command("check")
@click.argument("paths", nargs=-1, metavar="[PATH…|-]")
@click.option("--format", "style", type=click.Choice(FORMATS), default="text", show_default=True,
              help="How to print the findings.")
@click.option("--output", "outputs", multiple=True, metavar="FORMAT=FILE", help="Also write the findings to a file.")
@judging
@click.option("--fail-on", type=click.Choice(levels()),
              help="The severity from which on findings give exit code 1.  [default: medium]")
@click.option("--local", is_flag=True, help="Findings in files that git ignores fail, too.")
@click.option("--baseline", metavar="FILE", help="Leave out the findings that this file of `overgrant baseline` knows.")
@click.option("--stdin-filename", metavar="PATH", help="The path of the file that `-` reads from standard input.")
def command(paths: tuple[str, ...], style: str, outputs: tuple[str, ...], choice: Choice, fail_on: str | None,
            local: bool, baseline: str | None, stdin_filename: str | None) -> int:
    """Judge what agents may do, by least-privilege rules.

    Without a path the working directory is checked: what git tracks or would track, and
    recognised configuration that git ignores. A file that is named alone is judged together
    with the other files that its product loads with it.
    """
    files = [_output(each) for each in outputs]
    session = open_session(choice._replace(fail_on=fail_on))
    result = judge(session, paths, stdin_filename)
    if baseline is not None:
        _known(baseline, result)
    for name, file in files:
        try:
            with open(file, "w", encoding="utf-8", newline="\n") as stream:
                _writer(name).write(result, stream)
        except OSError as error:
            raise Wrong([f"{file}: the report cannot be written ({error.strerror})"]) from None
    look = {"color": colour(sys.stdout.isatty()), "width": width()} if style == "text" else {}
    _writer(style).write(result, sys.stdout, **look)
    sys.stdout.flush()
    return int(session.fail_on != "never" and fails(result, session.fail_on, local=local))


def judge(session: Session, paths: tuple[str, ...], stdin_filename: str | None = None) -> Result:
    """The result of checking the paths of a command line, after waivers."""
    from overgrant.run import lint

    config = session.config
    excludes = config.excludes if config.include or config.exclude else None
    forced = session.plan.mandatory
    gathered = _gather(None if forced else excludes, paths, stdin_filename)
    result, analysis = lint(gathered.inputs, session.plan, seen=gathered.seen, find=beside)
    result.coverage.notes += gathered.notes
    result.excluded = sorted(gathered.excluded)
    if forced and excludes is not None:
        result.excluded = sorted(filter(excludes, analysis.sources))
        result.findings = [each for each in result.findings
                           if each.rule.id in forced or not excludes(each.primary.span.source.path)]
    settle(session, result, analysis, whole=not paths)
    return result


def _gather(excludes: Callable[[str], bool] | None, paths: tuple[str, ...], stdin_filename: str | None) -> Gathered:
    if "-" not in paths:
        if stdin_filename is not None:
            raise click.UsageError("`--stdin-filename` names what `-` reads; add `-`.")
        return gather(paths, excludes=excludes)
    if stdin_filename is None:
        raise click.UsageError("`-` reads standard input; say with `--stdin-filename PATH` which file it is.")
    from overgrant.run import MOST_BYTES

    path = os.path.relpath(stdin_filename).replace(os.sep, "/")
    data = sys.stdin.buffer.read(MOST_BYTES + 1)
    return gather(tuple(each for each in paths if each != "-"), excludes=excludes, given={path: data})


def _known(file: str, result: Result) -> None:
    """Take out of the result what a baseline knows; in place."""
    from overgrant.baseline import BaselineError, apply, read

    try:
        with open(file, "rb") as stream:
            known = read(stream.read())
    except OSError as error:
        raise Wrong([f"{file}: the baseline cannot be read ({error.strerror})"]) from None
    except BaselineError as error:
        raise Wrong([f"{file}: {error}"]) from None
    stale = apply(result.findings, known, checked={each.primary.span.source.path for each in result.findings})
    before = len(result.findings)
    result.findings = [each for each in result.findings if not each.baselined]
    result.held.baselined = before - len(result.findings)
    if stale:
        result.coverage.notes.append(f"{len(stale)} of the findings in `{file}` are gone; "
                                     f"run `overgrant baseline {file}` to forget them")


def _output(given: str) -> tuple[str, str]:
    """`sarif=out.sarif` → its two halves."""
    name, equals, file = given.partition("=")
    if not equals or not file or name not in FORMATS:
        import difflib

        close = difflib.get_close_matches(name, FORMATS, 1)
        hint = f" Did you mean `{close[0]}`?" if close and name not in FORMATS else ""
        raise click.UsageError(f"`--output {given}` is no FORMAT=FILE with one of {', '.join(FORMATS)}.{hint}")
    return name, file


def _writer(style: str) -> Any:
    return import_module(f"overgrant.report.{style}")
