"""Merges of leads that are one person, and the leads that later events are about."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from kakehashi_common.contracts.events import EventData, Tombstone
from kakehashi_common.contracts.lead_events import ActivityRecorded, LeadMerged, ProfileChanged
from kakehashi_common.lead_merges.batches import leads_named, renamed
from tests.support.handoff_events import deal_changed
from tests.support.received import received

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)
GONE: Mapping[str, str] = {"old": "new", "older": "new"}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"lead_id": "a", "into_lead_id": "a"}, "into_lead_id"),
        ({"lead_id": "a"}, "into_lead_id"),
        ({"into_lead_id": "a"}, "lead_id"),
        ({"lead_id": "田中", "into_lead_id": "a"}, "lead_id"),
    ],
)
def test_a_wrong_merge_names_the_field(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as error:
        LeadMerged.model_validate(fields)
    assert error.value.errors()[0]["loc"] == (field,)


@pytest.mark.parametrize(
    ("data", "leads"),
    [
        (ActivityRecorded(lead_id="old", kind="page_viewed"), ("new",)),
        (ProfileChanged(lead_id="other", department="財政課"), ("other",)),
        (deal_changed(lead_ids=("old", "other", "older"), at=NOW).event.data, ("new", "other")),
        (deal_changed(lead_ids=(), at=NOW).event.data, ()),
        (Tombstone(key="old"), ()),
    ],
    ids=["of an id that has gone", "of another", "of several", "of nobody", "an erasure"],
)
def test_events_are_about_the_ids_that_stay(data: EventData, leads: tuple[str, ...]) -> None:
    assert leads_named(renamed(received(data, NOW), GONE).event.data) == leads


def test_what_is_said_and_its_identity_stay() -> None:
    said = received(ProfileChanged(lead_id="old", department=None), NOW)
    after = renamed(said, GONE)
    assert after.event.data == ProfileChanged(lead_id="new", department=None)
    assert after.event.data.model_fields_set == {"lead_id", "department"}
    assert (after.key, after.content_hash, after.event.event_id) == (
        said.key,
        said.content_hash,
        said.event.event_id,
    )


def test_a_merge_is_about_the_ids_that_it_names() -> None:
    said = received(LeadMerged(lead_id="old", into_lead_id="x"), NOW)
    assert renamed(said, GONE) is said
