"""What each seller has to do: as JSON, as a page, and as a calendar feed."""
