"""Assignments and rotations, as the API shows them."""

from pydantic import Field

from handoff.assignment.queries import Rotation
from handoff.assignment.repository import StoredAssignment
from handoff.domain.assignment.choice import Assignment, Basis, Considered, NobodyEligible, why_not
from handoff.domain.assignment.eligibility import Exclusion
from handoff.domain.assignment.ledger import HANDOFF, Account
from handoff.domain.teams.members import Role
from kakehashi_common.http.fields import JapanTime
from kakehashi_common.http.requests import ResponseBody


class ConsideredOut(ResponseBody):
    """One member in the light of one handoff."""

    member_id: str
    exclusions: list[Exclusion] = Field(description="Empty: eligible")
    related: bool = Field(description="Looks after the municipality already, or knows the lead")
    load: int = Field(description="The complexity of open handoffs, before this one")
    capacity: int
    share: int
    deficit: float = Field(description="Handoffs short of the own share, before this one")
    why_not: str | None = Field(
        description="Why somebody else got it, in Japanese; null for who got it"
    )

    @classmethod
    def of(cls, found: Assignment | NobodyEligible, line: Considered) -> "ConsideredOut":
        """Show it."""
        chosen = isinstance(found, Assignment) and found.member_id == line.member_id
        return cls(
            member_id=line.member_id,
            exclusions=list(line.exclusions),
            related=line.related,
            load=line.load,
            capacity=line.capacity,
            share=line.share,
            deficit=_handoffs(line.deficit),
            why_not=None if chosen else why_not(found, line.member_id),
        )


class AssignmentOut(ResponseBody):
    """The member who got a handoff, why, and who else was considered."""

    attempt: int
    at: JapanTime
    team_id: str | None = Field(description="Whose territory it is; null: nobody's")
    role: Role
    member_id: str | None = Field(description="Null: nobody was eligible")
    basis: Basis | None
    released: bool = Field(description="Taken back, since the handoff no longer wanted it")
    considered: list[ConsideredOut] = Field(description="By id")

    @classmethod
    def of(cls, stored: StoredAssignment) -> "AssignmentOut":
        """Show it."""
        found = stored.found
        chosen = found if isinstance(found, Assignment) else None
        return cls(
            attempt=stored.attempt,
            at=stored.at,
            team_id=stored.demand.team_id,
            role=stored.demand.role,
            member_id=chosen and chosen.member_id,
            basis=chosen and chosen.basis,
            released=stored.released,
            considered=[ConsideredOut.of(found, each) for each in found.considered],
        )


class AccountOut(ResponseBody):
    """One member's account in a rotation."""

    member_id: str
    share: int | None = Field(description="Null: no longer in the rotation")
    entitled: float = Field(description="What the share came to while eligible, in handoffs")
    assigned: int = Field(description="Handoffs that the member got")
    deficit: float = Field(description="Handoffs short of the own share; negative: ahead of it")
    last: int = Field(description="Number in the rotation of the last one; 0: none yet")


class RotationOut(ResponseBody):
    """The ledger of a rotation."""

    team_id: str
    role: Role
    handoffs: int = Field(description="How many it has assigned")
    accounts: list[AccountOut] = Field(description="The largest deficit first")

    @classmethod
    def of(cls, rotation: Rotation) -> "RotationOut":
        """Show it."""
        shares = {each.member_id: each.share for each in rotation.members}
        ledger = rotation.ledger
        accounts = {each: ledger.account(each) for each in shares.keys() | ledger.accounts.keys()}
        ordered = sorted(accounts.items(), key=lambda item: (-item[1].deficit, item[0]))
        return cls(
            team_id=rotation.team_id,
            role=rotation.role,
            handoffs=ledger.handoffs,
            accounts=[_account(member, shares.get(member), each) for member, each in ordered],
        )


def _account(member_id: str, share: int | None, account: Account) -> AccountOut:
    return AccountOut(
        member_id=member_id,
        share=share,
        entitled=_handoffs(account.entitled),
        assigned=account.assigned,
        deficit=_handoffs(account.deficit),
        last=account.last,
    )


def _handoffs(millionths: int) -> float:
    return round(millionths / HANDOFF, 2)
