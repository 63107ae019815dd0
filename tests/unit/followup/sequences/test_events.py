"""Every fact of a sequence is an event on ``followups-v1``, without anybody's words."""

import json
from dataclasses import fields, replace
from typing import Any, get_args

import pytest

from followup.domain.playbooks.steps import Channel, OccurrenceKind
from followup.domain.sequences.facts import (
    ApprovalExpired,
    ApprovalRequested,
    Approved,
    ChannelChosen,
    Completed,
    DeliveryFailed,
    Fact,
    Occurred,
    OwnerChanged,
    Paused,
    Refused,
    Rejected,
    Resumed,
    Scheduled,
    Sent,
    Skipped,
    Started,
    Stopped,
    TaskCompleted,
    TaskOpened,
    TaskOverdue,
)
from followup.domain.sequences.terms import PauseReason, Status, TaskOutcome
from followup.sequences.events import BRANCH, event_data
from kakehashi_common.contracts.followups import KINDS, FollowupChanged, KnownFact, OtherFact
from kakehashi_common.contracts_check import Store
from tests.support.sequences import Life, at

NOW = at("2026-12-01 10:00")
LATER = at("2026-12-02 10:00")
OWN_WORDS = "田中課長より辞退"

FACTS: list[Fact] = [
    Started(NOW, "behaviours", "price_viewed_twice"),
    ChannelChosen(NOW, "second", "second_call", Channel.CALL, OWN_WORDS),
    ApprovalRequested(NOW, "introduction", "a-1", LATER),
    Approved(NOW, "introduction", "a-1", "is-1", edited=True),
    Rejected(NOW, "introduction", "a-1", "is-1"),
    ApprovalExpired(NOW, "introduction", "a-1"),
    Scheduled(NOW, "introduction", LATER, OWN_WORDS),
    Refused(NOW, "introduction", "quiet_period", LATER),
    Sent(NOW, "introduction", "<m-1@mail.example.jp>", "b"),
    DeliveryFailed(NOW, "introduction", "<m-1@mail.example.jp>", "5.1.1"),
    TaskOpened(NOW, "call", "t-1", None, LATER, "b"),
    TaskOverdue(NOW, "call", "t-1"),
    TaskCompleted(NOW, "call", "t-1", "is-1", TaskOutcome.ANSWERED),
    Skipped(NOW, "call", "is-1"),
    Occurred(NOW, OccurrenceKind.PHASE_BEGAN, "budget-phases-v1", "finance_assessment"),
    Paused(NOW, "mail", PauseReason.OUT_OF_OFFICE, LATER),
    Resumed(NOW, "clock"),
    OwnerChanged(NOW, "system:reassignments", "is-1", "is-2"),
    Stopped(NOW, "mail", OWN_WORDS),
    Completed(NOW),
]
EACH = pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.kind)


def published(fact: Fact) -> dict[str, Any]:
    """The fact as it is published, read again as a consumer does."""
    data = event_data(Life("2026-12-01 10:00").state, fact).model_dump_json()
    read = FollowupChanged.model_validate_json(data, strict=True)
    assert not isinstance(read.fact, OtherFact)
    return read.fact.model_dump(mode="json")


def test_there_is_an_example_of_every_fact_here_and_in_the_published_language() -> None:
    assert [type(fact) for fact in FACTS] == list(get_args(Fact))
    assert [each.__name__ for each in get_args(KnownFact)] == [
        type(fact).__name__ for fact in FACTS
    ]
    shown = Store().examples / FollowupChanged.TYPE
    kinds = {json.loads(path.read_bytes())["data"]["fact"]["kind"] for path in shown.iterdir()}
    assert kinds == KINDS == {fact.kind for fact in FACTS}


@EACH
def test_a_fact_says_all_that_it_does_but_words_and_its_time(fact: Fact) -> None:
    said = published(fact)
    assert said["kind"] == fact.kind
    assert set(said) == {each.name for each in fields(fact)} - {"at", "why"}


@EACH
def test_nothing_in_words_is_published(fact: Fact) -> None:
    assert "課長" not in event_data(Life("2026-12-01 10:00").state, fact).model_dump_json()


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("answered", "answered"),
        ("person", "person"),
        ("price_viewed_twice", "price_viewed_twice"),
        (OWN_WORDS, BRANCH),
        ("No, thanks", BRANCH),
        ("a" * 65, BRANCH),
        ("", BRANCH),
    ],
)
def test_an_end_in_a_playbooks_own_words_is_a_branchs(reason: str, said: str) -> None:
    assert published(Stopped(NOW, "mail", reason))["reason"] == said


@pytest.mark.parametrize("kind", OccurrenceKind)
def test_every_occurrence_is_published_and_only_named_ones_have_a_name(
    kind: OccurrenceKind,
) -> None:
    said = published(Occurred(NOW, kind, "mail"))
    assert (said["occurrence"], said["name"]) == (kind.value, None)


def test_it_says_how_the_sequence_stands() -> None:
    life = Life("2026-12-01 10:00")
    data = event_data(life.state, life.facts[-1]).model_dump(mode="json")
    del data["fact"]
    assert data == {
        "sequence_id": "s-1",
        "lead_id": "lead-1",
        "playbook_id": "price-interest",
        "playbook_version": 3,
        "trigger_id": "t-1",
        "version": 2,
        "status": "awaiting_approval",
        "paused": False,
        "step_id": "introduction",
        "municipality_code": "102032",
        "owner": "is-1",
        "sent": 0,
    }


@pytest.mark.parametrize("status", Status)
def test_every_status_is_published(status: Status) -> None:
    state = replace(Life("2026-12-01 10:00").state, status=status)
    assert event_data(state, FACTS[0]).status == status.value


def test_a_fact_that_was_added_later_is_passed_over() -> None:
    data = event_data(Life("2026-12-01 10:00").state, FACTS[0]).model_dump(mode="json")
    read = FollowupChanged.model_validate(data | {"fact": {"kind": "forwarded", "to": "lead-2"}})
    assert read.fact == OtherFact(kind="forwarded")
