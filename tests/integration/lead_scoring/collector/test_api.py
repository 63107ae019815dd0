"""The collector on a real broker: what is accepted is there, what is refused is nowhere."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from kakehashi_common.cloudevents.codec import EventDecoder
from kakehashi_common.contracts.topics import LEAD_EVENTS
from kakehashi_common.errors import TransientError
from kakehashi_common.kafka.settings import KafkaSettings
from kakehashi_common.ports import free_port
from lead_scoring.collector.service import LeadEventPublisher
from lead_scoring.http import examples
from tests.support.kafka import Record
from tests.support.lead_scoring_api import NOW, Service

ACTIVITY = examples.activity(NOW)
PROFILE = examples.profile(NOW)

STRUCTURED = "application/cloudevents+json"
BATCHED = "application/cloudevents-batch+json"

Body = Mapping[str, Any]


def _event(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A good event, or one that differs from it; ``None`` leaves an attribute out."""
    event = ACTIVITY | {"id": f"web-{number}"} | changes
    return {name: value for name, value in event.items() if value is not None}


async def _post(
    service: Service, body: object, media_type: str = STRUCTURED, **headers: str
) -> tuple[int, Any]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = await service.http.post(
        "/v1/lead-events", content=content, headers={"content-type": media_type, **named}
    )
    return answer.status_code, answer.json()


async def _stored(service: Service, at_least: int = 0) -> list[Record]:
    return await service.broker.read(service.events_topic, at_least=at_least)


async def _new(service: Service, before: int, number: int) -> list[Record]:
    found = await _stored(service, before + number)
    assert len(found) == before + number
    return sorted(found, key=lambda record: record.timestamp)[-number:] if number else []


@pytest.mark.parametrize("example", sorted(examples.one_event(NOW)))
@pytest.mark.parametrize("media_type", [STRUCTURED, "application/json; charset=utf-8"])
async def test_the_examples_of_the_description_are_accepted(
    service: Service, example: str, media_type: str
) -> None:
    before = len(await _stored(service))
    value = examples.one_event(NOW)[example]["value"]
    status, body = await _post(service, value, media_type)
    lead_id = value["data"]["lead_id"]
    assert (status, body) == (
        202,
        {"id": value["id"], "source": value["source"], "lead_id": lead_id},
    )
    (record,) = await _new(service, before, 1)
    read = EventDecoder(LEAD_EVENTS.models).decode(record, datetime.now(UTC))
    assert read.event.event_id == value["id"]
    assert json.loads(read.data_json) == value["data"]
    assert record.key == lead_id.encode()
    assert read.traceparent is None or read.traceparent.startswith("00-")


@pytest.mark.parametrize("year", [2025, 2027, 2050])
async def test_the_examples_are_of_the_day_before_whenever_somebody_reads_them(
    service: Service, year: int
) -> None:
    service.clock.instant = NOW.replace(year=year)
    described = (await service.http.get("/openapi.json")).json()
    content = described["paths"]["/v1/lead-events"]["post"]["requestBody"]["content"]
    shown = content[BATCHED]["examples"]["several"]["value"]
    assert {event["time"].partition("T")[0] for event in shown} == {f"{year}-11-19"}
    status, body = await _post(service, shown, BATCHED)
    assert (status, body["accepted"]) == (202, len(shown))


async def test_several_events_each_get_their_result(service: Service) -> None:
    before = len(await _stored(service))
    status, body = await _post(service, examples.several_events(NOW)["several"]["value"], BATCHED)
    assert (status, body["accepted"], body["rejected"]) == (202, 3, 0)
    await _new(service, before, 3)


async def test_binary_mode_carries_the_attributes_in_headers(service: Service) -> None:
    before = len(await _stored(service))
    headers = {f"ce-{name}": value for name, value in PROFILE.items() if name != "data"} | {
        "ce-source": "https://crm.example/%E8%87%AA%E6%B2%BB%E4%BD%93"
    }
    answer = await service.http.post(
        "/v1/lead-events",
        content=json.dumps(PROFILE["data"]),
        headers={"content-type": "application/json", **headers},
    )
    assert answer.status_code == 202
    assert answer.json()["source"] == "https://crm.example/自治体"
    (record,) = await _new(service, before, 1)
    assert json.loads(record.value or b"") == PROFILE["data"]


@pytest.mark.parametrize(
    "written", [b"%E6%A1%88%E4%BB%B6%201", '"案件 1"'.encode(), b'"%E6%A1%88%E4%BB%B6 1"']
)
async def test_an_id_is_the_same_however_it_is_written(service: Service, written: bytes) -> None:
    before = len(await _stored(service))
    answer = await _post_binary(service, [(b"ce-id", written)])
    assert (answer.status_code, answer.json().get("id")) == (202, "案件 1")
    (record,) = await _new(service, before, 1)
    assert dict(record.headers)["ce_id"].decode() == "案件 1"


@pytest.mark.parametrize(
    ("headers", "named"),
    [
        ([(b"ce-id", b"%FF1")], "not UTF-8"),
        ([(b"ce-id", b"%FE1")], "not UTF-8"),
        ([(b"ce-id", "番号".encode("shift_jis"))], "not UTF-8"),
        ([(b"ce-id", b"1"), (b"ce-id", b"2")], "given twice"),
        ([(b"ce-id", b"1"), (b"ce-source", b"a"), (b"Ce-Source", b"a")], "given twice"),
    ],
)
async def test_a_header_that_may_mean_two_events_is_refused(
    service: Service, headers: list[tuple[bytes, bytes]], named: str
) -> None:
    before = len(await _stored(service))
    answer = await _post_binary(service, headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_attribute")
    assert named in answer.json()["detail"]
    assert await _new(service, before, 0) == []


async def _post_binary(
    service: Service, headers: Sequence[tuple[bytes, bytes | None]]
) -> httpx.Response:
    """Post an activity with these headers in place of its own; ``None`` leaves one out."""
    given = {name.lower() for name, _ in headers}
    others = [
        (f"ce-{name}".encode(), str(value).encode())
        for name, value in ACTIVITY.items()
        if name != "data" and f"ce-{name}".encode() not in given
    ]
    return await service.http.post(
        "/v1/lead-events",
        content=json.dumps(ACTIVITY["data"]),
        headers=[
            (b"content-type", b"application/json"),
            (b"authorization", service.http.headers["authorization"].encode()),
            *others,
            *((name, value) for name, value in headers if value is not None),
        ],
    )


async def test_twenty_mistakes_of_an_event_are_listed_and_the_others_counted(
    service: Service,
) -> None:
    bad = PROFILE | {"data": {"lead_id": "a", "attributes": {f"X{n}": n for n in range(100)}}}
    status, body = await _post(service, bad)
    assert (status, len(body["errors"]), body["more_errors"]) == (422, 20, 80)
    status, body = await _post(service, [bad] * 500, BATCHED)
    assert (status, {len(each["errors"]) for each in body["results"]}) == (422, {2})
    assert {each["more_errors"] for each in body["results"]} == {98}


async def test_a_thousand_events_are_acknowledged_together(service: Service) -> None:
    before = len(await _stored(service))
    events = [
        _event(n, data={"lead_id": f"l-{n % 50}", "kind": "mail_opened"}) for n in range(1000)
    ]
    status, body = await _post(service, events, "application/json")
    assert (status, body["accepted"]) == (202, 1000)
    assert len(await _stored(service, before + 1000)) == before + 1000


async def test_good_events_beside_bad_ones_are_accepted(service: Service) -> None:
    before = len(await _stored(service))
    events = [_event(1), _event(2, time="2026-11-20T10:15:00"), "text", _event(4, type="other")]
    status, body = await _post(service, events, "application/json")
    assert (status, body["accepted"], body["rejected"]) == (207, 1, 3)
    assert [each["status"] for each in body["results"]] == ["accepted"] + ["rejected"] * 3
    assert [each["errors"][0]["pointer"] for each in body["results"][1:]] == [
        "/1/time",
        "/2",
        "/3/type",
    ]
    (record,) = await _new(service, before, 1)
    assert dict(record.headers)["ce_id"] == b"web-1"


async def test_an_array_of_bad_events_is_a_problem(service: Service) -> None:
    before = len(await _stored(service))
    status, body = await _post(service, [_event(1, source=None), {}], BATCHED)
    assert (status, body["code"]) == (422, "no_event_accepted")
    assert body["results"][0]["errors"][0]["pointer"] == "/0/source"
    assert await _new(service, before, 0) == []


DATA = ACTIVITY["data"]


@pytest.mark.parametrize(
    ("body", "media_type", "status", "code", "named"),
    [
        (b"{not json", STRUCTURED, 400, "not_json", "not JSON"),
        (b"", STRUCTURED, 400, "not_json", "not JSON"),
        (b'{"id": NaN}', STRUCTURED, 400, "not_json", "not JSON"),
        (b"\xff\xfe", "application/json", 400, "not_json", "not JSON"),
        (b'{"id": 1e999}', STRUCTURED, 400, "not_json", "not JSON"),
        (b'{"id": "1", "id": "2"}', STRUCTURED, 422, "duplicate_name", "'id'"),
        (b"[" * 100_000, BATCHED, 422, "too_complex", "32 lists and objects"),
        (b"[" + b"{}," * 300_000 + b"{}]", BATCHED, 422, "too_complex", "values"),
        (_event(id="\ud800"), STRUCTURED, 422, "invalid_attribute", "/id"),
        (_event(data=DATA | {"x": "\ud800"}), STRUCTURED, 422, "invalid_data", "/data"),
        (_event(data=DATA | {"\ud800": "x"}), STRUCTURED, 422, "invalid_data", "/data"),
        (ACTIVITY | {"\ud800": "x"}, STRUCTURED, 422, "invalid_attribute", "ud800"),
        (_event(data=DATA | {"x": "\x1b"}), STRUCTURED, 422, "invalid_data", "/data/x"),
        (_event(), f"{STRUCTURED}; charset=shift_jis", 415, "unsupported_media_type", "UTF-8"),
        (_event(), "text/plain", 415, "unsupported_media_type", "Content-Type"),
        ([_event()], STRUCTURED, 422, "not_an_event", "object"),
        (_event(), BATCHED, 422, "not_an_event", "array"),
        ([], BATCHED, 422, "number_of_events", "0 events"),
        ([{}] * 1001, BATCHED, 422, "number_of_events", "1,001 events"),
        (_event(id=None), STRUCTURED, 422, "missing_attribute", "/id"),
        (_event(id=7), STRUCTURED, 422, "invalid_attribute", "/id"),
        (
            _event(type="jp.kakehashi.lead.sneezed.v1"),
            STRUCTURED,
            422,
            "unknown_event_type",
            "/type",
        ),
        (_event(time="2026-11-20T10:15:00"), STRUCTURED, 422, "invalid_time", "time zone"),
        (_event(time="1926-11-20T10:15:00Z"), STRUCTURED, 422, "invalid_time", "years before"),
        (_event(specversion="0.3"), STRUCTURED, 422, "invalid_attribute", "/specversion"),
        (_event(data=DATA | {"kind": 7}), STRUCTURED, 422, "invalid_data", "/data/kind"),
        (_event(data=DATA | {"lead_id": "-"}), STRUCTURED, 422, "invalid_data", "/data/lead_id"),
        (
            PROFILE | {"data": {"lead_id": "a", "municipality_code": "102033"}},
            STRUCTURED,
            422,
            "invalid_data",
            "102032",
        ),
        (
            _event(data=DATA | {"details": {"text": "x" * 1_000_000}}),
            STRUCTURED,
            413,
            "too_large",
            "/data",
        ),
        (b" " * 8_400_000, STRUCTURED, 413, "too_large", "8,388,608"),
    ],
)
async def test_a_bad_event_is_refused_by_name_and_stored_nowhere(
    service: Service, body: object, media_type: str, status: int, code: str, named: str
) -> None:
    before = len(await _stored(service))
    found, problem = await _post(service, body, media_type)
    assert (found, problem["code"]) == (status, code)
    assert named in json.dumps(problem, ensure_ascii=False)
    assert await _new(service, before, 0) == []


async def test_every_mistake_of_an_event_is_named(service: Service) -> None:
    status, problem = await _post(service, _event(source=None, time="soon", data={"kind": 7}))
    assert status == 422
    pointers = {error["pointer"] for error in problem["errors"]}
    assert pointers == {"/source", "/time", "/data/lead_id", "/data/kind"}


async def test_an_idempotency_key_stands_in_for_missing_ids(service: Service) -> None:
    several = [_event(id=None), _event(id=None), _event(3)]
    first = await _post(service, several, BATCHED, idempotency_key="k-1")
    again = await _post(service, several, BATCHED, idempotency_key="k-1")
    other = await _post(service, several, BATCHED, idempotency_key="k-2")
    assert first == again
    ids = [each["id"] for each in first[1]["results"]]
    assert len(set(ids)) == 3
    assert ids[2] == "web-3"
    assert not set(ids[:2]) & {each["id"] for each in other[1]["results"]}


async def test_a_key_with_another_body_is_refused_and_nothing_published(service: Service) -> None:
    before = len(await _stored(service))
    first = _event(id=None)
    assert (await _post(service, first, idempotency_key="k-3"))[0] == 202
    status, problem = await _post(
        service, first | {"data": DATA | {"kind": "mail_opened"}}, idempotency_key="k-3"
    )
    assert (status, problem["code"]) == (422, "idempotency_key_reused")
    assert (await _post(service, _event(9), idempotency_key="k-3"))[0] == 422
    assert (await _post(service, first, idempotency_key="k-3"))[0] == 202  # a repeat
    records = await _new(service, before, 2)
    assert len({dict(record.headers)["ce_id"] for record in records}) == 1


async def test_in_binary_mode_the_attributes_are_part_of_what_a_key_stands_for(
    service: Service,
) -> None:
    before = len(await _stored(service))
    first = [(b"ce-id", None), (b"ce-time", b"2026-11-19T10:00:00+09:00")]
    key = (b"idempotency-key", b"k-5")
    traced = (b"ce-traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    later = [(b"ce-id", None), (b"ce-time", b"2026-11-19T11:00:00+09:00")]

    answers = [
        await _post_binary(service, headers)
        for headers in ([*first, key], [*later, key], [*first, key, traced])
    ]

    assert [answer.status_code for answer in answers] == [202, 422, 202]
    assert answers[1].json()["code"] == "idempotency_key_reused"
    assert answers[0].json() == answers[2].json()
    await _new(service, before, 2)


async def test_a_key_that_is_used_again_after_its_time_names_other_events(
    service: Service,
) -> None:
    _, first = await _post(service, _event(id=None), idempotency_key="k-4")
    async with service.database.raw_transaction() as connection:
        await connection.execute("delete from idempotency_key")
    other = _event(id=None, data=DATA | {"kind": "mail_opened"})
    _, second = await _post(service, other, idempotency_key="k-4")
    assert first["id"] != second["id"]


async def test_publishing_needs_its_scope(service: Service) -> None:
    answer = await service.http.post(
        "/v1/lead-events", json=_event(), headers=service.token("lead-scoring:read")
    )
    assert answer.status_code == 403
    assert "lead-scoring:events:write" in answer.text


def _nobody_listens() -> KafkaSettings:
    return KafkaSettings(bootstrap_servers=f"127.0.0.1:{free_port()}")


async def test_without_a_broker_the_caller_is_told_to_come_back(service: Service) -> None:
    alone = service.differing(kafka=_nobody_listens())
    try:
        answer = await alone.http.post("/v1/lead-events", json=_event())
        ready = (await alone.http.get("/readyz")).json()
    finally:
        await alone.close()
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert answer.json()["code"] == "unavailable"
    assert [name for name, check in ready["checks"].items() if not check["ok"]] == ["kafka"]


async def test_a_missing_topic_is_transient_too(service: Service) -> None:
    nowhere = service.differing(topic_prefix="nowhere-")
    nowhere.publisher = LeadEventPublisher(
        service.settings.kafka, topic_prefix="nowhere-", acknowledged_within=timedelta(seconds=2)
    )
    try:
        with pytest.raises(TransientError, match="nowhere-lead-events-v1"):
            await nowhere.collector.collect([_event()], None)
    finally:
        await nowhere.publisher.close()


async def test_a_producer_that_broke_is_replaced(service: Service) -> None:
    collector = service.collector
    await collector.collect([_event(1)], None)
    broken = await service.publisher._producer.started()  # noqa: SLF001 - to break it
    await broken.stop()
    with pytest.raises(TransientError):
        await collector.collect([_event(2)], None)
    before = len(await _stored(service))
    await collector.collect([_event(2)], None)
    assert len(await _stored(service)) == before + 1
