"""Say why mails went or not, and whether one could go now."""

from dataclasses import dataclass
from typing import Final

from followup.consents.service import circumstances
from followup.contacts import repository as contacts
from followup.delivery.counting import sent_on_days
from followup.delivery.mails import MailOrigin
from followup.domain.consents.recipient import Recipient
from followup.domain.consents.suppression import suppression_keys
from followup.domain.send_policy.deciding import decide
from followup.domain.send_policy.decision import Decision
from followup.domain.send_policy.policy import SendPolicy
from followup.domain.send_policy.request import MailToSend
from followup.send_decisions import repository
from followup.send_decisions.repository import SendDecision
from kakehashi_common.clock import Clock
from kakehashi_common.db import Database, driver_connection
from kakehashi_common.errors import NotFoundError

NEWEST: Final = 50
"""Decisions on earlier mails that are shown."""


@dataclass(frozen=True, slots=True)
class DecisionsOfLead:
    """Whether a mail to a contact could go now, and what was said of earlier ones."""

    now: Decision
    earlier: list[SendDecision]


class SendDecisions:
    """Says why mails went or not, and whether one could go now.

    Args:
        database: where everything is kept.
        policy: the rules that hold for all.
        clock: gives the present time.
    """

    def __init__(self, database: Database, policy: SendPolicy, clock: Clock) -> None:
        self._database = database
        self._policy = policy
        self._clock = clock

    async def of_lead(self, lead_id: str) -> DecisionsOfLead:
        """Return whether a mail to a contact could go now, and what was said of earlier ones.

        The cap of a seller, and that of a playbook, are not asked: neither is known.

        Raises:
            NotFoundError: the lead is unknown, or no address of it is.
            TransientError: the database is unavailable.
        """
        now, policy = self._clock.now(), self._policy
        async with self._database.transaction() as connection:
            raw = await driver_connection(connection)
            contact = await contacts.find(raw, lead_id)
            if contact is None or contact.email is None:
                raise NotFoundError(f"no address of lead {lead_id} is known", field="lead_id")
            recipient = Recipient(lead_id, contact.email, contact.municipality_code)
            origin = MailOrigin("", "", lead_id, contact.municipality_code)
            keys = suppression_keys(recipient)
            sent = sent_on_days(origin, policy.caps, now)
            known = await circumstances(recipient, keys, now, sent).fetch(raw)
            return DecisionsOfLead(
                decide(MailToSend(recipient, now), known, policy),
                await repository.newest(connection, lead_id, NEWEST),
            )
