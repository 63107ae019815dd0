"""Decide whether a mail may go."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from followup.domain.consents.consent import consent_on
from followup.domain.consents.suppression import suppression_of
from followup.domain.send_policy import texts
from followup.domain.send_policy.caps import CapSubject, together
from followup.domain.send_policy.decision import Allowed, Decision, RefusalReason, Refused
from followup.domain.send_policy.pauses import PauseCause
from followup.domain.send_policy.policy import SendPolicy
from followup.domain.send_policy.quiet_periods import QuietPeriod
from followup.domain.send_policy.request import Circumstances, MailToSend
from kakehashi_common.domain.business_time import JAPAN
from kakehashi_common.domain.texts import Text

_ONE_DAY: Final = timedelta(days=1)


def decide(mail: MailToSend, known: Circumstances, policy: SendPolicy) -> Decision:
    """Decide whether ``mail`` may go at ``mail.at``.

    Asked when a step is planned, and again in the transaction that sends. A refusal that passes
    says until when: unless something else becomes known, the mail is allowed then. Behind a pause
    without an end it is to be asked again on the next business day.

    Raises:
        NoWorkingHoursError: the policy's days and hours never let any mail go.
    """
    return (
        _never(mail, known)
        or _not_yet(mail, known, policy)
        or Allowed(
            consent := None if mail.answers_enquiry else consent_on(known.consents, _day(mail.at)),
            texts.of_permission(consent),
        )
    )


def _never(mail: MailToSend, known: Circumstances) -> Refused | None:
    """Return the refusal that no waiting can lift."""
    if suppression := suppression_of(mail.recipient, known.suppressions):
        return Refused(RefusalReason.SUPPRESSED, texts.of_suppression(suppression))
    if not _may_be_written_to(mail, known, mail.at):
        return Refused(
            RefusalReason.NO_CONSENT, texts.of_missing_consent(known.consents, _day(mail.at))
        )
    if _is_over(mail, mail.at):
        return Refused(RefusalReason.REASON_OVER, texts.of_reason_over(mail.good_until))
    if mail.missing_footer:
        return Refused(RefusalReason.FOOTER_MISSING, texts.of_missing_footer(mail.missing_footer))
    return None


def _is_over(mail: MailToSend, at: datetime) -> bool:
    return mail.good_until is not None and _day(at) > mail.good_until


def _may_be_written_to(mail: MailToSend, known: Circumstances, at: datetime) -> bool:
    return mail.answers_enquiry or consent_on(known.consents, _day(at)) is not None


@dataclass(frozen=True, slots=True)
class _Obstacle:
    """An obstacle to a mail at one instant, and when it ends; ``None``: nobody knows."""

    reason: RefusalReason
    detail: Text
    ends: datetime | None


def _not_yet(mail: MailToSend, known: Circumstances, policy: SendPolicy) -> Refused | None:
    at = mail.at
    obstacle = first = _obstacle(mail, known, policy, at)
    if first is None:
        return None
    while obstacle is not None:
        if obstacle.ends is None:
            at = policy.business_time.next_open(_midnight(_day(at) + _ONE_DAY))
            break
        at = obstacle.ends
        obstacle = _obstacle(mail, known, policy, at)
    if _is_over(mail, at):
        over = texts.of_reason_over(mail.good_until)
        return Refused(RefusalReason.REASON_OVER, first.detail.then(over))
    return Refused(first.reason, first.detail, at if _may_be_written_to(mail, known, at) else None)


def _obstacle(
    mail: MailToSend, known: Circumstances, policy: SendPolicy, at: datetime
) -> _Obstacle | None:
    """Return the obstacle to the mail at ``at``; each obstacle ends later than that."""
    day = _day(at)
    for pause in known.pauses:
        if mail.answers_enquiry and pause.cause is PauseCause.DISASTER:
            continue  # what pauses is selling; who asks is answered
        if pause.holds(mail.recipient.organisation, at):
            return _Obstacle(RefusalReason.PAUSED, texts.of_pause(pause), pause.ends)
    if not policy.at_any_time and (found := _bad_time(mail, known, policy, at)):
        return found
    counted = together(known.sent, known.planned)
    for cap in policy.caps:
        if mail.answers_enquiry and cap.subject is not CapSubject.EVERYBODY:
            continue
        if not cap.has_room_on(day, counted):
            used = cap.used_on(day, counted)
            detail = texts.of_cap(cap, used, used - cap.used_on(day, known.sent))
            ends = _midnight(cap.next_day_with_room(day, counted))
            return _Obstacle(RefusalReason.CAP_REACHED, detail, ends)
    return None


def _bad_time(
    mail: MailToSend, known: Circumstances, policy: SendPolicy, at: datetime
) -> _Obstacle | None:
    """Return the quiet period or the closed office that holds the mail up."""
    day = _day(at)
    if period := _quiet_period(mail, known, policy, day):
        ends = _midnight(period.last + _ONE_DAY)
        return _Obstacle(RefusalReason.QUIET_PERIOD, texts.of_quiet_period(period), ends)
    if policy.business_time.is_open(at):
        return None
    detail = texts.of_closed_hours(policy.hours, policy.business_days.why_closed(day))
    return _Obstacle(RefusalReason.OUTSIDE_HOURS, detail, policy.business_time.next_open(at))


def _quiet_period(
    mail: MailToSend, known: Circumstances, policy: SendPolicy, day: date
) -> QuietPeriod | None:
    if mail.answers_enquiry:
        return None
    yearly = (each.period_on(day) for each in policy.quiet)
    return next(
        (
            each
            for each in (*yearly, *known.quiet)
            if each is not None and day in each and each.cause not in mail.allowed_in
        ),
        None,
    )


def _day(at: datetime) -> date:
    return at.astimezone(JAPAN).date()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), JAPAN)
