"""Answers to surveys are counted once, have somebody call the dissatisfied, and keep secrets."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from followup.domain.triggers.handling import Handling
from followup.scopes import READ, WRITE
from kakehashi_common.audit import Actor
from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.contracts.followup_triggers import SatisfactionAnswered
from kakehashi_common.domain.satisfaction import SurveySubject
from tests.support.followup_api import Service, service_at
from tests.support.followup_examples import introduce
from tests.support.merges import merged
from tests.support.received import received
from tests.support.sequence_facts import store
from tests.support.sequences import Life, at

NOW = at("2026-12-01 10:00")
KIRYU = "102032"
ACTOR = Actor("tester", "tests")
WORDS = "担当の方の返事が遅い"


@pytest_asyncio.fixture
async def service(installed: Service) -> AsyncIterator[Service]:
    """The API on a Tuesday in December."""
    async with service_at(installed, NOW) as service:
        yield service


def answered(event_id: str, score: int, **differences: Any) -> Received[Any]:
    values: dict[str, Any] = {"municipality_code": KIRYU, "about": SurveySubject.CONTRACT}
    data = SatisfactionAnswered(score=score, **values | differences)
    return received(data, NOW - timedelta(hours=1), event_id=event_id)


async def reasons_of(service: Service) -> list[tuple[str, str | None, str | None, int]]:
    return [
        (each.reason.kind, each.reason.municipality_code, each.reason.owner, each.reason.importance)
        for each in await service.reasons.good_today()
    ]


@pytest.mark.parametrize(
    ("score", "asked"), [(1, True), (2, True), (3, False), (4, False), (5, False)]
)
async def test_who_is_dissatisfied_is_a_reason_to_call_once(
    service: Service,
    score: int,
    asked: bool,  # noqa: FBT001 - a column of the table
) -> None:
    for _ in range(2):
        await service.customers.survey_answers.save(
            [answered("a-1", score, owner="s-1", comment=WORDS)]
        )
    assert await reasons_of(service) == ([("dissatisfaction", KIRYU, "s-1", 3)] if asked else [])
    shown = await service.call("GET", f"/survey-answers?municipality_code={KIRYU}")
    assert [(each["score"], each["has_comment"]) for each in shown["items"]] == [(score, True)]


async def test_what_was_answered_long_ago_asks_for_nothing(service: Service) -> None:
    early = answered("a-1", 1)
    event = early.event._replace(occurred_at=NOW - timedelta(days=60))
    await service.customers.survey_answers.save([replace(early, event=event)])
    assert await reasons_of(service) == []


async def test_the_person_who_answered_is_asked_once_they_are_known(service: Service) -> None:
    await service.customers.survey_answers.save(
        [answered("a-1", 1, municipality_code=None, lead_id="crm-1")]
    )
    [waiting] = await service.reasons.good_today(lead_id="crm-1")
    assert waiting.handling is Handling.AWAITS_LEAD
    await introduce(service, "crm-1")
    [due] = await service.reasons.good_today(lead_id="crm-1")
    assert due.handling is Handling.DUE


async def test_a_comment_is_shown_under_the_scope_of_personal_data_only(service: Service) -> None:
    body = {"about": "meeting", "score": 2, "lead_id": "crm-1", "comment": WORDS}
    done = await service.call("PUT", "/survey-answers/r-1", body)
    assert done["outcome"] == "taken"
    path = f"/survey-answers/{done['answer_id']}/comment"
    everything = [
        await service.http.get(each)
        for each in ("/survey-answers", "/reasons", "/measures?cut=all")
    ]
    assert all(each.is_success and WORDS not in each.text for each in everything)
    shown = await service.http.get(path)
    assert (shown.json()["comment"], shown.headers["cache-control"]) == (WORDS, "no-store")
    token = service.issuer.token("other", [READ, WRITE])
    refused = await service.http.get(path, headers={"authorization": f"Bearer {token}"})
    assert refused.status_code == 403
    async with service.database.raw_transaction() as connection:
        acts = await connection.fetch("select what from audit order by id")
    assert [row["what"] for row in acts] == ["report_survey_answers", "read_survey_answer"]


async def test_a_report_that_comes_again_changes_nothing(service: Service) -> None:
    body = {"about": "meeting", "score": 2, "municipality_code": KIRYU}
    for outcome in ("taken", "known"):
        done = await service.call("PUT", "/survey-answers/r-1", body)
        assert done["outcome"] == outcome
    other = body | {"score": 3}
    assert await service.refused("PUT", "/survey-answers/r-1", other) == (409, "report_id_reused")
    nobody = {"about": "meeting", "score": 2}
    assert await service.refused("PUT", "/survey-answers/r-2", nobody) == (422, "about_nobody")
    for score in (0, 6, 2.5):
        wrong = body | {"score": score}
        assert (await service.refused("PUT", "/survey-answers/r-3", wrong))[0] == 422


async def test_a_file_is_taken_whole_or_not_at_all(service: Service) -> None:
    file = (
        "番号,対象,満足度,団体コード,回答日,コメント\n"
        f"a,契約,1,{KIRYU},令和8年11月30日,{WORDS}\nb,実証実験,5,{KIRYU},,\n"
    )
    headers = {"content-type": "text/csv"}

    async def imported(content: str) -> Any:
        return await service.http.post("/survey-answers/import", content=content, headers=headers)

    wrong = await imported(file.replace(",5,", ",9,"))
    assert (wrong.status_code, wrong.json()["mistakes"][0]["column"]) == (422, "満足度")
    assert WORDS not in wrong.text
    assert (await service.call("GET", "/survey-answers"))["items"] == []
    done = await imported(file)
    assert [each["outcome"] for each in done.json()["reported"]] == ["taken", "taken"]
    first = await service.call("GET", "/survey-answers?limit=1")
    rest = await service.call("GET", f"/survey-answers?limit=1&cursor={first['next_cursor']}")
    found = [*first["items"], *rest["items"]]
    assert [(each["about"], each["answered_at"][:10]) for each in found] == [
        ("proof_of_concept", "2026-12-01"),
        ("contract", "2026-11-30"),
    ]
    assert rest["next_cursor"] is None
    assert len(await reasons_of(service)) == 1


async def test_an_erasure_erases_the_comment_and_keeps_the_score(service: Service) -> None:
    await introduce(service, "crm-1")
    one = {"municipality_code": None, "lead_id": "crm-1", "comment": WORDS}
    await service.customers.survey_answers.save([answered("a-1", 4, **one)])
    exported = await service.call("GET", "/contacts/crm-1/personal-data")
    assert WORDS in str(exported)
    await service.call("DELETE", "/contacts/crm-1/personal-data")
    await service.customers.survey_answers.save([answered("a-2", 4, **one)])
    async with service.database.raw_transaction() as connection:
        rows = await connection.fetch("select score, comment from survey_answer")
    assert [tuple(row) for row in rows] == [(4, None), (4, None)]


async def test_what_an_id_that_goes_has_answered_the_one_that_stays_has(service: Service) -> None:
    await introduce(service, "old")
    await introduce(service, "new")
    await service.customers.survey_answers.save([answered("a-1", 4, lead_id="old")])
    await service.merges.save([merged("old", "new")])
    for asked in ("old", "new"):
        shown = await service.call("GET", f"/survey-answers?lead_id={asked}")
        assert [each["lead_id"] for each in shown["items"]] == ["new"]


async def test_satisfaction_stands_beside_what_a_playbook_brought(service: Service) -> None:
    life = Life("2026-12-01 10:00", sequence_id="sq-1", lead_id="crm-1")
    await store(service.database, life)
    playbook_id = life.state.playbook_id
    of_sequence = {"about": SurveySubject.FOLLOW_UP, "sequence_id": "sq-1"}
    scores = [5] * 8 + [3] * 4
    await service.customers.survey_answers.save(
        [
            *(answered(f"f-{n}", score, **of_sequence) for n, score in enumerate(scores)),
            *(answered(f"c-{n}", 4) for n in range(3)),
        ]
    )
    shown = await service.call("GET", "/measures?weeks=1&cut=playbook")
    [row] = [each for each in shown["items"] if each["key"] == playbook_id]
    assert row["satisfaction"]["n"] == 12
    assert row["satisfaction"]["mean"] == pytest.approx(4.33, abs=0.01)
    assert row["satisfaction"]["low"] < 4.33 < row["satisfaction"]["high"] <= 5
    assert row["satisfaction"]["scores"] == {"1": 0, "2": 0, "3": 4, "4": 0, "5": 8}
    by_subject = {each["about"]: each["satisfaction"] for each in shown["satisfaction"]}
    assert by_subject["follow_up"]["n"] == 12
    assert (by_subject["contract"]["n"], by_subject["contract"]["mean"]) == (3, None)
    assert by_subject["contract"]["too_few"]
    everything = await service.call("GET", "/measures?weeks=1&cut=all")
    assert everything["items"][0]["satisfaction"]["n"] == 15
    steps = await service.call("GET", "/measures?weeks=1&cut=step")
    assert {each["satisfaction"] for each in steps["items"]} == {None}
    earlier = await service.call("GET", "/measures?weeks=1&week=2026-W40&cut=playbook")
    assert earlier["satisfaction"] == []
