"""One person is moved through all four services and erased: nothing of them can be found again.

Every table, topic and workflow history is searched, before and after: so it is shown, too, that
the search finds what there is.
"""

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any, Final

import httpx
import pytest
from temporalio.client import Client

from budget_calendar.domain.fiscal_years import first_day, fiscal_year_of
from followup.sequences.names import workflow_id
from kakehashi_common.clock import japan_day
from kakehashi_common.contracts.lead_events import ActivityRecorded, ProfileChanged
from kakehashi_common.contracts.topics import LEAD_EVENTS, TOPICS
from kakehashi_common.db import Database
from kakehashi_common.kafka import topics
from kakehashi_common.runtime.issuer import Issuer
from kakehashi_common.settings import DatabaseSettings, parse_codec_keys
from tests.support import stack
from tests.support.budget_calendar_processes import installation as budget_calendar_installation
from tests.support.followup_examples import CALLING, calling_and_writing
from tests.support.followup_processes import SCOPES as FOLLOWUP_SCOPES
from tests.support.followup_processes import FollowupInstallation
from tests.support.followup_processes import installation as followup_installation
from tests.support.handoff_processes import KIRYU, HandoffInstallation
from tests.support.handoff_processes import SCOPES as HANDOFF_SCOPES
from tests.support.handoff_processes import installation as handoff_installation
from tests.support.installations import Installation, Process
from tests.support.issuing import SCOPES, issuing, settings_of
from tests.support.lead_scoring import installation as lead_scoring_installation
from tests.support.searching import DELETED_WITHIN, columns_with, histories_with, topics_with
from tests.support.temporal import temporal_server
from tests.support.waiting import eventually

pytestmark = pytest.mark.timeout(1_200)  # thirteen processes start, on a busy machine slowly

WITHIN: Final = 240.0
LEAD: Final = "crm-48213"
COLLEAGUE: Final = "crm-48214"
"""The person whose sequence turns to the erased one, who is their superior."""
NUMBER: Final = secrets.token_hex(6)
NAME: Final = f"探索 {NUMBER}郎"
ADDRESS: Final = f"tansaku-{NUMBER}@city.example.jp"
PHONE: Final = f"0277-{secrets.randbelow(10**8):08}"
WORDS: Final = f"猫の名は{NUMBER}さん"
"""Words of people who know this person."""
PERSON: Final = (NAME, ADDRESS, PHONE, WORDS)
DEPARTMENT: Final = "情報政策課"
MATTER: Final = f"窓口改革事業{NUMBER[::-1]}"
"""The subject of the municipality's pursuit: no person."""

CALLING_MANAGERS: Final = CALLING.replace("officer", "manager").replace(
    "new_contact", "asked_for_a_call"
)

TO_THE_MANAGER: Final = calling_and_writing("to-the-manager", "manager", "asked_for_a_call")


@dataclass(frozen=True)
class Services:
    """All four, on one broker."""

    scoring: Installation
    scoring_api: Process
    handoffs: HandoffInstallation
    followups: FollowupInstallation
    calendar_url: str
    calendar_prefix: str
    calendar_api: str
    temporal: Client
    issuer: Issuer

    async def ask(
        self, address: str, scopes: tuple[str, ...], method: str, path: str, **more: Any
    ) -> httpx.Response:
        """Send an API a valid request."""
        headers = {"authorization": f"Bearer {self.issuer.token('tester', list(scopes))}"}
        async with httpx.AsyncClient(
            base_url=f"{address}/v1", timeout=60, headers=headers
        ) as client:
            answer = await client.request(method, path, **more)
        assert answer.is_success, answer.text
        return answer

    async def holding(self, *texts: str) -> set[str]:
        """Return every column, topic and workflow that holds one of these texts."""
        databases = {
            "lead-scoring": self.scoring.database.url,
            "handoff": self.handoffs.database.url,
            "followup": self.followups.database.url,
            "budget-calendar": self.calendar_url,
        }
        found: set[str] = set()
        for service, url in databases.items():
            database = Database(DatabaseSettings(url=url), application="tests")
            try:
                async with database.raw_transaction() as connection:
                    columns = await columns_with(connection, texts)
            finally:
                await database.close()
            found |= {f"{service}: {column}" for column in columns}
        names = [each.name for each in topics.declared(map(self.scoring.topic, TOPICS))]
        for name in await topics_with(self.scoring.broker, names, texts):
            found.add(f"topic: {name.removeprefix(self.scoring.prefix)}")
        for prefix in (self.scoring.prefix, self.calendar_prefix):
            query = f'WorkflowId STARTS_WITH "{prefix}"'
            for each in await histories_with(self.temporal, query, texts):
                kind = each.removeprefix(prefix).partition("/")[0]
                found.add(f"workflow: {kind}")
        return found


@asynccontextmanager
async def services() -> AsyncIterator[Services]:
    keys = parse_codec_keys(stack.environment()["HANDOFF_TEMPORAL__CODEC_KEYS"])
    async with (
        issuing() as issuer,
        lead_scoring_installation(**settings_of(issuer)) as scoring,
        handoff_installation(issuer, beside=scoring) as handoffs,
        followup_installation(issuer, beside=scoring) as followups,
        budget_calendar_installation(issuer) as calendar,
    ):
        await handoffs.start("api", "consumer", "relay", "worker")
        await followups.start("api", "consumer", "relay", "worker")
        scoring_api, *_ = await scoring.start("api", "consumer", "relay")
        yield Services(
            scoring,
            scoring_api,
            handoffs,
            followups,
            calendar.environment["BUDGET_CALENDAR_DATABASE__URL"],
            calendar.prefix,
            calendar.api.address,
            (await temporal_server(keys)).client,
            issuer,
        )


async def test_an_erased_person_is_found_in_no_table_topic_or_history() -> None:
    async with services() as running:
        await _become_known(running)
        await _be_handed_off(running)
        await _be_followed_up(running)
        await _be_turned_to(running)
        wish = {"scope": "address", "value": ADDRESS}
        await running.followups.call("POST", "/suppressions", wish)
        await _pursue(running)

        before = await running.holding(*PERSON)
        assert before >= {
            "lead-scoring: lead_profile.person_name",
            "lead-scoring: lead_profile.email",
            "lead-scoring: lead_profile.phone",
            "lead-scoring: event_log.data",
            "handoff: lead_field.value",
            "handoff: packet.entries",
            "handoff: handoff.state",
            "handoff: handoff_fact.fact",
            "followup: lead_field.value",
            "followup: approval.text",
            "followup: approval.edited_text",
            "followup: task.text",
            "followup: task.note",
            "followup: incoming_mail.text",
            "followup: consent.address",
            "followup: suppression.value",
            "followup: reason.reason",
            "topic: lead-events-v1",
            "workflow: handoff",
            "workflow: followup",
        }
        assert not {each for each in before if each.startswith("budget-calendar")}
        pursued = await running.holding(MATTER)
        assert pursued >= {"budget-calendar: pursuit.state", "workflow: pursuit"}

        receipt = await running.ask(
            running.scoring_api.address,
            SCOPES,
            "POST",
            "/personal-data/erasures",
            json={"email": ADDRESS},
        )
        assert list(receipt.json()["erased"]) == [LEAD]

        # Its retention is what remains: Kafka can't delete single records of such a topic.
        kept = {f"topic: {LEAD_EVENTS.name}"}

        async def is_forgotten() -> bool:
            return await running.holding(*PERSON) <= kept

        await eventually(
            is_forgotten, within=DELETED_WITHIN, every=2.0, what="nothing holds the person"
        )
        assert await running.holding(*PERSON) == kept
        name = running.scoring.topic(LEAD_EVENTS).name
        found = await topics.describe(running.scoring.broker.admin, [name])
        assert LEAD_EVENTS.retention == timedelta(days=30)
        assert found[name].configs["retention.ms"] == str(30 * 24 * 3_600_000)
        assert await running.holding(MATTER) == pursued
        handoffs = await running.handoffs.call("GET", f"/handoffs?lead_id={LEAD}")
        assert [each["status"] for each in handoffs["items"]] == ["withdrawn"]
        sequences = await running.followups.call("GET", f"/sequences?lead_id={LEAD}&open=true")
        assert sequences["items"] == []


def _event(type_: str, **data: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": secrets.token_hex(8),
        "source": "https://crm.example.jp",
        "type": type_,
        "time": datetime.now(UTC).isoformat(),
        "data": {"lead_id": LEAD, **data},
    }


async def _become_known(running: Services) -> None:
    profile = {
        "municipality_code": KIRYU,
        "department": DEPARTMENT,
        "role": "manager",
        "person_name": NAME,
        "email": ADDRESS,
        "phone": PHONE,
        "attributes": {"memo": WORDS},
    }
    events = [
        _event(ProfileChanged.TYPE, **profile),
        _event(ActivityRecorded.TYPE, kind="rfp_received"),
        _event(ActivityRecorded.TYPE, kind="meeting_held"),
    ]
    await running.ask(running.scoring_api.address, SCOPES, "POST", "/lead-events", json=events)


async def _be_handed_off(running: Services) -> None:
    handoffs = running.handoffs
    await handoffs.hire()
    handoff = await handoffs.handoff_of(LEAD, "assigned")
    path, owner = f"/handoffs/{handoff['handoff_id']}", handoff["owner"]
    api = next(each for each in handoffs.processes if each.name == "api")
    packet = await running.ask(api.address, HANDOFF_SCOPES, "GET", f"{path}/packet")
    await running.ask(
        api.address,
        HANDOFF_SCOPES,
        "PUT",
        f"{path}/packet/internal_notes",
        json={"text": WORDS, "by": owner},
        headers={"if-match": packet.headers["etag"]},
    )
    until = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    pause = {"reason": "customer_asked", "until": until, "note": WORDS, "by": owner}
    await handoffs.call("POST", f"{path}/pause", pause)
    override = {"answer": "met", "reason": WORDS, "by": owner}
    await handoffs.call("PUT", f"{path}/readiness/consent", override)


async def _be_followed_up(running: Services) -> None:
    followups = running.followups

    async def is_known() -> bool:
        return bool(await followups.fetch("select from lead_field where value = $1", ADDRESS))

    await eventually(is_known, within=WITHIN, what="followup knows the address", every=0.1)
    await followups.hire()
    consent = {
        "address": ADDRESS,
        "basis": "business_card",
        "obtained_on": "2026-10-02",
        "evidence": WORDS,
    }
    await followups.call("POST", "/consents", consent)
    api = next(each for each in followups.processes if each.name == "api")
    yaml = {"content-type": "application/yaml"}
    await running.ask(
        api.address, FOLLOWUP_SCOPES, "POST", "/playbooks", content=CALLING_MANAGERS, headers=yaml
    )
    entry = {"lead_id": LEAD, "municipality_code": KIRYU, "owner": "s-1"}
    greeting = {"playbook_id": "greeting", "reason": "new_contact"}
    sequence = await followups.call("POST", "/sequences", entry | greeting, "greeting")
    shown = await followups.call("GET", f"/sequences/{sequence['sequence_id']}")
    approval = f"/approvals/{shown['approval_id']}"
    await followups.call("PUT", f"{approval}/text", {"subject": "ご挨拶", "text": WORDS})

    # In the Temporal UI people can send whatever they type.
    its_id = workflow_id(sequence["sequence_id"], followups.prefix)
    typed = {"by": "operator", "note": WORDS}
    await running.temporal.get_workflow_handle(its_id).signal("resume", typed)

    calling = {"playbook_id": "calling", "reason": "asked_for_a_call"}
    await followups.call("POST", "/sequences", entry | calling, "calling")
    (task,) = (await followups.call("GET", f"/tasks?lead_id={LEAD}"))["items"]
    done = {"outcome": "done", "note": WORDS}
    await followups.call("POST", f"/tasks/{task['task_id']}/complete", done)

    today = japan_day(datetime.now(UTC))
    reason = {
        "kind": "other",
        "lead_id": LEAD,
        "good_from": today.isoformat(),
        "good_until": (today + timedelta(days=7)).isoformat(),
        "text": WORDS,
    }
    await followups.call("PUT", "/reasons/report-1", reason)
    _write(followups)

    async def has_come() -> bool:
        return bool(await followups.fetch("select from incoming_mail where handled_at is not null"))

    await eventually(has_come, within=WITHIN, what="the mail is handled", every=0.1)


async def _be_turned_to(running: Services) -> None:
    """Have the sequence of somebody in the department turn to the person, by telephone and mail."""
    followups = running.followups
    profile = {
        "lead_id": COLLEAGUE,
        "municipality_code": KIRYU,
        "department": DEPARTMENT,
        "role": "officer",
        "email": f"{COLLEAGUE}@city.example.jp",
    }
    event = _event(ProfileChanged.TYPE, **profile)
    await running.ask(running.scoring_api.address, SCOPES, "POST", "/lead-events", json=[event])
    found = "select from lead_field where lead_id = $1 and name = 'email'"

    async def is_known() -> bool:
        return bool(await followups.fetch(found, COLLEAGUE))

    await eventually(is_known, within=WITHIN, what="followup knows the colleague", every=0.1)
    api = next(each for each in followups.processes if each.name == "api")
    yaml = {"content-type": "application/yaml"}
    await running.ask(
        api.address, FOLLOWUP_SCOPES, "POST", "/playbooks", content=TO_THE_MANAGER, headers=yaml
    )
    entry = {
        "lead_id": COLLEAGUE,
        "municipality_code": KIRYU,
        "owner": "s-1",
        "playbook_id": "to-the-manager",
        "reason": "asked_for_a_call",
    }
    sequence = await followups.call("POST", "/sequences", entry, "to-the-manager")
    path = f"/sequences/{sequence['sequence_id']}"
    edited = {"subject": NAME, "text": WORDS}
    call = f"/approvals/{(await followups.call('GET', path))['approval_id']}"
    await followups.call("PUT", f"{call}/text", edited)
    await followups.call("POST", f"{call}/approve", {"by": "s-1"})
    (task,) = (await followups.call("GET", f"/tasks?lead_id={COLLEAGUE}"))["items"]
    assert task["recipient_lead_id"] == LEAD
    done = {"outcome": "done", "note": WORDS}
    await followups.call("POST", f"/tasks/{task['task_id']}/complete", done)
    mail = f"/approvals/{(await followups.call('GET', path))['approval_id']}"
    await followups.call("PUT", f"{mail}/text", edited)
    theirs = "select from {} where lead_id = $1 and recipient_lead_id = $2"
    for table, number in (("approval", 2), ("task", 1)):
        assert len(await followups.fetch(theirs.format(table), COLLEAGUE, LEAD)) == number


def _write(followups: FollowupInstallation) -> None:
    """Have the person write a mail that answers none of ours."""
    mail = EmailMessage()
    mail["From"], mail["To"] = f"{NAME} <{ADDRESS}>", "kakehashi@mail.example.jp"
    mail["Subject"], mail["Message-ID"] = WORDS, f"<{NUMBER}@city.example.jp>"
    mail.set_content(WORDS)
    arriving = followups.maildir / "tmp" / "1.mail"
    arriving.write_bytes(mail.as_bytes())
    arriving.rename(followups.maildir / "new" / arriving.name)


async def _pursue(running: Services) -> None:
    scopes = ("budget-calendar:read", "budget-calendar:pursuits:write")
    today = japan_day(datetime.now(UTC))
    goal: Mapping[str, Any] = {
        "policy_area": "digital",
        "amount": 12_000_000,
        "wanted_start": first_day(fiscal_year_of(today) + 2).isoformat(),
        "category": "services",
        "description": MATTER,
    }
    pursuit = {"id": "deal-1", "municipality_code": KIRYU, "owner": "fs-east", "goal": goal}
    await running.ask(running.calendar_api, scopes, "POST", "/pursuits", json=pursuit)
    pause = {"until": (today + timedelta(days=30)).isoformat(), "note": MATTER}
    await running.ask(running.calendar_api, scopes, "POST", "/pursuits/deal-1/pause", json=pause)
