"""Ground: regular expressions of our own that are compiled when they are first used.

A hook on one file uses a tenth of the patterns of the modules that it imports, and compiling the others would take
longer than judging the file. Patterns from a scanned tree never come here; see `regex`.
"""

from __future__ import annotations

import re
from typing import Any, cast


class _Later:
    def __init__(self, pattern: str, flags: int) -> None:
        self._made = (pattern, flags)

    def __getattr__(self, name: str) -> Any:
        found = self.__dict__[name] = getattr(re.compile(*self._made), name)
        return found


def later(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """Like `re.compile`, for a pattern whose methods are called; what it makes cannot be handed to functions of `re`.

    A pattern that does not hold is an error when it is first used; the test of this module uses all of them.
    """
    return cast("re.Pattern[str]", _Later(pattern, flags))
