import pytest

from kakehashi_common.domain.japanese_names import activity_name, area_name, category_name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (area_name("digital"), "デジタル"),
        (area_name("disaster-prevention"), "防災"),
        (area_name("space"), "space"),
        (activity_name("seminar_attended"), "セミナー参加"),
        (activity_name("tea_drunk"), "tea_drunk"),
        (category_name("online_forms"), "オンライン申請"),
        (category_name("welfare"), "福祉"),
        (category_name("tea"), "tea"),
    ],
)
def test_a_slug_has_its_japanese_name_and_an_unknown_one_is_its_own(name: str, shown: str) -> None:
    assert name == shown
