"""The outcome if a playbook had been in force when past events came."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from followup.domain.entering import Candidate, precedence, reasons_against
from followup.domain.playbooks.ahead import PlannedStep, look_ahead
from followup.domain.playbooks.audience import Contact
from followup.domain.playbooks.playbook import Playbook
from followup.domain.playbooks.walk import Occurrence, Office, begin
from followup.domain.send_times.answer_rates import Tally
from followup.domain.send_times.channel import likely_channels
from followup.domain.triggers.catalogue import ENQUIRIES
from kakehashi_common.domain.reasons import Audience
from kakehashi_common.domain.texts import Text


@dataclass(frozen=True, slots=True)
class Arrival:
    """A reason or a behaviour that concerned a contact."""

    contact_id: str
    contact: Contact
    at: datetime
    reason: str | None = None
    behaviour: str | None = None
    audience: frozenset[Audience] = frozenset()
    """Of the reason; empty: it is for anybody."""
    has_address: bool = True
    has_owner: bool = True
    """Whether there is a seller in whose name messages would go."""
    under_way: tuple[Playbook, ...] = ()
    """Other playbooks that the contact was in."""
    municipality_code: str | None = None
    paused: bool = False
    """Whether selling to the place was paused after a disaster, and the reason was another one."""
    meant: bool | None = None
    """Whether the reason is about the contact; ``None``: it is about no one in particular."""
    occurrences: tuple[Occurrence, ...] = ()
    """Known or planned occurrences from then on, mainly the budget phases."""
    about: str = ""
    """The text of the reason or behaviour, in Japanese."""


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
    playbook: Playbook,
    arrivals: Iterable[Arrival],
    office: Office,
    tallies: Sequence[Tally] = (),
) -> Iterator[Entered | KeptOut]:
    """Yield the outcome of each arrival that the playbook is about, in order of time.

    Args:
        playbook: a checked one.
        arrivals: of any reasons and behaviours.
        office: the working time.
        tallies: of contacts so far, by which channels are chosen.
    """

    @cache
    def channels(role: str, kind: str, has_address: bool) -> dict[str, str]:  # noqa: FBT001 - no caller names a key
        return likely_channels(playbook, tallies, role=role, kind=kind, has_address=has_address)

    entered: dict[str, tuple[str, datetime | None, datetime]] = {}
    for arrival in sorted(arrivals, key=_in_turn):
        if not playbook.entry.is_about(arrival.reason, arrival.behaviour):
            continue
        place = arrival.municipality_code if playbook.entry.one_per_municipality else None
        whose = place or arrival.contact_id
        who, begun, ends = entered.get(whose, (arrival.contact_id, None, arrival.at))
        is_open = arrival.at < ends
        candidate = Candidate(
            arrival.contact,
            arrival.has_address,
            arrival.has_owner,
            meant=arrival.meant,
            asked=arrival.behaviour in ENQUIRIES,
            last_begun=begun,
            under_way=(
                *arrival.under_way,
                *([playbook] if is_open and who == arrival.contact_id else []),
            ),
            paused=arrival.paused,
            stood_for=is_open and who != arrival.contact_id,
        )
        why = reasons_against(playbook, candidate, arrival.audience, arrival.at)
        if why:
            yield KeptOut(arrival, why)
            continue
        ahead = look_ahead(
            playbook.for_size(arrival.contact.size_band),
            begin(playbook, arrival.at),
            arrival.at,
            office,
            coming=arrival.occurrences,
            channels=channels(
                arrival.contact.role or "",
                arrival.reason or arrival.behaviour or "",
                arrival.has_address,
            ),
        )
        entered[whose] = arrival.contact_id, arrival.at, ahead.ends
        yield Entered(arrival, ahead.steps)


def _in_turn(arrival: Arrival) -> tuple[datetime, tuple[int, str]]:
    return arrival.at, precedence(arrival.contact.role, arrival.contact_id)
