"""The terms that describe a sequence: states, reasons, outcomes."""

from enum import StrEnum
from typing import Final


class Status(StrEnum):
    """The state of a sequence; a pause is kept separately."""

    RESTING = "resting"
    """Its playbook waits for a time, a reaction or a budget phase."""
    CHOOSING = "choosing"
    """The channel by which the step is carried out is being chosen."""
    PREPARING = "preparing"
    """An approval or a person's task is being opened."""
    AWAITING_APPROVAL = "awaiting_approval"
    AWAITING_TASK = "awaiting_task"
    PLANNING = "planning"
    """The time at which the step may be done is being found."""
    SCHEDULED = "scheduled"
    """The step waits for that time."""
    SENDING = "sending"
    COMPLETED = "completed"
    STOPPED = "stopped"


ENDED: Final = frozenset({Status.COMPLETED, Status.STOPPED})

WORKING: Final = frozenset({Status.CHOOSING, Status.PREPARING, Status.PLANNING, Status.SENDING})
"""A program has something to do, and answers with a result of the same attempt."""


class StopReason(StrEnum):
    """The reason of an end that neither the playbook nor an occurrence gives."""

    PERSON = "person"
    """Somebody stopped it."""
    REJECTED = "rejected"
    """A message was not approved."""


class TaskOutcome(StrEnum):
    """The outcome of a person's task."""

    DONE = "done"
    NOT_REACHED = "not_reached"
    ANSWERED = "answered"
    NEGATIVE = "negative"
    MEETING_BOOKED = "meeting_booked"
    OPTED_OUT = "opted_out"


class PauseReason(StrEnum):
    """The reason of a pause."""

    PERSON = "person"
    OUT_OF_OFFICE = "out_of_office"
    """Until the contact is back."""
    HAS_LEFT = "has_left"
    """An automatic reply says that the contact has left; somebody makes sure of it."""
    HIGHER_PLAYBOOK = "higher_playbook"
    """While the contact is in a playbook of a higher priority."""
    ORGANISATION = "organisation"
    """Nothing is sent to the municipality, such as after a disaster."""
