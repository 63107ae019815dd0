"""A packet prepares itself from what is known of its lead."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from handoff.domain.lead import (
    Activity,
    Followup,
    Known,
    Lead,
    LeadField,
    Milestone,
    Person,
    Phase,
    Pursuit,
    Reason,
    Score,
)
from handoff.domain.packet.packet import Packet
from handoff.domain.packet.preparation import BUDGET_CALENDAR, prepare

TODAY = date(2026, 11, 29)
AT = datetime(2026, 11, 20, 3, tzinfo=UTC)
CRM, SCORING = "https://crm.example.jp", "//kakehashi/lead-scoring"
FOLLOWUP = "//kakehashi/followup"
TARO = {
    LeadField.DEPARTMENT: Known("情報政策課", CRM, AT),
    LeadField.PERSON_NAME: Known("田中 一郎", CRM, AT),
    LeadField.ROLE: Known("manager", CRM, AT),
}
QUOTE = Reason("参考見積の依頼", 20, 2, date(2026, 11, 20))
SCORE = Score("A1", 82.5, 65, AT, SCORING, (QUOTE, Reason("長い沈黙", -5), Reason("閲覧", 3)))
DEADLINE = Milestone("予算要求締切", date(2026, 12, 10), date(2026, 12, 20), AT)
LEAD = Lead(
    "crm-1",
    municipality_code="102032",
    municipality="群馬県桐生市",
    fields=TARO,
    activities=(
        Activity("reference_quote_requested", None, AT, CRM),
        Activity("seminar_attended", "digital", datetime(2026, 11, 1, 20, tzinfo=UTC), CRM),
    ),
    followups=(
        Followup("answered", AT, "price-interest", None, FOLLOWUP),
        Followup(
            "sent", datetime(2026, 11, 17, 3, tzinfo=UTC), "price-interest", "hello", FOLLOWUP
        ),
    ),
    score=SCORE,
    phase=Phase("department_requests", "予算要求", date(2026, 11, 30), AT),
    milestones=(DEADLINE,),
    pursuits=(Pursuit("p-1", "digital", True, date(2026, 3, 20), AT, 2026, 12_000_000),),
    people=(
        Person("crm-2", AT, "finance"),
        Person("crm-1", AT, "manager", "情報政策課", "田中 一郎"),
    ),
)


@pytest.mark.parametrize(
    ("key", "text", "source"),
    [
        ("who_and_where", "群馬県桐生市　情報政策課　田中 一郎 様（管理職）", CRM),
        (
            "why_now",
            "評価 A1（参考見積の依頼、閲覧）。予算要求締切まであと 11 日",
            SCORING,
        ),
        (
            "budget_and_dates",
            "予算要求（2026/11/30頃まで）、予算要求締切 2026/12/10頃",
            BUDGET_CALENDAR,
        ),
        (
            "key_events",
            "2026/11/20 参考見積の依頼\n2026/11/2 セミナー参加（デジタル）",
            CRM,
        ),
        (
            "followups",
            "2026/11/20 返信あり\n2026/11/17 メール送信（price-interest：hello）",
            FOLLOWUP,
        ),
        (
            "score",
            "評価 A1（属性 82.5、行動 65）\n+20 参考見積の依頼（2 回）\n-5 長い沈黙\n+3 閲覧",
            SCORING,
        ),
        (
            "people",
            "財政担当（直近 2026/11/20）\n管理職：情報政策課　田中 一郎 様（直近 2026/11/20）",
            "lead-events-v1",
        ),
        ("pursuit", "2026/3/20 予算化（デジタル、2026年度 12,000,000 円）", BUDGET_CALENDAR),
    ],
)
def test_what_is_known_is_written_for_people(key: str, text: str, source: str) -> None:
    entry = prepare(Packet(), LEAD, TODAY).entry(key)
    assert entry is not None
    assert entry.text == text
    assert (entry.source, entry.entered_by_person) == (source, False)


@pytest.mark.parametrize(
    ("lead", "key", "text"),
    [
        (replace(LEAD, fields={}), "who_and_where", "群馬県桐生市"),
        (replace(LEAD, milestones=()), "why_now", "評価 A1（参考見積の依頼、閲覧）"),
        (
            replace(LEAD, milestones=(replace(DEADLINE, likely_on=TODAY),)),
            "why_now",
            "評価 A1（参考見積の依頼、閲覧）。予算要求締切は本日",
        ),
        (
            replace(LEAD, pursuits=(Pursuit("p-2", "welfare", False, TODAY, AT),)),
            "pursuit",
            "2026/11/29 予算化見送り（福祉）",
        ),
        (
            replace(LEAD, activities=LEAD.activities[:1] * 8),
            "key_events",
            "\n".join(["2026/11/20 参考見積の依頼"] * 6 + ["ほか 2 件"]),
        ),
        (
            replace(LEAD, followups=LEAD.followups[:1] * 7),
            "followups",
            "\n".join(["2026/11/20 返信あり"] * 6 + ["ほか 1 件"]),
        ),
    ],
)
def test_what_is_unknown_is_left_out(lead: Lead, key: str, text: str) -> None:
    entry = prepare(Packet(), lead, TODAY).entry(key)
    assert entry is not None
    assert entry.text == text


def test_of_an_unknown_lead_nothing_is_prepared() -> None:
    assert prepare(Packet(), Lead("crm-1"), TODAY) == Packet()


def test_what_a_person_entered_stands() -> None:
    entered = Packet().entered("why_now", "市長の意向", by="is-1", at=AT)
    assert prepare(entered, LEAD, TODAY).entry("why_now") == entered.entry("why_now")
