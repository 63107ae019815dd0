from dataclasses import replace
from datetime import UTC, datetime

import pytest

from kakehashi_common.dead_letters import DeadLetter, earlier_attempts
from kakehashi_common.errors import PermanentError
from tests.unit.kakehashi_common.messaging.records import HEADERS, binary

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
