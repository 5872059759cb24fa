"""What a container is given of the machine: folders, the engine's socket, options that take walls away.

Sources: docs.docker.com/reference/cli/docker/container/run and docs.docker.com/engine/security.
"""

from __future__ import annotations

from typing import Any

from overgrant.dialect.grammar.container import ContainerFacts, Mount, container
from overgrant.dialect.grammar.heads import Option
from overgrant.scope import path_glob

Fields = dict[str, Any]
PRIVILEGED = "the container has all privileges, and root in it is root on the machine"
CALLS = "all calls into the machine's kernel are open"
HOST_NETWORK = "every service that listens on the machine alone can be reached"
_HOME = ("${localEnv:HOME}${localEnv:USERPROFILE}", "${env:HOME}${env:USERPROFILE}", "${localEnv:HOME}", "${localEnv:USERPROFILE}",
         "${env:HOME}", "${HOME}", "$HOME")
_HERE = ("${localWorkspaceFolder}", "${containerWorkspaceFolder}", "${PWD}", "$PWD", "$(pwd)")
_WIDE = frozenset("ALL SYS_ADMIN SYS_MODULE SYS_RAWIO SYS_BOOT DAC_READ_SEARCH BPF".split())


def setting(name: str, meaning: str, gives: str) -> Fields:
    """The fields of a setting that opens a container."""
    return {"@kind": "setting", "name": name, "text": name, "meaning": meaning, "gives": gives,
            "instead": "Remove it, and give the container the one thing that the task needs."}


def walls(facts: ContainerFacts) -> list[tuple[str, str]]:
    """What takes a container's walls away: a word of knowledge/settings.yaml and what it gives."""
    found = [("sandbox-off", PRIVILEGED)] if facts.privileged else []
    if facts.pid == "host":
        found.append(("sandbox-off", "processes in the container see and trace all processes of the machine"))
    if facts.network == "host":
        found.append(("sandbox-weakened", HOST_NETWORK))
    found += [("sandbox-weakened", capability(cap)) for cap in facts.caps if capability(cap)]
    found += [("sandbox-weakened", CALLS) for each in facts.security if unconfined(each)]
    found += [("sandbox-off", socket(mount.host)) for mount in facts.sockets]
    return found


def socket(host: str) -> str:
    """What the socket of a container engine gives."""
    return f"whoever can talk to `{host}` can mount every file of the machine into another container"


def capability(name: str) -> str:
    """What a capability gives, or nothing for one that leaves the walls up."""
    return f"the capability `{name}` takes the container's walls away" if name.upper().removeprefix("CAP_") in _WIDE else ""


def unconfined(text: str) -> bool:
    """A security option switches the filter of system calls or the profile off."""
    return text.replace(":", "=", 1).strip() in ("seccomp=unconfined", "apparmor=unconfined")


def volume(text: str) -> list[Fields]:
    """`HOST:CONTAINER[:ro]`, as `-v` has it."""
    return [each for mount in container("", [Option("--volume", _plain(text), 0, 0)]).mounts for each in stated(mount)]


def stated(mount: Mount) -> list[Fields]:
    """The facts of one mount: a setting for the engine's socket, grants for a folder."""
    if container("", [Option("--volume", f"{mount.host}:/x", 0, 0)]).sockets:
        return [setting(mount.host, "sandbox-off", socket(mount.host))]
    return folder(mount)


def folder(mount: Mount) -> list[Fields]:
    """What a mounted folder of the machine gives; a named volume and the engine's socket give nothing here."""
    path = _plain(mount.host.strip())
    if not path.startswith(("/", "~", ".")) or "${" in path or container("", [Option("-v", f"{path}:/x", 0, 0)]).sockets:
        return []
    scope = path_glob(path.rstrip("/") or "/", base=".", directory=True)
    shared: Fields = {"@kind": "grant", "tool": "mount", "decision": "allow", "text": mount.host, "scope": scope}
    return [{**shared, "capability": "fs.read"}] + ([] if mount.readonly else [{**shared, "capability": "fs.write"}])


def _plain(path: str) -> str:
    for variable in _HOME:
        path = path.replace(variable, "~")
    for variable in _HERE:
        path = path.replace(variable, ".")
    return path
