"""``/v1/municipalities/{code}/sessions``: what councils did, entered and read again."""

from pathlib import Path
from typing import Any

import pytest

from budget_calendar.council_sessions.api import SessionIn, SessionOut
from budget_calendar.council_sessions.files import read_session_files
from tests.support.budget_calendar_api import Service

SESSIONS = "/v1/municipalities/102032/sessions"
KIRYU_FILES = Path(__file__).parents[4] / "examples" / "kiryu_council_sessions"
BILL = {
    "kind": "supplementary",
    "fiscal_year": 2025,
    "account": "一般会計",
    "number": 4,
    "passed": True,
    "title": "令和7年度桐生市一般会計補正予算(第4号)",
}
SESSION: dict[str, Any] = {
    "kind": "regular",
    "year": 2025,
    "number": 3,
    "opens_on": "2025-09-02",
    "last_vote_on": "2025-09-26",
    "bills": [BILL],
    "source": "https://www.city.kiryu.lg.jp/",
}


def kiryus_sessions() -> list[dict[str, Any]]:
    read = read_session_files(KIRYU_FILES, "102032", "桐生市")
    wanted = set(SessionIn.model_fields)
    return [SessionOut.of(each).model_dump(mode="json", include=wanted) for each in read.sessions]


async def test_real_sessions_are_entered_and_predict_the_year(service: Service) -> None:
    await service.http.post("/v1/follows", json={"codes": ["102032"]})
    async with service.database.transaction() as connection:
        await service.calendars.open(connection, "102032", 2027)
    known = kiryus_sessions()
    answer = await service.http.post(SESSIONS, json={"sessions": known})
    assert answer.status_code == 200, answer.text
    entered = answer.json()
    assert entered["stored"] == len(known)
    assert entered["revision"]["versions"] == [{"fiscal_year": 2027, "version": 2}]
    assert "session_vote:3" in {each["milestone"] for each in entered["revision"]["moved"]}
    calendar = (await service.http.get("/v1/calendars/102032/2027")).json()
    windows = {each["key"]: each["window"] for each in calendar["milestones"]}
    assert windows["session_vote:3"]["basis"] == "predicted"
    assert calendar["version"]["cause"] == "observation"
    shown = (await service.http.get(SESSIONS)).json()
    assert len(shown) == len(known)
    assert shown[-1]["label"].endswith("定例会")
    assert service.workflows.notified == ["102032"]


async def test_a_session_held_last_fiscal_year_revises_that_year_too(service: Service) -> None:
    async with service.database.transaction() as connection:
        await service.calendars.open_years(connection, "102032", (2024, 2025, 2026))
    answer = await service.http.post(SESSIONS, json={"sessions": [SESSION]})
    revision = answer.json()["revision"]
    assert revision["versions"] == [
        {"fiscal_year": 2025, "version": 2},
        {"fiscal_year": 2026, "version": 2},
    ]
    held = {
        each["after"]["basis"]: each["after"]["likely"]
        for each in revision["moved"]
        if each["milestone"] == "session_vote:3"
    }
    assert held["observed"] == "2025-09-26"


async def test_a_session_entered_again_is_replaced(service: Service) -> None:
    for day in ("2025-09-26", "2025-09-29"):
        answer = await service.http.post(
            SESSIONS, json={"sessions": [SESSION | {"last_vote_on": day}]}
        )
        assert answer.status_code == 200
    [shown] = (await service.http.get(SESSIONS)).json()
    assert shown["last_vote_on"] == "2025-09-29"
    assert shown["supplementary_passed"] == 1
    assert [row["what"] for row in await service.fetch("select what from audit")] == [
        "observe_sessions"
    ] * 2


async def test_a_repeated_request_is_done_once(service: Service) -> None:
    body = {"sessions": [SESSION]}
    headers = {"idempotency-key": "import-1"}
    first = await service.http.post(SESSIONS, json=body, headers=headers)
    again = await service.http.post(SESSIONS, json=body, headers=headers)
    assert first.json() == again.json()
    assert await service.rows("audit") == 1
    other = await service.http.post(
        SESSIONS, json={"sessions": [SESSION | {"number": 2}]}, headers=headers
    )
    assert other.status_code == 422
    assert other.json()["code"] == "idempotency_key_reused"


@pytest.mark.parametrize(
    ("changed", "code", "pointer"),
    [
        ({"last_vote_on": "2025-09-01"}, "end_before_start", "last_vote_on"),
        ({"last_vote_on": "2026-09-20"}, "session_too_long", "last_vote_on"),
        ({"opens_on": "2024-09-02"}, "outside_year", "opens_on"),
        ({"opens_on": None, "last_vote_on": "2024-09-26"}, "outside_year", "last_vote_on"),
        ({"source": " "}, "reason_missing", "source"),
        ({"source": "\0"}, "validation_failed", "source"),
        ({"bills": [BILL | {"title": "第4号\0"}]}, "validation_failed", "bills/0/title"),
        ({"kind": "special"}, "validation_failed", "kind"),
        ({"number": 0}, "validation_failed", "number"),
        ({"last_vote_on": "2025-02-29"}, "validation_failed", "last_vote_on"),
        ({"bills": [BILL | {"number": -1}]}, "validation_failed", "bills/0/number"),
    ],
)
async def test_what_cannot_have_been_is_refused_and_nothing_stored(
    service: Service, changed: dict[str, Any], code: str, pointer: str
) -> None:
    good = SESSION | {"number": 2, "opens_on": "2025-06-10", "last_vote_on": "2025-06-27"}
    answer = await service.http.post(SESSIONS, json={"sessions": [good, SESSION | changed]})
    assert answer.status_code == 422
    assert answer.json()["code"] == code
    assert answer.json()["errors"][0]["pointer"] == f"/sessions/1/{pointer}"
    assert await service.rows("council_session", "audit") == 0


async def test_one_session_given_twice_is_refused(service: Service) -> None:
    answer = await service.http.post(SESSIONS, json={"sessions": [SESSION, SESSION]})
    assert answer.json()["code"] == "given_twice"
    too_many = await service.http.post(SESSIONS, json={"sessions": [SESSION] * 201})
    assert too_many.json()["errors"][0]["pointer"] == "/sessions"
