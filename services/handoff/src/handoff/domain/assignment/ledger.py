"""Fairness of a rotation: each member's entitlement, and the handoffs assigned."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from itertools import accumulate, pairwise
from typing import Final

HANDOFF: Final = 1_000_000
"""One handoff, in the millionths in which a ledger counts: whole numbers sum exactly."""


@dataclass(frozen=True, slots=True)
class Account:
    """One member's account in a rotation."""

    entitled: int = 0
    """The sum of this member's shares of handoffs, while eligible; in millionths."""
    assigned: int = 0
    """Handoffs that this member got."""
    last: int = 0
    """The rotation's number of the last handoff that this member got; 0: none."""

    @property
    def deficit(self) -> int:
        """The entitlement not yet received, in millionths; negative: the member is ahead of it."""
        return self.entitled - self.assigned * HANDOFF


_NEW: Final = Account()


@dataclass(frozen=True, slots=True)
class Ledger:
    """The accounts of one rotation: the members of a team who receive one kind of handoff.

    A handoff is shared among the members who were eligible for it, by their shares; the whole of
    it is then charged to the one who got it. So the deficits sum to zero, whoever is absent is
    neither owed nor charged, and a new member starts even.
    """

    handoffs: int = 0
    """Handoffs that the rotation has assigned."""
    accounts: Mapping[str, Account] = field(default_factory=dict)

    def account(self, member_id: str) -> Account:
        """Return a member's account; a new one where there is none."""
        return self.accounts.get(member_id, _NEW)

    def next(self, shares: Mapping[str, int]) -> str:
        """Return whose turn it is: of those owed enough, who is due a whole handoff first.

        While the same members are eligible every deficit stays below one handoff, which choosing
        the largest deficit doesn't achieve (R. Tijdeman, "The chairman assignment problem", 1980).
        While several members are absent whom the rotation owes something, those who are there may
        get a little ahead of that.

        Args:
            shares: the share of each eligible member.

        Raises:
            ValueError: nobody is eligible, or a share is not positive.
        """
        due = {
            member: self.account(member).deficit + entitlement
            for member, entitlement in _entitlements(shares).items()
        }
        least = HANDOFF // max(2 * len(due) - 2, 1)
        short = [member for member in due if due[member] >= least] or [
            max(due, key=due.__getitem__)
        ]
        return min(
            short,
            key=lambda member: (
                (HANDOFF - due[member]) / shares[member],
                self.account(member).last,
                member,
            ),
        )

    def charged(self, member_id: str, shares: Mapping[str, int]) -> "Ledger":
        """Return the ledger after ``member_id`` has got a handoff.

        Args:
            member_id: who got it, in turn or for another reason, such as an existing relation.
            shares: the share of each member who was eligible for it.
        """
        entitlements = _entitlements(shares)
        number = self.handoffs + 1
        accounts = dict(self.accounts)
        for member, entitlement in entitlements.items():
            before = self.account(member)
            accounts[member] = Account(before.entitled + entitlement, before.assigned, before.last)
        before = accounts.get(member_id, _NEW)
        accounts[member_id] = replace(before, assigned=before.assigned + 1, last=number)
        return Ledger(number, accounts)

    def refunded(self, member_id: str, shares: Mapping[str, int]) -> "Ledger":
        """Return the ledger as if ``member_id`` had not been charged with a handoff.

        A member who has left the rotation since then has no account any more. ``last`` stays as it
        is, since it only decides between equals.

        Args:
            member_id: who was charged with it.
            shares: those that it was charged by.
        """
        accounts = dict(self.accounts)
        for member, entitlement in _entitlements(shares).items():
            if account := accounts.get(member):
                assigned = account.assigned - (member == member_id)
                entitled = account.entitled - entitlement
                accounts[member] = replace(account, entitled=entitled, assigned=assigned)
        return Ledger(self.handoffs - 1, accounts)

    def without(self, members: Collection[str]) -> "Ledger":
        """Return the ledger of a rotation that these members have left."""
        kept = {each: account for each, account in self.accounts.items() if each not in members}
        return replace(self, accounts=kept)


def _entitlements(shares: Mapping[str, int]) -> dict[str, int]:
    """Split one handoff by shares, so that the parts sum to it exactly."""
    if not shares:
        raise ValueError("nobody is eligible")
    if min(shares.values()) <= 0:
        raise ValueError("a share is a positive number")
    members = sorted(shares)
    upto = list(accumulate((shares[member] for member in members), initial=0))
    bounds = pairwise(HANDOFF * part // upto[-1] for part in upto)
    return {member: after - before for member, (before, after) in zip(members, bounds, strict=True)}
