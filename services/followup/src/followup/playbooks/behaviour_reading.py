"""The behaviours that a playbook file declares beside those that come with the service."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from followup.domain.triggers.catalogue import BEHAVIOURS
from followup.domain.triggers.conditions import (
    Behaviour,
    Condition,
    Happened,
    NoAnswer,
    Pattern,
    ScoreJumped,
    SeveralPeople,
    Silent,
    check_behaviour,
)
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.domain.texts import Text
from kakehashi_common.yaml_reader import Section

_IMPORTANCE: Final = 2


def read_behaviours(file: Section) -> tuple[Behaviour, ...]:
    """Return the behaviours that the file declares; what can't be watched for is reported."""
    if "behaviours" not in file:
        return ()
    return tuple(_behaviours(file.section("behaviours", optional=None)))


def _behaviours(declared: Section) -> Iterator[Behaviour]:
    for name, _, node in declared.entries():
        what = f"behaviour {name}"
        section = Section(node, declared.report, what, "label conditions", "importance urgent")
        label = section.section("label", "ja en")
        importance = section.whole("importance")
        behaviour = Behaviour(
            name,
            Text(label.text("ja"), label.text("en")),
            tuple(_conditions(section)),
            importance=_IMPORTANCE if importance is None else importance,
            urgent=bool(section.boolean("urgent")),
        )
        if BEHAVIOURS.get(name, behaviour) != behaviour:
            reason = f"{name} comes with the service; give yours another name (behaviour_twice)"
            declared.refuse(name, reason)
        if section.sound:
            try:
                yield check_behaviour(behaviour)
            except DomainError as error:
                section.refuse("conditions", f"{error.message} ({error.code})")


def _conditions(section: Section) -> Iterator[Condition]:
    keys = " ".join(_KEYS)
    for place in section.sections("conditions", "on", keys):
        on = place.text("on")
        if on not in _ON:
            known = ", ".join(_ON)
            place.problem("on", f"{on!r} is unknown; conditions: {known} (unknown_condition)")
            continue
        meaning, read = _ON[on]
        for key in _KEYS:
            if key in place and key not in meaning:
                place.problem(key, f"{on} has no {key}; it has: {', '.join(meaning)}")
        yield read(place)


def _pattern(section: Section) -> Pattern:
    kinds, categories, words = map(section.texts, ("kinds", "categories", "words"))
    return Pattern(frozenset(kinds), frozenset(categories), frozenset(words))


def _number(section: Section, key: str, otherwise: int) -> int:
    number = section.whole(key)
    return otherwise if number is None else number


_PATTERN: Final = ("kinds", "categories", "words")
_KEYS: Final = (*_PATTERN, "times", "days", "people", "one_decides", "business_days", "points")
_ON: Final[Mapping[str, tuple[tuple[str, ...], Callable[[Section], Condition]]]] = {
    "happened": (
        (*_PATTERN, "times", "days"),
        lambda s: Happened(_pattern(s), _number(s, "times", 1), _number(s, "days", 7)),
    ),
    "several_people": (
        (*_PATTERN, "people", "days", "one_decides"),
        lambda s: SeveralPeople(
            _pattern(s),
            _number(s, "people", 2),
            _number(s, "days", 7),
            s.boolean("one_decides") is not False,
        ),
    ),
    "no_answer": (("business_days",), lambda s: NoAnswer(_number(s, "business_days", 0))),
    "silent": (("days",), lambda s: Silent(_number(s, "days", 60))),
    "score_jumped": (
        ("points", "days"),
        lambda s: ScoreJumped(float(s.number("points") or 0), _number(s, "days", 7)),
    ),
}
