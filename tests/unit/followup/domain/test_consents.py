"""On which basis somebody may be written to, and who must not be."""

from datetime import UTC, date, datetime

import pytest

from followup.domain.consents.consent import Basis, Consent, check_consent, consent_on
from followup.domain.consents.recipient import Recipient
from followup.domain.consents.suppression import (
    Cause,
    Channel,
    Scope,
    Suppression,
    SuppressionKey,
    suppression_of,
)
from kakehashi_common.domain.errors import DomainError

TODAY = date(2026, 12, 1)
CARD = Consent(Basis.BUSINESS_CARD, date(2026, 5, 12), "名刺 1042")
PAGE = Consent(Basis.PUBLISHED_ADDRESS, date(2026, 5, 12), "https://www.city.example.lg.jp/joho")
RECIPIENT = Recipient("crm-48213", "Taro@joho.City.Example.lg.jp", "102032")


@pytest.mark.parametrize("consent", [CARD, PAGE])
def test_a_consent_with_its_record_is_accepted(consent: Consent) -> None:
    assert check_consent(consent, today=TODAY) == consent


@pytest.mark.parametrize(
    ("consent", "field", "code"),
    [
        (Consent(Basis.OPT_IN, TODAY, " "), "evidence", "evidence_missing"),
        (Consent(Basis.OPT_IN, TODAY, "form\x00"), "evidence", "not_text"),
        (Consent(Basis.PUBLISHED_ADDRESS, TODAY, "市のサイト"), "evidence", "page_missing"),
        (Consent(Basis.OPT_IN, date(2026, 12, 2), "form"), "obtained_on", "in_the_future"),
        (
            Consent(Basis.BUSINESS_RELATION, TODAY, "契約 7", date(2026, 11, 30)),
            "ended_on",
            "ends_too_early",
        ),
    ],
)
def test_a_consent_without_its_record_is_refused(consent: Consent, field: str, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        check_consent(consent, today=TODAY)

    assert (refused.value.field, refused.value.code) == (field, code)


def test_a_published_address_beside_which_advertising_is_refused_is_no_consent() -> None:
    with pytest.raises(DomainError) as refused:
        check_consent(PAGE, today=TODAY, page_refuses_advertising=True)

    assert refused.value.code == "advertising_refused"


@pytest.mark.parametrize(
    ("consents", "day", "found"),
    [
        ([], TODAY, None),
        ([CARD], date(2026, 5, 11), None),
        ([CARD], date(2026, 5, 12), CARD),
        ([PAGE, CARD], TODAY, CARD),
        ([Consent(Basis.BUSINESS_RELATION, date(2020, 4, 1), "契約 7", TODAY)], TODAY, None),
        ([CARD, newer := Consent(Basis.BUSINESS_CARD, TODAY, "名刺 2")], TODAY, newer),
    ],
)
def test_the_strongest_basis_of_the_day_counts(
    consents: list[Consent], day: date, found: Consent | None
) -> None:
    assert consent_on(consents, day) == found


@pytest.mark.parametrize(
    ("key", "concerned"),
    [
        (SuppressionKey(Scope.PERSON, "crm-48213"), True),
        (SuppressionKey(Scope.PERSON, "crm-48214"), False),
        (SuppressionKey(Scope.ADDRESS, "taro@joho.city.example.lg.jp"), True),
        (SuppressionKey(Scope.ADDRESS, "jiro@joho.city.example.lg.jp"), False),
        (SuppressionKey(Scope.DOMAIN, "joho.city.example.lg.jp"), True),
        (SuppressionKey(Scope.DOMAIN, "city.example.lg.jp"), True),
        (SuppressionKey(Scope.DOMAIN, "ample.lg.jp"), False),
        (SuppressionKey(Scope.ORGANISATION, "102032"), True),
        (SuppressionKey(Scope.ORGANISATION, "131041"), False),
    ],
)
def test_a_suppression_concerns_whom_its_key_names(key: SuppressionKey, *, concerned: bool) -> None:
    suppression = Suppression(key, Cause.OPT_OUT, Channel.REPLY, datetime(2026, 5, 12, tzinfo=UTC))

    assert suppression_of(RECIPIENT, [suppression]) == (suppression if concerned else None)


def test_an_address_is_recognised_however_it_was_typed() -> None:
    typed = Recipient("another", "　ＴＡＲＯ@joho.city.example.lg.jp ")

    assert typed.comparable_address == RECIPIENT.comparable_address
