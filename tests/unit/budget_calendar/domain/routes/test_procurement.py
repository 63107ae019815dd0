from datetime import date

import pytest

from budget_calendar.domain.goals import ContractCategory
from budget_calendar.domain.municipality import MunicipalityType
from budget_calendar.domain.routes.local_rules import (
    CouncilVotes,
    LocalRules,
    SmallContractCeilings,
)
from budget_calendar.domain.routes.procurement import (
    Award,
    Threshold,
    checked_rules,
    contract_after,
    council_vote_threshold,
    small_contract_ceiling,
    treaty_threshold,
)
from kakehashi_common.domain.errors import DomainError

CITY, TOWN = MunicipalityType.CITY, MunicipalityType.TOWN
PREFECTURE, DESIGNATED = MunicipalityType.PREFECTURE, MunicipalityType.DESIGNATED_CITY
WARD = MunicipalityType.SPECIAL_WARD
SERVICES, PURCHASE = ContractCategory.SERVICES, ContractCategory.PURCHASE
LEASE, WORKS = ContractCategory.LEASE, ContractCategory.WORKS
NOW, BEFORE = date(2025, 4, 1), date(2025, 3, 31)
MAN = 10_000


@pytest.mark.parametrize(
    ("kind", "category", "before", "now"),
    [
        (CITY, WORKS, 130, 200),
        (CITY, PURCHASE, 80, 150),
        (CITY, LEASE, 40, 80),
        (CITY, SERVICES, 50, 100),
        (WARD, SERVICES, 50, 100),
        (TOWN, WORKS, 130, 200),
        (PREFECTURE, WORKS, 250, 400),
        (PREFECTURE, PURCHASE, 160, 300),
        (PREFECTURE, LEASE, 80, 150),
        (DESIGNATED, SERVICES, 100, 200),
    ],
)
def test_ceilings_of_small_contracts_as_raised_on_1_april_2025(
    kind: MunicipalityType, category: ContractCategory, before: int, now: int
) -> None:
    assert small_contract_ceiling(kind, category, BEFORE).amount == before * MAN
    assert small_contract_ceiling(kind, category, NOW).amount == now * MAN


def test_a_municipality_that_raised_its_ceilings_later_keeps_its_own_until_then() -> None:
    def own(amount: int, since: date) -> SmallContractCeilings:
        return SmallContractCeilings(amount, amount, amount, amount, since, "財務規則")

    local = LocalRules((own(500_000, date(2000, 4, 1)), own(1_000_000, date(2025, 10, 1))))
    for on, amount in ((date(2025, 9, 30), 500_000), (date(2025, 10, 1), 1_000_000)):
        ceiling = small_contract_ceiling(CITY, SERVICES, on, local)
        assert ceiling == Threshold(amount, "財務規則")


@pytest.mark.parametrize(
    ("kind", "category", "amount"),
    [
        (PREFECTURE, PURCHASE, 7000),
        (DESIGNATED, PURCHASE, 4000),
        (CITY, PURCHASE, 2000),
        (WARD, PURCHASE, 2000),
        (TOWN, PURCHASE, 700),
        (PREFECTURE, WORKS, 50_000),
        (DESIGNATED, WORKS, 30_000),
        (CITY, WORKS, 15_000),
        (TOWN, WORKS, 5_000),
        (CITY, SERVICES, None),
        (PREFECTURE, LEASE, None),
    ],
)
def test_from_which_price_the_council_votes_on_a_contract(
    kind: MunicipalityType, category: ContractCategory, amount: int | None
) -> None:
    threshold = council_vote_threshold(kind, category)
    assert (threshold.amount if threshold else None) == (amount and amount * MAN)


@pytest.mark.parametrize(
    ("kind", "category", "on", "amount"),
    [
        (PREFECTURE, SERVICES, date(2026, 3, 31), 3600),
        (PREFECTURE, SERVICES, date(2026, 4, 1), 4000),
        (DESIGNATED, PURCHASE, date(2028, 3, 31), 4000),
        (DESIGNATED, WORKS, date(2027, 1, 1), 302_000),
        (PREFECTURE, SERVICES, date(2028, 4, 1), None),
        (CITY, SERVICES, date(2027, 1, 1), None),
    ],
)
def test_the_treaty_binds_large_bodies_while_its_threshold_is_valid(
    kind: MunicipalityType, category: ContractCategory, on: date, amount: int | None
) -> None:
    threshold = treaty_threshold(kind, category, on)
    assert (threshold.amount if threshold else None) == (amount and amount * MAN)


@pytest.mark.parametrize(
    ("kind", "category", "amount", "award", "vote"),
    [
        (CITY, SERVICES, 0, Award.SMALL_CONTRACT, False),
        (CITY, SERVICES, 100 * MAN, Award.SMALL_CONTRACT, False),
        (CITY, SERVICES, 100 * MAN + 1, Award.PROPOSAL, False),
        (CITY, PURCHASE, 151 * MAN, Award.BID, False),
        (CITY, PURCHASE, 2000 * MAN, Award.BID, True),
        (TOWN, PURCHASE, 700 * MAN, Award.BID, True),
        (CITY, LEASE, 5000 * MAN, Award.BID, False),
        (PREFECTURE, SERVICES, 4000 * MAN, Award.TREATY_BID, False),
        (PREFECTURE, PURCHASE, 7000 * MAN, Award.TREATY_BID, True),
    ],
)
def test_which_contract_follows(
    kind: MunicipalityType, category: ContractCategory, amount: int, award: Award, *, vote: bool
) -> None:
    plan = contract_after(kind, category, amount, date(2026, 6, 1))
    assert (plan.award, plan.council_vote) == (award, vote)
    assert all(plan.sources)


def test_an_amount_below_0_is_refused() -> None:
    with pytest.raises(DomainError) as refused:
        contract_after(CITY, SERVICES, -1, NOW)
    assert (refused.value.field, refused.value.code) == ("amount", "amount_too_low")
    with pytest.raises(DomainError) as refused:
        SmallContractCeilings(1, 1, -1, 1, NOW, "財務規則")
    assert refused.value.field == "lease"


@pytest.mark.parametrize("years", [0, 11])
def test_a_term_no_ordinance_knows_is_refused(years: int) -> None:
    with pytest.raises(DomainError, match="1–10"):
        LocalRules(long_term_years=years)


def ceilings(amount: int, since: date = date(2025, 10, 1)) -> SmallContractCeilings:
    return SmallContractCeilings(amount, amount, amount, amount, since, "財務規則")


def test_an_ordinance_may_let_the_council_vote_from_a_higher_price() -> None:
    local = LocalRules(
        council_votes=CouncilVotes(150_000_000, 30_000_000, "議決に付すべき契約条例")
    )
    assert checked_rules(local, CITY) == local
    purchase = ContractCategory.PURCHASE
    assert council_vote_threshold(CITY, purchase, local) == Threshold(
        30_000_000, "議決に付すべき契約条例"
    )
    assert council_vote_threshold(CITY, SERVICES, local) is None
    assert not contract_after(CITY, purchase, 25_000_000, NOW, local).council_vote


@pytest.mark.parametrize(
    ("local", "field", "code"),
    [
        (LocalRules((ceilings(800_001),)), "ceilings/0/lease", "above_legal_ceiling"),
        (
            LocalRules((ceilings(400_000), ceilings(800_000, date(2025, 3, 31)))),
            "ceilings/1/services",
            "above_legal_ceiling",  # what the law allows was raised on 1 April 2025
        ),
        (
            LocalRules(council_votes=CouncilVotes(150_000_000, 19_999_999, "条例")),
            "council_votes/purchase",
            "below_legal_threshold",
        ),
    ],
)
def test_local_rules_beyond_the_law_are_refused(local: LocalRules, field: str, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        checked_rules(local, CITY)
    assert (refused.value.field, refused.value.code) == (field, code)


def test_two_ceilings_from_one_day_are_refused() -> None:
    with pytest.raises(DomainError) as refused:
        LocalRules((ceilings(1), ceilings(2)))
    assert refused.value.field == "ceilings/1/valid_from"
