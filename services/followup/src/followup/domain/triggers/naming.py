"""Kinds and categories of activity, as explanations name them."""

from collections.abc import Mapping
from typing import Final

from followup.domain.triggers.conditions import Pattern
from kakehashi_common.domain.texts import Text

_KINDS: Final[Mapping[str, str]] = {
    "page_viewed": "ページの閲覧",
    "document_downloaded": "資料のダウンロード",
    "seminar_registered": "セミナーの申し込み",
    "seminar_attended": "セミナーへの参加",
    "mail_answered": "メールへの返信",
    "form_submitted": "問い合わせ",
    "call_answered": "電話での対話",
    "meeting_held": "面談",
    "reference_quote_requested": "参考見積の依頼",
    "rfi_received": "RFI",
    "rfp_received": "RFP",
}

_CATEGORIES: Final[Mapping[str, str]] = {
    "pricing": "料金",
    "price_list": "価格表",
    "comparison": "比較",
    "specification": "仕様",
    "case_study": "事例",
    "product": "製品",
    "security": "セキュリティ",
    "security_sheet": "セキュリティ資料",
    "subsidy": "補助金",
}

_FEW: Final = 3


def name_of(pattern: Pattern) -> Text:
    """Name the activities that are meant, such as ``料金・比較のページの閲覧``."""
    kinds, categories, words = (
        sorted(each) for each in (pattern.kinds, pattern.categories, pattern.words)
    )
    if len(kinds) > _FEW:
        ja, en = "いずれかの活動", f"one of {len(kinds)} kinds of activity"
    else:
        ja, en = "か".join(_KINDS.get(each, each) for each in kinds), " or ".join(kinds)
    if categories:
        ja = f"{'・'.join(_CATEGORIES.get(each, each) for each in categories)}の{ja}"
        en = f"{en} ({', '.join(categories)})"
    if words:
        ja, en = f"「{'」「'.join(words)}」のいずれかを含む{ja}", f"{en} with {' or '.join(words)}"
    return Text(ja, en)
