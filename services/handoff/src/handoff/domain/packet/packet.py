"""One lead's packet: its entries, its missing fields, and the verdicts on its texts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b

from handoff.domain.packet.fields import (
    FIELDS,
    READ_FIRST,
    SUMMARY_LINES,
    Field,
    FieldRequirement,
    Section,
)
from handoff.domain.teams.members import Role
from kakehashi_common.domain.errors import DomainError, require_text


class Verdict(StrEnum):
    """The receiving side's verdict on a field."""

    CONFIRMED = "confirmed"
    WRONG = "wrong"
    UNKNOWN = "unknown"
    """It could not be found out."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The text of one field, with its source and the verdict on it."""

    key: str
    text: str
    source: str
    """A person's id, or the source of the event that it was prepared from."""
    at: datetime
    entered_by_person: bool
    verdict: Verdict | None = None
    verdict_by: str = ""

    @property
    def digest(self) -> str:
        """The text's digest, 32 hexadecimal digits, which doesn't disclose it."""
        return blake2b(self.text.encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Judged:
    """The receiving side's verdict on a text of a field."""

    key: str
    digest: str
    """Of the text that was judged."""
    verdict: Verdict
    by: str


@dataclass(frozen=True, slots=True)
class Completeness:
    """The required fields of a packet, and those that are missing."""

    required: int
    missing: tuple[FieldRequirement, ...]

    @property
    def percent(self) -> int:
        """The share of required fields that are filled, rounded down; 100 if none is required."""
        return (
            100 if not self.required else 100 * (self.required - len(self.missing)) // self.required
        )


@dataclass(frozen=True, slots=True)
class Packet:
    """The entries of one packet, at most one a field."""

    entries: tuple[Entry, ...] = ()

    def entry(self, key: str) -> Entry | None:
        """Return the entry of a field; ``None``: it is empty.

        Raises:
            DomainError: there is no such field.
        """
        _field(key)
        return next((each for each in self.entries if each.key == key), None)

    def prepared(self, key: str, text: str, *, source: str, at: datetime) -> "Packet":
        """Return the packet with a field filled from events.

        What a person has entered is kept, and so is what came from a later event.
        """
        before = self.entry(key)
        if before is not None and (before.entered_by_person or before.at > at):
            return self
        return self._with(Entry(key, text, source, at, entered_by_person=False))

    def entered(self, key: str, text: str, *, by: str, at: datetime) -> "Packet":
        """Return the packet with what a person entered; an empty text clears the field.

        Raises:
            DomainError: there is no such field, or the text holds a character that is no text.
        """
        _field(key)
        require_text(text, key)
        if not text.strip():
            return replace(self, entries=tuple(each for each in self.entries if each.key != key))
        return self._with(Entry(key, text.strip(), by, at, entered_by_person=True))

    def judged(self, key: str, verdict: Verdict, *, by: str) -> "Packet":
        """Return the packet with the receiving side's verdict on a field.

        Raises:
            DomainError: there is no such field, or it is empty.
        """
        before = self.entry(key)
        if before is None:
            raise DomainError(
                f"nothing stands in {key} that could be {verdict.value}: enter it instead",
                field="key",
                code="field_empty",
            )
        return self._with(replace(before, verdict=verdict, verdict_by=by))

    def with_verdicts(self, judged: Iterable[Judged]) -> "Packet":
        """Return the packet with each verdict on the text that it was given for.

        A text that was changed since then has none.
        """
        found = {(each.key, each.digest): each for each in judged}
        return replace(
            self,
            entries=tuple(
                replace(entry, verdict=verdict.verdict, verdict_by=verdict.by)
                if (verdict := found.get((entry.key, entry.digest)))
                else entry
                for entry in self.entries
            ),
        )

    def completeness(self, required: Sequence[FieldRequirement]) -> Completeness:
        """Return how much of what is required is filled."""
        missing = tuple(each for each in required if self.entry(each.key) is None)
        return Completeness(len(required), missing)

    def view(self, role: Role, *, internal: bool = True) -> list[tuple[Field, Entry | None]]:
        """Return the fields as a receiving role reads them: the five first lines, then by section.

        The first lines are included even when they are empty; of the others only the filled ones.

        Args:
            role: the role that receives the handoff.
            internal: whether the reader belongs to the company; the municipality gets only the
                shared fields, for example for the successor of an official who moves on.
        """
        sections = (*READ_FIRST.get(role, tuple(Section)), Section.INTERNAL)
        lines = [(FIELDS[key], self.entry(key)) for key in SUMMARY_LINES]
        for section in dict.fromkeys(sections):
            if section is Section.SUMMARY:
                continue
            for field in FIELDS.values():
                entry = self.entry(field.key)
                if field.section is section and entry is not None:
                    lines.append((field, entry))
        return [(field, entry) for field, entry in lines if internal or field.shared]

    def _with(self, entry: Entry) -> "Packet":
        kept: Iterable[Entry] = (each for each in self.entries if each.key != entry.key)
        return replace(self, entries=(*kept, entry))


def _field(key: str) -> Field:
    try:
        return FIELDS[key]
    except KeyError:
        raise DomainError(
            f"there is no field {key}; the fields are {', '.join(FIELDS)}",
            field="key",
            code="unknown_field",
        ) from None
