"""Settings of the commands: the same variables as the service's, without those only it needs."""

from pydantic import Field
from pydantic_settings import BaseSettings

from kakehashi_common.http.client import ApiSettings
from kakehashi_common.kafka.settings import KafkaSettings
from kakehashi_common.settings import DatabaseSettings, HttpUrl, settings_config
from lead_scoring.scopes import PUBLISH_RULES, READ, WRITE_EVENTS


class ImportSettings(BaseSettings):
    """The broker that an import publishes to, and the database that knows the counted events."""

    model_config = settings_config("LEAD_SCORING_")

    kafka: KafkaSettings = KafkaSettings(client_id="lead-scoring-import")
    topic_prefix: str = ""
    database: DatabaseSettings | None = Field(
        default=None, description="The service's; an import asks it which events were counted"
    )


class LeadScoringApi(ApiSettings):
    """The API's address and the commands' credentials."""

    model_config = settings_config("LEAD_SCORING_")

    api_url: HttpUrl = Field(default="http://127.0.0.1:18080", description="Where the API answers")
    client_id: str = "lead-scoring-cli"


SCOPES = (
    READ,
    WRITE_EVENTS,
    PUBLISH_RULES,
)
"""The scopes that the commands request from the local issuer."""
