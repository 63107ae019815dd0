"""Items of daily lists."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from followup.domain.daily_lists import Item, ItemKind
from kakehashi_common.clock import TOKYO

NOW = datetime(2026, 11, 30, 9, 0, tzinfo=TOKYO)
"""A Monday."""

NAMES = {"s-1": "佐藤 花子", "s-2": "鈴木 一郎"}


def at(text: str) -> datetime:
    """Return an instant in Japan from ``2026-11-30 10:00``."""
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO)


def task(due: str, **differences: Any) -> Item:
    """Return a call of the seller s-1."""
    due_at = at(due)
    item = Item(
        ItemKind.TASK,
        f"sq-1.call.{due_at:%Y%m%d%H%M}",
        "資料の到着を確認し、今の状況を伺う",
        "crm-1",
        "102032",
        due_at - timedelta(days=2),
        due_at,
        step_kind="call_task",
        holder="s-1",
    )
    return replace(item, **differences)


def approval(due: str, **differences: Any) -> Item:
    """Return an approval of the seller s-1."""
    said: dict[str, Any] = {
        "kind": ItemKind.APPROVAL,
        "item_id": f"sq-2.thanks.{at(due):%Y%m%d%H%M}",
        "title": "住民ポータルの資料をお送りします（株式会社かけはし）",
        "step_kind": "",
        **differences,
    }
    return task(due, **said)
