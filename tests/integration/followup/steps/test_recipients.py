"""The recipient of a step is decided when its text is made, and nobody takes their place."""

import email
import email.policy
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

import pytest

from followup.approvals import repository as approvals
from followup.container import Container
from followup.domain.consents.suppression import (
    Cause,
    Channel,
    Scope,
    Suppression,
    SuppressionKey,
)
from followup.domain.playbooks.steps import MailStep, Recipient
from followup.domain.sequences.commands import (
    OpenTask,
    RecordSent,
    RefuseStep,
    RequestApproval,
    Schedule,
)
from followup.sequences.messages import StepWork
from followup.texts.recipients import recipient_of
from kakehashi_common.domain.errors import DomainError
from tests.support.followup_examples import ACTOR
from tests.support.followup_sending import MONDAY, PLAYBOOK, Senders

DEPARTMENT, OTHER = "デジタル推進課", "水道課"
PEOPLE: Mapping[str, Mapping[str, str]] = {
    "crm-5": {},
    "crm-6": {"role": "officer"},
    "crm-7": {"role": "finance"},
    "crm-3": {"role": "manager"},
    "crm-1": {"role": "manager", "department": OTHER},
    "crm-9": {"role": "officer", "department": OTHER},
    "crm-2": {"role": "officer"},
    "crm-4": {"role": "officer", "municipality_code": "102016"},
    "crm-0": {"role": "head"},
}


async def known(senders: Senders, *lead_ids: str) -> None:
    for each in lead_ids:
        await senders.contact(each, f"{each}@city.kiryu.example.jp", **PEOPLE[each])


async def meant(senders: Senders, to: Recipient, lead_id: str = "crm-5") -> str:
    """Return whom a step turns to, or why to nobody."""
    step = MailStep(id="hello", template="hello", to=to)
    try:
        async with senders.database.raw_transaction() as connection:
            return (await recipient_of(connection, lead_id, step)).lead_id
    except DomainError as error:
        return error.code


@pytest.mark.parametrize(
    ("to", "also_known", "recipient"),
    [
        (Recipient.CONTACT, [*PEOPLE], "crm-5"),
        (Recipient.MANAGER, [*PEOPLE], "crm-3"),
        (Recipient.MANAGER, ["crm-1", "crm-6"], "no_such_person"),
        (Recipient.COLLEAGUE, [*PEOPLE], "crm-2"),
        (Recipient.COLLEAGUE, ["crm-7", "crm-9"], "crm-7"),
        (Recipient.COLLEAGUE, ["crm-3", "crm-0"], "no_such_person"),
        (Recipient.COLLEAGUE, ["crm-9", "crm-4"], "no_such_person"),
        (Recipient.MANAGER, [], "no_such_person"),
    ],
)
async def test_a_step_turns_to_somebody_of_the_department_or_to_nobody(
    senders: Senders, to: Recipient, also_known: list[str], recipient: str
) -> None:
    await known(senders, "crm-5", *also_known)
    assert await meant(senders, to) == recipient


async def test_a_contact_without_department_has_no_colleague_and_no_superior(
    senders: Senders,
) -> None:
    await known(senders, "crm-5", "crm-3", "crm-6")
    async with senders.database.raw_transaction() as connection:
        await connection.execute("delete from lead_field where name = 'department'")
    for to in (Recipient.COLLEAGUE, Recipient.MANAGER):
        assert await meant(senders, to) == "no_such_person"


TO_A_COLLEAGUE = PLAYBOOK.replace("id: news\nname", "id: colleague\nname").replace(
    "approval: none", "approval: required, to: colleague"
)
NEWER = "crm-2"
"""Somebody who comes to the department later, with a smaller id than the addressee's."""


async def approved(senders: Senders) -> StepWork:
    """Have a sequence stand at a mail that was approved for a colleague, ``crm-6``."""
    worker = senders.workers[0]
    await worker.playbooks.publish(TO_A_COLLEAGUE, ACTOR)
    await known(senders, "crm-5")
    await senders.contact("crm-6", "yosan@city.kiryu.example.jp", person_name="田中 一郎")
    work = await senders.about_to_send("q-1", "crm-5", playbook_id="colleague")
    asked = (await worker.sequence_activities.prepare_step(work)).result
    assert isinstance(asked, RequestApproval)
    async with worker.database.raw_transaction() as connection:
        await connection.execute("update approval set status = 'approved'")
        approval = await approvals.find(connection, asked.approval_id)
    assert approval is not None
    assert approval.recipient_lead_id == "crm-6"
    await senders.contact(NEWER, "new@city.kiryu.example.jp", person_name="鈴木 次郎")
    assert await meant(senders, Recipient.COLLEAGUE) == NEWER
    return replace(work, approval_id=asked.approval_id)


async def test_an_approved_mail_goes_to_whom_it_addresses_though_somebody_else_has_come(
    senders: Senders,
) -> None:
    work, activities = await approved(senders), senders.workers[0].sequence_activities
    assert isinstance((await activities.plan_step(work)).result, Schedule)
    assert isinstance((await activities.send_step(work)).result, RecordSent)
    assert senders.got() == ["yosan@city.kiryu.example.jp"]
    message = email.message_from_bytes(senders.box.messages[0], policy=email.policy.default)
    plain = message.get_body(("plain",))
    assert plain is not None
    assert "田中 一郎" in plain.get_content()


async def erased(worker: Container) -> None:
    await worker.personal_data.erase("crm-6", ACTOR)


async def opted_out(worker: Container) -> None:
    key = SuppressionKey(Scope.PERSON, "crm-6")
    await worker.consents.suppress(Suppression(key, Cause.OPT_OUT, Channel.API, MONDAY), ACTOR)


async def without_address(worker: Container) -> None:
    async with worker.database.raw_transaction() as connection:
        await connection.execute(
            "update lead_field set value = null where lead_id = 'crm-6' and name = 'email'"
        )


async def approval_gone(worker: Container) -> None:
    async with worker.database.raw_transaction() as connection:
        await connection.execute("delete from approval")


async def nobody_known_for_it(worker: Container) -> None:
    """As an approval is that was requested before its recipient was kept."""
    async with worker.database.raw_transaction() as connection:
        await connection.execute("update approval set recipient_lead_id = null")


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (erased, "erased_contact"),
        (opted_out, "suppressed"),
        (without_address, "no_address"),
        (approval_gone, "approval_gone"),
        (nobody_known_for_it, "recipient_unknown"),
    ],
)
async def test_a_mail_whose_recipient_is_gone_is_refused_and_goes_to_nobody_else(
    senders: Senders, happens: Callable[[Container], Awaitable[None]], reason: str
) -> None:
    work, worker = await approved(senders), senders.workers[0]
    await happens(worker)
    for do in (worker.sequence_activities.plan_step, worker.sequence_activities.send_step):
        refused = (await do(work)).result
        assert isinstance(refused, RefuseStep)
        assert (refused.reason, refused.until) == (reason, None)
    assert senders.got() == []


CALL_A_COLLEAGUE = (
    TO_A_COLLEAGUE.partition("templates:")[0]
    + """steps:
  - {id: news, kind: call_task, title: お電話, to: colleague, due_business_days: 2}
"""
)


async def nothing(_: Container) -> None:
    """Leave everything as it is."""


@pytest.mark.parametrize("approval", ["none", "required"])
@pytest.mark.parametrize(
    ("happens", "reason"),
    [(nothing, None), (opted_out, "suppressed"), (erased, "no_such_person")],
)
async def test_a_task_without_a_text_is_not_asked_for_about_a_colleague_who_wants_no_contact(
    senders: Senders,
    happens: Callable[[Container], Awaitable[None]],
    reason: str | None,
    approval: str,
) -> None:
    worker = senders.workers[0]
    await worker.playbooks.publish(
        CALL_A_COLLEAGUE.replace("to: colleague", f"to: colleague, approval: {approval}"), ACTOR
    )
    await known(senders, "crm-5", "crm-6")
    work = await senders.about_to_send("q-1", "crm-5", playbook_id="colleague")
    await happens(worker)
    result = (await worker.sequence_activities.prepare_step(work)).result
    if reason is not None:
        assert isinstance(result, RefuseStep)
        assert (result.reason, result.until) == (reason, None)
        return
    assert isinstance(result, RequestApproval if approval == "required" else OpenTask)
    table = "approval" if approval == "required" else "task"
    async with worker.database.raw_transaction() as connection:
        found = await connection.fetchval(f"select recipient_lead_id from {table}")  # noqa: S608 - our own
    assert found == "crm-6"


async def test_a_mail_without_approval_is_tried_again_with_whom_it_was_tried_first(
    senders: Senders,
) -> None:
    worker = senders.workers[0]
    await worker.playbooks.publish(TO_A_COLLEAGUE.replace("required", "none"), ACTOR)
    await known(senders, "crm-5", "crm-6")
    work = await senders.about_to_send("q-1", "crm-5", playbook_id="colleague")
    senders.box.to_messages = ["451 4.3.0 try again later"]
    assert isinstance((await worker.sequence_activities.send_step(work)).result, RefuseStep)
    await known(senders, NEWER)
    senders.later(minutes=20)
    assert isinstance((await worker.sequence_activities.send_step(work)).result, RecordSent)
    assert senders.got() == ["crm-6@city.kiryu.example.jp"] * 2, "each attempt"
