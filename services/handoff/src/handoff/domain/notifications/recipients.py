"""Recipients of notices: the member whom a notice means, or whoever answers for that member."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from handoff.domain.handoff.effects import Recipient
from handoff.domain.teams.members import Member, Role, Team
from handoff.domain.teams.territories import Place, Territory, territory_of


@dataclass(frozen=True, slots=True)
class Addressee:
    """The addressee of a notice before a member is found, as in :class:`Notify`."""

    recipient: Recipient
    member_id: str | None
    of_role: Role | None
    place: Place

    @property
    def in_person(self) -> bool:
        """Whether the member is meant, and not somebody above."""
        return self.recipient in {Recipient.MEMBER, Recipient.SENDER}


@dataclass(frozen=True, slots=True)
class Organisation:
    """The teams, members and territories by which a recipient is found."""

    teams: Mapping[str, Team]
    members: Mapping[str, Member]
    territories: Iterable[Territory]

    def find(self, addressee: Addressee) -> str | None:
        """Return the member to notify; ``None``: there is nobody.

        Who has left is represented by the lead; a team without a lead by its manager, and the
        other way round.
        """
        member = self.members.get(addressee.member_id or "")
        if member is not None and member.active and addressee.in_person:
            return member.member_id
        team = self._team_in_charge(addressee) if member is None else self.teams[member.team_id]
        if team is None:
            return None
        levels = [team.lead, team.manager]
        if addressee.recipient is Recipient.MANAGER:
            levels.reverse()
        return next((each for each in levels if each is not None and self._works(each)), None)

    def _team_in_charge(self, addressee: Addressee) -> Team | None:
        """Return the team with that role whose territory it is, or the only one with that role.

        If neither exists, the team whose territory it is answers for the other as well.
        """
        with_role = {
            each.team_id
            for each in self.members.values()
            if each.active and addressee.of_role in each.roles
        }
        theirs = [each for each in self.territories if each.team_id in with_role]
        if found := territory_of(addressee.place, theirs):
            return self.teams[found.team_id]
        if len(with_role) == 1:
            return self.teams[with_role.pop()]
        found = territory_of(addressee.place, self.territories)
        return None if found is None else self.teams[found.team_id]

    def _works(self, member_id: str) -> bool:
        member = self.members.get(member_id)
        return member is not None and member.active
