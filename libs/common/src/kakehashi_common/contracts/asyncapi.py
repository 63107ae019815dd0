"""The AsyncAPI 3.0 document of all topics: who sends what to whom."""

from collections.abc import Iterable
from typing import Any

from kakehashi_common.contracts.topics import Topic

SCHEMAS = "../../libs/common/src/kakehashi_common/contracts/schemas"
"""The folder of the JSON Schemas, relative to ``docs/asyncapi``."""

_HEADERS = {
    "type": "object",
    "description": "CloudEvents 1.0, Kafka binding, binary mode; structured mode is read too",
    "required": ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time"],
    "properties": {
        "ce_specversion": {"const": "1.0"},
        "ce_id": {"type": "string", "description": "With ce_source, the identity of the event"},
        "ce_source": {"type": "string", "format": "uri-reference"},
        "ce_type": {"type": "string"},
        "ce_time": {
            "type": "string",
            "format": "date-time",
            "description": "When it happened; with a time zone",
        },
        "ce_correlationid": {"type": "string"},
        "ce_causationid": {"type": "string", "description": "The id of the event that caused it"},
        "ce_partitionkey": {"type": "string"},
        "traceparent": {"type": "string", "description": "W3C Trace Context"},
        "content-type": {"const": "application/json"},
    },
}


def asyncapi(topics: Iterable[Topic], *, version: str) -> dict[str, Any]:
    """Return the document; every part is in the order of declaration, so that it compares well."""
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    for topic in topics:
        names = [model.TYPE for model in topic.models]
        for model in topic.models:
            messages[model.TYPE] = {
                "name": model.TYPE,
                "summary": (model.__doc__ or "").split("\n", 1)[0],
                "contentType": "application/json",
                "headers": {"$ref": "#/components/schemas/CloudEventHeaders"},
                "payload": {"$ref": f"{SCHEMAS}/{model.TYPE}.json"},
            }
        channels[topic.name] = {
            "address": topic.name,
            "description": f"{topic.says[0].upper()}{topic.says[1:]}. Key: {topic.key}. "
            + (
                "Compacted: the newest event per key stays."
                if topic.retention is None
                else f"Kept for {topic.retention.days} days."
            ),
            "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
            "bindings": {
                "kafka": {
                    "partitions": topic.partitions,
                    "topicConfiguration": {
                        "cleanup.policy": ["compact" if topic.retention is None else "delete"]
                    },
                }
            },
        }
        for action, parties in (("send", topic.producers), ("receive", topic.consumers)):
            for party in parties:
                operations[f"{party.replace(' ', '-')}-{action}-{topic.name}"] = {
                    "action": action,
                    "channel": {"$ref": f"#/channels/{topic.name}"},
                    "summary": f"{party} {action}s: {topic.says}",
                }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Kakehashi",
            "version": version,
            "description": "Events of the Kakehashi platform, generated from the declared topics.",
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": {"CloudEventHeaders": _HEADERS}},
    }
