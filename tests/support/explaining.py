"""PostgreSQL's plans of queries."""

from typing import Any, cast

from kakehashi_common.db import RawConnection


class Explaining:
    """A connection that explains queries instead of executing them."""

    def __init__(self, connection: RawConnection) -> None:
        self.connection = connection
        self.plan = ""

    @property
    def as_connection(self) -> RawConnection:
        """As a repository takes it."""
        return cast("RawConnection", self)

    async def fetch(self, query: str, *arguments: Any) -> list[Any]:
        """Keep the plan, and return nothing."""
        rows = await self.connection.fetch(f"explain {query}", *arguments)
        self.plan = "\n".join(row[0] for row in rows)
        return []
