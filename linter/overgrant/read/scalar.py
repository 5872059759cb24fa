"""Reader: what an unquoted YAML scalar means, in YAML 1.1 as PyYAML reads it and in the 1.2 core schema.

Sources: PyYAML's `yaml.resolver.Resolver` and `yaml.constructor.SafeConstructor`; YAML 1.2.2, chapter 10.3.
Dates stay strings in both, because no manifest means one.
"""

from __future__ import annotations

import re
from functools import cache

from overgrant.value import Kind, Scalar

_CORE = "tag:yaml.org,2002:"
_TRUE = frozenset({"yes", "true", "on"})
_CONSTANTS: dict[str, Scalar] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None, "true": True, "True": True, "TRUE": True,
    "false": False, "False": False, "FALSE": False,
}
_MOST_DIGITS = 400
"""A longer number is infinite as a float, and slow as an integer."""

COLLECTIONS = frozenset({"map", "seq"})
STANDARD = {"yaml": frozenset({"str", "int", "float", "bool", "null", "map", "seq", "merge", "value", "binary",
                               "timestamp", "set", "omap", "pairs"}),
            "yaml12": frozenset({"str", "int", "float", "bool", "null", "map", "seq", "merge"})}
"""The tags of the core namespace that each dialect knows."""


def plain(written: str, dialect: str) -> tuple[Kind, Scalar]:
    """Kind and data of an unquoted scalar without a tag."""
    if dialect == "yaml":
        return _plain11(written)
    if written in _CONSTANTS:
        data = _CONSTANTS[written]
        return ("null" if data is None else "bool"), data
    if written[:1] in "+-.0123456789":
        if _integer12().fullmatch(written) is not None:
            return _whole(written, _int12)
        if _float12().fullmatch(written) is not None:
            return "float", _float(written)
    return "str", written


def tagged(written: str, tag: str, dialect: str) -> tuple[Kind, Scalar] | None:
    """Kind and data of a scalar under a tag of the core namespace; None if the text does not fit the tag."""
    if tag not in ("int", "float", "bool", "null"):
        return "str", written
    kind, data = plain(written, dialect)
    if kind == tag:
        return kind, data
    return ("float", float(data)) if tag == "float" and kind == "int" and data is not None else None


def short(tag: str | None) -> str | None:
    """`int` for `tag:yaml.org,2002:int`; None for any other tag."""
    return tag.removeprefix(_CORE) if tag is not None and tag.startswith(_CORE) else None


def _plain11(written: str) -> tuple[Kind, Scalar]:
    kind = "str"
    for tag, pattern in _resolvers().get(written[:1], ()):
        if pattern.match(written) is not None:
            kind = short(tag) or "str"
            break
    if kind == "null":
        return "null", None
    if kind == "bool":
        return "bool", written.lower() in _TRUE
    if kind == "int":
        return _whole(written, _int11)
    if kind == "float":
        return "float", _float(written.replace("_", ""))
    return "str", written


def _whole(written: str, convert: object) -> tuple[Kind, Scalar]:
    if len(written) > _MOST_DIGITS:
        return "float", float("-inf" if written[0] == "-" else "inf")
    return "int", convert(written)  # type: ignore[operator]


def _int12(written: str) -> int:
    bare = written.lstrip("+-")
    return int(written, {"0o": 8, "0x": 16}.get(bare[:2], 10))


def _int11(written: str) -> int:
    bare = written.replace("_", "")
    sign = -1 if bare[0] == "-" else 1
    bare = bare.lstrip("+-")
    if bare == "0":
        return 0
    if bare[:2] in ("0b", "0x"):
        return sign * int(bare[2:], 2 if bare[1] == "b" else 16)
    if bare[0] == "0":
        return sign * int(bare, 8)
    total = 0
    for part in bare.split(":"):
        total = total * 60 + int(part)
    return sign * total


def _float(written: str) -> float:
    sign = -1.0 if written[0] == "-" else 1.0
    bare = written.lstrip("+-").lower()
    if bare in (".inf", ".nan"):
        return sign * float(bare[1:])
    if ":" not in bare:
        return sign * float(bare)
    if len(bare) > _MOST_DIGITS:
        return sign * float("inf")
    total = 0.0
    for part in bare.split(":"):
        total = total * 60 + float(part)
    return sign * total


@cache
def _resolvers() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    from yaml.resolver import Resolver

    found: dict[str, list[tuple[str, re.Pattern[str]]]] = Resolver.yaml_implicit_resolvers
    return found


@cache
def _integer12() -> re.Pattern[str]:
    return re.compile(r"[-+]?[0-9]++|0o[0-7]++|0x[0-9a-fA-F]++")


@cache
def _float12() -> re.Pattern[str]:
    return re.compile(r"[-+]?(?:\.[0-9]++|[0-9]++(?:\.[0-9]*+)?)(?:[eE][-+]?[0-9]++)?|[-+]?\.(?:inf|Inf|INF)"
                      r"|\.(?:nan|NaN|NAN)")
