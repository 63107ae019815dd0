"""Reasons are taken in once, no more than can be acted on, and say why not."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from followup.contacts import repository as contacts
from followup.domain.triggers.reasons import MOST_A_DAY, SetAside
from followup.triggers import repository
from followup.triggers.reasons import Reasons
from kakehashi_common.clock import FixedClock
from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.contracts.events import Label
from kakehashi_common.contracts.followup_triggers import ReasonArisen
from kakehashi_common.db import Database
from kakehashi_common.domain.reasons import Audience
from tests.support.received import received

NOW = datetime(2026, 12, 1, 3, tzinfo=UTC)
FLOOD = 1_000
KIRYU, CHIYODA = "102032", "131016"


@pytest.fixture
def installed(followup_database: Database) -> Database:
    return followup_database


@pytest.fixture
def reasons(installed: Database) -> Reasons:
    return Reasons(installed, FixedClock(NOW))


def arisen(event_id: str, **differences: Any) -> Received[Any]:
    values: dict[str, Any] = {
        "municipality_code": KIRYU,
        "reason": "before_request_deadline",
        "label": Label(ja="締切が近づいています。", en="The deadline is near."),
        "good_from": date(2026, 11, 25),
        "good_until": date(2026, 12, 11),
    }
    return received(ReasonArisen(**values | differences), NOW, event_id=event_id)


async def test_a_reason_is_kept_with_all_that_was_said(reasons: Reasons) -> None:
    audience = (Audience.OFFICER, Audience.FINANCE)
    await reasons.save_reasons([arisen("1", urgent=True, audience=audience, importance=3)])

    (stored,) = await reasons.good_today(municipality_code=KIRYU)

    assert stored.reason.kind == "before_request_deadline"
    assert stored.reason.label.ja == "締切が近づいています。"
    assert stored.reason.audience == frozenset(audience)
    assert (stored.reason.urgent, stored.reason.importance) == (True, 3)
    assert stored.occurred_at == NOW
    assert await reasons.good_today(municipality_code=CHIYODA) == []


async def test_the_same_reason_twice_is_kept_once(reasons: Reasons) -> None:
    batch = [arisen("1"), arisen("1"), arisen("2")]

    await reasons.save_reasons(batch)
    await reasons.save_reasons(batch)

    assert len(await reasons.good_today()) == 2
    assert (await reasons.today_at(KIRYU)).taken == 2


@pytest.mark.parametrize(
    ("differences", "cause"),
    [
        ({"good_until": date(2026, 11, 30)}, SetAside.STALE),
        (
            {"good_from": date(2030, 4, 1), "good_until": date(2030, 4, 30)},
            SetAside.TOO_FAR_AHEAD,
        ),
        ({"municipality_code": None, "lead_id": "nobody"}, SetAside.UNKNOWN_LEAD),
        ({"lead_id": "erased"}, SetAside.ERASED_LEAD),
        ({"municipality_code": None, "lead_id": "erased"}, SetAside.ERASED_LEAD),
    ],
)
async def test_a_reason_that_is_not_acted_on_is_kept_with_the_cause(
    reasons: Reasons, installed: Database, differences: dict[str, Any], cause: SetAside
) -> None:
    async with installed.raw_transaction() as connection:
        await contacts.erase(connection, ["erased"])

    await reasons.save_reasons([arisen("1", **differences)])

    assert await reasons.good_today() == []
    async with installed.raw_transaction() as connection:
        (stored,) = await repository.set_aside(connection, NOW - timedelta(days=3650))
    assert stored.set_aside is cause


async def test_a_known_lead_needs_no_municipality(reasons: Reasons, installed: Database) -> None:
    async with installed.raw_transaction() as connection:
        await contacts.save_leads(connection, ["crm-1"])

    await reasons.save_reasons([arisen("1", municipality_code=None, lead_id="crm-1")])

    (stored,) = await reasons.good_today(lead_id="crm-1")
    assert stored.reason.place == "crm-1"


async def test_a_flood_for_one_municipality_leaves_the_others_their_place(
    reasons: Reasons,
) -> None:
    flood = [arisen(str(n)) for n in range(FLOOD)]
    batches = [flood[start : start + 100] for start in range(0, FLOOD, 100)]

    await asyncio.gather(*map(reasons.save_reasons, batches))
    await reasons.save_reasons([arisen("other", municipality_code=CHIYODA)])

    day = await reasons.today_at(KIRYU)
    assert (day.taken, day.too_many) == (MOST_A_DAY, FLOOD - MOST_A_DAY)
    assert len(await reasons.good_today(municipality_code=KIRYU)) == MOST_A_DAY
    assert len(await reasons.good_today(municipality_code=CHIYODA)) == 1


async def test_the_most_important_reason_comes_first(reasons: Reasons) -> None:
    await reasons.save_reasons(
        [arisen("1", importance=1), arisen("3", importance=3), arisen("2", importance=2)]
    )

    found = await reasons.good_today()

    assert [each.reason.importance for each in found] == [3, 2, 1]


async def test_an_erased_persons_reasons_are_deleted(reasons: Reasons, installed: Database) -> None:
    await reasons.save_reasons([arisen("1", lead_id="crm-1"), arisen("2")])

    async with installed.raw_transaction() as connection:
        await repository.erase(connection, ["crm-1"])

    assert [each.reason.lead_id for each in await reasons.good_today()] == [None]


async def test_stale_reasons_are_purged(reasons: Reasons, installed: Database) -> None:
    await reasons.save_reasons([arisen("1"), arisen("2", good_until=date(2026, 12, 12))])

    async with installed.raw_transaction() as connection:
        purged = await repository.purge(connection, date(2026, 12, 12))

    assert purged == 1
    assert len(await reasons.good_today()) == 1


async def test_a_reason_is_pending_until_it_was_handled(
    reasons: Reasons, installed: Database
) -> None:
    later = {"good_from": date(2026, 12, 2)}
    await reasons.save_reasons([arisen("now"), arisen("later", **later)])

    async with installed.raw_transaction() as connection:
        (now,) = await repository.pending(connection, date(2026, 12, 1), 10)
        async with installed.raw_transaction() as other:
            assert await repository.pending(other, date(2026, 12, 1), 10) == []
        await repository.mark_handled(connection, [now.reason_id], NOW)

    async with installed.raw_transaction() as connection:
        assert await repository.pending(connection, date(2026, 12, 1), 10) == []
        assert len(await repository.pending(connection, date(2026, 12, 2), 10)) == 1
