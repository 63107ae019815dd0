"""The content that a preview shows, at bounded cost."""

from dataclasses import replace
from datetime import date

from followup.domain.contents.ahead import ContentAhead, NotLookedFor
from followup.domain.contents.choice import Occasion
from followup.domain.contents.content import Content, ContentKind
from followup.domain.playbooks.templates import ContentWanted

WANTED = ContentWanted(frozenset({ContentKind.CASE}), "窓口の待ち時間")
FIRST = Content(
    content_id="case-1",
    kind=ContentKind.CASE,
    title="窓口の待ち時間を短くした取り組み",
    source="事例集12頁",
    url="https://www.example.co.jp/1",
)
SECOND = replace(FIRST, content_id="case-2")
OCCASION = Occasion(today=date(2026, 12, 1), municipality_code="102032")


def shown(
    ahead: ContentAhead,
    lead_id: str = "a",
    occasion: Occasion = OCCASION,
    wanted: ContentWanted = WANTED,
) -> list[str] | NotLookedFor:
    found = ahead.choose(wanted, lead_id, occasion)
    return found if isinstance(found, NotLookedFor) else [each.content.content_id for each in found]


def test_a_person_is_shown_nothing_twice() -> None:
    ahead = ContentAhead([FIRST, SECOND], {"b": frozenset({"case-1"})})

    assert [shown(ahead) for _ in range(3)] == [["case-1"], ["case-2"], []]
    assert [shown(ahead, "b") for _ in range(2)] == [["case-2"], []]
    assert shown(ahead, "c") == ["case-1"]


def test_what_is_only_offered_is_shown_again() -> None:
    ahead = ContentAhead([FIRST, SECOND], {})
    offered = replace(WANTED, offered=True)

    assert [shown(ahead, wanted=offered) for _ in range(2)] == [["case-1", "case-2"]] * 2


def test_what_is_for_other_places_and_days_is_kept_apart() -> None:
    here = replace(FIRST, municipality_code="102032")
    until = replace(SECOND, valid_until=date(2026, 12, 1))
    ahead = ContentAhead([here, until], {})

    assert shown(ahead, "a") == ["case-1"]
    elsewhere = replace(OCCASION, municipality_code="131041")
    assert shown(ahead, "b", elsewhere) == ["case-2"]
    assert shown(ahead, "c", replace(elsewhere, today=date(2026, 12, 2))) == []


def test_equal_occasions_cost_once_and_beyond_the_limit_nothing_is_looked_for() -> None:
    ahead = ContentAhead([FIRST, SECOND], {}, left=5)

    assert [shown(ahead, lead) for lead in "abcdef"] == [["case-1"]] * 6
    assert ahead.left == 3
    other = replace(OCCASION, about=("待ち時間",))
    assert shown(ahead, "g", other) == ["case-1"]
    assert shown(ahead, "h", replace(OCCASION, about=("窓口",))) is NotLookedFor.LIMIT
    assert shown(ahead, "i") == ["case-1"]
