"""The published language: events, topics and municipality codes. Depends on pydantic alone."""
