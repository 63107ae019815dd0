"""What sellers are told by mail: the daily list each morning, and reminders."""
