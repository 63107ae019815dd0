"""Questions over HTTP: answered by the catalogue with its source, or handed to a person."""

from typing import Any

from tests.support.followup_api import Service
from tests.support.followup_examples import SELLER

ENTRY: dict[str, Any] = {
    "kind": "faq",
    "title": "LGWANから利用できますか",
    "passage": "LGWAN-ASPとして登録しており、LGWAN接続端末から利用できます。",
    "source": "よくある質問（2026年10月版）",
    "topics": ["三層分離", "ネットワーク"],
}
KNOWN = {"question": "LGWAN環境での利用は可能でしょうか"}
UNKNOWN = {"question": "下水道管の耐震化の計画を教えてください"}


async def stored(at_work: Service) -> list[Any]:
    async with at_work.database.raw_transaction() as connection:
        return list(await connection.fetch("select * from question"))


def due(daily_list: dict[str, Any]) -> list[Any]:
    return [each for part in ("overdue", "today", "later") for each in daily_list[part]]


async def test_an_answer_is_quoted_with_its_source_and_nothing_is_stored(
    at_work: Service,
) -> None:
    await at_work.call("PUT", "/contents/faq-lgwan", ENTRY)

    reply = await at_work.call("POST", "/questions", KNOWN | {"lead_id": "crm-1"})

    assert (reply["known"], reply["handed_over"]) == (True, None)
    [found] = reply["answers"]
    assert (found["content_id"], found["passage"], found["source"]) == (
        "faq-lgwan",
        ENTRY["passage"],
        ENTRY["source"],
    )
    assert found["entered_at"]
    assert "lgwan" in found["words"]
    assert await stored(at_work) == []


async def test_what_nobody_knows_is_handed_to_a_person_who_says_when_it_is_answered(
    at_work: Service,
) -> None:
    await at_work.call("PUT", "/contents/faq-lgwan", ENTRY)

    reply = await at_work.call("POST", "/questions", UNKNOWN | {"owner": "s-1"})

    assert (reply["known"], reply["answers"]) == (False, [])
    waiting = reply["handed_over"]
    assert (waiting["owner"], waiting["lead_id"]) == ("s-1", None)
    assert waiting["asked_at"] < waiting["due_at"]
    assert (await at_work.call("GET", "/questions?owner=s-1"))["items"] == [waiting]
    shown = await at_work.call("GET", "/sellers/s-1/daily-list")
    [item] = due(shown)
    assert (item["kind"], item["item_id"]) == ("question", waiting["question_id"])
    assert "下水道" not in str(shown)
    assert "質問" in (await at_work.http.get("/sellers/s-1/daily-list.html")).text

    path = f"/questions/{waiting['question_id']}/answered"
    done = await at_work.call("POST", path, {"by": "s-1"})
    assert (done["answered_by"], done["answered_at"] is not None) == ("s-1", True)
    assert await at_work.call("POST", path, {"by": "s-2"}) == done
    assert (await at_work.call("GET", "/questions"))["items"] == []
    shown = await at_work.call("GET", "/sellers/s-1/daily-list")
    assert due(shown) == []


async def test_the_same_question_while_it_is_open_is_the_same_one(at_work: Service) -> None:
    first = await at_work.call("POST", "/questions", UNKNOWN)
    again = await at_work.call("POST", "/questions", UNKNOWN | {"owner": "s-1"})
    assert again == first
    assert first["handed_over"]["owner"] is None
    other = await at_work.call("POST", "/questions", UNKNOWN | {"lead_id": "crm-1"})
    assert other["handed_over"]["question_id"] != first["handed_over"]["question_id"]
    assert other["handed_over"]["municipality_code"] == "102032"

    path = f"/questions/{first['handed_over']['question_id']}/answered"
    await at_work.call("POST", path, {"by": "s-1"})
    again = await at_work.call("POST", "/questions", UNKNOWN | {"owner": "s-1"})
    assert again["handed_over"]["answered_at"] is None
    assert again["handed_over"]["owner"] == "s-1"


async def test_anybodys_and_a_leavers_questions_are_on_every_list(at_work: Service) -> None:
    await at_work.call("PUT", "/sellers/s-2", SELLER)
    await at_work.call("POST", "/questions", UNKNOWN)
    await at_work.call("POST", "/questions", {"question": "熊が出ました", "owner": "s-2"})
    assert len((await at_work.call("GET", "/questions?owner=s-1"))["items"]) == 1
    await at_work.call("PUT", "/sellers/s-2", SELLER | {"active": False})
    assert len((await at_work.call("GET", "/questions?owner=s-1"))["items"]) == 2
    page = await at_work.call("GET", "/questions?limit=1")
    rest = await at_work.call("GET", f"/questions?limit=1&cursor={page['next_cursor']}")
    ids = [each["question_id"] for each in (*page["items"], *rest["items"])]
    assert len(set(ids)) == 2


async def test_what_is_wrong_is_named(at_work: Service) -> None:
    assert await at_work.refused("POST", "/questions", {"question": "　"}) == (422, "missing")
    nobody = UNKNOWN | {"owner": "s-9"}
    assert await at_work.refused("POST", "/questions", nobody) == (422, "unknown_seller")
    path = "/questions/00000000-0000-0000-0000-000000000000/answered"
    assert await at_work.refused("POST", path, {"by": "s-1"}) == (404, "not_found")


async def test_an_erasure_takes_the_persons_questions(at_work: Service) -> None:
    await at_work.call("POST", "/questions", UNKNOWN | {"lead_id": "crm-1"})
    assert "下水道" in str(await at_work.call("GET", "/contacts/crm-1/personal-data"))

    await at_work.call("DELETE", "/contacts/crm-1/personal-data")

    assert await stored(at_work) == []
    asked = UNKNOWN | {"lead_id": "crm-1"}
    assert await at_work.refused("POST", "/questions", asked) == (422, "erased_contact")
