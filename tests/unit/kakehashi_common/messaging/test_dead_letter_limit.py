from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from kakehashi_common.messaging.dead_letter_limit import DeadLetterLimit, DeadLetterRate

LIMIT = DeadLetterLimit(share=0.2, at_least=50, records=1000, window=timedelta(minutes=10))


def test_a_few_bad_records_never_stop_a_consumer_however_large_their_share() -> None:
    rate = DeadLetterRate(LIMIT)
    assert rate.exceeded_by(49, 49, now=0) is None


def test_many_bad_records_in_a_large_stream_do_not_stop_it() -> None:
    rate = DeadLetterRate(LIMIT)
    assert all(rate.exceeded_by(1000, 200, now=n) is None for n in range(100))


def test_a_large_share_of_many_stops_it_and_says_how_many() -> None:
    rate = DeadLetterRate(LIMIT)
    assert rate.exceeded_by(750, 0, now=0) is None
    assert rate.exceeded_by(200, 200, now=1) == (
        "200 of the last 950 records can't be handled, more than 20%: "
        "mend the publisher or this service, then restart it"
    )


def test_old_batches_no_longer_count() -> None:
    rate = DeadLetterRate(LIMIT)
    assert rate.exceeded_by(40, 40, now=0) is None
    assert rate.exceeded_by(40, 40, now=601) is None
    assert rate.exceeded_by(10, 10, now=602) is not None


def test_records_beyond_the_window_no_longer_count() -> None:
    rate = DeadLetterRate(LIMIT)
    assert rate.exceeded_by(49, 49, now=0) is None
    assert rate.exceeded_by(5000, 0, now=1) is None
    assert rate.exceeded_by(1000, 0, now=2) is None
    assert rate.exceeded_by(245, 245, now=3) is None, "245 of 1,245"
    assert rate.exceeded_by(5, 5, now=4) is None, "250 of 1,250 is not more than 20 %"
    assert rate.exceeded_by(1, 1, now=5) is not None


def test_dead_letters_found_by_the_handler_add_to_their_batch() -> None:
    rate = DeadLetterRate(LIMIT)
    assert rate.exceeded_by(2000, 0, now=0) is None
    found = [rate.exceeded_by(0, 1, now=1) for _ in range(401)]
    assert found[:400] == [None] * 400
    assert found[400] is not None


@given(st.lists(st.tuples(st.integers(1, 500), st.floats(0, 1), st.integers(0, 300))))
def test_the_counts_are_those_of_the_batches_in_the_window(
    batches: list[tuple[int, float, int]],
) -> None:
    rate, now = DeadLetterRate(LIMIT), 0
    seen: list[tuple[int, int, int]] = []
    for records, share, later in batches:
        now += later
        dead = int(records * share)
        seen.append((now, records, dead))
        kept: list[tuple[int, int, int]] = []
        for batch in reversed(seen):
            if batch[0] < now - 600 or sum(b[1] for b in kept) >= 1000:
                break
            kept.append(batch)
        total, bad = sum(b[1] for b in kept), sum(b[2] for b in kept)
        expected = bad >= 50 and bad > 0.2 * total
        assert (rate.exceeded_by(records, dead, now) is not None) == expected
