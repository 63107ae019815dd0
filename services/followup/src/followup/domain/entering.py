"""Whether a contact enters a playbook for a reason or a behaviour, and if not, why."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from followup.domain.consents.suppression import Suppression
from followup.domain.playbooks.audience import Contact, Role
from followup.domain.playbooks.playbook import Playbook
from followup.domain.send_policy.texts import of_suppression
from kakehashi_common.domain.reasons import Audience
from kakehashi_common.domain.texts import Text

_DEPARTMENT: Final = frozenset({Role.OFFICER, Role.MANAGER})
"""担当課: the department whose business it is."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A contact whom a reason or behaviour concerns."""

    contact: Contact
    has_address: bool
    has_owner: bool
    """Whether there is a seller in whose name messages would go."""
    last_begun: datetime | None = None
    """When the contact last entered this playbook, or anybody for whom they would stand."""
    meant: bool | None = None
    """Whether the reason is about this contact; ``None``: it is about no one in particular."""
    asked: bool = False
    """Whether it is their own enquiry that would have them enter."""
    under_way: tuple[Playbook, ...] = field(default=())
    """The playbooks that the contact is in."""
    paused: bool = False
    """Whether selling to the place is paused after a disaster, and the reason is another one."""
    stood_for: bool = False
    """Whether another contact of the municipality is in the playbook, which one of them enters."""
    suppression: Suppression | None = None
    """The suppression that forbids sending anything to the contact."""


def precedence(role: Role | None, contact_id: str) -> tuple[int, str]:
    """Return what contacts whom the same reason concerns are sorted by: nearest to the work first.

    Where one contact stands for all of a municipality, it is the first who may enter.
    """
    roles = list(Role)
    return len(roles) if role is None else roles.index(role), contact_id


def reasons_against(
    playbook: Playbook, candidate: Candidate, audience: frozenset[Audience], now: datetime
) -> tuple[Text, ...]:
    """Return why the contact does not enter; nothing if they do.

    Args:
        playbook: the version in force.
        candidate: the contact.
        audience: of the reason; empty: it is for anybody.
        now: the present instant.
    """
    return tuple(_against(playbook, candidate, audience, now))


def _is_for(contact: Contact, audience: frozenset[Audience]) -> bool:
    """Whether a reason is for a contact; a paper for the council goes through the department."""
    if contact.role is not None and contact.role.value in audience:
        return True
    serves = contact.serves_council or contact.role in _DEPARTMENT
    return serves and Audience.COUNCIL in audience


def _against(
    playbook: Playbook, candidate: Candidate, audience: frozenset[Audience], now: datetime
) -> Iterator[Text]:
    yield from _not_meant(playbook, candidate, audience)
    if playbook.writes and not candidate.has_address:
        yield Text(ja="メールアドレスが分かりません", en="no address is known")
    if not candidate.has_owner:
        yield Text(
            ja="担当者が決まっていません", en="there is no seller in whose name messages would go"
        )
    if playbook.writes and candidate.paused:
        yield Text(
            ja="災害のため、この自治体への営業を控えています",
            en="selling to the municipality is paused after a disaster",
        )
    under_way = {each.id: each for each in candidate.under_way}
    if playbook.id in under_way:
        yield Text(ja="同じプレイブックが実行中です", en="the contact is in this playbook already")
    elif candidate.stood_for:
        yield Text(
            ja="同じ自治体の別の方について実行中です",
            en="another contact of the municipality is in this playbook",
        )
    elif candidate.last_begun is not None and not playbook.entry.lets_in_again(
        candidate.last_begun, now
    ):
        yield Text(ja="再開までの期間が過ぎていません", en="it is too early to enter again")
    before = [
        each
        for each in under_way.values()
        if each.priority >= playbook.priority and each.writes and playbook.writes
    ]
    if playbook.id not in under_way and before:
        first = max(before, key=lambda each: each.priority)
        yield Text(
            ja=f"優先度が同じか高い「{first.name}」が実行中です",
            en=f"the contact is in {first.id!r}, which has the same or a higher priority",
        )


def _not_meant(
    playbook: Playbook, candidate: Candidate, audience: frozenset[Audience]
) -> Iterator[Text]:
    """Yield why the playbook or the reason is not for the contact."""
    if candidate.suppression is not None:
        text = of_suppression(candidate.suppression)
        yield Text(text.ja.removesuffix("。"), text.en.removesuffix("."))
    yield from playbook.audience.reasons_against(candidate.contact)
    if candidate.contact.role is Role.COUNCIL and not candidate.asked:
        yield Text(
            ja="議員には、ご本人からお問い合わせをいただいた場合を除いて連絡しません",
            en="a member of the council is contacted only if they asked (council_member)",
        )
    elif audience and not _is_for(candidate.contact, audience):
        yield Text(ja="きっかけの対象となる役割ではありません", en="the reason is for other roles")
    if candidate.meant is False and playbook.writes:
        yield Text(
            ja="この方についての理由かどうか分からないため、担当者が確かめます",
            en="it is not known whether the reason is about the contact: a seller finds out",
        )
    if candidate.meant and playbook.entry.one_per_municipality:
        yield Text(
            ja="どの方についての理由か分かっています", en="it is known whom the reason is about"
        )
