"""Reads the text of a cell: instants, numbers, yes or no, names in Latin letters."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType

from kakehashi_common.contracts.municipalities import (
    check_digit,
    known_municipality_code,
    municipalities,
    wards,
)
from kakehashi_common.contracts.municipality_names import municipality_named
from kakehashi_common.domain.japanese_dates import NoSuchDayError, parse_japanese_datetime

_FIVE = 5
"""Digits of a code without its leading zero, or without its check digit."""

_TRUE = frozenset({"true", "yes", "1", "y", "t", "はい", "有"})
_FALSE = frozenset({"false", "no", "0", "n", "f", "いいえ", "無"})


def text_of(value: object) -> str:
    """Return a value as text; that of ``None`` is empty."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def narrowed(text: str) -> str:
    """Return ``text`` with letters, digits and spaces narrow and kana wide (Unicode's NFKC)."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text).strip()


class NotATimeError(ValueError):
    """A text is no time in any of the formats; the message ends a sentence."""


def instant_parser(forms: Sequence[str]) -> Callable[[str], datetime]:
    """Return a reader of times in any of ``forms``, the first that fits. It raises NotATimeError.

    A form is ``iso8601``, ``epoch_seconds``, ``epoch_milliseconds``, ``japanese`` (with eras) or a
    ``strptime`` pattern. The result is naive where neither the text nor the form says an offset.
    """
    parsers = [_reader_of(form) for form in forms]
    named = f"format {forms[0]}" if len(forms) == 1 else f"formats {', '.join(forms)}"

    def parse(text: str) -> datetime:
        why = ""
        for parser in parsers:
            try:
                return parser(text)
            except NoSuchDayError as error:
                why = f" ({error.reason})"
            except (ValueError, OverflowError, OSError):
                continue
        raise NotATimeError(f"{text!r} is no time in the {named}{why}")

    return parse


def _reader_of(form: str) -> Callable[[str], datetime]:
    if form == "iso8601":
        return datetime.fromisoformat
    if form == "japanese":
        return parse_japanese_datetime
    if form in {"epoch_seconds", "epoch_milliseconds"}:
        unit = 1.0 if form == "epoch_seconds" else 1000.0
        return lambda text: datetime.fromtimestamp(float(text) / unit, tz=UTC)
    return lambda text: datetime.strptime(text, form)  # noqa: DTZ007 (the zone comes from the mapping)


@lru_cache(maxsize=8192)
def municipality_code(text: str, prefecture: str = "") -> str:
    """Return the code of a municipality that is given by name or by code.

    A code that lost its leading zero in a spreadsheet, or is written without its check digit, is
    completed where that can mean one municipality only; a ward of a designated city counts as its
    city.

    Raises:
        ValueError: it means none, or several, which are named.
    """
    plain = narrowed(text)
    if not plain.isascii() or not plain.replace("-", "").isdigit():
        return municipality_named(text, prefecture).code
    digits = plain.replace("-", "")
    if len(digits) == _FIVE:
        possible = {f"0{digits}", f"{digits}{check_digit(digits)}"} & municipalities().keys()
        if len(possible) == 1:
            return possible.pop()
        if possible:
            raise ValueError(
                f"{text!r} may be {' or '.join(sorted(possible))}: give all six digits"
            )
    ward = wards().get(digits)
    return known_municipality_code(digits) if ward is None else ward.city_code


def _bool(text: str) -> bool:
    lowered = text.lower()
    if lowered in _TRUE:
        return True
    if lowered in _FALSE:
        return False
    raise ValueError(text)


def _int(text: str) -> int:
    """Whole numbers as people write them: ``1,200,000`` and ``1200000.0`` too."""
    plain = text.replace(",", "")
    try:
        return int(plain)
    except ValueError:
        number = float(plain)
        if not number.is_integer():
            raise
        return int(number)


def _slug(text: str) -> str:
    """``"W_Nabellen offertes"`` becomes ``w_nabellen_offertes``."""
    slug = re.sub(r"[^a-z0-9_.-]+", "_", text.lower()).strip("_.-")
    if not slug:
        raise ValueError(text)
    return slug[:64]


CASTS: Mapping[str, Callable[[str], object]] = MappingProxyType(
    {
        "str": str,
        "int": _int,
        "float": lambda text: float(text.replace(",", "")),
        "bool": _bool,
        "slug": _slug,
    }
)
CAST_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "int": "whole number",
        "float": "number",
        "bool": "yes or no",
        "slug": "name in Latin letters",
        "str": "text",
    }
)
