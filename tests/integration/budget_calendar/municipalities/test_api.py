"""``/v1/municipalities``: found by what people know of it, and told what no registry knows."""

from typing import Any

import pytest

from tests.support.budget_calendar_api import Service

KIRYU = "/v1/municipalities/102032"
FACTS = {
    "head_term_ends": "2027-05-15",
    "year_round_session": True,
    "source": "選挙管理委員会",
    "reason": "nobody had entered it",
}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"text": "桐生"}, ["102032"]),
        ({"text": "群馬県桐生"}, ["102032"]),
        ({"text": "キリュウ", "from_start": True}, ["102032"]),
        ({"text": "10203"}, ["102032"]),
        ({"code": "102032"}, ["102032"]),
        ({"name": "府中市"}, ["132063", "342084"]),
        ({"kana": "ふちゅうし", "prefecture": "広島"}, ["342084"]),
        ({"prefecture": "群馬", "type": "core_city"}, ["102016", "102024"]),
        ({"prefecture": "10", "type": ["core_city", "prefecture"]}, ["100005", "102016", "102024"]),
        ({"prefecture": "ぐんま", "type": "city", "size_band": "over_300k"}, []),
    ],
)
async def test_municipalities_are_found(
    service: Service, asked: dict[str, Any], found: list[str]
) -> None:
    answer = await service.http.get("/v1/municipalities", params=asked)
    assert answer.status_code == 200, answer.text
    assert [each["code"] for each in answer.json()["items"]] == found


async def test_pages_hold_every_municipality_once(service: Service) -> None:
    codes: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await service.http.get("/v1/municipalities", params={"limit": 500, **cursor})
        page = answer.json()
        codes += [each["code"] for each in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert len(codes) == 1788
    assert codes == sorted(set(codes))


@pytest.mark.parametrize(
    ("asked", "parameter", "said"),
    [
        ({"code": "102031"}, "code", "102032"),
        ({"text": "102031"}, "text", "102032"),
        ({"prefecture": "群馬線"}, "prefecture", "群馬"),
        ({"type": "hamlet"}, "type.0", "village"),
        ({"size_band": "huge"}, "size_band.0", "over_300k"),
        ({"limit": 0}, "limit", "1"),
        ({"cursor": "nonsense"}, "cursor", "next_cursor"),
        ({"prefectur": "群馬"}, "prefectur", "did you mean prefecture?"),
        ({"name": "桐生\0"}, "name", "U+0000"),
    ],
)
async def test_a_search_that_cannot_be_is_refused_by_name(
    service: Service, asked: dict[str, Any], parameter: str, said: str
) -> None:
    answer = await service.http.get("/v1/municipalities", params=asked)
    assert answer.status_code in {400, 422}
    problem = answer.json()
    assert problem["errors"][0]["parameter"] == parameter
    assert said in problem["detail"]


async def test_a_municipality_shows_its_indices_and_facts(service: Service) -> None:
    answer = await service.http.get(KIRYU)
    shown = answer.json()
    assert shown["name"] == "桐生市"
    assert shown["type_label"] == {"ja": "市", "en": "city"}
    assert shown["size_band"] == "50k_300k"
    assert 0 < shown["indices"]["financial_strength"] < 1
    assert shown["facts"] == {"head_term_ends": None, "year_round_session": False}
    again = await service.http.get(KIRYU, headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("code", ["102031", "12", "九九九九九九", "999997"])
async def test_an_unknown_code_is_refused(service: Service, code: str) -> None:
    answer = await service.http.get(f"/v1/municipalities/{code}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == "code"


async def test_facts_are_entered_against_the_version_seen(service: Service) -> None:
    seen = (await service.http.get(KIRYU)).headers["etag"]
    answer = await service.http.put(f"{KIRYU}/facts", json=FACTS, headers={"if-match": seen})
    assert answer.status_code == 200, answer.text
    changed = await service.http.get(KIRYU)
    assert changed.headers["etag"] == answer.headers["etag"] != seen
    assert changed.json()["facts"] == {"head_term_ends": "2027-05-15", "year_round_session": True}
    [row] = await service.fetch("select * from audit")
    assert (row["who"], row["what"], row["subject"]) == (
        "tester",
        "enter_facts",
        "municipality/102032",
    )
    again = await service.http.put(f"{KIRYU}/facts", json=FACTS, headers={"if-match": seen})
    assert (again.status_code, again.json()) == (200, answer.json())
    assert again.headers["etag"] == answer.headers["etag"]
    assert len(await service.fetch("select * from audit")) == 1
    other = FACTS | {"head_term_ends": "2027-05-16"}
    stale = await service.http.put(f"{KIRYU}/facts", json=other, headers={"if-match": seen})
    assert stale.status_code == 412
    missing = await service.http.put(f"{KIRYU}/facts", json=FACTS)
    assert missing.status_code == 428


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"head_term_ends": "2040-01-01"}, "/head_term_ends"),
        ({"head_term_ends": "2027-02-29"}, "/head_term_ends"),
        ({"reason": ""}, "/reason"),
        ({"reason": "  "}, "/reason"),
        ({"year_round_sessions": True}, "/year_round_sessions"),
    ],
)
async def test_facts_that_cannot_be_change_nothing(
    service: Service, changed: dict[str, Any], pointer: str
) -> None:
    seen = (await service.http.get(KIRYU)).headers["etag"]
    answer = await service.http.put(
        f"{KIRYU}/facts", json=FACTS | changed, headers={"if-match": seen}
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert (await service.http.get(KIRYU)).headers["etag"] == seen
    assert await service.fetch("select * from audit") == []
