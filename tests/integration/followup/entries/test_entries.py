"""Reasons and behaviours have contacts enter playbooks: real PostgreSQL and Temporal."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from followup.domain.preview import KeptOut
from followup.domain.sequences.commands import Enter
from followup.domain.triggers.handling import Handling
from followup.domain.triggers.reasons import Reason
from followup.entries.service import Entries
from followup.sequences.client import SequenceWorkflows
from followup.sequences.messages import SequenceStatus
from followup.sequences.service import Sequences
from kakehashi_common.clock import japan_day
from kakehashi_common.domain.reasons import Audience
from kakehashi_common.domain.texts import Text
from tests.support.followup_api import Service
from tests.support.followup_examples import ACTOR, PLAYBOOK, introduce

OF_THE_PLACE: dict[str, Any] = {"lead_id": None, "municipality_code": "102032"}


async def publish(service: Service, playbook_id: str, entry: str) -> None:
    """Have another playbook like the greeting in force, entered by something else."""
    text = PLAYBOOK.replace("id: greeting", f"id: {playbook_id}")
    await service.playbooks.publish(text.replace("reasons: [new_contact]", entry), ACTOR)


async def arises(service: Service, report_id: str, **differences: Any) -> None:
    """Have a reason reported that is good from today on."""
    today = japan_day(service.clock.now())
    reason: dict[str, Any] = {
        "kind": "new_contact",
        "label": Text("新しい連絡先", "a new contact"),
        "good_from": today,
        "good_until": today + timedelta(days=7),
        "lead_id": "crm-1",
        "owner": "s-1",
        **differences,
    }
    await service.reasons.report([(report_id, Reason(**reason))], ACTOR, dry_run=False)


async def decisions(service: Service, lead_id: str = "crm-1") -> list[dict[str, Any]]:
    answer = await service.http.get("/entry-decisions", params={"lead_id": lead_id})
    assert answer.status_code == 200, answer.text
    shown: list[dict[str, Any]] = answer.json()
    return shown


async def states(service: Service) -> list[str]:
    return [each["state"] for each in (await service.call("GET", "/reasons"))["items"]]


async def test_a_reason_has_its_contact_enter_once(at_work: Service) -> None:
    await arises(at_work, "r-1")
    assert await at_work.entries.look() == 1
    assert await at_work.entries.look() == 0
    [decision] = await decisions(at_work)
    assert (decision["entered"], decision["playbook_id"]) == (True, "greeting")
    sequence = await at_work.call("GET", f"/sequences/{decision['sequence_id']}")
    assert (sequence["status"], sequence["owner"], sequence["reason"]) == (
        "awaiting_approval",
        "s-1",
        "new_contact",
    )


async def test_a_second_reason_says_why_the_contact_does_not_enter_again(
    at_work: Service,
) -> None:
    await arises(at_work, "r-1")
    await at_work.entries.look()
    await arises(at_work, "r-2")
    await at_work.entries.look()
    newest, first = await decisions(at_work)
    assert (newest["entered"], newest["why_ja"]) == (False, "同じプレイブックが実行中です")
    await at_work.call("POST", f"/sequences/{first['sequence_id']}/stop", {})
    await arises(at_work, "r-3")
    await at_work.entries.look()
    kept_out = [each["why_ja"] for each in await decisions(at_work) if not each["entered"]]
    assert kept_out == ["再開までの期間が過ぎていません"] * 2, "the second is decided again"


async def test_a_reason_about_a_municipality_reaches_those_whom_the_playbook_addresses(
    at_work: Service,
) -> None:
    await introduce(at_work, "crm-2", email="zaisei@city.kiryu.example.jp", role="finance")
    await introduce(at_work, "crm-3")
    await introduce(at_work, "crm-4", municipality_code="131130", email="x@y.example.jp")
    await arises(
        at_work,
        "r-1",
        lead_id=None,
        municipality_code="102032",
        audience=frozenset({Audience.OFFICER}),
    )
    await at_work.entries.look()
    assert [each["entered"] for each in await decisions(at_work)] == [True]
    [finance], [unreachable] = await decisions(at_work, "crm-2"), await decisions(at_work, "crm-3")
    assert finance["why_ja"] == "役割が対象ではありません。きっかけの対象となる役割ではありません"
    assert unreachable["why_ja"] == "メールアドレスが分かりません"
    assert await decisions(at_work, "crm-4") == []


async def test_one_contact_stands_for_all_of_their_municipality(at_work: Service) -> None:
    once = "reasons: [news], one_per_municipality: true, again_after_days: 1"
    await publish(at_work, "once", once)
    await introduce(at_work, "crm-0", email="kacho@city.kiryu.example.jp", role="manager")
    await introduce(at_work, "crm-2", email="joho-2@city.kiryu.example.jp")
    await arises(at_work, "news-1", kind="news", **OF_THE_PLACE)
    await at_work.entries.look()
    [first], [second] = await decisions(at_work), await decisions(at_work, "crm-2")
    assert (first["entered"], second["why_ja"]) == (True, "同じ自治体の別の方について実行中です")
    await at_work.call("POST", f"/sequences/{first['sequence_id']}/stop", {})
    await arises(at_work, "news-2", kind="news", **OF_THE_PLACE)
    await at_work.entries.look()
    assert [(await decisions(at_work, who))[0]["why_ja"] for who in ("crm-1", "crm-2")] == [
        "再開までの期間が過ぎていません"
    ] * 2


class AtTheSameInstant(Sequences):
    """Sequences whose first entry waits until the other consumer has decided, too."""

    def __init__(self, service: Service, decided: asyncio.Barrier) -> None:
        settings = service.settings
        workflows = SequenceWorkflows(
            service.temporal, settings.temporal.task_queue, settings.workflow_id_prefix
        )
        super().__init__(service.database, workflows, service.playbooks)
        self._decided: asyncio.Barrier | None = decided

    async def enter(self, enter: Enter) -> SequenceStatus:
        if (decided := self._decided) is not None:
            self._decided = None
            await decided.wait()
        return await super().enter(enter)


async def test_of_one_municipality_one_contact_enters_though_two_consumers_decide_at_once(
    at_work: Service,
) -> None:
    await publish(at_work, "once", "reasons: [news], one_per_municipality: true")
    await introduce(at_work, "crm-2", email="joho-2@city.kiryu.example.jp")
    for lead_id in ("crm-1", "crm-2"):
        await arises(at_work, f"news-{lead_id}", kind="news", lead_ids=(lead_id,), **OF_THE_PLACE)
    decided = asyncio.Barrier(2)
    consumers = [
        Entries(
            at_work.database,
            at_work.playbooks,
            AtTheSameInstant(at_work, decided),
            at_work.clock,
            default_owner=None,
        )
        for _ in range(2)
    ]
    await asyncio.gather(*(each.look() for each in consumers))
    [first], [second] = await decisions(at_work, "crm-1"), await decisions(at_work, "crm-2")
    assert {first["entered"], second["entered"]} == {True, False}
    assert {first["why_ja"], second["why_ja"]} == {"", "同じ自治体の別の方について実行中です"}
    assert decided.n_waiting == 0


async def test_after_a_disaster_no_other_reason_of_the_place_lets_anybody_in(
    at_work: Service,
) -> None:
    await publish(at_work, "relief", "reasons: [disaster]")
    await arises(at_work, "flood-1", kind="disaster", importance=3, **OF_THE_PLACE)
    await arises(at_work, "flood-2", **OF_THE_PLACE)
    await at_work.entries.look()
    entered = {each["playbook_id"]: each["why_ja"] for each in await decisions(at_work)}
    assert entered["relief"] == ""
    assert entered["greeting"].startswith("災害のため、この自治体への営業を控えています")
    previewed = await at_work.previews.preview(PLAYBOOK, days=30)
    [kept_out] = [each for each in previewed.found if isinstance(each, KeptOut)]
    assert kept_out.why[0].en == "selling to the municipality is paused after a disaster"


async def test_a_reason_that_overtakes_its_leads_profile_is_not_lost(at_work: Service) -> None:
    await arises(at_work, "r-1", kind="handoff_recycled", lead_id="crm-7")
    assert await at_work.entries.look() == 0
    assert await states(at_work) == ["awaits_lead"]
    await introduce(at_work, "crm-7", email="x@city.kiryu.example.jp")
    assert await states(at_work) == ["due"]
    assert await at_work.entries.look() == 1


@pytest.mark.parametrize(
    ("differences", "state", "why"),
    [
        (
            {},
            "decided",
            Handling.DECIDED.text.ja,
        ),
        (
            {"kind": "unheard_of"},
            "no_playbook",
            "この種類をきっかけとするプレイブックが有効になっていません。",
        ),
        (
            {"lead_id": None, "municipality_code": "131130"},
            "nobody",
            "対象となる連絡先がありません。",
        ),
    ],
)
async def test_a_reason_says_what_became_of_it(
    at_work: Service, differences: dict[str, Any], state: str, why: str
) -> None:
    await arises(at_work, "r-1", **differences)
    await at_work.entries.look()
    [shown] = (await at_work.call("GET", "/reasons"))["items"]
    assert (shown["state"], shown["why"]) == (state, why)


async def test_an_urgent_reason_makes_an_urgent_sequence(at_work: Service) -> None:
    await arises(at_work, "urgent-1", urgent=True)
    await at_work.entries.look()
    [decision] = await decisions(at_work)
    stored = await at_work.sequences.find(decision["sequence_id"])
    assert stored.state.urgent


async def test_nobody_enters_without_a_seller_or_for_a_reason_of_another_day(
    at_work: Service,
) -> None:
    await arises(at_work, "r-1", owner="nobody")
    await arises(at_work, "r-2", good_from=date(2098, 1, 1), good_until=date(2098, 2, 1))
    assert await at_work.entries.look() == 1
    [decision] = await decisions(at_work)
    assert decision["why_ja"] == "担当者が決まっていません"
