import pytest

from kakehashi_common.domain.person import comparable_email, comparable_name, comparable_phone


@pytest.mark.parametrize(
    "typed", ["taro@city.example.jp", " Taro@City.Example.JP ", "ｔａｒｏ＠city.example.jp"]
)
def test_an_address_is_the_same_in_any_case_and_width(typed: str) -> None:
    assert comparable_email(typed) == "taro@city.example.jp"


@pytest.mark.parametrize(
    "typed",
    [
        "0277461111",
        "0277-46-1111",
        "０２７７（４６）１１１１",
        "+81 277-46-1111",
        "+81 (0)277 46 1111",
        "+81-0277-46-1111",
        "0277-46-1111 内線 23",
        "0277-46-1111 Ext. 23",
    ],
)
def test_a_number_is_the_same_however_it_is_dialled(typed: str) -> None:
    assert comparable_phone(typed) == "0277461111"


def test_a_name_is_the_same_with_and_without_spaces() -> None:
    assert comparable_name("桐生　太郎") == comparable_name("桐生太郎 ") == "桐生太郎"
