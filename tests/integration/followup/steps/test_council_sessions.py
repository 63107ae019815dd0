"""A mail waits until the council of its recipient's municipality is no longer in session."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from followup.domain.send_policy.decision import Refused
from followup.domain.sequences.commands import RecordSent, RefuseStep, Schedule
from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.domain.business_time import JAPAN
from tests.support.budget_events import calendar_revised, milestone_near, phase_entered
from tests.support.followup_sending import MONDAY, Senders

IN_OCTOBER = datetime(2026, 10, 8, 0, 0, tzinfo=UTC)
LATER = IN_OCTOBER + timedelta(days=30)
NOW = MONDAY.astimezone(UTC)


def winter_session(
    opens: str = "2026-11-27", votes: str = "2026-12-11", *, code: str = "102032"
) -> Received[Any]:
    """Return what is announced in October of the session that Monday, 30 November lies in."""
    return milestone_near(
        "supplementary_request_deadline:4",
        "2026-10-20",
        at=IN_OCTOBER,
        session=(opens, votes),
        municipality_code=code,
    )


def moved(opens: str | None, votes: str | None, at: datetime = LATER) -> Received[Any]:
    return calendar_revised({"session_opens:4": opens, "session_vote:4": votes}, at=at)


def day(month: int, of_month: int) -> datetime:
    """Return when mail goes first on a day."""
    return datetime(2026, month, of_month, 9, tzinfo=JAPAN)


@pytest.mark.parametrize(
    ("said", "goes_at"),
    [
        pytest.param([], MONDAY, id="nothing is known"),
        pytest.param([winter_session()], day(12, 14), id="in session"),
        pytest.param([winter_session(votes="2026-11-30")], day(12, 1), id="the last day"),
        pytest.param([winter_session(votes="2026-11-29")], MONDAY, id="it is over"),
        pytest.param([winter_session(opens="2026-12-01")], MONDAY, id="it opens tomorrow"),
        pytest.param([winter_session(code="102024")], MONDAY, id="of another municipality"),
        pytest.param(
            [winter_session(), moved("2026-11-30", "2026-12-18")], day(12, 21), id="it ends later"
        ),
        pytest.param(
            [winter_session(), moved("2026-12-03", "2026-12-18")], MONDAY, id="it begins later"
        ),
        pytest.param([winter_session(), moved(None, None)], MONDAY, id="it fell away"),
        pytest.param(
            [moved("2026-11-30", "2026-12-18"), winter_session()],
            day(12, 21),
            id="what was said earlier comes later",
        ),
        pytest.param(
            [milestone_near("session_vote:4", "2026-12-11", at=LATER)],
            MONDAY,
            id="nobody says when it opened",
        ),
        pytest.param([moved("2026-12-11", "2026-11-27")], MONDAY, id="it ends before it opens"),
        pytest.param(
            [phase_entered("deliberation", at=NOW, ends="2026-12-11")],
            day(12, 14),
            id="the budget is deliberated",
        ),
    ],
)
async def test_a_mail_waits_until_the_session_is_over(
    senders: Senders, said: list[Received[Any]], goes_at: datetime
) -> None:
    [worker] = senders.workers
    await senders.contact("crm-1", "joho@x.example.jp", municipality_code="102032")
    for each in said:
        await worker.council_sessions.save([each])
    planned = await senders.plan(await senders.about_to_send("q-1", "crm-1"), worker)
    assert isinstance(planned, Schedule)
    assert planned.due_at == goes_at


@pytest.mark.parametrize(
    ("reason", "waits"),
    [
        ("before_deliberation", False),
        ("assessment_under_way", False),
        ("support_restoration", False),
        ("council_question", False),
        ("personnel_notice", False),
        ("enquiry", False),
        ("regular_value", True),
        ("price_interest", True),
    ],
)
async def test_only_what_is_meant_for_the_session_goes_in_it(
    senders: Senders, reason: str, *, waits: bool
) -> None:
    [worker] = senders.workers
    await senders.contact("crm-1", "joho@x.example.jp", municipality_code="102032")
    await worker.council_sessions.save([winter_session()])
    work = await senders.about_to_send("q-1", "crm-1", reason=reason)
    assert isinstance(await senders.send(work, worker), RefuseStep if waits else RecordSent)
    assert senders.got() == ([] if waits else ["joho@x.example.jp"])


async def test_a_member_of_the_council_gets_nothing_in_the_session(senders: Senders) -> None:
    [worker] = senders.workers
    await senders.contact("crm-1", "giin@x.example.jp", municipality_code="102032")
    async with worker.database.raw_transaction() as connection:
        await connection.execute(
            "insert into lead_field (lead_id, name, value, at, event_key, source) "
            "values ('crm-1', 'role', 'council', now(), gen_random_uuid(), 'test') "
            "on conflict (lead_id, name) do update set value = excluded.value"
        )
    await worker.council_sessions.save([winter_session()])
    work = await senders.about_to_send("q-1", "crm-1", reason="before_deliberation")
    assert isinstance(await senders.send(work, worker), RefuseStep)
    assert senders.got() == []


async def test_a_planned_mail_waits_longer_if_the_session_is_extended_and_says_so(
    senders: Senders,
) -> None:
    [worker] = senders.workers
    await senders.contact("crm-1", "joho@x.example.jp", municipality_code="102032")
    await worker.council_sessions.save([winter_session()])
    work = await senders.about_to_send("q-1", "crm-1")
    planned = await senders.plan(work, worker)
    assert isinstance(planned, Schedule)

    await worker.council_sessions.save([moved("2026-11-27", "2026-12-15")])
    senders.clock.instant = planned.due_at
    refused = await senders.send(work, worker)

    assert isinstance(refused, RefuseStep)
    assert (refused.reason, refused.until) == ("quiet_period", day(12, 16))
    assert senders.got() == []
    decisions = await worker.send_decisions.of_lead("crm-1")
    assert isinstance(decisions.now, Refused)
    why = decisions.now.detail.ja
    assert why.startswith("議会の会期中（11月27日〜12月15日）のため、送信を控えています。")
    assert refused.why == why
    assert planned.why.startswith("議会の会期中（11月27日〜12月11日）のため、送信を控えています。")
    assert sorted(each.text.ja for each in decisions.earlier) == sorted([why, planned.why])

    senders.clock.instant = day(12, 16)
    assert isinstance(await senders.send(work, worker), RecordSent)


@pytest.mark.parametrize(
    ("reason", "waits"),
    [("personnel_notice", False), ("before_deliberation", False), ("regular_value", True)],
)
async def test_what_is_meant_for_late_march_goes_before_the_transfers(
    senders: Senders, reason: str, *, waits: bool
) -> None:
    [worker] = senders.workers
    await senders.contact("crm-1", "joho@x.example.jp")
    senders.clock.instant = datetime(2027, 3, 16, 10, tzinfo=JAPAN)
    planned = await senders.plan(await senders.about_to_send("q-1", "crm-1", reason=reason), worker)
    assert isinstance(planned, Schedule)
    goes_at = datetime(2027, 4, 1, 9, tzinfo=JAPAN) if waits else senders.clock.instant
    assert planned.due_at == goes_at
