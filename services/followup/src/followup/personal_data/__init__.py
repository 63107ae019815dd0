"""A person's data: where it is held, its export and its erasure."""
