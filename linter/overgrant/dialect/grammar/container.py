"""What a `docker run` (podman, nerdctl) command line gives the container of the machine it runs on.

Source of the options: https://docs.docker.com/reference/cli/docker/container/run/.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from overgrant.dialect.grammar.heads import Option

_SOCKETS = ("docker.sock", "podman.sock", "containerd.sock", "crio.sock", "docker_engine")


class Mount(NamedTuple):
    """A host directory or a volume, where it appears, and the word that says so."""

    host: str
    target: str
    readonly: bool
    at: int


class ContainerFacts:
    """The power-bearing options of a container; `None` where the command line says nothing."""

    __slots__ = (
        "caps", "devices", "dropped", "entrypoint", "env", "image", "memory", "mounts", "network", "pid", "pids",
        "privileged", "read_only", "remove", "security", "sockets", "user", "userns",
    )  # fmt: skip

    def __init__(self, image: str) -> None:
        self.image = image
        self.privileged = False
        self.read_only = False
        self.remove = False
        self.mounts: list[Mount] = []
        self.sockets: list[Mount] = []
        self.caps: list[str] = []
        self.dropped: list[str] = []
        self.devices: list[str] = []
        self.env: list[str] = []
        self.security: list[str] = []
        self.network: str | None = None
        self.pid: str | None = None
        self.user: str | None = None
        self.userns: str | None = None
        self.memory: str | None = None
        self.pids: str | None = None
        self.entrypoint: str | None = None


_SINGLE = {
    "--network": "network", "--net": "network", "--pid": "pid", "-u": "user", "--user": "user", "--userns": "userns",
    "-m": "memory", "--memory": "memory", "--pids-limit": "pids", "--entrypoint": "entrypoint",
}  # fmt: skip
_MANY = {"--cap-add": "caps", "--cap-drop": "dropped", "--device": "devices", "--security-opt": "security"}
_SWITCHES = {"--privileged": "privileged", "--read-only": "read_only", "--rm": "remove"}


def container(image: str, options: Sequence[Option]) -> ContainerFacts:
    """Collect the facts of one container."""
    facts = ContainerFacts(image)
    for option in options:
        value = option.value or ""
        if option.name in _SINGLE:
            setattr(facts, _SINGLE[option.name], value)
        elif option.name in _MANY:
            getattr(facts, _MANY[option.name]).append(value)
        elif option.name in _SWITCHES:
            setattr(facts, _SWITCHES[option.name], value.lower() not in ("false", "0"))
        elif option.name in ("-e", "--env"):
            facts.env.append(value.partition("=")[0])
        elif option.name in ("-v", "--volume"):
            _add(facts, _volume(value, option.at))
        elif option.name == "--mount":
            _add(facts, _mount(value, option.at))
    return facts


def _add(facts: ContainerFacts, mount: Mount) -> None:
    facts.mounts.append(mount)
    if mount.host.replace("\\", "/").rstrip("/").endswith(_SOCKETS) or mount.host in ("/var/run", "/run"):
        facts.sockets.append(mount)


def _volume(value: str, at: int) -> Mount:
    drive, rest = ("", value)
    if len(value) > 2 and value[0].isalpha() and value[1] == ":" and value[2] in "\\/":  # a Windows drive is not a separator
        drive, rest = value[:2], value[2:]
    parts = rest.split(":")
    if len(parts) == 1:
        return Mount("", drive + rest, False, at)
    modes = parts[2].split(",") if len(parts) > 2 else []
    return Mount(drive + parts[0], parts[1], "ro" in modes or "readonly" in modes, at)


def _mount(value: str, at: int) -> Mount:
    fields: dict[str, str] = {}
    for part in value.split(","):
        key, equals, text = part.partition("=")
        fields[key.strip().lower()] = text if equals else "true"
    host = fields.get("source", fields.get("src", ""))
    target = fields.get("target", fields.get("dst", fields.get("destination", "")))
    readonly = fields.get("readonly", fields.get("ro", "false")).lower() in ("true", "1")
    return Mount(host if fields.get("type", "volume") != "tmpfs" else "", target, readonly, at)
