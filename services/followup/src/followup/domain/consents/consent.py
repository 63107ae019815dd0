"""The bases on which advertising mail may be sent, and the record that each of them needs.

Source: 特定電子メールの送信の適正化等に関する法律 3条1項, and 施行規則2条–4条. No legal advice.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from kakehashi_common.domain.errors import DomainError, require_text

_PAGE: Final = re.compile(r"https?://\S+")


class Basis(StrEnum):
    """The basis on which somebody may be sent advertising mail; the strongest first."""

    OPT_IN = "opt_in"
    """Asked for it or agreed to it (3条1項1号)."""
    BUSINESS_RELATION = "business_relation"
    """Is in a business relation with the seller (3条1項3号)."""
    BUSINESS_CARD = "business_card"
    """Gave the address in writing, such as on a business card (3条1項2号)."""
    PUBLISHED_ADDRESS = "published_address"
    """An organisation has published the address, and doesn't say there that it wants no
    advertising (3条1項4号)."""


_ORDER: Final = tuple(Basis)


@dataclass(frozen=True, slots=True)
class Consent:
    """The record that one address may be written to."""

    basis: Basis
    obtained_on: date
    """The day in Japan on which it was given, or on which the page was read."""
    evidence: str
    """The place of the record: the form, the card, the contract, the page's URL."""
    ended_on: date | None = None
    """The first day on which it no longer holds: the relation ended, the page changed."""

    def holds_on(self, day: date) -> bool:
        """Whether it permits mail on ``day``."""
        return self.obtained_on <= day and (self.ended_on is None or day < self.ended_on)


def check_consent(
    consent: Consent, *, today: date, page_refuses_advertising: bool = False
) -> Consent:
    """Return ``consent`` if it may be recorded.

    Args:
        consent: the record.
        today: the day in Japan.
        page_refuses_advertising: whether the page that publishes the address says that no
            advertising mail is wanted (施行規則3条).

    Raises:
        DomainError: it names no evidence (``evidence_missing``), or a published address no page
            (``page_missing``); it lies in the future (``in_the_future``); it ends before it begins
            (``ends_too_early``); the page refuses advertising (``advertising_refused``).
    """
    evidence = require_text(consent.evidence, "evidence").strip()
    if not evidence:
        raise DomainError(
            "say where the consent is recorded: a form, a business card, a contract, a page",
            field="evidence",
            code="evidence_missing",
        )
    if consent.basis is Basis.PUBLISHED_ADDRESS:
        if not _PAGE.search(evidence):
            raise DomainError(
                "give the URL of the page that publishes the address",
                field="evidence",
                code="page_missing",
            )
        if page_refuses_advertising:
            raise DomainError(
                "the page says that no advertising mail is wanted: ask for consent first",
                field="basis",
                code="advertising_refused",
            )
    if consent.obtained_on > today:
        raise DomainError(
            f"{consent.obtained_on} lies in the future: give the day on which it was obtained",
            field="obtained_on",
            code="in_the_future",
        )
    if consent.ended_on is not None and consent.ended_on < consent.obtained_on:
        raise DomainError(
            f"it ends on {consent.ended_on}, before it was obtained on {consent.obtained_on}",
            field="ended_on",
            code="ends_too_early",
        )
    return consent


def consent_on(consents: Iterable[Consent], day: date) -> Consent | None:
    """Return the consent with the strongest basis that holds on ``day``; the newest of these."""
    return min(
        (each for each in consents if each.holds_on(day)),
        key=lambda each: (_ORDER.index(each.basis), -each.obtained_on.toordinal(), each.evidence),
        default=None,
    )
