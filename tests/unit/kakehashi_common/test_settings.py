import base64
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from kakehashi_common.settings import (
    AuthSettings,
    DatabaseSettings,
    HttpSettings,
    TelemetrySettings,
    TemporalSettings,
    load,
    parse_codec_keys,
    settings_config,
)

KEY = base64.b64encode(b"k" * 32).decode()


class ExampleSettings(BaseSettings):
    model_config = settings_config("EXAMPLE_")

    database: DatabaseSettings
    temporal: TemporalSettings = TemporalSettings(task_queue="example")
    telemetry: TelemetrySettings = TelemetrySettings(service_name="example")
    http: HttpSettings = HttpSettings()
    auth: AuthSettings | None = None


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("EXAMPLE_DATABASE__URL", "postgresql://me:secret@db:5432/example")
    return monkeypatch


def test_the_environment_fills_the_groups(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("EXAMPLE_DATABASE__POOL_SIZE", "12")
    environment.setenv("EXAMPLE_HTTP__ALLOWED_ORIGINS", '["https://ui.example.jp"]')
    environment.setenv("EXAMPLE_TEMPORAL__CODEC_KEYS", f"new:{KEY}, old:{KEY}")
    environment.setenv("EXAMPLE_AUTH__JWKS_URL", "https://id.example.jp/jwks.json")
    environment.setenv("EXAMPLE_AUTH__ISSUER", "https://id.example.jp")

    settings = load(ExampleSettings)

    assert settings.database.pool_size == 12
    assert settings.http.allowed_origins == ("https://ui.example.jp",)
    assert [key.id for key in settings.temporal.codec_keys] == ["new", "old"]
    assert settings.auth is not None
    assert settings.auth.audience == "kakehashi"


def test_a_variable_changes_one_field_of_a_groups_default(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("EXAMPLE_TEMPORAL__ADDRESS", "temporal:7233")

    settings = load(ExampleSettings)

    assert settings.temporal.address == "temporal:7233"
    assert settings.temporal.task_queue == "example"


def test_what_kubernetes_adds_is_no_mistake(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("EXAMPLE_PORT", "tcp://10.0.0.1:8080")
    environment.setenv("EXAMPLE_SERVICE_HOST", "10.0.0.1")

    assert load(ExampleSettings).http.port == 8080


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("DATABASE__URL", "mysql://db/x", "give a URL such as postgresql://"),
        ("DATABASE__URL", "postgresql://db:5432", "give a URL such as postgresql://"),
        ("DATABASE__POOL_SIZE", "many", "Input should be a valid integer"),
        ("DATABASE__POLL_SIZE", "3", "Extra inputs are not permitted"),
        ("TEMPORAL__ADDRESS", "temporal", "give host:port, such as 127.0.0.1:7233"),
        ("TEMPORAL__CODEC_KEYS", "noid", "key 1 has no id; write id:base64"),
        ("TEMPORAL__CODEC_KEYS", "a:!!!", "key 'a' is no base64"),
        ("TEMPORAL__CODEC_KEYS", "a:c2hvcnQ=", "key 'a' has 5 bytes; give 32"),
        ("TELEMETRY__OTLP_ENDPOINT", "collector:4318", "starts with http:// or https://"),
        ("TELEMETRY__SAMPLE_RATIO", "2", "less than or equal to 1"),
        ("HTTP__PORT", "0", "greater than or equal to 1"),
        ("AUTH__ISSUER", "x", "EXAMPLE_AUTH__JWKS_URL: Field required"),
    ],
)
def test_a_bad_value_ends_the_start_with_a_line_that_names_it(
    name: str,
    value: str,
    line: str,
    environment: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    environment.setenv(f"EXAMPLE_{name}", value)

    with pytest.raises(SystemExit) as ended:
        load(ExampleSettings)

    told = capsys.readouterr().err
    assert ended.value.code == 2
    assert told.count("\n") == 1
    assert line in told
    assert told.startswith(f"EXAMPLE_{name}" if "Field required" not in line else "EXAMPLE_AUTH")


def test_a_missing_value_is_named(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.delenv("EXAMPLE_DATABASE__URL")

    with pytest.raises(SystemExit):
        load(ExampleSettings)

    assert capsys.readouterr().err == "EXAMPLE_DATABASE: Field required\n"


def test_secrets_are_in_no_representation(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("EXAMPLE_TEMPORAL__CODEC_KEYS", f"a:{KEY}")
    environment.setenv("EXAMPLE_TEMPORAL__API_KEY", "api-secret")

    shown = repr(load(ExampleSettings))

    assert "secret" not in shown
    assert "kkkk" not in shown


def test_urls_of_sqlalchemy_and_libpq_are_the_same_database() -> None:
    urls = ["postgresql+asyncpg://u@h:1/d", "postgres://u@h:1/d", "postgresql://u@h:1/d"]

    assert {DatabaseSettings(url=url).url for url in urls} == {"postgresql://u@h:1/d"}


def test_the_active_codec_key_must_be_there() -> None:
    with pytest.raises(ValueError, match="'new' is not in codec_keys"):
        TemporalSettings(codec_keys=parse_codec_keys(f"old:{KEY}"), codec_active_key="new")


def test_a_codec_key_id_is_given_once() -> None:
    with pytest.raises(ValueError, match="given twice"):
        parse_codec_keys(f"a:{KEY},a:{KEY}")


def test_files_are_paths() -> None:
    settings = DatabaseSettings.model_validate(
        {"url": "postgresql://h/d", "ssl_mode": "verify-full", "ssl_ca_file": "/etc/ca.pem"}
    )

    assert settings.ssl_ca_file == Path("/etc/ca.pem")


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        (HttpSettings(), "http://127.0.0.1:8080"),
        (HttpSettings(host="0.0.0.0", port=1), "http://127.0.0.1:1"),  # noqa: S104 - listened on
        (HttpSettings(host="::", port=1), "http://[::1]:1"),
        (HttpSettings(host="api.internal"), "http://api.internal:8080"),
        (HttpSettings(public_url="https://a.example/calendar/"), "https://a.example/calendar"),
    ],
)
def test_an_api_knows_the_address_that_others_write(settings: HttpSettings, url: str) -> None:
    assert settings.url == url
