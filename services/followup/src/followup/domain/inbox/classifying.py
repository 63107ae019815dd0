"""Classify incoming mails. Each decision names its evidence.

In this order: reports of machines (bounce, complaint), the opt-out that a mail program sends to the
address in ``List-Unsubscribe``, automatic replies, and then what a person wrote. A reply whose
headers call it automatic never counts as an answer or an opt-out, whatever it says. Where only its
words may tell, an opt-out is one, and so is an answer that reads as a person's. What is in doubt is
taken for a person's answer, which stops the sequence, if it refers to a mail of ours; else it is
unrelated.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from followup.domain.delivery.envelope_senders import EnvelopeSenders
from followup.domain.delivery.footer_text import OPT_OUT_LABEL
from followup.domain.inbox import phrases
from followup.domain.inbox.classified import Bounced, Classified, Evidence, MailKind
from followup.domain.inbox.mail import DeliveryReport, ReadMail
from followup.domain.inbox.opt_outs import opt_out_in, opt_out_in_subject
from followup.domain.inbox.own_words import without_ours
from followup.domain.inbox.phrases import joined
from followup.domain.inbox.return_dates import return_in
from followup.domain.message_ids import is_ours
from kakehashi_common.domain.business_days import BusinessDays
from kakehashi_common.domain.business_time import JAPAN

_AUTOMATIC_HEADERS: Final = (
    "x-autoreply",
    "x-autoreply-from",
    "x-autorespond",
    "x-autoresponder",
    "x-mail-autoreply",
)
_BULK: Final = re.compile(r"\b(?:bulk|list|junk)\b", re.IGNORECASE)
_AUTO_REPLY: Final = re.compile(r"auto[_-]?repl", re.IGNORECASE)
_NOT_A_COMPLAINT: Final = ("not-spam", "auth-failure", "dmarc", "virus")
_UNSUBSCRIBE: Final = re.compile(
    r"(?:\[[^\[\]]{1,40}\]|(?:re|fwd?):|\s)*+"
    r"unsubscribe(?:\s+(?P<token>[A-Za-z0-9_-]{20,200}))?\s*$",
    re.IGNORECASE,
)
"""The subject that ``List-Unsubscribe`` asks for, with what mail servers put before subjects, and
what is left of it."""
_LONGEST_DELAY: Final = timedelta(days=14)
"""A mail whose date is farther from its arrival has a wrong date."""
_SHORT: Final = 600
"""Characters up to which a text may be an automatic reply though no header says so."""


@dataclass(frozen=True, slots=True)
class Classifier:
    """Classifies mails of one installation.

    Args:
        message_domain: of our Message-IDs.
        unsubscribe_address: of ``List-Unsubscribe``; answers may come there too.
        business_days: for the first day after an absence.
        envelope_senders: of our mails; ``None``: all have the same one, which says nothing.
    """

    message_domain: str
    unsubscribe_address: str
    business_days: BusinessDays
    envelope_senders: EnvelopeSenders | None = None

    def classify(
        self, mail: ReadMail, received_at: datetime, ours: Sequence[str] = ()
    ) -> Classified:
        """Return what a mail is, and what it says.

        Args:
            mail: as it was read.
            received_at: counts where the mail's own date is missing or wrong.
            ours: texts and templates of our mails; what it repeats of them counts for nothing.
        """
        returned_to, named = self._returned_to(mail), self._named(mail)
        about = returned_to or named
        mail = replace(mail, text=without_ours(_without_footer(mail.text), ours))
        # Programs answer to the envelope's sender (RFC 5321, 4.5.5; RFC 3834, 4); people don't.
        return (
            self._bounce(mail, about)
            or self._complaint(mail, about)
            or self._mailed_opt_out(mail, named)
            or self._automatic(mail, about, received_at)
            or self._written(mail, named)
        )

    def refers_to(self, mail: ReadMail) -> str | None:
        """Return our Message-ID that a mail is about, if it is a program's or a person's."""
        return self._returned_to(mail) or self._named(mail)

    def _returned_to(self, mail: ReadMail) -> str | None:
        """Return our Message-ID to whose envelope sender a mail came."""
        if self.envelope_senders is None:
            return None
        name = self.envelope_senders.mail_name(mail.delivered_to)
        return None if name is None else f"<{name}@{self.message_domain.lower()}>"

    def _named(self, mail: ReadMail) -> str | None:
        for identity in (*mail.in_reply_to, *reversed(mail.references), *mail.returned_ids):
            if is_ours(identity, self.message_domain):
                return identity
        return None

    def _is_our_address(self, address: str) -> bool:
        return address == self.unsubscribe_address.lower() or (
            self.envelope_senders is not None and self.envelope_senders.has_form(address)
        )

    def _bounce(self, mail: ReadMail, refers_to: str | None) -> Classified | None:
        reports = [each for each in mail.delivery_reports if each.action in ("failed", "delayed")]
        failed = [
            each
            for each in reports
            if each.address is None or not self._is_our_address(each.address)
        ]
        if not failed and self._returned_to(mail) is not None:
            # Free text may say whose mail came back, and of whom it was to nothing.
            failed = [replace(each, address=None) for each in reports if each.free_form]
        if failed:
            where = "text" if failed[0].free_form else "action"
            return Classified(
                MailKind.BOUNCE,
                (Evidence(where, failed[0].action), *_status(failed)),
                refers_to,
                failed[0].address,
                bounced=tuple(
                    Bounced(each.address, each.action == "failed", each.status, each.diagnostic)
                    for each in failed
                ),
            )
        if mail.report_type in ("delivery-status", "disposition-notification"):
            # Delivered, relayed, or displayed: nobody has answered.
            return _unrelated(mail, refers_to, Evidence("report-type", mail.report_type))
        return None

    def _complaint(self, mail: ReadMail, refers_to: str | None) -> Classified | None:
        if mail.feedback is None:
            return None
        evidence = Evidence("feedback-type", mail.feedback.feedback_type)
        if mail.feedback.feedback_type in _NOT_A_COMPLAINT:
            return _unrelated(mail, refers_to, evidence)
        about = mail.feedback.address
        if about is not None and self._is_our_address(about):
            about = None
        return Classified(MailKind.FEEDBACK_REPORT, (evidence,), refers_to, about)

    def _mailed_opt_out(self, mail: ReadMail, refers_to: str | None) -> Classified | None:
        wish = _UNSUBSCRIBE.match(mail.subject)
        to = {box.address for box in mail.recipients}
        if wish is None or self.unsubscribe_address.lower() not in to:
            return None
        return Classified(
            MailKind.OPT_OUT,
            (Evidence("subject", "unsubscribe"),),
            refers_to,
            _about(mail),
            unsubscribe_token=wish["token"],
        )

    def _automatic(
        self, mail: ReadMail, refers_to: str | None, received_at: datetime
    ) -> Classified | None:
        text = joined(mail.text)
        subject = joined(mail.subject)
        declared = _declared(mail)
        said = _said(mail, subject, text, refers_to)
        left = phrases.LEFT.found_in(text)
        if declared is None and said is None:
            return None
        absent = said is not None or left is not None or phrases.ABSENT.found_in(text) is not None
        if declared is not None and not absent and refers_to is None and not _is_reply(declared):
            return _unrelated(mail, None, declared)  # a newsletter, a notice of a system
        back = return_in(
            f"{mail.subject}。\n{mail.text}", _day(mail, received_at), self.business_days
        )
        evidence = [each for each in (declared, said) if each is not None]
        if back is not None:
            evidence.append(Evidence("text", back.words))
        if left is not None:
            evidence.append(Evidence("text", left))
        return Classified(
            MailKind.OUT_OF_OFFICE,
            tuple(evidence),
            refers_to,
            _about(mail),
            returns_on=None if back is None else back.on,
            has_left=left is not None,
        )

    def _written(self, mail: ReadMail, refers_to: str | None) -> Classified:
        text = joined(mail.text)
        wish = _wish(mail)
        if wish is not None:
            return _of_a_person(MailKind.OPT_OUT, mail, refers_to, wish)
        if refers_to is None:
            return _unrelated(mail, None, Evidence("references", "none of ours"))
        where = "in-reply-to" if refers_to in mail.in_reply_to else "references"
        refused = phrases.NEGATIVE.found_in(text)
        if refused is not None and phrases.WANTS_MORE.found_in(text) is None:
            return _of_a_person(
                MailKind.NEGATIVE,
                mail,
                refers_to,
                Evidence("text", refused),
                Evidence(where, refers_to),
            )
        return _of_a_person(MailKind.ANSWER, mail, refers_to, Evidence(where, refers_to))


def _without_footer(text: str) -> str:
    """Leave out the line of our own mails about opting out; a mail may quote it."""
    lines = text.splitlines()
    return "\n".join(line for line in lines if not line.strip().startswith(OPT_OUT_LABEL))


def _status(failed: Sequence[DeliveryReport]) -> tuple[Evidence, ...]:
    return tuple(Evidence("status", each.status) for each in failed[:1] if each.status)


def _declared(mail: ReadMail) -> Evidence | None:
    """Return the header by which a program says that no person wrote."""
    submitted = mail.headers.get("auto-submitted", "").strip()
    if submitted and not submitted.lower().startswith("no"):
        return Evidence("auto-submitted", submitted)
    for name in _AUTOMATIC_HEADERS:
        if mail.headers.get(name, "no").strip().lower() not in ("no", "false"):
            return Evidence(name, mail.headers[name])
    precedence = mail.headers.get("precedence", "")
    if _AUTO_REPLY.search(precedence) or _BULK.search(precedence):
        return Evidence("precedence", precedence)
    return None


def _is_reply(declared: Evidence) -> bool:
    """Whether a header says that it is a reply, not only that no person wrote."""
    return declared.where in _AUTOMATIC_HEADERS or _AUTO_REPLY.search(declared.what) is not None


def _wish(mail: ReadMail) -> Evidence | None:
    """Return by what a mail opts out, as if a person had written it."""
    if "list-id" in mail.headers or "list-unsubscribe" in mail.headers:
        return None  # it went to many: what it says of unsubscribing is how to do so
    if (phrase := opt_out_in(mail.text)) is not None:
        return Evidence("text", phrase)
    phrase = opt_out_in_subject(mail.subject)
    return None if phrase is None else Evidence("subject", phrase)


def _said(mail: ReadMail, subject: str, text: str, refers_to: str | None) -> Evidence | None:
    """Return the phrase by which a mail without such headers says it.

    A person who writes "I am away next week" answers. Beside a text that calls itself automatic,
    one with such a subject is taken for a program's, and a short one without the mail that it
    answers that also says what to do until then; but none that opts out, or answers a mail of ours
    as a person does.
    """
    if _wish(mail) is not None:
        return None
    if (phrase := phrases.AUTOMATIC.found_in(text)) is not None:
        return Evidence("text", phrase)
    if refers_to is not None and phrases.PERSONAL.found_in(text) is not None:
        return None
    if (phrase := phrases.ABSENT_SUBJECT.found_in(subject)) is not None:
        return Evidence("subject", phrase)
    if mail.has_history or len(text) > _SHORT or phrases.INSTEAD.found_in(text) is None:
        return None
    phrase = phrases.ABSENT.found_in(text)
    return None if phrase is None else Evidence("text", phrase)


def _day(mail: ReadMail, received_at: datetime) -> date:
    sent_at = mail.sent_at
    if sent_at is None or abs(sent_at - received_at) > _LONGEST_DELAY:
        sent_at = received_at
    return sent_at.astimezone(JAPAN).date()


def _about(mail: ReadMail) -> str | None:
    return None if mail.sender is None else mail.sender.address


def _unrelated(mail: ReadMail, refers_to: str | None, *evidence: Evidence) -> Classified:
    return Classified(MailKind.UNRELATED, evidence, refers_to, _about(mail))


def _of_a_person(
    kind: MailKind, mail: ReadMail, refers_to: str | None, *evidence: Evidence
) -> Classified:
    return Classified(kind, evidence, refers_to, _about(mail))
