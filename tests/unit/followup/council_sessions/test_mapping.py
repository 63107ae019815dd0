"""Days of council sessions as budget-calendar's events state them."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from followup.council_sessions.mapping import council_days_of
from kakehashi_common.cloudevents.codec import Received
from tests.support.budget_events import calendar_revised, milestone_near, phase_entered

AT = datetime(2027, 2, 26, 0, 0, tzinfo=UTC)
WINTER = ("2026-12-01", "2026-12-17")


@pytest.mark.parametrize(
    ("event", "days"),
    [
        pytest.param(
            milestone_near("supplementary_request_deadline:4", "2026-10-20", at=AT, session=WINTER),
            [(4, "session_opens", date(2026, 12, 1)), (4, "session_vote", date(2026, 12, 17))],
            id="what leads up to a session states the session",
        ),
        pytest.param(
            milestone_near("session_vote:4", "2026-12-17", at=AT),
            [(4, "session_vote", date(2026, 12, 17))],
            id="a vote, as earlier releases published it",
        ),
        pytest.param(
            milestone_near("request_deadline", "2026-10-20", at=AT), [], id="another milestone"
        ),
        pytest.param(
            calendar_revised(
                {"session_opens:3": "2026-09-02", "session_vote:3": None, "budget_vote": None},
                at=AT,
            ),
            [(3, "session_opens", date(2026, 9, 2)), (3, "session_vote", None)],
            id="a revision states what has moved",
        ),
        pytest.param(
            calendar_revised({"extraordinary_session:202601": "2026-05-12"}, at=AT),
            [],
            id="an extraordinary session lasts for a day or two",
        ),
        pytest.param(
            phase_entered("deliberation", at=AT, ends="2027-03-19"),
            [(1, "session_opens", date(2027, 2, 26)), (1, "session_vote", date(2027, 3, 19))],
            id="the deliberation of the budget is the session of spring",
        ),
        pytest.param(phase_entered("head_assessment", at=AT), [], id="another phase"),
    ],
)
def test_an_event_states_the_days_of_sessions(
    event: Received[Any], days: list[tuple[int, str, date | None]]
) -> None:
    found = list(council_days_of(event.event))
    assert [(each.session, each.milestone, each.day) for each in found] == days
    assert {(each.municipality_code, each.fiscal_year, each.said_at) for each in found} <= {
        ("102032", 2026, AT)
    }
