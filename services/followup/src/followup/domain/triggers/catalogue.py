"""The behaviours that come with the service, by the names that playbooks use.

The numbers are starting points from common practice, to be corrected by what followed.
"""

from collections.abc import Mapping
from typing import Final

from followup.domain.triggers.conditions import (
    Behaviour,
    Happened,
    NoAnswer,
    Pattern,
    ScoreJumped,
    SeveralPeople,
    Silent,
)
from kakehashi_common.domain.texts import Text

_READ: Final = frozenset({"page_viewed", "document_downloaded"})
_PRICES: Final = frozenset({"pricing", "price_list", "comparison"})
_ENQUIRIES: Final = frozenset({"form_submitted", "mail_answered"})
_ANYTHING: Final = frozenset(
    {
        "page_viewed",
        "document_downloaded",
        "seminar_registered",
        "seminar_attended",
        "mail_answered",
        "form_submitted",
        "call_answered",
        "meeting_held",
        "reference_quote_requested",
        "rfi_received",
        "rfp_received",
    }
)

_BEHAVIOURS: Final = (
    Behaviour(
        "price_interest",
        Text("料金・比較への関心", "Interest in prices"),
        (Happened(Pattern(_READ, _PRICES), times=2, days=7),),
        importance=3,
    ),
    Behaviour(
        "price_interest_again",
        Text("料金・比較への関心の継続", "Further interest in prices"),
        (Happened(Pattern(_READ, _PRICES), times=4, days=30),),
        importance=3,
    ),
    Behaviour(
        "case_read",
        Text("仕様・事例の閲覧", "Read a specification or case"),
        (Happened(Pattern(_READ, frozenset({"specification", "case_study"}))),),
    ),
    Behaviour(
        "comparison_downloaded",
        Text("比較資料のダウンロード", "Downloaded a comparison"),
        (Happened(Pattern(frozenset({"document_downloaded"}), frozenset({"comparison"}))),),
        importance=3,
    ),
    Behaviour(
        "enquiry",
        Text("問い合わせ", "Sent an enquiry"),
        (Happened(Pattern(frozenset({"form_submitted"})), days=1),),
        importance=3,
        urgent=True,
    ),
    Behaviour(
        "budget_enquiry",
        Text("予算・見積に関する問い合わせ", "Asked about budget or quote"),
        (
            Happened(
                Pattern(
                    _ENQUIRIES,
                    words=frozenset({"見積", "予算", "費用", "金額", "価格", "補助金", "契約"}),
                ),
                days=7,
            ),
        ),
        importance=3,
        urgent=True,
    ),
    Behaviour(
        "several_active",
        Text("複数の関係者の活動", "Several people active"),
        (SeveralPeople(Pattern(_ANYTHING), people=2, days=7),),
        importance=3,
    ),
    Behaviour(
        "no_answer",
        Text("メールへの反応なし", "No answer to a mail"),
        (NoAnswer(business_days=5),),
    ),
    Behaviour(
        "silent",
        Text("60日間の沈黙", "Silent for 60 days"),
        (Silent(days=60),),
        importance=1,
    ),
    Behaviour(
        "score_jumped",
        Text("関心度の急上昇", "Engagement jumped"),
        (ScoreJumped(points=15, days=7),),
    ),
)

ENQUIRIES: Final = frozenset({"enquiry", "budget_enquiry"})
"""Those in which a contact asks something, so that the first mail to them is an answer."""

BEHAVIOURS: Final[Mapping[str, Behaviour]] = {each.name: each for each in _BEHAVIOURS}
