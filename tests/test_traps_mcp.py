"""Traps in tool servers: how code is fetched, what is narrow, what only stands for a credential, what a container gives away."""

from __future__ import annotations

import json
from typing import Any

import pytest

from overgrant.ruletest import expanded
from trees import judged

TOKEN = expanded("{secret:github-pat}")
DIGEST = "sha256:" + "0123456789abcdef" * 4
COMMIT = "0123456789abcdef0123456789abcdef01234567"

Entry = dict[str, Any]


def rules_of(entry: Entry, path: str = ".mcp.json", key: str = "mcpServers", name: str = "one") -> list[str]:
    """The rules that speak about one server."""
    tree = {path: json.dumps({key: {name: entry}}).encode()}
    return sorted(finding.rule.id for finding in judged(tree).findings)


def line(words: str) -> Entry:
    """A server's entry from a line of words."""
    command, *args = words.split()
    return {"command": command, "args": args}


# --- pins --------------------------------------------------------------------------------------------------------------

UNPINNED = [
    "npx example-mcp",
    "npx -y example-mcp@latest",
    "npx -y example-mcp@^1.2.0",
    "npx -y example-mcp@1",
    "npx --yes @example/mcp",
    "npx -p @example/mcp example-mcp",
    "npx --package=@example/mcp -c example-mcp",
    "npx -y --quiet -- example-mcp",
    "npm exec -y -- example-mcp",
    "npm x example-mcp",
    "bunx example-mcp",
    "bun x example-mcp@latest",
    "bunx --bun example-mcp",
    "pnpm dlx example-mcp",
    "pnpx example-mcp",
    "yarn dlx example-mcp",
    "uvx example-mcp",
    "uvx example-mcp@latest",
    "uvx --from example-mcp example",
    "uvx --from example-mcp>=1.0 example",
    "uvx --python 3.12 example-mcp",
    "uv tool run example-mcp",
    "uv run --with example-mcp example-mcp",
    "uv run --with mcp[cli] mcp run server.py",
    "uvx --from git+https://github.com/example/mcp example",
    "uvx --from git+https://github.com/example/mcp@main example",
    "pipx run example-mcp",
    "pipx run --spec example-mcp example",
    "pipx run --spec git+https://github.com/example/mcp.git example",
    "deno run -A npm:example-mcp",
    "deno run -A jsr:@example/mcp",
    "deno run -A https://example.com/mcp.ts",
    "go run github.com/example/mcp@latest",
    "go run github.com/example/mcp@main",
    "docker run -i --rm ghcr.io/example/mcp",
    "docker run -i --rm ghcr.io/example/mcp:latest",
    "podman run -i ghcr.io/example/mcp",
    "cmd /c npx -y example-mcp",
    "cmd.exe /C npx example-mcp@latest",
    "env KEY=x npx example-mcp",
    "wsl npx -y example-mcp",
    "wsl.exe -e npx example-mcp",
    "mise exec node@22 -- npx -y example-mcp",
    "mise x -- npx example-mcp",
    "nice -n 5 npx example-mcp",
    "/usr/local/bin/npx -y example-mcp",
    "npx.cmd -y example-mcp",
    "dnx Example.Mcp --yes",
    "dotnet dnx Example.Mcp",
    "dotnet tool exec Example.Mcp --yes",
    "npx github:example/mcp",
    "npx example/mcp",
    "npx https://example.com/mcp.tgz",
    "uvx https://example.com/mcp.whl",
    "xvfb-run npx example-mcp",
    "doppler run -- npx -y example-mcp",
    "op run --env-file=.env -- npx example-mcp",
    "dotenv -- npx example-mcp",
    "direnv exec . npx example-mcp",
    "nix run github:example/mcp",
    "volta run npx example-mcp",
    "fnm exec --using 22 npx example-mcp",
    "infisical run -- npx example-mcp",
    "aws-vault exec dev -- npx example-mcp",
]

PINNED = [
    "npx example-mcp@1.2.3",
    "npx -y @example/mcp@1.2.3-beta.1",
    "npx -p @example/mcp@1.2.3 example-mcp",
    "npx --no-install example-mcp",
    "npx --no example-mcp",
    "npm exec --offline -- example-mcp@1.2.3",
    "bunx example-mcp@1.2.3",
    "pnpm dlx example-mcp@1.2.3",
    "uvx example-mcp==1.2.3",
    "uvx example-mcp@1.2.3",
    "uvx --from example-mcp==1.2.3 example",
    "uv run --with example-mcp==1.2.3 example-mcp",
    "uv run server.py",
    "uv --directory . run server.py",
    "uv run --directory ./server server.py",
    "uv run --frozen example",
    "uvx --from . example",
    f"uvx --from git+https://github.com/example/mcp@{COMMIT} example",
    "pipx run example-mcp==1.2.3",
    "deno run -A npm:example-mcp@1.2.3",
    "deno run -A https://deno.land/x/mcp@v1.2.3/mod.ts",
    "go run ./cmd/mcp",
    "go run github.com/example/mcp@v1.2.3",
    "docker run -i --rm example/mcp@" + DIGEST,
    "dnx Example.Mcp --version 1.2.3 --yes",
    "dnx Example.Mcp@1.2.3 --yes",
    "node ./dist/index.js",
    "python -m example_mcp",
    "python3 server.py",
    "bun run server.ts",
    "./bin/mcp",
    "cargo run --bin mcp",
    "cargo run --release",
    "java -jar build/mcp.jar",
    "dotnet run --project src/Mcp",
    "cmd /c npx -y example-mcp@1.2.3",
    "env KEY=x npx example-mcp@1.2.3",
    "example-mcp stdio",
    "yarn example-mcp",
    "pnpm exec example-mcp",
    "npm run mcp",
    "poetry run example-mcp",
    "pnpm --filter server start",
    "php artisan mcp:serve",
    "docker compose run --rm mcp",
    "docker exec -i box mcp",
    "npx -y file:../mcp",
    "npx ./packages/mcp",
    "npx --no-install tsx server.ts",
    "docker build -t mcp .",
    "ruby server.rb",
    "tsx server.ts",
]


@pytest.mark.parametrize("words", UNPINNED)
def test_code_that_nobody_fixed(words: str) -> None:
    assert rules_of(line(words)) == ["unpinned-server"]


@pytest.mark.parametrize("words", PINNED)
def test_code_that_is_fixed(words: str) -> None:
    assert rules_of(line(words)) == []


@pytest.mark.parametrize(
    "entry",
    [
        {"command": "npx -y example-mcp"},
        {"command": "sh", "args": ["-c", "npx -y example-mcp"]},
        {"command": "bash", "args": ["-lc", "cd x && npx example-mcp"]},
        {"command": "bash", "args": ["-c", "source .env && exec uvx example-mcp"]},
        {"command": "powershell", "args": ["-Command", "npx -y example-mcp"]},
        {"command": ["npx", "-y", "example-mcp"]},
        {"command": "cmd", "args": ["/c", "npx -y example-mcp"]},
        {"command": "sh", "args": ["-c", "TOKEN=$(pass x) npx example-mcp"]},
        {"command": "wsl", "args": ["bash", "-c", "npx example-mcp"]},
        {"command": "docker", "args": ["run", "-i", "node:22@" + DIGEST, "npx", "-y", "example-mcp"]},
    ],
)
def test_a_line_hides_no_package(entry: Entry) -> None:
    assert rules_of(entry) == ["unpinned-server"]


# --- credentials -------------------------------------------------------------------------------------------------------

LITERAL: list[Entry] = [
    {"command": "./mcp", "env": {"NOTION_TOKEN": "ntok_lftmed_jmksn_47102"}},
    {"type": "http", "url": "https://mcp.zapier.com/api/mcp/s/ZmU4NmQ3YjEtNDc2Ny00YjU5LTk2MzEtMjE4/mcp"},
    {"command": "./mcp", "env": {"GITHUB_TOKEN": TOKEN}},
    {"command": "./mcp", "args": ["--token", TOKEN]},
    {"command": "./mcp", "args": [f"--token={TOKEN}"]},
    {"command": "./mcp", "args": ["--header", f"Authorization: Bearer {TOKEN}"]},
    {"command": "./mcp", "args": ["--header", f"Authorization:Bearer {TOKEN}"]},
    {"command": "docker", "args": ["run", "-e", f"GITHUB_TOKEN={TOKEN}", "example/mcp@" + DIGEST]},
    {"command": f"./mcp --token {TOKEN}"},
    {"url": "https://mcp.example.com/", "type": "http", "headers": {"Authorization": f"Bearer {TOKEN}"}},
    {"url": "https://mcp.example.com/", "type": "http", "headers": {"X-Api-Key": "q8Zr2vLx71BdKw93TnYc"}},
    {"url": "https://mcp.example.com/?api_key=q8Zr2vLx71BdKw93TnYc", "type": "http"},
    {"url": "https://mcp.example.com/mcp?tavilyApiKey=tvly-dev-q8Zr2vLx71BdKw93TnYcQm45", "type": "http"},
    {"url": "https://bob:q8Zr2vLx71BdKw93@mcp.acme.io/", "type": "http"},
    {"command": "./mcp", "args": ["postgresql://app:q8Zr2vLx71@db.acme.io/app"]},
    {"command": "./mcp", "env": {"DATABASE_URL": "mysql://app:q8Zr2vLx71@db.acme.io/app"}},
    {"command": "./mcp", "env": {"MONGODB_URI": "mongodb+srv://app:q8Zr2vLx71@c0.mongodb.net/"}},
    {"command": "./mcp", "env": {"DB_PASSWORD": "q8Zr2vLx71"}},
    {"command": "./mcp", "args": ["--password=q8Zr2vLx71"]},
    {"url": "https://mcp.example.com/", "type": "http", "oauth": {"clientId": "x", "clientSecret": "q8Zr2vLx71BdKw93TnYc"}},
    {"url": "https://mcp.example.com/sse", "type": "sse", "headers": {"Cookie": "session=q8Zr2vLx71BdKw93TnYcQm45Ws"}},
    {"command": "npx", "args": ["-y", "mcp-remote@0.1.29", "https://mcp.example.com/?token=q8Zr2vLx71BdKw93TnYc"]},
    {"command": "sh", "args": ["-c", f"GITHUB_TOKEN={TOKEN} ./mcp"]},
    {"url": "https://mcp.example.com/", "type": "http", "env": {"API_KEY": "q8Zr2vLx71BdKw93TnYc"}},
]


@pytest.mark.parametrize("entry", LITERAL, ids=lambda entry: json.dumps(entry)[:60])
def test_a_literal_credential(entry: Entry) -> None:
    assert rules_of(entry) == ["literal-secret"]


STAND_INS = [
    "${GITHUB_TOKEN}",
    "$GITHUB_TOKEN",
    "${GITHUB_TOKEN:-}",
    "${env:GITHUB_TOKEN}",
    "${input:github_token}",
    "${user_config.token}",
    "$(pass show token)",
    "`cat token`",
    "<your-key>",
    "<YOUR_API_KEY>",
    "YOUR_API_KEY",
    "your-api-key-here",
    "your_token",
    "xxx",
    "xxxxxxxxxxxxxxxxxxxx",
    "XXXXXXXX-XXXX-XXXX",
    "{{ token }}",
    "{{github.token}}",
    "%GITHUB_TOKEN%",
    "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "ghp_your_token_here",
    "sk-your-key",
    "sk-...",
    "...",
    "changeme",
    "REPLACE_ME",
    "<token>",
    "[your token]",
    "{env:GITHUB_TOKEN}",
    "{file:~/.token}",
    "env:GITHUB_TOKEN",
    "op://vault/item/field",
    "INSERT_KEY_HERE",
    "PUT_YOUR_KEY_HERE",
    "my-token",
    "enter-your-key",
    "TODO",
    "***",
    "",
    "os.environ/GITHUB_TOKEN",
    "!secret github_token",
    "secret://github",
    "keychain:github",
    "${workspaceFolder}/token",
    "<insert token>",
    "paste-your-token-here",
    "dummy",
    "example",
    "test-token",
    "${{ secrets.GITHUB_TOKEN }}",
    "@@TOKEN@@",
    "__TOKEN__",
    "$env:GITHUB_TOKEN",
    "{GITHUB_TOKEN}",
    "vault:secret/x#y",
    "fill-me-in",
    "to-be-filled",
    "your-secret-token-goes-here",
    "<<TOKEN>>",
    "%%TOKEN%%",
    "sk-ant-api03-...",
    "sk-xxxx",
    "abc123",
    "placeholder",
    "none",
    "API_KEY_HERE",
    "github_pat_...",
    "ADD_YOUR_TOKEN",
    "sk-proj-YOUR_KEY",
    "tvly-YOUR_API_KEY",
    "Basic <base64>",
    "=Env.TOKEN",
    "aws:secretsmanager:x",
    "ssm:/app/token",
    "get-from-dashboard",
    "key-from-console",
    "test_token_value",
    "staging-token-2024",
    "service_account_01",
]


@pytest.mark.parametrize("text", STAND_INS)
def test_what_only_stands_for_a_credential(text: str) -> None:
    assert rules_of({"command": "./mcp", "args": ["--api-key", text], "env": {"API_KEY": text, "GITHUB_TOKEN": text}}) == []
    assert (
        rules_of({"type": "http", "url": "https://mcp.example.com/", "headers": {"Authorization": f"Bearer {text}", "X-API-Key": text}})
        == []
    )


# --- what a server is given ----------------------------------------------------------------------------------------------

FS = "npx -y @modelcontextprotocol/server-filesystem@2025.8.21"

GIVEN: list[tuple[Entry, list[str]]] = [
    (line(f"{FS} ."), []),
    (line(f"{FS} ./docs ./src"), []),
    (line(f"{FS} ${{workspaceFolder}}"), []),
    (line(f"{FS} ${{CLAUDE_PROJECT_DIR:-.}}"), []),
    (line(f"{FS} /"), ["outside-workspace"]),
    (line(f"{FS} ~"), ["outside-workspace"]),
    (line(f"{FS} ~/"), ["outside-workspace"]),
    (line(f"{FS} $HOME"), ["outside-workspace"]),
    (line(f"{FS} ${{HOME}}"), ["outside-workspace"]),
    (line(f"{FS} ${{env:HOME}}"), ["outside-workspace"]),
    (line(f"{FS} ${{userHome}}"), ["outside-workspace"]),
    (line(f"{FS} /Users/alice"), ["outside-workspace"]),
    (line(f"{FS} /home/alice/"), ["outside-workspace"]),
    (line(f"{FS} /home"), ["outside-workspace"]),
    (line(f"{FS} /root"), ["outside-workspace"]),
    (line(f"{FS} C:\\"), ["outside-workspace"]),
    (line(f"{FS} C:/"), ["outside-workspace"]),
    (line(f"{FS} C:\\Users\\alice"), ["outside-workspace"]),
    (line(f"{FS} %USERPROFILE%"), ["outside-workspace"]),
    (line(f"{FS} ~/.ssh"), ["sensitive-path"]),
    (line(f"{FS} /tmp/work"), []),
    (line(f"{FS} /path/to/allowed/dir"), []),
    (line(f"{FS} /Users/username/Desktop"), []),
    (line(f"{FS} /srv/app"), []),
    (line("docker run -i --rm -v /:/host example/mcp@" + DIGEST), ["container-escape"]),
    (line("docker run -i --rm --mount type=bind,src=/,dst=/host example/mcp@" + DIGEST), ["container-escape"]),
    (line("docker run -i --rm -v $HOME:/home example/mcp@" + DIGEST), ["outside-workspace"]),
    (line("docker run -i --rm -v ~/.aws:/root/.aws example/mcp@" + DIGEST), ["sensitive-path"]),
    (line("docker run -i --rm -v ${HOME}/.kube:/root/.kube:ro example/mcp@" + DIGEST), ["sensitive-path"]),
    (line("docker run -i --rm -v ./data:/data example/mcp@" + DIGEST), []),
    (line("docker run -i --rm --privileged example/mcp@" + DIGEST), ["container-escape"]),
    (line("docker run -i --rm --pid=host example/mcp@" + DIGEST), ["container-escape"]),
    (line("docker run -i --rm --cap-add SYS_ADMIN example/mcp@" + DIGEST), ["container-escape"]),
    (line("docker run -i --rm --cap-drop ALL --read-only example/mcp@" + DIGEST), []),
    (line("docker run -i -v /var/run/docker.sock:/var/run/docker.sock example/mcp@" + DIGEST), ["container-escape"]),
    (line("docker run -i --mount type=bind,source=/run/docker.sock,target=/run/docker.sock example/mcp@" + DIGEST), ["container-escape"]),
    (line("podman run -i -v /run/podman/podman.sock:/run/podman.sock example/mcp@" + DIGEST), ["container-escape"]),
    (line("docker run -i --network none example/mcp@" + DIGEST), []),
    (line("docker run -i --rm --user root example/mcp@" + DIGEST), []),
    (line("docker run -i --security-opt seccomp=unconfined example/mcp@" + DIGEST), ["container-escape"]),
    (line("sudo ./mcp"), ["server-as-root"]),
    (line("sudo -E npx example-mcp@1.2.3"), ["server-as-root"]),
    (line("doas ./mcp"), ["server-as-root"]),
    (line("npx @playwright/mcp@0.0.40 --isolated"), []),
    (line("npx @playwright/mcp@0.0.40"), []),
    (line("npx @playwright/mcp@0.0.40 --headless --isolated --no-sandbox"), []),
    (line("npx @playwright/mcp@0.0.40 --extension"), ["own-browser"]),
    (line("npx @playwright/mcp@0.0.40 --cdp-endpoint http://localhost:9222"), []),
    (line("npx chrome-devtools-mcp@0.9.0 --browserUrl http://127.0.0.1:9222"), []),
    (line("npx chrome-devtools-mcp@0.9.0 --autoConnect"), ["own-browser"]),
    (line("npx @playwright/mcp@0.0.40 --user-data-dir ~/.config/google-chrome"), ["own-browser"]),
    (line("npx @browsermcp/mcp@0.1.3"), ["own-browser"]),
    (line("npx chrome-devtools-mcp@0.9.0 --isolated"), []),
    (line("npx @playwright/mcp@0.0.40 --user-data-dir ./.profile"), []),
    (line("npx @playwright/mcp@0.0.40 --allow-unrestricted-file-access"), ["outside-workspace"]),
    (
        {
            "command": "uvx",
            "args": ["postgres-mcp==0.3.0", "--access-mode=unrestricted"],
            "env": {"DATABASE_URI": "postgresql://postgres:${PGPASSWORD}@db.acme.io/app"},
        },
        ["database-owner"],
    ),
    (
        {
            "command": "uvx",
            "args": ["postgres-mcp==0.3.0", "--access-mode=restricted"],
            "env": {"DATABASE_URI": "postgresql://postgres:${PGPASSWORD}@db.acme.io/app"},
        },
        [],
    ),
    (
        {
            "command": "uvx",
            "args": ["postgres-mcp==0.3.0", "--access-mode=unrestricted"],
            "env": {"DATABASE_URI": "postgresql://postgres:${PGPASSWORD}@localhost/app"},
        },
        [],
    ),
    (
        {
            "command": "npx",
            "args": ["-y", "@benborla29/mcp-server-mysql@2.0.5"],
            "env": {"MYSQL_HOST": "db.acme.io", "MYSQL_USER": "root", "MYSQL_PASS": "${PASS}", "ALLOW_DELETE_OPERATION": "true"},
        },
        ["database-owner"],
    ),
    (
        {
            "command": "npx",
            "args": ["-y", "@benborla29/mcp-server-mysql@2.0.5"],
            "env": {"MYSQL_HOST": "db.acme.io", "MYSQL_USER": "root", "MYSQL_PASS": "${PASS}"},
        },
        [],
    ),
    ({"command": "npx", "args": ["-y", "@supabase/mcp-server-supabase@0.5.5", "--access-token", "${TOKEN}"]}, []),
    ({"command": "npx", "args": ["-y", "example-mcp@1.0.0"], "env": {"SUPABASE_SERVICE_ROLE_KEY": "${KEY}"}}, ["database-owner"]),
]


@pytest.mark.parametrize(("entry", "expected"), GIVEN, ids=[json.dumps(entry)[:90] for entry, _ in GIVEN])
def test_what_a_server_is_given(entry: Entry, expected: list[str]) -> None:
    assert rules_of(entry) == expected


# --- the wire ------------------------------------------------------------------------------------------------------------

WIRE: list[tuple[Entry, list[str]]] = [
    ({"type": "http", "url": "https://mcp.example.com/"}, []),
    ({"type": "http", "url": "http://mcp.example.com/"}, ["plaintext-server"]),
    ({"type": "sse", "url": "http://203.0.113.7:8080/sse"}, ["plaintext-server"]),
    ({"type": "http", "url": "http://localhost:3000/mcp"}, []),
    ({"type": "http", "url": "http://127.0.0.1:3000/mcp"}, []),
    ({"type": "http", "url": "http://[::1]:3000/mcp"}, []),
    ({"type": "http", "url": "http://host.docker.internal:3000/mcp"}, []),
    ({"type": "http", "url": "http://mcp:3000/mcp"}, []),
    ({"type": "http", "url": "http://nas.local/mcp"}, []),
    ({"type": "http", "url": "http://${HOST}:3000/mcp"}, []),
    ({"type": "http", "url": "${MCP_URL}"}, []),
    ({"type": "http", "url": "${MCP_URL:-http://localhost:3000}"}, []),
    ({"type": "ws", "url": "ws://mcp.example.com/"}, ["plaintext-server"]),
    ({"type": "http", "url": "http://<your-host>/mcp"}, []),
    ({"type": "http", "url": "http://IPADDRESS:8888/mcp"}, []),
    ({"type": "http", "url": "http://0.0.0.0:3000/mcp"}, []),
    (line("npx -y mcp-remote@0.1.29 https://mcp.example.com/sse"), []),
    (line("npx -y mcp-remote@0.1.29 http://mcp.example.com/sse --allow-http"), ["plaintext-server"]),
    (line("npx -y mcp-remote@0.1.29 http://localhost:3000/sse"), []),
    (line("npx -y supergateway@3.4.0 --sse http://mcp.example.com/sse"), ["plaintext-server"]),
    (line("npx -y supergateway@3.4.0 --stdio ./mcp"), []),
    (line("uvx mcp-proxy==0.8.0 http://mcp.example.com/sse"), ["plaintext-server"]),
    ({"command": "npx", "args": ["-y", "supergateway@3.4.0", "--stdio", "npx -y example-mcp"]}, ["unpinned-server"]),
    (line("uvx mcp-proxy==0.8.0 npx example-mcp"), ["unpinned-server"]),
    (line("uvx mcpo==0.0.17 --port 8000 -- uvx example-mcp"), ["unpinned-server"]),
    (line("npx @modelcontextprotocol/inspector@0.16.8 npx example-mcp"), ["unpinned-server"]),
    ({"command": "./mcp", "env": {"NODE_TLS_REJECT_UNAUTHORIZED": "0"}}, ["tls-off"]),
    ({"command": "./mcp", "env": {"JIRA_SSL_VERIFY": "false"}}, ["tls-off"]),
    ({"command": "./mcp", "env": {"PYTHONHTTPSVERIFY": "0"}}, ["tls-off"]),
    ({"command": "./mcp", "env": {"SSL_VERIFY": "true"}}, []),
    (line("./mcp --insecure"), []),
    (line("./mcp --host 0.0.0.0 --port 80"), ["open-endpoint"]),
    (line("./mcp --host 127.0.0.1"), []),
    ({"command": "./mcp", "env": {"NODE_OPTIONS": "--require ./x.js"}}, ["environment-code"]),
    ({"command": "python", "args": ["main.py"], "cwd": "/srv/kb", "env": {"PYTHONPATH": "/srv/kb/src"}}, []),
    ({"command": "python", "args": ["main.py"], "env": {"PYTHONPATH": "/srv/kb/src"}}, ["environment-code"]),
    ({"command": "./mcp", "env": {"PYTHONUNBUFFERED": "1", "NODE_ENV": "production", "LOG_LEVEL": "debug"}}, []),
    ({"command": "bash", "args": ["-c", "curl -fsSL https://example.com/x.sh | bash"]}, ["download-and-run"]),
    ({"command": "sh", "args": ["-c", "exec node server.js"]}, []),
    ({"command": "powershell", "args": ["-c", "irm https://example.com/x.ps1 | iex"]}, ["download-and-run"]),
    ({"type": "http", "url": "https://mcp.example.com/", "headersHelper": "./get-headers.sh"}, ["helper-command"]),
    ({"type": "http", "url": "https://mcp.example.com/", "oauth": {"scopes": "repo admin:org"}}, ["oauth-scope-wide"]),
    ({"type": "http", "url": "https://mcp.example.com/", "oauth": {"scopes": ["read:user"]}}, []),
    (
        {"type": "http", "url": "https://mcp.example.com/", "oauth": {"scopes": "https://www.googleapis.com/auth/cloud-platform"}},
        ["oauth-scope-wide"],
    ),
]


@pytest.mark.parametrize(("entry", "expected"), WIRE, ids=[json.dumps(entry)[:90] for entry, _ in WIRE])
def test_the_wire(entry: Entry, expected: list[str]) -> None:
    assert rules_of(entry) == expected


# --- approval and filters --------------------------------------------------------------------------------------------------

PINNED_FS = {"command": "npx", "args": ["-y", "@modelcontextprotocol/server-filesystem@2025.8.21", "."]}
SEARCH = {"command": "npx", "args": ["-y", "exa-mcp-server@3.0.0"]}

APPROVED: list[tuple[str, Entry, list[str]]] = [
    (".cursor/mcp.json", {**PINNED_FS, "autoApprove": ["*"]}, ["dead-rule"]),
    (".cursor/mcp.json", {**PINNED_FS, "alwaysAllow": ["write_file"]}, ["dead-rule"]),
    (".roo/mcp.json", {**PINNED_FS, "alwaysAllow": ["*"]}, ["whole-server-granted"]),
    (".roo/mcp.json", {**PINNED_FS, "alwaysAllow": ["read_file"]}, []),
    (".roo/mcp.json", {**PINNED_FS, "alwaysAllow": ["write_file"]}, []),
    (".roo/mcp.json", {**PINNED_FS, "alwaysAllow": []}, []),
    (".kiro/settings/mcp.json", {**PINNED_FS, "autoApprove": ["*"]}, ["whole-server-granted"]),
    (".kiro/settings/mcp.json", {**SEARCH, "autoApprove": ["*"]}, []),
    (".kiro/settings/mcp.json", {**PINNED_FS, "autoApprove": ["*"], "disabled": True}, []),
    ("cline_mcp_settings.json", {**PINNED_FS, "autoApprove": ["write_file", "edit_file"]}, []),
    (".gemini/settings.json", {**PINNED_FS, "trust": True}, ["whole-server-granted"]),
    (".gemini/settings.json", {**PINNED_FS, "trust": False}, []),
    (".gemini/settings.json", {**PINNED_FS, "trust": True, "includeTools": ["read_file"]}, []),
    (
        ".gemini/settings.json",
        {**PINNED_FS, "trust": True, "excludeTools": ["write_file", "edit_file", "create_directory", "move_file"]},
        [],
    ),
    (".qwen/settings.json", {**PINNED_FS, "trust": True}, ["whole-server-granted"]),
    ("gemini-extension.json", {**PINNED_FS, "trust": True}, ["dead-rule"]),
    (".copilot/mcp-config.json", {**PINNED_FS, "tools": ["*"]}, []),
    (
        ".roo/mcp.json",
        {**PINNED_FS, "alwaysAllow": ["*"], "disabledTools": ["write_file", "edit_file", "create_directory", "move_file"]},
        [],
    ),
    (".factory/mcp.json", {**PINNED_FS, "disabledTools": ["write_file"]}, []),
    ("mcp_config.json", {**PINNED_FS, "disabledTools": ["write_file"]}, []),
    (".mcp.json", {"url": "https://mcp.example.com/mcp"}, ["dead-server"]),
    (".cursor/mcp.json", {"url": "https://mcp.example.com/mcp"}, []),
    (".mcp.json", {"type": "http", "url": ""}, []),
    (".roo/mcp.json", {"command": "npx", "args": ["-y", "github-mcp-server@1.0.0", "stdio", "--read-only"], "alwaysAllow": ["*"]}, []),
    (".roo/mcp.json", {"command": "npx", "args": ["-y", "github-mcp-server@1.0.0"], "alwaysAllow": ["list_widgets"]}, []),
]


@pytest.mark.parametrize(("path", "entry", "expected"), APPROVED, ids=[f"{path} {json.dumps(entry)[-70:]}" for path, entry, _ in APPROVED])
def test_approval_and_filters(path: str, entry: Entry, expected: list[str]) -> None:
    assert rules_of(entry, path) == expected
