"""Names of policy areas (政策分野) for people. A slug that has none is shown as it is."""

from collections.abc import Mapping
from typing import Final

_JAPANESE: Final[Mapping[str, str]] = {
    "administration": "行政運営",
    "agriculture": "農林水産",
    "childcare": "子育て",
    "culture": "文化・スポーツ",
    "digital": "デジタル",
    "disaster_prevention": "防災",
    "education": "教育",
    "environment": "環境",
    "finance": "財政・税務",
    "health": "健康・医療",
    "housing": "住宅・都市計画",
    "industry": "産業振興",
    "infrastructure": "土木・インフラ",
    "tourism": "観光",
    "transport": "公共交通",
    "water": "上下水道",
    "welfare": "福祉",
}


def japanese_area(policy_area: str) -> str:
    """Return ``デジタル`` for ``digital``; a slug that has no name is its own."""
    return _JAPANESE.get(policy_area.replace("-", "_"), policy_area)
