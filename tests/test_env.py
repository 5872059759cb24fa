"""What environment variables mean, by name and value."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overgrant.dialect.grammar import env
from overgrant.model import DIMENSIONS
from overgrant.read.knowledge import load


@pytest.mark.parametrize(("name", "value", "meaning"), [
    ("ANTHROPIC_BASE_URL", "https://proxy.acme.io", "endpoint"),
    ("ANTHROPIC_BASE_URL", "https://api.anthropic.com", None),
    ("ANTHROPIC_BASE_URL", "http://localhost:4000", None),
    ("ANTHROPIC_BASE_URL", "${GATEWAY}", None),
    ("ANTHROPIC_BASE_URL", "https://api.anthropic.com.evil.dev", "endpoint"),
    ("MYMODEL_API_BASE", "http://10.0.0.3/v1", "endpoint"),
    ("_API_BASE", "http://10.0.0.3/v1", None),
    ("HTTPS_PROXY", "http://proxy.acme.io:3128", "endpoint"),
    ("https_proxy", "http://127.0.0.1:3128", None),
    ("ACME_API_BASE_URL", "COPILOT_MCP_ACME_URL", None), ("HTTPS_PROXY", "CORP_PROXY_URL", None),
    ("GOPROXY", "https://proxy.golang.org,direct", None),
    ("GOPROXY", "https://goproxy.acme.io,direct", "endpoint"),
    ("NODE_OPTIONS", "--require ./patch.js", "code-injection"),
    ("NODE_OPTIONS", "--max-old-space-size=4096", None),
    ("NODE_OPTIONS", "-r ./x.js", "code-injection"),
    ("LD_PRELOAD", "/tmp/x.so", "code-injection"),
    ("LD_PRELOAD", "", None),
    ("PYTHONPATH", ".", None), ("PYTHONPATH", "src:lib", None), ("PYTHONPATH", "${workspaceFolder}/src", None),
    ("PYTHONPATH", "${PYTHONPATH}:src", None),
    ("PYTHONPATH", "../other", "code-injection"), ("PYTHONPATH", "/tmp/lib", "code-injection"),
    ("PYTHONPATH", "~/lib", "code-injection"), ("PYTHONPATH", "C:\\lib", "code-injection"),
    ("BASH_ENV", "./env.sh", "code-injection"), ("ENV", "production", None),
    ("PATH", "./node_modules/.bin:$PATH", "code-injection"), ("PATH", "$PATH:./bin", None),
    ("PATH", "/usr/bin:/bin", None), ("PATH", "${workspaceFolder}/bin:/usr/bin", "code-injection"),
    ("PATH", "~/.local/bin:/usr/bin", None),
    ("GIT_SSH_COMMAND", "ssh -i key", "code-injection"),
    ("GIT_CONFIG_KEY_0", "core.sshCommand", "code-injection"), ("GIT_CONFIG_KEY_0", "user.name", None),
    ("GIT_CONFIG_GLOBAL", "/dev/null", None), ("GIT_CONFIG_GLOBAL", "./gitconfig", "code-injection"),
    ("GIT_CONFIG_GLOBAL", "/home/dev/.gitconfig.local", None), ("GIT_CONFIG_GLOBAL", "~/.gitconfig", None), ("GIT_CONFIG_SYSTEM", "NUL", None),
    ("GIT_CONFIG_GLOBAL", "/tmp/gitconfig", "code-injection"), ("GIT_CONFIG_PARAMETERS", "'core.pager=x'", "code-injection"),
    ("EDITOR", "vim", None), ("EDITOR", "code --wait", None), ("PAGER", "cat", None),
    ("GIT_PAGER", "sh -c 'x; y'", "code-injection"), ("EDITOR", "./edit.sh", "code-injection"),
    ("NODE_TLS_REJECT_UNAUTHORIZED", "0", "tls-off"), ("NODE_TLS_REJECT_UNAUTHORIZED", "1", None),
    ("PYTHONHTTPSVERIFY", "0", "tls-off"), ("GIT_SSL_NO_VERIFY", "true", "tls-off"),
    ("NODE_EXTRA_CA_CERTS", "./ca.pem", "trust-change"),
    ("HERMES_YOLO_MODE", "1", "approvals-off"), ("HERMES_YOLO_MODE", "0", None),
    ("GOOSE_MODE", "auto", "approvals-off"), ("GOOSE_MODE", "approve", None),
    ("GEMINI_CLI_TRUST_WORKSPACE", "true", "trust-off"), ("IS_SANDBOX", "1", "approvals-off"),
    ("BYPASS_TOOL_CONSENT", "true", "approvals-off"), ("SLACK_ALLOW_ALL_USERS", "true", "approvals-off"),
    ("GEMINI_SANDBOX", "false", "sandbox-off"), ("GEMINI_SANDBOX", "docker", None),
    ("OTEL_LOGS_EXPORTER", "none", "audit-off"), ("OTEL_LOGS_EXPORTER", "otlp", None),
    ("CLAUDE_CODE_SKIP_PROMPT_HISTORY", "1", "audit-off"), ("LANGSMITH_TRACING", "false", "audit-off"),
    ("OTEL_LOG_USER_PROMPTS", "1", "log-leak"),
    ("LOG_LEVEL", "debug", None), ("GITHUB_TOKEN", "x", None),
])
def test_meaning(name: str, value: str, meaning: str | None) -> None:
    fact = env.meaning(name, value)
    assert (fact and fact.meaning) == meaning


@pytest.mark.parametrize(("value", "words", "meaning"), [
    ("/srv/kb", ["python", "/srv/kb/tools/main.py"], None), ("/srv/kb/", ["/srv/kb/.venv/bin/python", "-m", "kb"], None),
    ("/srv/kb/src", ["uv", "--directory", "/srv/kb", "run", "kb"], None), ("C:\\kb", ["python", "C:\\kb\\tools\\main.py"], "code-injection"),
    ("C:\\work\\kb", ["python", "C:\\work\\kb\\main.py"], None),
    ("/srv/kb:/srv/lib", ["python", "/srv/kb/main.py"], "code-injection"), ("/srv/kb", ["python", "/srv/kbase/main.py"], "code-injection"),
    ("/srv", ["python", "/srv/kb/main.py"], "code-injection"), ("/srv/kb", ["python", "main.py"], "code-injection"),
    ("/srv/kb", [], "code-injection")])
def test_a_search_path_that_holds_the_command_itself_adds_nothing(value: str, words: list[str], meaning: str | None) -> None:
    fact = env.meaning("PYTHONPATH", value, words)
    assert (fact and fact.meaning) == meaning


@pytest.mark.parametrize(("name", "value", "dimension", "absurd"), [
    ("CLAUDE_CODE_MAX_TURNS", "25", "turns", False), ("CLAUDE_CODE_MAX_TURNS", "100000", "turns", True),
    ("BASH_MAX_TIMEOUT_MS", "600000", "tool-time", False),
    ("CLAUDE_CODE_MAX_SUBAGENT_SPAWN_DEPTH", "99", "depth", True),
])
def test_limits(name: str, value: str, dimension: str, absurd: bool) -> None:
    fact = env.meaning(name, value)
    assert fact is not None
    assert (fact.meaning, fact.dimension, fact.amount, fact.absurd) == ("limit", dimension, float(value), absurd)
    assert env.meaning(name, "many") is None


def test_every_entry_is_well_formed() -> None:
    seen: set[str] = set()
    data = load("environment")
    for entry in data["variables"]:
        assert entry["meaning"] in env.MEANINGS
        assert (entry["meaning"] == "limit") == ("dimension" in entry)
        high = load("limits")["high"].get(entry.get("dimension"), 0)
        assert "than" not in entry or entry["than"] > high, "a number of its own is for a product whose default is higher"
        assert entry.get("dimension", "turns") in DIMENSIONS
        assert entry.get("when", "set") in env._CONDITIONS
        assert ("values" in entry) == (entry.get("when") in ("is", "contains"))
        assert entry["source"]
        assert entry["checked"]
        assert entry["gives"][0].islower()
        assert not entry["gives"].endswith(".")
        assert entry["instead"][0].isupper()
        assert not seen & set(entry["names"])
        seen |= set(entry["names"])
    assert all(entry["source"] and entry["checked"] for entry in data["hosts"])


@settings(deadline=None, max_examples=100)
@given(st.sampled_from(["PATH", "PYTHONPATH", "OPENAI_BASE_URL", "NODE_OPTIONS", "ENV", "GOOSE_MAX_TURNS", "GOPROXY"]),
       st.text(max_size=60))
def test_no_value_surprises(name: str, value: str) -> None:
    fact = env.meaning(name, value)
    assert fact is None or fact.meaning in env.MEANINGS


def test_what_is_high_is_not_yet_absurd() -> None:
    limits = load("limits")
    assert set(limits["high"]) <= set(limits["absurd"])
    assert all(limits["high"][dimension] < limits["absurd"][dimension] for dimension in limits["high"])
