"""Requests that work as they stand: the API's description shows them, and a test sends them."""

from typing import Any, Final

from followup.playbooks.reading import shipped
from kakehashi_common.collector.description import Examples

PLAYBOOK: Final = "welcome"
LEAD: Final = "crm-48213"
SEQUENCE: Final = "sq-2027-0114"
ADDRESS: Final = "joho@city.kiryu.example.jp"
SELLER: Final = "s-1042"
WORK: Final = f"{SEQUENCE}.introduction.20261130T010000000000"

GRANT_CALL_CLOSING: Final = {
    "kind": "grant_call_closing",
    "municipality_code": "102032",
    "about": "2027-01-29",
    "text": "デジタル実装の交付金の公募が締め切られます。申請書の記載例を届けましょう。",
    "audience": ["officer", "finance"],
    "importance": 3,
}
COUNCIL_QUESTION: Final = {
    "kind": "council_question",
    "municipality_code": "102032",
    "good_from": "2026-12-10",
    "good_until": "2027-01-08",
    "text": "一般質問で窓口の待ち時間が取り上げられました。答弁の参考になる資料を届けましょう。",
}
REASONS_FILE: Final = (
    "番号,種類,団体コード,日付,内容,対象\n"
    "contract-88,契約満了,102032,2028-03-31,現行契約の満了に向けて更新の方針を伺いましょう。,管理職;財政\n"
)

SURVEY_ANSWERS_FILE: Final = (
    "番号,対象,満足度,団体コード,回答日,コメント\n"
    "survey-2027-1,契約,2,102032,2027-01-29,月次の集計に時間がかかります。\n"
)

USAGE_FILE: Final = (
    "番号,団体コード,指標,開始日,終了日,値,契約人数,利用人数,出典\n"
    "usage-102032-2026-11,102032,logins,2026-11-01,2026-11-30,1840,60,41,利用ログ集計（2026年11月）\n"
)

SUPPRESSIONS_FILE: Final = (
    "宛先,範囲,理由\nhanako.sato@city.example.lg.jp,アドレス,配信停止\n102032,団体,自社の判断\n"
)
CONSENTS_FILE: Final = (
    "メールアドレス,根拠,取得日,記録\n"
    "joho@city.kiryu.example.jp,名刺,令和8年10月2日,2026-10-02の展示会で受領（保管番号 C-118）\n"
)

CONTENTS_FILE: Final = (
    "番号,種類,題名,出典,URL,話題,政策分野\n"
    "case-2026-14,事例,窓口の待ち時間を短くした取り組み,当社導入事例集（2026年9月版）12頁,"
    "https://www.example.co.jp/cases/14,窓口;待ち時間,digital\n"
)

_PATH_VALUES: Final = {
    "lead_id": LEAD,
    "sequence_id": SEQUENCE,
    "seller_id": SELLER,
    "absence_id": "new-year-2027",
    "approval_id": WORK,
    "task_id": WORK,
    "pause_id": "noto-2027",
    "playbook_id": PLAYBOOK,
    "report_id": "grant-2027-12",
    "answer_id": "0199b7c2-6f1d-7c3a-9a54-1f0d3b8f2c11",
    "version": 1,
    "place": "102032",
    "fact": "hours_saved",
    "content_id": "case-2026-14",
}

_ANSWER: Final = """\
From: joho@city.kiryu.example.jp
To: kakehashi@mail.example.jp
Subject: Re: Proposal
Message-ID: <20261201.0042@city.kiryu.example.jp>
In-Reply-To: <sq-2027-0114.introduction@mail.example.jp>
Date: Tue, 01 Dec 2026 10:30:00 +0900
Content-Type: text/plain; charset=utf-8

資料を拝見しました。一度お話を伺えますか。
"""

_CASE: Final = {
    "kind": "case",
    "title": "窓口の待ち時間を短くした取り組み",
    "source": "当社導入事例集（2026年9月版）12頁",
    "url": "https://www.example.co.jp/cases/14",
    "topics": ["窓口", "待ち時間"],
    "roles": ["officer", "manager"],
    "policy_areas": ["digital"],
    "valid_until": "2099-03-31",
}
_CALENDAR_FILE: Final = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//example//JA
BEGIN:VEVENT
UID:1
DTSTART;TZID=Asia/Tokyo:20261208T100000
DURATION:PT1H
RRULE:FREQ=WEEKLY
END:VEVENT
END:VCALENDAR
"""
_CONSENT: Final = {
    "address": "joho@city.kiryu.example.jp",
    "basis": "business_card",
    "obtained_on": "2026-10-02",
    "evidence": "名刺（2026-10-02の展示会で受領、保管番号 C-118）",
}
_FIGURE: Final = {"value": "1200", "source": "窓口での実証（2026年8月）の平均から年間に換算"}


_STUDY_SESSION: Final = {
    "kind": "study_session",
    "held_on": "2026-12-10",
    "topic": "窓口の待ち時間をどう測るか",
    "attendees": [{"role": "officer", "people": 4}, {"role": "manager", "people": 1}],
    "next": "1月は他市の失敗談を聞く",
}


def path_values() -> dict[str, Any]:
    """Return what the parameters of paths are, by name."""
    return dict(_PATH_VALUES)


def bodies() -> dict[str, Examples]:
    """Return the bodies of requests, by operation."""
    by = {"by": SELLER}
    playbook = {PLAYBOOK: {"summary": "One that ships", "value": shipped()[PLAYBOOK]}}
    return {
        "report_reason": {
            "grant": {"summary": "A call for a grant closes", "value": GRANT_CALL_CLOSING},
            "question": {"summary": "A question in the council", "value": COUNCIL_QUESTION},
        },
        "export_address": {"address": {"summary": "By address", "value": {"email": ADDRESS}}},
        "erase_address": {"address": {"summary": "By address", "value": {"email": ADDRESS}}},
        "import_suppressions": {"csv": {"summary": "Opt-outs", "value": SUPPRESSIONS_FILE}},
        "import_consents": {"csv": {"summary": "Business cards", "value": CONSENTS_FILE}},
        "import_reasons": {"csv": {"summary": "A contract that ends", "value": REASONS_FILE}},
        "import_usage": {"csv": {"summary": "A month", "value": USAGE_FILE}},
        "report_usage": _one(
            "A week",
            {
                "municipality_code": "102032",
                "metric": "logins",
                "begins": "2026-11-23",
                "ends": "2026-11-29",
                "value": 412,
                "source": "利用ログ集計（2026年11月）",
            },
        ),
        "import_survey_answers": {
            "csv": {"summary": "A dissatisfied customer", "value": SURVEY_ANSWERS_FILE}
        },
        "report_survey_answer": _one(
            "A satisfied one",
            {"about": "meeting", "score": 5, "municipality_code": "102032", "lead_id": "crm-48213"},
        ),
        "import_contents": {"csv": {"summary": "A case", "value": CONTENTS_FILE}},
        "put_content": _one("A case", _CASE),
        "ask_question": _one("On LGWAN", {"question": "LGWAN環境での利用は可能でしょうか"}),
        "answer_question": _one("By a seller", by),
        "name_own_calendar": _one("A calendar", {"url": "https://calendar.example.jp/1/a.ics"}),
        "upload_own_calendar": _one("A calendar", _CALENDAR_FILE),
        "keep_answer": _one("A question on waiting times", by | {"title": "窓口の待ち時間の短縮"}),
        "publish_playbook": playbook,
        "preview_playbook": playbook,
        "save_playbook_draft": playbook,
        "enter_figure": {"hours": {"summary": "Hours saved a year", "value": _FIGURE}},
        "roll_back_playbook": {"first": {"summary": "The first version", "value": {"version": 1}}},
        "take_incoming_mail": _one("An answer", _ANSWER),
        "put_seller": _one(
            "A seller of the east",
            {
                "name": "佐藤 花子",
                "email": "hanako.sato@example.co.jp",
                "signature": "株式会社かけはし\n東日本営業部　佐藤 花子\n電話 03-0000-0000",
            },
        ),
        "put_absence": _one(
            "Over the new year",
            {"starts": "2026-12-28T09:00:00+09:00", "ends": "2027-01-06T09:00:00+09:00"},
        ),
        "enter_playbook": _one(
            "Somebody who asked for prices",
            {
                "lead_id": LEAD,
                "playbook_id": "price-interest",
                "reason": "price_viewed_twice",
                "municipality_code": "102032",
                "owner": SELLER,
            },
        ),
        "pause_sequence": _one("Until the new year", {**by, "until": "2027-01-04T09:00:00+09:00"}),
        "resume_sequence": _one("Go on", by),
        "skip_step": _one("Not this mail", {**by, "step_id": "introduction"}),
        "stop_sequence": _one("No further contact", by),
        "record_reaction": _one(
            "They called",
            {**by, "occurrence": "answered", "at": "2026-12-01T10:30:00+09:00"},
        ),
        "edit_approval": _one(
            "In the seller's own words",
            {
                "subject": "導入費用の考え方について",
                "text": "桐生市 デジタル推進課 御中\n\n先日のお問い合わせについてご連絡します。\n",
            },
        ),
        "approve_step": _one(
            "With the passage that a person writes",
            {
                **by,
                "fill_ins": {
                    "personal_note": "先日は展示会にお越しいただき、ありがとうございました。"
                },
            },
        ),
        "reject_step": _one("Wrong moment", {**by, "reason": "議会の会期中のため"}),
        "delegate_approval": _one("To the team's lead", {"to": SELLER}),
        "complete_task": {
            "example": {
                "summary": "They want to meet",
                "value": {**by, "outcome": "meeting_booked", "note": "12月10日14時に訪問"},
            },
            "session": {
                "summary": "A study session that was held",
                "value": {**by, "outcome": "done", "record": _STUDY_SESSION},
            },
        },
        "agree_proof_of_concept": _one(
            "Twelve weeks in the office for residents",
            {
                "begins": "2026-12-07",
                "weeks": 12,
                "metrics": [
                    {
                        "name": "作業時間",
                        "unit": "時間/週",
                        "baseline": "40",
                        "target": "28",
                    }
                ],
                "participants": ["officer", "manager", "finance"],
            },
        ),
        "snooze_task": _one("Until Thursday", {"until": "2099-12-03T09:00:00+09:00"}),
        "delegate_task": _one("To a colleague", {"to": SELLER}),
        "record_consent": {
            "example": {"summary": "A business card", "value": _CONSENT},
            "ended": {
                "summary": "A contract that has ended",
                "value": {
                    **_CONSENT,
                    "basis": "business_relation",
                    "evidence": "保守契約 K-2024-07",
                    "ended_on": "2026-09-30",
                },
            },
        },
        "settle_unknown_mail": _one(
            "The mail server's log says that it went",
            {
                "message_id": "<followup.0123456789abcdef0123456789abcdef@mail.example.jp>",
                "was_sent": True,
            },
        ),
        "add_suppression": _one(
            "They asked by telephone",
            {
                "scope": "address",
                "value": "joho@city.kiryu.example.jp",
                "cause": "opt_out",
                "channel": "person",
            },
        ),
        "lift_suppression": _one(
            "They asked to be written to again",
            {
                "scope": "address",
                "value": "joho@city.kiryu.example.jp",
                "reason": "ご本人から再開のご希望（2026-12-01の電話）",
            },
        ),
        "pause_sending": _one(
            "After an earthquake",
            {
                "cause": "disaster",
                "municipality_code": "172049",
                "ends": "2027-03-01T09:00:00+09:00",
            },
        ),
    }


def _one(summary: str, value: Any) -> Examples:
    return {"example": {"summary": summary, "value": value}}
