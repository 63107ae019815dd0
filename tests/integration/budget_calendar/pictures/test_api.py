"""Pictures over HTTP: SVG and PNG, the same for the same calendar."""

from xml.etree import ElementTree as ET

import pytest

from tests.support.budget_calendar_api import Service

TIMELINE = "/v1/calendars/102032/2026/timeline"


@pytest.mark.parametrize("path", [TIMELINE, "/v1/standings"])
async def test_a_picture_is_svg_or_png(service: Service, path: str) -> None:
    svg = await service.http.get(f"{path}.svg")
    assert svg.status_code == 200, svg.text
    assert svg.headers["content-type"].startswith("image/svg+xml")
    assert ET.fromstring(svg.text).tag.endswith("svg")  # noqa: S314 - it is ours
    png = await service.http.get(f"{path}.png")
    assert png.headers["content-type"] == "image/png"
    assert png.content.startswith(b"\x89PNG\r\n")
    assert png.headers["etag"] != svg.headers["etag"]
    same = await service.http.get(f"{path}.png", headers={"if-none-match": png.headers["etag"]})
    assert same.status_code == 304


async def test_a_timeline_speaks_both_languages(service: Service) -> None:
    japanese = await service.http.get(f"{TIMELINE}.svg")
    english = await service.http.get(f"{TIMELINE}.svg", params={"language": "en"})
    assert "予算要求締切" in japanese.text
    assert "Request deadline" in english.text


async def test_a_prefecture_in_one_picture(service: Service) -> None:
    await service.http.post("/v1/follows", json={"prefecture": "群馬"})
    followed = (await service.http.get("/v1/follows", params={"limit": 100})).json()["items"]
    async with service.database.transaction() as connection:
        for each in followed:
            await service.calendars.open(connection, each["municipality"]["code"], 2026)
    whole = await service.http.get("/v1/standings.svg")
    assert "桐生市" in whole.text
    assert "前橋市" in whole.text
    first = await service.http.get("/v1/standings.svg", params={"limit": 5})
    assert "該当36団体のうち先頭の5団体" in first.text
    chosen = await service.http.get("/v1/standings.svg", params={"code": "102032"})
    assert "桐生市" in chosen.text
    assert "前橋市" not in chosen.text
    assert (await service.http.get("/v1/standings.png")).status_code == 200
    more = await service.http.get("/v1/standings.svg", params={"limit": 81})
    assert more.json()["errors"][0]["parameter"] == "limit"


async def test_the_picture_names_the_deadline_that_the_list_names(service: Service) -> None:
    await service.http.post("/v1/follows", json={"codes": ["102032"]})
    async with service.database.transaction() as connection:
        for year in (2026, 2027):
            await service.calendars.open(connection, "102032", year)
    day = {"day": "2027-03-30"}
    [listed] = (await service.http.get("/v1/standings", params=day)).json()["items"]
    likely = listed["next"]["likely"]
    assert likely >= "2027-04-01"
    picture = await service.http.get("/v1/standings.svg", params=day)
    _, month, of_month = likely.split("-")
    assert f"{int(month)}/{int(of_month)}" in picture.text
    assert listed["next"]["label"] in picture.text


async def test_followed_but_not_opened_is_said(service: Service) -> None:
    await service.http.post("/v1/follows", json={"codes": ["102032"]})
    picture = await service.http.get("/v1/standings.svg")
    assert "ほかに1団体をフォロー中ですが" in picture.text


@pytest.mark.parametrize("path", [f"{TIMELINE}.svg", f"{TIMELINE}.png", "/v1/standings.svg"])
async def test_a_picture_needs_the_scope(service: Service, path: str) -> None:
    answer = await service.http.get(path, headers=service.token("budget-calendar:follow"))
    assert answer.status_code == 403
