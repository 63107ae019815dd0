"""Policies, as the API shows and takes them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Self

from pydantic import Field, Strict

from handoff.domain.handoff.policy import (
    PAUSE_LIMITS,
    ClockPolicy,
    ClockSetting,
    Overdue,
    PolicyRule,
)
from handoff.domain.handoff.terms import Kind, PauseReason
from handoff.domain.teams.members import Role
from handoff.policies.service import PolicyVersion
from kakehashi_common.domain.errors import DomainError, errors_within
from kakehashi_common.http.requests import RequestBody, ResponseBody, Whole

_MOST_HOURS = 2_000
_DEFAULTS = ClockPolicy()

BusinessHours = Annotated[
    float, Strict(), Field(gt=0, le=_MOST_HOURS, description="In business hours")
]


def _hours(duration: timedelta) -> float:
    return duration.total_seconds() / 3600


class ClockBody(RequestBody):
    """The time allowed for one step."""

    hours: BusinessHours
    reminder_percent: Annotated[Whole, Field(ge=1, le=99)] | None = Field(
        default=50, description="At which part of that to remind; null: not at all"
    )

    def setting(self) -> ClockSetting:
        """Return the domain's value."""
        return ClockSetting(timedelta(hours=self.hours), self.reminder_percent)

    @classmethod
    def of(cls, setting: ClockSetting) -> Self:
        """Show it."""
        return cls(hours=_hours(setting.limit), reminder_percent=setting.reminder)


class ClockPolicyBody(RequestBody):
    """The promises of one kind of handoff; what is left out has the default."""

    respond: ClockBody = Field(
        default=ClockBody.of(_DEFAULTS.respond), description="Lead or enquiry → first answer"
    )
    assign: ClockBody = Field(
        default=ClockBody.of(_DEFAULTS.assign), description="Requested → assigned"
    )
    accept: ClockBody = Field(
        default=ClockBody.of(_DEFAULTS.accept), description="Assigned → accepted or rejected"
    )
    contact: ClockBody = Field(
        default=ClockBody.of(_DEFAULTS.contact), description="Accepted → first contact"
    )
    meet: ClockBody = Field(
        default=ClockBody.of(_DEFAULTS.meet), description="First contact → first meeting"
    )
    supplement: ClockBody = Field(
        default=ClockBody.of(_DEFAULTS.supplement), description="Returned → facts supplied"
    )
    not_accepted: Overdue = Field(
        default=_DEFAULTS.not_accepted, description="What follows if nobody answers in time"
    )
    reassignments: Annotated[Whole, Field(ge=0, le=100)] = Field(
        default=_DEFAULTS.reassignments, description="How often it then goes to somebody else"
    )
    manager_after_hours: BusinessHours = _hours(_DEFAULTS.manager_after)
    repeat_after_hours: BusinessHours = _hours(_DEFAULTS.repeat_after)
    assign_again_after_hours: BusinessHours = _hours(_DEFAULTS.assign_again_after)
    absence_tolerated_hours: Annotated[float, Strict(), Field(ge=0, le=_MOST_HOURS)] = _hours(
        _DEFAULTS.absence_tolerated
    )
    pause_limit_days: Mapping[PauseReason, Annotated[Whole, Field(ge=1, le=1_000)]] = Field(
        default={reason: limit.days for reason, limit in PAUSE_LIMITS.items()},
        description="Calendar days in a round; a reason that is left out can't be used",
    )

    def policy(self) -> ClockPolicy:
        """Return the domain's value."""
        return ClockPolicy(
            self.respond.setting(),
            self.assign.setting(),
            self.accept.setting(),
            self.contact.setting(),
            self.meet.setting(),
            self.supplement.setting(),
            self.not_accepted,
            self.reassignments,
            timedelta(hours=self.manager_after_hours),
            timedelta(hours=self.repeat_after_hours),
            timedelta(hours=self.assign_again_after_hours),
            timedelta(hours=self.absence_tolerated_hours),
            {reason: timedelta(days=days) for reason, days in self.pause_limit_days.items()},
        )

    @classmethod
    def of(cls, policy: ClockPolicy) -> Self:
        """Show it."""
        return cls(
            respond=ClockBody.of(policy.respond),
            assign=ClockBody.of(policy.assign),
            accept=ClockBody.of(policy.accept),
            contact=ClockBody.of(policy.contact),
            meet=ClockBody.of(policy.meet),
            supplement=ClockBody.of(policy.supplement),
            not_accepted=policy.not_accepted,
            reassignments=policy.reassignments,
            manager_after_hours=_hours(policy.manager_after),
            repeat_after_hours=_hours(policy.repeat_after),
            assign_again_after_hours=_hours(policy.assign_again_after),
            absence_tolerated_hours=_hours(policy.absence_tolerated),
            pause_limit_days={reason: limit.days for reason, limit in policy.pause_limits.items()},
        )


class ClockRuleBody(RequestBody):
    """The promises of a kind, a grade, or both; null: of every one."""

    from_role: Role | None = None
    to_role: Role | None = None
    grade: str | None = Field(default=None, pattern=r"^[ABC][123]$", examples=["A1"])
    policy: ClockPolicyBody = ClockPolicyBody()

    def rule(self) -> PolicyRule:
        """Return the domain's value.

        Raises:
            DomainError: one role is named without the other (``kind_incomplete``).
        """
        if (self.from_role is None) != (self.to_role is None):
            raise DomainError(
                "name both roles of a kind, or neither", field="to_role", code="kind_incomplete"
            )
        kind = Kind(self.from_role, self.to_role) if self.from_role and self.to_role else None
        return PolicyRule(self.policy.policy(), kind, self.grade)

    @classmethod
    def of(cls, rule: PolicyRule) -> Self:
        """Show it."""
        return cls(
            from_role=rule.kind.from_role if rule.kind else None,
            to_role=rule.kind.to_role if rule.kind else None,
            grade=rule.grade,
            policy=ClockPolicyBody.of(rule.policy),
        )


class ClockRulesIn(RequestBody):
    """Every rule; a handoff goes by the most special one that fits."""

    rules: list[ClockRuleBody] = Field(max_length=100)

    def policy_rules(self) -> tuple[PolicyRule, ...]:
        """Return the domain's value.

        Raises:
            DomainError: a rule names one role only (``kind_incomplete``), or two say the same of
                what they hold for (``repeated``).
        """
        rules: list[PolicyRule] = []
        for number, each in enumerate(self.rules):
            with errors_within(f"rules/{number}"):
                rule = each.rule()
                if any((rule.kind, rule.grade) == (other.kind, other.grade) for other in rules):
                    raise DomainError(
                        "an earlier rule holds for the same kind and grade: join them",
                        field="grade",
                        code="repeated",
                    )
                rules.append(rule)
        return tuple(rules)


class ClockRulesOut(ResponseBody):
    """Every rule in force, and the defaults where none fits."""

    rules: list[ClockRuleBody]
    default: ClockPolicyBody

    @classmethod
    def of(cls, stored: PolicyVersion[tuple[PolicyRule, ...]]) -> "ClockRulesOut":
        """Show them."""
        return cls(
            rules=[ClockRuleBody.of(each) for each in stored.policy],
            default=ClockPolicyBody.of(_DEFAULTS),
        )
