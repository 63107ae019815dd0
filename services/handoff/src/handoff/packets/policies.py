"""The policies ``packet`` and ``readiness``: which fields are required, when a lead is ready."""

from collections.abc import Mapping
from typing import Final

from pydantic import TypeAdapter

from handoff.domain.packet.fields import REQUIRED_BY_DEFAULT, FieldRequirement
from handoff.domain.readiness import ReadinessPolicy
from handoff.domain.teams.members import Role
from handoff.policies.service import Policy

RequiredFields = Mapping[Role, tuple[FieldRequirement, ...]]
"""By the role that receives the packet."""

PACKET: Final[Policy[RequiredFields]] = Policy(
    "packet", TypeAdapter(RequiredFields), REQUIRED_BY_DEFAULT
)
READINESS: Final = Policy("readiness", TypeAdapter(ReadinessPolicy), ReadinessPolicy())
