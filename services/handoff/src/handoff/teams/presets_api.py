"""``/v1/presets``: three ways to begin, by the size of the selling organisation."""

from fastapi import APIRouter, Depends
from pydantic import Field

from handoff.domain.teams.members import Function, Role
from handoff.domain.teams.presets import PRESETS, Preset, SplitBy, Structure
from handoff.scopes import READ
from kakehashi_common.auth import require_scope
from kakehashi_common.http.requests import ResponseBody


class PresetTeamOut(ResponseBody):
    """A team, or one for each region or segment."""

    name: str
    roles: list[Role]
    functions: list[Function]
    split_by: SplitBy
    pilot: bool = Field(description="Begins by itself; the others follow when its handoffs work")


class PresetClocksOut(ResponseBody):
    """Within how many business hours each step is usually done."""

    respond_hours: int = Field(description="Creation of the lead → first answer")
    accept_hours: int = Field(description="Assigned → accepted or rejected")
    contact_hours: int = Field(description="Accepted → first contact")
    meet_hours: int = Field(description="First contact → first meeting")


class PresetOut(ResponseBody):
    """A way to begin for a sales organisation of one size."""

    name: str = Field(examples=["10_to_50"])
    people_from: int
    people_to: int | None = Field(description="Included; null: no limit")
    structure: Structure
    self_handoff: bool = Field(
        description="Whether a handoff may go to its sender, with the same record as any other"
    )
    roles_per_member: int = Field(description="The most that one member usually has")
    teams: list[PresetTeamOut] = Field(description="In the order in which they begin")
    capacity: int = Field(description="The usual `capacity` of a member")
    clocks: PresetClocksOut
    source: str = Field(examples=["common practice"])

    @classmethod
    def of(cls, preset: Preset) -> "PresetOut":
        """Show it."""
        return cls.model_validate(preset, from_attributes=True)


class PresetsOut(ResponseBody):
    """Every preset."""

    items: list[PresetOut] = Field(description="The smallest organisation first")


def router() -> APIRouter:
    """Return the route of presets; it needs no database."""
    routes = APIRouter(prefix="/v1", tags=["teams"])

    @routes.get("/presets", dependencies=[Depends(require_scope(READ))])
    async def list_presets() -> PresetsOut:
        """List three ways to begin; nothing is changed by them."""
        return PresetsOut(items=[PresetOut.of(each) for each in PRESETS])

    return routes
