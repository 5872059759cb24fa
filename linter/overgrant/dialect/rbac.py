"""Kubernetes: what the bindings of a tree let a service account do, in the agent's own file and in files near it.

A role is bound in another file more often than not. Files below the folder above the agent's are looked at, and a
service account is the same only in the same namespace, where both files say one.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from overgrant.dialect.facts import Maker
from overgrant.model import Agent, Grant
from overgrant.value import Value

_WRITES = ("*", "create", "update", "patch", "delete", "deletecollection", "escalate", "bind", "impersonate")
_BUILTIN = ("cluster-admin", "admin", "edit")
_BINDINGS = ("ClusterRoleBinding", "RoleBinding")
_MOST_FILES = 200
_MOST_BYTES = 1 << 20
_MARK = b"rbac.authorization.k8s.io"


def near(maker: Maker, path: str, here: list[Value]) -> list[Value]:
    """The resources of a file and those of files near it that bind or hold roles."""
    folder = posixpath.dirname(path)
    above = posixpath.dirname(folder) or folder
    found = list(here)
    files = [each for each in sorted(maker.context.files) if each != path and (not above or each.startswith(f"{above}/"))
             and each.endswith((".yaml", ".yml")) and (above or "/" not in each)]
    for name in files:
        data = maker.context.files[name]
        if data is not None and len(data) <= _MOST_BYTES and _MARK in data:
            found += _resources(maker, name, data)
        if len(found) > _MOST_FILES * 10:
            break
    return found


def _resources(maker: Maker, path: str, data: bytes) -> list[Value]:
    from overgrant.read import read
    from overgrant.text import Source

    memo = maker.context.memo.setdefault("rbac", {})
    assert isinstance(memo, dict)
    if path not in memo:
        document = read(Source(path, data), "yaml12")
        memo[path] = [each for each in (document.root, *document.more) if each is not None and each.kind == "map"]
    return list(memo[path])


def bound(maker: Maker, agent: Agent, account: Value, namespace: str, resources: list[Value]) -> None:
    """The grants of the roles that some binding gives a service account."""
    for binding in resources:
        if text(binding, "kind") not in _BINDINGS or not _names(binding, account.text, namespace):
            continue
        role, kind = text(binding, "roleRef", "name"), text(binding, "roleRef", "kind")
        at = binding.get("roleRef", "name")
        if role in _BUILTIN and at is not None:
            whole = role == "cluster-admin" and text(binding, "kind") == "ClusterRoleBinding"
            gives = "administers the cluster" if whole else "changes everything in the namespace"
            if role != "cluster-admin" and text(binding, "kind") == "ClusterRoleBinding":
                gives = "changes everything in every namespace"
            _grant(maker, agent, account, at, role, gives, whole=whole)
        for each in resources:
            if text(each, "kind") == kind and text(each, "metadata", "name") == role:
                _rules(maker, agent, account, each)


def _names(binding: Value, account: str, namespace: str) -> bool:
    """The binding names the service account, alone or with all of its namespace."""
    subjects = binding.get("subjects")
    for subject in subjects.items if subjects is not None else ():
        kind, name = text(subject, "kind"), text(subject, "name")
        if kind == "ServiceAccount" and name == account:
            other = text(subject, "namespace") or text(binding, "metadata", "namespace")
            if not other or not namespace or other == namespace:
                return True
        if kind == "Group" and name in ("system:serviceaccounts", "system:authenticated", f"system:serviceaccounts:{namespace}"):
            return True
    return False


def text(value: Value, *route: str | int) -> str:
    """The text at a route, or an empty one."""
    found = value.get(*route)
    return found.text if found is not None else ""


def _rules(maker: Maker, agent: Agent, account: Value, role: Value) -> None:
    rules = role.get("rules")
    for rule in rules.items if rules is not None else ():
        verbs, named = _texts(rule, "verbs"), {each.text for each in _texts(rule, "resources")}
        verb = next((each for each in verbs if each.text in _WRITES), None)
        at = rule.get("resources")
        if verb is not None and "*" in named:
            groups = {each.text for each in _texts(rule, "apiGroups")}
            whole = verb.text == "*" and "*" in groups
            _grant(maker, agent, account, verb, f"{verb.text} *", "changes every resource", whole=whole)
        elif named & {"secrets", "*"} and verbs and at is not None and rule.get("resourceNames") is None:
            _grant(maker, agent, account, at, "secrets", "reads the secrets that the role covers", whole=False)
        elif verb is not None and named & {"pods/exec", "pods/attach"} and at is not None:
            _grant(maker, agent, account, at, "pods/exec", "runs commands in every container that the role covers", whole=False)
        elif verb is not None and named & {"roles", "rolebindings", "clusterroles", "clusterrolebindings"} and at is not None:
            _grant(maker, agent, account, at, "roles", "gives itself more rights", whole=False)


def _texts(value: Value, key: str) -> list[Value]:
    found = value.get(key)
    return [each for each in found.items if each.kind == "str"] if found is not None and found.kind == "list" else []


def _grant(maker: Maker, agent: Agent, account: Value, at: Value, said: str, gives: str, *, whole: bool) -> None:
    grant = maker.make(Grant, at, agent, capability="infra.mutate", tool="cluster role", text=said, decision="allow",
               breadth="all" if whole else "family", reach=gives)
    grant.at["tool"] = account


def accounts(pod: Value | None) -> Iterator[Value]:
    """The service account that a pod of an agent names."""
    found = pod.get("serviceAccountName") if pod is not None else None
    if found is not None and found.kind == "str":
        yield found
