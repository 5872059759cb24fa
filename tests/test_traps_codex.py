"""Traps in Codex: rules that allow without saying so, keys that a project may not set, settings that mean more together."""

from __future__ import annotations

import pytest

from overgrant.model import Grant
from trees import analysis_of, judged


def config(text: str, path: str = ".codex/config.toml") -> list[str]:
    return sorted(finding.rule.id for finding in judged({path: text.encode()}).findings)


def rules(text: str) -> list[tuple[str, str]]:
    world = analysis_of({".codex/rules/a.rules": text.encode()}).world
    return [(fact.text, fact.decision) for fact in world.facts if isinstance(fact, Grant)]


def test_a_rule_allows_where_it_says_nothing() -> None:
    assert rules('prefix_rule(pattern=["make", "test"])') == [("make test", "allow")]


def test_a_list_in_a_pattern_is_a_choice() -> None:
    assert rules('prefix_rule(["gh", ["pr", "issue"], "view"], decision="prompt")') == [("gh pr view", "ask"), ("gh issue view", "ask")]


@pytest.mark.parametrize(("pattern", "expected"), [
    ('["/bin/zsh", "-lc", "make test"]', []), ('["bash", "-lc", "node -e 1"]', []), ('["python3", "-c", "print(1)"]', []),
    ('["bash", "-lc"]', ["command-opens-shell"]), ('["python3", "-c"]', ["command-opens-shell"])])
def test_code_that_is_written_out_is_closed(pattern: str, expected: list[str]) -> None:
    """What follows it are its arguments: a rule is over whole words."""
    assert config(f"prefix_rule(pattern={pattern})", ".codex/rules/a.rules") == expected


def test_choices_that_multiply_are_bounded() -> None:
    words = str(["a", "b", "c", "d"])
    assert len(rules(f"prefix_rule(pattern=[{', '.join([words] * 9)}])")) == 64


@pytest.mark.parametrize("text", [
    "prefix_rule(pattern=WORDS)", "for x in y: prefix_rule(pattern=[x])", 'prefix_rule(pattern=["a"], decision=MODE)',
    "load('//x', 'y')", "def f(): pass", "prefix_rule(pattern=[", "x = " + "(" * 500, "prefix_rule(pattern=[" + "[" * 300])
def test_what_is_computed_is_named(text: str) -> None:
    assert rules(text) == []
    assert [fact.kind for fact in analysis_of({".codex/rules/a.rules": text.encode()}).world.facts] == ["unread"]


def test_places_count_characters() -> None:
    text = '# naïve – ünïcode\nprefix_rule(pattern=["bash"])\n'
    finding, = judged({".codex/rules/a.rules": text.encode()}).findings
    assert finding.primary.span.source.text[finding.primary.span.start:finding.primary.span.end] == '["bash"]'


@pytest.mark.parametrize(("text", "expected"), [
    ('approval_policy = "never"\nsandbox_mode = "danger-full-access"', ["approvals-off", "sandbox-off"]),
    ('approval_policy = "never"\nsandbox_mode = "workspace-write"', []),
    ('approval_policy = "never"', []), ('sandbox_mode = "read-only"', []),
    ('sandbox_mode = "danger-full-access"', ["sandbox-off"]),
    ('[sandbox_workspace_write]\nnetwork_access = true', ["sandbox-any-host"]),
    ('sandbox_mode = "read-only"\n[sandbox_workspace_write]\nnetwork_access = true', []),
    ('approvals_reviewer = "user"', []), ('approvals_reviewer = "auto_review"', []),
    ('default_permissions = ":workspace"', []), ('default_permissions = ":danger-full-access"', ["sandbox-off"])])
def test_settings_mean_more_together(text: str, expected: list[str]) -> None:
    assert config(text) == expected


@pytest.mark.parametrize(("text", "expected"), [
    # what follows a header belongs to its table, whatever stands between them
    ('[features]\nhooks = true\n\n# sandbox\nsandbox_mode = "read-only"', ["dead-control"]),
    ('[features]\nsandbox_mode = "danger-full-access"', ["ignored-setting"]),
    ('[shell_environment_policy]\ninherit = "core"\nweb_search = "live"', ["ignored-setting"]),
    ('[shell_environment_policy]\nweb_search = "disabled"', ["dead-control"]),
    ('[mcp_servers.a]\ncommand = "a"\ndefault_permissions = ":read-only"', ["dead-control"]),
    ('[projects."/home/dev/a"]\ntrust_level = "trusted"\napproval_policy = "never"', ["ignored-setting"]),
    ('[tui]\napproval_policy = "untrusted"', ["dead-control"]),
    # tables that have such a key, or whose keys are anybody's
    ('sandbox_mode = "read-only"\n[features]\nhooks = true\nweb_search = true', []), ('[tools]\nweb_search = "live"', []),
    ('[mcp_servers.a]\ncommand = "a"\n[mcp_servers.a.env]\nsandbox_mode = "read-only"', []),
    ('[agents]\nmax_depth = 1', []), ('[features]\nsandbox_mode = "reed-only"', [])])
def test_a_key_below_a_header_is_a_key_of_that_table(text: str, expected: list[str]) -> None:
    assert config(text) == expected
    assert config('name = "a"\ndescription = "b"\nsandbox_mode = "read-only"\n' + text.replace('sandbox_mode = "read-only"\n[', "["),
                  ".codex/agents/a.toml") == expected


def test_a_key_of_a_profile_is_in_its_place() -> None:
    assert config('[profiles.a]\nweb_search = "live"\nsandbox_mode = "read-only"', "codex/config.toml") == []


def test_what_is_ignored_is_said_with_its_value() -> None:
    finding, = judged({".codex/config.toml": b'[projects."/home/dev"]\ntrust_level = "trusted"\n'}).findings
    assert finding.message == "`trust_level` is `trusted` and has no effect here: a project cannot trust itself"


def test_an_open_network_is_shown_where_it_is_opened() -> None:
    text = b'sandbox_mode = "workspace-write"\n\n[sandbox_workspace_write]\nnetwork_access = true\n'
    (finding,) = judged({".codex/config.toml": text}).findings
    assert (finding.rule.id, finding.primary.span.text) == ("sandbox-any-host", "true")


def test_a_profile_counts_in_the_settings_of_a_user_only() -> None:
    text = '[profiles.x]\napproval_policy = "never"\nsandbox_mode = "danger-full-access"\n'
    assert set(config(text)) == {"ignored-setting"}
    assert config(text, "codex/config.toml") == ["approvals-off", "sandbox-off"]


@pytest.mark.parametrize("key", ["openai_base_url", "chatgpt_base_url", "model_provider", "profile"])
def test_a_project_cannot_set_these(key: str) -> None:
    assert config(f'{key} = "https://gateway.example.com"') == ["ignored-setting"]


def test_a_permission_profile_counts_where_it_is_named() -> None:
    text = '{}[permissions.x.filesystem]\n"/" = "write"\n'
    assert config(text.format("")) == []
    assert "outside-workspace" in config(text.format('default_permissions = "x"\n'))


@pytest.mark.parametrize(("mode", "expected"), [("approve", 1), ("auto", 0), ("prompt", 0), ("writes", 0)])
def test_approve_means_approved(mode: str, expected: int) -> None:
    world = analysis_of({".codex/config.toml": f'[mcp_servers.x]\ncommand = "x"\ndefault_tools_approval_mode = "{mode}"\n'.encode()}).world
    assert len([fact for fact in world.facts if isinstance(fact, Grant)]) == expected


def test_a_model_that_approves_is_advice() -> None:
    tree = {".codex/config.toml": b'approvals_reviewer = "auto_review"\n'}
    assert [finding.rule.id for finding in judged(tree, "strict").findings] == ["model-approves"]


@pytest.mark.parametrize(("line", "expected"), [
    ("", ["inherits-everything"]), ('sandbox_mode = "read-only"\n', []), ('sandbox_mode = "workspace-write"\n', ["claim-exceeded"])])
def test_an_agent_that_only_reads_needs_a_sandbox_that_only_reads(line: str, expected: list[str]) -> None:
    assert config(f'name = "a"\ndescription = "Read-only reviewer"\n{line}', ".codex/agents/a.toml") == expected


def test_a_matcher_that_is_null_is_none() -> None:
    hook = b'{"hooks": {"PreToolUse": [{"matcher": null, "hooks": [{"type": "command", "command": "./guard.sh"}]}]}}'
    assert "wrong-type" not in [each.rule.id for each in judged({".codex/hooks.json": hook}).findings]
    assert "wrong-type" in [each.rule.id for each in judged({".codex/hooks.json": hook.replace(b"null", b"3")}).findings]
