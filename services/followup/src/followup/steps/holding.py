"""Hold a step whose contact is in a playbook of a higher priority, too."""

from datetime import datetime
from typing import Final

from followup.domain.sequences.commands import RefuseStep
from followup.occurrences.suppressing import UNTIL_NOTIFIED
from followup.sequences import repository as sequences
from followup.sequences.messages import StepWork
from kakehashi_common.reads import Read, together

HIGHER_PLAYBOOK_OPEN: Final = "higher_playbook_open"
"""A step was put off: its sequence is about to be paused for a higher playbook."""

_WHY: Final = "優先度の高いプレイブックを実施中のため。"


def held_back(work: StepWork, now: datetime) -> Read[RefuseStep | None]:
    """Read until when a step is put off; ``None``: no higher playbook is in its way."""
    held = RefuseStep(work.attempt, HIGHER_PLAYBOOK_OPEN, now + UNTIL_NOTIFIED, _WHY)
    return together(lambda is_held: held if is_held else None, sequences.is_held(work.sequence_id))
