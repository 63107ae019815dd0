"""The demo's input is the same every time, plausible, and wrong where it says so."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from typing import Any

import pytest
from aiokafka import ConsumerRecord

from examples.demo.__main__ import cloud_events
from examples.demo.bad_records import BadRecord, bad_records
from kakehashi_common.cloudevents.codec import EventDecoder
from kakehashi_common.cloudevents.errors import RejectedEventError
from kakehashi_common.contracts.lead_events import ActivityKind
from kakehashi_common.contracts.topics import LEAD_EVENTS

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
LEADS = 400

Events = list[dict[str, Any]]


@pytest.fixture(scope="module")
def events() -> Events:
    return list(cloud_events(7, NOW, LEADS))


def test_the_same_seed_and_day_give_the_same_events(events: Events) -> None:
    later_that_day = NOW + timedelta(hours=11)
    assert list(cloud_events(7, later_that_day, LEADS)) == events
    assert list(islice(cloud_events(8, NOW, LEADS), 10)) != events[:10]


def test_another_day_brings_other_leads_and_other_events(events: Events) -> None:
    tomorrow = list(cloud_events(7, NOW + timedelta(days=1), LEADS))
    for name in ("id", "partitionkey"):
        assert not {each[name] for each in events} & {each[name] for each in tomorrow}


def test_every_event_can_be_read(events: Events) -> None:
    decoder = EventDecoder(LEAD_EVENTS.models)
    for event in events:
        decoder.decode_object(event, NOW)


def test_events_lie_within_120_days_and_mostly_in_office_hours(events: Events) -> None:
    times = [datetime.fromisoformat(each["time"]) for each in events]
    assert min(times) >= NOW - timedelta(days=121)
    assert max(times) <= NOW
    japan = [moment + timedelta(hours=9) for moment in times]
    office = sum(moment.weekday() < 5 and 8 <= moment.hour < 18 for moment in japan)
    assert office / len(japan) > 0.75


def test_all_kinds_of_the_catalogue_and_an_unknown_one_occur(events: Events) -> None:
    kinds = {each["data"].get("kind") for each in events} - {None}
    assert kinds == {kind.value for kind in ActivityKind} | {"booth_visited"}


def test_reference_quotes_come_from_june_to_september(events: Events) -> None:
    months = {
        (datetime.fromisoformat(each["time"]) + timedelta(hours=9)).month
        for each in events
        if each["data"].get("kind") == "reference_quote_requested"
    }
    assert months
    assert months <= {6, 7, 8, 9}


def test_some_ids_come_twice_some_with_other_content_some_late(events: Events) -> None:
    times = [each["time"] for each in events]
    late = sum(later < earlier for earlier, later in pairwise(times))
    contents: dict[str, set[str]] = {}
    for each in events:
        contents.setdefault(each["id"], set()).add(json.dumps(each, sort_keys=True))
    repeated = Counter(each["id"] for each in events)
    conflicts = sum(len(found) > 1 for found in contents.values())
    duplicates = len(events) - len(repeated) - conflicts
    assert 0.01 < duplicates / len(events) < 0.03
    assert 0 < conflicts / len(events) < 0.01
    assert late > len(events) * 0.03


def _record(bad: BadRecord) -> "ConsumerRecord[Any, Any]":
    headers: list[tuple[str, Any]] = [
        *((name, None if text is None else text.encode()) for name, text in bad.headers),
        *((name, bytes.fromhex(digits)) for name, digits in bad.hex_headers),
    ]
    value = None if bad.value is None else bad.value.encode() + b" " * bad.padding
    return ConsumerRecord("t", 0, 0, 0, 0, None, value, None, 0, 0, tuple(headers))


def test_nobody_can_read_a_bad_record() -> None:
    decoder = EventDecoder(LEAD_EVENTS.models)
    codes = set()
    for bad in bad_records(NOW, "20261121"):
        with pytest.raises(RejectedEventError) as caught:
            decoder.decode(_record(bad), NOW)
        codes.add(caught.value.code)
    assert codes == {
        "not_json",
        "missing_attribute",
        "unreadable_header",
        "invalid_data",
        "unknown_event_type",
        "invalid_time",
        "too_large",
        "tombstone",
    }
