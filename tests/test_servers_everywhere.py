"""The same over-granted tool servers, in every client's file and under every key: the same rules speak."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from overgrant.ruletest import expanded
from trees import judged

TOKEN = expanded("{secret:github-pat}")
FILES = ["-y", "@modelcontextprotocol/server-filesystem", "/"]
BOX = ["run", "--rm", "-i", "-v", "/var/run/docker.sock:/var/run/docker.sock", "ghcr.io/example/box:1.2@sha256:" + "a" * 64]
FAR = "http://mcp.example.com/mcp"

LOCAL = ["container-escape", "literal-secret", "outside-workspace", "unpinned-server"]
REMOTE = ["literal-secret", "plaintext-server"]
BOTH = sorted({*LOCAL, *REMOTE})

Servers = dict[str, dict[str, Any]]


def usual(remote: str = "url", kind: str | None = "http", env: str = "env", headers: str = "headers") -> Servers:
    """Three servers as most clients write them."""
    far = {remote: FAR, headers: {"Authorization": f"Bearer {TOKEN}"}}
    return {
        "files": {"command": "npx", "args": FILES, env: {"GITHUB_TOKEN": TOKEN}},
        "box": {"command": "docker", "args": BOX},
        "far": {"type": kind, **far} if kind else far,
    }


def listed(servers: Servers) -> list[dict[str, Any]]:
    """The same servers as a list whose entries carry their names."""
    return [{"name": name, **entry} for name, entry in servers.items()]


def in_one(servers: Servers, command: str = "command", **extra: Any) -> Servers:
    """The same servers with program and arguments in one list."""
    return {
        name: {
            **{key: value for key, value in entry.items() if key != "args"},
            **extra,
            **({command: [entry["command"], *entry["args"]]} if "args" in entry else {}),
        }
        for name, entry in servers.items()
    }


def toml(servers: Servers, table: str, headers: str = "headers") -> str:
    """The same servers as TOML."""
    lines = []
    for name, entry in servers.items():
        lines.append(f"[{table}.{name}]")
        lines += [f"{key} = {json.dumps(value)}" for key, value in entry.items() if not isinstance(value, dict)]
        lines += [
            f"{headers if key == 'headers' else key} = {{ {', '.join(f'{json.dumps(k)} = {json.dumps(v)}' for k, v in value.items())} }}"
            for key, value in entry.items()
            if isinstance(value, dict)
        ]
    return "\n".join(lines)


def front(data: object, body: str = "Do the task.") -> str:
    """Markdown with a head."""
    return f"---\n{yaml_of(data)}---\n\n{body}\n"


def yaml_of(data: object) -> str:
    """Block YAML."""
    return str(yaml.safe_dump(data, sort_keys=False))


def j(path: str, make: Callable[[], object], expected: list[str] = BOTH) -> Any:
    return pytest.param(path, json.dumps(make(), indent=2), expected, id=path)


def t(path: str, text: str, expected: list[str] = BOTH, name: str = "") -> Any:
    return pytest.param(path, text, expected, id=name or path)


GOOSE = {
    "files": {"type": "stdio", "name": "files", "enabled": True, "cmd": "npx", "args": FILES, "envs": {"GITHUB_TOKEN": TOKEN}},
    "box": {"type": "stdio", "name": "box", "enabled": True, "cmd": "docker", "args": BOX},
    "far": {"type": "streamable_http", "name": "far", "enabled": True, "uri": FAR, "headers": {"Authorization": f"Bearer {TOKEN}"}},
}

CONTAINERS = [
    # mcpServers
    j(".mcp.json", lambda: {"mcpServers": usual()}),
    t(".mcp.json", json.dumps(usual(), indent=2), name="bare map in .mcp.json"),
    j("plugins/x/.mcp.json", lambda: usual()),
    j(".claude.json", lambda: {"mcpServers": usual()}),
    t(".claude.json", json.dumps({"projects": {"/srv/app": {"mcpServers": usual()}}}, indent=2), name="a project in .claude.json"),
    j("managed-mcp.json", lambda: {"mcpServers": usual()}),
    j("claude_desktop_config.json", lambda: {"mcpServers": usual()}),
    j(".claude-plugin/plugin.json", lambda: {"name": "x", "mcpServers": usual()}),
    j(".cursor/mcp.json", lambda: {"mcpServers": usual(kind=None)}),
    j(".cursor-plugin/plugin.json", lambda: {"name": "x", "mcpServers": usual(kind=None)}),
    j("mcp_config.json", lambda: {"mcpServers": usual("serverUrl", None)}),
    j(".codeium/windsurf/mcp_config.json", lambda: {"mcpServers": usual("serverUrl", None)}),
    j("cline_mcp_settings.json", lambda: {"mcpServers": usual(kind="streamableHttp")}),
    j(".cline/mcp.json", lambda: {"mcpServers": usual(kind="sse")}),
    j(".roo/mcp.json", lambda: {"mcpServers": usual(kind="streamable-http")}),
    j(".kilocode/mcp.json", lambda: {"mcpServers": usual(kind="streamable-http")}),
    j(".kiro/settings/mcp.json", lambda: {"mcpServers": usual(kind=None)}),
    j(".amazonq/mcp.json", lambda: {"mcpServers": usual()}),
    j(".amazonq/default.json", lambda: {"mcpServers": usual()}),
    j(".amazonq/cli-agents/a.json", lambda: {"name": "a", "mcpServers": usual()}),
    j(".kiro/agents/a.json", lambda: {"name": "a", "mcpServers": usual()}),
    j(".gemini/settings.json", lambda: {"mcpServers": usual("httpUrl", None)}),
    j("gemini-extension.json", lambda: {"name": "x", "version": "1.0.0", "mcpServers": usual("httpUrl", None)}),
    j("qwen-extension.json", lambda: {"name": "x", "version": "1.0.0", "mcpServers": usual("httpUrl", None)}),
    j(".qwen/settings.json", lambda: {"mcpServers": usual("httpUrl", None)}),
    j(".copilot/mcp-config.json", lambda: {"mcpServers": usual()}),
    j(".github/mcp.json", lambda: {"mcpServers": usual()}),
    j(".junie/mcp/mcp.json", lambda: {"mcpServers": usual(kind=None)}),
    j(".factory/mcp.json", lambda: {"mcpServers": usual()}),
    j(".augment/settings.json", lambda: {"mcpServers": usual()}),
    j(".trae/mcp.json", lambda: {"mcpServers": usual()}),
    j(".lmstudio/mcp.json", lambda: {"mcpServers": usual(kind=None)}),
    j("mcp.json", lambda: {"mcpServers": usual()}),
    j("config/mcp-servers.json", lambda: {"mcpServers": usual()}),
    j(".warp/.mcp.json", lambda: {"mcpServers": usual(kind=None)}),
    j("fastmcp.json", lambda: {"mcpServers": usual()}),
    j("mcpServers.json", lambda: {"mcpServers": usual()}),
    j("server_config.json", lambda: {"mcpServers": usual()}),
    j(".openhands/mcp.json", lambda: {"mcpServers": usual()}),
    j(".agents/mcp.json", lambda: {"mcpServers": usual()}),
    # servers
    j(".vscode/mcp.json", lambda: {"servers": usual()}),
    t(".vscode/settings.json", json.dumps({"mcp": {"servers": usual()}}, indent=2), name="mcp.servers in .vscode/settings.json"),
    t("a.code-workspace", json.dumps({"folders": [], "settings": {"mcp": {"servers": usual()}}}, indent=2)),
    j(".vs/mcp.json", lambda: {"servers": usual()}),
    t("mcp.json", json.dumps({"servers": usual(), "inputs": []}, indent=2), name="servers in mcp.json"),
    t(
        ".devcontainer/devcontainer.json",
        json.dumps({"image": "x@sha256:" + "a" * 64, "customizations": {"vscode": {"mcp": {"servers": usual()}}}}, indent=2),
    ),
    # mcp_servers, mcp-servers
    t(".codex/config.toml", toml(usual(kind=None), "mcp_servers", "http_headers")),
    t(
        ".codex/agents/a.toml",
        'name = "a"\ndescription = "b"\ndeveloper_instructions = "c"\n' + toml(usual(kind=None), "mcp_servers", "http_headers"),
    ),
    j(".codex-plugin/plugin.json", lambda: {"name": "x", "mcpServers": usual(kind=None)}),
    t(".github/agents/a.agent.md", front({"description": "a", "tools": ["read"], "mcp-servers": usual()})),
    t(".claude/agents/a.md", front({"name": "a", "description": "b", "tools": "Read", "mcpServers": usual()})),
    t(
        ".claude/agents/b.md",
        front({"name": "b", "description": "b", "tools": "Read", "mcpServers": [{name: entry} for name, entry in usual().items()]}),
        name="a list in .claude/agents",
    ),
    t(".gemini/agents/a.md", front({"name": "a", "description": "b", "tools": ["read_file"], "mcpServers": usual("httpUrl", None)})),
    t(
        ".github/workflows/a.md",
        front({"on": {"workflow_dispatch": None}, "engine": "copilot", "permissions": "read-all", "mcp-servers": usual()}),
    ),
    t(
        "hermes/config.yaml",
        yaml_of({"_config_version": 9, "approvals": {"mode": "manual"}, "mcp_servers": usual(kind=None)}),
        name="mcp_servers of Hermes",
    ),
    t(
        "config.yaml",
        yaml_of({"model_list": [], "general_settings": {"master_key": "os.environ/KEY"}, "mcp_servers": usual()}),
        name="mcp_servers of LiteLLM",
    ),
    # context_servers, mcp, extensions
    j(".zed/settings.json", lambda: {"context_servers": usual(kind=None)}),
    j(".config/zed/settings.json", lambda: {"context_servers": usual(kind=None)}),
    j(
        "opencode.json",
        lambda: {
            "mcp": {
                name: {**entry, "type": "remote" if name == "far" else "local"} for name, entry in in_one(usual(env="environment")).items()
            }
        },
    ),
    j(".crush.json", lambda: {"mcp": {name: {**entry, "type": "http" if name == "far" else "stdio"} for name, entry in usual().items()}}),
    j(".amp/settings.json", lambda: {"amp.mcpServers": usual(kind=None)}),
    t(".vscode/settings.json", json.dumps({"amp.mcpServers": usual(kind=None)}, indent=2), name="amp.mcpServers in .vscode/settings.json"),
    t(".config/goose/config.yaml", yaml_of({"extensions": GOOSE})),
    t("recipe.yaml", yaml_of({"version": "1.0.0", "title": "t", "description": "d", "prompt": "p", "extensions": list(GOOSE.values())})),
    # YAML
    t("mcp_agent.config.yaml", yaml_of({"execution_engine": "asyncio", "mcp": {"servers": usual(kind=None)}})),
    t(
        "mcp_agent.config.yaml",
        yaml_of(
            {
                "mcp": {
                    "servers": {
                        **usual(kind=None),
                        "far": {"transport": "sse", "url": FAR, "headers": {"Authorization": f"Bearer {TOKEN}"}},
                    }
                }
            }
        ),
        name="transport in mcp_agent.config.yaml",
    ),
    t("fastagent.config.yaml", yaml_of({"default_model": "x", "mcp": {"servers": usual(kind=None)}})),
    t("librechat.yaml", yaml_of({"version": "1.2.1", "mcpServers": usual(kind="streamable-http")})),
    t(
        ".continue/config.yaml",
        yaml_of(
            {
                "name": "a",
                "version": "1",
                "schema": "v1",
                "mcpServers": [
                    *listed(usual())[:2],
                    {
                        "name": "far",
                        "type": "streamable-http",
                        "url": FAR,
                        "requestOptions": {"headers": {"Authorization": f"Bearer {TOKEN}"}},
                    },
                ],
            }
        ),
    ),
    t(".continue/mcpServers/a.yaml", yaml_of({"name": "a", "version": "1", "schema": "v1", "mcpServers": listed(usual())[:2]}), LOCAL),
    j(".continue/mcpServers/a.json", lambda: {"mcpServers": usual()}),
    t("mcp.yaml", yaml_of({"mcpServers": usual()})),
    t("config/mcp.yml", yaml_of({"mcpServers": listed(usual())}), name="a list in YAML"),
    t("agent.yaml", yaml_of({"mcpServers": usual()})),
    t("mcp_servers.yaml", yaml_of({"mcp_servers": usual()})),
    t("mcp-config.yaml", yaml_of({"servers": usual()})),
    t(
        "cagent.yaml",
        yaml_of(
            {
                "agents": {
                    "root": {
                        "model": "m",
                        "instruction": "i",
                        "toolsets": [
                            {"type": "mcp", "command": "npx", "args": FILES, "env": {"GITHUB_TOKEN": TOKEN}},
                            {"type": "mcp", "command": "docker", "args": BOX},
                            {
                                "type": "mcp",
                                "remote": {"url": FAR, "transport_type": "streamable", "headers": {"Authorization": f"Bearer {TOKEN}"}},
                            },
                        ],
                    }
                }
            }
        ),
    ),
    # bundles
    t(
        "manifest.json",
        json.dumps(
            {
                "manifest_version": "0.3",
                "name": "x",
                "version": "1.0.0",
                "description": "d",
                "author": {"name": "a"},
                "server": {"type": "node", "entry_point": "x.js", "mcp_config": usual()["files"]},
            },
            indent=2,
        ),
        ["literal-secret", "outside-workspace", "unpinned-server"],
    ),
    t("langflow-mcp.json", json.dumps({"mcpServers": usual()}, indent=2)),
    t("openclaw.json", json.dumps({"mcp": {"servers": usual(kind=None)}}, indent=2)),
    t(".openclaw/openclaw.json", json.dumps({"mcp": {"servers": usual(kind=None)}}, indent=2)),
    t("extensions_config.json", json.dumps({"mcpServers": usual()}, indent=2)),
    t(
        "smithery.yaml",
        yaml_of(
            {
                "startCommand": {
                    "type": "stdio",
                    "configSchema": {"type": "object"},
                    "commandFunction": "(config) => ({ command: 'npx', args: ['-y', '@example/other-mcp'], env: { KEY: config.key } })",
                }
            }
        ),
        ["unpinned-server"],
    ),
]


@pytest.mark.parametrize(("path", "text", "expected"), CONTAINERS)
def test_the_same_rules_in_every_container(path: str, text: str, expected: list[str]) -> None:
    found = {finding.rule.id for finding in judged({path: text.encode()}).findings}
    assert sorted(found & set(BOTH)) == expected


@pytest.mark.parametrize(("path", "text", "expected"), CONTAINERS)
def test_no_container_is_read_in_silence(path: str, text: str, expected: list[str]) -> None:
    coverage = judged({path: text.encode()}).coverage
    assert sum(coverage.by_format.values()) >= 1
    assert coverage.unread == []
