"""The stages of a pursuit, and what can have happened in each."""

from enum import StrEnum
from typing import Final

from kakehashi_common.domain.reasons import Audience
from kakehashi_common.domain.texts import Text


class Stage(StrEnum):
    """One stage. A route takes some of them, each once, in the order it gives."""

    PROOF_OF_CONCEPT = "proof_of_concept"
    """実証実験."""
    STUDY_SESSIONS = "study_sessions"
    """勉強会."""
    HEARINGS = "hearings"
    """ヒアリング along the real work process."""
    GRANT_APPLICATION = "grant_application"
    """交付申請; only where a subsidy pays."""
    QUOTE = "quote"
    """参考見積."""
    REQUEST = "request"
    """予算要求 by the department."""
    ASSESSMENT = "assessment"
    """査定, with the unofficial notice (内示) and restoration (復活要求)."""
    VOTE = "vote"
    """議決."""
    GRANT_DECISION = "grant_decision"
    """交付決定; only where a subsidy pays."""
    CONTRACT = "contract"
    """契約."""
    EXECUTION = "execution"
    """執行・履行."""
    RENEWAL = "renewal"
    """更新 of a multi-year contract."""


class Outcome(StrEnum):
    """The outcome of a stage, as a person confirms it."""

    DONE = "done"
    CUT = "cut"
    """The money was struck out."""
    RESTORED = "restored"
    """Money that had been cut was restored (復活)."""
    FAILED = "failed"
    SKIPPED = "skipped"


STAGE_NAMES: Final = {
    Stage.PROOF_OF_CONCEPT: Text(ja="実証実験", en="proof of concept"),
    Stage.STUDY_SESSIONS: Text(ja="勉強会", en="study sessions"),
    Stage.HEARINGS: Text(ja="ヒアリング", en="hearings"),
    Stage.GRANT_APPLICATION: Text(ja="補助金の交付申請", en="grant application"),
    Stage.QUOTE: Text(ja="参考見積の提出", en="reference quote"),
    Stage.REQUEST: Text(ja="予算要求", en="budget request"),
    Stage.ASSESSMENT: Text(ja="予算査定", en="assessment"),
    Stage.VOTE: Text(ja="議会の議決", en="council vote"),
    Stage.GRANT_DECISION: Text(ja="交付決定", en="grant decision"),
    Stage.CONTRACT: Text(ja="契約", en="contract"),
    Stage.EXECUTION: Text(ja="履行", en="execution"),
    Stage.RENEWAL: Text(ja="契約更新", en="renewal"),
}

STAGE_AUDIENCES: Final = {
    Stage.PROOF_OF_CONCEPT: (Audience.OFFICER, Audience.MANAGER),
    Stage.STUDY_SESSIONS: (Audience.OFFICER, Audience.MANAGER),
    Stage.HEARINGS: (Audience.OFFICER,),
    Stage.GRANT_APPLICATION: (Audience.OFFICER, Audience.MANAGER),
    Stage.QUOTE: (Audience.OFFICER,),
    Stage.REQUEST: (Audience.OFFICER, Audience.MANAGER, Audience.FINANCE),
    Stage.ASSESSMENT: (Audience.OFFICER, Audience.MANAGER, Audience.FINANCE),
    Stage.VOTE: (Audience.MANAGER, Audience.COUNCIL),
    Stage.GRANT_DECISION: (Audience.OFFICER, Audience.MANAGER),
    Stage.CONTRACT: (Audience.OFFICER, Audience.MANAGER),
    Stage.EXECUTION: (Audience.OFFICER,),
    Stage.RENEWAL: (Audience.OFFICER, Audience.MANAGER),
}
"""Who a stage's material is for (common practice)."""

OUTCOME_NAMES: Final = {
    Outcome.DONE: Text(ja="完了", en="done"),
    Outcome.CUT: Text(ja="削減", en="cut"),
    Outcome.RESTORED: Text(ja="復活", en="restored"),
    Outcome.FAILED: Text(ja="不成立", en="failed"),
    Outcome.SKIPPED: Text(ja="省略", en="skipped"),
}

OUTCOMES: Final = {
    Stage.PROOF_OF_CONCEPT: (Outcome.DONE, Outcome.FAILED, Outcome.SKIPPED),
    Stage.STUDY_SESSIONS: (Outcome.DONE, Outcome.SKIPPED),
    Stage.HEARINGS: (Outcome.DONE, Outcome.SKIPPED),
    Stage.GRANT_APPLICATION: (Outcome.DONE, Outcome.FAILED),
    Stage.QUOTE: (Outcome.DONE, Outcome.SKIPPED),
    Stage.REQUEST: (Outcome.DONE, Outcome.FAILED),
    Stage.ASSESSMENT: (Outcome.DONE, Outcome.CUT, Outcome.RESTORED, Outcome.FAILED),
    Stage.VOTE: (Outcome.DONE, Outcome.CUT, Outcome.FAILED),
    Stage.GRANT_DECISION: (Outcome.DONE, Outcome.CUT, Outcome.FAILED),
    Stage.CONTRACT: (Outcome.DONE, Outcome.FAILED),
    Stage.EXECUTION: (Outcome.DONE, Outcome.FAILED),
    Stage.RENEWAL: (Outcome.DONE, Outcome.FAILED, Outcome.SKIPPED),
}
"""The outcomes that a person may confirm. Preparing stages may be skipped: a request without our
quote happens, and later stages must be recorded all the same."""

DECIDED_BY_OTHERS: Final = frozenset({Stage.ASSESSMENT, Stage.VOTE, Stage.GRANT_DECISION})
"""Where the owner can only wait: nobody is told to begin it."""

PREPARING: Final = frozenset(
    {Stage.PROOF_OF_CONCEPT, Stage.STUDY_SESSIONS, Stage.HEARINGS, Stage.QUOTE}
)
"""Stages before a request, which confirming a later stage skips."""

BESIDE_THE_BUDGET: Final = frozenset({Stage.GRANT_APPLICATION})
"""Stages that run beside the budget until the grant decision: a call closes whether or not the
assessment is over."""

KEPT_ON_ANOTHER_ROUTE: Final = frozenset(
    {Stage.PROOF_OF_CONCEPT, Stage.STUDY_SESSIONS, Stage.HEARINGS}
)
"""Stages that stay done when the route changes. A quote doesn't: it expires."""
