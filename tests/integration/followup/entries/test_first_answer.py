"""An enquiry is answered by template: at once in office hours, else as the offices open."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import cached_property
from typing import Any

import pytest

from followup.container import Container
from followup.domain.send_policy.policy import SendPolicy
from followup.domain.sequences.commands import RefuseStep, Result, Schedule
from followup.playbooks.reading import shipped
from followup.sequences.messages import StepWork
from kakehashi_common.clock import TOKYO, FixedClock
from kakehashi_common.contracts.lead_events import ActivityRecorded
from kakehashi_common.domain.business_time import Absence, BusinessTime, Hours
from kakehashi_common.japanese_holidays import BUSINESS_DAYS
from tests.support.followup_api import Service
from tests.support.followup_examples import ACTOR, ENTRY, enter_everybody, introduce
from tests.support.received import received
from tests.support.waiting import eventually

NOBODYS = "shomu@city.kiryu.example.jp"
"""Of somebody of whom no consent is on record: who asks is answered."""


@dataclass(frozen=True)
class OpensSoon(SendPolicy):
    """Closed when it is made, and open from an hour later on."""

    opens: datetime = field(default_factory=lambda: datetime.now(UTC) + timedelta(hours=1))

    @cached_property
    def business_time(self) -> BusinessTime:
        closed = Absence(self.opens - timedelta(hours=2), self.opens)
        return BusinessTime(
            lambda _: True, dict.fromkeys(range(7), (Hours(time(), time()),)), [closed]
        )


class ClosedNow(Service):
    """An installation that is asked outside office hours."""

    @cached_property
    def send_policy(self) -> SendPolicy:
        return OpensSoon(BUSINESS_DAYS, quiet=())


@asynccontextmanager
async def closed_for_now(installed: Service) -> AsyncIterator[ClosedNow]:
    """Work in the same database, outside office hours."""
    await installed.fresh()
    made = ClosedNow(
        installed.settings,
        installed.database,
        issuer=installed.issuer,
        beside=installed.beside,
        box=installed.box,
    )
    made.temporal = installed.beside.client
    try:
        await enter_everybody(made)
        async with made.working():
            yield made
        await made.end()
    finally:
        await made.mails.mailer.close()
        await made.http.aclose()
        await made.verifier.close()


async def enquires(service: Service, **profile: str | None) -> dict[str, Any]:
    """Have somebody send an enquiry, and return their sequence."""
    await service.playbooks.publish(shipped()["enquiry"], ACTOR)
    await introduce(service, "crm-9", email=NOBODYS, **profile)
    asked = received(ActivityRecorded(lead_id="crm-9", kind="form_submitted"), service.clock.now())
    await service.behaviours.save_lead_events([asked])
    settings = service.settings.model_copy(update={"default_owner": "s-1"})
    with_owner = Container(settings, service.database)
    with_owner.sequences = service.sequences
    assert await with_owner.entries.look() == 1
    found = await service.call("GET", "/sequences", params={"lead_id": "crm-9"})
    [sequence] = found["items"]
    assert sequence["playbook_id"] == "enquiry"
    return dict(sequence)


async def planned(service: Service, sequence_id: str) -> datetime:
    """Wait until the answer is planned, by nobody's approval, and return for when."""

    async def facts() -> dict[str, Any]:
        shown = await service.call("GET", f"/sequences/{sequence_id}/history")
        return {each["kind"]: each["details"] for each in shown["items"]}

    async def scheduled() -> bool:
        return "scheduled" in await facts()

    await eventually(scheduled, what="the plan")
    known = await facts()
    assert "approval_requested" not in known
    return datetime.fromisoformat(known["scheduled"]["due_at"])


async def test_in_office_hours_the_answer_goes_at_once_without_approval_or_consent(
    at_work: Service,
) -> None:
    asked_at = at_work.clock.now()
    sequence = await enquires(at_work)
    assert asked_at <= await planned(at_work, sequence["sequence_id"]) <= at_work.clock.now()
    await eventually(lambda: at_work.box.recipients == [NOBODYS], what="the answer")

    async def tasks() -> list[dict[str, Any]]:
        shown = await at_work.call("GET", "/tasks", params={"lead_id": "crm-9"})
        return list(shown["items"])

    await eventually(tasks, what="the task behind it")
    [task] = await tasks()
    assert (task["kind"], task["owner"]) == ("call_task", "s-1")


@pytest.mark.parametrize("role", ["other", None])
async def test_who_has_no_role_is_answered_too(at_work: Service, role: str | None) -> None:
    sequence = await enquires(at_work, role=role)
    await planned(at_work, sequence["sequence_id"])
    await eventually(lambda: at_work.box.recipients == [NOBODYS], what="the answer")


async def test_who_got_a_mail_lately_is_answered_all_the_same(at_work: Service) -> None:
    async with at_work.database.raw_transaction() as connection:
        await connection.execute(
            "insert into mail_attempt (message_id, sequence_id, step_id, lead_id, organisation, "
            "seller_id, state, claimed_at) select 'earlier-' || n, 'earlier', 'first', 'crm-9', "
            "'102032', 's-1', 'accepted', $1 from generate_series(1, 60) n",
            at_work.clock.now(),
        )
    sequence = await enquires(at_work)
    assert await planned(at_work, sequence["sequence_id"]) <= at_work.clock.now()
    await eventually(lambda: at_work.box.recipients == [NOBODYS], what="the answer")


async def test_outside_office_hours_it_waits_until_the_offices_open(
    installed: Service,
) -> None:
    async with closed_for_now(installed) as service:
        policy = service.send_policy
        assert isinstance(policy, OpensSoon)
        sequence = await enquires(service)
        assert await planned(service, sequence["sequence_id"]) == policy.opens
        assert service.box.messages == []


@pytest.mark.parametrize(
    ("now", "goes"),
    [
        ("2026-11-30 10:00", "2026-11-30 10:00"),
        ("2026-11-30 12:20", "2026-11-30 13:00"),
        ("2026-11-30 18:00", "2026-12-01 09:00"),
        ("2026-12-05 10:00", "2026-12-07 09:00"),
        ("2026-12-31 10:00", "2027-01-04 09:00"),
        ("2027-03-17 10:00", "2027-03-17 10:00"),
    ],
)
async def test_when_the_answer_goes(at_work: Service, now: str, goes: str) -> None:
    await introduce(at_work, "crm-9", email=NOBODYS)
    planned = await plan(at_work, at(now))
    assert isinstance(planned, Schedule)
    assert planned.due_at == at(goes)


@pytest.mark.parametrize(
    "differences",
    [{"reason": "price_interest"}, {"in_reply_to": "<first@mail.example.jp>"}],
)
async def test_only_the_first_mail_to_who_asked_needs_no_consent(
    at_work: Service, differences: dict[str, str]
) -> None:
    await introduce(at_work, "crm-9", email=NOBODYS)
    refused = await plan(at_work, at("2026-11-30 10:00"), **differences)
    assert isinstance(refused, RefuseStep)
    assert refused.reason == "no_consent"


async def plan(service: Service, now: datetime, **differences: str) -> Result:
    """Plan the mail of the enquiry's playbook by the rules that ship."""
    entered = await service.call("POST", "/sequences", ENTRY | {"lead_id": "crm-9"})
    said: dict[str, Any] = {"reason": "enquiry", "in_reply_to": None, **differences}
    work = StepWork(
        sequence_id=entered["sequence_id"],
        playbook_id="enquiry",
        playbook_version=1,
        step_id="received",
        since=now,
        week=1,
        attempt=1,
        lead_id="crm-9",
        municipality_code="102032",
        owner="s-1",
        approval_id=None,
        **said,
    )
    await service.playbooks.publish(shipped()["enquiry"], ACTOR)
    delivery = service.settings.delivery.model_copy(update={"at_any_time": False})
    settings = service.settings.model_copy(update={"delivery": delivery})
    container = Container(settings, service.database, FixedClock(now))
    return (await container.sequence_activities.plan_step(work)).result


def at(text: str) -> datetime:
    """Return an instant in Japan."""
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO)
