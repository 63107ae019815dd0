"""Packets, as the API shows and takes them."""

from typing import Annotated, Any

from fastapi import Path
from pydantic import AfterValidator, Field

from handoff.domain.packet.fields import FIELDS, FieldRequirement, Section
from handoff.domain.packet.fields import Field as PacketField
from handoff.domain.packet.packet import Completeness, Entry, Verdict
from handoff.domain.teams.members import Role
from handoff.packets.service import LONGEST_TEXT, ShownPacket
from kakehashi_common.http.fields import Id, JapanTime
from kakehashi_common.http.requests import RequestBody, ResponseBody


def _known_field(key: str) -> str:
    if key not in FIELDS:
        raise ValueError(f"there is no field {key}; the fields are {', '.join(FIELDS)}")
    return key


_ENUM: dict[str, Any] = {"enum": list(FIELDS)}
FieldKey = Annotated[str, AfterValidator(_known_field), Field(json_schema_extra=_ENUM)]
FieldInPath = Annotated[
    str, AfterValidator(_known_field), Path(description="Of the packet", json_schema_extra=_ENUM)
]


class EntryIn(RequestBody):
    """An entry into a field."""

    text: str = Field(
        max_length=LONGEST_TEXT,
        description="Empty: clears what was entered; what is prepared from events shows again",
        examples=["窓口の待ち時間を減らしたい。来年度の当初予算に載せる意向"],
    )
    by: Id | None = Field(
        default=None, description="The member who says so; null: the token's subject"
    )


class VerdictIn(RequestBody):
    """The receiving side's verdict on the text of a field."""

    verdict: Verdict
    by: Id | None = Field(
        default=None,
        description="The owner or a further owner of the handoff; null: the token's subject",
    )


class EntryOut(ResponseBody):
    """One field of the packet."""

    field: str
    label: str = Field(description="As it is printed")
    section: Section
    text: str | None = Field(description="Null: nothing stands in it")
    source: str | None = Field(
        description="A member's id, or the source of the event that it was prepared from"
    )
    source_name: str | None = Field(description="The member's name")
    at: JapanTime | None
    entered_by_person: bool
    verdict: Verdict | None = Field(description="Of the receiving side, on this text")
    verdict_by: str | None

    @classmethod
    def of(cls, field: PacketField, entry: Entry | None, shown: ShownPacket) -> "EntryOut":
        """Show a field and what stands in it."""
        if entry is None:
            return cls(
                field=field.key,
                label=field.label,
                section=field.section,
                text=None,
                source=None,
                source_name=None,
                at=None,
                entered_by_person=False,
                verdict=None,
                verdict_by=None,
            )
        return cls(
            field=field.key,
            label=field.label,
            section=field.section,
            text=entry.text,
            source=entry.source,
            source_name=shown.names.get(entry.source) if entry.entered_by_person else None,
            at=entry.at,
            entered_by_person=entry.entered_by_person,
            verdict=entry.verdict,
            verdict_by=entry.verdict_by or None,
        )


class MissingFieldOut(ResponseBody):
    """A required field that is empty."""

    field: str
    label: str
    responsible: Role = Field(description="The role that sees to it")

    @classmethod
    def of(cls, missing: FieldRequirement) -> "MissingFieldOut":
        """Show it."""
        return cls(
            field=missing.key, label=FIELDS[missing.key].label, responsible=missing.responsible
        )


class CompletenessOut(ResponseBody):
    """The share of the fields required for this kind of handoff that are filled."""

    required: int
    percent: int = Field(description="Of the required fields, rounded down; 100 if none is")
    missing: list[MissingFieldOut]

    @classmethod
    def of(cls, found: Completeness) -> "CompletenessOut":
        """Show it."""
        return cls(
            required=found.required,
            percent=found.percent,
            missing=[MissingFieldOut.of(each) for each in found.missing],
        )


class PacketOut(ResponseBody):
    """A packet as one role reads it."""

    handoff_id: str
    lead_id: str
    from_role: Role
    to_role: Role
    municipality: str | None
    reader: Role
    version: int = Field(description="Counts what people have changed")
    completeness: CompletenessOut | None = Field(description="Null in the municipality's copy")
    fields: list[EntryOut] = Field(
        description="The five first lines, then what is filled, as the reader needs it"
    )

    @classmethod
    def of(cls, shown: ShownPacket, reader: Role, *, internal: bool) -> "PacketOut":
        """Show it to one reader."""
        state, assembled = shown.state, shown.assembled
        return cls(
            handoff_id=state.handoff_id,
            lead_id=assembled.lead.lead_id,
            from_role=state.kind.from_role,
            to_role=state.kind.to_role,
            municipality=assembled.lead.municipality,
            reader=reader,
            version=assembled.version,
            completeness=CompletenessOut.of(assembled.completeness) if internal else None,
            fields=[
                EntryOut.of(field, entry, shown)
                for field, entry in assembled.packet.view(reader, internal=internal)
            ],
        )
