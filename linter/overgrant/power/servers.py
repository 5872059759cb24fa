"""Power: what a tool server is: where its code comes from, how it is reached, what is known about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from overgrant.dialect.catalogue import policy
from overgrant.model import Server, World
from overgrant.power import given, offered, serverwords
from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.dialect.grammar.launch import Started
    from overgrant.dialect.grammar.pin import Package
    from overgrant.dialect.grammar.servers import Known

_SOURCES = {"npm": "registry", "pypi": "registry", "oci": "image", "git": "git", "url": "url", "local": "local",
            "go": "registry", "deno": "url", "other": "registry"}
_BRANCHES = ("main", "master", "HEAD", "develop", "dev", "trunk", "latest", "next", "stable", "release")
_LOOSE, _FIRM = ("none", "latest", "range"), ("exact", "digest", "sha")
_ROOT = {"sudo", "doas", "pkexec", "gsudo"}
_REMOTE = {"http", "sse", "streamable-http", "streamablehttp", "streamable_http", "http-stream", "remote"}


_FORM = {"npm": "{name}@1.2.3", "pypi": "{name}==1.2.3", "oci": "{name}@sha256:…", "go": "{name}@v1.2.3",
         "deno": "{name}@1.2.3", "git": "{name}@COMMIT"}
_SAYS = {"latest": "the newest version, whatever it is", "range": "any version in this range", "none": "no version",
         "tag": "a tag that can be moved"}


def derive(world: World) -> None:
    """Fill in every server: transport, package and pin, roots, escapes, what is known about it."""
    offered.switch_off(world, {root: policy(root).get("decide", {}) for root in {fact.root.product for fact in world.of("server")}})
    for server in world.of("server"):
        if isinstance(server, Server):
            if server.type in ("marketplace", "plugin"):
                if server.state == "effective":
                    _marketplace(server)
                continue
            words = words_of(server)
            serverwords.credentials(server, world, words)
            if server.state != "effective":
                continue
            server.filtered = server.filtered or bool(server.offers) and "*" not in server.offers
            _transport(server)
            _image(server)
            boxed = _start(server, words)
            _remote(server)
            _known(server, words)
            _wording(server)
            serverwords.scopes(server, world)
            if not boxed and not server.disabled:
                serverwords.listens(server, world, words)
            given.grants(server, world, words)
    _dead(world)


def _dead(world: World) -> None:
    """Servers that one place keeps from starting are said once, by the first: moving the place is one repair."""
    groups: dict[tuple[int, str], list[Server]] = {}
    for server in world.of("server"):
        if isinstance(server, Server) and server.state == "ignored" and server.value is not None:
            groups.setdefault((id(server.value.parent), server.why), []).append(server)
    for first, *rest in groups.values():
        first.others = str(len(rest)) if rest else ""
        for server in rest:
            server.said_before = True


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


def _start(server: Server, words: list[Value]) -> bool:
    """Fill in what a command line starts; says whether it is a container."""
    if not words:
        return False
    from overgrant.dialect.grammar.launch import every, understand, understand_line

    texts = [word.text for word in words]
    if len(texts) == 1 and " " in texts[0].strip():
        started = next(iter(understand_line(texts[0])), None)
        if started is None:
            return False
    else:
        started = understand(texts)
    server.command = server.command or " ".join(texts)
    server.runs = {"shell": "shell", "interpreter": "interpreter", "package-runner": "package-runner",
                   "container": "fixed", "script-runner": "workspace-code", "launcher": "launcher"}.get(started.kind, "fixed")
    boxed = False
    for process in every(started):
        boxed = boxed or process.container is not None
        server.elevated = server.elevated or (not boxed and not _ROOT.isdisjoint(process.wrappers)) or None
        _package(server, process, words)
        given.container(server, process, words)
    _downloads(server, started)
    if not server.package:
        server.source = "local"
        if started.kind == "interpreter" and started.script:
            server.at.setdefault("package", words[-1])
    return boxed


def _package(server: Server, process: Started, words: list[Value]) -> None:
    """Note the package of a process: the outermost, or one behind it that is fixed less firmly or that a proxy starts."""
    package = process.package
    if package is None or (server.package and (server.pin in _LOOSE or package.pin not in (*_LOOSE, *_FIRM)
                                               or (package.pin in _FIRM and not _forwards(server)))):
        return
    server.runner = " ".join(process.path) or process.head
    server.package, server.version, server.pin = package.name, package.version, package.pin
    server.ecosystem = package.ecosystem
    server.source = _SOURCES.get(package.ecosystem, "unknown")
    if server.pin == "local":
        server.source = "local"
    word = _place(package, words)
    if word is not None:
        server.at["package"] = server.at["pin"] = word


def _place(package: Package, words: list[Value]) -> Value | None:
    """Where a package is written; one inside a line of a shell is found by its text."""
    if 0 <= package.at < len(words) and package.name.split("/")[-1][:4] in words[package.at].text:
        word = words[package.at]
        if package.end > package.start and package.end <= len(word.text) and (package.start, package.end) != (
                0, len(word.text)):
            return word.part(package.start, package.end)
        return word
    written = next((word for word in words if package.name in word.text), None)
    if written is None:
        return None
    start = written.text.index(package.name)
    return written.part(start, start + len(package.name))


def _forwards(server: Server) -> bool:
    from overgrant.dialect.grammar.servers import known

    entry = known(package=server.package)
    return entry is not None and entry.proxy


def _image(server: Server) -> None:
    """A server that is described by its image or package, without a command line."""
    from overgrant.dialect.grammar import pin

    if server.image and not server.package:
        found = pin.oci(server.image)
        server.ecosystem, server.package, server.version, server.pin = "oci", found.name, found.version, found.pin
        server.source, server.at["package"] = "image", server.at["image"]
        given.volumes(server)
        given.hosts(server)
    elif server.package and server.type == "package":
        server.source = "image" if server.ecosystem in ("oci", "docker") else "registry"
        found = pin.oci(server.package)
        if server.source == "image" and found.version:
            server.ecosystem, server.package, server.version, server.pin = "oci", found.name, found.version, found.pin
        else:
            server.pin = "exact" if server.version and server.version not in ("latest", "*") else "latest"
        server.name = server.name or server.package


def _downloads(server: Server, started: Started) -> None:
    from overgrant.dialect.grammar.download import code_fetches, downloads_and_runs

    line = started.inline if started.kind == "shell" and started.inline else None
    if line is None and " " in server.command and any(sign in server.command for sign in "|;&`$<"):
        line = server.command
    server.downloads = line is not None and bool(downloads_and_runs(line)) or code_fetches(started)


def _remote(server: Server) -> None:
    if not server.url:
        return
    from overgrant.dialect.grammar.endpoint import classify

    end = classify(server.url)
    server.host, server.encrypted = end.host, end.encrypted
    server.loopback = end.loopback or end.local_name or end.everywhere or end.stands_in
    if not server.package:
        server.source, server.pin = "remote", ""
    if end.placeholder and not end.host:
        server.encrypted = None


def _known(server: Server, words: list[Value]) -> None:
    from overgrant.dialect.grammar.servers import known

    texts = [word.text for word in words]
    entry = _entry(server)
    if entry is not None and entry.proxy and words:
        serverwords.forwards(server, words)
        _remote(server)
        entry = known(url_host=server.host) or entry if server.host else entry
    env = {str(item.key): item.text for item in server.env}
    if entry is not None:
        server.known, server.effects = entry.name, server.effects or tuple(entry.effects)
        server.narrower, server.role = entry.narrower, server.role or entry.role
        server.read_only = entry.is_narrow(texts, env, server.url, {str(item.key): item.text for item in server.headers})
        package = server.at.get("package")
        if package is not None:
            given.roots(server, entry.root_arguments(texts, server.package))
            given.browser(server, entry, words, env)
    given.account(server, words)


def _entry(server: Server) -> Known | None:
    from overgrant.dialect.grammar.servers import known

    return known(package=server.package if server.ecosystem != "oci" else "",
                 image=server.package if server.ecosystem == "oci" else "", url_host=server.host, name=server.name)


def _wording(server: Server) -> None:
    server.pin_says = _SAYS.get(server.pin, "")
    if server.name.isdigit():  # one of a list, which has no name of its own
        server.name = server.command.rsplit("/", 1)[-1] or server.url
    form = _FORM.get(server.ecosystem, "")
    server.suggestion = form.format(name=server.package) if server.package else ""


def _marketplace(server: Server) -> None:
    """A plugin marketplace: code of whoever can push there, unless a commit is named."""
    version = server.version
    from overgrant.dialect.grammar.pin import npm_pin

    # what a command installs is judged by the command
    here = server.source_kind in ("", "directory", "file", "path", "local", "settings", "command", "skills-dir")
    server.source = "local" if here else "registry" if server.source_kind in ("npm", "image") else "git"
    server.package = server.package or server.url
    sha = len(version) == 40 and all(sign in "0123456789abcdef" for sign in version.lower())
    server.pin = "local" if server.source == "local" else npm_pin(version) if server.source == "registry" else (
        "sha" if sha else "latest" if version in _BRANCHES else "tag" if version else "none")
    server.name = server.name or server.package
    server.suggestion = server.suggestion or f"Add the commit that you have reviewed: `sha` beside `{server.package}`."
