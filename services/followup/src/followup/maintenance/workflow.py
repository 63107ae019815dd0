"""The workflow of the schedule."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from followup.maintenance.activities import MaintenanceActivities
    from followup.maintenance.retention import Purged
    from kakehashi_common.temporal import run_inputs
    from kakehashi_common.temporal.messages import MessageHandlers
    from kakehashi_common.temporal.purges import purged_by


@workflow.defn
class PurgeOldFollowUpsWorkflow(MessageHandlers):
    """Deletes each night what is older than it has to be kept."""

    @run_inputs.run
    async def run(self) -> Purged:
        """Apply the retention once; return how many rows it deleted."""
        purged = await purged_by(MaintenanceActivities.purge_old_follow_ups)
        self.show_details(
            f"保存期間を過ぎたデータを削除：シーケンス{purged.sequences:,}件、送信記録"
            f"{purged.mail_attempts:,}件、受信メール{purged.incoming_mails:,}件、理由"
            f"{purged.reasons:,}件、行動{purged.behaviours:,}件、開始の判断"
            f"{purged.entry_decisions:,}件、受信済みイベント{purged.inbox_rows:,}件、監査"
            f"{purged.audit_rows:,}行、冪等キー{purged.idempotency_keys:,}件\n\n"
            f"{purged.sequences:,} sequences, {purged.mail_attempts:,} records of mails, "
            f"{purged.incoming_mails:,} incoming mails, {purged.reasons:,} reasons, "
            f"{purged.behaviours:,} behaviours, {purged.entry_decisions:,} entry decisions, "
            f"{purged.inbox_rows:,} inbox rows, {purged.audit_rows:,} audit rows and "
            f"{purged.idempotency_keys:,} idempotency keys were older than the retention"
        )
        return purged
