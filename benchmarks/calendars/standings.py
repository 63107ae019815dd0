"""The view of where everybody stands, as a client of the HTTP API gets it."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import httpx

from benchmarks.calendars.installation import API, Installation
from benchmarks.contestants import running, wait_until_ready
from kakehashi_common.runtime.issuer import Issuer, IssuerSettings

ISSUER: Final = 28099
"""Port of the token issuer."""

PATH: Final = "/v1/standings"
SCOPE: Final = "budget-calendar:read"
WARM_UP, REQUESTS = 5, 50


@dataclass(frozen=True, slots=True)
class View:
    """Response times of the overview of all municipalities, in milliseconds."""

    municipalities: int
    requests: int
    kilobytes: float
    p50: float
    p99: float


def view(installation: Installation) -> View:
    """Ask for the view again and again."""
    with _issuing() as issuer:
        metadata = issuer.metadata()
        environment = installation.environment | {
            "BUDGET_CALENDAR_AUTH__ISSUER": metadata["issuer"],
            "BUDGET_CALENDAR_AUTH__JWKS_URL": metadata["jwks_uri"],
            "BUDGET_CALENDAR_HTTP__PORT": str(API),
        }
        address = f"http://127.0.0.1:{API}"
        with running("api", ("budget_calendar", "api"), environment, f"{address}/readyz") as api:
            wait_until_ready(api)
            headers = {"Authorization": f"Bearer {issuer.token('benchmarks', [SCOPE])}"}
            with httpx.Client(base_url=address, headers=headers, timeout=30) as client:
                return _timed(client)


def _timed(client: httpx.Client) -> View:
    for _ in range(WARM_UP):
        answer = client.get(PATH).raise_for_status()
    elapsed = []
    for _ in range(REQUESTS):
        begun = time.perf_counter()
        answer = client.get(PATH).raise_for_status()
        elapsed.append((time.perf_counter() - begun) * 1e3)
    return View(
        len(answer.json()["items"]),
        REQUESTS,
        round(len(answer.content) / 1024, 1),
        round(percentile(elapsed, 0.5), 1),
        round(percentile(elapsed, 0.99), 1),
    )


def percentile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` of the others are at most as large as (nearest rank)."""
    return sorted(values)[round(share * (len(values) - 1))]


@contextmanager
def _issuing() -> Iterator[Issuer]:
    address = f"http://127.0.0.1:{ISSUER}"
    with TemporaryDirectory(prefix="bench-") as folder:
        key = Path(folder, "key.json")
        settings = IssuerSettings(key_file=key, port=ISSUER, url=address)
        environment = {
            "KAKEHASHI_ISSUER_KEY_FILE": str(key),
            "KAKEHASHI_ISSUER_PORT": str(ISSUER),
            "KAKEHASHI_ISSUER_URL": address,
        }
        issuer = Issuer(settings)  # makes the key
        command = ("kakehashi_common.runtime.issuer",)
        with running("issuer", command, environment, f"{address}/readyz") as process:
            wait_until_ready(process)
            yield issuer
