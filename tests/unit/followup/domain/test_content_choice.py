"""The content that suits an occasion, and the reason."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from followup.domain.contents.choice import Occasion, choose
from followup.domain.contents.content import Content, ContentKind, check_content
from followup.domain.playbooks.audience import Role, SizeBand
from followup.domain.playbooks.templates import ContentWanted
from kakehashi_common.domain.budget_phases import BudgetPhase
from kakehashi_common.domain.errors import DomainError

TODAY = date(2026, 12, 1)
WANTED = ContentWanted(frozenset({ContentKind.CASE}))
CASE = Content(
    content_id="case-1",
    kind=ContentKind.CASE,
    title="窓口の待ち時間を短くした取り組み",
    source="事例集12頁",
    url="https://www.example.co.jp/1",
    topics=("窓口", "待ち時間"),
)
OCCASION = Occasion(
    today=TODAY,
    role=Role.OFFICER,
    size_band=SizeBand.UNDER_50K,
    municipality_code="102032",
    stage="department_requests",
    policy_area="digital",
    about=("窓口の待ち時間の短縮について質問がありました。",),
)


def ids(*contents: Content, wanted: ContentWanted = WANTED, **differences: Any) -> list[str]:
    chosen = choose(wanted, contents, replace(OCCASION, **differences))
    return [each.content.content_id for each in chosen]


@pytest.mark.parametrize(
    ("tags", "occasion", "chosen"),
    [
        ({}, {}, True),
        ({"kind": ContentKind.LAW}, {}, False),
        ({"active": False}, {}, False),
        ({"valid_until": TODAY}, {}, True),
        ({"valid_until": date(2026, 11, 30)}, {}, False),
        ({}, {"sent_before": frozenset({"case-1"})}, False),
        ({}, {"sent_before": frozenset({"case-2"})}, True),
        ({"roles": frozenset({Role.OFFICER, Role.MANAGER})}, {}, True),
        ({"roles": frozenset({Role.FINANCE})}, {}, False),
        ({"roles": frozenset({Role.OFFICER})}, {"role": None}, False),
        ({"size_bands": frozenset({SizeBand.UNDER_50K})}, {}, True),
        ({"size_bands": frozenset({SizeBand.OVER_300K})}, {}, False),
        ({"size_bands": frozenset({SizeBand.UNDER_50K})}, {"size_band": None}, False),
        ({"municipality_code": "102032"}, {}, True),
        ({"municipality_code": "131041"}, {}, False),
        ({"municipality_code": "102032"}, {"municipality_code": None}, False),
        ({"policy_areas": frozenset({"welfare"})}, {}, False),
        ({"policy_areas": frozenset({"welfare"})}, {"policy_area": None}, True),
        ({"stages": frozenset({BudgetPhase.DELIBERATION})}, {}, False),
        ({"stages": frozenset({BudgetPhase.DELIBERATION})}, {"stage": None}, True),
    ],
)
def test_rules_come_before_what_it_is_about(
    tags: dict[str, Any], occasion: dict[str, Any], *, chosen: bool
) -> None:
    assert bool(ids(replace(CASE, **tags), **occasion)) is chosen


@pytest.mark.parametrize(
    ("tags", "occasion", "about", "chosen"),
    [
        ({}, {"about": ("下水道の老朽化",)}, "", False),
        ({}, {"about": ()}, "", False),
        ({}, {"about": ()}, "待ち時間", True),
        ({"policy_areas": frozenset({"digital"})}, {"about": ()}, "", True),
        ({"stages": frozenset({BudgetPhase.DEPARTMENT_REQUESTS})}, {"about": ()}, "", True),
        (
            {
                "roles": frozenset({Role.OFFICER}),
                "size_bands": frozenset({SizeBand.UNDER_50K}),
                "municipality_code": "102032",
            },
            {"about": ()},
            "",
            False,
        ),
        (
            {"title": "第4回定例会", "topics": (), "passage": "あいさつ。\n待ち時間を減らす。"},
            {"about": ("窓口の待ち時間",)},
            "",
            True,
        ),
    ],
)
def test_below_the_threshold_nothing_is_chosen(
    tags: dict[str, Any], occasion: dict[str, Any], about: str, *, chosen: bool
) -> None:
    wanted = replace(WANTED, about=about)
    assert bool(ids(replace(CASE, **tags), wanted=wanted, **occasion)) is chosen


def test_the_best_is_chosen_whatever_the_order_and_of_equals_the_lesser_id() -> None:
    other = replace(CASE, content_id="case-0", title="下水道管の更新計画", topics=())
    twin = replace(CASE, content_id="case-2")
    close = replace(CASE, content_id="case-3", policy_areas=frozenset({"digital"}))

    assert ids(other, twin, CASE) == ids(CASE, twin, other) == ["case-1"]
    assert ids(other, CASE, close, twin) == ["case-3"]


def test_several_are_offered_to_a_person_the_best_first() -> None:
    contents = [replace(CASE, content_id=f"case-{number}") for number in range(5)]
    wanted = replace(WANTED, offered=True)

    assert ids(*contents, wanted=wanted) == ["case-0", "case-1", "case-2"]


def test_why_names_the_tags_and_words_that_matched() -> None:
    tagged = replace(CASE, policy_areas=frozenset({"digital"}), roles=frozenset({Role.OFFICER}))

    [chosen] = choose(WANTED, [tagged], OCCASION)

    assert chosen.why.ja == (
        "この資料を選んだ理由：政策分野（デジタル）・役割が一致、「窓口の待ち時間」が共通。"
    )
    assert chosen.why.en == (
        "Why this content: the policy area (digital), the role match; 窓口の待ち時間 in common."
    )


@pytest.mark.parametrize(
    ("differences", "field", "code"),
    [
        ({"title": " "}, "title", "missing"),
        ({"title": "一行目\n二行目"}, "title", "line_break"),
        ({"source": ""}, "source", "missing"),
        ({"source": "市報\u202812頁"}, "source", "line_break"),
        ({"url": None}, "url", "nothing_to_show"),
        ({"passage": " "}, "passage", "missing"),
        ({"passage": "あ" * 2001}, "passage", "too_long"),
        ({"passage": "\x1b[31m"}, "passage", "not_text"),
        ({"topics": ("窓口", "\x00")}, "topics/1", "not_text"),
    ],
)
def test_what_can_not_stand_in_a_mail_is_refused(
    differences: dict[str, Any], field: str, code: str
) -> None:
    with pytest.raises(DomainError) as caught:
        check_content(replace(CASE, **differences))
    assert (caught.value.field, caught.value.code) == (field, code)
