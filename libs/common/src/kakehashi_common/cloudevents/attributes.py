"""The checks of a CloudEvent beside its data: attributes, headers, sizes, JSON; and their words."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from cloudevents.core.exceptions import CloudEventValidationError
from cloudevents.core.v1.event import CloudEvent
from pydantic_core import from_json

from kakehashi_common.cloudevents.errors import (
    EventTooLargeError,
    InvalidAttributeError,
    InvalidDataError,
    MissingAttributeError,
    NotJsonError,
    RejectedEventError,
    TooComplexEventError,
    UnreadableHeaderError,
    cut,
    data_pointer,
    json_kind,
    shown_name,
)
from kakehashi_common.contracts.texts import find_forbidden, visible
from kakehashi_common.json_reader import Limits, TooComplexError, check_size

RawHeaders = Sequence[tuple[str, bytes]]

MAX_ATTRIBUTE_LENGTH = 1024
"""Characters of an id or source, and of the ids of a correlation or cause."""

STRUCTURED_TYPE = "application/cloudevents+json"

REQUIRED = ("specversion", "id", "source", "type", "time")
"""``time`` is optional in CloudEvents; here nothing can be scored without it."""

_IDS = ("id", "source", "correlationid", "causationid")

_READ_BESIDE_CE = frozenset({"content-type", "traceparent", "tracestate"})
"""Headers that a decoder or a trace reads, beside those whose name begins with ``ce_``."""

MAX_ATTRIBUTES = 100
"""Attributes of an event, extensions included."""

DATA_LIMITS = Limits(values=10_000)
"""An explained score by a long rule set has a tenth of it."""

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def read_attributes(
    attributes: Mapping[str, object],
) -> tuple[dict[str, str], list[RejectedEventError]]:
    """Return the attributes that are text, and what is wrong with the others."""
    # null is as good as absent (CloudEvents 1.0, JSON format, section 2.2)
    context = {
        name: value
        for name, value in attributes.items()
        if value is not None and name not in {"data", "data_base64"}
    }
    if len(context) > MAX_ATTRIBUTES:
        many = f"the event has {len(context):,} attributes, more than the {MAX_ATTRIBUTES} accepted"
        return {}, [TooComplexEventError(f"{many}: move them into data")]
    context.setdefault("specversion", "1.0")
    problems: list[RejectedEventError] = []
    text: dict[str, str] = {}
    for name, value in context.items():
        if isinstance(value, str):
            text[name] = value
        elif name in REQUIRED or name in _IDS:
            problems.append(
                InvalidAttributeError(
                    f"{name} should be a text, not {json_kind(value)}", field=f"/{name}"
                )
            )
    problems.extend(
        MissingAttributeError(f"{name} is missing: add it", field=f"/{name}")
        for name in REQUIRED
        if name not in context
    )
    if text.get("specversion", "1.0") != "1.0":
        problems.append(wrong_specversion("specversion", text["specversion"]))
    # All of these become headers: one of megabytes would be refused by the broker, not by us.
    for name in _IDS:
        if name in text:
            try:
                check_text(name, text[name])
            except InvalidAttributeError as error:
                problems.append(error)
    problems.extend(_extension_problems(context))
    return text, problems


def _extension_problems(context: Mapping[str, object]) -> list[RejectedEventError]:
    """Check the names of the other attributes as the CloudEvents library does."""
    stand_in = {"id": "-", "source": "-", "type": "-", "time": datetime.now(UTC)}
    others = {k: v for k, v in context.items() if k not in REQUIRED}
    try:
        CloudEvent({**others, **stand_in, "specversion": "1.0"})
    except CloudEventValidationError as error:
        return [
            InvalidAttributeError(
                f"attribute {quoted_name(name)}: "
                + cut(str(reasons[0]).replace(f"'{name}'", quoted_name(name))),
                field=f"/{cut(visible(name))}",
            )
            for name, reasons in error.errors.items()
        ]
    return []


def write_data(attributes: Mapping[str, object], max_bytes: int) -> bytes:
    """Return the event's data as compact JSON, with the fields that we don't know.

    Raises:
        InvalidDataError: there is none, it is base64, or it can't be written as JSON.
        EventTooLargeError: it is larger than ``max_bytes``.
    """
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
        raise too_large(len(data_json), max_bytes)
    return data_json


def parse_json(value: bytes) -> Any:
    """Return what ``value`` holds.

    Raises:
        NotJsonError: it is not JSON in UTF-8, or nests without end.
    """
    try:
        return from_json(value, allow_inf_nan=False)
    except ValueError as error:
        raise NotJsonError(
            f"the body is not JSON ({error}): send one JSON object in UTF-8"
        ) from None


def check_text(where: str, text: str) -> None:
    """Refuse an empty, endless or unprintable attribute (CloudEvents 1.0, "String")."""
    if not 0 < len(text) <= MAX_ATTRIBUTE_LENGTH:
        raise InvalidAttributeError(
            f"{where} has {len(text)} characters: give 1 to {MAX_ATTRIBUTE_LENGTH}",
            field="/" + where.rpartition("_")[2],
        )
    if _UNPRINTABLE.search(text):
        raise InvalidAttributeError(
            f"{where} holds a control character: {shown(text)}; remove it",
            field="/" + where.rpartition("_")[2],
        )


def checked_headers(headers: RawHeaders) -> dict[str, bytes]:
    """Return those of ``headers`` that a decoder reads; others may hold null or any bytes.

    Raises:
        UnreadableHeaderError: one that is read is null or not UTF-8.
    """
    read = {}
    for name, raw in headers:
        if not name.startswith("ce_") and name not in _READ_BESIDE_CE:
            continue
        # aiokafka hands a null header through as None, against its own types
        if cast("bytes | None", raw) is None:
            raise UnreadableHeaderError(
                f"header {quoted_name(name)} is null: give it a value or leave it out", field=name
            )
        try:
            raw.decode()
        except UnicodeDecodeError as error:
            raise UnreadableHeaderError(
                f"header {quoted_name(name)} is not UTF-8 (byte {error.start}): encode it as UTF-8",
                field=name,
            ) from None
        read[name] = raw
    return read


def repeated_header(headers: RawHeaders) -> InvalidAttributeError | None:
    """Return that one of ``headers`` that make the event is given twice, if one is."""
    names = [name for name, _ in headers if name.startswith("ce_") or name == "content-type"]
    for name in names:
        if names.count(name) > 1:
            return InvalidAttributeError(
                f"header {quoted_name(name)} is given twice: send it once, since nobody knows "
                "which counts",
                field=name if name == "content-type" else f"/{name.removeprefix('ce_')}",
            )
    return None


def missing_headers(missing: Sequence[str]) -> MissingAttributeError:
    """Return what to add; all of :data:`REQUIRED` means that it is no CloudEvent at all."""
    if len(missing) == len(REQUIRED):
        return MissingAttributeError(
            "the record is no CloudEvent: add the headers "
            f"{', '.join('ce_' + name for name in REQUIRED)}, or send one JSON object with "
            f"specversion and content-type {STRUCTURED_TYPE}",
            field="ce_type",
        )
    return MissingAttributeError(
        f"header ce_{missing[0]} is missing: add it"
        + (f" (and ce_{', ce_'.join(missing[1:])})" if len(missing) > 1 else ""),
        field=f"ce_{missing[0]}",
    )


def wrong_specversion(where: str, found: str) -> InvalidAttributeError:
    """Return that only CloudEvents 1.0 are read."""
    return InvalidAttributeError(
        f"{where} is {shown(found)}: send CloudEvents 1.0", field="/specversion"
    )


def too_large(size: int, limit: int) -> EventTooLargeError:
    """Return that ``size`` bytes are more than ``limit``."""
    return EventTooLargeError(
        f"the event has {size:,} bytes, more than the {limit:,} that are accepted: "
        "send a link to large content instead of the content",
        field="/data",
    )


def check_data(value: bytes) -> None:
    """Refuse data that only costs: too deep, or too many names.

    Raises:
        TooComplexEventError: it is.
    """
    try:
        check_size(value, DATA_LIMITS)
    except TooComplexError as error:
        raise TooComplexEventError(error.message, field="/data") from None


def check_data_texts(value: bytes) -> None:
    """Refuse data of which a text or a name holds what no text may hold.

    Raises:
        InvalidDataError: it does.
    """
    if (found := find_forbidden(parse_json(value))) is not None:
        path, character = found
        name = ".".join(["data", *(shown_name(str(part)) for part in path)])
        raise InvalidDataError(
            f"{name} holds {character}, a character that no text may hold: remove it",
            field=data_pointer(path),
        )


def quoted_name(name: str) -> str:
    """Quote a name that a publisher made up, see :func:`shown_name`."""
    return repr(name) if name == shown_name(name) else shown_name(name)


def shown(text: str) -> str:
    """Quote a name or an attribute that a publisher wrote; long ones are cut.

    Never a value of the data, where personal data is: see :mod:`kakehashi_common.http.problems`.
    """
    return repr(cut(text))
