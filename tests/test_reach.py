"""What an agent can change of what governs it, who it can start, and what outlives it, over every format that carries it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from trees import judged

SETTINGS = ".claude/settings.json"
FILES = {"command": "npx", "args": ["-y", "@modelcontextprotocol/server-filesystem@2025.8.21"]}


def rules(files: dict[str, Any], *families: str) -> list[str]:
    """The ids of the rules that speak, of the given families only."""
    tree = {path: (text if isinstance(text, str) else json.dumps(text)).encode() for path, text in files.items()}
    return sorted(finding.rule.id for finding in judged(tree).findings
                  if not families or finding.rule.family in families)


def allow(*texts: str) -> dict[str, Any]:
    return {SETTINGS: {"permissions": {"allow": list(texts)}}}


def message(files: dict[str, Any], rule: str) -> str:
    tree = {path: (text if isinstance(text, str) else json.dumps(text)).encode() for path, text in files.items()}
    return next(finding.message for finding in judged(tree).findings if finding.rule.id == rule)


# --- control files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rule", "expected"), [
    ("Edit(CLAUDE.md)", "instructions-writable"), ("Edit(**/AGENTS.md)", "instructions-writable"),
    ("Edit(.cursor/rules/**)", "instructions-writable"), ("Edit(.agents/skills/**)", "instructions-writable"),
    ("Edit(.cursor/cli.json)", "governing-file-writable"), ("Edit(.codex/config.toml)", "governing-file-writable"),
    ("Edit(.github/workflows/**)", "governing-file-writable"), ("Edit(.overgrant.yaml)", "governing-file-writable"),
    ("Edit(.overgrant-baseline.json)", "governing-file-writable"), ("Edit(~/.config/fish/**)", "governing-file-writable"),
    ("Edit(~/.codex/sessions/**)", "record-writable"), ("Edit(.claude/settings.json)", "dead-rule"),
    ("Edit(.claude/skills/**)", "dead-rule"), ("Edit(.claude/agents/**)", "dead-rule"), ("Edit(lefthook.yml)", "dead-rule"),
    ("Edit(.envrc)", "dead-rule"), ("Edit(.git/hooks/**)", "dead-rule"), ("Edit(~/.zshenv)", "dead-rule")])
def test_an_edit_rule_that_names_what_governs(rule: str, expected: str) -> None:
    assert rules(allow(rule)) == [expected]


@pytest.mark.parametrize("rule", ["Edit(src/**)", "Edit(docs/**)", "Edit(.claude/worktrees/**)", "Edit(README.md)", "Read(.cursor/cli.json)"])
def test_an_edit_rule_that_names_nothing_of_it(rule: str) -> None:
    assert rules(allow(rule)) == []


@pytest.mark.parametrize(("command", "expected"), [
    ("tee CLAUDE.md", ["instructions-writable"]), ("tee .github/workflows/ci.yml", ["governing-file-writable"]),
    ("cp * .github/workflows/", ["governing-file-writable"]), ("mv new.yml .github/workflows/ci.yml", ["governing-file-writable"]),
    ("sed -i s/a/b/ AGENTS.md", ["instructions-writable"]), ("rm .overgrant.yaml", ["governing-file-writable"]),
    ("tee out.txt", []), ("cat CLAUDE.md", []), ("cp CLAUDE.md docs/", []), ("cp * build/", [])])
def test_a_command_that_names_what_governs(command: str, expected: list[str]) -> None:
    assert rules(allow(f"Bash({command})"), "self-modification") == expected


@pytest.mark.parametrize(("product", "files"), [
    ("opencode", {"opencode.json": {"permission": {"edit": {"*": "ask", ".opencode/**": "allow"}}}}),
    ("cursor", {".cursor/cli.json": {"permissions": {"allow": ["Write(.cursor/**)"]}}}),
    ("kiro", {".kiro/agents/x.json": {"name": "x", "tools": ["fs_write"], "toolsSettings": {"fs_write": {"allowedPaths": [".kiro/**"]}}}}),
    ("codex", {".codex/config.toml": 'sandbox_mode = "workspace-write"\n[sandbox_workspace_write]\nwritable_roots = ["~/.codex"]\n'}),
    ("codex", {".codex/config.toml": 'sandbox_mode = "workspace-write"\n[sandbox_workspace_write]\nwritable_roots = ["~/.config/systemd"]\n'}),
    ("vscode", {".vscode/settings.json": {"chat.tools.edits.autoApprove": {".github/workflows/*": True}}}),
    ("claude", {SETTINGS: {"sandbox": {"enabled": True, "filesystem": {"allowWrite": ["~/.config/fish"]}}}}),
    ("cursor", {".cursor/sandbox.json": {"type": "workspace_readwrite", "additionalReadwritePaths": ["~/.cursor"]}})])
def test_other_products_say_it_their_own_way(product: str, files: dict[str, Any]) -> None:
    assert rules(files, "self-modification") == ["governing-file-writable"], product


def test_a_writable_folder_of_the_work_is_none() -> None:
    assert rules({".codex/config.toml": 'sandbox_mode = "workspace-write"\n[sandbox_workspace_write]\nwritable_roots = ["/tmp/build"]\n'}) == []
    assert rules({SETTINGS: {"sandbox": {"enabled": True, "filesystem": {"allowWrite": ["/tmp/build", "./out"]}}}}) == []


@pytest.mark.parametrize(("args", "grant", "expected"), [
    (["."], "mcp__files__write_file", ["protection-walked-around"]), (["./docs"], "mcp__files__write_file", []),
    (["."], "mcp__files__read_text_file", []), ([".claude"], "mcp__files__read_text_file", ["governing-file-writable"])])
def test_a_server_writes_what_the_product_itself_protects(args: list[str], grant: str, expected: list[str]) -> None:
    server = {**FILES, "args": [*FILES["args"], *args]}
    assert rules({".mcp.json": {"mcpServers": {"files": server}}, **allow(grant)}, "self-modification") == expected


def test_who_is_governed_is_said() -> None:
    assert "Cursor" in message(allow("Edit(.cursor/cli.json)"), "governing-file-writable")
    assert "its own" in message({".cursor/cli.json": {"permissions": {"allow": ["Write(.cursor/cli.json)"]}}}, "governing-file-writable")


@pytest.mark.parametrize(("command", "expected"), [
    ("gh secret set *", ["power-granted-unasked"]), ("gh repo edit *", ["power-granted-unasked"]), ("gh repo create *", []),
    ("aws iam attach-role-policy *", ["power-granted-unasked"]), ("kubectl create rolebinding *", ["power-granted-unasked"]),
    ("gcloud projects add-iam-policy-binding *", ["power-granted-unasked"]), ("gh secret list *", []), ("chmod +x scripts/*", []),
    ("git config user.name", []), ("npm config get *", [])])
def test_a_command_that_grants_power(command: str, expected: list[str]) -> None:
    assert rules(allow(f"Bash({command})"), "self-modification") == expected


# --- who is started -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("command", "expected"), [
    ('claude -p "triage" --dangerously-skip-permissions', ["starts-agent-unchecked"]),
    ("codex exec --yolo review", ["starts-agent-unchecked"]), ("gemini --yolo -p review", ["starts-agent-unchecked"]),
    ('claude -p "summarise"', []), ("codex exec --sandbox read-only review", [])])
def test_an_allowed_command_that_starts_another_agent(command: str, expected: list[str]) -> None:
    assert rules(allow(f"Bash({command})"), "delegation", "oversight") == expected


@pytest.mark.parametrize(("command", "expected"), [
    ("claude -p 'learn from this session' --dangerously-skip-permissions", ["starts-agent-unchecked"]),
    ("nohup codex exec --yolo review &", ["starts-agent-unchecked"]), ("claude -p 'summarise' --max-turns 1", [])])
def test_a_hook_that_starts_another_agent(command: str, expected: list[str]) -> None:
    hooks = {"SessionEnd": [{"hooks": [{"type": "command", "command": command}]}]}
    assert rules({SETTINGS: {"hooks": hooks}}, "delegation", "oversight") == expected


@pytest.mark.parametrize(("server", "expected"), [
    ({"command": "codex", "args": ["mcp-server", "-c", "sandbox_mode=danger-full-access"]}, ["starts-agent-unchecked"]),
    ({"command": "npx", "args": ["-y", "@steipete/claude-code-mcp@1.10.12"]}, ["starts-agent-unchecked"]),
    ({"command": "codex", "args": ["mcp-server"]}, []), ({"command": "claude", "args": ["mcp", "serve"]}, [])])
def test_a_server_that_is_another_agent(server: dict[str, Any], expected: list[str]) -> None:
    assert rules({".mcp.json": {"mcpServers": {"x": server}}}, "delegation", "oversight") == expected


def agent(name: str, description: str, tools: str, extra: str = "") -> str:
    return f"---\nname: {name}\ndescription: {description}\ntools: {tools}\n{extra}---\nDo it.\n"


@pytest.mark.parametrize(("tools", "description", "expected"), [
    ("Read, Grep, Task", "Read-only reviewer of changes", ["child-exceeds-parent"]),
    ("Read, Grep, Agent", "Reviews changes and never modifies code", ["child-exceeds-parent"]),
    ("Read, Grep", "Read-only reviewer of changes", []), ("Read, Edit, Bash, Agent", "Implements features", []),
    ("Read, Agent", "Plans releases", [])])
def test_a_reader_that_can_start_anybody(tools: str, description: str, expected: list[str]) -> None:
    assert rules({".claude/agents/x.md": agent("x", description, tools)}, "delegation") == expected


def test_a_planner_that_hands_over_by_itself() -> None:
    plan = ("---\nname: plan\ndescription: Read-only planning agent\ntools: ['read', 'search']\nhandoffs:\n  - label: Start\n"
            "    agent: build\n    prompt: Do it\n    send: {}\n---\nPlan.\n")
    build = "---\nname: build\ndescription: Builds\ntools: ['read', 'edit', 'execute']\n---\nBuild.\n"
    files = {".github/agents/build.agent.md": build}
    assert rules({".github/agents/plan.agent.md": plan.format("true"), **files}, "delegation") == ["child-exceeds-parent"]
    assert rules({".github/agents/plan.agent.md": plan.format("false"), **files}, "delegation") == []


def test_an_agent_that_may_change_nothing_and_start_anybody() -> None:
    agents = {"plan": {"description": "plans", "mode": "primary", "permission": {"edit": "deny", "bash": "deny", "task": "allow"}}}
    assert rules({"opencode.json": {"agent": agents}}, "delegation") == ["child-exceeds-parent"]
    del agents["plan"]["permission"]["task"]  # type: ignore[attr-defined]
    assert rules({"opencode.json": {"agent": agents}}, "delegation") == []


@pytest.mark.parametrize(("files", "expected"), [
    ({SETTINGS: {"env": {"CLAUDE_CODE_MAX_SUBAGENT_SPAWN_DEPTH": "50"}}}, ["spawns-without-end"]),
    ({SETTINGS: {"env": {"CLAUDE_CODE_MAX_SUBAGENT_SPAWN_DEPTH": "2"}}}, []),
    ({SETTINGS: {"env": {"CLAUDE_CODE_MAX_CONCURRENT_SUBAGENTS": "1000"}}}, ["spawns-without-end"]),
    ({".codex/config.toml": "[agents]\nmax_depth = 50\n"}, ["spawns-without-end"]),
    ({".codex/config.toml": "[agents]\nmax_depth = 2\nmax_threads = 8\n"}, []),
    ({".codex/config.toml": "[agents]\nmax_threads = 5000\n"}, ["spawns-without-end"])])
def test_how_far_agents_start_agents(files: dict[str, Any], expected: list[str]) -> None:
    assert rules(files, "delegation", "budget") == expected


# --- what outlives the session ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("command", "expected"), [
    ("echo 'source ~/.agent/env' >> ~/.zshrc", ["hook-stays"]), ("(crontab -l; echo '* * * * * ~/x.sh') | crontab -", ["hook-stays"]),
    ("launchctl load ~/Library/LaunchAgents/x.plist", ["hook-stays"]), ("systemctl --user enable --now agent.service", ["hook-stays"]),
    ("cp hooks/pre-commit .git/hooks/pre-commit", ["hook-stays"]), ("systemctl --user status agent.service", []),
    ("echo done >> .claude/log.txt", []), ("npm run lint", [])])
def test_a_hook_that_installs_something(command: str, expected: list[str]) -> None:
    hooks = {"SessionStart": [{"hooks": [{"type": "command", "command": command}]}]}
    assert rules({SETTINGS: {"hooks": hooks}}, "persistence", "self-modification") == expected


@pytest.mark.parametrize(("memory", "expected"), [("user", ["memory-crosses-projects"]), ("project", []), ("local", [])])
def test_memory_of_one_agent_for_every_project(memory: str, expected: list[str]) -> None:
    assert rules({".claude/agents/x.md": agent("x", "Plans releases", "Read", f"memory: {memory}\n")}, "persistence") == expected


@pytest.mark.parametrize(("command", "expected"), [
    ("systemctl --user enable *", ["outlives-session"]), ("systemctl --user status *", []), ("crontab -l", [])])
def test_a_command_that_stays(command: str, expected: list[str]) -> None:
    assert rules(allow(f"Bash({command})"), "persistence") == expected


def test_what_follows_from_a_shell_is_said_there_and_nowhere_else() -> None:
    tree = {path: json.dumps(data).encode() for path, data in allow("Bash").items()}
    finding, = judged(tree).findings
    said = " ".join(finding.implies)
    assert finding.rule.id == "open-shell"
    assert all(part in said for part in ("its own permissions", "credentials", "another agent", "after the session"))
