"""A file of territories."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from handoff.domain.teams.territories import Territory
from handoff.teams.schemas import TerritoryIn
from kakehashi_common.contracts.municipalities import Kind, SizeBand
from kakehashi_common.csv_file import Column, FileKind, FileRow, a_list, by_name, typed
from kakehashi_common.http.fields import Id

_TYPES: Final[Mapping[str, Kind]] = {
    "prefecture": "prefecture",
    "都道府県": "prefecture",
    "city": "city",
    "市": "city",
    "special_ward": "special_ward",
    "特別区": "special_ward",
    "town": "town",
    "町": "town",
    "village": "village",
    "村": "village",
}
_SIZE_BANDS: Final[Mapping[str, SizeBand]] = {
    "under_50k": "under_50k",
    "5万人未満": "under_50k",
    "50k_300k": "50k_300k",
    "5万人以上30万人以下": "50k_300k",
    "over_300k": "over_300k",
    "30万人超": "over_300k",
}

TERRITORIES: Final = FileKind(
    "territories",
    "territory",
    TerritoryIn,
    {
        "territory_id": Column(
            "担当地域",
            "write 1 to 64 of A–Z, a–z, 0–9 and . _ -, such as gunma-digital",
            typed(Id),
            required=True,
        ),
        "team_id": Column("チーム", "write the team's id, such as kanto", required=True),
        "municipality_codes": Column(
            "団体コード",
            "write at most 2000 codes of six digits, such as 102032;102041, or nothing",
            a_list,
        ),
        "prefectures": Column(
            "都道府県", "write prefectures, such as 群馬県;栃木県, or nothing", a_list
        ),
        "municipality_types": Column(
            "種別",
            "write 都道府県 (prefecture), 市 (city), 特別区 (special_ward), 町 (town), "
            "村 (village), with ; between them, or nothing",
            by_name(_TYPES),
        ),
        "size_bands": Column(
            "人口規模",
            "write 5万人未満 (under_50k), 5万人以上30万人以下 (50k_300k), "
            "30万人超 (over_300k), with ; between them, or nothing",
            by_name(_SIZE_BANDS),
        ),
        "policy_areas": Column(
            "政策分野",
            "write at most 100 of 1 to 64 of a–z, 0–9 and . _ - each, such as digital;welfare, or "
            "nothing",
            a_list,
        ),
    },
)


def territory_of_row(row: FileRow[TerritoryIn], before: Territory | None) -> Territory:
    """Return the territory with what the file says; the rest stays as it was."""
    new = row.said.territory(row.row_id)
    return new if before is None else replace(new, **row.kept(before))
