from datetime import date

import pytest

from followup.domain.decision_roles import decision_roles
from followup.domain.playbooks.audience import Role
from followup.domain.task_records import Attendance, StudySession

OFFICER, MANAGER, FINANCE, HEAD, COUNCIL = Role


def session(day: int, **people: int) -> StudySession:
    attendees = tuple(Attendance(Role(role), count) for role, count in people.items())
    return StudySession(date(2026, 12, day), f"第{day}回", attendees, "")


@pytest.mark.parametrize(
    ("sessions", "n", "reached", "share"),
    [
        ([], 0, (), None),
        ([session(1)], 0, (), None),
        ([session(1, officer=5)], 1, (OFFICER,), 0.2),
        ([session(1, officer=5), session(2)], 1, (OFFICER,), 0.2),
        ([session(1, officer=5), session(2, officer=3)], 2, (OFFICER,), 0.2),
        ([session(2, finance=1), session(1, manager=2)], 2, (MANAGER, FINANCE), 0.4),
        ([session(1, officer=1, manager=1, finance=1, head=1, council=1)], 1, tuple(Role), 1.0),
    ],
)
def test_the_share_counts_roles_that_are_known_to_have_taken_part(
    sessions: list[StudySession], n: int, reached: tuple[Role, ...], share: float | None
) -> None:
    found = decision_roles(sessions, ())
    assert (found.n, found.reached, found.share) == (n, reached, share)
    assert {*found.reached, *found.missing} == set(Role)
    assert found.without_attendees == len(sessions) - n


def test_the_series_says_whom_each_session_reached_first() -> None:
    later, sooner = session(9, officer=3, finance=1), session(2, officer=5, manager=2)
    series = decision_roles([later, session(5), sooner], ()).series
    assert [(each.held_on.day, each.roles, each.first_time) for each in series] == [
        (2, (OFFICER, MANAGER), (OFFICER, MANAGER)),
        (5, (), ()),
        (9, (OFFICER, FINANCE), (FINANCE,)),
    ]


def test_people_are_not_added_up_since_the_same_may_have_come_again() -> None:
    sessions = [session(1, officer=5), session(2, officer=3)]
    [officers] = [each for each in decision_roles(sessions, ()).roles if each.role is OFFICER]
    assert (officers.sessions, officers.most_people) == (2, 5)


def test_known_contacts_say_who_could_be_invited_and_of_whom_no_role_is_known() -> None:
    found = decision_roles([session(1, officer=5)], [FINANCE, FINANCE, None, OFFICER])
    assert {each.role: each.known_contacts for each in found.roles} == {
        OFFICER: 1,
        MANAGER: 0,
        FINANCE: 2,
        HEAD: 0,
        COUNCIL: 0,
    }
    assert found.contacts_of_unknown_role == 1
    assert found.text.ja == (
        "参加者の記録がある勉強会1回で、決定に関わる5の役割のうち1（実務担当）の方が参加しました。"
        "参加の記録がない役割：管理職、財政担当、首長・副首長、議会。"
        "役割の分からない連絡先が1名います。"
    )


def test_without_a_record_of_who_took_part_nothing_is_said() -> None:
    text = decision_roles([session(1)], [OFFICER]).text
    assert text.en == (
        "No study session says who took part, so it is not known which roles were reached."
    )
