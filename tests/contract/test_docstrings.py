"""Docstrings begin with the thing itself, not with "What" or "How": see CONTRIBUTING.md."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
FOLDERS: Final = ("libs", "services", "tests", "examples", "benchmarks", "deploy")
QUESTION: Final = re.compile(r"\s*(?:What|How)\b")


def places(source: str) -> Iterator[int]:
    """Yield the lines of docstrings that begin so, those of attributes included."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Expr(value=ast.Constant(value=str(text))) if QUESTION.match(text):
                yield node.lineno


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_docstring_begins_with_what_or_how(folder: str) -> None:
    found = [
        f"{file.relative_to(ROOT)}:{line}"
        for file in sorted((ROOT / folder).rglob("*.py"))
        for line in places(file.read_text(encoding="utf-8"))
    ]
    assert not found


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ('"""What is read."""', [1]),
        ('N = 1\n"""How many there are."""', [2]),
        ('class A:\n    """\n    What it is.\n    """', [2]),
        ('def f():\n    """Whatever was said, return it."""', []),
        ('"""Howard\'s method."""\nTEXT = "What"', []),
    ],
)
def test_docstrings_are_found_wherever_they_stand(source: str, lines: list[int]) -> None:
    assert list(places(source)) == lines
