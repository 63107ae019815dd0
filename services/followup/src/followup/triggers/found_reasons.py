"""Reasons that nobody reports: found in what other services say, or when a known day comes."""

import asyncio
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from followup import stops
from followup.domain.consents.suppression import Scope, SuppressionKey
from followup.domain.triggers.days import KnownDay
from followup.domain.triggers.reasons import MOST_IMPORTANT, Reason, usual_window
from followup.sequences import repository as sequences
from followup.triggers import day_repository, pursuit_contacts
from followup.triggers.pursuit_contacts import PursuitContacts
from followup.triggers.reasons import Reasons
from followup.triggers.repository import StoredReason
from kakehashi_common.clock import Clock, japan_day
from kakehashi_common.cloudevents.codec import Received, event_key
from kakehashi_common.contracts.budget_phases import PursuitCut
from kakehashi_common.contracts.deal_events import DealChanged, DealOutcome
from kakehashi_common.contracts.handoffs import HandoffChanged, MeetingHeld, Recycled
from kakehashi_common.contracts.lead_events import ActivityKind, ActivityRecorded
from kakehashi_common.contracts.seller_activities import (
    SellerActivityKind,
    SellerActivityRecorded,
)
from kakehashi_common.db import Database, RawConnection, driver_connection
from kakehashi_common.domain.checks import require_day
from kakehashi_common.domain.japanese_writing import day as in_words
from kakehashi_common.domain.reasons import ReasonKind
from kakehashi_common.domain.texts import Text
from kakehashi_common.polling import poll

_FOUND: Final = "//kakehashi/followup/found-reasons"
"""The source of reasons that the service itself has found."""
_MET: Final = frozenset({SellerActivityKind.MEETING, SellerActivityKind.VISIT})
_AT_ONCE: Final = 200
_EVERY: Final = timedelta(minutes=1)


class FoundReasons:
    """Finds reasons. Run it as a component of a process.

    Args:
        database: where days are kept.
        reasons: takes them in.
        clock: gives the present time.
        first_contact_days: after which a card or consent is no first contact any more; 0: never.
        regular_value: whether each quarter is a reason to write to who was in contact before.
    """

    def __init__(
        self,
        database: Database,
        reasons: Reasons,
        clock: Clock,
        *,
        first_contact_days: int = 14,
        regular_value: bool = True,
    ) -> None:
        self._database = database
        self._reasons = reasons
        self._clock = clock
        self._first_contact_days = first_contact_days
        self._regular_value = regular_value

    async def save(self, batch: Sequence[Received[Any]]) -> None:
        """Take in what a batch of events says; what came before changes nothing.

        Raises:
            TransientError: the database is unavailable.
        """
        today = japan_day(self._clock.now())
        found = [each for received in batch for each in reasons_of(received)]
        met = [each for received in batch for each in first_meetings_of(received)]
        ends = [each for received in batch for each in contracts_of(received)]
        deals = [each for received in batch for each in pursued_by(received)]
        if not found and not met and not ends and not deals:
            return
        async with self._database.transaction() as connection:
            raw = await driver_connection(connection)
            leads = {each.lead_id for each in (*met, *(day for day, _ in ends))} - {None}
            await stops.stop(raw, (SuppressionKey(Scope.PERSON, str(each)) for each in leads))
            # Days before reasons, as where a day's reason is raised: neither waits for the other.
            await day_repository.save_first(raw, [(each, each.raise_on(today)) for each in met])
            await day_repository.save_newest(
                raw, [(each, each.raise_on(today) if runs else None) for each, runs in ends]
            )
            await pursuit_contacts.save(raw, deals)
            await self._reasons.raise_found(connection, await _with_contacts(raw, found))

    async def save_left(self, lead_id: str, sequence_id: str | None, at: datetime) -> None:
        """Take in that a contact has left; what is said again on that day changes nothing.

        Args:
            lead_id: the contact's.
            sequence_id: whose owner looks for the successor; ``None``: of the latest one.
            at: when it became known.

        Raises:
            TransientError: the database is unavailable.
        """
        day = japan_day(at)
        first, last = usual_window(ReasonKind.CONTACT_LEFT, day)
        async with self._database.transaction() as connection:
            raw = await driver_connection(connection)
            owner = None if sequence_id is None else await sequences.owner_of(raw, sequence_id)
            reason = Reason(
                ReasonKind.CONTACT_LEFT,
                Text(
                    ja=f"{in_words(day)}の自動返信に、異動または退職とありました。"
                    "後任の方を確かめましょう。",
                    en=f"An automatic reply of {day} says that they have left: find the successor.",
                ),
                first,
                last,
                lead_id=lead_id,
                owner=owner or await sequences.latest_owner(raw, lead_id),
                importance=MOST_IMPORTANT,
            )
            found = StoredReason(event_key(_FOUND, f"left/{lead_id}/{day}"), reason, at)
            await self._reasons.raise_found(connection, [found])

    async def run(self, stop: asyncio.Event) -> None:
        """Raise the reasons of days that come until ``stop`` is set."""
        await poll(stop, self.look, "known days wait", every=_EVERY)

    async def look(self) -> int:
        """Raise the reasons of days that have come; return how many.

        Raises:
            TransientError: the database is unavailable.
        """
        await self._look_for_contacts()
        raised = 0
        while found := await self._raise_some():
            raised += found
        return raised

    async def _look_for_contacts(self) -> None:
        """Keep the days of new contacts, and the turns of those who were in contact before."""
        today = japan_day(self._clock.now())
        days = timedelta(days=self._first_contact_days)
        # Who is found is raised from tomorrow on: a first start spreads its contacts, too.
        later = usual_window(ReasonKind.REGULAR_VALUE, today)[1] + timedelta(days=1)
        async with self._database.raw_transaction() as raw:
            if days:
                new = await day_repository.first_contacts(
                    raw, today - days, today - 2 * days, _AT_ONCE
                )
                await day_repository.save_first(raw, [(each, each.raise_on(today)) for each in new])
            if self._regular_value:
                known = await day_repository.acquainted(raw, _AT_ONCE)
                await day_repository.save_first(
                    raw, [(each, each.raise_on(later)) for each in known]
                )

    async def _raise_some(self) -> int:
        now = self._clock.now()
        today = japan_day(now)
        async with self._database.transaction() as connection:
            raw = await driver_connection(connection)
            days = await day_repository.due(raw, today, _AT_ONCE)
            busy = await day_repository.in_a_sequence(
                raw, [str(each.lead_id) for each in days if each.kind is ReasonKind.REGULAR_VALUE]
            )
            reasons, following = [], []
            for each in days:
                reason = each.reason(today)
                if reason is not None and self._is_raised(each, busy):
                    key = event_key(_FOUND, f"{each.day_id}/{reason.good_from}")
                    reasons.append(StoredReason(key, reason, now))
                following.append((each.day_id, _next(each, reason, today)))
            await self._reasons.raise_found(connection, reasons)
            await day_repository.raise_next(raw, following)
        return len(days)

    def _is_raised(self, known: KnownDay, busy: Collection[str | None]) -> bool:
        """Whether a day's reason is raised; who is in a sequence hears from the seller anyway."""
        match known.kind:
            case ReasonKind.FIRST_CONTACT:
                return bool(self._first_contact_days)
            case ReasonKind.REGULAR_VALUE:
                return self._regular_value and known.lead_id not in busy
            case _:
                return True


async def _with_contacts(raw: RawConnection, found: list[StoredReason]) -> list[StoredReason]:
    """Return the reasons, those of a pursuit with who takes part in its deal."""
    pursuits = {each.reason.pursuit_id for each in found} - {None}
    known = await pursuit_contacts.find(raw, sorted(map(str, pursuits))) if pursuits else {}
    return [
        each
        if (there := known.get(each.reason.pursuit_id or "")) is None
        else replace(each, reason=replace(each.reason, lead_ids=there.lead_ids, owner=there.owner))
        for each in found
    ]


def _next(known: KnownDay, reason: Reason | None, today: date) -> date | None:
    """Return when the reason behind this one begins."""
    return known.raise_on(today if reason is None else reason.good_until + timedelta(days=1))


def reasons_of(received: Received[Any]) -> Iterator[StoredReason]:
    """Yield the reasons that an event is by itself."""
    event = received.event
    match event.data:
        case HandoffChanged(step=Recycled(until=until)):
            first, last = usual_window(ReasonKind.HANDOFF_RECYCLED, japan_day(event.occurred_at))
            reason = Reason(
                ReasonKind.HANDOFF_RECYCLED,
                Text(
                    ja=f"引き継ぎが{in_words(until)}まで見送りになりました。"
                    "ご検討のお礼を伝え、その後のご状況を伺いましょう。",
                    en=f"The handoff rests until {until}: thank them, and ask how things are.",
                ),
                first,
                last,
                municipality_code=event.data.municipality_code,
                lead_id=event.data.lead_id,
                owner=event.data.sender or event.data.owner,
                policy_area=event.data.policy_area,
            )
        case PursuitCut(municipality_code=code, cut_on=cut_on):
            first, last = usual_window(ReasonKind.PURSUIT_CUT, cut_on)
            reason = Reason(
                ReasonKind.PURSUIT_CUT,
                Text(
                    ja=f"予算化が{in_words(cut_on)}に見送られました。"
                    "ご検討のお礼を伝え、次の機会に向けて理由を伺いましょう。",
                    en=f"The budget was cut on {cut_on}: thank them, and ask why.",
                ),
                first,
                last,
                municipality_code=code,
                pursuit_id=event.data.pursuit_id,
                policy_area=event.data.policy_area,
            )
        case SellerActivityRecorded(lead_id=str(lead_id), outcome="poc_agreed", reached=True):
            first, last = usual_window(ReasonKind.POC_AGREED, japan_day(event.occurred_at))
            reason = Reason(
                ReasonKind.POC_AGREED,
                Text(
                    ja="実証実験を行うことで合意しました。範囲・期間・指標・目標値を確認書にまとめましょう。",
                    en="A proof of concept was agreed: put scope, period, metrics and targets in "
                    "writing.",
                ),
                first,
                last,
                municipality_code=event.data.municipality_code,
                lead_id=lead_id,
                owner=event.data.member_id,
            )
        case _:
            return
    yield StoredReason(event_key(_FOUND, str(received.key)), reason, event.occurred_at)


def first_meetings_of(received: Received[Any]) -> Iterator[KnownDay]:
    """Yield the meeting that an event says was held."""
    event = received.event
    match event.data:
        case ActivityRecorded(lead_id=lead_id, kind=ActivityKind.MEETING_HELD):
            owner = None
        case HandoffChanged(lead_id=lead_id, step=MeetingHeld(member_id=owner)):
            pass
        case SellerActivityRecorded(
            lead_id=str(lead_id), member_id=owner, kind=kind, reached=True
        ) if kind in _MET:
            pass
        case _:
            return
    yield KnownDay(
        f"first-meeting/{lead_id}",
        ReasonKind.FIRST_MEETING_ANNIVERSARY,
        japan_day(event.occurred_at),
        event.occurred_at,
        lead_id=lead_id,
        owner=owner,
    )


def pursued_by(received: Received[Any]) -> Iterator[PursuitContacts]:
    """Yield who takes part in the deal of a pursuit, as an event says it."""
    event, deal = received.event, received.event.data
    if isinstance(deal, DealChanged) and deal.pursuit_id is not None and deal.lead_ids:
        yield PursuitContacts(deal.pursuit_id, deal.lead_ids, deal.owner, event.occurred_at)


def contracts_of(received: Received[Any]) -> Iterator[tuple[KnownDay, bool]]:
    """Yield the contract that a deal's statement is about, and whether it runs.

    It concerns the leads of the deal who still work there; people move on every few years.

    Raises:
        DomainError: the contract ends out of reach (``out_of_range``).
    """
    event, deal = received.event, received.event.data
    if not isinstance(deal, DealChanged):
        return
    code = deal.municipality_code
    lead_id = None if code is not None else next(iter(deal.lead_ids), None)
    if code is None and lead_id is None:
        return
    if deal.contract_ends_on is not None:
        require_day(deal.contract_ends_on, "contract_ends_on")
    runs = deal.outcome is DealOutcome.WON and deal.contract_ends_on is not None
    yield (
        KnownDay(
            f"contract/{deal.deal_id}",
            ReasonKind.CONTRACT_EXPIRY,
            deal.contract_ends_on or japan_day(event.occurred_at),
            event.occurred_at,
            lead_id=lead_id,
            municipality_code=code,
            owner=deal.owner,
            lead_ids=() if code is None else deal.lead_ids,
        ),
        runs,
    )
