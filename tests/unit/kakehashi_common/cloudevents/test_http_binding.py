"""Decoding a `ce-` header, by the examples of the binding and further ones."""

import pytest

from kakehashi_common.cloudevents.errors import RejectedEventError
from kakehashi_common.cloudevents.http_binding import attributes_in, decode_value


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"A234-1234-1234", "A234-1234-1234"),
        (b"Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro € 😀"),
        (b"euro%e2%82%ac", "euro€"),
        (b"%41%42", "AB"),  # unnecessarily encoded
        (b"100%25", "100%"),
        (b"%2541", "%41"),  # one round only
        (b"a+b", "a+b"),
        (b'"quoted id"', "quoted id"),
        (rb'"a \"b\" \\c"', r'a "b" \c'),
        (b'"Euro %E2%82%AC"', "Euro €"),
        (b'""', ""),
        (b"  padded\t", "padded"),
        ("案件-1".encode(), "案件-1"),
        ('"案件-1"'.encode(), "案件-1"),
    ],
)
def test_a_value_stands_for(raw: bytes, text: str) -> None:
    assert decode_value(raw) == text


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"%FF1", "is not UTF-8 (byte 0): percent-encode the bytes of its UTF-8"),
        (b"%FE1", "is not UTF-8 (byte 0): percent-encode the bytes of its UTF-8"),
        (b"%C0%A0", "is not UTF-8 (byte 0): percent-encode the bytes of its UTF-8"),
        (b"%ED%A0%80", "is not UTF-8 (byte 0): percent-encode the bytes of its UTF-8"),
        (b"a\xff", "is not UTF-8 (byte 1): percent-encode the bytes of its UTF-8"),
        ("番号".encode("shift_jis"), "is not UTF-8 (byte 0)"),
        (b"100%", 'holds a "%" without two hexadecimal digits: write it as "%25"'),
        (b"%zz", 'holds a "%" without two hexadecimal digits: write it as "%25"'),
        (b'"open', "starts with a double quote that nothing closes"),
        (b'"a" b', "starts with a double quote that nothing closes"),
        (b'a"b"', 'holds a double quote: write it as "%22"'),
    ],
)
def test_what_the_binding_refuses_is_refused(raw: bytes, reason: str) -> None:
    with pytest.raises(RejectedEventError) as refused:
        attributes_in([(b"ce-id", raw), (b"ce-source", b"/crm")])
    assert refused.value.message.startswith(f"header ce-id {reason}")
    assert refused.value.problems[0].pointer == "/id"


def test_an_attribute_given_twice_is_refused_even_with_the_same_value() -> None:
    with pytest.raises(RejectedEventError, match="header ce-id is given twice"):
        attributes_in([(b"ce-id", b"1"), (b"CE-ID", b"1")])


def test_only_headers_of_events_are_read() -> None:
    headers = [(b"accept", b"%"), (b"Ce-Id", b"1"), (b"accept", b"b"), (b"ce-time", b"t")]
    assert attributes_in(headers) == {"id": "1", "time": "t"}
