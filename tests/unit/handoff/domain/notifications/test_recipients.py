"""Recipients of notices: inside sales is one team for all, field sales are two."""

from dataclasses import replace

import pytest

from handoff.domain.handoff.effects import Recipient
from handoff.domain.notifications.recipients import Addressee, Organisation
from handoff.domain.teams.members import Member, Role, Team
from handoff.domain.teams.territories import Place, Territory

IS, FS = Role.INSIDE_SALES, Role.FIELD_SALES
GUNMA, OSAKA = Place(prefecture="10"), Place(prefecture="27")


def member(member_id: str, team_id: str, role: Role, *, active: bool = True) -> Member:
    return Member(member_id, team_id, frozenset({role}), 10, active=active)


MEMBERS = {
    each.member_id: each
    for each in (
        *(member(who, "inside", IS) for who in ("is-1", "is-lead", "is-manager")),
        *(member(who, "kanto", FS) for who in ("fs-1", "fs-lead", "fs-manager")),
        member("gone", "kanto", FS, active=False),
        member("fs-2", "kansai", FS),
    )
}
TEAMS = {
    "inside": Team("inside", "内勤", {}, "is-lead", "is-manager"),
    "kanto": Team("kanto", "関東", {}, "fs-lead", "fs-manager"),
    "kansai": Team("kansai", "関西", {}, None, None),
}
TERRITORIES = (
    Territory("gunma", "kanto", prefectures=frozenset({"10"})),
    Territory("osaka", "kansai", prefectures=frozenset({"27"})),
)
COMPANY = Organisation(TEAMS, MEMBERS, TERRITORIES)


def with_lead(lead: str | None, manager: str | None) -> Organisation:
    kanto = replace(TEAMS["kanto"], lead=lead, manager=manager)
    return replace(COMPANY, teams=TEAMS | {"kanto": kanto})


@pytest.mark.parametrize(
    ("recipient", "member_id", "of_role", "place", "found"),
    [
        # A person.
        (Recipient.MEMBER, "fs-1", None, GUNMA, "fs-1"),
        (Recipient.SENDER, "is-1", IS, GUNMA, "is-1"),
        # Who has left is represented by the lead.
        (Recipient.MEMBER, "gone", None, OSAKA, "fs-lead"),
        # Without a member: the lead of the team that sends.
        (Recipient.SENDER, None, IS, GUNMA, "is-lead"),
        # Of the member's team, wherever the municipality lies.
        (Recipient.LEAD, "fs-1", FS, OSAKA, "fs-lead"),
        (Recipient.MANAGER, "is-1", IS, GUNMA, "is-manager"),
        # Of the team whose territory it is.
        (Recipient.LEAD, None, FS, GUNMA, "fs-lead"),
        (Recipient.MANAGER, None, FS, GUNMA, "fs-manager"),
        (Recipient.LEAD, "nobody-knows", FS, GUNMA, "fs-lead"),
        # A team without lead and manager, and a place of no team.
        (Recipient.LEAD, None, FS, OSAKA, None),
        (Recipient.LEAD, None, FS, Place(prefecture="01"), None),
        (Recipient.LEAD, None, FS, Place(), None),
        # No team has that role: the one whose territory it is answers for it.
        (Recipient.LEAD, None, Role.CUSTOMER_SUCCESS, GUNMA, "fs-lead"),
    ],
)
def test_a_notice_reaches(
    recipient: Recipient,
    member_id: str | None,
    of_role: Role | None,
    place: Place,
    found: str | None,
) -> None:
    assert COMPANY.find(Addressee(recipient, member_id, of_role, place)) == found


@pytest.mark.parametrize(
    ("lead", "manager", "recipient", "found"),
    [
        (None, "fs-manager", Recipient.LEAD, "fs-manager"),
        ("fs-lead", None, Recipient.MANAGER, "fs-lead"),
        ("gone", "fs-manager", Recipient.LEAD, "fs-manager"),
        ("gone", "gone", Recipient.LEAD, None),
        (None, None, Recipient.MANAGER, None),
    ],
)
def test_lead_and_manager_stand_in_for_each_other(
    lead: str | None, manager: str | None, recipient: Recipient, found: str | None
) -> None:
    asked = Addressee(recipient, "fs-1", FS, GUNMA)
    assert with_lead(lead, manager).find(asked) == found
