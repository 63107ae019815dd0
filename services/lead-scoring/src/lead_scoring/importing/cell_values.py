"""What the text in a cell stands for: instants, numbers, yes or no, names in Latin letters."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType

_TRUE = frozenset({"true", "yes", "1", "y", "t", "はい", "有"})
_FALSE = frozenset({"false", "no", "0", "n", "f", "いいえ", "無"})


def text_of(value: object) -> str:
    """What a value reads like; nothing is the empty text."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def instant_parser(form: str) -> Callable[[str], datetime]:
    """How to read a time: ``iso8601``, an epoch, or a ``strptime`` pattern. Raises ValueError.

    The result is naive where neither the text nor the format says an offset.
    """
    if form == "iso8601":
        return datetime.fromisoformat
    if form in {"epoch_seconds", "epoch_milliseconds"}:
        unit = 1.0 if form == "epoch_seconds" else 1000.0
        return lambda text: datetime.fromtimestamp(float(text) / unit, tz=UTC)
    return lambda text: datetime.strptime(text, form)  # noqa: DTZ007 (the zone comes from the mapping)


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
