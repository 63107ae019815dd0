from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from budget_calendar.pictures.lanes import Extent, lanes

EXTENTS = st.lists(
    st.tuples(st.integers(0, 300), st.integers(1, 80)).map(lambda e: Extent(e[0], e[0] + e[1])),
    max_size=40,
)


@given(extents=EXTENTS, gap=st.integers(0, 20))
def test_in_one_lane_all_are_a_gap_apart(extents: list[Extent], gap: int) -> None:
    chosen = lanes(extents, gap)
    for (one, lane), (other, other_lane) in combinations(zip(extents, chosen, strict=True), 2):
        if lane == other_lane:
            assert one.right + gap <= other.left or other.right + gap <= one.left


@given(extents=EXTENTS)
def test_there_are_no_more_lanes_than_extents_over_a_point(extents: list[Extent]) -> None:
    deepest = max(
        (sum(e.left <= point.left < e.right for e in extents) for point in extents), default=0
    )
    assert len(set(lanes(extents, 0))) == deepest


def test_the_first_lane_with_room_is_taken() -> None:
    extents = [Extent(0, 50), Extent(10, 20), Extent(30, 40), Extent(60, 70)]
    assert lanes(extents, 5) == [0, 1, 1, 0]


def test_what_is_deep_takes_lanes_below_each_other() -> None:
    extents = [Extent(0, 50), Extent(10, 90), Extent(60, 70), Extent(60, 95)]
    assert lanes(extents, 5, [1, 2, 1, 3]) == [0, 1, 0, 3]
