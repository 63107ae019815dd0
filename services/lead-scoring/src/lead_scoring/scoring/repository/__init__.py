"""SQL for leads, the event log and the history of scores."""
