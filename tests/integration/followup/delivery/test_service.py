"""Mails through a real mail server and a real database: each goes at most once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from followup.delivery import ledger
from followup.delivery.mails import MailOrigin, OutgoingMail
from followup.delivery.sending import Mailer
from followup.delivery.service import Deliveries
from followup.delivery.unknown import UnknownMails
from followup.domain.delivery.attempts import LONGEST_ATTEMPT, PRESUMED_SENT_AFTER
from followup.domain.delivery.envelope_senders import EnvelopeSenders
from followup.domain.delivery.outcome import Fate, Outcome
from followup.domain.message_ids import message_id
from kakehashi_common.clock import FixedClock
from kakehashi_common.db import Database, RawConnection
from kakehashi_common.domain.business_time import JAPAN
from kakehashi_common.domain.errors import DomainError, StateConflictError
from kakehashi_common.errors import NotFoundError
from kakehashi_common.mail.settings import MailSettings
from tests.support.followup_examples import ACTOR
from tests.support.mail_servers import MailServer, mail_server
from tests.support.outgoing_mails import MAIL, SENDERS, outgoing
from tests.support.waiting import eventually

ORIGIN = MailOrigin("s-1", "first", "crm-1")
MONDAY = datetime(2026, 11, 30, 10, 0, tzinfo=JAPAN)


async def allowed(_: RawConnection) -> None:
    return None


@dataclass
class Scene:
    database: Database
    server: MailServer
    clock: FixedClock = field(default_factory=lambda: FixedClock(MONDAY))
    pace: timedelta = timedelta(0)
    envelope_senders: EnvelopeSenders | None = None
    went: list[tuple[str, datetime]] = field(default_factory=list)
    """Of which mails it was noted that they went."""

    def worker(self, **options: Any) -> Deliveries:
        """Another process."""
        settings = MailSettings(
            host="127.0.0.1",
            port=self.server.port,
            security="none",
            sender="bounces@mail.example.jp",
            timeout_seconds=5,
        )
        mailer = Mailer(settings, **{"answer_seconds": 0.3} | options)
        return Deliveries(
            self.database, mailer, [], self.pace, self.clock, self.note, self.envelope_senders
        )

    async def note(self, _connection: RawConnection, lead_id: str, at: datetime) -> None:
        self.went.append((lead_id, at))

    async def deliver(self, mail: OutgoingMail = MAIL, allow: Any = allowed) -> Outcome:
        worker = self.worker()
        async with self.database.raw_transaction() as connection:
            known = await worker.known(connection, mail.message_id, ORIGIN.lead_id)
        return known or await worker.deliver(mail, ORIGIN, allow=allow)

    async def states(self) -> list[tuple[str, int]]:
        async with self.database.raw_transaction() as connection:
            rows = await connection.fetch("select state, number from mail_attempt order by 1")
        return [(row["state"], row["number"]) for row in rows]


@pytest_asyncio.fixture
async def scene(followup_database: Database) -> AsyncIterator[Scene]:
    async with mail_server() as server:
        yield Scene(followup_database, server)


async def test_a_mail_that_went_is_not_sent_again(scene: Scene) -> None:
    first = await scene.deliver()
    assert first.fate == Fate.ACCEPTED
    assert await scene.deliver() == first
    assert len(scene.server.messages) == 1
    assert await scene.states() == [("accepted", 1)]
    assert scene.went == [("crm-1", MONDAY)]


async def test_a_deferred_mail_is_sent_again_under_its_message_id(scene: Scene) -> None:
    scene.server.to_messages = ["451 4.7.1 greylisted"]
    deferred = await scene.deliver()
    assert (deferred.fate, deferred.is_greylisted) == (Fate.DEFERRED, True)
    assert await scene.states() == [("deferred", 1)]
    assert (await scene.deliver()).fate == Fate.ACCEPTED
    assert await scene.states() == [("accepted", 2)]
    assert all(MAIL.message_id.encode() in each for each in scene.server.messages)


async def test_all_mails_have_the_envelope_sender_of_the_settings(scene: Scene) -> None:
    await scene.deliver()
    assert scene.server.senders == ["bounces@mail.example.jp"]


async def test_a_mail_has_an_envelope_sender_of_its_own_however_often_it_is_sent(
    scene: Scene,
) -> None:
    scene.envelope_senders = SENDERS
    scene.server.to_messages = ["451 4.7.1 greylisted"]
    for _ in range(2):
        await scene.deliver()
    other = message_id("s-2", "first", "mail.example.jp")
    await scene.deliver(outgoing(message_id=other))
    of_mail, of_other = SENDERS.of(MAIL.message_id), SENDERS.of(other)
    assert scene.server.senders == [of_mail, of_mail, of_other]
    assert of_mail != of_other


async def test_a_server_that_refuses_the_envelope_sender_defers_the_mail(scene: Scene) -> None:
    scene.envelope_senders = SENDERS
    scene.server.to_senders = ["553 5.7.1 not your address"]
    assert (await scene.deliver()).fate == Fate.DEFERRED
    assert scene.server.messages == []


async def test_a_rejected_mail_is_not_tried_again(scene: Scene) -> None:
    scene.server.to_messages = ["554 5.7.1 no"]
    assert (await scene.deliver()).fate == Fate.REJECTED
    again = await scene.deliver()
    assert (again.fate, again.code, again.status) == (Fate.REJECTED, 554, "5.7.1")
    assert len(scene.server.messages) == 1


@pytest.mark.parametrize("answer", ["hang", "disconnect"])
async def test_an_unknown_mail_is_never_sent_again_and_counts_as_sent_after_a_day(
    scene: Scene, answer: str
) -> None:
    scene.server.to_messages = [answer]
    assert (await scene.deliver()).fate == Fate.UNKNOWN
    assert (await scene.deliver()).retry_at == MONDAY + PRESUMED_SENT_AFTER
    assert scene.went == []
    scene.clock.instant = MONDAY + PRESUMED_SENT_AFTER
    for _ in range(2):
        assert (await scene.deliver()).fate == Fate.ACCEPTED
    assert len(scene.server.messages) == 1
    assert scene.went == [("crm-1", MONDAY + PRESUMED_SENT_AFTER)]
    assert await scene.states() == [("accepted", 1)]


async def test_a_killed_process_leaves_its_mail_unknown(scene: Scene) -> None:
    scene.server.to_messages = ["hang"]
    killed = asyncio.create_task(
        scene.worker(answer_seconds=60).deliver(MAIL, ORIGIN, allow=allowed)
    )
    await eventually(lambda: scene.server.messages, what="the message arrived")
    killed.cancel()
    await asyncio.gather(killed, return_exceptions=True)
    under_way = await scene.deliver()
    assert (under_way.fate, under_way.retry_at) == (Fate.WITHHELD, MONDAY + LONGEST_ATTEMPT)
    scene.clock.instant = MONDAY + LONGEST_ATTEMPT
    assert (await scene.deliver()).fate == Fate.UNKNOWN
    assert len(scene.server.messages) == 1


async def test_a_person_settles_an_unknown_mail(scene: Scene) -> None:
    for was_sent, fate in ((True, Fate.ACCEPTED), (False, Fate.ACCEPTED)):
        mail = outgoing(message_id=f"<followup.{was_sent}@mail.example.jp>".lower())
        scene.server.to_messages = ["disconnect"]
        assert (await scene.deliver(mail)).fate == Fate.UNKNOWN
        async with scene.database.raw_transaction() as connection:
            assert await ledger.decide_unknown(
                connection, mail.message_id, was_sent=was_sent, now=MONDAY
            )
            assert not await ledger.decide_unknown(
                connection, mail.message_id, was_sent=not was_sent, now=MONDAY
            )
        assert (await scene.deliver(mail)).fate == fate
    assert len(scene.server.messages) == 3  # only what a person said had not gone went again


async def test_a_person_cannot_settle_a_mail_that_may_still_be_going(scene: Scene) -> None:
    scene.server.to_messages = ["hang"]
    sending = asyncio.create_task(
        scene.worker(answer_seconds=60).deliver(MAIL, ORIGIN, allow=allowed)
    )
    await eventually(lambda: scene.server.messages, what="the message arrived")
    mails = UnknownMails(scene.database, scene.clock, scene.note)
    assert await mails.list_mails(after=None, limit=10) == []
    with pytest.raises(StateConflictError, match="being sent"):
        await mails.settle(MAIL.message_id, ACTOR, was_sent=False)
    scene.clock.instant = MONDAY + LONGEST_ATTEMPT
    [unknown] = await mails.list_mails(after=None, limit=10)
    assert (unknown.message_id, unknown.lead_id) == (MAIL.message_id, "crm-1")
    await mails.settle(MAIL.message_id, ACTOR, was_sent=False)
    with pytest.raises(StateConflictError, match="is known"):
        await mails.settle(MAIL.message_id, ACTOR, was_sent=True)
    with pytest.raises(NotFoundError):
        await mails.settle("<nobody@mail.example.jp>", ACTOR, was_sent=True)
    scene.server.disconnect_all()
    assert (await sending).fate == Fate.UNKNOWN
    assert await scene.states() == [("deferred", 1)], "a late process changes nothing"
    assert (await scene.deliver()).fate == Fate.ACCEPTED


async def test_a_mail_that_refers_to_it_proves_that_it_went(scene: Scene) -> None:
    scene.server.to_messages = ["disconnect"]
    await scene.deliver()
    async with scene.database.raw_transaction() as connection:
        assert await ledger.confirm(connection, [MAIL.message_id], MONDAY) == 1
        assert await ledger.confirm(connection, [MAIL.message_id], MONDAY) == 0
        assert await ledger.step_of(connection, MAIL.message_id) == ("s-1", "first")
    assert (await scene.deliver()).fate == Fate.ACCEPTED


async def test_several_workers_send_one_mail_once(scene: Scene) -> None:
    outcomes = await asyncio.gather(*(scene.deliver() for _ in range(8)))
    assert len(scene.server.messages) == 1
    assert {each.fate for each in outcomes} <= {Fate.ACCEPTED, Fate.WITHHELD}


async def test_what_is_not_allowed_in_the_transaction_is_withheld(scene: Scene) -> None:
    refused = Outcome(Fate.WITHHELD, "opted out")

    async def opted_out(connection: RawConnection) -> Outcome | None:
        found = await connection.fetchval("select 1")
        return refused if found else None

    assert await scene.deliver(allow=opted_out) == refused
    assert (scene.server.messages, await scene.states()) == ([], [])


async def test_mails_to_one_domain_go_apart_over_all_processes(scene: Scene) -> None:
    scene.pace = timedelta(seconds=10)
    mails = [outgoing(message_id=f"<followup.{number}@mail.example.jp>") for number in range(3)]
    elsewhere = outgoing(
        message_id="<followup.9@mail.example.jp>", recipient_address="a@other.example.jp"
    )
    outcomes = [await scene.deliver(each) for each in (*mails, elsewhere)]
    assert [each.fate for each in outcomes] == [
        Fate.ACCEPTED,
        Fate.WITHHELD,
        Fate.WITHHELD,
        Fate.ACCEPTED,
    ]
    assert [each.retry_at for each in outcomes[1:3]] == [
        MONDAY + timedelta(seconds=10),
        MONDAY + timedelta(seconds=20),
    ]
    scene.clock.instant = MONDAY + timedelta(seconds=10)
    assert (await scene.deliver(mails[2])).retry_at == MONDAY + timedelta(seconds=20)
    assert (await scene.deliver(mails[1])).fate == Fate.ACCEPTED
    scene.clock.instant = MONDAY + timedelta(seconds=20)
    assert (await scene.deliver(mails[2])).fate == Fate.ACCEPTED


async def test_a_mail_that_must_not_go_never_reaches_the_server(scene: Scene) -> None:
    with pytest.raises(DomainError):
        await scene.deliver(outgoing(subject="a\r\nBcc: b@example.com"))
    assert (scene.server.connections, await scene.states()) == (0, [])
