"""SQL for observations of leads and municipalities, and for the behaviours that were seen."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import msgspec

from followup.domain.triggers.handling import Handling
from followup.domain.triggers.observations import Organisation, Person
from kakehashi_common.db import RawConnection
from kakehashi_common.domain.texts import Text

_read_person: Final = msgspec.json.Decoder(Person).decode
_read_organisation: Final = msgspec.json.Decoder(Organisation).decode
_json: Final = msgspec.json.Encoder().encode


@dataclass(slots=True)
class WatchedPerson:
    """One lead, while a batch is worked through."""

    person: Person = field(default_factory=Person)
    seen: frozenset[str] = frozenset()
    """The behaviours that were seen when it was last judged."""
    look_at: datetime | None = None
    """When time alone may make a behaviour seen."""


@dataclass(slots=True)
class WatchedOrganisation:
    """One municipality, while a batch is worked through."""

    organisation: Organisation = field(default_factory=Organisation)
    seen: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SeenBehaviour:
    """A behaviour that came to be seen."""

    name: str
    seen_at: datetime
    lead_id: str | None
    """``None``: of the municipality as a whole."""
    municipality_code: str | None
    lead_ids: tuple[str, ...]
    """The people whose activity together makes it up, if there are several."""
    importance: int
    urgent: bool
    text: Text
    """Why it is seen. Holds no personal data."""


async def lock_people(
    connection: RawConnection, lead_ids: Collection[str]
) -> dict[str, WatchedPerson]:
    """Return the stored observations of leads; other batches wait."""
    ordered = sorted(lead_ids)
    await connection.execute(
        "insert into watched_person (lead_id) select unnest($1::text[]) on conflict do nothing",
        ordered,
    )
    rows = await connection.fetch(
        "select lead_id, state::text as state, seen, look_at from watched_person "
        "where lead_id = any($1::text[]) order by lead_id for update",
        ordered,
    )
    return {
        row["lead_id"]: WatchedPerson(
            _read_person(row["state"]), frozenset(row["seen"]), row["look_at"]
        )
        for row in rows
    }


async def lock_organisations(
    connection: RawConnection, codes: Collection[str]
) -> dict[str, WatchedOrganisation]:
    """Return the stored observations of municipalities; other batches wait."""
    ordered = sorted(codes)
    await connection.execute(
        "insert into watched_organisation (municipality_code) select unnest($1::text[]) "
        "on conflict do nothing",
        ordered,
    )
    rows = await connection.fetch(
        "select municipality_code, state::text as state, seen from watched_organisation "
        "where municipality_code = any($1::text[]) order by municipality_code for update",
        ordered,
    )
    return {
        row["municipality_code"]: WatchedOrganisation(
            _read_organisation(row["state"]), frozenset(row["seen"])
        )
        for row in rows
    }


async def save_people(connection: RawConnection, people: Mapping[str, WatchedPerson]) -> None:
    """Store the observations of leads, which are locked."""
    await connection.execute(
        "update watched_person as known set state = new.state, look_at = new.look_at, "
        "seen = array(select jsonb_array_elements_text(new.seen)) "
        "from unnest($1::text[], $2::jsonb[], $3::jsonb[], $4::timestamptz[]) "
        "as new (lead_id, state, seen, look_at) where known.lead_id = new.lead_id",
        list(people),
        [_json(each.person).decode() for each in people.values()],
        [_json(sorted(each.seen)).decode() for each in people.values()],
        [each.look_at for each in people.values()],
    )


async def save_organisations(
    connection: RawConnection, organisations: Mapping[str, WatchedOrganisation]
) -> None:
    """Store the observations of municipalities, which are locked."""
    await connection.execute(
        "update watched_organisation as known set state = new.state, "
        "seen = array(select jsonb_array_elements_text(new.seen)) "
        "from unnest($1::text[], $2::jsonb[], $3::jsonb[]) as new (code, state, seen) "
        "where known.municipality_code = new.code",
        list(organisations),
        [_json(each.organisation).decode() for each in organisations.values()],
        [_json(sorted(each.seen)).decode() for each in organisations.values()],
    )


async def save_seen(connection: RawConnection, seen: Sequence[SeenBehaviour]) -> None:
    """Store behaviours that came to be seen."""
    await connection.executemany(
        "insert into seen_behaviour (name, seen_at, lead_id, municipality_code, lead_ids, "
        "importance, urgent, text_ja, text_en) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        [
            (
                each.name,
                each.seen_at,
                each.lead_id,
                each.municipality_code,
                list(each.lead_ids),
                each.importance,
                each.urgent,
                each.text.ja,
                each.text.en,
            )
            for each in seen
        ],
    )


async def pending(
    connection: RawConnection, now: datetime, limit: int, *, urgent: bool
) -> dict[int, SeenBehaviour]:
    """Return what nobody has acted on of what is urgent, or of the rest, the most important first.

    By number. Others are kept from it until the transaction's end.
    """
    rows = await connection.fetch(
        "select * from seen_behaviour where handled_at is null "
        "and (look_at is null or look_at <= $1) and urgent = $3 "
        "order by importance desc, id limit $2 for update skip locked",
        now,
        limit,
        urgent,
    )
    return {row["id"]: _seen(row) for row in rows}


async def put_off(connection: RawConnection, number: int, until: datetime) -> None:
    """Have it looked at again then, unless what follows from it is done."""
    await connection.execute("update seen_behaviour set look_at = $2 where id = $1", number, until)


async def mark_handled(
    connection: RawConnection, number: int, at: datetime, handling: Handling
) -> None:
    """Keep that what follows from it was done, and what that was."""
    await connection.execute(
        "update seen_behaviour set handled_at = $2, handling = $3 where id = $1",
        number,
        at,
        handling,
    )


async def find(
    connection: RawConnection, lead_id: str, code: str | None
) -> tuple[Person, Organisation]:
    """Return the stored observations of a lead and its municipality."""
    person = await connection.fetchval(
        "select state::text from watched_person where lead_id = $1", lead_id
    )
    organisation = await connection.fetchval(
        "select state::text from watched_organisation where municipality_code = $1", code
    )
    return _read_person(person or "{}"), _read_organisation(organisation or "{}")


async def due_for_a_look(connection: RawConnection, now: datetime, limit: int) -> list[str]:
    """Return leads in whom time alone may have made a behaviour seen, the longest due first."""
    rows = await connection.fetch(
        "select lead_id from watched_person where look_at <= $1 order by look_at, lead_id limit $2",
        now,
        limit,
    )
    return [row["lead_id"] for row in rows]


async def move_seen(connection: RawConnection, lead_id: str, survivor: str) -> None:
    """Take what nobody has acted on yet, of a lead that has gone, as seen in the one that stays."""
    await connection.execute(
        "update seen_behaviour set lead_id = case when lead_id = $1 then $2 else lead_id end, "
        "lead_ids = array_replace(lead_ids, $1, $2) "
        "where handled_at is null and (lead_id = $1 or $1 = any(lead_ids))",
        lead_id,
        survivor,
    )


async def places_of(
    connection: RawConnection, lead_ids: Collection[str]
) -> tuple[Mapping[str, str], Mapping[str, Mapping[str, str]]]:
    """Return each lead's municipality, and the roles of all leads of these municipalities."""
    rows = await connection.fetch(
        "select lead_id, value from lead_field "
        "where name = 'municipality_code' and lead_id = any($1::text[]) and value is not null",
        sorted(lead_ids),
    )
    places = {row["lead_id"]: row["value"] for row in rows}
    rows = await connection.fetch(
        "select place.value as code, place.lead_id, role.value as role "
        "from lead_field place join lead_field role using (lead_id) "
        "where place.name = 'municipality_code' and place.value = any($1::text[]) "
        "and role.name = 'role' and role.value is not null",
        sorted(set(places.values())),
    )
    roles: dict[str, dict[str, str]] = {}
    for row in rows:
        roles.setdefault(row["code"], {})[row["lead_id"]] = row["role"]
    return places, roles


def _seen(row: Any) -> SeenBehaviour:
    return SeenBehaviour(
        row["name"],
        row["seen_at"],
        row["lead_id"],
        row["municipality_code"],
        tuple(row["lead_ids"]),
        row["importance"],
        row["urgent"],
        Text(row["text_ja"], row["text_en"]),
    )
