"""What schedules start: telling workflows, opening fiscal years, deleting what is old."""
