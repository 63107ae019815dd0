"""One local government, as far as the budget year depends on it."""

from dataclasses import dataclass
from enum import StrEnum

from kakehashi_common.domain.texts import Text

_MIDDLE = 50_000
_LARGE = 300_000


class MunicipalityType(StrEnum):
    """The kind of local government; decides statutory terms and ceilings."""

    PREFECTURE = "prefecture"
    """都道府県, 47."""
    DESIGNATED_CITY = "designated_city"
    """政令指定都市 (地方自治法252条の19), 20."""
    CORE_CITY = "core_city"
    """中核市 (252条の22), 62."""
    SPECIAL_CASE_CITY = "special_case_city"
    """施行時特例市 (平成26年法律42号附則), 23."""
    SPECIAL_WARD = "special_ward"
    """特別区 of Tokyo (281条), 23; follows the rules for cities (283条)."""
    CITY = "city"
    TOWN = "town"
    VILLAGE = "village"

    @property
    def as_prefecture(self) -> bool:
        """Whether law treats it with prefectures where it distinguishes large bodies."""
        return self in (MunicipalityType.PREFECTURE, MunicipalityType.DESIGNATED_CITY)

    @property
    def town_or_village(self) -> bool:
        """Whether law treats it as a town or village (町村)."""
        return self in (MunicipalityType.TOWN, MunicipalityType.VILLAGE)

    @property
    def text(self) -> Text:
        """Its name for people."""
        return _TYPE_TEXTS[self]


_TYPE_TEXTS = {
    MunicipalityType.PREFECTURE: Text("都道府県", "prefecture"),
    MunicipalityType.DESIGNATED_CITY: Text("政令指定都市", "designated city"),
    MunicipalityType.CORE_CITY: Text("中核市", "core city"),
    MunicipalityType.SPECIAL_CASE_CITY: Text("施行時特例市", "special-case city"),
    MunicipalityType.SPECIAL_WARD: Text("特別区", "special ward"),
    MunicipalityType.CITY: Text("市", "city"),
    MunicipalityType.TOWN: Text("町", "town"),
    MunicipalityType.VILLAGE: Text("村", "village"),
}


class SizeBand(StrEnum):
    """Size as sellers group it, by Japanese residents (common practice)."""

    UNDER_50K = "under_50k"
    FROM_50K_TO_300K = "50k_300k"
    OVER_300K = "over_300k"

    @classmethod
    def of(cls, japanese_residents: int) -> "SizeBand":
        """The band of so many Japanese residents."""
        if japanese_residents < _MIDDLE:
            return cls.UNDER_50K
        return cls.FROM_50K_TO_300K if japanese_residents <= _LARGE else cls.OVER_300K

    @property
    def text(self) -> Text:
        """Its name for people."""
        return _SIZE_TEXTS[self]


_SIZE_TEXTS = {
    SizeBand.UNDER_50K: Text("5万人未満", "under 50,000"),
    SizeBand.FROM_50K_TO_300K: Text("5万人以上30万人以下", "50,000 to 300,000"),
    SizeBand.OVER_300K: Text("30万人超", "over 300,000"),
}


@dataclass(frozen=True, slots=True)
class FiscalIndices:
    """Key fiscal indices of one year; ``None`` where none is published (``-``), never 0."""

    fiscal_year: int
    financial_strength: float | None
    """財政力指数: revenue over need, a ratio around 1."""
    current_balance: float | None
    """経常収支比率, percent."""
    real_debt_service: float | None
    """実質公債費比率, percent."""
    future_burden: float | None
    """将来負担比率, percent."""


@dataclass(frozen=True, slots=True)
class Municipality:
    """One local government of the registry."""

    code: str
    """全国地方公共団体コード: six digits with check digit."""
    name: str
    kana: str
    """Hiragana; empty where unknown."""
    prefecture: str
    type: MunicipalityType
    japanese_residents: int | None
    indices: FiscalIndices | None = None

    @property
    def size_band(self) -> SizeBand | None:
        """Its band; ``None`` when its residents are not known."""
        return None if self.japanese_residents is None else SizeBand.of(self.japanese_residents)
