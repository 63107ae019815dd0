"""Japanese names of measures and their keys."""

from collections.abc import Mapping
from typing import Final

from followup.domain.measures.report import ContactChannel, Cut, Guard

ROLES: Final[Mapping[str, str]] = {
    "officer": "実務担当",
    "manager": "管理職",
    "finance": "財政担当",
    "head": "首長・副首長",
    "council": "議会",
}
WEEKDAYS: Final = "月火水木金土日"
GUARDS: Final[Mapping[Guard, str]] = {
    Guard.WITHIN: "問題なし",
    Guard.EXCEEDED: "基準超過：要確認",
    Guard.TOO_FEW: "件数不足",
}
CHANNELS: Final[Mapping[ContactChannel, str]] = {
    ContactChannel.MAIL: "メール",
    ContactChannel.TASK: "担当者の対応",
}
CUTS: Final[Mapping[Cut, str]] = {
    Cut.ALL: "全体",
    Cut.PLAYBOOK: "プレイブック別",
    Cut.STEP: "ステップ別",
    Cut.VARIANT: "文面別（A/B）",
    Cut.ROLE: "役割別",
    Cut.WEEKDAY: "曜日別",
    Cut.HOUR: "時間帯別",
    Cut.WEEKDAY_HOUR: "曜日・時間帯別",
}
VARIANTS: Final[Mapping[str, str]] = {"a": "A案", "b": "B案"}
