"""Read the seller's calendar again before a text that offers times is made."""

from collections.abc import Awaitable, Callable

from followup.domain.playbooks.playbook import Playbook
from followup.domain.sequences.commands import Result
from followup.playbooks.templates import variables_of
from followup.sellers.free_slots import OwnCalendars
from followup.sequences.messages import StepWork


class WithFreshCalendar:
    """Does a step, once the calendar that its text needs was read.

    Args:
        calendars: of sellers.
        do: prepares or sends a step.
    """

    def __init__(
        self, calendars: OwnCalendars, do: Callable[[StepWork, Playbook], Awaitable[Result]]
    ) -> None:
        self._calendars = calendars
        self._do = do

    async def __call__(self, work: StepWork, playbook: Playbook) -> Result:
        """Do the step; that a calendar can't be read stops none.

        Raises:
            TransientError: the database is unavailable.
        """
        template = playbook.text_of(playbook.step(work.step_id), work.lead_id)
        offers = template is not None and "meeting_slots" in variables_of(template)
        if offers and work.owner is not None:
            await self._calendars.refresh(work.owner)
        return await self._do(work, playbook)
