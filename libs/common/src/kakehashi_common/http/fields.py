"""Parameters and values that all APIs write alike."""

from datetime import date, datetime, timedelta
from typing import Annotated, TypeVar

from fastapi import Header, Query
from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from kakehashi_common.clock import TOKYO, japan_midnight
from kakehashi_common.contracts.instants import Day, Instant, parse_day
from kakehashi_common.contracts.texts import Text
from kakehashi_common.domain.checks import OUT_OF_REACH, is_within_reach
from kakehashi_common.domain.weeks import Week

D = TypeVar("D", bound=date)

JapanTime = Annotated[datetime, AfterValidator(lambda instant: instant.astimezone(TOKYO))]
"""An instant, shown in Japan's time (+09:00)."""


def _instant_or_day(value: object) -> object:
    day = parse_day(value) if isinstance(value, str) else None
    if day is None:
        return value
    _within_reach(day)
    # As of a day is after all that happened on it.
    return japan_midnight(day + timedelta(days=1)) - timedelta.resolution


def _within_reach(day: D) -> D:
    if not is_within_reach(day):
        raise ValueError(OUT_OF_REACH)
    return day


def _week(text: str) -> str:
    _within_reach(Week.named(text).monday)
    return text


InstantOrDay = Annotated[
    Instant,
    BeforeValidator(_instant_or_day),
    AfterValidator(_within_reach),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "format": "date-time"},
                {"type": "string", "format": "date"},
            ]
        }
    ),
]
"""An instant with its offset, or a day in Japan, which stands for its last microsecond."""

DayWithinReach = Annotated[Day, AfterValidator(_within_reach)]
"""A day in Japan in a year from 2000 to 2199."""

InstantWithinReach = Annotated[Instant, AfterValidator(_within_reach)]
"""An instant with its offset in a year from 2000 to 2199."""

WeekName = Annotated[
    str,
    Field(
        pattern=r"^[0-9]{4}-W[0-9]{2}$",
        description="A week of ISO 8601 in Japan, Monday to Sunday",
        examples=["2026-W48"],
    ),
    AfterValidator(_week),
]

Cursor = Annotated[str | None, Query(description="`next_cursor` of the page before")]
Limit = Annotated[int, Query(ge=1, le=200, description="Rows on a page")]

IdempotencyKey = Annotated[
    Text | None,
    Header(
        min_length=1,
        max_length=255,
        description="A request repeated with the same key within 24 hours is done once and "
        "answered alike",
    ),
]
IfMatch = Annotated[str | None, Header(description="The `ETag` of what you edit")]
IfNoneMatch = Annotated[str | None, Header(description="The `ETag` that you have seen")]

Id = Annotated[
    str,
    Field(
        min_length=1,
        max_length=64,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
        description="Chosen by who enters it, such as a staff number; never a name",
    ),
]
