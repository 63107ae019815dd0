"""Reads: the newest score and why, lists with cursors, a municipality's leads."""

from datetime import timedelta
from typing import Any

import pytest

from kakehashi_common.contracts.lead_events import (
    ActivityRecorded,
    DecisionRole,
    OutcomeRecorded,
    ProfileChanged,
)
from kakehashi_common.http.cursors import encode_cursor
from tests.support.issuing import SCOPES
from tests.support.lead_scoring_api import NOW, Service, points

KIRYU = "102032"
SAPPORO = "011002"


async def _get(service: Service, path: str, **parameters: Any) -> Any:
    answer = await service.http.get(path, params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def _many(service: Service, number: int) -> None:
    """Leads that differ in fit and engagement, with ties."""
    for n in range(number):
        lead_id = f"crm-{n:03}"
        await service.happened(
            *[
                ActivityRecorded(lead_id=lead_id, kind="reference_quote_requested")
                for _ in range(n % 3)
            ],
            ActivityRecorded(lead_id=lead_id, kind="page_viewed", category="pricing"),
            ProfileChanged(
                lead_id=lead_id,
                municipality_code=KIRYU if n % 2 else SAPPORO,
                department="情報政策課" if n % 4 == 0 else None,
            ),
        )


async def test_a_lead_shows_its_score_and_lines_that_sum_to_it(service: Service) -> None:
    await service.happened(
        ProfileChanged(
            lead_id="crm/1@a",
            municipality_code=KIRYU,
            department="情報政策課",
            role=DecisionRole.MANAGER,
            email="taro@city.example.jp",
            attributes={"plan": "trial"},
        ),
        *[ActivityRecorded(lead_id="crm/1@a", kind="page_viewed", category="pricing")] * 3,
        ActivityRecorded(lead_id="crm/1@a", kind="meeting_held"),
        OutcomeRecorded.model_validate(
            {"lead_id": "crm/1@a", "outcome": "won", "amount_yen": 1_980_000}
        ),
    )
    lead = await _get(service, "/v1/leads/crm/1@a")
    assert points(lead["contributions"], "fit") == lead["fit"] > 0
    assert points(lead["contributions"], "engagement") == lead["engagement"] > 0
    assert lead["municipality"]["name"] == "桐生市"
    assert lead["municipality"]["japanese_residents"] > 50_000
    assert lead["scored_at"] == "2026-11-20T12:00:00+09:00"
    assert lead["attributes"] == {"plan": "trial"}
    assert lead["outcome"]["amount_yen"] == 1_980_000
    assert "taro" not in str(lead)
    labels = [line["label"] for line in lead["contributions"]]
    assert all(label["ja"] and label["en"] for label in labels)


async def test_the_etag_changes_with_the_lead(service: Service) -> None:
    await service.happened(ActivityRecorded(lead_id="crm-1", kind="meeting_held"))
    first = await service.http.get("/v1/leads/crm-1")
    tag = first.headers["etag"]
    unchanged = await service.http.get("/v1/leads/crm-1", headers={"if-none-match": tag})
    assert unchanged.status_code == 304
    assert unchanged.headers["etag"] == tag
    await service.happened(ActivityRecorded(lead_id="crm-1", kind="meeting_held"))
    changed = await service.http.get("/v1/leads/crm-1", headers={"if-none-match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag


async def test_an_explanation_of_the_past_knows_only_what_had_happened(service: Service) -> None:
    monday, tuesday = NOW - timedelta(days=4), NOW - timedelta(days=3)
    await service.happened(
        ActivityRecorded(lead_id="crm-1", kind="seminar_attended"),
        ProfileChanged(lead_id="crm-1", department="総務課"),
        at=monday,
    )
    await service.happened(
        ActivityRecorded(lead_id="crm-1", kind="reference_quote_requested"),
        ProfileChanged(lead_id="crm-1", department="情報政策課", municipality_code=KIRYU),
    )
    path = "/v1/leads/crm-1/explanation"
    past = await _get(service, path, as_of=tuesday.isoformat())
    now = await _get(service, path)
    later = await _get(service, path, as_of=(NOW + timedelta(days=90)).isoformat())
    nothing = await _get(service, path, as_of=(monday - timedelta(seconds=1)).isoformat())
    stored = await _get(service, "/v1/leads/crm-1")
    for each in (past, now, later, nothing):
        assert points(each["contributions"], "fit") == each["fit"]
        assert points(each["contributions"], "engagement") == each["engagement"]
    assert "reference_quote" not in str(past["contributions"])
    assert past["fit"] < now["fit"]
    assert now["contributions"] == stored["contributions"]
    assert 0 < later["engagement"] < now["engagement"]
    assert nothing["engagement"] == 0
    at_scoring = await _get(service, path, as_of=stored["scored_at"])
    assert at_scoring["contributions"] == stored["contributions"]


@pytest.mark.parametrize(
    ("path", "parameters", "status", "named"),
    [
        ("/v1/leads/nobody", {}, 404, "nobody"),
        ("/v1/leads/nobody/history", {}, 404, "nobody"),
        ("/v1/leads/nobody/explanation", {}, 404, "nobody"),
        ("/v1/leads/crm-1/explanation", {"rule_version": 99}, 404, "99"),
        ("/v1/leads/crm-1/explanation", {"as_of": "2026-11-20T12:00:00"}, 422, "as_of"),
        ("/v1/leads/-crm", {}, 422, "lead_id"),
        ("/v1/leads", {"grade": "A4"}, 422, "grade"),
        ("/v1/leads", {"min_fit": 101}, 422, "min_fit"),
        ("/v1/leads", {"limit": 0}, 422, "limit"),
        ("/v1/leads", {"order": "name"}, 422, "order"),
        ("/v1/leads", {"municipality_code": "102033"}, 422, "102032"),
        ("/v1/leads", {"cursor": "made-up"}, 400, "cursor"),
        ("/v1/leads", {"grades": "A1"}, 422, "did you mean grade?"),
        ("/v1/leads/crm-1", {"as_of": "2026-11-20"}, 422, "takes none"),
        ("/v1/leads/crm%00/history", {"limit": 1}, 422, "lead_id"),
        ("/v1/municipalities/102033", {}, 422, "102032"),
        ("/v1/municipalities/102032", {"cursor": "AAAA"}, 400, "cursor"),
        *[
            (path, {"cursor": encode_cursor(name, key)}, 400, "cursor")
            for path, name, key in (
                ("/v1/leads", "leads by grade", ("A1",)),
                ("/v1/leads", "leads by grade", ("A1", 10**20, "crm-1")),
                ("/v1/leads", "leads by grade", ("A1", 10, 0, "crm-1")),
                ("/v1/leads/crm-1/history", "history of crm-1", (2**63,)),
                ("/v1/municipalities/102032", "leads of 102032", (1, "A1", "crm-1")),
                ("/v1/rules", "rules", (2**31,)),
            )
        ],
    ],
)
async def test_a_wrong_question_gets_a_problem_that_names_it(
    service: Service, path: str, parameters: dict[str, Any], status: int, named: str
) -> None:
    await service.happened(ActivityRecorded(lead_id="crm-1", kind="meeting_held"))
    answer = await service.http.get(path, params=parameters)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert named in answer.text


@pytest.mark.parametrize("order", ["grade", "engagement", "fit"])
async def test_pages_of_a_list_hold_every_lead_once_and_in_order(
    service: Service, order: str
) -> None:
    await _many(service, 23)
    whole = (await _get(service, "/v1/leads", order=order, limit=200))["items"]
    paged: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = await _get(service, "/v1/leads", order=order, limit=4, **cursor)
        paged += page["items"]
        if (following := page["next_cursor"]) is None:
            break
        cursor = {"cursor": following}
    assert paged == whole
    assert len({lead["lead_id"] for lead in paged}) == 23

    def rank(lead: dict[str, Any]) -> tuple[Any, ...]:
        by = {
            "grade": (lead["grade"], -round(10 * (lead["engagement"] + lead["fit"]))),
            "engagement": (-lead["engagement"], -lead["fit"]),
            "fit": (-lead["fit"], -lead["engagement"]),
        }[order]
        return (*by, lead["lead_id"])

    assert whole == sorted(whole, key=rank)


async def test_a_list_can_be_narrowed(service: Service) -> None:
    await _many(service, 12)
    everything = (await _get(service, "/v1/leads"))["items"]
    grades = sorted({lead["grade"] for lead in everything})
    assert len(grades) > 1
    some = (await _get(service, "/v1/leads", grade=grades[:2]))["items"]
    assert {lead["grade"] for lead in some} == set(grades[:2])
    least = max(lead["engagement"] for lead in everything)
    top = (await _get(service, "/v1/leads", min_engagement=least))["items"]
    assert top
    assert {lead["engagement"] for lead in top} == {least}
    kiryu = (await _get(service, "/v1/leads", municipality_code=KIRYU, min_fit=0.1))["items"]
    assert len(kiryu) == 6
    assert {lead["municipality"]["code"] for lead in kiryu} == {KIRYU}


async def test_a_cursor_of_another_list_is_refused(service: Service) -> None:
    await _many(service, 3)
    page = await _get(service, "/v1/leads", limit=1)
    answer = await service.http.get(
        "/v1/leads", params={"order": "fit", "cursor": page["next_cursor"]}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor")


async def test_the_history_lists_what_was_announced_newest_first(service: Service) -> None:
    kinds = ("mail_clicked", "seminar_attended", "meeting_held", "reference_quote_requested")
    for day, kind in enumerate(kinds):
        service.clock.instant = NOW + timedelta(days=day)
        await service.happened(ActivityRecorded(lead_id="crm-1", kind=kind))
    whole = (await _get(service, "/v1/leads/crm-1/history"))["items"]
    first = await _get(service, "/v1/leads/crm-1/history", limit=2)
    second = await _get(service, "/v1/leads/crm-1/history", limit=200, cursor=first["next_cursor"])
    assert first["items"] + second["items"] == whole
    assert len(whole) == len(kinds)
    times = [past["scored_at"] for past in whole]
    assert times == sorted(times, reverse=True)
    assert whole[-1]["previous_grade"] is None
    assert {past["cause"] for past in whole} == {"events"}
    stored = await _get(service, "/v1/leads/crm-1")
    assert whole[0]["grade"] == stored["grade"]


@pytest.mark.parametrize(
    ("path", "lead_id"),
    [
        ("/v1/leads/a%2Fhistory", "a/history"),
        ("/v1/leads/a%2fexplanation", "a/explanation"),
        ("/v1/leads/a%2Fpersonal-data", "a/personal-data"),
        ("/v1/leads/a%2Fb", "a/b"),
        ("/v1/leads/a/b", "a/b"),
        ("/v1/leads/a%2Fhistory/personal-data", "a/history"),
        ("/v1/leads/a%2Fhistory/explanation", "a/history"),
    ],
)
async def test_an_encoded_slash_is_part_of_the_id_whatever_the_id_ends_in(
    service: Service, path: str, lead_id: str
) -> None:
    await service.happened(ActivityRecorded(lead_id=lead_id, kind="meeting_held"))
    assert (await _get(service, path))["lead_id"] == lead_id


async def test_a_plain_slash_leads_to_what_follows_the_id(service: Service) -> None:
    for lead_id in ("a", "a/history"):
        await service.happened(ActivityRecorded(lead_id=lead_id, kind="meeting_held"))
    assert "items" in await _get(service, "/v1/leads/a/history")
    assert "items" in await _get(service, "/v1/leads/a%2Fhistory/history")
    answer = await service.http.get("/v1/leads/b%2Fhistory")
    assert (answer.status_code, answer.json()["instance"]) == (404, "/v1/leads/b%2Fhistory")


async def test_a_municipality_shows_its_people_side_by_side(service: Service) -> None:
    await service.happened(
        ProfileChanged(lead_id="old", municipality_code=KIRYU, department="総務課"),
        ActivityRecorded(lead_id="old", kind="reference_quote_requested"),
        at=NOW - timedelta(days=8),
    )
    await service.happened(
        ProfileChanged(lead_id="new", municipality_code=KIRYU),
        ActivityRecorded(lead_id="new", kind="mail_opened"),
        ProfileChanged(lead_id="silent", municipality_code=KIRYU),
        ProfileChanged(lead_id="elsewhere", municipality_code=SAPPORO),
        ActivityRecorded(lead_id="elsewhere", kind="meeting_held"),
    )
    view = await _get(service, f"/v1/municipalities/{KIRYU}", limit=2)
    assert view["municipality"]["prefecture"] == "群馬県"
    assert sum(view["leads_by_grade"].values()) == 3
    assert view["active_people_7_days"] == 1
    assert view["best"]["lead_id"] == "old"
    assert view["items"][0] == view["best"]
    rest = await _get(service, f"/v1/municipalities/{KIRYU}", cursor=view["next_cursor"])
    assert rest["best"] == view["best"]
    shown = [lead["lead_id"] for lead in view["items"] + rest["items"]]
    assert sorted(shown) == ["new", "old", "silent"]
    assert not {"fit", "engagement", "score"} & view.keys()


async def test_a_municipality_without_leads_is_shown_empty(service: Service) -> None:
    view = await _get(service, f"/v1/municipalities/{SAPPORO}")
    assert (view["leads_by_grade"], view["best"], view["items"]) == ({}, None, [])


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [({}, 401, "unauthenticated"), ({"authorization": "Bearer x"}, 401, "invalid_token")],
)
async def test_reading_needs_a_token(
    service: Service, headers: dict[str, str], status: int, code: str
) -> None:
    service.http.headers.pop("authorization")
    try:
        answer = await service.http.get("/v1/leads", headers=headers)
    finally:
        service.http.headers.update(service.token(*SCOPES))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
