"""SQL for leads, the event log, the history of scores, and qualifications."""
