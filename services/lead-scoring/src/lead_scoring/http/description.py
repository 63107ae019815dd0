"""The API's description, where FastAPI can't see by itself what to say."""

from typing import Any, Final

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema

from kakehashi_common.clock import Clock
from kakehashi_common.cloudevents.codec import STRUCTURED
from kakehashi_common.contracts.topics import LEAD_EVENTS
from lead_scoring.collector.api import BATCHED, EVENT_SCHEMA, JSON, PATH
from lead_scoring.http import examples

_REF: Final = "#/components/schemas/"


def describe_events(app: FastAPI, clock: Clock) -> None:
    """Add what an event looks like to the OpenAPI document of ``app``, with fresh examples."""
    describe_the_rest = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            components = describe_the_rest()["components"]["schemas"]
            components.update(_event_schemas())
        document = describe_the_rest()
        now = clock.now()
        one, several = examples.one_event(now), examples.several_events(now)
        content = document["paths"][PATH]["post"]["requestBody"]["content"]
        content[STRUCTURED]["examples"] = one
        content[BATCHED]["examples"] = several
        content[JSON]["examples"] = one | several
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend it


def _event_schemas() -> dict[str, Any]:
    models = LEAD_EVENTS.models
    _, definitions = models_json_schema(
        [(model, "validation") for model in models], ref_template=_REF + "{model}"
    )
    text = {"type": "string", "minLength": 1, "maxLength": 1024}
    optional = {**text, "type": ["string", "null"]}
    event = {
        "title": EVENT_SCHEMA,
        "description": "A CloudEvents 1.0 message. `type` says which data it carries",
        "type": "object",
        "required": ["id", "source", "type", "time", "data"],
        "properties": {
            "specversion": {"type": "string", "const": "1.0"},
            "id": {**text, "description": "Unique within the source"},
            "source": {**text, "description": "Which system says so, as a URI reference"},
            "type": {"type": "string", "enum": [model.TYPE for model in models]},
            "time": {"type": "string", "format": "date-time", "description": "With an offset"},
            "correlationid": optional,
            "causationid": optional,
            "data": {"anyOf": [{"$ref": _REF + model.__name__} for model in models]},
        },
    }
    return {**definitions["$defs"], EVENT_SCHEMA: event}
