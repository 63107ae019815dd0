"""Retention: old rows are purged, and those of open handoffs are kept."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from handoff.container import Container
from handoff.domain.handoff.remarks import RATING_OPEN
from handoff.maintenance.retention import Purged
from handoff.settings import HandoffSettings
from tests.support.handoff_api import NOW, Service

OPEN = None
"""In place of how many days ago a handoff has ended."""


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


async def handoff(service: Service, handoff_id: str, ended_days_ago: float | None) -> None:
    """A handoff of ten years ago, with one of everything that belongs to one."""
    ended = ended_days_ago is not OPEN
    await service.fetch(
        "insert into handoff (handoff_id, lead_id, from_role, to_role, version, status, is_open, "
        "complexity, requested_at, ended_at, state, updated_at) "
        "values ($1::text, 'lead-of-' || $1, 'inside_sales', 'field_sales', 2, $2, $3, 1, $4, $5, "
        "'{}', $4) returning 1",
        handoff_id,
        "closed" if ended else "recycled",
        not ended,
        days_ago(3650),
        None if ended_days_ago is None else days_ago(ended_days_ago),
    )
    for table, values in (
        ("handoff_fact", "1, 0, 'requested', requested_at, requested_at, 1, null, '{}'"),
        ("assignment", "1, requested_at, requested_at, '{}', 'fs-1', 'rotation', '[]', false"),
        ("packet", "1, '[]'"),
        ("packet_verdict", "'need', '', 'wrong', 'fs-1', requested_at, 'is-1', true"),
        ("readiness_snapshot", "1, 'requested', requested_at, '[]', '{}', '{}'"),
    ):
        row = f"insert into {table} select handoff_id, {values} from handoff where handoff_id = $1"  # noqa: S608
        await service.fetch(f"{row} returning 1", handoff_id)
    await notification(service, handoff_id, 3650)


async def notification(
    service: Service, handoff_id: str, made_days_ago: float, state: str = "delivered"
) -> None:
    notification_id, at = uuid4(), days_ago(made_days_ago)
    await service.fetch(
        "insert into notification (notification_id, handoff_id, recipient, reason, text, urgent, "
        "created_at) values ($1, $2, 'member', 'assigned', '', false, $3) returning 1",
        notification_id,
        handoff_id,
        at,
    )
    await service.fetch(
        "insert into delivery (notification_id, state, due_at, for_digest, attempts) "
        "values ($1, $2, $3, false, 1) returning 1",
        notification_id,
        state,
        at,
    )


async def deal(service: Service, deal_id: str, said_days_ago: float, **more: Any) -> None:
    values = {"lead_ids": [], "outcome": None} | more
    await service.fetch(
        "insert into deal (deal_id, said_at, event_key, stage, lead_ids, competitors, outcome) "
        "values ($1, $2, $3, 'interest', $4, '{}', $5) returning 1",
        deal_id,
        days_ago(said_days_ago),
        uuid4(),
        values["lead_ids"],
        values["outcome"],
    )


async def activity(service: Service, activity_id: str, at_days_ago: float, **more: str) -> None:
    await service.fetch(
        "insert into seller_activity (activity_id, at, member_id, role, kind, event_key, "
        "event_keys, examined, lead_id, handoff_id) "
        "values ($1, $2, 'fs-1', 'field_sales', 'call', $3, '{}', true, $4, $5) returning 1",
        activity_id,
        days_ago(at_days_ago),
        uuid4(),
        more.get("lead_id"),
        more.get("handoff_id"),
    )


async def lead(service: Service, lead_id: str, **heard_days_ago: float) -> None:
    """A lead with a name, first seen ten years ago."""
    heard = {name: days_ago(days) for name, days in heard_days_ago.items()}
    await service.fetch(
        "insert into lead (lead_id, first_seen_at, last_activity_at, scored_at) "
        "values ($1, $2, $3, $4) returning 1",
        lead_id,
        heard.get("first_seen_at", days_ago(3650)),
        heard.get("last_activity_at"),
        heard.get("scored_at"),
    )
    await service.fetch(
        "insert into lead_field values ($1, 'person_name', '田中 一郎', $2, $3, '') returning 1",
        lead_id,
        days_ago(3650),
        uuid4(),
    )


async def left(service: Service, table: str, column: str) -> list[str]:
    rows = await service.fetch(f"select {column} as it from {table} order by 1")  # noqa: S608
    return [row["it"] for row in rows]


async def test_a_handoff_goes_with_all_that_belongs_to_it_and_an_open_one_stays(
    service: Service,
) -> None:
    await handoff(service, "h-old", 1831)
    await handoff(service, "h-newer", 1829)
    await handoff(service, "h-open", OPEN)
    assert (await service.retention.apply()).handoffs == 1
    for table in ("handoff", "handoff_fact", "assignment", "packet", "packet_verdict"):
        assert await left(service, table, "handoff_id") == ["h-newer", "h-open"], table
    assert await left(service, "readiness_snapshot", "handoff_id") == ["h-newer", "h-open"]


async def test_a_delivered_notification_goes_once_its_handoff_has_ended(service: Service) -> None:
    await handoff(service, "h-open", OPEN)
    await handoff(service, "h-ended", 30)
    for days in (399, 401):
        await notification(service, "h-ended", days)
    for state in ("dead", "undeliverable", "pending"):
        await notification(service, "h-ended", 401, state)
    assert (await service.retention.apply()).notifications == 2
    rows = await service.fetch(
        "select handoff_id, state from notification join delivery using (notification_id) "
        "order by 1, 2"
    )
    assert [(row["handoff_id"], row["state"]) for row in rows] == [
        ("h-ended", "dead"),
        ("h-ended", "delivered"),
        ("h-ended", "pending"),
        ("h-ended", "undeliverable"),
        ("h-open", "delivered"),
    ]


async def test_a_deal_goes_unless_it_is_of_an_open_handoff(service: Service) -> None:
    await handoff(service, "h-open", OPEN)
    await handoff(service, "h-ended", 30)
    await deal(service, "d-old", 1831)
    await deal(service, "d-newer", 1829)
    await deal(service, "d-of-ended", 1831, lead_ids=["lead-of-h-ended"])
    await deal(service, "d-of-open", 1831, lead_ids=["lead-1", "lead-of-h-open"])
    assert (await service.retention.apply()).deals == 2
    assert await left(service, "deal", "deal_id") == ["d-newer", "d-of-open"]


async def test_a_sellers_activity_goes_unless_it_is_of_an_open_handoff(service: Service) -> None:
    await handoff(service, "h-open", OPEN)
    await handoff(service, "h-ended", 30)
    await activity(service, "a-old", 1831, lead_id="lead-of-h-ended", handoff_id="h-ended")
    await activity(service, "a-newer", 1829)
    await activity(service, "a-of-its-lead", 1831, lead_id="lead-of-h-open")
    await activity(service, "a-of-open", 1831, handoff_id="h-open")
    assert (await service.retention.apply()).seller_activities == 1
    assert await left(service, "seller_activity", "activity_id") == [
        "a-newer",
        "a-of-its-lead",
        "a-of-open",
    ]


async def test_a_lead_is_purged_when_no_event_came_and_nothing_is_open(
    service: Service,
) -> None:
    await handoff(service, "h-open", OPEN)
    await handoff(service, "h-ended", 30)
    await deal(service, "d-undecided", 30, lead_ids=["in-deal"])
    await deal(service, "d-won", 30, lead_ids=["won"], outcome="won")
    for lead_id in ("never", "lead-of-h-open", "lead-of-h-ended", "in-deal", "won"):
        await lead(service, lead_id)
    await lead(service, "active-long-ago", last_activity_at=801, scored_at=801)
    await lead(service, "active", last_activity_at=799, scored_at=900)
    await lead(service, "scored", last_activity_at=900, scored_at=799)
    await lead(service, "new", first_seen_at=1)
    assert (await service.retention.apply()).leads == 4
    kept = ["active", "in-deal", "lead-of-h-open", "new", "scored"]
    assert await left(service, "lead", "lead_id") == kept
    assert await left(service, "lead_field", "lead_id") == kept


async def test_keys_are_purged_after_a_day_and_the_audit_when_somebody_says_so(
    service: Service,
) -> None:
    await service.fetch(
        "insert into idempotency_key (subject, operation, key, request_digest, created_at) "
        "select '', '', hours::text, '', now() - hours * interval '1 hour' "
        "from unnest('{23, 25}'::int[]) as hours returning 1"
    )
    await service.fetch(
        "insert into audit (at, who, what, subject, origin) "
        "select now() - days * interval '1 day', '', '', '', '' "
        "from unnest('{899, 901}'::int[]) as days returning 1"
    )
    assert await service.retention.apply() == Purged(idempotency_keys=1)
    assert await left(service, "idempotency_key", "key") == ["23"]
    settings = service.settings.model_copy(update={"audit_retention": timedelta(days=900)})
    limited = Container(settings, service.database, service.clock)
    assert await limited.retention.apply() == Purged(audit_rows=1)


def test_a_handoff_is_kept_until_nothing_can_be_said_to_it() -> None:
    shortest = HandoffSettings.model_fields["handoff_retention"].metadata[0].ge
    assert shortest > RATING_OPEN
