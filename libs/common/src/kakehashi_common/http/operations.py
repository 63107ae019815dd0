"""The names of an API's operations, and the scope that each needs, in its description."""

from collections.abc import Iterable
from typing import Final

from fastapi import APIRouter
from fastapi.routing import APIRoute

_REQUIRES: Final = "require_"
"""What :func:`kakehashi_common.auth.require_scope` names its dependencies by."""


def name_operations(routers: Iterable[APIRouter]) -> None:
    """Give each operation its function's name, and say which scope it needs."""
    for router in routers:
        for route in router.routes:
            if isinstance(route, APIRoute):
                route.operation_id = route.name
                for needed in route.dependant.dependencies:
                    name = getattr(needed.call, "__name__", "")
                    if name.startswith(_REQUIRES):
                        scope = name.removeprefix(_REQUIRES)
                        route.description += f"\n\nNeeds the scope `{scope}`."
