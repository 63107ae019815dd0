"""Have sequences stand still while their contact is in a playbook of a higher priority."""

import asyncio
from typing import Final

from followup.domain.sequences.commands import Message, Pause, Resume
from followup.domain.sequences.terms import PauseReason
from followup.sequences import repository
from followup.sequences.service import Sequences
from kakehashi_common.db import Database
from kakehashi_common.polling import poll

_BY: Final = "system:precedences"


class Precedences:
    """Pauses and resumes sequences by the priorities of playbooks. Run it as a component.

    It compares what is recorded, so whatever is killed or unavailable, the next look finds what is
    still to be done. Until a sequence is paused, none of its steps is taken: they ask
    :func:`~followup.sequences.repository.is_held` themselves.

    Args:
        database: where sequences are recorded.
        sequences: are paused and resumed.
    """

    def __init__(self, database: Database, sequences: Sequences) -> None:
        self._database = database
        self._sequences = sequences

    async def run(self, stop: asyncio.Event) -> None:
        """Pause and resume until ``stop`` is set."""
        await poll(stop, self.look, "precedences wait")

    async def look(self) -> int:
        """Pause and resume what has to be, and return how many that were.

        Raises:
            TransientError: the database or Temporal is unavailable.
        """
        async with self._database.raw_transaction() as connection:
            out_of_turn = await repository.out_of_turn(connection)
        reason = PauseReason.HIGHER_PLAYBOOK
        messages: list[tuple[str, Message]] = [
            (
                sequence_id,
                Pause(_BY, reason, origin=_BY) if held else Resume(_BY, reason, origin=_BY),
            )
            for sequence_id, held in out_of_turn
        ]
        await self._sequences.send_to_each(messages)
        return len(messages)
