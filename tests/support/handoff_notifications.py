"""A small organisation whose handoffs are notified of, and handoffs as rows."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from handoff.container import Container
from handoff.domain.handoff.effects import Notify, NotifyReason, Recipient
from handoff.domain.handoff.state import HandoffState
from handoff.notifications import repository
from kakehashi_common.clock import FixedClock
from kakehashi_common.settings import Group
from tests.support.handoff_api import Service
from tests.support.handoffs import IS_TO_FS, at

DAY = ["09:00-12:00", "13:00-18:00"]
HOURS = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), DAY)
MONDAY = at("2026-11-30 10:00")


async def enter(service: Service) -> None:
    """Inside sales with a lead; field sales of Gunma with a lead and a manager."""
    for team, name in (("inside", "内勤"), ("kanto", "関東営業部")):
        await service.put(f"/teams/{team}", {"name": name, "hours": HOURS})
    for member_id, team, role in (
        ("is-lead", "inside", "inside_sales"),
        ("fs-1", "kanto", "field_sales"),
        ("fs-lead", "kanto", "field_sales"),
        ("fs-manager", "kanto", "field_sales"),
    ):
        body = {"team_id": team, "name": f"佐藤 {member_id}", "roles": [role], "capacity": 10}
        await service.put(f"/members/{member_id}", body | {"email": f"{member_id}@example.jp"})
    await service.put("/teams/inside", {"name": "内勤", "hours": HOURS, "lead": "is-lead"})
    kanto = {"name": "関東営業部", "hours": HOURS, "lead": "fs-lead", "manager": "fs-manager"}
    await service.put("/teams/kanto", kanto)
    await service.put("/territories/gunma", {"team_id": "kanto", "prefectures": ["群馬県"]})


async def open_handoff(
    service: Service, handoff_id: str = "h-1", municipality_code: str | None = "102032"
) -> HandoffState:
    """Store a handoff that nobody has yet; 102032 is 桐生市 in Gunma."""
    state = HandoffState(
        handoff_id, f"lead-{handoff_id}", IS_TO_FS, MONDAY, municipality_code=municipality_code
    )
    async with service.database.raw_transaction() as connection:
        await connection.execute(
            "insert into handoff (handoff_id, lead_id, from_role, to_role, version, status, "
            "is_open, municipality_code, complexity, requested_at, state, updated_at) "
            "values ($1, $2, 'inside_sales', 'field_sales', 1, 'requested', true, $3, 1, $4, "
            "'{}', $4)",
            state.handoff_id,
            state.lead_id,
            municipality_code,
            MONDAY,
        )
    return state


def notice(
    text: str = "新しい引き継ぎがあります。",
    recipient: Recipient = Recipient.MEMBER,
    member_id: str | None = "fs-1",
    **differences: Any,
) -> Notify:
    """Return a notice to the one seller."""
    values: dict[str, Any] = {"reason": NotifyReason.ASSIGNED} | differences
    return Notify(recipient, values.pop("reason"), text, member_id, **values)


async def queue(
    service: Service,
    state: HandoffState,
    *notices: Notify,
    version: int = 1,
    at: datetime = MONDAY,
) -> None:
    """Queue notices as decisions do that follow each other quickly."""
    async with service.database.transaction() as connection:
        for number, each in enumerate(notices):
            then = at + timedelta(microseconds=number)
            effect_id = f"{state.handoff_id}/{version}/{number}"
            await repository.queue(connection, state, [(effect_id, each)], then)


def installation(service: Service, now: datetime, **settings: Group) -> Container:
    """Return the same installation with other settings, at a time that stands still."""
    changed = service.settings.model_copy(update=settings)
    return Container(changed, service.database, FixedClock(now))


def set_time(container: Container, now: datetime) -> None:
    """Let it be another time."""
    assert isinstance(container.clock, FixedClock)
    container.clock.instant = now


async def deliver(*containers: Container) -> None:
    """Let notifiers deliver at once what is due."""
    stop = asyncio.Event()
    await asyncio.gather(*(each.notifier.look(stop) for each in containers))
    await asyncio.gather(*(each.notifier.finish() for each in containers))


async def stand(service: Service) -> list[tuple[str, int, str | None]]:
    """State, attempts and error of every delivery, as they were queued."""
    rows = await service.fetch("select state, attempts, error from delivery order by delivery_id")
    return [(row["state"], row["attempts"], row["error"]) for row in rows]
