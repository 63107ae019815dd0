"""Members from a CSV: everybody or nobody, and a dry run says what would be done."""

from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.support.handoff_api import Service

DAY = ["09:00-12:00", "13:00-18:00"]
TEAM: dict[str, Any] = {"name": "関東営業部", "hours": {"monday": DAY}}
HANAKO: dict[str, Any] = {
    "team_id": "kanto",
    "name": "佐藤 花子",
    "roles": ["field_sales"],
    "functions": ["council_liaison"],
    "skills": ["digital"],
    "capacity": 20,
    "share": 2,
    "hours": {"monday": ["10:00-15:00"]},
    "email": "hanako@example.jp",
}
TARO: dict[str, Any] = {
    "team_id": "kanto",
    "name": "鈴木 太郎",
    "roles": ["inside_sales"],
    "capacity": 30,
}
ABSENCE = {"starts": "2027-01-04T00:00:00+09:00", "ends": "2027-01-07T00:00:00+09:00"}
FILE = """\
社員番号,チーム,氏名,役割,上限
s-1,kanto,佐藤 花子,外勤営業;内勤営業,25
s-2,kanto,鈴木 太郎,内勤営業,30
s-3,kanto,髙橋 次郎,カスタマーサクセス,10
"""
DONE = {
    "created": ["s-3"],
    "changed": [{"member_id": "s-1", "fields": ["roles", "capacity"]}],
    "unchanged": ["s-2"],
}


@pytest_asyncio.fixture
async def entered(service: Service) -> Service:
    """A team with two members, one of whom is away for some days."""
    await service.put("/teams/kanto", TEAM)
    await service.put("/members/s-1", HANAKO)
    await service.put("/members/s-1/absences/leave", ABSENCE)
    await service.put("/members/s-2", TARO)
    return service


async def stored(service: Service) -> list[list[dict[str, Any]]]:
    tables = ("member", "absence", "audit")
    return [await service.fetch(f"select * from {each} order by 1, 2") for each in tables]  # noqa: S608


async def sent(
    service: Service, text: str, encoding: str = "utf-8", **query: str
) -> httpx.Response:
    return await service.http.post(
        "/members/import",
        content=text.encode(encoding),
        params=query,
        headers={"content-type": "text/csv"},
    )


async def test_a_dry_run_says_what_would_be_done_and_changes_nothing(entered: Service) -> None:
    before = await stored(entered)
    answer = await sent(entered, FILE, dry_run="true")
    assert (answer.status_code, answer.json()) == (200, {"dry_run": True, **DONE})
    assert await stored(entered) == before


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
async def test_a_file_changes_what_it_says_and_nothing_else(
    entered: Service, encoding: str
) -> None:
    answer = await sent(entered, FILE, encoding)
    assert (answer.status_code, answer.json()) == (200, {"dry_run": False, **DONE})
    hanako = (await entered.http.get("/members/s-1")).json()
    expected = HANAKO | {"roles": ["field_sales", "inside_sales"], "capacity": 25}
    assert hanako == {"member_id": "s-1", "active": True, **expected}
    assert [each["absence_id"] for each in (await stored(entered))[1]] == ["leave"]
    jiro = (await entered.http.get("/members/s-3")).json()
    assert (jiro["name"], jiro["roles"], jiro["share"]) == ("髙橋 次郎", ["customer_success"], 1)


async def test_each_change_is_audited_and_a_repeat_changes_nothing(entered: Service) -> None:
    await sent(entered, FILE)
    rows = (await stored(entered))[2][-2:]
    assert [(row["who"], row["what"], row["subject"]) for row in rows] == [
        ("tester", "put_member", "member/s-1"),
        ("tester", "put_member", "member/s-3"),
    ]
    assert "髙橋" not in str(rows)
    before = await stored(entered)
    answer = await sent(entered, FILE)
    unchanged = {"created": [], "changed": [], "unchanged": ["s-1", "s-2", "s-3"]}
    assert answer.json() == {"dry_run": False, **unchanged}
    assert await stored(entered) == before


@pytest.mark.parametrize("query", [{}, {"dry_run": "true"}], ids=["import", "dry run"])
@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        ("s-4,kansai,花子,FS,20", "チーム", "there is no team kansai: enter it first"),
        ("s-4,kanto,花子,FS,-1", "上限", "write a whole number from 0 to 10000"),
        ("s-1,kanto,花子,FS,20", "社員番号", "s-1 is in line 2 too"),
    ],
)
async def test_a_file_with_a_mistake_changes_nobody(
    entered: Service, query: dict[str, str], line: str, column: str, reason: str
) -> None:
    before = await stored(entered)
    answer = await sent(entered, f"{FILE}{line}\n", **query)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "invalid_members_file")
    [mistake] = problem["mistakes"]
    assert (mistake["line"], mistake["column"]) == (5, column)
    assert reason in mistake["reason"]
    assert await stored(entered) == before


async def test_who_no_longer_works_here_is_not_brought_back(entered: Service) -> None:
    await entered.put("/members/s-1", HANAKO | {"active": False})
    await sent(entered, FILE)
    assert (await entered.http.get("/members/s-1")).json()["active"] is False


async def test_an_import_needs_the_scope(entered: Service) -> None:
    answer = await entered.http.post(
        "/members/import",
        content=FILE.encode(),
        headers={**entered.token("handoff:read"), "content-type": "text/csv"},
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
