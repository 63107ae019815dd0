"""Alembic's environment: runs revisions on the connection that it is given."""

from kakehashi_common.migrations import run_environment
from lead_scoring.tables import metadata

run_environment(metadata)
