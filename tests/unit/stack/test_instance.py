import base64
import json
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.local import instance
from deploy.local.instance import INSTANCES, Secrets, default_ports, from_settings, parse_settings
from deploy.local.progress import StackError


def test_settings_are_lines_with_comments_and_quotes() -> None:
    text = """
    # a comment
    KAKEHASHI_KAFKA_BOOTSTRAP_SERVERS=kafka:9092
    export KAKEHASHI_TEMPORAL_ADDRESS = "temporal:7233"
    KAKEHASHI_POSTGRES_URL='postgresql://a:b=c@db/postgres?sslmode=require'
    LEAD_SCORING_CLOCK=
    """

    assert parse_settings(text, ".env") == {
        "KAKEHASHI_KAFKA_BOOTSTRAP_SERVERS": "kafka:9092",
        "KAKEHASHI_TEMPORAL_ADDRESS": "temporal:7233",
        "KAKEHASHI_POSTGRES_URL": "postgresql://a:b=c@db/postgres?sslmode=require",
        "LEAD_SCORING_CLOCK": "",
    }


@pytest.mark.parametrize("line", ["KAKEHASHI_DEMO_LEAD_SCORING_API_PORT", "a b=c", "=x"])
def test_a_bad_line_is_named(line: str) -> None:
    with pytest.raises(StackError, match=r"\.env, line 2: expected KEY=VALUE"):
        parse_settings(f"# first\n{line}\n", ".env")


def test_a_named_server_is_external_and_the_others_are_local() -> None:
    here = from_settings("demo", {"KAKEHASHI_KAFKA_BOOTSTRAP_SERVERS": "a:1,b:2"})

    assert dict(here.external) == {"kafka": "a:1,b:2"}
    assert here.kafka == "a:1,b:2"
    assert here.temporal == "127.0.0.1:17233"
    assert here.environment()["LEAD_SCORING_KAFKA__BOOTSTRAP_SERVERS"] == "a:1,b:2"


def test_an_external_database_keeps_its_credentials_and_query() -> None:
    url = "postgresql://admin:secret@db.example.com:5433/postgres?ssl=require"

    here = from_settings("demo", {"KAKEHASHI_POSTGRES_URL": url})

    assert here.database_url("lead_scoring") == (
        "postgresql+asyncpg://admin:secret@db.example.com:5433/lead_scoring?ssl=require"
    )


def test_an_external_database_must_be_postgresql() -> None:
    with pytest.raises(StackError, match="KAKEHASHI_POSTGRES_URL"):
        from_settings("demo", {"KAKEHASHI_POSTGRES_URL": "mysql://db"})


def test_a_port_can_be_moved_for_one_instance_alone() -> None:
    settings = {"KAKEHASHI_DEMO_LEAD_SCORING_API_PORT": "9000"}

    assert from_settings("demo", settings).http("lead-scoring-api") == "http://127.0.0.1:9000"
    assert from_settings("test", settings).http("lead-scoring-api") == "http://127.0.0.1:28080"


@pytest.mark.parametrize("value", ["http", "80", "70000", "-1"])
def test_a_bad_port_is_named(value: str) -> None:
    with pytest.raises(
        StackError, match=f"KAKEHASHI_DEMO_LEAD_SCORING_API_PORT={value}: a port is a number"
    ):
        from_settings("demo", {"KAKEHASHI_DEMO_LEAD_SCORING_API_PORT": value})


def test_settings_of_services_reach_them() -> None:
    here = from_settings("demo", {"LEAD_SCORING_CLOCK": "events"})

    assert here.environment()["LEAD_SCORING_CLOCK"] == "events"


def test_a_broker_of_ones_own_may_want_tls_and_a_password() -> None:
    settings = {
        f"{prefix}{name}": value
        for prefix in ("KAKEHASHI_KAFKA_", "LEAD_SCORING_KAFKA__")
        for name, value in {
            "BOOTSTRAP_SERVERS": "kafka:9093",
            "SECURITY_PROTOCOL": "SASL_SSL",
            "SASL_PASSWORD": "secret",
        }.items()
    }

    assert from_settings("demo", settings).environment().items() >= settings.items()


def test_followup_mails_by_the_stacks_server_with_keys_of_its_own(tmp_path: Path) -> None:
    here = replace(from_settings("demo", {}), state=tmp_path)

    given = here.environment()

    assert given == here.environment()
    assert given["FOLLOWUP_MAIL__PORT"] == given["KAKEHASHI_MAIL_SMTP_PORT"]
    assert given["FOLLOWUP_INBOX_MAILDIR"] == f"{given['KAKEHASHI_MAIL_FOLDER']}/inbox"
    assert given["FOLLOWUP_DELIVERY__AT_ANY_TIME"] == "true"
    [opt_out_key] = json.loads(given["FOLLOWUP_DELIVERY__TOKEN_KEYS"])
    assert len(base64.b64decode(opt_out_key)) == 32
    dkim_key = Path(given["FOLLOWUP_DELIVERY__DKIM_KEY_FILE"])
    assert dkim_key.stat().st_mode & 0o077 == 0
    assert b"".join(dkim_key.read_bytes().splitlines()).startswith(b"-----BEGIN PRIVATE KEY-----")


def test_mails_by_another_server_keep_office_hours() -> None:
    here = from_settings("demo", {"FOLLOWUP_MAIL__HOST": "smtp.example.com"})

    assert here.environment()["FOLLOWUP_MAIL__HOST"] == "smtp.example.com"
    assert here.environment()["FOLLOWUP_DELIVERY__AT_ANY_TIME"] == "false"


def test_no_two_processes_share_a_port() -> None:
    ports = [port for name in INSTANCES for port in default_ports(name).values()]

    assert len(ports) == len(set(ports))


def test_an_unknown_instance_is_refused() -> None:
    with pytest.raises(StackError, match="unknown instance 'prod': one of demo, test"):
        instance.load("prod")


def test_secrets_are_made_once_for_their_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "state" / "secrets.json"

    assert Secrets.of(file) == Secrets.of(file)
    assert file.stat().st_mode & 0o077 == 0
    assert list(file.parent.iterdir()) == [file]
