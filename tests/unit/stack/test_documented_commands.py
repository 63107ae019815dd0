"""Every documented command that goes through `stack.py exec` is one that its program takes."""

import ast
import re
import shlex
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pytest
from typer import Typer
from typer.core import TyperGroup
from typer.main import get_command

import budget_calendar.cli
import examples.journey.__main__
import followup.cli
import handoff.cli
import kakehashi_common.dead_letters.commands
import lead_scoring.cli
from deploy.local.bootstrap import ROOT

_PREFIX: Final = "python3 deploy/local/stack.py exec -- "
_PROGRAMS: Final[Mapping[str, Typer]] = {
    "lead-scoring": lead_scoring.cli.app,
    "budget-calendar": budget_calendar.cli.app,
    "followup": followup.cli.app,
    "handoff": handoff.cli.app,
    "python -m kakehashi_common.dead_letters": kakehashi_common.dead_letters.commands.cli,
    "python -m examples.journey": examples.journey.__main__.app,
}
_DOCUMENTS: Final = [
    file
    for file in (
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/*.md"),
        *ROOT.glob("services/*/README.md"),
        *ROOT.glob("examples/*.md"),
    )
    if _PREFIX in file.read_text()
]


def commands(document: Path) -> Iterator[str]:
    for found in re.finditer(re.escape(_PREFIX) + r"([^`\n]+)", document.read_text()):
        if "…" not in found.group(1):
            yield found.group(1).partition(" > ")[0].strip()  # the rest is the shell's


@pytest.mark.parametrize(
    "documented", sorted({command for document in _DOCUMENTS for command in commands(document)})
)
def test_a_documented_command_is_accepted(
    documented: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FILE", "M.yaml"):
        (tmp_path / name).touch()
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    [program] = [name for name in _PROGRAMS if documented.startswith(f"{name} ")]
    arguments = shlex.split(documented.removeprefix(program))

    root = get_command(_PROGRAMS[program])
    command, context = root, root.context_class(root)
    while isinstance(command, TyperGroup):
        _, found, arguments = command.resolve_command(context, arguments)
        assert found is not None
        command, context = found, found.context_class(found, parent=context)
    command.make_context(command.name, arguments)  # refuses what it doesn't take


def test_what_operators_paste_runs_in_the_stacks_environment() -> None:
    """Without its settings a command would look for another Kafka, and `python` may not exist."""
    text = (ROOT / "docs/operations.md").read_text()
    pasted = [
        line
        for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
        for line in block.split("\n")
    ]
    assert pasted
    assert [line for line in pasted if line and not line.startswith(_PREFIX)] == []


def test_documents_with_commands_were_found() -> None:
    assert {"README.md", "docs/operations.md"} <= {
        str(document.relative_to(ROOT)) for document in _DOCUMENTS
    }


_RUN: Final = re.compile(
    r"python3? -m ((?:kakehashi_common|lead_scoring|budget_calendar)(?:\.\w+)*)"
)


def texts(file: Path) -> Iterator[str]:
    """A document's text; of code its strings, joined as Python joins them."""
    if file.suffix == ".md":
        yield file.read_text()
        return
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


_MODULES: Final = sorted(
    {
        found
        for pattern in ("*.md", "docs/**/*.md", "services/*/README.md", "*/*/src/**/*.py")
        for file in ROOT.glob(pattern)
        if file.name != "CHANGELOG.md"  # names modules as they were
        for text in texts(file)
        for found in _RUN.findall(text)
    }
)


@pytest.mark.parametrize("module", _MODULES)
def test_a_module_that_documents_name_does_something_when_run(module: str) -> None:
    found = find_spec(module)
    assert found is not None
    assert found.origin is not None
    if found.submodule_search_locations is not None:
        assert find_spec(f"{module}.__main__") is not None
    else:
        assert 'if __name__ == "__main__":' in Path(found.origin).read_text()


def test_modules_to_run_were_found() -> None:
    assert {"kakehashi_common.dead_letters", "kakehashi_common.kafka.topics"} <= {*_MODULES}
