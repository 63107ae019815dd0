"""Files of consents and of suppressions: CSV in UTF-8 or CP932, English or Japanese columns."""

from collections.abc import Mapping
from typing import Final

from followup.consents.schemas import BasisIn, SuppressedValue, SuppressionRowIn
from followup.domain.consents.consent import Basis
from followup.domain.consents.suppression import Cause, Scope
from kakehashi_common.contracts.email_addresses import EmailAddress
from kakehashi_common.csv_file import Column, FileKind, typed, yes_or_no
from kakehashi_common.domain.japanese_dates import parse_japanese_date

_A_DAY: Final = "write a day such as 2026-10-02 or 令和8年10月2日"
_BASES: Final[Mapping[str, str]] = {
    "同意": Basis.OPT_IN,
    "取引関係": Basis.BUSINESS_RELATION,
    "名刺": Basis.BUSINESS_CARD,
    "公表アドレス": Basis.PUBLISHED_ADDRESS,
}
_SCOPES: Final[Mapping[str, str]] = {
    "個人": Scope.PERSON,
    "アドレス": Scope.ADDRESS,
    "ドメイン": Scope.DOMAIN,
    "団体": Scope.ORGANISATION,
}
_CAUSES: Final[Mapping[str, str]] = {
    "配信停止": Cause.OPT_OUT,
    "苦情": Cause.COMPLAINT,
    "不達": Cause.BOUNCE,
    "個人情報の削除": Cause.ERASURE,
    "異動・退職": Cause.LEFT,
    "自社の判断": Cause.SELLER,
}

CONSENTS: Final = FileKind(
    "consents",
    "consent",
    BasisIn,
    {
        "address": Column(
            "メールアドレス",
            "write an address such as hanako.sato@example.jp",
            typed(EmailAddress),
            required=True,
            personal=True,
        ),
        "basis": Column(
            "根拠",
            f"write {', '.join(_BASES)}",
            lambda cell: _BASES.get(cell, cell),
            required=True,
        ),
        "obtained_on": Column("取得日", _A_DAY, parse_japanese_date, required=True),
        "evidence": Column(
            "記録", "say where the record lies: a form, a card, a page's URL", required=True
        ),
        "ended_on": Column("終了日", _A_DAY, parse_japanese_date, empty_stays=True),
        "page_refuses_advertising": Column(
            "広告お断りの表示", "write はい or いいえ", yes_or_no, empty_stays=True
        ),
    },
)

SUPPRESSIONS: Final = FileKind(
    "suppressions",
    "suppression",
    SuppressionRowIn,
    {
        "value": Column(
            "宛先",
            "write the address, the domain, the municipality's code or the lead's id",
            typed(SuppressedValue),
            required=True,
            personal=True,
        ),
        "scope": Column(
            "範囲",
            f"write {', '.join(_SCOPES)}",
            lambda cell: _SCOPES.get(cell, cell),
            required=True,
        ),
        "cause": Column(
            "理由",
            f"write {', '.join(_CAUSES)}, or nothing: 配信停止",
            lambda cell: _CAUSES.get(cell, cell),
            empty_stays=True,
        ),
    },
)
