"""Each code with which a message to a sequence can be refused has Japanese words."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from followup.domain import sequences
from followup.domain.sequences.checks import check, check_ahead
from followup.domain.sequences.commands import Pause, Stop
from followup.domain.sequences.refusals import REFUSALS
from followup.workflow import journal
from kakehashi_common.domain import checks
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.temporal.refusals import MessageRefusedError
from tests.support.sequences import at

OF_ACTIVITIES = {"unknown_playbook"}
OF_TEXTS = {"not_text"}


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
    assert codes | OF_ACTIVITIES | OF_TEXTS == REFUSALS.keys()


def test_a_pause_that_is_over_names_until() -> None:
    now = at("2026-11-30 10:00")
    check_ahead(Pause("is-1", until=now + timedelta(minutes=1)), now)
    check_ahead(Pause("is-1"), now)
    with pytest.raises(DomainError) as refused:
        check_ahead(Pause("is-1", until=now), now)
    assert (refused.value.field, refused.value.code) == ("until", "until_in_the_past")
    assert REFUSALS["until_in_the_past"]


@pytest.mark.parametrize(("by", "said"), [("x" * 300, "文字数が上限"), ("\ud800", "文字として")])
def test_a_text_that_cannot_be_taken_is_named_in_japanese(by: str, said: str) -> None:
    with pytest.raises(DomainError) as refused:
        check(Stop(by))
    assert f"by：{said}" in str(MessageRefusedError.by_rule(refused.value, REFUSALS))
