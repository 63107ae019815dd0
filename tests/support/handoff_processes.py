"""Handoff as an operator runs it: real processes, on a database and topics of their own."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, ClassVar, Final

import asyncpg

from handoff import scopes
from handoff.settings import MIGRATIONS
from kakehashi_common import migrations
from kakehashi_common.cloudevents.codec import encode
from kakehashi_common.contracts.events import Event
from kakehashi_common.contracts.lead_scores import LeadQualified
from kakehashi_common.contracts.topics import LEAD_QUALIFIED
from kakehashi_common.runtime.issuer import Issuer
from tests.support.installations import Installation, installed
from tests.support.issuing import settings_of
from tests.support.waiting import eventually

SCOPES: Final = (
    scopes.READ,
    scopes.WRITE,
    scopes.WRITE_EVENTS,
    scopes.WRITE_POLICIES,
    scopes.WRITE_TEAMS,
)
_WORKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday")
HOURS: Final = {day: ["09:00-18:00"] for day in _WORKDAYS}
KIRYU: Final = "102032"
PURGE_SCHEDULE: Final = "purge-old-rows"


@dataclass
class HandoffInstallation(Installation):
    """One handoff: its database, its topics, its processes, its workflows."""

    package: ClassVar = "handoff"
    schedules: ClassVar = (PURGE_SCHEDULE,)
    reads: ClassVar = LEAD_QUALIFIED

    issuer: Issuer = field(kw_only=True)

    def own_settings(self) -> dict[str, str]:
        return super().own_settings() | settings_of(self.issuer)

    async def qualify(self, *qualifications: Event[LeadQualified]) -> None:
        """Publish qualifications as lead-scoring does."""
        records = [encode(event, key=event.data.lead_id) for event in qualifications]
        await self.broker.publish(self.topic(LEAD_QUALIFIED), records)

    async def call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, key: str | None = None
    ) -> dict[str, Any]:
        """Ask the API as `Installation.ask` does."""
        token = self.issuer.token("tester", list(SCOPES))
        return await self.ask(token, method, path, body, key)

    async def hire(self) -> None:
        """Enter a team with two in field sales and one in inside sales."""
        await self.call("PUT", "/teams/east", {"name": "東日本営業部", "hours": HOURS})
        for member_id, role in (
            ("fs-1", "field_sales"),
            ("fs-2", "field_sales"),
            ("is-1", "inside_sales"),
        ):
            member = {"team_id": "east", "name": "佐藤 花子", "roles": [role], "capacity": 5}
            await self.call("PUT", f"/members/{member_id}", member)

    async def handoff_of(self, lead_id: str, status: str) -> dict[str, Any]:
        """Wait until a lead's newest handoff is recorded with a status, and return it."""
        found: list[dict[str, Any]] = []

        async def stands() -> bool:
            with suppress(asyncpg.PostgresError, OSError):
                rows = await self.fetch(
                    "select handoff_id from handoff where lead_id = $1 and status = $2",
                    lead_id, status,
                )  # fmt: skip
                found[:] = [dict(row) for row in rows]
            return bool(found)

        await eventually(stands, within=120, what=f"{lead_id} is {status}", every=0.1)
        return await self.call("GET", f"/handoffs/{found[0]['handoff_id']}")


def qualified(lead_id: str, number: int = 1) -> Event[LeadQualified]:
    """A lead's ``number``-th qualification."""
    return Event(
        event_id=f"{lead_id}/qualified/{number}",
        source="//kakehashi/lead-scoring",
        occurred_at=datetime(2026, 11, 2, 1, number, tzinfo=UTC),
        data=LeadQualified.model_validate(
            {
                "lead_id": lead_id,
                "municipality_code": KIRYU,
                "fit": 80,
                "engagement": 70,
                "grade": "A1",
                "qualified_at": datetime(2026, 11, 2, 1, number, tzinfo=UTC),
                "qualification": number,
                "rule_set": "default",
                "rule_version": 1,
                "contributions": [],
            }
        ),
    )


def installation(
    issuer: Issuer, beside: Installation | None = None, **settings: str
) -> AbstractAsyncContextManager[HandoffInstallation]:
    """Install handoff; nothing runs yet.

    Args:
        issuer: whose tokens it accepts.
        beside: the service whose topics it shares; topics of its own if left out.
        settings: ``HANDOFF_…`` without the prefix, for every process.
    """
    return installed(
        partial(HandoffInstallation, issuer=issuer),
        lambda database: migrations.migrate(database, MIGRATIONS),
        settings,
        beside=beside,
    )
