"""The fast check of a text decides as the full check does, and events have the usual form."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kakehashi_common.contracts.instants import NoTimeZoneError, parse_instant
from kakehashi_common.contracts.texts import json_may_hold_forbidden
from kakehashi_common.json_reader import Limits, check_size, needs_no_check

LIMITS = Limits(values=100, depth=5)

BYTES = st.lists(
    st.sampled_from([b"[", b"{", b"}", b",", b'"', b"a", b"\\", b"u001b", b"\x7f", b"\xc2\x80"])
    | st.sampled_from([b"\xef\xbf\xbf", b"\xef\xbc\x88", "桐".encode(), b",," * 30, b"[]" * 3])
    | st.binary(max_size=3),
    max_size=60,
).map(b"".join)


@given(BYTES)
def test_what_needs_no_check_passes_every_check(raw: bytes) -> None:
    if needs_no_check(raw, LIMITS):
        check_size(raw, LIMITS)
        assert not json_may_hold_forbidden(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"lead_id":"crm-1","kind":"page_viewed","details":{"url":"https://a.example/b"}}',
        '{"lead_id":"crm-1","department":"情報政策課"}'.encode(),
        b'"' + b"a" * 98 + b'"',
        b"[[[[[]]]]]",
    ],
)
def test_small_documents_of_plain_text_need_no_check(raw: bytes) -> None:
    assert needs_no_check(raw, LIMITS)


@pytest.mark.parametrize(
    "raw",
    [
        b'"' + b"a" * 99 + b'"',
        b"[[[[[[]]]]]]",
        b'{"a":{"b":{"c":[{"d":[{}]}]}}}',
        b'"a\\nb"',
        b'"\x7f"',
        '"\u0085"'.encode(),
        '"\uffff"'.encode(),
    ],
)
def test_others_need_one(raw: bytes) -> None:
    assert not needs_no_check(raw, LIMITS)


@given(
    st.tuples(
        st.sampled_from(["2026-04-01", "2026-02-30", "20260401", "2026-W14-3"]),
        st.sampled_from(["T", "t", " ", "_"]),
        st.sampled_from(["09:30:15", "23:59:60", "24:00:00", "09:30", "0930", "٠9:30:15"]),
        st.sampled_from(["", ".5", ",5", ".123456789", "."]),
        st.sampled_from(["Z", "z", "+09:00", "-0000", "+09:75", "+09:00:30", "+09", ""]),
    ).map("".join)
)
def test_an_instant_is_read_alike_in_every_form(text: str) -> None:
    """Lower case is never the usual form, and means the same."""
    assert _read(text) == _read(text.replace("T", "t").replace("Z", "z"))


@pytest.mark.parametrize(
    "text",
    [
        "2026-04-01T09:30:15.5+09:75",
        "2026-04-01T09:30:15+09:00:30",
        "2026-04-01T09:30:15+09",
        "2026-04-01T09:30:15.Z",
        "2026-04-01_09:30:15Z",
        "2026-W14-3T09:30:15Z",
        "20260401T093015Z",
        "2026-02-30T09:30:15Z",
        "2026-04-01T24:00:00Z",
        "2026-04-01T09:30:15Z\n",
        "٢026-04-01T09:30:15Z",
    ],
)
def test_what_python_reads_as_a_time_and_rfc_3339_does_not_is_no_instant(text: str) -> None:
    assert _read(text) == "no instant"


def _read(text: str) -> datetime | str:
    try:
        return parse_instant(text)
    except NoTimeZoneError:
        return "no time zone"
    except ValueError:
        return "no instant"
