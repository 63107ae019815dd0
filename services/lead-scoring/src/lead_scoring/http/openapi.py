"""``python -m lead_scoring.http.openapi > docs/openapi/lead-scoring.json``: the API's contract.

Clients are generated from the committed file; ``tests/contract`` holds that it is current.
"""

from datetime import UTC, datetime
from typing import Any, Final

from fastapi import FastAPI

from kakehashi_common.clock import FixedClock
from kakehashi_common.http import openapi
from kakehashi_common.kafka.settings import KafkaSettings
from kakehashi_common.settings import HttpSettings
from lead_scoring.collector.service import Collector, LeadEventPublisher
from lead_scoring.http.app import create_app
from lead_scoring.leads.queries import LeadQueries
from lead_scoring.personal_data.service import PersonalData
from lead_scoring.rule_publishing.queries import RuleQueries
from lead_scoring.rule_publishing.service import RulePublishing
from lead_scoring.rules.rule_cache import RuleCache

_AS_OF: Final = datetime(2026, 11, 21, tzinfo=UTC)
"""A file that is committed stays as it is; a running API shows examples of the day before."""


def document() -> dict[str, Any]:
    """Return the OpenAPI document."""
    return application().openapi()


def application() -> FastAPI:
    """Return the application to describe. Nothing connects; only its routes matter."""
    database = openapi.unconnected_database()
    clock = FixedClock(_AS_OF)
    rule_cache = RuleCache()
    return create_app(
        settings=HttpSettings(),
        verifier=openapi.unconnected_verifier(),
        checks={},
        lead_queries=LeadQueries(database, clock, rule_cache),
        rule_queries=RuleQueries(database, clock, rule_cache),
        collector=Collector(LeadEventPublisher(KafkaSettings()), clock, database),
        publishing=RulePublishing(database, _start_nothing),
        personal_data=PersonalData(database),
        clock=clock,
    )


async def _start_nothing(_version: int) -> None:
    """Nobody publishes rules here."""


if __name__ == "__main__":
    openapi.write(document())
