"""Permission to decide on an approval: its holder, or whoever stands in for them."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from followup.approvals.repository import Approval
from followup.domain.absences import stand_in
from followup.sellers import repository as sellers
from kakehashi_common.db import driver_connection


async def may_decide(
    connection: AsyncConnection, approval: Approval, by: str, now: datetime
) -> bool:
    """Whether somebody may let something go, or not.

    That is a seller who works here: whoever holds the approval or held it before an absence, who
    stands in for the holder while they are away, and who approves for the holder. What nobody
    holds, or somebody who has left, any of them may decide.
    """
    raw = await driver_connection(connection)
    deciding = await sellers.find(raw, by)
    if deciding is None or not deciding.active:
        return False
    if approval.approver is None or by in {approval.approver, approval.moved_from}:
        return True
    holder = await sellers.find(raw, approval.approver)
    if holder is None or not holder.active or holder.approver == by:
        return True
    away = await sellers.away(connection, now)
    absence = away.get(holder.seller_id)
    return absence is not None and stand_in(absence, away) == by
