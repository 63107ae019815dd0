"""Daily lists in Japanese: what page, mail and calendar say alike."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from followup.domain.daily_lists import Item, ItemKind
from followup.domain.sequences.words import STEP_KINDS
from kakehashi_common.contracts.municipalities import municipality_name
from kakehashi_common.domain.business_time import JAPAN


def kind_of(item: Item) -> str:
    """Return what is to be done, in a word."""
    if item.kind is ItemKind.QUESTION:
        return "質問"
    if item.kind is ItemKind.TASK:
        return STEP_KINDS.get(item.step_kind, "タスク")
    return "メール承認" if item.kind is ItemKind.APPROVAL else "返信"


def when(item: Item) -> str:
    """Return until when it is to be done, or when an answer came."""
    said = short_moment(item.due_at)
    return said if item.kind is ItemKind.ANSWER else f"{said}まで"


def place_of(item: Item) -> str:
    """Return for whom it is."""
    return municipality_name(item.municipality_code)


def short_moment(at: datetime) -> str:
    """Return such as ``11/30（月）17:15``."""
    local = at.astimezone(JAPAN)
    return f"{local.month}/{local.day}（{'月火水木金土日'[local.weekday()]}）{local:%H:%M}"


def notes_on(item: Item, names: Mapping[str, str]) -> Iterable[str]:
    """Yield what somebody should know of it before they begin.

    Args:
        item: an approval or a task.
        names: of sellers, by id.
    """
    if item.moved_from is not None:
        yield f"{names.get(item.moved_from, item.moved_from)}さん不在のため"
    if item.kind is ItemKind.APPROVAL and item.holder is None:
        yield "承認できる方ならどなたでも"
    if item.to_write:
        yield f"要記入：{'、'.join(item.to_write)}"
    if item.best_hours:
        yield item.best_hours
    if item.returns_at is not None:
        yield f"{short_moment(item.returns_at)}まで保留"
