"""Opt out whom a link means, at once and for every path."""

import structlog

from followup.consents.service import Consents
from followup.contacts import repository as contacts
from followup.delivery.unsubscribing import UnsubscribeTokens
from followup.domain.consents.recipient import Recipient
from followup.domain.consents.suppression import (
    Cause,
    Channel,
    Scope,
    Suppression,
    SuppressionKey,
)
from followup.domain.playbooks.steps import OccurrenceKind
from followup.domain.sequences.commands import React
from followup.sequences import repository as sequences
from followup.sequences.service import Sequences
from kakehashi_common.audit import Actor
from kakehashi_common.clock import Clock
from kakehashi_common.db import Database, driver_connection
from kakehashi_common.errors import FaultError, TransientError

log = structlog.get_logger(__name__)

BY_LINK = "unsubscribe-link"
"""Who says so, in the contact's sequences and the audit."""


class OptOuts:
    """Opts contacts out.

    Args:
        database: where sequences and contacts are kept.
        tokens: of the links.
        consents: keeps who must not be written to.
        sequences: are told.
        clock: tells the time.
    """

    def __init__(
        self,
        database: Database,
        tokens: UnsubscribeTokens,
        consents: Consents,
        sequences: Sequences,
        clock: Clock,
    ) -> None:
        self._database = database
        self._tokens = tokens
        self._consents = consents
        self._sequences = sequences
        self._clock = clock

    def knows(self, token: str) -> bool:
        """Whether a token is one of ours."""
        return self._tokens.subject(token) is not None

    async def opt_out(self, token: str, channel: Channel = Channel.LINK) -> bool:
        """Send nothing any more to whom a token means; return whether it means somebody.

        The suppression holds when this returns, whether Temporal is there or not; sequences that
        could not be told yet find it when they would send. Again changes nothing.

        Raises:
            TransientError: the database is away.
        """
        sequence_id = self._tokens.subject(token)
        if sequence_id is None:
            return False
        async with self._database.transaction() as connection:
            stored = await sequences.find(connection, sequence_id)
            if stored is None:
                return False
            lead_id = stored.state.lead_id
            contact = await contacts.find(await driver_connection(connection), lead_id)
        now, actor = self._clock.now(), Actor(BY_LINK, channel.value)
        keys = [SuppressionKey(Scope.PERSON, lead_id)]
        if contact is not None and contact.email is not None:
            address = Recipient(lead_id, contact.email).comparable_address
            keys.append(SuppressionKey(Scope.ADDRESS, address))
        for key in keys:
            suppression = Suppression(key, Cause.OPT_OUT, channel, now)
            await self._consents.suppress(suppression, actor)
        message = React(OccurrenceKind.OPTED_OUT, now, BY_LINK, origin=channel.value)
        try:
            await self._sequences.send_to_lead(lead_id, message)
        except (TransientError, FaultError) as error:  # they find the suppression when they send
            log.warning("sequences not told of an opt-out", reason=type(error).__name__)
        return True
