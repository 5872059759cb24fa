"""Command lines that start an agent."""

from __future__ import annotations

import pytest

from overgrant.dialect.grammar.agentcli import call, facts, find, known, words
from overgrant.text import Source
from overgrant.value import Value


def value(text: str) -> Value:
    return Value(Source("x", text.encode()), "str", text, raw=text, locate=lambda: ((0, len(text)), None))


STARTS = [
    ("claude -p 'x' --max-turns 3", "claude", True),
    ("claude", "claude", False),
    ("npx -y @anthropic-ai/claude-code -p x", "claude", True),
    ("timeout 600 codex exec --yolo x", "codex", True), ("codex review --base main > out.txt", "codex", True),
    ("echo x | gemini --yolo -p y", "gemini", True),
    ("copilot -p x --allow-all-tools", "copilot", True),
    ("cursor-agent -p --force x", "cursor", True),
    ("aider --yes-always --message x", "aider", True),
    ("uvx --from aider-chat aider --message x", "aider", True),
    ("droid exec --auto high x", "factory", True),
    ("amp -x y --dangerously-allow-all", "amp", True),
    ("q chat --no-interactive --trust-all-tools x", "amazonq", True),
    ("kiro-cli chat --no-interactive --trust-all-tools x", "kiro", True),
    ("opencode run x", "opencode", True),
    ("agent -p --force x", "cursor", True),
    ("GOOSE_MODE=auto goose run -t x", "goose", True),
    ("if true; then claude -p x; fi", "claude", True),
    ("hermes chat -q x --yolo", "hermes", True),
]


@pytest.mark.parametrize(("line", "product", "headless"), STARTS)
def test_starts(line: str, product: str, headless: bool) -> None:
    started = next(find(line))
    assert (started.product, started.headless) == (product, headless)


@pytest.mark.parametrize("line", [
    "claude mcp add x", "codex login", "gemini --version", "echo claude -p x", "npm install -g @anthropic-ai/claude-code",
    "which claude", "agent -p x", "agent status", "q --help",
    "hermes -O app.js", "# claude -p x", "git commit -m 'ask claude'", "cat claude/README.md"])
def test_starts_nothing(line: str) -> None:
    assert list(find(line)) == []


FLAGS = [
    ("claude", "--dangerously-skip-permissions", [("setting", "approvals-off")]),
    ("claude", "--permission-mode bypassPermissions", [("setting", "approvals-off")]),
    ("claude", "--permission-mode=bypassPermissions", [("setting", "approvals-off")]),
    ("claude", "--permission-mode dontAsk", []),
    ("claude", "--allowedTools Read Bash", [("grant", "Read"), ("grant", "Bash")]),
    ("claude", "--allowedTools 'Read,Bash(git log *)' --max-turns 4",
     [("grant", "Read"), ("grant", "Bash(git log *)"), ("limit", "turns")]),
    ("claude", "# --dangerously-skip-permissions\n--model x", []),
    ("claude", "--append-system-prompt --dangerously-skip-permissions", []),
    ("codex", "exec --sandbox danger-full-access", [("setting", "sandbox-off")]),
    ("codex", "exec -s read-only", []),
    ("codex", "exec -c 'sandbox_mode=\"danger-full-access\"'", [("setting", "sandbox-off")]),
    ("gemini", "--approval-mode yolo", [("setting", "approvals-off")]),
    ("gemini", "--allowed-tools 'run_shell_command(git status)'", [("grant", "run_shell_command(git status)")]),
    ("copilot", "--allow-tool shell", [("grant", "shell")]),
    ("copilot", "--deny-tool 'shell(rm)'", [("grant", "shell(rm)")]),
    ("copilot", "-p x --allow-all-tools --available-tools view,grep", []),
    ("copilot", "-p x --allow-all-tools --available-tools=view,shell", [("setting", "approvals-off")]),
    ("copilot", "-p x --allow-all-urls", [("grant", "--allow-all-urls")]),
    ("copilot", "-p x --allow-tool write --allow-all-paths", [("grant", "write"), ("grant", "--allow-all-paths")]),
    ("aider", "--yes-always --no-suggest-shell-commands", []),
    ("factory", "exec --auto high", [("setting", "approvals-off")]),
    ("factory", "exec --auto low", []),
]


@pytest.mark.parametrize(("product", "flags", "said"), FLAGS)
def test_flags(product: str, flags: str, said: list[tuple[str, str]]) -> None:
    found = facts(product, words(flags), value(flags))
    told = [(each["@kind"], each.get("meaning") or each.get("dimension") or each["text"]) for each in found]
    assert told == said


def test_places_point_into_quotes() -> None:
    text = "--allowedTools \"Read,Bash(npx *)\""
    grant = facts("claude", words(text), value(text))[1]["@value"]
    assert grant.span.text == "Bash(npx *)"


@pytest.mark.parametrize(("text", "breadth"), [("run_shell_command", "all"), ("shell()", "all"), ("shell(git:*)", "")])
def test_rules_of_other_agents(text: str, breadth: str) -> None:
    assert call(text)["capability"] == "exec.shell"
    assert call(text).get("breadth", "") == breadth


def test_every_entry_is_cited() -> None:
    for product, entry in known().items():
        assert entry["source"].startswith("https://"), product
        assert entry["heads"] or entry["shared"], product


def test_places_between_quotes_inside_a_list() -> None:
    text = "--allowedTools Read,\"Bash(npx *)\",'Bash(gh *)'"
    grants = facts("claude", words(text), value(text))
    assert [each["@value"].span.text for each in grants] == ["Read", "Bash(npx *)", "Bash(gh *)"]


VARIABLES = [
    ("FLAGS='--yolo'\nclaude -p x $FLAGS", []),
    ("FLAGS=--dangerously-skip-permissions\nclaude -p x $FLAGS", ["--dangerously-skip-permissions"]),
    ("export F='-p x --dangerously-skip-permissions'; claude ${F}", ["--dangerously-skip-permissions"]),
    ("A=(-p x --dangerously-skip-permissions)\nclaude \"${A[@]}\"", ["--dangerously-skip-permissions"]),
    ("claude -p $OUTER", ["--dangerously-skip-permissions"]),
    ("claude -p $(OUTER)", ["--dangerously-skip-permissions"]),
    ("F=--dangerously-skip-permissions claude -p $F", []),  # the shell puts the value in before it sets it
]


@pytest.mark.parametrize(("line", "waived"), VARIABLES)
def test_flags_in_variables(line: str, waived: list[str]) -> None:
    started = next(find(line, {"OUTER": "--dangerously-skip-permissions"}))
    found = facts(started.product, started.words, value(line), exact=started.exact)
    assert [each["name"] for each in found if each.get("meaning") == "approvals-off"] == waived
