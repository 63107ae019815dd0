"""Opt out whom a link means, at once and for every path."""

from followup.consents.service import Consents
from followup.contacts import repository as contacts
from followup.delivery import ledger
from followup.delivery.unsubscribing import UnsubscribeTokens
from followup.domain.consents.recipient import Recipient
from followup.domain.consents.suppression import (
    BY_LINK,
    BY_MAIL,
    Cause,
    Channel,
    Scope,
    Suppression,
    SuppressionKey,
)
from followup.domain.message_ids import mail_name
from followup.sequences import repository as sequences
from kakehashi_common.audit import Actor
from kakehashi_common.clock import Clock
from kakehashi_common.db import Database, driver_connection


class OptOuts:
    """Opts contacts out.

    Args:
        database: where sequences and contacts are kept.
        tokens: of the links.
        consents: keeps who must not be written to, and ends their sequences.
        clock: gives the present time.
    """

    def __init__(
        self,
        database: Database,
        tokens: UnsubscribeTokens,
        consents: Consents,
        clock: Clock,
    ) -> None:
        self._database = database
        self._tokens = tokens
        self._consents = consents
        self._clock = clock

    def knows(self, token: str) -> bool:
        """Whether a token is one of ours."""
        return self._tokens.subject(token) is not None

    async def opt_out(self, token: str, channel: Channel = Channel.LINK) -> bool:
        """Send nothing any more to whoever got the mail of a token; return whether there is one.

        The suppression holds when this returns, and the sequences end soon after, whether Temporal
        is there or not. Again changes nothing.

        Raises:
            TransientError: the database is unavailable.
        """
        name = self._tokens.subject(token)
        if name is None:
            return False
        return await self._opt_out(name, Cause.OPT_OUT, channel, by=BY_LINK)

    async def opt_out_recipient(self, message_id: str, cause: Cause, channel: Channel) -> bool:
        """Do the same for whoever got one of our mails; return whether it is known who that is.

        Raises:
            TransientError: the database is unavailable.
        """
        return await self._opt_out(mail_name(message_id), cause, channel, by=BY_MAIL)

    async def _opt_out(self, name: str, cause: Cause, channel: Channel, *, by: str) -> bool:
        now, actor = self._clock.now(), Actor(by, channel.value)
        async with self._database.transaction() as connection:
            raw = await driver_connection(connection)
            # Links of older mails name the sequence instead of the mail.
            sequence_id, lead_id = await ledger.sequence_and_recipient(raw, name) or (name, None)
            # A step may turn to a colleague or superior: the recipient has opted out, nobody else.
            if lead_id is None:
                stored = await sequences.find(connection, sequence_id)
                if stored is None:
                    return False
                lead_id = stored.state.lead_id
            contact = await contacts.find(raw, lead_id)
        keys = [SuppressionKey(Scope.PERSON, lead_id)]
        if contact is not None and contact.email is not None:
            address = Recipient(lead_id, contact.email).comparable_address
            keys.append(SuppressionKey(Scope.ADDRESS, address))
        await self._consents.suppress_all(
            [Suppression(key, cause, channel, now) for key in keys],
            actor,
        )
        return True
