"""What a path scope touches: credentials and files that govern agents."""

from __future__ import annotations

import pytest

from overgrant.dialect.grammar import paths
from overgrant.read.knowledge import load
from overgrant.scope import path_glob


def named(pattern: str, *, anywhere: bool = False) -> set[str]:
    return {f"{touch.product or touch.kind}:{touch.what}"
            for touch in paths.touched(path_glob(pattern, anchor_anywhere=anywhere)) if touch.named}


@pytest.mark.parametrize(("pattern", "said"), [
    ("~/.ssh/**", "sensitive:ssh-keys"), ("~/.ssh/id_rsa", "sensitive:ssh-keys"), (".env", "sensitive:env-file"),
    (".env*", "sensitive:env-file"), ("config/.env.production", "sensitive:env-file"),
    ("**/.env", "sensitive:env-file"), ("/etc/shadow", "sensitive:system-passwords"),
    ("/proc/self/environ", "sensitive:process-environment"), ("~/.aws/credentials", "sensitive:aws-credentials"),
    ("certs/server.pem", "sensitive:private-key"), ("**/*.pem", "sensitive:private-key"),
    ("~/.netrc", "sensitive:netrc"), ("~/.kube/config", "sensitive:kubeconfig"),
    ("~/.config/gh/hosts.yml", "sensitive:git-credentials"), ("/var/run/docker.sock", "sensitive:docker-socket"),
    ("~/.bash_history", "sensitive:shell-history"), ("~/.docker/config.json", "sensitive:docker-credentials"),
    (".claude/settings.json", "claude:permissions"), (".claude/**", "claude:permissions"),
    (".claude/**", "claude:hooks"), ("~/.claude/settings.json", "claude:permissions"),
    (".mcp.json", "claude:servers"), ("CLAUDE.md", "claude:instructions"),
    ("packages/x/CLAUDE.md", "claude:instructions"), (".codex/config.toml", "codex:permissions"),
    ("AGENTS.md", "codex:instructions"), (".gemini/settings.json", "gemini:permissions"),
    (".cursor/mcp.json", "cursor:servers"), (".vscode/settings.json", "vscode:permissions"),
    (".eca/config.json", "eca:permissions"), (".vscode/tasks.json", "vscode:startup"), (".github/workflows/ci.yml", "ci:ci"), (".github/**", "ci:ci"),
    (".overgrant.yaml", "overgrant:linter"), ("overgrant.lock", "overgrant:linter"),
    (".git/hooks/pre-commit", "git:startup"), (".git/**", "git:startup"), (".husky/**", "git:startup"),
    ("~/.bashrc", "shell:startup"), (".envrc", "shell:startup"), ("opencode.json", "opencode:permissions"),
    (".kiro/steering/x.md", "kiro:instructions"), (".claude/settings.local.json", "claude:permissions"),
    ("${workspaceFolder}/.mcp.json", "claude:servers"),
])
def test_a_scope_names_a_place(pattern: str, said: str) -> None:
    assert said in named(pattern)


@pytest.mark.parametrize("pattern", [
    "src/**", "./**", "**", "/", "~", "docs/*.md", ".env.example", ".env.sample", ".env.template", "src/environment.ts",
    "package.json", "README.md", "/etc/**", "~/.config/**", "lib/keys.py", "*.ts", "certs/cacert.pem",
    "~/.ssh/known_hosts", "git/x", "claude/settings.json", "/home", "tests/test_env.py",
])
def test_a_scope_names_none(pattern: str) -> None:
    assert named(pattern) == set()


def test_a_broad_scope_holds_what_it_does_not_name() -> None:
    touches = paths.touched(path_glob("./**"))
    assert not any(touch.named for touch in touches)
    held = {(touch.product, touch.what) for touch in touches}
    assert {("claude", "permissions"), ("git", "startup"), ("ci", "ci"), ("", "env-file")} <= held
    assert ("", "ssh-keys") not in held
    assert "ssh-keys" in {touch.what for touch in paths.touched(path_glob("~/**"))}
    assert paths.touched(path_glob("src/**")) == ()


def test_what_is_said_of_a_place() -> None:
    (touch,) = [touch for touch in paths.touched(path_glob(".claude/**")) if touch.what == "permissions"]
    assert touch.example == ".claude/settings.json"
    assert touch.protected
    touch = paths.touched(path_glob("~/.ssh/**"))[0]
    assert touch.example.startswith("~/.ssh/")
    assert touch.holds == "keys to other machines"


def test_single_paths() -> None:
    touch = paths.sensitive("~/.aws/credentials")
    assert touch is not None
    assert touch.what == "aws-credentials"
    assert paths.sensitive("src/main.py") is None
    assert paths.sensitive(".env.example") is None


def test_every_entry_is_well_formed() -> None:
    data = load("paths")
    for entry in data["sensitive"]:
        assert entry["holds"]
    for entry in data["control"]:
        assert entry["what"] in paths.WHATS
        assert entry["product"]
        assert set(entry.get("protected", {})) <= {"since", "how", "source"}
    for entry in (*data["sensitive"], *data["control"]):
        assert entry["source"]
        assert entry["checked"]
        assert set(entry) <= {"what", "product", "paths", "except", "example", "holds", "protected", "source",
                              "checked"}
        assert len(set(entry["paths"])) == len(entry["paths"])


def test_every_place_is_found_by_its_own_example() -> None:
    for place in paths._places():
        touches = paths.touched(path_glob(place.example, literal=True))
        assert any(touch.kind == place.kind and touch.what == place.entry["what"] and touch.named
                   and touch.product == place.entry.get("product", "") for touch in touches), place.example
