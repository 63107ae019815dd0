"""A file of reasons: CSV in UTF-8 or CP932, with English or Japanese column names."""

from collections.abc import Mapping
from typing import Final

from followup.triggers.schemas import ReasonIn, ReportId
from kakehashi_common.csv_file import Column, FileKind, a_number, by_name, typed, yes_or_no
from kakehashi_common.domain.japanese_dates import parse_japanese_date
from kakehashi_common.domain.japanese_names import reason_name
from kakehashi_common.domain.reasons import Audience, ReasonKind

_KINDS: Final[Mapping[str, str]] = {
    reason_name(kind): kind
    for kind in (
        ReasonKind.CONTRACT_EXPIRY,
        ReasonKind.FIRST_MEETING_ANNIVERSARY,
        ReasonKind.PERSONNEL_NOTICE,
        ReasonKind.PERSONNEL_ARRIVAL,
        ReasonKind.COUNCIL_QUESTION,
        ReasonKind.COUNCIL_DECISION,
        ReasonKind.POLICY_SPEECH,
        ReasonKind.NATIONAL_POLICY,
        ReasonKind.GRANT_CALL_OPENED,
        ReasonKind.GRANT_CALL_CLOSING,
        ReasonKind.LAW_REVISED,
        ReasonKind.DISASTER,
        ReasonKind.COMPETITOR_MOVE,
    )
}
_AUDIENCES: Final[Mapping[str, Audience]] = {
    **{audience.value: audience for audience in Audience},
    "担当者": Audience.OFFICER,
    "管理職": Audience.MANAGER,
    "財政": Audience.FINANCE,
    "首長": Audience.HEAD,
    "議会": Audience.COUNCIL,
}
_A_DAY: Final = "write a day such as 2027-01-31 or 令和9年1月31日"


def _kind(cell: str) -> str:
    return _KINDS.get(cell, cell)


REASONS: Final = FileKind(
    "reasons",
    "reason",
    ReasonIn,
    {
        "report_id": Column(
            "番号",
            "write 1 to 64 of A–Z, a–z, 0–9 and . _ : -, such as grant-2027-12",
            typed(ReportId),
            required=True,
        ),
        "kind": Column(
            "種類",
            f"write one of {', '.join(_KINDS)}, or a slug such as grant_call_closing",
            _kind,
            required=True,
        ),
        "municipality_code": Column(
            "団体コード", "write six digits such as 102032", empty_stays=True
        ),
        "lead_id": Column("見込み客", "write the lead's id, such as crm-48213", empty_stays=True),
        "about": Column("日付", _A_DAY, parse_japanese_date, empty_stays=True),
        "good_from": Column("開始日", _A_DAY, parse_japanese_date, empty_stays=True),
        "good_until": Column("終了日", _A_DAY, parse_japanese_date, empty_stays=True),
        "text": Column("内容", "write 1 to 500 characters", required=True, personal=True),
        "text_en": Column("英文", "write at most 500 characters", empty_stays=True, personal=True),
        "audience": Column(
            "対象",
            "write 担当者, 管理職, 財政, 首長, 議会, with ; between them, or nothing",
            by_name(_AUDIENCES),
            empty_stays=True,
        ),
        "importance": Column("重要度", "write 1, 2 or 3", a_number, empty_stays=True),
        "policy_area": Column("政策分野", "write a slug such as digital", empty_stays=True),
        "source": Column("出典", "write where it was published", empty_stays=True),
        "urgent": Column("至急", "write はい or いいえ", yes_or_no, empty_stays=True),
        "owner": Column("担当", "write a team or staff number, such as s-1042", empty_stays=True),
    },
)
