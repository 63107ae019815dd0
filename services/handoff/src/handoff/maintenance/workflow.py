"""The workflow of the schedule."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from handoff.maintenance.activities import MaintenanceActivities
    from handoff.maintenance.retention import Purged
    from kakehashi_common.temporal import run_inputs
    from kakehashi_common.temporal.messages import MessageHandlers
    from kakehashi_common.temporal.purges import purged_by


@workflow.defn
class PurgeOldRowsWorkflow(MessageHandlers):
    """Deletes each night what is older than it has to be kept."""

    @run_inputs.run
    async def run(self) -> Purged:
        """Apply the retention once; return how many rows it deleted."""
        purged = await purged_by(MaintenanceActivities.purge_old_rows)
        self.show_details(
            f"保存期間を過ぎたデータを削除：引き継ぎ{purged.handoffs:,}件、通知"
            f"{purged.notifications:,}件、リード{purged.leads:,}件、商談{purged.deals:,}件、営業活動"
            f"{purged.seller_activities:,}件、監査{purged.audit_rows:,}行、冪等キー"
            f"{purged.idempotency_keys:,}件\n\n"
            f"{purged.handoffs:,} handoffs, {purged.notifications:,} notifications, "
            f"{purged.leads:,} leads, {purged.deals:,} deals, {purged.seller_activities:,} "
            f"activities, {purged.audit_rows:,} audit rows and {purged.idempotency_keys:,} "
            "idempotency keys were older than the retention"
        )
        return purged
