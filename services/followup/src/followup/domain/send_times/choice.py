"""Choose the hour of a contact, with the reason."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from followup.domain.playbooks.steps import Channel
from followup.domain.send_times.answer_rates import (
    Tally,
    by_hour_and_weekday,
    overall,
    rate_of,
)
from kakehashi_common.domain.business_time import JAPAN, BusinessTime
from kakehashi_common.domain.texts import Text

ENOUGH: Final = 100
"""Below so many contacts nothing is learnt: an hour would rest on a dozen (common practice)."""

ENOUGH_TO_WAIT_FOR: Final = 20
"""An hour or weekday with fewer contacts is never waited for."""
WORTH_WAITING: Final = 1.2
"""A later time must be better than the first possible one by a fifth."""

_HOUR: Final = timedelta(hours=1)
WEEKDAYS: Final = (
    Text("月曜日", "Mondays"),
    Text("火曜日", "Tuesdays"),
    Text("水曜日", "Wednesdays"),
    Text("木曜日", "Thursdays"),
    Text("金曜日", "Fridays"),
    Text("土曜日", "Saturdays"),
    Text("日曜日", "Sundays"),
)


@dataclass(frozen=True, slots=True)
class TimeChoice:
    """The chosen time of a contact, and the reason."""

    at: datetime
    learnt: bool
    """Whether answers decided; else it is the first time that is possible."""
    text: Text
    """The reason for this hour."""


def open_hours(works: BusinessTime, earliest: datetime, latest: datetime) -> Iterator[datetime]:
    """Yield when a contact could be made: at once, and at each full hour, while it is open.

    Raises:
        NoWorkingHoursError: it never is.
    """
    at = works.next_open(earliest)
    while at <= latest:
        yield at
        at = works.next_open(at.replace(minute=0, second=0, microsecond=0) + _HOUR)


def choose_time(
    tallies: Iterable[Tally],
    *,
    role: str,
    kind: str,
    times: Sequence[datetime],
    channel: Channel = Channel.MAIL,
) -> TimeChoice:
    """Choose of ``times`` the one at which this role answers most often on this kind.

    Hour and weekday count each by itself: together they would need many times as many contacts. A
    time that is hardly better than the first possible one is not worth waiting for.

    Args:
        tallies: of all contacts.
        role: the person's.
        kind: what it is about.
        times: when it could be done, in order; not empty.
        channel: by what they are contacted.
    """
    everything = [each for each in tallies if each.channel is channel]
    own = [each for each in everything if each.role == role and each.kind == kind]
    contacts = sum(each.contacts for each in own)
    if contacts < ENOUGH:
        return TimeChoice(
            times[0],
            learnt=False,
            text=_too_few(contacts),
        )
    base = rate_of(own, overall(everything)).expected
    by_hour, by_weekday = by_hour_and_weekday(own, base)

    def expected(at: datetime) -> float:
        local = at.astimezone(JAPAN)
        return by_hour[local.hour].expected * by_weekday[local.weekday()].expected

    worth_it = [
        at
        for at in times
        if by_hour[at.astimezone(JAPAN).hour].contacts >= ENOUGH_TO_WAIT_FOR
        and by_weekday[at.astimezone(JAPAN).weekday()].contacts >= ENOUGH_TO_WAIT_FOR
        and expected(at) >= WORTH_WAITING * expected(times[0])
    ]
    best = max(worth_it, key=expected, default=times[0])
    local = best.astimezone(JAPAN)
    hour, weekday = by_hour[local.hour].text, by_weekday[local.weekday()].text
    day = WEEKDAYS[local.weekday()]
    return TimeChoice(
        best,
        learnt=True,
        text=Text(
            ja=f"同じ役割・用件の連絡{contacts}件から選びました。"
            f"{local.hour}時台は{hour.ja}、{day.ja}は{weekday.ja}です。",
            en=f"Chosen from {contacts} contacts of the same role and kind: "
            f"from {local.hour}:00 {hour.en}, on {day.en} {weekday.en}.",
        ),
    )


def _too_few(contacts: int) -> Text:
    return Text(
        ja=f"同じ役割・用件の連絡はまだ{contacts}件で、{ENOUGH}件に満たないため、"
        "最も早い時間にします。",
        en=f"There are {contacts} contacts of the same role and kind, too few to learn from "
        f"({ENOUGH}): the first possible time is taken.",
    )
