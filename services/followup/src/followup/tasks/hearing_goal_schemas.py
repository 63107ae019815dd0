"""The result of a hearing as the goal of a pursuit, as the API shows it."""

from typing import Literal

from pydantic import Field

from followup.domain.hearing_goals import proposed_description
from followup.domain.task_records import Hearing
from followup.tasks.record_schemas import ProblemOut
from kakehashi_common.http.requests import ResponseBody

DecidedByPerson = Literal["policy_area", "amount", "wanted_start", "category"]


class ProposedGoalOut(ResponseBody):
    """The known parts of the goal, named as in budget-calendar's `POST …/pursuits`."""

    policy_area: str | None = Field(description="Of the reason that began the sequence")
    description: str = Field(
        description="The problems, the most urgent first, in the words of those who have them: "
        "take out names before it is sent, since budget-calendar takes no personal data"
    )


class HearingGoalOut(ResponseBody):
    """A hearing's problems by priority, prefilled as the goal of a pursuit. Nothing is sent."""

    task_id: str
    municipality_code: str | None
    problems: list[ProblemOut] = Field(description="The most urgent first")
    goal: ProposedGoalOut
    missing: list[DecidedByPerson] = Field(
        description="What a person adds before it is the `goal` of a pursuit"
    )
    left_out: int = Field(description="Problems that do not fit into the description in whole")

    @classmethod
    def of(
        cls, task_id: str, municipality_code: str | None, hearing: Hearing, policy_area: str | None
    ) -> "HearingGoalOut":
        """Show it."""
        description = proposed_description(hearing)
        missing: list[DecidedByPerson] = ["amount", "wanted_start", "category"]
        return cls(
            task_id=task_id,
            municipality_code=municipality_code,
            problems=[
                ProblemOut(text=each.text, priority=each.priority) for each in hearing.by_priority
            ],
            goal=ProposedGoalOut(policy_area=policy_area, description=description.text),
            missing=missing if policy_area else ["policy_area", *missing],
            left_out=description.left_out,
        )
