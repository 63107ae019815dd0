"""Use cases of sellers."""

from followup import tables
from followup.sellers import repository
from followup.sellers.repository import Seller
from kakehashi_common.audit import Actor
from kakehashi_common.db import Database
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.errors import NotFoundError


class Sellers:
    """Keeps who sells."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, seller: Seller, actor: Actor) -> Seller:
        """Store a seller; the change is audited, without the name and address.

        Raises:
            DomainError: whoever shall approve for them is unknown (``unknown_seller``).
            TransientError: the database is away.
        """
        async with self._database.transaction() as connection:
            approver = seller.approver
            if approver is not None and (
                approver == seller.seller_id or await repository.find(connection, approver) is None
            ):
                raise DomainError(
                    f"there is no seller {approver}: enter them first",
                    field="approver",
                    code="unknown_seller",
                )
            await repository.put(connection, seller)
            await actor.record(
                connection,
                tables.audit_table,
                "put_seller",
                f"seller/{seller.seller_id}",
                after={"active": seller.active, "approver": seller.approver},
            )
        return seller

    async def find(self, seller_id: str) -> Seller:
        """Return a seller.

        Raises:
            NotFoundError: there is no such seller.
            TransientError: the database is away.
        """
        async with self._database.transaction() as connection:
            found = await repository.find(connection, seller_id)
        if found is None:
            raise NotFoundError(f"there is no seller {seller_id}", field="seller_id")
        return found

    async def list_sellers(self, *, after: str | None, limit: int) -> list[Seller]:
        """Return sellers by id.

        Raises:
            TransientError: the database is away.
        """
        async with self._database.transaction() as connection:
            return await repository.list_sellers(connection, after=after, limit=limit)
