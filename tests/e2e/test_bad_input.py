"""Bad input alone is refused: a record by the dead-letter topic, a request by its answer.

The rest of its batch is scored, and nothing of the refused input is stored anywhere.
"""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

from kakehashi_common.contracts.lead_events import ActivityRecorded, ProfileChanged
from kakehashi_common.contracts.topics import LEAD_EVENTS
from tests.e2e.outcome import text_headers
from tests.support.installations import Installation
from tests.support.issuing import SCOPES, issuing, settings_of
from tests.support.kafka import Record
from tests.support.lead_scoring import installation

NOW = datetime.now(UTC).replace(microsecond=0)
YEARS_100 = timedelta(days=36_525)
VISIT = {"lead_id": "crm-1", "kind": "page_viewed", "category": "pricing"}
PROFILE = {"lead_id": "crm-1", "department": "情報政策課"}
MEGABYTES_5 = 5_000_000


def headers(**changed: Any) -> list[tuple[str, Any]]:
    """A good event's headers with some changed; ``...`` leaves one out, ``None`` is null."""
    good = {
        "ce_specversion": b"1.0",
        "ce_id": b"e-1",
        "ce_source": b"https://web.example.jp",
        "ce_type": ActivityRecorded.TYPE.encode(),
        "ce_time": NOW.isoformat().encode(),
    }
    return [(name, raw) for name, raw in (good | changed).items() if raw is not ...]


@dataclass(frozen=True)
class Bad:
    """A record that can't be read, with the expected error."""

    name: str
    reason: str
    error: str
    value: bytes | None = json.dumps(VISIT).encode()
    headers: tuple[tuple[str, Any], ...] = tuple(headers())


def changed(**attributes: Any) -> tuple[tuple[str, Any], ...]:
    return tuple(headers(**attributes))


def profile(**fields: Any) -> dict[str, Any]:
    return {
        "value": json.dumps({**PROFILE, **fields}).encode(),
        "headers": changed(ce_type=ProfileChanged.TYPE.encode()),
    }


FUTURE, PAST = (NOW + YEARS_100).isoformat(), (NOW - YEARS_100).isoformat()
NAIVE = NOW.replace(tzinfo=None).isoformat()
RANGE = "an event is at most 20 years old and at most one day ahead"

BAD = [
    Bad(
        "bytes that are not JSON",
        "the body is not JSON (expected value at line 1 column 1): send one JSON object in UTF-8",
        "NotJsonError",
        value=b"<html>502 Bad Gateway</html>",
    ),
    *(
        Bad(
            f"no {name} header",
            f"header {name} is missing: add it",
            "MissingAttributeError",
            headers=changed(**{name: ...}),
        )
        for name in ("ce_id", "ce_source", "ce_type", "ce_time", "ce_specversion")
    ),
    Bad(
        "a null header",
        "header 'ce_source' is null: give it a value or leave it out",
        "UnreadableHeaderError",
        headers=changed(ce_source=None),
    ),
    Bad(
        "a header that is not UTF-8",
        "header 'ce_subject' is not UTF-8 (byte 0): encode it as UTF-8",
        "UnreadableHeaderError",
        headers=changed(ce_subject="営業".encode("shift_jis")),
    ),
    Bad(
        "text where a number belongs",
        "data.organisation_size should be a valid integer, not a text",
        "InvalidDataError",
        **profile(organisation_size="many"),
    ),
    Bad(
        "a number where text belongs",
        "data.kind should be a valid string, not a number",
        "InvalidDataError",
        value=json.dumps({**VISIT, "kind": 7}).encode(),
    ),
    Bad(
        "an unknown event type",
        "header ce_type names the unknown event type 'jp.kakehashi.lead.teleported.v1': this topic "
        f"takes {', '.join(model.TYPE for model in LEAD_EVENTS.models)}",
        "UnknownEventTypeError",
        headers=changed(ce_type=b"jp.kakehashi.lead.teleported.v1"),
    ),
    Bad(
        "a municipality code with a wrong check digit",
        "data.municipality_code: '102033' has a wrong check digit: 10203 takes 2, that is 102032",
        "InvalidDataError",
        **profile(municipality_code="102033"),
    ),
    Bad(
        "a municipality that does not exist",
        "data.municipality_code: no local government has the code '999997'",
        "InvalidDataError",
        **profile(municipality_code="999997"),
    ),
    Bad(
        "a time without a zone",
        f"header ce_time has no time zone: '{NAIVE}'; add Z or an offset such as +09:00",
        "InvalidTimeError",
        headers=changed(ce_time=NAIVE.encode()),
    ),
    Bad(
        "a time 100 years ahead",
        f"header ce_time is 100.0 years after its arrival: '{FUTURE}'; {RANGE}",
        "InvalidTimeError",
        headers=changed(ce_time=FUTURE.encode()),
    ),
    Bad(
        "a time 100 years back",
        f"header ce_time is 100.0 years before its arrival: '{PAST}'; {RANGE}",
        "InvalidTimeError",
        headers=changed(ce_time=PAST.encode()),
    ),
    Bad(
        "an event of 5 MB",
        "the event has 5,000,000 bytes, more than the 1,000,000 that are accepted: "
        "send a link to large content instead of the content",
        "EventTooLargeError",
        value=json.dumps(VISIT).encode().ljust(MEGABYTES_5),
    ),
    Bad(
        "a tombstone",
        "the record has no value (a tombstone): send the event itself, events are never deleted",
        "TombstoneError",
        value=None,
    ),
]


@dataclass(frozen=True)
class Read:
    """The result of reading all records."""

    dead: Mapping[str, Record]
    """By the name of the bad record."""
    installed: Installation


@pytest_asyncio.fixture(scope="module")
async def read() -> AsyncIterator[Read]:
    """Bad records with a good one after each, in one partition and one batch."""
    async with installation(CONSUMER__DEAD_LETTER_AT_LEAST="1000") as installed:
        topic = installed.topic(LEAD_EVENTS)
        async with installed.broker.producer() as producer:
            for number, bad in enumerate(BAD):
                good = (json.dumps(VISIT).encode(), headers(ce_id=b"%d" % number))
                for value, stated in ((bad.value, list(bad.headers)), good):
                    await producer.send(topic.name, value, b"crm-1", headers=stated, partition=0)
            await producer.flush()
        await installed.start("consumer")
        await installed.handled()
        dead = await installed.broker.read(topic.dead_letter_topic)
        offsets = {int(text_headers(record)["dlq-offset"]): record for record in dead}
        assert len(dead) == len(offsets)
        yield Read({bad.name: offsets[2 * n] for n, bad in enumerate(BAD)}, installed)


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
async def test_a_bad_record_is_set_aside_as_it_came_with_a_reason(bad: Bad, read: Read) -> None:
    record = read.dead[bad.name]
    added = text_headers(record)
    assert added["dlq-reason"] == bad.reason
    assert added["dlq-error-class"] == bad.error
    assert added["dlq-topic"] == read.installed.topic(LEAD_EVENTS).name
    assert (added["dlq-partition"], added["dlq-attempts"]) == ("0", "1")
    assert (record.key, record.value) == (b"crm-1", bad.value)
    own = [header for header in record.headers if not header[0].startswith("dlq-")]
    assert own == list(bad.headers)


async def test_the_rest_of_the_batch_is_scored(read: Read) -> None:
    assert len(read.dead) == len(BAD)
    (row,) = await read.installed.fetch("select count(*) from event_log")
    assert row[0] == len(BAD)
    (lead,) = await read.installed.fetch("select lead_id, engagement from lead")
    assert lead["lead_id"] == "crm-1"
    assert lead["engagement"] > 0


@dataclass(frozen=True)
class Refused:
    """One request, and its answer."""

    name: str
    status: int
    field: str | None
    """The place that the answer's first error points at."""
    body: bytes


def event(**changed: Any) -> bytes:
    """A structured event with some attributes changed; ``...`` leaves one out."""
    good = {
        "specversion": "1.0",
        "id": "http-1",
        "source": "https://web.example.jp",
        "type": ActivityRecorded.TYPE,
        "time": NOW.isoformat(),
        "data": VISIT,
    }
    return json.dumps({k: v for k, v in (good | changed).items() if v is not ...}).encode()


OF_PROFILE = {"type": ProfileChanged.TYPE}
REFUSED = [
    Refused("bytes that are not JSON", 400, None, b"<html>"),
    *(
        Refused(f"no {name}", 422, f"/{name}", event(**{name: ...}))
        for name in ("id", "source", "type", "time", "data")
    ),
    Refused(
        "text where a number belongs",
        422,
        "/data/organisation_size",
        event(**OF_PROFILE, data={**PROFILE, "organisation_size": "many"}),
    ),
    Refused("a number where text belongs", 422, "/data/kind", event(data={**VISIT, "kind": 7})),
    Refused("an unknown event type", 422, "/type", event(type="jp.kakehashi.lead.teleported.v1")),
    Refused(
        "an unknown municipality",
        422,
        "/data/municipality_code",
        event(**OF_PROFILE, data={**PROFILE, "municipality_code": "102033"}),
    ),
    Refused("a time without a zone", 422, "/time", event(time=NAIVE)),
    Refused("a time 100 years ahead", 422, "/time", event(time=FUTURE)),
    Refused("a time 100 years back", 422, "/time", event(time=PAST)),
    Refused(
        "an event of 5 MB", 413, None, event(data={**VISIT, "details": {"x": "x" * 5_000_000}})
    ),
    Refused("nothing", 422, None, b"null"),
]


@pytest_asyncio.fixture(scope="module")
async def collector() -> AsyncIterator[tuple[httpx.AsyncClient, Installation]]:
    async with issuing() as issuer, installation(**settings_of(issuer)) as installed:
        (api,) = await installed.start("api")
        token = issuer.token("tester", list(SCOPES))
        async with httpx.AsyncClient(
            base_url=api.address, headers={"authorization": f"Bearer {token}"}, timeout=30
        ) as http:
            yield http, installed


@pytest.mark.parametrize("refused", REFUSED, ids=lambda refused: refused.name)
async def test_over_http_the_answer_names_the_field_and_nothing_is_stored(
    refused: Refused, collector: tuple[httpx.AsyncClient, Installation]
) -> None:
    http, installed = collector
    answer = await http.post(
        "/v1/lead-events",
        content=refused.body,
        headers={"content-type": "application/cloudevents+json"},
    )
    assert (answer.status_code, answer.headers["content-type"]) == (
        refused.status,
        "application/problem+json",
    )
    said = answer.json()
    assert said["status"] == refused.status
    assert said["detail"]
    if refused.field is not None:
        assert refused.field in [error.get("pointer") for error in said["errors"]]
    ends = await installed.broker.ends(installed.topic(LEAD_EVENTS).name)
    assert sum(ends.values()) == 0
