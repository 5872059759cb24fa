"""Scripts that hooks run, read as data: what they decide, download and evaluate.

The fact is a `Hook` of type `script` without an event; `power` gives it to the hooks that name it and drops the others.
"""

from __future__ import annotations

from overgrant.dialect.catalogue import policy
from overgrant.dialect.grammar.outcome import injection, language_of, of
from overgrant.dialect.walk import Context, Reading
from overgrant.model import Hook
from overgrant.value import Document, Value

MOST = 128 * 1024


def read(document: Document, context: Context) -> Reading:
    """One fact about the script, or none when its language is not known."""
    reading = Reading()
    body = document.body
    if body is None or len(body.text) > MOST:
        return reading
    path = document.source.path
    language = language_of(path, body.text)
    if not language:
        return reading
    hook = Hook(body)
    hook.root, hook.tier, hook.format = context.root, context.tier, context.format
    hook.type, hook.script = "script", path if context.root.path in ("", ".") else path.removeprefix(context.root.path + "/")
    data = policy(context.product).get("hooks", {})
    outcome = of(body.text, language, int(data.get("refuses-by", 2)), data.get("never-set", ()))
    hook.outcome, hook.why, hook.guard, hook.by_status = outcome.outcome, outcome.why, outcome.refuses, outcome.by_status
    if outcome.at is not None:
        hook.at["outcome"] = body.part(*outcome.at)
    if language == "shell":
        _shell(hook)
    reading.facts.append(hook)
    name = path.rpartition("/")[2]
    if data.get("by-name") and name in data.get("events", ()):
        reading.facts.append(_named(name, hook, body))
    return reading


def _named(event: str, script: Hook, body: Value) -> Hook:
    """Where a script is a hook by the name of its file, the file states the hook, too."""
    hook = Hook(body.part(0, len(body.text.split("\n", 1)[0])))
    hook.root, hook.tier, hook.format = script.root, script.tier, script.format
    hook.event, hook.command, hook.script = event, f"./{script.script}", script.script
    return hook


def _shell(hook: Hook) -> None:
    from overgrant.dialect.grammar.download import downloads_and_runs

    value = hook.value
    assert value is not None
    evidence = downloads_and_runs(value.text)
    if evidence:
        hook.downloads = True
        hook.at["downloads"] = value.part(evidence[0].start, evidence[0].end)
    at = 0
    for line in value.text.split("\n"):
        if not line.lstrip().startswith("#") and ("eval" in line or "-c" in line) and (name := injection(line, value.text)):
            hook.injects = name
            hook.at["injects"] = value.part(at, at + len(line))
            return
        at += len(line) + 1
