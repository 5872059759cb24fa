"""The launch in a `commandFunction`: JavaScript that returns `{command, args, env}` for a user's configuration.

Only literal texts are read; what the function computes is not. Source: https://smithery.ai/docs/build/project-config/smithery-yaml.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from overgrant.pattern import later
from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.dialect.walk import Context

_COMMAND = later(r"""\bcommand["']?\s{0,20}[:=]\s{0,20}["'`]([^"'`\n$]{1,300})["'`]""")
_ARGUMENTS = later(r"""\bargs["']?\s{0,20}[:=]\s{0,20}\[([^\]]{0,4000})\]""")
_TEXT = later(r"""["'`]([^"'`\n]{0,1000})["'`]""")


def launch(value: Value, context: Context) -> list[dict[str, Any]]:
    """The command and its arguments, as far as they are written out; nothing where no command is."""
    command = _COMMAND.search(value.text)
    if command is None:
        return []
    found = _ARGUMENTS.search(value.text)
    words = [value.part(found.start(1) + each.start(1), found.start(1) + each.end(1)) for each in _TEXT.finditer(found[1])] if found else []
    return [{"command": value.part(*command.span(1)), "args": words}]
