"""Values of a file that are one of a few."""

from enum import StrEnum
from typing import TypeVar

from kakehashi_common.yaml_reader import Section

_Enum = TypeVar("_Enum", bound=StrEnum)


def one(section: Section, key: str, among: type[_Enum]) -> _Enum | None:
    """The value under ``key``; ``None`` where there is none, or one that is reported."""
    if key not in section or not (text := section.text(key)):
        return None
    if text in set(among):
        return among(text)
    section.problem(key, _unknown(key, text, among))
    return None


def several(section: Section, key: str, among: type[_Enum]) -> frozenset[_Enum]:
    """The values of the list under ``key``; unknown ones are reported."""
    found: set[_Enum] = set()
    for text in filter(None, section.texts(key)):
        if text in set(among):
            found.add(among(text))
        else:
            section.problem(key, _unknown(key, text, among))
    return frozenset(found)


def _unknown(key: str, text: str, among: type[StrEnum]) -> str:
    return f"{text!r} is unknown; {key} is of: {', '.join(among)} (unknown_{key.removesuffix('s')})"
