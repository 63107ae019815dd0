"""Usage as rows: one for each period of a series, of the last 400 days."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final

from followup.domain.usage import KEPT, Series, Usage
from kakehashi_common.db import RawConnection

_COLUMNS: Final = "begins, ends, value, licensed_users, active_users, source, owner"


_IS_SERIES: Final = "municipality_code = $1 and contract_id = $2 and metric = $3"


async def lock(connection: RawConnection, series: Series) -> date | None:
    """Return of which period it was said last that use falls; others wait for the series."""
    await connection.execute(
        "insert into usage_series (municipality_code, contract_id, metric) values ($1, $2, $3) "
        "on conflict do nothing",
        *_key(series),
    )
    fell_on: date | None = await connection.fetchval(
        f"select fell_on from usage_series where {_IS_SERIES} for update",  # noqa: S608 - our own
        *_key(series),
    )
    return fell_on


async def mark_fallen(connection: RawConnection, series: Series, ends: date) -> None:
    """Keep that it was said of a period that use falls."""
    await connection.execute(
        f"update usage_series set fell_on = $4 where {_IS_SERIES}",  # noqa: S608 - our own
        *_key(series),
        ends,
    )


async def save(connection: RawConnection, series: Series, usage: Usage, said_at: datetime) -> None:
    """Store what was said of a period; of two statements the later one stays."""
    await connection.execute(
        "insert into usage (municipality_code, contract_id, metric, begins, ends, value, "
        "licensed_users, active_users, source, owner, said_at) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) "
        "on conflict (municipality_code, contract_id, metric, ends) do update set "
        "begins = excluded.begins, value = excluded.value, "
        "licensed_users = excluded.licensed_users, active_users = excluded.active_users, "
        "source = excluded.source, owner = excluded.owner, said_at = excluded.said_at "
        "where usage.said_at <= excluded.said_at",
        *_key(series),
        usage.begins,
        usage.ends,
        usage.value,
        usage.licensed_users,
        usage.active_users,
        usage.source,
        usage.owner,
        said_at,
    )


async def trim(connection: RawConnection, series: Series) -> None:
    """Delete of a series what lies too far before its last period."""
    await connection.execute(
        f"delete from usage where {_IS_SERIES} "  # noqa: S608 - our own
        f"and ends <= (select max(ends) from usage where {_IS_SERIES}) - $4::int",
        *_key(series),
        KEPT.days,
    )


async def periods(connection: RawConnection, series: Series) -> list[Usage]:
    """Return the periods of a series by their last day."""
    rows = await connection.fetch(
        f"select {_COLUMNS} from usage where {_IS_SERIES} order by ends",  # noqa: S608 - our own
        *_key(series),
    )
    return [Usage(**row) for row in rows]


async def of_municipality(
    connection: RawConnection, municipality_code: str
) -> Mapping[Series, Sequence[Usage]]:
    """Return all series of a municipality, each by the last day of its periods."""
    rows = await connection.fetch(
        f"select contract_id, metric, {_COLUMNS} from usage "  # noqa: S608 - our own
        "where municipality_code = $1 order by contract_id, metric, ends",
        municipality_code,
    )
    found: dict[Series, list[Usage]] = {}
    for contract_id, metric, *said in rows:
        series = Series(municipality_code, contract_id, metric)
        found.setdefault(series, []).append(Usage(*said))
    return found


def _key(series: Series) -> tuple[str, str, str]:
    return series.municipality_code, series.contract_id, series.metric
