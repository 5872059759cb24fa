"""Door: the command line. One module per command in `overgrant.command`; a new file there is a new command."""

from __future__ import annotations

import errno
import os
import sys
from importlib import import_module
from io import TextIOWrapper

import click

from overgrant import __version__

USAGE, BUG, INTERRUPTED, PIPE = 2, 70, 130, 141
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


class Closed(Exception):
    """Whoever reads our output has gone."""


class Unwritable(Exception):
    """The output cannot be written; the reason is the system's."""


class Commands(click.Group):
    """Finds a command by its file, and imports it only when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands, sorted."""
        names = os.listdir(os.path.join(os.path.dirname(os.path.realpath(__file__)), "command"))
        return sorted(name.removesuffix(".py") for name in names if name.endswith(".py") and not name.startswith("_"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, or None when there is none of that name."""
        if not cmd_name.isidentifier() or cmd_name.startswith("_"):
            return None
        try:
            module = import_module(f"overgrant.command.{cmd_name}")
        except ModuleNotFoundError as error:
            if error.name != f"overgrant.command.{cmd_name}":
                raise
            return None
        found = module.command
        assert isinstance(found, click.Command)
        return found

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """Like click's, with a suggestion for a misspelt command."""
        name = args[0] if args else ""
        if name and not name.startswith("-") and self.get_command(ctx, name) is None:
            import difflib

            close = difflib.get_close_matches(name, self.list_commands(ctx), 1)
            ctx.fail(f"There is no command `{name}`." + (f" Did you mean `{close[0]}`?" if close else ""))
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Like click's, which would end with code 1 when the pipe is closed."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise Closed from error
        except OSError as error:
            if error.errno not in FULL:
                raise
            raise Unwritable(error.strerror) from error


EPILOG = """\b
Exit codes: 0 nothing at or above --fail-on, 1 findings, 2 usage or configuration,
70 a bug of overgrant, 130 interrupted, 141 closed pipe.
"""


@click.command(cls=Commands, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="overgrant", message="%(prog)s %(version)s")
def group() -> None:
    """Find out what your AI agents may really do, and narrow it.

    overgrant reads the files that give agents power (settings, permission rules, tool
    servers, hooks) and reports what gives more than the task needs.

    \b
    overgrant check                    check the working directory
    overgrant check .claude/settings.json
    overgrant can claude "git push"    which rule decides, and what
    overgrant explain RULE             why a rule exists, with examples
    """


def _forget_output() -> None:
    """Python would complain once more when it flushes at exit what could not be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(text: str) -> None:
    """A last word on the error stream, if somebody can hear it."""
    try:
        click.echo(text, err=True)
    except OSError:
        return


def main() -> None:
    """Run the command line; the only place that turns outcomes into exit codes."""
    import gc

    from overgrant.run import Bug, shielded

    # a run makes trees that live until it ends; looking for garbage among them only costs time
    gc.freeze()
    gc.disable()
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # whoever starts us has closed it
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # names and lines of files hold what a console may have no letter for
            stream.reconfigure(errors="backslashreplace")
    try:
        code = shielded(lambda: group.main(standalone_mode=False, prog_name="overgrant"),
                        (click.ClickException, click.Abort, Closed, Unwritable, OSError))
    except click.UsageError as error:
        error.show()
        code = USAGE
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("overgrant: interrupted", err=True)
        code = INTERRUPTED
    except (Closed, BrokenPipeError):
        _forget_output()
        code = PIPE
    except Unwritable as error:
        _forget_output()
        _say(f"overgrant: the output cannot be written: {error}")
        code = USAGE
    except OSError as error:
        name = f" `{os.fsdecode(error.filename)}`" if isinstance(error.filename, str | bytes) else ""
        _say(f"overgrant: a file cannot be read or written:{name} {error.strerror or error}")
        code = USAGE
    except Bug as error:
        if "--debug" in sys.argv:
            raise
        click.echo(f"overgrant: this is a bug of overgrant, not of your files: {error}\n"
                   "Please report it with the file; `--debug` shows the traceback.", err=True)
        code = BUG
    gc.freeze()  # nor is there anything to gain by looking for it at the end
    sys.exit(code if isinstance(code, int) else 0)
