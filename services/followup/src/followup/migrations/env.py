"""Alembic's environment: runs revisions on the connection that it is given."""

from followup.tables import metadata
from kakehashi_common.migrations import run_environment

run_environment(metadata)
