import pytest

from budget_calendar.domain.council.bill_titles import BudgetTitle, has_passed, read_budget_title
from budget_calendar.domain.council.sessions import BudgetBillKind
from kakehashi_common.domain.errors import DomainError

INITIAL, SUPPLEMENTARY, PROVISIONAL = (
    BudgetBillKind.INITIAL,
    BudgetBillKind.SUPPLEMENTARY,
    BudgetBillKind.PROVISIONAL,
)


@pytest.mark.parametrize(
    ("title", "kind", "fiscal_year", "account", "number"),
    [
        ("令和元年度桐生市一般会計補正予算（第1号）", SUPPLEMENTARY, 2019, "一般会計", 1),
        ("令和２年度桐生市一般会計補正予算（第１２号）", SUPPLEMENTARY, 2020, "一般会計", 12),
        ("平成24年度桐生市一般会計予算", INITIAL, 2012, "一般会計", None),
        ("令和元年度桐生市一般会計予算", INITIAL, 2019, "一般会計", None),
        ("平成31年度桐生市一般会計予算", INITIAL, 2019, "一般会計", None),
        ("令和6年度桐生市一般会計当初予算", INITIAL, 2024, "一般会計", None),
        ("令和6年度一般会計予算を定めることについて", INITIAL, 2024, "一般会計", None),
        ("令和6年度桐生市一般会計暫定予算", PROVISIONAL, 2024, "一般会計", None),
        ("平成24年度桐生市水道事業会計予算", INITIAL, 2012, "水道事業会計", None),
        (
            "平成24年度桐生市国民健康保険事業特別会計補正予算（第2号）",
            SUPPLEMENTARY,
            2012,
            "国民健康保険事業特別会計",
            2,
        ),
        (
            "令和5年度桐生市介護保険事業特別会計（保険事業勘定）補正予算（第1号）について",
            SUPPLEMENTARY,
            2023,
            "介護保険事業特別会計(保険事業勘定)",
            1,
        ),
        ("2024年度桐生市一般会計補正予算(第3号)案", SUPPLEMENTARY, 2024, "一般会計", 3),
        ("令和6年度桐生市一般会計補正予算", SUPPLEMENTARY, 2024, "一般会計", None),
    ],
)
def test_a_budget_is_read_from_its_title(
    title: str, kind: BudgetBillKind, fiscal_year: int, account: str, number: int | None
) -> None:
    assert read_budget_title(title, "桐生市") == BudgetTitle(
        kind, fiscal_year, account, number, decided_by_head=False
    )


@pytest.mark.parametrize(
    "title",
    [
        "専決処分（令和2年度桐生市一般会計補正予算（第6号））の承認を求めるについて",
        "専決処分（令和2年度桐生市一般会計補正予算（第6号））の承認を 求めるについて",
        "専決処分（令和2年度桐生市一般会計補正予算（第6号））の承認を\n求めるについて",
        "専決処分の承認を求めることについて（令和２年度桐生市一般会計補正予算（第６号））",
        "令和2年度桐生市一般会計補正予算（専決第6号）",
    ],
)
def test_what_the_head_decided_is_told_from_what_the_council_did(title: str) -> None:
    assert read_budget_title(title, "桐生市") == BudgetTitle(
        SUPPLEMENTARY, 2020, "一般会計", 6, decided_by_head=True
    )


@pytest.mark.parametrize(
    "title",
    [
        "専決処分（桐生市市税条例の一部改正）の承認を求めるについて",
        "平成23年度桐生市水道事業会計決算の認定について",
        "平成23年度桐生市水道事業会計未処分利益余剰金の処分について",
        "桐生市会計年度任用職員の給与及び費用弁償に関する条例案",
        "桐生市特別会計設置条例の一部を改正する条例案",
        "市町村道路関係予算の確保及び道路整備に係る補助率等の嵩上げ措置の継続を求める意見書案",
        "令和4年度桐生市一般会計予算繰越明許費繰越計算書の報告について",
        "",
    ],
)
def test_other_bills_are_no_budgets(title: str) -> None:
    assert read_budget_title(title, "桐生市") is None


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("和2年度桐生市学校給食共同調理場事業特別会計予算", "unreadable_budget_title"),
        ("桐生市一般会計補正予算（第3号）", "unreadable_budget_title"),
        ("専決処分（桐生市一般会計補正予算（第3号））の承認について", "unreadable_budget_title"),
        ("令和6年度桐生市一般会計暫定補正予算（第1号）", "unreadable_budget_title"),
        ("令和0年度桐生市一般会計予算", "not_a_year"),
        ("令和6年度高崎市一般会計予算", "another_municipality"),
    ],
)
def test_what_looks_like_a_budget_but_cannot_be_read_is_refused(title: str, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        read_budget_title(title, "桐生市")
    assert refused.value.code == code


def test_a_year_without_do_is_read_and_said() -> None:
    read = read_budget_title("平成26年桐生市一般会計補正予算（第1号）", "桐生市")
    assert read is not None
    assert (read.fiscal_year, read.read_with) == (2014, "平成26年 without 度, read as 年度")


@pytest.mark.parametrize(
    ("result", "passed"),
    [
        ("原案可決", True),
        ("可決", True),
        ("修正可決", True),
        ("原案のとおり可決", True),
        ("承認", True),
        ("否決", False),
        ("不承認", False),
        ("閉会中の\n継続審査", False),
        ("審査未了", False),
        ("撤回", False),
        ("取り下げを承認", False),
        ("取下げ承認", False),
    ],
)
def test_a_result_says_whether_the_bill_passed(result: str, passed: bool) -> None:  # noqa: FBT001
    assert has_passed(result) is passed


@pytest.mark.parametrize("result", ["", "付託", "―"])
def test_a_result_that_says_neither_is_refused(result: str) -> None:
    with pytest.raises(DomainError, match="does not say whether"):
        has_passed(result)
