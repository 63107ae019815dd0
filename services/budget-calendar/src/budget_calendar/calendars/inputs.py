"""Load the inputs of a municipality's calendars."""

from sqlalchemy.ext.asyncio import AsyncConnection

from budget_calendar.calendars import corrections, sessions
from budget_calendar.calendars.calculator import CalendarInputs
from budget_calendar.registry import repository as municipalities
from budget_calendar.registry.repository import Registered
from kakehashi_common.errors import NotFoundError


async def get_municipality(connection: AsyncConnection, code: str) -> Registered:
    """The municipality and the facts about it.

    Raises:
        NotFoundError: no such municipality.
    """
    found = await municipalities.find(connection, code)
    if found is None:
        raise NotFoundError(f"the registry has no municipality {code}", field="code")
    return found


async def load_inputs(connection: AsyncConnection, code: str) -> CalendarInputs:
    """Return the inputs of the municipality's calendars.

    Raises:
        NotFoundError: no such municipality.
    """
    found = await get_municipality(connection, code)
    return CalendarInputs(
        municipality=found.municipality,
        observed=await sessions.list_sessions(connection, code),
        corrections=tuple(
            each.correction
            for each in await corrections.list_corrections(connection, code)
            if each.withdrawn_at is None
        ),
        head_term_ends=found.facts.head_term_ends,
        year_round_session=found.facts.year_round_session,
    )
