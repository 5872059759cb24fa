"""Power: what a tool server is: where its code comes from, how it is reached, what it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from overgrant.model import Grant, Server, World
from overgrant.scope import path_glob
from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.dialect.grammar.launch import Started

_SOURCES = {"npm": "registry", "pypi": "registry", "oci": "image", "git": "git", "url": "url", "local": "local",
            "go": "registry", "deno": "url", "other": "registry"}
_BRANCHES = ("main", "master", "HEAD", "develop", "dev", "trunk", "latest", "next", "stable", "release")
_REMOTE = {"http", "sse", "streamable-http", "streamablehttp", "streamable_http", "http-stream", "remote"}


_FORM = {"npm": "{name}@1.2.3", "pypi": "{name}==1.2.3", "oci": "{name}@sha256:…", "go": "{name}@v1.2.3",
         "deno": "{name}@1.2.3", "git": "{name}@COMMIT"}
_SAYS = {"latest": "the newest version, whatever it is", "range": "any version in this range", "none": "no version",
         "tag": "a tag that can be moved"}


def derive(world: World) -> None:
    """Fill in every server: transport, package and pin, roots, escapes, what is known about it."""
    for server in world.of("server"):
        if isinstance(server, Server):
            if server.state != "effective":
                continue
            if server.type in ("marketplace", "plugin"):
                _marketplace(server)
                continue
            _transport(server)
            _image(server)
            _start(server)
            _remote(server)
            _known(server)
            _wording(server)
            _grants(server, world)


def _transport(server: Server) -> None:
    named = server.type.lower()
    if server.url:
        server.transport = "ws" if named == "ws" or server.url.startswith(("ws:", "wss:")) else (
            "sse" if named == "sse" else "http")
    elif server.command or named in ("stdio", "local"):
        server.transport = "stdio"
    elif named in _REMOTE:
        server.transport = "http"


def words_of(server: Server) -> list[Value]:
    """The command and its arguments as values, a command written as one text or as a list."""
    command = server.at.get("command")
    first = command.items if command is not None and command.kind == "list" else [command] if command is not None else []
    return [word for word in (*first, *server.args) if word.kind not in ("map", "list")]


def _start(server: Server) -> None:
    words = words_of(server)
    if not words:
        return
    from overgrant.dialect.grammar.launch import every, understand, understand_line

    texts = [word.text for word in words]
    if len(texts) == 1 and " " in texts[0].strip():
        started = next(iter(understand_line(texts[0])), None)
        if started is None:
            return
    else:
        started = understand(texts)
    server.command = server.command or " ".join(texts)
    server.runs = {"shell": "shell", "interpreter": "interpreter", "package-runner": "package-runner",
                   "container": "fixed", "script-runner": "workspace-code", "launcher": "launcher"}.get(started.kind, "fixed")
    for process in every(started):
        _package(server, process, words)
        _container(server, process)
    _downloads(server, started)
    if not server.package:
        server.source = "local"
        if started.kind == "interpreter" and started.script:
            server.at.setdefault("package", words[-1])


def _package(server: Server, process: Started, words: list[Value]) -> None:
    package = process.package
    if package is None or server.package:
        return
    server.runner = " ".join(process.path) or process.head
    server.package, server.version, server.pin = package.name, package.version, package.pin
    server.ecosystem = package.ecosystem
    server.source = _SOURCES.get(package.ecosystem, "unknown")
    if server.pin == "local":
        server.source = "local"
    index = package.at
    if 0 <= index < len(words) and package.name.split("/")[-1][:4] in words[index].text:
        word = words[index]
        if package.end > package.start and package.end <= len(word.text) and (package.start, package.end) != (
                0, len(word.text)):
            word = word.part(package.start, package.end)
        server.at["package"] = server.at["pin"] = word


def _image(server: Server) -> None:
    """A server that is described by its image or package, without a command line."""
    from overgrant.dialect.grammar import pin

    if server.image and not server.package:
        found = pin.oci(server.image)
        server.ecosystem, server.package, server.version, server.pin = "oci", found.name, found.version, found.pin
        server.source, server.at["package"] = "image", server.at["image"]
        _volumes(server)
    elif server.package and server.type == "package":
        server.source = "image" if server.ecosystem == "oci" else "registry"
        server.pin = "exact" if server.version and server.version not in ("latest", "*") else "latest"
        server.name = server.name or server.package
    server.suggestion = server.suggestion or f"Add the commit that you have reviewed: `sha` beside `{server.package}`."


def _volumes(server: Server) -> None:
    """What is mounted into an image; where the host's side is a parameter, the container's side tells what it is."""
    stated = server.at.get("volumes")
    for item in stated.items if stated is not None else []:
        host, _, _ = item.text.rpartition("}}:")[2].partition(":") if item.text.startswith("{{") else (
            item.text.partition(":"))
        path = "~" + host[len("/root"):] if host.startswith("/root/") and item.text.startswith("{{") else host
        if "docker.sock" in path or path and not path.rstrip("/"):
            server.escapes = (*server.escapes, f"-v {path}")
            server.at.setdefault("escapes", item)
        elif path.startswith(("/", "~", ".")) and not (item.text.startswith("{{") and path == host):
            _roots(server, [path])
            server.root_at[path] = item


def _container(server: Server, process: Started) -> None:
    box = process.container
    if box is None:
        return
    escapes = ["--privileged"] if box.privileged else []
    escapes += [f"--pid={box.pid}"] if box.pid == "host" else []
    escapes += [f"--network={box.network}"] if box.network == "host" else []
    escapes += [f"--cap-add={cap}" for cap in box.caps if cap.upper().removeprefix("CAP_") in (
        "ALL", "SYS_ADMIN", "SYS_PTRACE", "SYS_MODULE", "DAC_READ_SEARCH")]
    escapes += [f"-v {mount.host}" for mount in box.sockets]
    escapes += ["-v /" for mount in box.mounts if mount.host.rstrip("/") == ""]
    server.escapes = tuple(dict.fromkeys(escapes))
    _roots(server, [mount.host for mount in box.mounts if mount not in box.sockets and mount.host.startswith(
        ("/", "~", ".", "$", "%")) or mount.host[1:3] in (":\\", ":/")])


def _roots(server: Server, paths: list[str]) -> None:
    places = [path_glob(path, base=".", directory=True).place for path in paths]
    server.roots = tuple(dict.fromkeys((*server.roots, *paths)))
    server.root_places = tuple(dict.fromkeys((*server.root_places, *places)))


def _grants(server: Server, world: World) -> None:
    """The directories that a server is given are grants of the agent that may call it."""
    for path in server.roots:
        at = server.root_at.get(path) or next((word for word in words_of(server) if path and path in word.text), server.value)
        if at is not None and at.text != path and path in at.text:
            at = at.part(at.text.index(path), at.text.index(path) + len(path))
        grant = Grant(at)
        grant.root, grant.tier, grant.format, grant.where = server.root, server.tier, server.format, server.where
        grant.agent, grant.order, grant.owner = server.agent, server.order, server
        grant.text, grant.server, grant.tool = path, server.name, "server root"
        grant.decision = "inherit"
        grant.capability = "fs.read" if server.read_only else "fs.write"
        grant.scope = path_glob(path, base=".", directory=True)
        grant.breadth = grant.scope.breadth.name.lower()
        world.facts.append(grant)
        if server.agent is not None:
            server.agent.facts.append(grant)


def _downloads(server: Server, started: Started) -> None:
    from overgrant.dialect.grammar.download import downloads_and_runs

    line = started.inline if started.kind == "shell" and started.inline else None
    if line is None and " " in server.command and any(sign in server.command for sign in "|;&`$<"):
        line = server.command
    if line is not None:
        server.downloads = bool(downloads_and_runs(line))


def _remote(server: Server) -> None:
    if not server.url:
        return
    from overgrant.dialect.grammar.endpoint import classify

    end = classify(server.url)
    server.host, server.encrypted, server.loopback = end.host, end.encrypted, end.loopback or end.local_name
    if not server.package:
        server.source, server.pin = "remote", ""
    if end.placeholder and not end.host:
        server.encrypted = None


def _known(server: Server) -> None:
    from overgrant.dialect.grammar.servers import known

    entry = known(package=server.package if server.ecosystem != "oci" else "",
                  image=server.package if server.ecosystem == "oci" else "", url_host=server.host, name=server.name)
    if entry is None:
        return
    server.known = entry.name
    server.effects = server.effects or tuple(entry.effects)
    texts = [word.text for word in words_of(server)]
    server.narrower, server.role = entry.narrower, server.role or entry.role
    server.read_only = entry.is_narrow(texts, {str(item.key): item.text for item in server.env}, server.url)
    if entry.roots and server.at.get("package") is not None:
        paths = entry.root_arguments(texts, server.package)
        if paths:
            _roots(server, paths)


def _wording(server: Server) -> None:
    server.pin_says = _SAYS.get(server.pin, "")
    form = _FORM.get(server.ecosystem, "")
    server.suggestion = form.format(name=server.package) if server.package else ""


def _marketplace(server: Server) -> None:
    """A plugin marketplace: code of whoever can push there, unless a commit is named."""
    version = server.version
    from overgrant.dialect.grammar.pin import npm_pin

    # what a command installs is judged by the command
    here = server.source_kind in ("", "directory", "file", "path", "local", "settings", "command", "skills-dir")
    server.source = "local" if here else "registry" if server.source_kind == "npm" else "git"
    server.package = server.package or server.url
    sha = len(version) == 40 and all(sign in "0123456789abcdef" for sign in version.lower())
    server.pin = "local" if server.source == "local" else npm_pin(version) if server.source == "registry" else (
        "sha" if sha else "latest" if version in _BRANCHES else "tag" if version else "none")
    server.name = server.name or server.package
    server.suggestion = server.suggestion or f"Add the commit that you have reviewed: `sha` beside `{server.package}`."
