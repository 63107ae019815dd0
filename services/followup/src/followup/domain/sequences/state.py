"""The state of a sequence: one value that can be stored, read and continued."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from followup.domain.playbooks.steps import OccurrenceKind
from followup.domain.playbooks.walk import Occurrence, Position
from followup.domain.sequences.facts import Fact
from followup.domain.sequences.terms import ENDED, PauseReason, Status

HISTORY_KEPT: Final = 100
"""Facts that a sequence keeps, the newest; ``followups-v1`` has them all."""

OCCURRENCES_KEPT: Final = 200
"""Occurrences that a sequence takes in; of more, only those that end it."""


@dataclass(frozen=True, slots=True)
class Pausing:
    """A pause of a sequence, with its beginning and reason."""

    since: datetime
    reason: PauseReason
    until: datetime | None
    """``None``: until somebody resumes it."""


@dataclass(frozen=True, slots=True)
class SequenceState:
    """All there is to know about one sequence. Times are aware; no field holds personal data."""

    sequence_id: str
    playbook_id: str
    playbook_version: int
    lead_id: str
    trigger_id: str
    reason: str
    started_at: datetime
    position: Position
    municipality_code: str | None = None
    owner: str | None = None
    urgent: bool = False
    """Whether its mails wait for no better hour."""
    good_until: date | None = None
    """The last day in Japan on which what its reason is about can be said."""
    policy_area: str | None = None
    """The slug of the policy area that its reason is about."""
    one_per_municipality: bool = False
    """Whether its contact stands for all of the municipality: one such is open in a playbook."""
    version: int = 0
    """Counts the decisions that changed something."""
    status: Status = Status.RESTING
    attempt: int = 0
    """Counts the work that programs were given, so that a late result is recognised."""
    due_at: datetime | None = None
    """Until when it rests or is scheduled; when the approval expires or the task is due."""
    approval_id: str | None = None
    """Of the present step."""
    approved: bool = False
    """Whether the present step may be sent."""
    task_id: str | None = None
    """Of the present step."""
    occurrences: tuple[Occurrence, ...] = ()
    sent: int = 0
    """Messages that have gone."""
    last_message_id: str | None = None
    """To which the next mail answers, so that all are one thread."""
    pause: Pausing | None = None
    ended_at: datetime | None = None
    end_reason: str | None = None
    """``completed``, an occurrence, a branch's own words, or one of ``StopReason``."""
    history: tuple[Fact, ...] = ()

    @property
    def ended(self) -> bool:
        """Whether nothing can follow."""
        return self.status in ENDED

    def has_news_of(self, occurrence: Occurrence) -> bool:
        """Whether something that happened concerns it, and it does not know it yet.

        What happened before it began does not, but for the phase that its municipality is in.
        """
        if self.ended or occurrence in self.occurrences:
            return False
        if occurrence.kind is OccurrenceKind.PHASE_BEGAN:
            phases = [each.name for each in self.occurrences if each.kind is occurrence.kind]
            return phases[-1:] != [occurrence.name]
        return occurrence.at >= self.started_at

    @property
    def step_id(self) -> str | None:
        """The present step; ``None``: it has ended."""
        return None if self.ended else self.position.step
