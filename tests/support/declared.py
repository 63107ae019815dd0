"""The settings of the declared services, and the variables that set them."""

import importlib
from collections.abc import Iterator

from pydantic import BaseModel
from pydantic_settings import BaseSettings

from deploy.local.declared import Service


def settings_of(service: Service) -> type[BaseSettings]:
    """The settings that ``python -m <package>`` reads."""
    module = importlib.import_module(f"{service.package}.settings")
    name = service.package.title().replace("_", "") + "Settings"
    found: type[BaseSettings] = getattr(module, name)
    return found


def variables(settings: type[BaseSettings]) -> set[str]:
    """The names in the environment that ``settings`` reads."""
    return set(_names(settings, str(settings.model_config.get("env_prefix"))))


def _names(settings: type[BaseModel], prefix: str) -> Iterator[str]:
    for name, field in settings.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _names(kind, f"{prefix}{name.upper()}__")
        else:
            yield prefix + name.upper()
