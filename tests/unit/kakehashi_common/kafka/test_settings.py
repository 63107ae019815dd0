import ssl
from pathlib import Path

import pytest
from faststream.security import BaseSecurity, SASLScram512
from pydantic import SecretStr, ValidationError

from kakehashi_common.consumer.settings import ConsumerSettings
from kakehashi_common.consumer.subscription import security_of
from kakehashi_common.kafka.settings import KafkaCommandSettings, KafkaSettings
from kakehashi_common.settings import load
from tests.support.tls import Authority


def test_plaintext_needs_nothing() -> None:
    settings = KafkaSettings(bootstrap_servers="a:9092,b:9093")
    assert settings.client_arguments() == {
        "bootstrap_servers": ["a:9092", "b:9093"],
        "client_id": "kakehashi",
        "security_protocol": "PLAINTEXT",
    }
    assert type(security_of(settings)) is BaseSecurity


def test_tls_and_sasl_are_settings() -> None:
    settings = KafkaSettings(
        security_protocol="SASL_SSL", sasl_username="scoring", sasl_password=SecretStr("secret")
    )
    arguments = settings.client_arguments()
    assert isinstance(arguments["ssl_context"], ssl.SSLContext)
    assert arguments["ssl_context"].verify_mode is ssl.CERT_REQUIRED
    assert arguments["sasl_mechanism"] == "SCRAM-SHA-512"
    assert arguments["sasl_plain_username"] == "scoring"
    assert settings.sasl_password is not None
    assert arguments["sasl_plain_password"] == settings.sasl_password.get_secret_value()
    security = security_of(settings)
    assert isinstance(security, SASLScram512)
    assert (security.username, security.use_ssl) == ("scoring", True)
    assert "secret" not in repr(settings)


def test_sasl_without_a_password_is_refused() -> None:
    with pytest.raises(ValidationError, match="SASL_SSL needs sasl_username and sasl_password"):
        KafkaSettings(security_protocol="SASL_SSL")


def test_a_server_without_a_port_is_refused() -> None:
    with pytest.raises(ValidationError, match="bootstrap_servers"):
        KafkaSettings(bootstrap_servers="kafka")


def test_commands_find_kafka_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAKEHASHI_KAFKA_BOOTSTRAP_SERVERS", "kafka:9092")
    monkeypatch.setenv("KAKEHASHI_KAFKA_SECURITY_PROTOCOL", "SSL")
    settings = KafkaCommandSettings()
    assert (settings.servers(), settings.uses_tls) == (["kafka:9092"], True)


def test_a_retry_budget_that_would_cost_the_partitions_is_refused() -> None:
    with pytest.raises(ValidationError, match="retry_budget_seconds has to be below"):
        ConsumerSettings(retry_budget_seconds=300)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"SSL_CA_FILE": "nowhere.pem"}, "SSL_CA_FILE: Path does not point to a file"),
        (
            {"SSL_CA_FILE": "client.key"},
            "SSL_CA_FILE: this file can't be read, or holds no certificate in PEM",
        ),
        (
            {"SSL_CERTIFICATE_FILE": "client.crt", "SSL_KEY_FILE": "other.key"},
            (
                "*: ssl_certificate_file and ssl_key_file have to be a certificate in PEM and its "
                "key, without a password"
            ),
        ),
    ],
)
def test_a_file_that_cannot_be_used_ends_the_start_with_one_line(
    files: dict[str, str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    authority = Authority(tmp_path)
    authority.issue("client", "client.example.jp")
    authority.issue("other", "other.example.jp")
    monkeypatch.setenv("KAKEHASHI_KAFKA_SECURITY_PROTOCOL", "SSL")
    for name, file in files.items():
        monkeypatch.setenv(f"KAKEHASHI_KAFKA_{name}", str(tmp_path / file))

    with pytest.raises(SystemExit) as ended:
        load(KafkaCommandSettings)

    assert ended.value.code == 2
    assert capsys.readouterr().err == f"KAKEHASHI_KAFKA_{said}\n"
