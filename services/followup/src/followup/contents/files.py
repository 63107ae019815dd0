"""A file of content: CSV in UTF-8 or CP932, with English or Japanese column names."""

from collections.abc import Mapping
from typing import Final

from followup.contents.schemas import ContentIn
from followup.domain.contents.content import LONGEST_PASSAGE, ContentKind
from followup.domain.playbooks.audience import Role, SizeBand
from kakehashi_common.csv_file import Column, FileKind, a_list, by_name, typed, yes_or_no
from kakehashi_common.domain.budget_phases import BUDGET_PHASES_JA, BudgetPhase
from kakehashi_common.domain.japanese_dates import parse_japanese_date
from kakehashi_common.http.fields import Id

_KINDS: Final[Mapping[str, str]] = {
    "事例": ContentKind.CASE,
    "比較": ContentKind.COMPARISON,
    "仕様": ContentKind.SPECIFICATION,
    "手引き": ContentKind.GUIDE,
    "提案": ContentKind.SOLUTION,
    "勉強会": ContentKind.STUDY_SESSION,
    "ニュース": ContentKind.NEWS,
    "国の政策": ContentKind.POLICY,
    "法令": ContentKind.LAW,
    "補助金": ContentKind.GRANT,
    "会議録": ContentKind.MINUTES,
    "よくある質問": ContentKind.FAQ,
    "自社の回答": ContentKind.OWN_ANSWER,
}
_ROLES: Final[Mapping[str, Role]] = {
    **{role.value: role for role in Role},
    "担当者": Role.OFFICER,
    "管理職": Role.MANAGER,
    "財政": Role.FINANCE,
    "首長": Role.HEAD,
    "議会": Role.COUNCIL,
}
_SIZES: Final[Mapping[str, SizeBand]] = {
    **{size.value: size for size in SizeBand},
    "5万人未満": SizeBand.UNDER_50K,
    "5万~30万人": SizeBand.FROM_50K_TO_300K,
    "5万〜30万人": SizeBand.FROM_50K_TO_300K,
    "30万人超": SizeBand.OVER_300K,
}
_STAGES: Final[Mapping[str, BudgetPhase]] = {
    **{phase.value: phase for phase in BudgetPhase},
    **{name: BudgetPhase(phase) for phase, name in BUDGET_PHASES_JA.items()},
}

CONTENTS: Final = FileKind(
    "contents",
    "content",
    ContentIn,
    {
        "content_id": Column(
            "番号",
            "write 1 to 64 of A–Z, a–z, 0–9 and . _ -, such as case-2026-14",
            typed(Id),
            required=True,
        ),
        "kind": Column(
            "種類",
            f"write one of {', '.join(_KINDS)}",
            lambda cell: _KINDS.get(cell, cell),
            required=True,
        ),
        "title": Column("題名", "write 1 to 500 characters", required=True),
        "source": Column("出典", "write who published it, where and when", required=True),
        "url": Column("URL", "write a URL such as https://www.example.jp/case", empty_stays=True),
        "passage": Column(
            "引用", f"write at most {LONGEST_PASSAGE:,} characters", empty_stays=True
        ),
        "topics": Column("話題", "write words with ; between them, or nothing", a_list),
        "roles": Column(
            "役割",
            "write 担当者, 管理職, 財政, 首長, 議会, with ; between them, or nothing",
            by_name(_ROLES),
        ),
        "size_bands": Column(
            "人口規模",
            "write 5万人未満, 5万〜30万人, 30万人超, with ; between them, or nothing",
            by_name(_SIZES),
        ),
        "stages": Column(
            "予算の段階",
            "write 情報収集, サマーレビュー, 予算編成方針, 予算要求, 財政課査定, 首長査定, "
            "議会審議, 執行準備, with ; between them, or nothing",
            by_name(_STAGES),
        ),
        "policy_areas": Column(
            "政策分野", "write slugs such as digital;welfare, or nothing", a_list
        ),
        "municipality_code": Column(
            "団体コード", "write six digits such as 102032, or nothing", empty_stays=True
        ),
        "valid_until": Column(
            "有効期限",
            "write a day such as 2027-03-31 or 令和9年3月31日",
            parse_japanese_date,
            empty_stays=True,
        ),
        "active": Column("有効", "write はい or いいえ", yes_or_no, empty_stays=True),
    },
)
