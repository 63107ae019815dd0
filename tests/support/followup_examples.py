"""A small playbook, and who takes part in it."""

from datetime import UTC, datetime

from followup.contacts import repository as contacts
from followup.container import Container
from kakehashi_common.audit import Actor
from kakehashi_common.contracts.lead_events import ProfileChanged
from kakehashi_common.db import Database
from tests.support.followup_api import Service
from tests.support.received import received

ACTOR = Actor("tests", "tests")
PLAYBOOK = """
id: greeting
name: ごあいさつ
description: 一通だけ送る。
audience: {roles: [officer]}
entry: {reasons: [new_contact]}
priority: 30
goal: {occurrences: [meeting_booked]}
templates:
  hello:
    kind: mail
    fill_ins:
      personal_note: 相手に合わせた一文
    variants:
      - subject: "ごあいさつ（{{ sender_company }}）"
        body: |
          {{ addressee }}

          {{ sender_company }}の{{ sender_name }}です。
          {{ fill.personal_note }}

          {{ signature }}
steps:
  - {id: hello, kind: mail, template: hello, approval: required}
  - id: reaction
    kind: branch
    cases:
      - {on: negative, stop: 辞退}
      - {on: answered, stop: ご返信}
      - {on: silent, business_days: 5, goto: call}
  - {id: call, kind: call_task, title: お電話, due_business_days: 2}
"""
TELLING = """
id: tell-crm
name: CRMへの通知
description: 他のシステムに知らせてから電話する。
audience: {roles: [officer]}
entry: {reasons: [first_contact]}
priority: 30
goal: {occurrences: [meeting_booked]}
steps:
  - {id: tell, kind: webhook, hook: crm}
  - {id: call, kind: call_task, title: お電話, due_business_days: 2}
"""
"""Another one: a webhook, then a task."""
CALLING = """
id: calling
name: お電話
description: 電話で伺う。
audience: {roles: [officer]}
entry: {reasons: [new_contact]}
priority: 20
goal: {occurrences: [meeting_booked]}
templates:
  guide:
    kind: guide
    variants:
      - body: "{{ addressee }}に伺う。"
steps:
  - {id: call, kind: call_task, title: お電話, template: guide, due_business_days: 2}
"""
SELLER = {
    "name": "佐藤 花子",
    "email": "hanako.sato@example.co.jp",
    "signature": "株式会社かけはし\n佐藤 花子",
}
ADDRESS = "joho@city.kiryu.example.jp"
CONSENT = {
    "address": ADDRESS,
    "basis": "business_card",
    "obtained_on": "2026-10-02",
    "evidence": "名刺 C-118",
}
ENTRY = {
    "lead_id": "crm-1",
    "playbook_id": "greeting",
    "reason": "new_contact",
    "municipality_code": "102032",
    "owner": "s-1",
}


async def enter_everybody(service: Service) -> None:
    """Have a seller, a contact with consent, and the playbook in force."""
    await service.call("PUT", "/sellers/s-1", SELLER)
    await service.call("POST", "/consents", CONSENT)
    await service.playbooks.publish(PLAYBOOK, ACTOR)
    await introduce(service, "crm-1", email=ADDRESS, person_name="田中 一郎")


LONG_AGO = datetime(2026, 1, 5, tzinfo=UTC)
"""Before any mail of a test went."""


async def introduce(service: Container, lead_id: str, **differences: str | None) -> None:
    """Have events say who a contact is."""
    said = {
        "municipality_code": "102032",
        "department": "デジタル推進課",
        "role": "officer",
        **differences,
    }
    profile = ProfileChanged.model_validate({"lead_id": lead_id, **said})
    at = datetime(2026, 11, 2, tzinfo=UTC)
    await service.contacts.save_lead_events([received(profile, at)])


async def know(database: Database, lead_id: str, email: str, said_at: datetime = LONG_AGO) -> None:
    """Have events say which address a contact has, and nothing else."""
    async with database.raw_transaction() as connection:
        await contacts.save_leads(connection, [lead_id])
        await connection.execute(
            "insert into lead_field (lead_id, name, value, at, event_key, source) "
            "values ($1, 'email', $2, $3, gen_random_uuid(), 'tests')",
            lead_id,
            email,
            said_at,
        )


def calling_and_writing(playbook_id: str, to: str, reason: str) -> str:
    """Return a playbook with an approved call and a mail to a colleague or superior."""
    return f"""
id: {playbook_id}
name: 別の方へ
description: 同じ部署の別の方に伺う。
audience: {{roles: [officer]}}
entry: {{reasons: [{reason}]}}
priority: 20
goal: {{occurrences: [meeting_booked]}}
templates:
  hello:
    kind: mail
    variants: [{{subject: ご案内, body: "{{{{ addressee }}}}\\n\\n{{{{ signature }}}}"}}]
  guide:
    kind: guide
    variants: [{{body: "{{{{ addressee }}}}に伺う。"}}]
steps:
  - id: call
    kind: call_task
    title: お電話
    template: guide
    to: {to}
    approval: required
    due_business_days: 2
  - {{id: hello, kind: mail, template: hello, to: {to}, approval: required}}
"""


async def mail_went(
    database: Database,
    sequence_id: str,
    message_id: str,
    *,
    lead_id: str | None = None,
    step_id: str = "hello",
) -> None:
    """Record that the mail server has accepted a mail of a sequence."""
    async with database.raw_transaction() as connection:
        await connection.execute(
            "insert into mail_attempt (message_id, sequence_id, step_id, lead_id, state, "
            "claimed_at) values ($1, $2, $3, $4, 'accepted', now())",
            message_id,
            sequence_id,
            step_id,
            lead_id,
        )
