"""Power: what a hook or helper command runs, and whether a guard guards."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from overgrant.dialect.catalogue import policy
from overgrant.dialect.named import inside, line_of
from overgrant.model import Control, Hook, Setting, World

if TYPE_CHECKING:
    from overgrant.power.matchers import Dead

_RUNS = {"shell": "shell", "interpreter": "interpreter", "package-runner": "package-runner", "container": "launcher",
         "script-runner": "workspace-code", "launcher": "launcher"}
_MOST_FIRM = ("exact", "digest", "sha", "local", "lockfile")


def derive(world: World) -> None:
    """Fill `runs`, `effects`, `script`, `downloads`, `outcome`, `guard`, `injects` and `shared` of every hook."""
    scripts = {(hook.root, hook.script): hook for hook in world.of("hook") if isinstance(hook, Hook) and hook.type == "script"}
    gone = {id(script) for script in scripts.values()}
    world.facts = [fact for fact in world.facts if id(fact) not in gone]
    for script in scripts.values():
        if script.agent is not None:
            script.agent.facts = [fact for fact in script.agent.facts if fact is not script]
    # an agent that only a script implied is none
    world.agents = [agent for agent in world.agents if agent.facts or agent.value is not None]
    if any(isinstance(fact, Setting) and fact.meaning == "hooks-borrowed" for fact in world.of("setting")):
        from overgrant.power import borrow

        borrow.derive(world, scripts)
    for hook in list(world.of("hook")):
        if isinstance(hook, Hook):
            hook.shared = hook.tier in ("project", "distributed", "example")
            data = policy(hook.root.product).get("hooks", {})
            hook.command = hook.command or line_of(hook)
            if hook.command:
                _command(hook)
                _outcome(hook, data)
                if (named := scripts.get((hook.root, posixpath.normpath(inside(hook.script, data))))) is not None:
                    _script(hook, named)
            _guard(hook, data, world)


def _command(hook: Hook) -> None:
    from overgrant.dialect.grammar.download import downloads_and_runs
    from overgrant.dialect.grammar.launch import every, understand_line
    from overgrant.dialect.grammar.outcome import injection

    hook.downloads = bool(downloads_and_runs(hook.command))
    hook.injects = hook.injects or injection(hook.command)
    effects: list[str] = []
    for started in understand_line(line_of(hook)):
        for process in every(started):
            hook.script = hook.script or (process.script or "")
            hook.runs = hook.runs or _RUNS.get(process.kind, "fixed")
            package = process.package
            if package is not None and not hook.package and package.pin not in _MOST_FIRM:
                hook.package, hook.pin = package.name, package.pin
            from overgrant.dialect.grammar.command import power_of

            power = power_of(" ".join(word.text for word in process.argv), False)
            effects += power.effects
            if "persists" in power.effects and process.kind == "program":
                hook.stays = hook.stays or f"`{process.head}`"
    hook.effects = tuple(dict.fromkeys(effects))
    hook.stays = hook.stays or _installs(hook)


def _installs(hook: Hook) -> str:
    """A file that other programs run by themselves, and that the command writes."""
    from overgrant.dialect.grammar.targets import touches

    roots = policy(hook.root.product).get("hooks", {}).get("roots", ())
    return next((f"`{touch.example}`" for touch in touches(line_of(hook), roots) if touch.what == "startup"), "")


def _outcome(hook: Hook, data: dict[str, Any]) -> None:
    from overgrant.dialect.grammar.outcome import of

    found = of(hook.command, "shell", int(data.get("refuses-by", 2)), data.get("never-set", ()))
    hook.guard = found.refuses
    # a program of its own has an exit status of its own
    if found.outcome in ("blocks", "never-blocks", "always-allows") and not (hook.script and found.outcome == "blocks"):
        hook.outcome, hook.why = found.outcome, found.why
        if (said := hook.at.get("command") or hook.value) is not None and found.outcome != "blocks":
            exact = found.at is not None and said.text == hook.command
            hook.at["outcome"] = said.part(*found.at) if exact and found.at is not None else said


def _script(hook: Hook, script: Hook) -> None:
    """What the script does is what the hook does; its places become the hook's."""
    from overgrant.dialect.grammar.outcome import swallowed

    if hook.outcome == "runs":
        hook.outcome, hook.why = script.outcome, script.why
    lost = swallowed(hook.command, hook.script) if script.by_status and hook.outcome == "blocks" else None
    if lost is not None:
        hook.outcome, hook.why = "never-blocks", lost[0]
        said = hook.at.get("command")
        if said is not None:
            hook.at["outcome"] = said.part(*lost[1]) if said.text == hook.command else said
    hook.guard = hook.guard or script.guard
    hook.downloads = hook.downloads or script.downloads
    hook.injects = hook.injects or script.injects
    for field, value in script.at.items():
        hook.at.setdefault(field, value)


def _guard(hook: Hook, data: dict[str, Any], world: World) -> None:
    """Only at some events can a hook refuse; one that is never asked guards nothing."""
    if hook.type not in ("helper", "inline"):
        _asked(hook, data, world)
    if data and hook.event not in data.get("refusing", ()):
        hook.guard = False
        if hook.outcome in ("never-blocks", "blocks"):
            hook.outcome, hook.why = "runs", ""
    if data and hook.event not in data.get("approving", ()) and hook.outcome == "always-allows":
        hook.outcome, hook.why = "runs", ""
    if hook.fails_closed and hook.outcome == "never-blocks":
        hook.outcome, hook.why = "blocks", ""
    if hook.guard and hook.background:
        hook.outcome, hook.why = "never-blocks", "it runs in the background, and nobody waits for its answer"
        if "background" in hook.at:
            hook.at["outcome"] = hook.at["background"]


def _asked(hook: Hook, data: dict[str, Any], world: World) -> None:
    """An event that does not exist, or a matcher that matches no tool where a hook can refuse: it never runs."""
    from overgrant.power import matchers

    if (dead := matchers.event(hook.event, tuple(data.get("events", ())))) is not None:
        _never(hook, "event", hook.event, dead, world)
    elif hook.event in data.get("by-tool", ()) and hook.event in data.get("refusing", ()) and hook.outcome != "always-allows":
        dead = matchers.matcher(hook.matcher, policy(hook.root.product).get("tools", {}))
        # a rule in the place of a matcher is a mistake whatever the hook does
        if dead is not None and (hook.guard or hook.script or matchers.is_rule(hook.matcher)):
            _never(hook, "matcher", hook.matcher, dead, world)


def _never(hook: Hook, field: str, text: str, dead: Dead, world: World) -> None:
    control = Control(hook.at.get(field) or hook.value)
    control.root, control.tier, control.agent, control.order = hook.root, hook.tier, hook.agent, hook.order
    control.where, control.format, control.what = hook.where, hook.format, "guard"
    control.text, control.state, control.suggestion, control.why = text, "misspelt", dead.suggestion, dead.why
    hook.state = "ignored"
    if not any(each.value is control.value or (each.span() == control.span()) for each in world.of("control")):
        world.facts.append(control)
