"""Tokens of the links, and the page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.delivery.unsubscribing import (
    UnsubscribeTokens,
    confirmation_page,
    done_page,
    token_in,
    unknown_page,
)
from tests.support.outgoing_mails import TOKENS

OLD, NEW = b"o" * 32, b"n" * 32


def test_a_token_means_whom_it_was_made_for() -> None:
    token = TOKENS.token("contact-4711")
    assert TOKENS.subject(token) == "contact-4711"
    assert token.replace("-", "").replace("_", "").isalnum()


def test_another_key_is_accepted_while_it_is_listed() -> None:
    token = UnsubscribeTokens([OLD]).token("c-1")
    assert UnsubscribeTokens([NEW, OLD]).subject(token) == "c-1"
    assert UnsubscribeTokens([NEW]).subject(token) is None


@given(st.text(max_size=80))
def test_what_we_did_not_make_means_nobody(token: str) -> None:
    assert TOKENS.subject(token) is None


def test_a_changed_token_means_nobody() -> None:
    token = TOKENS.token("contact-4711")
    for place in range(len(token)):
        changed = "A" if token[place] != "A" else "B"
        assert TOKENS.subject(token[:place] + changed + token[place + 1 :]) is None
    assert TOKENS.subject(token[:-1]) is None
    assert TOKENS.subject(token + "=") is None


TOKEN = TOKENS.token("followup.0123456789abcdef0123456789abcdef")


@pytest.mark.parametrize(
    "rest",
    [
        TOKEN,
        f"{TOKEN}/",
        f"{TOKEN}.",
        f"{TOKEN}>",
        f"{TOKEN}。",
        f"{TOKEN}」をご覧ください",
        f"{TOKEN}%3E",
        f"{TOKEN}%253E",
        f"{TOKEN}&utm_source=mail",
        f"{TOKEN};id=1/x",
        f" <{TOKEN}",
        "".join(f"%{ord(sign):02X}" for sign in TOKEN),
        "".join(f"%25{ord(sign):02x}" for sign in TOKEN),
    ],
)
def test_a_link_that_was_damaged_on_its_way_still_means_its_token(rest: str) -> None:
    assert TOKENS.subject(token_in(rest)) == TOKENS.subject(TOKEN) is not None


@given(st.text(max_size=80))
def test_the_rest_of_a_link_that_we_did_not_make_means_nobody(rest: str) -> None:
    assert TOKENS.subject(token_in(rest)) is None


@pytest.mark.parametrize("subject", ["hanako@example.jp", "佐藤", "", "a" * 101, "a b"])
def test_no_address_and_no_name_gets_into_a_link(subject: str) -> None:
    with pytest.raises(ValueError, match="for an id"):
        TOKENS.token(subject)


def test_a_short_key_is_refused() -> None:
    for keys in ([], [b"short"], [NEW, b"short"]):
        with pytest.raises(ValueError, match="32 bytes"):
            UnsubscribeTokens(keys)


def test_the_page_posts_what_mail_programs_post_and_loads_nothing() -> None:
    page = confirmation_page("<かけはし>")
    assert '<form method="post">' in page
    assert 'name="List-Unsubscribe" value="One-Click"' in page
    assert "&lt;かけはし&gt;からのメール" in page
    assert "停止しました" in done_page("かけはし")
    for each in (page, done_page("x"), unknown_page()):
        assert "http" not in each
        assert '<meta charset="utf-8">' in each
