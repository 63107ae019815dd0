"""Describe a collector's events in OpenAPI, which FastAPI can't derive from the code."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema

from kakehashi_common.cloudevents.codec import STRUCTURED
from kakehashi_common.collector.api import BATCHED, JSON
from kakehashi_common.contracts.topics import Topic

_REF: Final = "#/components/schemas/"

Examples = dict[str, dict[str, Any]]
"""Values that OpenAPI shows under ``examples``."""


@dataclass(frozen=True, slots=True)
class Described:
    """One route that collects events."""

    path: str
    topic: Topic
    schema: str
    """The component that says what an event looks like."""
    one: Callable[[], Examples]
    """Returns requests with one event that work as they stand."""
    several: Callable[[], Examples]


def describe_events(app: FastAPI, *routes: Described) -> None:
    """Add the schemas of events to the OpenAPI document of ``app``, with fresh examples."""
    describe_the_rest = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            components = describe_the_rest()["components"]["schemas"]
            for route in routes:
                components.update(_event_schemas(route))
        document = describe_the_rest()
        for route in routes:
            one, several = route.one(), route.several()
            content = document["paths"][route.path]["post"]["requestBody"]["content"]
            content[STRUCTURED]["examples"] = one
            content[BATCHED]["examples"] = several
            content[JSON]["examples"] = one | several
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend it


def _event_schemas(route: Described) -> dict[str, Any]:
    models = route.topic.models
    _, definitions = models_json_schema(
        [(model, "validation") for model in models], ref_template=_REF + "{model}"
    )
    text = {"type": "string", "minLength": 1, "maxLength": 1024}
    optional = {**text, "type": ["string", "null"]}
    event = {
        "title": route.schema,
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
    return {**definitions["$defs"], route.schema: event}
