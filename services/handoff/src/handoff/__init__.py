"""handoff: from one sales role to the next without a dropped lead."""
