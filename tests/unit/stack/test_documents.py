"""Whatever file or module the documents name exists, so a move can't leave them behind."""

import importlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from deploy.local.bootstrap import ROOT

_DOCUMENTS: Final = sorted(
    {
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("services/*/README.md"),
        *ROOT.glob("libs/*/README.md"),
        *ROOT.glob("benchmarks/*.md"),
        *ROOT.glob("examples/**/*.md"),
    }
)
_FOLDERS: Final = frozenset(
    {".ci", "benchmarks", "deploy", "docs", "examples", "libs", "services", "tests"}
)
_WRITTEN_BY_A_RUN: Final = frozenset({"benchmarks/results/latest.json"})
_MODULE: Final = re.compile(
    r"(?:kakehashi_common|lead_scoring|budget_calendar|handoff|followup|benchmarks|examples)(?:\.[A-Za-z_]\w*)+"
)


@cache
def _files() -> frozenset[str]:
    return frozenset(
        f"/{file.relative_to(ROOT)}" for folder in _FOLDERS for file in (ROOT / folder).rglob("*")
    )


def _links(text: str) -> Iterator[str]:
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    for found in re.finditer(r"\]\(([^)\s#]+)[^)]*\)", prose):
        if not re.match(r"[a-z]+:", found.group(1)):
            yield found.group(1)


def _words_of_code(text: str) -> Iterator[str]:
    for block, inline in re.findall(r"```\w*\n(.*?)```|`([^`\n]+)`", text, re.DOTALL):
        for word in (block or inline).split():
            yield word.strip("\"',;()")


def _is_there(word: str) -> bool:
    """Tell whether a word of code exists, or names neither a file nor a module."""
    if _MODULE.fullmatch(word) and not _is_file_name(word):
        return _module_exists(word)
    if not re.fullmatch(r"[\w./-]+", word) or word in _WRITTEN_BY_A_RUN:
        return True
    if "/" in word and word.split("/", maxsplit=1)[0] in _FOLDERS:
        # `examples/` may be the folder of a service, `calendars/…` one of the benchmarks.
        return (ROOT / word).exists() or _ends_a_path(word)
    if word.endswith(".py") and not word.startswith("."):
        return _ends_a_path(word)
    return True


def _is_file_name(word: str) -> bool:
    return word.endswith((".py", ".yaml", ".json", ".md", ".csv"))


def _ends_a_path(word: str) -> bool:
    return any(file.endswith(f"/{word.rstrip('/')}") for file in _files())


def _module_exists(name: str) -> bool:
    """Tell whether this is a module, or what a module defines."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for attribute in parts[length:]:
            found = getattr(found, attribute, None)
        return found is not None
    return False


@pytest.mark.parametrize("document", _DOCUMENTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_the_links_of_a_document_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    assert [link for link in _links(text) if not (document.parent / link).exists()] == []


@pytest.mark.parametrize(
    "document",
    # The changelog tells what was true when it was written.
    [document for document in _DOCUMENTS if document.name != "CHANGELOG.md"],
    ids=lambda file: str(file.relative_to(ROOT)),
)
def test_files_and_modules_that_a_document_names_exist(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    assert [word for word in _words_of_code(text) if not _is_there(word)] == []


@pytest.mark.parametrize(
    ("word", "exists"),
    [
        ("tests/unit/stack/test_documents.py", True),
        ("stack/test_documents.py", True),
        ("tests/unit", True),
        ("kakehashi_common.clock", True),
        ("kakehashi_common.contracts.events.Event", True),
        ("/v1/leads", True),
        ("workflow.patched", True),
        ("tests/unit/stack/test_nothing.py", False),
        ("nothing.py", False),
        ("docs/nothing", False),
        ("kakehashi_common.nothing", False),
        ("kakehashi_common.clock.Nothing", False),
    ],
)
def test_a_word_that_names_what_does_not_exist_is_noticed(word: str, exists: bool) -> None:  # noqa: FBT001
    assert _is_there(word) is exists
