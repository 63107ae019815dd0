"""Write the mails of notifications, in Japanese."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from handoff.domain.handoff.effects import NotifyReason
from kakehashi_common.domain.japanese_writing import moment

SUBJECTS: Final[Mapping[NotifyReason, str]] = {
    NotifyReason.ASSIGNED: "新しい引き継ぎの担当になりました",
    NotifyReason.TAKEN_AWAY: "担当が変更になりました",
    NotifyReason.DUE_SOON: "期限が近づいています",
    NotifyReason.OVERDUE: "期限を過ぎています",
    NotifyReason.NOBODY_ELIGIBLE: "担当者が決まっていません",
    NotifyReason.ACCEPTED: "引き継ぎが受諾されました",
    NotifyReason.REJECTED: "引き継ぎが見送られました",
    NotifyReason.FACTS_MISSING: "情報の補足をお願いします",
    NotifyReason.WOKEN: "引き継ぎを再開しました",
    NotifyReason.RESUMED: "一時停止が終わりました",
    NotifyReason.QUALIFIED_AGAIN: "リードが再び条件を満たしました",
    NotifyReason.FURTHER_OWNER: "担当に加わりました",
    NotifyReason.CLOSED: "商談の結果が出ました",
    NotifyReason.WITHDRAWN: "引き継ぎが取り下げられました",
    NotifyReason.RATED: "評価が届きました",
}

_NOTHING_LEFT_TO_DO: Final = frozenset(
    {NotifyReason.TAKEN_AWAY, NotifyReason.WITHDRAWN, NotifyReason.CLOSED}
)
_CLOSING: Final = "このメールは自動で送信しています。返信いただいても確認できません。"


@dataclass(frozen=True, slots=True)
class LetterNotice:
    """One notice, as a letter shows it."""

    reason: NotifyReason
    text: str
    at: datetime
    handoff_id: str
    lead_id: str
    url: str
    """The address at which the handoff can be seen."""
    municipality: str | None = None
    act_by: datetime | None = None
    urgent: bool = False

    @property
    def about(self) -> str:
        """The municipality, or else the lead's id."""
        return self.municipality or f"リード {self.lead_id}"


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail's subject and its text."""

    subject: str
    text: str


def single(notice: LetterNotice, name: str) -> Letter:
    """Write one notice to ``name``."""
    mark = "【至急・引き継ぎ】" if notice.urgent else "【引き継ぎ】"
    facts = [f"自治体：{notice.municipality}"] if notice.municipality else []
    facts.append(f"リード：{notice.lead_id}")
    if notice.act_by is not None:
        facts.append(f"期限　：{moment(notice.act_by)}")
    return Letter(
        f"{mark}{SUBJECTS[notice.reason]}（{notice.about}）",
        _paragraphs(_salutation(name), notice.text, "\n".join(facts), notice.url, _CLOSING),
    )


def digest(notices: Sequence[LetterNotice], name: str, now: datetime) -> Letter:
    """Write several notices, in the order in which they came; those with a time limit first."""
    to_do = _to_do(notices)
    others = [each for each in notices if each not in to_do]
    needed = f"（要対応{len(to_do)}件）" if to_do else ""
    parts = [
        _salutation(name),
        f"引き継ぎのお知らせ{len(notices)}件をまとめてお送りします。",
    ]
    if to_do:
        parts.append(f"■ 対応が必要なもの（{len(to_do)}件、期限順）")
        parts.extend(
            _item(f"{number}. {_due(each, now)}　{each.about}", each)
            for number, each in enumerate(to_do, start=1)
        )
    if others:
        parts.append(f"■ お知らせ（{len(others)}件）")
        parts.extend(_item(f"・{moment(each.at)}　{each.about}", each) for each in others)
    return Letter(f"【引き継ぎ】お知らせ{len(notices)}件{needed}", _paragraphs(*parts, _CLOSING))


def _to_do(notices: Sequence[LetterNotice]) -> list[LetterNotice]:
    """Return each handoff's newest notice with a time limit, unless something ended it later."""
    newest: dict[str, LetterNotice] = {}
    for each in notices:
        if each.reason in _NOTHING_LEFT_TO_DO:
            newest.pop(each.handoff_id, None)
        elif each.act_by is not None:
            newest[each.handoff_id] = each
    return sorted(newest.values(), key=_act_by)


def _act_by(notice: LetterNotice) -> datetime:
    return notice.act_by or notice.at


def _due(notice: LetterNotice, now: datetime) -> str:
    due = _act_by(notice)
    return f"{moment(due)}まで" if due > now else f"{moment(due)}（期限超過）"


def _item(head: str, notice: LetterNotice) -> str:
    return f"{head}\n　 {notice.text}\n　 {notice.url}"


def _salutation(name: str) -> str:
    return f"{name} 様"


def _paragraphs(*parts: str) -> str:
    return "\n\n".join(parts) + "\n"
