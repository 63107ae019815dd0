from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from kakehashi_common.dead_letters.writer import DeadLetter, earlier_attempts
from kakehashi_common.errors import PermanentError
from tests.unit.kakehashi_common.cloudevents.records import (
    ABSENT,
    HEADERS,
    binary,
    kafka_record,
    structured,
)

FAILED_AT = datetime(2026, 6, 12, 3, 0, tzinfo=UTC)


def test_a_dead_letter_keeps_the_record_and_says_where_why_and_when() -> None:
    letter = DeadLetter.of(binary(note=None), PermanentError("data.kind is missing: add it"))
    headers = dict(letter.headers(FAILED_AT))
    assert {name: headers[name] for name in HEADERS} == HEADERS
    assert headers["note"] is None
    assert {k: v.decode() for k, v in headers.items() if k.startswith("dlq-")} == {
        "dlq-topic": "lead-events-v1",
        "dlq-partition": "2",
        "dlq-offset": "41",
        "dlq-error-class": "PermanentError",
        "dlq-reason": "data.kind is missing: add it",
        "dlq-attempts": "1",
        "dlq-failed-at": "2026-06-12T03:00:00.000+00:00",
    }


def test_a_replayed_record_loses_our_old_headers_and_counts_on() -> None:
    replayed = binary(**{"dlq-replayed": b"2", "dlq-reason": b"old"})
    headers = DeadLetter.of(replayed, PermanentError("new")).headers(FAILED_AT)
    ours = [(name, raw) for name, raw in headers if name.startswith("dlq-")]
    assert ("dlq-attempts", b"3") in ours
    assert ("dlq-reason", b"new") in ours
    assert len({name for name, _ in ours}) == len(ours) == 7


@pytest.mark.parametrize("raw", [None, b"", b"many", b"\xff", "３".encode()])
def test_a_forged_counter_counts_as_none(raw: bytes | None) -> None:
    assert earlier_attempts(binary(**{"dlq-replayed": raw})) == 0


def test_a_reason_is_one_line_of_bounded_length() -> None:
    letter = DeadLetter.of(binary(), ValueError("a\nb\x00" + "x" * 5000))
    assert "\n" not in letter.reason
    assert len(letter.reason) < 1010
    assert DeadLetter.of(binary(), ValueError()).reason == "no message"


def test_a_tombstone_stays_one() -> None:
    assert DeadLetter.of(replace(binary(), value=None), PermanentError("x")).record.value is None


@pytest.mark.parametrize(
    ("record", "source"),
    [
        (binary(), "https://web.example.jp"),
        (binary(b"{not json"), "https://web.example.jp"),
        (structured(data={}), "https://web.example.jp"),
        (binary(ce_source=b"\xff"), "\ufffd"),
        (binary(ce_source=ABSENT), ""),
        (binary(ce_source=None), ""),
        (kafka_record(b'{"source": 7}', []), ""),
        (kafka_record(b"{", []), ""),
        (kafka_record(None, []), ""),
    ],
)
def test_the_source_of_a_record_is_found_where_it_can_be_read(record: Any, source: str) -> None:
    assert DeadLetter.of(record, PermanentError("x")).source == source


def test_a_letter_leaves_out_what_the_topic_does_not_take() -> None:
    letter = DeadLetter.of(binary(b"v" * 1000, note=b"n" * 100), PermanentError("x"))
    small = len(dict(letter.headers(FAILED_AT)))

    key, value, headers = letter.content(FAILED_AT, most=2000)
    assert (key, value, len(headers)) == (b"crm-48213", b"v" * 1000, small)

    key, value, headers = letter.content(FAILED_AT, most=700)
    assert (key, value) == (b"crm-48213", None)
    assert dict(headers)["ce_id"] == b"pv-1"
    assert dict(headers)["dlq-value-bytes"] == b"1000"

    key, value, headers = letter.content(FAILED_AT, most=50)
    assert (key, value) == (b"", None)
    assert all(name.startswith("dlq-") for name, _ in headers)
    assert dict(headers)["dlq-value-bytes"] == b"1000"
