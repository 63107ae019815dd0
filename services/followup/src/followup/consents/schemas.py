"""Consents and suppressions, as the API shows and takes them."""

import re
from datetime import date, datetime
from typing import Annotated, Final

from pydantic import Field

from followup.consents.service import ConsentsOfAddress
from followup.domain.consents.consent import Basis, Consent
from followup.domain.consents.suppression import (
    Cause,
    Channel,
    Scope,
    Suppression,
    SuppressionKey,
)
from followup.domain.send_policy.pauses import Pause, PauseCause
from kakehashi_common.contracts.email_addresses import EmailAddress
from kakehashi_common.contracts.events import MunicipalityCode
from kakehashi_common.contracts.municipalities import known_municipality_code
from kakehashi_common.domain.checks import LONGEST_NOTE, require_lead_id
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.domain.person import comparable_email
from kakehashi_common.http.fields import DayWithinReach, InstantWithinReach, JapanTime
from kakehashi_common.http.requests import Flag, RequestBody, ResponseBody

_HOST: Final = r"[\w-]+(\.[\w-]+)+"
_ADDRESS: Final = re.compile(rf"[^\s@<>:;,]+@{_HOST}")
_DOMAIN: Final = re.compile(_HOST)
"""Wide: an opt-out is not refused for an address that we would not have taken."""

SuppressedValue = Annotated[
    str,
    Field(
        min_length=1,
        max_length=320,
        description="The lead's id, the address, the domain, or the municipality's code",
    ),
]
Reason = Annotated[str, Field(min_length=1, max_length=LONGEST_NOTE, description="No names")]


class BasisIn(RequestBody):
    """On which basis somebody may be written to (特定電子メール法3条)."""

    basis: Basis
    obtained_on: DayWithinReach
    evidence: str = Field(
        min_length=1,
        max_length=LONGEST_NOTE,
        description="Where the record lies: a form, a business card, a contract, a page's URL",
    )
    ended_on: DayWithinReach | None = Field(
        default=None, description="The first day it no longer holds"
    )
    page_refuses_advertising: Flag = Field(
        default=False, description="Whether the page says that it wants no advertising"
    )

    def consent(self) -> Consent:
        """Return the domain's value."""
        return Consent(self.basis, self.obtained_on, self.evidence, self.ended_on)


class ConsentIn(BasisIn):
    """On which basis an address may be written to (特定電子メール法3条)."""

    address: EmailAddress


class ConsentOut(ResponseBody):
    """One record."""

    basis: Basis
    obtained_on: date
    evidence: str
    ended_on: date | None

    @classmethod
    def of(cls, consent: Consent) -> "ConsentOut":
        """Show a consent."""
        return cls(
            basis=consent.basis,
            obtained_on=consent.obtained_on,
            evidence=consent.evidence,
            ended_on=consent.ended_on,
        )


class SuppressionOut(ResponseBody):
    """Somebody who must not be written to."""

    scope: Scope
    value: str = Field(description="Of an address whose person was erased, a digest")
    cause: Cause
    channel: Channel
    since: JapanTime

    @classmethod
    def of(cls, suppression: Suppression) -> "SuppressionOut":
        """Show a suppression."""
        return cls(
            scope=suppression.key.scope,
            value=suppression.key.value,
            cause=suppression.cause,
            channel=suppression.channel,
            since=suppression.since,
        )


class ConsentsOut(ResponseBody):
    """The records of one address."""

    address: str
    consents: list[ConsentOut]
    suppressions: list[SuppressionOut]

    @classmethod
    def of(cls, known: ConsentsOfAddress) -> "ConsentsOut":
        """Show the records of an address."""
        return cls(
            address=known.address,
            consents=[ConsentOut.of(each) for each in known.consents],
            suppressions=[SuppressionOut.of(each) for each in known.suppressions],
        )


class KeyIn(RequestBody):
    """The key of a suppression."""

    scope: Scope
    value: SuppressedValue

    def key(self) -> SuppressionKey:
        """Return the domain's key: addresses and domains without case and width."""
        if self.scope is Scope.ADDRESS:
            return SuppressionKey(self.scope, comparable_email(self.value))
        if self.scope is Scope.DOMAIN:
            return SuppressionKey(self.scope, comparable_email(self.value).rstrip("."))
        return SuppressionKey(self.scope, self.value)


class SuppressionIn(KeyIn):
    """A suppression, and its cause."""

    cause: Cause = Cause.OPT_OUT
    channel: Channel = Channel.API

    def suppression(self, since: datetime) -> Suppression:
        """Return the domain's value.

        Raises:
            DomainError: nobody has such an address, domain, lead's id or code
                (``not_an_address``, ``not_a_domain``, ``not_a_lead_id``,
                ``not_a_municipality_code``): it would hold for nobody.
        """
        return Suppression(_possible(self.key()), self.cause, self.channel, since)


def _possible(key: SuppressionKey) -> SuppressionKey:
    match key.scope:
        case Scope.PERSON:
            require_lead_id(key.value, "value")
        case Scope.ADDRESS if not _ADDRESS.fullmatch(key.value):
            raise DomainError(
                "give an address alone, such as hanako.sato@example.jp",
                field="value",
                code="not_an_address",
            )
        case Scope.DOMAIN if not _DOMAIN.fullmatch(key.value):
            raise DomainError(
                "give a domain alone, such as city.example.lg.jp; it holds for those below it, too",
                field="value",
                code="not_a_domain",
            )
        case Scope.ORGANISATION:
            try:
                known_municipality_code(key.value)
            except ValueError as error:
                raise DomainError(
                    str(error), field="value", code="not_a_municipality_code"
                ) from None
    return key


class SuppressionRowIn(RequestBody):
    """A row of a file: whom not to write to any more, and why."""

    scope: Scope
    cause: Cause = Cause.OPT_OUT

    def suppression(self, value: str, since: datetime) -> Suppression:
        """Return the domain's value; see `SuppressionIn`."""
        row = SuppressionIn(scope=self.scope, value=value, cause=self.cause, channel=Channel.IMPORT)
        return row.suppression(since)


class SuppressionsImportOut(ResponseBody):
    """The result of importing suppressions."""

    dry_run: bool = Field(description="True: nothing was stored")
    rows: int
    added: int = Field(description="Of which were not there before; those stay as they were")


class ConsentsImportOut(ResponseBody):
    """The result of importing consents."""

    dry_run: bool = Field(description="True: nothing was stored")
    rows: int


class LiftIn(KeyIn):
    """The suppression to lift, and the reason."""

    reason: Reason


class SendingPauseIn(RequestBody):
    """A stop of all sending."""

    cause: PauseCause
    ends: InstantWithinReach | None = Field(
        default=None, description="Absent: until somebody ends it"
    )
    municipality_code: MunicipalityCode | None = Field(
        default=None, description="Absent: nothing is sent to anybody"
    )

    def pause(self, since: datetime) -> Pause:
        """Return the domain's value."""
        return Pause(self.cause, since, self.ends, self.municipality_code)
