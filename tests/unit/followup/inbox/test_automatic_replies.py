"""Automatic replies delay; they are no answer and no opt-out, whatever they say."""

from datetime import date
from typing import NamedTuple

import pytest

from followup.domain.inbox.classified import MailKind
from tests.support.incoming_mails import OFFICER, OURS, classified, mail

REPLIED = {"Auto-Submitted": "auto-replied"}


class Reply(NamedTuple):
    name: str
    text: str
    back: date | None
    subject: str = "Re: 令和9年度予算要求の参考資料"
    headers: dict[str, str] | None = None
    answers: str | None = OURS
    charset: str = "utf-8"
    has_left: bool = False


def day(text: str) -> date:
    return date.fromisoformat(text)


REPLIES = [
    Reply(
        "Exchange in Japanese",
        "お世話になっております。\n12月1日（火）から12月4日（金）まで休暇をいただいております。\n"
        "お急ぎの場合は情報政策課（0277-00-0000）までご連絡ください。",
        day("2026-12-07"),
        "自動返信: 令和9年度予算要求の参考資料",
        {
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
        },
    ),
    Reply(
        "Exchange in English",
        "I am out of the office until December 4. For urgent matters please contact my colleagues.",
        day("2026-12-07"),
        "Automatic reply: reference material",
        {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"},
    ),
    Reply(
        "a header without words",
        "お問い合わせありがとうございます。担当より折り返しご連絡いたします。",
        None,
        headers=REPLIED,
    ),
    Reply("X-Autoreply", "ただいま席を外しております。", None, headers={"X-Autoreply": "yes"}),
    Reply("X-Autorespond", "only a receipt", None, headers={"X-Autorespond": "ack"}),
    Reply("Precedence", "受け付けました。", None, headers={"Precedence": "auto_reply"}),
    Reply(
        "bulk that answers",
        "ただいま不在です。12月3日に戻ります。",
        day("2026-12-03"),
        headers={"Precedence": "bulk"},
    ),
    Reply(
        "only the subject says it",
        "佐藤は12月2日まで不在です。",
        day("2026-12-03"),
        "【不在】令和9年度予算要求の参考資料",
    ),
    Reply("the subject, behind Re:", "12月2日まで休みます。", day("2026-12-03"), "Re: 不在連絡"),
    Reply(
        "only the text says it",
        "このメールは自動返信です。\n本日は終日不在にしており、翌営業日に確認いたします。",
        day("2026-12-01"),
    ),
    Reply(
        "no header and no In-Reply-To",
        "※本メールは自動応答により送信しています。\n出張のため12月9日(水)まで不在にしております。",
        day("2026-12-10"),
        answers=None,
    ),
    Reply(
        "without any header, by its form",
        "佐藤です。\n休暇をいただいており、12月7日（月）より順次ご返信いたします。\n"
        "ご不便をおかけしますが、ご了承ください。",
        day("2026-12-07"),
    ),
    Reply(
        "without any header, with thanks",
        "メールをいただきありがとうございました。休暇をいただいており、12月7日（月）より順次"
        "ご返信いたします。",
        day("2026-12-07"),
    ),
    Reply(
        "年末年始",
        "12月29日（火）から1月3日（日）まで年末年始休業とさせていただきます。\n"
        "1月4日以降に順次対応いたします。",
        day("2027-01-04"),
        headers=REPLIED,
    ),
    Reply(
        "夏季休暇, of a year with an era",
        "令和８年１２月１１日（金）まで休暇をいただいております。",
        day("2026-12-14"),
        headers=REPLIED,
    ),
    Reply("short era", "R8.12.4まで不在にしております。", day("2026-12-07"), headers=REPLIED),
    Reply("slashes", "12/1～12/3 出張のため不在", day("2026-12-04"), headers=REPLIED),
    Reply(
        "the end without a month",
        "12月1日～5日の間、不在です。",
        day("2026-12-07"),
        headers=REPLIED,
    ),
    Reply("週明け", "不在です。週明けにご連絡いたします。", day("2026-12-07"), headers=REPLIED),
    Reply(
        "来週の曜日",
        "来週水曜日より出勤いたします。",
        day("2026-12-09"),
        headers=REPLIED,
    ),
    Reply("曜日", "金曜日に戻ります。", day("2026-12-04"), headers=REPLIED),
    Reply("明日", "本日は休暇です。明日より出社します。", day("2026-12-01"), headers=REPLIED),
    Reply(
        "育児休業",
        "育児休業のため令和9年10月31日まで不在です。後任は鈴木が担当いたします。",
        day("2027-11-01"),
        headers=REPLIED,
    ),
    Reply(
        "ISO-2022-JP",
        "ただいま不在にしております。１２月３日（木）に戻り次第、ご連絡いたします。",
        day("2026-12-03"),
        "自動応答",
        charset="iso-2022-jp",
    ),
    Reply(
        "Shift_JIS",
        "自動返信メールです。12月8日まで不在にしております。",
        day("2026-12-09"),
        charset="shift_jis",
    ),
    Reply(
        "Gmail's vacation responder",
        "I'm on vacation and will be back on Monday, 7 December. I'll reply then.",
        day("2026-12-07"),
        "Out of office Re: reference",
        {"Precedence": "bulk", "X-Autoreply": "yes", "Auto-Submitted": "auto-replied"},
    ),
    Reply(
        "from, to and back",
        "I will be out of the office from 1 to 4 December and will return on 7 December.",
        day("2026-12-07"),
        headers=REPLIED,
    ),
    Reply(
        "ISO day",
        "Out of office, returning 2026-12-09.",
        day("2026-12-09"),
        headers=REPLIED,
    ),
    Reply(
        "American days",
        "I am on leave from 12/01/2026 to 12/04/2026.",
        day("2026-12-07"),
        headers=REPLIED,
    ),
    Reply(
        "next business day",
        "Thank you for your message. I am out today and will respond on the next business day.",
        day("2026-12-01"),
        headers=REPLIED,
    ),
    Reply("a day that has passed", "11月20日まで不在でした。", None, headers=REPLIED),
    Reply(
        "a telephone number is no day",
        "不在です。お急ぎの場合は 0277-12-1234（内線 12-5）へ。",
        None,
        headers=REPLIED,
    ),
    Reply("a day that does not exist", "13月45日まで不在です。", None, headers=REPLIED),
    Reply(
        "it quotes our footer",
        "不在です。12月3日に戻ります。\n今後の送付は不要です。配信停止をお願いします。",
        day("2026-12-03"),
        headers=REPLIED,
    ),
    Reply(
        "left the post",
        "佐藤は11月30日をもって退職いたしました。後任は鈴木（suzuki@city.example.lg.jp）です。",
        None,
        headers=REPLIED,
        has_left=True,
    ),
    Reply(
        "moved",
        "このメールは自動返信です。4月の人事異動により、担当は田中に変更となりました。",
        None,
        has_left=True,
    ),
    Reply(
        "no longer there",
        "Hanako is no longer with the city. Please contact the department.",
        None,
        headers=REPLIED,
        has_left=True,
    ),
]


@pytest.mark.parametrize("reply", REPLIES, ids=[each.name for each in REPLIES])
def test_an_automatic_reply_delays(reply: Reply) -> None:
    found = classified(
        mail(
            reply.text,
            subject=reply.subject,
            headers=reply.headers,
            answers=reply.answers,
            charset=reply.charset,
        )
    )
    assert (found.kind, found.returns_on, found.has_left) == (
        MailKind.OUT_OF_OFFICE,
        reply.back,
        reply.has_left,
    )
    assert found.about == OFFICER
    assert found.refers_to == reply.answers
    assert found.evidence


@pytest.mark.parametrize(
    ("name", "data"),
    [
        (
            "a newsletter",
            mail(
                "今月のお知らせです。配信停止はこちら",
                answers=None,
                headers={"Precedence": "bulk", "List-Unsubscribe": "<https://n.example.jp/u>"},
            ),
        ),
        (
            "a notice of a system",
            mail(
                "証明書の期限が近づいています。",
                answers=None,
                headers={"Auto-Submitted": "auto-generated"},
            ),
        ),
        (
            "a mailing list",
            mail("議事録を送ります。", answers=None, headers={"List-Id": "<l.example.jp>"}),
        ),
    ],
)
def test_a_machine_that_does_not_answer_is_unrelated(name: str, data: bytes) -> None:
    assert classified(data).kind == MailKind.UNRELATED, name


def test_the_days_are_counted_from_the_arrival_where_the_date_is_wrong() -> None:
    for date_header in (None, "Thu, 01 Jan 1970 00:00:00 +0000", "nonsense"):
        found = classified(mail("本日は不在です。", headers=REPLIED, date=date_header))
        assert found.returns_on == day("2026-12-01"), date_header


def test_auto_submitted_no_is_a_person() -> None:
    found = classified(mail("承知しました。", headers={"Auto-Submitted": "no"}))
    assert found.kind == MailKind.ANSWER
