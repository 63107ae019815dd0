"""Calendars and sequences of events as pictures: SVG (the same for the same input) and PNG."""
