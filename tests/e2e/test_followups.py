"""A contact followed up by real processes, whose worker is killed at each step: one mail, once."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Final

import dkim
import httpx
import pytest
import pytest_asyncio

from followup.domain.playbooks.checks import Limits
from followup.playbooks.service import Playbooks
from kakehashi_common.db import Database
from tests.support import stack
from tests.support.dkim_keys import publishing
from tests.support.followup_api import WEBHOOK_SECRET
from tests.support.followup_examples import ACTOR, TELLING
from tests.support.followup_processes import PUBLIC_URL, FollowupInstallation, installation
from tests.support.handoff_receivers import Receiver, receiver
from tests.support.installations import Process
from tests.support.issuing import issuing
from tests.support.waiting import eventually

pytestmark = pytest.mark.timeout(600)  # processes start again and again, and activities time out

PLACES: Final = {
    "answered": "102032",
    "opted-out": "102016",
    "entering": "102024",
    "preparing": "102041",
    "awaiting": "102059",
    "planning": "102067",
    "claiming": "102075",
    "handed-over": "102083",
    "taken": "102091",
    "settled": "102105",
    "posting": "102113",
    "posted": "102121",
    "calling": "103446",
}
"""A municipality for each contact: no cap on mails to one is met."""


@pytest_asyncio.fixture(scope="module")
async def told() -> AsyncIterator[Receiver]:
    """The system that webhooks are posted to."""
    async with receiver() as made:
        yield made


@pytest_asyncio.fixture(scope="module")
async def installed(told: Receiver) -> AsyncIterator[FollowupInstallation]:
    """All processes, started once."""
    crm = json.dumps({"crm": {"url": told.url, "secrets": [WEBHOOK_SECRET]}})
    async with (
        issuing() as issuer,
        installation(issuer, WEBHOOKS__ENDPOINTS=crm, WEBHOOKS__HTTP_TO_LOCALHOST="true") as made,
    ):
        database = Database(made.database, application="tests")
        try:
            limits = Limits(hooks=frozenset({"crm"}))
            await Playbooks(database, limits).publish(TELLING, ACTOR)
        finally:
            await database.close()
        await made.start("api", "consumer", "worker")
        await made.hire()
        yield made


async def approve(installed: FollowupInstallation, sequence: dict[str, Any]) -> None:
    """Write what a person has to write, and let the mail go."""
    path = f"/approvals/{sequence['approval_id']}"
    shown = await installed.call("GET", path)
    text = shown["text"].replace("【相手に合わせた一文】", "先日はありがとうございました。")
    await installed.call("PUT", f"{path}/text", {"subject": shown["subject"], "text": text})
    await installed.call("POST", f"{path}/approve", {"by": "s-1"}, key=path)


async def mailed(installed: FollowupInstallation, name: str) -> bytes:
    """The mail that a contact gets, from the reason to write to the mail server."""
    address = await installed.introduce(name, PLACES[name])
    await installed.give_reason(name)
    await approve(installed, await installed.sequence_of(name, "awaiting_approval"))
    await installed.happened(name, "sent")
    [mail] = installed.mails_to(address)
    return mail


def read(mail: bytes) -> EmailMessage:
    message = message_from_bytes(mail, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


async def test_from_a_reason_to_a_signed_mail_whose_answer_stops_the_sequence(
    installed: FollowupInstallation,
) -> None:
    mail = await mailed(installed, "answered")

    settings = stack.environment()
    company = settings["FOLLOWUP_SENDER__COMPANY"]
    assert read(mail)["Subject"] == f"ごあいさつ（{company}）"
    assert all(len(line) <= 998 and line.isascii() for line in mail.split(b"\r\n"))
    signature = dkim.DKIM(mail)
    published = publishing(
        Path(settings["FOLLOWUP_DELIVERY__DKIM_KEY_FILE"]),
        settings["FOLLOWUP_DELIVERY__DKIM_DOMAIN"],
        settings["FOLLOWUP_DELIVERY__DKIM_SELECTOR"],
    )
    assert signature.verify(dnsfunc=published)
    assert {b"subject", b"list-unsubscribe", b"list-unsubscribe-post"} <= set(
        signature.include_headers
    )

    installed.answer(mail, "資料を拝見しました。一度お話を伺えますか。")
    stopped = await installed.sequence_of("answered", "stopped")
    assert stopped["end_reason"] == "ご返信"


async def test_the_link_of_the_mail_opts_out_by_one_post(installed: FollowupInstallation) -> None:
    mail = read(await mailed(installed, "opted-out"))
    link = str(mail["List-Unsubscribe"]).split(">")[0].lstrip("<")
    body = dict([str(mail["List-Unsubscribe-Post"]).split("=")])
    api = next(each for each in installed.processes if each.name == "api")
    async with httpx.AsyncClient(timeout=60) as anybody:
        link = link.replace(PUBLIC_URL, api.address)
        assert (await anybody.get(link)).status_code == 200
        shown = await installed.sequence_of("opted-out", "resting")
        assert (await anybody.post(link, data=body)).status_code == 200
    stopped = await installed.sequence_of("opted-out", "stopped")
    assert (stopped["sequence_id"], stopped["end_reason"]) == (shown["sequence_id"], "opted_out")


# The worker is killed.

SENT: Final = ["started", "approval_requested", "approved", "scheduled", "sent"]


async def test_killed_while_an_entry_is_recorded(installed: FollowupInstallation) -> None:
    address = await installed.introduce("entering", PLACES["entering"])
    async with killed_where(installed, "lock table sequence in share mode"):
        await installed.give_reason("entering")
    await approve(installed, await installed.sequence_of("entering", "awaiting_approval"))
    await sent_once(installed, "entering", address)


async def test_killed_while_the_approval_is_prepared(installed: FollowupInstallation) -> None:
    address = await installed.introduce("preparing", PLACES["preparing"])
    async with killed_where(installed, "lock table fact_sheet_figure"):
        await installed.give_reason("preparing")
    await approve(installed, await installed.sequence_of("preparing", "awaiting_approval"))
    approvals = await installed.fetch("select from approval where lead_id = 'preparing'")
    assert len(approvals) == 1
    await sent_once(installed, "preparing", address)


async def test_away_while_somebody_approves(installed: FollowupInstallation) -> None:
    address = await installed.introduce("awaiting", PLACES["awaiting"])
    await installed.give_reason("awaiting")
    sequence = await installed.sequence_of("awaiting", "awaiting_approval")
    worker(installed).kill()
    installed.launch("worker")
    await approve(installed, sequence)
    await sent_once(installed, "awaiting", address)


@pytest.mark.parametrize(
    ("name", "where"),
    [("planning", "lock table sending_pause"), ("claiming", "lock table mail_domain")],
)
async def test_killed_before_the_mail_goes(
    installed: FollowupInstallation, name: str, where: str
) -> None:
    address = await installed.introduce(name, PLACES[name])
    await installed.give_reason(name)
    sequence = await installed.sequence_of(name, "awaiting_approval")
    async with killed_where(installed, where):
        approving = asyncio.ensure_future(approve(installed, sequence))
    await approving
    await sent_once(installed, name, address)


@pytest.mark.parametrize("name", ["handed-over", "taken"])
async def test_killed_when_nobody_can_tell_whether_the_mail_was_taken(
    installed: FollowupInstallation, name: str
) -> None:
    """It is handed over, and either no answer has come or none was written down."""
    address = await installed.introduce(name, PLACES[name])
    await installed.give_reason(name)
    sequence = await installed.sequence_of(name, "awaiting_approval")
    installed.box.to_messages.append("hold")
    approving = asyncio.ensure_future(approve(installed, sequence))
    await eventually(lambda: bool(installed.mails_to(address)), within=120, what="the mail")
    if name == "taken":
        async with killed_where(installed, "lock table mail_attempt in share mode"):
            installed.box.release()
    else:
        worker(installed).kill()
        installed.box.release()
        installed.launch("worker")

    await approving
    assert (await installed.facts(name))[-1] == "refused"
    # A quarter of an hour later it would be unknown; nothing but a word of somebody settles it.
    await installed.fetch("update mail_attempt set state = 'unknown' where state = 'sending'")
    [mail] = installed.mails_to(address)
    fate = {"message_id": str(read(mail)["Message-ID"]), "was_sent": True}
    await installed.call("POST", "/unknown-mails/settle", fate)
    for what in ("pause", "resume"):  # has it look again now
        await installed.call("POST", f"/sequences/{sequence['sequence_id']}/{what}", {"by": "s-1"})
    await installed.happened(name, "sent")
    assert (await installed.facts(name)).count("sent") == 1
    assert len(installed.mails_to(address)) == 1
    assert (await installed.sequence_of(name, "resting"))["step_id"] == "reaction"


async def test_killed_between_the_settled_mail_and_its_record(
    installed: FollowupInstallation,
) -> None:
    address = await installed.introduce("settled", PLACES["settled"])
    await installed.give_reason("settled")
    sequence = await installed.sequence_of("settled", "awaiting_approval")
    installed.box.to_messages.append("hold")
    approving = asyncio.ensure_future(approve(installed, sequence))
    await eventually(lambda: bool(installed.mails_to(address)), within=120, what="the mail")
    async with killed_where(installed, "lock table sequence_fact in share mode"):
        installed.box.release()
    await approving
    await sent_once(installed, "settled", address)


@pytest.mark.parametrize("name", ["posting", "posted"])
async def test_killed_while_a_webhook_is_posted(
    installed: FollowupInstallation, told: Receiver, name: str
) -> None:
    """No answer has come, or none was written down: the receiver sees the same id again."""
    await installed.introduce(name, PLACES[name])
    if name == "posted":
        async with killed_where(installed, "lock table webhook_call in share mode"):
            await installed.give_reason(name, "first_contact")
    else:
        answer, told.answer = told.answer, lambda _: None
        try:
            await installed.give_reason(name, "first_contact")
            await eventually(lambda: bool(ids_of(told, name)), within=120, what="the webhook")
            worker(installed).kill()
        finally:
            told.answer = answer
        installed.launch("worker")

    assert (await installed.sequence_of(name, "awaiting_task"))["step_id"] == "call"
    assert (await installed.facts(name)).count("sent") == 1
    ids = ids_of(told, name)
    assert len(ids) > 1
    assert len(set(ids)) == 1


async def test_away_while_somebody_does_a_task(installed: FollowupInstallation) -> None:
    await installed.introduce("calling", PLACES["calling"])
    await installed.give_reason("calling", "first_contact")
    task = (await installed.sequence_of("calling", "awaiting_task"))["task_id"]
    worker(installed).kill()
    installed.launch("worker")
    await installed.call("POST", f"/tasks/{task}/complete", {"by": "s-1"}, key=task)
    await installed.sequence_of("calling", "completed")
    assert (await installed.facts("calling"))[-3:] == ["task_opened", "task_completed", "completed"]


def ids_of(told: Receiver, lead_id: str) -> list[str]:
    """The ``webhook-id`` of each message about a lead, as they came."""
    return [
        each.headers["webhook-id"]
        for each in told.posted
        if json.loads(each.body)["data"]["lead_id"] == lead_id
    ]


async def sent_once(installed: FollowupInstallation, name: str, address: str) -> None:
    """Wait until the step is done: once, by one mail, and the next one is reached."""
    await installed.happened(name, "sent")
    assert await installed.facts(name) == SENT
    assert len(installed.mails_to(address)) == 1
    assert (await installed.sequence_of(name, "resting"))["step_id"] == "reaction"


def worker(installed: FollowupInstallation) -> Process:
    """The worker that was started last."""
    return next(each for each in reversed(installed.processes) if each.name == "worker")


@asynccontextmanager
async def killed_where(installed: FollowupInstallation, lock: str) -> AsyncIterator[None]:
    """Do something, kill the worker where it waits for a lock, and start another one."""
    connection = await installed.connect()
    try:
        async with connection.transaction():
            await connection.execute(lock)
            yield
            await eventually(lambda: waits(installed), within=120, what=lock, every=0.1)
            worker(installed).kill()
    finally:
        await connection.close()
    installed.launch("worker")


async def waits(installed: FollowupInstallation) -> bool:
    """Whether the worker waits for a lock."""
    return bool(
        await installed.fetch(
            "select from pg_stat_activity where datname = current_database() "
            "and wait_event_type = 'Lock' and application_name = 'followup/worker'"
        )
    )
