"""Checks of names, slugs and times, for commands that come from outside."""

import re
from datetime import date, datetime
from typing import Final

from kakehashi_common.domain.errors import DomainError, require_text

LONGEST_NAME: Final = 64
"""Characters of an id, a member or a slug."""

LONGEST_LEAD_ID: Final = 128
"""Characters of a lead's id, as the events of leads allow."""

LONGEST_BY: Final = 255
"""Characters of who asks for something: OpenID Connect's limit of a subject."""

LONGEST_NOTE: Final = 500
"""Characters of a reason or note in a person's own words."""

FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2199
OUT_OF_REACH: Final = f"should lie between {FIRST_YEAR} and {LAST_YEAR}"

_SLUG: Final = re.compile(r"[a-z0-9][a-z0-9_.-]*")
_LEAD_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@/-]*")
_MUNICIPALITY: Final = re.compile(r"[0-9]{6}")


def require_name(value: str, field: str, *, longest: int = LONGEST_NAME) -> None:
    """Refuse what is empty, too long or no text.

    Raises:
        DomainError: it is (``missing``, ``too_long``, ``not_text``).
    """
    if not value.strip():
        raise DomainError(
            f"{field} must be given, in 1–{longest} characters", field=field, code="missing"
        )
    require_short(value, field, longest)


def require_short(value: str, field: str, longest: int = LONGEST_NOTE) -> None:
    """Refuse what is too long or no text; an empty text is none too long.

    Raises:
        DomainError: it is (``too_long``, ``not_text``).
    """
    if len(value) > longest:
        raise DomainError(
            f"{field} must be at most {longest} characters, not {len(value)}",
            field=field,
            code="too_long",
        )
    require_text(value, field)


def require_slug(value: str, field: str) -> None:
    """Refuse what is no slug.

    Raises:
        DomainError: it is none (``missing``, ``too_long``, ``not_a_slug``).
    """
    require_name(value, field)
    if not _SLUG.fullmatch(value):
        raise DomainError(
            f"{field} {value!r} is no slug: use a–z, 0–9, '_', '.' and '-'",
            field=field,
            code="not_a_slug",
        )


def require_lead_id(value: str, field: str = "lead_id") -> None:
    """Refuse what can't be the id of a lead in an event.

    Raises:
        DomainError: it can't (``missing``, ``too_long``, ``not_a_lead_id``).
    """
    require_name(value, field, longest=LONGEST_LEAD_ID)
    if not _LEAD_ID.fullmatch(value):
        raise DomainError(
            f"{field} {value!r} is no lead's id: begin with a letter or digit, then use letters, "
            "digits and . _ : @ / -",
            field=field,
            code="not_a_lead_id",
        )


def require_municipality_code(value: str, field: str = "municipality_code") -> None:
    """Refuse what has not the form of a code (全国地方公共団体コード).

    Raises:
        DomainError: it has not (``not_a_municipality_code``).
    """
    if not _MUNICIPALITY.fullmatch(value):
        raise DomainError(
            f"{field} must be the six digits of 全国地方公共団体コード, not {value!r}",
            field=field,
            code="not_a_municipality_code",
        )


def require_instant(value: datetime, field: str) -> None:
    """Refuse a time without a zone, or one in a year that must be a mistake.

    Raises:
        DomainError: it has no time zone (``time_zone_missing``), or lies out of reach
            (``out_of_range``).
    """
    if value.utcoffset() is None:
        raise DomainError(
            f"{field} needs a time zone, such as +09:00", field=field, code="time_zone_missing"
        )
    require_day(value, field)


def require_day(value: date, field: str) -> None:
    """Refuse a day in a year that must be a mistake.

    Raises:
        DomainError: it lies out of reach (``out_of_range``).
    """
    if not is_within_reach(value):
        raise DomainError(f"{field} {OUT_OF_REACH}", field=field, code="out_of_range")


def is_within_reach(day: date) -> bool:
    """Say whether a day or an instant lies in a year from `FIRST_YEAR` to `LAST_YEAR`.

    Others are mistakes; and close to the year 1 or 9999 an hour can't be added, nor a time zone
    changed, without an overflow.
    """
    return FIRST_YEAR <= day.year <= LAST_YEAR
