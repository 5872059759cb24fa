"""Literal credentials: what is one, what only stands for one, and that none is ever shown."""

from __future__ import annotations

import random
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overgrant.dialect.grammar import secret
from overgrant.read.knowledge import load

BASE62 = string.ascii_letters + string.digits


def body(size: int, alphabet: str = BASE62, seed: int = 7) -> str:
    """Random text, made here so that nothing that looks like a credential is written down."""
    chance = random.Random(seed * 1000 + size)
    return "".join(chance.choice(alphabet) for _ in range(size))


HEX = "0123456789abcdef"


@pytest.mark.parametrize(("prefix", "size", "alphabet", "provider"), [
    ("ghp_", 36, BASE62, "github"), ("github_pat_", 82, BASE62, "github"), ("sk-ant-api03-", 95, BASE62, "anthropic"),
    ("sk-proj-", 120, BASE62, "openai"), ("sk-", 48, BASE62, "openai-compatible"), ("AIza", 35, BASE62, "google"),
    ("xoxb-", 50, BASE62, "slack"), ("sk_live_", 24, BASE62, "stripe"), ("glpat-", 20, BASE62, "gitlab"),
    ("npm_", 36, BASE62, "npm"), ("hf_", 34, BASE62, "huggingface"), ("dapi", 32, HEX, "databricks"),
    ("dop_v1_", 64, HEX, "digitalocean"), ("lin_api_", 40, BASE62, "linear"), ("ntn_", 46, BASE62, "notion"),
    ("figd_", 40, BASE62, "figma"), ("tvly-", 32, BASE62, "tavily"), ("fc-", 32, HEX, "firecrawl"),
    ("BSA", 28, BASE62, "brave-search"), ("ctx7sk-", 36, BASE62, "context7"), ("sbp_", 40, HEX, "supabase"),
    ("AKIA", 16, string.ascii_uppercase + string.digits, "aws"), ("pypi-AgEIcHlwaS5vcmc", 100, BASE62, "pypi"),
])
def test_a_known_form_is_found_whatever_the_name(prefix: str, size: int, alphabet: str, provider: str) -> None:
    value = prefix + body(size, alphabet)
    text = f'curl -H "X: {value}" https://host.dev'
    (found,) = secret.find(text)
    assert found.provider == provider
    assert text[found.start:found.end] == value
    assert found.shown == prefix[:4] + "…"


@pytest.mark.parametrize("value", [
    "${GITHUB_TOKEN}", "$GITHUB_TOKEN", "{env:GITHUB_TOKEN}", "{{ github_token }}", "<your-key>", "your-api-key-here",
    "xxx", "***", "changeme", "TODO", "sk-...", "REDACTED", "000000000000000000000000", "ghp_" + "x" * 36,
    "os.environ/OPENAI_API_KEY", "=Env.API_KEY", "@Microsoft.KeyVault(SecretUri=https://x)", "op://vault/item/field",
    "vault:secret/data/x#key", "secrets.API_KEY", "${{ secrets.API_KEY }}", "sk-ant-your-key-goes-here-please",
    "ghp_1234567890abcdefghijklmnopqrstuvwxyz", "AKIA" + "IOSFODNN7EXAMPLE", "none", "", "true", "12345678901234567890",
    "not-needed", "./secrets/token.txt", "/run/secrets/api_key", "https://vault.internal/v1/key", "%API_KEY%",
    "sk-ant-api03-xxxxxxxxxxxxxxxxxxxxxxxxxxxx", "file:./key.pem", "Bearer ${TOKEN}", "Bearer <token>",
])
def test_a_placeholder_is_no_credential(value: str) -> None:
    assert secret.find(value, name="OPENAI_API_KEY") == []


@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "GITHUB_TOKEN", "clientSecret", "--api-key", "X-Api-Key", "token",
                                  "SLACK_BOT_TOKEN", "DB_PASSWORD", "AUTH_TOKEN_PROD", "apiToken", "stripe.secret-key",
                                  "AWS_SECRET_ACCESS_KEY", "GITHUB_PAT", "ADMIN_API_KEY_1", "MY_KEY"])
def test_names_that_announce_a_credential(name: str) -> None:
    assert secret.names_credential(name)
    value = body(40)
    found = secret.find(value, name=name)
    assert [(one.provider, value[one.start:one.end]) for one in found] == [("generic", value)]


@pytest.mark.parametrize("name", ["MAX_TOKENS", "AWS_ACCESS_KEY_ID", "publicKey", "KEYBOARD", "TOKEN_LIMIT", "maxToken",
                                  "PRIMARY_KEY", "TOKENIZER", "SECRET_NAME", "NEXT_PUBLIC_ANON_KEY", "command", "url",
                                  "sort_key", "AUTHOR", "monkey", "requireAuth", "CLIENT_ID", "model"])
def test_names_that_do_not(name: str) -> None:
    assert not secret.names_credential(name)
    assert secret.find(body(40), name=name) == []


@pytest.mark.parametrize(("text", "confidence", "word"), [
    ("postgres://app:{}@db.prod.acme.io:5432/app", "high", ""),
    ("postgres://postgres:postgres@localhost:5432/app", "low", "postgres"),
    ("postgresql+asyncpg://user:{}@127.0.0.1/app", "medium", ""),
    ("mysql://root:root@db/app", "low", "root"),
    ("redis://:{}@cache.acme.io:6379", "high", ""),
    ("https://x:{}@github.com/acme/app.git", "high", ""),
])
def test_a_password_in_an_address(text: str, confidence: str, word: str) -> None:
    word = word or body(14)
    text = text.format(word)
    (found,) = secret.find(text, name="DATABASE_URL")
    assert (text[found.start:found.end], found.confidence) == (word, confidence)
    assert confidence == "low" or word not in found.shown


@pytest.mark.parametrize("text", [
    "postgres://user:password@host:5432/db", "postgres://${USER}:${PASS}@db.acme.io/app", "https://host.dev:8080/@scope",
    "postgres://user:<password>@db.acme.io/app", "postgres://app@db.acme.io/app", "https://x.dev/a:b@c",
    "postgres://user:your-password@db.acme.io/x",
])
def test_an_address_without_a_password(text: str) -> None:
    assert secret.find(text, name="DATABASE_URL") == []


def test_headers_queries_and_options() -> None:
    value = body(32)
    for text in (f"Bearer {value}", f"https://mcp.acme.io/mcp?api_key={value}", f"--api-key {value}",
                 f"--token={value} --x", f"export API_KEY={value}", f'{{"apiKey": "{value}"}}',
                 f"https://h.dev/?a=1&tavilyApiKey={value}#x", f"docker run -e GITHUB_TOKEN={value} img"):
        (found,) = secret.find(text)
        assert text[found.start:found.end] == value, text
    for numbered in (f"Bearer 7|{value}", f"Authorization: token 12|{value}"):
        (found,) = secret.find(numbered)
        assert numbered[found.start:found.end].endswith(f"|{value}")
    assert secret.find("Bearer authentication is used by every client") == []
    assert secret.find("Bearer <token>|<other-token>|") == []
    assert secret.find("the api_key is read from the environment: API_KEY=$KEY, token: my-service-account-name") == []


def test_basic_is_decoded() -> None:
    import base64

    good = base64.b64encode(f"admin:{body(12)}".encode()).decode()
    assert len(secret.find(f"Basic {good}")) == 1
    assert secret.find(f"Basic {base64.b64encode(b'user:password').decode()}") == []


def test_a_public_token_of_a_backend_is_hardly_one() -> None:
    import base64

    def token(claims: str) -> str:
        head, claim = (base64.urlsafe_b64encode(part.encode()).decode().rstrip("=")
                       for part in ('{"alg":"HS256","typ":"JWT"}', claims))
        return f"{head}.{claim}.{body(43)}"

    assert [one.confidence for one in secret.find(token('{"role":"anon","iss":"supabase"}'))] == ["low"]
    assert [one.confidence for one in secret.find(token('{"role":"service_role","iss":"supabase"}'))] == ["high"]


def test_a_private_key_needs_its_body() -> None:
    head = "-----BEGIN OPENSSH " + "PRIVATE KEY-----"
    assert [one.provider for one in secret.find(f"{head}\n{body(64)}")] == ["private-key"]
    assert [one.provider for one in secret.find(f"{head}\\n{body(64)}")] == ["private-key"]
    assert secret.find(f"never read a file that holds {head}") == []


def test_a_default_key_is_reported_as_such() -> None:
    (found,) = secret.find("sk-1234", name="master_key")
    assert (found.provider, found.confidence) == ("litellm", "medium")
    assert secret.find("sk-12345678", name="x") == []


def test_a_password_without_randomness_is_low() -> None:
    assert [one.confidence for one in secret.find("Sommer2024", name="DB_PASSWORD")] == ["low"]
    assert secret.find("Sommer2024", name="DB_TITLE") == []


@pytest.mark.parametrize("value", ["claude-sonnet-4-5-20250929", "gpt-4o-mini", "3f2b8c1e-9d47-4f6a-8b15-2c7d9e0a4f31",
                                   "@modelcontextprotocol/server-filesystem", "2025.8.21", "sha256:" + "ab" * 32])
def test_other_long_values_are_left_alone(value: str) -> None:
    assert secret.find(value, name="model") == []


def test_two_in_one_text_come_in_order() -> None:
    one, two = "ghp_" + body(36), "glpat-" + body(20)
    assert [found.provider for found in secret.find(f"{two} and {one}")] == ["gitlab", "github"]


def test_longer_or_shorter_than_the_form_is_not_it() -> None:
    assert secret.find("npm_" + body(37)) == []
    assert secret.find("npm_" + body(35)) == []
    assert secret.find("x" + "ghp_" + body(36)) == []
    assert len(secret.find("line\\n" + "ghp_" + body(36))) == 1


@settings(deadline=None, max_examples=150)
@given(st.text(max_size=300), st.sampled_from(["", "TOKEN", "password", "model"]))
def test_places_are_inside_and_nothing_is_shown_whole(text: str, name: str) -> None:
    for found in secret.find(text, name=name):
        assert 0 <= found.start < found.end <= len(text)
        hidden = text[found.start:found.end]
        assert len(hidden) < 6 or hidden not in found.shown


@pytest.mark.parametrize("piece", ["eyJ", "://:a@", "a.", "ghp_", "Bearer ", "a=", "a" * 7 + "=", "--a-b ", "sk-", "-",
                                   "-----BEGIN " + "PRIVATE KEY-----", "M" * 20 + "." + "a" * 6, "1234567890:AA",
                                   "?a=b&", "%", "Aa1"])
def test_hostile_text_comes_to_an_end(piece: str) -> None:
    found = secret.find(piece * (200_000 // len(piece)), name="TOKEN")
    assert len(found) <= 200


def test_every_entry_has_a_source_and_a_date() -> None:
    data = load("secrets")
    for entry in [*data["tokens"], *data["shapes"], *data["samples"],
                  data["names"], data["references"], data["placeholders"]]:
        assert entry["source"]
        assert entry["checked"]
    for entry in data["tokens"]:
        assert entry["min"] <= entry["max"]
        assert entry["confidence"] in ("low", "medium", "high")
