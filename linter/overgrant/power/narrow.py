"""Power: what to write instead of a wide grant, where the tree shows what is needed.

The evidence is the commands and tools that the agent's own text names, the commands of its sessions (where some are given), and
the tasks of the root's own scripts. The narrower statements are spelled as the wide one is, so they can stand in its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from overgrant.dialect.catalogue import policy
from overgrant.dialect.evidence import commands_in, tasks
from overgrant.model import Grant, Instruction, World
from overgrant.pattern import later
from overgrant.power.commands import OPEN

MOST_TOOLS = 8
EXAMPLES = {"exec.shell": ("command", "npm run test"), "net.egress": ("host", "developer.mozilla.org"),
            "fs.write": ("write", "src/**"), "fs.read": ("read", "docs/**")}
_WORD = later(r"\w{2,60}")
CLIP = 120  # characters of a value in a message


def derive(world: World, files: Mapping[str, bytes | None]) -> None:
    """Fill `instead` and `narrowed` of every effective grant that is wider than what the tree shows, `suggestion` with an example."""
    shown: dict[str, list[str]] = {}
    for grant in world.of("grant"):
        if not isinstance(grant, Grant) or grant.state != "effective":
            continue
        if grant.decision == "inherit" and grant.server and grant.breadth in ("family", "all"):
            _tools(grant)
        if grant.decision != "allow":
            continue
        if grant.capability in EXAMPLES:
            _example(grant)
        if grant.capability == "exec.shell" and (grant.breadth == "all" or grant.runs in OPEN):
            _commands(grant, world, files, shown)
        elif grant.server and grant.breadth in ("family", "all"):
            _tools(grant)


def _example(grant: Grant) -> None:
    """How a narrow statement of the same sort is written; empty where the product's way is not known."""
    word, text = EXAMPLES[grant.capability]
    spelled = _spelling(grant, word)
    grant.suggestion = grant.suggestion or (spelled.format(text) if spelled else "")


def _used(grant: Grant, world: World) -> Iterable[str]:
    if not world.uses:
        return ()
    from overgrant.power.unused import examples

    return examples(world, grant)


def _commands(grant: Grant, world: World, files: Mapping[str, bytes | None], shown: dict[str, list[str]]) -> None:
    spelled = _spelling(grant, "command")
    if not spelled:
        return
    found = commands_in(_own_text(grant)) or list(_used(grant, world))
    if not found:
        folder = grant.root.path
        if folder not in shown:
            shown[folder] = tasks(folder, files)
        found = shown[folder]
    if grant.breadth != "all":
        found = [command for command in found if command.split()[0] == grant.head]
    _say(grant, [spelled.format(command) for command in found])


def _tools(grant: Grant) -> None:
    prefix = policy(grant.root.product).get("spelling", {}).get("tool", "").format(server=grant.server, tool="")
    if not prefix or not grant.text.startswith(prefix.rstrip("_")):
        return
    names = (_WORD.match(part) for part in _own_text(grant).split(prefix)[1:])
    _say(grant, [prefix + name for name in dict.fromkeys(match[0] for match in names if match)][:MOST_TOOLS])


def _say(grant: Grant, texts: list[str]) -> None:
    while len(", ".join(texts)) + 2 * len(texts) > CLIP - 10:
        texts = texts[:-1]
    if texts:
        grant.instead = tuple(texts)
        grant.narrowed = ", ".join(f"`{text}`" for text in texts)


def _spelling(grant: Grant, word: str) -> str:
    """How the product writes a statement of a sort where this grant stands, with `{}` for its text; empty if that is not known."""
    spelled = str(policy(grant.root.product).get("spelling", {}).get(word, ""))
    tool = spelled.partition("(")[0]
    # one tool's paths may hold for all that do the same
    alike = word in ("read", "write") and grant.via == "tool" and grant.text == grant.tool
    if tool and tool != spelled and (alike or grant.text.partition("(")[0] == tool):
        return spelled
    return "{}" if grant.literal and grant.text.startswith(grant.literal) or grant.text in ("*", "**", "~/**") else ""


def _own_text(grant: Grant) -> str:
    agent = grant.agent
    if agent is None or agent.type == "host":
        return ""
    return next((fact.text for fact in agent.facts if isinstance(fact, Instruction)), "")
