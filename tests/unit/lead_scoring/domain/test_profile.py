"""Field by field, the latest statement wins."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_scoring.domain.profile import MAX_ATTRIBUTES, Known, Profile, Scalar

MONDAY = datetime(2026, 8, 31, 1, tzinfo=UTC)
TUESDAY = datetime(2026, 9, 1, 1, tzinfo=UTC)

Said = tuple[datetime, bytes, dict[str, Scalar]]

EARLY: Said = (MONDAY, b"a", {"department": "財政課", "role": "officer"})
LATE: Said = (TUESDAY, b"b", {"department": "情報政策課"})
CLEARED: Said = (TUESDAY, b"b", {"department": None})
SAME_TIME: Said = (MONDAY, b"b", {"department": "企画課"})


def profile_of(*statements: Said) -> Profile:
    profile = Profile()
    for at, key, fields in statements:
        profile = profile.merged(at, key, fields)
    return profile


@pytest.mark.parametrize(
    ("statements", "values"),
    [
        ([], {}),
        ([EARLY], {"department": "財政課", "role": "officer"}),
        ([EARLY, LATE], {"department": "情報政策課", "role": "officer"}),
        ([LATE, EARLY], {"department": "情報政策課", "role": "officer"}),
        ([EARLY, SAME_TIME], {"department": "企画課", "role": "officer"}),
        ([SAME_TIME, EARLY], {"department": "企画課", "role": "officer"}),
        ([EARLY, CLEARED], {"role": "officer"}),
        ([CLEARED, EARLY], {"role": "officer"}),
    ],
)
def test_the_latest_statement_about_a_field_wins(
    statements: list[Said], values: dict[str, Scalar]
) -> None:
    profile = profile_of(*statements)
    assert profile.values() == values
    assert {name: profile.get(name) for name in values} == values
    assert profile.get("email") is None


def test_a_profile_says_where_each_value_comes_from() -> None:
    assert profile_of(EARLY, CLEARED).known() == {
        "department": Known(None, TUESDAY, b"b"),
        "role": Known("officer", MONDAY, b"a"),
    }


STATEMENTS = st.lists(
    st.tuples(
        st.sampled_from([MONDAY, TUESDAY]),
        st.binary(min_size=1, max_size=2),
        st.dictionaries(
            st.sampled_from("abc"), st.one_of(st.none(), st.integers(0, 3)), min_size=1
        ),
    ),
    unique_by=lambda said: said[1],
    max_size=6,
)


@given(data=st.data(), statements=STATEMENTS)
def test_order_and_repetition_change_nothing(data: st.DataObject, statements: list[Said]) -> None:
    profile = profile_of(*statements)
    repeated = data.draw(st.permutations([*statements, *statements]))
    assert profile_of(*repeated) == profile
    assert Profile.of(profile.known()) == profile


def test_a_lead_keeps_the_same_200_attributes_in_whatever_order_they_come() -> None:
    said: list[Said] = [
        (MONDAY, b"%d" % number, {f"attributes.made_up_{number}": number}) for number in range(300)
    ]
    profile = profile_of(*said, EARLY)
    assert len(profile.known()) == MAX_ATTRIBUTES + 2
    assert profile_of(EARLY, *reversed(said)) == profile
