import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import kakehashi_common
from budget_calendar import workflows
from kakehashi_common.temporal.worker import build_id


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a package, and a `kakehashi_common` beside it, both of this test's own."""
    for file, text in (
        ("a_service/__init__.py", ""),
        ("a_service/workflows/__init__.py", ""),
        ("a_service/workflows/life.py", "class Life: ...\n"),
        ("a_service/workflows/handlers.py", "ANSWER = 1\n"),
        ("a_service/domain/__init__.py", ""),
        ("a_service/domain/pursuit/deciding.py", "DAYS = 3\n"),
        ("a_service/messages.py", "FIELDS = 2\n"),
        ("kakehashi_common/temporal/codec.py", "KEYS = 1\n"),
    ):
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(kakehashi_common, "__path__", [str(tmp_path / "kakehashi_common")])
    yield tmp_path
    for name in [each for each in sys.modules if each.partition(".")[0] == "a_service"]:
        del sys.modules[name]


@pytest.mark.parametrize(
    "changed",
    [
        "a_service/workflows/life.py",
        "a_service/workflows/handlers.py",
        "a_service/domain/pursuit/deciding.py",
        "a_service/messages.py",
        "kakehashi_common/temporal/codec.py",
    ],
)
def test_other_code_that_workflows_run_has_another_build_id(service: Path, changed: str) -> None:
    life: type = importlib.import_module("a_service.workflows.life").Life
    before = build_id([life])
    assert build_id([life]) == before
    with (service / changed).open("a") as file:
        file.write("# changed\n")
    assert build_id([life]) != before


def test_a_module_that_moves_changes_the_build_id(service: Path) -> None:
    life: type = importlib.import_module("a_service.workflows.life").Life
    before = build_id([life])
    (service / "a_service/messages.py").rename(service / "a_service/letters.py")
    assert build_id([life]) != before


def test_all_of_our_packages_that_workflows_share_are_part_of_the_build_id() -> None:
    hashed = {each.__module__.partition(".")[0] for each in workflows.WORKFLOWS}
    ours = {each for each in workflows.PASSED_THROUGH if each.startswith("budget_calendar")}
    assert ours <= hashed
