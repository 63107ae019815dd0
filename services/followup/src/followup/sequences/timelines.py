"""The timeline of a sequence: its history, and its remaining steps."""

from dataclasses import dataclass
from datetime import datetime

from followup.answer_rates import AnswerRates
from followup.contacts import repository as contacts
from followup.contacts.audience import as_audience
from followup.contents import chosen
from followup.contents.chosen import StepContent
from followup.domain.playbooks.ahead import PlannedStep
from followup.domain.playbooks.playbook import Playbook
from followup.domain.playbooks.walk import Office
from followup.domain.send_times.channel import likely_channels
from followup.domain.sequences.advancing import Script
from followup.domain.sequences.state import SequenceState
from followup.domain.sequences.timeline import planned, planned_sentence
from followup.playbooks.service import Playbooks
from followup.sequences import repository as sequences
from kakehashi_common.clock import Clock
from kakehashi_common.db import Database, driver_connection
from kakehashi_common.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class Timeline:
    """A sequence as last recorded, and its remaining steps."""

    state: SequenceState
    playbook: Playbook
    as_of: datetime
    planned: tuple[tuple[PlannedStep, str], ...]
    """Each step with its Japanese sentence."""
    contents: tuple[StepContent, ...]
    """The content that was chosen for the texts of its steps, in order."""


@dataclass(frozen=True, slots=True)
class Timelines:
    """Forecasts the remaining steps of sequences; reads only the database."""

    database: Database
    playbooks: Playbooks
    rates: AnswerRates
    office: Office
    clock: Clock

    async def timeline(self, sequence_id: str) -> Timeline:
        """Return the timeline of a sequence.

        Raises:
            NotFoundError: there is no such sequence.
            TransientError: the database is unavailable.
        """
        async with self.database.transaction() as connection:
            stored = await sequences.find(connection, sequence_id)
            if stored is None:
                raise NotFoundError(f"there is no sequence {sequence_id}", field="sequence_id")
            state = stored.state
            playbook = await self.playbooks.find(
                connection, state.playbook_id, state.playbook_version
            )
            raw = await driver_connection(connection)
            contact = await contacts.find(raw, state.lead_id)
            contents = await chosen.of_sequence(raw, sequence_id)
        playbook = playbook.for_size(as_audience(None, state.municipality_code).size_band)
        channels = {}
        if playbook.chooses_channels and contact is not None:
            channels = likely_channels(
                playbook,
                await self.rates.tallies(),
                role=contact.role or "",
                kind=state.reason,
                has_address=contact.email is not None,
            )
        script, now = Script(playbook, self.office), self.clock.now()
        steps = planned(state, script, now, channels)
        sentences = tuple((each, planned_sentence(each, script)) for each in steps)
        return Timeline(state, playbook, now, sentences, tuple(contents))
