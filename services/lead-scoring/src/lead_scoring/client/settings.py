"""Settings of the commands: the same variables as the service's, without those only it needs."""

from pydantic import Field
from pydantic_settings import BaseSettings

from kakehashi_common.http.client import ApiSettings
from kakehashi_common.messaging.settings import KafkaSettings
from kakehashi_common.settings import HttpUrl, settings_config


class ImportSettings(BaseSettings):
    """Where an import publishes to; TLS and SASL are settings too."""

    model_config = settings_config("LEAD_SCORING_")

    kafka: KafkaSettings = KafkaSettings(client_id="lead-scoring-import")
    topic_prefix: str = ""


class LeadScoringApi(ApiSettings):
    """How the commands reach the API."""

    model_config = settings_config("LEAD_SCORING_")

    api_url: HttpUrl = Field(default="http://127.0.0.1:18080", description="Where the API answers")
    client_id: str = "lead-scoring-cli"


SCOPES = (
    "lead-scoring:read",
    "lead-scoring:events:write",
    "lead-scoring:rules:publish",
)
"""What the commands ask of the local issuer."""
