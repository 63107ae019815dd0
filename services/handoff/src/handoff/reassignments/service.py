"""Take every open handoff from a member who leaves or is away."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.handoff.commands import NameFurtherOwner, Reassign
from handoff.domain.handoff.terms import ReassignReason
from handoff.domain.teams.members import Function
from handoff.handoffs.service import Handoffs
from handoff.teams import repository as teams
from handoff.teams.open_handoffs import OpenHandoff, open_handoffs
from kakehashi_common.db import Database
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.errors import FaultError, NotFoundError, PermanentError
from kakehashi_common.temporal.fan_out import for_each_workflow


class ReassignmentOutcome(StrEnum):
    """The result for one handoff."""

    REASSIGNED = "reassigned"
    REMOVED = "removed"
    """The member is no longer a further owner."""
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ReassignedHandoff:
    """A handoff and the result of reassigning it."""

    handoff_id: str
    outcome: ReassignmentOutcome
    function: Function | None = None
    """The function of which the member was a further owner; ``None``: was the owner."""
    status: str | None = None
    owner: str | None = None
    """Afterwards; ``None``: nobody has it yet."""
    code: str | None = None
    """Why it was refused."""
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Departure:
    """A member who leaves or is away, and who gets their handoffs."""

    member_id: str
    reason: ReassignReason
    to: str | None
    """``None``: the assignment decides about each."""
    by: str
    origin: str


class Reassignments:
    """Takes handoffs from a member, each by a message to its workflow.

    Args:
        database: where handoffs are recorded.
        handoffs: sends the messages.
    """

    def __init__(self, database: Database, handoffs: Handoffs) -> None:
        self._database = database
        self._handoffs = handoffs

    async def reassign(self, departure: Departure) -> list[ReassignedHandoff]:
        """Reassign every open handoff that the member owns, and end every further ownership.

        Sent again it goes on with what is left. One that refuses stops no other.

        Raises:
            NotFoundError: there is no such member.
            DomainError: the handoffs would go to the member (``already_the_owner``), or to somebody
                who isn't there (``unknown_member``).
            TransientError: Temporal is unavailable, or no worker has answered in time; some may be
                done.
        """
        member_id = departure.member_id
        async with self._database.transaction() as connection:
            await _check(connection, departure)
            found = {each.handoff_id: each for each in await open_handoffs(connection, member_id)}
        done: dict[str, list[ReassignedHandoff]] = {}

        async def take(handoff_id: str) -> None:
            done[handoff_id] = [
                await self._send(handoff_id, message, outcome)
                for message, outcome in _messages(found[handoff_id], departure)
            ]

        await for_each_workflow(found, take)
        return [each for handoff_id in found for each in done.get(handoff_id, ())]

    async def _send(
        self, handoff_id: str, message: Reassign | NameFurtherOwner, outcome: ReassignmentOutcome
    ) -> ReassignedHandoff:
        function = message.function if isinstance(message, NameFurtherOwner) else None
        try:
            status = await self._handoffs.send(handoff_id, message)
        except (DomainError, PermanentError) as error:
            return ReassignedHandoff(
                handoff_id,
                ReassignmentOutcome.REFUSED,
                function,
                code=error.code,
                detail=error.message,
            )
        except FaultError as error:
            return ReassignedHandoff(
                handoff_id,
                ReassignmentOutcome.REFUSED,
                function,
                code=error.code,
                detail=error.public,
            )
        return ReassignedHandoff(handoff_id, outcome, function, status.status, status.owner)


def _messages(
    found: OpenHandoff, departure: Departure
) -> Iterator[tuple[Reassign | NameFurtherOwner, ReassignmentOutcome]]:
    by, origin = departure.by, departure.origin
    if found.owned:
        yield (
            Reassign(by, departure.reason, departure.member_id, departure.to, origin=origin),
            ReassignmentOutcome.REASSIGNED,
        )
    for function in found.functions:
        yield NameFurtherOwner(by, function, None, origin=origin), ReassignmentOutcome.REMOVED


async def _check(connection: AsyncConnection, departure: Departure) -> None:
    member_id, to = departure.member_id, departure.to
    if await teams.member(connection, member_id) is None:
        raise NotFoundError(f"there is no member {member_id}", field="member_id")
    if to is None:
        return
    if to == member_id:
        raise DomainError(
            f"{to} is who leaves: name somebody else, or nobody, so that the assignment decides",
            field="to",
            code="already_the_owner",
        )
    receiver = await teams.member(connection, to)
    if receiver is None or not receiver.active:
        raise DomainError(
            f"no member {to} works here: name one who does, or nobody, so that the assignment "
            "decides",
            field="to",
            code="unknown_member",
        )
