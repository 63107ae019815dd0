"""Hooks that tell Schemathesis about our APIs what their OpenAPI documents can't."""

from typing import Any

import schemathesis

_ONE_MUNICIPALITY: dict[str, Any] = {"codes": ["102032"]}


# Schemathesis takes the first serializer that fits a family of media types, and its own for YAML
# begins with text/yaml: without that name a rule file would go out as one quoted string.
@schemathesis.serializer("text/yaml", "application/yaml")
def yaml_as_written(_context: schemathesis.SerializationContext, value: Any) -> bytes:
    """A rule file is a text already."""
    return str(value).encode("utf-8", "surrogatepass")


@schemathesis.serializer("text/csv", "message/rfc822")
def file_as_written(_context: schemathesis.SerializationContext, value: Any) -> bytes:
    """A file of rows and a mail are texts already."""
    return str(value).encode("utf-8", "surrogatepass")


@schemathesis.hook
def before_call(
    _context: schemathesis.HookContext, case: schemathesis.Case[Any], _kwargs: dict[str, Any]
) -> None:
    """Follow one municipality instead of many: all of Japan would keep a worker busy for minutes.

    Every other body goes out as it was made.
    """
    if case.operation.path.endswith("follows") and isinstance(case.body, dict):
        given = {name: value for name, value in case.body.items() if value not in (None, False)}
        if given == {"all": True} or (
            set(given) == {"prefecture"} and isinstance(given["prefecture"], str)
        ):
            case.body = _ONE_MUNICIPALITY


@schemathesis.hook
def after_call(
    _context: schemathesis.HookContext, case: schemathesis.Case[Any], response: Any
) -> None:
    """Skip the check of OPTIONS where a path is also that of a resource with this id.

    The answer then names the resource's methods too, and Schemathesis knows only the import or the
    preview.
    """
    if case.method == "OPTIONS" and case.operation.path.endswith(
        (
            "/contents/import",
            "/members/import",
            "/playbooks/preview",
            "/reasons/import",
            "/survey-answers/import",
            "/territories/import",
            "/usage/import",
        )
    ):
        response.headers.pop("allow", None)
