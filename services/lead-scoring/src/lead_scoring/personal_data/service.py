"""People's data: finding a person, everything that is held about them, and its erasure.

Sources: 個人情報の保護に関する法律 (Act on the Protection of Personal Information), articles 33
(disclosure) and 35 (erasure); GDPR, articles 15, 17 and 20. No legal advice.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kakehashi_common.audit import Actor
from kakehashi_common.db import Database, RawConnection, driver_connection
from kakehashi_common.domain.person import comparable_email, comparable_name, comparable_phone
from kakehashi_common.errors import ConflictError, NotFoundError, PermanentError
from kakehashi_common.lead_merges import repository as merges
from lead_scoring import tables
from lead_scoring.feedback.queries import LabelledHandoff, handoffs_of_lead
from lead_scoring.personal_data import repository as personal_data
from lead_scoring.personal_data.repository import Person
from lead_scoring.scoring.erasure import Erased, erase_and_announce
from lead_scoring.scoring.repository import events, history, leads, qualifications
from lead_scoring.scoring.repository.events import LoggedEvent
from lead_scoring.scoring.repository.history import PastScore
from lead_scoring.scoring.repository.leads import StoredLead
from lead_scoring.scoring.repository.qualifications import StoredQualification
from lead_scoring.suppression.suppression_list import SuppressionList

_ALL = 2**31 - 1

MAX_PEOPLE: Final = 100
"""People found, or erased, by one request. More share an identifier only by mistake."""


@dataclass(frozen=True, slots=True)
class Identifiers:
    """A person's identifiers; all that are given must match. See ``domain.person``."""

    email: str | None = None
    phone: str | None = None
    person_name: str | None = None

    def comparable(self) -> Mapping[str, str]:
        """By column, in comparable form.

        Raises:
            PermanentError: none is given, or nothing is left of one.
        """
        given = {
            "email": (self.email, comparable_email),
            "phone": (self.phone, comparable_phone),
            "person_name": (self.person_name, comparable_name),
        }
        comparable = {
            name: make(value) for name, (value, make) in given.items() if value is not None
        }
        for name, value in comparable.items():
            if not value:
                raise PermanentError(
                    f"{name} is empty without its spaces and punctuation",
                    field=name,
                )
        if not comparable:
            raise PermanentError("give email, phone or person_name", code="no_identifier")
        return comparable


@dataclass(frozen=True, slots=True)
class Export:
    """Everything that is held about one person."""

    stored: StoredLead
    history: list[PastScore]
    """Announced scores, newest first."""
    events: list[LoggedEvent]
    """In the order they happened."""
    qualifications: list[StoredQualification]
    handoffs: list[LabelledHandoff]


@dataclass(frozen=True, slots=True)
class Receipt:
    """The result of an erasure."""

    erased: Mapping[str, Erased]
    """By the lead's id; leads of which nothing was held are here too, with zeros."""
    suppressed: bool
    """Whether the person is kept out from now on."""


class PersonalData:
    """Finds, exports and erases; each leaves an audit row, which holds leads' ids and counts only.

    A person is looked for among the newest profiles; an address that was replaced since is found
    in an export of the lead only.
    """

    def __init__(
        self,
        database: Database,
        *,
        topic_prefix: str = "",
        suppression: SuppressionList | None = None,
    ) -> None:
        self._database = database
        self._topic_prefix = topic_prefix
        self._suppression = suppression

    async def find(self, sought: Identifiers, actor: Actor) -> Sequence[Person]:
        """Return the people whom ``sought`` names, at most `MAX_PEOPLE`.

        Raises:
            PermanentError: nothing is sought.
            TransientError: the database is unavailable.
        """
        comparable = sought.comparable()
        async with self._database.transaction() as connection:
            raw = await driver_connection(connection)
            found = await personal_data.find(raw, comparable, MAX_PEOPLE)
            await actor.record(
                connection,
                tables.audit_table,
                "find_personal_data",
                f"leads by {', '.join(comparable)}",
                after={"lead_ids": [person.lead_id for person in found]},
            )
        return found

    async def contacts(self, lead_ids: Sequence[str], actor: Actor) -> Mapping[str, Person]:
        """Return the people behind leads of a list, by the leads' ids.

        Raises:
            TransientError: the database is unavailable.
        """
        async with self._database.transaction() as connection:
            raw = await driver_connection(connection)
            people = await personal_data.people(raw, lead_ids)
            await actor.record(
                connection,
                tables.audit_table,
                "list_contacts",
                "leads of a list",
                after={"lead_ids": sorted(people)},
            )
        return people

    async def export(self, lead_id: str, actor: Actor) -> Export:
        """Return everything that is held about the person, by whatever id they had.

        Raises:
            NotFoundError: nothing is.
            TransientError: the database is unavailable.
        """
        async with self._database.transaction() as connection:
            raw = await driver_connection(connection)
            ids = await merges.all_ids(raw, [lead_id])
            gone = await merges.surviving(raw, [lead_id])
            stored = (await leads.load(raw, ids)).get(gone.get(lead_id, lead_id))
            if stored is None:
                raise NotFoundError(f"nothing is known of the lead {lead_id}")
            exported = Export(
                stored=stored,
                history=[
                    each for id_ in ids for each in await history.newest_first(raw, id_, None, _ALL)
                ],
                events=list(await events.of_lead(raw, stored.lead.lead_id)),
                qualifications=await qualifications.of_leads(raw, ids),
                handoffs=[each for id_ in ids for each in await handoffs_of_lead(raw, id_)],
            )
            await actor.record(
                connection, tables.audit_table, "export_personal_data", f"lead/{lead_id}"
            )
        return exported

    async def erase(
        self,
        *,
        email: str | None = None,
        lead_ids: Iterable[str] = (),
        suppress: bool = False,
        actor: Actor,
    ) -> Receipt:
        """Erase a person and announce that the scores are gone. Repeating it changes nothing.

        The inbox keeps digests of the person's events, from which nothing can be read, so that an
        event that is delivered again doesn't bring anything back. A new event makes a new lead,
        unless the person is suppressed.

        Args:
            email: every lead with this address.
            lead_ids: further leads; ids that went into theirs, and those that theirs went into,
                are erased with them.
            suppress: keep the address and the leads' ids out from now on.
            actor: asks for it.

        Raises:
            ConflictError: `suppress`, and no key for digests is configured
                (`suppression_not_configured`).
            PermanentError: more than `MAX_PEOPLE` leads have the address.
            TransientError: the database is unavailable.
        """
        suppression = self._list() if suppress else None
        async with self._database.transaction() as connection:
            raw = await driver_connection(connection)
            await merges.hold_up(raw)
            named = {*lead_ids, *(await self._with_address(raw, email) if email else ())}
            ids = await merges.all_ids(raw, named)
            # In the order in which every writer takes leads.
            erased = {
                lead_id: await erase_and_announce(raw, lead_id, self._topic_prefix)
                for lead_id in ids
            }
            if suppression is not None:
                await suppression.add(raw, emails=[email] if email else [], lead_ids=ids)
            for lead_id, rows in erased.items():
                await actor.record(
                    connection,
                    tables.audit_table,
                    "erase_personal_data",
                    f"lead/{lead_id}",
                    before={
                        "events": rows.events,
                        "announced_scores": rows.announced_scores,
                        "qualifications": rows.qualifications,
                        "handoffs": rows.handoffs,
                    },
                    after={"suppressed": True} if suppress else None,
                )
        return Receipt(erased, suppressed=suppress)

    async def readmit(self, *, email: str | None, lead_ids: Iterable[str], actor: Actor) -> int:
        """Take a person off the suppression list; return how many digests were on it.

        Raises:
            ConflictError: no key for digests is configured (`suppression_not_configured`).
            TransientError: the database is unavailable.
        """
        suppression = self._list()
        async with self._database.transaction() as connection:
            raw = await driver_connection(connection)
            ids = sorted(set(lead_ids))
            removed = await suppression.remove(raw, emails=[email] if email else [], lead_ids=ids)
            await actor.record(
                connection,
                tables.audit_table,
                "readmit_person",
                ", ".join(f"lead/{lead_id}" for lead_id in ids) or "an address",
                after={"removed": removed},
            )
        return removed

    def _list(self) -> SuppressionList:
        if self._suppression is None:
            raise ConflictError(
                "suppression is not configured: set LEAD_SCORING_SUPPRESSION_KEY for the api and "
                "the consumer, or leave suppress out",
                code="suppression_not_configured",
            )
        return self._suppression

    async def _with_address(self, connection: RawConnection, email: str) -> list[str]:
        comparable = Identifiers(email=email).comparable()
        found = await personal_data.find(connection, comparable, MAX_PEOPLE + 1)
        if len(found) > MAX_PEOPLE:
            raise PermanentError(
                f"more than {MAX_PEOPLE} leads have this address: look them up and name them by "
                "lead_ids",
                field="email",
                code="too_many_people",
            )
        return [person.lead_id for person in found]
