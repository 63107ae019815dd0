"""Answers to a code that no local government has."""

import re

import pytest

from kakehashi_common.contracts.municipalities import (
    check_digit,
    former_codes,
    known_municipality_code,
    municipalities,
    wards,
)


@pytest.mark.parametrize(
    ("given", "why", "meant"),
    [
        ("011011", "is 中央区, a ward of 札幌市", "011002 (北海道札幌市)"),
        ("11011", "has it lost its first zero, 011011?", "011002 (北海道札幌市)"),
        ("12050", "has it lost its first zero, 012050?", "012050 (北海道室蘭市)"),
        ("1205", "give six digits", "012050 (北海道室蘭市)"),
        ("13104", "give six digits", "131041 (東京都新宿区)"),
        ("403059", "was 那珂川町 until 2018-10-01", "402311 (福岡県那珂川市)"),
        ("221317", "was 浜松市中区 until 2024-01-01", "221309 (静岡県浜松市)"),
        ("１０２０３２", "is not written in six ASCII digits", "102032 (群馬県桐生市)"),
        (" 102032", "is not written in six ASCII digits", "102032 (群馬県桐生市)"),
    ],
)
def test_the_code_that_was_probably_meant_is_named(given: str, why: str, meant: str) -> None:
    with pytest.raises(ValueError, match="did you mean") as refused:
        known_municipality_code(given)

    assert why in str(refused.value)
    assert str(refused.value).endswith(f"; did you mean {meant}?")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("102033", "'102033' has a wrong check digit: 10203 takes 2, that is 102032"),
        ("999997", "no local government has the code '999997'"),
        ("47", "'47' is no municipality code: give six digits, such as 102032"),
        ("山田太郎", "this is no municipality code: give six digits, such as 102032"),
        ("0901234567", "this is no municipality code: give six digits, such as 102032"),
    ],
)
def test_without_a_likely_meaning_only_the_reason_is_given(given: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)) as refused:
        known_municipality_code(given)

    assert str(refused.value) == message


def test_wards_and_former_codes_lead_to_local_governments_and_are_none() -> None:
    assert len(wards()) == 171
    assert {ward.city_code for ward in wards().values()} <= set(municipalities())
    assert {former.successor for former in former_codes().values()} <= set(municipalities())
    for code in (*wards(), *former_codes()):
        assert code not in municipalities()
        assert int(code[5]) == check_digit(code[:5])
