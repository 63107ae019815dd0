"""Approvals as rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Select, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from followup.domain.approved_texts import placeholder, with_passages
from followup.domain.playbooks.templates import FillIn
from followup.tables import approval as table
from kakehashi_common.db import RawConnection, driver_connection
from kakehashi_common.filters import matching
from kakehashi_common.http.etags import digest


class ApprovalStatus(StrEnum):
    """The state of an approval."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    """The sequence went on or ended without it."""


@dataclass(frozen=True, slots=True)
class Approval:
    """The text that a step will send, and a person's decision on it."""

    approval_id: str
    sequence_id: str
    step_id: str
    lead_id: str
    municipality_code: str | None
    approver: str | None
    moved_from: str | None
    """The approver who is away and had it before."""
    status: ApprovalStatus
    subject: str
    text: str
    """As rendered."""
    fill_ins: tuple[FillIn, ...]
    """Passages that a person has to write before it may go: the text shows 【label】 there."""
    passages: Mapping[str, str]
    """The passages that they have written, by the name of the fill-in."""
    edited_subject: str | None
    edited_text: str | None
    """As a person has changed them; the originals stay."""
    changed_share: float | None
    """The share of the original that they changed, from 0 to 1; ``None``: nothing was changed."""
    requested_at: datetime
    expires_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    reason: str | None
    reminded_at: datetime | None = None
    """When somebody was reminded of it."""
    seen_digest: str | None = None
    """:attr:`text_digest` of the text that was approved; ``None``: not approved over the API."""
    recipient_lead_id: str | None = None
    """The person whom it addresses; ``None``: nobody, or it was stored before this was kept."""

    @property
    def text_digest(self) -> str:
        """A digest that changes with the text, but not with its fill-ins."""
        subject = self.subject if self.edited_subject is None else self.edited_subject
        text = self.text if self.edited_text is None else self.edited_text
        return digest(f"{subject}\n{text}".encode())

    @property
    def shown_subject(self) -> str:
        """The subject that goes."""
        subject = self.subject if self.edited_subject is None else self.edited_subject
        return with_passages(subject, self.fill_ins, self.passages)

    @property
    def shown_text(self) -> str:
        """The text that goes."""
        text = self.text if self.edited_text is None else self.edited_text
        return with_passages(text, self.fill_ins, self.passages)

    @property
    def unfilled(self) -> tuple[FillIn, ...]:
        """Passages that a person still has to write."""
        shown = self.shown_subject + self.shown_text
        return tuple(each for each in self.fill_ins if placeholder(each) in shown)


_NAMES: Final = ", ".join((*Approval.__slots__, "fill_in_names"))


@dataclass(frozen=True, slots=True)
class ApprovalFilter:
    """Selects approvals; ``None`` matches all."""

    status: ApprovalStatus | None = None
    approver: str | None = None
    sequence_id: str | None = None
    or_anybodys: bool = False
    """Also those without an approver, besides those of the given one."""


async def add(connection: AsyncConnection, approval: Approval) -> Approval:
    """Add an approval, and return it; one that is there already is left as it is."""
    values = {name: getattr(approval, name) for name in Approval.__slots__}
    values["fill_ins"] = [each.label for each in approval.fill_ins]
    values["fill_in_names"] = [each.name for each in approval.fill_ins]
    await connection.execute(insert(table).values(values).on_conflict_do_nothing())
    found = await find(await driver_connection(connection), approval.approval_id)
    return approval if found is None else found


async def find(connection: RawConnection, approval_id: str) -> Approval | None:
    """Return an approval."""
    row = await connection.fetchrow(
        f"select {_NAMES} from approval where approval_id = $1",  # noqa: S608 - our own columns
        approval_id,
    )
    return None if row is None else _approval(row)


async def held(connection: AsyncConnection, approval_id: str) -> Approval | None:
    """Return an approval, which nobody can erase or change until the transaction ends."""
    query = _stored().where(table.c.approval_id == approval_id).with_for_update()
    row = (await connection.execute(query)).mappings().first()
    return None if row is None else _approval(row)


async def locked(connection: AsyncConnection, approval_id: str) -> Approval | None:
    """Return a pending approval, which nobody else can change until the transaction ends."""
    query = _stored().where(
        table.c.approval_id == approval_id, table.c.status == ApprovalStatus.PENDING.value
    )
    row = (await connection.execute(query.with_for_update())).mappings().first()
    return None if row is None else _approval(row)


async def change(connection: AsyncConnection, approval_id: str, **values: Any) -> Approval | None:
    """Change a pending approval, and return it; ``None``: it is not pending any more."""
    changed = await connection.execute(
        update(table)
        .where(
            table.c.approval_id == approval_id,
            table.c.status == ApprovalStatus.PENDING.value,
        )
        .values(values)
        .returning(*_columns())
    )
    row = changed.mappings().first()
    return None if row is None else _approval(row)


async def untaken(
    connection: AsyncConnection, after: datetime, until: datetime, limit: int
) -> list[Approval]:
    """Return approvals that expire within a time and were not reminded of, in order."""
    query = _stored().where(
        table.c.status == ApprovalStatus.PENDING.value,
        table.c.expires_at > after,
        table.c.expires_at <= until,
        table.c.reminded_at.is_(None),
        table.c.edited_text.is_(None),
        table.c.passages == {},
    )
    query = query.order_by(table.c.expires_at, table.c.approval_id).limit(limit)
    return [_approval(row) for row in (await connection.execute(query)).mappings()]


async def move(connection: AsyncConnection, away: str, to: str | None) -> list[str]:
    """Give the pending approvals of somebody who is away to somebody else, and return their ids.

    ``moved_from`` names who had them first, whoever stood in for them and is away by now, too.
    """
    moved = await connection.scalars(
        update(table)
        .where(table.c.approver == away, table.c.status == ApprovalStatus.PENDING.value)
        .values(approver=to, moved_from=func.nullif(func.coalesce(table.c.moved_from, away), to))
        .returning(table.c.approval_id)
    )
    return list(moved)


async def decide(
    connection: AsyncConnection,
    approval_id: str,
    status: ApprovalStatus,
    at: datetime,
    *,
    by: str | None = None,
) -> None:
    """Record the decision on a pending approval."""
    await connection.execute(
        update(table)
        .where(table.c.approval_id == approval_id, table.c.status == ApprovalStatus.PENDING.value)
        .values(status=status.value, decided_at=at, decided_by=by)
    )


async def give_reason(connection: AsyncConnection, approval_id: str, reason: str) -> None:
    """Store the reason of a rejection, unless one is stored."""
    await connection.execute(
        update(table)
        .where(
            table.c.approval_id == approval_id,
            table.c.status == ApprovalStatus.REJECTED.value,
            table.c.reason.is_(None),
        )
        .values(reason=reason)
    )


async def withdraw_others(
    connection: AsyncConnection, sequence_id: str, at: datetime, *, but: str | None
) -> None:
    """Withdraw a sequence's pending approvals but one."""
    await connection.execute(
        update(table)
        .where(
            table.c.sequence_id == sequence_id,
            table.c.status == ApprovalStatus.PENDING.value,
            table.c.approval_id.is_distinct_from(but),
        )
        .values(status=ApprovalStatus.WITHDRAWN.value, decided_at=at)
    )


async def list_approvals(
    connection: AsyncConnection,
    wanted: ApprovalFilter,
    *,
    after: tuple[datetime, str] | None,
    limit: int,
) -> list[Approval]:
    """Return approvals that match, in the order in which they expire."""
    query = _stored().where(*matching(table, status=wanted.status, sequence_id=wanted.sequence_id))
    if wanted.approver is not None:
        theirs = table.c.approver == wanted.approver
        query = query.where(theirs | table.c.approver.is_(None) if wanted.or_anybodys else theirs)
    if after is not None:
        at, approval_id = after
        query = query.where(
            (table.c.expires_at > at)
            | ((table.c.expires_at == at) & (table.c.approval_id > approval_id))
        )
    query = query.order_by(table.c.expires_at, table.c.approval_id).limit(limit)
    return [_approval(row) for row in (await connection.execute(query)).mappings()]


def _columns() -> list[Any]:
    return [table.c[name] for name in _NAMES.split(", ")]


def _stored() -> Select[Any]:
    return select(*_columns())


def _approval(row: Any) -> Approval:
    values = dict(row)
    values["status"] = ApprovalStatus(values["status"])
    labels = values["fill_ins"]
    names = values.pop("fill_in_names") or labels  # one of before they had names
    values["fill_ins"] = tuple(map(FillIn, names, labels))
    return Approval(**values)
