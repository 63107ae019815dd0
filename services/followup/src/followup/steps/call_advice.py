"""Note with the task of a call when people in the contact's role are best called."""

from followup.answer_rates import AnswerRates
from followup.contacts import repository as contacts
from followup.domain.send_times.call_hours import call_hours
from followup.tasks import repository as tasks
from kakehashi_common.db import Database, driver_connection


class CallAdvice:
    """Says when to call.

    Args:
        database: where tasks are kept.
        rates: how often people were reached.
    """

    def __init__(self, database: Database, rates: AnswerRates) -> None:
        self._database = database
        self._rates = rates

    async def __call__(self, task_id: str) -> None:
        """Note with the open task of a call when to call, if the contact's role is known.

        Raises:
            TransientError: the database is unavailable.
        """
        calls = await self._rates.calls()
        async with self._database.transaction() as connection:
            task = await tasks.find(connection, task_id)
            if task is None or task.call_hours is not None:
                return
            raw = await driver_connection(connection)
            contact = await contacts.find(raw, task.recipient_lead_id or task.lead_id)
            if contact is not None and contact.role is not None:
                await tasks.advise(connection, task_id, call_hours(calls, contact.role))
