"""Deals by hand and from a CRM over HTTP."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from handoff.deals.statements import DealStatements
from handoff.http import examples
from handoff.scopes import READ
from kakehashi_common.cloudevents.codec import EventDecoder
from kakehashi_common.contracts.deal_events import DealChanged, DealStage
from kakehashi_common.contracts.topics import DEAL_EVENTS, SELLER_ACTIVITIES, Topic
from tests.support import kafka
from tests.support.handoff_api import Service
from tests.support.handoff_deciding import Handoffs
from tests.support.received import received

DEAL = examples.bodies()["put_deal"]["example"]["value"] | {"owner": None}


async def put(service: Service, body: dict[str, Any], **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await service.http.put("/deals/d-1", json=body, headers=named)


async def test_a_deal_is_stated_by_hand_and_published(service: Service) -> None:
    answer = await put(service, DEAL)
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert (shown["stage"], shown["stage_ja"]) == ("evaluation", "検討")
    assert (await service.http.get("/deals/d-1")).json() == shown
    [message] = await service.fetch("select * from outbox")
    assert json.loads(message["value"])["amount_yen"] == 4_800_000
    [audited] = await service.fetch("select * from audit")
    assert (audited["what"], audited["subject"]) == ("put_deal", "deal/d-1")


async def test_a_repeat_changes_nothing(service: Service) -> None:
    first, again = await put(service, DEAL), await put(service, DEAL)
    assert (again.status_code, again.json()) == (200, first.json())
    assert len(await service.fetch("select * from outbox")) == 1


async def test_an_edit_names_the_version_that_it_saw(service: Service) -> None:
    tag = (await put(service, DEAL)).headers["etag"]
    edited = DEAL | {"amount_yen": 4_500_000}
    assert (await put(service, edited)).status_code == 428
    assert (await put(service, edited, if_match='"other"')).status_code == 412
    done = await put(service, edited, if_match=tag)
    assert (done.status_code, done.json()["amount_yen"]) == (200, 4_500_000)
    assert (await service.http.get("/deals/d-1")).headers["etag"] == done.headers["etag"] != tag


async def test_an_edit_counts_although_the_crms_clock_is_ahead(service: Service) -> None:
    stated = DealChanged(deal_id="d-1", stage=DealStage.INTEREST)
    ahead = datetime.now(UTC) + timedelta(hours=12)
    await DealStatements(service.database, Handoffs(service).send, "").take_in(
        [received(stated, ahead)]
    )
    tag = (await service.http.get("/deals/d-1")).headers["etag"]
    done = await put(service, DEAL | {"amount_yen": 1}, if_match=tag)
    assert done.json()["amount_yen"] == 1
    assert (await service.http.get("/deals/d-1")).json() == done.json()


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"owner": "s-9"}, "/owner", "unknown_member"),
        ({"lead_ids": ["a", "a"]}, "/lead_ids", "repeated"),
        ({"outcome": "lost"}, "/outcome_reason", "outcome_reason"),
        ({"outcome_reason": "price"}, "/outcome_reason", "outcome_reason"),
        ({"superseded_by": "d-1"}, "/superseded_by", "superseded_by"),
        ({"superseded_by": "d-2", "outcome": "won"}, "/superseded_by", "superseded_by"),
        ({"superseded_by": "d-2"}, "/superseded_by", "unknown_deal"),
        ({"stage": "検討"}, "/stage", "enum"),
        ({"amount_yen": -1}, "/amount_yen", "greater_than_equal"),
        ({"municipality_code": "102033"}, "/municipality_code", "value_error"),
    ],
)
async def test_a_mistake_is_named_and_nothing_is_stored(
    service: Service, changes: dict[str, Any], pointer: str, code: str
) -> None:
    answer = await put(service, DEAL | changes)
    assert answer.status_code == 422
    [mistake] = answer.json()["errors"]
    assert (mistake["pointer"], mistake["code"]) == (pointer, code)
    assert await service.fetch("select * from deal") == []


async def test_deals_are_listed_by_what_is_asked_for(service: Service) -> None:
    stated: dict[str, dict[str, Any]] = {
        "d-1": {"stage": "interest", "lead_ids": ["lead-1", "lead-2"]},
        "d-2": {"stage": "decision", "outcome": "won", "municipality_code": "102032"},
        "d-3": {"stage": "decision", "lead_ids": ["lead-2"]},
        "d-4": {"stage": "interest", "superseded_by": "d-3"},
    }
    for deal_id, body in stated.items():
        await service.put(f"/deals/{deal_id}", body)
    for asked, expected in [
        ({}, ["d-1", "d-2", "d-3", "d-4"]),
        ({"lead_id": "lead-2"}, ["d-1", "d-3"]),
        ({"municipality_code": "102032"}, ["d-2"]),
        ({"stage": "decision"}, ["d-2", "d-3"]),
        ({"open": "true"}, ["d-1", "d-3"]),
        ({"open": "false"}, ["d-2", "d-4"]),
        ({"owner": "s-1"}, []),
    ]:
        answer = await service.http.get("/deals", params=asked)
        assert [each["deal_id"] for each in answer.json()["items"]] == expected
    first = (await service.http.get("/deals", params={"limit": "2"})).json()
    rest = await service.http.get("/deals", params={"cursor": first["next_cursor"]})
    assert [each["deal_id"] for each in rest.json()["items"]] == ["d-3", "d-4"]


async def test_an_unknown_deal_is_named(service: Service) -> None:
    answer = await service.http.get("/deals/d-9")
    assert (answer.status_code, answer.json()["detail"]) == (404, "there is no deal d-9")


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("PUT", "/deals/d-1", "handoff:write"),
        ("POST", "/deal-events", "handoff:events:write"),
        ("POST", "/seller-activities", "handoff:events:write"),
    ],
)
async def test_a_scope_is_needed(service: Service, method: str, path: str, scope: str) -> None:
    answer = await service.http.request(method, path, json={}, headers=service.token(READ))
    assert answer.status_code == 403
    assert scope in answer.text


@pytest.mark.parametrize(
    ("path", "operation", "topic", "key"),
    [
        ("/deal-events", "publish_deal_events", DEAL_EVENTS, b"0065g00000XyZ01"),
        (
            "/seller-activities",
            "publish_seller_activities",
            SELLER_ACTIVITIES,
            b"crm-48213",
        ),
    ],
)
async def test_events_over_http_reach_their_topic(
    service: Service, path: str, operation: str, topic: Topic, key: bytes
) -> None:
    event = examples.bodies()[operation]["example"]["value"]
    several = examples.several_events()[operation]["several"]["value"]
    name = service.settings.topic_prefix + topic.name
    async with kafka.test_broker() as broker:
        await broker.create([Topic(name, "", "", topic.models, ("tests",), ("tests",), 1, None)])
        one = await service.http.post(path, json=event)
        assert (one.status_code, one.json()) == (
            202,
            {"id": event["id"], "source": event["source"]},
        )
        broken = [several[0], {**several[1], "data": {}}]
        mixed = await service.http.post(path, json=broken)
        assert (mixed.status_code, mixed.json()["accepted"]) == (207, 1)
        assert mixed.json()["results"][1]["errors"][0]["pointer"].startswith("/1/data/")
        found = await broker.read(name, at_least=2)
    assert [record.key for record in found] == [key, key]
    read = EventDecoder(topic.models).decode(found[0], datetime.now(UTC))
    assert json.loads(read.data_json) == event["data"]


async def test_a_request_repeated_by_its_key_has_the_same_ids(service: Service) -> None:
    event = examples.bodies()["publish_deal_events"]["example"]["value"]
    without_id = {name: value for name, value in event.items() if name != "id"}
    name = service.settings.topic_prefix + DEAL_EVENTS.name
    headers = {"idempotency-key": "k-1"}
    async with kafka.test_broker() as broker:
        await broker.create(
            [Topic(name, "", "", DEAL_EVENTS.models, ("tests",), ("tests",), 1, None)]
        )
        ids = {
            (await service.http.post("/deal-events", json=without_id, headers=headers)).json()["id"]
            for _ in range(2)
        }
        other = await service.http.post("/deal-events", json=[without_id], headers=headers)
    assert len(ids) == 1
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
