"""The steps ahead of a sequence, as they would follow if nobody reacted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from followup.domain.playbooks.playbook import Playbook
from followup.domain.playbooks.steps import BestChannelStep
from followup.domain.playbooks.walk import (
    Finished,
    Occurrence,
    Office,
    Perform,
    Position,
    performed,
    walk,
)

HORIZON: Final = timedelta(days=550)
"""The furthest that a sequence is planned: a contract's renewal begins 18 months ahead."""
MAX_STEPS: Final = 100
"""Of one sequence; a playbook may go round for ever, once a quarter."""


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step as it would be carried out if nobody answered."""

    step: str
    at: datetime
    """The earliest: people who approve or do it, and the send policy, may take longer."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """The remaining steps of a sequence."""

    steps: tuple[PlannedStep, ...]
    ends: datetime
    """When the last step is over, or the end of the horizon."""


def look_ahead(
    playbook: Playbook,
    position: Position,
    now: datetime,
    office: Office,
    *,
    known: Sequence[Occurrence] = (),
    coming: Sequence[Occurrence] = (),
    channels: Mapping[str, str] = MappingProxyType({}),
) -> Ahead:
    """Return the steps from a position on, until nobody has answered the last one.

    Args:
        playbook: a checked one.
        position: where the sequence stands.
        now: from when on it goes on; not before ``position.since``.
        office: the working time.
        known: what has happened since the sequence began.
        coming: what is known to happen later, the earliest first; the budget phases above all.
        channels: which channel would be taken of each step that has several, by their ids; the
            first of those that are not in it.
    """
    until = now + HORIZON
    steps: list[PlannedStep] = []
    while now < until and len(steps) < MAX_STEPS:
        happened = [*known, *(each for each in coming if each.at <= now)]
        move = walk(playbook, position, happened, now, office)
        position = move.position
        if isinstance(move, Finished):
            break
        if isinstance(move, Perform):
            step = move.step
            taken = step.channels[0].id if isinstance(step, BestChannelStep) else step.id
            steps.append(PlannedStep(channels.get(step.id, taken), now))
            position = performed(playbook, position, now)
        else:
            now = min([move.until, *(each.at for each in coming if each.at > now)])
    return Ahead(tuple(steps), now)
