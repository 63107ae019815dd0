"""Use cases of pursuits: open, read, plan, and send them messages."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from pydantic import TypeAdapter

from budget_calendar import tables
from budget_calendar.calendars.inputs import get_municipality
from budget_calendar.calendars.service import Calendars
from budget_calendar.domain.budget_year.corrections import Correction
from budget_calendar.domain.goals import PursuitGoal, check_day, check_start
from budget_calendar.domain.municipality import Municipality
from budget_calendar.domain.pursuit import check_opening
from budget_calendar.domain.pursuit.commands import Message, ReviseGoal
from budget_calendar.domain.pursuit.state import Status
from budget_calendar.domain.routes.route import Route
from budget_calendar.pursuits import repository as pursuits
from budget_calendar.pursuits.client import PursuitWorkflows
from budget_calendar.pursuits.messages import OpenPursuit, PursuitStatus
from budget_calendar.pursuits.planning import routes_of, years_planned
from budget_calendar.pursuits.repository import ListedPursuit, PursuitFilter, StoredPursuit
from kakehashi_common.audit import Actor
from kakehashi_common.db import Database
from kakehashi_common.errors import ConflictError, NotFoundError
from kakehashi_common.http.idempotency import IdempotentRequest, IdempotentResults
from kakehashi_common.japanese_holidays import BUSINESS_DAYS
from kakehashi_common.temporal.updates import not_running

_results: Final = IdempotentResults(tables.idempotency_table, TypeAdapter(PursuitStatus))


class PursuitRequests:
    """Reads pursuits from the database, and changes them through Temporal.

    Args:
        database: where workflows record.
        calendars: to plan by.
        workflows: opens pursuits, and sends them messages.
    """

    def __init__(
        self, database: Database, calendars: Calendars, workflows: PursuitWorkflows
    ) -> None:
        self._database = database
        self._calendars = calendars
        self._workflows = workflows

    @property
    def today(self) -> date:
        """Return the day in Japan."""
        return self._calendars.today

    async def open(
        self, opening: OpenPursuit, actor: Actor, request: IdempotentRequest | None
    ) -> PursuitStatus:
        """Open a pursuit; the same again answers alike.

        Raises:
            NotFoundError: no such municipality.
            DomainError: the goal can't be pursued any more, or not yet, or the workflow would
                refuse its input; nothing has been started.
            ConflictError: another pursuit has or had that id.
            TransientError: Temporal is unavailable; nothing has been opened, or it opens later.
        """
        return await _results.done_elsewhere(
            self._database, request, lambda: self._open(opening, actor)
        )

    async def _open(self, opening: OpenPursuit, actor: Actor) -> PursuitStatus:
        # What made sense yesterday may not today: a repeated request got its answer before.
        async with self._database.transaction() as connection:
            check_opening(opening.pursuit_id, opening.owner)
            check_start(opening.goal, self.today)
            await get_municipality(connection, opening.code)
            stored = await pursuits.find(connection, opening.pursuit_id)
        if stored is not None and stored.state.status is Status.ENDED:
            raise ConflictError(
                f"pursuit {opening.pursuit_id} was there and has ended: take another id",
                code="pursuit_exists",
                field="/id",
            )
        return await self._workflows.open(opening, actor)

    async def ask(
        self, pursuit_id: str, message: Message, request: IdempotentRequest | None
    ) -> PursuitStatus:
        """Send a pursuit a message and return its status. The same request answers alike.

        Raises:
            NotFoundError: there is no such pursuit.
            DomainError: it makes no sense; nothing has changed.
            StateConflictError: it made sense once or will yet, but not as the pursuit stands.
            ConflictError: the pursuit has ended (``pursuit_ended``).
            TransientError: Temporal is unavailable, or no worker has answered in time.
            FaultError: the pursuit's workflow is stuck (``workflow_stuck``), or was ended by hand
                (``workflow_not_running``).
        """
        # Whoever asks twice at once, or again because the answer was lost, asks it once.
        request_id = None if request is None else request.identity
        return await _results.done_elsewhere(
            self._database, request, lambda: self._ask(pursuit_id, message, request_id)
        )

    async def _ask(
        self, pursuit_id: str, message: Message, request_id: str | None
    ) -> PursuitStatus:
        if isinstance(message, ReviseGoal):
            check_start(message.goal, self.today, "wanted_start")
        try:
            return await self._workflows.ask(pursuit_id, message, request_id)
        except NotFoundError:
            _, stored = await self.find(pursuit_id)
        if stored.state.status is Status.ENDED:
            raise ConflictError(
                f"pursuit {pursuit_id} has ended ({stored.state.ending}): open a new one",
                code="pursuit_ended",
            )
        raise not_running(
            f"pursuit {pursuit_id}",
            stored.state.status.value,
            fix="Trying again does not help; open another pursuit, or ask an operator to reset the "
            "workflow.",
        )

    async def find(self, pursuit_id: str) -> tuple[Municipality, StoredPursuit]:
        """Return one pursuit as last recorded, and its municipality.

        Raises:
            NotFoundError: there is no such pursuit.
        """
        async with self._database.transaction() as connection:
            stored = await pursuits.find(connection, pursuit_id)
            if stored is None:
                raise NotFoundError(f"there is no pursuit {pursuit_id}", field="pursuit_id")
            found = await get_municipality(connection, stored.state.municipality_code)
        return found.municipality, stored

    async def list_pursuits(
        self, wanted: PursuitFilter, *, after: str | None, limit: int
    ) -> list[ListedPursuit]:
        """Return pursuits that match, by id."""
        async with self._database.transaction() as connection:
            return await pursuits.list_pursuits(connection, wanted, after=after, limit=limit)

    async def plan(
        self, code: str, goal: PursuitGoal, as_of: date, assumptions: Sequence[Correction]
    ) -> tuple[Municipality, tuple[Route, ...]]:
        """Return every route to the money as of a day, if these dates held; store nothing.

        Raises:
            NotFoundError: no such municipality.
            DomainError: the day or the start is past or too far, or a date can't be assumed.
        """
        check_day(as_of, self.today, "as_of")
        check_start(goal, as_of)
        years = years_planned(goal, as_of)
        async with self._database.transaction() as connection:
            municipality = (await get_municipality(connection, code)).municipality
            if assumptions:
                calendars = await self._calendars.compute_calendars(
                    connection, code, years, assumptions
                )
            else:
                calendars = await self._calendars.list_calendars(connection, code, years)
            return municipality, await routes_of(
                connection, municipality, goal, calendars, as_of, BUSINESS_DAYS
            )
