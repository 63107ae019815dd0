"""A daily list as a calendar feed: each approval and task by the time that it is due."""

from collections.abc import Mapping
from datetime import UTC, timedelta
from typing import Final

import icalendar

from followup.daily_lists.wording import kind_of, notes_on, place_of
from followup.domain.daily_lists import DailyList, Item
from kakehashi_common.calendar_feeds import new_feed
from kakehashi_common.contracts.texts import visible

_REFRESH: Final = timedelta(hours=1)
_LENGTH: Final = timedelta(minutes=30)
"""Of the entry, which ends when the item is due: long enough to be read on a screen."""


def calendar_feed(found: DailyList, names: Mapping[str, str]) -> bytes:
    """Return the feed as UTF-8, the same for the same list.

    Args:
        found: the list.
        names: of sellers, by id.
    """
    feed = new_feed(
        "-//kakehashi//followup//JA",
        visible(f"フォローアップ　{found.seller_name}"),
        "承認とタスクの期限です。",
        _REFRESH,
    )
    for item in (*found.to_do, *found.later):
        feed.add_component(_event(item, names))
    written: bytes = feed.to_ical()
    return written


def _event(item: Item, names: Mapping[str, str]) -> icalendar.Event:
    event = icalendar.Event()
    event.add("uid", f"{item.item_id}@followup.kakehashi")
    event.add("dtstamp", item.opened_at)
    due_at = item.due_at.astimezone(UTC)  # a zone's name would need its rules beside it
    event.add("dtstart", due_at - _LENGTH)
    event.add("dtend", due_at)
    event.add("summary", visible(f"【{kind_of(item)}】{item.title}（{place_of(item)}）"))
    if notes := "\n".join(notes_on(item, names)):
        event.add("description", visible(notes))
    event.add("transp", "TRANSPARENT")
    return event
