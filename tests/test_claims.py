"""What an agent's own words promise, and what they tell it to do."""

from __future__ import annotations

import pytest

from overgrant.model import Agent
from trees import analysis_of, judged

READS, QUIET = ("read-only",), ()

# what the description says, and what is made of it
PURPOSES = [
    ("Read-only code explorer that finds callers", READS),
    ("A strictly read-only helper", READS),
    ("Read only agent for the triage of logs", READS),
    ("Investigates incidents (read-only)", READS),
    ("Analysis-only: maps dependencies between modules", READS),
    ("Plan-only helper, this agent is read-only", READS),
    ("Maps the code. Never modifies files.", ("no-write",)),
    ("Makes no changes to the tree", ("no-write",)),
    ("Answers questions. It does not modify code.", ("no-code-change",)),
    ("Hands every task to others; never writes production code, tests or designs", ("no-code-change",)),
    ("Knows the API by heart but never edits it", ("no-write",)),
    ("Lists problems without changing any files", ("no-write",)),
    ("Plans migrations, makes no edits", ("no-write",)),
    ("Leaves every file untouched and lists what is old", ("no-write",)),
    ("Audits licences without making changes", ("no-write",)),
    ("A planning-only agent that reasons step by step", READS),
    ("Plans work without running code, editing files or deleting anything", ("no-write", "no-exec")),
    ("An independent review that won't modify any files", ("no-write",)),
    ("Advisory only", ("advisory",)),
    ("Explains code and never runs commands", ("no-exec",)),
    ("Reads binaries, no code execution", ("no-exec",)),
    ("Works without network access", ("no-network",)),
    ("Offline-only helper for release notes", ("no-network",)),
    ("Reviews a change for mistakes", ("narrow",)),
    ("Use this agent when you need to review code for style", ("narrow",)),
    ("Use PROACTIVELY to audit dependencies", ("narrow",)),
    ("Expert code reviewer", ("narrow",)),
    ("MUST BE USED after writing code to review it", ("narrow",)),
    ("Security specialist that audits login flows", ("narrow",)),
    ("Migrates data to the read-only replica", QUIET),
    ("A builder, not read-only", QUIET),
    ("Repairs uploads when the bucket is read-only", QUIET),
    ("Refactors without changing code behaviour", QUIET),
    ("Builds features", QUIET),
    ("General-purpose assistant", QUIET),
    ("Reviews a change and fixes mistakes", QUIET),
    ("Researches libraries and writes a report", QUIET),
    ("Runs the test suite and analyses failures", QUIET),
    ("Senior engineer who implements features after reviewing the plan", QUIET),
    ("Writes documentation. Never modifies code.", QUIET),
    ("Keeps files that never change out of the cache", QUIET),
    # other languages
    ("只读代码审查代理", READS),
    ("読み取り専用の調査エージェント", READS),
    ("Agente de solo lectura para revisar contratos", READS),
    ("Assistente somente leitura", READS),
    ("Nur lesend: sucht Fehler", READS),
    ("Agent en lecture seule", READS),
    ("Reviews security. Does NOT implement fixes.", ("no-code-change",)),
    ("Coordinates the team. Never implements features itself; others do.", ("no-code-change",)),
    ("Delegates all implementation work; never writes production code", ("no-code-change",)),
    ("Finds defects, never applies patches", ("no-code-change",)),
    ("Designs systems and does not write implementation code.", ("no-code-change",)),
    ("Applies updates, and never applies patches that a maintainer has not read.", QUIET),
    ("Never fixes issues without a test.", QUIET),
    ("Does not implement features that nobody asked for.", QUIET),
]

# what the instructions say
BODIES = [
    ("- You are **read-only**: never create files.", READS),
    ("You are a READ-ONLY agent.", READS),
    ("This agent has read-only access to the repository.", READS),
    ("=== CRITICAL: READ-ONLY MODE - NO FILE MODIFICATIONS ===", READS),
    ("## Strict read-only mode", READS),
    ("You have read-only tooling: `Read`, `Grep`.", READS),
    ("You only analyze. You never implement.", READS),
    ("You ONLY review code and report issues.", READS),
    ("Your job is to analyze, not to implement.", READS),
    ("THIS IS AN ANALYSIS-ONLY TASK", READS),
    ("Do NOT modify any files.", ("no-write",)),
    ("Do not edit code.", ("no-code-change",)),
    ("Do not write implementation code - your role is design only.", ("no-code-change",)),
    ("Don't make any changes to the code.", ("no-write",)),
    ("You MUST NOT edit files.", ("no-write",)),
    ("- NEVER write, edit, or delete files.", ("no-write",)),
    ("Under no circumstances modify the codebase.", ("no-write",)),
    ("You are not allowed to modify files.", ("no-write",)),
    ("You do NOT write code. You weigh trade-offs.", ("no-code-change",)),
    ("Report findings only; do not fix anything yourself.", ("no-code-change",)),
    ("- No file edits.", ("no-write",)),
    ("Do NOT write files or invoke mutating commands.", ("no-write",)),
    ("不要修改任何文件。", ("no-write",)),
    ("ファイルを変更しないこと。", ("no-write",)),
    ("Você NÃO deve modificar arquivos.", ("no-write",)),
    ("Give feedback and avoid making code changes yourself.", ("no-write",)),
    ("Your job is to look for mistakes, but you never modify files.", ("no-write",)),
    ("It can only read and analyze code - it cannot make modifications.", READS),
    ("You do NOT have access to edit, or to any tool that modifies files.", ("no-write",)),
    ("You have no editing tools.", ("no-write",)),
    ("- Never edit or create files directly.", ("no-write",)),
    ("Avoid making breaking changes.", QUIET),
    ("It cannot make changes to the schema at run time, so migrate first.", QUIET),
    ("You are advisory: the maintainer decides.", ("advisory",)),
    ("- JSON only as your final message.", ("advisory",)),
    ("Return a single JSON document. No prose around it.", ("advisory",)),
    ("You MUST NOT call `gh pr comment`, `gh issue`, or any other GitHub write command.", ("advisory",)),
    ("Your only output channel is the JSON return.", ("advisory",)),
    ("The orchestrator is the sole writer.", ("advisory",)),
    ("- NO `gh` writes.", ("advisory",)),
    ("You do not have shell access.", ("no-exec",)),
    ("You have no network access.", ("no-network",)),
    ("Do not modify files outside `src/`.", QUIET),
    ("Never modify files without reading them first.", QUIET),
    ("Do not edit generated files.", QUIET),
    ("Do not write code until the plan is approved.", QUIET),
    ("You must not modify tests to make them pass.", QUIET),
    ("Never write code comments that restate the code.", QUIET),
    ("Do not edit files in `vendor/`.", QUIET),
    ("Don't change code that is unrelated to the task.", QUIET),
    ("Do not modify files, unless the user asks.", QUIET),
    ("Mount the volume read-only.", QUIET),
    ("Use read-only transactions where you can.", QUIET),
    ("- Read-only fields are rendered in grey.", QUIET),
    ("```\nDo not modify any files.\n```", QUIET),
    ("Dispatch the scout with \"You are read-only. Do not edit files.\" and wait.", QUIET),
    ("Spawn a read-only explorer first, then build.", QUIET),
    ("Do NOT push to the remote, and do not commit.", QUIET),
    ("Never delete files. Move them to `old/`.", QUIET),
    ("Do not modify production code. Write the tests to `tests/`.", QUIET),
    ("Write the report to `reports/review.md`. Do not modify any code.", QUIET),
    ("Answer in JSON when you are asked for data.", QUIET),
]

# what the instructions tell it to do
TOLD = [
    ("Write the report to `reports/review.md`.", ("writes-files",)),
    ("1. Save your findings to docs/findings.md", ("writes-files",)),
    ("- **Create** a file `analysis/{name}.json` with the result", ("writes-files",)),
    ("**OUTPUT**: A markdown report file saved to the reports directory", ("writes-files",)),
    ("Findings are returned; the caller writes them to notes.md.", ()),
    ("Never write the report to `reports/review.md`.", ()),
    ("Run the tests and read what fails.", ("runs-project",)),
    ("- Execute the test suite with `pytest -q`", ("runs-project",)),
    ("1. Run `npm test`", ("runs-project",)),
    ("Never run the tests.", ()),
    ("Ask the caller to run the tests.", ()),
]


def agent(text: str, more: str = "", body: str = "Work.") -> Agent:
    tree = {".claude/agents/helper.md": f"---\nname: helper\ndescription: {text!r}\n{more}---\n{body}\n".encode()}
    return analysis_of(tree).world.agents[0]


@pytest.mark.parametrize(("text", "claims"), PURPOSES)
def test_a_description(text: str, claims: tuple[str, ...]) -> None:
    assert agent(text).claims == claims


@pytest.mark.parametrize(("body", "claims"), BODIES)
def test_instructions(body: str, claims: tuple[str, ...]) -> None:
    assert agent("Helps the team", body=f"You help.\n\n{body}\n").claims == claims


@pytest.mark.parametrize(("body", "told"), TOLD)
def test_what_it_is_told_to_do(body: str, told: tuple[str, ...]) -> None:
    assert agent("Helps the team", body=f"You help.\n\n{body}\n").told == told


@pytest.mark.parametrize(("head", "body", "rules"), [
    ("description: Read-only auditor\ntools: Read, Write", "Look.", ["claim-exceeded"]),
    ("description: Read-only auditor\ntools: Read, Write", "Write the report to `audit.md`.", []),
    ("description: Read-only auditor\ntools: Read, Bash", "Look.", ["shell-against-claim"]),
    ("description: Read-only auditor\ntools: Read, Bash", "Run the tests, then look.", []),
    ("description: Read-only auditor", "Write the report to `audit.md`.", ["inherits-everything"]),
    ("description: Looks at a design", "Return JSON only.", ["inherits-everything"]),
    ("description: Looks at a design\ntools: Read, Write", "Return JSON only.", []),
    ("description: Runs the tests", "Return JSON only.", []),
    ("description: Reviews a design\ntools: Read, Write", "Look.", []),
    ("description: Reviews a design", "Look.", ["narrow-job-inherits"]),
    ("description: Plans a design\ntools: Read, Write", "You do not modify code.", []),
    ("description: Plans a design", "You do not modify code.", ["inherits-everything"]),
    ("description: Read-only auditor\ndisallowedTools: Write, Edit", "Look.", ["shell-left"]),
    ("description: Read-only auditor\ndisallowedTools: Write, Edit, Bash", "Look.", []),
    ("description: Fixes a design", "Look.", []),
])
def test_findings(head: str, body: str, rules: list[str]) -> None:
    tree = {".claude/agents/helper.md": f"---\nname: helper\n{head}\n---\n{body}\n".encode()}
    assert [each.rule.id for each in judged(tree).findings] == rules

# the same promises in other languages: the text, and what is made of it where it is the description and where it is the body
ELSEWHERE = [
    ("安全审计员，只发现与建议，不修改代码。", ("no-code-change",)),
    ("审查变更。不改代码，不打真实外网。", ("no-code-change",)),
    ("绝不编辑任何文件。", ("no-write",)),
    ("禁止直接修改源代码", ("no-code-change",)),
    ("調査のみ行い、コードは変更しません。", ("no-code-change",)),
    ("ファイルを編集しないでください。", ("no-write",)),
    ("変更は提案に留める。", ("advisory",)),
    ("코드를 수정하지 않고 보고만 합니다.", ("no-code-change",)),
    ("파일을 직접 수정하지 마세요.", ("no-write",)),
    ("코드 수정 금지", ("no-code-change",)),
    ("Solo lee y reporta.", READS),
    ("Nunca escribe ni edita código.", ("no-code-change",)),
    ("No modifiques archivos.", ("no-write",)),
    ("Es un agente de solo lectura.", READS),
    ("Não edita arquivos.", ("no-write",)),
    ("Nunca altere o código.", ("no-code-change",)),
    ("Ne modifie jamais le code.", ("no-code-change",)),
    ("N'écris jamais de code.", ("no-code-change",)),
    ("Ne touche à aucun fichier.", ("no-write",)),
    ("Ändert keinen Code.", ("no-code-change",)),
    ("Nimm keine Änderungen am Code vor.", ("no-code-change",)),
    ("Niemals Dateien ändern.", ("no-write",)),
    ("Non modifica mai il codice.", ("no-code-change",)),
    ("Ты **только читаешь** код — не создаёшь и не редактируешь файлы.", READS),
    ("Не изменяет файлы.", ("no-write",)),
    # narrower, or about something else
    ("重构时不修改代码逻辑和接口。", QUIET),
    ("コードを変更しない場合は先へ進む。", QUIET),
    ("Nunca escribe código de producción sin pruebas.", QUIET),
    ("Ne modifie jamais le code généré à la main.", QUIET),
    ("Ändert keinen Code, außer in den Tests.", QUIET),
    ("Schreibt Code und ändert Dateien.", QUIET),
    ("Escribe código limpio.", QUIET),
    ("Пишет код и редактирует файлы.", QUIET),
    ("코드를 수정하고 테스트를 실행합니다.", QUIET),
    ("编写代码并修改文件。", QUIET),
]


@pytest.mark.parametrize(("text", "claims"), ELSEWHERE)
def test_other_languages(text: str, claims: tuple[str, ...]) -> None:
    assert agent(text).claims == claims
    assert agent("Helps", body=text + "\n").claims == claims


@pytest.mark.parametrize("text", [
    "Mantiene bitácora en references/security/audit-log.md.", "Guarda el informe en `docs/informe.md`.", "报告写 `reports/audit-1.md`；",
    "レポートを `docs/review.md` に保存する。", "결과를 `docs/report.md`에 저장합니다.", "Schreibe den Bericht nach `docs/bericht.md`.",
    "Écris le rapport dans `docs/rapport.md`.", "Сохрани отчёт в `docs/report.md`.",
])
def test_a_report_in_other_languages(text: str) -> None:
    assert "writes-files" in agent("Helps", body=text + "\n").told


def test_a_comment_is_no_task() -> None:
    body = "<!-- Generated from agents/reviewer.md. Edit that file and run the installer again. -->\n\nReview the change."
    text = f"---\nname: reviewer\ndescription: Reviews a change and cannot edit files\n---\n{body}\n"
    assert [each.rule.id for each in judged({".gemini/agents/reviewer.md": text.encode()}).findings] == ["inherits-everything"]


def test_a_finding_stands_where_the_list_would() -> None:
    text = "---\nname: helper\nmodel: small\ncolor: red\ndescription: Read-only auditor\n---\nLook.\n"
    found = judged({".claude/agents/helper.md": text.encode()}).findings
    assert [each.primary.span.begin[0] for each in found] == [2]


def test_a_mode_that_changes_nothing_holds_the_claim() -> None:
    assert agent("Read-only planner", "permissionMode: plan\n").claims == ()


def test_tools_taken_away_are_not_inherited() -> None:
    assert agent("Scout").tools_from == "inherited"
    assert agent("Scout", "disallowedTools: Write, Bash\n").tools_from == "named"
    assert agent("Scout", "tools: Read\n").tools_from == "named"


def test_the_claim_is_underlined() -> None:
    found = agent("Maps the code. Never modifies files.").at["claims"].span
    assert found.text == "Never modifies files"


@pytest.mark.parametrize("text", [
    "do not " * 20_000, "write " * 20_000, "you only " * 10_000, "a" * 200_000, " " * 200_000, "\n" + (" " * 300 + "\n") * 500,
    "```\n" + (" x" * 150 + "\n") * 500 + "```\n" + "never change files " * 1_000, "- " * 50_000, "*" * 50_000, "no, " * 20_000,
    "json return " * 5_000, "write, edit or " * 10_000,
])
def test_hostile_text_comes_to_an_end(text: str) -> None:
    assert agent("Helps", body=text).name == agent(text[:20_000].replace("\n", " ")).name
