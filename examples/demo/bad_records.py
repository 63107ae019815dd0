"""Records that no consumer can read, one or more of each kind, with what is wrong in plain words.

They go straight to the broker, as a faulty publisher would send them: the HTTP collector refuses
them all.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec

from examples.demo.behaviour import WEB
from kakehashi_common.cloudevents.codec import binary_headers
from kakehashi_common.cloudevents.times import utc_time
from kakehashi_common.contracts.lead_events import ActivityRecorded, ProfileChanged

FIVE_MEGABYTES = 5_000_000


@dataclass(frozen=True, slots=True)
class BadRecord:
    """One Kafka record as it is sent. Bytes that are no text are given as hexadecimal."""

    what: str
    key: str | None
    headers: list[tuple[str, str | None]]
    value: str | None
    hex_headers: list[tuple[str, str]] = field(default_factory=list)
    padding: int = 0
    """Spaces appended to the value, so that a 5 MB record need not be stored."""


def bad_records(now: datetime, run: str) -> Iterator[BadRecord]:
    """Every kind of bad input, once each and the frequent kinds several times."""
    lead = f"crm-{run}-00001"
    good = {"lead_id": lead, "kind": "page_viewed", "category": "pricing"}
    number = 0

    def headers(**changed: str | None) -> list[tuple[str, str | None]]:
        nonlocal number
        number += 1
        stated = binary_headers(
            f"bad-{run}-{number:03d}".encode(),
            WEB.encode(),
            ActivityRecorded.TYPE.encode(),
            utc_time(now - timedelta(hours=number)),
        )
        return list(({name: text.decode() for name, text in stated} | changed).items())

    def record(what: str, content: Any = good, **changed: str | None) -> BadRecord:
        value = content if content is None or isinstance(content, str) else _json(content)
        return BadRecord(what, lead, headers(**changed), value)

    for text in ("<html>502 Bad Gateway</html>", '{"lead_id": "crm-1", "kind": ', "lead_id=crm-1"):
        yield record("bytes that are not JSON", text)
    for name in ("ce_id", "ce_source", "ce_type", "ce_time"):
        bad = record(f"no {name} header")
        yield BadRecord(
            bad.what, bad.key, [header for header in bad.headers if header[0] != name], bad.value
        )
    yield record("a header without a value", ce_source=None)
    bad = record("a header that is not UTF-8")
    subject = ("ce_subject", "8caa9286")
    yield BadRecord(bad.what, bad.key, bad.headers, bad.value, hex_headers=[subject])
    yield record("text where a number belongs", {**_profile(lead), "organisation_size": "many"},
                 ce_type=ProfileChanged.TYPE)  # fmt: skip
    yield record("a number where text belongs", {**good, "kind": 7})
    yield record("an unknown event type", ce_type="jp.kakehashi.lead.teleported.v1")
    for code in ("102033", "999999", "1234"):
        yield record("an unknown municipality code", {**_profile(lead), "municipality_code": code},
                     ce_type=ProfileChanged.TYPE)  # fmt: skip
    for moment in (now, now - timedelta(days=3)):
        naive = moment.replace(tzinfo=None).isoformat()
        yield record("a time without a UTC offset", ce_time=naive)
    for years in (100, -100):
        year = (now + timedelta(days=365.25 * years)).isoformat()
        yield record("a date 100 years off", ce_time=year)
    large = record("an event of 5 MB")
    yield BadRecord(large.what, large.key, large.headers, large.value, padding=FIVE_MEGABYTES)
    yield record("a tombstone", None)


def _profile(lead: str) -> dict[str, Any]:
    return {"lead_id": lead, "department": "情報政策課"}


def _json(content: Any) -> str:
    return msgspec.json.encode(content).decode()
