"""Japanese names of slugs: policy areas, kinds of activity, and categories of what these concern.

The catalogues are open: a slug without a Japanese name is shown as it is.
"""

from collections.abc import Mapping
from typing import Final

_POLICY_AREAS: Final[Mapping[str, str]] = {
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

_ACTIVITIES: Final[Mapping[str, str]] = {
    "booth_visited": "展示会ブース来訪",
    "call_answered": "電話で会話",
    "declined": "辞退",
    "document_downloaded": "資料ダウンロード",
    "form_submitted": "問い合わせ",
    "mail_answered": "メール返信",
    "mail_clicked": "メール内リンクのクリック",
    "mail_opened": "メール開封",
    "meeting_booked": "面談の約束",
    "meeting_held": "面談",
    "opted_out": "配信停止の申し出",
    "page_viewed": "ページ閲覧",
    "reference_quote_requested": "参考見積の依頼",
    "rfi_received": "RFI（情報提供依頼）",
    "rfp_received": "RFP（提案依頼）",
    "seminar_attended": "セミナー参加",
    "seminar_registered": "セミナー申込",
}

_CATEGORIES: Final[Mapping[str, str]] = {
    "blog": "ブログ",
    "careers": "採用情報",
    "case_study": "導入事例",
    "comparison": "比較",
    "expo": "展示会",
    "front_desk_dx": "窓口DX",
    "newsletter": "メールマガジン",
    "online_forms": "オンライン申請",
    "price_list": "料金表",
    "pricing": "料金",
    "product": "製品",
    "records_management": "文書管理",
    "security": "セキュリティ",
    "security_sheet": "セキュリティ資料",
    "specification": "仕様",
    "subsidy": "補助金",
    "top": "トップページ",
    "white_paper": "ホワイトペーパー",
}
"""Of pages, documents and seminars."""


def area_name(policy_area: str) -> str:
    """Return ``デジタル`` for the policy area (政策分野) ``digital``."""
    return _named(_POLICY_AREAS, policy_area)


def activity_name(kind: str) -> str:
    """Return ``セミナー参加`` for the kind of activity ``seminar_attended``."""
    return _named(_ACTIVITIES, kind)


def category_name(category: str) -> str:
    """Return ``オンライン申請`` for the category ``online_forms``; a policy area may be one too."""
    return _named({**_POLICY_AREAS, **_CATEGORIES}, category)


def _named(names: Mapping[str, str], slug: str) -> str:
    return names.get(slug.replace("-", "_"), slug)
