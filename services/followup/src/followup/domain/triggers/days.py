"""Days that are known long before they are a reason to contact somebody."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Final

from followup.domain.triggers.reasons import Reason, anniversary, usual_window
from kakehashi_common.domain.japanese_writing import day as in_words
from kakehashi_common.domain.reasons import ReasonKind
from kakehashi_common.domain.texts import Text

_A_QUARTER: Final = timedelta(days=90)
_LONGEST_QUARTER: Final = 92
_TURNS: Final = 77
"""So that the last turn of a quarter is good for two weeks of it."""


@dataclass(frozen=True, slots=True)
class KnownDay:
    """A day from which reasons follow.

    Of a first meeting they follow each year, of an acquaintance each quarter, of a first contact
    and of a contract's end once.
    """

    day_id: str
    """Of what it is: the same however often, and by whomever, it is said."""
    kind: ReasonKind
    day: date
    said_at: datetime
    lead_id: str | None = None
    municipality_code: str | None = None
    owner: str | None = None
    """The seller."""
    lead_ids: tuple[str, ...] = ()
    """The leads involved in the deal behind a contract."""

    def under(self, lead_id: str) -> "KnownDay":
        """Return it as the day of another lead, who is the same person."""
        day_id = self.day_id
        if self.kind is not ReasonKind.CONTRACT_EXPIRY:  # a contract is known by its deal
            day_id = f"{day_id.partition('/')[0]}/{lead_id}"
        return replace(self, day_id=day_id, lead_id=lead_id)

    def coming(self, today: date) -> date | None:
        """Return the day whose reason is good today or later; ``None``: it was once."""
        if self.kind is ReasonKind.REGULAR_VALUE:
            return self._turn(today)
        if self.kind is ReasonKind.FIRST_MEETING_ANNIVERSARY:
            still_good = usual_window(self.kind, today)[1] - today
            return anniversary(self.day, today - still_good)
        return self.day if usual_window(self.kind, self.day)[1] >= today else None

    def raise_on(self, today: date) -> date | None:
        """Return when its reason begins to be good; ``None``: never any more."""
        coming = self.coming(today)
        return None if coming is None else usual_window(self.kind, coming)[0]

    def reason(self, today: date) -> Reason | None:
        """Return the reason that is good today; ``None``: there is none."""
        coming = self.coming(today)
        if coming is None:
            return None
        first, last = usual_window(self.kind, coming)
        if not first <= today <= last:
            return None
        return Reason(
            self.kind,
            self._text(coming),
            first,
            last,
            municipality_code=self.municipality_code,
            lead_id=self.lead_id,
            owner=self.owner,
            lead_ids=self.lead_ids,
        )

    def _turn(self, today: date) -> date:
        """Return the contact's day of a quarter: always the same, and each has another one."""
        turn = int.from_bytes(sha256(self.day_id.encode()).digest()[:4]) % _TURNS
        month = (today.month - 1) // 3 * 3 + 1
        quarter = date(today.year, month, 1)
        while True:
            coming = quarter + timedelta(days=turn)
            last = usual_window(self.kind, coming)[1]
            if last >= today and coming >= self.day + _A_QUARTER:
                return coming
            ahead = quarter + timedelta(days=_LONGEST_QUARTER)
            quarter = ahead.replace(day=1)

    def _text(self, coming: date) -> Text:
        if self.kind is ReasonKind.FIRST_CONTACT:
            return Text(
                ja=f"{in_words(self.day)}に名刺または同意をいただきました。"
                "お礼と最初の資料をお届けしましょう。",
                en=f"They gave their card or consent on {self.day}: thank them, and send a first "
                "paper.",
            )
        if self.kind is ReasonKind.REGULAR_VALUE:
            return Text(
                ja="この四半期のお役立ち情報をお届けする時期です。政策分野の動きと事例を選びましょう。",
                en="This quarter's news is due: choose a case and what moves in the policy area.",
            )
        if self.kind is ReasonKind.FIRST_MEETING_ANNIVERSARY:
            years = coming.year - self.day.year
            return Text(
                ja=f"初回の面談をした{in_words(self.day)}から{years}年です。"
                "これまでのお付き合いへのお礼とともに、近況を伺いましょう。",
                en=f"{years} years ago, on {self.day}, was the first meeting: ask how things are.",
            )
        return Text(
            ja=f"契約が{in_words(self.day)}に満了します。次の契約の予算は前年度に要求されるため、"
            "更新の方針を伺いましょう。",
            en=f"The contract ends on {self.day}, and the money for the next one is requested a "
            "year before: ask about the plans.",
        )
