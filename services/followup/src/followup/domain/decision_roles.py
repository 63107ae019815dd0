"""The deciding roles that a municipality's study sessions (勉強会) have reached, and the others."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from followup.domain.measures.labels import ROLES
from followup.domain.playbooks.audience import Role
from followup.domain.task_records import StudySession
from kakehashi_common.domain.texts import Text


@dataclass(frozen=True, slots=True)
class SessionReach:
    """One session of the series."""

    held_on: date
    topic: str
    roles: tuple[Role, ...]
    """The attendees; empty: not recorded."""
    first_time: tuple[Role, ...]
    """Those of them that no session before had reached."""


@dataclass(frozen=True, slots=True)
class RoleReach:
    """One role, over the whole series."""

    role: Role
    sessions: int
    """Sessions in which somebody in it took part; 0: not reached, as far as is known."""
    most_people: int
    """At one session. Whether the same people came again is not noted down."""
    known_contacts: int
    """Of the municipality, in this role: who could be invited."""


@dataclass(frozen=True, slots=True)
class DecisionRoles:
    """The reach of the series."""

    roles: tuple[RoleReach, ...]
    """Every role there is."""
    series: tuple[SessionReach, ...]
    """The first session first."""
    contacts_of_unknown_role: int

    @property
    def n(self) -> int:
        """The number of sessions with recorded attendees."""
        return sum(bool(each.roles) for each in self.series)

    @property
    def without_attendees(self) -> int:
        """The number of sessions without recorded attendees."""
        return len(self.series) - self.n

    @property
    def reached(self) -> tuple[Role, ...]:
        """The roles that took part at least once."""
        return tuple(each.role for each in self.roles if each.sessions)

    @property
    def missing(self) -> tuple[Role, ...]:
        """The roles that no session has reached, as far as is known."""
        return tuple(each.role for each in self.roles if not each.sessions)

    @property
    def share(self) -> float | None:
        """The share of the roles that were reached; ``None``: nothing is known of any session."""
        return len(self.reached) / len(self.roles) if self.n else None

    @property
    def text(self) -> Text:
        """The same in words."""
        return _text(self)


def decision_roles(
    sessions: Iterable[StudySession], contacts: Sequence[Role | None]
) -> DecisionRoles:
    """Return which roles the sessions of a municipality have reached.

    Args:
        sessions: that were held, in any order.
        contacts: the role of each known contact of the municipality; ``None``: it is not known.
    """
    held = sorted(sessions, key=lambda each: (each.held_on, each.topic))
    present = [
        tuple(role for role in Role if any(each.role is role for each in session.attendees))
        for session in held
    ]
    series = tuple(
        SessionReach(
            session.held_on,
            session.topic,
            roles,
            tuple(role for role in roles if not any(role in before for before in present[:index])),
        )
        for index, (session, roles) in enumerate(zip(held, present, strict=True))
    )
    return DecisionRoles(
        tuple(
            RoleReach(
                role,
                sum(role in roles for roles in present),
                max((_people(session, role) for session in held), default=0),
                contacts.count(role),
            )
            for role in Role
        ),
        series,
        contacts.count(None),
    )


def _people(session: StudySession, role: Role) -> int:
    return sum(each.people for each in session.attendees if each.role is role)


def _text(found: DecisionRoles) -> Text:
    if not found.n:
        return Text(
            ja="参加者の記録がある勉強会がまだないため、どの役割に届いたかは分かりません。",
            en="No study session says who took part, so it is not known which roles were reached.",
        )
    ja = (
        f"参加者の記録がある勉強会{found.n}回で、決定に関わる{len(found.roles)}の役割のうち"
        f"{len(found.reached)}（{_ja(found.reached)}）の方が参加しました。"
    )
    en = (
        f"In {found.n} study sessions that say who took part, {len(found.reached)} of "
        f"{len(found.roles)} decision roles did ({', '.join(found.reached)})."
    )
    if found.missing:
        ja += f"参加の記録がない役割：{_ja(found.missing)}。"
        en += f" Not so far: {', '.join(found.missing)}."
    if found.without_attendees:
        ja += f"ほかに、参加者の記録がない勉強会が{found.without_attendees}回あります。"
        en += f" {found.without_attendees} more don't say who took part."
    if found.contacts_of_unknown_role:
        ja += f"役割の分からない連絡先が{found.contacts_of_unknown_role}名います。"
        en += f" Of {found.contacts_of_unknown_role} known contacts the role is not known."
    return Text(ja, en)


def _ja(roles: Iterable[Role]) -> str:
    return "、".join(ROLES[each] for each in roles)
