"""A person is exported and erased, wherever something about them is held."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from followup.consents.repository import add_suppressions
from followup.domain.consents.suppression import Cause, Channel, Scope, Suppression, SuppressionKey
from followup.domain.inbox.classified import MailKind
from followup.domain.message_ids import mail_name, message_id
from followup.domain.triggers.reasons import Reason
from followup.inbox.maildir import ArrivedMail
from followup.inbox.repository import PendingMail
from followup.sequences.names import workflow_id
from kakehashi_common.contracts.events import Tombstone
from kakehashi_common.contracts.lead_events import ActivityRecorded
from kakehashi_common.domain.texts import Text
from kakehashi_common.errors import NotFoundError
from kakehashi_common.temporal.error_boundary import rpc_errors
from tests.support.followup_api import Service
from tests.support.followup_examples import (
    ACTOR,
    ADDRESS,
    CALLING,
    CONSENT,
    ENTRY,
    calling_and_writing,
    introduce,
    mail_went,
)
from tests.support.incoming_mails import mail, report
from tests.support.received import received
from tests.support.searching import DELETED_WITHIN, columns_with, histories_with
from tests.support.waiting import eventually

LEAD = "crm-1"
PATH = f"/contacts/{LEAD}/personal-data"
NAME = "田中 一郎"
GONE = SuppressionKey(Scope.ADDRESS, ADDRESS)
WORDS = "猫を三匹飼っている"
"""Words that only somebody who knows this person would write."""
THEIRS = (NAME, ADDRESS, WORDS)


async def held_about(service: Service) -> set[str]:
    async with service.database.raw_transaction() as connection:
        return await columns_with(connection, THEIRS)


async def everything(service: Service) -> list[str]:
    """Have something about the person in every table that can hold it; return their sequences."""
    status = await service.call("POST", "/sequences", ENTRY)
    (approval,) = (await service.call("GET", "/approvals"))["items"]
    text = approval["text"].replace("【相手に合わせた一文】", WORDS)
    edited = {"subject": f"{NAME}様", "text": text}
    await service.call("PUT", f"/approvals/{approval['approval_id']}/text", edited)

    await service.playbooks.publish(CALLING, ACTOR)
    calling = await service.call("POST", "/sequences", ENTRY | {"playbook_id": "calling"})
    (task,) = (await service.call("GET", "/tasks"))["items"]
    done = {"outcome": "done", "note": WORDS}
    await service.call("POST", f"/tasks/{task['task_id']}/complete", done)

    mail = f"From: {NAME} <{ADDRESS}>\r\nSubject: Re\r\n\r\n{WORDS}".encode()
    await service.mails.incoming_mails.take(ArrivedMail(mail, "d" * 64, datetime.now(UTC)))
    today = datetime.now(UTC).date()
    about = Reason("other", Text(WORDS, WORDS), today, today + timedelta(days=7), lead_id=LEAD)
    await service.reasons.report([("r-1", about)], ACTOR, dry_run=False)
    did = ActivityRecorded(lead_id=LEAD, kind="form_submitted")
    await service.behaviours.save_lead_events([received(did, datetime.now(UTC))])
    async with service.database.raw_transaction() as connection:
        await connection.execute(
            "insert into mail_attempt (message_id, sequence_id, step_id, state, reason) "
            "values ($1, $2, 'hello', 'rejected', $3)",
            f"<{uuid4()}@x>",
            status["sequence_id"],
            f"550 5.1.1 <{ADDRESS}>: no such user",
        )
    return [status["sequence_id"], calling["sequence_id"]]


async def accepted(service: Service, sequence_id: str) -> str:
    """Have a mail to the person be on its way, and return its Message-ID."""
    ours = message_id(sequence_id, "hello", "mail.example.jp")
    await mail_went(service.database, sequence_id, ours, lead_id=LEAD)
    return ours


async def settled(service: Service) -> None:
    async def look() -> bool:
        await service.erasures.look()
        async with service.database.raw_transaction() as connection:
            return bool(
                await connection.fetchval(
                    "select bool_and(settled_at is not null) from erased_lead"
                )
            )

    await eventually(look, within=DELETED_WITHIN, what="the erasure is settled", every=0.5)


async def test_what_is_held_is_exported_and_audited_without_it(at_work: Service) -> None:
    await everything(at_work)

    exported = await at_work.call("GET", PATH)

    assert exported["lead_id"] == LEAD
    assert set(exported["held"]) == {
        "lead_field",
        "approval",
        "task",
        "mail_attempt",
        "incoming_mail",
        "reason",
        "watched_person",
        "seen_behaviour",
        "consent",
        "sequence",
        "sequence_fact",
    }
    assert all(text in str(exported) for text in THEIRS)
    async with at_work.database.raw_transaction() as connection:
        rows = await connection.fetch("select * from audit where what = 'export_personal_data'")
    (audited,) = [dict(row) for row in rows]
    assert (audited["who"], audited["subject"]) == ("tester", f"lead/{LEAD}")


async def test_an_erasure_leaves_nothing_and_ends_what_is_under_way(at_work: Service) -> None:
    sequences = await everything(at_work)
    before = await held_about(at_work)
    assert {
        "approval.edited_text",
        "consent.address",
        "incoming_mail.text",
        "lead_field.value",
        "mail_attempt.reason",
        "reason.reason",
        "task.note",
        "task.text",
    } <= before

    await at_work.call("DELETE", PATH)
    assert await held_about(at_work) == set()
    async with at_work.database.raw_transaction() as connection:
        await connection.execute(  # as a step does that was under way
            "insert into approval (approval_id, sequence_id, step_id, lead_id, status, subject, "
            "text, fill_ins, requested_at, expires_at) "
            "values ('late', $1, 'hello', $2, 'pending', $3, $3, '{}', now(), now())",
            sequences[0],
            LEAD,
            WORDS,
        )
    await settled(at_work)

    assert await held_about(at_work) == set()
    shown = await at_work.call("GET", f"/sequences/{sequences[0]}")
    assert (shown["status"], shown["end_reason"]) == ("stopped", "erased")
    for sequence_id in sequences:
        its_id = workflow_id(sequence_id, at_work.settings.workflow_id_prefix)
        with pytest.raises(NotFoundError), rpc_errors():
            await at_work.temporal.get_workflow_handle(its_id).describe()
    contact = await at_work.call("GET", f"/contacts/{LEAD}")
    assert (contact["municipality_code"], contact["person_name"]) == ("102032", None)


TO_A_COLLEAGUE = calling_and_writing("colleague", "colleague", "new_contact")


async def test_what_was_written_to_somebody_in_a_colleagues_sequence_is_exported_and_erased(
    at_work: Service,
) -> None:
    await introduce(at_work, "crm-9", email="shomu@city.kiryu.example.jp")
    await at_work.playbooks.publish(TO_A_COLLEAGUE, ACTOR)
    entry = ENTRY | {"playbook_id": "colleague", "lead_id": "crm-9"}
    sequence_id = (await at_work.call("POST", "/sequences", entry))["sequence_id"]
    edited = {"subject": f"{NAME}様", "text": WORDS}
    (approval,) = (await at_work.call("GET", "/approvals"))["items"]
    path = f"/approvals/{approval['approval_id']}"
    await at_work.call("PUT", f"{path}/text", edited)
    await at_work.call("POST", f"{path}/approve", {"by": "s-1"})
    (task,) = (await at_work.call("GET", "/tasks"))["items"]
    done = {"outcome": "done", "note": WORDS}
    await at_work.call("POST", f"/tasks/{task['task_id']}/complete", done)
    (approval,) = (await at_work.call("GET", "/approvals"))["items"]
    path = f"/approvals/{approval['approval_id']}"
    await at_work.call("PUT", f"{path}/text", edited)
    assert (task["lead_id"], task["recipient_lead_id"]) == ("crm-9", LEAD)
    assert {"task.title", "task.text", "task.note", "approval.text", "approval.edited_text"} <= (
        await held_about(at_work)
    )

    held = (await at_work.call("GET", PATH))["held"]
    assert (len(held["task"]), len(held["approval"])) == (1, 2)
    await at_work.call("DELETE", PATH)

    assert await held_about(at_work) == set()
    assert (await at_work.call("GET", f"/tasks/{task['task_id']}"))["status"] == "done"
    await at_work.call("POST", f"{path}/approve", {"by": "s-1"})
    history = await at_work.call("GET", f"/sequences/{sequence_id}/history")
    kinds = [(each["kind"], each["details"].get("reason")) for each in history["items"]]
    assert ("refused", "erased_contact") in kinds, kinds
    its_id = workflow_id(sequence_id, at_work.settings.workflow_id_prefix)
    assert await histories_with(at_work.temporal, f'WorkflowId = "{its_id}"', THEIRS) == set()


async def test_an_erased_mail_that_is_read_again_is_not_stored(at_work: Service) -> None:
    await everything(at_work)
    await at_work.call("DELETE", PATH)
    mail = f"From: {NAME} <{ADDRESS}>\r\nSubject: Re\r\n\r\n{WORDS}".encode()

    again = await at_work.mails.incoming_mails.take(ArrivedMail(mail, "d" * 64, datetime.now(UTC)))

    assert again.kind is MailKind.UNRELATED
    assert await held_about(at_work) == set()
    assert await at_work.mails.incoming_mails.pending() == []
    assert "incoming_mail" not in (await at_work.call("GET", PATH))["held"]


@pytest.mark.parametrize(
    ("says", "suppressed"),
    [("資料を拝見しました。", False), ("今後の配信を停止してください。", True)],
    ids=["an answer", "an opt-out"],
)
async def test_of_a_late_answer_to_a_mail_to_an_erased_person_only_a_wish_to_get_no_more_stays(
    at_work: Service, says: str, *, suppressed: bool
) -> None:
    sequence_id, _ = await everything(at_work)
    ours = await accepted(at_work, sequence_id)
    await at_work.call("DELETE", PATH)

    late = mail(f"{says}\n{WORDS}", sender=f"{NAME} <{ADDRESS}>", answers=ours)
    assert await is_suppressed_by(at_work, late) is suppressed
    assert await suppressed_scopes(at_work) == ["address", "person"] * suppressed


async def is_suppressed_by(service: Service, late: bytes) -> bool:
    """Take a mail of the erased person twice; return whether it keeps them from being mailed."""
    for _ in range(2):
        arrived = ArrivedMail(late, "e" * 64, datetime.now(UTC))
        await service.mails.incoming_mails.take(arrived)
        assert await service.mails.mail_handler.look() == 0
    assert await held_about(service) == set()
    await introduce(service, "web-9", email=ADDRESS.upper(), person_name="別 名")
    await service.call("POST", "/consents", CONSENT)
    decision = await service.call("GET", "/send-decisions?lead_id=web-9")
    return bool(decision["reason"] == "suppressed")


async def suppressed_scopes(service: Service) -> list[str]:
    """Return the scopes of what is suppressed, each of which is audited once."""
    listed = (await service.call("GET", "/suppressions"))["items"]
    async with service.database.raw_transaction() as connection:
        audited = await connection.fetch(
            "select subject, after->>'cause' as cause from audit where what = 'suppress' "
            "order by subject"
        )
    assert [(row["subject"], row["cause"]) for row in audited] == [
        (f"suppression/{each['scope']}", each["cause"]) for each in listed
    ]
    return [each["scope"] for each in listed]


@pytest.mark.parametrize(
    ("names", "scopes"),
    [
        ("a mail", ["address", "person"]),
        ("a sequence", ["address", "person"]),
        ("a mail that is purged", ["address"]),
        ("nothing of ours", ["address"]),
        ("", ["address"]),
    ],
)
async def test_a_mailed_opt_out_of_an_erased_person_holds_without_their_address(
    at_work: Service, names: str, scopes: list[str]
) -> None:
    sequence_id, _ = await everything(at_work)
    ours = await accepted(at_work, sequence_id)
    tokens = at_work.mails.unsubscribe_tokens
    token = {
        "a mail": tokens.token(mail_name(ours)),
        "a sequence": tokens.token(sequence_id),
        "a mail that is purged": tokens.token("followup.0"),
        "nothing of ours": "A" * 40,
        "": "",
    }[names]
    await at_work.call("DELETE", PATH)

    wish = mail(
        "",
        subject=f"unsubscribe {token}",
        sender=f"{NAME} <{ADDRESS}>",
        to="kakehashi@mail.example.jp",
        answers=None,
    )
    assert await is_suppressed_by(at_work, wish)
    assert await suppressed_scopes(at_work) == scopes


OPT_OUT_WAITS = [
    (ADDRESS, "a new mail", ["address"]),
    (ADDRESS, "an answer", ["address", "person"]),
    ("soumu@city.kiryu.example.jp", "an answer", ["person"]),
]


async def opt_out_waits(service: Service, sender: str, written_as: str) -> None:
    """Have an opt-out come in that nothing has followed from yet."""
    sequence_id, _ = await everything(service)
    await service.mails.mail_handler.look()
    ours = await accepted(service, sequence_id)
    data = mail(
        "配信停止をお願いします。",
        sender=sender,
        answers=ours if written_as == "an answer" else None,
    )
    await service.mails.incoming_mails.take(ArrivedMail(data, "e" * 64, datetime.now(UTC)))


@pytest.mark.parametrize(("sender", "written_as", "scopes"), OPT_OUT_WAITS)
async def test_an_opt_out_that_waits_holds_although_its_mail_is_erased(
    at_work: Service, sender: str, written_as: str, scopes: list[str]
) -> None:
    await opt_out_waits(at_work, sender, written_as)
    await at_work.call("DELETE", PATH)
    await at_work.mails.mail_handler.look()
    assert await suppressed_scopes(at_work) == scopes
    assert await held_about(at_work) == set()


@pytest.mark.parametrize(("sender", "written_as", "scopes"), OPT_OUT_WAITS)
async def test_an_opt_out_that_is_acted_on_while_it_is_erased_holds_without_the_address(
    at_work: Service,
    monkeypatch: pytest.MonkeyPatch,
    sender: str,
    written_as: str,
    scopes: list[str],
) -> None:
    await opt_out_waits(at_work, sender, written_as)
    mails = at_work.mails.incoming_mails
    found = await mails.pending()
    assert found

    async def then_erased() -> list[PendingMail]:
        await at_work.call("DELETE", PATH)
        return found

    monkeypatch.setattr(mails, "pending", then_erased)
    await at_work.mails.mail_handler.look()
    assert set(scopes) <= set(await suppressed_scopes(at_work))
    assert await held_about(at_work) == set()


async def test_a_bounce_of_an_erased_persons_address_is_not_kept(at_work: Service) -> None:
    await at_work.call("DELETE", PATH)
    failed = f"Final-Recipient: rfc822; {ADDRESS}\nAction: failed\nStatus: 5.1.1"
    bounce = report("delivery-status", ("message/delivery-status", f"\n{failed}\n"))
    assert not await is_suppressed_by(at_work, bounce)


async def test_the_end_of_the_score_erases_too(at_work: Service) -> None:
    await everything(at_work)
    gone = received(Tombstone(key=LEAD), datetime.now(UTC))

    await at_work.personal_data.save_scores([gone])

    assert await held_about(at_work) == set()
    assert await at_work.erasures.look() in {0, 1}  # Temporal may still delete


async def test_what_is_said_later_of_an_erased_person_is_not_kept(at_work: Service) -> None:
    await at_work.call("DELETE", PATH)
    await introduce(at_work, LEAD, email=ADDRESS, person_name=NAME)
    assert await held_about(at_work) == set()


@pytest.mark.parametrize("others", [0, 60], ids=["alone", "among_many"])
async def test_what_happens_later_to_an_erased_person_is_not_kept(
    at_work: Service, others: int
) -> None:
    await at_work.call("DELETE", PATH)
    met = [
        received(ActivityRecorded(lead_id=each, kind="meeting_held"), datetime.now(UTC))
        for each in (LEAD, *(f"web-{number}" for number in range(others)))
    ]
    await at_work.occurrences.save(met)
    await at_work.found_reasons.save(met)
    for table in ("occurrence", "known_day"):
        async with at_work.database.raw_transaction() as connection:
            rows = await connection.fetch(f"select lead_id from {table}")  # noqa: S608 - our own
        leads = [row["lead_id"] for row in rows]
        assert len(leads) == others, table
        assert LEAD not in leads, table


async def test_an_address_that_is_suppressed_again_after_its_erasure_is_not_stored(
    at_work: Service,
) -> None:
    wish = {"scope": "address", "value": ADDRESS}
    await at_work.call("POST", "/suppressions", wish)
    await at_work.call("DELETE", PATH)

    bounced = Suppression(GONE, Cause.BOUNCE, Channel.MAIL_SYSTEM, datetime.now(UTC))
    other = replace(bounced, key=SuppressionKey(Scope.ADDRESS, "other@x.example.jp"))
    await at_work.consents.suppress_all([bounced, other], ACTOR)
    await at_work.consents.suppress_all([bounced], ACTOR)

    assert await held_about(at_work) == set()
    listed = (await at_work.call("GET", "/suppressions"))["items"]
    assert [each["value"].partition(":")[0] for each in listed] == ["other@x.example.jp", "sha256"]


@pytest.mark.parametrize("erased_at_once", [1, 60])
async def test_an_address_that_is_suppressed_while_it_is_erased_is_not_left(
    at_work: Service, erased_at_once: int
) -> None:
    leads = (LEAD, *(f"web-{number}" for number in range(erased_at_once - 1)))
    gone = [received(Tombstone(key=each), datetime.now(UTC)) for each in leads]

    async def waits() -> bool:
        async with at_work.database.raw_transaction() as connection:
            return bool(
                await connection.fetchval(
                    "select exists (select from pg_locks join pg_database on database = "
                    "pg_database.oid where locktype = 'advisory' and not granted "
                    "and datname = current_database())"
                )
            )

    async with at_work.database.transaction() as connection:
        bounced = Suppression(GONE, Cause.BOUNCE, Channel.MAIL_SYSTEM, datetime.now(UTC))
        await add_suppressions(connection, [bounced])
        erasure = asyncio.create_task(at_work.personal_data.save_scores(gone))
        await eventually(waits, what="the erasure waits")
    await erasure

    assert await held_about(at_work) == set()


async def test_whoever_opted_out_gets_no_mail_after_their_erasure_either(at_work: Service) -> None:
    await at_work.call("POST", "/suppressions", {"scope": "address", "value": ADDRESS})
    await at_work.call("DELETE", PATH)
    assert await held_about(at_work) == set()

    await introduce(at_work, "web-9", email=ADDRESS.upper(), person_name="別 名")
    await at_work.call("POST", "/consents", CONSENT)

    decision = await at_work.call("GET", "/send-decisions?lead_id=web-9")
    assert (decision["allowed"], decision["reason"]) == (False, "suppressed")
    (listed,) = (await at_work.call("GET", "/suppressions"))["items"]
    assert listed["value"].startswith("sha256:")

    wish = {"scope": "address", "value": ADDRESS, "reason": "ご本人の希望"}
    await at_work.call("POST", "/suppressions/lift", wish)
    decision = await at_work.call("GET", "/send-decisions?lead_id=web-9")
    assert decision["reason"] != "suppressed"


async def test_an_address_that_another_contact_has_stays_theirs(at_work: Service) -> None:
    await introduce(at_work, "web-9", email=ADDRESS.upper(), person_name="別 名")

    await at_work.call("DELETE", PATH)

    known = await at_work.call("GET", f"/consents?address={ADDRESS}")
    assert [each["basis"] for each in known["consents"]] == [CONSENT["basis"]]


async def test_whoever_has_an_address_is_exported_and_erased_by_it(at_work: Service) -> None:
    await everything(at_work)
    body = {"email": ADDRESS.upper()}

    exported = await at_work.call("POST", "/personal-data/exports", body)
    assert exported["lead_ids"] == [LEAD]
    assert exported["held"] == (await at_work.call("GET", PATH))["held"]

    erased = await at_work.call("POST", "/personal-data/erasures", body)
    assert (erased["lead_ids"], erased["erased"]["approval"]) == ([LEAD], 1)
    assert await held_about(at_work) == set()
    assert await at_work.call("POST", "/personal-data/erasures", body) == {
        "lead_ids": [],
        "erased": {},
    }


async def test_of_an_address_without_a_contact_consents_and_answers_are_erased(
    at_work: Service,
) -> None:
    stranger = {"email": "stranger@x.example.jp"}
    await at_work.call("POST", "/consents", CONSENT | {"address": stranger["email"]})
    mail = f"From: <{stranger['email']}>\r\nSubject: Re\r\n\r\n{WORDS}".encode()
    await at_work.mails.incoming_mails.take(ArrivedMail(mail, "e" * 64, datetime.now(UTC)))

    erased = await at_work.call("POST", "/personal-data/erasures", stranger)

    assert erased == {"lead_ids": [], "erased": {"incoming_mail": 1, "consent": 1}}
    exported = await at_work.call("POST", "/personal-data/exports", stranger)
    assert exported == {"lead_ids": [], "held": {}}


async def test_who_was_erased_enters_no_playbook_by_hand(at_work: Service) -> None:
    await at_work.call("DELETE", PATH)
    entry = ENTRY | {"lead_id": LEAD}
    assert await at_work.refused("POST", "/sequences", entry) == (409, "erased_contact")
