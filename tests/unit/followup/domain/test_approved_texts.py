"""Passages that a person writes into a text, and how far they change it."""

import pytest

from followup.domain.approved_texts import (
    LONGEST_PASSAGE,
    changed_share,
    check_passages,
    with_passages,
)
from followup.domain.playbooks.templates import FillIn
from kakehashi_common.domain.errors import DomainError

NOTE = FillIn("personal_note", "相手に合わせた一文")
TITLE = FillIn("title", "件名に添える語")
SUBJECT = "ごあいさつ【件名に添える語】"


def test_a_passage_takes_the_place_of_its_label_wherever_it_stands() -> None:
    text = "【相手に合わせた一文】\n{}\n【相手に合わせた一文】【件名に添える語】"
    assert with_passages(text, [NOTE, TITLE], {"personal_note": "先日は。"}) == (
        "先日は。\n{}\n先日は。【件名に添える語】"
    )


@pytest.mark.parametrize(
    ("passages", "field", "code"),
    [
        ({"note": "先日は。"}, "fill_ins/note", "unknown_fill_in"),
        ({"personal_note": " "}, "fill_ins/personal_note", "missing"),
        ({"personal_note": "a" * (LONGEST_PASSAGE + 1)}, "fill_ins/personal_note", "too_long"),
        ({"personal_note": "\x00"}, "fill_ins/personal_note", "not_text"),
        ({"title": "一行目\nBcc: x@example.jp"}, "fill_ins/title", "line_break"),
    ],
)
def test_a_passage_that_belongs_nowhere_or_cannot_stand_there_is_refused(
    passages: dict[str, str], field: str, code: str
) -> None:
    with pytest.raises(DomainError) as refused:
        check_passages([NOTE, TITLE], passages, subject=SUBJECT)
    assert (refused.value.field, refused.value.code) == (field, code)


def test_passages_of_several_lines_may_stand_in_the_text() -> None:
    check_passages(
        [NOTE, TITLE], {"personal_note": "一行目\n二行目", "title": "（再送）"}, subject=SUBJECT
    )


@pytest.mark.parametrize(
    ("original", "edited", "share"),
    [
        ("資料をお送りします。", "資料をお送りします。", 0.0),
        ("資料をお送りします。", "別の文です。", 1.0),
        ("", "", 0.0),
        ("", "新しい文。", 1.0),
        ("一文目です。二文目です。", "一文目です。三文目です。", 0.5),
        ("一文目です。二文目です。", "一文目です。", 0.3333),
    ],
)
def test_the_change_of_a_text_is_measured_by_phrases(
    original: str, edited: str, share: float
) -> None:
    assert changed_share(original, edited) == share
