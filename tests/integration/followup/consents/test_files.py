"""Consents and suppressions out of files, which are taken whole or not at all."""

from typing import Any

import pytest
import pytest_asyncio

from tests.support.followup_api import Service

CONSENTS = """メールアドレス,根拠,取得日,記録,終了日
a@x.example.jp,名刺,令和8年10月2日,名刺 C-118,
b@x.example.jp,published_address,2026-10-02,https://www.city.example.lg.jp/contact,2026-12-31
"""
SUPPRESSIONS = """宛先,範囲,理由
Ａ@X.example.jp,アドレス,配信停止
y.example.jp,ドメイン,苦情
102032,団体,
crm-7,person,自社の判断
"""


@pytest_asyncio.fixture
async def service(installed: Service) -> Service:
    await installed.fresh()
    return installed


async def imported(
    service: Service, what: str, file: str, *, dry_run: bool = False
) -> tuple[int, dict[str, Any]]:
    answer = await service.http.post(
        f"/{what}/import",
        content=file.encode("cp932"),
        headers={"content-type": "text/csv"},
        params={"dry_run": dry_run},
    )
    return answer.status_code, answer.json()


async def test_suppressions_of_every_scope_hold_once_they_are_imported(service: Service) -> None:
    new = {"dry_run": True, "rows": 4, "added": 4}
    assert await imported(service, "suppressions", SUPPRESSIONS, dry_run=True) == (200, new)
    assert await imported(service, "suppressions", SUPPRESSIONS) == (200, new | {"dry_run": False})
    again = {"dry_run": False, "rows": 4, "added": 0}
    assert await imported(service, "suppressions", SUPPRESSIONS) == (200, again)
    listed = await service.call("GET", "/suppressions")
    assert [(each["scope"], each["value"], each["cause"]) for each in listed["items"]] == [
        ("address", "a@x.example.jp", "opt_out"),
        ("domain", "y.example.jp", "complaint"),
        ("organisation", "102032", "opt_out"),
        ("person", "crm-7", "seller"),
    ]
    assert {each["channel"] for each in listed["items"]} == {"import"}


async def test_consents_are_imported_with_their_basis(service: Service) -> None:
    taken = {"dry_run": False, "rows": 2}
    assert await imported(service, "consents", CONSENTS) == (200, taken)
    shown = await service.call("GET", "/consents", params={"address": "b@x.example.jp"})
    assert shown["consents"] == [
        {
            "basis": "published_address",
            "obtained_on": "2026-10-02",
            "evidence": "https://www.city.example.lg.jp/contact",
            "ended_on": "2026-12-31",
        }
    ]


@pytest.mark.parametrize(
    ("what", "row", "column", "reason"),
    [
        ("suppressions", "z.example.jp,アドレス,", "宛先", "give an address alone"),
        ("suppressions", "a@z.example.jp,ドメイン,", "宛先", "give a domain alone"),
        ("suppressions", "z.example.jp,部署,", "範囲", "write 個人, アドレス, ドメイン, 団体"),
        ("suppressions", "z.example.jp,ドメイン,飽きた", "理由", "write 配信停止, 苦情, 不達"),
        ("consents", "c@x.example.jp,名刺,2199-01-01,C,", "取得日", "lies in the future"),
        ("consents", "c@x.example.jp,公表アドレス,2026-10-02,看板,", "記録", "give the URL"),
        ("consents", "c(at)x.example.jp,名刺,2026-10-02,C,", "メールアドレス", "write an address"),
    ],
)
async def test_a_mistake_is_named_with_its_line_and_nothing_is_stored(
    service: Service, what: str, row: str, column: str, reason: str
) -> None:
    file = {"suppressions": SUPPRESSIONS, "consents": CONSENTS}[what] + row + "\n"
    status, answer = await imported(service, what, file)
    [mistake] = answer["mistakes"]
    assert (status, mistake["line"], mistake["column"]) == (422, file.count("\n"), column)
    assert reason in mistake["reason"]
    assert (await service.call("GET", "/suppressions"))["items"] == []
    shown = await service.call("GET", "/consents", params={"address": "a@x.example.jp"})
    assert shown["consents"] == []


async def test_a_suppression_that_would_hold_for_nobody_is_refused(service: Service) -> None:
    for scope, value, code in (
        ("address", "y.example.jp", "not_an_address"),
        ("address", "<joho@y.example.jp>", "not_an_address"),
        ("address", "mailto:joho@y.example.jp", "not_an_address"),
        ("domain", "joho@y.example.jp", "not_a_domain"),
        ("domain", "*.y.example.jp", "not_a_domain"),
        ("domain", "https://www.y.example.jp/", "not_a_domain"),
        ("person", " lead-1 ", "not_a_lead_id"),
        ("person", '=HYPERLINK("https://y.example.jp")', "not_a_lead_id"),
        ("organisation", "10203", "not_a_municipality_code"),
        ("organisation", "１０２０３２", "not_a_municipality_code"),
        ("organisation", "桐生市", "not_a_municipality_code"),
    ):
        body = {"scope": scope, "value": value}
        assert await service.refused("POST", "/suppressions", body) == (422, code), value


async def test_a_code_in_a_file_that_lost_its_zero_is_refused_with_the_one_meant(
    service: Service,
) -> None:
    status, answer = await imported(service, "suppressions", SUPPRESSIONS + "12025,団体,\n")
    assert status == 422
    assert "012025" in answer["mistakes"][0]["reason"]
