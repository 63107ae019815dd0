"""The visits of steps, in SQL: each time that a sequence came to a mail or a task, no webhook.

A visit begins with the first fact about its step and ends with what became of it. What the contact
then did belongs to the last mail that went, or task that was done, before it. Mails that came in
say so by the Message-ID that they refer to, also after the sequence has ended.
"""

from typing import Final

VISITS: Final = """
with chosen as materialized (
    select sequence_id, playbook_id, lead_id
    from sequence
    where sequence_id in (
        select sequence_id from sequence_fact
        where kind in (
            'approval_requested', 'approval_expired', 'rejected', 'scheduled', 'refused', 'sent',
            'delivery_failed', 'task_opened', 'task_completed'
        )
        and at >= $1 and at < $2
    )
    and ($3::text is null or playbook_id = $3)
    and ($4::integer is null or playbook_version = $4)
),
facts as (
    select
        sequence_id, playbook_id, lead_id, version, position, kind, at,
        fact->>'step_id' as step_id,
        fact->>'message_id' as message_id,
        fact->>'variant' as variant,
        fact->>'role' as role,
        fact->>'channel' as channel,
        fact->>'occurrence' as occurrence,
        kind in ('sent', 'task_completed') as goes,
        case kind
            when 'rejected' then 'rejected'
            when 'approval_expired' then 'approval_expired'
            when 'skipped' then 'skipped'
            when 'refused' then case when fact->>'until' is null then fact->>'reason' end
        end as refused
    from chosen join sequence_fact using (sequence_id)
    where kind in (
        'approval_requested', 'approval_expired', 'rejected', 'scheduled', 'refused', 'sent',
        'delivery_failed', 'task_opened', 'task_completed', 'skipped', 'occurred'
    )
),
begun as (
    select *, kind <> 'occurred' and coalesce(
        lag(goes or refused is not null or kind = 'delivery_failed') over its_steps
        or lag(step_id) over its_steps <> step_id,
        true
    ) as begins
    from facts
    window its_steps as (
        partition by sequence_id, kind = 'occurred' order by version, position
    )
),
numbered as (
    select *, sum(begins::integer) over (
        partition by sequence_id order by version, position
    ) as number
    from begun
),
belonging as (
    select *, case
        when kind <> 'occurred' then number
        else max(number) filter (where goes) over (
            partition by sequence_id order by version, position
        )
    end as visit
    from numbered
),
visited as (
    select
        sequence_id,
        min(playbook_id) as playbook_id,
        min(lead_id) as lead_id,
        min(step_id) as step_id,
        coalesce(max(at) filter (where goes), max(at) filter (where kind <> 'occurred')) as at,
        max(message_id) filter (where kind = 'sent') as message_id,
        max(variant) as variant,
        max(role) as role,
        max(refused) as refused,
        bool_or(goes) as sent,
        bool_or(kind = 'delivery_failed') as failed,
        case
            when bool_or(channel = 'webhook') then 'webhook'
            when bool_or(kind in ('task_opened', 'task_completed') or channel <> 'mail') then 'task'
            else 'mail'
        end as channel,
        min(at) filter (where occurrence = 'answered') as answered_at,
        min(at) filter (where occurrence = 'negative') as declined_at,
        min(at) filter (where occurrence = 'meeting_booked') as booked_at,
        min(at) filter (where occurrence = 'opted_out') as opted_out_at,
        min(at) filter (where occurrence = 'bounced') as bounced_at
    from belonging
    where visit is not null
    group by sequence_id, visit
    having bool_or(kind not in ('skipped', 'occurred'))
),
visits as (
    select
        visited.playbook_id,
        visited.step_id,
        visited.at,
        visited.at at time zone 'Asia/Tokyo' as local,
        visited.message_id,
        visited.variant,
        coalesce(visited.role, known.value) as role,
        visited.channel,
        visited.sent,
        visited.failed and not visited.sent as failed,
        case when not visited.sent and not visited.failed then visited.refused end as refused,
        least(visited.answered_at, mails.answered_at) as answered_at,
        least(visited.declined_at, mails.declined_at) as declined_at,
        visited.booked_at,
        least(visited.opted_out_at, mails.opted_out_at) as opted_out_at,
        mails.complained_at,
        least(visited.bounced_at, mails.bounced_at) as bounced_at
    from visited
    left join merged_lead on merged_lead.lead_id = visited.lead_id
    left join lead_field known
        on known.lead_id = coalesce(survivor, visited.lead_id) and known.name = 'role'
    cross join lateral (
        select
            min(received_at) filter (where kind = 'answer') as answered_at,
            min(received_at) filter (where kind = 'negative') as declined_at,
            min(received_at) filter (where kind in ('opt_out', 'feedback_report'))
                as opted_out_at,
            min(received_at) filter (where kind = 'feedback_report') as complained_at,
            min(received_at) filter (
                where kind = 'bounce' and bounced @> '[{"permanent": true}]'
            ) as bounced_at
        from incoming_mail
        where sequence_id = visited.sequence_id and refers_to = visited.message_id
    ) mails
    where visited.at >= $1 and visited.at < $2
    and not exists (
        select from webhook_call
        where webhook_call.sequence_id = visited.sequence_id
        and webhook_call.step_id = visited.step_id
    )
)
"""
"""Of a time ($1 until before $2), a playbook ($3) and one of its versions ($4), or null for any."""
