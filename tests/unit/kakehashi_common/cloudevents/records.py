"""Records as aiokafka hands them over."""

import json
from datetime import UTC, datetime
from typing import Any

from aiokafka import ConsumerRecord

NOW = datetime(2026, 6, 12, 3, 0, tzinfo=UTC)
ACTIVITY = "jp.kakehashi.lead.activity_recorded.v1"
PROFILE = "jp.kakehashi.lead.profile_changed.v1"
OUTCOME = "jp.kakehashi.lead.outcome_recorded.v1"
MERGED = "jp.kakehashi.lead.merged.v1"

PAGE_VIEW = {"lead_id": "crm-48213", "kind": "page_viewed", "category": "pricing"}
HEADERS = {
    "ce_specversion": b"1.0",
    "ce_id": b"pv-1",
    "ce_source": b"https://web.example.jp",
    "ce_type": ACTIVITY.encode(),
    "ce_time": b"2026-06-12T10:15:42+09:00",
    "content-type": b"application/json",
}
ABSENT = b"\0absent"


def kafka_record(value: Any, headers: Any) -> "ConsumerRecord[bytes, bytes]":
    raw = value if isinstance(value, bytes) or value is None else json.dumps(value).encode()
    return ConsumerRecord(
        topic="lead-events-v1",
        partition=2,
        offset=41,
        timestamp=1_781_233_200_000,
        timestamp_type=0,
        key=b"crm-48213",
        value=raw,
        checksum=None,
        serialized_key_size=9,
        serialized_value_size=len(raw or b""),
        headers=tuple(headers),
    )


def binary(data: Any = PAGE_VIEW, **headers: bytes | None) -> "ConsumerRecord[bytes, bytes]":
    """A record in binary mode; ``ce_id=ABSENT`` leaves a header out."""
    merged = {**HEADERS, **headers}
    return kafka_record(data, [(k, v) for k, v in merged.items() if v != ABSENT])


def structured(**attributes: Any) -> "ConsumerRecord[bytes, bytes]":
    """A record in structured mode; an attribute of ``...`` is left out."""
    event = {
        "specversion": "1.0",
        "id": "pv-1",
        "source": "https://web.example.jp",
        "type": ACTIVITY,
        "time": "2026-06-12T10:15:42+09:00",
        "data": PAGE_VIEW,
        **attributes,
    }
    return kafka_record({k: v for k, v in event.items() if v is not ...}, [])
