"""Judge what agents may do, by least-privilege rules."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib import import_module
from io import TextIOWrapper
from typing import Any, NamedTuple

import click

from overgrant.command._common import Gathered, Wrong, beside, colour, gather, width
from overgrant.command._session import Choice, Session, judging, levels, open_session, settle
from overgrant.result import Result, fails

FORMATS = ("text", "json", "sarif", "github", "gitlab", "junit", "markdown")


@click.command("check", short_help="Judge what agents may do.")
@click.argument("paths", nargs=-1, metavar="[PATH…|-]")
@click.option("--format", "style", type=click.Choice(FORMATS), default="text", show_default=True,
              help="How to print the findings.")
@click.option("--output", "outputs", multiple=True, metavar="FORMAT=FILE", help="Also write the findings to a file.")
@judging
@click.option("--fail-on", type=click.Choice(levels()),
              help="The severity from which on findings give exit code 1.  [default: medium]")
@click.option("--local", is_flag=True, help="Findings in files that git ignores fail, too.")
@click.option("--baseline", metavar="FILE", help="Leave out the findings that this file of `overgrant baseline` knows.")
@click.option("--since", metavar="REV", help="Leave out the findings that are in this revision, too.")
@click.option("--user", is_flag=True, help="Also read the configuration of this user and of an administrator, outside the tree.")
@click.option("--trace", "traces", multiple=True, metavar="PATH",
              help="Sessions of an agent, or a folder of them: what they used is what is needed.")
@click.option("--stdin-filename", metavar="PATH", help="The path of the file that `-` reads from standard input.")
@click.option("--fix", is_flag=True, help="Make the edits that only take authority away; report what remains.")
@click.option("--unsafe-fixes", is_flag=True, help="Make the edits that may break something, too.")
@click.option("--diff", is_flag=True, help="Show what `--fix` would change, and write nothing.")
def command(paths: tuple[str, ...], style: str, outputs: tuple[str, ...], choice: Choice, fail_on: str | None, local: bool,
            baseline: str | None, since: str | None, user: bool, traces: tuple[str, ...], stdin_filename: str | None, fix: bool,
            unsafe_fixes: bool, diff: bool) -> int:
    """Judge what agents may do, by least-privilege rules.

    Without a path the working directory is checked: what git tracks or would track, and
    recognised configuration that git ignores. A file that is named alone is judged together
    with the other files that its product loads with it.
    """
    files = [_output(each) for each in outputs]
    session = open_session(choice._replace(fail_on=fail_on))
    gathered = _gather(session, paths, stdin_filename, user)
    if traces:
        from overgrant.command import _sessions

        gathered.inputs.extend(_sessions.inputs(traces))
    known = Known(baseline, frozenset() if since is None else _since(since, session))
    result = _judged(session, gathered, paths, known)
    if fix or unsafe_fixes or diff:
        if "-" in paths:
            raise click.UsageError("`-` reads standard input, where nothing can be mended; name the file.")
        result = _mended(session, gathered, paths, known, result, unsafe_fixes, diff)
    if diff:
        return int(session.fail_on != "never" and fails(result, session.fail_on, local=local))
    if any(fix.argument is not None for finding in result.findings for fix in finding.fixes):
        from overgrant.coderepair import complete

        complete(result.findings)
    for name, file in files:
        try:
            with open(file, "w", encoding="utf-8", newline="\n") as stream:
                _writer(name).write(result, stream)
        except OSError as error:
            raise Wrong([f"{file}: the report cannot be written ({error.strerror})"]) from None
    if style != "text" and isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")  # programs read these, whatever the console's encoding
    look = {"color": colour(sys.stdout.isatty()), "width": width(), "fold": sys.stdout.isatty()} if style == "text" else {}
    _writer(style).write(result, sys.stdout, **look)
    sys.stdout.flush()
    return int(session.fail_on != "never" and fails(result, session.fail_on, local=local))


MOST_BASELINE = 64 * 1024 * 1024


class Known(NamedTuple):
    """Findings that are left out: those of a baseline file, and those with fingerprints of an earlier revision."""

    baseline: str | None = None
    fingerprints: frozenset[str] = frozenset()


def _since(revision: str, session: Session) -> frozenset[str]:
    """The fingerprints of the findings in a revision."""
    from overgrant.command._sides import read

    return frozenset(each.fingerprint for each in read(revision, session)[0].findings)


def judge(session: Session, paths: tuple[str, ...]) -> Result:
    """The result of checking the paths of a command line, after waivers."""
    return _judged(session, _gather(session, paths, None), paths, Known())


def _judged(session: Session, gathered: Gathered, paths: tuple[str, ...], known: Known) -> Result:
    from overgrant.run import lint

    result, analysis = lint(gathered.inputs, session.plan, seen=gathered.seen, find=beside)
    result.coverage.notes += gathered.notes
    result.excluded = sorted(gathered.excluded)
    excludes, forced = _excludes(session), session.plan.mandatory
    if forced and excludes is not None:
        result.excluded = sorted(filter(excludes, analysis.sources))
        result.findings = [each for each in result.findings
                           if each.rule.id in forced or not excludes(each.primary.span.source.path)]
    settle(session, result, analysis, whole=not paths)
    if known.baseline is not None:
        _known(known.baseline, result)
    if known.fingerprints:
        before = len(result.findings)
        result.findings = [each for each in result.findings if each.fingerprint not in known.fingerprints]
        result.held.baselined += before - len(result.findings)
    return result


def _mended(session: Session, gathered: Gathered, paths: tuple[str, ...], known: Known, result: Result, unsafe: bool,
            diff: bool) -> Result:
    """Make the edits of the findings, or print them; the result after them, or the one from before."""
    from overgrant.command import _fix

    def again(data: dict[str, bytes]) -> Result:
        inputs = [file._replace(data=data.get(file.path, file.data)) for file in gathered.inputs]
        return _judged(session, gathered._replace(inputs=inputs), paths, known)

    safeties = frozenset(("safe", "unsafe") if unsafe else ("safe",))
    made = _fix.fixed(result.findings, gathered.inputs, safeties, lambda data: again(data).findings)
    left = "not mended, because something else would be found then: " + ", ".join(made.left) if made.left else ""
    if diff:
        click.echo(_fix.difference(made, gathered.inputs), nl=False)
        click.echo(left, nl=bool(left), err=True)
        return result
    try:
        _fix.write(made)
    except OSError as error:
        raise Wrong([f"{error.filename}: the file cannot be written ({error.strerror})"]) from None
    result = again(made.data) if made.data else result
    if made.data:
        result.coverage.notes.append(f"mended {made.mended} finding{'s' * (made.mended != 1)} in " + ", ".join(
            f"`{path}`" for path in sorted(made.data)))
    result.coverage.notes += [left] if left else []
    return result


def _excludes(session: Session) -> Callable[[str], bool] | None:
    config = session.config
    return config.excludes if config.include or config.exclude else None


def _gather(session: Session, paths: tuple[str, ...], stdin_filename: str | None, user: bool = False) -> Gathered:
    excludes = None if session.plan.mandatory else _excludes(session)
    if "-" not in paths:
        if stdin_filename is not None:
            raise click.UsageError("`--stdin-filename` names what `-` reads; add `-`.")
        return gather(paths, excludes=excludes, user=user)
    if stdin_filename is None:
        raise click.UsageError("`-` reads standard input; say with `--stdin-filename PATH` which file it is.")
    from overgrant.run import MOST_BYTES

    path = os.path.relpath(stdin_filename).replace(os.sep, "/")
    data = sys.stdin.buffer.read(MOST_BYTES + 1)
    return gather(tuple(each for each in paths if each != "-"), excludes=excludes, given={path: data}, user=user)


def _known(file: str, result: Result) -> None:
    """Take out of the result what a baseline knows; in place."""
    from overgrant.baseline import BaselineError, apply, read

    try:
        if os.path.exists(file) and not os.path.isfile(file):
            raise Wrong([f"{file}: the baseline is no regular file"])
        with open(file, "rb") as stream:
            known = read(stream.read(MOST_BASELINE))
    except OSError as error:
        raise Wrong([f"{file}: the baseline cannot be read ({error.strerror})"]) from None
    except BaselineError as error:
        raise Wrong([f"{file}: {error}"]) from None
    stale = apply(result.findings, known, checked={each.primary.span.source.path for each in result.findings})
    before = len(result.findings)
    result.findings = [each for each in result.findings if not each.baselined]
    result.held.baselined = before - len(result.findings)
    if stale:
        gone = "1 finding of `{}` is gone; run `overgrant baseline {}` to forget it" if len(stale) == 1 else (
            f"{len(stale)} findings of `{{}}` are gone; run `overgrant baseline {{}}` to forget them")
        result.coverage.notes.append(gone.format(file, file))


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
