"""``/v1/calendars``: a municipality's year, corrected, versioned, and assumed otherwise."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from budget_calendar.http import examples
from kakehashi_common.japanese_holidays import BUSINESS_DAYS
from tests.support.budget_calendar_api import Service

THIS_YEAR = "/v1/calendars/102032/2026"
NEXT_YEAR = "/v1/calendars/102032/2027"
CORRECTION = {
    "earliest": "2027-10-25",
    "likely": "2027-10-29",
    "latest": "2027-10-29",
    "source": "予算編成方針",
    "reason": "published",
}

PLAIN = {"source": "予算編成方針", "reason": "published"}


def days(calendar: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["key"]: each["window"] for each in calendar["milestones"]}


async def test_a_calendar_shows_the_year_and_where_it_stands(service: Service) -> None:
    answer = await service.http.get(THIS_YEAR)
    assert answer.status_code == 200
    calendar = answer.json()
    assert calendar["municipality"]["name"] == "桐生市"
    assert calendar["fiscal_year_label"] == {"ja": "令和8年度", "en": "fiscal year 2026"}
    assert calendar["version"] is None
    assert calendar["standing"]["day"] == "2026-11-20"
    assert calendar["standing"]["phase"] == "finance_assessment"
    phases = calendar["phases"]
    assert phases[0]["begins"]["likely"] == "2026-04-01"
    assert phases[-1]["ends"]["latest"] == "2027-03-31"
    for milestone in calendar["milestones"]:
        window = milestone["window"]
        assert window["earliest"] <= window["likely"] <= window["latest"]
        assert window["basis"] in {"law", "practice"}
        assert window["source"]
        assert milestone["label"]["ja"]
        assert milestone["label"]["en"]
    assert await service.fetch("select * from calendar") == []


async def test_another_year_stands_nowhere(service: Service) -> None:
    assert (await service.http.get(NEXT_YEAR)).json()["standing"] is None


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("/v1/calendars/102031/2026", "code"),
        ("/v1/calendars/102032/1999", "fiscal_year"),
        ("/v1/calendars/102032/2100", "fiscal_year"),
        ("/v1/calendars/102032/令和8", "fiscal_year"),
        ("/v1/calendars/102032/2026/versions/0", "number"),
        ("/v1/calendars/102032/2026/versions/1", "number"),
    ],
)
async def test_what_is_not_there_is_refused_by_name(
    service: Service, path: str, parameter: str
) -> None:
    answer = await service.http.get(path)
    assert answer.status_code in {404, 422}
    assert answer.json()["errors"][0]["parameter"] == parameter


async def test_a_correction_makes_a_version_and_says_what_moved(service: Service) -> None:
    answer = await service.http.put(f"{NEXT_YEAR}/corrections/request_deadline", json=CORRECTION)
    assert answer.status_code == 200, answer.text
    revision = answer.json()
    assert revision["versions"] == [{"fiscal_year": 2027, "version": 2}]
    moved = {each["milestone"]: each for each in revision["moved"]}
    assert moved["request_deadline"]["fiscal_year"] == 2027
    assert moved["request_deadline"]["after"]["likely"] == "2027-10-29"
    assert moved["request_deadline"]["after"]["basis"] == "manual"
    read = await service.http.get(NEXT_YEAR)
    calendar = read.json()
    assert calendar["version"]["version"] == 2
    assert calendar["version"]["computed_by"] == "tester"
    assert calendar["version"]["reason"] == "published"
    assert days(calendar)["request_deadline"]["likely"] == "2027-10-29"
    unchanged = await service.http.get(NEXT_YEAR, headers={"if-none-match": read.headers["etag"]})
    assert unchanged.status_code == 304
    service.clock.instant = datetime(2026, 11, 21, 3, tzinfo=UTC)
    tomorrow = await service.http.get(NEXT_YEAR, headers={"if-none-match": read.headers["etag"]})
    assert tomorrow.status_code == 200
    [row] = await service.fetch("select * from audit")
    assert row["who"] == "tester"
    assert row["what"] == "correct_calendar"
    assert row["subject"] == "calendar/102032/2027/request_deadline"
    assert row["origin"].startswith("127.0.0.1 ")


@pytest.mark.parametrize(
    ("where", "correction"),
    [
        pytest.param(f"{NEXT_YEAR}/corrections/request_deadline", CORRECTION, id="a milestone"),
        pytest.param(
            f"{NEXT_YEAR}/corrections/finance_assessment",
            PLAIN | {"likely": "2027-11-01"},
            id="a phase",
        ),
        pytest.param(
            f"{THIS_YEAR}/corrections/finance_assessment_ends",
            PLAIN | {"likely": "2026-11-19"},
            id="said to be over already",
        ),
    ],
)
async def test_a_correction_sent_again_is_answered_as_the_first_and_changes_nothing(
    service: Service, where: str, correction: dict[str, str]
) -> None:
    first = await service.http.put(where, json=correction)
    assert first.status_code == 200, first.text
    assert first.json()["versions"]
    service.clock.instant += timedelta(minutes=1)
    again = await service.http.put(where, json=correction)
    assert (again.status_code, again.json()) == (200, first.json()), again.text
    assert len(await service.fetch("select * from correction")) == 1
    assert len(await service.fetch("select * from audit")) == 1
    other = await service.http.put(where, json=correction | {"source": "telephone"})
    assert other.status_code in (200, 422)  # it says more than the first: no repeat
    assert other.json() != first.json()


@pytest.mark.parametrize(
    ("likely", "warned"),
    [
        ("2027-10-29", None),
        ("2027-10-30", "2027年10月30日は土曜日で、閉庁日です。日付をご確認ください。"),
        ("2027-10-31", "2027年10月31日は日曜日で、閉庁日です。日付をご確認ください。"),
        ("2027-10-11", "2027年10月11日は祝日で、閉庁日です。日付をご確認ください。"),
        ("2027-12-29", "2027年12月29日は年末年始の休みで、閉庁日です。日付をご確認ください。"),
    ],
)
async def test_a_correction_on_a_day_with_closed_offices_is_accepted_with_a_warning(
    service: Service, likely: str, warned: str | None
) -> None:
    answer = await service.http.put(
        f"{NEXT_YEAR}/corrections/request_deadline", json=PLAIN | {"likely": likely}
    )
    assert answer.status_code == 200, answer.text
    warnings = [(w["pointer"], w["code"], w["label"]["ja"]) for w in answer.json()["warnings"]]
    assert warnings == ([("/likely", "not_a_business_day", warned)] if warned else [])


async def test_an_election_on_a_sunday_needs_no_warning(service: Service) -> None:
    answer = await service.http.put(
        f"{NEXT_YEAR}/corrections/head_election", json=PLAIN | {"likely": "2027-10-31"}
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["warnings"] == []


def test_the_examples_of_dates_are_business_days() -> None:
    for year in range(2024, 2036):
        body = examples.bodies(date(year, 6, 1))["correct_calendar"]
        for value in (each["value"] for each in body.values()):
            days = [date.fromisoformat(value[end]) for end in ("earliest", "likely", "latest")]
            assert [day for day in days if day not in BUSINESS_DAYS] == []


async def test_a_withdrawn_correction_moves_everything_back(service: Service) -> None:
    before = days((await service.http.get(NEXT_YEAR)).json())
    await service.http.put(f"{NEXT_YEAR}/corrections/finance_assessment", json=CORRECTION)
    answer = await service.http.delete(f"{NEXT_YEAR}/corrections/finance_assessment")
    assert answer.status_code == 200, answer.text
    assert answer.json()["versions"] == [{"fiscal_year": 2027, "version": 3}]
    assert days((await service.http.get(NEXT_YEAR)).json()) == before
    [row] = (await service.http.get(f"{NEXT_YEAR}/corrections")).json()
    assert row["key"] == "request_deadline"
    assert row["withdrawn_at"] is not None
    again = await service.http.delete(f"{NEXT_YEAR}/corrections/finance_assessment")
    assert again.status_code == 404


async def test_a_correction_withdrawn_after_its_year_moves_that_year_back(
    service: Service,
) -> None:
    before = days((await service.http.get(NEXT_YEAR)).json())
    await service.http.put(f"{NEXT_YEAR}/corrections/request_deadline", json=CORRECTION)
    service.clock.instant = datetime(2028, 4, 3, 3, tzinfo=UTC)
    answer = await service.http.delete(f"{NEXT_YEAR}/corrections/request_deadline")
    assert answer.json()["versions"] == [{"fiscal_year": 2027, "version": 3}]
    assert days((await service.http.get(NEXT_YEAR)).json()) == before


async def test_versions_stay_to_be_read(service: Service) -> None:
    for day in ("2027-10-15", "2027-10-20"):
        await service.http.put(
            f"{NEXT_YEAR}/corrections/request_deadline",
            json={"likely": day, "source": "telephone", "reason": f"now {day}"},
        )
    first = (await service.http.get(f"{NEXT_YEAR}/versions", params={"limit": 2})).json()
    assert [each["version"] for each in first["items"]] == [3, 2]
    rest = await service.http.get(
        f"{NEXT_YEAR}/versions", params={"limit": 2, "cursor": first["next_cursor"]}
    )
    assert [(each["version"], each["cause"]) for each in rest.json()["items"]] == [(1, "opened")]
    old = (await service.http.get(f"{NEXT_YEAR}/versions/2")).json()
    assert days(old)["request_deadline"]["likely"] == "2027-10-15"
    assert "request_deadline" in {each["milestone"] for each in old["moved"]}


@pytest.mark.parametrize(
    ("key", "changed", "code", "pointer"),
    [
        ("request_deadlin", {}, "unknown_milestone", None),
        ("session_vote:5", {}, "unknown_session", None),
        ("accounts_closed", {}, "set_by_law", None),
        ("head_term_ends", {}, "not_correctable", None),
        ("request_deadline", {"earliest": "2027-11-01"}, "window_out_of_order", "/earliest"),
        ("request_deadline", {"latest": "2027-10-01"}, "window_out_of_order", "/latest"),
        (
            "request_deadline",
            {"earliest": "2026-10-01", "likely": "2026-10-02", "latest": "2026-10-02"},
            "outside_fiscal_year",
            "/earliest",
        ),
        ("request_deadline", {"reason": " "}, "reason_missing", "/reason"),
        ("request_deadline", {"source": "\u3000"}, "reason_missing", "/source"),
        ("request_deadline", {"reason": "tele\0phone"}, "validation_failed", "/reason"),
        ("request_deadline", {"likely": "2027-02-30"}, "validation_failed", "/likely"),
        ("request_deadline", {"likley": "2027-10-29"}, "validation_failed", "/likley"),
    ],
)
async def test_a_correction_that_cannot_be_changes_nothing(
    service: Service, key: str, changed: dict[str, str], code: str, pointer: str | None
) -> None:
    answer = await service.http.put(f"{NEXT_YEAR}/corrections/{key}", json=CORRECTION | changed)
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["code"] == code
    [error] = problem["errors"]
    place = {"parameter": "key"} if pointer is None else {"pointer": pointer}
    assert {name: error[name] for name in place} == place
    assert await service.rows("calendar", "correction", "audit", "outbox") == 0


async def test_what_has_passed_stays_past(service: Service) -> None:
    answer = await service.http.put(
        f"{THIS_YEAR}/corrections/request_deadline",
        json={"likely": "2026-10-01", "source": "telephone", "reason": "it was earlier"},
    )
    assert answer.status_code == 422
    assert answer.json()["code"] == "revision_into_the_past"
    assert answer.json()["errors"][0]["pointer"] == "/latest"


async def test_windows_that_overlap_are_refused(service: Service) -> None:
    await service.http.put(f"{NEXT_YEAR}/corrections/request_deadline", json=CORRECTION)
    answer = await service.http.put(
        f"{NEXT_YEAR}/corrections/finance_assessment_ends",
        json={"likely": "2027-10-28", "source": "telephone", "reason": "earlier"},
    )
    assert answer.status_code == 422
    assert answer.json()["code"] == "overlapping_windows"
    corrections = (await service.http.get(f"{NEXT_YEAR}/corrections")).json()
    assert [each["key"] for each in corrections] == ["request_deadline"]


async def test_a_hundred_corrections_at_once_end_at_the_last(service: Service) -> None:
    async def correct(number: int) -> int:
        answer = await service.http.put(
            f"{NEXT_YEAR}/corrections/request_deadline",
            json={
                "likely": date(2027, 10, 1 + number % 28).isoformat(),
                "source": "telephone",
                "reason": f"number {number}",
            },
        )
        return answer.status_code

    assert set(await asyncio.gather(*map(correct, range(100)))) == {200}
    rows = await service.fetch("select version, reason from calendar order by version")
    assert [row["version"] for row in rows] == list(range(1, len(rows) + 1))
    standing = await service.fetch("select * from correction where withdrawn_at is null")
    assert [row["reason"] for row in standing] == [
        (await service.fetch("select * from correction order by id desc limit 1"))[0]["reason"]
    ]
    calendar = (await service.http.get(NEXT_YEAR)).json()
    assert days(calendar)["request_deadline"]["likely"] == str(standing[0]["likely"])
    assert len(await service.fetch("select * from audit")) == 100


async def test_what_if_moves_nothing(service: Service) -> None:
    answer = await service.http.post(
        f"{NEXT_YEAR}/what-if",
        json={"assumptions": [{"key": "request_deadline", "likely": "2027-09-30"}]},
    )
    assert answer.status_code == 200, answer.text
    assumed = answer.json()
    assert days(assumed)["request_deadline"]["likely"] == "2027-09-30"
    assert assumed["moved"][0]["days"] is not None
    assert days((await service.http.get(NEXT_YEAR)).json())["request_deadline"]["likely"] != (
        "2027-09-30"
    )
    assert await service.fetch("select * from calendar") == []


@pytest.mark.parametrize(
    ("assumption", "pointer"),
    [
        ({"key": "nonsense", "likely": "2027-09-30"}, "/assumptions/1/key"),
        ({"key": "request_deadline", "likely": "2028-09-30"}, "/assumptions/1/earliest"),
        (
            {"key": "request_deadline", "likely": "2027-09-30", "earliest": "2027-10-01"},
            "/assumptions/1/earliest",
        ),
        ({"key": "request_deadline"}, "/assumptions/1/likely"),
    ],
)
async def test_an_assumption_that_cannot_be_is_named(
    service: Service, assumption: dict[str, str], pointer: str
) -> None:
    good = {"key": "policy_announced", "likely": "2027-09-01"}
    answer = await service.http.post(
        f"{NEXT_YEAR}/what-if", json={"assumptions": [good, assumption]}
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_workflows_are_told_of_a_revision_or_later(service: Service) -> None:
    await service.fetch(
        "insert into follow values ('102032', now(), 'tester', true, 0, 0) returning code"
    )
    await service.http.put(f"{NEXT_YEAR}/corrections/request_deadline", json=CORRECTION)
    assert service.workflows.notified == ["102032"]
    service.workflows.away = True
    answer = await service.http.delete(f"{NEXT_YEAR}/corrections/request_deadline")
    assert answer.status_code == 200
    [row] = await service.fetch("select revision, told from follow")
    assert (row["revision"], row["told"]) == (2, 1)
    rows = await service.fetch("select topic from outbox")
    assert [row["topic"] for row in rows] == ["budget-phases-v1"] * 2


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", f"{NEXT_YEAR}/corrections/request_deadline"),
        ("DELETE", f"{NEXT_YEAR}/corrections/request_deadline"),
        ("PUT", "/v1/municipalities/102032/facts"),
    ],
)
async def test_a_change_needs_its_scope(service: Service, method: str, path: str) -> None:
    answer = await service.http.request(
        method, path, json=CORRECTION, headers=service.token("budget-calendar:read")
    )
    assert answer.status_code == 403
    assert "budget-calendar:correct" in answer.json()["detail"]


async def test_the_examples_of_the_description_work(service: Service) -> None:
    document = (await service.http.get("/openapi.json")).json()
    values = examples.path_values(service.calendar_queries.today)
    tried = 0
    for path, operations in document["paths"].items():
        if path.startswith("/v1/pursuits"):
            continue  # they need a workflow: test_pursuits.py sends them
        for method, operation in operations.items():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                for example in content["examples"].values():
                    headers = {}
                    if method == "put" and "if-match" in str(operation.get("parameters")):
                        edited = path.format(**values).removesuffix("/facts")
                        seen = await service.http.get(edited)
                        headers = {"if-match": seen.headers["etag"]}
                    answer = await service.http.request(
                        method, path.format(**values), json=example["value"], headers=headers
                    )
                    assert answer.is_success, (path, answer.text)
                    tried += 1
    assert tried
