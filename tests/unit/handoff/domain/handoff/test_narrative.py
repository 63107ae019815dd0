"""A handoff told in Japanese, as people read it in the Temporal UI and on a page."""

from datetime import date

import pytest

from handoff.domain.handoff.commands import (
    Accept,
    AnswerLead,
    Close,
    Join,
    NameFurtherOwner,
    OverrideReadiness,
    PauseClocks,
    Rate,
    Reassign,
    RecordContact,
    RecordMeeting,
    Reject,
    Resubmit,
    Resume,
    Wake,
    Withdraw,
)
from handoff.domain.handoff.narrative import narrative, summary, title
from handoff.domain.handoff.rejections import RejectionReason
from handoff.domain.handoff.terms import Direction, Outcome, PauseReason, ReassignReason
from handoff.domain.readiness import Answer, Criterion
from handoff.domain.teams.members import Function
from tests.support.handoffs import Life, at

MONDAY = "2026-11-30 10:00"


def told(life: Life) -> list[str]:
    return list(narrative(life.state))


def test_an_eventful_life() -> None:
    life = Life(MONDAY, lead_created_at=at("2026-11-30 09:00"))
    life.then("2026-11-30 10:30").do(AnswerLead(at("2026-11-30 10:20"), "is-1"))
    life.then("2026-12-01 10:30").do(Accept("fs-2"))
    life.do(NameFurtherOwner("lead-e", Function.FINANCE_NEGOTIATION, "fs-5"))
    life.do(Join("q-2", "lead-scoring", "A1"))
    life.do(PauseClocks("fs-2", PauseReason.COUNCIL_SESSION, at("2026-12-18 09:00"), "12月定例会"))
    life.then("2026-12-21 14:00").do(RecordContact(life.now, "fs-2"))
    life.then("2026-12-24 10:00").do(RecordMeeting(life.now, "fs-2"))
    life.do(Rate("fs-2", Direction.RECEIVER_RATES_SENDER, 5, "情報が十分"))
    life.do(Close("crm", Outcome.WON, deal_id="d-1"))
    assert [line.replace("2026年", "") for line in told(life)] == [
        "11月30日（月）10:00　引き継ぎが依頼されました（ランクA1）。",
        "11月30日（月）10:00　fs-1に割り当てました（順番、回答期限：12月1日（火）10:00）。",
        "11月30日（月）10:20　is-1がリードに初回の回答をしました。",
        "11月30日（月）15:00　fs-1に受諾回答をリマインドしました（期限：12月1日（火）10:00）。",
        "12月1日（火）10:00　fs-1から担当を外し、新しい担当者を探しています（期限内に回答なし）。",
        "12月1日（火）10:00　fs-2に割り当てました（順番、回答期限：12月2日（水）10:00）。",
        "12月1日（火）10:30　fs-2が受諾しました。",
        "12月1日（火）10:30　fs-5を財政折衝の担当にしました。",
        "12月1日（火）10:30　リードが再び条件を満たし、この引き継ぎに統合しました（ランクA1）。",
        (
            "12月1日（火）10:30　fs-2が一時停止しました"
            "（議会会期中、12月18日（金）9:00まで：12月定例会）。"
        ),
        "12月18日（金）9:00　一時停止の期限が来たため再開しました。",
        "12月18日（金）14:00　fs-2に初回連絡をリマインドしました（期限：12月18日（金）18:00）。",
        (
            "12月18日（金）18:00　初回連絡についてチームリーダーに報告しました"
            "（期限：12月18日（金）18:00）。"
        ),
        "12月21日（月）14:00　fs-2が初回連絡を行いました（期限の12月18日（金）18:00を超過）。",
        "12月24日（木）10:00　fs-2が初回面談を行いました。",
        (
            "12月24日（木）10:00　fs-2が評価しました"
            "（引き継ぎ先から引き継ぎ元への評価：5、情報が十分）。"
        ),
        "12月24日（木）10:00　受注で終了しました。",
    ]


@pytest.mark.parametrize(
    ("command", "summary_", "last"),
    [
        pytest.param(
            Accept("fs-1"),
            "fs-1が受諾し、初回連絡を待っています（初回連絡の期限：2026年12月1日（火）11:00）",
            "fs-1が受諾しました。",
            id="accepted",
        ),
        pytest.param(
            Reject("fs-1", RejectionReason.NO_BUDGET_YET, phase="department_requests"),
            "再アプローチ待ちです（次の予算要求の時期、または2028年1月4日（火）まで）",
            "再アプローチ待ちにしました（次の予算要求の時期、または2028年1月4日（火）まで）。",
            id="recycled until a phase",
        ),
        pytest.param(
            Reject("fs-1", RejectionReason.TOO_EARLY, until=date(2027, 4, 1)),
            "再アプローチ待ちです（2027年4月1日（木）まで）",
            "再アプローチ待ちにしました（2027年4月1日（木）まで）。",
            id="recycled until a day",
        ),
        pytest.param(
            Reject("fs-1", RejectionReason.FACTS_MISSING, missing_facts=("need", "決裁者")),
            "情報の補足を待っています（政策分野と課題、決裁者）"
            "（不足情報の補足の期限：2026年12月2日（水）11:00）",
            "引き継ぎ元に差し戻し、情報の補足を依頼しました（政策分野と課題、決裁者）。",
            id="returned",
        ),
        pytest.param(
            Reject("fs-1", RejectionReason.NO_NEED),
            "対象外として終了しました",
            "対象外として終了しました（ニーズなし）。",
            id="disqualified",
        ),
        pytest.param(
            Reassign("lead-e", ReassignReason.DECIDED, "fs-1", "fs-3", "地域の担当"),
            "fs-3の回答を待っています（受諾回答の期限：2026年12月1日（火）11:00）",
            "fs-3に割り当てました（指名、回答期限：2026年12月1日（火）11:00）。",
            id="reassigned by hand",
        ),
        pytest.param(
            PauseClocks("fs-1", PauseReason.CUSTOMER_ASKED, at("2026-12-07 09:00")),
            "fs-1の回答を待っています（一時停止中：先方の都合、2026年12月7日（月）9:00まで）",
            "fs-1が一時停止しました（先方の都合、2026年12月7日（月）9:00まで）。",
            id="paused",
        ),
        pytest.param(
            OverrideReadiness("is-1", Criterion.CONSENT, Answer.MET, "名刺交換済み"),
            "fs-1の回答を待っています（受諾回答の期限：2026年12月1日（火）10:00）",
            "is-1が引き継ぎ条件「連絡の同意」を充足と判断しました（名刺交換済み）。",
            id="readiness overridden",
        ),
        pytest.param(
            Withdraw("is-1", "重複"),
            "取り下げられました",
            "is-1が取り下げました（重複）。",
            id="withdrawn",
        ),
        pytest.param(
            Close("crm", Outcome.NO_DECISION, "予算なし", "d-1"),
            "見送りで終了しました",
            "見送りで終了しました（予算なし）。",
            id="closed",
        ),
        pytest.param(
            Close("deals", Outcome.LOST, "not_stated", "d-1"),
            "失注で終了しました",
            "失注で終了しました（理由の記載なし）。",
            id="closed without a reason",
        ),
        pytest.param(
            NameFurtherOwner("lead-e", Function.COUNCIL_LIAISON, "fs-5"),
            "fs-1の回答を待っています（受諾回答の期限：2026年12月1日（火）10:00）",
            "fs-5を議会対応の担当にしました。",
            id="further owner",
        ),
    ],
)
def test_where_it_stands_after(command: object, summary_: str, last: str) -> None:
    life = Life(MONDAY).then("2026-11-30 11:00")
    life.do(command)  # type: ignore[arg-type]
    assert summary(life.state, life.sla(life.state.owner)) == summary_
    assert told(life)[-1] == f"2026年11月30日（月）11:00　{last}"


def test_where_it_stands_from_the_request_to_the_meeting() -> None:
    life = Life(MONDAY, assigned=False)
    assert summary(life.state, life.sla()) == (
        "担当者を割り当てています（担当者の割り当ての期限：2026年11月30日（月）11:00）"
    )
    life = Life(MONDAY, members=())
    assert summary(life.state, life.sla()) == (
        "担当者が決まっていません（担当件数が上限：2名）"
        "（担当者の割り当ての期限：2026年11月30日（月）11:00）"
    )
    assert told(life)[1:] == [
        "2026年11月30日（月）10:00　割り当てられる担当者がいませんでした（担当件数が上限：2名）。",
        (
            "2026年11月30日（月）10:00　担当者の割り当てについてチームリーダーに報告しました"
            "（期限：2026年11月30日（月）11:00）。"
        ),
    ]
    life = Life(MONDAY)
    life.do(RecordContact(life.now, "fs-1"))
    assert summary(life.state, life.sla()) == (
        "fs-1が連絡済みで、初回面談を待っています（初回面談の期限：2026年12月14日（月）10:00）"
    )
    assert told(life)[-2].endswith("連絡・面談の記録によりfs-1が受諾しました。")
    life.do(RecordMeeting(life.now, "fs-1"))
    assert summary(life.state, life.sla()) == "fs-1が面談を終え、商談を進めています"


def test_rejections_and_how_they_come_back() -> None:
    life = Life(MONDAY)
    life.do(Reject("fs-1", RejectionReason.WRONG_TERRITORY, note="県外"))
    life.do(Accept("fs-2"))
    life.do(Reject("fs-2", RejectionReason.FACTS_MISSING, missing_facts=("予算額",)))
    life.do(PauseClocks("is-1", PauseReason.INTERNAL, at("2026-12-02 09:00")))
    life.do(Resume("is-1"))
    life.do(Resubmit("is-1", ("予算額",)))
    life.do(Reject("fs-2", RejectionReason.TOO_EARLY, until=date(2027, 4, 1)))
    life.do(Wake("is-1"))
    assert [line.split("　")[1] for line in told(life)[2:]] == [
        "fs-1が引き継ぎを受けませんでした（担当地域外：県外）。",
        "fs-1から担当を外し、新しい担当者を探しています（担当外との回答）。",
        "fs-2に割り当てました（順番、回答期限：2026年12月1日（火）10:00）。",
        "fs-2が受諾しました。",
        "fs-2が受諾後に見送りました（情報不足）。",
        "引き継ぎ元に差し戻し、情報の補足を依頼しました（予算額）。",
        "is-1が一時停止しました（社内の事情、2026年12月2日（水）9:00まで）。",
        "is-1が再開しました。",
        "is-1が情報を補足しました（予算額）。",
        "fs-2に割り当てました（自治体の既存担当、回答期限：2026年12月1日（火）10:00）。",
        "fs-2が引き継ぎを受けませんでした（時期尚早）。",
        "再アプローチ待ちにしました（2027年4月1日（木）まで）。",
        "引き継ぎを再開しました。",
        "fs-2に割り当てました（自治体の既存担当、回答期限：2026年12月1日（火）10:00）。",
    ]


def test_the_manager_is_notified_again() -> None:
    life = Life(MONDAY, members=()).then("2026-12-08 18:00")
    assert told(life)[-1] == (
        "2026年12月8日（火）11:00　担当者の割り当てについてマネージャーに報告しました"
        "（期限：2026年11月30日（月）11:00、2回目）。"
    )


def test_the_kind_has_a_name() -> None:
    assert title(Life(MONDAY).state) == "インサイドセールス→フィールドセールス"
