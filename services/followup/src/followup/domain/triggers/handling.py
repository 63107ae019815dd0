"""What became of a reason or behaviour that is acted on."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from kakehashi_common.domain.texts import Text


class Handling(StrEnum):
    """What became of it."""

    AWAITS_LEAD = "awaits_lead"
    DUE = "due"
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
    Handling.DECIDED: Text(
        ja="処理済みです。連絡先ごとの結果は/v1/entry-decisionsで確認できます。",
        en="It was acted on: /v1/entry-decisions says for each contact what was decided.",
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
