"""Long work that an operator watches in the Temporal UI: re-scoring, decay, retention."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from kakehashi_common.temporal import run_inputs
    from kakehashi_common.temporal.messages import MessageHandlers
    from kakehashi_common.temporal.retries import UNTIL_IT_WORKS
    from lead_scoring.maintenance.activities import (
        LeadScoringActivities,
        RescoreSlice,
        SliceRescored,
        Swept,
    )
    from lead_scoring.maintenance.retention import Retired

SLICE_TIMEOUT: Final = timedelta(minutes=10)
HEARTBEAT: Final = timedelta(seconds=15)
"""A page is scored in a fraction of this; after it another worker takes over. Should the first one
be alive after all, the two take turns."""

QUICK: Final = timedelta(seconds=30)
"""For what is one query or one call."""


@dataclass(frozen=True)
class RescoreLeads:
    """Score every lead by one version of the rules."""

    version: int
    of_leads: int | None = None
    """The count taken by an earlier run of this workflow."""
    slice_leads: int = 5_000
    """An activity scores so many: a second or two of work, one step in the history."""
    page_leads: int = 500
    slices_per_run: int = 500
    """So that a history stays quick to read; at most, Temporal may suggest fewer."""


@dataclass(frozen=True)
class RescoreStatus:
    """The progress of a re-score."""

    version: int
    leads: int = 0
    of_leads: int = 0
    """The count at the start."""
    changed_grades: int = 0
    finished: bool = False
    superseded_by: int | None = None
    """A newer version was published in the meantime, which scores every lead again."""

    def __str__(self) -> str:
        done = f"{self.leads:,} of {max(self.leads, self.of_leads):,} leads"
        said = f"Version {self.version}: {done}, {self.changed_grades:,} grades changed"
        if self.superseded_by is not None:
            return f"{said}. Ended: version {self.superseded_by} is in force"
        return f"{said}. Finished" if self.finished else said

    @property
    def ja(self) -> str:
        """The same in Japanese."""
        done = f"{max(self.leads, self.of_leads):,}件中{self.leads:,}件"
        said = f"ルール第{self.version}版：{done}を再評価、評価の変更{self.changed_grades:,}件"
        if self.superseded_by is not None:
            return f"{said}。第{self.superseded_by}版が有効になったため終了"
        return f"{said}。完了" if self.finished else said


@workflow.defn
class RescoreLeadsWorkflow(MessageHandlers):
    """Scores every lead by newly published rules. Its id is ``rescore/<version>``.

    How far it has come is stored with the scores, so it loses nothing however often its workers
    are killed.
    """

    @run_inputs.init
    def __init__(self, request: RescoreLeads) -> None:
        self._request = request
        self._status = RescoreStatus(request.version)
        self._slices = 0

    @run_inputs.run
    async def run(self, request: RescoreLeads) -> RescoreStatus:
        """Score slice by slice until all leads are scored or newer rules are in force."""
        await self._count_leads()
        while not await self._rescore_slice():
            if self._long_enough():
                workflow.continue_as_new(replace(request, of_leads=self._status.of_leads))
        return self._status

    @workflow.query(description="再評価の進み具合 / How far the re-score has come")
    def progress(self) -> RescoreStatus:
        """Return the progress."""
        return self._status

    async def _count_leads(self) -> None:
        total = self._request.of_leads
        if total is None:
            total = await workflow.execute_activity_method(
                LeadScoringActivities.count_leads,
                start_to_close_timeout=QUICK,
                retry_policy=UNTIL_IT_WORKS,
                summary="リード数を数える",
            )
        self._tell(replace(self._status, of_leads=total))

    async def _rescore_slice(self) -> bool:
        request = self._request
        scored: SliceRescored = await workflow.execute_activity_method(
            LeadScoringActivities.rescore_leads,
            RescoreSlice(request.version, request.slice_leads, request.page_leads),
            start_to_close_timeout=SLICE_TIMEOUT,
            heartbeat_timeout=HEARTBEAT,
            retry_policy=UNTIL_IT_WORKS,
            summary=f"次の{request.slice_leads:,}件を再評価",
        )
        self._slices += 1
        self._tell(
            replace(
                self._status,
                leads=scored.leads,
                changed_grades=scored.changed_grades,
                finished=scored.finished,
                superseded_by=scored.superseded_by,
            )
        )
        return scored.finished or scored.superseded_by is not None

    def _long_enough(self) -> bool:
        return (
            self._slices >= self._request.slices_per_run
            or workflow.info().is_continue_as_new_suggested()
        )

    def _tell(self, status: RescoreStatus) -> None:
        self._status = status
        self.show_details(f"{status.ja}\n\n{status}")


@workflow.defn
class SweepDueLeadsWorkflow(MessageHandlers):
    """Scores the leads whose grade decays, when it does. A schedule starts it."""

    @run_inputs.run
    async def run(self) -> Swept:
        """Score what is due; then see that the newest rules' re-score is under way."""
        swept: Swept = await workflow.execute_activity_method(
            LeadScoringActivities.sweep_due_leads,
            start_to_close_timeout=SLICE_TIMEOUT,
            heartbeat_timeout=HEARTBEAT,
            retry_policy=UNTIL_IT_WORKS,
            summary="評価が変わる時期のリードを再評価",
        )
        self.show_details(
            f"対象{swept.leads:,}件、評価の変更{swept.changed_grades:,}件\n\n"
            f"{swept.leads:,} leads were due, {swept.changed_grades:,} grades changed"
        )
        started = await workflow.execute_activity_method(
            LeadScoringActivities.start_missing_rescore,
            start_to_close_timeout=QUICK,
            retry_policy=UNTIL_IT_WORKS,
            summary="公開時に開始できなかった再評価を開始",
        )
        if started is not None:
            workflow.logger.info("re-score is under way", extra={"version": started})
        return swept


@workflow.defn
class MaintainEventLogWorkflow(MessageHandlers):
    """Makes the event log's partitions ahead and drops old ones. A schedule starts it daily."""

    @run_inputs.run
    async def run(self) -> Retired:
        """Apply the retention once."""
        retired: Retired = await workflow.execute_activity_method(
            LeadScoringActivities.maintain_event_log,
            start_to_close_timeout=SLICE_TIMEOUT,
            retry_policy=UNTIL_IT_WORKS,
            summary="今後の月のパーティションを作成し、古いデータを削除",
        )
        self.show_details(
            f"古いデータを削除：イベント{len(retired.partitions)}か月分、受信記録"
            f"{retired.inbox_rows:,}行、通知済みの評価{retired.announced_scores:,}行、監査"
            f"{retired.audit_rows:,}行、冪等キー{retired.idempotency_keys:,}件\n\n"
            f"{len(retired.partitions)} months of events, {retired.inbox_rows:,} inbox rows, "
            f"{retired.announced_scores:,} announced scores, {retired.audit_rows:,} audit rows and "
            f"{retired.idempotency_keys:,} idempotency keys were old enough to forget"
        )
        return retired


WORKFLOWS: Final = (RescoreLeadsWorkflow, SweepDueLeadsWorkflow, MaintainEventLogWorkflow)
