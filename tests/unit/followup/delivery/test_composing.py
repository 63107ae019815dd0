"""Mails byte by byte, as the programs that get them read them."""

import re
from base64 import b64decode
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.delivery.composing import compose
from followup.domain.message_ids import is_ours, message_id
from followup.domain.send_policy.footer import Footer
from followup.inbox.reading import read
from kakehashi_common.domain.errors import DomainError
from tests.support.outgoing_mails import MAIL, TOKEN, URL, outgoing

WORD = re.compile(rb"=\?utf-8\?b\?([A-Za-z0-9+/=]*)\?=", re.IGNORECASE)


def composed(**changes: Any) -> EmailMessage:
    message = message_from_bytes(compose(outgoing(**changes)), policy=default)
    assert isinstance(message, EmailMessage)
    return message


def test_a_name_is_not_written_backwards() -> None:
    message = composed(sender_name="佐藤\u202e花子", recipient_name="田中\u2066一郎")
    assert "佐藤花子" in str(message["From"])
    assert "田中一郎" in str(message["To"])


def part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert found is not None
    return str(found.get_content())


def head(data: bytes) -> bytes:
    return data.partition(b"\r\n\r\n")[0]


def header_line(data: bytes, name: bytes) -> bytes:
    found = re.search(rb"^%s: (.*(?:\r\n[ \t].*)*)" % name, head(data), re.MULTILINE)
    assert found is not None
    return found[1]


def test_headers_are_what_mail_programs_want() -> None:
    message = composed(reply_to="yamada@mail.example.jp")
    assert str(message["from"]) == "株式会社かけはし 山田太郎 <sales@mail.example.jp>"
    assert str(message["to"]) == "佐藤花子 <hanako.sato@city.example.lg.jp>"
    assert message["reply-to"] == "yamada@mail.example.jp"
    assert message["subject"] == MAIL.subject
    assert message["date"] == "Mon, 30 Nov 2026 10:00:00 +0900"
    assert message["message-id"] == MAIL.message_id
    assert message["list-unsubscribe"] == (
        f"<{URL}>, <mailto:unsubscribe@mail.example.jp?subject=unsubscribe%20{TOKEN}>"
    )
    assert message["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert message["mime-version"] == "1.0"
    assert message.get_content_type() == "multipart/alternative"


def test_a_thread_is_kept() -> None:
    message = composed(in_reply_to="<2@x.example.jp>", references=("<1@x.example.jp>",))
    assert message["in-reply-to"] == "<2@x.example.jp>"
    assert message["references"] == "<1@x.example.jp> <2@x.example.jp>"


def test_without_a_thread_there_are_no_headers_of_one() -> None:
    assert {"in-reply-to", "references", "reply-to"} & {
        name.lower()
        for name in composed().keys()  # noqa: SIM118 - of a message
    } == set()


def test_text_and_html_say_the_same_with_the_footer_below() -> None:
    message = composed()
    text, html = part(message, "plain"), part(message, "html")
    for said in (
        "参考資料をお送りします。",
        "送信者: 株式会社かけはし",
        "住所: 〒100-0001 東京都千代田区千代田1-1",
        "お問い合わせ・苦情の受付: 03-0000-0000",
    ):
        assert said in text
        assert said in html
    assert f"配信停止のお手続き: {URL}" in text
    assert f'<a href="{URL}">' in html
    assert '<a href="https://www.example.jp/a?b=1&amp;c=2">' in html


def test_styles_are_written_into_the_elements() -> None:
    html = part(composed(html="<style>p { color: red }</style><p>本文</p>"), "html")
    assert '<p style="color: red;">本文</p>' in html
    assert "<style" not in html
    assert "住所" in html


def test_text_is_escaped_in_html() -> None:
    assert "&lt;b&gt; &amp;" in part(composed(text="<b> &"), "html")


@pytest.mark.parametrize(
    "subject", [MAIL.subject, "短い件名", "Re: DX & AI の" + "ご提案" * 30, "𠮟" * 60, "plain"]
)
def test_no_word_of_a_subject_cuts_a_character(subject: str) -> None:
    data = compose(outgoing(subject=subject))
    line = header_line(data, b"Subject")
    for word in WORD.finditer(line):
        assert len(word[0]) <= 75  # RFC 2047, 2
        b64decode(word[1]).decode()
    assert message_from_bytes(data, policy=default)["subject"] == subject


@given(
    st.text(
        st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=120
    ).filter(lambda text: text.strip() == text and "  " not in text and text.isprintable())
)
def test_any_subject_and_name_comes_through_in_short_ascii_lines(text: str) -> None:
    data = compose(outgoing(subject=text, sender_name=text, recipient_name=text))
    assert head(data).isascii()
    for word in WORD.finditer(head(data)):
        b64decode(word[1]).decode()
    assert max(len(line) for line in data.split(b"\r\n")) <= 998  # RFC 5322, 2.1.1
    found = read(data)
    assert found.subject == text
    assert found.sender is not None
    assert found.sender.name == text


def test_lines_end_in_cr_lf_and_the_same_mail_has_the_same_head() -> None:
    data = compose(MAIL)
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert header_line(data, b"Message-ID") == header_line(compose(MAIL), b"Message-ID")


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"footer": Footer("", "住所", URL, "tel")}, "footer", "footer_missing"),
        ({"footer": Footer("社", " ", URL, "tel")}, "footer", "footer_missing"),
        ({"footer": Footer("社", "住所", "", "tel")}, "footer", "footer_missing"),
        ({"footer": Footer("社", "住所", URL, "")}, "footer", "footer_missing"),
        ({"subject": "a\r\nBcc: x@example.com"}, "subject", "header_injected"),
        ({"subject": "a\nb"}, "subject", "header_injected"),
        ({"subject": "a\u2028b"}, "subject", "header_injected"),
        ({"recipient_name": "佐藤\r\nBcc: x@example.com"}, "recipient_name", "header_injected"),
        ({"sender_name": "a\x00"}, "sender_name", "header_injected"),
        ({"sender_name": "a\ud800"}, "sender_name", "header_injected"),
        ({"message_id": "<a@b>\r\nX: y"}, "message_id", "header_injected"),
        ({"in_reply_to": "a b"}, "message_id", "header_injected"),
        ({"references": ("<a b@c>",)}, "message_id", "header_injected"),
        (
            {"recipient_address": "a@x.example.jp, b@x.example.jp"},
            "recipient_address",
            "not_an_address",
        ),
        ({"recipient_address": "a@x.example.jp\r\nX: y"}, "recipient_address", "not_an_address"),
        ({"reply_to": "山田"}, "reply_to", "not_an_address"),
        ({"unsubscribe_url": "http://x.example.jp"}, "unsubscribe_url", "not_a_link"),
        ({"unsubscribe_url": "http://127.0.0.1.example.jp/"}, "unsubscribe_url", "not_a_link"),
        ({"unsubscribe_url": "http://127.0.0.1:1@x.example.jp/"}, "unsubscribe_url", "not_a_link"),
        ({"unsubscribe_url": "https://x.example.jp>\r\nX: y"}, "unsubscribe_url", "not_a_link"),
        ({"unsubscribe_token": "a&body=x"}, "unsubscribe_token", "not_a_link"),
        ({"subject": " "}, "subject", "empty"),
        ({"text": "\n"}, "text", "empty"),
        ({"html": '<img src="https://x.example.jp/open.gif" width=1>'}, "html", "remote_content"),
        ({"html": "<p style='background: url(//x.example.jp/a)'>"}, "html", "remote_content"),
        ({"html": "<script>1</script>"}, "html", "remote_content"),
        (
            {"html": "<link rel=stylesheet href=https://x.example.jp/a.css>"},
            "html",
            "remote_content",
        ),
    ],
)
def test_a_mail_that_must_not_go_is_refused(changes: dict[str, Any], field: str, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        compose(outgoing(**changes))
    assert (refused.value.field, refused.value.code) == (field, code)


@pytest.mark.parametrize("host", ["127.0.0.1:18380", "localhost"])
def test_a_link_to_this_machine_needs_no_https(host: str) -> None:
    link = f"http://{host}/v1/unsubscribe/x"

    assert f"List-Unsubscribe: <{link}>".encode() in compose(outgoing(unsubscribe_url=link))


def test_a_message_id_is_fixed_for_a_step_and_reveals_nothing() -> None:
    one = message_id("followup/renewal/hanako@example.jp/x", "first", "Mail.example.jp")
    assert one == message_id("followup/renewal/hanako@example.jp/x", "first", "mail.example.jp")
    assert one != message_id("followup/renewal/hanako@example.jp/x", "second", "mail.example.jp")
    assert "hanako" not in one
    assert is_ours(one, "MAIL.example.jp")
    assert not is_ours(one, "other.example.jp")
    assert not is_ours("<digest.4711@mail.example.jp>", "mail.example.jp")
