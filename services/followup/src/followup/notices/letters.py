"""Write the mails to sellers, in Japanese."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from followup.daily_lists.wording import kind_of, notes_on, place_of, when
from followup.domain.daily_lists import DailyList, Item, ItemKind
from kakehashi_common.domain.japanese_writing import day, moment

_CLOSING: Final = "このメールは自動で送信しています。返信いただいても確認できません。"
_IDS: Final[Mapping[ItemKind, str]] = {
    ItemKind.APPROVAL: "承認番号",
    ItemKind.TASK: "タスク番号",
    ItemKind.ANSWER: "返信番号",
}


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail's subject and its text."""

    subject: str
    text: str


def of_daily_list(found: DailyList, names: Mapping[str, str]) -> Letter:
    """Write the list of the day for a seller.

    Args:
        found: their list.
        names: of sellers, by id.
    """
    tasks = len(found.overdue) + len(found.today)
    counts = [f"返信{len(found.answers)}件"] if found.answers else []
    counts += [f"承認{len(found.approvals)}件"] if found.approvals else []
    counts += [f"タスク{tasks}件"] if tasks else []
    late = f"（期限超過{len(found.overdue)}件）" if found.overdue else ""
    parts = [
        f"{found.seller_name} 様",
        f"本日の予定をお知らせします（{moment(found.at)}現在）。",
        *_section("届いた返信", found.answers, names),
        *_section("期限を過ぎているもの", found.overdue, names),
        *_section("承認をお待ちしているもの", found.approvals, names),
        *_section("本日が期限のもの", found.today, names),
    ]
    if found.later:
        parts.append(f"明日以降のものが{len(found.later)}件あります。")
    subject = f"【フォローアップ】{day(found.day)}の予定：{'・'.join(counts)}{late}"
    return Letter(subject, _paragraphs(*parts, _CLOSING))


def of_reminder(item: Item, name: str, names: Mapping[str, str]) -> Letter:
    """Remind somebody of an item that has not been taken.

    Args:
        item: an approval or a task.
        name: whom the mail addresses.
        names: of sellers, by id.
    """
    if item.kind is ItemKind.APPROVAL:
        said = "承認の期限が近づいています。期限を過ぎると、このメールは送られません。"
    else:
        said = "タスクの期限が近づいています。"
    return Letter(
        f"【フォローアップ】期限が近づいています：{kind_of(item)}（{place_of(item)}）",
        _paragraphs(f"{name} 様", said, _item(item, names), _CLOSING),
    )


def of_answer(item: Item, name: str, more: int = 0) -> Letter:
    """Notify somebody of an answer to a mail of theirs, without quoting it.

    Args:
        item: the answer.
        name: whom the mail addresses.
        more: so many earlier answers of the sequence that nobody was notified of.
    """
    others = [f"このほかに、同じシーケンスへの返信が{more}件あります。"] if more else []
    return Letter(
        f"【フォローアップ】{item.title}（{place_of(item)}）",
        _paragraphs(
            f"{name} 様",
            "お送りしたメールに、次の返信が届きました。内容をご確認ください。",
            _item(item, {}),
            *others,
            "本文は GET /v1/incoming-mails/{返信番号} で読めます（個人情報を見る権限が要ります）。",
            _CLOSING,
        ),
    )


def _section(heading: str, items: tuple[Item, ...], names: Mapping[str, str]) -> Iterable[str]:
    if items:
        yield f"■ {heading}（{len(items)}件）"
        yield from (_item(each, names) for each in items)


def _item(item: Item, names: Mapping[str, str]) -> str:
    lines = [
        f"・{when(item)}　{kind_of(item)}　{place_of(item)}",
        item.title or "（件名なし）",
        *notes_on(item, names),
        f"{_IDS[item.kind]}：{item.item_id}",
    ]
    return "\n　 ".join(lines)


def _paragraphs(*parts: str) -> str:
    return "\n\n".join(parts) + "\n"
