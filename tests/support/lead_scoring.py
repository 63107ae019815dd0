"""Lead-scoring as an operator runs it: real processes, on a database and topics of their own."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

from kakehashi_common.clock import WallClock
from kakehashi_common.contracts.topics import LEAD_EVENTS
from kakehashi_common.db import Database
from kakehashi_common.http.openapi import AUTH
from kakehashi_common.kafka.settings import KafkaSettings
from lead_scoring.bootstrap import install
from lead_scoring.container import Container
from lead_scoring.settings import LeadScoringSettings
from tests.support.installations import Installation, installed

LEAD_STATE = """
    select lead_id, l.activity, l.last_activity_at, l.last_event_at, l.fit, l.engagement, l.grade,
        l.scored_at, l.next_grade_change_at, l.municipality_code, l.outcome, l.outcome_at,
        l.outcome_amount_yen, p.person_name, p.email, p.phone, p.department, p.role,
        p.organisation_size, p.attributes, p.stamps
    from lead l left join lead_profile p using (lead_id) order by lead_id
"""
"""All of a lead that is a function of its events alone.

What was told to others, and when it qualified, also depends on which events shared a batch.
"""


@dataclass
class LeadScoring(Installation):
    """One lead-scoring."""

    package: ClassVar = "lead_scoring"
    schedules: ClassVar = ("sweep-due-leads", "maintain-event-log")
    reads: ClassVar = LEAD_EVENTS

    def own_settings(self) -> dict[str, str]:
        # Its topics are made by name, and those of other services are not among them.
        others = ("READ_BUDGET_PHASES", "READ_HANDOFFS", "READ_FOLLOWUPS")
        return super().own_settings() | dict.fromkeys(others, "false")


def installation(
    rules: str | None = None, kafka: KafkaSettings | None = None, /, **settings: str
) -> AbstractAsyncContextManager[LeadScoring]:
    """Install lead-scoring with the rules that ship (or ``rules``, YAML); nothing runs yet.

    Its topics are on the broker of ``kafka``, if not on the one that tests use; what its processes
    need to get there is up to ``settings``.
    """
    return installed(
        LeadScoring, lambda database: install(database, WallClock(), rules), settings, kafka=kafka
    )


@asynccontextmanager
async def in_this_process(beside: Installation, **settings: Any) -> AsyncIterator[Container]:
    """The use cases of an installation, beside its processes."""
    own = LeadScoringSettings(
        database=beside.database, auth=AUTH, topic_prefix=beside.prefix, **settings
    )
    database = Database(own.database, application="tests")
    try:
        yield Container(own, database)
    finally:
        await database.close()
