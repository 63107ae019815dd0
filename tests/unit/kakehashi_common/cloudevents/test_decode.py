"""Bad input is rejected with a precise sentence, good input is decoded; nothing else is raised."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kakehashi_common.cloudevents.codec import EventDecoder, content_hash, event_key
from kakehashi_common.cloudevents.errors import RejectedEventError
from kakehashi_common.contracts.events import Tombstone
from kakehashi_common.contracts.lead_events import ActivityRecorded, ProfileChanged
from kakehashi_common.contracts.topics import LEAD_EVENTS
from tests.unit.kakehashi_common.cloudevents.records import (
    ABSENT,
    ACTIVITY,
    HEADERS,
    MERGED,
    NOW,
    OUTCOME,
    PAGE_VIEW,
    PROFILE,
    binary,
    kafka_record,
    structured,
)

DECODER = EventDecoder(LEAD_EVENTS.models)


def refused(record: Any) -> RejectedEventError:
    with pytest.raises(RejectedEventError) as caught:
        DECODER.decode(record, NOW)
    return caught.value


def test_on_a_compacted_topic_a_tombstone_deletes_its_key() -> None:
    decoder = EventDecoder([], tombstones=True)
    received = decoder.decode(binary(None), NOW)
    assert received.event.data == Tombstone(key="crm-48213")
    assert (received.event.source, received.event.event_id) == ("kafka:lead-events-v1", "2-41")


@pytest.mark.parametrize("key", [None, b"", b"\xff"])
def test_a_tombstone_without_a_key_that_can_be_read_is_refused(key: bytes | None) -> None:
    decoder = EventDecoder([], tombstones=True)
    with pytest.raises(RejectedEventError, match="neither value nor a key"):
        decoder.decode(replace(binary(None), key=key), NOW)


def profile(**fields: Any) -> Any:
    return binary({"lead_id": "crm-1", **fields}, ce_type=PROFILE.encode())


def twice(name: str, value: bytes) -> Any:
    record = binary()
    return replace(record, headers=(*record.headers, (name, value)))


REASONS: dict[str, tuple[Any, str, str]] = {
    "a tombstone": (
        binary(None),
        "tombstone",
        "the record has no value (a tombstone): send the event itself, events are never deleted",
    ),
    "a large event": (
        binary(b" " * 5_000_000),
        "too_large",
        (
            "the event has 5,000,000 bytes, more than the 1,000,000 that are accepted: "
            "send a link to large content instead of the content"
        ),
    ),
    "no bytes": (
        binary(b""),
        "not_json",
        (
            "the body is not JSON (EOF while parsing a value at line 1 column 0): "
            "send one JSON object in UTF-8"
        ),
    ),
    "no JSON": (
        binary(b"lead_id=1"),
        "not_json",
        "the body is not JSON (expected value at line 1 column 1): send one JSON object in UTF-8",
    ),
    "Shift_JIS": (
        binary('{"lead_id":"a","kind":"b","details":{"t":"料金"}}'.encode("shift_jis")),
        "not_json",
        (
            "the body is not JSON (invalid unicode code point at line 1 column 44): "
            "send one JSON object in UTF-8"
        ),
    ),
    "no object": (binary([]), "invalid_data", "data should be an object, not a list"),
    "a header is missing": (
        binary(ce_id=ABSENT),
        "missing_attribute",
        "header ce_id is missing: add it",
    ),
    "two headers are missing": (
        binary(ce_id=ABSENT, ce_time=ABSENT),
        "missing_attribute",
        "header ce_id is missing: add it (and ce_time)",
    ),
    "no headers at all": (
        kafka_record(PAGE_VIEW, []),
        "missing_attribute",
        (
            "the record is no CloudEvent: add the headers ce_specversion, ce_id, ce_source, "
            "ce_type, ce_time, or send one JSON object with specversion and content-type "
            "application/cloudevents+json"
        ),
    ),
    "a null header": (
        binary(ce_source=None),
        "unreadable_header",
        "header 'ce_source' is null: give it a value or leave it out",
    ),
    "a trace header that is no UTF-8": (
        binary(traceparent=b"\xff"),
        "unreadable_header",
        "header 'traceparent' is not UTF-8 (byte 0): encode it as UTF-8",
    ),
    "a header that is no UTF-8": (
        binary(ce_id="番号".encode("shift_jis")),
        "unreadable_header",
        "header 'ce_id' is not UTF-8 (byte 0): encode it as UTF-8",
    ),
    "an empty id": (
        binary(ce_id=b""),
        "invalid_attribute",
        "header ce_id has 0 characters: give 1 to 1024",
    ),
    "a control character in the source": (
        binary(ce_source=b"web\x00"),
        "invalid_attribute",
        "header ce_source holds a control character: 'web\\x00'; remove it",
    ),
    "another version of CloudEvents": (
        binary(ce_specversion=b"0.3"),
        "invalid_attribute",
        "header ce_specversion is '0.3': send CloudEvents 1.0",
    ),
    "an unknown type": (
        binary(ce_type=b"com.example.clicked"),
        "unknown_event_type",
        (
            "header ce_type names the unknown event type 'com.example.clicked': "
            f"this topic takes {ACTIVITY}, {PROFILE}, {OUTCOME}, {MERGED}"
        ),
    ),
    "a naive timestamp": (
        binary(ce_time=b"2026-06-12T10:15:42"),
        "invalid_time",
        "header ce_time has no time zone: '2026-06-12T10:15:42'; add Z or an offset such as +09:00",
    ),
    "no timestamp": (
        binary(ce_time="令和8年6月12日".encode()),
        "invalid_time",
        "header ce_time is no timestamp: '令和8年6月12日'; write it like 2026-04-01T09:30:00+09:00",
    ),
    "a date a hundred years off": (
        binary(ce_time=b"2126-06-12T10:15:42+09:00"),
        "invalid_time",
        (
            "header ce_time is 100.0 years after its arrival: '2126-06-12T10:15:42+09:00'; "
            "an event is at most 20 years old and at most one day ahead"
        ),
    ),
    "the year one": (
        binary(ce_time=b"0001-01-01T00:00:00+09:00"),
        "invalid_time",
        (
            "header ce_time is 2025.4 years before its arrival: '0001-01-01T00:00:00+09:00'; "
            "an event is at most 20 years old and at most one day ahead"
        ),
    ),
    "a wrong type": (
        binary({"lead_id": 48213, "kind": "page_viewed"}),
        "invalid_data",
        "data.lead_id should be a valid string, not a number",
    ),
    "a number sent as text": (
        profile(organisation_size="1180"),
        "invalid_data",
        "data.organisation_size should be a valid integer, not a text",
    ),
    "an amount that no database holds": (
        binary(
            {"lead_id": "crm-1", "outcome": "won", "amount_yen": 10**30}, ce_type=OUTCOME.encode()
        ),
        "invalid_data",
        "data.amount_yen should be less than or equal to 1000000000000000",
    ),
    "a missing field": (
        binary({"lead_id": "crm-1"}),
        "invalid_data",
        "data.kind is missing: add it",
    ),
    "a list where a value belongs": (
        binary({**PAGE_VIEW, "details": {"pages": [1, 2]}}),
        "invalid_data",
        (
            "data.details.pages should be a valid string or a valid integer or a valid number or "
            "a valid boolean, not a list"
        ),
    ),
    "an unknown municipality code": (
        profile(municipality_code="999997"),
        "invalid_data",
        "data.municipality_code: no local government has the code '999997'",
    ),
    "a municipality code with a wrong check digit": (
        profile(municipality_code="102033"),
        "invalid_data",
        "data.municipality_code: '102033' has a wrong check digit: 10203 takes 2, that is 102032",
    ),
    "an unknown role": (
        profile(role="boss"),
        "invalid_data",
        "data.role should be 'officer', 'manager', 'finance', 'head', 'council' or 'other'",
    ),
    "an attribute that is true or false, as a text": (
        profile(attributes={"existing_customer": "SQL"}),
        "invalid_data",
        "data.attributes: existing_customer should be true, false or null",
    ),
    "an attribute that is true or false, as a number": (
        profile(attributes={"bid_qualified": 1}),
        "invalid_data",
        "data.attributes: bid_qualified should be true, false or null",
    ),
    "a profile change that changes nothing": (
        profile(),
        "invalid_data",
        "data: names no field to change; give at least one, such as department",
    ),
    "a character that PostgreSQL can't store": (
        profile(person_name="桐生\0太郎"),
        "invalid_data",
        "data.person_name holds U+0000, a character that no text may hold: remove it",
    ),
    "structured, without data": (
        structured(data=...),
        "invalid_data",
        "data is missing: add an object with the fields",
    ),
    "structured, with several mistakes": (
        structured(id=5, time="2026-06-12", Foo=1),
        "invalid_attribute",
        (
            "id should be a text, not a number; attribute 'Foo': Extension attribute 'Foo' should "
            "only contain lowercase letters and numbers; time is no timestamp: '2026-06-12'; "
            "write it like 2026-04-01T09:30:00+09:00"
        ),
    ),
    "structured, with a cause that is no text": (
        structured(causationid={}),
        "invalid_attribute",
        "causationid should be a text, not an object",
    ),
    "structured, with an endless correlation id": (
        structured(correlationid="c" * 1025),
        "invalid_attribute",
        "correlationid has 1025 characters: give 1 to 1024",
    ),
    "an attribute given twice": (
        twice("ce_id", b"pv-2"),
        "invalid_attribute",
        "header 'ce_id' is given twice: send it once, since nobody knows which counts",
    ),
    "a content type given twice": (
        twice("content-type", b"application/cloudevents+json"),
        "invalid_attribute",
        "header 'content-type' is given twice: send it once, since nobody knows which counts",
    ),
    "a name of something that may be a person": (
        profile(attributes={"桐生太郎\x1b[2J": [1]}),
        "invalid_data",
        (
            "data.attributes.'桐…' (8 characters) should be a valid string or a valid integer or a "
            "valid number or a valid boolean, not a list and should match pattern "
            "'^[a-z0-9][a-z0-9_.-]*$'"
        ),
    ),
    "more attributes than anybody needs": (
        structured(**{f"x{n}": "" for n in range(200)}),
        "too_complex",
        "the event has 205 attributes, more than the 100 accepted: move them into data",
    ),
    "more names than anybody needs": (
        profile(attributes={f"x{n}": n for n in range(20_000)}),
        "too_complex",
        (
            "the JSON has 20,002 values, more than the 10,000 that are accepted: send it in parts, "
            "or a link to large content instead of the content"
        ),
    ),
    "more depth than anybody needs": (
        binary(b'{"lead_id":"a","kind":"b","more":' + b"[" * 40 + b"]" * 40 + b"}"),
        "too_complex",
        "the JSON nests more than 32 lists and objects: make it flatter",
    ),
    "structured, data as base64": (
        structured(data=..., data_base64="e30="),
        "invalid_data",
        "data_base64 is not accepted: send the data as JSON in data",
    ),
    "declared as structured, and no JSON": (
        kafka_record(b"<event/>", [("content-type", b"application/cloudevents+json")]),
        "not_json",
        "the body is not JSON (expected value at line 1 column 1): send one JSON object in UTF-8",
    ),
}


@pytest.mark.parametrize(("record", "code", "sentence"), REASONS.values(), ids=REASONS.keys())
def test_bad_input_is_answered_with_what_is_wrong_and_the_fix(
    record: Any, code: str, sentence: str
) -> None:
    error = refused(record)
    assert (error.code, error.message) == (code, sentence)


def test_binary_mode_becomes_an_event() -> None:
    received = DECODER.decode(
        binary(
            ce_correlationid=b"case-1",
            ce_causationid=b"pv-0",
            traceparent=b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ),
        NOW,
    )

    assert received.event.event_id == "pv-1"
    assert received.event.source == "https://web.example.jp"
    assert received.event.occurred_at == datetime(2026, 6, 12, 1, 15, 42, tzinfo=UTC)
    assert received.event.occurred_at.tzinfo is UTC
    assert received.event.data == ActivityRecorded(**PAGE_VIEW)
    assert received.event.correlation_id == "case-1"
    assert received.event.causation_id == "pv-0"
    assert received.key == event_key("https://web.example.jp", "pv-1")
    assert received.traceparent == "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    assert received.record.offset == 41


@pytest.mark.parametrize("note", [None, b"\xff\xfe"])
def test_headers_that_nobody_reads_may_hold_anything(note: bytes | None) -> None:
    assert DECODER.decode(binary(note=note), NOW).event == DECODER.decode(binary(), NOW).event


def test_structured_mode_becomes_the_same_event() -> None:
    from_headers = DECODER.decode(binary(), NOW)
    from_body = DECODER.decode(structured(), NOW)
    declared = replace(
        structured(),
        headers=(("content-type", b"application/cloudevents+json; charset=utf-8"),),
    )

    assert from_body.event == from_headers.event
    assert from_body.key == from_headers.key
    assert DECODER.decode(declared, NOW).event == from_headers.event


def test_unknown_fields_and_attributes_are_ignored_and_an_unknown_kind_is_accepted() -> None:
    data = {**PAGE_VIEW, "kind": "exhibition_booth_visited", "colour": "青"}
    received = DECODER.decode(binary(data, ce_subject=b"x", ce_whatever=b"y"), NOW)
    assert received.event.data.kind == "exhibition_booth_visited"


def test_only_the_fields_that_are_present_are_set_and_null_clears() -> None:
    data = DECODER.decode(profile(phone=None, department="財政課"), NOW).event.data
    assert isinstance(data, ProfileChanged)
    assert data.model_fields_set == {"lead_id", "phone", "department"}


@pytest.mark.parametrize(
    "time",
    [NOW - timedelta(days=20 * 365), NOW + timedelta(hours=23), NOW - timedelta(days=400)],
)
def test_late_events_and_clocks_that_are_ahead_are_accepted(time: datetime) -> None:
    received = DECODER.decode(binary(ce_time=time.isoformat().encode()), NOW)
    assert received.event.occurred_at == time


@pytest.mark.parametrize(
    ("time", "instant"),
    [
        ("2026-06-12t01:15:42z", "01:15:42.000000"),
        ("2026-06-12 01:15:42Z", "01:15:42.000000"),
        ("2026-06-12T10:45:42+09:30", "01:15:42.000000"),
        ("2026-06-11T15:15:42-10:00", "01:15:42.000000"),
        ("2026-06-12T01:15:42-00:00", "01:15:42.000000"),
        ("2026-06-12T01:15:42.5Z", "01:15:42.500000"),
        ("2026-06-12T01:15:42.1234567890123Z", "01:15:42.123456"),
        ("2026-06-12T10:15+0900", "01:15:00.000000"),
    ],
)
def test_a_time_is_what_rfc_3339_writes(time: str, instant: str) -> None:
    expected = datetime.fromisoformat(f"2026-06-12T{instant}+00:00")
    for record in (binary(ce_time=time.encode()), structured(time=time)):
        assert DECODER.decode(record, NOW).event.occurred_at == expected


@pytest.mark.parametrize(
    "time", ["2016-12-31T23:59:60Z", "2017-01-01T08:59:60+09:00", "2016-12-31T23:59:60.75z"]
)
def test_a_leap_second_counts_as_the_second_that_follows(time: str) -> None:
    received = DECODER.decode(binary(ce_time=time.encode()), NOW)
    assert received.event.occurred_at == datetime(2017, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "time",
    [
        "2026-06-12T10:15:60+09:00",
        "2026-06-12T10:15:42+09:60",
        "2026-06-12T24:00:00Z",
        "2026-02-30T10:15:42Z",
        "1780000000",
        "２０２６-06-12T10:15:42Z",
        "2026-06-12x10:15:42Z",
        " 2026-06-12T10:15:42Z",
    ],
)
def test_what_is_no_time_is_refused(time: str) -> None:
    assert refused(binary(ce_time=time.encode())).code == "invalid_time"


def test_attributes_that_are_null_are_absent() -> None:
    event = structured(subject=None, dataschema=None, correlationid=None, traceparent=None)
    assert DECODER.decode(event, NOW).event == DECODER.decode(structured(), NOW).event
    assert refused(structured(id=None)).message == "id is missing: add it"


@pytest.mark.parametrize(
    "content_type",
    [
        b"application/cloudevents+json",
        b"Application/CloudEvents+JSON; charset=UTF-8",
        b"application/cloudevents+json;charset=utf-8",
    ],
)
def test_a_media_type_is_known_in_any_case_and_with_parameters(content_type: bytes) -> None:
    record = replace(structured(specversion=...), headers=(("content-type", content_type),))
    assert DECODER.decode(record, NOW).event == DECODER.decode(structured(), NOW).event


@pytest.mark.parametrize("mistakes", [21, 100, 50_000])
def test_of_many_mistakes_twenty_are_listed_and_the_others_counted(mistakes: int) -> None:
    error = refused(profile(attributes={f"X{n}": n for n in range(mistakes)}))
    if error.code == "invalid_data":
        assert (len(error.problems), error.more) == (20, mistakes - 20)
        assert error.message.endswith(f"; and {mistakes - 3} more")
    else:
        assert (error.code, len(error.problems)) == ("too_complex", 1)


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\x9b", "\ufffe"])
@pytest.mark.parametrize("ensure_ascii", [True, False])
@pytest.mark.parametrize("place", ["person_name", "unknown", "attributes", "nested"])
def test_no_text_of_an_event_holds_a_control_character(
    character: str, place: str, *, ensure_ascii: bool
) -> None:
    text = f"桐生{character}太郎"
    places: dict[str, dict[str, Any]] = {
        "person_name": {"person_name": text},
        "unknown": {"phone": None, "unknown": text},
        "attributes": {"attributes": {"plan": text}},
        "nested": {"phone": None, "unknown": [{text: 1}]},
    }
    raw = json.dumps({"lead_id": "crm-1", **places[place]}, ensure_ascii=ensure_ascii).encode()
    error = refused(binary(raw, ce_type=PROFILE.encode()))
    assert (error.code, f"U+{ord(character):04X}" in error.message) == ("invalid_data", True)


def test_lines_tabs_and_all_of_unicode_are_text() -> None:
    text = "一行目\r\n二行目\tタブ\n🙂 ｆｕｌｌ　ｗｉｄｔｈ £ ½ \\u0000"
    for ensure_ascii in (True, False):
        raw = json.dumps({"lead_id": "crm-1", "person_name": text}, ensure_ascii=ensure_ascii)
        received = DECODER.decode(binary(raw.encode(), ce_type=PROFILE.encode()), NOW)
        assert received.event.data.person_name == text


def test_the_identity_is_source_and_id_and_the_hash_reveals_other_content() -> None:
    first = DECODER.decode(binary(), NOW)
    assert isinstance(first.key, UUID)
    assert -(2**63) <= first.content_hash < 2**63
    assert DECODER.decode(binary(), NOW).content_hash == first.content_hash
    for other in (
        binary({**PAGE_VIEW, "category": "cases"}),
        binary(ce_time=b"2026-06-12T10:15:43+09:00"),
    ):
        changed = DECODER.decode(other, NOW)
        assert (changed.key, changed.content_hash == first.content_hash) == (first.key, False)
    assert DECODER.decode(binary(ce_source=b"https://other.example.jp"), NOW).key != first.key
    assert event_key("ab", "c") != event_key("a", "bc")


def test_keys_and_hashes_never_change_since_databases_hold_them() -> None:
    assert event_key("s", "i") == UUID("f6bd49d4-69d1-1e7b-55c9-ba39f2cfd548")
    assert content_hash("t", "2026-01-01T00:00:00Z", b"{}") == -4932670625196495461


def test_a_person_who_posts_gets_every_problem_with_its_place() -> None:
    event = json.loads(structured(source="", data={"kind": "A b"}).value)
    with pytest.raises(RejectedEventError) as caught:
        DECODER.decode_object(event, NOW)
    assert [(p.pointer, p.message) for p in caught.value.problems] == [
        ("/source", "source has 0 characters: give 1 to 1024"),
        ("/data/lead_id", "data.lead_id is missing: add it"),
        ("/data/kind", "data.kind should match pattern '^[a-z0-9][a-z0-9_.-]*$'"),
    ]


def test_specversion_may_be_left_out_and_unknown_fields_are_kept_in_the_json() -> None:
    event = json.loads(structured(specversion=..., data={**PAGE_VIEW, "new": "新"}).value)
    decoded, data_json = DECODER.decode_object(event, NOW)
    assert decoded.data == ActivityRecorded(**PAGE_VIEW)
    assert json.loads(data_json) == {**PAGE_VIEW, "new": "新"}
    assert "新".encode() in data_json


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
TEXT = st.text().map(lambda text: text.encode("utf-8", "replace"))
NAMES = st.sampled_from([*HEADERS, "traceparent", "ce_correlationid", "x"]) | st.text(max_size=8)


def rejection(call: Callable[[], object]) -> str | None:
    """Return a rejection's message, ``None`` for good input; other exceptions fail the test."""
    try:
        call()
    except RejectedEventError as error:
        return error.message
    return None


@given(
    st.none() | st.binary() | JSON.map(lambda value: json.dumps(value).encode()),
    st.lists(st.tuples(NAMES, st.none() | st.binary() | TEXT)),
)
@example(b"[" * 100_000, [])
@example(b'{"specversion":"1.0","data":' + b"[" * 100_000, [])
@example(b'{"a":"\\ud800"}', [])
@example(b"1" * 10_000, [])
def test_no_bytes_make_the_decoder_raise_anything_but_a_rejection(
    value: bytes | None, headers: Any
) -> None:
    assert rejection(lambda: DECODER.decode(kafka_record(value, headers), NOW)) != ""


@given(
    st.fixed_dictionaries(
        {},
        optional={
            **dict.fromkeys(("specversion", "id", "source", "time", "data", "subject"), JSON),
            "type": st.sampled_from([ACTIVITY, PROFILE, OUTCOME, MERGED]) | JSON,
        },
    )
    | st.dictionaries(st.text(), JSON)
)
def test_no_object_makes_the_decoder_raise_anything_but_a_rejection(event: Any) -> None:
    assert rejection(lambda: DECODER.decode_object(event, NOW)) != ""


@given(
    st.fixed_dictionaries(
        {"lead_id": st.just("crm-1") | JSON, "kind": st.just("page_viewed") | JSON},
        optional={"category": JSON, "details": st.dictionaries(st.text(), JSON)},
    )
)
@example({"lead_id": "crm-1", "kind": "k", "details": {"n": 10**5000}})
def test_no_data_makes_the_decoder_raise_anything_but_a_rejection(data: Any) -> None:
    assert rejection(lambda: DECODER.decode(binary(_dumps(data)), NOW)) != ""


def _dumps(data: Any) -> bytes:
    if data.get("details", {}).get("n") == 10**5000:  # beyond what Python prints
        return b'{"lead_id":"crm-1","kind":"k","details":{"n":1' + b"0" * 5000 + b"}}"
    return json.dumps(data).encode()
