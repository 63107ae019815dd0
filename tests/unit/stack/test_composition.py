"""A service's parts are put together in its ``container.py``, for whoever uses them."""

import ast
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[3]
PACKAGES = {"lead_scoring": "services/lead-scoring/src"}
ELSEWHERE_TOO = {"LeadEventPublisher"}
"""The import and the replay publish events without a service."""


def constructed(module: Path, package: str) -> set[str]:
    """The classes of ``package`` that a module imports and calls."""
    nodes = list(ast.walk(ast.parse(module.read_text(encoding="utf-8"))))
    imported = {
        alias.name
        for node in nodes
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{package}.")
        for alias in node.names
        if alias.name[0].isupper()
    }
    called = {node.func for node in nodes if isinstance(node, ast.Call)}
    return imported & {name.id for name in called if isinstance(name, ast.Name)}


@pytest.mark.parametrize("package", PACKAGES)
def test_only_the_container_and_unit_tests_construct_what_it_wires(package: str) -> None:
    container = REPOSITORY / PACKAGES[package] / package / "container.py"
    parts = constructed(container, package) - ELSEWHERE_TOO
    assert parts
    by_hand = {
        str(module.relative_to(REPOSITORY)): made
        for folder in (PACKAGES[package], "benchmarks", "tests")
        for module in (REPOSITORY / folder).rglob("*.py")
        if module != container and not module.is_relative_to(REPOSITORY / "tests" / "unit")
        if (made := constructed(module, package) & parts)
    }
    assert by_hand == {}
