"""Workflows of the schedules: notify workflows, open fiscal years, delete old rows."""

from datetime import timedelta
from typing import Final

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from budget_calendar.maintenance.activities import MaintenanceActivities, Opened
    from kakehashi_common.temporal import run_inputs
    from kakehashi_common.temporal.messages import MessageHandlers
    from kakehashi_common.temporal.retries import UNTIL_IT_WORKS

LONG: Final = timedelta(minutes=30)
HEARTBEAT: Final = timedelta(seconds=30)


@workflow.defn(name="TellBudgetCyclesWorkflow")
class NotifyPendingWorkflow(MessageHandlers):
    """Sends the pending notifications to budget cycles and pursuits, and starts missing cycles.

    A request notifies at once those that it reaches; this notifies the others.
    """

    @run_inputs.run
    async def run(self) -> int:
        """Send the pending notifications; return how many workflows were notified."""
        notified: int = await workflow.execute_activity_method(
            MaintenanceActivities.notify_pending,
            start_to_close_timeout=LONG,
            heartbeat_timeout=HEARTBEAT,
            retry_policy=UNTIL_IT_WORKS,
            summary="未通知のワークフローを開始・通知",
        )
        self.show_details(
            f"{notified:,}件の予算年度・案件を開始または通知しました。\n\n"
            f"{notified:,} budget cycles and pursuits were started or notified."
        )
        return notified


@workflow.defn
class OpenFiscalYearWorkflow(MessageHandlers):
    """Computes the followed calendars again as a fiscal year begins, and opens the one after it."""

    @run_inputs.run
    async def run(self) -> Opened:
        """Open the years; return how many calendars were new and how many moved."""
        opened: Opened = await workflow.execute_activity_method(
            MaintenanceActivities.open_fiscal_year,
            start_to_close_timeout=LONG,
            heartbeat_timeout=HEARTBEAT,
            retry_policy=UNTIL_IT_WORKS,
            summary="フォロー中の全自治体の次年度を開く",
        )
        self.show_details(
            f"{opened.fiscal_year}年度：新しいカレンダー{opened.calendars:,}件、改定"
            f"{opened.revised:,}件\n\n"
            f"Fiscal year {opened.fiscal_year}: {opened.calendars:,} calendars opened, "
            f"{opened.revised:,} revised"
        )
        return opened


@workflow.defn(name="ForgetOldWorkflow")
class PurgeWorkflow(MessageHandlers):
    """Deletes each night what is older than the retention."""

    @run_inputs.run
    async def run(self) -> int:
        """Apply the retention once; return how many rows it deleted."""
        rows: int = await workflow.execute_activity_method(
            MaintenanceActivities.purge,
            start_to_close_timeout=LONG,
            retry_policy=UNTIL_IT_WORKS,
            summary="保存期間を過ぎたデータを削除",
        )
        self.show_details(
            f"保存期間を過ぎた{rows:,}行を削除しました。\n\n"
            f"{rows:,} rows older than the retention were deleted."
        )
        return rows
