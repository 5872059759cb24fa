"""Development containers: mounts, options of `docker run`, capabilities.

Sources: containers.dev/implementors/json_reference and docs.docker.com/reference/cli/docker/container/run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from overgrant.dialect.catalogue import policy
from overgrant.dialect.grammar.container import ContainerFacts, Mount, container
from overgrant.dialect.grammar.heads import Option
from overgrant.scope import path_glob
from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.dialect.walk import Context

Fields = dict[str, Any]
_HOME = ("${localEnv:HOME}${localEnv:USERPROFILE}", "${env:HOME}${env:USERPROFILE}", "${localEnv:HOME}", "${localEnv:USERPROFILE}",
         "${env:HOME}", "$HOME")
_HERE = ("${localWorkspaceFolder}", "${containerWorkspaceFolder}")
_PAIRS = ("-v", "--volume", "--mount", "--cap-add", "--security-opt", "--network", "--net", "--pid")
_CALLS = "all calls into the machine's kernel are open"
_PRIVILEGED = "the container has all privileges, and root in it is root on the machine"


def argument(value: Value, context: Context) -> list[Fields]:
    """One word of `runArgs`; an option's value may be the next word."""
    name, joined, text = value.text.partition("=")
    if not joined and name in _PAIRS:
        text = _next(value)
    facts = container("", [Option(name, text if joined or text else None, 0, 0)])
    found = [_setting(value.text if joined or not text else f"{name} {text}", *each) for each in _walls(facts)]
    return found + [{"@kind": "grant", "tool": "mount", "decision": "allow", **each}
                    for mount in facts.mounts for each in _mounted(mount)]


def _walls(facts: ContainerFacts) -> list[tuple[str, str]]:
    found = [("sandbox-off", _PRIVILEGED)] if facts.privileged else []
    if facts.pid == "host":
        found.append(("sandbox-off", "processes in the container see and trace all processes of the machine"))
    if facts.network == "host":
        found.append(("sandbox-weakened", "every service that listens on the machine alone can be reached"))
    found += [("sandbox-weakened", _capability(cap)) for cap in facts.caps if _wide(cap)]
    found += [("sandbox-weakened", _CALLS) for each in facts.security if _unconfined(each)]
    found += [("sandbox-off", _socket(mount.host)) for mount in facts.sockets]
    return found


def _next(value: Value) -> str:
    words = value.parent.items if value.parent is not None else []
    after = int(value.key) + 1 if isinstance(value.key, int) else len(words)
    return words[after].text if after < len(words) and words[after].kind == "str" else ""


def _setting(name: str, meaning: str, gives: str) -> Fields:
    return {"@kind": "setting", "name": name, "text": name, "meaning": meaning, "gives": gives,
            "instead": "Remove it, and give the container the one thing that the task needs."}


def _socket(host: str) -> str:
    return f"whoever can talk to `{host}` can mount every file of the machine into another container"


def _capability(name: str) -> str:
    return f"the capability `{name}` takes the container's walls away"


def _wide(capability: str) -> bool:
    return capability.upper().removeprefix("CAP_") in policy("devcontainer")["capabilities"]


def _unconfined(text: str) -> bool:
    return text.replace(":", "=", 1).strip() in ("seccomp=unconfined", "apparmor=unconfined")


def privileged(value: Value, context: Context) -> list[Fields]:
    """`"privileged": true`."""
    return [_setting("privileged", "sandbox-off", _PRIVILEGED)]


def capability(value: Value, context: Context) -> list[Fields]:
    """One entry of `capAdd`."""
    return [_setting("capAdd", "sandbox-weakened", _capability(value.text))] if _wide(value.text) else []


def security(value: Value, context: Context) -> list[Fields]:
    """One entry of `securityOpt`."""
    return [_setting("securityOpt", "sandbox-weakened", _CALLS)] if _unconfined(value.text) else []


def mount(value: Value, context: Context) -> list[Fields]:
    """A mount written as `source=…,target=…,type=bind`."""
    facts = container("", [Option("--mount", value.text, 0, 0)])
    bind = "type=volume" not in value.text.replace(" ", "")
    return [each for mount in facts.mounts if bind for each in _stated(mount)]


def source(value: Value, context: Context) -> list[Fields]:
    """The `source` of a mount written as an object."""
    beside = value.parent
    sort = beside.get("type") if beside is not None else None
    if sort is not None and sort.text != "bind":
        return []
    return _stated(Mount(value.text, "", False, 0))


def _stated(mount: Mount) -> list[Fields]:
    facts = container("", [Option("--volume", f"{mount.host}:/x", 0, 0)])
    if facts.sockets:
        return [_setting(mount.host, "sandbox-off", _socket(mount.host))]
    return _mounted(mount)


def _mounted(mount: Mount) -> list[Fields]:
    """What a mounted folder of the machine gives; a named volume gives nothing."""
    path = mount.host.strip()
    for variable in _HOME:
        path = path.replace(variable, "~")
    for variable in _HERE:
        path = path.replace(variable, ".")
    if not path.startswith(("/", "~", ".")) or "${" in path or container("", [Option("-v", f"{path}:/x", 0, 0)]).sockets:
        return []
    scope = path_glob(path.rstrip("/") or "/", base=".", directory=True)
    shared: Fields = {"text": mount.host, "scope": scope}
    return [{**shared, "capability": "fs.read"}] + ([] if mount.readonly else [{**shared, "capability": "fs.write"}])

