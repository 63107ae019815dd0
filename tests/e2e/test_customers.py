"""Customers' survey answers and usage arrive over Kafka, and become a seller's task."""

from datetime import UTC, datetime, timedelta

import pytest

from followup.domain.playbooks.checks import Limits
from followup.playbooks.reading import shipped
from followup.playbooks.service import Playbooks
from kakehashi_common.clock import japan_day
from kakehashi_common.cloudevents.codec import Outgoing, encode
from kakehashi_common.contracts.events import Event, EventData
from kakehashi_common.contracts.followup_triggers import SatisfactionAnswered, UsageReported
from kakehashi_common.contracts.topics import FOLLOWUP_TRIGGERS
from kakehashi_common.db import Database
from kakehashi_common.domain.satisfaction import SurveySubject
from tests.support.followup_examples import ACTOR
from tests.support.followup_processes import KIRYU, FollowupInstallation, installation
from tests.support.issuing import issuing
from tests.support.waiting import eventually

pytestmark = pytest.mark.timeout(600)  # processes start

NOW = datetime.now(UTC)


def said(event_id: str, data: EventData) -> Outgoing:
    return encode(Event(event_id, "https://customers.example.jp", NOW, data), key=KIRYU)


def answered() -> list[Outgoing]:
    """A dissatisfied answer."""
    data = SatisfactionAnswered(lead_id="crm-1", about=SurveySubject.CONTRACT, score=1, owner="s-1")
    return [said("answer-1", data)]


def used() -> list[Outgoing]:
    """Twelve weeks of use, and four with less than half of it, until yesterday."""
    values = [*[100] * 12, *[40] * 4]
    week, yesterday = timedelta(days=7), japan_day(NOW) - timedelta(days=1)
    events = []
    for back, value in enumerate(reversed(values)):
        ends = yesterday - back * week
        data = UsageReported(
            municipality_code=KIRYU,
            metric="logins",
            begins=ends - timedelta(days=6),
            ends=ends,
            value=value,
            owner="s-1",
        )
        events.append(said(f"usage-{back}", data))
    return events


async def task_of(installed: FollowupInstallation, playbook_id: str) -> str:
    """Wait until a playbook has given a seller a task, and return its title."""
    titles: list[str] = []

    async def is_given() -> bool:
        rows = await installed.fetch(
            "select title from task join sequence using (sequence_id) "
            "where playbook_id = $1 and task.owner = 's-1' and task.status = 'open'",
            playbook_id,
        )
        titles[:] = [row["title"] for row in rows]
        return bool(titles)

    await eventually(is_given, within=120, what=f"{playbook_id} has given a task", every=0.1)
    return titles[0]


@pytest.mark.parametrize(
    ("playbook_id", "events", "title"),
    [
        ("dissatisfaction-check", answered(), "満足度の評価が低かった理由を電話で伺う"),
        ("usage-falling-check", used(), "利用が減った理由を電話で伺う"),
    ],
)
async def test_it_becomes_a_sellers_task_and_no_mail(
    playbook_id: str, events: list[Outgoing], title: str
) -> None:
    async with issuing() as issuer, installation(issuer) as installed:
        await installed.start("api", "consumer", "worker")
        await installed.hire()
        address = await installed.introduce("crm-1")
        database = Database(installed.database, application="tests")
        await Playbooks(database, Limits()).publish(shipped()[playbook_id], ACTOR)
        await database.close()
        await installed.broker.publish(installed.topic(FOLLOWUP_TRIGGERS), [*events, *events])
        assert await task_of(installed, playbook_id) == title
        assert installed.mails_to(address) == []
