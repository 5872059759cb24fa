"""What a check is made of: the configuration, the rules of the house and of an organisation, and the plan.

The command line is trusted, a configuration in the tree is not: what it makes milder is named (`Session.notes`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from overgrant.command._common import Wrong, builtin_rules
from overgrant.rule import FAMILIES, SEVERITIES, Rule

if TYPE_CHECKING:
    from overgrant.config import Config
    from overgrant.result import Result
    from overgrant.run import Analysis, Plan

Command = Callable[..., Any]
MILDER = {"severity": "sets the severity of", "fail-on": "fails only from", "include": "looks only at",
          "select": "judges only"}


class Choice(NamedTuple):
    """What the command line says about how to judge; empty where it says nothing.

    config  a file, or None to look for one; `off` when none is wanted
    """

    config: str | None = None
    policy: str | None = None
    off: bool = False
    rules: tuple[str, ...] = ()
    schemas: tuple[str, ...] = ()
    trusted: tuple[str, ...] = ()
    profile: str | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_on: str | None = None
    debug: bool = False


class Session(NamedTuple):
    """Everything but the files; `own` are the ids of the rules that did not come with the tool."""

    config: Config
    policy: Config | None
    rules: list[Rule]
    own: frozenset[str]
    plan: Plan
    fail_on: str
    notes: list[str]


def configured(command: Command) -> Command:
    """The options of a command that takes rules and configuration; it gets a `choice` for them."""
    from functools import update_wrapper

    def run(config: str | None, policy: str | None, no_config: bool, rules: tuple[str, ...], schemas: tuple[str, ...],
            trust_python: tuple[str, ...], **rest: Any) -> Any:
        return command(choice=Choice(config, policy, no_config, rules, schemas, trust_python), **rest)

    options = (
        click.option("--config", metavar="FILE", help="Use this configuration instead of `.overgrant.yaml`."),
        click.option("--policy", metavar="FILE", help="The organisation's policy, which no configuration can make milder."),
        click.option("--no-config", is_flag=True, help="Use no configuration of the tree."),
        click.option("--rules", multiple=True, metavar="DIR", help="Judge by the rules in this directory, too."),
        click.option("--schemas", multiple=True, metavar="DIR", help="Know the formats in this directory, too."),
        click.option("--trust-python", multiple=True, metavar="DIR",
                     help="Run the Python beside the rules in this directory."))
    made: Command = update_wrapper(run, command)
    for option in reversed(options):
        made = option(made)
    return made


def judging(command: Command) -> Command:
    """Like `configured`, with the options that choose among rules."""
    from functools import update_wrapper

    def run(choice: Choice, profile: str | None, select: tuple[str, ...], ignore: tuple[str, ...], debug: bool,
            **rest: Any) -> Any:
        return command(choice=choice._replace(profile=profile, select=select, ignore=ignore, debug=debug), **rest)

    options = (
        click.option("--profile", type=click.Choice(["default", "strict"]),
                     help="`strict` adds advice about protections that are absent.  [default: default]"),
        click.option("--select", multiple=True, metavar="RULE", help="Judge only these rules or families."),
        click.option("--ignore", multiple=True, metavar="RULE", help="Leave out these rules or families."),
        click.option("--debug", is_flag=True, hidden=True))
    made: Command = update_wrapper(run, command)
    for option in reversed(options):
        made = option(made)
    return configured(made)


def open_session(choice: Choice) -> Session:
    """Read the configuration and the rules. Raises `Wrong` with every mistake in them."""
    config = load_config(choice)
    policy = load_policy(choice, config)
    house = [each for each in (config, policy) if each is not None]
    own_formats([*choice.schemas, *(path for each in house for path in each.schemas)])
    rules = builtin_rules()
    own = own_rules([*choice.rules, *(path for each in house for path in each.rules)], choice.trusted, rules)
    rules += own
    for each in house:
        check_names(each, rules)
    plan, fail_on, refused = _planned(choice, config, policy, rules)
    plan.own = frozenset(rule.id for rule in own)
    notes = [_milder(each.place, each.kind, each.name) for each in config.loosenings
             if each.kind in MILDER and not _overruled(each.kind, choice)
             and not any(sentence.startswith(f"{each.place} ") for sentence in refused)]
    return Session(config, policy, rules, plan.own, plan, fail_on, notes + refused)


def _planned(choice: Choice, config: Config, policy: Config | None, rules: list[Rule]) -> tuple[Plan, str, list[str]]:
    """How to judge, from which severity a run fails, and what the configuration says in vain."""
    from overgrant.run import Plan

    merged, assume = None, config.assume
    select, ignored = _names(choice.select, rules), _names(choice.ignore, rules)
    if policy is not None:
        from overgrant.policy import Merged

        merged, assume = Merged(config, policy, rules), {**config.assume, **policy.assume}
    said = merged or config
    plan = Plan(rules, profile=choice.profile or said.profile or "default", select=select or said.select,
                ignore=[*ignored, *said.ignore], severities=dict(said.severity), assume=assume, debug=choice.debug)
    if merged is not None and not select:  # the command line stands above the policy
        plan.mandatory = frozenset(rule.id for rule in merged.forced
                                   if {rule.id, rule.family, *rule.replaces}.isdisjoint(ignored))
    return plan, choice.fail_on or said.fail_on or "medium", merged.refused if merged is not None else []


def load_policy(choice: Choice, config: Config) -> Config | None:
    """The policy on the command line, or the one that the configuration names. Raises `Wrong`."""
    if choice.policy is None and not config.policy:
        return None
    from overgrant import policy
    from overgrant.config import ConfigError

    try:
        return policy.read(choice.policy or policy.named_by(config), os.getcwd(), trusted=choice.policy is not None)
    except ConfigError as error:
        raise Wrong(error.messages) from None


def load_config(choice: Choice) -> Config:
    """The configuration that holds: the one named, the one of the tree, or none. Raises `Wrong`."""
    from overgrant.config import Config, ConfigError, find, load

    cwd = os.getcwd()
    if choice.off and choice.config is not None:
        raise click.UsageError("`--config` and `--no-config` exclude each other; leave one out.")
    try:
        path = None if choice.off else choice.config or find(cwd)
        return Config() if path is None else load(path, cwd, trusted=choice.config is not None)
    except ConfigError as error:
        raise Wrong(error.messages) from None


def own_rules(folders: Iterable[str], trusted: Iterable[str], known: list[Rule]) -> list[Rule]:
    """The rules in directories of an organisation's. Raises `Wrong` with every mistake in every file."""
    folders = list(dict.fromkeys(map(os.path.normpath, folders)))
    if not folders:
        return []
    from overgrant.match import RuleError
    from overgrant.rulefile import load_dir

    found: list[Rule] = []
    taken = {name: "comes with overgrant" for rule in known for name in (rule.id, *rule.replaces)}
    messages = []
    for folder in folders:
        if not os.path.exists(folder):
            raise click.UsageError(f"There is no directory `{folder}` with rules.")
        try:
            files = load_dir(folder, trust_python=_trusts(folder, trusted))
        except RuleError as error:
            messages.append(str(error))
            continue
        except OSError as error:
            raise Wrong([f"{folder}: the rules cannot be read ({error.strerror})"]) from None
        if not files:
            raise Wrong([f"{folder}: there is no rule here; a rule is a file `FAMILY/ID.md`"])
        for file in files:
            messages += [f"{file.source.path}:1:1: the name `{name}` is taken: it {taken[name]}; choose another"
                         for name in (file.rule.id, *file.rule.replaces) if name in taken]
            taken[file.rule.id] = f"stands in {file.source.path}"
            found.append(file.rule)
    if messages:
        raise Wrong(messages)
    return found


def own_formats(folders: Iterable[str]) -> None:
    """Know the formats in directories of an organisation's. Raises `Wrong` with every mistake in every file."""
    folders = list(folders)
    if not folders:
        return
    from overgrant.dialect.house import HouseError, use

    try:
        use(folders)
    except HouseError as error:
        raise Wrong(error.messages) from None


def _trusts(folder: str, trusted: Iterable[str]) -> bool:
    from overgrant.read.tree import within

    return any(within(os.path.realpath(folder), os.path.realpath(each)) for each in trusted)


def _packages(config: Config) -> set[str]:
    """The packages of which some framework is made, where the configuration assumes a version of anything."""
    if not config.assume:
        return set()
    from overgrant.dialect.code.entries import frameworks

    return frameworks().packages


def check_names(config: Config, rules: Iterable[Rule]) -> None:
    """Raises `Wrong` for rules and products in the configuration that nobody knows."""
    if not config.path:
        return
    from overgrant.dialect.catalogue import catalogue

    known = [name for rule in rules for name in (rule.id, *rule.replaces)]
    messages = config.check_names(known, {format.product for format in catalogue().formats} | _packages(config))
    if config.mandatory:
        from overgrant.policy import unknown_names

        messages += unknown_names(config, known)
    if messages:
        raise Wrong(messages)


def _names(given: Iterable[str], rules: Iterable[Rule]) -> list[str]:
    """Rule ids and families, checked. Raises a usage error with the closest name."""
    names = [name for each in given for name in each.split(",") if name]
    known = {*FAMILIES, *(name for rule in rules for name in (rule.id, *rule.replaces))}
    for name in names:
        if name not in known:
            import difflib

            close = difflib.get_close_matches(name, known, 1)
            hint = f" Did you mean `{close[0]}`?" if close else ""
            raise click.UsageError(f"There is no rule or family `{name}`.{hint}")
    return names


def _overruled(kind: str, choice: Choice) -> bool:
    return (kind == "fail-on" and choice.fail_on is not None) or (kind == "select" and bool(choice.select))


def _milder(place: str, kind: str, name: str) -> str:
    return f"{place} {MILDER[kind]} `{name}`"


def settle(session: Session, result: Result, analysis: Analysis, *, whole: bool) -> None:
    """Take waived findings out of what is shown, and say which waivers nobody needs; in place.

    whole  the run looked at everything below the working directory, so a waiver of a file that is gone is unused
    """
    result.coverage.notes += session.notes
    for said in (session.policy, session.config):
        if said is not None and said.waivers:
            _waive(session, said, result, analysis, whole)


def _waive(session: Session, said: Config, result: Result, analysis: Analysis, whole: bool) -> None:
    from datetime import date

    from overgrant.read import pathmatch
    from overgrant.result import order
    from overgrant.waiver import apply

    plan = session.plan
    applied = apply(result.findings, said.waivers, date.today(), prefix=said.prefix, everywhere=said is session.policy,
                    mandatory=None if said is session.policy else lambda finding: finding.rule.id in plan.mandatory)
    result.findings = [each for each in applied.findings if each.waived is None]
    result.waived = sorted([*result.waived, *(each for each in applied.findings if each.waived is not None)], key=order)
    paths = [said.prefix + path for path in analysis.sources]
    judged = {name for rule in session.rules if plan.active(rule) and not plan.held_back(rule)
              for name in (rule.id, *rule.replaces)}
    result.unused += [f"{waiver.rule} {waiver.path} ({waiver.place})" for waiver in applied.unused
                      if waiver.rule in judged
                      and (whole or any(pathmatch.matches(waiver.patterns, path) for path in paths))]
    result.unused += [f"{waiver.rule} {waiver.path} ({waiver.place}, expired on {waiver.expires})"
                      for waiver in applied.expired]
    result.coverage.notes += sorted({f"{waiver.place} waives `{waiver.rule}` in vain: the policy makes it mandatory"
                                     for _, waiver in applied.refused})


def levels() -> tuple[str, ...]:
    """What `--fail-on` takes."""
    return (*SEVERITIES, "never")
