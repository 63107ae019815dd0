import sys
from importlib import util
from pathlib import Path

import pytest

from kakehashi_common.temporal.worker import build_id


@pytest.fixture
def workflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> type:
    (tmp_path / "handlers.py").write_text("ANSWER = 1\n")
    file = tmp_path / "the_workflow.py"
    file.write_text("class Life: ...\n")
    spec = util.spec_from_file_location("the_workflow", file)
    assert spec is not None
    assert spec.loader is not None
    module = util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "the_workflow", module)
    spec.loader.exec_module(module)
    found: type = module.Life
    return found


@pytest.mark.parametrize("changed", ["the_workflow.py", "handlers.py"])
def test_other_code_of_a_workflow_has_another_build_id(
    workflow: type, changed: str, tmp_path: Path
) -> None:
    before = build_id([workflow])
    assert build_id([workflow]) == before
    with (tmp_path / changed).open("a") as file:
        file.write("# changed\n")
    assert build_id([workflow]) != before
