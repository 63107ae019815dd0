"""CloudEvents 1.0 over Kafka and HTTP: bytes in, :class:`Event` out, and back.

In: binary mode (``ce_*`` headers), structured mode (``application/cloudevents+json``, or a JSON
object with ``specversion`` where no ``ce_*`` header is). Out: binary mode. What can't be read is a
:class:`RejectedEventError` with a sentence for a person; nothing else is ever raised.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from struct import Struct
from typing import Any, Generic, TypeVar, cast
from uuid import UUID

from aiokafka import ConsumerRecord
from asyncpg.pgproto import pgproto
from pydantic import TypeAdapter, ValidationError

from kakehashi_common.cloudevents.attributes import (
    DATA_LIMITS,
    MAX_ATTRIBUTE_LENGTH,
    REQUIRED,
    STRUCTURED_TYPE,
    check_data,
    check_data_texts,
    check_text,
    checked_headers,
    missing_headers,
    parse_json,
    read_attributes,
    repeated_header,
    shown,
    too_large,
    write_data,
    wrong_specversion,
)
from kakehashi_common.cloudevents.errors import (
    InvalidTimeError,
    NotJsonError,
    RejectedEventError,
    TombstoneError,
    UnknownEventTypeError,
    combined,
    invalid_data,
)
from kakehashi_common.cloudevents.times import parse_time
from kakehashi_common.contracts.events import Event, EventData, Tombstone
from kakehashi_common.contracts.texts import json_may_hold_forbidden
from kakehashi_common.contracts.topics import MAX_EVENT_BYTES
from kakehashi_common.json_reader import needs_no_check

D_co = TypeVar("D_co", bound=EventData, covariant=True)

STRUCTURED = STRUCTURED_TYPE
"""The content type of one event in structured form."""

_SOURCES_KEPT = 100
_BIGINT = Struct(">q")
_CLOUDEVENTS = b"application/cloudevents"
_JSON = b"application/json"


@dataclass(slots=True)
class Received(Generic[D_co]):
    """One event as it came from Kafka, with what the inbox needs to know it again."""

    event: Event[D_co]
    key: UUID
    """:func:`event_key` of its source and id: the event's identity."""
    content_hash: int
    """:func:`content_hash` of its type, time and data as they came: equal in every repeat of the
    same bytes. The same event may be written otherwise too, which is for its receiver to see."""
    record: ConsumerRecord[bytes, bytes]
    data_json: bytes
    """The event's data as it came, for an event log: JSON, with the fields that we don't know."""
    traceparent: str | None = None
    """W3C trace context of the publisher."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One record to produce."""

    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


def event_key(source: str, event_id: str) -> UUID:
    """Return the identity of an event, (source, id), as 16 bytes of BLAKE2b."""
    return _key(source.encode(), event_id.encode())


def content_hash(event_type: str, time: str, data: bytes) -> int:
    """Return 8 bytes of BLAKE2b over what an event says, as a signed integer (a ``bigint``)."""
    return _hash(event_type.encode(), time.encode(), data)


def _key(source: bytes, event_id: bytes) -> UUID:
    # pgproto's is a subclass of uuid.UUID that is made nine times as fast
    digest = blake2b(b"\0".join((source, event_id)), digest_size=16).digest()
    return cast("UUID", pgproto.UUID(digest))


def _hash(event_type: bytes, time: bytes, data: bytes) -> int:
    digest = blake2b(b"\0".join((event_type, time, data)), digest_size=8).digest()
    number: int = _BIGINT.unpack(digest)[0]
    return number


class EventDecoder:
    """Reads the events of one topic.

    Args:
        models: The event types that travel on the topic.
        tombstones: Whether a record without value deletes its key, as on a compacted topic.
        max_bytes: The largest value accepted.
    """

    def __init__(
        self,
        models: Iterable[type[EventData]],
        *,
        tombstones: bool = False,
        max_bytes: int = MAX_EVENT_BYTES,
    ) -> None:
        self._validate: dict[bytes, Callable[..., Any]] = {
            # The validator itself: pydantic's own wrapper costs a fifth of a small event.
            model.TYPE.encode(): TypeAdapter(model).validator.validate_json
            for model in models
        }
        self._tombstones = tombstones
        self._max_bytes = max_bytes
        self._sources: dict[bytes, str] = {}
        """The first sources that were read: few send all events."""

    def decode(self, record: ConsumerRecord[bytes, bytes], received_at: datetime) -> Received[Any]:
        """Read one record; ``received_at`` is now, in UTC.

        Raises:
            RejectedEventError: it can't be read; nothing else is ever raised.
        """
        value = record.value
        if value is None:
            if self._tombstones:
                return _tombstone(record, received_at)
            raise TombstoneError(
                "the record has no value (a tombstone): send the event itself, "
                "events are never deleted"
            )
        if len(value) > self._max_bytes:
            raise too_large(len(value), self._max_bytes)
        headers = _readable_headers(record)
        try:
            event_type = headers["ce_type"]
            raw_id = headers["ce_id"]
            raw_source = headers["ce_source"]
            raw_time = headers["ce_time"]
            specversion = headers["ce_specversion"]
        except KeyError:
            return self._decode_structured(record, headers, value, received_at)
        content_type = headers.get("content-type", b"")
        if content_type != _JSON and _is_structured(content_type):
            return self._decode_structured(record, headers, value, received_at)
        if specversion != b"1.0":
            raise wrong_specversion("header ce_specversion", specversion.decode())
        event_id = raw_id.decode()
        if not (event_id.isprintable() and 0 < len(event_id) <= MAX_ATTRIBUTE_LENGTH):
            check_text("header ce_id", event_id)
        source = self._sources.get(raw_source) or self._source(raw_source)
        correlation_id = headers.get("ce_correlationid")
        causation_id = headers.get("ce_causationid")
        traceparent = headers.get("traceparent") or headers.get("ce_traceparent")
        event: Event[Any] = Event(
            event_id,
            source,
            parse_time("header ce_time", raw_time.decode(), received_at),
            self._data("header ce_type", event_type, value),
            correlation_id.decode() if correlation_id else None,
            causation_id.decode() if causation_id else None,
        )
        return Received(
            event,
            _key(raw_source, raw_id),
            _hash(event_type, raw_time, value),
            record,
            value,
            traceparent.decode() if traceparent else None,
        )

    def decode_object(
        self, attributes: Mapping[str, object], received_at: datetime
    ) -> tuple[Event[Any], bytes]:
        """Read one CloudEvent in structured form, parsed from JSON; ``specversion`` may be absent.

        Returns:
            The event, and its data as compact JSON with the fields that we don't know kept.

        Raises:
            RejectedEventError: with every problem found in ``problems``.
        """
        text, problems = read_attributes(attributes)
        occurred_at = received_at
        if "time" in text:
            try:
                occurred_at = parse_time("time", text["time"], received_at)
            except InvalidTimeError as error:
                problems.append(error)
        data_json = b""
        data: Any = None
        if "type" in text:
            try:
                data_json = write_data(attributes, self._max_bytes)
                data = self._data("type", text["type"].encode("utf-8", "replace"), data_json)
            except RejectedEventError as error:
                problems.append(error)
        if problems:
            raise combined(problems)
        event: Event[Any] = Event(
            text["id"],
            text["source"],
            occurred_at,
            data,
            text.get("correlationid"),
            text.get("causationid"),
        )
        return event, data_json

    def _decode_structured(
        self,
        record: ConsumerRecord[bytes, bytes],
        headers: Mapping[str, bytes],
        value: bytes,
        received_at: datetime,
    ) -> Received[Any]:
        declared = _is_structured(headers.get("content-type", b""))
        missing = [name for name in REQUIRED if f"ce_{name}" not in headers]
        if not declared and len(missing) < len(REQUIRED):
            raise missing_headers(missing)
        check_data(value)
        parsed = parse_json(value)
        if not isinstance(parsed, dict) or not (declared or "specversion" in parsed):
            if declared:
                raise NotJsonError("the body is no JSON object: send one CloudEvent")
            raise missing_headers(missing)
        event, data_json = self.decode_object(parsed, received_at)
        outer, inner = headers.get("traceparent"), parsed.get("traceparent")
        return Received(
            event,
            event_key(event.source, event.event_id),
            content_hash(parsed["type"], parsed["time"], data_json),
            record,
            data_json,
            outer.decode() if outer else inner if isinstance(inner, str) else None,
        )

    def _source(self, raw: bytes) -> str:
        source = raw.decode()
        check_text("header ce_source", source)
        if len(self._sources) < _SOURCES_KEPT:
            self._sources[raw] = source
        return source

    def _data(self, where: str, event_type: bytes, value: bytes) -> Any:
        try:
            validate = self._validate[event_type]
        except KeyError:
            known = b", ".join(self._validate).decode()
            raise UnknownEventTypeError(
                f"{where} names the unknown event type {shown(event_type.decode())}: "
                f"this topic takes {known}",
                field="/type",
            ) from None
        plain = needs_no_check(value, DATA_LIMITS)
        if not plain:
            check_data(value)
        try:
            # strict: a number sent as text is a mistake, as the published JSON Schema says
            data = validate(value, strict=True)
        except ValidationError as error:
            raise invalid_data(error, parse_json(value)) from None
        if not plain and json_may_hold_forbidden(value):
            check_data_texts(value)
        return data


def _tombstone(record: ConsumerRecord[bytes, bytes], received_at: datetime) -> Received[Tombstone]:
    """Return the deletion of a record's key; its identity is where the record lies."""
    try:
        key = (record.key or b"").decode()
    except UnicodeDecodeError:
        key = ""
    if not key:
        raise TombstoneError(
            "the record has neither value nor a key that can be read: give the key to delete"
        )
    source, event_id = f"kafka:{record.topic}", f"{record.partition}-{record.offset}"
    event = Event(event_id, source, received_at, Tombstone(key=key))
    return Received(event, event_key(source, event_id), 0, record, b"")


def _readable_headers(record: ConsumerRecord[bytes, bytes]) -> dict[str, bytes]:
    """Return the headers as bytes, known to be UTF-8; only those that are read are decoded.

    Raises:
        UnreadableHeaderError: one is null or not UTF-8.
        InvalidAttributeError: an attribute, or the content type, is given twice.
    """
    headers = dict(record.headers)
    if len(headers) < len(record.headers) and (error := repeated_header(record.headers)):
        raise error
    try:
        if b"".join(headers.values()).isascii():
            return headers
    except TypeError:  # one is null, against aiokafka's own types
        pass
    return checked_headers(record.headers)


def _is_structured(content_type: bytes) -> bool:
    # media types are case-insensitive, and may be followed by parameters
    return content_type[: len(_CLOUDEVENTS)].lower() == _CLOUDEVENTS


def encode(
    event: Event[Any], *, key: str, data_json: bytes | None = None, traceparent: str | None = None
) -> Outgoing:
    """Write one event in binary mode.

    Args:
        event: What to send.
        key: The partition key: the id of the lead, handoff or municipality.
        data_json: The data as JSON where it is at hand; else the fields that were set are written.
        traceparent: W3C trace context of the span that sends it.
    """
    headers = binary_headers(
        event.event_id.encode(),
        event.source.encode(),
        event.data.TYPE.encode(),
        event.occurred_at.isoformat().replace("+00:00", "Z").encode(),
        key=key.encode(),
        traceparent=traceparent,
    )
    if event.correlation_id is not None:
        headers.append(("ce_correlationid", event.correlation_id.encode()))
    if event.causation_id is not None:
        headers.append(("ce_causationid", event.causation_id.encode()))
    if data_json is None:
        # A profile change says something only about the fields that are present.
        data_json = event.data.model_dump_json(exclude_unset=True).encode()
    return Outgoing(key.encode(), data_json, headers)


def binary_headers(
    event_id: bytes,
    source: bytes,
    event_type: bytes,
    time: bytes,
    *,
    key: bytes | None = None,
    traceparent: str | None = None,
) -> list[tuple[str, bytes]]:
    """Return the headers of one event in binary mode; ``time`` is written as RFC 3339 says."""
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", event_id),
        ("ce_source", source),
        ("ce_type", event_type),
        ("ce_time", time),
    ]
    if key is not None:
        headers.append(("ce_partitionkey", key))
    headers.append(("content-type", _JSON))
    if traceparent is not None:
        headers.append(("ce_traceparent", traceparent.encode()))
        headers.append(("traceparent", traceparent.encode()))  # where OpenTelemetry looks
    return headers
