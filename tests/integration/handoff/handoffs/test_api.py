"""Handoffs over HTTP, beside a worker: real PostgreSQL, real Temporal."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar, cast

import httpx
import pytest
import pytest_asyncio

from handoff.domain.handoff.state import Recycle
from handoff.domain.handoff.terms import Status
from handoff.handoffs.client import HandoffWorkflows
from handoff.handoffs.names import workflow_id
from handoff.handoffs.service import Handoffs
from handoff.handoffs.waking import Waking
from kakehashi_common.clock import japan_day
from kakehashi_common.errors import BusyError, FaultError, NotFoundError
from kakehashi_common.temporal.error_boundary import rpc_errors
from tests.support import handoff_rows as rows
from tests.support.budget_events import phase_entered
from tests.support.handoff_api import Service
from tests.support.histories import record
from tests.support.searching import DELETED_WITHIN, columns_with
from tests.support.waiting import eventually

KIRYU = "102032"
PHASES = ("budget_policy", "department_requests")
DAY = ["09:00-12:00", "13:00-18:00"]
WEEK = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), DAY)


@pytest_asyncio.fixture
async def at_work(service: Service) -> AsyncIterator[Service]:
    """An organisation of two field sellers, and a worker."""
    await service.put("/teams/east", {"name": "東日本営業部", "hours": WEEK})
    for member_id, role in (
        ("fs-1", "field_sales"),
        ("fs-2", "field_sales"),
        ("is-1", "inside_sales"),
    ):
        await service.put(
            f"/members/{member_id}",
            {"team_id": "east", "name": "佐藤 花子", "roles": [role], "capacity": 5},
        )
    async with service.working():
        yield service
    await service.end()


async def request(service: Service, lead_id: str = "crm-1", **more: Any) -> dict[str, Any]:
    """Request a handoff and return where it stands."""
    answer = await service.http.post(
        "/handoffs", json={"lead_id": lead_id, "municipality_code": KIRYU, "grade": "A1", **more}
    )
    assert answer.status_code in {200, 201}, answer.text
    status: dict[str, Any] = answer.json()
    return status


async def post(service: Service, handoff: dict[str, Any], what: str, **body: Any) -> httpx.Response:
    return await service.http.post(f"/handoffs/{handoff['handoff_id']}/{what}", json=body)


async def kinds(service: Service, handoff: dict[str, Any]) -> list[str]:
    """Return the kinds of a handoff's facts, in order."""
    answer = await service.http.get(f"/handoffs/{handoff['handoff_id']}/history")
    assert answer.status_code == 200, answer.text
    return [each["kind"] for each in answer.json()["items"]]


async def test_requested_accepted_contacted_met_and_won(at_work: Service) -> None:
    handoff = await request(at_work, sender="is-1")
    owner = handoff["owner"]
    assert owner in {"fs-1", "fs-2"}
    accepted = await post(at_work, handoff, "accept", by=owner)
    assert accepted.json()["status"] == "accepted", accepted.text
    stored = (await at_work.http.get(f"/handoffs/{handoff['handoff_id']}")).json()
    contacted = await post(at_work, handoff, "contact", by=owner, at=stored["assigned_at"])
    assert contacted.json()["status"] == "contacted", contacted.text
    met = await post(at_work, handoff, "meeting", by=owner, at=stored["assigned_at"])
    assert met.json()["status"] == "met", met.text
    closed = await post(at_work, handoff, "close", by=owner, outcome="won")
    assert closed.json()["status"] == "closed", closed.text
    assert await kinds(at_work, handoff) == [
        "requested",
        "assigned",
        "accepted",
        "first_contact_made",
        "meeting_held",
        "closed",
    ]
    acts = await at_work.fetch("select who, what, origin from audit where subject like 'handoff/%'")
    assert [each["what"] for each in acts] == [
        "request_handoff",
        "accept_handoff",
        "record_contact",
        "record_meeting",
        "close_handoff",
    ]
    assert acts[1]["who"] == owner
    assert acts[1]["origin"].startswith("tester "), "the token's subject is known beside the member"


async def test_a_second_qualification_joins_and_says_so(at_work: Service) -> None:
    first, second = await request(at_work), await request(at_work)
    assert (first["joined"], second["joined"]) == (False, True)
    assert second["handoff_id"] == first["handoff_id"]
    assert await kinds(at_work, first) == ["requested", "assigned", "joined"]
    other = await request(at_work, kind={"from_role": "sales_development"})
    assert other["handoff_id"] != first["handoff_id"]


async def test_requests_of_one_lead_at_once_open_one_handoff(at_work: Service) -> None:
    statuses = await asyncio.gather(*(request(at_work) for _ in range(5)))
    assert len({each["handoff_id"] for each in statuses}) == 1
    assert [each["joined"] for each in statuses].count(False) == 1
    rows = await at_work.fetch("select count(*) as n from handoff where is_open")
    assert rows[0]["n"] == 1


async def test_after_the_end_a_request_begins_a_new_one(at_work: Service) -> None:
    first = await request(at_work)
    await post(at_work, first, "withdraw", reason="入力の誤り")
    second = await request(at_work)
    assert second["handoff_id"] != first["handoff_id"]
    assert second["joined"] is False


async def test_the_same_idempotency_key_is_done_once(at_work: Service) -> None:
    body = {"lead_id": "crm-1"}
    answers = [
        await at_work.http.post("/handoffs", json=body, headers={"idempotency-key": "k-1"})
        for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert await kinds(at_work, answers[0].json()) == ["requested", "assigned"]


async def test_of_two_accepts_by_others_one_is_answered_with_who_has_it(at_work: Service) -> None:
    handoff = await request(at_work)
    owner = handoff["owner"]
    other = "fs-2" if owner == "fs-1" else "fs-1"
    answers = await asyncio.gather(
        post(at_work, handoff, "accept", by=owner), post(at_work, handoff, "accept", by=other)
    )
    assert [each.status_code for each in answers] == [200, 409]
    problem = answers[1].json()
    assert problem["code"] == "not_the_owner"
    assert owner in problem["detail"]


@pytest.mark.parametrize(
    ("what", "body", "status", "code", "field"),
    [
        ("reject", {"by": "fs-1"}, 422, "validation_failed", "/reason"),
        ("reject", {"by": "OWNER", "reason": "too_early"}, 422, "until_missing", "/until"),
        ("close", {"by": "OWNER", "outcome": "won"}, 409, "wrong_status", None),
        (
            "reassign",
            {"from_member": "OWNER", "to": "nobody-9"},
            422,
            "unknown_member",
            "/to",
        ),
        (
            "reassign",
            {"from_member": "OWNER", "to": "is-1"},
            422,
            "unknown_member",
            "/to",
        ),
        ("resume", {"by": "OWNER"}, 409, "not_paused", None),
    ],
)
async def test_what_makes_no_sense_is_refused_and_changes_nothing(
    at_work: Service, what: str, body: dict[str, Any], status: int, code: str, field: str | None
) -> None:
    handoff = await request(at_work)
    said = {k: handoff["owner"] if v == "OWNER" else v for k, v in body.items()}
    answer = await post(at_work, handoff, what, **said)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    if field is not None:
        assert answer.json()["errors"][0]["pointer"] == field, answer.text
    assert await kinds(at_work, handoff) == ["requested", "assigned"]


async def test_a_handoff_to_somebody_unknown_does_not_begin(at_work: Service) -> None:
    answer = await at_work.http.post("/handoffs", json={"lead_id": "crm-1", "to": "nobody-9"})
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_member"), answer.text
    assert await at_work.fetch("select * from handoff") == []
    assert (await request(at_work))["joined"] is False


async def test_nobody_eligible_is_a_state_with_its_reasons(at_work: Service) -> None:
    handoff = await request(at_work, complexity=50)
    assert (handoff["status"], handoff["owner"]) == ("unassigned", None)
    assert "担当件数が上限：2名" in handoff["ja"]
    by_hand = await post(at_work, handoff, "reassign", from_member=None, to="fs-2")
    assert by_hand.json()["owner"] == "fs-2", by_hand.text


async def test_a_terminated_workflow_goes_on_where_it_stood(at_work: Service) -> None:
    handoff = await request(at_work)
    owner = handoff["owner"]
    await post(at_work, handoff, "accept", by=owner)
    its_id = workflow_id(handoff["handoff_id"], at_work.beside.prefix)
    await at_work.temporal.get_workflow_handle(its_id).terminate()
    stuck = await post(at_work, handoff, "withdraw", reason="入力の誤り")
    assert stuck.json()["code"] == "workflow_not_running", stuck.text

    again = await request(at_work)

    assert (again["handoff_id"], again["joined"]) == (handoff["handoff_id"], True)
    assert (again["status"], again["owner"]) == ("accepted", owner)


async def test_changed_limits_hold_for_running_clocks(at_work: Service) -> None:
    handoff = await request(at_work)
    path = f"/handoffs/{handoff['handoff_id']}"
    before = (await at_work.http.get(path)).json()["next_due_at"]
    read = await at_work.http.get("/policies/clocks")
    answer = await at_work.http.put(
        "/policies/clocks",
        json={"rules": [{"policy": {"accept": {"hours": 80}}}]},
        headers={"if-match": read.headers["etag"]},
    )
    assert answer.status_code == 200, answer.text

    async def due_later() -> bool:
        due: str = (await at_work.http.get(path)).json()["next_due_at"]
        return due > str(before)

    await eventually(due_later, what="the handoff goes by the new limit")
    told = at_work.temporal.get_workflow_handle(f"{at_work.beside.prefix}handoff-settings-changed")
    assert await told.result() == 1
    await record("handoff", "settings-changed", told)


async def test_a_handoff_that_is_busy_ends_with_its_deletion(at_work: Service) -> None:
    class Busy:
        deleted: ClassVar[list[str]] = []

        async def send(self, *_: object) -> None:
            raise BusyError("no worker has answered in time")

        async def delete_history(self, handoff_id: str) -> bool:
            self.deleted.append(handoff_id)
            return True

    handoff = await request(at_work)
    busy = Handoffs(at_work.database, cast("HandoffWorkflows", Busy()))
    assert await busy.settle_erasure("crm-1")
    assert Busy.deleted == [handoff["handoff_id"]]


@pytest.mark.parametrize(
    "trouble",
    [BusyError("no worker has answered in time"), FaultError("stuck", code="stuck", public="")],
    ids=["busy", "stuck"],
)
async def test_a_handoff_in_trouble_holds_up_no_other_and_wakes_when_it_is_over(
    service: Service, trouble: Exception
) -> None:
    class Workflows:
        in_trouble = True
        woken: list[str]

        def __init__(self) -> None:
            self.woken = []

        async def send(self, handoff_id: str, _message: object) -> None:
            if handoff_id == "h-1" and self.in_trouble:
                raise trouble
            self.woken.append(handoff_id)

    now = service.clock.now()
    rest = Recycle(now, japan_day(now) + timedelta(days=200), "budget_policy")
    for handoff_id, code in (("h-1", KIRYU), ("h-2", KIRYU), ("h-3", "131041")):
        resting = rows.waiting(handoff_id, "2026-11-20 10:00", municipality_code=code)
        await rows.record(service, replace(resting, status=Status.RECYCLED, recycle=rest))
    workflows = Workflows()
    waking = Waking(service.database, cast("HandoffWorkflows", workflows))
    for code in (KIRYU, "131041"):
        events = [phase_entered(each, at=now, municipality_code=code) for each in PHASES]
        await waking.save(events)
        await waking.look()
    assert workflows.woken == ["h-2", "h-3"]

    workflows.in_trouble = False
    assert await waking.look() == 0
    async with service.database.raw_transaction() as connection:
        await connection.execute("update phase_wake set look_at = now()")
    assert await waking.look() == 1
    assert workflows.woken == ["h-2", "h-3", "h-1"]
    assert await waking.look() == 0


async def test_an_erasure_withdraws_what_is_open_and_leaves_no_text_anywhere(
    at_work: Service,
) -> None:
    words = "田中さんは猫を飼っている"
    handoff = await request(at_work, sender="is-1")
    path, owner = f"/handoffs/{handoff['handoff_id']}", handoff["owner"]
    packet = await at_work.http.get(f"{path}/packet")
    written = await at_work.http.put(
        f"{path}/packet/internal_notes",
        json={"text": words, "by": owner},
        headers={"if-match": packet.headers["etag"]},
    )
    assert written.status_code == 200, written.text
    await at_work.put(f"{path}/readiness/consent", {"answer": "met", "reason": words, "by": owner})

    async def held() -> set[str]:
        async with at_work.database.raw_transaction() as connection:
            return await columns_with(connection, [words])

    assert await held() == {"packet.entries", "handoff.state", "handoff_fact.fact"}
    erased = await at_work.http.delete("/leads/crm-1/personal-data")
    assert erased.json()["packets"] == 1

    async def settled() -> bool:
        return bool(await at_work.erasures.look())

    await eventually(settled, within=DELETED_WITHIN, what="Temporal keeps nothing", every=0.5)
    assert await held() == set()
    assert await kinds(at_work, handoff) == [
        "requested",
        "assigned",
        "readiness_overridden",
        "withdrawn",
    ]
    its_id = workflow_id(handoff["handoff_id"], at_work.settings.workflow_id_prefix)
    with pytest.raises(NotFoundError), rpc_errors():
        await at_work.temporal.get_workflow_handle(its_id).describe()
    rated = await post(
        at_work, handoff, "ratings", direction="receiver_rates_sender", score=3, reason="good"
    )
    assert (rated.status_code, rated.json()["code"]) == (409, "handoff_ended")
