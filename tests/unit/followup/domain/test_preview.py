from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from followup.domain.playbooks.audience import Audience, Contact, Role
from followup.domain.playbooks.steps import (
    BranchStep,
    Case,
    Elapsed,
    GoTo,
    MailStep,
    OccurrenceKind,
    PhaseReached,
    Silent,
    WaitStep,
)
from followup.domain.playbooks.walk import Occurrence
from followup.domain.preview import Arrival, Entered, KeptOut, preview
from kakehashi_common.domain.reasons import Audience as OfReason
from tests.unit.followup.domain.playbooks.examples import OFFICE, at, playbook

OFFICER = Contact(Role.OFFICER)
FIRST = MailStep(id="first", template="first")
SECOND = MailStep(id="second", template="second")


def arrival(day: str, *, who: str = "a", contact: Contact = OFFICER) -> Arrival:
    return Arrival(who, contact, at(f"{day}T10:00"), reason="first_contact")


def lines(found: list[Entered | KeptOut]) -> list[tuple[str, list[str]]]:
    return [
        (
            each.arrival.contact_id,
            [f"{step.step} {step.at:%m-%d %H}" for step in each.steps]
            if isinstance(each, Entered)
            else [text.en for text in each.why],
        )
        for each in found
    ]


TWO_MAILS = playbook(
    FIRST, WaitStep(id="wait", until=Elapsed(business_days=3)), SECOND, again_after_days=30
)
UNDER_WAY = "the contact is in this playbook already"
STOOD_FOR = "another contact of the municipality is in this playbook"
TOO_EARLY = "it is too early to enter again"


@pytest.mark.parametrize(
    ("arrivals", "expected"),
    [
        ([arrival("2026-09-01")], [("a", ["first 09-01 10", "second 09-04 09"])]),
        (
            [arrival("2026-09-02", who="b"), arrival("2026-09-01")],
            [
                ("a", ["first 09-01 10", "second 09-04 09"]),
                ("b", ["first 09-02 10", "second 09-07 09"]),
            ],
        ),
        (
            [arrival("2026-09-01"), arrival("2026-09-03"), arrival("2026-09-10")],
            [
                ("a", ["first 09-01 10", "second 09-04 09"]),
                ("a", [UNDER_WAY]),
                ("a", [TOO_EARLY]),
            ],
        ),
        (
            [arrival("2026-09-01"), arrival("2026-10-01")],
            [
                ("a", ["first 09-01 10", "second 09-04 09"]),
                ("a", ["first 10-01 10", "second 10-06 09"]),
            ],
        ),
        (
            [arrival("2026-09-01", contact=Contact(Role.HEAD))],
            [("a", ["the role is not addressed"])],
        ),
        ([Arrival("a", OFFICER, at("2026-09-01T10:00"), reason="other")], []),
        (
            [Arrival("a", OFFICER, at("2026-09-01T10:00"), behaviour="price_interest")],
            [("a", ["first 09-01 10", "second 09-04 09"])],
        ),
    ],
)
def test_preview(arrivals: list[Arrival], expected: list[tuple[str, list[str]]]) -> None:
    assert lines(list(preview(TWO_MAILS, arrivals, OFFICE))) == expected


HIGHER = replace(playbook(FIRST), id="higher", priority=51)


@pytest.mark.parametrize(
    ("differences", "why"),
    [
        ({"audience": frozenset({OfReason.OFFICER})}, None),
        ({"audience": frozenset({OfReason.FINANCE})}, "the reason is for other roles"),
        ({"has_address": False}, "no address is known"),
        ({"has_owner": False}, "there is no seller in whose name messages would go"),
        ({"under_way": (replace(HIGHER, priority=49),)}, None),
        (
            {"under_way": (HIGHER,)},
            "the contact is in 'higher', which has the same or a higher priority",
        ),
    ],
)
def test_what_keeps_out_of_a_playbook_keeps_out_of_its_preview(
    differences: dict[str, Any], why: str | None
) -> None:
    (found,) = preview(TWO_MAILS, [replace(arrival("2026-09-01"), **differences)], OFFICE)
    assert [each.en for each in found.why] == [why] if isinstance(found, KeptOut) else why is None


def test_one_contact_stands_for_their_municipality() -> None:
    one = replace(
        TWO_MAILS,
        audience=Audience(frozenset({Role.OFFICER, Role.MANAGER})),
        entry=replace(TWO_MAILS.entry, one_per_municipality=True),
    )
    came = [
        replace(arrival(day, who=who, contact=Contact(role)), municipality_code=place)
        for day, who, role, place in (
            ("2026-09-01", "a", Role.MANAGER, "102032"),
            ("2026-09-01", "b", Role.OFFICER, "102032"),
            ("2026-09-01", "c", Role.OFFICER, "131041"),
            ("2026-09-02", "b", Role.OFFICER, "102032"),
            ("2026-09-10", "a", Role.MANAGER, "102032"),
            ("2026-10-01", "a", Role.MANAGER, "102032"),
        )
    ]
    assert lines(list(preview(one, came, OFFICE))) == [
        ("b", ["first 09-01 10", "second 09-04 09"]),
        ("c", ["first 09-01 10", "second 09-04 09"]),
        ("a", [STOOD_FOR]),
        ("b", [UNDER_WAY]),
        ("a", [TOO_EARLY]),
        ("a", ["first 10-01 10", "second 10-06 09"]),
    ]


def test_never_again_is_never() -> None:
    once = playbook(FIRST)
    found = preview(once, [arrival("2026-09-01"), arrival("2036-09-01")], OFFICE)
    assert lines(list(found)) == [("a", ["first 09-01 10"]), ("a", [TOO_EARLY])]


def test_a_playbook_that_goes_round_is_looked_at_as_far_as_the_horizon() -> None:
    again = BranchStep(id="again", cases=(Case(Silent(business_days=20), GoTo("first")),))
    (entered,) = preview(playbook(FIRST, again), [arrival("2026-06-01")], OFFICE)
    assert isinstance(entered, Entered)
    steps = [f"{step.at:%Y-%m-%d}" for step in entered.steps]
    assert steps[:4] == ["2026-06-01", "2026-06-29", "2026-07-27", "2026-08-24"]
    assert steps[-1] == "2027-11-24"


@pytest.mark.parametrize(
    ("phase_begins", "sent"),
    [("2026-10-05T00:00", "2026-10-05T00:00"), (None, "2026-10-31T10:00")],
)
def test_a_phase_that_is_planned_is_waited_for(phase_begins: str | None, sent: str) -> None:
    phases = (
        [Occurrence(OccurrenceKind.PHASE_BEGAN, at(phase_begins), "department_requests")]
        if phase_begins
        else []
    )
    until = PhaseReached(phase="department_requests", at_most_days=60)
    waiting = playbook(WaitStep(id="phase", until=until), FIRST)
    came = Arrival(
        "a", OFFICER, at("2026-09-01T10:00"), reason="first_contact", occurrences=tuple(phases)
    )
    (entered,) = preview(waiting, [came], OFFICE)
    assert isinstance(entered, Entered)
    assert [step.at for step in entered.steps] == [datetime.fromisoformat(f"{sent}+09:00")]
