"""Settings of the commands: the same variables as the service's, without those only it needs."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings

from kakehashi_common.messaging.settings import KafkaSettings
from kakehashi_common.settings import HttpUrl, settings_config


class ImportSettings(BaseSettings):
    """Where an import publishes to; TLS and SASL are settings too."""

    model_config = settings_config("LEAD_SCORING_")

    kafka: KafkaSettings = KafkaSettings(client_id="lead-scoring-import")
    topic_prefix: str = ""


class ApiSettings(BaseSettings):
    """How the commands reach the API."""

    model_config = settings_config("LEAD_SCORING_")

    api_url: HttpUrl = Field(default="http://127.0.0.1:18080", description="Where the API answers")
    token: SecretStr | None = Field(default=None, description="A bearer token for it")
    token_url: HttpUrl = Field(
        default="http://127.0.0.1:18090/token",
        description="Where a token is asked for when none is given: the local stack's issuer",
    )
    client_id: str = "lead-scoring-cli"
    client_secret: SecretStr = SecretStr("demo")
