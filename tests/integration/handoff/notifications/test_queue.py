"""Notices are queued with the decision that they follow from."""

import pytest
import pytest_asyncio

from handoff.domain.handoff.effects import NotifyReason, Recipient
from handoff.domain.teams.members import Role
from handoff.notifications import repository
from tests.support.handoff_api import Service
from tests.support.handoff_notifications import MONDAY, enter, notice, open_handoff, queue


@pytest_asyncio.fixture
async def entered(service: Service) -> Service:
    await enter(service)
    return service


async def queued(service: Service) -> list[tuple[str, str | None, str | None, str]]:
    """Reason, member, webhook (none: mail) and state of everything queued."""
    rows = await service.fetch(
        "select reason, member_id, webhook_id, state from delivery "
        "join notification using (notification_id) order by delivery_id"
    )
    return [(row["reason"], row["member_id"], row["webhook_id"], row["state"]) for row in rows]


async def webhook(service: Service, webhook_id: str, *reasons: str, active: bool = True) -> None:
    async with service.database.raw_transaction() as connection:
        await connection.execute(
            "insert into webhook values ($1, 'https://example.jp', '{whsec_}', $2, $3)",
            webhook_id,
            list(reasons),
            active,
        )


async def test_each_notice_is_queued_once_for_its_member(entered: Service) -> None:
    state = await open_handoff(entered)
    told = notice(act_by=MONDAY), notice(reason=NotifyReason.OVERDUE, urgent=True)
    await queue(entered, state, *told)
    first = await queued(entered)
    await queue(entered, state, *told)
    assert (
        await queued(entered)
        == first
        == [
            ("assigned", "fs-1", None, "waiting"),
            ("overdue", "fs-1", None, "waiting"),
        ]
    )


async def test_what_is_rolled_back_with_its_decision_is_not_queued(entered: Service) -> None:
    state = await open_handoff(entered)
    connection = await entered.database.engine.connect()
    await repository.queue(connection, state, [("h-1/1/0", notice())], MONDAY)
    await connection.rollback()
    await connection.close()
    assert await queued(entered) == []


async def test_it_goes_to_every_active_webhook_that_takes_its_reason(entered: Service) -> None:
    state = await open_handoff(entered)
    await webhook(entered, "all")
    await webhook(entered, "some", "overdue", "assigned")
    await webhook(entered, "others", "overdue")
    await webhook(entered, "off", active=False)
    await queue(entered, state, notice())
    assert await queued(entered) == [
        ("assigned", "fs-1", None, "waiting"),
        ("assigned", "fs-1", "all", "pending"),
        ("assigned", "fs-1", "some", "pending"),
    ]


@pytest.mark.parametrize(
    ("recipient", "member_id", "of_role", "municipality_code", "found"),
    [
        (Recipient.MEMBER, "fs-1", None, "102032", "fs-1"),
        (Recipient.MEMBER, "left", None, "102032", "fs-lead"),
        (Recipient.SENDER, None, Role.INSIDE_SALES, "102032", "is-lead"),
        (Recipient.LEAD, None, Role.FIELD_SALES, "102032", "fs-lead"),
        (Recipient.MANAGER, "fs-1", Role.FIELD_SALES, None, "fs-manager"),
        (Recipient.MANAGER, "is-lead", Role.INSIDE_SALES, "102032", "is-lead"),
        # Nobody covers Hokkaido, and two teams could be meant by a role that nobody has.
        (Recipient.LEAD, None, Role.CUSTOMER_SUCCESS, "011002", None),
    ],
)
async def test_the_member_is_found_in_the_teams(
    entered: Service,
    recipient: Recipient,
    member_id: str | None,
    of_role: Role | None,
    municipality_code: str | None,
    found: str | None,
) -> None:
    left = {"team_id": "kanto", "name": "退職", "roles": ["field_sales"], "capacity": 0}
    await entered.put("/members/left", left | {"active": False})
    state = await open_handoff(entered, municipality_code=municipality_code)
    await queue(entered, state, notice("", recipient, member_id, of_role=of_role))
    assert [member for _, member, _, _ in await queued(entered)] == [found]
