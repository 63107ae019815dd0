"""Mails that people write: answers, refusals, and opt-outs, of which none is missed."""

from typing import NamedTuple

import pytest

from followup.domain.inbox.classified import MailKind
from tests.support.incoming_mails import FOOTER, OFFICER, OURS, THEIRS, classified, mail

QUOTED = (
    "\n\n2026年11月25日(水) 9:00 山田太郎 <sales@mail.example.jp>:\n"
    "> 佐藤様\n> ご案内をお送りします。\n> 今後の送付は不要な方はお知らせください。\n"
    f"> {FOOTER}\n"
)
ORIGINAL = (
    "\n\n-----Original Message-----\nFrom: 山田太郎 <sales@mail.example.jp>\n"
    "Sent: Wednesday, November 25, 2026 9:00 AM\nTo: 佐藤花子\nSubject: 参考資料\n\n"
    f"佐藤様\n配信停止をお願いします、と書かれた過去の文\n{FOOTER}\n"
)


class Written(NamedTuple):
    text: str
    kind: MailKind
    subject: str = "Re: 令和9年度予算要求の参考資料"
    answers: str | None = OURS
    charset: str = "utf-8"


ANSWER, NEGATIVE, OPT_OUT = MailKind.ANSWER, MailKind.NEGATIVE, MailKind.OPT_OUT

MAILS = [
    Written("資料をありがとうございます。課内で検討いたします。" + QUOTED, ANSWER),
    Written("ご連絡ありがとうございます。12月3日の14時はいかがでしょうか。" + ORIGINAL, ANSWER),
    Written("見積書を送ってください。", ANSWER, charset="iso-2022-jp"),
    Written(
        "Thank you. Could you send the price list?\n\nOn Wed, Nov 25, 2026 at 9:00 AM "
        "Taro Yamada <sales@mail.example.jp>\nwrote:\n\n> Unsubscribe me from here\n",
        ANSWER,
    ),
    Written("来週は出張で不在ですので、12月9日以降にお電話ください。" + QUOTED, ANSWER),
    Written(
        "本日は休暇をいただいておりましたため、返信が遅くなりました。ぜひお話を伺いたいです。",
        ANSWER,
    ),
    Written("先日の自動返信は設定の誤りでした。失礼しました。", ANSWER),
    Written("担当が変わりました。以後は鈴木が対応いたします。", ANSWER),
    Written("承知しました。", ANSWER, "Re: 年末年始休業のお知らせ"),
    Written("郵送は無用です。", ANSWER),
    Written("添付ファイルの送付はお止めください。", ANSWER),
    Written("お電話はお止めください。", ANSWER),
    Written("次回の打ち合わせは辞退させていただきます。", NEGATIVE),
    Written("メールを受信していません。", ANSWER),
    Written("メールは受け取っておりません。再送をお願いします。", ANSWER),
    Written("資料は郵送していただかないようお願いします。メールでお願いします。", ANSWER),
    Written("電話での営業は受け付けておりません。メールでお願いします。", ANSWER),
    Written("このような連絡が遅れて困ります。早めにご連絡ください。", ANSWER),
    Written("お送りいただくのは紙ではなくPDFでお願いします。", ANSWER),
    Written("There will be no further messages on this from us; we want your proposal.", ANSWER),
    Written("御社のシステムにメールの配信停止機能はありますか。", ANSWER),
    Written("年度末の納品は不要です。4月で結構です。", ANSWER),
    Written(
        "今年度は予算がありませんが、来年度に向けて検討したいので資料を送ってください。", ANSWER
    ),
    Written("メールの本文だけで、添付資料は不要です。日程の調整をお願いします。", ANSWER),
    Written("", ANSWER),
    Written("今回は見送らせていただきます。" + QUOTED, NEGATIVE),
    Written("庁内で検討した結果、導入は見送ることとなりました。", NEGATIVE),
    Written("現在のところ導入の予定はございません。", NEGATIVE),
    Written("すでに他社様に決定しております。", NEGATIVE, charset="shift_jis"),
    Written("来年度の予算が確保できませんでした。", NEGATIVE),
    Written("誠に恐縮ですが、ご提案は辞退させていただきます。", NEGATIVE),
    Written("ご希望に沿いかねます。悪しからずご了承ください。", NEGATIVE),
    Written("せっかくですが、今回はご遠慮させていただきます。", NEGATIVE),
    Written("興味がありません。", NEGATIVE),
    Written("Thanks, but we are not interested.", NEGATIVE),
    Written("We have decided to go with another vendor.", NEGATIVE),
    Written("No budget this year, sorry.", NEGATIVE),
    Written("メールの送付をお止めください。", OPT_OUT),
    Written("メールの送信をお止めください。", OPT_OUT),
    Written("今後の送付は無用です。", OPT_OUT),
    Written("今後の送付は無用に願います。", OPT_OUT),
    Written("今後、このようなメールをお送りいただくのはご遠慮ください。", OPT_OUT),
    Written("今後の受信を希望しません。", OPT_OUT),
    Written("宣伝メールは困ります。", OPT_OUT),
    Written("このようなメールは受け取りたくありません。", OPT_OUT),
    Written("今後はご送付いただかないようお願いいたします。", OPT_OUT),
    Written("営業目的のメールは受信しない方針です。", OPT_OUT),
    Written("営業メールは受け付けておりません。", OPT_OUT),
    Written("次回以降のご案内は辞退させていただきます。", OPT_OUT),
    Written("No more emails please.", OPT_OUT),
    Written("I'd like to opt out of these messages.", OPT_OUT),
    Written("配信停止をお願いします。", OPT_OUT),
    Written("今後の送付は不要です。" + QUOTED, OPT_OUT),
    Written("今後このようなメールは送らないでください。", OPT_OUT),
    Written("メールの配信を停\n止してください。", OPT_OUT),
    Written("配信停止", OPT_OUT),
    Written("営業メールはお断りしています。", OPT_OUT, answers=None),
    Written("メールマガジンの登録を解除してください。", OPT_OUT, answers=None),
    Written("配信リストから削除をお願いいたします。", OPT_OUT),
    Written("メールアドレスの削除をお願いします。", OPT_OUT),
    Written("以後、ご案内はご遠慮ください。", OPT_OUT, charset="euc-jp"),
    Written("一切の連絡をお断りします。", OPT_OUT),
    Written("ﾒｰﾙﾏｶﾞｼﾞﾝの配信停止を希望します。", OPT_OUT),
    Written("配信停止の方法を教えてください。", OPT_OUT),
    Written("よろしくお願いします。", OPT_OUT, "配信停止希望", None),
    Written("", OPT_OUT, "Unsubscribe", None),
    Written("Please unsubscribe.", OPT_OUT),
    Written("Please remove me from your mailing list.", OPT_OUT),
    Written("Stop sending me these.", OPT_OUT, answers=None),
    Written("I no longer wish to receive these messages.", OPT_OUT),
    Written("導入の予定はありません。今後のご案内も不要です。", OPT_OUT),
    Written("送らないでください。", OPT_OUT),
    Written("送信しないでください。", OPT_OUT),
    Written("このメールアドレスには送らないでください", OPT_OUT),
    Written("二度と送ってこないでください", OPT_OUT),
    Written("もう送ってこないで", OPT_OUT),
    Written("二度と送るな。", OPT_OUT),
    Written("連絡しないでください", OPT_OUT),
    Written("連絡は不要です。", OPT_OUT),
    Written("配信不要です。", OPT_OUT),
    Written("メール不要", OPT_OUT),
    Written("配信拒否", OPT_OUT),
    Written("受信拒否します", OPT_OUT),
    Written("メール配信を希望致しません。", OPT_OUT),
    Written("オプトアウト希望", OPT_OUT),
    Written("ＤＭお断り", OPT_OUT),
    Written("営業お断り", OPT_OUT),
    Written("登録を削除してください。", OPT_OUT),
    Written("メールマガジンの解約をお願いします。", OPT_OUT),
    Written("メールいらないです", OPT_OUT),
    Written("配信とめて", OPT_OUT),
    Written("Unsubscribe\n佐藤", OPT_OUT),
    Written("配信停止希望\n桐生市 佐藤", OPT_OUT),
    Written("個人情報の削除を依頼します。", OPT_OUT),
    Written("メールを止めて電話にしてください。", OPT_OUT),
    Written("案内メールは不要ですが、見積もりはほしい。", OPT_OUT),
    Written("電話やメールは不要です。", OPT_OUT),
    Written("配信を停止していただけますか。", OPT_OUT),
    Written("研修の案内メールの送信を停止してください。", OPT_OUT),
    Written("資料は頂きました。今後のご案内は結構です。", OPT_OUT),
    Written("直接お電話しました。配信を停止したいのですが可能でしょうか。", OPT_OUT),
    Written("このようなメールは、今後不要です。", OPT_OUT),
    Written("Please do not contact me again.", OPT_OUT),
    Written("これ以上送っていただかなくて結構です。", OPT_OUT),
    Written("もう連絡してこないでください", OPT_OUT),
    Written("当方のアドレスを名簿から削除願います。", OPT_OUT),
    Written("参加しますので、案内の送付は不要です。", ANSWER),
    Written("このメールは自動配信でしょうか。今後の配信は不要です。", OPT_OUT),
    Written(
        "貴社のメールは自動送信されているようですが、当課では不要ですので配信停止をお願いします。",
        OPT_OUT,
    ),
    Written("本メールは自動送信でしたら、配信停止をお願いします。", OPT_OUT),
    Written(
        "先日まで休暇をいただいておりました。ご迷惑をおかけしました。今後の配信は不要です。",
        OPT_OUT,
    ),
    Written("今後の配信は不要です", OPT_OUT, "不在中にいただいたメールの件"),
    Written("", OPT_OUT, "Re: ご案内【配信停止希望】"),
    Written("", OPT_OUT, "配信停止希望（桐生市 佐藤）", None),
    Written("今後はメールで連絡をお願いします。電話は不要です。", ANSWER),
    Written("今後はメールで連絡をお願いします\n電話は不要です", ANSWER),
    Written("以後、見積書の送付は不要です。契約書案をお送りください。", ANSWER),
    Written("これ以上の資料の送付は不要です。導入を決めました。", ANSWER),
    Written("今後ともよろしくお願いいたします。資料送付は不要です", ANSWER),
    Written("今後の営業電話は控えていただきたい。メールでお願いします。", ANSWER),
    Written("今後、会議資料の紙の送付は不要です。データでお願いします。", ANSWER),
    Written("今後はFAXの送信は不要です。", ANSWER),
    Written("配信は停止しなくて結構です", ANSWER),
    Written("配信停止しないでください。", ANSWER),
    Written("メールは拒否設定にしていましたが解除しました", ANSWER),
    Written("登録解除をお願いしたいという市民の問い合わせが多く、困っています。", ANSWER),
    Written("住民からの配信停止の希望を受け付ける機能はありますか", ANSWER),
    Written(
        "当市では職員のメールマガジンの配信停止機能を検討しています。御社システムで対応可能ですか。",
        ANSWER,
    ),
    Written("送信停止のご案内の資料を希望します。", ANSWER),
    Written("市の公式サイトの受信拒否設定について相談したい", ANSWER),
    Written("配信停止の方法は分かりましたが、引き続き受け取ります。", ANSWER),
    Written("個人情報の削除機能の仕様を教えていただきたい", ANSWER),
    Written("担当が変わりましたので、宛先を変更してください。", ANSWER),
    Written("ご連絡はメールで結構です。", ANSWER),
    Written("今後のご連絡は佐藤までお願いします。", ANSWER),
    Written("受領のご連絡は不要です。", ANSWER),
    Written("ご返信・ご連絡は不要です。", ANSWER),
    Written("配信の停止は希望しません。", ANSWER),
    Written("ご連絡はご遠慮なくどうぞ。", ANSWER),
    Written("不要な案内が届く件、改善を希望します。", ANSWER),
    Written(
        "出張のため返信が遅くなりご迷惑をおかけしました。ぜひ一度詳しくお話を伺いたいです。", ANSWER
    ),
    Written(
        "来週出張のため不在ですが、12月10日なら打合せ可能です。お急ぎの場合は携帯までご連絡ください。",
        ANSWER,
    ),
    Written("このメールは自動配信でしょうか。資料を送ってください。", ANSWER),
    Written("資料をありがとうございました。", ANSWER, "不在中にいただいたメールの件"),
    Written("承知しました。", ANSWER, "不在中にいただいたメールの件"),
    Written(f"検討します。\n{FOOTER}\nhttps://mail.example.jp/u/x", ANSWER),
    Written("はじめまして。弊社製品のご案内です。", MailKind.UNRELATED, "ご案内", None),
    Written("今回は見送らせていただきます。", MailKind.UNRELATED, "別件", None),
    Written("承知しました。", MailKind.UNRELATED, answers="<other@elsewhere.example.com>"),
    Written(
        "以前いただいた件です。",
        MailKind.UNRELATED,
        answers=OURS.replace("mail.example.jp", "elsewhere.example.com"),
    ),
]


@pytest.mark.parametrize("written", MAILS, ids=[each.text[:24] for each in MAILS])
def test_what_a_person_wrote(written: Written) -> None:
    found = classified(
        mail(
            written.text, subject=written.subject, answers=written.answers, charset=written.charset
        )
    )
    assert found.kind == written.kind, found.evidence
    assert found.about == OFFICER
    assert found.refers_to == (OURS if written.answers == OURS else None)
    assert found.evidence
    assert found.returns_on is None


def test_an_answer_to_an_answer_is_known_by_its_references() -> None:
    data = mail(
        "承知しました。",
        answers=None,
        headers={"In-Reply-To": THEIRS, "References": f"{OURS}\r\n {THEIRS}"},
    )
    found = classified(data)
    assert (found.kind, found.refers_to) == (ANSWER, OURS)
    assert found.evidence[0].where == "references"


@pytest.mark.parametrize(
    "headers", [{}, {"Auto-Submitted": "auto-generated"}, {"Precedence": "bulk"}]
)
@pytest.mark.parametrize(
    ("subject", "token"),
    [
        ("unsubscribe Abc-123_45678901234567", "Abc-123_45678901234567"),
        ("[EXT] unsubscribe Abc-123_45678901234567", "Abc-123_45678901234567"),
        ("[EXTERNAL] [外部] Re: Unsubscribe", None),
        ("Unsubscribe", None),
    ],
)
def test_what_a_mail_program_sends_to_list_unsubscribe_opts_out(
    headers: dict[str, str], subject: str, token: str | None
) -> None:
    data = mail(
        "", subject=subject, to="<Unsubscribe@mail.example.jp>", answers=None, headers=headers
    )
    found = classified(data)
    assert (found.kind, found.unsubscribe_token) == (OPT_OUT, token)


def test_answers_to_that_address_are_answers() -> None:
    assert classified(mail("承知しました。", to="unsubscribe@mail.example.jp")).kind == ANSWER
