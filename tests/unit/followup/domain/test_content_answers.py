"""An answer in the catalogue names nobody."""

import pytest

from followup.domain.contents.answers import check_impersonal
from kakehashi_common.domain.errors import DomainError

PEOPLE = ("田中 一郎", "佐藤　花子", "Smith John", "林", "")


@pytest.mark.parametrize(
    "text",
    [
        "田中一郎が答えた。",
        "田中　一郎",
        "田中\n一郎",
        "先日、田中様よりお尋ねの件です。",
        "田中課長のご指摘",
        "田中 係長",
        "佐藤さんの質問",
        "SmithJohn",
        "お問い合わせは ichiro@city.example.jp まで",
        "内線は 0277-46-1111 です",
        "０２７７－４６－１１１１".translate(str.maketrans("０１２４６７", "012467")),
        "電話 03(1234)5678",
    ],
)
def test_what_names_a_person_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(DomainError) as caught:
        check_impersonal(text, "text", PEOPLE)
    assert (caught.value.field, caught.value.code) == ("text", "names_a_person")
    assert text not in caught.value.message


@pytest.mark.parametrize(
    "text",
    [
        "予約の受付を広げ、窓口の待ち時間の短縮に取り組む。",
        "田中地区の窓口は月に2回開く。",  # a place, and no title behind it
        "林業の振興について市長が答弁した。",
        "会議録（令和8年第4回定例会、31頁）による。",
        "2026-12-01 から 2027-03-31 まで、1,200時間。",
        "",
    ],
)
def test_what_names_nobody_stands(text: str) -> None:
    check_impersonal(text, "text", PEOPLE)
