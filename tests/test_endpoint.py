"""Where a URL leads, without asking anybody."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overgrant.dialect.grammar.endpoint import classify


def words(url: str) -> set[str]:
    place = classify(url)
    return {name for name in ("encrypted", "loopback", "private", "local_name", "placeholder", "userinfo",
                              "secret_query", "everywhere") if getattr(place, name)}


@pytest.mark.parametrize(("url", "host", "port", "said"), [
    ("https://api.acme.io/v1", "api.acme.io", 443, {"encrypted"}),
    ("http://api.acme.io:8080/v1", "api.acme.io", 8080, set()),
    ("http://localhost:3000/mcp", "localhost", 3000, {"loopback"}),
    ("http://127.0.0.2", "127.0.0.2", 80, {"loopback"}),
    ("http://[::1]:9/x", "::1", 9, {"loopback"}),
    ("http://[::ffff:127.0.0.1]/", "::ffff:127.0.0.1", 80, {"loopback"}),
    ("http://app.localhost", "app.localhost", 80, {"loopback"}),
    ("http://10.1.2.3", "10.1.2.3", 80, {"private"}),
    ("http://169.254.169.254/latest", "169.254.169.254", 80, {"private"}),
    ("http://100.64.1.1", "100.64.1.1", 80, {"private"}),
    ("http://host.docker.internal:11434", "host.docker.internal", 11434, {"private", "local_name"}),
    ("http://mcp-server:8000/sse", "mcp-server", 8000, {"local_name"}),
    ("http://nas.local", "nas.local", 80, {"local_name"}),
    ("http://svc.ns.svc.cluster.local:80", "svc.ns.svc.cluster.local", 80, {"local_name"}),
    ("http://0.0.0.0:8000", "0.0.0.0", 8000, {"everywhere"}),
    ("http://[::]:8000", "::", 8000, {"everywhere"}),
    ("0.0.0.0:8000", "0.0.0.0", 8000, {"everywhere"}),
    ("localhost:3000", "localhost", 3000, {"loopback"}),
    ("http://8.8.8.8", "8.8.8.8", 80, set()),
    ("https://${HOST}/mcp", "", 443, {"encrypted", "placeholder"}),
    ("https://${HOST:-api.acme.io/x}/mcp", "", 443, {"encrypted", "placeholder"}),
    ("https://api.acme.io/mcp?key=${KEY}", "api.acme.io", 443, {"encrypted", "placeholder"}),
    ("https://user:pw@api.acme.io", "api.acme.io", 443, {"encrypted", "userinfo"}),
    ("https://api.acme.io\\@evil.dev/", "api.acme.io", 443, {"encrypted"}),
    ("https://good.dev@evil.dev/", "evil.dev", 443, {"encrypted", "userinfo"}),
    ("wss://x.dev", "x.dev", 443, {"encrypted"}),
    ("unix:///var/run/docker.sock", "", 0, {"encrypted", "loopback"}),
    ("HTTP://API.Acme.IO.", "api.acme.io", 80, set()),
])
def test_where_it_leads(url: str, host: str, port: int, said: set[str]) -> None:
    place = classify(url)
    assert (place.host, place.port, words(url)) == (host, port, said)


def test_a_credential_in_the_query() -> None:
    value = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7" + "cF0"
    assert classify(f"https://mcp.acme.io/mcp?api_key={value}").secret_query
    assert not classify("https://mcp.acme.io/mcp?api_key=your-key&page=2").secret_query
    assert not classify(f"https://mcp.acme.io/mcp?page={value}").secret_query


@pytest.mark.parametrize(("url", "provider"), [
    ("https://api.anthropic.com", "anthropic"), ("https://api.openai.com/v1", "openai"),
    ("https://api.githubcopilot.com/mcp/", "github"), ("https://acme.openai.azure.com/", "azure"),
    ("https://api.anthropic.com.evil.dev", ""), ("https://bedrock-runtime.eu-west-1.amazonaws.com", "aws"),
    ("https://notapi.openai.com.co", ""), ("https://openai.com.evil", ""),
])
def test_official_hosts(url: str, provider: str) -> None:
    assert classify(url).known == provider


def test_no_scheme_is_not_clear_text() -> None:
    assert classify("api.acme.io").encrypted is None


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=120))
def test_anything_is_tolerated(text: str) -> None:
    assert classify(text).port <= 99999
    classify("https://" + text)
