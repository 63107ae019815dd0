"""An approver keeps an answer for later questions; it names nobody."""

from typing import Any

import pytest

from tests.support.followup_api import Service
from tests.support.followup_examples import ACTOR, ENTRY, PLAYBOOK, introduce

ANSWER = "予約の受付を広げ、窓口の待ち時間の短縮に取り組む。"
NOTE = "先日は展示会でありがとうございました。"
QUESTION = {
    "kind": "council_question",
    "lead_id": "crm-1",
    "owner": "s-1",
    "good_from": "2020-01-01",
    "good_until": "2199-12-31",
    "text": "窓口の待ち時間の短縮について一般質問がありました。",
    "source": "桐生市議会会議録（令和8年第4回定例会）31頁",
    "policy_area": "digital",
}
COUNCIL = (
    PLAYBOOK.replace("id: greeting", "id: for-the-council", 1)
    .replace("new_contact", "council_question")
    .replace("一文\n", "一文\n      material: 答弁の材料\n    answer: material\n", 1)
    .replace("kind: mail", "kind: mail\n    content: {kinds: [own_answer], offered: true}", 1)
    .replace("{{ fill.personal_note }}", "{{ fill.personal_note }}\n          {{ fill.material }}")
)
TITLE = "窓口の待ち時間を短くする取り組み"
BODY = {"by": "s-1", "title": TITLE}


async def asked(at_work: Service, report_id: str = "question-1", lead_id: str = "crm-1") -> str:
    """Have a question come in, and return the path of the approval of what answers it."""
    await at_work.playbooks.publish(COUNCIL, ACTOR)
    await at_work.call("PUT", f"/reasons/{report_id}", QUESTION | {"lead_id": lead_id})
    await at_work.entries.look()
    [sequence] = (await at_work.call("GET", f"/sequences?lead_id={lead_id}"))["items"]
    shown = await at_work.call("GET", f"/sequences/{sequence['sequence_id']}")
    return f"/approvals/{shown['approval_id']}"


async def approved(at_work: Service, answer: str = ANSWER) -> str:
    path = await asked(at_work)
    fill_ins = {"personal_note": NOTE, "material": answer}
    await at_work.call("POST", f"{path}/approve", {"by": "s-1", "fill_ins": fill_ins})
    return path


async def test_the_answer_is_kept_with_its_source_and_nothing_else_of_the_mail(
    at_work: Service,
) -> None:
    path = await approved(at_work)

    kept = await at_work.call("POST", f"{path}/keep-answer", BODY)

    assert kept["kind"] == "own_answer"
    assert (kept["title"], kept["passage"]) == (TITLE, ANSWER)
    assert (kept["topics"], kept["policy_areas"]) == (["デジタル"], ["digital"])
    assert kept["municipality_code"] is None
    assert kept["source"].startswith("群馬県桐生市のご質問への自社の回答、")
    assert kept["source"].endswith(f"（質問の出典：{QUESTION['source']}）")
    assert kept["entered_by"] == "s-1"
    assert await at_work.call("GET", f"/contents/{kept['content_id']}") == kept
    async with at_work.database.raw_transaction() as connection:
        rows = await connection.fetch("select * from audit where what = 'put_content'")
    assert len(rows) == 1
    assert not any(text in str(rows) for text in (NOTE, ANSWER, TITLE))


async def test_again_it_is_the_same_entry(at_work: Service) -> None:
    path = await approved(at_work)
    first = await at_work.call("POST", f"{path}/keep-answer", BODY)

    assert await at_work.call("POST", f"{path}/keep-answer", BODY) == first
    body = BODY | {"topics": ["窓口"], "text": "短い答え。", "only_here": True}
    again = await at_work.call("POST", f"{path}/keep-answer", body)

    assert again["content_id"] == first["content_id"]
    assert (again["topics"], again["passage"]) == (["窓口"], "短い答え。")
    assert again["municipality_code"] == "102032"
    assert len((await at_work.call("GET", "/contents"))["items"]) == 1


async def test_it_is_offered_for_the_next_similar_question(at_work: Service) -> None:
    path = await approved(at_work)
    kept = await at_work.call("POST", f"{path}/keep-answer", BODY)
    await introduce(at_work, "crm-2", email="other@city.kiryu.example.jp")

    approval = await at_work.call("GET", await asked(at_work, "question-2", "crm-2"))

    [offered] = approval["contents"]
    assert (offered["content_id"], offered["passage"]) == (kept["content_id"], ANSWER)
    assert offered["source"] == kept["source"]


@pytest.mark.parametrize(
    ("answer", "body", "field"),
    [
        ("田中様のご質問のとおり進める。", {}, "text"),
        ("田中一郎様のご質問のとおり進める。", {"text": "詳しくは佐藤花子まで。"}, "text"),
        (ANSWER, {"title": "田中 一郎様のご質問"}, "title"),
        (ANSWER, {"topics": ["窓口", "田中一郎"]}, "topics/1"),
        (ANSWER, {"text": "詳細は joho@city.kiryu.example.jp へ。"}, "text"),
    ],
)
async def test_what_names_a_person_is_not_kept(
    at_work: Service, answer: str, body: dict[str, Any], field: str
) -> None:
    path = await approved(at_work, answer)

    refused = await at_work.http.post(f"{path}/keep-answer", json=BODY | body)

    assert (refused.status_code, refused.json()["code"]) == (422, "names_a_person")
    assert refused.json()["errors"][0]["pointer"] == f"/{field}"
    assert (await at_work.call("GET", "/contents"))["items"] == []


async def test_only_who_approved_it_keeps_it_and_only_what_was_approved(at_work: Service) -> None:
    path = await asked(at_work)
    keep = f"{path}/keep-answer"
    assert await at_work.refused("POST", keep, BODY) == (409, "not_approved")
    fill_ins = {"personal_note": NOTE, "material": ANSWER}
    await at_work.call("POST", f"{path}/approve", {"by": "s-1", "fill_ins": fill_ins})

    assert await at_work.refused("POST", keep, BODY | {"by": "s-2"}) == (403, "not_the_approver")
    unknown = "/approvals/unknown/keep-answer"
    assert await at_work.refused("POST", unknown, BODY) == (404, "not_found")


async def test_a_text_without_an_answer_says_how_to_declare_one(at_work: Service) -> None:
    status = await at_work.call("POST", "/sequences", ENTRY)
    shown = await at_work.call("GET", f"/sequences/{status['sequence_id']}")
    path = f"/approvals/{shown['approval_id']}"
    body = {"by": "s-1", "fill_ins": {"personal_note": NOTE}}
    await at_work.call("POST", f"{path}/approve", body)

    refused = await at_work.http.post(f"{path}/keep-answer", json=BODY)

    assert (refused.status_code, refused.json()["code"]) == (409, "no_answer")
    assert "answer: material" in refused.json()["detail"]


async def test_an_answer_written_by_changing_the_text_is_given_again(at_work: Service) -> None:
    path = await asked(at_work)
    edited = {"by": "s-1", "subject": "資料", "text": f"{NOTE}\n{ANSWER}"}
    await at_work.call("PUT", f"{path}/text", edited)
    await at_work.call("POST", f"{path}/approve", {"by": "s-1"})

    assert await at_work.refused("POST", f"{path}/keep-answer", BODY) == (409, "no_answer")
    kept = await at_work.call("POST", f"{path}/keep-answer", BODY | {"text": ANSWER})
    assert kept["passage"] == ANSWER


async def test_an_erasure_takes_what_names_the_person_after_all(at_work: Service) -> None:
    path = await approved(at_work)
    clean = await at_work.call("POST", f"{path}/keep-answer", BODY)
    late = {
        "kind": "own_answer",
        "title": "窓口の待ち時間",
        "source": "準備資料",
        "passage": "鈴木　次郎の求めにより待ち時間を測る。",
    }
    await at_work.call("PUT", "/contents/late", late)
    await introduce(at_work, "crm-2", email="other@city.kiryu.example.jp")
    offered = await at_work.call("GET", await asked(at_work, "question-2", "crm-2"))
    assert len(offered["contents"]) == 2
    await introduce(at_work, "crm-3", person_name="鈴木 次郎")

    assert "late" in str(await at_work.call("GET", "/contacts/crm-3/personal-data"))
    await at_work.call("DELETE", "/contacts/crm-3/personal-data")
    await at_work.call("DELETE", "/contacts/crm-1/personal-data")

    left = (await at_work.call("GET", "/contents"))["items"]
    assert [each["content_id"] for each in left] == [clean["content_id"]]
    async with at_work.database.raw_transaction() as connection:
        assert "次郎" not in str(await connection.fetch("select * from step_content"))
