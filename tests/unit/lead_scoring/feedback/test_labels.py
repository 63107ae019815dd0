"""Labels folded from the steps of handoffs, in any order."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_scoring.domain.label import Ending, Label, Rejection
from lead_scoring.feedback.event_mapping import label_of
from tests.support.handoff_events import QUALIFICATION, handoff_step

NOON = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
Step = tuple[str, dict[str, Any]]

REQUESTED: Step = ("requested", {"qualification_id": QUALIFICATION})
ASSIGNED: Step = ("assigned", {})
ACCEPTED: Step = ("accepted", {})
CONTACTED: Step = ("first_contact_made", {})
MET: Step = ("meeting_held", {})


def rejected(reason: str, consequence: str) -> Step:
    return "rejected", {"reason": reason, "consequence": consequence}


def closed(outcome: str) -> Step:
    return "closed", {"outcome": outcome, "deal_id": "deal-1"}


def labels(steps: Sequence[Step]) -> list[Label]:
    """One label a step, an hour apart."""
    return [
        label_of(handoff_step(kind, at=at(hour), version=hour + 1, **said).event)
        for hour, (kind, said) in enumerate(steps)
    ]


def folded(each: Sequence[Label]) -> Label:
    return reduce(Label.merged, each)


def at(hour: int) -> datetime:
    return NOON + timedelta(hours=hour)


@pytest.mark.parametrize(
    ("steps", "accepted", "known"),
    [
        ([REQUESTED, ASSIGNED], None, {"requested_at": at(0)}),
        ([REQUESTED, ASSIGNED, ACCEPTED], True, {"accepted_at": at(2)}),
        (
            [REQUESTED, ASSIGNED, ACCEPTED, CONTACTED, MET, closed("won")],
            True,
            {
                "contacted_at": at(3),
                "met_at": at(4),
                "ending": Ending(at(5), "closed", "won", "deal-1"),
            },
        ),
        (
            [REQUESTED, rejected("no_need", "disqualify"), ("disqualified", {"reason": "no_need"})],
            False,
            {
                "rejection": Rejection(at(1), "no_need", "disqualify"),
                "ending": Ending(at(2), "disqualified"),
            },
        ),
        (
            [
                REQUESTED,
                rejected("too_early", "recycle"),
                ("recycled", {}),
                ("woken", {}),
                ACCEPTED,
            ],
            False,
            {
                "rejection": Rejection(at(1), "too_early", "recycle"),
                "recycled_at": at(2),
                "accepted_at": at(4),
            },
        ),
        (
            [REQUESTED, ACCEPTED, CONTACTED, rejected("no_need", "disqualify")],
            False,
            {"accepted_at": at(1), "rejection": Rejection(at(3), "no_need", "disqualify")},
        ),
        (
            [REQUESTED, rejected("wrong_territory", "reassign"), ASSIGNED, ACCEPTED],
            True,
            {"rejection": None},
        ),
        (
            [REQUESTED, rejected("facts_missing", "return"), ("returned", {})],
            None,
            {"rejection": None, "returned_at": at(2)},
        ),
        (
            [rejected("too_early", "recycle"), rejected("no_need", "disqualify")],
            False,
            {"rejection": Rejection(at(0), "too_early", "recycle")},
        ),
        (
            [REQUESTED, ("joined", {"qualification_id": "another"})],
            None,
            {"qualification_id": QUALIFICATION},
        ),
        ([REQUESTED, ("withdrawn", {})], None, {"ending": Ending(at(1), "withdrawn")}),
        ([("something_new", {}), REQUESTED], None, {"requested_at": at(1)}),
    ],
    ids=[
        "nobody has answered",
        "accepted",
        "won in the end",
        "disqualified",
        "too early, although it was accepted later",
        "rejected after the first contact",
        "passed on by one, accepted by the other",
        "returned: the packet is at fault, not the lead",
        "the first rejection counts",
        "a qualification that joined began nothing",
        "withdrawn",
        "a kind that was added later",
    ],
)
def test_a_label_says_what_the_steps_teach(
    steps: list[Step], *, accepted: bool | None, known: dict[str, Any]
) -> None:
    label = folded(labels(steps))

    assert label.accepted is accepted
    assert {name: getattr(label, name) for name in known} == known
    assert label.last_step_at == at(len(steps) - 1)


STEPS = st.lists(
    st.sampled_from(
        [
            REQUESTED,
            ASSIGNED,
            ACCEPTED,
            CONTACTED,
            MET,
            rejected("too_early", "recycle"),
            rejected("no_need", "disqualify"),
            rejected("wrong_territory", "reassign"),
            ("returned", {}),
            ("recycled", {}),
            ("withdrawn", {}),
            closed("won"),
            closed("lost"),
        ]
    ),
    min_size=1,
    max_size=12,
)


@given(data=st.data(), steps=STEPS)
def test_order_duplicates_and_batches_change_nothing(
    data: st.DataObject, steps: list[Step]
) -> None:
    told = labels(steps)
    again = data.draw(st.lists(st.sampled_from(told), max_size=6))
    mixed = data.draw(st.permutations([*told, *again]))
    cut = data.draw(st.integers(1, len(mixed)))
    batches = [part for part in (mixed[:cut], mixed[cut:]) if part]

    assert folded([folded(batch) for batch in batches]) == folded(told)
