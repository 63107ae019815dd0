"""The catalogue of content over HTTP."""

from typing import Any

from tests.support.followup_api import Service

CASE: dict[str, Any] = {
    "kind": "case",
    "title": "窓口の待ち時間を短くした取り組み",
    "source": "当社導入事例集12頁",
    "url": "https://www.example.co.jp/cases/14",
    "topics": ["窓口", "待ち時間"],
    "roles": ["manager", "officer"],
    "policy_areas": ["digital"],
    "valid_until": "2027-03-31",
}
CSV = {"content-type": "text/csv"}


async def test_an_entry_is_put_changed_listed_and_deleted_and_each_change_is_audited(
    installed: Service,
) -> None:
    await installed.fresh()
    first = await installed.call("PUT", "/contents/case-14", CASE)
    again = await installed.call("PUT", "/contents/case-14", CASE)
    await installed.call("PUT", "/contents/case-14", CASE | {"active": False})
    await installed.call("PUT", "/contents/law-1", CASE | {"kind": "law", "policy_areas": []})

    assert again == first
    assert {name: first[name] for name in CASE} == CASE
    assert (first["active"], first["entered_by"], first["size_bands"]) == (True, "tester", [])
    for query, ids in (
        ("", ["case-14", "law-1"]),
        ("?kind=law", ["law-1"]),
        ("?policy_area=digital", ["case-14"]),
        ("?active=true", ["law-1"]),
    ):
        listed = await installed.call("GET", f"/contents{query}")
        assert [each["content_id"] for each in listed["items"]] == ids, query
    first_page = await installed.call("GET", "/contents?limit=1")
    rest = await installed.call("GET", f"/contents?cursor={first_page['next_cursor']}")
    assert [each["content_id"] for each in rest["items"]] == ["law-1"]

    await installed.call("DELETE", "/contents/case-14")
    assert await installed.refused("GET", "/contents/case-14") == (404, "not_found")
    assert await installed.refused("DELETE", "/contents/case-14") == (404, "not_found")
    async with installed.database.raw_transaction() as connection:
        audited = await connection.fetch(
            "select what, before, after from audit where subject = 'content/case-14' order by id"
        )
    assert [each["what"] for each in audited] == ["put_content", "put_content", "delete_content"]
    assert (audited[1]["before"], audited[1]["after"]) == ({"active": True}, {"active": False})


async def test_a_mistake_is_named_with_its_field_and_the_fix(installed: Service) -> None:
    await installed.fresh()
    for differences, field, words in (
        ({"title": "一\n二"}, "title", "in one line"),
        ({"url": None}, "url", "a passage to quote"),
        ({"url": "ftp://example.jp"}, "url", "https://"),
        ({"kind": "book"}, "kind", "case"),
        ({"stages": ["summer"]}, "stages", "summer_review"),
        ({"source": ""}, "source", "1 character"),
    ):
        answer = await installed.http.put("/contents/case-14", json=CASE | differences)
        assert answer.status_code == 422, differences
        error = answer.json()["errors"][0]
        assert error["pointer"].startswith(f"/{field}"), error
        assert words in answer.text


async def test_a_file_is_taken_whole_or_not_at_all_and_leaves_what_it_does_not_say(
    installed: Service,
) -> None:
    await installed.fresh()
    await installed.call("PUT", "/contents/case-14", CASE)
    await installed.call("PUT", "/contents/case-15", CASE)
    head = "番号,種類,題名,出典,URL"
    text = f"""{head}
case-14,事例,新しい題名,{CASE["source"]},{CASE["url"]}
case-15,事例,{CASE["title"]},{CASE["source"]},{CASE["url"]}
case-16,比較,方式の比較,比較資料3頁,https://www.example.co.jp/compare
"""
    tried = await installed.http.post(
        "/contents/import?dry_run=true", content=text.encode("cp932"), headers=CSV
    )
    took = await installed.http.post("/contents/import", content=text.encode("cp932"), headers=CSV)

    said = {"created": ["case-16"], "changed": ["case-14"], "unchanged": ["case-15"]}
    assert tried.json() == said | {"dry_run": True}
    assert took.json() == said | {"dry_run": False}
    kept = await installed.call("GET", "/contents/case-14")
    assert (kept["title"], kept["topics"], kept["roles"]) == (
        "新しい題名",
        CASE["topics"],
        CASE["roles"],
    )

    wrong = f"{head}\ncase-17,事例,題,出典,https://a.example.jp\ncase-18,事例,題,出典,\n"
    refused = await installed.http.post("/contents/import", content=wrong.encode(), headers=CSV)
    assert refused.status_code == 422
    assert refused.json()["mistakes"] == [
        {"line": 3, "column": "URL", "reason": "give a url to link to, or a passage to quote"}
    ]
    assert await installed.refused("GET", "/contents/case-17") == (404, "not_found")


async def test_only_whoever_may_write_changes_the_catalogue(installed: Service) -> None:
    reader = installed.issuer.token("reader", ["followup:read"])
    headers = {"authorization": f"Bearer {reader}"}
    answer = await installed.http.put("/contents/case-14", json=CASE, headers=headers)
    assert answer.status_code == 403
    assert (await installed.http.get("/contents", headers=headers)).status_code == 200
