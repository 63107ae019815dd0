"""Addresses that a webhook may lead to."""

import ipaddress

import pytest

from kakehashi_common.webhooks.addresses import check_url, is_allowed
from kakehashi_common.webhooks.settings import WebhookSettings

PUBLIC = WebhookSettings()
LOCAL = WebhookSettings(http_to_localhost=True)
OFFICE = WebhookSettings(allowed_networks=(ipaddress.IPv4Network("10.1.0.0/16"),))


@pytest.mark.parametrize(
    ("url", "settings"),
    [
        ("https://hooks.example.jp", PUBLIC),
        ("https://hooks.example.jp:8443/a?b=c", PUBLIC),
        ("https://8.8.8.8/hooks", PUBLIC),
        ("https://[2606:4700:4700::1111]/", PUBLIC),
        ("http://localhost:8000/hooks", LOCAL),
        ("http://127.0.0.1:8000/hooks", LOCAL),
        ("https://10.1.2.3/hooks", OFFICE),
    ],
)
def test_it_may_lead_to(url: str, settings: WebhookSettings) -> None:
    assert check_url(url, settings) == url


@pytest.mark.parametrize(
    ("url", "settings"),
    [
        ("http://hooks.example.jp", PUBLIC),
        ("http://hooks.example.jp", LOCAL),
        ("http://localhost/", PUBLIC),
        ("ftp://hooks.example.jp", PUBLIC),
        ("//hooks.example.jp", PUBLIC),
        ("https://", PUBLIC),
        ("https:///hooks", PUBLIC),
        ("https://example.jp:0/", PUBLIC),
        ("https://example.jp:99999/", PUBLIC),
        ("https://[::1/", PUBLIC),
        ("https://me@example.jp/", PUBLIC),
        ("https://exa\nmple.jp/", PUBLIC),
        ("https://example.jp/a b", PUBLIC),
        ("https://例え.jp/", PUBLIC),
        ("https://example.jp/#here", PUBLIC),
        ("https://10.1.2.3/hooks", PUBLIC),
        ("https://10.2.0.1/hooks", OFFICE),
        ("https://127.0.0.1/", OFFICE),
        ("https://[::ffff:10.1.2.3]/", PUBLIC),
    ],
)
def test_it_may_not_lead_to(url: str, settings: WebhookSettings) -> None:
    with pytest.raises(ValueError, match=r"write (an|the) address|leave out|no public address"):
        check_url(url, settings)


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("8.8.8.8", True),
        ("2606:4700:4700::1111", True),
        ("0.0.0.0", False),  # noqa: S104 - refused
        ("10.0.0.1", False),
        ("100.64.0.1", False),
        ("127.0.0.1", False),
        ("169.254.169.254", False),
        ("172.16.0.1", False),
        ("192.168.0.1", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("::ffff:127.0.0.1", False),
        ("fe80::1", False),
        ("fc00::1", False),
        ("ff02::1", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::a01:203", False),
        ("2002:7f00:1::", False),
        ("2001:0:7f00:1::", False),
    ],
)
def test_only_public_addresses_are_connected_to(address: str, *, allowed: bool) -> None:
    found = is_allowed("hooks.example.jp", ipaddress.ip_address(address), PUBLIC)
    assert found is allowed


@pytest.mark.parametrize(
    ("host", "address", "allowed"),
    [
        ("localhost", "127.0.0.1", True),
        ("127.0.0.1", "127.0.0.1", True),
        # Whatever else its name server says.
        ("hooks.example.jp", "127.0.0.1", False),
        ("localhost", "10.0.0.1", False),
    ],
)
def test_only_localhost_leads_to_loopback(host: str, address: str, *, allowed: bool) -> None:
    assert is_allowed(host, ipaddress.ip_address(address), LOCAL) is allowed
