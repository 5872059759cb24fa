"""Ground: regular expressions of four languages, translated for the linear engine or refused with a reason."""

from __future__ import annotations

from functools import cache
from typing import Literal, NamedTuple

from overgrant.charset import ANY, NONE, TOP, Chars, chars_of, fold, merge, negate
from overgrant.nfa import (
    AFTER,
    BEFORE,
    EDGE,
    INNER,
    MAX_PATTERN,
    MAX_SIZE,
    NFA,
    TooLarge,
    anything,
    concat,
    one_of,
    optional,
    repeat,
    union,
)

MAX_REPEAT = 1000
MAX_DEPTH = 50


class Unsupported(NamedTuple):
    """A regular expression that is not translated; `reason` is a sentence for the user."""

    reason: str


Flavour = Literal["js", "rust", "go", "python"]
Anchored = bool | Literal["start"]

_NEWLINE = chars_of("\n")
_JS_NEWLINES = chars_of("\n\r\u2028\u2029")
_DIGITS = chars_of("0123456789")
_LETTERS: Chars = ((65, 90), (97, 122))
_WORD = merge(_LETTERS, _DIGITS, chars_of("_"))
_WIDE_SPACE = merge(chars_of(" \xa0\u1680\u2028\u2029\u202f\u205f\u3000"), ((0x2000, 0x200A),))
_SPACES: dict[str, Chars] = {
    "js": merge(((9, 13),), _WIDE_SPACE, chars_of("\ufeff")),  # ECMA-262, WhiteSpace and LineTerminator
    "rust": merge(((9, 13),), _WIDE_SPACE, chars_of("\x85")),  # Unicode White_Space
    "python": merge(((9, 13), (28, 31)), _WIDE_SPACE, chars_of("\x85")),  # str.isspace
    "go": chars_of("\t\n\f\r "),  # RE2: no vertical tab
}
# the letters beyond ASCII that fold to ASCII ones; ECMA-262 without the u flag never crosses that border
_FOLDS: dict[str, tuple[str, ...]] = {
    "js": (), "rust": ("kK\u212a", "sS\u017f"), "go": ("kK\u212a", "sS\u017f"),
    "python": ("kK\u212a", "sS\u017f", "iI\u0130\u0131"),
}
_NAMED: dict[str, Chars] = {
    "alpha": _LETTERS, "digit": _DIGITS, "alnum": merge(_LETTERS, _DIGITS), "word": _WORD, "upper": ((65, 90),),
    "lower": ((97, 122),), "space": ((9, 13), (32, 32)), "blank": chars_of("\t "), "punct": merge(
        ((33, 47), (58, 64), (91, 96), (123, 126))), "xdigit": merge(_DIGITS, ((65, 70), (97, 102))),
    "print": ((32, 126),), "graph": ((33, 126),), "cntrl": ((0, 31), (127, 127)), "ascii": ((0, 127),),
}
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v"}


@cache
def _unicode(kind: str) -> Chars:
    """`\\d` or `\\w` beyond ASCII, as Python ("python") and as Rust's regex crate ("rust") define them."""
    from unicodedata import category

    # beyond the last ideographs only variation selectors are assigned (and private use, which is no word)
    codes = (*range(0x80, 0xD800), *range(0xE000, 0x323B0), *range(0xE0100, 0xE01F0))
    if kind == "digit":
        return merge(_DIGITS, chars_of(c for c in map(chr, codes) if category(c) == "Nd"))
    if kind == "python":
        return merge(_WORD, chars_of(c for c in map(chr, codes) if c.isalnum()))
    wanted = {"Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "Pc"}
    circled = ((0x24B6, 0x24E9), (0x1F130, 0x1F149), (0x1F150, 0x1F169), (0x1F170, 0x1F189))
    return merge(_WORD, chars_of(c for c in map(chr, codes) if category(c) in wanted), circled, ((0x200C, 0x200D),))


class _Stop(Exception):
    pass


class _Regex:
    """A recursive-descent reader of one pattern; groups nest to `MAX_DEPTH`."""

    def __init__(self, pattern: str, flavour: Flavour, whole: bool, flags: str) -> None:
        self.text = pattern
        self.flavour = flavour
        self.whole = whole
        self.flags = flags
        self.at = 0
        self.depth = 0
        self.newline_end = False  # Python's `$` stood last in what was just read
        self.newlines = _JS_NEWLINES if flavour == "js" else _NEWLINE
        self.ascii = flavour in ("js", "go")

    def peek(self, text: str) -> bool:
        return self.text.startswith(text, self.at)

    def take(self, text: str) -> bool:
        found = self.peek(text)
        self.at += len(text) * found
        return found

    def next(self) -> str:
        if self.at >= len(self.text):
            raise _Stop("The pattern ends in the middle of a construct.")
        self.at += 1
        return self.text[self.at - 1]

    def read(self) -> NFA:
        result = self.alternatives()
        if self.at < len(self.text):
            raise _Stop("The pattern closes a group that is not open.")
        return result

    def alternatives(self) -> NFA:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _Stop(f"The pattern nests more than {MAX_DEPTH} groups.")
        branches, ends = [self.branch()], self.newline_end
        while self.take("|"):
            branches.append(self.branch())
            ends = ends or self.newline_end
        self.newline_end = ends
        self.depth -= 1
        return union(*branches)

    def branch(self) -> NFA:
        parts: list[NFA] = []
        self.newline_end = False
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            if self.newline_end:
                raise _Stop("The pattern goes on after `$`, which also matches before a last newline.")
            atom = self.atom()
            parts.append(self.quantified(atom))
        return concat(*parts)

    # -- repetition

    def quantified(self, atom: NFA) -> NFA:
        bounds = self.bounds()
        if bounds is None:
            return atom
        if atom.kind in (BEFORE, AFTER, EDGE, INNER) or self.newline_end:
            raise _Stop("The pattern repeats an anchor.")
        self.take("?")  # lazy or greedy: the same language
        if self.at < len(self.text) and (self.text[self.at] in "*+?" or self.bounds() is not None):
            raise _Stop("The pattern repeats a repetition, or repeats possessively.")
        return repeat(atom, *bounds)

    def bounds(self) -> tuple[int, int | None] | None:
        for mark, least, most in (("*", 0, None), ("+", 1, None), ("?", 0, 1)):
            if self.take(mark):
                return least, most
        if not self.peek("{"):
            return None
        end = self.text.find("}", self.at)
        low, comma, high = self.text[self.at + 1:max(end, 0)].partition(",")
        shaped = end > 0 and (low.isdecimal() or (not low and self.flavour == "python" and bool(comma)))
        if not shaped or not (low + high).isascii() or (high and not high.isdecimal()):
            if self.flavour == "rust":
                raise _Stop("The pattern has a `{` that begins no repetition.")
            return None
        if len(low) > 4 or len(high) > 4 or max(int(low or 0), int(high or 0)) > MAX_REPEAT:
            raise _Stop(f"The pattern repeats more than {MAX_REPEAT} times.")
        least = int(low or 0)
        most = int(high) if high else None if comma else least
        if most is not None and most < least:
            raise _Stop("The pattern has a repetition whose bounds are the wrong way round.")
        self.at = end + 1
        return least, most

    # -- atoms

    def atom(self) -> NFA:
        char = self.next()
        if char == "(":
            return self.group()
        if char == "[":
            return one_of(self.bracket())
        if char == "\\":
            return self.escape()
        if char == ".":
            return one_of(ANY if "s" in self.flags else negate(self.newlines))
        if char == "^":
            return NFA(BEFORE, (), self.newlines if "m" in self.flags else NONE)
        if char == "$":
            return self.dollar()
        if char in "*+?":
            raise _Stop("The pattern repeats nothing.")
        return self.char(char)

    def char(self, char: str) -> NFA:
        return one_of(self.folded(chars_of(char)))

    def folded(self, chars: Chars) -> Chars:
        return fold(chars, _FOLDS[self.flavour]) if "i" in self.flags else chars

    def dollar(self) -> NFA:
        if "m" in self.flags:
            return NFA(AFTER, (), self.newlines)
        end = NFA(AFTER)
        if self.flavour != "python" or self.whole:
            return end
        self.newline_end = True
        return concat(optional(one_of(_NEWLINE)), end)

    def group(self) -> NFA:
        flags = self.flags
        if self.take("?"):
            ended = self.group_head()
            if ended:  # `(?i)` holds for the rest of the group around it, a comment for nothing
                return concat()
        elif self.peek("*"):
            raise _Stop("The pattern has a group that starts with `*`.")
        inner = self.alternatives()
        if not self.take(")"):
            raise _Stop("The pattern leaves a group open.")
        self.flags = flags
        return concat(inner) if inner.kind not in (BEFORE, AFTER, EDGE, INNER) else NFA("concat", (inner,))

    def group_head(self) -> bool:
        """Reads what follows `(?`; whether the group ends with it."""
        for mark, what in (("=", "looks ahead"), ("!", "looks ahead"), ("<=", "looks behind"), ("<!", "looks behind"),
                           (">", "has an atomic group"), ("P=", "refers back to a group"), ("P>", "calls a group"),
                           ("(", "has a condition"), ("|", "resets groups")):
            if self.peek(mark):
                raise _Stop(f"The pattern {what} (`(?{mark}`), which no linear matcher can do.")
        if self.flavour == "python" and self.take("#"):
            end = self.text.find(")", self.at)
            if end < 0:
                raise _Stop("The pattern leaves a comment open.")
            self.at = end + 1
            return True
        named = (self.flavour != "js" and self.take("P<")) or (self.flavour != "python" and self.take("<"))
        if named:
            name_end = self.text.find(">", self.at)
            if name_end < 0:
                raise _Stop("The pattern leaves a group's name open.")
            self.at = name_end + 1
            return False
        return self.inline_flags()

    def inline_flags(self) -> bool:
        begin, sign = self.at - 2, True
        while (char := self.next()) not in ":)":
            if char == "-" and sign:
                sign = False
            elif char in "ims":
                self.flags = self.flags + char if sign else self.flags.replace(char, "")
            elif char == "U" and self.flavour in ("rust", "go"):
                continue  # swaps greedy and lazy: the same language
            elif char == "a" and sign and self.flavour == "python":
                self.ascii = True
            elif char != "u" or self.flavour != "python" or not sign:
                raise _Stop(f"The pattern has a group `(?{char}` that is not supported.")
        if char == ")" and (self.flavour == "js" or (self.flavour == "python" and begin > 0)):
            raise _Stop("The pattern sets flags where its engine does not allow it.")
        return char == ")"

    # -- escapes

    def escape(self) -> NFA:
        char = self.next()
        script = self.flavour == "js"
        if char in "bB":
            if self.flavour == "rust" and self.peek("{"):
                raise _Stop("The pattern has a one-sided word boundary.")
            return NFA(EDGE if char == "b" else INNER, (), self.word())
        if char == "A" and not script:
            return NFA(BEFORE)
        if (char == "z" and self.flavour in ("rust", "go")) or (char == "Z" and self.flavour == "python"):
            return NFA(AFTER)
        if char in "123456789" or (script and char == "k"):
            raise _Stop(f"The pattern refers back to a group (`\\{char}`), which no linear matcher can do.")
        known = self.shorthand(char)
        return one_of(self.folded(chars_of(self.escaped(char))) if known is None else known)

    def word(self) -> Chars:
        return _WORD if self.ascii else _unicode("python" if self.flavour == "python" else "rust")

    def shorthand(self, char: str) -> Chars | None:
        """The set that `\\d`, `\\w`, `\\s` or their negations stand for; None for other letters."""
        match char.lower():
            case "d":
                chars = _DIGITS if self.ascii else _unicode("digit")
            case "w":
                chars = self.word()
            case "s" if self.flavour == "python" and self.ascii:
                chars = _NAMED["space"]
            case "s":
                chars = _SPACES[self.flavour]
            case _:
                return None
        return chars if char.islower() else negate(chars)

    def escaped(self, char: str) -> str:
        """The one character that an escape stands for."""
        if char in _CONTROLS:
            return _CONTROLS[char]
        if char == "a" and self.flavour != "js":
            return "\a"
        if char == "0" and self.flavour in ("js", "python") and not self.text[self.at:self.at + 1].isdecimal():
            return "\0"
        if char in "xuU" and (code := self.code(char)) is not None:
            return code
        if char.isascii() and not char.isalnum():
            return char
        if self.flavour == "js" and char not in "pPcdDwWsSbB0123456789k":
            return char
        raise _Stop(f"The pattern has the escape `\\{char}`, which is not supported.")

    def code(self, kind: str) -> str | None:
        braces = (kind == "x" and self.flavour in ("rust", "go")) or (kind == "u" and self.flavour == "rust")
        if kind != "x" and self.flavour == "go":
            return None
        if braces and self.take("{"):
            end = self.text.find("}", self.at)
            digits, after = self.text[self.at:end], end + 1
        else:
            after = self.at + {"x": 2, "u": 4, "U": 8}[kind]
            digits = self.text[self.at:after] if self.flavour != "js" or kind != "U" else ""
            if len(digits) != after - self.at:
                return None
        if not 1 <= len(digits) <= 8 or any(digit not in "0123456789abcdefABCDEF" for digit in digits):
            return None
        value = int(digits, 16)
        if value > TOP:
            raise _Stop("The pattern names a character beyond Unicode.")
        self.at = after
        return chr(value)

    # -- classes

    def bracket(self) -> Chars:
        inverse = self.take("^")
        found: list[Chars] = []
        first = self.flavour != "js"  # elsewhere a leading `]` is a member, in JavaScript `[]` is empty
        while first or not self.peek("]"):
            first = False
            low = self.member()
            if self.peek("-") and not self.peek("-]"):
                self.at += 1
                if self.flavour == "rust" and self.peek("-"):
                    raise _Stop("The pattern calculates with character classes.")
                high = self.member()
                if len(low) != 1 or len(high) != 1 or low[0][0] != low[0][1] or high[0][0] != high[0][1]:
                    raise _Stop("The pattern has a range whose ends are not characters.")
                low = ((low[0][0], high[0][1]),)
                if low[0][0] > low[0][1]:
                    raise _Stop("The pattern has a range whose ends are the wrong way round.")
            found.append(low)
        self.at += 1
        chars = self.folded(merge(*found))
        return negate(chars) if inverse else chars

    def member(self) -> Chars:
        char = self.next()
        if char == "[" and self.flavour in ("rust", "go"):
            return self.named_class()
        if self.flavour == "rust" and char in "&~" and self.peek(char):
            raise _Stop("The pattern calculates with character classes.")
        if char != "\\":
            return chars_of(char)
        char = self.next()
        if char == "b" and self.flavour in ("js", "python"):
            return chars_of("\b")
        known = self.shorthand(char)
        return chars_of(self.escaped(char)) if known is None else known

    def named_class(self) -> Chars:
        """`[:alpha:]` and its like; a plain `[` is a member in Go and a nested class in Rust."""
        end = self.text.find(":]", self.at)
        name = self.text[self.at + 1:end].removeprefix("^") if self.peek(":") and end > 0 else ""
        if name in _NAMED:
            inverse = self.peek(":^")
            self.at = end + 2
            return negate(_NAMED[name]) if inverse else _NAMED[name]
        if self.flavour == "rust" or self.peek(":"):
            raise _Stop("The pattern has a class inside a class.")
        return chars_of("[")


def from_regex(pattern: str, *, flavour: Flavour, anchored: Anchored, ignore_case: bool = False) -> NFA | Unsupported:
    """The texts in which a regular expression finds a match, or why it is not translated.

    `anchored` False is a search anywhere in the text, "start" a match from its first character, True a
    match of the whole text. Differences between flavours that are kept: `.` excludes four line ends in
    JavaScript and one elsewhere; `$` also matches before a last newline in Python; `\\d \\w \\s \\b` are ASCII
    in Go and JavaScript (apart from its `\\s`). Not kept: JavaScript's UTF-16 units. The pattern never reaches `re`.
    """
    if len(pattern) > MAX_PATTERN:
        return Unsupported(f"The pattern is longer than {MAX_PATTERN} characters.")
    try:
        found = _Regex(pattern, flavour, anchored is True, "i" if ignore_case else "").read()
        before = [] if anchored else [anything()]
        after = [] if anchored is True else [anything()]
        return concat(*before, found, *after)
    except _Stop as stop:
        return Unsupported(str(stop))
    except TooLarge:
        return Unsupported(f"The pattern needs more than {MAX_SIZE} states.")
