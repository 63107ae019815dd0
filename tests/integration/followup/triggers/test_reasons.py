"""Reasons are taken in once, no more than can be acted on, and say why not."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from followup.consents.repository import pauses
from followup.contacts import repository as contacts
from followup.container import Container
from followup.domain.send_policy.pauses import PauseCause
from followup.domain.triggers.handling import Handling
from followup.domain.triggers.reasons import Reason, SetAside
from followup.http.app import create_app
from followup.scopes import READ, WRITE
from followup.triggers import repository
from followup.triggers.reasons import OtherMunicipalityError, Reasons, reason_of
from followup.triggers.repository import StoredReason
from kakehashi_common.audit import Actor
from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.contracts.events import Label
from kakehashi_common.contracts.followup_triggers import ReasonArisen
from kakehashi_common.db import Database
from kakehashi_common.domain.errors import StateConflictError
from kakehashi_common.domain.reasons import Audience
from kakehashi_common.lead_profiles.repository import FieldSaid, mark_erased, save_fields
from kakehashi_common.settings import AuthSettings
from tests.support.issuing import issuing
from tests.support.received import received

NOW = datetime(2026, 12, 1, 3, tzinfo=UTC)
KIRYU, CHIYODA = "102032", "131016"
TESTER = Actor("tester", "test")


@pytest.fixture
def installed(container: Container) -> Database:
    return container.database


@pytest.fixture
def reasons(container: Container) -> Reasons:
    return container.reasons


def arisen(event_id: str, **differences: Any) -> Received[Any]:
    values: dict[str, Any] = {
        "municipality_code": KIRYU,
        "reason": "before_request_deadline",
        "label": Label(ja="締切が近づいています。", en="The deadline is near."),
        "good_from": date(2026, 11, 25),
        "good_until": date(2026, 12, 11),
    }
    return received(ReasonArisen(**values | differences), NOW, event_id=event_id)


def reported(**differences: Any) -> Reason:
    return reason_of(arisen("unused", **differences).event.data)


async def test_a_reason_is_kept_with_all_that_was_said(reasons: Reasons) -> None:
    audience = (Audience.OFFICER, Audience.FINANCE)
    await reasons.save_reasons([arisen("1", urgent=True, audience=audience, importance=3)])

    (stored,) = await reasons.good_today(municipality_code=KIRYU)

    assert stored.reason.kind == "before_request_deadline"
    assert stored.reason.label.ja == "締切が近づいています。"
    assert stored.reason.audience == frozenset(audience)
    assert (stored.reason.urgent, stored.reason.importance) == (True, 3)
    assert stored.occurred_at == NOW
    assert await reasons.good_today(municipality_code=CHIYODA) == []


async def test_a_pursuits_reminder_is_kept_with_its_pursuit_and_owner(reasons: Reasons) -> None:
    reminder = arisen("p-1/reminder", reason="renewal_begins", pursuit_id="p-1", owner="fs-east")
    await reasons.save_reasons([reminder])

    (stored,) = await reasons.good_today(municipality_code=KIRYU)

    assert (stored.reason.kind, stored.reason.pursuit_id, stored.reason.owner) == (
        "renewal_begins",
        "p-1",
        "fs-east",
    )


async def test_the_same_reason_twice_is_kept_once(reasons: Reasons) -> None:
    batch = [arisen("1"), arisen("1"), arisen("2")]

    await reasons.save_reasons(batch)
    await reasons.save_reasons(batch)

    assert len(await reasons.good_today()) == 2


@pytest.mark.parametrize(
    ("differences", "cause", "why"),
    [
        ({"good_until": date(2026, 11, 30)}, SetAside.STALE, "2026年11月30日（月）までの理由で"),
        (
            {"good_from": date(2030, 4, 1), "good_until": date(2030, 4, 30)},
            SetAside.TOO_FAR_AHEAD,
            "年の誤りでないか",
        ),
        ({"lead_id": "erased"}, SetAside.ERASED_LEAD, "削除した方"),
        ({"municipality_code": None, "lead_id": "erased"}, SetAside.ERASED_LEAD, "削除した方"),
    ],
)
async def test_a_reason_that_is_not_acted_on_is_kept_with_the_cause(
    reasons: Reasons, installed: Database, differences: dict[str, Any], cause: SetAside, why: str
) -> None:
    async with installed.raw_transaction() as connection:
        await mark_erased(connection, ["erased"])

    await reasons.save_reasons([arisen("1", **differences)])

    assert await reasons.good_today() == []
    ((_, found, said),) = (await reasons.set_aside_today()).reasons
    assert found is cause
    assert why in said.ja


async def test_of_a_reason_about_an_erased_person_the_text_is_not_kept(
    reasons: Reasons, installed: Database
) -> None:
    async with installed.raw_transaction() as connection:
        await mark_erased(connection, ["erased"])

    await reasons.save_reasons([arisen("1", lead_id="erased"), arisen("2")])

    async with installed.raw_transaction() as connection:
        rows = await connection.fetch(
            "select lead_id, reason->'label'->>'ja' as label from reason order by lead_id"
        )
    assert [(row["lead_id"], bool(row["label"])) for row in rows] == [
        ("erased", False),
        (None, True),
    ]


async def test_a_known_lead_needs_no_municipality(reasons: Reasons, installed: Database) -> None:
    async with installed.raw_transaction() as connection:
        await contacts.save_leads(connection, ["crm-1"])

    await reasons.save_reasons([arisen("1", municipality_code=None, lead_id="crm-1")])

    (stored,) = await reasons.good_today(lead_id="crm-1")
    assert stored.reason.place == "crm-1"


@pytest.mark.parametrize("code", [KIRYU, None])
async def test_a_reason_that_overtakes_its_lead_waits_for_it(
    reasons: Reasons, installed: Database, code: str | None
) -> None:
    early = reported(municipality_code=code, lead_id="crm-1")
    [done] = await reasons.report([("r-1", early)], TESTER, dry_run=False)
    assert (done.set_aside, done.awaits_lead) == (None, True)
    [waiting] = await reasons.good_today(lead_id="crm-1")
    assert waiting.handling is Handling.AWAITS_LEAD

    async with installed.raw_transaction() as connection:
        assert await repository.pending(connection, NOW, 10) == []
        await contacts.save_leads(connection, ["crm-1"])
        [due] = await repository.pending(connection, NOW, 10)
    assert (due.reason_id, due.handling) == (waiting.reason_id, Handling.DUE)


async def live_in(installed: Database, municipality_code: str) -> None:
    """Have a lead be of a municipality."""
    said = FieldSaid("crm-1", "municipality_code", municipality_code, NOW, uuid4(), "crm")
    async with installed.raw_transaction() as connection:
        await contacts.save_leads(connection, ["crm-1"])
        await save_fields(connection, [said])


async def test_a_report_that_names_another_municipality_than_the_leads_is_refused(
    reasons: Reasons, installed: Database
) -> None:
    await live_in(installed, CHIYODA)
    right = [("r-1", reported(municipality_code=code, lead_id="crm-1")) for code in (None, CHIYODA)]
    wrong = reported(lead_id="crm-1")

    with pytest.raises(OtherMunicipalityError, match="not of municipality 102032") as refused:
        await reasons.report([("r-0", reported()), ("r-2", wrong)], TESTER, dry_run=False)

    assert (refused.value.field, refused.value.code) == ("municipality_code", "other_municipality")
    assert refused.value.why.keys() == {"r-2"}
    assert await reasons.good_today() == []
    for number, (_, reason) in enumerate(right):
        [done] = await reasons.report([(f"r-{number}", reason)], TESTER, dry_run=False)
        assert (done.new, done.set_aside) == (True, None)


async def test_an_event_that_names_another_municipality_than_the_leads_is_set_aside(
    reasons: Reasons, installed: Database
) -> None:
    await live_in(installed, CHIYODA)
    await reasons.save_reasons([arisen("1", lead_id="crm-1"), arisen("2")])
    [acted_on] = await reasons.good_today()
    assert acted_on.reason.lead_id is None
    ((_, cause, why),) = (await reasons.set_aside_today()).reasons
    assert cause is SetAside.OTHER_MUNICIPALITY
    assert "団体コードを省くか" in why.ja


async def test_what_is_found_of_a_lead_is_about_where_the_lead_is_now(
    reasons: Reasons, installed: Database
) -> None:
    await live_in(installed, CHIYODA)
    found = StoredReason(uuid4(), reported(lead_id="crm-1"), NOW)
    for _ in range(2):
        async with installed.transaction() as connection:
            await reasons.raise_found(connection, [found])
    [taken] = await reasons.good_today()
    assert taken.reason.municipality_code == CHIYODA


async def test_the_most_important_reason_comes_first(reasons: Reasons) -> None:
    await reasons.save_reasons(
        [arisen("1", importance=1), arisen("3", importance=3), arisen("2", importance=2)]
    )

    found = await reasons.good_today()

    assert [each.reason.importance for each in found] == [3, 2, 1]


async def test_stale_reasons_are_purged(reasons: Reasons, installed: Database) -> None:
    await reasons.save_reasons([arisen("1"), arisen("2", good_until=date(2026, 12, 12))])

    async with installed.raw_transaction() as connection:
        purged = await repository.purge(connection, date(2026, 12, 12))

    assert purged == 1
    assert len(await reasons.good_today()) == 1


async def test_a_reason_is_pending_until_it_was_handled(
    reasons: Reasons, installed: Database
) -> None:
    later = {"good_from": date(2026, 12, 2)}
    await reasons.save_reasons([arisen("now"), arisen("later", **later)])

    async with installed.raw_transaction() as connection:
        (now,) = await repository.pending(connection, NOW, 10)
        async with installed.raw_transaction() as other:
            assert await repository.pending(other, NOW, 10) == []
        await repository.mark_handled(connection, now.reason_id, NOW, Handling.DECIDED)

    async with installed.raw_transaction() as connection:
        assert await repository.pending(connection, NOW, 10) == []
        assert len(await repository.pending(connection, NOW + timedelta(days=1), 10)) == 1


async def test_a_report_that_comes_again_changes_nothing(reasons: Reasons) -> None:
    for _ in range(2):
        done = await reasons.report([("r-1", reported())], TESTER, dry_run=False)

    assert (done[0].new, done[0].set_aside) == (False, None)
    assert len(await reasons.good_today()) == 1


async def test_a_dry_run_says_what_would_be_and_stores_nothing(
    reasons: Reasons, installed: Database
) -> None:
    stale = reported(good_until=date(2026, 11, 30))
    done = await reasons.report([("r-1", reported()), ("r-2", stale)], TESTER, dry_run=True)

    assert [each.new for each in done] == [True, True]
    assert done[0].set_aside is None
    assert done[1].set_aside is not None
    assert done[1].set_aside[0] is SetAside.STALE
    async with installed.raw_transaction() as connection:
        for table in ("reason", "reason_day", "inbox", "audit"):
            assert await connection.fetchval(f"select count(*) from {table}") == 0  # noqa: S608


async def test_an_id_that_was_used_for_another_reason_is_refused(reasons: Reasons) -> None:
    await reasons.report([("r-1", reported())], TESTER, dry_run=False)

    with pytest.raises(StateConflictError) as refused:
        await reasons.report([("r-1", reported(importance=3))], TESTER, dry_run=False)

    assert (refused.value.field, refused.value.code) == ("report_id", "report_id_reused")
    assert [each.reason.importance for each in await reasons.good_today()] == [2]


FILE = """番号,種類,団体コード,日付,内容
c-88,契約満了,102032,2028-03-31,更新の方針を伺う
s-1,施政方針,102032,2026-11-30,重点施策との関わりを伝える
old,法改正,102032,2026-01-10,説明する
"""


async def test_a_file_is_read_and_each_line_says_what_became_of_it(
    container: Container,
) -> None:
    async with issuing() as issuer:
        published = issuer.metadata()
        auth = AuthSettings(jwks_url=published["jwks_uri"], issuer=published["issuer"])
        container.settings = container.settings.model_copy(update={"auth": auth})
        token = issuer.token("tester", [READ, WRITE])
        transport = httpx.ASGITransport(create_app(container), raise_app_exceptions=False)
        headers = {"authorization": f"Bearer {token}", "content-type": "text/csv"}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://followup/v1", headers=headers
        ) as api:
            raw = FILE.encode("cp932")
            tried = await api.post("/reasons/import", params={"dry_run": True}, content=raw)
            before = await api.get("/reasons")
            done = await api.post("/reasons/import", content=raw)
            again = await api.post("/reasons/import", content=raw)
            after = await api.get("/reasons")
            wrong = await api.post("/reasons/import", content=FILE.replace("102032", "102033"))
            await live_in(container.database, CHIYODA)
            of_lead = (
                f"番号,種類,団体コード,見込み客,日付,内容\nx,着任,{KIRYU},crm-1,2026-12-01,着任"
            )
            elsewhere = await api.post("/reasons/import", content=of_lead)
        await container.verifier.close()

    outcomes = [
        [(each["report_id"], each["outcome"]) for each in answer.json()["reported"]]
        for answer in (tried, done, again)
    ]
    assert outcomes[0] == [("c-88", "taken"), ("s-1", "taken"), ("old", "stale")]
    assert outcomes[1] == outcomes[0]
    assert outcomes[2] == [("c-88", "known"), ("s-1", "known"), ("old", "known")]
    assert "2026年3月11日（水）まで" in done.json()["reported"][2]["why"]
    assert before.json() == {"items": [], "set_aside": [], "throttled": []}
    assert [each["kind"] for each in after.json()["items"]] == ["policy_speech", "contract_expiry"]
    assert [(each["kind"], each["cause"]) for each in after.json()["set_aside"]] == [
        ("law_revised", "stale")
    ]
    assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid_reasons_file")
    assert wrong.json()["mistakes"][0]["column"] == "団体コード"
    [mistake] = elsewhere.json()["mistakes"]
    assert (mistake["line"], mistake["column"]) == (2, "団体コード")
    assert "leave municipality_code out" in mistake["reason"]


async def test_a_disaster_pauses_selling_to_the_place_first(
    reasons: Reasons, container: Container
) -> None:
    await reasons.save_reasons([arisen("1", reason="disaster"), arisen("2")])

    async with container.database.raw_transaction() as connection:
        (pause,) = await pauses(KIRYU, NOW).fetch(connection)
        assert await pauses(CHIYODA, NOW).fetch(connection) == ()
    assert (pause.cause, pause.organisation) == (PauseCause.DISASTER, KIRYU)
    assert pause.ends == datetime(2026, 12, 11, 15, tzinfo=UTC)


async def test_a_dry_run_pauses_nothing(reasons: Reasons, container: Container) -> None:
    await reasons.report([("r-1", reported(reason="disaster"))], TESTER, dry_run=True)

    async with container.database.raw_transaction() as connection:
        assert await pauses(KIRYU, NOW).fetch(connection) == ()
