"""``python -m examples.demo --out DIR``: write the demo's input. See ``examples/README.md``."""

# ruff: noqa: S311 (a seeded generator is the point; nothing here is a secret)

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from examples.demo.bad_records import bad_records
from examples.demo.behaviour import JAPAN, Happening, Season, history
from examples.demo.people import people
from kakehashi_common.contracts.lead_events import ActivityRecorded

DUPLICATES = 0.02
"""Share of events that a publisher sends twice."""
CONFLICTS = 0.002
"""Share of events whose id a publisher uses again for something else."""
LATE = 0.06
"""Share of events that arrive up to nine days after they happened."""


def cloud_events(seed: int, now: datetime, leads: int) -> Iterator[dict[str, Any]]:
    """Structured CloudEvents in the order in which they arrive.

    The same ``seed``, ``leads`` and Japan day of ``now`` give the same events.
    """
    midnight = now.astimezone(JAPAN).replace(hour=0, minute=0, second=0, microsecond=0)
    run = f"{midnight:%Y%m%d}"
    rng = random.Random(f"{seed}/{run}/{leads}")
    season = Season.ending(midnight)
    arrivals: list[tuple[datetime, dict[str, Any]]] = []
    number = 0
    for person in people(rng, leads, run):
        for happening in history(rng, person, season):
            number += 1
            event = _cloud_event(happening, f"{run}-{number:06d}")
            arrived = happening.at + timedelta(seconds=rng.uniform(0, 5))
            if rng.random() < LATE:
                arrived += timedelta(days=rng.uniform(0, 9))
            arrivals.append((arrived, event))
            if rng.random() < DUPLICATES:
                arrivals.append((arrived + timedelta(minutes=rng.uniform(0, 60)), event))
            if rng.random() < CONFLICTS and happening.type == ActivityRecorded.TYPE:
                other = {**event, "data": {**event["data"], "kind": "meeting_held"}}
                arrivals.append((arrived + timedelta(minutes=rng.uniform(1, 600)), other))
    arrivals.sort(key=lambda arrival: (arrival[0], arrival[1]["id"]))
    return (event for _, event in arrivals)


def _cloud_event(happening: Happening, number: str) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": number,
        "source": happening.source,
        "type": happening.type,
        "time": happening.at.astimezone(UTC).isoformat(timespec="milliseconds"),
        "datacontenttype": "application/json",
        "partitionkey": happening.data["lead_id"],
        "data": happening.data,
    }


def main(
    out: Annotated[Path, typer.Option(help="Folder to write to; made if it is not there.")],
    seed: Annotated[int, typer.Option(help="Another seed, other people.")] = 7,
    now: Annotated[
        datetime | None, typer.Option(help="The last day, in UTC; today if left out.")
    ] = None,
    leads: Annotated[int, typer.Option(min=1, help="How many people.")] = 1500,
) -> None:
    """Write lead-events.ndjson (CloudEvents, in order of arrival) and bad-records.ndjson."""
    moment = datetime.now(UTC) if now is None else now.replace(tzinfo=UTC)
    out.mkdir(parents=True, exist_ok=True)
    run = f"{moment.astimezone(JAPAN):%Y%m%d}"
    written = _write(out / "lead-events.ndjson", cloud_events(seed, moment, leads))
    bad = _write(out / "bad-records.ndjson", bad_records(moment.replace(microsecond=0), run))
    typer.echo(f"{written:,} synthetic events of {leads:,} leads and {bad} bad records in {out}")


def _write(path: Path, lines: Iterator[Any]) -> int:
    count = 0
    with path.open("wb") as file:
        for line in lines:
            file.write(msgspec.json.encode(line) + b"\n")
            count += 1
    return count


if __name__ == "__main__":
    typer.run(main)
