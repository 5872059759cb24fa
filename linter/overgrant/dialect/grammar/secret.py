"""Literal credentials in a piece of text.

What they look like, what only stands for one and which names announce one is data:
knowledge/secrets.yaml. Every pattern is our own and bounded, so the time is linear in the text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Any, Literal, NamedTuple

from overgrant.pattern import later

Confidence = Literal["low", "medium", "high"]

_DSN = later(r"""([A-Za-z][A-Za-z0-9+.-]{0,30})?://([^\s:/@"'<>]{0,128}):([^\s/@"'<>]{1,256})@"""
             r"""([^\s/?#:"'<>,]{1,255})""")
_HEADER = later(r"(?<![\w-])(Bearer|Basic|Token|ApiKey)[ \t]{1,4}([\w.~+/=:|-]{8,4096})", re.IGNORECASE)
_ASSIGNMENT = later(r"""(?<![\w$-])-{0,2}([A-Za-z_][\w.-]{1,63})["']?[ \t]{0,3}[=:][ \t]{0,3}"""
                    r"""["']?([^\s"',;&<>`)\]|#]{6,512})""")
_OPTION = later(r"""(?<!\S)--?([A-Za-z][\w.-]{1,63})[ \t]{1,3}["']?([^\s"',;&<>`)\]|#]{6,512})""")
_WORDS = later(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_CLUSTER = later(r"[bcdfghjklmnpqrstvwxz]{5}", re.IGNORECASE)
_UUID = later(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_TAME = later(r"[\d.,:_ -]+|true|false|null", re.IGNORECASE)
_FILE = later(r"(?:[\w@.-]{1,64}/){1,8}[\w.-]{1,64}\.[a-z]{1,5}|"
              r"[\w-]{1,64}\.(?:pem|json|ya?ml|toml|txt|key|env|crt|py|js|ts|md)")
_SHELL_NAME = later(r"%[A-Za-z_]\w{0,63}%")
_LIMIT = 200  # findings in one text: more says nothing more


class Found(NamedTuple):
    """One literal credential.

    start, end   its place in the text, without what surrounds it (`Bearer `, the user name of a URL)
    provider     whose it is, as in knowledge/secrets.yaml; `generic` when only the name or form says so
    confidence   how sure it is that this is a live credential
    shown        what may be printed: never more than four characters of it
    """

    start: int
    end: int
    provider: str
    confidence: Confidence
    shown: str


def find(text: str, *, name: str = "") -> list[Found]:
    """Every literal credential in the text, in order and without overlaps.

    name  the key, header, option or variable that holds the text; it decides about values without a
          known form. A text without a name is also read for assignments (`API_KEY=…`, `--token …`).
    """
    found: list[Found] = []
    for one in _candidates(text, name):
        if len(found) >= _LIMIT:
            break
        if not any(one.start < other.end and other.start < one.end for other in found):
            found.append(one)
    return sorted(found)


def names_credential(name: str) -> bool:
    """Whether a key, header, option or variable of this name usually holds a credential.

    `OPENAI_API_KEY`, `--token`, `clientSecret` do; `MAX_TOKENS`, `AWS_ACCESS_KEY_ID`, `publicKey` do not.
    """
    return _strength(name) > 0


def placeholder(value: str) -> bool:
    """Whether the text only stands for a credential: a reference, a blank to fill in, a masked value."""
    value = value.strip()
    data = _data()
    refs = data["references"]
    if not value or value.startswith(tuple(refs["begins"])) or _SHELL_NAME.fullmatch(value):
        return True
    if any(mark in value for mark in refs["contains"]):
        return True
    low = value.lower()
    if low in _placeholder_words() or any(mark in low for mark in data["placeholders"]["contains"]):
        return True
    return _dull(value)


def looks_drawn(value: str) -> bool:
    """Whether a text looks drawn by chance and long enough to let in whoever knows it."""
    return _random(value, 16) or _UUID.fullmatch(value) is not None


# --- candidates, surest first ----------------------------------------------------------------------


def _candidates(text: str, name: str) -> Iterator[Found]:
    yield from _samples(text)
    yield from _shapes(text)
    yield from _tokens(text)
    yield from _urls(text)
    yield from _headers(text)
    yield from _assignments(text)
    if name:
        yield from _named(text, name)


def _samples(text: str) -> Iterator[Found]:
    for entry in _data()["samples"]:
        value = entry["value"]
        if entry["as"] == "none" or value not in text:
            continue
        at = text.find(value)
        around = text[max(at - 1, 0):at] + text[at + len(value):at + len(value) + 1]
        if not any(char.isalnum() or char in "-_" for char in around):
            yield Found(at, at + len(value), entry["provider"], entry["as"], value[:4] + "…")


def _shapes(text: str) -> Iterator[Found]:
    for entry in _data()["shapes"]:
        if entry["hint"] not in text:
            continue
        for match in _compiled(entry["pattern"]).finditer(text):
            value = match.group()
            if _sample(value) or (entry["provider"] != "private-key" and placeholder(value)):
                continue
            confidence: Confidence = "low" if entry["provider"] == "jwt" and _public_jwt(value) else entry["confidence"]
            shown = "-----BEGIN …" if entry["provider"] == "private-key" else value[:4] + "…"
            yield Found(match.start(), match.end(), entry["provider"], confidence, shown)


def _tokens(text: str) -> Iterator[Found]:
    for prefix, entry in _prefixes():
        at = text.find(prefix)
        while at >= 0:
            start = at + len(prefix)
            end = _run(entry["alphabet"], entry["max"]).match(text, start).end()  # type: ignore[union-attr]
            if _stands(text, at, start, end, entry):
                first = start if entry.get("credential") else at - entry.get("before", 0)
                shown = "…" if entry.get("credential") else prefix[:4] + "…"
                if not _sample(text[first:end]):
                    yield Found(max(first, 0), end, entry["provider"], entry["confidence"], shown)
            at = text.find(prefix, max(end, at + 1))


def _stands(text: str, at: int, start: int, end: int, entry: dict[str, Any]) -> bool:
    if end - start < entry["min"] or entry.get("before", 0) > at:
        return False
    if not entry.get("before") and at and (text[at - 1].isalnum() or text[at - 1] in "_-") \
            and not text[max(at - 3, 0):at].endswith(("\\n", "\\t", "%20", "%3D")):
        return False
    if end < len(text) and (text[end].isalnum() or text[end] == "_"):
        return False  # longer than this kind ever is
    body = text[start:end]
    return not placeholder(body) and entropy(body) >= (2.4 if entry["alphabet"] == "hex" else 2.6)


def _urls(text: str) -> Iterator[Found]:
    if "://" not in text or "@" not in text:
        return
    for match in _DSN.finditer(text):
        user, word, host = match.group(2, 3, 4)
        if placeholder(word) and word.lower() not in _development():
            continue
        confidence = _dsn_confidence(user, word, host)
        if confidence:
            scheme = (match.group(1) or "").lower()
            yield Found(match.start(3), match.end(3), scheme or "generic", confidence, f"{scheme}://…")


def _dsn_confidence(user: str, word: str, host: str) -> Confidence | None:
    from overgrant.dialect.grammar.endpoint import classify

    place = classify(f"x://{host}")
    low = host.lower()
    if place.placeholder or any(mark in low for mark in ("example", "your", "placeholder", "<")) \
            or low in ("host", "hostname", "server", "address"):
        return None
    local = place.loopback or place.private or place.local_name
    if local:
        return "low" if word.lower() in _development() or word == user else "medium"
    if word.lower() in _development():
        return "medium"
    return "high"


def _headers(text: str) -> Iterator[Found]:
    for match in _HEADER.finditer(text):
        kind, value = match.group(1).lower(), match.group(2)
        if kind == "basic":
            inner = _base64(value)
            if ":" not in inner or placeholder(inner.partition(":")[2]):
                continue
        elif not _random(value, 16):
            continue
        yield Found(match.start(2), match.end(2), "generic", "high" if kind in ("basic", "bearer") else "medium",
                    value[:2] + "…")


def _assignments(text: str) -> Iterator[Found]:
    for pattern in (_ASSIGNMENT, _OPTION):
        match = pattern.search(text)
        while match is not None:
            name, value = match.group(1, 2)
            if _strength(name) > 1 and _random(value, 16):
                yield Found(match.start(2), match.end(2), "generic", "medium", value[:2] + "…")
            # not from the end of the value: it may itself be an assignment
            match = pattern.search(text, match.end(1))


def _named(text: str, name: str) -> Iterator[Found]:
    value = text.strip()
    strength = _strength(name)
    if not strength or not value or len(value) > 8192 or placeholder(value) or _sample(value):
        return
    start = text.index(value)
    if _random(value, 16):
        sure: Confidence = "high" if strength > 1 and len(value) >= 20 and not _UUID.fullmatch(value) else "medium"
        yield Found(start, start + len(value), "generic", sure, value[:2] + "…")
    elif strength > 1 and len(value) >= 16 and " " not in value and not _tame(value) and _unspeakable(value):
        yield Found(start, start + len(value), "generic", "medium", value[:2] + "…")
    elif _is_password(name) and not _tame(value) and 6 <= len(value) <= 128 and " " not in value:
        drawn = strength > 1 and len(value) >= 8 and _jumbled(value)
        yield Found(start, start + len(value), "generic", "medium" if drawn else "low", "…")


# --- judgement of names and values -----------------------------------------------------------------


def entropy(value: str) -> float:
    """Shannon entropy in bits per character; 0 for an empty text."""
    size = len(value)
    counts = [value.count(char) for char in set(value)]
    return -sum(count / size * math.log2(count / size) for count in counts)


def _random(value: str, least: int) -> bool:
    """Whether the value looks drawn by chance: neither words, nor a number, a path, an address or a blank."""
    if len(value) < least or " " in value or _tame(value) or placeholder(value):
        return False
    if entropy(value) < 3.0:
        return False
    return any(len(chunk) >= 8 and _jumbled(chunk) for chunk in re.split(r"[-_./:]", value))


def _jumbled(chunk: str) -> bool:
    # words and dates come in long runs of one kind of character, chance in short ones
    runs = _WORDS.findall(chunk)
    return len(runs) > 1 and len(chunk) <= 3.4 * len(runs)


def _unspeakable(value: str) -> bool:
    """Letters that no word has side by side, and a number: `xk_jmksn_47102`."""
    return _CLUSTER.search(value) is not None and any(char.isdigit() for char in value)


def _tame(value: str) -> bool:
    """A number, a switch, an address without a credential, a path or a file name."""
    if "://" in value or value.startswith(("/", "./", "../", "~", "\\")) or _TAME.fullmatch(value):
        return True
    return _FILE.fullmatch(value) is not None


def _dull(value: str) -> bool:
    """Repeated or counted-up characters: `0000…`, `1234567890abcdef`, `ababab`."""
    if len(value) < 6:
        return False
    body = value.lower()
    if len(set(body)) <= max(2, min(4, len(body) // 8)):
        return True
    steps = sum(1 for one, two in pairwise(body) if ord(two) - ord(one) in (0, 1) or one + two in ("90", "0a", "9a"))
    return steps >= 0.7 * (len(body) - 1)


@cache
def _strength(name: str) -> int:
    """0: announces no credential; 1: may; 2: does."""
    data = _data()["names"]
    words = [word.lower() for word in _WORDS.findall(name[:200])]
    while len(words) > 1 and words[-1] in data["after"]:
        words.pop()
    if not words or words[-1] not in data["credential"]:
        return 0
    before = words[:-1]
    if any(word in data["not-anywhere"] for word in before):
        return 0
    if words[-1] in ("key", "auth", "pass") and before and before[-1] in data["not-before-key"]:
        return 0
    if words[-1] == "key":
        return 2 if before and (len(before) > 1 or before[0] not in ("my", "the", "x")) else 1
    return 1 if words[-1] in data["weak"] else 2


def _is_password(name: str) -> bool:
    words = [word.lower() for word in _WORDS.findall(name[:200])]
    return bool(words) and words[-1] in _data()["names"]["passwords"]


def _public_jwt(token: str) -> bool:
    # a backend-as-a-service hands its `anon` token to every browser
    return '"role":"anon"' in _base64(token.split(".")[1]).replace(" ", "")


def _base64(value: str) -> str:
    import base64
    import binascii

    try:
        padded = value.replace("-", "+").replace("_", "/").rstrip("=")
        return base64.b64decode(padded + "=" * (-len(padded) % 4)).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""


def _sample(value: str) -> bool:
    return any(value.startswith(entry["value"]) for entry in _data()["samples"] if entry["as"] == "none")


# --- data ------------------------------------------------------------------------------------------


@cache
def _data() -> dict[str, Any]:
    from overgrant.read.knowledge import load

    data: dict[str, Any] = load("secrets")
    return data


@cache
def _prefixes() -> list[tuple[str, dict[str, Any]]]:
    """Prefixes with their entries, longest first, so that `sk-ant-` is not taken for `sk-`."""
    pairs = [(prefix, entry) for entry in _data()["tokens"] for prefix in entry["prefix"]]
    return sorted(pairs, key=lambda pair: -len(pair[0]))


@cache
def _run(alphabet: str, most: int) -> re.Pattern[str]:
    characters = _data()["alphabets"].get(alphabet, alphabet)
    return re.compile(f"[{characters}]{{0,{most}}}")


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


@cache
def _placeholder_words() -> frozenset[str]:
    return frozenset(word.lower() for word in _data()["placeholders"]["words"])


@cache
def _development() -> frozenset[str]:
    return frozenset(_data()["development"])
