"""The policy ``clocks``: how fast each step is expected, by kind and grade."""

from typing import Final

from pydantic import TypeAdapter

from handoff.domain.handoff.policy import PolicyRule
from handoff.policies.service import Policy

CLOCKS: Final = Policy("clocks", TypeAdapter(tuple[PolicyRule, ...]), ())
"""Without a rule that fits, the domain's defaults hold."""
