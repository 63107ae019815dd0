"""The agenda as page and picture: all texts fit, and none of them is markup."""

from datetime import date
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.domain.handoff.rejections import RejectionReason
from handoff.domain.handoff.terms import Direction
from handoff.domain.measures.agenda import Agenda, Passage, Rated, Rejected, Returned
from handoff.domain.measures.labels import LOSSES
from handoff.domain.measures.rounds import RejectedBy, Round, Step, Subject
from handoff.measures.agenda_page import agenda_page
from handoff.measures.flow_picture import flow_scene, flow_svg, title
from handoff.measures.names import Names
from kakehashi_common.domain.weeks import Week
from tests.support.handoffs import at
from tests.support.picture_checks import outside, overlapping, texts

W49 = Week(date(2026, 11, 30))
NOW = at("2026-12-04 16:00")
NAMES = Names({"fs-1": "<b>佐藤 花子</b>", "is-1": "伊藤 & 彩"}, {})


def an_agenda(flow: list[Passage], rejections: int = 0, note: str = "") -> Agenda:
    about = Round(Subject("h-1", "is-1", municipality_code="102032"), 1, NOW, owner="fs-1")
    rejection = RejectedBy(NOW, "fs-1", RejectionReason.NO_NEED, after_acceptance=True)
    rated = Rated(about.subject, "fs-1", NOW, "fs-1", Direction.RECEIVER_RATES_SENDER, 1, note)
    return Agenda(
        W49,
        flow,
        late=[],
        rejected=[Rejected(about, rejection)] * rejections,
        returned=[Returned(about, NOW, (note,))] if note else [],
        waking=[],
        decided=[],
        rated_low=[rated] if note else [],
        open=[],
    )


def passages(reached: list[int], lost: dict[str, int]) -> list[Passage]:
    return [
        Passage(step, count, {} if step is Step.WON else lost)
        for step, count in zip(Step, reached, strict=True)
    ]


NOTHING = passages([0] * 6, {})


@given(
    st.lists(st.integers(0, 99_999), min_size=6, max_size=6),
    st.dictionaries(st.sampled_from(sorted(LOSSES)), st.integers(1, 9_999)),
)
def test_no_text_of_the_picture_covers_another_or_leaves_it(
    reached: list[int], lost: dict[str, int]
) -> None:
    shown = an_agenda(passages(reached, lost))
    scene = flow_scene(shown, "東日本広域営業部")
    assert overlapping(scene) == []
    assert outside(scene, flow_svg(shown, "東日本広域営業部")) == []


def test_the_picture_shows_counts_and_why_rounds_fell_out() -> None:
    flow = passages([9, 8, 7, 6, 5, 4], {"no_need": 3, "too_early": 2})
    shown = texts(flow_svg(an_agenda(flow), None))
    assert {"9", "8", "7", "6", "5", "4", "離脱 5", "ニーズなし 3", "時期尚早 2"} <= set(shown)


@pytest.mark.parametrize(
    ("week", "shown"),
    [
        (W49, "引き継ぎの週次会議　2026年11月30日〜12月6日"),
        (Week(date(2026, 11, 23)), "引き継ぎの週次会議　2026年11月23日〜29日"),
        (Week(date(2026, 12, 28)), "引き継ぎの週次会議　2026年12月28日〜2027年1月3日"),
    ],
)
def test_the_title_says_which_days_are_meant(week: Week, shown: str) -> None:
    assert title(week, None) == shown
    assert title(week, "関東営業部") == f"{shown}　関東営業部"


class Reading(HTMLParser):
    """Reads the page as a browser would."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.said: list[str] = []
        self.attributes: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def test_names_and_notes_are_texts_and_nothing_runs_or_is_fetched() -> None:
    note = "<script>alert(1)</script> & <img src=x onerror=alert(1)>"
    page = agenda_page(an_agenda(NOTHING, 1, note), NAMES, "<i>関東</i>", NOW)
    read = Reading(page)
    assert not {"script", "img", "b", "i", "link", "iframe"} & read.tags
    assert not {"src", "href", "onerror"} & read.attributes
    assert {"<b>佐藤 花子</b>", "伊藤 & 彩", note} <= set(read.said)


def test_an_empty_week_says_so_in_each_list() -> None:
    assert agenda_page(an_agenda(NOTHING), NAMES, None, NOW).count("ありません。") == 7


def test_a_long_list_is_cut_and_says_how_many_more_there_are() -> None:
    page = agenda_page(an_agenda(NOTHING, 20), NAMES, None, NOW)
    assert page.count("ニーズなし（受諾後）") == 6
    assert "ほか14件" in page
