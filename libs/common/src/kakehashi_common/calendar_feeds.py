"""iCalendar feeds (RFC 5545, RFC 7986), as calendar programs subscribe to them."""

from datetime import timedelta
from typing import Final

import icalendar

MEDIA_TYPE: Final = "text/calendar"
"""Source: RFC 5545, section 8.1."""

_ZONE: Final = "Asia/Tokyo"


def new_feed(product: str, name: str, about: str, refresh: timedelta) -> icalendar.Calendar:
    """Return a feed without events.

    Args:
        product: what writes it, such as ``-//kakehashi//budget-calendar//EN``.
        name: what the calendar program calls the feed.
        about: its description.
        refresh: how often subscribers should read it again.
    """
    feed = icalendar.Calendar()
    feed.add("prodid", product)
    feed.add("version", "2.0")
    feed.add("calscale", "GREGORIAN")
    # There is no METHOD: it would make DTSTAMP the time of the download (RFC 5545, 3.8.7.2).
    for key in ("name", "x-wr-calname"):
        feed.add(key, name)
    for key in ("description", "x-wr-caldesc"):
        feed.add(key, about)
    feed.add("x-wr-timezone", _ZONE)
    feed.add("refresh-interval", refresh, parameters={"value": "DURATION"})
    feed.add("x-published-ttl", icalendar.vDuration(refresh))
    return feed
