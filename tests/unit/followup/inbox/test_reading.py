"""Raw mails as text: what programs write, what they get wrong, and what they attack with."""

from base64 import b64encode
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from followup.domain.inbox.mail import Mailbox, ReadMail, UnreadableMailError
from followup.inbox.charsets import decode
from followup.inbox.reading import MAX_BYTES, read
from tests.support.incoming_mails import CLASSIFIER, OFFICER, RECEIVED, mail, report

TEXT = "ご提案をありがとうございます。課内で検討します。"
CHARSETS = ("utf-8", "cp932", "euc_jp", "iso2022_jp", "iso2022_jp_2004", "euc_jis_2004")
DECLARED = (None, "us-ascii", "iso-8859-1", "utf-8", "shift_jis", "ISO-2022-JP", "x-unknown")


@pytest.mark.parametrize("charset", CHARSETS)
@pytest.mark.parametrize("declared", DECLARED)
def test_japanese_is_read_whatever_is_declared(charset: str, declared: str | None) -> None:
    assert decode(TEXT.encode(charset), declared) == TEXT


@pytest.mark.parametrize(
    ("data", "declared", "text"),
    [
        ("①②㈱髙﨑～".encode("cp932"), "shift_jis", "①②㈱髙﨑～"),
        (b"\x1b$B-!-j\x1b(B", "iso-2022-jp", "①㈱"),
        (b"\x1b(I1\x32\x33\x1b(B", "iso-2022-jp", "ｱｲｳ"),
        (b'\x1b$B$"\x1b(B\x0e123\x0fabc', "iso-2022-jp", "あｱｲｳabc"),
        (b'\x1b$B$"$$', "iso-2022-jp", "あい"),
        (b'\x1b$B$"$\nabc\n\x1b$B$$\x1b(B', "iso-2022-jp", "あ$\nabc\nい"),
        ("𠮟る".encode("iso2022_jp_2004"), "iso-2022-jp-2004", "𠮟る"),
        ("café".encode("latin-1"), "iso-8859-1", "café"),
        ("ｱｲｳ".encode("cp932"), "shift_jis", "ｱｲｳ"),
        (b"plain", "utf-16-nonsense", "plain"),
        ("日本".encode("utf-16"), "utf-16", "日本"),
        ("日本語です".encode()[:-1], "utf-8", "日本語で\ufffd"),
        (b"+MEIwRA-", "utf-7", "+MEIwRA-"),
    ],
)
def test_signs_that_codecs_do_not_know(data: bytes, declared: str, text: str) -> None:
    assert decode(data, declared) == text


def header(line: bytes) -> ReadMail:
    return read(b"From: a@x.example.jp\r\n" + line + b"\r\n\r\nx")


CUT_WORD = "自治体向け".encode()


@pytest.mark.parametrize(
    ("line", "subject"),
    [
        (b"Subject: =?UTF-8?B?" + b64encode("日本語".encode()) + b"?=", "日本語"),
        (b"Subject: =?ISO-2022-JP?B?GyRCRnxLXDhsGyhC?=", "日本語"),
        (b"Subject: =?iso-2022-jp?Q?=1B$BF|K\\8l=1B(B?=", "日本語"),
        (
            b"Subject: =?utf-8?B?"
            + b64encode(CUT_WORD[:7])
            + b"?=\r\n =?utf-8?B?"
            + b64encode(CUT_WORD[7:])
            + b"?=",
            "自治体向け",
        ),
        (
            b"Subject: =?utf-8?B?"
            + b64encode(CUT_WORD)[:8]
            + b"\r\n "
            + b64encode(CUT_WORD)[8:]
            + b"?=",
            "自治体向け",
        ),
        (b"Subject: Re: =?utf-8?B?" + b64encode("件".encode()) + b"?= (2)", "Re: 件 (2)"),
        (b"Subject: =?utf-8*ja?B?" + b64encode("件".encode()).rstrip(b"=") + b"?=", "件"),
        ("Subject: 生のUTF-8".encode(), "生のUTF-8"),
        ("Subject: 生のシフトジスの件名です".encode("cp932"), "生のシフトジスの件名です"),
        ("Subject: 生のジスの件名".encode("iso2022_jp"), "生のジスの件名"),
        (b"Subject: =?x-unknown?B?" + b64encode("件名です".encode()) + b"?=", "件名です"),
        (b"Subject: =?utf-8?B?!!!?=", ""),
        (b"Subject: a\r\n\tb", "a b"),
        (b"X: 1", ""),
    ],
)
def test_a_subject_is_read(line: bytes, subject: str) -> None:
    assert header(line).subject == subject


@pytest.mark.parametrize(
    ("line", "sender"),
    [
        ("佐藤花子 <Hanako@X.example.jp>".encode(), Mailbox("hanako@x.example.jp", "佐藤花子")),
        ("佐藤 <h@x.example.jp>".encode("iso2022_jp"), Mailbox("h@x.example.jp", "佐藤")),
        (
            b'"=?iso-2022-jp?B?GyRCRnxLXDhsGyhC?=" <h@x.example.jp>',
            Mailbox("h@x.example.jp", "日本語"),
        ),
        (b"h@x.example.jp (Hanako)", Mailbox("h@x.example.jp", "Hanako")),
        (b"undisclosed", None),
        (b"<>", None),
    ],
)
def test_a_sender_is_read(line: bytes, sender: Mailbox | None) -> None:
    assert read(b"Subject: x\nFrom: " + line + b"\n\nx").sender == sender


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        (b"filename=a.pdf", "a.pdf"),
        (b"filename*=utf-8'ja'%E8%A6%8B%E7%A9%8D.pdf", "見積.pdf"),
        (b"filename*0*=utf-8''%E8%A6;\n filename*1*=%8B%E7%A9%8D;\n filename*2=.pdf", "見積.pdf"),
        (b"filename*=iso-2022-jp''%1B%24B8%2B%40Q%1B%28B.pdf", "見積.pdf"),
        (b'filename="=?utf-8?B?' + b64encode("見積.pdf".encode()) + b'?="', "見積.pdf"),
        (b'filename="' + "見積書です.pdf".encode("cp932") + b'"', "見積書です.pdf"),
        (b"filename*=x-unknown''%E8%A6%8B", "見"),
        (b"filename*=utf-8''%E8%A6%8B.pdf;\n filename*0=a; filename*1*=b", "見.pdf"),
        (b"filename*0*=utf-8''a; filename=b.pdf", "b.pdf"),
        (b"filename*=utf-8''%E8%A6%8B; filename*0*=x'y'z", "見"),
    ],
)
def test_an_attachment_s_name_is_read(disposition: bytes, name: str) -> None:
    data = (
        b"From: a@x.example.jp\nContent-Type: application/pdf\n"
        b"Content-Disposition: attachment; " + disposition + b"\n\nx"
    )
    assert read(data).attachments == (name,)


def body(content_type: str, text: str, encoding: str = "8bit") -> str:
    data = read(
        f"From: a@x.example.jp\nContent-Type: {content_type}\n"
        f"Content-Transfer-Encoding: {encoding}\n\n{text}".encode()
    )
    return data.text


@pytest.mark.parametrize(
    ("content_type", "encoding", "text", "said"),
    [
        ("text/plain; charset=utf-8", "base64", b64encode("検討".encode()).decode(), "検討"),
        (
            "text/plain; charset=utf-8",
            "base64",
            b64encode("検討".encode()).decode()[:-1] + "!",
            "検\ufffd",
        ),
        ("text/plain; charset=utf-8", "BASE64 ", b64encode("検討".encode()).decode(), "検討"),
        ("text/plain; charset=utf-8", "quoted-printable\t", "=E6=A4=9C", "検"),
        ("text/plain; charset=utf-8; x*=a''b; x*0=c", "8bit", "検討", "検討"),
        ("text/plain; charset=utf-8", "quoted-printable", "=E6=A4=9C=E8=A8=8E=\nabc", "検討abc"),
        ("text/plain; charset=utf-8", "quoted-printable", "=E6=A4=9C=ZZ", "検=ZZ"),
        ("text/plain; charset=utf-8", "x-unknown", "検討", "検討"),
        ("text/plain; charset=", "8bit", "検討します", "検討します"),
        ("text/plain; format=flowed", "7bit", "one \ntwo\n> quoted", "one two"),
        (
            "text/html; charset=utf-8",
            "8bit",
            "<html><head><style>p{}</style></head><p>検討&amp;調整<br>します</p><!-- x --></html>",
            "検討&調整\nします",
        ),
        (
            "text/html",
            "8bit",
            (
                "<div>承知しました</div><div class=gmail_quote>On x wrote:<blockquote>前の<b>文</b>"
                "</blockquote></div>"
            ),
            "承知しました",
        ),
        (
            "text/html",
            "8bit",
            "<p>承知しました</p><div id=divRplyFwdMsg>差出人: x</div><div>前の文</div>",
            "承知しました",
        ),
        (
            "text/html",
            "8bit",
            "<p>a<p>b<td>c<span style='display:none'>x</span> &lt;d&gt;",
            "a\nb c <d>",
        ),
        (
            "text/html",
            "8bit",
            "<blockquote>前の文<p>配信停止をお願いします",
            "前の文\n配信停止をお願いします",
        ),
        (
            "text/html",
            "8bit",
            "a<blockquote>b<blockquote>c</blockquote>d<div class=gmail_quote>e",
            "abd\ne",
        ),
        ("application/octet-stream", "8bit", "x", ""),
    ],
)
def test_a_text_is_read(content_type: str, encoding: str, text: str, said: str) -> None:
    assert body(content_type, text, encoding) == said


@pytest.mark.parametrize(
    "history",
    [
        "2026年11月25日(水) 9:00 山田 <s@mail.example.jp>:\n> 前の文\n>\n> 前の文",
        "2026/11/25 9:00、山田太郎 <s@mail.example.jp>のメール:\n\n> 前の文",
        "----- 佐藤さんは書きました -----\n前の文",
        "------ 佐藤 花子さんからのメッセージ ------\n前の文",
        "----- Hanako wrote: -----\n前の文",
        "2026年11月25日(水) 9:00 山田太郎さんは書きました:\n> 前の文",
        "On Wed, Nov 25, 2026 at 9:00 AM Taro <s@mail.example.jp> wrote:\n> 前の文",
        "On Wed, Nov 25, 2026 at 9:00 AM Taro Yamada\n<s@mail.example.jp> wrote:\n> 前の文",
        "----- 元のメール -----\n前の文",
        "-----Original Message-----\nFrom: 山田\n\n前の文",
        "----- 元のメッセージ -----\n前の文",
        "________________________________\n差出人: 山田\n宛先: 佐藤\n\n前の文",
        "差出人: 山田\n送信日時: 2026年11月25日 9:00\n宛先: 佐藤\n\n前の文",
        "From: 山田\nSent: Wednesday\nTo: 佐藤\nSubject: x\n\n前の文",
        "---------- Forwarded message ---------\nFrom: 山田\n\n前の文",
        "＞ 前の文\n＞ 前の文",
    ],
)
def test_quoted_history_is_cut(history: str) -> None:
    found = read(mail(f"承知しました。\n佐藤\n\n{history}\n"))
    assert (found.text, found.has_history) == ("承知しました。\n佐藤", True)


def test_answers_between_and_below_quotations_stay() -> None:
    text = "> 予算はいつですか\n10月です。\n> 担当は\n私です。\n\n> 以上\n\n佐藤"
    assert read(mail(text)).text == "10月です。\n私です。\n\n\n佐藤"


@pytest.mark.parametrize(
    "text",
    [
        "From: で始まる行の説明です。\n本文",
        "件名: 見積の件\n本文",
        "2026年の予算:\n・A\n・B",
        "--\n佐藤",
    ],
)
def test_what_only_looks_like_history_stays(text: str) -> None:
    found = read(mail(text))
    assert (found.text, found.has_history) == (text, False)


def nested(depth: int) -> bytes:
    lines = [b"From: a@x.example.jp"]
    for level in range(depth):
        lines += [b'Content-Type: multipart/mixed; boundary="%d"' % level, b"", b"--%d" % level]
    return b"\n".join([*lines, b"Content-Type: text/plain", b"", b"deep"])


def alternatives(plain: str, html: str) -> tuple[str, str]:
    return (
        'multipart/alternative; boundary="c"',
        f"--c\nContent-Type: text/plain\n\n{plain}\n--c\nContent-Type: text/html\n\n{html}\n--c--",
    )


def test_nested_parts_are_read_in_order_and_one_of_alternatives() -> None:
    data = report(
        "mixed",
        alternatives("plain", "<p>html</p>"),
        ("message/rfc822", "Subject: inner\nMessage-ID: <i@x.example.jp>\n\nenclosed"),
        ("text/plain", "below"),
    )
    found = read(data)
    assert found.text == "plain\n\nbelow"
    assert found.attachments == ("inner.eml",)
    assert found.returned_ids == ("<i@x.example.jp>",)


def test_an_empty_plain_text_gives_way_to_html() -> None:
    data = report(
        "x",
        alternatives(" ", "<p>html</p>"),
    )
    assert read(data).text == "html"


def test_dates_are_instants_and_nonsense_is_none() -> None:
    def sent(value: str) -> datetime | None:
        return read(f"From: a@x.example.jp\nDate: {value}\n\nx".encode()).sent_at

    assert sent("Mon, 30 Nov 2026 10:15:00 +0900") == datetime(2026, 11, 30, 1, 15, tzinfo=UTC)
    assert sent("30 Nov 2026 10:15 -0000") == datetime(2026, 11, 30, 10, 15, tzinfo=UTC)
    for nonsense in ("", "yesterday", "Mon, 99 Nov 2026 10:15:00 +0900", "1 Jan 9999 0:0:0 -9999"):
        assert sent(nonsense) is None


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not_a_mail"),
        (b"\x00\x01\x02", "not_a_mail"),
        (b"no header here\n\nx", "not_a_mail"),
        (b"From: a@x.example.jp\n\n" + b"x" * MAX_BYTES, "too_large"),
        (b"From: a@x.example.jp\nX: " + b"x" * 600_000 + b"\n\nx", "too_large"),
        (nested(30), "too_complex"),
        (nested(5_000), "too_complex"),
        (
            b"From: a@x.example.jp\nContent-Type: multipart/mixed; boundary=b\n\n"
            + b"--b\n\nx\n" * 5_000,
            "too_complex",
        ),
    ],
    ids=["empty", "binary", "prose", "large", "headers", "nested", "deep", "parts"],
)
def test_what_can_not_be_read_is_refused_with_its_reason(data: bytes, code: str) -> None:
    with pytest.raises(UnreadableMailError) as refused:
        read(data)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "data",
    [
        b"From: " + b"(" * 7_000 + b"\n\nx",
        b"To: " + b"a@x.example.jp, " * 30_000 + b"\n\nx",
        b"References: " + b"<a@b> " * 80_000 + b"\n\nx",
        b"Subject: " + b"=?utf-8?B?" * 40_000 + b"\n\nx",
        b"Content-Type: text/html\n\n" + b"<!--" * 100_000,
        b"Content-Type: text/html\n\n" + b"<div " * 100_000,
        b"Content-Type: text/html\n\n" + b"<div>" * 100_000,
        b"Content-Type: text/plain\n\n" + b">" * 400_000,
        b"Content-Type: text/plain\n\n" + b"On " * 130_000,
        b"Content-Type: text/plain\n\n" + "配信".encode() * 80_000,
        b"Content-Type: text/plain\n\n" + b"12/1~" * 80_000,
        b"Content-Type: text/plain; " + b"a*0*=x;" * 50_000 + b"\n\nx",
        b"From: mailer-daemon@x.example.jp\n\n" + b"<a@x.example.jp>\n" * 25_000,
        b"From: mailer-daemon@x.example.jp\n\n" + b"a" * 500_000,
        b"Content-Type: text/plain\n\na" + b" " * 499_000 + b"a",
        b"Content-Type: text/plain\n\na" + "\u3000".encode() * 19_990 + "あ".encode() * 9,
        b"Content-Type: text/html\n\n<" + b"a" * 499_000,
        b"Content-Type: text/html\n\n<a" + b" " * 499_000,
        b"Content-Type: text/html\n\n" + b"<blockquote>" * 41_000,
        b"Content-Type: text/html\n\n" + b"display" + b" " * 499_000,
        b"Content-Type: text/plain; format=flowed\n\n" + b"a \n" * 160_000,
        b"Content-Type: text/plain\n\n" + b"x 1:11 <a@b>:\n>\n" * 31_000,
        b"Content-Type: text/plain\n\n" + b"\n" * 100_000 + b">\n" * 60_000,
        b"Content-Type: text/plain\n\n" + (b"1:11 " * 390 + b"\n") * 250,
        b"Content-Type: text/plain\n\n" + (b"1:11 <" + b"a" * 63 + b"\n") * 7_000,
        report("mixed", *[("text/plain", ("> x\n" + "配信を" * 9) * 1_000)] * 190),
    ],
    ids=lambda data: ascii(data[:36]),
)
@pytest.mark.timeout(20)
def test_hostile_mails_cost_little(data: bytes) -> None:
    try:
        found = read(data)
    except UnreadableMailError:
        return
    CLASSIFIER.classify(found, RECEIVED)


LINES = st.sampled_from(
    [
        b"From: =?iso-2022-jp?B?GyRCRnxLXDhsGyhC?= <a@x.example.jp>",
        b"Content-Type: multipart/mixed; boundary=b",
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b",
        b"Content-Type: message/delivery-status",
        b"Content-Type: message/feedback-report",
        b"Content-Type: message/rfc822",
        b"Content-Type: text/html; charset*=x''%41",
        b"Content-Type: text/plain; charset=utf-7",
        b"Content-Transfer-Encoding: base64",
        b"Content-Transfer-Encoding: x-uuencode",
        b"Content-Disposition: attachment; filename*0*=a'b'%ff; filename*1=x",
        b"Final-Recipient: rfc822; a@x.example.jp",
        b"Action: failed",
        b"Status: 5.1.1",
        b"Date: Mon, 99 Foo 2026 10:15:00 +9999",
        b"Subject: =?utf-8?Q?=ZZ=?=",
        b"X-Failed-Recipients: a@x.example.jp",
        b"begin 644 x",
        b"--b",
        b"--b--",
        b"",
        "12月1日まで不在".encode("cp932"),
        b"> \xff\xfe",
    ]
)


@given(
    st.one_of(
        st.binary(max_size=300),
        st.lists(st.one_of(LINES, st.binary(max_size=30)), max_size=25).map(b"\r\n".join),
    )
)
@example(b"From: x\nContent-Type: multipart/report; boundary=\n\n--\n")
@example(mail("x"))
def test_any_bytes_are_read_or_refused_by_one_error(data: bytes) -> None:
    try:
        found = read(data)
    except UnreadableMailError:
        return
    CLASSIFIER.classify(found, RECEIVED)
    str(found).encode()  # no half of a surrogate pair has come through


def test_a_mail_is_what_the_table_says() -> None:
    found = read(mail("検討します。"))
    assert found.sender == Mailbox(OFFICER, "佐藤花子")
    assert found.recipients == (Mailbox("sales@mail.example.jp"),)
    assert found.subject == "Re: 令和9年度予算要求の参考資料"
    assert found.text == "検討します。"
