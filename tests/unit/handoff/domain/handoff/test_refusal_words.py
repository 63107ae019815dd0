"""Each code with which a message to a handoff can be refused has Japanese words."""

import re
from pathlib import Path

from handoff.domain import handoff, readiness
from handoff.domain.handoff.refusals import REFUSALS
from handoff.workflow import journal, service_levels
from kakehashi_common.domain import checks

_OF_SETTINGS = "policy.py"
"""It checks what the API is given, and no message."""


def test_each_code_has_japanese_words() -> None:
    files = [
        *(each for each in Path(*handoff.__path__).glob("*.py") if each.name != _OF_SETTINGS),
        *(Path(str(each.__file__)) for each in (readiness, journal, service_levels, checks)),
    ]
    codes = {
        code
        for file in files
        for code in re.findall(r'code="([a-z_]+)"', file.read_text(encoding="utf-8"))
    }
    assert codes | {"not_text"} == REFUSALS.keys()
