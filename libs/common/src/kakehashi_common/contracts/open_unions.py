"""Unions of kinds that may grow: readers pass over a kind that was added later."""

from typing import Any, get_args

from pydantic import Discriminator


def kinds_of(union: Any) -> frozenset[str]:
    """Return the kinds of the models of a union."""
    return frozenset(
        kind
        for model in get_args(union)
        for kind in get_args(model.model_fields["kind"].annotation)
    )


def known_or_other(kinds: frozenset[str]) -> Discriminator:
    """Return what tells the tag ``known`` from ``other``: a kind that is none of these.

    What has no kind is ``known``, so that the error names the missing field.
    """

    def tag(value: Any) -> str:
        kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
        return "other" if isinstance(kind, str) and kind not in kinds else "known"

    return Discriminator(tag)
