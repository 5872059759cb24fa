"""The traps of the formats' grammars, one after the other: what a reader gets wrong who takes one product for another.

Each row names its trap. A decision says what happens to a call; a list of rules says what is found, and nothing else is.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from overgrant.model import Grant
from overgrant.power.action import parse
from overgrant.power.decide import decide
from overgrant.power.merge import decide_policy, rules_of
from overgrant.power.offered import servers_of
from test_truth import agent_of
from trees import analysis_of, judged

Files = dict[str, Any]


def tree(files: Files) -> dict[str, bytes]:
    return {path: (text if isinstance(text, str) else json.dumps(text)).encode() for path, text in files.items()}


def claude(**permissions: list[str]) -> Files:
    return {".claude/settings.json": {"permissions": permissions}}


def policy(*rules: str) -> Files:
    return {"gemini-extension.json": {"name": "x", "version": "1.0.0"}, "policies/a.toml": "\n".join(f"[[rule]]\n{rule}" for rule in rules)}


def roo(allowed: list[str], denied: list[str]) -> Files:
    return {".vscode/settings.json": {"roo-cline.allowedCommands": allowed, "roo-cline.deniedCommands": denied}}


def amazonq(**fields: Any) -> Files:
    return {".amazonq/cli-agents/build.json": {"name": "build", **fields}}


def bash(**lists: Any) -> dict[str, Any]:
    return {"toolsSettings": {"execute_bash": lists}}


def zed(**lists: list[dict[str, str]]) -> Files:
    return {".config/zed/settings.json": {"agent": {"tool_permissions": {"tools": {"terminal": {"default": "confirm", **lists}}}}}}


def vscode(**settings: Any) -> Files:
    return {".vscode/settings.json": {f"chat.{key}": value for key, value in settings.items()}}


def terminal(entries: dict[str, Any]) -> Files:
    return {".vscode/settings.json": {"chat.tools.terminal.autoApprove": entries}}


def codex(text: str, rules: str = "") -> Files:
    return {".codex/config.toml": text, ".codex/rules/default.rules": rules}


def cagent(**lists: list[str]) -> Files:
    return {"cagent.yaml": "version: '3'\nagents: {root: {model: openai/gpt-5, description: helps, instruction: Help., "
                           f"toolsets: [{{type: shell}}]}}}}\npermissions: {json.dumps(lists)}\n"}


FALSE = "approval_policy = { granular = { sandbox_approval = false, rules = false, mcp_elicitations = true } }\n"
PUBLISH = 'prefix_rule(pattern=["npm", "publish"], decision="prompt")\n'
DECISIONS = [
    ("1 deny before ask before allow, however exact", "claude", claude(deny=["Bash(git *)"], allow=["Bash(git status)"]), "git status", "deny"),
    ("1 ask before a more exact allow", "claude", claude(ask=["Bash(git *)"], allow=["Bash(git push)"]), "git push", "ask"),
    ("1 a star without a space goes on in the word", "claude", claude(allow=["Bash(ls*)"]), "lsof -i", "allow"),
    ("1 a star behind a space does not", "claude", claude(allow=["Bash(ls *)"]), "lsof -i", "ask"),
    ("1 a colon and a star at the end", "claude", claude(allow=["Bash(make:*)"]), "make all", "allow"),
    ("1 one slash is the settings' folder", "claude", claude(deny=["Edit(/etc/hosts)"], allow=["Edit(//etc/hosts)"]), "write /etc/hosts", "allow"),
    ("1 two slashes are the root", "claude", claude(deny=["Edit(//etc/hosts)"], allow=["Edit"]), "write /etc/hosts", "deny"),
    ("1 an allow of every server's tools is ignored", "claude", claude(allow=["mcp__*"]), "mcp:docs.search", "ask"),
    ("1 a deny of them is not", "claude", claude(deny=["mcp__*"], allow=["mcp__docs__search"]), "mcp:docs.search", "deny"),
    ("2 a granular `false` refuses", "codex", codex(FALSE, PUBLISH), "npm publish", "deny"),
    ("2 a rule for a prefix allows unless it says otherwise", "codex",
     codex('approval_policy = "untrusted"\n', 'prefix_rule(pattern=["make", "deploy"])\n'), "make deploy prod", "allow"),
    ("3 the highest priority wins", "gemini", {**policy(
        'toolName = "run_shell_command"\ncommandPrefix = "make"\ndecision = "deny"\npriority = 100\n',
        'toolName = "run_shell_command"\ncommandPrefix = "make lint"\ndecision = "ask_user"\npriority = 200\n')}, "make lint", "ask"),
    ("3 a workspace's policies are not loaded", "gemini", {
        ".gemini/policies/a.toml": '[[rule]]\ntoolName = "run_shell_command"\ncommandPrefix = "git"\ndecision = "deny"\npriority = 999\n',
        ".gemini/settings.json": {"tools": {"allowed": ["run_shell_command(git)"]}}}, "git push", "allow"),
    ("3 an entry of the shell is a prefix", "gemini",
     {".gemini/settings.json": {"tools": {"allowed": ["run_shell_command(git)"]}}}, "git push --force", "allow"),
    ("4 the last match wins", "opencode", {"opencode.json": {"permission": {"bash": {"git push *": "deny", "git *": "allow"}}}},
     "git push origin", "allow"),
    ("4 and in the other order", "opencode", {"opencode.json": {"permission": {"bash": {"git *": "allow", "git push *": "deny"}}}},
     "git push origin", "deny"),
    ("5 the longest prefix wins", "roo", roo(["git push --dry-run"], ["git push"]), "git push --dry-run", "allow"),
    ("5 case does not count", "roo", roo(["NPM TEST"], []), "npm test", "allow"),
    ("5 a prefix ends anywhere in a word", "roo", roo(["git"], []), "gitleaks detect", "allow"),
    ("6 expressions are anchored", "amazonq", amazonq(**bash(allowedCommands=["git status"])), "git status -s", "ask"),
    ("6 a tool that is allowed needs no command that is", "amazonq",
     amazonq(allowedTools=["execute_bash"], **bash(allowedCommands=["git status"])), "make", "allow"),
    ("6 a star is no tool that is allowed", "amazonq", amazonq(tools=["*"], allowedTools=["*"]), "make", "ask"),
    ("6, 18 a server and its tool", "amazonq", amazonq(tools=["*"], allowedTools=["@docs/search"]), "mcp:docs.search", "allow"),
    ("7 expressions are not anchored", "zed", zed(always_allow=[{"pattern": "make"}]), "cmake --build .", "allow"),
    ("8 a key is a command and its arguments", "vscode", terminal({"npm test": True}), "npm test -- -u", "allow"),
    ("8 an expression has slashes", "vscode", terminal({"^npm": True}), "npm test", "ask"),
    ("8 an expression over one command", "vscode", terminal({"/^make (lint|test)$/": True}), "make lint && make test", "allow"),
    ("8 an expression over the line", "vscode",
     terminal({"/^make (lint|test)$/": {"approve": True, "matchCommandLine": True}}), "make lint && make test", "ask"),
    ("8 in the sandbox nothing asks", "vscode", vscode(**{"agent.sandbox.enabled": "on"}), "make deploy", "allow"),
    ("10 a program stands for its sub-commands", "cursor", {".cursor/cli.json": {"permissions": {"allow": ["Shell(git)"], "deny": []}}},
     "git push --force", "allow"),
    ("12 a star goes over the whole line", "docker-agent", cagent(deny=["shell:cmd=*rm -rf*"], allow=["shell:cmd=*"]),
     "git status && rm -rf x", "deny"),
    ("15 a mode that YAML 1.1 reads as false", "hermes", {".hermes/config.yaml": "approvals:\n  mode: off\n"}, "make", "allow"),
    ("18 a server and its tool", "kiro", {".kiro/agents/a.json": {"name": "a", "tools": ["*"], "allowedTools": ["@docs/search"]}},
     "mcp:docs.search", "allow"),
]
NAMES = {"amazonq": "build", "docker-agent": "root", "kiro": "a"}


@pytest.mark.parametrize(("product", "files", "action", "decision"), [row[1:] for row in DECISIONS], ids=[row[0] for row in DECISIONS])
def test_what_happens(product: str, files: Files, action: str, decision: str) -> None:
    world = analysis_of(tree(files)).world
    agent = agent_of(NAMES.get(product, product), product, world)
    answer = decide(agent, rules_of(agent, world), parse(action), decide_policy(agent), servers_of(agent, world))
    assert answer.decision == decision, answer.why


AUDITOR = "---\nname: auditor\ndescription: Read-only auditor of licences\n{}---\nName what you find.\n"
BY_ADDRESS = {"mcpServers": {"docs": {"url": "https://mcp.example.com/mcp"}}}
KAGENT = ("apiVersion: kagent.dev/v1alpha2\nkind: Agent\nmetadata: {{name: keeper, namespace: ops}}\nspec:\n  type: Declarative\n"
          "  description: keeps\n  declarative:\n    systemMessage: Keep.\n    tools:\n      - type: McpServer\n"
          "        mcpServer: {{kind: RemoteMCPServer, name: cluster, toolNames: [k8s_get_resources], requireApproval: [{}]}}\n"
          "    deployment: {{serviceAccountName: keeper}}\n")
FOUND: list[tuple[str, Files, list[str]]] = [
    ("1 a colon and a star in the middle", claude(allow=["Bash(git:* push)"]), ["dead-rule"]),
    ("1 a path behind `Write` matches nothing", claude(deny=["Write(.env)"]), ["dead-control"]),
    ("1 nor behind `Glob`", claude(deny=["Glob(secrets/**)"]), ["dead-control"]),
    ("1 `command:` is no argument", claude(deny=["Bash(command:rm *)"]), ["dead-control"]),
    ("1 empty parentheses", claude(allow=["Bash()"]), ["dead-rule"]),
    ("1 a star that allows", claude(allow=["*"]), ["dead-rule"]),
    ("1 a star that refuses", claude(deny=["*"]), []),
    ("1 one slash of the sandbox is the root", {".claude/settings.json": {
        "sandbox": {"enabled": True, "filesystem": {"allowWrite": ["/"]}}}}, ["sandbox-writes-anywhere"]),
    ("2 a key that a project may not set", codex('openai_base_url = "https://gateway.example.com"\n'), ["ignored-setting"]),
    ("3 a server's name with an underscore", {".gemini/settings.json": {"mcpServers": {"my_docs": {"command": "docs"}},
                                                                        "tools": {"exclude": ["mcp_my_docs_purge"]}}}, ["dead-control"]),
    ("9 a tool that is none is left out", {".github/agents/auditor.agent.md": AUDITOR.format("tools: [nosuch]\n")}, []),
    ("9 no list is every tool", {".github/agents/auditor.agent.md": AUDITOR.format("")}, ["inherits-everything"]),
    ("10 a project's file holds permissions only", {".cursor/cli.json": {"approvalMode": "unrestricted"}}, ["ignored-setting"]),
    ("11 a skill's list restricts nothing", {".claude/skills/a/SKILL.md": "---\nname: a\ndescription: d\nallowed-tools: Read\n---\nDo.\n"}, []),
    ("13 an address alone is no server of Claude's", {".mcp.json": BY_ADDRESS}, ["dead-server"]),
    ("13 but one of Cursor's", {".cursor/mcp.json": BY_ADDRESS}, []),
    ("13 and of Windsurf's, by its own key", {".windsurf/mcp_config.json": {
        "mcpServers": {"docs": {"serverUrl": "http://mcp.example.com/mcp"}}}}, ["plaintext-server"]),
    ("14 an approval for a tool that is not there", {"k8s/a.yaml": KAGENT.format("k8s_delete_resource")}, ["dead-control"]),
    ("14 one for a tool that is", {"k8s/a.yaml": KAGENT.format("k8s_get_resources")}, []),
    ("15 `yes-always: yes`", {".aider.conf.yml": "yes-always: yes\n"}, ["approvals-off"]),
    ("15 `on` is a key", {".github/workflows/a.yml": "on:\n  issues:\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n"
                          "      - run: claude -p \"${{ github.event.issue.title }}\" \n"}, ["text-in-script"]),
    ("16 settings of an agent beat what stands beside them", {"crew.jsonc": {"name": "desk", "agents": ["a"], "tasks": []}, "agents/a.jsonc": {
        "role": "r", "goal": "g", "backstory": "b", "code_execution_mode": "safe",
        "settings": {"allow_code_execution": True, "code_execution_mode": "unsafe"}}}, ["code-execution-on-host"]),
    ("16 a crew that is shared", {"crew.json": {"name": "desk", "agents": [], "tasks": [], "share_crew": True}}, ["output-leaks"]),
    ("16 of two files of a crew the one with comments counts", {
        "crew.json": {"name": "desk", "agents": [], "tasks": [], "share_crew": True},
        "crew.jsonc": {"name": "desk", "agents": [], "tasks": []}}, []),
    ("18 a server as JSON inside a string", {"desk_agentflow.json": {"nodes": [{"id": "a", "data": {
        "name": "agentAgentflow", "label": "Desk", "baseClasses": ["Agent"], "inputParams": [], "inputs": {"agentTools": [
            {"agentSelectedTool": "customMCP", "agentSelectedToolConfig": {
                "mcpServerConfig": '{"command": "npx", "args": ["-y", "@example/tables-mcp"]}'}}]}}}], "edges": []}},
     ["unpinned-server"]),
    ("19 Agent Script is no YAML", {"desk.agent": 'system:\n    instructions: "Help."\nstart_agent a:\n    reasoning:\n        instructions: ->\n'
                                    "            | Help: {!@variables.x}\n"}, []),
]


@pytest.mark.parametrize(("files", "expected"), [row[1:] for row in FOUND], ids=[row[0] for row in FOUND])
def test_what_is_found(files: Files, expected: list[str]) -> None:
    assert sorted({each.rule.id for each in judged(tree(files)).findings if each.severity != "info"}) == sorted(expected)


def test_11_a_skill_splits_at_spaces_and_commas() -> None:
    text = "---\nname: a\ndescription: d\nallowed-tools: Bash(git add *) Read, Grep\n---\nDo.\n"
    world = analysis_of({".claude/skills/a/SKILL.md": text.encode()}).world
    assert [fact.text for fact in world.of("grant") if isinstance(fact, Grant)] == ["Bash(git add *)", "Read", "Grep"]


def test_15_a_star_without_quotes_is_said_to_be_unread() -> None:
    result = judged(tree({".github/agents/auditor.agent.md": AUDITOR.format("tools: [*]\n")}))
    assert [each.why for each in result.coverage.unread] == [
        "`*` starts an alias in YAML; text that starts with it needs quotes; the entry is read as text"]
