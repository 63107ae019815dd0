import time

import pytest

from budget_calendar.domain.municipality import Municipality, MunicipalityType, SizeBand
from budget_calendar.registry.search import Criteria, Registry
from budget_calendar.registry.snapshot import shipped
from kakehashi_common.domain.errors import DomainError


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry(shipped())


def found(registry: Registry, criteria: Criteria) -> list[str]:
    return [each.prefecture + each.name for each in registry.find(criteria)]


@pytest.mark.parametrize(
    ("criteria", "names"),
    [
        (Criteria(text="府中"), ["東京都府中市", "広島県府中市", "広島県府中町"]),
        (Criteria(text="東京都府中"), ["東京都府中市"]),
        (Criteria(text="東京都　府中"), ["東京都府中市"]),
        (Criteria(text="102032"), ["群馬県桐生市"]),
        (Criteria(text="10203"), ["群馬県桐生市"]),
        (Criteria(text="１０２０３"), ["群馬県桐生市"]),
        (Criteria(code="10203"), ["群馬県桐生市"]),
        (Criteria(name="桐生"), ["群馬県桐生市"]),
        (Criteria(kana="キリュウ"), ["群馬県桐生市"]),
        (Criteria(kana="ｷﾘｭｳ"), ["群馬県桐生市"]),
        (Criteria(text="きりゅう"), ["群馬県桐生市"]),
        (Criteria(text="龍ヶ崎"), ["茨城県龍ケ崎市"]),
        (Criteria(text="六ケ所"), ["青森県六ヶ所村"]),
        (Criteria(text="つがる"), ["青森県つがる市"]),
        (Criteria(name="津市", from_start=True), ["三重県津市"]),
        (Criteria(kana="つし", from_start=True, prefecture="三重"), ["三重県津市"]),
        (Criteria(kana="ふちゅうちょう"), ["広島県府中町"]),
        (Criteria(kana="ふちゅうまち"), []),
        (Criteria(name="桐生", prefecture="栃木"), []),
        (Criteria(text="どこにもない"), []),
        (Criteria(text="札幌市中央区"), ["北海道札幌市"]),
        (Criteria(text="神奈川県横浜市青葉区"), ["神奈川県横浜市"]),
        (Criteria(text="青葉区"), ["宮城県仙台市", "神奈川県横浜市"]),
        (Criteria(text="あおばく"), ["宮城県仙台市", "神奈川県横浜市"]),
    ],
    ids=lambda value: "" if isinstance(value, Criteria) else None,
)
def test_found_however_it_is_written(
    registry: Registry, criteria: Criteria, names: list[str]
) -> None:
    assert found(registry, criteria) == names


def test_from_start_leaves_out_what_has_it_within(registry: Registry) -> None:
    anywhere = found(registry, Criteria(text="津市"))
    assert {"三重県津市", "滋賀県大津市", "千葉県君津市"} < set(anywhere)
    assert found(registry, Criteria(text="津市", from_start=True)) == ["三重県津市"]


@pytest.mark.parametrize(
    ("spelling", "prefecture"),
    [
        ("群馬県", "群馬県"),
        ("群馬", "群馬県"),
        ("ぐんま", "群馬県"),
        ("グンマケン", "群馬県"),
        ("10", "群馬県"),
        ("100005", "群馬県"),
        ("東京", "東京都"),
        ("京都", "京都府"),
        ("きょうと", "京都府"),
        ("北海道", "北海道"),
        ("大阪", "大阪府"),
    ],
)
def test_a_prefecture_is_known_by_all_its_spellings(
    registry: Registry, spelling: str, prefecture: str
) -> None:
    inside = registry.find(Criteria(prefecture=spelling))
    assert {each.prefecture for each in inside} == {prefecture}
    assert inside[0].type is MunicipalityType.PREFECTURE


@pytest.mark.parametrize(
    ("criteria", "field", "message"),
    [
        (Criteria(prefecture="群場"), "prefecture", "did you mean 群馬県"),
        (Criteria(prefecture="北海"), "prefecture", "did you mean 北海道"),
        (Criteria(code="102031"), "code", "10203 takes 2, that is 102032"),
        (Criteria(text="102031"), "text", "10203 takes 2, that is 102032"),
        (Criteria(code="abc"), "code", "give six digits"),
        (Criteria(code="1020320"), "code", "give six digits"),
        (Criteria(code="109991"), "code", "no local government has the code"),
    ],
)
def test_what_cannot_be_is_refused_with_the_fix(
    registry: Registry, criteria: Criteria, field: str, message: str
) -> None:
    with pytest.raises(DomainError, match=message) as refused:
        registry.find(criteria)
    assert refused.value.field == field


def test_types_and_sizes_are_any_of_those_given(registry: Registry) -> None:
    both = frozenset({MunicipalityType.DESIGNATED_CITY, MunicipalityType.CORE_CITY})
    large = registry.find(Criteria(types=both, size_bands=frozenset({SizeBand.OVER_300K})))
    assert {each.type for each in large} == both
    assert {each.size_band for each in large} == {SizeBand.OVER_300K}
    assert len(registry.find(Criteria(types=both))) == 82


def test_unknown_residents_are_in_no_size_band() -> None:
    unknown = Municipality("102032", "桐生市", "", "群馬県", MunicipalityType.CITY, None)
    assert not Registry([unknown]).find(Criteria(size_bands=frozenset(SizeBand)))
    assert Registry([unknown]).find(Criteria()) == (unknown,)


def test_pages_follow_each_other_by_code_and_lose_none(registry: Registry) -> None:
    paged: list[str] = []
    after: str | None = None
    while page := registry.find(Criteria(), after=after, limit=500):
        paged += [each.code for each in page]
        after = page[-1].code
    assert paged == [each.code for each in shipped()]


def test_a_page_goes_on_after_a_code_that_is_no_longer_there(registry: Registry) -> None:
    [first] = registry.find(Criteria(prefecture="群馬"), after="100009", limit=1)
    assert first.code == "102016"


def test_one_is_looked_up_by_its_code(registry: Registry) -> None:
    assert registry.get("102032").name == "桐生市"
    with pytest.raises(DomainError, match="that is 102032") as refused:
        registry.get("102033")
    assert (refused.value.field, refused.value.code) == ("code", "unknown_municipality")


def test_all_of_japan_is_searched_in_milliseconds(registry: Registry) -> None:
    assert len(registry) == len(registry.municipalities) == 1788
    started = time.process_time()
    for _ in range(20):
        registry.find(Criteria(text="ない名前"))
    assert (time.process_time() - started) / 20 < 0.02  # ten times what it takes on a laptop
