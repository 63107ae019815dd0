"""The budget phases and council milestones of municipalities."""

from handoff.tables.schema import metadata
from kakehashi_common.budget_timing import repository as budget_timing

phase_table = budget_timing.phase_table(metadata)
milestone_table = budget_timing.milestone_table(metadata)
