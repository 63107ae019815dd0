"""``/v1/subsidies``: entered, edited against the version seen, matched with own shares."""

from typing import Any

import pytest

from tests.support.budget_calendar_api import Service

SUBSIDY: dict[str, Any] = {
    "id": "digital-2027",
    "name": "デジタル実装交付金",
    "ministry": "内閣府",
    "rate": "1/2",
    "cap_yen": 3_000_000,
    "eligible_types": ["city", "town"],
    "policy_areas": ["digital"],
    "call_opens": "2026-12-05",
    "call_closes": "2027-02-10",
    "decision": {"earliest": "2027-03-20", "likely": "2027-04-01", "latest": "2027-04-20"},
    "completed_by": "2028-03-31",
    "source": "https://www.chisou.go.jp/",
}
CONTENT = {name: value for name, value in SUBSIDY.items() if name != "id"}
ONE = "/v1/subsidies/digital-2027"


async def test_a_subsidy_is_entered_read_edited_and_deleted(service: Service) -> None:
    added = await service.http.post("/v1/subsidies", json=SUBSIDY)
    assert added.status_code == 201, added.text
    assert added.headers["location"] == ONE
    read = await service.http.get(ONE)
    assert read.json() == added.json()
    assert read.json() | SUBSIDY | {"consultation": None} == read.json()
    assert read.headers["etag"] == added.headers["etag"]
    same = await service.http.get(ONE, headers={"if-none-match": read.headers["etag"]})
    assert same.status_code == 304
    seen = {"if-match": read.headers["etag"]}
    edited = await service.http.put(ONE, json=CONTENT | {"rate": "3/4"}, headers=seen)
    assert edited.json()["rate"] == "3/4"
    again = await service.http.put(ONE, json=CONTENT | {"rate": "3/4"}, headers=seen)
    assert (again.status_code, again.json()) == (200, edited.json())
    assert again.headers["etag"] == edited.headers["etag"]
    assert (await service.http.put(ONE, json=CONTENT, headers=seen)).status_code == 412
    assert (await service.http.put(ONE, json=CONTENT)).status_code == 428
    assert (await service.http.delete(ONE, headers=seen)).status_code == 412
    gone = await service.http.delete(ONE, headers={"if-match": edited.headers["etag"]})
    assert gone.status_code == 204
    assert (await service.http.get(ONE)).status_code == 404
    rows = await service.fetch("select what, before, after from audit order by id")
    assert [row["what"] for row in rows] == ["add_subsidy", "edit_subsidy", "remove_subsidy"]
    assert rows[1]["before"]["rate"] == "1/2"
    assert rows[1]["after"]["rate"] == "3/4"


async def test_what_was_read_can_be_sent_back(service: Service) -> None:
    await service.http.post("/v1/subsidies", json=SUBSIDY)
    read = await service.http.get(ONE)
    seen = {"if-match": read.headers["etag"]}
    another = await service.http.put(ONE, json=read.json() | {"id": "another"}, headers=seen)
    assert another.status_code == 422
    assert another.json()["code"] == "id_differs"
    assert another.json()["errors"][0]["pointer"] == "/id"
    back = await service.http.put(ONE, json=read.json() | {"rate": "3/4"}, headers=seen)
    assert back.json() == read.json() | {"rate": "3/4"}


async def test_each_edit_has_pursuits_notified(service: Service) -> None:
    added = await service.http.post("/v1/subsidies", json=SUBSIDY)
    seen = {"if-match": added.headers["etag"]}
    refused = await service.http.put(ONE, json=CONTENT | {"rate": "3/2"}, headers=seen)
    assert refused.status_code == 422
    edited = await service.http.put(ONE, json=CONTENT | {"rate": "3/4"}, headers=seen)
    await service.http.delete(ONE, headers={"if-match": edited.headers["etag"]})
    assert service.workflows.triggered == 3
    assert await service.fetch("select edits from subsidy_edits") == [{"edits": 3}]


async def test_an_id_is_taken_once(service: Service) -> None:
    headers = {"idempotency-key": "first"}
    first = await service.http.post("/v1/subsidies", json=SUBSIDY, headers=headers)
    again = await service.http.post("/v1/subsidies", json=SUBSIDY, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    taken = await service.http.post("/v1/subsidies", json=SUBSIDY)
    assert taken.status_code == 409
    assert taken.json()["errors"][0]["pointer"] == "/id"


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"rate": "0/2"}, "/rate"),
        ({"rate": "3/2"}, "/rate"),
        ({"rate": "1/0"}, "/rate"),
        ({"rate": "half"}, "/rate"),
        ({"cap_yen": -1}, "/cap_yen"),
        ({"name": " "}, "/name"),
        ({"call_closes": "2026-12-01"}, "/call_closes"),
        ({"completed_by": "2027-01-01"}, "/completed_by"),
        ({"decision": {"likely": "2027-01-01"}}, "/decision"),
        ({"decision": {"likely": "2027-04-01", "latest": "2027-03-01"}}, "/decision/latest"),
        ({"consultation": {"likely": "soon"}}, "/consultation/likely"),
        ({"eligible_types": ["hamlet"]}, "/eligible_types/0"),
        ({"id": "Digital 2027"}, "/id"),
    ],
)
async def test_a_subsidy_that_cannot_be_is_not_entered(
    service: Service, changed: dict[str, Any], pointer: str
) -> None:
    answer = await service.http.post("/v1/subsidies", json=SUBSIDY | changed)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert await service.rows("subsidy", "audit") == 0


async def test_subsidies_are_matched_with_own_shares(service: Service) -> None:
    for changed in (
        {},
        {"id": "for-all", "policy_areas": [], "eligible_types": [], "call_closes": "2027-01-10"},
        {"id": "villages", "eligible_types": ["village"]},
        {"id": "welfare", "policy_areas": ["welfare"]},
        {"id": "closed", "call_opens": "2026-09-01", "call_closes": "2026-11-19"},
    ):
        await service.http.post("/v1/subsidies", json=SUBSIDY | {"cap_yen": None} | changed)
    answer = await service.http.get(
        "/v1/municipalities/102032/subsidies",
        params={"policy_area": "digital", "amount_yen": 5_000_001},
    )
    matched = answer.json()
    assert [each["subsidy"]["id"] for each in matched] == ["for-all", "digital-2027"]
    assert (matched[0]["grant_yen"], matched[0]["own_share_yen"]) == (2_500_000, 2_500_001)
    without = await service.http.get(
        "/v1/municipalities/102032/subsidies", params={"policy_area": "digital"}
    )
    assert without.json()[0]["own_share_yen"] is None
    negative = await service.http.get(
        "/v1/municipalities/102032/subsidies",
        params={"policy_area": "digital", "amount_yen": -1},
    )
    assert negative.json()["errors"][0]["parameter"] == "amount_yen"


async def test_a_list_is_narrowed_and_paged(service: Service) -> None:
    for number in range(5):
        types = ["village"] if number == 0 else []
        await service.http.post(
            "/v1/subsidies", json=SUBSIDY | {"id": f"s-{number}", "eligible_types": types}
        )
    page = (await service.http.get("/v1/subsidies", params={"limit": 3})).json()
    rest = await service.http.get(
        "/v1/subsidies", params={"limit": 3, "cursor": page["next_cursor"]}
    )
    ids = [each["id"] for each in page["items"] + rest.json()["items"]]
    assert ids == [f"s-{number}" for number in range(5)]
    cities = await service.http.get(
        "/v1/subsidies",
        params={"type": "city", "policy_area": "digital", "closes_from": "2027-02-10"},
    )
    assert [each["id"] for each in cities.json()["items"]] == ids[1:]
    closed = await service.http.get("/v1/subsidies", params={"closes_from": "2027-02-11"})
    assert closed.json()["items"] == []


@pytest.mark.parametrize(("method", "path"), [("POST", "/v1/subsidies"), ("PUT", ONE)])
async def test_writing_needs_its_scope(service: Service, method: str, path: str) -> None:
    answer = await service.http.request(
        method, path, json=SUBSIDY, headers=service.token("budget-calendar:correct")
    )
    assert answer.status_code == 403
    assert "budget-calendar:subsidies:write" in answer.json()["detail"]
