"""The decision roles that study sessions have reached, as the API shows them."""

from datetime import date

from pydantic import Field

from followup.domain.decision_roles import DecisionRoles
from followup.domain.playbooks.audience import Role
from kakehashi_common.http.requests import ResponseBody


class RoleReachOut(ResponseBody):
    """One role, over all sessions."""

    role: Role
    sessions: int = Field(description="In which somebody in it took part")
    most_people: int = Field(
        description="At one session; whether the same people came again is not noted down"
    )
    known_contacts: int = Field(description="Of the municipality, in this role")


class SessionReachOut(ResponseBody):
    """One session of the series."""

    held_on: date
    topic: str
    roles: list[Role] = Field(description="Who took part; empty: it was not noted down")
    first_time: list[Role] = Field(description="Those that no session before had reached")


class DecisionRolesOut(ResponseBody):
    """The decision roles, and the reach of a municipality's study sessions among them."""

    municipality_code: str
    share: float | None = Field(
        description="Of all roles; null: no session says who took part", examples=[0.6]
    )
    n: int = Field(description="Sessions that say who took part: what the share rests on")
    without_attendees: int = Field(description="Sessions that don't: who took part is not known")
    reached: list[Role]
    missing: list[Role] = Field(description="As far as is known")
    contacts_of_unknown_role: int = Field(description="Known contacts of the municipality")
    roles: list[RoleReachOut]
    series: list[SessionReachOut] = Field(description="The first session first")
    text_ja: str
    text_en: str

    @classmethod
    def of(cls, municipality_code: str, found: DecisionRoles) -> "DecisionRolesOut":
        """Show it."""
        return cls(
            municipality_code=municipality_code,
            share=found.share,
            n=found.n,
            without_attendees=found.without_attendees,
            reached=list(found.reached),
            missing=list(found.missing),
            contacts_of_unknown_role=found.contacts_of_unknown_role,
            roles=[RoleReachOut.model_validate(each, from_attributes=True) for each in found.roles],
            series=[
                SessionReachOut.model_validate(each, from_attributes=True) for each in found.series
            ],
            text_ja=found.text.ja,
            text_en=found.text.en,
        )
