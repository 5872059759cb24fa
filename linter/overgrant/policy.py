"""An organisation's policy: what the configuration of a tree can't make milder.

    # given with `--policy FILE`, or named by `policy:` in `.overgrant.yaml`
    mandatory: [self-modification, open-shell]   # rules and families; `all` for every rule
    fail-on: medium                              # the highest level at which a run may start to fail
    profile: strict                              # at least
    rules: rules                                 # directories beside this file
    waivers: policy-waivers.yaml                 # the organisation's own: they hold for mandatory rules, too

A policy has the keys of a configuration, without `paths` and `policy`, and `mandatory`. A mandatory rule is judged in
either profile and in every file; the tree can neither ignore, nor waive, nor lower it. The command line stands above both.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from overgrant.config import Config, ConfigError, Loosening, load
from overgrant.rule import FAMILIES, SEVERITIES, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable

ALL = "all"


def read(path: str, cwd: str, *, trusted: bool) -> Config:
    """The policy in a file. Raises `ConfigError` with every mistake.

    trusted  it stands on the command line; otherwise it can name no path outside its directory
    """
    return load(path, cwd, trusted=trusted, policy=True)


def must(rule: Rule, mandatory: Iterable[str]) -> bool:
    """A rule is named in a list of mandatory rules and families."""
    return not {ALL, rule.id, rule.family, *rule.replaces}.isdisjoint(mandatory)


class Merged:
    """What holds when a policy stands above a configuration.

    ignore, severity, fail_on, profile   what the tree may still say, and what the policy says
    forced    the mandatory rules
    refused   what the tree says in vain, each as a sentence with its place
    """

    def __init__(self, config: Config, policy: Config, rules: list[Rule]) -> None:
        self.refused: list[str] = []
        self.forced = forced = [rule for rule in rules if must(rule, policy.mandatory)]
        self.ignore = [*config.ignore, *policy.ignore]
        self.select = config.select or policy.select
        self.severity = {**policy.severity, **config.severity}
        for rule in forced:
            floor, level = policy.severity.get(rule.id, rule.severity), config.severity.get(rule.id)
            if level is not None and SEVERITIES.index(level) < SEVERITIES.index(floor):
                self.severity[rule.id] = floor
                self._refuse(config, "severity", rule.id, f"it stays `{floor}`")
        self.profile = "strict" if "strict" in (config.profile, policy.profile) else config.profile or policy.profile
        self.fail_on = _stricter(config.fail_on, policy.fail_on)
        if config.fail_on and self.fail_on != config.fail_on:
            self._refuse(config, "fail-on", config.fail_on, f"a run fails from `{self.fail_on}` on")
        for loosening in config.loosenings:
            names = sorted(rule.id for rule in forced if {rule.id, rule.family, *rule.replaces} & {loosening.name})
            if loosening.kind == "ignore" and names:
                self.refused.append(_sentence(loosening, f"the policy makes {_listed(names)} mandatory"))
            elif loosening.kind in ("select", "include", "exclude") and forced:
                self.refused.append(_sentence(loosening, "the policy's mandatory rules are judged all the same"))

    def _refuse(self, config: Config, kind: str, name: str, instead: str) -> None:
        self.refused += [_sentence(each, f"by the policy {instead}") for each in config.loosenings
                         if (each.kind, each.name) == (kind, name)]


VERBS = {"ignore": "ignores", "select": "judges only", "include": "looks only at", "exclude": "excludes",
         "severity": "lowers", "fail-on": "fails only from"}


def _sentence(loosening: Loosening, why: str) -> str:
    return f"{loosening.place} {VERBS[loosening.kind]} `{loosening.name}` in vain: {why}"


def _listed(names: list[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:3])
    return shown + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _stricter(one: str, other: str) -> str:
    """The lower of two levels; `never` is the highest, and empty says nothing."""
    levels = [*SEVERITIES, "never"]
    said = [level for level in (one, other) if level]
    return min(said, key=levels.index) if said else ""


def unknown_names(policy: Config, rules: Iterable[str]) -> list[str]:
    """Messages about mandatory rules that nobody knows."""
    from overgrant.waiver import unknown

    known = {ALL, *FAMILIES, *rules}
    return [f"{policy.places.get(('mandatory', name), policy.path)}: {unknown('rule or family', name, sorted(known))}"
            for name in policy.mandatory if name not in known]


def named_by(config: Config) -> str:
    """The policy that a configuration names, absolute; empty if it names none. Raises `ConfigError` if it is not there."""
    if config.policy and not os.path.isfile(config.policy):
        raise ConfigError([f"{config.places.get(('policy', ''), config.path)}: there is no file `{config.policy_text}`"])
    return config.policy
