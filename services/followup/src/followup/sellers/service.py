"""Use cases of sellers."""

from sqlalchemy.ext.asyncio import AsyncConnection

from followup import tables
from followup.domain.absences import SellerAbsence
from followup.sellers import repository
from followup.sellers.repository import Seller
from kakehashi_common.audit import Actor
from kakehashi_common.db import Database, driver_connection
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.errors import NotFoundError


async def check_delegate(connection: AsyncConnection, to: str, field: str = "to") -> None:
    """Check that work can be given to a seller.

    Raises:
        DomainError: there is no such seller, or they have left (``unknown_seller``).
    """
    seller = await repository.find(await driver_connection(connection), to)
    if seller is None or not seller.active:
        raise DomainError(
            f"there is no seller {to} who works here: name another",
            field=field,
            code="unknown_seller",
        )


def unknown_seller(seller_id: str | None, field: str = "owner") -> DomainError:
    """Return the error about a seller whom nobody has entered (``unknown_seller``)."""
    return DomainError(
        f"there is no seller {seller_id}: enter them first", field=field, code="unknown_seller"
    )


class Sellers:
    """Keeps who sells."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, seller: Seller, actor: Actor) -> Seller:
        """Store a seller; the change is audited, without the name and address.

        Raises:
            DomainError: whoever shall approve for them is unknown (``unknown_seller``).
            TransientError: the database is unavailable.
        """
        async with self._database.transaction() as connection:
            approver, raw = seller.approver, await driver_connection(connection)
            if approver is not None and (
                approver == seller.seller_id or await repository.find(raw, approver) is None
            ):
                raise unknown_seller(approver, "approver")
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
            TransientError: the database is unavailable.
        """
        async with self._database.raw_transaction() as connection:
            found = await repository.find(connection, seller_id)
        if found is None:
            raise NotFoundError(f"there is no seller {seller_id}", field="seller_id")
        return found

    async def list_sellers(self, *, after: str | None, limit: int) -> list[Seller]:
        """Return sellers by id.

        Raises:
            TransientError: the database is unavailable.
        """
        async with self._database.transaction() as connection:
            return await repository.list_sellers(connection, after=after, limit=limit)

    async def names(self) -> dict[str, str]:
        """Return the names of all sellers, by id.

        Raises:
            TransientError: the database is unavailable.
        """
        async with self._database.transaction() as connection:
            return await repository.names(connection)

    async def put_absence(self, absence: SellerAbsence, actor: Actor) -> None:
        """Enter or replace an absence; it is audited.

        Raises:
            DomainError: the deputy is nobody else who works here (``unknown_seller``).
            NotFoundError: there is no such seller.
            TransientError: the database is unavailable.
        """
        await self.find(absence.seller_id)
        async with self._database.transaction() as connection:
            if absence.deputy is not None:
                raw = await driver_connection(connection)
                deputy = await repository.find(raw, absence.deputy)
                if deputy is None or not deputy.active or deputy.seller_id == absence.seller_id:
                    raise DomainError(
                        f"{absence.deputy} is nobody else who works here: name another seller",
                        field="deputy",
                        code="unknown_seller",
                    )
            await repository.put_absence(connection, absence)
            await self._record(connection, actor, "put_absence", absence)

    async def absences(self, seller_id: str) -> list[SellerAbsence]:
        """Return a seller's absences, the earliest first.

        Raises:
            NotFoundError: there is no such seller.
            TransientError: the database is unavailable.
        """
        await self.find(seller_id)
        async with self._database.transaction() as connection:
            return await repository.absences(connection, seller_id)

    async def delete_absence(self, seller_id: str, absence_id: str, actor: Actor) -> None:
        """Delete an absence; one that isn't there is deleted already.

        Raises:
            TransientError: the database is unavailable.
        """
        async with self._database.transaction() as connection:
            deleted = await repository.delete_absence(connection, seller_id, absence_id)
            if deleted is not None:
                await self._record(connection, actor, "delete_absence", deleted)

    async def _record(
        self, connection: AsyncConnection, actor: Actor, what: str, absence: SellerAbsence
    ) -> None:
        shown = {
            "starts": absence.absence.starts.isoformat(),
            "ends": absence.ends.isoformat(),
            "deputy": absence.deputy,
        }
        await actor.record(
            connection,
            tables.audit_table,
            what,
            f"seller/{absence.seller_id}/absence/{absence.absence_id}",
            before=shown if what == "delete_absence" else None,
            after=None if what == "delete_absence" else shown,
        )
