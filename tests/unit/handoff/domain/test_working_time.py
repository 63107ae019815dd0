"""When members work: in their own hours or the team's, less what they are absent."""

from dataclasses import replace
from datetime import timedelta

from handoff.domain.teams.members import Member, Role, Team
from handoff.domain.teams.working_time import working_times
from kakehashi_common.domain.business_time import Absence, Hours
from tests.support.handoffs import DAY, HOUR, OFFICE, at, is_business_day

MONDAY = at("2026-11-30 09:00")
TEAM = Team("east", "", OFFICE)
ONE = Member("s-1", "east", frozenset({Role.FIELD_SALES}), 20)
MORNINGS = {0: (Hours(at("2026-11-30 09:00").time(), at("2026-11-30 12:00").time()),)}


def test_each_member_works_in_the_own_hours_less_absences_to_come() -> None:
    past = Absence(MONDAY - 7 * DAY, MONDAY - 2 * DAY)
    ahead = Absence(MONDAY, MONDAY + 6 * HOUR)
    members = [
        ONE,
        replace(ONE, member_id="s-2", absences=(past,)),
        replace(ONE, member_id="s-3", absences=(past, ahead)),
        replace(ONE, member_id="s-4", hours=MORNINGS),
    ]
    found = working_times(members, [TEAM], is_business_day, since=MONDAY)
    worked = {each: works.between(MONDAY, MONDAY + DAY) for each, works in found.items()}
    assert worked == {
        "s-1": 8 * HOUR,
        "s-2": 8 * HOUR,
        "s-3": timedelta(hours=3),
        "s-4": 3 * HOUR,
    }
    assert found["s-1"] is found["s-2"]  # computed once for all who work alike
