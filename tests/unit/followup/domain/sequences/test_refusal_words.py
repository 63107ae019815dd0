"""Each code with which a message to a sequence can be refused has Japanese words."""

import re
from pathlib import Path

from followup.domain import sequences
from followup.domain.sequences.refusals import REFUSALS
from followup.workflow import journal
from kakehashi_common.domain import checks

OF_ACTIVITIES = {"unknown_playbook"}


def test_each_code_has_japanese_words() -> None:
    files = [
        *Path(*sequences.__path__).glob("*.py"),
        *(Path(str(each.__file__)) for each in (journal, checks)),
    ]
    codes = {
        code
        for file in files
        for code in re.findall(r'code="([a-z_]+)"', file.read_text(encoding="utf-8"))
    }
    assert codes | OF_ACTIVITIES == REFUSALS.keys()
