"""The settings of webhooks."""

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

from pydantic import Field

from kakehashi_common.settings import Group


class WebhookSettings(Group):
    """Addresses that webhooks may lead to, besides public ones."""

    allowed_networks: tuple[IPv4Network | IPv6Network, ...] = Field(
        default=(), description='Private networks, as a JSON list such as ["10.1.0.0/16"]'
    )
    http_to_localhost: bool = Field(
        default=False, description="Whether localhost may be posted to, without TLS too"
    )
    ssl_ca_file: Path | None = Field(default=None, description="Absent: the public authorities")
