"""Successors: sellers who do the work of one who has left, as a deputy does for a while."""

from followup.sellers import repository
from followup.sellers.repository import Seller
from kakehashi_common.db import RawConnection


async def working(
    connection: RawConnection, seller_id: str | None, default_owner: str | None
) -> Seller | None:
    """Return who does a seller's work: they themselves if they work here.

    Else whoever approves for them, or for that one, and at last the default owner; ``None``: none
    of them works here, or nobody knows the seller.
    """
    asked: set[str] = set()
    while seller_id is not None and seller_id not in asked:
        seller = await repository.find(connection, seller_id)
        if seller is None:
            return None
        if seller.active:
            return seller
        asked.add(seller_id)
        seller_id = seller.approver
    default = None if default_owner is None else await repository.find(connection, default_owner)
    return default if default is not None and default.active else None
