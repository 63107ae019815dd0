"""A person's data: search, export and erasure, with their API."""
