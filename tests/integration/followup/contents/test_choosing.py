"""Content in the texts of steps: chosen once, shown with its reason, never sent twice."""

import email
import email.policy
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from followup.contents.chosen import sent_to
from followup.contents.schemas import ContentIn
from followup.domain.sequences.commands import RecordSent, RefuseStep, RequestApproval
from kakehashi_common.db import Database
from tests.support.followup_api import Service
from tests.support.followup_examples import ACTOR, ENTRY, PLAYBOOK
from tests.support.followup_sending import PLAYBOOK as NEWS
from tests.support.followup_sending import Senders
from tests.support.mail_servers import MailServer, mail_server

CASE: dict[str, Any] = {
    "kind": "case",
    "title": "窓口の待ち時間を短くした取り組み",
    "source": "当社導入事例集12頁",
    "url": "https://www.example.co.jp/cases/14",
    "topics": ["デジタル"],
}
WANTS = "kind: mail\n    content: {kinds: [case], about: 窓口の待ち時間}"
LINK = "{{ content.title }}（{{ content.source }}）\n          {{ content.url }}"
SHOWN = f"{CASE['title']}（{CASE['source']}）\n{CASE['url']}"
WHY = "この資料を選んだ理由：「窓口の待ち時間」が共通。"


@pytest_asyncio.fixture
async def senders(followup_database: Database) -> AsyncIterator[Senders]:
    async with mail_server() as box:
        made = Senders(followup_database, box)
        await made.prepare()
        await made.contact("a", "a@x.example.jp")
        yield made
        await made.close()


async def publish(senders: Senders, text: str) -> None:
    """Publish version 2 of the playbook whose mail needs no approval, with a passage."""
    playbook = NEWS.replace("kind: mail", WANTS, 1).replace("{{ signature }}", text)
    await senders.workers[0].playbooks.publish(f"{playbook}\n", ACTOR)


async def put(senders: Senders, content_id: str = "case-14", **differences: Any) -> None:
    content = ContentIn.model_validate(CASE | differences).content(content_id)
    await senders.workers[0].content.contents.put(content, ACTOR)


def texts(box: MailServer) -> list[str]:
    mails = [email.message_from_bytes(each, policy=email.policy.default) for each in box.messages]
    bodies = [body for mail in mails if (body := mail.get_body(("plain",)))]
    return [str(each.get_content()).replace("\r\n", "\n") for each in bodies]


async def send(senders: Senders, sequence_id: str, **differences: Any) -> Any:
    work = await senders.about_to_send(sequence_id, "a", playbook_version=2, **differences)
    [worker, *_] = senders.workers
    async with worker.database.transaction() as connection:
        playbook = await worker.playbooks.find(connection, "news", 2)
    return await worker.step_sender(work, playbook)


async def test_a_mail_carries_what_suits_and_the_policy_says_why(senders: Senders) -> None:
    await publish(senders, f"{LINK}\n\n          {{{{ signature }}}}")
    await put(senders)
    await put(senders, "case-15", title="下水道管の更新計画", topics=[])

    assert isinstance(await send(senders, "q-1"), RecordSent)

    [text] = texts(senders.box)
    assert SHOWN in text
    decided = await senders.workers[0].send_decisions.of_lead("a")
    assert WHY in decided.earlier[0].text.ja


async def test_a_mail_that_is_tried_again_says_the_same_whatever_the_catalogue_says_now(
    senders: Senders,
) -> None:
    await publish(senders, f"{LINK}\n\n          {{{{ signature }}}}")
    await put(senders)
    senders.box.to_recipients = ["450 4.2.0 later"]
    work = await senders.about_to_send("q-1", "a", playbook_version=2)
    [worker] = senders.workers
    async with worker.database.transaction() as connection:
        playbook = await worker.playbooks.find(connection, "news", 2)
    assert isinstance(await worker.step_sender(work, playbook), RefuseStep)

    await put(senders, title="窓口の待ち時間の別の題名")
    await put(senders, "case-0", title="窓口の待ち時間")
    senders.later(hours=1)
    assert isinstance(await senders.workers[0].step_sender(work, playbook), RecordSent)

    assert SHOWN in texts(senders.box)[-1]


async def test_the_same_is_not_sent_to_a_person_twice(senders: Senders) -> None:
    text = f"{{% if content %}}{LINK}{{% else %}}以上です。{{% endif %}}"
    await publish(senders, f"{text}\n\n          {{{{ signature }}}}")
    await put(senders)
    assert isinstance(await send(senders, "q-1"), RecordSent)

    senders.later(days=1)
    assert isinstance(await send(senders, "q-2", playbook_id="other"), RecordSent)

    [first, second] = texts(senders.box)
    assert SHOWN in first
    assert "以上です。" in second
    assert "取り組み" not in second


async def test_a_text_that_needs_content_and_finds_none_asks_a_person(senders: Senders) -> None:
    await publish(senders, f"{LINK}\n\n          {{{{ signature }}}}")

    asked = await send(senders, "q-1")

    assert isinstance(asked, RequestApproval)
    approval = await senders.workers[0].approvals.find(asked.approval_id)
    assert [each.name for each in approval.fill_ins] == [
        "content.title",
        "content.url",
        "content.source",
    ]
    assert "【お届けする資料の題名】（【お届けする資料の出典】）" in approval.text


ASKS = (
    PLAYBOOK.replace("id: greeting", "id: with-content", 1)
    .replace("kind: mail", WANTS, 1)
    .replace("{{ fill.personal_note }}", f"{{{{ fill.personal_note }}}}\n          {LINK}")
)


async def test_an_approval_and_the_timeline_show_what_was_chosen_and_why(at_work: Service) -> None:
    await at_work.call("PUT", "/contents/case-14", CASE)
    await at_work.playbooks.publish(ASKS, ACTOR)
    status = await at_work.call("POST", "/sequences", ENTRY | {"playbook_id": "with-content"})
    sequence = f"/sequences/{status['sequence_id']}"
    path = f"/approvals/{(await at_work.call('GET', sequence))['approval_id']}"

    approval = await at_work.call("GET", path)

    assert SHOWN in approval["text"]
    [chosen] = approval["contents"]
    assert (chosen["content_id"], chosen["title"]) == ("case-14", CASE["title"])
    assert chosen["why"]["ja"] == WHY
    [listed] = (await at_work.call("GET", "/approvals"))["items"]
    assert listed["contents"] == approval["contents"]
    await at_work.call("DELETE", "/contents/case-14")
    assert (await at_work.call("GET", path))["contents"] == approval["contents"]
    [kept] = (await at_work.call("GET", f"{sequence}/timeline"))["contents"]
    assert (kept["step_id"], kept["why"]) == ("hello", chosen["why"])

    exported = await at_work.call("GET", "/contacts/crm-1/personal-data")
    assert "case-14" in str(exported)
    await at_work.call("DELETE", "/contacts/crm-1/personal-data")
    async with at_work.database.raw_transaction() as connection:
        assert await connection.fetchval("select count(*) from step_content") == 0


async def test_a_rejected_text_leaves_its_content_for_another(at_work: Service) -> None:
    await at_work.call("PUT", "/contents/case-14", CASE)
    await at_work.playbooks.publish(ASKS, ACTOR)
    await at_work.playbooks.publish(
        ASKS.replace("id: with-content", "id: with-content-2", 1), ACTOR
    )

    async def entered(playbook_id: str) -> dict[str, Any]:
        status = await at_work.call("POST", "/sequences", ENTRY | {"playbook_id": playbook_id})
        shown = await at_work.call("GET", f"/sequences/{status['sequence_id']}")
        return await at_work.call("GET", f"/approvals/{shown['approval_id']}")

    first = await entered("with-content")
    waiting = await entered("with-content-2")
    assert (len(first["contents"]), len(waiting["contents"])) == (1, 0)
    for each in (waiting, first):
        body = {"by": "s-1", "reason": "時期が悪い"}
        await at_work.call("POST", f"/approvals/{each['approval_id']}/reject", body)

    assert len((await entered("with-content"))["contents"]) == 1


QUESTION = {
    "kind": "council_question",
    "lead_id": "crm-1",
    "owner": "s-1",
    "good_from": "2020-01-01",
    "good_until": "2199-12-31",
    "text": "窓口の待ち時間の短縮について一般質問がありました。",
    "source": "桐生市議会会議録（令和8年第4回定例会）\n31頁",
}
ANSWER = {
    "kind": "own_answer",
    "title": "窓口の待ち時間への答弁案",
    "source": "令和8年第3回定例会の準備資料",
    "passage": "予約の受付を広げ、窓口の待ち時間の短縮に取り組む。",
}
COUNCIL = (
    ASKS.replace("id: with-content", "id: for-the-council", 1)
    .replace(WANTS, "kind: mail\n    content: {kinds: [own_answer], offered: true}")
    .replace(LINK, "出典：{{ reason_source }}")
    .replace("new_contact", "council_question")
)


async def test_earlier_answers_are_offered_with_their_source_and_not_counted_as_sent(
    at_work: Service,
) -> None:
    await at_work.call("PUT", "/contents/answer-1", ANSWER)
    await at_work.call("PUT", "/contents/answer-2", ANSWER | {"title": "下水道", "passage": "管。"})
    await at_work.playbooks.publish(COUNCIL, ACTOR)
    await at_work.call("PUT", "/reasons/question-1", QUESTION)

    await at_work.entries.look()

    [sequence] = (await at_work.call("GET", "/sequences?lead_id=crm-1"))["items"]
    shown = await at_work.call("GET", f"/sequences/{sequence['sequence_id']}")
    approval = await at_work.call("GET", f"/approvals/{shown['approval_id']}")
    [offered] = approval["contents"]
    assert (offered["content_id"], offered["source"]) == ("answer-1", ANSWER["source"])
    assert offered["passage"] == ANSWER["passage"]
    assert ANSWER["passage"] not in approval["text"]
    assert "出典：桐生市議会会議録（令和8年第4回定例会） 31頁\n" in approval["text"]
    async with at_work.database.raw_transaction() as connection:
        assert await sent_to(connection, ["crm-1"]) == {}
