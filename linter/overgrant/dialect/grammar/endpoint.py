"""What a URL says about where bytes go, without asking the network. Tolerates anything.

Sources: RFC 3986 (form), RFC 6761 and RFC 6762 (`localhost`, `.local`), RFC 1918, RFC 4193 and RFC 6598 (private
addresses), RFC 2606 (names that never resolve). Official hosts are data: `hosts` in knowledge/environment.yaml.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from overgrant.pattern import later

if TYPE_CHECKING:
    from overgrant.dialect.walk import Context
    from overgrant.value import Value

_SCHEME = later(r"\s*([A-Za-z][A-Za-z0-9+.-]{0,30}):(?://)?")
_ENCRYPTED = frozenset((
    "https", "wss", "grpcs", "ftps", "sftp", "ssh", "rediss", "mqtts", "amqps", "ldaps", "imaps", "smtps",
    "mongodb+srv", "git+ssh", "git+https", "sse+https", "tls"))
_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443, "ssh": 22, "ftp": 21, "postgres": 5432, "postgresql": 5432,
          "mysql": 3306, "redis": 6379, "rediss": 6379, "mongodb": 27017}
_VARIABLE = later(r"\$\{|\$[A-Za-z_(]|\{\{|\{[A-Za-z_]|%[A-Za-z_]\w{0,60}%|<[A-Za-z_ -]{1,60}>|=Env\.")
# a name that the reader is to replace: `IPADDRESS`, `your-host`, `my-company`
_STAND_IN = later(
    r"^[A-Z][A-Z_]+(?::|$)|(?:^|[.-])your[._-]|(?:^|[.-])my-(?:server|host|domain|company|org|app)\b|<|xxx|"
    r"^(?:ip|host|server)[_-]?(?:address|name)(?::|$)|placeholder|\.invalid(?::|$)", re.ASCII)
_LOCAL_ENDS = (".local", ".internal", ".lan", ".home", ".home.arpa", ".intranet", ".corp", ".svc", ".localdomain",
               ".test")
_SOCKETS = frozenset(("unix", "npipe", "pipe", "file", "stdio", "data"))


class Endpoint(NamedTuple):
    """A place that bytes go to.

    scheme        lower case, empty when not written
    host          lower case, without brackets, user and port; empty when there is none
    port          written, or the scheme's; 0 when unknown
    encrypted     the scheme encrypts; `None` when no scheme is written
    loopback      this machine: `localhost`, 127.0.0.0/8, ::1, a socket
    private       an address of a private, link-local or shared range, or `host.docker.internal`
    local_name    a name that no public resolver knows: `.local`, `.internal`, a name without a dot
    placeholder   it holds a variable, so that the host or a part of it is not known
    userinfo      a user or password is written in it
    secret_query  a parameter of the query holds a literal credential
    known         slug of the provider whose official host it is, else empty
    everywhere    an address to listen on, not to go to: 0.0.0.0 or ::
    stands_in     a name that the reader is to replace: `IPADDRESS`, `your-host`
    """

    scheme: str = ""
    host: str = ""
    port: int = 0
    encrypted: bool | None = None
    loopback: bool = False
    private: bool = False
    local_name: bool = False
    placeholder: bool = False
    userinfo: bool = False
    secret_query: bool = False
    known: str = ""
    everywhere: bool = False
    stands_in: bool = False


@lru_cache(4096)
def classify(url: str) -> Endpoint:
    """What is known about a URL, or `host:port` without a scheme. Never raises."""
    text = url.strip()[:8192]
    scheme, rest = _split_scheme(text)
    if scheme in _SOCKETS:
        return Endpoint(scheme, "", 0, scheme != "data", True, placeholder=_VARIABLE.search(text) is not None)
    authority, tail = _split_authority(rest)
    user, at, place = authority.rpartition("@")
    host, port = _host_port(place, scheme)
    variable = _VARIABLE.search(text) is not None
    if _VARIABLE.search(host):
        return Endpoint(scheme, "", port, _encrypted(scheme), placeholder=True, userinfo=bool(at and user),
                        secret_query=_secret_query(tail))
    loopback, private, everywhere = _address(host)
    return Endpoint(
        scheme, host, port, _encrypted(scheme), loopback, private, _local_name(host), variable, bool(at and user),
        _secret_query(tail), _known(host), everywhere, _STAND_IN.search(place) is not None)


def provider(value: Value, context: Context) -> list[dict[str, Any]]:
    """The address of a model's provider: in clear over the internet, or another host under the name of a public provider."""
    from overgrant.dialect.grammar.common import endpoint

    place = classify(value.text)
    if not place.host or place.loopback or place.private or place.local_name:
        return []
    if in_clear := endpoint(value, context):
        return in_clear
    above = value.parent
    while above is not None and above.parent is not None and not str(above.parent.key).startswith(("provider", "model_provider")):
        above = above.parent
    official = above is not None and str(above.key).lower() in set(_hosts().values())
    return [] if place.known or not official else [{"meaning": "endpoint", "text": value.text}]


def _split_scheme(text: str) -> tuple[str, str]:
    match = _SCHEME.match(text)
    if match is None:
        return "", text.removeprefix("//")
    scheme, rest = match.group(1).lower(), text[match.end():]
    if not match.group().endswith("//"):
        # `localhost:8080` is no scheme
        if scheme in _SOCKETS or scheme in ("http", "https"):
            return scheme, rest.lstrip("/")
        return "", text
    return scheme, rest


def _split_authority(rest: str) -> tuple[str, str]:
    # `\` ends the authority too: URL parsers of browsers take it for `/`
    cuts = [at for at in (rest.find(mark) for mark in "/?#\\") if at >= 0]
    variable = rest.find("${")
    if variable >= 0 and cuts and variable < min(cuts):
        close = rest.find("}", variable)
        cuts = [at for at in (rest.find(mark, max(close, 0)) for mark in "/?#\\") if at >= 0]
    cut = min(cuts, default=len(rest))
    return rest[:cut], rest[cut:]


def _host_port(place: str, scheme: str) -> tuple[str, int]:
    port = _PORTS.get(scheme, 0)
    if place.startswith("["):
        host, _, tail = place[1:].partition("]")
        number = tail.removeprefix(":")
    elif place.count(":") > 1 and not _VARIABLE.search(place):
        host, number = place, ""
    else:
        host, colon, number = place.rpartition(":")
        if not colon or "}" in number:
            host, number = place, ""
    if number.isascii() and number.isdigit() and len(number) <= 5:
        port = int(number)
    return host.lower().rstrip("."), port


def _encrypted(scheme: str) -> bool | None:
    return scheme in _ENCRYPTED if scheme else None


def _address(host: str) -> tuple[bool, bool, bool]:
    """loopback, private, everywhere"""
    if host == "localhost" or host.endswith(".localhost"):
        return True, False, False
    if host in ("host.docker.internal", "gateway.docker.internal", "host.containers.internal"):
        return False, True, False
    if not (host[-1:].isdigit() or ":" in host):
        return False, False, False
    import ipaddress

    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False, False, False
    address = getattr(address, "ipv4_mapped", None) or address
    if address.is_unspecified:
        return False, False, True
    shared = address.version == 4 and address in ipaddress.ip_network("100.64.0.0/10")
    if address.is_loopback:
        return True, False, False
    return False, address.is_private or address.is_link_local or shared, False


def _local_name(host: str) -> bool:
    if not host or ":" in host or host == "localhost" or (host[-1:].isdigit() and "." in host):
        return False
    if host.endswith(_LOCAL_ENDS):
        return True
    return "." not in host and host != "*"


def _secret_query(tail: str) -> bool:
    mark = tail.find("?")
    if mark < 0:
        return False
    from overgrant.dialect.grammar import secret

    for pair in tail[mark + 1:].partition("#")[0].split("&")[:100]:
        name, _, value = pair.partition("=")
        if value and secret.find(value, name=name):
            return True
    return False


@cache
def _hosts() -> dict[str, str]:
    from overgrant.read.knowledge import load

    return {host: entry["provider"] for entry in load("environment")["hosts"] for host in entry["hosts"]}


def _known(host: str) -> str:
    hosts = _hosts()
    while "." in host:
        if host in hosts:
            return hosts[host]
        host = host.partition(".")[2]
        if "." + host in hosts:
            return hosts["." + host]
    return ""
