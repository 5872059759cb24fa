"""What the name of an unknown tool says."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overgrant.dialect.grammar.tools import effects_of_name, reads_only, words_of
from overgrant.model import EFFECTS
from overgrant.read.knowledge import load


@pytest.mark.parametrize(("name", "words"), [
    ("delete_file", ["delete", "file"]), ("deleteFile", ["delete", "file"]), ("delete-file", ["delete", "file"]),
    ("mcp__github__create_issue", ["create", "issue"]), ("github/createIssue", ["create", "issue"]),
    ("HTTPRequest", ["http", "request"]), ("getURLContent", ["get", "url", "content"]), ("", []),
    ("read2files", ["read", "2", "files"]),
])
def test_words(name: str, words: list[str]) -> None:
    assert words_of(name) == words


@pytest.mark.parametrize(("name", "effects"), [
    ("delete_file", {"destroys", "deletes-files"}), ("get_delete_status", {"reads-data"}),
    ("read_file", {"reads-files"}),
    ("list_users", {"reads-data"}), ("write_file", {"writes-files"}), ("execute_command", {"runs-code"}),
    ("run_shell", {"runs-code"}), ("run_query", {"reads-data", "database-write"}), ("send_email", {"sends"}),
    ("email_send", {"sends"}), ("create_issue_comment", {"sends"}), ("transfer_funds", {"moves-money"}),
    ("create_refund", {"database-write", "moves-money"}), ("fetch_url", {"reads-data", "network", "untrusted-input"}),
    ("web_search", {"reads-data", "network", "untrusted-input"}), ("read_emails", {"reads-data", "untrusted-input"}),
    ("get_secret", {"reads-data", "secrets"}), ("merge_pull_request", {"publishes"}),
    ("deploy_stack", {"cloud", "deploys"}),
    ("update_permissions", {"database-write", "changes-permissions"}), ("install_package", {"installs"}),
    ("create_agent", {"spawns-agents"}), ("add_memory", {"persists"}), ("calculate_total", set()),
    ("PythonREPL", {"runs-code"}), ("shell", {"runs-code"}), ("foo", set()), ("drop_table", {"destroys"}),
    ("get_page_content", {"reads-data", "network", "untrusted-input"}), ("slack_post_message", {"sends"}),
])
def test_effects(name: str, effects: set[str]) -> None:
    found, confidence = effects_of_name(name)
    assert confidence == "low"
    assert set(found) == effects


@pytest.mark.parametrize(("name", "reads"), [
    ("get_user", True), ("searchDocs", True), ("get_delete_status", True), ("delete_user", False), ("frobnicate", None),
    ("validate_transfer", True), ("create_read_replica", False),
])
def test_polarity(name: str, reads: bool | None) -> None:
    assert reads_only(name) is reads


def test_every_word_of_the_data_is_known() -> None:
    data = load("tools")
    assert data["source"]
    assert data["checked"]
    for entry in (*data["verbs"], *data["nouns"]):
        assert set(entry["effects"]) <= set(EFFECTS)
    for thing in data["objects"]:
        assert set(thing.get("add", ())) | set(thing.get("replace", ())) <= set(EFFECTS)
        assert ("add" in thing) != ("replace" in thing)
        assert thing["with"] in ("any", "reading", "writing", "deleting", "creating", "running")
    for entry in (*data["verbs"], *data["objects"], *data["nouns"]):
        assert all(word == word.lower() for word in entry["words"])


def test_a_verb_has_one_meaning() -> None:
    words = [word for entry in load("tools")["verbs"] for word in entry["words"]]
    assert sorted({word for word in words if words.count(word) > 1}) == []


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=300))
def test_any_name_is_tolerated(name: str) -> None:
    effects, _ = effects_of_name(name)
    assert set(effects) <= set(EFFECTS)
