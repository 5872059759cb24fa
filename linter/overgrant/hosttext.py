"""Ground: the text of hosts: names, addresses, ports."""

from __future__ import annotations

from overgrant import automaton as fa
from overgrant.automaton import NFA
from overgrant.globtext import stars


def host_nfa(text: str, apex: bool) -> NFA:
    name, port = _split_port(text)
    ports = fa.repeat(fa.one_of(((48, 57),)), 1, 5)
    end = fa.concat(fa.literal(":"), ports if port == "*" else fa.literal(port))
    if not port:
        end = fa.optional(fa.concat(fa.literal(":"), ports))
    if name == "*":
        return fa.concat(fa.anything(), end)
    mark = next((mark for mark in ("**.", "*.", ".") if name.startswith(mark)), "")
    inner = fa.any_except(".:/[]@")
    below = fa.concat(fa.plus(inner), fa.literal("."))
    lead = {"": fa.concat(), "*.": fa.star(below) if apex else fa.plus(below)}.get(mark, fa.star(below))
    parts: list[NFA] = []
    for number, label in enumerate(name[len(mark):].split(".")):
        parts.append(fa.literal("." if number else ""))
        parts.extend([fa.plus(inner)] if label and not label.strip("*") else stars(label, fa.star(inner)))
    return fa.concat(lead, *parts, end)


def _split_port(text: str) -> tuple[str, str]:
    """Host and port; an IPv6 address gets the brackets that addresses in URLs have."""
    if text.startswith("["):
        name, _, port = text.partition("]")
        return name + "]", port.removeprefix(":")
    if text.count(":") > 1:
        return f"[{text}]", ""
    name, _, port = text.partition(":")
    return name.removesuffix("."), port


def host_item(item: str) -> str:
    name, port = _split_port(item.strip().lower().rpartition("://")[2].partition("/")[0])
    return f"{name}:{port}" if port else name


def is_loopback(host: str) -> bool:
    """Whether a host, with or without port, is this machine's own."""
    name = _split_port(host_item(host))[0].strip("[]")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    import ipaddress

    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def is_private(host: str) -> bool:
    """Whether a host is not on the public internet: private, link-local and loopback addresses, local names."""
    name = _split_port(host_item(host))[0].strip("[]")
    # RFC 6762 (.local), RFC 8375 (home.arpa), ICANN's reservation of .internal in 2024, names in common use
    if is_loopback(host) or name.endswith((".local", ".internal", ".lan", ".home.arpa", ".intranet", ".corp")):
        return True
    import ipaddress

    try:
        return ipaddress.ip_address(name).is_private
    except ValueError:
        return False
