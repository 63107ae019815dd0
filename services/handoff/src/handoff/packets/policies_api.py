"""``/v1/policies/packet``, ``/v1/policies/readiness``: the settings of packets and readiness."""

from typing import Annotated, Self, TypeVar

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from handoff.domain.packet.fields import FieldRequirement
from handoff.domain.readiness import ReadinessPolicy
from handoff.domain.teams.members import Role
from handoff.packets.policies import RequiredFields
from handoff.packets.schemas import FieldKey
from handoff.policies.service import Policies, PolicyVersion
from handoff.scopes import READ, WRITE_POLICIES
from kakehashi_common.auth import Principal, actor_of, require_scope
from kakehashi_common.contracts.events import Slug
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.http.etags import (
    NOT_MODIFIED,
    Precondition,
    etag,
    require_match,
    require_no_match,
)
from kakehashi_common.http.fields import IfMatch, IfNoneMatch
from kakehashi_common.http.requests import RequestBody, Whole

T = TypeVar("T")

Reader = Depends(require_scope(READ))
Writer = Annotated[Principal, Depends(require_scope(WRITE_POLICIES))]
_DEFAULTS = ReadinessPolicy()


class RequiredFieldBody(RequestBody):
    """A field that a packet needs, and the role that sees to it."""

    field: FieldKey
    responsible: Role


class RequiredFieldsBody(RequestBody):
    """The fields that a packet needs, by the role that receives it; a role left out needs none."""

    required: dict[Role, list[RequiredFieldBody]]

    def policy(self) -> RequiredFields:
        """Return the domain's value.

        Raises:
            DomainError: a role's list names a field twice (``repeated``).
        """
        for role, fields in self.required.items():
            names = [each.field for each in fields]
            if len(set(names)) < len(names):
                raise DomainError(
                    "a field is named twice: name it once, with the role that sees to it",
                    field=f"required/{role.value}",
                    code="repeated",
                )
        return {
            role: tuple(FieldRequirement(each.field, each.responsible) for each in fields)
            for role, fields in self.required.items()
        }

    @classmethod
    def of(cls, policy: RequiredFields) -> Self:
        """Show it."""
        return cls(
            required={
                role: [
                    RequiredFieldBody(field=each.key, responsible=each.responsible)
                    for each in fields
                ]
                for role, fields in policy.items()
            }
        )


class ReadinessPolicyBody(RequestBody):
    """The conditions of each criterion of readiness; what is left out has the default."""

    grades: list[Annotated[str, Field(pattern=r"^[ABC][123]$")]] = Field(
        default=sorted(_DEFAULTS.grades), max_length=9
    )
    least_people: Annotated[Whole, Field(ge=0, le=100)] = Field(
        default=_DEFAULTS.least_people, description="Active in the last 90 days"
    )
    decision_roles: list[Slug] = Field(
        default=sorted(_DEFAULTS.decision_roles),
        max_length=10,
        description="One of them has to be involved: officer, manager, finance, head, council",
    )
    budget_phases: list[Slug] = Field(
        default=sorted(_DEFAULTS.budget_phases),
        max_length=20,
        description="In which a seller can still bring something in",
    )
    least_days_to_deadline: Annotated[Whole, Field(ge=0, le=400)] = _DEFAULTS.least_days_to_deadline
    contact_within_days: Annotated[Whole, Field(ge=0, le=400)] = _DEFAULTS.contact_within_days

    def policy(self) -> ReadinessPolicy:
        """Return the domain's value."""
        return ReadinessPolicy(
            grades=frozenset(self.grades),
            least_people=self.least_people,
            decision_roles=frozenset(self.decision_roles),
            budget_phases=frozenset(self.budget_phases),
            least_days_to_deadline=self.least_days_to_deadline,
            contact_within_days=self.contact_within_days,
        )

    @classmethod
    def of(cls, policy: ReadinessPolicy) -> Self:
        """Show it."""
        return cls(
            grades=sorted(policy.grades),
            least_people=policy.least_people,
            decision_roles=sorted(policy.decision_roles),
            budget_phases=sorted(policy.budget_phases),
            least_days_to_deadline=policy.least_days_to_deadline,
            contact_within_days=policy.contact_within_days,
        )


def router(packet: Policies[RequiredFields], readiness: Policies[ReadinessPolicy]) -> APIRouter:
    """Return the routes of both policies."""
    routes = APIRouter(prefix="/v1/policies", tags=["policies"])

    @routes.get("/packet", dependencies=[Reader], responses=NOT_MODIFIED)
    async def get_packet_policy(
        response: Response, if_none_match: IfNoneMatch = None
    ) -> RequiredFieldsBody:
        """Show the fields that packets need, and who sees to each."""
        stored = await packet.get()
        response.headers.update(require_no_match(if_none_match, etag(stored.version)))
        return RequiredFieldsBody.of(stored.policy)

    @routes.put("/packet")
    async def put_packet_policy(
        request: Request,
        response: Response,
        body: RequiredFieldsBody,
        who: Writer,
        if_match: IfMatch = None,
    ) -> RequiredFieldsBody:
        """Replace them. Completeness is computed by them from now on; snapshots stay."""
        stored = await packet.replace(body.policy(), actor_of(request, who), _as_seen(if_match))
        response.headers["ETag"] = etag(stored.version)
        return RequiredFieldsBody.of(stored.policy)

    @routes.get("/readiness", dependencies=[Reader], responses=NOT_MODIFIED)
    async def get_readiness_policy(
        response: Response, if_none_match: IfNoneMatch = None
    ) -> ReadinessPolicyBody:
        """Show when each criterion of readiness is met."""
        stored = await readiness.get()
        response.headers.update(require_no_match(if_none_match, etag(stored.version)))
        return ReadinessPolicyBody.of(stored.policy)

    @routes.put("/readiness")
    async def put_readiness_policy(
        request: Request,
        response: Response,
        body: ReadinessPolicyBody,
        who: Writer,
        if_match: IfMatch = None,
    ) -> ReadinessPolicyBody:
        """Replace them. Leads are judged by them from now on; snapshots stay."""
        stored = await readiness.replace(body.policy(), actor_of(request, who), _as_seen(if_match))
        response.headers["ETag"] = etag(stored.version)
        return ReadinessPolicyBody.of(stored.policy)

    return routes


def _as_seen(if_match: str | None) -> Precondition[PolicyVersion[T]]:
    return lambda before: require_match(if_match, etag(before.version))
