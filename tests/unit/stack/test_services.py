"""One entry declares a service: its processes, their settings and their ports follow."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.local import services
from deploy.local.declared import SERVICES, Service
from deploy.local.instance import Instance, from_settings
from deploy.local.program import Program

SECOND = Service("tide-table", {"api": 19980, "relay": 19982, "worker": 19983})


def instance(name: str, tmp_path: Path, **settings: str) -> Instance:
    return replace(from_settings(name, settings, (*SERVICES, SECOND)), state=tmp_path)


def processes(here: Instance) -> dict[str, Program]:
    return {program.name: program for program in services.programs(here)}


def test_its_processes_run_beside_those_of_the_first(tmp_path: Path) -> None:
    found = processes(instance("demo", tmp_path))

    declared = [each.process(process) for each in SERVICES for process in each.ports]
    assert list(found) == [
        *("issuer", "codec", "mail"),
        *declared,
        *("tide-table-api", "tide-table-relay", "tide-table-worker"),
    ]
    worker = found["tide-table-worker"]
    assert worker.command == (sys.executable, "-m", "tide_table", "worker")
    assert worker.title == "tide-table worker"


def test_it_finds_the_servers_under_its_own_prefix(tmp_path: Path) -> None:
    here = instance("demo", tmp_path, KAKEHASHI_KAFKA_BOOTSTRAP_SERVERS="kafka:9092")

    given = here.environment()

    mine = {name: value for name, value in given.items() if name.startswith("TIDE_TABLE_")}
    assert mine == {
        "TIDE_TABLE_DATABASE__URL": (
            f"postgresql+asyncpg://kakehashi:{here.secrets.postgres_password}"
            "@127.0.0.1:15432/tide_table"
        ),
        "TIDE_TABLE_KAFKA__BOOTSTRAP_SERVERS": "kafka:9092",
        "TIDE_TABLE_TEMPORAL__ADDRESS": "127.0.0.1:17233",
        "TIDE_TABLE_TEMPORAL__CODEC_KEYS": given["KAKEHASHI_CODEC_KEYS"],
        "TIDE_TABLE_AUTH__JWKS_URL": "http://127.0.0.1:18090/.well-known/jwks.json",
        "TIDE_TABLE_AUTH__ISSUER": "http://127.0.0.1:18090",
        "TIDE_TABLE_AUTH__TOKEN_URL": "http://127.0.0.1:18090/token",
        "TIDE_TABLE_TOKEN_URL": "http://127.0.0.1:18090/token",
        "TIDE_TABLE_API_URL": "http://127.0.0.1:19980",
        "TIDE_TABLE_RELAY_URL": "http://127.0.0.1:19982",
        "TIDE_TABLE_WORKER_URL": "http://127.0.0.1:19983",
        "TIDE_TABLE_HTTP__PORT": "19980",
    }
    assert given["LEAD_SCORING_DATABASE__URL"].endswith("/lead_scoring")


@pytest.mark.parametrize(
    ("process", "setting", "demo", "test"),
    [
        ("tide-table-api", "TIDE_TABLE_HTTP__PORT", 19980, 29980),
        ("tide-table-relay", "TIDE_TABLE_OPS__PORT", 19982, 29982),
        ("tide-table-worker", "TIDE_TABLE_OPS__PORT", 19983, 29983),
        ("lead-scoring-api", "LEAD_SCORING_HTTP__PORT", 18080, 28080),
        ("lead-scoring-worker", "LEAD_SCORING_OPS__PORT", 18083, 28083),
    ],
)
def test_each_process_gets_its_own_port(
    process: str, setting: str, demo: int, test: int, tmp_path: Path
) -> None:
    for name, port in {"demo": demo, "test": test}.items():
        here = instance(name, tmp_path)
        program = processes(here)[process]

        assert program.environment[setting] == str(port)
        assert [here.ports[key] for key in program.listens] == [port]


def test_it_gets_no_setting_of_the_other_service(tmp_path: Path) -> None:
    here = instance("demo", tmp_path, LEAD_SCORING_CLOCK="events", TIDE_TABLE_PORT_CODE="102032")
    found = processes(here)

    def changed_by(setting: str) -> set[str]:
        return {name for name, program in found.items() if setting in program.environment}

    assert changed_by("TIDE_TABLE_PORT_CODE") == {n for n in found if n.startswith("tide-table-")}
    assert changed_by("LEAD_SCORING_CLOCK") == {n for n in found if n.startswith("lead-scoring-")}
    assert changed_by("KAKEHASHI_CODEC_KEYS") == set(found)


def test_its_ports_can_be_moved(tmp_path: Path) -> None:
    here = instance("demo", tmp_path, KAKEHASHI_DEMO_TIDE_TABLE_RELAY_PORT="9000")

    assert processes(here)["tide-table-relay"].environment["TIDE_TABLE_OPS__PORT"] == "9000"
    assert here.environment()["TIDE_TABLE_RELAY_URL"] == "http://127.0.0.1:9000"
