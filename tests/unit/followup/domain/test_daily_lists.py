"""The items of a seller's list, and the times of reminders."""

import pytest

from followup.domain.daily_lists import Item, daily_list, is_time_to_remind
from tests.support.daily_lists import NOW, approval, at, task
from tests.support.sequences import OFFICE

SNOOZED = at("2026-12-01 09:00")


def test_a_list_tells_what_is_overdue_due_today_and_for_later() -> None:
    late, noon, evening, tomorrow = (
        task(due)
        for due in ("2026-11-27 17:15", "2026-11-30 12:00", "2026-11-30 17:15", "2026-12-01 12:00")
    )
    put_off = task("2026-11-27 17:00", item_id="put-off", returns_at=SNOOZED)
    back = task("2026-11-27 16:00", item_id="back", returns_at=at("2026-11-30 08:30"))
    mail = approval("2026-12-04 17:15")
    found = daily_list("s-1", "佐藤", [tomorrow, evening, mail, put_off, noon, late, back], NOW)
    assert found.overdue == (back, late)
    assert found.approvals == (mail,)
    assert found.today == (noon, evening)
    assert found.later == (put_off, tomorrow)
    assert found.to_do == (back, late, mail, noon, evening)


@pytest.mark.parametrize(
    ("item", "now", "reminded"),
    [
        # Given on Monday morning until Friday evening: on Friday, as the offices open.
        (task("2026-12-04 17:00", opened_at=at("2026-11-30 09:00")), "2026-12-03 16:30", False),
        (task("2026-12-04 17:00", opened_at=at("2026-11-30 09:00")), "2026-12-04 08:30", True),
        # Outside working hours nobody is reminded.
        (task("2026-12-04 17:00", opened_at=at("2026-11-30 09:00")), "2026-12-04 07:00", False),
        (task("2026-12-04 17:00", opened_at=at("2026-11-30 09:00")), "2026-12-04 12:30", False),
        # What is due on the day on which it is given: once half of the time is left.
        (task("2026-11-30 17:00", opened_at=at("2026-11-30 09:00")), "2026-11-30 10:00", False),
        (task("2026-11-30 17:00", opened_at=at("2026-11-30 09:00")), "2026-11-30 14:00", True),
        # What is due, or was put off, has been dealt with otherwise.
        (task("2026-11-30 10:00", opened_at=at("2026-11-27 09:00")), "2026-11-30 10:00", False),
        (task("2026-11-30 17:00", returns_at=SNOOZED), "2026-11-30 16:00", False),
    ],
)
def test_somebody_is_reminded_in_working_hours_before_it_is_due(
    item: Item, now: str, *, reminded: bool
) -> None:
    assert is_time_to_remind(item, at(now), OFFICE.hours) is reminded
