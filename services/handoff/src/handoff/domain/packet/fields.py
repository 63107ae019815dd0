"""The fields of a packet: in which section they stand, who fills them, who reads them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from handoff.domain.teams.members import Role
from kakehashi_common.domain.errors import DomainError


class Section(StrEnum):
    """A part of the packet, in the order in which it is printed."""

    SUMMARY = "summary"
    """The five first lines, which are the same for every reader."""
    NEED = "need"
    PEOPLE = "people"
    BUDGET = "budget"
    COMPETITION = "competition"
    PROMISES = "promises"
    INTERNAL = "internal"
    """The seller's own notes, which never leave the house."""


SECTION_NAMES: Final[Mapping[Section, str]] = {
    Section.SUMMARY: "要点",
    Section.NEED: "課題と経緯",
    Section.PEOPLE: "関係者",
    Section.BUDGET: "予算",
    Section.COMPETITION: "競合とリスク",
    Section.PROMISES: "約束と契約",
    Section.INTERNAL: "社内メモ",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the packet."""

    key: str
    label: str
    """As it is printed, in Japanese."""
    section: Section
    prepared: bool
    """Whether it is filled from events; a person may correct it."""
    shared: bool = False
    """Whether the municipality's copy has it: nothing that says how the seller sees them."""


SUMMARY_LINES: Final = ("who_and_where", "need", "why_now", "budget_and_dates", "next_step")
"""The five first lines, always in this order."""

FIELDS: Final[Mapping[str, Field]] = {
    each.key: each
    for each in (
        Field("who_and_where", "相手先・担当者", Section.SUMMARY, prepared=True, shared=True),
        Field("need", "政策分野と課題", Section.SUMMARY, prepared=False, shared=True),
        Field("why_now", "今引き継ぐ理由", Section.SUMMARY, prepared=True),
        Field(
            "budget_and_dates", "予算の段階と次の期日", Section.SUMMARY, prepared=True, shared=True
        ),
        Field("next_step", "次の一手", Section.SUMMARY, prepared=False, shared=True),
        Field("key_events", "これまでの主な動き", Section.NEED, prepared=True),
        Field("followups", "フォローの経過", Section.NEED, prepared=True),
        Field("score", "スコアとその理由", Section.NEED, prepared=True),
        Field("open_questions", "未確認の点", Section.NEED, prepared=False, shared=True),
        Field("people", "意思決定に関わる人", Section.PEOPLE, prepared=True),
        Field("pursuit", "予算化の案件", Section.BUDGET, prepared=True),
        Field("budget_ceiling", "予算の上限", Section.BUDGET, prepared=False),
        Field("competitors", "競合", Section.COMPETITION, prepared=False),
        Field("risks", "リスク", Section.COMPETITION, prepared=False),
        Field("promises", "約束したこと", Section.PROMISES, prepared=False, shared=True),
        Field("contract", "契約内容", Section.PROMISES, prepared=False, shared=True),
        Field("success_measure", "成果の指標", Section.PROMISES, prepared=False, shared=True),
        Field("renewal_on", "契約更新日", Section.PROMISES, prepared=False, shared=True),
        Field("internal_notes", "社内メモ", Section.INTERNAL, prepared=False),
    )
}


@dataclass(frozen=True, slots=True)
class FieldRequirement:
    """A field that a kind of handoff requires, and who fills it."""

    key: str
    responsible: Role

    def __post_init__(self) -> None:
        if self.key not in FIELDS:
            raise DomainError(
                f"there is no field {self.key}; the fields are {', '.join(FIELDS)}",
                field="key",
                code="unknown_field",
            )


REQUIRED_BY_DEFAULT: Final[Mapping[Role, tuple[FieldRequirement, ...]]] = {
    Role.INSIDE_SALES: (
        FieldRequirement("who_and_where", Role.SALES_DEVELOPMENT),
        FieldRequirement("need", Role.SALES_DEVELOPMENT),
    ),
    Role.FIELD_SALES: (
        FieldRequirement("who_and_where", Role.INSIDE_SALES),
        FieldRequirement("need", Role.INSIDE_SALES),
        FieldRequirement("why_now", Role.INSIDE_SALES),
        FieldRequirement("budget_and_dates", Role.INSIDE_SALES),
        FieldRequirement("next_step", Role.INSIDE_SALES),
        FieldRequirement("people", Role.INSIDE_SALES),
        FieldRequirement("promises", Role.INSIDE_SALES),
    ),
    Role.CUSTOMER_SUCCESS: (
        FieldRequirement("who_and_where", Role.FIELD_SALES),
        FieldRequirement("people", Role.FIELD_SALES),
        FieldRequirement("contract", Role.FIELD_SALES),
        FieldRequirement("promises", Role.FIELD_SALES),
        FieldRequirement("success_measure", Role.FIELD_SALES),
        FieldRequirement("renewal_on", Role.FIELD_SALES),
    ),
}
"""The fields that a packet needs, by the role that receives it. Common practice, adjustable."""

READ_FIRST: Final[Mapping[Role, tuple[Section, ...]]] = {
    Role.INSIDE_SALES: (Section.NEED, Section.PEOPLE, Section.BUDGET),
    Role.FIELD_SALES: (
        Section.NEED,
        Section.PEOPLE,
        Section.BUDGET,
        Section.COMPETITION,
        Section.PROMISES,
    ),
    Role.CUSTOMER_SUCCESS: (Section.PROMISES, Section.PEOPLE, Section.NEED, Section.BUDGET),
}
"""The sections behind the first five lines, in the order in which a receiving role reads them.
Internal notes come last, for every role."""
