"""The metadata of followup, the types of ids, and the tables that every service has."""

from sqlalchemy import String

from kakehashi_common import audit
from kakehashi_common.consumer import inbox
from kakehashi_common.db import new_metadata
from kakehashi_common.http import idempotency
from kakehashi_common.outbox import store as outbox

metadata = new_metadata()

ID = String(64, collation="C")
"""Ids are ASCII and only compared for order."""

audit_table = audit.table(metadata)
inbox_table = inbox.table(metadata)
outbox_table = outbox.table(metadata)
idempotency_table = idempotency.table(metadata)
