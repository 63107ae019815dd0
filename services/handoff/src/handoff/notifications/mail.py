"""Deliveries by mail: a letter to one member, handed to the mail server."""

from email.message import EmailMessage

import aiosmtplib

from handoff.domain.notifications import letters
from handoff.domain.notifications.letters import Letter, LetterNotice
from handoff.notifications.deliveries import Notice, TakenDelivery
from handoff.teams import repository as teams
from kakehashi_common.clock import Clock
from kakehashi_common.contracts.municipalities import municipalities
from kakehashi_common.db import Database
from kakehashi_common.errors import PermanentError, TransientError
from kakehashi_common.mail.letters import letter
from kakehashi_common.mail.server import PERMANENT, answered, smtp_client
from kakehashi_common.mail.settings import MailSettings


class Mailer:
    """Sends notifications by mail."""

    def __init__(
        self, database: Database, settings: MailSettings, handoff_url: str, clock: Clock
    ) -> None:
        self._database = database
        self._settings = settings
        self._handoff_url = handoff_url
        self._clock = clock

    async def deliver(self, taken: TakenDelivery) -> None:
        """Send one notification, or those of a digest.

        Raises:
            PermanentError: the mail server refuses this recipient or this mail.
            TransientError: it wasn't taken; another attempt may succeed.
        """
        if self._settings.host is None:
            raise TransientError("no mail server is set up: give HANDOFF_MAIL__HOST")
        member_id = taken.notices[0].member_id
        async with self._database.transaction() as connection:
            member = None if member_id is None else await teams.member(connection, member_id)
        if member is None or member.email is None:
            raise PermanentError(f"{member_id} has no email: enter it, and retry")
        shown = [self._shown(each) for each in taken.notices]
        if taken.digest_id is None:
            written = letters.single(shown[0], member.name)
        else:
            written = letters.digest(shown, member.name, self._clock.now())
        await self._send(member.email, written, message_id(taken))

    async def _send(self, to: str, written: Letter, identity: str) -> None:
        try:
            async with smtp_client(self._settings) as server:
                await server.send_message(self._message(to, written, identity))
        except aiosmtplib.SMTPRecipientsRefused as error:
            [refused] = error.recipients
            raise _refused(refused.code, refused.message) from None
        except aiosmtplib.SMTPDataError as error:
            raise _refused(error.code, error.message) from None
        except aiosmtplib.SMTPResponseException as error:  # it is no fault of this letter
            raise TransientError(answered(error.code, error.message)) from None
        except (aiosmtplib.SMTPException, OSError) as error:
            raise TransientError(
                f"the mail server can't be reached: {type(error).__name__}"
            ) from error

    def _message(self, to: str, written: Letter, identity: str) -> EmailMessage:
        return letter(
            sender=self._settings.sender or "",
            to=to,
            subject=written.subject,
            text=written.text,
            identity=identity,
            at=self._clock.now(),
        )

    def _shown(self, notice: Notice) -> LetterNotice:
        municipality = municipalities().get(notice.municipality_code or "")
        return LetterNotice(
            reason=notice.reason,
            text=notice.text,
            at=notice.created_at,
            handoff_id=notice.handoff_id,
            lead_id=notice.lead_id,
            url=f"{self._handoff_url}/{notice.handoff_id}",
            municipality=None if municipality is None else municipality.full_name,
            act_by=notice.act_by,
            urgent=notice.urgent,
        )


def message_id(taken: TakenDelivery) -> str:
    """Return the part of the Message-ID that is the same however often the mail is sent."""
    if taken.digest_id is not None:
        return f"digest.{taken.digest_id}"
    return f"notification.{taken.notices[0].notification_id}"


def _refused(code: int, message: str) -> PermanentError | TransientError:
    """Return what to raise when the server doesn't take a recipient, or a letter."""
    reason = answered(code, message)
    return PermanentError(reason) if code >= PERMANENT else TransientError(reason)
