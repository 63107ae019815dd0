"""Who would get what, and when, if a playbook had been in force when past events came."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from followup.domain.playbooks.audience import Contact
from followup.domain.playbooks.playbook import Playbook
from followup.domain.playbooks.walk import (
    Finished,
    Occurrence,
    Office,
    Perform,
    begin,
    performed,
    walk,
)
from kakehashi_common.domain.texts import Text

MAX_STEPS: Final = 100
"""Of one sequence; a playbook may go round for ever, once a quarter."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A reason or a behaviour that concerned a contact."""

    contact_id: str
    contact: Contact
    at: datetime
    reason: str | None = None
    behaviour: str | None = None
    occurrences: tuple[Occurrence, ...] = ()
    """What is known to have happened, or is planned, from then on; the budget phases above all."""


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step as it would be carried out if nobody answered."""

    step: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Entered:
    """A contact would have entered."""

    arrival: Arrival
    steps: tuple[PlannedStep, ...]


@dataclass(frozen=True, slots=True)
class KeptOut:
    """A contact would not have entered."""

    arrival: Arrival
    why: tuple[Text, ...]


def preview(
    playbook: Playbook, arrivals: Iterable[Arrival], office: Office, horizon: timedelta
) -> Iterator[Entered | KeptOut]:
    """Yield what would have become of each arrival that the playbook is about, in time's order.

    Args:
        playbook: a checked one.
        arrivals: of any reasons and behaviours.
        office: the working time.
        horizon: how far after its beginning a sequence is looked at.
    """
    under_way: dict[str, tuple[datetime, datetime]] = {}
    for arrival in sorted(arrivals, key=lambda each: (each.at, each.contact_id)):
        if not playbook.entry.is_about(arrival.reason, arrival.behaviour):
            continue
        last = under_way.get(arrival.contact_id)
        why = (
            *playbook.audience.reasons_against(arrival.contact),
            *_too_early(playbook, arrival, last),
        )
        if why:
            yield KeptOut(arrival, why)
            continue
        steps, ends = _unanswered(playbook, arrival, office, arrival.at + horizon)
        under_way[arrival.contact_id] = arrival.at, ends
        yield Entered(arrival, tuple(steps))


def _too_early(
    playbook: Playbook, arrival: Arrival, last: tuple[datetime, datetime] | None
) -> Iterator[Text]:
    if last is None:
        return
    begun, ends = last
    if arrival.at < ends:
        yield Text(ja="実行中です", en="it is under way already")
    elif not playbook.entry.lets_in_again(begun, arrival.at):
        yield Text(ja="再開までの期間が過ぎていません", en="it is too early to enter again")


def _unanswered(
    playbook: Playbook, arrival: Arrival, office: Office, until: datetime
) -> tuple[Sequence[PlannedStep], datetime]:
    """Return the steps until nobody has answered them, and when that ends."""
    position, now = begin(playbook, arrival.at), arrival.at
    steps: list[PlannedStep] = []
    while now < until and len(steps) < MAX_STEPS:
        known = [each for each in arrival.occurrences if each.at <= now]
        move = walk(playbook, position, known, now, office)
        position = move.position
        if isinstance(move, Finished):
            break
        if isinstance(move, Perform):
            steps.append(PlannedStep(move.step.id, now))
            position = performed(playbook, position, now)
        else:
            now = min([move.until, *(each.at for each in arrival.occurrences if each.at > now)])
    return steps, now
