"""A lead's profile, field by field: the latest statement about a field wins."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Final, NamedTuple

from lead_scoring.domain.ranking import rank

Scalar = str | int | float | bool | None

PERSONAL_FIELDS: Final = frozenset({"person_name", "email", "phone"})
"""Kept for the person's own export and erasure; no rule may read them."""

ATTRIBUTE: Final = "attributes."
"""The prefix of the field names that a publisher makes up."""


MAX_ATTRIBUTES: Final = 200
"""Made-up fields kept of one lead, so that a publisher who makes up ever more can't grow the state
without bound. Which ones depends only on their names, not on the order they came in."""


class Known(NamedTuple):
    """One field's value, and the statement it comes from."""

    value: Scalar
    """``None`` when the field was cleared."""
    occurred_at: datetime
    event_key: bytes


class Statement(NamedTuple):
    """The fields that one event states about a lead and no newer event has replaced."""

    occurred_at: datetime
    event_key: bytes
    names: tuple[str, ...]
    values: tuple[Scalar, ...]


class Profile(tuple[Statement, ...]):
    """The newest statement about each field, newest statement first.

    A profile is a value: :meth:`merged` returns a new one, the same in whatever order statements
    arrive. A field cleared with ``None`` stays known as cleared, so that an older value which
    arrives late cannot come back. Statements keep their fields together because most profiles
    come from one event: that takes a quarter of the memory of a value with its time per field.
    """

    __slots__ = ()

    def merged(
        self, occurred_at: datetime, event_key: bytes, fields: Mapping[str, Scalar]
    ) -> "Profile":
        """The profile with a statement that names ``fields``.

        The later ``occurred_at`` wins a field, and of two at the same instant the larger key. Of
        more than :data:`MAX_ATTRIBUTES` attributes, those with the smallest hashes are kept.
        """
        known = self.known()
        stamp = (occurred_at, event_key)
        for name, value in fields.items():
            held = known.get(name)
            if held is None or (held.occurred_at, held.event_key) < stamp:
                known[name] = Known(value, occurred_at, event_key)
        if len(known) > MAX_ATTRIBUTES:
            attributes = sorted((name for name in known if name.startswith(ATTRIBUTE)), key=rank)
            for name in attributes[MAX_ATTRIBUTES:]:
                del known[name]
        return Profile.of(known)

    @classmethod
    def of(cls, known: Mapping[str, Known]) -> "Profile":
        """The profile that knows exactly these fields."""
        said: dict[tuple[datetime, bytes], list[str]] = {}
        for name in sorted(known):
            said.setdefault((known[name].occurred_at, known[name].event_key), []).append(name)
        return cls(
            Statement(at, key, _one_copy(tuple(names)), tuple(known[name].value for name in names))
            for (at, key), names in sorted(said.items(), reverse=True)
        )

    def known(self) -> dict[str, Known]:
        """Each field with its value and the time and key of the statement it comes from."""
        return {
            name: Known(value, at, key)
            for at, key, names, values in self
            for name, value in zip(names, values, strict=True)
        }

    def values(self) -> dict[str, Scalar]:
        """Each field that has a value (cleared ones are left out)."""
        return {name: value for name, value in self._pairs() if value is not None}

    def get(self, name: str) -> Scalar:
        """The value of a field, ``None`` when nothing is known or it was cleared."""
        for _, _, names, values in self:
            if name in names:
                return values[names.index(name)]
        return None

    def _pairs(self) -> Iterable[tuple[str, Scalar]]:
        for _, _, names, values in self:
            yield from zip(names, values, strict=True)


@lru_cache(maxsize=4096)
def _one_copy(names: tuple[str, ...]) -> tuple[str, ...]:
    """Equal tuples as one object: publishers state the same fields of every lead."""
    return names
