"""Tasks: what a person does for a sequence."""
