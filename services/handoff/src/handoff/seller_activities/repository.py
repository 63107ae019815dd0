"""SQL for sellers' activities, with the step recognised from each."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, and_, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.tables import seller_activity as table
from kakehashi_common.contracts.seller_activities import SellerActivityRecorded
from kakehashi_common.filters import matching

_STATED: Final = tuple(SellerActivityRecorded.model_fields)


@dataclass(frozen=True, slots=True)
class Recognition:
    """The step of a handoff that was recognised from an activity."""

    handoff_id: str | None = None
    """``None``: no step was recognised."""
    recognised_as: str | None = None
    """The kind of fact."""
    refusal_code: str | None = None
    """The code with which the handoff refused it."""
    refusal: str | None = None


@dataclass(frozen=True, slots=True)
class StoredActivity:
    """An activity as it was recorded last."""

    recorded: SellerActivityRecorded
    at: datetime
    event_key: UUID
    """The identity of the event that said so."""
    recognition: Recognition | None = None
    """``None``: not examined yet."""


@dataclass(frozen=True, slots=True)
class ActivityFilter:
    """Selects activities; ``None`` matches all."""

    member_id: str | None = None
    lead_id: str | None = None
    deal_id: str | None = None


async def save(connection: AsyncConnection, activity: StoredActivity) -> None:
    """Store an activity, or correct the one that is stored, unless its event was seen before.

    A corrected activity is examined again.
    """
    values = activity.recorded.model_dump(mode="python") | {
        "at": activity.at,
        "event_key": activity.event_key,
    }
    statement = insert(table).values(
        values | {"event_keys": [activity.event_key], "examined": False}
    )
    new = statement.excluded
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=[table.c.activity_id],
            set_={name: new[name] for name in values if name != "activity_id"}
            | {"event_keys": table.c.event_keys.op("||")(new.event_keys)}
            | dict.fromkeys(("handoff_id", "recognised_as", "refusal_code", "refusal"))
            | {"examined": False},
            where=~table.c.event_keys.contains(new.event_keys),
        )
    )


async def set_recognition(
    connection: AsyncConnection, activity: StoredActivity, found: Recognition
) -> None:
    """Store the step recognised from an activity, unless the activity was corrected in between."""
    await connection.execute(
        update(table)
        .where(
            table.c.activity_id == activity.recorded.activity_id,
            table.c.event_key == activity.event_key,
        )
        .values(
            examined=True,
            handoff_id=found.handoff_id,
            recognised_as=found.recognised_as,
            refusal_code=found.refusal_code,
            refusal=found.refusal,
        )
    )


async def unexamined(
    connection: AsyncConnection, activity_ids: Sequence[str]
) -> list[StoredActivity]:
    """Return those of these activities that have not been examined, in order of time."""
    query = (
        select(table)
        .where(table.c.activity_id.in_(activity_ids), ~table.c.examined)
        .order_by(table.c.at, table.c.activity_id)
    )
    return [_activity(row) for row in await connection.execute(query)]


async def list_activities(
    connection: AsyncConnection,
    wanted: ActivityFilter,
    *,
    before: tuple[datetime, str] | None,
    limit: int,
) -> list[StoredActivity]:
    """Return activities that match, the newest first, from the one behind ``before`` on."""
    query = select(table).where(*matching(table, **asdict(wanted)))
    if before is not None:
        at, activity_id = before
        query = query.where(
            or_(table.c.at < at, and_(table.c.at == at, table.c.activity_id > activity_id))
        )
    rows = await connection.execute(
        query.order_by(table.c.at.desc(), table.c.activity_id).limit(limit)
    )
    return [_activity(row) for row in rows]


def _activity(row: Row[Any]) -> StoredActivity:
    recorded = SellerActivityRecorded.model_validate({name: getattr(row, name) for name in _STATED})
    found = Recognition(row.handoff_id, row.recognised_as, row.refusal_code, row.refusal)
    return StoredActivity(recorded, row.at, row.event_key, found if row.examined else None)
