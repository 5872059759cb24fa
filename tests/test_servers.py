"""Known tool servers: recognised by what is started, and whether a launch narrows them."""

from __future__ import annotations

import pytest

from overgrant.dialect.grammar.servers import LEGS, Known, known, target
from overgrant.model import EFFECTS
from overgrant.read.knowledge import load


def server(**signs: str) -> Known:
    found = known(**signs)
    assert found is not None
    return found


@pytest.mark.parametrize(("signs", "name"), [
    ({"package": "@modelcontextprotocol/server-filesystem"}, "filesystem"),
    ({"package": "mcp-server-fetch"}, "fetch"), ({"package": "@playwright/mcp"}, "playwright"),
    ({"image": "ghcr.io/github/github-mcp-server"}, "github"),
    ({"image": "docker.io/mcp/postgres:latest"}, "postgres-reference"),
    ({"image": "mcp/grafana@sha256:" + "0" * 64}, "grafana"),
    ({"url_host": "api.githubcopilot.com"}, "github"), ({"url_host": "bindings.mcp.cloudflare.com"}, "cloudflare"),
    ({"url_host": "MCP.Linear.app"}, "linear"),
    ({"package": "git+https://github.com/oraios/serena@main"}, "serena"),
    ({"package": "unknown-thing", "url_host": "mcp.notion.com"}, "notion"),
])
def test_what_is_started_tells(signs: dict[str, str], name: str) -> None:
    found = server(**signs)
    assert (found.name, found.confidence) == (name, "high")


def test_a_name_is_a_weak_hint_and_never_beats_a_package() -> None:
    assert server(name="github").confidence == "low"
    assert known(package="my-own-thing", name="github") is None
    assert known(url_host="mcp.acme.io", name="github") is None
    assert known(name="acme") is None
    assert known() is None
    assert known(url_host="evilmcp.linear.app.co") is None


@pytest.mark.parametrize(("package", "words", "env", "url", "narrow"), [
    ("github-mcp-server", ["github-mcp-server", "stdio", "--read-only"], {}, "", True),
    ("github-mcp-server", ["github-mcp-server", "stdio", "--read-only=false"], {}, "", False),
    ("github-mcp-server", ["github-mcp-server", "stdio"], {"GITHUB_READ_ONLY": "1"}, "", True),
    ("github-mcp-server", ["github-mcp-server", "stdio"], {"GITHUB_READ_ONLY": "0"}, "", False),
    ("github-mcp-server", ["docker", "run", "-e", "GITHUB_READ_ONLY=1", "img"], {}, "", True),
    ("github-mcp-server", [], {}, "https://api.githubcopilot.com/mcp/readonly", True),
    ("github-mcp-server", [], {}, "https://api.githubcopilot.com/mcp/x/issues/readonly", True),
    ("github-mcp-server", [], {}, "https://api.githubcopilot.com/mcp/", False),
    ("postgres-mcp", ["postgres-mcp", "--access-mode=restricted"], {}, "", True),
    ("postgres-mcp", ["postgres-mcp", "--access-mode", "restricted"], {}, "", True),
    ("postgres-mcp", ["postgres-mcp", "--access-mode", "unrestricted"], {}, "", False),
    ("@supabase/mcp-server-supabase", [], {}, "https://mcp.supabase.com/mcp?project_ref=x&read_only=true", True),
    ("@supabase/mcp-server-supabase", [], {}, "https://mcp.supabase.com/mcp?read_only=false", False),
    ("@benborla29/mcp-server-mysql", ["npx"], {}, "", True),
    ("@benborla29/mcp-server-mysql", ["npx"], {"ALLOW_DELETE_OPERATION": "true"}, "", False),
    ("@benborla29/mcp-server-mysql", ["npx"], {"ALLOW_DELETE_OPERATION": "false"}, "", True),
    ("@benborla29/mcp-server-mysql", ["npx"], {"MULTI_DB_WRITE_MODE": "true"}, "", False),
    ("@benborla29/mcp-server-mysql", ["npx"], {"SCHEMA_DELETE_PERMISSIONS": "test:true,production:false"}, "", False),
    ("@brave/brave-search-mcp-server", ["npx"], {}, "", True),
    ("@stripe/mcp", ["npx", "--tools=all"], {}, "", None),
    ("mongodb-mcp-server", ["npx", "mongodb-mcp-server", "--readOnly"], {}, "", True),
    ("kubernetes-mcp-server", ["npx", "kubernetes-mcp-server@latest"], {}, "", False),
])
def test_narrowing(package: str, words: list[str], env: dict[str, str], url: str, narrow: bool | None) -> None:
    assert server(package=package).is_narrow(words, env, url) is narrow


def test_headers_narrow_too() -> None:
    github = server(url_host="api.githubcopilot.com")
    assert github.is_narrow([], {}, "https://api.githubcopilot.com/mcp/", {"x-mcp-readonly": "true"})
    assert not github.is_narrow([], {}, "https://api.githubcopilot.com/mcp/", {"X-MCP-Readonly": "false"})


def test_bounds() -> None:
    browser = server(package="@playwright/mcp")
    assert browser.is_bounded(["npx", "@playwright/mcp", "--allowed-origins", "https://x.dev"], {}) is True
    assert browser.is_bounded(["npx", "@playwright/mcp"], {}) is False
    assert server(package="mcp-server-time").is_bounded([], {}) is None


def test_directories_given() -> None:
    files = server(package="@modelcontextprotocol/server-filesystem")
    words = ["npx", "-y", "@modelcontextprotocol/server-filesystem@2025.8.21", "/", "~/work", "--verbose"]
    assert files.roots
    assert files.root_arguments(words, "@modelcontextprotocol/server-filesystem") == ["/", "~/work"]
    git = server(package="mcp-server-git")
    assert git.root_arguments(["uvx", "mcp-server-git", "--repository", "."], "mcp-server-git") == ["."]
    assert git.root_arguments(["uvx", "mcp-server-git", "--repository=/srv/x", "y"], "mcp-server-git") == ["/srv/x"]
    assert git.root_arguments(["uvx"], "mcp-server-git") == []
    assert not server(package="mcp-server-fetch").roots


def test_tools() -> None:
    github = server(name="github")
    assert github.tool("merge_pull_request") == ("publishes",)
    assert github.tool("no_such_tool") is None
    assert server(package="@modelcontextprotocol/server-filesystem").tool("list_allowed_directories") == ()


def test_a_proxy_hides_what_it_forwards_to() -> None:
    assert server(package="mcp-remote").proxy
    assert target(["npx", "mcp-remote", "https://mcp.linear.app/sse", "--allow-http"]) == "https://mcp.linear.app/sse"
    assert target(["npx", "supergateway", "--sse=https://x.dev/sse"]) == "https://x.dev/sse"
    assert target(["npx", "mcp-remote"]) == ""


def test_every_entry_is_well_formed() -> None:
    seen: set[tuple[str, str]] = set()
    names: set[str] = set()
    for entry in load("servers")["servers"]:
        assert entry["name"] not in names
        names.add(entry["name"])
        assert set(entry) <= {"name", "role", "packages", "images", "hosts", "aliases", "effects", "legs", "read-only",
                              "narrow", "bounds", "narrower", "roots", "proxy", "joins", "secret-path", "tools", "source", "checked"}
        assert set(entry["effects"]) <= set(EFFECTS)
        assert set(entry["legs"]) <= set(LEGS)
        assert all(set(effects) <= set(EFFECTS) for effects in entry.get("tools", {}).values())
        assert entry["source"]
        assert entry["checked"]
        assert entry.get("packages") or entry.get("images") or entry.get("hosts")
        assert "narrow" not in entry or entry["narrower"]
        for part in ("narrow", "bounds"):
            assert set(entry.get(part, {})) <= {"flags", "env", "url", "headers", "unless"}
        for sign in ("packages", "images", "hosts", "aliases"):
            for name in entry.get(sign, ()):
                assert name == name.strip()
                assert (sign, name.lower()) not in seen, name
                seen.add((sign, name.lower()))
                key = {"packages": "package", "images": "image", "hosts": "url_host", "aliases": "name"}[sign]
                assert server(**{key: "x" + name if name.startswith(".") else name}).name == entry["name"]
