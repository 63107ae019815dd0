"""Japanese names of slugs: policy areas, kinds and categories of activity, reasons to contact.

The catalogues are open: a slug without a Japanese name is shown as it is.
"""

from collections.abc import Mapping
from typing import Final

from kakehashi_common.domain.reasons import ReasonKind

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

_REASONS: Final[Mapping[str, str]] = {
    ReasonKind.RECONFIRM_CONTACTS: "年度初めの担当者確認",
    ReasonKind.PROPOSE_FOR_SUMMER_REVIEW: "サマーレビューに向けた提案",
    ReasonKind.LAST_QUOTE: "参考見積の提出期限",
    ReasonKind.BEFORE_REQUEST_DEADLINE: "予算要求の締切前",
    ReasonKind.ASSESSMENT_UNDER_WAY: "予算査定中",
    ReasonKind.ASK_FOR_OUTCOME: "査定結果の確認",
    ReasonKind.SUPPORT_RESTORATION: "復活要求の支援",
    ReasonKind.BEFORE_DELIBERATION: "議会審議前",
    ReasonKind.PREPARE_CONTRACT: "契約の準備",
    ReasonKind.REQUEST_SUPPLEMENTARY: "補正予算の要求",
    ReasonKind.LEAVE_HANDOVER: "異動前の引き継ぎ資料",
    ReasonKind.HEAD_MAY_CHANGE: "首長交代の可能性",
    ReasonKind.POLICY_ITEMS_RETURN: "政策的経費の補正計上",
    ReasonKind.ROUTE_TAKEN: "予算化の経路の決定",
    ReasonKind.STAGE_BEGINS: "予算編成の段階の開始",
    ReasonKind.STAGE_UNCONFIRMED: "予算編成の段階が未確認",
    ReasonKind.RESTORATION_OPEN: "復活要求の受付",
    ReasonKind.NO_ROUTE: "予算化の経路なし",
    ReasonKind.RENEWAL_BEGINS: "更新に向けた準備の開始",
    ReasonKind.RESUMED: "予算化の追跡の再開",
    ReasonKind.PURSUIT_CUT: "予算要求の不採択",
    ReasonKind.HANDOFF_RECYCLED: "フィールドセールスからの差し戻し",
    ReasonKind.FIRST_CONTACT: "初回接点",
    ReasonKind.POC_AGREED: "実証実験の合意",
    ReasonKind.REGULAR_VALUE: "定期的な情報提供",
    ReasonKind.CONTRACT_EXPIRY: "契約満了",
    ReasonKind.FIRST_MEETING_ANNIVERSARY: "初回面談の記念日",
    ReasonKind.PERSONNEL_NOTICE: "異動内示",
    ReasonKind.PERSONNEL_ARRIVAL: "着任",
    ReasonKind.CONTACT_LEFT: "担当者の異動・退職",
    ReasonKind.COUNCIL_QUESTION: "議会質問",
    ReasonKind.COUNCIL_DECISION: "議決",
    ReasonKind.POLICY_SPEECH: "施政方針",
    ReasonKind.NATIONAL_POLICY: "国の政策",
    ReasonKind.GRANT_CALL_OPENED: "補助金公募開始",
    ReasonKind.GRANT_CALL_CLOSING: "補助金公募締切",
    ReasonKind.LAW_REVISED: "法改正",
    ReasonKind.DISASTER: "災害",
    ReasonKind.DISSATISFACTION: "満足度の低い評価",
    ReasonKind.USAGE_FALLING: "利用の減少",
    ReasonKind.COMPETITOR_MOVE: "競合の動き",
}


def area_name(policy_area: str) -> str:
    """Return ``デジタル`` for the policy area (政策分野) ``digital``."""
    return _named(_POLICY_AREAS, policy_area)


def activity_name(kind: str) -> str:
    """Return ``セミナー参加`` for the kind of activity ``seminar_attended``."""
    return _named(_ACTIVITIES, kind)


def category_name(category: str) -> str:
    """Return ``オンライン申請`` for the category ``online_forms``; a policy area may be one too."""
    return _named({**_POLICY_AREAS, **_CATEGORIES}, category)


def reason_name(kind: str) -> str:
    """Return ``初回接点`` for the kind of reason ``first_contact``."""
    return _named(_REASONS, kind)


def _named(names: Mapping[str, str], slug: str) -> str:
    return names.get(slug.replace("-", "_"), slug)
