"""Reasons that others report: which are acted on, how long they are good, what they stop."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from followup.domain.send_policy.pauses import Pause, PauseCause
from followup.domain.triggers.reasons import (
    FURTHEST_AHEAD,
    Reason,
    ReasonLimit,
    SetAside,
    Standing,
    anniversary,
    pause_for,
    set_aside,
    usual_window,
    why_set_aside,
)
from followup.playbooks.reading import published_playbook, shipped
from kakehashi_common.domain.business_time import JAPAN
from kakehashi_common.domain.reasons import ReasonKind
from kakehashi_common.domain.texts import Text

TODAY = date(2026, 12, 1)
FURTHEST = TODAY + FURTHEST_AHEAD
TOO_FAR = FURTHEST + timedelta(days=1)
STALE = date(2026, 11, 30)
REASON = Reason(
    ReasonKind.GRANT_CALL_OPENED,
    Text("公募が始まりました。", "A call has opened."),
    TODAY,
    date(2026, 12, 31),
    municipality_code="102032",
)
IMPORTANT = replace(REASON, importance=3)
OF_LEAD = replace(REASON, municipality_code=None, lead_id="crm-1")


@pytest.mark.parametrize(
    ("reason", "lead", "before", "cause"),
    [
        (REASON, None, 0, None),
        (replace(REASON, good_until=TODAY), None, 0, None),
        (replace(REASON, good_until=STALE), None, 0, SetAside.STALE),
        (replace(REASON, good_from=FURTHEST, good_until=FURTHEST), None, 0, None),
        (replace(REASON, good_from=TOO_FAR, good_until=TOO_FAR), None, 0, SetAside.TOO_FAR_AHEAD),
        (REASON, None, 39, None),
        (REASON, None, 40, SetAside.TOO_MANY),
        (IMPORTANT, None, 40, None),
        (IMPORTANT, None, 49, None),
        (IMPORTANT, None, 50, SetAside.TOO_MANY),
        (replace(REASON, kind=ReasonKind.DISASTER), None, 50, None),
        (OF_LEAD, Standing.KNOWN, 0, None),
        (OF_LEAD, Standing.UNKNOWN, 0, None),
        (OF_LEAD, Standing.ERASED, 0, SetAside.ERASED_LEAD),
        (replace(REASON, lead_id="crm-1"), Standing.UNKNOWN, 0, None),
        (replace(REASON, lead_id="crm-1"), Standing.ELSEWHERE, 0, SetAside.OTHER_MUNICIPALITY),
        (replace(REASON, lead_id="crm-1"), Standing.ERASED, 0, SetAside.ERASED_LEAD),
    ],
)
def test_a_reason_is_acted_on_or_set_aside(
    reason: Reason, lead: Standing | None, before: int, cause: SetAside | None
) -> None:
    limit = ReasonLimit(a_day=50, for_most_important=10)

    assert set_aside(reason, today=TODAY, lead=lead, before_today=before, limit=limit) is cause


@pytest.mark.parametrize(
    ("cause", "why"),
    [
        (
            SetAside.STALE,
            "2026年11月30日（月）までの理由で、受け取った時点で期限を過ぎていました。",
        ),
        (
            SetAside.TOO_MANY,
            "1つの自治体について1日に扱う理由は50件までで、最後の10件は重要度3の理由に限ります。この上限を超えました。",
        ),
    ],
)
def test_a_reason_that_is_set_aside_says_why(cause: SetAside, why: str) -> None:
    assert why_set_aside(cause, replace(REASON, good_until=STALE), ReasonLimit(50, 10)).ja == why


def test_a_disaster_pauses_selling_to_the_place() -> None:
    reason = replace(REASON, kind=ReasonKind.DISASTER, good_until=date(2027, 2, 28))

    assert pause_for(reason) == Pause(
        PauseCause.DISASTER,
        datetime(2026, 12, 1, tzinfo=JAPAN),
        datetime(2027, 3, 1, tzinfo=JAPAN),
        "102032",
    )
    assert pause_for(REASON) is None


@pytest.mark.parametrize(
    ("kind", "required"),
    [
        ("competitor_move", True),
        ("council_question", True),
        ("disaster", True),
        ("before_request_deadline", False),
        ("something_else", False),
    ],
)
def test_some_reasons_need_a_persons_approval(kind: str, *, required: bool) -> None:
    assert replace(REASON, kind=kind).approval_required is required


@pytest.mark.parametrize(
    ("kind", "about", "first", "last"),
    [
        ("contract_expiry", date(2028, 3, 31), date(2026, 9, 30), date(2027, 4, 1)),
        ("personnel_notice", date(2027, 4, 1), date(2027, 3, 11), date(2027, 3, 31)),
        ("personnel_arrival", date(2027, 4, 1), date(2027, 4, 1), date(2027, 4, 15)),
        ("grant_call_closing", date(2027, 1, 31), date(2027, 1, 1), date(2027, 1, 31)),
        ("something_else", TODAY, TODAY, date(2026, 12, 15)),
    ],
)
def test_each_kind_is_good_for_some_days(kind: str, about: date, first: date, last: date) -> None:
    assert usual_window(kind, about) == (first, last)


@pytest.mark.parametrize(
    ("first_met", "today", "expected"),
    [
        (date(2024, 6, 10), TODAY, date(2027, 6, 10)),
        (date(2024, 12, 1), TODAY, TODAY),
        (date(2026, 12, 1), TODAY, date(2027, 12, 1)),
        (date(2024, 2, 29), TODAY, date(2027, 2, 28)),
        (date(2024, 2, 29), date(2028, 2, 1), date(2028, 2, 29)),
        (date(2026, 12, 24), TODAY, date(2027, 12, 24)),
    ],
)
def test_the_first_meeting_has_an_anniversary_each_year(
    first_met: date, today: date, expected: date
) -> None:
    assert anniversary(first_met, today) == expected


@pytest.mark.parametrize("name", shipped())
def test_shipped_playbooks_name_reasons_that_are_known(name: str) -> None:
    playbook = published_playbook(shipped()[name], version=1)

    assert playbook.entry.reasons <= set(ReasonKind)
