"""At which hours a role is reached by telephone, and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from followup.domain.send_times.answer_rates import (
    Rate,
    Tally,
    by_hour_and_weekday,
    overall,
    rate_of,
)
from followup.domain.send_times.choice import ENOUGH, ENOUGH_TO_WAIT_FOR, WEEKDAYS, WORTH_WAITING
from kakehashi_common.domain.texts import Text

MOST_SLOTS: Final = 3
"""More would be no advice."""


@dataclass(frozen=True, slots=True)
class CallSlot:
    """One hour of a weekday in Japan."""

    weekday: int
    """0 is Monday."""
    hour: int


@dataclass(frozen=True, slots=True)
class CallHours:
    """The best hours to call somebody."""

    slots: tuple[CallSlot, ...]
    """The best first; empty: nothing is known of any that is better than the others."""
    text: Text
    """The reason for these hours, or for naming none."""


def call_hours(tallies: Iterable[Tally], role: str) -> CallHours:
    """Return the hours at which people in a role are reached more often than otherwise.

    Hour and weekday count each by itself, as for mails. An hour is named only if it is better by a
    fifth than the role's calls altogether.

    Args:
        tallies: of all calls: how many there were, and of how many somebody was reached.
        role: the person's.
    """
    everything = tuple(tallies)
    own = [each for each in everything if each.role == role]
    calls = sum(each.contacts for each in own)
    if calls < ENOUGH:
        return CallHours((), _too_few(calls))
    of_all = rate_of(own, overall(everything))
    by_hour, by_weekday = by_hour_and_weekday(own, of_all.expected)

    def better(slot: CallSlot) -> float:
        """By how much, of the role's calls altogether."""
        hour, weekday = by_hour[slot.hour].expected, by_weekday[slot.weekday].expected
        return hour * weekday / of_all.expected**2

    slots = [
        CallSlot(weekday, hour)
        for weekday, of_weekday in by_weekday.items()
        for hour, of_hour in by_hour.items()
        if min(of_weekday.contacts, of_hour.contacts) >= ENOUGH_TO_WAIT_FOR
    ]
    best = sorted((each for each in slots if better(each) >= WORTH_WAITING), key=_in_a_week)
    best.sort(key=better, reverse=True)
    named = tuple(best[:MOST_SLOTS])
    if not named:
        return CallHours((), _no_difference(of_all))
    first = named[0]
    return CallHours(named, _why(named, by_hour[first.hour], by_weekday[first.weekday], of_all))


def _in_a_week(slot: CallSlot) -> tuple[int, int]:
    return slot.weekday, slot.hour


def _why(named: tuple[CallSlot, ...], hour: Rate, weekday: Rate, of_all: Rate) -> Text:
    first = named[0]
    day = WEEKDAYS[first.weekday]
    return Text(
        ja="、".join(f"{WEEKDAYS[each.weekday].ja}{each.hour}時台" for each in named)
        + f"がおすすめです。この役割の方への電話のうち、{first.hour}時台は{_reached(hour).ja}、"
        f"{day.ja}は{_reached(weekday).ja}、全体では{_reached(of_all).ja}がつながりました。",
        en="Best on "
        + ", ".join(f"{WEEKDAYS[each.weekday].en} from {each.hour}:00" for each in named)
        + f". Of the calls to this role, from {first.hour}:00 {_reached(hour).en}, "
        f"on {day.en} {_reached(weekday).en}, of all {_reached(of_all).en}.",
    )


def _reached(rate: Rate) -> Text:
    return Text(
        ja=f"{rate.contacts}件中{rate.answered}件（補正後{rate.expected:.1%}）",
        en=f"{rate.answered} of {rate.contacts} reached somebody "
        f"({rate.expected:.1%} after shrinkage)",
    )


def _no_difference(of_all: Rate) -> Text:
    return Text(
        ja=f"この役割の方への電話{of_all.contacts}件では、つながりやすさが2割以上よい時間帯は"
        "ありません。",
        en=f"In {of_all.contacts} calls to this role no hour is better by a fifth.",
    )


def _too_few(calls: int) -> Text:
    return Text(
        ja=f"この役割の方への電話はまだ{calls}件で、{ENOUGH}件に満たないため、"
        "時間帯はおすすめできません。",
        en=f"There are {calls} calls to this role, too few to recommend an hour ({ENOUGH}).",
    )
