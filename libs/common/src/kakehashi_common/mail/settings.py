"""The settings of a mail server."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, model_validator

from kakehashi_common.contracts.email_addresses import EmailAddress
from kakehashi_common.settings import Group


class MailSettings(Group):
    """The mail server that mails are handed to."""

    host: str | None = Field(default=None, description="No mail is sent if absent")
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    ssl_ca_file: Path | None = None
    username: str | None = None
    password: SecretStr | None = None
    sender: EmailAddress | None = Field(default=None, description="Required with a host")
    timeout_seconds: float = Field(default=15, gt=0)

    @model_validator(mode="after")
    def _is_complete(self) -> "MailSettings":
        if self.host is not None and self.sender is None:
            raise ValueError("give a sender, such as kakehashi@example.jp, with the host")
        if (self.username is None) != (self.password is None):
            raise ValueError("give username and password, or neither")
        return self
