"""JSON of others: what is refused before anything is made of it, and what is read."""

from typing import Any

import pytest

from kakehashi_common.errors import PermanentError
from kakehashi_common.json_reader import Limits, check_size, check_texts, read_json

LIMITS = Limits(values=100, depth=5)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b"null", None),
        (b'\xef\xbb\xbf{"a": [1, 2.5, "\xe6\xa1\x90\xe7\x94\x9f"]}', {"a": [1, 2.5, "桐生"]}),
        (b'{"a": "' + b"[{,:" * 1_000 + b'"}', {"a": "[{,:" * 1_000}),
        (b'{"a": "' + b'\\"[' * 1_000 + b'"}', {"a": '"[' * 1_000}),
        (b"[[[[[]]]], [[[[]]]]]", [[[[[]]]], [[[[]]]]]),
        (b"[" + b"[],[[]]," * 15 + b"0]", [[], [[]]] * 15 + [0]),
        (b"[" + b"1," * 99 + b"1]", [1] * 100),
    ],
)
def test_what_is_within_the_limits_is_read(raw: bytes, value: Any) -> None:
    assert read_json(raw, LIMITS) == value


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"[" * 6 + b"]" * 6, "too_complex"),
        (b'{"a":' * 6 + b"1" + b"}" * 6, "too_complex"),
        (b"[" * 1_000_000, "too_complex"),
        (b"[" + b"1," * 100 + b"1]", "too_complex"),
        (b"{" + b'"":1,' * 200 + b'"":1}', "too_complex"),
        (b"[" + b"{}," * 60 + b"{}]", "too_complex"),
        (b"", "malformed_json"),
        (b"{", "malformed_json"),
        (b'{"a": "\x01"}', "malformed_json"),
        (b"NaN", "malformed_json"),
        (b"-Infinity", "malformed_json"),
        (b"1e999", "malformed_json"),
        (b"1" * 5_000, "malformed_json"),
        (b'"\xed\xa0\x80"', "malformed_json"),
        (b'[{"a": 1, "b": {"c": 1, "c": 1}}]', "duplicate_name"),
    ],
)
def test_what_is_beyond_them_or_no_json_is_refused(raw: bytes, code: str) -> None:
    with pytest.raises(PermanentError) as refused:
        read_json(raw, LIMITS)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("raw", "pointer"),
    [
        (b'{"a": {"b/c": ["x", "\\u001b"]}}', "/a/b~1c/1"),
        (b'{"a": {"\\ud83d": 1}}', "/a"),
        (b'"\\u009f"', "/"),
        (b'{"a": "\x7f"}', "/a"),
        ('{"a": "\uffff"}'.encode(), "/a"),
    ],
)
def test_a_character_that_no_text_may_hold_is_named_with_its_place(
    raw: bytes, pointer: str
) -> None:
    with pytest.raises(PermanentError, match=r"it holds U\+") as refused:
        check_texts(raw, read_json(raw, LIMITS))
    assert (refused.value.code, refused.value.field) == ("not_text", pointer)


def test_texts_are_all_of_unicode_with_tabs_and_ends_of_lines() -> None:
    raw = '{"a": "一\\r\\n二\\n\\t🙂 \\ud83d\\ude42 \\\\u001b £"}'.encode()
    check_texts(raw, read_json(raw, LIMITS))


def test_size_is_checked_whether_it_is_json_or_not() -> None:
    check_size(b'"' + b"[" * 100, Limits(values=1_000, depth=200))
    check_size(b"]]]]]]]", LIMITS)
