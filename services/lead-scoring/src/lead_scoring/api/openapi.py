"""``python -m lead_scoring.api.openapi > docs/openapi/lead-scoring.json``: the API's contract.

Clients are generated from the committed file; ``tests/contract`` holds that it is current.
"""

import json
import sys
from typing import Any

from kakehashi_common.auth import TokenVerifier
from kakehashi_common.clock import WallClock
from kakehashi_common.db import Database
from kakehashi_common.messaging.settings import KafkaSettings
from kakehashi_common.settings import AuthSettings, DatabaseSettings, HttpSettings
from lead_scoring.api.app import create_app
from lead_scoring.collecting import Collector, LeadEventPublisher
from lead_scoring.personal_data import PersonalData
from lead_scoring.rule_publishing import RulePublishing
from lead_scoring.views import Views


def document() -> dict[str, Any]:
    """The OpenAPI document. Nothing connects: it is made from the routes alone."""
    database = Database(
        DatabaseSettings(url="postgresql://localhost/lead_scoring"), application="openapi"
    )
    auth = AuthSettings(jwks_url="http://localhost/jwks.json", issuer="http://localhost")
    clock = WallClock()
    app = create_app(
        settings=HttpSettings(),
        verifier=TokenVerifier(auth),
        checks={},
        views=Views(database, clock),
        collector=Collector(LeadEventPublisher(KafkaSettings()), clock),
        publishing=RulePublishing(database, _start_nothing),
        personal_data=PersonalData(database),
    )
    return app.openapi()


async def _start_nothing(_version: int) -> None:
    """Nobody publishes rules here."""


if __name__ == "__main__":
    sys.stdout.write(json.dumps(document(), indent=2, ensure_ascii=False) + "\n")
