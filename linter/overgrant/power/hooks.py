"""Power: what a hook or helper command runs, and whether a guard guards."""

from __future__ import annotations

from overgrant.model import Hook, World

_RUNS = {"shell": "shell", "interpreter": "interpreter", "package-runner": "package-runner", "container": "launcher",
         "script-runner": "workspace-code", "launcher": "launcher"}


def derive(world: World) -> None:
    """Fill `runs`, `effects`, `script`, `downloads` and `shared` of every hook."""
    for hook in world.of("hook"):
        if isinstance(hook, Hook):
            hook.shared = hook.tier in ("project", "distributed", "example")
            if hook.command:
                _command(hook)


def _command(hook: Hook) -> None:
    from overgrant.dialect.grammar.download import downloads_and_runs
    from overgrant.dialect.grammar.launch import every, understand_line

    hook.downloads = bool(downloads_and_runs(hook.command))
    effects: list[str] = []
    for started in understand_line(hook.command):
        for process in every(started):
            hook.script = hook.script or (process.script or "")
            hook.runs = hook.runs or _RUNS.get(process.kind, "fixed")
            from overgrant.dialect.grammar.command import power_of

            power = power_of(" ".join(word.text for word in process.argv), False)
            effects += power.effects
    hook.effects = tuple(dict.fromkeys(effects))
