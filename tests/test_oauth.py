"""Broad scopes: which they are, and that narrow ones are left alone."""

from __future__ import annotations

import fnmatch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overgrant.dialect.grammar.oauth import _glob, broad
from overgrant.read.knowledge import load


@pytest.mark.parametrize(("scope", "provider", "write"), [
    ("repo", "github", True), ("https://www.googleapis.com/auth/cloud-platform", "google", True),
    ("https://www.googleapis.com/auth/gmail.readonly", "google", False), ("https://mail.google.com/", "google", True),
    ("https://www.googleapis.com/auth/admin.directory.user", "google", True), ("roles/owner", "google", True),
    ("roles/storage.admin", "google", True), ("Directory.ReadWrite.All", "microsoft", True),
    ("Notes.ReadWrite.All", "microsoft", True), ("https://graph.microsoft.com/.default", "microsoft", True),
    ("*", "aws", True), ("s3:*", "aws", True), ("iam:PassRole", "aws", True), ("AmazonS3FullAccess", "aws", True),
    ("cluster-admin", "kubernetes", True), ("chat:write", "slack", True), ("offline_access", "openid", False),
])
def test_broad(scope: str, provider: str, write: bool) -> None:
    found = broad(scope)
    assert found is not None
    assert (found.provider, found.write) == (provider, write)


@pytest.mark.parametrize("scope", [
    "read:org", "repo:status", "openid", "email", "s3:GetObject", "s3:Get*", "User.Read", "Mail.Read",
    "roles/run.invoker", "https://www.googleapis.com/auth/drive.file",
    "https://www.googleapis.com/auth/admin.directory.user.readonly", "",
    "https://www.googleapis.com/auth/cloud-platform.read-only", "x" * 1000, "REPO", "view",
])
def test_narrow(scope: str) -> None:
    assert broad(scope) is None


def test_a_provider_tells_short_words_apart() -> None:
    slack, linear = broad("admin", provider="slack"), broad("admin", provider="linear")
    assert slack is not None
    assert linear is not None
    assert slack.narrower != linear.narrower
    assert broad("repo", provider="gitlab") is None


def test_every_entry_is_well_formed() -> None:
    for entry in load("oauth")["scopes"]:
        assert set(entry) <= {"provider", "scopes", "patterns", "except", "only", "gives", "narrower", "write",
                              "source", "checked"}
        assert entry["source"]
        assert entry["checked"]
        assert entry["gives"][0].islower()
        assert entry["narrower"][0].isupper()
        assert ("scopes" in entry) != ("patterns" in entry)
        for scope in entry.get("scopes", ()):
            assert broad(scope, provider=entry["provider"]) is not None


@settings(deadline=None, max_examples=200)
@given(st.text("ab*", max_size=6), st.text("ab", max_size=8))
def test_globs_agree_with_the_standard_library(pattern: str, text: str) -> None:
    assert _glob(pattern, text) == fnmatch.fnmatchcase(text, pattern)
