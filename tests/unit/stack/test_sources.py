"""`up` restarts a process whose code has changed, and leaves it alone otherwise."""

from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.local.sources import fingerprint

CHANGES: dict[str, Callable[[Path], object]] = {
    "content": lambda src: (src / "app.py").write_text("print(2)"),
    "a new file": lambda src: (src / "rules" / "new.yaml").touch(),
    "a file gone": lambda src: (src / "rules" / "old.yaml").unlink(),
    "a new name": lambda src: (src / "app.py").rename(src / "main.py"),
    "the lock": lambda src: (src.parent / "uv.lock").write_text("version = 2"),
}
NOTHING_THAT_RUNS: dict[str, Callable[[Path], object]] = {
    "touched": lambda src: (src / "app.py").touch(),
    "compiled": lambda src: (src / "__pycache__" / "app.pyc").write_bytes(b"2"),
    "beside it": lambda src: (src.parent / "README.md").touch(),
}


@pytest.fixture
def code(tmp_path: Path) -> list[Path]:
    src = tmp_path / "src"
    (src / "rules").mkdir(parents=True)
    (src / "__pycache__").mkdir()
    (src / "app.py").write_text("print(1)")
    (src / "rules" / "old.yaml").touch()
    (tmp_path / "uv.lock").write_text("version = 1")
    return [tmp_path / "uv.lock", src]


@pytest.mark.parametrize("change", CHANGES)
def test_other_code_has_another_fingerprint(change: str, code: list[Path]) -> None:
    before = fingerprint(code)
    CHANGES[change](code[1])
    assert fingerprint(code) != before


@pytest.mark.parametrize("change", NOTHING_THAT_RUNS)
def test_the_same_code_has_the_same_fingerprint(change: str, code: list[Path]) -> None:
    before = fingerprint(code)
    NOTHING_THAT_RUNS[change](code[1])
    assert fingerprint(code) == before
