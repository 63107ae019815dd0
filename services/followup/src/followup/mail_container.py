"""The parts of the container that send mails and take them in."""

import base64
import secrets
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from followup.consents.service import Consents
from followup.delivery.unknown import UnknownMails
from followup.domain.delivery.envelope_senders import EnvelopeSenders
from followup.playbooks.service import Playbooks
from followup.sequences.service import Sequences
from followup.settings import FollowupSettings
from followup.triggers.behaviours import Behaviours
from followup.triggers.found_reasons import FoundReasons
from kakehashi_common.clock import Clock
from kakehashi_common.db import Database
from kakehashi_common.japanese_holidays import BUSINESS_DAYS

if TYPE_CHECKING:
    from followup.delivery.sending import Mailer
    from followup.delivery.service import Deliveries
    from followup.delivery.unsubscribing import UnsubscribeTokens
    from followup.inbox.answers import Answers
    from followup.inbox.handling import MailHandler
    from followup.inbox.imap import ImapMailbox
    from followup.inbox.service import IncomingMails
    from followup.opt_outs.service import OptOuts


@dataclass(eq=False)
class MailContainer:
    """Each part is made when it is first asked for, and nothing connects then."""

    settings: FollowupSettings
    database: Database
    clock: Clock
    behaviours: Behaviours
    consents: Consents
    sequences: Sequences
    playbooks: Playbooks
    found_reasons: FoundReasons

    @cached_property
    def mailer(self) -> "Mailer":
        """Hands mails to the mail server; whoever uses it closes it."""
        from followup.delivery.sending import Mailer

        return Mailer(self.settings.mail)

    @cached_property
    def deliveries(self) -> "Deliveries":
        """Sends mails, each once."""
        from followup.delivery.service import Deliveries
        from followup.delivery.signing import DkimKey

        settings = self.settings.delivery
        keys = [
            DkimKey(settings.dkim_domain or "", selector, file.read_bytes().strip(), algorithm)
            for selector, file, algorithm in settings.dkim_keys
        ]
        return Deliveries(
            self.database,
            self.mailer,
            keys,
            settings.pace,
            self.clock,
            self.behaviours.save_mail,
            self._envelope_senders,
        )

    @cached_property
    def _envelope_senders(self) -> EnvelopeSenders | None:
        """Gives each mail an envelope sender of its own, if one is set."""
        address = self.settings.delivery.envelope_sender
        return None if address is None else EnvelopeSenders(address, self._token_keys)

    @cached_property
    def _token_keys(self) -> list[bytes]:
        keys = [each.get_secret_value() for each in self.settings.delivery.token_keys]
        # Without keys there is no mail server either, so nobody sees what is signed.
        return [base64.b64decode(key) for key in keys] or [secrets.token_bytes(32)]

    @cached_property
    def answers(self) -> "Answers":
        """Shows what was answered."""
        from followup.inbox.answers import Answers

        return Answers(self.database)

    @cached_property
    def unknown_mails(self) -> UnknownMails:
        """Shows mails whose fate is unknown, and takes what a person says of it."""
        return UnknownMails(self.database, self.clock, self.behaviours.save_mail)

    @cached_property
    def unsubscribe_tokens(self) -> "UnsubscribeTokens":
        """Makes and reads the links that opt out."""
        from followup.delivery.unsubscribing import UnsubscribeTokens

        return UnsubscribeTokens(self._token_keys)

    @cached_property
    def opt_outs(self) -> "OptOuts":
        """Opts out by the link of a mail."""
        from followup.opt_outs.service import OptOuts

        return OptOuts(self.database, self.unsubscribe_tokens, self.consents, self.clock)

    @cached_property
    def incoming_mails(self) -> "IncomingMails":
        """Keeps incoming mails."""
        from followup.domain.inbox.classifying import Classifier
        from followup.inbox.service import IncomingMails

        address = self.settings.mail.sender or ""
        classifier = Classifier(
            address.rpartition("@")[2], address, BUSINESS_DAYS, self._envelope_senders
        )
        return IncomingMails(
            self.database,
            classifier,
            self.unsubscribe_tokens,
            self.playbooks,
            self.clock,
            kept_for=self.settings.incoming_mail_retention,
        )

    @cached_property
    def mail_handler(self) -> "MailHandler":
        """Acts on incoming mails."""
        from followup.inbox.handling import MailHandler
        from followup.inbox.maildir import Maildir

        path = self.settings.inbox_maildir
        return MailHandler(
            self.database,
            self.incoming_mails,
            self.consents,
            self.opt_outs,
            self.sequences,
            self.found_reasons,
            business_days=BUSINESS_DAYS,
            maildir=None if path is None else Maildir(path),
        )

    @cached_property
    def imap_mailbox(self) -> "ImapMailbox":
        """Takes mails out of a mailbox."""
        from followup.inbox.imap import ImapMailbox

        return ImapMailbox(self.database, self.settings.inbox_imap, self.incoming_mails.take)
