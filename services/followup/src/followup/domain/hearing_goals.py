"""Write the problems that a hearing found as the goal of a pursuit in budget-calendar."""

from dataclasses import dataclass
from typing import Final

from followup.domain.task_records import Hearing

LONGEST_DESCRIPTION: Final = 500
"""Characters that the description of a pursuit's goal holds, in budget-calendar."""

_CUT: Final = "…"


@dataclass(frozen=True, slots=True)
class ProposedDescription:
    """The description of a goal, for a person to read before it is sent."""

    text: str
    left_out: int
    """Problems, the least urgent, that do not fit in whole."""


def proposed_description(hearing: Hearing) -> ProposedDescription:
    """Write a hearing's problems as the description of a goal, the most urgent first.

    They are in the words of those who have them, so they may name somebody: a person reads them.
    """
    parts = [f"優先{each.priority}：{' '.join(each.text.split())}" for each in hearing.by_priority]
    whole = [
        number
        for number in range(len(parts) + 1)
        if len("／".join(parts[:number])) <= LONGEST_DESCRIPTION
    ][-1]
    text = "／".join(parts[:whole])
    if not whole and parts:
        text = parts[0][: LONGEST_DESCRIPTION - len(_CUT)] + _CUT
    return ProposedDescription(text, len(parts) - whole)
