"""Each seller's daily list: as JSON, as a page, and as a calendar feed."""
