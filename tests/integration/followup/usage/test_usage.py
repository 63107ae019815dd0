"""Usage is kept by period, shown with its source, and a fall is a reason once."""

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.contracts.followup_triggers import UsageReported
from kakehashi_common.domain.errors import DomainError
from tests.support.followup_api import Service, service_at
from tests.support.received import received
from tests.support.sequences import at

NOW = at("2026-12-01 10:00")
KIRYU = "102032"
SUNDAY = date(2026, 11, 29)
WEEK = timedelta(days=7)
FALLING = [*[100] * 12, *[40] * 4]


@pytest_asyncio.fixture
async def service(installed: Service) -> AsyncIterator[Service]:
    """The API on a Tuesday in December."""
    async with service_at(installed, NOW) as service:
        yield service


def week(ends: date, value: int, said_at: datetime = NOW, **more: Any) -> Received[Any]:
    said = {"municipality_code": KIRYU, "metric": "logins", "owner": "s-1", **more}
    data = UsageReported(begins=ends - timedelta(days=6), ends=ends, value=value, **said)
    return received(data, said_at)


def weeks(values: list[int], **more: Any) -> list[Received[Any]]:
    """Weeks of which the last one ends on ``SUNDAY``."""
    first = SUNDAY - (len(values) - 1) * WEEK
    return [week(first + n * WEEK, value, **more) for n, value in enumerate(values)]


async def reasons_of(service: Service) -> list[tuple[str, str | None, str | None]]:
    return [
        (each.reason.kind, each.reason.municipality_code, each.reason.owner)
        for each in await service.reasons.good_today()
    ]


async def shown(service: Service) -> dict[str, Any]:
    [series] = (await service.call("GET", f"/usage?municipality_code={KIRYU}"))["series"]
    found: dict[str, Any] = series
    return found


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("at_once", [False, True])
async def test_a_fall_is_a_reason_once_in_any_order(
    service: Service,
    *,
    at_once: bool,
    backwards: bool,
) -> None:
    events = weeks(FALLING)[:: -1 if backwards else 1]
    for _ in range(2):
        for batch in [events] if at_once else [[each] for each in events]:
            await service.customers.usage.save(batch)
    assert await reasons_of(service) == [("usage_falling", KIRYU, "s-1")]
    assert (await shown(service))["fall"]["falls"]


async def test_steady_use_is_no_reason_and_says_why_not(service: Service) -> None:
    await service.customers.usage.save(weeks([100] * 16))
    assert await reasons_of(service) == []
    fall = (await shown(service))["fall"]
    assert (fall["falls"], fall["recent"], fall["before"]) == (False, 100, 100)
    assert "比率は100%です（減少とみなすのは60%未満）" in fall["why"]


async def test_each_figure_of_a_review_has_its_source(service: Service) -> None:
    await service.customers.usage.save(
        weeks([7] * 60, source="利用ログ集計", licensed_users=50, active_users=20)
    )
    series = await shown(service)
    year = series["last_year"]
    assert (year["periods"], year["total"], year["mean"]) == (53, 371, 7)
    assert year["ends"] == str(SUNDAY)
    assert len(series["periods"]) == 58  # of 400 days
    assert series["periods"][-1] == {
        "begins": "2026-11-23",
        "ends": "2026-11-29",
        "value": 7,
        "licensed_users": 50,
        "active_users": 20,
        "source": "利用ログ集計",
    }
    await service.customers.usage.save([week(SUNDAY, 7, metric="minutes")])
    both = (await service.call("GET", f"/usage?municipality_code={KIRYU}"))["series"]
    assert [each["metric"] for each in both] == ["logins", "minutes"]
    assert both[1]["periods"][0]["source"] == "https://web.example.jp"
    assert (await service.call("GET", "/usage?municipality_code=131016"))["series"] == []


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_what_is_said_later_of_a_period_counts(
    service: Service, order: tuple[int, int]
) -> None:
    said = [week(SUNDAY, 10), week(SUNDAY, 12, NOW + timedelta(hours=1))]
    for each in order:
        await service.customers.usage.save([said[each]])
    assert [each["value"] for each in (await shown(service))["periods"]] == [12]


async def test_a_period_that_is_not_over_is_refused(service: Service) -> None:
    with pytest.raises(DomainError, match="once it is over"):
        await service.customers.usage.save([week(date(2026, 12, 6), 10)])


async def test_a_report_comes_by_http_and_by_a_file(service: Service) -> None:
    body = {
        "municipality_code": KIRYU,
        "metric": "logins",
        "begins": "2026-11-01",
        "ends": "2026-11-30",
        "value": 1200,
        "source": "利用ログ集計",
    }
    for outcome in ("taken", "known"):
        assert (await service.call("PUT", "/usage/r-1", body))["outcome"] == outcome
    other = body | {"value": 1300}
    assert await service.refused("PUT", "/usage/r-1", other) == (409, "report_id_reused")
    assert (await service.call("PUT", "/usage/r-2", other))["outcome"] == "taken"
    for change, code in (
        ({"ends": "2026-10-31"}, "ends_too_early"),
        ({"begins": "2026-01-01"}, "period_too_long"),
        ({"ends": "2026-12-31"}, "not_over_yet"),
    ):
        assert await service.refused("PUT", "/usage/r-3", body | change) == (422, code)
    assert [each["value"] for each in (await shown(service))["periods"]] == [1300]
    file = (
        "番号,団体コード,指標,開始日,終了日,値,出典\n"
        f"f-1,{KIRYU},logins,令和8年10月1日,2026-10-31,1100,集計\n"
    )
    headers = {"content-type": "text/csv"}
    wrong = await service.http.post(
        "/usage/import", content=file.replace("2026-10-31", "2026-09-30"), headers=headers
    )
    assert (wrong.status_code, wrong.json()["mistakes"][0]["column"]) == (422, "終了日")
    for dry_run, kept in ((True, 1), (False, 2)):
        path = f"/usage/import?dry_run={str(dry_run).lower()}"
        done = await service.http.post(path, content=file, headers=headers)
        assert done.json()["reported"] == [{"report_id": "f-1", "outcome": "taken"}]
        assert len((await shown(service))["periods"]) == kept
