"""Budget calendars: computed, corrected, stored in versions and read."""
