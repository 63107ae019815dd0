from collections.abc import Callable
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def agrees_with(request: pytest.FixtureRequest) -> Callable[[str, str], bool]:
    """Whether a picture is the committed one; with --rewrite-golden it becomes that one."""

    def compare(svg: str, name: str) -> bool:
        file = GOLDEN / name
        if request.config.getoption("--rewrite-golden"):
            file.write_text(svg, encoding="utf-8")
        return file.read_text(encoding="utf-8") == svg

    return compare
