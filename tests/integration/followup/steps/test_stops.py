"""A stop comes before a mail goes, or finds it on its way; nothing lies between."""

import asyncio
import re
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, timedelta
from hashlib import sha256
from random import Random

import pytest
import pytest_asyncio

from followup.container import Container
from followup.domain.consents.consent import Basis, Consent
from followup.domain.consents.suppression import (
    Cause,
    Channel,
    Scope,
    Suppression,
    SuppressionKey,
)
from followup.domain.playbooks.steps import OccurrenceKind
from followup.domain.send_policy.pauses import Pause, PauseCause
from followup.domain.sequences.commands import RecordSent, RefuseStep
from followup.domain.sequences.state import Pausing
from followup.domain.sequences.terms import PauseReason, Status
from followup.inbox.maildir import ArrivedMail
from followup.occurrences import repository as occurrences
from followup.occurrences.repository import StoredOccurrence
from followup.sequences import repository as sequences
from followup.sequences.messages import RecordedDecision, RecordSequence, StepWork
from tests.support.followup_examples import ACTOR
from tests.support.followup_sending import MONDAY, PLAYBOOK, Senders
from tests.support.incoming_mails import mail
from tests.support.waiting import eventually

Stop = Callable[[Container, str], Awaitable[object]]
"""Done by a process to the contact and sequence of a number."""


def suppressed(scope: Scope, value: str, channel: Channel = Channel.API) -> Stop:
    async def stop(process: Container, number: str) -> None:
        key = SuppressionKey(scope, value.format(number))
        await process.consents.suppress(Suppression(key, Cause.OPT_OUT, channel, MONDAY), ACTOR)

    return stop


async def by_link(process: Container, number: str) -> None:
    await process.mails.opt_outs.opt_out(process.mails.unsubscribe_tokens.token(f"q-{number}"))


async def by_import(process: Container, number: str) -> None:
    keys = [SuppressionKey(Scope.ADDRESS, f"{each}@other.example.jp") for each in range(200)]
    keys.append(SuppressionKey(Scope.ADDRESS, f"joho@{number}.city.example.lg.jp"))
    rows = [Suppression(key, Cause.OPT_OUT, Channel.IMPORT, MONDAY) for key in keys]
    await process.consents.suppress_all(rows, ACTOR)


def paused(organisation: str | None) -> Stop:
    async def stop(process: Container, number: str) -> None:
        pause = Pause(PauseCause.SELLER, MONDAY - timedelta(days=1), None, organisation)
        await process.consents.pause(f"pause-{number}", pause, ACTOR)

    return stop


async def consent_ended(process: Container, number: str) -> None:
    ended = Consent(Basis.BUSINESS_CARD, MONDAY.date(), "名刺", MONDAY.date())
    await process.consents.record(
        f"joho@{number}.city.example.lg.jp", ended, ACTOR, page_refuses_advertising=False
    )


async def answered(process: Container, number: str) -> None:
    data = mail("検討します。", sender=f"joho@{number}.city.example.lg.jp")
    at = MONDAY.astimezone(UTC)
    await process.mails.incoming_mails.take(ArrivedMail(data, sha256(data).hexdigest(), at))


async def meeting_booked(process: Container, number: str) -> None:
    booked = StoredOccurrence(
        uuid.uuid4(), OccurrenceKind.MEETING_BOOKED, MONDAY, "lead-events-v1", f"crm-{number}"
    )
    async with process.database.raw_transaction() as connection:
        await occurrences.save(connection, [booked], MONDAY)


async def erased(process: Container, number: str) -> None:
    await process.personal_data.erase(f"crm-{number}", ACTOR)


async def sequence_stopped(process: Container, number: str) -> None:
    await record(process, number, is_stopped=True)


async def sequence_paused(process: Container, number: str) -> None:
    await record(process, number, is_stopped=False)


async def record(process: Container, number: str, *, is_stopped: bool) -> None:
    """Record what a sequence's workflow decided, as its activity does."""
    async with process.database.transaction() as connection:
        stored = await sequences.find(connection, f"q-{number}")
        assert stored is not None
        state = replace(stored.state, version=stored.state.version + 1)
        if is_stopped:
            state = replace(state, status=Status.STOPPED, ended_at=MONDAY, end_reason="answered")
        else:
            state = replace(state, pause=Pausing(MONDAY, PauseReason.PERSON, None))
        await sequences.put(connection, RecordedDecision(state, MONDAY, ()))


async def higher_playbook_entered(process: Container, number: str) -> None:
    """Have the contact be in a playbook of a higher priority, as its workflow records it."""
    urgent = PLAYBOOK.replace("id: news\n", "id: urgent-news\n").replace("y: 30", "y: 90")
    await process.playbooks.publish(urgent, ACTOR)
    async with process.database.transaction() as connection:
        stored = await sequences.find(connection, f"q-{number}")
    assert stored is not None
    begun = replace(stored.state, sequence_id=f"q-higher-{number}", playbook_id="urgent-news")
    decision = RecordedDecision(begun, MONDAY, ())
    await process.sequence_activities.record_sequence(
        RecordSequence(begun.sequence_id, (decision,))
    )


STOPS: Mapping[str, Stop] = {
    "opted out by link": by_link,
    "the person": suppressed(Scope.PERSON, "crm-{}"),
    "the address, by reply": suppressed(Scope.ADDRESS, "joho@{}.city.example.lg.jp", Channel.REPLY),
    "the domain above": suppressed(Scope.DOMAIN, "{}.city.example.lg.jp"),
    "in an import": by_import,
    "the consent ended": consent_ended,
    "an answer came in": answered,
    "a meeting was booked": meeting_booked,
    "the person was erased": erased,
    "the sequence was stopped": sequence_stopped,
    "the sequence was paused": sequence_paused,
}
ALL: Mapping[str, Stop] = {
    **STOPS,
    "the organisation": suppressed(Scope.ORGANISATION, "102032"),
    "sending to the organisation is paused": paused("102032"),
    "all sending is paused": paused(None),
    "a higher playbook was entered": higher_playbook_entered,
}


async def about_to_send(senders: Senders, number: str = "1") -> StepWork:
    await senders.contact(f"crm-{number}", f"Joho@{number}.city.example.lg.jp")
    return await senders.about_to_send(f"q-{number}", f"crm-{number}")


@pytest.mark.parametrize("name", ALL)
async def test_what_is_recorded_while_the_mail_is_being_made_stops_it(
    senders: Senders, name: str
) -> None:
    work, other = await about_to_send(senders), senders.worker()
    senders.box.before_recipient = lambda: ALL[name](other, "1")

    result = await senders.send(work, senders.workers[0])

    assert isinstance(result, RefuseStep)
    assert senders.got() == []


@pytest.mark.parametrize("name", ALL)
async def test_a_stop_waits_for_a_mail_that_is_being_let_go_and_holds_for_the_next(
    senders: Senders, name: str
) -> None:
    work, other = await about_to_send(senders), senders.worker()
    async with senders.database.raw_transaction() as holding:
        await holding.execute(  # the claim waits for its turn at the domain
            "insert into mail_domain (domain, next_turn_at) values ($1, $2)",
            "1.city.example.lg.jp",
            MONDAY,
        )
        sending = asyncio.create_task(senders.send(work, senders.workers[0]))
        await eventually(lambda: wait_for_locks(senders, 1), what="the claim waits")
        stopping = asyncio.ensure_future(ALL[name](other, "1"))
        await eventually(lambda: wait_for_locks(senders, 2), what="the stop waits")
    assert isinstance(await sending, RecordSent)
    await stopping
    assert senders.got() == ["Joho@1.city.example.lg.jp"]
    senders.later(days=7)
    again = replace(work, since=senders.clock.now())
    assert isinstance(await senders.send(again, other), RefuseStep)
    assert len(senders.got()) == 1


async def wait_for_locks(senders: Senders, many: int) -> bool:
    async with senders.database.raw_transaction() as connection:
        found: int = await connection.fetchval(
            "select count(*) from pg_stat_activity "
            "where datname = current_database() and wait_event_type = 'Lock'"
        )
    return found == many


@pytest_asyncio.fixture
async def watched(senders: Senders) -> AsyncIterator[Senders]:
    """Each stop notes, before it commits, which mails were on their way already."""
    statements = """
        create table stop_seen (what text, whom text, on_their_way text[]);
        create function note_stop() returns trigger language plpgsql as $$ begin
            insert into stop_seen values (tg_table_name, to_jsonb(new) ->> tg_argv[0], array(
                select sequence_id from mail_attempt where claimed_at is not null));
            return null;
        end $$;
    """
    tables = {
        "suppression": "value",
        "consent": "address",
        "incoming_mail": "about",
        "occurrence": "lead_id",
        "erased_lead": "lead_id",
        "sequence": "sequence_id",
    }
    async with senders.database.raw_transaction() as connection:
        await connection.execute(statements)
        for table, column in tables.items():
            await connection.execute(
                f"create trigger note_stop after insert or update on {table} "
                f"for each row execute function note_stop('{column}')"
            )
    yield senders
    async with senders.database.raw_transaction() as connection:
        await connection.execute("drop function note_stop cascade; drop table stop_seen")


@pytest.mark.parametrize("seed", range(6))
async def test_nothing_is_sent_after_its_stop_was_recorded(watched: Senders, seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a test repeats
    watched.caps = ()
    workers = [watched.worker() for _ in range(3)]
    numbers = [str(each) for each in range(12)]
    works = {each: await about_to_send(watched, each) for each in numbers}
    async with watched.database.raw_transaction() as connection:
        await connection.execute("truncate stop_seen")

    async def send(number: str) -> None:
        await watched.send(works[number], random.choice(workers))

    async def stop(number: str) -> None:
        await random.choice(list(STOPS.values()))(random.choice(workers), number)

    async def stop_at_some_time(number: str) -> None:
        for _ in range(random.randrange(1_000)):
            await asyncio.sleep(0)
        await stop(number)

    async def in_turn(*acts: Callable[[str], Awaitable[None]], number: str) -> None:
        for act in acts:
            await act(number)

    first_sent, first_stopped, *racing = numbers
    acts = [
        in_turn(send, stop, number=first_sent),
        in_turn(stop, send, number=first_stopped),
        *(act(each) for each in racing for act in (send, send, stop_at_some_time)),
    ]
    random.shuffle(acts)
    async with asyncio.TaskGroup() as group:
        for act in acts:
            group.create_task(act)

    got = watched.got()
    assert len(got) == len(set(got)), "each step once"
    assert address(first_sent) in got
    assert address(first_stopped) not in got
    async with watched.database.raw_transaction() as connection:
        stops = await connection.fetch("select * from stop_seen")
    seen = {number_of(each["whom"]): each for each in reversed(stops)}
    assert {*numbers} <= {*seen}
    for number in numbers:
        if f"q-{number}" not in seen[number]["on_their_way"]:
            assert address(number) not in got, seen[number]["what"]


def address(number: str) -> str:
    """Return the address of the contact of a number."""
    return f"Joho@{number}.city.example.lg.jp"


def number_of(whom: str) -> str:
    """Return the number of the contact whom a lead, sequence, domain or address names."""
    named = re.fullmatch(r"(?:crm-|q-|joho@)?(\d+)(?:\.city\.example\.lg\.jp)?", whom)
    return "" if named is None else named[1]
