"""Japanese explanations of the codes of shared checks, for the Temporal UI."""

from collections.abc import Mapping
from typing import Final

REFUSALS: Final[Mapping[str, str]] = {
    "missing": "必須の項目です",
    "not_a_lead_id": "リードのIDではありません",
    "not_a_municipality_code": "自治体コードではありません",
    "not_a_slug": "英小文字・数字・記号の識別子で指定してください",
    "not_text": "文字として扱えない記号が含まれています",
    "time_zone_missing": "時差（+09:00など）を付けて指定してください",
    "too_long": "文字数が上限を超えています",
}
"""Of :mod:`kakehashi_common.domain.checks`."""
