"""Grammars that every product shares: literal credentials, environment variables, headers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.dialect.walk import Context

Fields = dict[str, Any]


def secret(value: Value, context: Context | None, name: str = "") -> list[Fields]:
    """The literal credentials in a text, one field set each; a reference to a variable is none."""
    from overgrant.dialect.grammar.secret import find

    name = name or (str(value.key) if isinstance(value.key, str) else "")
    return [{"provider": found.provider, "name": name, "shown": found.shown, "confidence": found.confidence,
             "@value": value.part(found.start, found.end) if found.end - found.start < len(value.text) else value}
            for found in find(value.text, name=name)]


def password(value: Value, context: Context) -> list[Fields]:
    """A value that is the credential itself, whatever it looks like; nothing for a reference or a blank to fill in."""
    from overgrant.dialect.grammar.secret import placeholder

    found = secret(value, context)
    text = value.text.strip()
    if found or not text or placeholder(text) or "/" in text or " " in text or "$" in text or "{" in text:
        return found
    return [{"provider": "generic", "name": str(value.key), "shown": f"{text[:2]}…", "confidence": "medium", "@value": value}]


def header(value: Value, context: Context) -> list[Fields]:
    """A request header: a literal credential, or nothing."""
    return secret(value, context)


def argument(value: Value, context: Context) -> list[Fields]:
    """The value of a pair `{name: …, value: …}`: a literal credential, or nothing."""
    return secret(value, context, _beside(value))


def variable(value: Value, context: Context) -> list[Fields]:
    """The value of a pair `{name: …, value: …}` that is an environment variable."""
    return environment(value, context, _beside(value))


def _beside(value: Value) -> str:
    name = value.parent.get("name") if value.parent is not None else None
    return name.text if name is not None and name.kind == "str" else ""


def _command_beside(value: Value) -> list[str]:
    """The words and the directory of the command that a map of variables belongs to."""
    around = value.parent.parent if value.parent is not None and value.parent.key in ("env", "environment") else None
    if around is None or around.kind != "map":
        return []
    said = [each for key in ("command", "args", "cwd") if (each := around.get(key)) is not None]
    return [word.text for each in said for word in (each.items if each.kind == "list" else [each]) if word.kind == "str"]


def environment(value: Value, context: Context, name: str = "") -> list[Fields]:
    """An environment variable: a setting where its name has a meaning, and a secret where its text is one."""
    from overgrant.dialect.grammar.env import meaning

    name = name or str(value.key)
    found: list[Fields] = [{**each, "@kind": "secret", "source": "environment"} for each in secret(value, context, name)]
    fact = meaning(name, value.text, _command_beside(value))
    if fact is not None and (fact.meaning != "limit" or fact.absurd):
        if fact.dimension in ("depth", "fan-out", "sub-agents"):
            return [*found, {"@kind": "limit", "name": name, "dimension": fact.dimension, "amount": fact.amount, "absurd": True}]
        found.append({"name": name, "text": value.text, "meaning": fact.meaning, "gives": fact.gives,
                      "instead": fact.instead})
    return found


def endpoint(value: Value, context: Context) -> list[Fields]:
    """An address that prompts or a credential go to: something to say only where they go in clear over the internet."""
    from overgrant.dialect.grammar.endpoint import classify

    end = classify(value.text)
    if end.encrypted is not False or not end.host or end.loopback or end.private or end.local_name or end.everywhere:
        return []
    return [{"name": str(value.key), "text": value.text, "meaning": "plaintext"}]
