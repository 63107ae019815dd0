"""An event that was decided is published as what it is, on the topic that declares it."""

import json
from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter

from budget_calendar.events.mapping import SOURCE, EventToPublish
from kakehashi_common.contracts.events import EventData
from kakehashi_common.contracts.followup_triggers import ReasonArisen
from kakehashi_common.contracts.topics import BUDGET_PHASES, FOLLOWUP_TRIGGERS, Topic
from kakehashi_common.contracts_check import Store

NOW = datetime(2026, 10, 15, 0, 0, tzinfo=UTC)
THROUGH_TEMPORAL = TypeAdapter(EventToPublish)


def example(model: type[EventData]) -> EventData:
    path = next((Store().examples / model.TYPE).glob("*.json"))
    return model.model_validate(json.loads(path.read_bytes())["data"])


@pytest.mark.parametrize(
    ("topic", "model"),
    [
        *((BUDGET_PHASES, model) for model in BUDGET_PHASES.models),
        (FOLLOWUP_TRIGGERS, ReasonArisen),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_every_event_reaches_its_topic_unchanged(topic: Topic, model: type[EventData]) -> None:
    decided = EventToPublish.of("anything", example(model), NOW, "102032", 1)
    recorded = THROUGH_TEMPORAL.validate_json(THROUGH_TEMPORAL.dump_json(decided))
    sent = recorded.message("102032", "test-")
    headers = dict(sent.headers)
    assert sent.topic == f"test-{topic.name}"
    assert sent.key == b"102032"
    assert (headers["ce_source"], headers["ce_type"]) == (SOURCE.encode(), model.TYPE.encode())
    assert sent.value is not None
    assert model.model_validate_json(sent.value, strict=True) == example(model)


def test_an_event_has_the_id_of_its_fact() -> None:
    """Ids are published: they stay as they are."""
    data = example(BUDGET_PHASES.models[0])
    decided = EventToPublish.of("anything", data, NOW, "102032", 2026, 3)
    assert decided.event_id == "81421108d4d3b3110882a675927bf1ef"
    assert decided.event_id == EventToPublish.of("else", data, NOW, "102032", 2026, 3).event_id
    assert decided.event_id != EventToPublish.of("else", data, NOW, "102032", 2026, 4).event_id
