"""The API's description, where FastAPI can't see by itself what to say."""

from typing import Any

from fastapi import FastAPI

from budget_calendar.http import examples
from kakehashi_common.clock import Clock, japan_day


def describe_examples(app: FastAPI, clock: Clock) -> None:
    """Add requests that work today to the OpenAPI document of ``app``."""
    describe_the_rest = app.openapi

    def openapi() -> dict[str, Any]:
        document = describe_the_rest()
        today = japan_day(clock.now())
        bodies, values = examples.bodies(today), examples.path_values(today)
        for path in document["paths"].values():
            for operation in path.values():
                for parameter in operation.get("parameters", ()):
                    if parameter["in"] == "path" and parameter["name"] in values:
                        parameter["example"] = values[parameter["name"]]
                        parameter["schema"].pop("examples", None)
                content = operation.get("requestBody", {}).get("content", {})
                for described in content.values():
                    described["examples"] = bodies[operation["operationId"]]
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend it
