"""The settings of followup: environment variables with the prefix ``FOLLOWUP_``."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    TypeAdapter,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings

from followup.domain.delivery.envelope_senders import (
    LONGEST_LOCAL_PART,
    PLACEHOLDER,
    TOKEN_LENGTH,
)
from followup.domain.send_policy.caps import CAPS, Cap
from followup.domain.triggers.reasons import ReasonLimit
from followup.domain.usage import FallingUse
from kakehashi_common.consumer.settings import ConsumerSettings
from kakehashi_common.contracts.email_addresses import EmailAddress
from kakehashi_common.kafka.settings import KafkaSettings
from kakehashi_common.mail.settings import MailSettings
from kakehashi_common.settings import (
    AuthSettings,
    DatabaseSettings,
    Group,
    HttpSettings,
    HttpUrl,
    OpsSettings,
    TelemetrySettings,
    TemporalSettings,
    settings_config,
)
from kakehashi_common.webhooks import settings as webhooks
from kakehashi_common.webhooks.addresses import check_url
from kakehashi_common.webhooks.signatures import secret_key

MIGRATIONS = Path(__file__).parent / "migrations"


class SenderSettings(Group):
    """The sender: the details of the seller's company that every message shows."""

    company: str = Field(default="", description="The sender's name that the law asks for")
    postal_address: str = Field(default="", description="As the law asks for it")
    complaints: str = Field(default="", description="A telephone number, address or URL")
    product: str = Field(default="", description="What is offered, as texts call it")
    policy_area: str = Field(default="", description="What it is for, as texts call it")
    policy_areas: dict[str, str] = Field(
        default={},
        description="What texts call the policy area that a reason is about, by its slug; of one "
        "that is not named, and without a reason, they say policy_area",
    )
    material_url: HttpUrl | None = None
    meeting_url: HttpUrl | None = Field(default=None, description="Where a meeting is booked")

    def name_of(self, policy_area: str | None) -> str:
        """Return the display name of a policy area, given by its slug."""
        return self.policy_areas.get(policy_area or "", self.policy_area)


class DeliverySettings(Group):
    """Signatures and pace of mails."""

    dkim_domain: str | None = Field(
        default=None, description="The domain that signs, the sender's; mails go unsigned if absent"
    )
    dkim_selector: str | None = None
    dkim_key_file: Path | None = Field(default=None, description="RSA, as PEM")
    dkim_ed25519_selector: str | None = Field(
        default=None, description="Of a second signature (RFC 8463), beside that of RSA"
    )
    dkim_ed25519_key_file: Path | None = Field(
        default=None, description="Ed25519, as base64 of its 32 bytes"
    )
    token_keys: tuple[SecretStr, ...] = Field(
        default=(),
        description="Of the links that opt out, as a JSON list of base64 of 32 bytes or more each: "
        "the first one signs, all are accepted",
    )
    envelope_sender: str | None = Field(
        default=None,
        description="The envelope sender (MAIL FROM) of each mail, with {token} in its local part, "
        "such as bounce+{token}@example.jp; mail.sender if absent",
    )
    pace_seconds: float = Field(
        default=1, ge=0, le=3600, description="Between two mails to one domain"
    )
    at_any_time: bool = Field(
        default=False,
        description="At night, on holidays and in quiet periods too: to try things out where the "
        "mail server hands nothing on",
    )

    @model_validator(mode="after")
    def _is_complete(self) -> "DeliverySettings":
        given = (self.dkim_domain, self.dkim_selector, self.dkim_key_file)
        if any(given) and not all(given):
            raise ValueError("give dkim_domain, dkim_selector and dkim_key_file, or none of them")
        second = (self.dkim_ed25519_selector, self.dkim_ed25519_key_file)
        if any(second) and not (all(second) and all(given)):
            raise ValueError(
                "give dkim_ed25519_selector and dkim_ed25519_key_file together, or neither, beside "
                "the RSA key: not every receiver verifies Ed25519"
            )
        return self

    @field_validator("envelope_sender")
    @classmethod
    def _is_address(cls, address: str | None) -> str | None:
        if address is None:
            return None
        local = address.rpartition("@")[0]
        example = address.replace(PLACEHOLDER, "a" * TOKEN_LENGTH)
        if local.count(PLACEHOLDER) != 1 or address.count(PLACEHOLDER) != 1:
            raise ValueError(
                f"write {PLACEHOLDER} once before the @, such as bounce+{PLACEHOLDER}@example.jp"
            )
        if len(example.rpartition("@")[0]) > LONGEST_LOCAL_PART:
            raise ValueError(
                f"write at most {LONGEST_LOCAL_PART - TOKEN_LENGTH} characters beside "
                f"{PLACEHOLDER} before the @: a local part has at most {LONGEST_LOCAL_PART}"
            )
        TypeAdapter(EmailAddress).validate_python(example)
        return address

    @property
    def dkim_keys(self) -> Iterator[tuple[str, Path, Literal["rsa-sha256", "ed25519-sha256"]]]:
        """Yield the selector, file and algorithm of each key that signs."""
        if self.dkim_selector and self.dkim_key_file:
            yield self.dkim_selector, self.dkim_key_file, "rsa-sha256"
        if self.dkim_ed25519_selector and self.dkim_ed25519_key_file:
            yield self.dkim_ed25519_selector, self.dkim_ed25519_key_file, "ed25519-sha256"

    @property
    def pace(self) -> timedelta:
        """The pause between two mails to one domain."""
        return timedelta(seconds=self.pace_seconds)


class ImapSettings(Group):
    """A mailbox whose mails are taken in."""

    host: str | None = Field(default=None, description="No mailbox is read if absent")
    port: int = Field(default=993, ge=1, le=65535)
    security: Literal["tls", "starttls", "none"] = "tls"
    ssl_ca_file: Path | None = None
    username: str = ""
    password: SecretStr | None = None
    folder: str = "INBOX"
    poll_seconds: float = Field(default=30, gt=0, description="Between two looks")
    timeout_seconds: float = Field(default=30, gt=0)
    delete_taken: bool = Field(
        default=False, description="Whether mails that were taken in are deleted there"
    )

    @model_validator(mode="after")
    def _is_complete(self) -> "ImapSettings":
        if self.host is not None and (not self.username or self.password is None):
            raise ValueError("give username and password with the host")
        return self


def _is_secret(secret: SecretStr) -> SecretStr:
    secret_key(secret.get_secret_value())
    return secret


class WebhookEndpoint(Group):
    """A receiver that steps of playbooks post to."""

    url: str
    secrets: tuple[Annotated[SecretStr, AfterValidator(_is_secret)], ...] = Field(
        min_length=1, max_length=2, description="The newest first; each one signs"
    )


class WebhookSettings(webhooks.WebhookSettings):
    """The webhooks that playbooks may name, and the hosts that they may lead to."""

    endpoints: dict[str, WebhookEndpoint] = Field(
        default_factory=dict,
        description="By the name that playbooks call it, as a JSON object such as "
        '{"crm": {"url": "https://hooks.example.jp/crm", "secrets": ["whsec_…"]}}',
    )

    @model_validator(mode="after")
    def _lead_where_they_may(self) -> "WebhookSettings":
        for name, endpoint in self.endpoints.items():
            try:
                check_url(endpoint.url, self)
            except ValueError as error:
                raise ValueError(f"the webhook {name}: {error}") from None
        return self


class FollowupSettings(BaseSettings):
    """The settings in which installations of followup differ."""

    model_config = settings_config("FOLLOWUP_")

    database: DatabaseSettings
    kafka: KafkaSettings = KafkaSettings()
    consumer: ConsumerSettings = ConsumerSettings()
    temporal: TemporalSettings = TemporalSettings(task_queue="followup")
    telemetry: TelemetrySettings = TelemetrySettings(service_name="followup")
    auth: AuthSettings
    http: HttpSettings = HttpSettings()
    ops: OpsSettings = OpsSettings()
    sender: SenderSettings = SenderSettings()
    mail: MailSettings = MailSettings()
    delivery: DeliverySettings = DeliverySettings()
    webhooks: WebhookSettings = WebhookSettings()

    caps: tuple[Cap, ...] = Field(
        default=CAPS,
        description="Mails at most in so many days in Japan, as a JSON list: subject (contact, "
        "organisation, seller, everybody), limit, days",
    )

    reasons_a_day: int = Field(
        default=50,
        ge=1,
        description="Reasons of one municipality (or of a lead without one) at most that are acted "
        "on in a day in Japan, disasters aside",
    )
    usage_recent_days: int = Field(
        default=28, ge=7, le=92, description="Use falls if the mean of so many last days"
    )
    usage_before_days: int = Field(
        default=84, ge=28, le=300, description="of that of so many days before them"
    )
    usage_falls_below: float = Field(default=0.6, gt=0, lt=1, description="is less than this share")
    reasons_kept_for_most_important: int = Field(
        default=10, ge=0, description="The last so many of them are for reasons of importance 3"
    )
    default_owner: str | None = Field(
        default=None, description="The seller in whose name messages go where a reason names none"
    )
    first_contact_days: int = Field(
        default=14,
        ge=0,
        le=90,
        description="How long after it was given a business card or consent of a new contact is a "
        "first contact; 0: never, so that an import greets nobody",
    )
    regular_value: bool = Field(
        default=True,
        description="Whether each quarter is a reason to write to contacts who were met or whose "
        "sequence is over, and who are in none",
    )
    inbox_maildir: Path | None = Field(
        default=None, description="Where the mail server puts answers and bounces"
    )
    reminder_webhook: str | None = Field(
        default=None, description="The endpoint that reminders are posted to as well"
    )
    inbox_imap: ImapSettings = ImapSettings()
    topic_prefix: str = Field(
        default="", description="Put before every topic's name: a test beside the rest"
    )
    workflow_id_prefix: str = Field(
        default="", description="Put before every workflow's id, for the same reason"
    )
    group_id: str = "followup"
    sequence_retention: timedelta = Field(
        default=timedelta(days=1830),
        ge=timedelta(days=400),
        description="How long a sequence that has ended is kept, with its facts, approvals, tasks "
        "and records; to whom its mails went is kept for ever, so that their links opt out",
    )
    incoming_mail_retention: timedelta = Field(
        default=timedelta(days=400),
        ge=timedelta(days=30),
        description="How long a mail that came in is kept, unless its sequence is open; one that "
        "arrived longer ago is not taken in",
    )
    trigger_retention: timedelta = Field(
        default=timedelta(days=800),
        ge=timedelta(days=90),
        description="How long reasons, behaviours, the decisions on entries and the calls that "
        "others report are kept",
    )
    inbox_retention: timedelta = Field(
        default=timedelta(days=400),
        description="How long an event is recognised when it comes again",
    )
    audit_retention: timedelta | None = Field(
        default=None, description="How long audit records are kept; for ever when not set"
    )

    @property
    def falling_use(self) -> FallingUse:
        """The rule by which use is falling."""
        return FallingUse(self.usage_recent_days, self.usage_before_days, self.usage_falls_below)

    @property
    def reason_limit(self) -> ReasonLimit:
        """The most reasons of a place that are acted on in a day."""
        return ReasonLimit(self.reasons_a_day, self.reasons_kept_for_most_important)

    @model_validator(mode="after")
    def _takes_reasons(self) -> "FollowupSettings":
        if self.reasons_kept_for_most_important >= self.reasons_a_day:
            raise ValueError("keep fewer reasons_kept_for_most_important than reasons_a_day")
        return self

    @model_validator(mode="after")
    def _can_send(self) -> "FollowupSettings":
        if self.mail.host is not None and not self.delivery.token_keys:
            raise ValueError("give delivery.token_keys with mail.host: each mail has a link")
        if self.reminder_webhook not in {None, *self.webhooks.endpoints}:
            raise ValueError("reminder_webhook names none of webhooks.endpoints: add it there")
        return self
