"""The handling of a reason or behaviour that is acted on."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from kakehashi_common.domain.texts import Text


class Handling(StrEnum):
    """The state of the handling."""

    AWAITS_LEAD = "awaits_lead"
    DUE = "due"
    AWAITS_SELLER = "awaits_seller"
    DECIDED = "decided"
    NO_PLAYBOOK = "no_playbook"
    NOBODY = "nobody"

    @property
    def text(self) -> Text:
        """The same in a sentence."""
        return _TEXTS[self]


_TEXTS: Final[Mapping[Handling, Text]] = {
    Handling.AWAITS_LEAD: Text(
        ja="この見込み客はまだ登録されていません。理由の終了日までにlead-events-v1で登録されると"
        "処理されます。",
        en="Nothing is known of its lead yet: it is acted on if lead-events-v1 reports the lead by "
        "the reason's last day.",
    ),
    Handling.DUE: Text(ja="まだ処理されていません。", en="Nobody has acted on it yet."),
    Handling.AWAITS_SELLER: Text(
        ja="担当者が決まっていないため、まだ誰にも連絡していません。理由の終了日までに担当者が"
        "登録されると処理されます。",
        en="There is no seller in whose name messages would go: it is acted on if one is entered "
        "by the reason's last day.",
    ),
    Handling.DECIDED: Text(
        ja="処理済みです。連絡先ごとの結果は/v1/entry-decisionsで確認できます。理由の終了日までは、"
        "連絡先が新しく加わったり変わったりするたびに判断し直します。",
        en="It was acted on: /v1/entry-decisions says for each contact what was decided. Until its "
        "last day it is decided again for contacts that are new, or of whom something changes.",
    ),
    Handling.NO_PLAYBOOK: Text(
        ja="この種類をきっかけとするプレイブックが有効になっていません。",
        en="No playbook in force is entered by this kind.",
    ),
    Handling.NOBODY: Text(
        ja="対象となる連絡先がありません。",
        en="No contact is known whom it concerns.",
    ),
}
