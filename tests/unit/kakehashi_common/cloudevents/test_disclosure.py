"""Parts of an event that a rejection discloses: logs, answers and dead letters repeat them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from kakehashi_common.cloudevents.codec import EventDecoder
from kakehashi_common.cloudevents.errors import RejectedEventError
from kakehashi_common.contracts.topics import LEAD_EVENTS
from tests.unit.kakehashi_common.cloudevents.records import ACTIVITY, OUTCOME, PROFILE

NOW = datetime(2026, 11, 20, tzinfo=UTC)
PERSON = "桐生太郎"
PHONE = "0277461111"
LONG = "x" * 5_000


def rejection(**changes: Any) -> RejectedEventError:
    event = {
        "id": "e-1",
        "source": "https://web.example.jp",
        "type": PROFILE,
        "time": "2026-11-20T08:00:00+09:00",
        "data": {"lead_id": "crm-1", "department": "総務課"},
    }
    with pytest.raises(RejectedEventError) as refused:
        EventDecoder(LEAD_EVENTS.models).decode_object({**event, **changes}, NOW)
    return refused.value


def told(error: RejectedEventError) -> str:
    return " ".join([error.message, *(problem.message for problem in error.problems)])


@pytest.mark.parametrize(
    "changes",
    [
        {"data": {"lead_id": PERSON, "department": "総務課"}},
        *[
            {"data": {"lead_id": "crm-1", field: value}}
            for field in ("municipality_code", "role", "organisation_size", "email")
            for value in (PERSON, PHONE, f"{PERSON} {PHONE}", [PERSON], {"name": PERSON})
        ],
        {"data": {"lead_id": "crm-1", "person_name": [PERSON]}},
        {"data": {"lead_id": "crm-1", "phone": PHONE * 5}},
        {"data": {"lead_id": "crm-1", "attributes": {"plan": [PERSON]}}},
        {"type": ACTIVITY, "data": {"lead_id": "crm-1", "kind": PERSON}},
        {"type": OUTCOME, "data": {"lead_id": "crm-1", "outcome": PERSON}},
        {"type": OUTCOME, "data": {"lead_id": "crm-1", "outcome": "won", "amount_yen": PHONE}},
        {"data": f"{PERSON} {PHONE}"},
        {"data": {"lead_id": "crm-1", "attributes": {PERSON: [1], f"{PERSON} {PHONE}": 1}}},
        {"data": {"lead_id": "crm-1", "attributes": {PHONE: [1]}}},
        {"data": {"lead_id": "crm-1", "attributes": {f"{PERSON}@example.jp": {"a": 1}}}},
        {"type": ACTIVITY, "data": {"lead_id": "a", "kind": "b", "details": {PERSON: [1]}}},
        {"type": ACTIVITY, "data": {"lead_id": "a", "kind": "b", "details": {PHONE: "\x1b"}}},
        {PERSON: "1", PHONE * 3: "\0", f"X-{PHONE}-{PERSON}": 1},
        {"id": {"name": PERSON, "phone": PHONE}},
        {"time": [PERSON, PHONE]},
    ],
)
def test_it_never_holds_values_of_the_data(changes: dict[str, Any]) -> None:
    text = told(rejection(**changes))
    assert PERSON not in text
    assert PHONE not in text


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"time": "20 November"}, "'20 November'"),
        ({"type": "page_view"}, "'page_view'"),
        ({"specversion": "0.3"}, "'0.3'"),
        ({"data": {"lead_id": "crm-1", "municipality_code": "1020320"}}, "'1020320'"),
    ],
)
def test_it_shows_what_helps_to_find_the_mistake(changes: dict[str, Any], shown: str) -> None:
    assert shown in told(rejection(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"time": LONG},
        {"type": LONG},
        {"id": f"\0{LONG}"},
        {"specversion": LONG},
        {f"X{LONG}": "1"},
        {"data": {"lead_id": "crm-1", "municipality_code": LONG}},
        {"data": {"lead_id": "crm-1", "attributes": {f"X {LONG}": 1}}},
    ],
)
def test_it_is_short_whatever_was_sent(changes: dict[str, Any]) -> None:
    assert all(len(problem.message) < 500 for problem in rejection(**changes).problems)
