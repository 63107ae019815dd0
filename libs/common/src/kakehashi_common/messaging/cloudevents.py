"""CloudEvents 1.0 over Kafka and HTTP: bytes in, :class:`Event` out, and back.

In: binary mode (``ce_*`` headers), structured mode (``application/cloudevents+json``, or a JSON
object with ``specversion`` where no ``ce_*`` header is). Out: binary mode. What can't be read is a
:class:`RejectedEventError` with a sentence for a person; nothing else is ever raised.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, Generic, TypeVar, cast
from uuid import UUID

from aiokafka import ConsumerRecord
from asyncpg.pgproto import pgproto
from cloudevents.core.exceptions import CloudEventValidationError
from cloudevents.core.v1.event import CloudEvent
from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from kakehashi_common.contracts.events import Event, EventData
from kakehashi_common.contracts.topics import MAX_EVENT_BYTES
from kakehashi_common.messaging.rejections import (
    EventTooLargeError,
    InvalidAttributeError,
    InvalidDataError,
    InvalidTimeError,
    MissingAttributeError,
    NotJsonError,
    Problem,
    RejectedEventError,
    TombstoneError,
    UnknownEventTypeError,
    UnreadableHeaderError,
    data_problems,
    in_one_sentence,
)

D_co = TypeVar("D_co", bound=EventData, covariant=True)

RawHeaders = Sequence[tuple[str, bytes]]

OLDEST = timedelta(days=20 * 365.25)
"""An event older than this says its time wrongly: no source that we import goes back further."""

NEWEST = timedelta(days=1)
"""How far a publisher's clock may be ahead."""

MAX_ATTRIBUTE_LENGTH = 1024
"""Characters of an id, source or type."""

STRUCTURED = "application/cloudevents+json"

_CONTROL = frozenset(map(chr, (*range(0x20), *range(0x7F, 0xA0))))
_REQUIRED = ("specversion", "id", "source", "type", "time")


@dataclass(slots=True)
class Received(Generic[D_co]):
    """One event as it came from Kafka, with what the inbox needs to know it again."""

    event: Event[D_co]
    key: UUID
    """:func:`event_key` of its source and id: the event's identity."""
    content_hash: int
    """:func:`content_hash` of its type, time and data: tells a conflict from a duplicate."""
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
    digest = blake2b(f"{source}\0{event_id}".encode(), digest_size=16).digest()
    # a subclass of uuid.UUID that is made nine times as fast
    return cast("UUID", pgproto.UUID(digest))


def content_hash(event_type: str, time: str, data: bytes) -> int:
    """Return 8 bytes of BLAKE2b over what an event says, as a signed integer (a ``bigint``)."""
    digest = blake2b(b"%s\0%s\0%s" % (event_type.encode(), time.encode(), data), digest_size=8)
    return int.from_bytes(digest.digest(), "big", signed=True)


class EventDecoder:
    """Reads the events of one topic.

    Args:
        models: The event types that travel on the topic.
        max_bytes: The largest value accepted.
    """

    def __init__(
        self, models: Iterable[type[EventData]], *, max_bytes: int = MAX_EVENT_BYTES
    ) -> None:
        self._validate: dict[str, Callable[..., Any]] = {
            # The validator itself: pydantic's own wrapper costs a fifth of a small event.
            model.TYPE: TypeAdapter(model).validator.validate_json
            for model in models
        }
        self._max_bytes = max_bytes

    def decode(self, record: ConsumerRecord[bytes, bytes], received_at: datetime) -> Received[Any]:
        """Read one record; ``received_at`` is now, in UTC.

        Raises:
            RejectedEventError: it can't be read; nothing else is ever raised.
        """
        value = record.value
        if value is None:
            raise TombstoneError(
                "the record has no value (a tombstone): send the event itself, "
                "events are never deleted"
            )
        if len(value) > self._max_bytes:
            raise _too_large(len(value), self._max_bytes)
        try:
            headers = {name: raw.decode() for name, raw in record.headers}
        except (AttributeError, UnicodeDecodeError):
            raise _unreadable_header(record.headers) from None
        try:
            event_type = headers["ce_type"]
            event_id = headers["ce_id"]
            source = headers["ce_source"]
            time = headers["ce_time"]
            specversion = headers["ce_specversion"]
        except KeyError:
            return self._decode_structured(record, headers, value, received_at)
        if headers.get("content-type", "").startswith("application/cloudevents"):
            return self._decode_structured(record, headers, value, received_at)
        if specversion != "1.0":
            raise _wrong_specversion("header ce_specversion", specversion)
        _check_text("header ce_id", event_id)
        _check_text("header ce_source", source)
        occurred_at = parse_time("header ce_time", time, received_at)
        event: Event[Any] = Event(
            event_id,
            source,
            occurred_at,
            self._data("header ce_type", event_type, value),
            headers.get("ce_correlationid"),
            headers.get("ce_causationid"),
        )
        return Received(
            event,
            event_key(source, event_id),
            content_hash(event_type, time, value),
            record,
            value,
            headers.get("traceparent") or headers.get("ce_traceparent"),
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
        text, problems = _attributes(attributes)
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
                data_json = _data_bytes(attributes, self._max_bytes)
                data = self._data("type", text["type"], data_json)
            except RejectedEventError as error:
                problems.append(error)
        if problems:
            raise _all_of(problems)
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
        headers: Mapping[str, str],
        value: bytes,
        received_at: datetime,
    ) -> Received[Any]:
        declared = headers.get("content-type", "").startswith("application/cloudevents")
        missing = [name for name in _REQUIRED if f"ce_{name}" not in headers]
        if not declared and len(missing) < len(_REQUIRED):
            raise _missing_headers(missing)
        parsed = _parse(value)
        if not isinstance(parsed, dict) or not (declared or "specversion" in parsed):
            if declared:
                raise NotJsonError("the body is no JSON object: send one CloudEvent")
            raise _missing_headers(missing)
        event, data_json = self.decode_object(parsed, received_at)
        trace = headers.get("traceparent") or parsed.get("traceparent")
        return Received(
            event,
            event_key(event.source, event.event_id),
            content_hash(parsed["type"], parsed["time"], data_json),
            record,
            data_json,
            trace if isinstance(trace, str) else None,
        )

    def _data(self, where: str, event_type: str, value: bytes) -> Any:
        try:
            validate = self._validate[event_type]
        except KeyError:
            raise UnknownEventTypeError(
                f"{where} names the unknown event type {_shown(event_type)}: "
                f"this topic takes {', '.join(self._validate)}",
                field="/type",
            ) from None
        try:
            # strict: a number sent as text is a mistake, as the published JSON Schema says
            data = validate(value, strict=True)
        except ValidationError as error:
            problems = data_problems(error, _parse(value))
            raise InvalidDataError(in_one_sentence(problems), problems=problems) from None
        if b"\\u0000" in value and _holds_nul(_parse(value)):
            raise InvalidDataError(
                "data holds the character U+0000, which a database can't store as text: remove it",
                field="/data",
            )
        return data


def parse_time(where: str, text: str, received_at: datetime) -> datetime:
    """Return the instant in UTC.

    Raises:
        InvalidTimeError: no RFC 3339 timestamp, no time zone, or more than :data:`OLDEST` before
            or :data:`NEWEST` after ``received_at``.
    """
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidTimeError(
            f"{where} is no timestamp: {_shown(text)}; write it like 2026-04-01T09:30:00+09:00",
            field="/time",
        ) from None
    if instant.tzinfo is None:
        raise InvalidTimeError(
            f"{where} has no time zone: {_shown(text)}; add Z or an offset such as +09:00",
            field="/time",
        )
    if not received_at - OLDEST <= instant <= received_at + NEWEST:
        years = (instant - received_at) / timedelta(days=365.25)
        side = "after" if years > 0 else "before"
        raise InvalidTimeError(
            f"{where} is {abs(years):.1f} years {side} its arrival: {_shown(text)}; "
            "an event is at most 20 years old and at most one day ahead",
            field="/time",
        )
    return instant if instant.tzinfo is UTC else instant.astimezone(UTC)


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
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", event.event_id.encode()),
        ("ce_source", event.source.encode()),
        ("ce_type", event.data.TYPE.encode()),
        ("ce_time", event.occurred_at.isoformat().replace("+00:00", "Z").encode()),
        ("ce_partitionkey", key.encode()),
        ("content-type", b"application/json"),
    ]
    if event.correlation_id is not None:
        headers.append(("ce_correlationid", event.correlation_id.encode()))
    if event.causation_id is not None:
        headers.append(("ce_causationid", event.causation_id.encode()))
    if traceparent is not None:
        headers.append(("ce_traceparent", traceparent.encode()))
        headers.append(("traceparent", traceparent.encode()))  # where OpenTelemetry looks
    if data_json is None:
        # A profile change says something only about the fields that are present.
        data_json = event.data.model_dump_json(exclude_unset=True).encode()
    return Outgoing(key.encode(), data_json, headers)


def _attributes(
    attributes: Mapping[str, object],
) -> tuple[dict[str, str], list[RejectedEventError]]:
    """Return the attributes that are text, and what is wrong with the others."""
    context = {k: v for k, v in attributes.items() if k not in {"data", "data_base64"}}
    context.setdefault("specversion", "1.0")
    problems: list[RejectedEventError] = []
    text: dict[str, str] = {}
    for name, value in context.items():
        if isinstance(value, str):
            text[name] = value
        elif name in _REQUIRED:
            problems.append(
                InvalidAttributeError(
                    f"{name} should be a text, not {value!r}"[:200], field=f"/{name}"
                )
            )
    problems.extend(
        MissingAttributeError(f"{name} is missing: add it", field=f"/{name}")
        for name in _REQUIRED
        if name not in context
    )
    if text.get("specversion", "1.0") != "1.0":
        problems.append(_wrong_specversion("specversion", text["specversion"]))
    for name in ("id", "source"):
        if name in text:
            try:
                _check_text(name, text[name])
            except InvalidAttributeError as error:
                problems.append(error)
    problems.extend(_extension_problems(context))
    return text, problems


def _extension_problems(context: Mapping[str, object]) -> list[RejectedEventError]:
    """Check the names of the other attributes as the CloudEvents library does."""
    stand_in = {"id": "-", "source": "-", "type": "-", "time": datetime.now(UTC)}
    others = {k: v for k, v in context.items() if k not in _REQUIRED}
    try:
        CloudEvent({**others, **stand_in, "specversion": "1.0"})
    except CloudEventValidationError as error:
        return [
            InvalidAttributeError(f"attribute {_shown(name)}: {reasons[0]}", field=f"/{name}")
            for name, reasons in error.errors.items()
        ]
    return []


def _data_bytes(attributes: Mapping[str, object], max_bytes: int) -> bytes:
    if "data_base64" in attributes:
        raise InvalidDataError(
            "data_base64 is not accepted: send the data as JSON in data", field="/data_base64"
        )
    if not isinstance(attributes.get("data"), dict):
        raise InvalidDataError("data is missing: add an object with the fields", field="/data")
    try:
        text = json.dumps(
            attributes["data"], ensure_ascii=False, separators=(",", ":"), allow_nan=False
        )
        data_json = text.encode()
    except (ValueError, RecursionError, TypeError):
        raise InvalidDataError(
            "data can't be written as JSON: it holds NaN, an infinity, half of a surrogate pair, "
            "or nests too deeply",
            field="/data",
        ) from None
    if len(data_json) > max_bytes:
        raise _too_large(len(data_json), max_bytes)
    return data_json


def _parse(value: bytes) -> Any:
    try:
        return from_json(value, allow_inf_nan=False)
    except ValueError as error:
        raise NotJsonError(
            f"the body is not JSON ({error}): send one JSON object in UTF-8"
        ) from None


def _check_text(where: str, text: str) -> None:
    """Refuse an empty, endless or unprintable attribute (CloudEvents 1.0, "String")."""
    if not 0 < len(text) <= MAX_ATTRIBUTE_LENGTH:
        raise InvalidAttributeError(
            f"{where} has {len(text)} characters: give 1 to {MAX_ATTRIBUTE_LENGTH}",
            field="/" + where.rpartition("_")[2],
        )
    if not text.isprintable() and not _CONTROL.isdisjoint(text):
        raise InvalidAttributeError(
            f"{where} holds a control character: {_shown(text)}; remove it",
            field="/" + where.rpartition("_")[2],
        )


def _unreadable_header(headers: RawHeaders) -> UnreadableHeaderError:
    for name, raw in headers:
        # aiokafka hands a null header through as None, against its own types
        if cast("bytes | None", raw) is None:
            return UnreadableHeaderError(
                f"header {_shown(name)} is null: give it a value or leave it out", field=name
            )
        try:
            raw.decode()
        except UnicodeDecodeError as error:
            return UnreadableHeaderError(
                f"header {_shown(name)} is not UTF-8 (byte {error.start}): encode it as UTF-8",
                field=name,
            )
    raise AssertionError("called for headers that can be read")


def _missing_headers(missing: Sequence[str]) -> MissingAttributeError:
    if len(missing) == len(_REQUIRED):
        return MissingAttributeError(
            "the record is no CloudEvent: add the headers "
            f"{', '.join('ce_' + name for name in _REQUIRED)}, or send one JSON object with "
            f"specversion and content-type {STRUCTURED}",
            field="ce_type",
        )
    return MissingAttributeError(
        f"header ce_{missing[0]} is missing: add it"
        + (f" (and ce_{', ce_'.join(missing[1:])})" if len(missing) > 1 else ""),
        field=f"ce_{missing[0]}",
    )


def _wrong_specversion(where: str, found: str) -> InvalidAttributeError:
    return InvalidAttributeError(
        f"{where} is {_shown(found)}: send CloudEvents 1.0", field="/specversion"
    )


def _too_large(size: int, limit: int) -> EventTooLargeError:
    return EventTooLargeError(
        f"the event has {size:,} bytes, more than the {limit:,} that are accepted: "
        "send a link to large content instead of the content",
        field="/data",
    )


def _all_of(errors: Sequence[RejectedEventError]) -> RejectedEventError:
    problems: list[Problem] = [problem for error in errors for problem in error.problems]
    return type(errors[0])(in_one_sentence(problems), problems=problems)


def _holds_nul(value: object) -> bool:
    match value:
        case str():
            return "\0" in value
        case list():
            return any(map(_holds_nul, value))
        case dict():
            return any(_holds_nul(k) or _holds_nul(v) for k, v in value.items())
        case _:
            return False


def _shown(text: str) -> str:
    """Quote a publisher's text; long ones are cut."""
    return repr(text if len(text) <= 80 else text[:80] + "…")  # noqa: PLR2004
