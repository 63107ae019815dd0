"""Encoded events are read back by our codec and by the CloudEvents library, which is the judge."""

import json
from datetime import UTC, timedelta, timezone
from typing import Any

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent
from hypothesis import given
from hypothesis import strategies as st

from kakehashi_common.cloudevents.codec import EventDecoder, encode
from kakehashi_common.contracts.events import Event
from kakehashi_common.contracts.lead_events import ActivityRecorded, ProfileChanged
from kakehashi_common.contracts.topics import LEAD_EVENTS
from tests.unit.kakehashi_common.cloudevents.records import NOW, PAGE_VIEW, kafka_record

DECODER = EventDecoder(LEAD_EVENTS.models)
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

VIEWED = Event(
    event_id="pv-1",
    source="https://web.example.jp",
    occurred_at=NOW,
    data=ActivityRecorded(**PAGE_VIEW, details={"title": "料金プラン"}),
    correlation_id="case-1",
    causation_id="pv-0",
)


def test_an_event_is_sent_in_binary_mode_under_its_key() -> None:
    sent = encode(VIEWED, key="crm-48213", traceparent=TRACE)

    assert sent.key == b"crm-48213"
    assert json.loads(sent.value) == {**PAGE_VIEW, "details": {"title": "料金プラン"}}
    assert dict(sent.headers) == {
        "ce_specversion": b"1.0",
        "ce_id": b"pv-1",
        "ce_source": b"https://web.example.jp",
        "ce_type": b"jp.kakehashi.lead.activity_recorded.v1",
        "ce_time": b"2026-06-12T03:00:00Z",
        "ce_partitionkey": b"crm-48213",
        "ce_correlationid": b"case-1",
        "ce_causationid": b"pv-0",
        "ce_traceparent": TRACE.encode(),
        "traceparent": TRACE.encode(),
        "content-type": b"application/json",
    }


def test_the_cloudevents_library_reads_what_we_send() -> None:
    sent = encode(VIEWED, key="crm-48213")
    read = from_kafka_event(KafkaMessage(dict(sent.headers), sent.key, sent.value))

    assert read.get_id() == "pv-1"
    assert read.get_time() == NOW
    assert read.get_extension("correlationid") == "case-1"
    assert read.get_data() == json.loads(sent.value)


def test_we_read_what_the_cloudevents_library_sends_in_structured_mode() -> None:
    event = CloudEvent(
        {
            "id": "pv-1",
            "source": "https://web.example.jp",
            "type": ActivityRecorded.TYPE,
            "time": NOW,
        },
        {**PAGE_VIEW, "details": {"title": "料金プラン"}},
    )
    message = to_structured_event(event)
    received = DECODER.decode(kafka_record(message.value, message.headers.items()), NOW)

    assert received.event == VIEWED._replace(correlation_id=None, causation_id=None)


def test_a_profile_change_says_only_what_was_set() -> None:
    data = ProfileChanged(lead_id="crm-1", phone=None)
    sent = encode(Event("p-1", "https://crm.example.jp", NOW, data), key="crm-1")
    assert json.loads(sent.value) == {"lead_id": "crm-1", "phone": None}


CHARACTERS = st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")


@given(
    event_id=st.text(CHARACTERS, min_size=1),
    source=st.text(CHARACTERS, min_size=1),
    age=st.timedeltas(timedelta(0), timedelta(days=7000)),
    zone=st.sampled_from([UTC, timezone(timedelta(hours=9))]),
    details=st.dictionaries(
        st.text(CHARACTERS),
        st.text(CHARACTERS | st.sampled_from("\t\n"))
        | st.integers()
        | st.booleans()
        | st.none()
        | st.floats(allow_nan=False, allow_infinity=False),
    ),
)
def test_what_is_sent_is_what_is_received(
    event_id: str, source: str, age: timedelta, zone: timezone, details: dict[str, Any]
) -> None:
    occurred_at = (NOW - age).astimezone(zone)
    data = ActivityRecorded(lead_id="crm-1", kind="page_viewed", details=details)
    sent = encode(Event(event_id, source, occurred_at, data), key="crm-1", traceparent=TRACE)
    received = DECODER.decode(kafka_record(sent.value, sent.headers), NOW)

    assert received.event == Event(event_id, source, occurred_at.astimezone(UTC), data)
    assert received.traceparent == TRACE


def test_data_that_came_as_json_is_passed_on_as_it_came() -> None:
    sent = encode(VIEWED, key="crm-48213", data_json=b'{"unknown":1}')
    assert sent.value == b'{"unknown":1}'


@pytest.mark.parametrize("traceparent", ["", "garbage", "00-zz-yy-01"])
def test_a_broken_traceparent_costs_no_event(traceparent: str) -> None:
    sent = encode(VIEWED, key="crm-48213", traceparent=traceparent)
    assert DECODER.decode(kafka_record(sent.value, sent.headers), NOW).event == VIEWED
