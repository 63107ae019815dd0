"""Count the mails that went, or may have gone: per person, organisation and seller, and in all."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta
from typing import Final

from followup.delivery.mails import MailOrigin
from followup.domain.send_policy.caps import Cap, CapSubject, Sent
from followup.stops import Key
from kakehashi_common.clock import TOKYO, japan_day
from kakehashi_common.lead_merges.repository import is_of_person
from kakehashi_common.reads import Read


def _daily(subject: CapSubject, condition: str) -> str:
    return (
        f"select '{subject}' as subject, (claimed_at at time zone 'Asia/Tokyo')::date as day, "  # noqa: S608 - our own words
        "count(*) as mails from mail_attempt "
        f"where state in ('sending', 'unknown', 'accepted') and {condition} group by 2"
    )


# A range with both ends: PostgreSQL takes one with an open end for a third of all mails, and would
# plan the statement again each time.
_SENT_ON_DAYS: Final = " union all ".join(
    [
        _daily(
            CapSubject.CONTACT,
            f"{is_of_person('lead_id')} and claimed_at between $2 and 'infinity'",
        ),
        _daily(
            CapSubject.ORGANISATION, "organisation = $3 and claimed_at between $4 and 'infinity'"
        ),
        _daily(CapSubject.SELLER, "seller_id = $5 and claimed_at between $6 and 'infinity'"),
        _daily(CapSubject.EVERYBODY, "claimed_at between $7 and 'infinity'"),
    ]
)


def counted_keys(origin: MailOrigin, caps: Iterable[Cap]) -> list[Key]:
    """Return the keys that a mail takes alone (`stops.share`), of those for whom it counts.

    So what is counted behind it is all there is, until the transaction ends.
    """
    return [(f"cap/{subject}", value) for subject, value in counted_by(origin, caps).items()]


def counted_by(origin: MailOrigin, caps: Iterable[Cap]) -> dict[CapSubject, str]:
    """Return for whom a mail counts, of the subjects that have a cap."""
    by = {
        CapSubject.CONTACT: origin.lead_id,
        CapSubject.ORGANISATION: origin.organisation,
        CapSubject.SELLER: origin.seller_id,
        CapSubject.EVERYBODY: "",
    }
    capped = {cap.subject for cap in caps}
    return {each: value for each, value in by.items() if each in capped and value is not None}


def sent_on_days(origin: MailOrigin, caps: Collection[Cap], now: datetime) -> Read[Sent]:
    """Read how many mails went or are going on each day, as far back as the caps look.

    A mail whose fate is unknown counts, one that was refused or put off does not.
    """
    return Read(
        _SENT_ON_DAYS,
        [
            origin.lead_id,
            _since(CapSubject.CONTACT, caps, now),
            origin.organisation,
            _since(CapSubject.ORGANISATION, caps, now),
            origin.seller_id,
            _since(CapSubject.SELLER, caps, now),
            _since(CapSubject.EVERYBODY, caps, now),
        ],
        _counts,
    )


_PLANNED: Final = " union all ".join(
    f"select '{subject}' as subject, "  # noqa: S608 - our own words
    "(greatest(mail_due_at, $2) at time zone 'Asia/Tokyo')::date as day, count(*) as mails "
    f"from sequence where {condition} and is_open and mail_due_at < $3 "
    "and precedence > (select precedence from sequence where sequence_id = $1) "
    "and not exists (select from mail_attempt mail where mail.sequence_id = sequence.sequence_id "
    "and mail.step_id = sequence.step_id and claimed_at >= mail_planned_at "
    "and mail.state in ('sending', 'unknown', 'accepted')) group by 2"
    for subject, condition in (
        (CapSubject.CONTACT, "lead_id = $4"),
        (CapSubject.ORGANISATION, "municipality_code = $5"),
    )
)


def planned_by_higher(origin: MailOrigin, caps: Collection[Cap], now: datetime) -> Read[Sent]:
    """Read how many mails of higher playbooks are planned for the same contact and organisation.

    Counted on the day for which each is planned, as far ahead as the caps look; one that is late
    counts today, and one that went or may have gone, not here.
    """
    ahead = timedelta(days=max((cap.days for cap in caps), default=0))
    return Read(
        _PLANNED,
        [origin.sequence_id, now, now + ahead, origin.lead_id, origin.organisation],
        _counts,
    )


def _counts(rows: Iterable[tuple[str, date, int]]) -> Sent:
    counts: dict[CapSubject, dict[date, int]] = {}
    for subject, day, mails in rows:
        counts.setdefault(CapSubject(subject), {})[day] = mails
    return counts


def _since(subject: CapSubject, caps: Iterable[Cap], now: datetime) -> datetime | None:
    """Return from when on mails matter to the caps of a subject; ``None``: it has none."""
    days = max((cap.days for cap in caps if cap.subject is subject), default=0)
    if not days:
        return None
    return datetime.combine(japan_day(now) - timedelta(days=days - 1), time(), TOKYO)
