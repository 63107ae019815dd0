"""What schedules start: notifying workflows, opening fiscal years, deleting what is old."""
