"""Calendars, milestones and pursuits as iCalendar feeds that calendar programs subscribe to."""
