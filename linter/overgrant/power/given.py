"""Power: what a tool server is given: directories, its container's way to the machine, a database account, a browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from overgrant.model import Grant, Server, World
from overgrant.pattern import later
from overgrant.scope import path_glob
from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.dialect.grammar.launch import Started
    from overgrant.dialect.grammar.servers import Known

_CAPS = ("ALL", "SYS_ADMIN", "SYS_PTRACE", "SYS_MODULE", "DAC_READ_SEARCH", "SYS_RAWIO")
_LOOSE = ("seccomp=unconfined", "apparmor=unconfined", "label=disable", "label:disable", "systempaths=unconfined")
# somebody's home directory, written out
_A_HOME = later(r"(?:/(?:home|Users)/[^/$<{%*]+|/root|[A-Za-z]:[\\/]Users[\\/][^\\/$<{%*]+)(?=[\\/]|$)")
_STAND_IN = frozenset(("user", "username", "you", "yourname", "your-name", "your_name", "your_username", "your-username",
                       "yourusername", "me", "name", "public", "shared"))


def container(server: Server, process: Started, words: list[Value]) -> None:
    """Fill in what the options of a container command give the server of the machine."""
    box = process.container
    if box is None:
        return
    escapes = ["--privileged"] if box.privileged else []
    escapes += [f"--pid={box.pid}"] if box.pid == "host" else []
    escapes += [f"--network={box.network}"] if box.network == "host" else []
    escapes += [f"--cap-add={cap}" for cap in box.caps if cap.upper().removeprefix("CAP_") in _CAPS]
    escapes += [f"--security-opt {each}" for each in box.security if each.lower() in _LOOSE]
    escapes += [f"-v {mount.host}" for mount in box.sockets]
    whole = [mount for mount in box.mounts if mount.host.rstrip("/") == "" and mount.host]
    escapes += ["-v /" for _ in whole]
    server.escapes = tuple(dict.fromkeys((*server.escapes, *escapes)))
    if escapes:
        said = escapes[0].rpartition("=" if "=" in escapes[0] and not escapes[0].startswith("--sec") else " ")[2]
        server.at.setdefault("escapes", next((word for word in words if said in word.text), server.value) or words[0])
    for mount in box.mounts:
        named = mount.host.startswith(("/", "~", ".", "$", "%")) or mount.host[1:3] in (":\\", ":/")
        if named and mount not in box.sockets and mount not in whole:
            roots(server, [mount.host], readonly=mount.readonly)


def volumes(server: Server) -> None:
    """What is mounted into an image; where the host's side is a parameter, the container's side tells what it is."""
    stated = server.at.get("volumes")
    for item in stated.items if stated is not None else []:
        host, _, _ = item.text.rpartition("}}:")[2].partition(":") if item.text.startswith("{{") else (
            item.text.partition(":"))
        path = "~" + host[len("/root"):] if host.startswith("/root/") and item.text.startswith("{{") else host
        if "docker.sock" in path or (path and not path.rstrip("/")):
            server.escapes = (*server.escapes, f"-v {path}")
            server.at.setdefault("escapes", item)
        elif path.startswith(("/", "~", ".", "$")) and not (item.text.startswith("{{") and path == host):
            roots(server, [path], readonly=item.text.endswith(":ro"))
            server.root_at[path] = item


def hosts(server: Server) -> None:
    """Point at the pattern of the container's list of hosts that holds every host."""
    stated = server.at.get("reaches")
    if stated is not None and stated.kind == "list":
        every = next((item for item in stated.items if item.text.partition(":")[0] == "*"), None)
        server.at["reaches"] = every or stated


def roots(server: Server, paths: list[str], *, readonly: bool = False) -> None:
    """Note directories that the server is given, as they are written."""
    places = [path_glob(spelt(path), base=".", directory=True).place for path in paths]
    server.roots = tuple(dict.fromkeys((*server.roots, *paths)))
    server.root_places = tuple(dict.fromkeys((*server.root_places, *places)))
    if readonly:
        server.root_reads.update(paths)


def spelt(path: str) -> str:
    """A path with a home directory that is written out taken for the user's own."""
    found = _A_HOME.match(path)
    if found is None or re.split(r"[\\/]", found[0])[-1].lower() in _STAND_IN:
        return path
    return "~" + path[found.end():].replace("\\", "/")


def grants(server: Server, world: World, words: list[Value]) -> None:
    """The directories that a server is given are grants of the agent that may call it."""
    for path in server.roots:
        at = server.root_at.get(path) or next((word for word in words if path and path in word.text), server.value)
        if at is not None and at.text != path and path in at.text:
            at = at.part(at.text.index(path), at.text.index(path) + len(path))
        grant = Grant(at)
        grant.text, grant.tool, grant.decision = path, "server root", "inherit"
        grant.capability = "fs.read" if server.read_only or path in server.root_reads else "fs.write"
        grant.scope = path_glob(spelt(path), base=".", directory=True)
        grant.breadth = grant.scope.breadth.name.lower()
        attach(grant, server, world)


def attach(grant: Grant, server: Server, world: World) -> None:
    """Make a grant of what a server is given part of the world: it belongs to whoever may call the server."""
    grant.root, grant.tier, grant.format, grant.where = server.root, server.tier, server.format, server.where
    grant.agent, grant.order, grant.owner, grant.server = server.agent, server.order, server, server.name
    if server.disabled:
        grant.state, grant.why = "shadowed", "the server is switched off"
    world.facts.append(grant)
    if server.agent is not None:
        server.agent.facts.append(grant)


def account(server: Server, words: list[Value]) -> None:
    """The account with which a database is opened, where it owns everything in it and nothing narrows the server."""
    if server.read_only:
        return
    from overgrant.dialect.grammar.servers import owner_of_url, owner_variable

    variables = {str(item.key): item for item in server.env if item.kind == "str"}
    host = next((item.text for name, item in variables.items() if name.upper().endswith(("HOST", "SERVER", "HOSTNAME"))), "")
    for word in (*words, *variables.values()):
        said = owner_of_url(word.text) or owner_variable(str(word.key), word.text, host)
        if said:
            server.account, server.at["account"] = said, word
            return


def browser(server: Server, entry: Known, words: list[Value], env: dict[str, str]) -> None:
    """Whether a browser server drives the browser in which the user is signed in, and what says so."""
    said = entry.joins([word.text for word in words], env)
    if said:
        server.joins = said
        server.at["joins"] = next((word for word in words if said.split()[-1] in word.text), server.at.get("package") or words[0])
